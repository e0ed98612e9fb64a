//! Signal processing without Node, sockets or threads of its own.
//!
//! A [`Pipeline`] is a row of [`Stage`]s. It takes interleaved `f32` samples, gives each stage a [`Block`] of planar
//! channels, and can save and load the state of all of them. [`stages`] is the register of what there is; `kernels`
//! holds every loop that is compiled for several instruction sets.

pub mod analysis;
pub mod block;
pub mod design;
pub mod error;
pub mod events;
pub mod filter;
pub mod formats;
pub mod functions;
pub mod kernels;
pub mod params;
pub mod pipeline;
pub mod recurrence;
pub mod sliding;
pub mod stage;
pub mod stages;
pub mod state;
pub mod time;
pub mod transform;
pub mod value;

pub use block::{Block, Planar, PlanarMut};
pub use error::{Error, Result};
pub use pipeline::Pipeline;
pub use stage::{Define, Stage};
pub use value::Value;
