//! Exactly-once output: outputs and input offsets in one transaction of Kafka per checkpoint. The store takes no part in it:
//! it keeps two versions of each key, and the group's committed offset decides which one counts.

mod coordinator;
#[cfg(test)]
mod model;
mod rules;

pub use coordinator::{Coordinator, Outcome, Step};
pub use rules::{Place, Unplaced, place, slot, valid};
