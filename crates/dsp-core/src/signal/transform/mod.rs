//! Fourier, cosine, chirp, wavelet and Hilbert transforms. Plans are kept by length.

pub mod czt;
pub mod dct;
pub mod dwt;
pub mod fft;
pub mod goertzel;
pub mod hilbert;
pub mod outliers;
mod wavelet_tables;
