//! The shape of a block behind a stage that changes it.

use crate::error::Error;

/// How a stage that changes the length changes the shape and the times of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reshape {
    /// Number of output channels.
    pub channels: usize,
    /// Number of output samples per channel.
    pub frames: usize,
    /// Input frames per output frame: output `i` stands at input position `i·scale − phase`.
    pub scale: f64,
    /// Distance from the first output back to the first input frame of this call, in input frames.
    pub phase: f64,
}

impl Reshape {
    /// Returns a shape of the same rate: output frame `i` has the time of input frame `i`.
    pub fn to(channels: usize, frames: usize) -> Self {
        Self { channels, frames, scale: 1.0, phase: 0.0 }
    }

    /// Returns the error for a block of this shape, which is too large.
    pub(super) fn too_large(&self) -> Error {
        let Self { channels, frames, .. } = self;
        Error::range(format!("a result of {channels} channels with {frames} samples each is too large"))
    }
}
