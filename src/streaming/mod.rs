//! Frames, errors and state stores: the parts of streaming that do not need Kafka.

pub mod error;
mod frame;
pub mod store;
