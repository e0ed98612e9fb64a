//! Functions without a stage.
pub mod beamformer;
pub mod covariance;
pub mod csp;
pub mod ica;
pub mod pca;
pub mod whitening;
