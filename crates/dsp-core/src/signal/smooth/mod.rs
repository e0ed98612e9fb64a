//! Smoothing of whole signals and of windows: medians, polynomials, trends, and the extension of signals.

pub mod detrend;
pub mod extend;
pub mod graduate;
pub mod median;
mod median_heaps;
pub mod rank;
pub mod savgol;
