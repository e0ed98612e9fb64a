//! The settings of one partition's task.

use std::sync::Arc;
use tokio::sync::Semaphore;

use super::config::{Guarantee, StreamConfig};
use crate::store::ManifestUpdate;
use crate::topic::TopicPartition;

/// The options of the stream, with the data of one partition.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The options of the stream.
    pub config: StreamConfig,
    /// The partition of the input.
    pub source: TopicPartition,
    /// Hash of the pipeline that the states belong to.
    pub definition: String,
    /// The text from which the pipeline can be built again.
    pub pipeline: Arc<str>,
    /// Bounds the number of partitions that compute at once.
    pub workers: Arc<Semaphore>,
}

impl Settings {
    /// Returns the scope in the store: `<application>/<topic>/<partition>`.
    pub fn scope(&self) -> String {
        format!("{}/{}", self.config.application_id, self.source)
    }

    /// Returns the guarantee for outputs.
    pub fn guarantee(&self) -> Guarantee {
        self.config.guarantee
    }

    /// Returns the manifest of checkpoint number `seq`, whose states contain all messages below `next_offset`; `None`
    /// keeps the stored offset.
    pub fn manifest(&self, next_offset: Option<i64>, seq: u64, partitions: u32) -> ManifestUpdate {
        ManifestUpdate {
            next_offset,
            seq,
            definition: self.definition.clone(),
            guarantee: self.guarantee().name().into(),
            partitions,
            changelog: self.config.changelog_topic.clone(),
        }
    }
}
