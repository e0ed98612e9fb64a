//! The start of a partition under exactly-once: Kafka's offset decides which version of a state is valid.

use super::rules::{StartError, StartOffset, start_offset};
use crate::error::Result;
use crate::store::Manifest;
use crate::stream::protocol::config::{OffsetMismatch, Policies};
use crate::stream::protocol::start::{Committed, Start, StartFacts};

/// Decides by the group's offset where the partition starts; `None`: as if there were no manifest.
///
/// # Errors
/// `Definition` if another program has set the group's offset and the policy is `fail`.
pub fn start(
    facts: &StartFacts,
    manifest: &Manifest,
    policies: &Policies,
    committed: Committed<'_>,
) -> Result<Option<Start>> {
    let start = Start { seq: manifest.seq, ..Start::default() };
    match start_offset(Some(manifest), committed, &facts.store_id) {
        Ok(StartOffset::Committed(offset)) => Ok(Some(Start { offset, ..start })),
        Ok(StartOffset::Hint(offset)) => {
            let (topic, partition) = (&facts.source.topic, facts.source.partition);
            tracing::warn!(target: "dsp_stream::stream", topic, partition, offset, "Kafka has no offset of the group");
            Ok(Some(Start { offset, ..start }))
        }
        Ok(StartOffset::New) | Err(StartError::Missing { .. }) => Ok(None),
        Err(StartError::Moved { committed, hint }) => match (policies.offset_mismatch, hint) {
            (OffsetMismatch::Group, _) => Ok(Some(Start { offset: committed, reset: true, ..start })),
            (OffsetMismatch::State, Some(hint)) => Ok(Some(Start { offset: hint, ..start })),
            _ => Err(facts.offset_moved(committed, hint)),
        },
    }
}
