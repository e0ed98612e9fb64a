//! Functions of whole signals, without a stage.

pub mod beamformer;
pub mod correlate;
mod covariance;
pub mod csp;
pub mod detrend;
pub mod entropy;
pub mod extend;
pub mod hjorth;
pub mod ica;
pub mod median;
pub mod pca;
pub mod peaks;
pub mod savgol;
pub mod spectral;
pub mod training;
pub mod welch;
pub mod whitening;
