//! Features: numbers that describe a whole signal or spectrum.

pub mod correlate;
pub mod entropy;
pub mod framed;
pub mod hjorth;
pub mod spectral;
