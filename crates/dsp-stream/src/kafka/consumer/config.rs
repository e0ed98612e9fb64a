//! Options of a consumer.

use std::time::Duration;

use super::partitions::Limits;
use crate::codec::Codec;

/// How long closing may take in all; past it the client is left behind.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a full queue is waited for before its partition is paused: pausing throws away what librdkafka has fetched.
pub const FULL_QUEUE_PATIENCE: Duration = Duration::from_millis(100);
/// The longest sleep of the poll thread.
pub const IDLE: Duration = Duration::from_millis(100);

/// The target of the consumer's log events.
pub const TARGET: &str = "dsp_stream::kafka::consumer";

/// Options of a consumer, besides librdkafka's properties.
#[derive(Debug, Clone)]
pub struct Config {
    /// Topics to read.
    pub topics: Vec<String>,
    /// Where to begin without a committed offset: the beginning, else the end.
    pub from_beginning: bool,
    /// How values are written.
    pub codec: Codec,
    /// Bounds of the queues.
    pub limits: Limits,
    /// How long revoked partitions may take to come to rest.
    pub revoke_timeout: Duration,
    /// Whether a partition without a committed offset has its start committed at once.
    pub commit_starts: bool,
    /// Whether what is done is committed when partitions are given up, without being asked to.
    pub auto_commit: bool,
    /// Who decides where an assigned partition begins.
    pub begin: Begin,
    /// How long topics that are subscribed to by name may take to exist.
    pub topic_timeout: Duration,
}

/// Who decides where an assigned partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// The group's offset, else `from_beginning`. Where the brokers do not tell, librdkafka goes on asking.
    Group,
    /// The same, but where the brokers do not tell the owner decides.
    GroupOrOwner,
    /// The owner, by `seek`: before that nothing is asked and nothing is fetched.
    Owner,
}
