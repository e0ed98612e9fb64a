//! Kafka, Redis and local state stores on Tokio, for pipelines of `dsp-core`.
//!
//! Nothing here depends on Node: a client calls a given `Fn()` when there is something to collect, and the caller
//! collects it. Only `kafka::ffi` and `kafka::codes` have `unsafe`.

pub mod codec;
mod error;
mod failpoint;
#[cfg(feature = "kafka")]
pub mod kafka;
mod runtime;
pub mod store;
pub mod stream;
pub mod topic;

pub use error::{Error, KafkaFailure, Result};
pub use runtime::runtime;
