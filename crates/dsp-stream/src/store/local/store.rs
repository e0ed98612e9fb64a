//! A store over ordered keys and values.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::super::api::{Call, Entry, Metrics, Page, StateStore, Swap};
use super::super::counters::Counters;
use super::super::failures::broken;
use super::super::kv::{Kv, MemoryKv};
use super::super::lease::{Lease, Manifest, ManifestUpdate};
use super::super::record::{Format, Record};
use super::super::stamps::new_id;
use super::keys::read_manifest;
use super::scope::Inner;
use crate::error::Result;

/// A store over `K`.
pub struct LocalStore<K> {
    inner: Arc<Inner<K>>,
    kind: &'static str,
    blocking: bool,
    store_id: String,
}

/// Returns a store in memory, for tests.
pub fn memory() -> Arc<dyn StateStore> {
    let id = uuid::Uuid::from_bytes(new_id()).to_string();
    Arc::new(LocalStore::new("memory", Arc::new(MemoryKv::default()), id, None, false))
}

impl<K: Kv> LocalStore<K> {
    /// Returns a store of this kind over `kv`; `blocking`: its calls may block.
    pub fn new(kind: &'static str, kv: Arc<K>, id: String, ttl: Option<Duration>, blocking: bool) -> Self {
        let (counters, kv) = (Counters::default(), RwLock::new(Some(kv)));
        Self { inner: Arc::new(Inner { kv, counters, ttl, store_id: id.clone() }), kind, blocking, store_id: id }
    }

    /// Runs `call`, on a thread that may block if the database does.
    fn run<T: Send + 'static>(&self, call: impl FnOnce(&Inner<K>) -> Result<T> + Send + 'static) -> Call<'_, T> {
        let inner = Arc::clone(&self.inner);
        let noted = move || {
            let begun = Instant::now();
            let result = call(&inner);
            inner.counters.note(begun, result)
        };
        if !self.blocking {
            return Box::pin(async move { noted() });
        }
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(noted).await;
            task.unwrap_or_else(|e| Err(broken("STORE_FAILED", e.to_string())))
        })
    }
}

impl<K: Kv> StateStore for LocalStore<K> {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn store_id(&self) -> &str {
        &self.store_id
    }

    fn acquire<'a>(&'a self, scope: &'a str, owner: &'a str) -> Call<'a, Lease> {
        let (scope, owner) = (scope.to_owned(), owner.to_owned());
        self.run(move |inner| inner.acquire(&scope, &owner))
    }

    fn manifest<'a>(&'a self, scope: &'a str) -> Call<'a, Option<Manifest>> {
        let scope = scope.to_owned();
        // Without a checkpoint there is only an owner.
        self.run(move |inner| Ok(inner.read(|tx| read_manifest(tx, &scope))?.filter(|m| m.updated_at > 0.0)))
    }

    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Call<'a, Vec<Vec<Record>>> {
        let (scope, keys) = (scope.to_owned(), keys.to_vec());
        self.run(move |inner| inner.get_many(&scope, &keys))
    }

    fn put<'a>(&'a self, lease: &'a Lease, entries: &'a [Entry], manifest: Option<&'a ManifestUpdate>) -> Call<'a, ()> {
        let (lease, entries, manifest) = (lease.clone(), entries.to_vec(), manifest.cloned());
        self.run(move |inner| inner.put(&lease, &entries, manifest.as_ref()))
    }

    fn compare_and_set<'a>(
        &'a self,
        scope: &'a str,
        key: &'a [u8],
        expected: u64,
        state: Option<(Format, &'a [u8])>,
        ttl: Option<Duration>,
    ) -> Call<'a, Swap> {
        let (scope, key, state) = (scope.to_owned(), key.to_vec(), state.map(|(f, s)| (f, s.to_vec())));
        self.run(move |inner| inner.compare_and_set(&scope, &key, expected, state, ttl))
    }

    fn scan<'a>(&'a self, scope: &'a str, from: Option<&'a [u8]>, limit: usize) -> Call<'a, Page> {
        let (scope, from, limit) = (scope.to_owned(), from.map(<[u8]>::to_vec), limit.clamp(2, 100_000));
        self.run(move |inner| inner.scan(&scope, from.as_deref(), limit))
    }

    fn remove<'a>(&'a self, scope: &'a str, key: Option<&'a [u8]>) -> Call<'a, u64> {
        let (scope, key) = (scope.to_owned(), key.map(<[u8]>::to_vec));
        self.run(move |inner| inner.remove(&scope, key.as_deref()))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> Call<'a, ()> {
        let lease = lease.clone();
        self.run(move |inner| inner.release(&lease))
    }

    fn ping(&self) -> Call<'_, ()> {
        self.run(|inner| inner.read(|tx| tx.get(b"ping").map(|_| ())))
    }

    fn metrics(&self) -> Metrics {
        self.inner.counters.metrics()
    }

    fn close(&self) -> Call<'_, ()> {
        self.run(|inner| {
            inner.kv.write().unwrap_or_else(PoisonError::into_inner).take();
            Ok(())
        })
    }
}
