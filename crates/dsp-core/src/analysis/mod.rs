//! Functions without a stage.

pub mod beamformer;
mod covariance;
pub mod csp;
pub mod ica;
pub mod pca;
pub mod training;
pub mod whitening;
