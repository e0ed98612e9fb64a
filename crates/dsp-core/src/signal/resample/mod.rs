//! From one sample rate to another, and from irregular times to regular ones.

pub mod alignment;
pub mod resampler;
pub mod taps;
