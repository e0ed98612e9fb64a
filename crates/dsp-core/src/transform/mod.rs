//! Transforms.

pub mod alignment;
pub mod resample;
