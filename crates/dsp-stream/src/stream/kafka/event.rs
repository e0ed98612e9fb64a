//! Requests to a stream and its events.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::stream::protocol::counters::Counters;
use crate::stream::protocol::status::PartitionEvent;
use crate::topic::TopicPartition;

/// A request of the owner; its number returns with the answer.
#[derive(Debug)]
pub enum Request {
    /// Start; answered when the first assignment is in place.
    Start(f64),
    /// Stop within this time.
    Stop(f64, Duration),
    /// Begin no new message.
    Pause(f64),
    /// Continue.
    Resume(f64),
    /// Make a checkpoint of every partition now.
    Checkpoint(f64),
    /// Return the state of a key, in one partition or wherever it is.
    State(f64, Vec<u8>, Option<String>, Option<i32>),
}

/// The state of a stream as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamState {
    /// Nothing has been assigned yet.
    Starting,
    /// Messages are processed.
    Running,
    /// Partitions are being revoked or restored.
    Rebalancing,
    /// No broker, or not the store, can be reached.
    Degraded,
    /// Nothing is tried any more.
    Failed,
}

impl StreamState {
    /// Returns the name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Rebalancing => "rebalancing",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

/// An event of a stream.
#[derive(Debug)]
pub enum StreamEvent {
    /// The answer to a request.
    Answer(f64, Result<()>),
    /// The answer to `Request::State`: the state as TOON, if the key has one.
    KeyState(f64, Result<Option<Vec<u8>>>),
    /// The stream has entered a state.
    State(StreamState),
    /// Partitions were assigned.
    Assigned(Vec<TopicPartition>),
    /// Partitions are being revoked.
    Revoked(Vec<TopicPartition>),
    /// Partitions have already been assigned to other members.
    Lost(Vec<TopicPartition>),
    /// An event of a partition.
    Partition(TopicPartition, PartitionEvent),
    /// Another instance has taken the transactional id; with the reason.
    ProducerFenced(String),
    /// A partition is no longer assigned; these are its counters.
    Ended(Counters),
    /// An error that is not the answer to a call.
    Error(Error),
    /// A warning.
    Warning(String),
    /// A line of librdkafka's log.
    Log(String),
}
