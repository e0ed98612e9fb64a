//! Transforms.
pub mod resample;
