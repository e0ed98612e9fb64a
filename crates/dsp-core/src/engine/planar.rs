//! Channels side by side: views of the planes of a block.

/// Returns the distance between the starts of two planes in samples. A single plane needs no padding; several start at
/// multiples of 16 samples (a cache line) with one spare line each, so that channels whose length is a power of two do
/// not all fall into the same cache sets.
pub(super) fn stride_of(channels: usize, frames: usize) -> usize {
    if channels == 1 { frames } else { frames.next_multiple_of(16) + 16 }
}

/// A read-only view of channels side by side.
#[derive(Debug, Clone, Copy)]
pub struct Planar<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) frames: usize,
}

impl<'a> Planar<'a> {
    /// Returns the samples of `channel`.
    pub fn channel(&self, channel: usize) -> &'a [f32] {
        &self.data[channel * self.stride..][..self.frames]
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Returns the number of samples per channel.
    pub fn frames(&self) -> usize {
        self.frames
    }
}

/// A mutable view of channels side by side.
#[derive(Debug)]
pub struct PlanarMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) frames: usize,
}

impl PlanarMut<'_> {
    /// Returns the samples of `channel`.
    pub fn channel(&mut self, channel: usize) -> &mut [f32] {
        &mut self.data[channel * self.stride..][..self.frames]
    }

    /// Returns the samples of every channel, one after the other.
    pub fn rows(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (stride, frames) = (self.stride, self.frames);
        let mut rest = &mut *self.data;
        (0..self.channels).map(move |_| {
            let (plane, others) = std::mem::take(&mut rest).split_at_mut(stride);
            rest = others;
            &mut plane[..frames]
        })
    }

    /// Returns the samples of all planes and the distance between the starts of two planes, for kernels that run
    /// channels side by side.
    pub fn planes(&mut self) -> (&mut [f32], usize) {
        (self.data, self.stride)
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Returns the number of samples per channel.
    pub fn frames(&self) -> usize {
        self.frames
    }
}
