//! The start of a partition under at-least-once: the manifest's offset.

use crate::error::Result;
use crate::store::Manifest;
use crate::stream::protocol::config::{OffsetMismatch, Policies};
use crate::stream::protocol::start::{CheckpointId, Committed, Start, StartFacts};

/// Decides by the manifest where the partition starts.
///
/// # Errors
/// `Definition` if another program has set the group's offset and the policy is `fail`.
pub fn start(facts: &StartFacts, manifest: &Manifest, policies: &Policies, committed: Committed<'_>) -> Result<Start> {
    let offset = manifest.next_offset.unwrap_or(facts.watermarks.low);
    let is_here = |ours: &CheckpointId<'_>| ours.store == facts.store_id;
    let ours = committed.and_then(|(_, ours)| ours).filter(is_here);
    let rollback = ours.is_some_and(|ours| ours.is_lost(manifest));
    let start = Start { offset, seq: manifest.seq, rollback, ..Start::default() };
    // An offset of ours that differs is a commit that came late or not at all.
    match committed.filter(|(group, _)| *group != offset && ours.is_none()) {
        None => Ok(start),
        Some((group, _)) => match policies.offset_mismatch {
            OffsetMismatch::State => Ok(Start { rollback: false, ..start }),
            OffsetMismatch::Group => Ok(Start { offset: group, reset: true, rollback: false, ..start }),
            OffsetMismatch::Fail => Err(facts.offset_moved(group, Some(offset))),
        },
    }
}
