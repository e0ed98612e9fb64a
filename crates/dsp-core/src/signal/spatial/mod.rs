//! Across channels: projections that are learned from data, and weights of arrays of sensors.

pub mod beamformer;
mod covariance;
pub mod csp;
pub mod ica;
pub mod pca;
pub mod whitening;
