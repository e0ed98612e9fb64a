//! Conversion of sample rates, and of irregular times to regular ones.

pub mod alignment;
pub mod bank;
pub mod curve;
pub mod fourier;
pub mod grid;
pub mod half_band;
pub mod ratio;
pub mod resampler;
pub mod series;
pub mod steps;
pub mod taps;
pub mod wide;

#[cfg(test)]
mod quality;
