//! The buffers that blocks use, and the scratch space of stages.

use crate::engine::events::Events;
use crate::engine::missing::Missing;
use crate::engine::planar::stride_of;
use crate::error::Result;
use crate::limits::{ensure_memory, reserve};
use crate::signal::sliding::counted;

/// Buffers for one stage within one call, lent to one stage after the other; their contents do not outlast its use.
#[derive(Debug, Default, Clone)]
pub struct Scratch {
    /// Sums over windows.
    pub windows: counted::Scratch,
    /// Samples or intermediate results, in single precision.
    pub single: Vec<f32>,
    /// Intermediate results in double precision.
    pub double: Vec<f64>,
}

/// The buffers of blocks, reused call after call. They hold no state: any pipeline may use those of another.
#[derive(Debug, Default, Clone)]
pub struct Workspace {
    pub(super) current: Vec<f32>,
    pub(super) spare: Vec<f32>,
    pub(super) stamps: Vec<f64>,
    pub(super) spare_stamps: Vec<f64>,
    /// Boxed, because it is moved out and back to be lent.
    pub(super) scratch: Option<Box<Scratch>>,
    pub(super) missing: Missing,
    /// `None` while nobody asks for events.
    pub(super) events: Option<Box<Events>>,
}

/// Bytes that the buffers of a call take for each sample: the samples as planes, twice, and a line in float64.
const WORK_BYTES: usize = 16;

impl Workspace {
    /// Makes room for the planes of a call of so many samples, and makes sure that there is memory for the other buffers.
    ///
    /// # Errors
    /// `RangeError` if there is not that much memory.
    pub(crate) fn make_room(&mut self, channels: usize, frames: usize) -> Result<()> {
        let samples = stride_of(channels, frames).saturating_mul(channels);
        // Neither holds anything between calls, and planes are made in the spare one.
        if self.spare.capacity() < self.current.capacity() {
            std::mem::swap(&mut self.spare, &mut self.current);
        }
        if samples <= self.spare.capacity() {
            return Ok(());
        }
        ensure_memory(samples, WORK_BYTES)?;
        if channels > 1 {
            self.spare.clear();
            reserve(&mut self.spare, samples)?;
        }
        Ok(())
    }

    /// Collects the events of the next calls, until [`Self::take_events`].
    pub fn collect_events(&mut self) {
        self.events.get_or_insert_default();
    }

    /// Returns the collected events, and stops collecting.
    pub fn take_events(&mut self) -> Option<Box<Events>> {
        self.events.take()
    }

    /// Returns the events being collected, if any are.
    pub fn events(&mut self) -> Option<&mut Events> {
        self.events.as_deref_mut()
    }
}
