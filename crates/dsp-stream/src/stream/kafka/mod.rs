//! Streams on Kafka: a consumer, a producer, and a task per assigned partition.

mod assignments;
mod checks;
mod clients;
mod driver;
pub mod event;
mod listen;
mod owned;
mod port;
mod requests;
mod stream;
mod transacting;

pub use event::{Request, StreamEvent, StreamState};
pub use stream::{KafkaStream, PartitionStatus};
