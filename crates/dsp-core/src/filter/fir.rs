//! FIR filters: one convolver for all channels, and for each channel the inputs that it still needs.

use super::convolver::{Convolver, Method, push_all};
use crate::block::Scratch;
use crate::design::response;
use crate::error::{Error, Result};
use crate::state::archive::Archive;

/// Most samples of history in all channels.
const MAX_HISTORY: usize = 1 << 28;

/// What one channel remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// The last N inputs, oldest first; zeros before the first.
    history: Vec<f32>,
    /// Inputs so far, modulo the length of the ring in which the history is saved.
    position: usize,
    /// Inputs so far, at most N.
    seen: usize,
}

/// How the original keeps the history of N taps, and so how it is saved.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ring {
    /// A power of two ≥ N slots; the index is the slot of the newest sample.
    Newest(usize),
    /// Two equal halves of N slots; the index is the slot that will be written next.
    Next(usize),
}

impl Ring {
    fn of(taps: usize) -> Self {
        if (16..=128).contains(&taps) { Self::Next(taps) } else { Self::Newest(taps.next_power_of_two()) }
    }

    fn slots(self) -> usize {
        match self {
            Self::Newest(slots) | Self::Next(slots) => slots,
        }
    }

    fn length(self) -> usize {
        match self {
            Self::Newest(slots) => slots,
            Self::Next(slots) => 2 * slots,
        }
    }

    /// The slot of the sample `back` samples before the newest.
    fn slot(self, index: usize, back: usize) -> usize {
        let slots = self.slots();
        match self {
            Self::Newest(_) => (index + slots - back) % slots,
            Self::Next(_) => (index + 2 * slots - 1 - back) % slots,
        }
    }
}

impl Channel {
    /// A channel of a filter with `taps` taps that has seen nothing.
    pub fn new(taps: usize) -> Self {
        Self { history: vec![0.0; taps], position: 0, seen: 0 }
    }

    /// A channel that has seen `samples` (oldest first), at most `taps`.
    pub fn with_history(taps: usize, samples: &[f32]) -> Self {
        let mut channel = Self::new(taps);
        channel.push(samples);
        channel
    }

    /// The last inputs, oldest first: as many as there were, at most N.
    pub fn recent(&self) -> &[f32] {
        &self.history[self.history.len() - self.seen..]
    }

    /// Inputs so far, at most N.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::new(self.history.len());
    }

    fn push(&mut self, samples: &[f32]) {
        let taps = self.history.len();
        push_all(&mut self.history, samples);
        self.seen = taps.min(self.seen + samples.len());
        self.position = (self.position + samples.len()) % Ring::of(taps).slots();
    }

    /// The ring of the saved state and its index.
    fn ring(&self) -> (Vec<f32>, usize) {
        let ring = Ring::of(self.history.len());
        let mut slots = vec![0.0; ring.length()];
        for (back, sample) in self.history.iter().rev().enumerate() {
            let slot = ring.slot(self.position, back);
            slots[slot] = *sample;
            if let Ring::Next(half) = ring {
                slots[slot + half] = *sample;
            }
        }
        (slots, self.position)
    }

    /// Walks the history as the ring of the original, with its index.
    ///
    /// # Errors
    /// Reading: the ring is not that of as many taps.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let (slots, index) = self.ring();
        let read = archive.samples("stateBuffer", slots)?;
        let index = archive.count("stateIndex", index)?;
        if let Some(slots) = read {
            *self = Self::from_ring(self.history.len(), &slots, index)?;
        }
        Ok(())
    }

    fn from_ring(taps: usize, slots: &[f32], index: usize) -> Result<Self> {
        let ring = Ring::of(taps);
        if slots.len() != ring.length() || index >= ring.slots() {
            return Err(Error::failed(format!(
                "stateBuffer size mismatch: {} slots and index {index} for {taps} taps",
                slots.len()
            )));
        }
        let history = (0..taps).rev().map(|back| slots[ring.slot(index, back)]).collect();
        Ok(Self { history, position: index, seen: taps })
    }
}

/// A running FIR filter.
#[derive(Debug, Clone)]
pub struct Fir {
    convolver: Convolver,
    /// One per channel.
    pub channels: Vec<Channel>,
}

impl Fir {
    /// A filter with `taps` (at least one) and no channels yet.
    pub fn new(taps: Vec<f64>, method: Method) -> Self {
        Self { convolver: Convolver::new(taps, method), channels: Vec::new() }
    }

    /// The taps.
    pub fn taps(&self) -> &[f64] {
        self.convolver.taps()
    }

    /// How late its output is in samples: half its length for taps of linear phase; for others the group delay at
    /// `frequency` cycles per sample, or without one the mean of the group delays weighted by `|H|²`.
    pub fn latency(&self, frequency: Option<f64>) -> f64 {
        response::fir_latency(self.taps(), frequency)
    }

    /// Frames of silence after which what is inside has come out: the latency without a frequency, rounded; none before
    /// the first samples.
    pub fn tail(&self) -> usize {
        let has_begun = self.channels.iter().any(|channel| channel.seen > 0);
        if has_begun { self.latency(None).round() as usize } else { 0 }
    }

    /// Filters the samples of one channel in place.
    pub fn process(&mut self, channel: usize, samples: &mut [f32], scratch: &mut Scratch) {
        let state = &mut self.channels[channel];
        let Scratch { single: before, double: padded, .. } = scratch;
        before.clear();
        before.extend_from_slice(&state.history);
        state.push(samples);
        self.convolver.run(before, samples, padded);
    }

    /// Sets the number of channels; those that stay keep their history.
    ///
    /// # Errors
    /// `RangeError` if the histories would take more than 1 GiB.
    pub fn set_channels(&mut self, count: usize) -> Result<()> {
        let taps = self.taps().len();
        if taps.saturating_mul(count) > MAX_HISTORY {
            return Err(Error::range(format!("{count} channels of {taps} taps need too much memory")));
        }
        self.channels.reserve_exact(count.saturating_sub(self.channels.len()));
        self.channels.resize_with(count, || Channel::new(taps));
        Ok(())
    }

    /// Forgets all histories.
    pub fn clear(&mut self) {
        self.channels.iter_mut().for_each(Channel::clear);
    }
}
