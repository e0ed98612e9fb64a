//! Transforms and what they need: windows, frames, filter banks. Plans are kept by length.

pub mod alignment;
pub mod czt;
pub mod dct;
pub mod dwt;
pub mod fft;
pub mod frame;
pub mod framing;
pub mod goertzel;
pub mod hilbert;
pub mod mel;
pub mod resample;
pub mod stft;
mod wavelet_tables;
pub mod window;
