//! The producer.

mod batch;
mod client;
mod event;
mod feed;
mod hub;

pub use batch::Batch;
pub use client::Producer;
pub use event::{Event, Metrics};
pub(crate) use hub::Native;
