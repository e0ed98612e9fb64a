//! Manifests of scopes, and leases: the right to write a scope.

use std::sync::Arc;

use super::trail::{Marks, Trail};

/// The manifest of a scope: the facts that hold for all its records.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Manifest {
    /// Rises with every owner.
    pub epoch: i64,
    /// Who acquired the scope.
    pub owner: String,
    /// Offset of the first message that is in no state.
    pub next_offset: Option<i64>,
    /// Checkpoints written; never goes back.
    pub seq: u64,
    /// Names the pipeline that the states belong to.
    pub definition: String,
    /// The guarantee of the stream that wrote.
    pub guarantee: String,
    /// Partitions of the topic.
    pub partitions: u32,
    /// The store.
    pub store_id: String,
    /// When it was written, in ms since 1970.
    pub updated_at: f64,
    /// Epoch of the owner who wrote `seq`.
    #[serde(default)]
    pub seq_epoch: i64,
    /// Name of the last write to the scope.
    #[serde(default)]
    pub mark: String,
    /// The changelog that has all states, if one has.
    #[serde(default)]
    pub changelog: Option<String>,
}

/// The changes of a `put` to the manifest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManifestUpdate {
    /// Offset of the first message that is in no state; `None` leaves it.
    pub next_offset: Option<i64>,
    /// Checkpoints written.
    pub seq: u64,
    /// Names the pipeline.
    pub definition: String,
    /// The guarantee of the stream.
    pub guarantee: String,
    /// Partitions of the topic.
    pub partitions: u32,
    /// The changelog that has all states, if one has.
    pub changelog: Option<String>,
}

/// The right to write a scope, until somebody else acquires it.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The scope.
    pub scope: String,
    /// Epoch of this owner.
    pub epoch: i64,
    /// This owner.
    pub owner: String,
    /// The manifest as it stood, if one was ever written.
    pub manifest: Option<Manifest>,
    /// With it every write has to find the one before it in the store (else `SCOPE_CHANGED`, and nothing is written): a
    /// store that loses writes of this owner is not written on. Without it only the epoch counts.
    pub trail: Option<Arc<Trail>>,
}

impl Lease {
    /// The same lease for an owner who wants to know when the store has lost something. For one write at a time.
    #[must_use]
    pub fn followed(self) -> Self {
        let trail = Arc::new(Trail::new(mark_of(self.epoch)));
        Self { trail: Some(trail), ..self }
    }

    /// The marks that the scope may have now, where that is known.
    pub fn marks(&self) -> Marks {
        self.trail.as_ref().map(|trail| trail.marks()).unwrap_or_default()
    }
}

/// The mark that an acquisition leaves.
pub(super) fn mark_of(epoch: i64) -> String {
    format!("e{epoch}")
}
