//! Events of a consumer, and its view of the partitions.

use std::sync::Arc;

use super::partitions::AssignmentId;
use crate::error::Result;
use crate::kafka::client::Notice;
use crate::topic::{CommittedOffset, Watermarks};

/// A partition that has been assigned.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// Stands for this assignment.
    pub id: AssignmentId,
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// Offset of its first message, negative = librdkafka or the owner decides.
    pub position: i64,
    /// The committed offset with its metadata.
    pub committed: Option<CommittedOffset>,
}

/// Where `seek` goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// An offset.
    Offset(i64),
    /// The oldest message.
    Beginning,
    /// Behind the newest message.
    End,
    /// The first message of this time (ms since 1970) or later.
    Timestamp(i64),
}

/// An offset that the owner wants committed.
#[derive(Debug, Clone, PartialEq)]
pub struct OffsetCommit {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Offset of the next message to be read.
    pub offset: i64,
    /// Metadata of the commit.
    pub metadata: Option<String>,
}

/// How far a partition has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Lag {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The committed offset.
    pub committed: Option<i64>,
    /// Offset of the first message that is not done.
    pub position: i64,
    /// End of the partition.
    pub high: i64,
    /// End of its messages, as far as it is known what else lies before `high`.
    pub end: i64,
}

/// A partition as the poll thread sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Stands for this assignment.
    pub id: AssignmentId,
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// Messages queued.
    pub queued: usize,
    /// Offset of the first message that is not done, if any is.
    pub done: Option<i64>,
    /// Offset of the next message to come.
    pub position: i64,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: i64,
    /// End of the messages, −1 = unknown.
    pub end: i64,
}

/// An event of a consumer.
#[derive(Debug)]
pub enum Event {
    /// A broker answered and the topics' metadata was read, or not.
    Connected(f64, Result<()>),
    /// Partitions were assigned; the messages of each are held back until `begin`.
    Assigned(f64, Vec<Assigned>),
    /// Partitions are being taken away; the poll thread waits for `release(token)`.
    Revoked {
        /// For `release`.
        token: f64,
        /// Assignments that end.
        ids: Vec<AssignmentId>,
        /// The group has already given them to others: nothing can be committed.
        lost: bool,
    },
    /// A commit that was asked for has been made, or not.
    Committed(f64, Result<()>),
    /// The position has been moved: the new assignment.
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

/// Counters since creation, and sizes of now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Messages that came from the broker.
    pub messages: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Commits that the broker confirmed.
    pub commits: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Messages queued.
    pub queued: u64,
    /// Bytes queued.
    pub queued_bytes: u64,
    /// Sum over the partitions of messages behind the high watermark.
    pub lag: u64,
    /// Whether no broker can be reached.
    pub away: bool,
}
