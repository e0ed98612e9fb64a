//! Channels side by side: views of the planes of a block.

/// Planes start at multiples of 16 samples (a cache line), plus one line, so that channels whose length is a power of
/// two do not all fall into the same cache sets.
pub(super) fn stride_of(channels: usize, frames: usize) -> usize {
    if channels == 1 { frames } else { frames.next_multiple_of(16) + 16 }
}

/// Channels side by side, read only.
#[derive(Debug, Clone, Copy)]
pub struct Planar<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) frames: usize,
}

impl<'a> Planar<'a> {
    /// The samples of `channel`.
    pub fn channel(&self, channel: usize) -> &'a [f32] {
        &self.data[channel * self.stride..][..self.frames]
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Samples per channel.
    pub fn frames(&self) -> usize {
        self.frames
    }
}

/// Channels side by side, to be written.
#[derive(Debug)]
pub struct PlanarMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) frames: usize,
}

impl PlanarMut<'_> {
    /// The samples of `channel`.
    pub fn channel(&mut self, channel: usize) -> &mut [f32] {
        &mut self.data[channel * self.stride..][..self.frames]
    }

    /// The samples of every channel, one after the other.
    pub fn rows(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (stride, frames) = (self.stride, self.frames);
        let mut rest = &mut *self.data;
        (0..self.channels).map(move |_| {
            let (plane, others) = std::mem::take(&mut rest).split_at_mut(stride);
            rest = others;
            &mut plane[..frames]
        })
    }

    /// All planes and the distance from one to the next, for kernels that run channels side by side.
    pub fn planes(&mut self) -> (&mut [f32], usize) {
        (self.data, self.stride)
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Samples per channel.
    pub fn frames(&self) -> usize {
        self.frames
    }
}
