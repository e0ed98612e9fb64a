//! The buffers that blocks use, and the scratch space of stages.

use crate::engine::events::Events;
use crate::engine::missing::Missing;
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

impl Workspace {
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
