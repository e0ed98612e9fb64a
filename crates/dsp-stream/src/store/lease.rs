//! Manifests of scopes, and leases: the right to write a scope.

use std::sync::Arc;

use super::trail::{Marks, Trail};

/// The manifest of a scope: data that applies to all its records.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// Number of the owner; it increases with every acquisition.
    pub epoch: i64,
    /// Name of the owner that acquired the scope.
    pub owner: String,
    /// Offset of the first message that is not in any state.
    pub next_offset: Option<i64>,
    /// Number of checkpoints written; never decreases.
    pub seq: u64,
    /// Hash of the pipeline to which the states belong.
    pub definition: String,
    /// Guarantee of the stream that wrote it.
    pub guarantee: String,
    /// Number of partitions of the topic.
    pub partitions: u32,
    /// Id of the store.
    pub store_id: String,
    /// Time of the write in ms since 1970.
    pub updated_at: f64,
    /// Epoch of the owner that wrote `seq`.
    #[serde(default)]
    pub seq_epoch: i64,
    /// Mark of the last write to the scope.
    #[serde(default)]
    pub mark: String,
    /// Topic of the changelog that has all states, if there is one.
    #[serde(default)]
    pub changelog: Option<String>,
}

/// The changes to the manifest in a `put`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManifestUpdate {
    /// Offset of the first message that is not in any state; `None` keeps the stored one.
    pub next_offset: Option<i64>,
    /// Number of checkpoints written.
    pub seq: u64,
    /// Hash of the pipeline.
    pub definition: String,
    /// Guarantee of the stream.
    pub guarantee: String,
    /// Number of partitions of the topic.
    pub partitions: u32,
    /// Topic of the changelog that has all states, if there is one.
    pub changelog: Option<String>,
}

/// The right to write a scope, until another owner acquires it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Name of the scope.
    pub scope: String,
    /// Epoch of this owner.
    pub epoch: i64,
    /// Name of this owner.
    pub owner: String,
    /// The manifest at the acquisition, if one was ever written.
    pub manifest: Option<Manifest>,
    /// With it, every write requires the previous one in the store (else it fails with `SCOPE_CHANGED`, and nothing is
    /// written), so a store that has lost writes of this owner is not written any further. Without it only the epoch is
    /// compared.
    pub trail: Option<Arc<Trail>>,
}

impl Lease {
    /// Returns the lease with a trail, for an owner that must notice when the store has lost something. Writes must
    /// then come one at a time.
    #[must_use]
    pub fn followed(self) -> Self {
        let trail = Arc::new(Trail::new(mark_of(self.epoch)));
        Self { trail: Some(trail), ..self }
    }

    /// Returns the marks that the scope may have now, if they are known.
    pub fn marks(&self) -> Marks {
        self.trail.as_ref().map(|trail| trail.marks()).unwrap_or_default()
    }
}

/// Returns the mark that an acquisition leaves.
pub(super) fn mark_of(epoch: i64) -> String {
    format!("e{epoch}")
}
