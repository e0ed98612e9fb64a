//! Fourier, cosine, chirp, wavelet and Hilbert transforms. Plans are kept by length.

pub mod convolve;
pub mod czt;
pub mod dct;
pub mod dwt;
pub mod envelope;
pub mod extension;
pub mod fft;
pub mod goertzel;
pub mod hilbert;
pub mod outliers;
pub mod wavelet;
mod wavelet_tables;
