//! Operations across channels: projections trained on data, and weights for arrays of sensors.

pub mod beamformer;
mod covariance;
pub mod csp;
pub mod ica;
pub mod pca;
pub mod whitening;
