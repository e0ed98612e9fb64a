//! Options of a consumer.

use std::time::Duration;

use super::partitions::Limits;
use crate::codec::Codec;

/// Longest time for closing; after it the client is abandoned.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a full queue to get room before its partition is paused: pausing discards what librdkafka has fetched.
pub const FULL_QUEUE_PATIENCE: Duration = Duration::from_millis(100);
/// Longest sleep of the poll thread.
pub const IDLE: Duration = Duration::from_millis(100);

/// Target of the consumer's log events.
pub const TARGET: &str = "dsp_stream::kafka::consumer";

/// Options of a consumer, besides librdkafka's properties.
#[derive(Debug, Clone)]
pub struct Config {
    /// Topics to read.
    pub topics: Vec<String>,
    /// Whether to begin at the beginning of a partition without a committed offset, else at its end.
    pub from_beginning: bool,
    /// Encoding of values.
    pub codec: Codec,
    /// Bounds of the queues.
    pub limits: Limits,
    /// Longest time for the handlers of revoked partitions to finish.
    pub revoke_timeout: Duration,
    /// Whether the start of a partition without a committed offset is committed at once.
    pub commit_starts: bool,
    /// Whether progress is committed automatically when partitions are revoked.
    pub auto_commit: bool,
    /// Decides where an assigned partition begins.
    pub begin: Begin,
    /// Longest wait for topics that are subscribed to by name to exist.
    pub topic_timeout: Duration,
}

/// Decides where an assigned partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// The group's offset, else `from_beginning`. If the brokers do not answer, librdkafka keeps asking.
    Group,
    /// As [`Begin::Group`], but if the brokers do not answer, the owner decides.
    GroupOrOwner,
    /// The owner, by `seek`; nothing is requested or fetched before.
    Owner,
}
