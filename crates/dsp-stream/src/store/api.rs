//! The trait of all stores, and the types of its calls.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::lease::{Lease, Manifest, ManifestUpdate};
use super::record::{Format, Record};
use crate::error::Result;

/// A call of a store under way.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// It replaces all versions.
    Only,
    /// It replaces one version and leaves the other: the one named, else the newest. Only with a name may the call be
    /// repeated: otherwise the newest is then the one it has written.
    Alternate {
        /// Offset of the version to keep.
        keep: Option<i64>,
    },
}

/// A record to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Key within the scope.
    pub key: Vec<u8>,
    /// State bytes.
    pub state: Vec<u8>,
    /// How the state is written.
    pub format: Format,
    /// Offset of the last message applied.
    pub offset: Option<i64>,
    /// Where it goes.
    pub slot: Slot,
}

/// Outcome of `compare_and_set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// Whether the value was written.
    pub ok: bool,
    /// The version that is there now, 0 = none.
    pub version: u64,
}

/// Some records of a scope.
#[derive(Debug, Default)]
pub struct Page {
    /// Keys with their newest records.
    pub entries: Vec<(Vec<u8>, Record)>,
    /// Where to go on; `None` = that was all.
    pub next: Option<Vec<u8>>,
}

/// Counters since creation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Records asked for.
    pub reads: u64,
    /// Records written.
    pub writes: u64,
    /// State bytes read.
    pub bytes_read: u64,
    /// State bytes written.
    pub bytes_written: u64,
    /// Writes refused because the scope has another owner.
    pub fenced: u64,
    /// Calls that failed otherwise.
    pub errors: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Calls, and the sum of their times in ms.
    pub calls: u64,
    /// Sum of the times of the calls in ms.
    pub latency_ms: f64,
}

/// Keeps states. All kinds behave the same.
pub trait StateStore: Send + Sync {
    /// `redis`, `embedded` or `memory`.
    fn kind(&self) -> &'static str;
    /// A UUID made with the store.
    fn store_id(&self) -> &str;
    /// Takes a scope over: from here on no former owner writes.
    fn acquire<'a>(&'a self, scope: &'a str, owner: &'a str) -> Call<'a, Lease>;
    /// The manifest as it stands, if one was ever written.
    fn manifest<'a>(&'a self, scope: &'a str) -> Call<'a, Option<Manifest>>;
    /// The versions of each key, newest first.
    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Call<'a, Vec<Vec<Record>>>;
    /// Writes records, then the manifest.
    fn put<'a>(&'a self, lease: &'a Lease, entries: &'a [Entry], manifest: Option<&'a ManifestUpdate>) -> Call<'a, ()>;
    /// Writes (or with `None` deletes) a value if `expected` is its version, 0 = there is none.
    fn compare_and_set<'a>(
        &'a self,
        scope: &'a str,
        key: &'a [u8],
        expected: u64,
        state: Option<(Format, &'a [u8])>,
        ttl: Option<Duration>,
    ) -> Call<'a, Swap>;
    /// Some records after `from`, about `limit` of them.
    fn scan<'a>(&'a self, scope: &'a str, from: Option<&'a [u8]>, limit: usize) -> Call<'a, Page>;
    /// Removes one key, or the whole scope with its manifest; gives the number of keys removed.
    fn remove<'a>(&'a self, scope: &'a str, key: Option<&'a [u8]>) -> Call<'a, u64>;
    /// Gives a lease back: from here on it writes nothing. Without effect where the scope has another owner.
    fn release<'a>(&'a self, lease: &'a Lease) -> Call<'a, ()>;
    /// Asks whether the store answers.
    fn ping(&self) -> Call<'_, ()>;
    /// Counters since creation.
    fn metrics(&self) -> Metrics;
    /// Frees the store; calls after it fail.
    fn close(&self) -> Call<'_, ()>;
}
