//! Conversion of sample rates, and of irregular times to regular ones.

pub mod alignment;
pub mod curve;
pub mod fourier;
pub mod grid;
pub mod resampler;
pub mod taps;
