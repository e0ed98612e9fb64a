//! Frames, errors and state stores: the parts of streaming that need no Kafka.

pub mod error;
mod frame;
pub mod store;
