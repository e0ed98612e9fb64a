//! The times of the samples of a block, in milliseconds.

/// Times of the samples in a block, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Clocking {
    /// Frame `k` is at `origin + (first + k·step)·1000/rate`.
    Regular { origin: f64, first: f64, step: f64, rate: f64 },
    /// From the workspace: one stamp per sample, interleaved like the samples. `single`: they were given in single
    /// precision.
    PerSample { single: bool },
    /// From the workspace: one stamp per frame.
    PerFrame,
}

/// The times of a block's samples.
#[derive(Debug, Clone, Copy)]
pub struct Times<'a> {
    pub(super) clocking: Clocking,
    pub(super) stamps: &'a [f64],
    pub(super) channels: usize,
}

impl Times<'_> {
    /// Returns the time of one sample in milliseconds.
    #[inline]
    pub fn at(&self, channel: usize, frame: usize) -> f64 {
        match self.clocking {
            Clocking::Regular { origin, first, step, rate } => origin + (first + frame as f64 * step) * 1000.0 / rate,
            Clocking::PerSample { .. } => self.stamps[frame * self.channels + channel],
            Clocking::PerFrame => self.stamps[frame],
        }
    }

    /// Returns the time of a frame in milliseconds. A negative frame, of an earlier call, has a time if times follow
    /// from a rate; else the result is that of the first frame.
    pub fn at_signed(&self, frame: i64) -> f64 {
        match self.clocking {
            Clocking::Regular { origin, first, step, rate } => origin + (first + frame as f64 * step) * 1000.0 / rate,
            _ => self.at(0, usize::try_from(frame).unwrap_or(0)),
        }
    }

    /// Returns whether the times were generated from a rate instead of given by the caller.
    pub fn is_regular(&self) -> bool {
        matches!(self.clocking, Clocking::Regular { .. })
    }

    /// Returns whether the times are unchanged from the caller's, in single precision.
    pub fn is_single(&self) -> bool {
        matches!(self.clocking, Clocking::PerSample { single: true })
    }
}

/// Returns the frame time at position `p` by linear interpolation; beyond either end the interval there is continued.
pub(super) fn time_at(p: f64, frames: usize, at: impl Fn(usize) -> f64) -> f64 {
    if frames < 2 {
        return at(0);
    }
    let left = p.floor().clamp(0.0, (frames - 2) as f64);
    let (a, b) = (at(left as usize), at(left as usize + 1));
    a + (p - left) * (b - a)
}
