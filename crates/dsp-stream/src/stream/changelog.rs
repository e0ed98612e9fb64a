//! The records of the changelog: a compacted topic with the records of all checkpoints, from which an empty or outdated
//! store is filled.
//!
//! Same partition as the input; key = topic, a zero byte, the state's key; value = the record's bytes. The marker of a
//! topic has only the topic's name as its key, and a record without a state as its value: the records of its owner and
//! of later owners are complete. Records of earlier owners do not count, wherever they are in the log.

use crate::store::{Entry, Format, Slot, new_record};
use crate::topic::KeyedRecord;

/// Returns the key in the changelog for a state's key.
pub fn record_key(topic: &str, key: &[u8]) -> Vec<u8> {
    [topic.as_bytes(), b"\0", key].concat()
}

/// Returns the changelog's record of a state in a checkpoint.
pub fn record(topic: &str, entry: &Entry, seq: u64, epoch: i64, definition: &str) -> KeyedRecord {
    (record_key(topic, &entry.key), Some(new_record(entry, seq, epoch, definition).encode(false)))
}

/// Returns the marker of a topic: from it on the changelog has all states.
pub fn marker(topic: &str, seq: u64, epoch: i64, definition: &str) -> KeyedRecord {
    let entry =
        Entry { key: vec![], state: vec![], format: Format::Toon, offset: None, definition: None, slot: Slot::Only };
    (topic.as_bytes().to_vec(), Some(new_record(&entry, seq, epoch, definition).encode(false)))
}
