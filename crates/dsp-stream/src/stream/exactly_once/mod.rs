//! Exactly-once output: outputs and input offsets in one transaction of Kafka per checkpoint. The store takes no part in it:
//! it keeps two versions of each key, and the group's committed offset decides which one counts.

mod coordinator;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(test)]
mod model;
mod rules;
#[cfg(test)]
mod tests;
mod transactor;

pub use coordinator::{Coordinator, Outcome, Step};
#[cfg(feature = "kafka")]
pub use kafka::{KafkaTransactions, Participants};
pub use rules::{Checkpoint, Place, Unplaced, place, slot, valid};
pub use transactor::{Attempt, Copy, Failure, Handle, Place as Committed, Told, Transactions, Transactor};
