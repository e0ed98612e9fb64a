//! The clock of a pipeline, and the timestamps of a call.

use crate::error::{Error, Result};

/// The clock of generated timestamps, which continues from call to call.
///
/// It is kept as a count of frames since the rate last changed, so that cutting a stream into calls does not change a
/// bit of any frame's time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clock {
    /// Time in ms at which `rate` began.
    pub origin: f64,
    /// Frames since then.
    pub frames: f64,
    /// Frames per second; 1000 (one per millisecond) where no rate is given.
    pub rate: f64,
}

pub(super) const DEFAULT_RATE: f64 = 1000.0;

impl Clock {
    pub const START: Self = Self { origin: 0.0, frames: 0.0, rate: DEFAULT_RATE };

    pub fn now(&self) -> f64 {
        self.origin + self.frames * 1000.0 / self.rate
    }

    pub fn at_rate(self, rate: f64) -> Self {
        if rate == self.rate { self } else { Self { origin: self.now(), frames: 0.0, rate } }
    }

    pub fn from_parts(now: f64, parts: Option<[f64; 3]>) -> Result<Self> {
        let clock = match parts {
            Some([origin, frames, rate]) => Self { origin, frames, rate },
            None => Self { origin: now, ..Self::START },
        };
        let valid = clock.now().is_finite() && clock.frames >= 0.0 && clock.rate > 0.0;
        if valid { Ok(clock) } else { Err(Error::failed("the clock is not a finite number")) }
    }
}

/// Times of the samples of one call.
#[derive(Debug, Clone, Copy)]
pub enum Stamps<'a> {
    /// Generated from the pipeline's clock, at a rate in Hz, or 1 ms apart without one.
    Generated(Option<f64>),
    /// One per sample, in milliseconds.
    Explicit(&'a [f64]),
    /// One per sample, in milliseconds, given in single precision, which decides the grid of `TimeAlignment`.
    Single(&'a [f64]),
}

impl Stamps<'_> {
    /// Returns the stamps of the first `count` samples.
    pub(super) fn first(self, count: usize) -> Self {
        match self {
            Self::Generated(_) => self,
            Self::Explicit(times) => Self::Explicit(&times[..count]),
            Self::Single(times) => Self::Single(&times[..count]),
        }
    }

    /// Returns the number of stamps, if they were given.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Generated(_) => None,
            Self::Explicit(times) | Self::Single(times) => Some(times.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_a_stream_does_not_move_its_clock() {
        let mut clock = Clock::START.at_rate(44_100.0);
        let mut cut = clock;
        clock.frames += 1e7;
        (0..1000).for_each(|_| cut.frames += 1e4);
        assert_eq!(clock.now().to_bits(), cut.now().to_bits());
    }
}
