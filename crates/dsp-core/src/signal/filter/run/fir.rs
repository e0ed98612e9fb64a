//! FIR filters: one convolver for all channels, and for each channel the past inputs that it still needs.

use crate::error::{Error, Result};
use crate::limits::{ensure_memory, resize_with};
use crate::signal::filter::design::response;
use crate::signal::filter::run::convolver::{Convolver, Method, push_all};

/// Largest number of history samples of all channels together.
const MAX_HISTORY: usize = 1 << 28;

/// The state of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// The last N inputs, oldest first; zeros before the first.
    history: Vec<f32>,
    /// Number of inputs so far, modulo the length of the ring in which the history is saved.
    position: usize,
    /// Number of inputs so far, at most N.
    seen: usize,
}

impl Channel {
    /// Returns a channel of a filter with `taps` taps without any input.
    pub fn new(taps: usize) -> Self {
        Self { history: vec![0.0; taps], position: 0, seen: 0 }
    }

    /// Returns a channel whose last inputs were `samples` (oldest first), at most `taps`.
    pub fn with_history(taps: usize, samples: &[f32]) -> Self {
        let mut channel = Self::new(taps);
        channel.push(samples);
        channel
    }

    /// Returns the last inputs, oldest first: as many as there have been, at most N.
    pub fn recent(&self) -> &[f32] {
        &self.history[self.history.len() - self.seen..]
    }

    /// Returns the number of inputs so far, at most N.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Restores the state before the first input.
    pub fn clear(&mut self) {
        *self = Self::new(self.history.len());
    }

    /// Sets the history as if all past inputs had been `sample`; does nothing if that is not finite.
    pub fn settle(&mut self, sample: f32) {
        if sample.is_finite() {
            self.history.fill(sample);
        }
    }

    fn push(&mut self, samples: &[f32]) {
        let taps = self.history.len();
        push_all(&mut self.history, samples);
        self.seen = taps.min(self.seen + samples.len());
        self.position = (self.position + samples.len()) % ring_slots(taps);
    }

    /// Returns a channel with at least as many inputs so far as `history` holds, oldest first; `position` counts the
    /// inputs so far modulo [`ring_slots`].
    pub fn restore(history: Vec<f32>, position: usize) -> Self {
        let seen = history.len();
        Self { history, position, seen }
    }

    /// Returns the last N inputs, oldest first, with zeros before the first.
    pub fn history(&self) -> &[f32] {
        &self.history
    }

    /// Returns the number of inputs so far modulo [`ring_slots`].
    pub fn position(&self) -> usize {
        self.position
    }
}

/// Returns whether the original stores the history of `taps` taps twice, one copy after the other.
pub fn has_doubled_ring(taps: usize) -> bool {
    (16..=128).contains(&taps)
}

/// Returns the slots of the ring in which the original stores the history of `taps` taps: `taps`, or the next power of
/// two where it stores one copy only.
pub fn ring_slots(taps: usize) -> usize {
    if has_doubled_ring(taps) { taps } else { taps.next_power_of_two() }
}

/// A running FIR filter.
#[derive(Debug, Clone)]
pub struct Fir {
    convolver: Convolver,
    /// State of each channel.
    pub channels: Vec<Channel>,
}

impl Fir {
    /// Returns a filter with `taps` (at least one) and no channels yet.
    pub fn new(taps: Vec<f64>, method: Method) -> Self {
        Self { convolver: Convolver::new(taps, method), channels: Vec::new() }
    }

    /// Returns the taps.
    pub fn taps(&self) -> &[f64] {
        self.convolver.taps()
    }

    /// Returns the delay of the output in samples: half the length for taps of linear phase; for others the group delay
    /// at `frequency` cycles per sample, or without one the mean of the group delays weighted by `|H|²`.
    pub fn latency(&self, frequency: Option<f64>) -> f64 {
        response::fir_latency(self.taps(), frequency)
    }

    /// Returns the number of frames of silence that bring out the samples inside: the latency without a frequency,
    /// rounded; 0 before the first samples.
    pub fn tail(&self) -> usize {
        let has_begun = self.channels.iter().any(|channel| channel.seen > 0);
        if has_begun { self.latency(None).round() as usize } else { 0 }
    }

    /// Filters the samples of one channel in place; `before` and `padded` are scratch space.
    pub fn process(&mut self, channel: usize, samples: &mut [f32], before: &mut Vec<f32>, padded: &mut Vec<f64>) {
        let state = &mut self.channels[channel];
        before.clear();
        before.extend_from_slice(&state.history);
        state.push(samples);
        self.convolver.run(before, samples, padded);
    }

    /// Sets the number of channels; those that stay keep their history.
    ///
    /// # Errors
    /// `RangeError` if the histories would take more than 1 GiB, or more than can be had.
    pub fn set_channels(&mut self, count: usize) -> Result<()> {
        let taps = self.taps().len();
        if taps.saturating_mul(count) > MAX_HISTORY {
            return Err(Error::range(format!("{count} channels of {taps} taps need too much memory")));
        }
        ensure_memory(count.saturating_sub(self.channels.len()), taps * size_of::<f32>())?;
        resize_with(&mut self.channels, count, || Channel::new(taps))
    }

    /// Clears all histories.
    pub fn clear(&mut self) {
        self.channels.iter_mut().for_each(Channel::clear);
    }
}
