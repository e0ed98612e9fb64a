//! Heart beats in an electrocardiogram.
//!
//! [`BeatDetector`](detector::BeatDetector) finds the R peaks of one lead while it comes, at most a stated lag after
//! each of them:
//!
//! 1. The lead is averaged down to 120–240 Hz and seen through a complex wavelet of 11 Hz and ±80 ms, where QRS complexes have
//!    most and P waves, T waves, wander and mains least ([`wavelet`]). Its magnitude does not depend on polarity, nor on
//!    whether a complex is R, QS or RS.
//! 2. The largest peak of the magnitude within 200 ms is a candidate, which is judged by its height against those of the
//!    last eight beats, against peaks that were none, by the time since the last beat, by its shape against a T wave's, and by how
//!    quiet the lead is on both sides ([`verdict`]).
//! 3. The R peak is found in the signal itself, little filtered ([`place`]).
//! 4. Beats are told while what is found looks like a heart: regular, of one shape, or alone and high above everything else
//!    ([`rhythm`]).

pub mod detector;
pub mod history;
pub mod numbers;
pub mod place;
pub mod plan;
pub mod rhythm;
pub mod verdict;
pub mod wavelet;
