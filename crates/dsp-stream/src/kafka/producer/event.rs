//! Events and counters of a producer.

use rdkafka::types::RDKafkaErrorCode as Code;

use crate::error::{Error, Result};
use crate::kafka::client::Notice;

/// An event of a producer.
#[derive(Debug)]
pub enum Event {
    /// All messages of a batch have been delivered or have failed.
    Sent {
        /// Id of the batch.
        id: f64,
        /// Index and error code of each message that failed.
        failures: Vec<(u32, Code)>,
        /// Partition and offset of each message, if requested.
        offsets: Vec<f64>,
        /// Why the rest of the batch was not sent, if its layout is wrong.
        refused: Option<Error>,
    },
    /// A broker has answered, or not.
    Connected(f64, Result<()>),
    /// The client has been freed.
    Closed(f64),
    /// A notice of the client.
    Notice(Notice),
}

/// Counters since creation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Messages accepted.
    pub messages: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Messages acknowledged.
    pub delivered: u64,
    /// Messages that failed.
    pub delivery_errors: u64,
    /// Messages under way.
    pub queued: u64,
    /// Batches finished.
    pub batches: u64,
    /// Sum of the times from the call to the last report in ms.
    pub delivery_ms: f64,
}
