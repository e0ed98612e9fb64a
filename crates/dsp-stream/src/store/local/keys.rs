//! The layout of a store over ordered keys and values.
//!
//! Keys: `m` 0 scope for the manifest, `k` 0 scope 0 key slot for a record; a value is its expiry time (f64 ms, ∞ =
//! never) and the bytes. The last byte distinguishes version and slot.

use std::time::Duration;

use super::super::failures::broken;
use super::super::kv::Tx;
use super::super::lease::Manifest;
use super::super::record::Record;
use super::super::stamps::now_ms;
use crate::error::Result;

/// Returns the key of a scope's manifest.
pub(super) fn manifest_key(scope: &str) -> Vec<u8> {
    [b"m\0", scope.as_bytes()].concat()
}

/// Returns the key of a record in slot 0 or 1.
pub(super) fn record_key(scope: &str, key: &[u8], slot: u8) -> Vec<u8> {
    [b"k\0", scope.as_bytes(), b"\0", key, &[slot]].concat()
}

/// Returns the first and last key of a scope's records.
pub(super) fn record_range(scope: &str) -> (Vec<u8>, Vec<u8>) {
    ([b"k\0", scope.as_bytes(), b"\0"].concat(), [b"k\0", scope.as_bytes(), b"\x01"].concat())
}

/// Returns a value that expires after `ttl`.
pub(super) fn with_end(ttl: Option<Duration>, bytes: &[u8]) -> Vec<u8> {
    let end = ttl.map_or(f64::INFINITY, |ttl| now_ms() + ttl.as_secs_f64() * 1e3);
    [&end.to_le_bytes(), bytes].concat()
}

/// Returns the bytes of a value that has not expired.
pub(super) fn live(value: &[u8]) -> Option<&[u8]> {
    let (end, bytes) = value.split_first_chunk::<8>()?;
    (f64::from_le_bytes(*end) > now_ms()).then_some(bytes)
}

/// Returns the manifest of a scope, unless it has expired.
pub(super) fn read_manifest(tx: &dyn Tx, scope: &str) -> Result<Option<Manifest>> {
    let Some(value) = tx.get(&manifest_key(scope))? else { return Ok(None) };
    let Some(bytes) = live(&value) else { return Ok(None) };
    serde_json::from_slice(bytes).map(Some).map_err(|e| broken("CORRUPT", format!("the manifest of {scope}: {e}")))
}

/// Returns the records in both slots of a key.
pub(super) fn read_slots(tx: &dyn Tx, scope: &str, key: &[u8]) -> Result<[Option<Record>; 2]> {
    let read = |slot| -> Result<Option<Record>> {
        match tx.get(&record_key(scope, key, slot))? {
            Some(value) => live(&value).map(Record::decode).transpose(),
            None => Ok(None),
        }
    };
    Ok([read(0)?, read(1)?])
}

/// Returns the versions of a key, newest first.
pub(super) fn newest_first(slots: [Option<Record>; 2]) -> Vec<Record> {
    let mut records: Vec<Record> = slots.into_iter().flatten().collect();
    records.sort_by_key(|r| std::cmp::Reverse(r.version));
    records
}
