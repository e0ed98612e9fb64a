//! Running filters: coefficients once, a history for each channel.

#![forbid(unsafe_code)]

pub mod convolver;
pub mod filtfilt;
pub mod fir;
pub mod iir;
