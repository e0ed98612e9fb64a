//! The mathematics by subject: typed arguments, slices in, numbers out. Nothing here depends on untyped values, blocks
//! or saved states.

pub mod adaptive;
pub mod biosignal;
pub mod detect;
pub mod features;
pub mod filter;
pub mod resample;
pub mod sliding;
pub mod smooth;
pub mod spatial;
pub mod spectrum;
pub mod transform;
pub mod waveforms;
pub mod window;
