//! Spectra of frames and their estimates: magnitudes, Welch's method, short-time spectra, mel bands.

pub mod frame;
pub mod framing;
pub mod lomb;
pub mod mel;
pub mod spectrogram;
pub mod stft;
pub mod welch;
