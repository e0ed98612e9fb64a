//! Events of a consumer, and the view of its partitions.

use std::sync::Arc;

use super::partitions::AssignmentId;
use crate::error::Result;
use crate::kafka::client::Notice;
use crate::topic::{CommittedOffset, Watermarks};

/// A partition that has been assigned.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// Identifies this assignment.
    pub id: AssignmentId,
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Number of the partition.
    pub partition: i32,
    /// Offset of its first message; negative: librdkafka or the owner decides.
    pub position: i64,
    /// The committed offset with its metadata.
    pub committed: Option<CommittedOffset>,
}

/// The target of `seek`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// This offset.
    Offset(i64),
    /// The oldest message.
    Beginning,
    /// The offset after the newest message.
    End,
    /// The first message of this time (ms since 1970) or later.
    Timestamp(i64),
}

/// An offset to commit for the owner.
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetCommit {
    /// Name of the topic.
    pub topic: String,
    /// Number of the partition.
    pub partition: i32,
    /// Offset of the next message to be read.
    pub offset: i64,
    /// Metadata of the commit.
    pub metadata: Option<String>,
}

/// The progress of a partition.
#[derive(Debug, Clone, PartialEq)]
pub struct Lag {
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Number of the partition.
    pub partition: i32,
    /// The committed offset.
    pub committed: Option<i64>,
    /// Offset of the first message that is not done.
    pub position: i64,
    /// High watermark of the partition.
    pub high: i64,
    /// End of its messages, as far as it is known which offsets before `high` are not messages.
    pub end: i64,
}

/// A partition from the view of the poll thread.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Identifies this assignment.
    pub id: AssignmentId,
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Number of the partition.
    pub partition: i32,
    /// Number of queued messages.
    pub queued: usize,
    /// Offset after the last message that is done; `None` if none is.
    pub done: Option<i64>,
    /// Offset of the next message to fetch.
    pub position: i64,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: i64,
    /// End of the messages, −1 = unknown.
    pub end: i64,
}

/// An event of a consumer.
#[derive(Debug)]
pub enum Event {
    /// A broker has answered with the topics' metadata, or not.
    Connected(f64, Result<()>),
    /// Partitions were assigned; the messages of each are held back until `begin`.
    Assigned(f64, Vec<Assigned>),
    /// Partitions are being taken away; the poll thread waits for `release(token)`.
    Revoked {
        /// Token for `release`.
        token: f64,
        /// Assignments that end.
        ids: Vec<AssignmentId>,
        /// Whether the group has already given them to others, so that nothing can be committed.
        lost: bool,
    },
    /// The requested commit has been made, or not.
    Committed(f64, Result<()>),
    /// The position has been moved; holds the new assignment.
    Sought(f64, Result<Assigned>),
    /// How far the partitions have come.
    Lags(f64, Result<Vec<Lag>>),
    /// The watermarks of a partition.
    Watermarks(f64, Result<Watermarks>),
    /// The client has been freed, or had to be left behind.
    Closed(f64, Result<()>),
    /// A notice of the client.
    Notice(Notice),
}

/// Counters since creation, and current sizes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Messages received from the brokers.
    pub messages: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Commits that the broker confirmed.
    pub commits: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Queued messages.
    pub queued: u64,
    /// Queued bytes.
    pub queued_bytes: u64,
    /// Sum over all partitions of the distance to the high watermark, in messages.
    pub lag: u64,
    /// Whether no broker can be reached.
    pub away: bool,
}
