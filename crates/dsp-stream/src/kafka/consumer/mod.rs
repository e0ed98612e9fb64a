//! The consumer.

mod client;
mod close;
mod commits;
mod config;
mod context;
mod event;
mod flow;
mod offsets;
mod partitions;
mod poll;
mod seek;
mod segment;
mod shared;
mod signal;
mod statistics;
mod subscribe;
#[cfg(test)]
mod tests;

pub use client::Consumer;
pub use config::{Begin, CLOSE_TIMEOUT, Config};
pub use event::{Assigned, Event, Lag, Metrics, OffsetCommit, Snapshot, Target};
pub use partitions::{AssignmentId, Limits};
pub use segment::{STRIDE, Segment};
