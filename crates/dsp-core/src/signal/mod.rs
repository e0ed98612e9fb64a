//! The mathematics by subject. Typed arguments, slices in, numbers out: nothing here knows of values without a type, of
//! blocks or of saved states.

pub mod adaptive;
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
