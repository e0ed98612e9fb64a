//! Histories of FIR and recursive filters in saved states, in the layouts of the original.

use crate::engine::block::Block;
use crate::engine::workspace::Scratch;
use crate::error::{Error, Result};
use crate::signal::filter::run::fir::{Channel, has_doubled_ring, ring_slots};
use crate::signal::filter::run::iir::{Iir, SectionState};
use crate::state::archive::Archive;

/// The ring in which the original stores the history of N taps, and in which it is saved.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ring {
    /// A power of two ≥ N slots; the index is the slot of the newest sample.
    Newest(usize),
    /// Two equal halves of N slots; the index is the slot that will be written next.
    Next(usize),
}

impl Ring {
    fn of(taps: usize) -> Self {
        let slots = ring_slots(taps);
        if has_doubled_ring(taps) { Self::Next(slots) } else { Self::Newest(slots) }
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

    /// Returns the slot of the sample `back` samples before the newest.
    fn slot(self, index: usize, back: usize) -> usize {
        let slots = self.slots();
        match self {
            Self::Newest(_) => (index + slots - back) % slots,
            Self::Next(_) => (index + 2 * slots - 1 - back) % slots,
        }
    }
}

/// Walks the inputs of one channel of an FIR filter as the ring of the original, with its index.
///
/// # Errors
/// Reading: the ring does not belong to that number of taps.
pub fn walk_taps(channel: &mut Channel, archive: &mut Archive<'_>) -> Result<()> {
    let taps = channel.history().len();
    let read = archive.samples("stateBuffer", to_slots(channel))?;
    let index = archive.count("stateIndex", channel.position())?;
    if let Some(slots) = read {
        let ring = Ring::of(taps);
        if slots.len() != ring.length() || index >= ring.slots() {
            let size = slots.len();
            let text = format!("stateBuffer size mismatch: {size} slots and index {index} for {taps} taps");
            return Err(Error::failed(text));
        }
        let history = (0..taps).rev().map(|back| slots[ring.slot(index, back)]).collect();
        *channel = Channel::restore(history, index);
    }
    Ok(())
}

/// Returns the slots of the ring with a channel's inputs.
fn to_slots(channel: &Channel) -> Vec<f32> {
    let ring = Ring::of(channel.history().len());
    let mut slots = vec![0.0; ring.length()];
    for (back, sample) in channel.history().iter().rev().enumerate() {
        let slot = ring.slot(channel.position(), back);
        slots[slot] = *sample;
        if let Ring::Next(half) = ring {
            slots[slot + half] = *sample;
        }
    }
    slots
}

/// Walks inputs and outputs of a section, newest first, under two keys.
///
/// # Errors
/// Reading: a list is absent.
pub fn walk_section(section: &mut SectionState, archive: &mut Archive<'_>, [x, y]: [&str; 2]) -> Result<()> {
    let SectionState { x: inputs, y: outputs } = section;
    *inputs = archive.doubles(x, inputs)?.unwrap_or_else(|| std::mem::take(inputs));
    *outputs = archive.doubles(y, outputs)?.unwrap_or_else(|| std::mem::take(outputs));
    Ok(())
}

/// [`walk_section`] with the rings of the original. Reading expects the current number of samples.
///
/// # Errors
/// Reading: a list is absent or has another size.
pub fn walk_section_rings(section: &mut SectionState, archive: &mut Archive<'_>, [x, y]: [&str; 2]) -> Result<()> {
    for (name, history) in [(x, &mut section.x), (y, &mut section.y)] {
        if let Some(ring) = archive.doubles(name, &to_ring(history))? {
            *history = from_ring(&ring, history.len(), name)?;
        }
    }
    Ok(())
}

/// Returns the number of slots of a ring of the original that holds `used` samples.
fn ring_length(used: usize) -> usize {
    used.max(1).next_power_of_two()
}

/// Returns the ring of the original with its newest sample in slot 0 and the one before it in the last slot.
fn to_ring(newest_first: &[f64]) -> Vec<f64> {
    let length = ring_length(newest_first.len());
    let mut ring = vec![0.0; length];
    newest_first.iter().enumerate().for_each(|(back, x)| ring[(length - back) % length] = *x);
    ring
}

/// Returns the `used` samples of a ring, newest first.
///
/// # Errors
/// “`{name}` size mismatch: …”.
pub fn from_ring(ring: &[f64], used: usize, name: &str) -> Result<Vec<f64>> {
    if ring.len() != ring_length(used) {
        return Err(Error::failed(format!("{name} size mismatch: {} numbers for {used} coefficients", ring.len())));
    }
    Ok((0..used).map(|back| ring[(ring.len() - back) % ring.len()]).collect())
}

/// Filters a block in place, channel by channel.
pub fn run_sections(iir: &mut Iir, block: &mut Block<'_>) {
    let channels = block.channels();
    block.with_scratch(|block, Scratch { double, .. }| {
        if let Some(mut sections) = iir.side_by_side(channels) {
            sections.process(block.interleaved(), channels, double);
        } else {
            block.each_channel(|channel, samples| iir.process(channel, samples, double));
        }
    });
}
