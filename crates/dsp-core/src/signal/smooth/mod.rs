//! Smoothing of whole signals and of windows: medians, polynomials, trends, and how a signal goes on beyond its ends.

pub mod detrend;
pub mod extend;
pub mod median;
pub mod savgol;
