//! Coefficients.
pub mod resampling;
