//! A manifest as the fields of a hash.

use std::collections::HashMap;

use super::super::lease::Manifest;

/// Returns the fields of a manifest that a checkpoint sets.
pub(super) fn manifest_fields(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("seq", manifest.seq.to_string()),
        ("seqEpoch", manifest.seq_epoch.to_string()),
        ("changelog", manifest.changelog.clone().unwrap_or_default()),
        ("definition", manifest.definition.clone()),
        ("guarantee", manifest.guarantee.clone()),
        ("partitions", manifest.partitions.to_string()),
        ("storeId", manifest.store_id.clone()),
        ("updatedAt", manifest.updated_at.to_string()),
    ];
    fields.extend(manifest.next_offset.map(|offset| ("nextOffset", offset.to_string())));
    fields
}

/// Returns the manifest with these fields.
pub(super) fn manifest_of(fields: &HashMap<String, String>) -> Manifest {
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Manifest {
        epoch: text("epoch").parse().unwrap_or(0),
        owner: text("owner"),
        next_offset: text("nextOffset").parse().ok(),
        seq: text("seq").parse().unwrap_or(0),
        definition: text("definition"),
        guarantee: text("guarantee"),
        partitions: text("partitions").parse().unwrap_or(0),
        store_id: text("storeId"),
        updated_at: text("updatedAt").parse().unwrap_or(0.0),
        seq_epoch: text("seqEpoch").parse().unwrap_or(0),
        mark: text("mark"),
        changelog: Some(text("changelog")).filter(|topic| !topic.is_empty()),
    }
}
