//! The trait of all stores, with the types of its calls.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::lease::{Lease, Manifest, ManifestUpdate};
use super::record::{Format, Record};
use crate::error::Result;

/// A call of a store under way.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// The slot into which a record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// Replaces all versions.
    Only,
    /// Replaces one version and keeps the other: the named one, else the newest. Only a call with a name may be
    /// repeated; without one, the repeated call would keep the version that it has just written.
    Alternate {
        /// Offset of the version to keep.
        keep: Option<i64>,
    },
    /// It is none: all versions are removed.
    Gone,
}

/// A record to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Key within the scope.
    pub key: Vec<u8>,
    /// State bytes.
    pub state: Vec<u8>,
    /// Encoding of the state.
    pub format: Format,
    /// Offset of the last message applied.
    pub offset: Option<i64>,
    /// First 8 bytes of the hash of the pipeline that the state belongs to; `None`: that of the manifest.
    pub definition: Option<[u8; 8]>,
    /// Where it goes.
    pub slot: Slot,
}

/// Result of `compare_and_set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// Whether the value was written.
    pub ok: bool,
    /// Version in the store afterwards, 0 = none.
    pub version: u64,
}

/// A page of records of a scope.
#[derive(Debug, Default)]
pub struct Page {
    /// Keys with their newest records.
    pub entries: Vec<(Vec<u8>, Record)>,
    /// Position at which to continue; `None` at the end.
    pub next: Option<Vec<u8>>,
}

/// Counters since creation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Records requested.
    pub reads: u64,
    /// Records written.
    pub writes: u64,
    /// State bytes read.
    pub bytes_read: u64,
    /// State bytes written.
    pub bytes_written: u64,
    /// Writes refused because another owner has acquired the scope.
    pub fenced: u64,
    /// Calls that failed for other reasons.
    pub errors: u64,
    /// Connections made after the first one.
    pub reconnects: u64,
    /// Number of calls.
    pub calls: u64,
    /// Sum of the times of the calls in ms.
    pub latency_ms: f64,
}

/// Stores states. All kinds behave the same.
pub trait StateStore: Send + Sync {
    /// Returns `redis`, `embedded` or `memory`.
    fn kind(&self) -> &'static str;
    /// Returns a UUID made with the store.
    fn store_id(&self) -> &str;
    /// Acquires a scope: from then on no former owner can write.
    fn acquire<'a>(&'a self, scope: &'a str, owner: &'a str) -> Call<'a, Lease>;
    /// Returns the current manifest, if one was ever written.
    fn manifest<'a>(&'a self, scope: &'a str) -> Call<'a, Option<Manifest>>;
    /// Returns the versions of each key, newest first.
    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Call<'a, Vec<Vec<Record>>>;
    /// Writes records, then the manifest.
    fn put<'a>(&'a self, lease: &'a Lease, entries: &'a [Entry], manifest: Option<&'a ManifestUpdate>) -> Call<'a, ()>;
    /// Writes (or with `None` deletes) a value if `expected` is its version; 0 = it does not exist.
    fn compare_and_set<'a>(
        &'a self,
        scope: &'a str,
        key: &'a [u8],
        expected: u64,
        state: Option<(Format, &'a [u8])>,
        ttl: Option<Duration>,
    ) -> Call<'a, Swap>;
    /// Returns the records after `from`, about `limit` of them.
    fn scan<'a>(&'a self, scope: &'a str, from: Option<&'a [u8]>, limit: usize) -> Call<'a, Page>;
    /// Removes one key, or the whole scope with its manifest; returns the number of keys removed.
    fn remove<'a>(&'a self, scope: &'a str, key: Option<&'a [u8]>) -> Call<'a, u64>;
    /// Gives a lease back: nothing can be written with it any more. Without effect if another owner has acquired the
    /// scope.
    fn release<'a>(&'a self, lease: &'a Lease) -> Call<'a, ()>;
    /// Checks that the store answers.
    fn ping(&self) -> Call<'_, ()>;
    /// Returns the counters since creation.
    fn metrics(&self) -> Metrics;
    /// Frees the store; later calls fail.
    fn close(&self) -> Call<'_, ()>;
}
