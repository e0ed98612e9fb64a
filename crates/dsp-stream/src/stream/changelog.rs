//! The records of the changelog: a compacted topic with the records of all checkpoints, from which an empty or outdated
//! store is filled.
//!
//! Same partition as the input; key = topic, a zero byte, the state's key; value = the record's bytes. The marker of a
//! topic has its name alone as the key, and a record without a state as the value: what its owner and those after it
//! have written is complete. Records of owners before it do not count, wherever they are in the log. Besides there are
//! the texts of the definitions that states belong to, with the topic and the beginning of the hash in their keys.

use super::protocol::settings::Settings;
use crate::store::{Entry, Format, Slot, new_record, short};
use crate::topic::KeyedRecord;

/// Begins the keys of definitions: no topic's name does.
const PIPELINE: &[u8] = b"\0pipeline\0";

/// The beginning of the keys of a topic's definitions.
pub fn pipeline_prefix(topic: &str) -> Vec<u8> {
    [PIPELINE, topic.as_bytes(), b"\0"].concat()
}

/// The text of the definition that the states of a topic belong to from here on.
pub fn pipeline(settings: &Settings, seq: u64, epoch: i64) -> KeyedRecord {
    let (state, id) = (settings.pipeline.as_bytes().to_vec(), short(&settings.definition));
    let entry = Entry { key: vec![], state, format: Format::Json, offset: None, definition: None, slot: Slot::Only };
    let key = [&*pipeline_prefix(&settings.source.topic), &id].concat();
    (key, Some(new_record(&entry, seq, epoch, &settings.definition).encode(false)))
}

/// The key in the changelog of a state's key.
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
