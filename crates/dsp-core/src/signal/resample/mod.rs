//! From one sample rate to another, and from irregular times to regular ones.

pub mod alignment;
pub mod curve;
pub mod grid;
pub mod resampler;
pub mod taps;
