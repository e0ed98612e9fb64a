//! Signal processing without Node, sockets or threads of its own.
//!
//! A [`Pipeline`] is a sequence of [`Stage`]s. It takes interleaved `f32` samples, gives each stage a [`Block`] of
//! planar channels, and can save and load the state of all of them. [`stages`] is the register of all stages; `kernels`
//! holds every loop that is compiled for several instruction sets.

pub mod design;
pub mod dynamic;
pub mod engine;
pub mod error;
pub mod kernels;
pub mod limits;
pub mod params;
pub mod pipeline;
pub mod signal;
pub mod stages;
pub mod state;
pub mod text;

pub use engine::block::Block;
pub use engine::planar::{Planar, PlanarMut};
pub use engine::stage::{Define, Stage};
pub use error::{Error, Result};
pub use params::value::Value;
pub use pipeline::Pipeline;
