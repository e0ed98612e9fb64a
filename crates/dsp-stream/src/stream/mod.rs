//! Streams: messages of a topic go through one pipeline per key, the results go to another topic, and the states are
//! stored together with the offset up to which they hold.
//!
//! | module | contents |
//! |---|---|
//! | [`protocol`] | the types that all others share: options, messages, commands, status, `Port` |
//! | [`convert`] | messages to samples and back |
//! | [`events`] | events of stages to messages |
//! | [`migration`] | states of former pipelines |
//! | [`states`] | the pipelines of one partition, one per key |
//! | [`changelog`] | the records of a changelog |
//! | [`guarantee`] | at-least-once and exactly-once: one strategy each |
//! | [`partition`] | the task of one partition |
//! | [`kafka`] | consumer, producer and the assigned partitions |
//!
//! Each imports those above it only. A partition sees the outside through a `Port` and a `StateStore`, so all its rules
//! are tested without servers.

pub mod changelog;
pub mod convert;
pub mod events;
pub mod guarantee;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod migration;
pub mod partition;
pub mod protocol;
pub mod states;
#[cfg(test)]
mod tests;
