//! The manifest and the records of a write, and the version that it replaces.

use super::api::Entry;
use super::lease::{Manifest, ManifestUpdate};
use super::record::{Format, Record};
use super::stamps::{new_id, now_ms};

/// Version and offset of a record.
pub(crate) type Version = (u64, Option<i64>);

/// Returns the slot that an alternating write replaces: the one without the offset to keep, or without such an offset
/// (or if that record is gone) the one that is not the newest.
pub(crate) fn slot_to_replace(slots: [Option<Version>; 2], keep: Option<i64>) -> usize {
    match slots {
        [None, _] => 0,
        [_, None] => 1,
        [Some((a, at_a)), Some((b, at_b))] => match keep {
            Some(_) if at_a == keep => 1,
            Some(_) if at_b == keep => 0,
            _ => usize::from(a > b),
        },
    }
}

/// Returns the manifest after a checkpoint.
pub(super) fn updated(manifest: Manifest, update: &ManifestUpdate, store_id: &str) -> Manifest {
    Manifest {
        next_offset: update.next_offset.or(manifest.next_offset),
        seq: update.seq.max(manifest.seq),
        seq_epoch: manifest.epoch,
        definition: update.definition.clone(),
        guarantee: update.guarantee.clone(),
        partitions: update.partitions,
        changelog: update.changelog.clone(),
        store_id: store_id.to_owned(),
        updated_at: now_ms(),
        ..manifest
    }
}

/// The part of a definition's hash that records hold: its first 8 bytes.
pub(crate) fn short(definition: &str) -> [u8; 8] {
    let hash = definition.as_bytes();
    std::array::from_fn(|i| hash.get(i).copied().unwrap_or(0))
}

/// A record of a checkpoint.
pub(crate) fn new_record(entry: &Entry, version: u64, epoch: i64, definition: &str) -> Record {
    Record {
        state: entry.state.clone(),
        format: entry.format,
        offset: entry.offset,
        version,
        epoch,
        definition: entry.definition.unwrap_or_else(|| short(definition)),
        updated_at: now_ms(),
        write_id: new_id(),
    }
}

/// Returns a record of `compare_and_set`.
pub(super) fn value_record(format: Format, state: &[u8], version: u64) -> Record {
    Record {
        state: state.to_vec(),
        format,
        offset: None,
        version,
        epoch: 0,
        definition: [0; 8],
        updated_at: now_ms(),
        write_id: new_id(),
    }
}
