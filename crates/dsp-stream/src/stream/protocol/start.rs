//! The facts that determine where a partition starts, and the result.

use super::config::Guarantee;
use crate::error::Error;
use crate::store::Manifest;
use crate::topic::{CommittedOffset, TopicPartition, Watermarks};

/// The facts about a partition when it is assigned.
#[derive(Debug, Clone, Default)]
pub struct StartFacts {
    /// The partition.
    pub source: TopicPartition,
    /// The manifest in the store.
    pub manifest: Option<Manifest>,
    /// The group's committed offset.
    pub committed: Option<CommittedOffset>,
    /// The watermarks.
    pub watermarks: Watermarks,
    /// Hash of the pipeline.
    pub definition: String,
    /// The promise for outputs.
    pub guarantee: Guarantee,
    /// Id of the store.
    pub store_id: String,
    /// Whether a changelog has the states, too.
    pub has_changelog: bool,
    /// Whether a partition without states and without a committed offset starts at its end.
    pub from_latest: bool,
}

impl StartFacts {
    /// Returns the error if another program has set the group's offset to `group` while the states are at `ours`.
    pub fn offset_moved(&self, group: i64, ours: Option<i64>) -> Error {
        let ours = ours.map_or("nowhere".to_owned(), |offset| offset.to_string());
        Error::Definition(format!(
            "somebody else has set the group's offset of {} to {group}, and its states are at {ours}",
            self.source
        ))
    }
}

/// The start of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Start {
    /// Offset of the first message.
    pub offset: i64,
    /// Whether the states must be removed.
    pub reset: bool,
    /// Number of the last checkpoint.
    pub seq: u64,
    /// Whether the store is older than the committed offset.
    pub rollback: bool,
    /// Whether the states must be read from the changelog.
    pub rebuild: bool,
}

/// The checkpoint for which an offset was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointId<'a> {
    /// Id of the store that contains it.
    pub store: &'a str,
    /// Epoch of its owner.
    pub epoch: i64,
    /// Number of the checkpoint.
    pub seq: u64,
}

impl<'a> CheckpointId<'a> {
    /// Parses the metadata of a commit; `None` if no stream has made it.
    pub fn of(metadata: &'a str) -> Option<Self> {
        let mut parts = metadata.split(';');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("dspx1"), Some(store), Some(epoch), Some(seq)) => {
                Some(Self { store, epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
            }
            _ => None,
        }
    }

    /// Returns the metadata of a stream's commit.
    pub fn metadata(&self) -> String {
        format!("dspx1;{};{};{}", self.store, self.epoch, self.seq)
    }

    /// Returns whether a store with this manifest has lost the checkpoint. A store that was set back may have continued
    /// under a former owner: then the number exists, but with an owner of a smaller epoch.
    pub fn is_lost(&self, manifest: &Manifest) -> bool {
        self.seq > manifest.seq || self.epoch > manifest.seq_epoch
    }
}

/// The group's offset, with its checkpoint where a stream has committed it.
pub type Committed<'a> = Option<(i64, Option<CheckpointId<'a>>)>;
