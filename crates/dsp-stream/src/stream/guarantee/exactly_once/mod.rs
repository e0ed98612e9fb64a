//! Exactly-once output: outputs and input offsets in one transaction of Kafka per checkpoint. The store is not part of
//! it: it keeps two versions of each key, and the group's committed offset decides which one is valid.

pub mod coordinator;
pub mod handle;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(test)]
mod model;
pub mod rules;
pub mod start;
pub mod strategy;
#[cfg(test)]
mod tests;
pub mod transactions;
pub mod transactor;

pub use strategy::ExactlyOnce;
