//! Detection: peaks of a signal, beats of an electrocardiogram.

pub mod ecg;
pub mod extrema;
pub mod peak_stream;
pub mod peaks;
mod ranges;
pub mod ridges;
