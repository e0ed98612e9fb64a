//! State stores: per scope one manifest and one record per key, fenced by epochs.
//!
//! A scope is owned by whoever acquired it last: a `put` compares the epoch of its lease with the stored one in the same
//! step as it writes, so that a former owner writes nothing. A record holds a state together with the offset of the last
//! message applied to it and is replaced as one.

mod embedded;
mod kv;
mod local;
mod pages;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod trail;

pub use embedded::{Durability, open as open_embedded};
pub use local::memory;
pub(crate) use local::new_record;
#[cfg(test)]
pub(crate) use local::slot_to_replace;
pub(crate) use pages::Pages;
pub use record::{Format, Record};
#[cfg(feature = "redis")]
pub use redis::{Config as RedisConfig, Tls as RedisTls, connect as connect_redis};
pub use trail::{Marks, Trail};

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};

/// A call of a store under way.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// What is known of a scope as a whole.
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
    /// What the stream promised when it wrote.
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
    /// With it every write has to find the one before it in the store (else `SCOPE_CHANGED`, and nothing is written): a store
    /// that loses writes of this owner is not written on. Without it only the epoch counts.
    pub trail: Option<Arc<Trail>>,
}

impl Lease {
    /// The same lease for an owner who wants to know when the store has lost something. For one write at a time.
    #[must_use]
    pub fn followed(self) -> Self {
        let trail = Arc::new(Trail::new(mark_of(self.epoch)));
        Self { trail: Some(trail), ..self }
    }

    /// What the scope may have as its mark now, where that is known.
    pub fn marks(&self) -> Marks {
        self.trail.as_ref().map(|trail| trail.marks()).unwrap_or_default()
    }
}

/// What an acquisition leaves as its mark.
fn mark_of(epoch: i64) -> String {
    format!("e{epoch}")
}

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

/// What a `put` sets in the manifest.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ManifestUpdate {
    /// Offset of the first message that is in no state; `None` leaves it.
    pub next_offset: Option<i64>,
    /// Checkpoints written.
    pub seq: u64,
    /// Names the pipeline.
    pub definition: String,
    /// What the stream promises.
    pub guarantee: String,
    /// Partitions of the topic.
    pub partitions: u32,
    /// The changelog that has all states, if one has.
    pub changelog: Option<String>,
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

/// A scope that every kind can hold.
fn check_scope(scope: &str) -> Result<()> {
    if scope.is_empty() || scope.len() > 1024 || scope.contains(['\0', '{', '}']) {
        return Err(Error::argument("scope must have 1 to 1024 bytes and neither braces nor zero characters"));
    }
    Ok(())
}

/// A failure that another try does not mend.
fn broken(code: &'static str, message: impl Into<String>) -> Error {
    Error::Store { code, message: message.into(), retriable: false }
}

pub(crate) fn fenced(lease: &Lease, theirs: i64, owner: String) -> Error {
    Error::Fenced { scope: lease.scope.clone(), ours: lease.epoch, theirs, owner }
}

/// What was read or is to be written does not fit to what the owner has written before.
pub(crate) fn scope_changed(scope: &str) -> Error {
    broken("SCOPE_CHANGED", format!("the store has lost what was written to {scope}"))
}

fn closed() -> Error {
    broken("CLOSED", "the state store is closed")
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}

fn new_id() -> [u8; 16] {
    *uuid::Uuid::new_v4().as_bytes()
}

/// Counts what a store does.
#[derive(Default)]
struct Counters {
    reads: AtomicU64,
    writes: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    fenced: AtomicU64,
    errors: AtomicU64,
    reconnects: AtomicU64,
    calls: AtomicU64,
    latency_us: AtomicU64,
}

impl Counters {
    /// Notes the end of a call.
    fn note<T>(&self, begun: Instant, result: Result<T>) -> Result<T> {
        self.calls.fetch_add(1, Relaxed);
        self.latency_us.fetch_add(begun.elapsed().as_micros() as u64, Relaxed);
        match &result {
            Err(Error::Fenced { .. }) => _ = self.fenced.fetch_add(1, Relaxed),
            Err(_) => _ = self.errors.fetch_add(1, Relaxed),
            Ok(_) => {}
        }
        result
    }

    fn read(&self, keys: usize, records: &[Vec<Record>]) {
        self.reads.fetch_add(keys as u64, Relaxed);
        let bytes: usize = records.iter().flatten().map(|r| r.state.len()).sum();
        self.bytes_read.fetch_add(bytes as u64, Relaxed);
    }

    fn wrote(&self, records: usize, bytes: usize) {
        self.writes.fetch_add(records as u64, Relaxed);
        self.bytes_written.fetch_add(bytes as u64, Relaxed);
    }

    fn metrics(&self) -> Metrics {
        let get = |n: &AtomicU64| n.load(Relaxed);
        Metrics {
            reads: get(&self.reads),
            writes: get(&self.writes),
            bytes_read: get(&self.bytes_read),
            bytes_written: get(&self.bytes_written),
            fenced: get(&self.fenced),
            errors: get(&self.errors),
            reconnects: get(&self.reconnects),
            calls: get(&self.calls),
            latency_ms: get(&self.latency_us) as f64 / 1e3,
        }
    }
}
