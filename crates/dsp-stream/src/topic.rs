//! Kafka's terms for topics that need no client.

use std::fmt;

/// A partition of a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TopicPartition {
    /// Name of the topic.
    pub topic: String,
    /// Number of the partition, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// Returns the partition with this number.
    pub fn new(topic: impl Into<String>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

/// `topic/partition`: the form in messages, in `dspx-source` headers and in the names of scopes.
impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// A group's committed offset (that of the next message to read) and the metadata that was committed with it.
pub type CommittedOffset = (i64, String);

/// Key and value of a record in a compacted topic; without a value the key is deleted.
pub type KeyedRecord = (Vec<u8>, Option<Vec<u8>>);

/// The watermarks of a partition, with the size of its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watermarks {
    /// Offset of the oldest message in the log.
    pub low: i64,
    /// Offset after the newest message.
    pub high: i64,
    /// Number of partitions of the topic.
    pub partitions: u32,
}
