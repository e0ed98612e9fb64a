//! The semantics of a store over ordered keys and values: for memory and the embedded database alike.
//!
//! Keys: `m` 0 scope for the manifest, `k` 0 scope 0 key slot for a record; a value is the time of its end (f64 ms, ∞ =
//! never) and the bytes. Version and slot are told apart by the last byte.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::kv::{Kv, MemoryKv, Tx};
use super::record::{Format, Record};
use super::trail::Write;
use super::{
    Call, Counters, Entry, Lease, Manifest, ManifestUpdate, Metrics, Page, Slot, StateStore, Swap, broken, check_scope,
    closed, fenced, mark_of, new_id, now_ms, scope_changed,
};
use crate::error::Result;

/// A store over `K`.
pub(super) struct LocalStore<K> {
    inner: Arc<Inner<K>>,
    kind: &'static str,
    blocking: bool,
    store_id: String,
}

struct Inner<K> {
    /// Nothing once closed: the last store of a process to let go frees the files.
    kv: RwLock<Option<Arc<K>>>,
    counters: Counters,
    ttl: Option<Duration>,
    store_id: String,
}

/// A store in memory, for tests.
pub fn memory() -> Arc<dyn StateStore> {
    let id = uuid::Uuid::from_bytes(new_id()).to_string();
    Arc::new(LocalStore::new("memory", Arc::new(MemoryKv::default()), id, None, false))
}

impl<K: Kv> LocalStore<K> {
    pub(super) fn new(kind: &'static str, kv: Arc<K>, id: String, ttl: Option<Duration>, blocking: bool) -> Self {
        let (counters, kv) = (Counters::default(), RwLock::new(Some(kv)));
        Self { inner: Arc::new(Inner { kv, counters, ttl, store_id: id.clone() }), kind, blocking, store_id: id }
    }

    /// Runs `call`, on a thread that may block where the database does.
    fn run<'a, T: Send + 'static>(&'a self, call: impl FnOnce(&Inner<K>) -> Result<T> + Send + 'static) -> Call<'a, T> {
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

fn manifest_key(scope: &str) -> Vec<u8> {
    [b"m\0", scope.as_bytes()].concat()
}

fn record_key(scope: &str, key: &[u8], slot: u8) -> Vec<u8> {
    [b"k\0", scope.as_bytes(), b"\0", key, &[slot]].concat()
}

/// The first and last key of a scope's records.
fn record_range(scope: &str) -> (Vec<u8>, Vec<u8>) {
    ([b"k\0", scope.as_bytes(), b"\0"].concat(), [b"k\0", scope.as_bytes(), b"\x01"].concat())
}

fn with_end(ttl: Option<Duration>, bytes: &[u8]) -> Vec<u8> {
    let end = ttl.map_or(f64::INFINITY, |ttl| now_ms() + ttl.as_secs_f64() * 1e3);
    [&end.to_le_bytes(), bytes].concat()
}

/// The bytes of a value that has not ended.
fn live(value: &[u8]) -> Option<&[u8]> {
    let (end, bytes) = value.split_first_chunk::<8>()?;
    (f64::from_le_bytes(*end) > now_ms()).then_some(bytes)
}

fn read_manifest(tx: &dyn Tx, scope: &str) -> Result<Option<Manifest>> {
    let Some(value) = tx.get(&manifest_key(scope))? else { return Ok(None) };
    let Some(bytes) = live(&value) else { return Ok(None) };
    serde_json::from_slice(bytes).map(Some).map_err(|e| broken("CORRUPT", format!("the manifest of {scope}: {e}")))
}

/// Both slots of a key.
fn read_slots(tx: &dyn Tx, scope: &str, key: &[u8]) -> Result<[Option<Record>; 2]> {
    let read = |slot| -> Result<Option<Record>> {
        match tx.get(&record_key(scope, key, slot))? {
            Some(value) => live(&value).map(Record::decode).transpose(),
            None => Ok(None),
        }
    };
    Ok([read(0)?, read(1)?])
}

fn newest_first(slots: [Option<Record>; 2]) -> Vec<Record> {
    let mut records: Vec<Record> = slots.into_iter().flatten().collect();
    records.sort_by_key(|r| std::cmp::Reverse(r.version));
    records
}

/// A version and its offset.
pub(crate) type Version = (u64, Option<i64>);

/// The slot that an alternating write replaces: not that of the offset to keep, without one (or where it is gone) not the
/// newest version.
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

impl<K: Kv> Inner<K> {
    fn read<T>(&self, mut body: impl FnMut(&dyn Tx) -> Result<T>) -> Result<T> {
        self.transact(false, |tx| body(tx))
    }

    fn transact<T>(&self, write: bool, mut body: impl FnMut(&mut dyn Tx) -> Result<T>) -> Result<T> {
        let mut out = None;
        let kv = self.kv.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        kv.transact(write, &mut |tx| {
            out = Some(body(tx)?);
            Ok(())
        })?;
        out.ok_or_else(|| broken("STORE_FAILED", "the transaction did not run"))
    }

    fn write_manifest(&self, tx: &mut dyn Tx, scope: &str, manifest: &Manifest) -> Result<()> {
        let bytes = serde_json::to_vec(manifest).map_err(|e| broken("STORE_FAILED", e.to_string()))?;
        tx.put(&manifest_key(scope), &with_end(self.ttl.map(|ttl| 2 * ttl), &bytes))
    }

    fn acquire(&self, scope: &str, owner: &str) -> Result<Lease> {
        check_scope(scope)?;
        self.transact(true, |tx| {
            let before = read_manifest(tx, scope)?;
            let epoch = before.as_ref().map_or(0, |m| m.epoch + 1).max(now_ms() as i64);
            let store_id = self.store_id.clone();
            let base = before.clone().unwrap_or_else(|| Manifest { store_id, ..Manifest::default() });
            self.write_manifest(tx, scope, &Manifest { epoch, owner: owner.to_owned(), mark: mark_of(epoch), ..base })?;
            // Without a checkpoint there is only an owner.
            let manifest = before.filter(|m| m.updated_at > 0.0);
            Ok(Lease { scope: scope.to_owned(), epoch, owner: owner.to_owned(), manifest, trail: None })
        })
    }

    fn get_many(&self, scope: &str, keys: &[Vec<u8>]) -> Result<Vec<Vec<Record>>> {
        let records: Vec<Vec<Record>> =
            self.read(|tx| keys.iter().map(|key| Ok(newest_first(read_slots(tx, scope, key)?))).collect())?;
        self.counters.read(keys.len(), &records);
        Ok(records)
    }

    fn put(&self, lease: &Lease, entries: &[Entry], update: Option<&ManifestUpdate>) -> Result<()> {
        let trail = lease.trail.as_deref();
        let write = Write::begin(trail);
        let mark = write.mark(0);
        self.transact(true, |tx| {
            let stored = read_manifest(tx, &lease.scope)?.unwrap_or_default();
            if stored.epoch > lease.epoch {
                return Err(fenced(lease, stored.epoch, stored.owner));
            }
            if !write.follows(&stored.mark) {
                return Err(scope_changed(&lease.scope));
            }
            let (epoch, owner) = (lease.epoch, lease.owner.clone());
            let mut manifest = Manifest { epoch, owner, mark: mark.clone(), ..stored };
            if let Some(update) = update {
                manifest = updated(manifest, update, &self.store_id);
            }
            for entry in entries {
                self.put_entry(tx, lease, entry, &manifest.definition)?;
            }
            self.write_manifest(tx, &lease.scope, &manifest)
        })?;
        write.done(trail, mark);
        self.counters.wrote(entries.len(), entries.iter().map(|e| e.state.len()).sum());
        Ok(())
    }

    fn release(&self, lease: &Lease) -> Result<()> {
        self.transact(true, |tx| match read_manifest(tx, &lease.scope)? {
            Some(stored) if stored.epoch == lease.epoch => {
                let freed = Manifest { epoch: lease.epoch + 1, owner: String::new(), ..stored };
                self.write_manifest(tx, &lease.scope, &freed)
            }
            _ => Ok(()),
        })
    }

    fn put_entry(&self, tx: &mut dyn Tx, lease: &Lease, entry: &Entry, definition: &str) -> Result<()> {
        let slots = read_slots(tx, &lease.scope, &entry.key)?;
        let versions = slots.map(|slot| slot.map(|r| (r.version, r.offset)));
        let newest = versions.iter().flatten().map(|(version, _)| *version).max().unwrap_or(0);
        let record = new_record(entry, newest + 1, lease.epoch, definition);
        let bytes = with_end(self.ttl, &record.encode(false));
        let slot = match entry.slot {
            Slot::Only => {
                tx.delete(&record_key(&lease.scope, &entry.key, 1))?;
                0
            }
            Slot::Alternate { keep } => slot_to_replace(versions, keep),
        };
        tx.put(&record_key(&lease.scope, &entry.key, slot as u8), &bytes)
    }

    fn compare_and_set(
        &self,
        scope: &str,
        key: &[u8],
        expected: u64,
        state: Option<(Format, Vec<u8>)>,
        ttl: Option<Duration>,
    ) -> Result<Swap> {
        check_scope(scope)?;
        let swap = self.transact(true, |tx| {
            let found = newest_first(read_slots(tx, scope, key)?).first().map_or(0, |r| r.version);
            if found != expected {
                return Ok(Swap { ok: false, version: found });
            }
            tx.delete(&record_key(scope, key, 1))?;
            let Some((format, state)) = &state else {
                tx.delete(&record_key(scope, key, 0))?;
                return Ok(Swap { ok: true, version: 0 });
            };
            let record = value_record(*format, state, expected + 1);
            tx.put(&record_key(scope, key, 0), &with_end(ttl.or(self.ttl), &record.encode(false)))?;
            Ok(Swap { ok: true, version: record.version })
        })?;
        if swap.ok {
            self.counters.wrote(1, state.map_or(0, |(_, s)| s.len()));
        }
        Ok(swap)
    }

    fn scan(&self, scope: &str, from: Option<&[u8]>, limit: usize) -> Result<Page> {
        let (first, last) = record_range(scope);
        let start = from.map_or_else(|| first.clone(), <[u8]>::to_vec);
        let pairs = self.read(|tx| tx.range(&start, &last, 2 * limit))?;
        let more = pairs.len() == 2 * limit;
        let mut entries: Vec<(Vec<u8>, Record)> = Vec::new();
        let mut next = None;
        for (name, value) in &pairs {
            let key = &name[first.len()..name.len() - 1];
            // The last key of a full page may have its other version on the next one.
            next = more.then(|| record_key(scope, key, 0));
            let Some(record) = live(value).map(Record::decode).transpose()? else { continue };
            match entries.last_mut() {
                Some((last, newest)) if last == key => {
                    if record.version > newest.version {
                        *newest = record;
                    }
                }
                _ => entries.push((key.to_vec(), record)),
            }
        }
        if more && entries.len() > 1 {
            entries.pop();
        }
        Ok(Page { entries, next })
    }

    fn remove(&self, scope: &str, key: Option<&[u8]>) -> Result<u64> {
        self.transact(true, |tx| {
            if let Some(key) = key {
                let found = read_slots(tx, scope, key)?.iter().any(Option::is_some);
                tx.delete(&record_key(scope, key, 0))?;
                tx.delete(&record_key(scope, key, 1))?;
                return Ok(u64::from(found));
            }
            let (first, last) = record_range(scope);
            let names: Vec<Vec<u8>> = tx.range(&first, &last, usize::MAX)?.into_iter().map(|(name, _)| name).collect();
            let mut keys: Vec<&[u8]> = names.iter().map(|name| &name[..name.len() - 1]).collect();
            keys.dedup();
            for name in &names {
                tx.delete(name)?;
            }
            tx.delete(&manifest_key(scope))?;
            Ok(keys.len() as u64)
        })
    }
}

/// The manifest after a checkpoint.
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

/// A record of a checkpoint.
pub(crate) fn new_record(entry: &Entry, version: u64, epoch: i64, definition: &str) -> Record {
    let hash = definition.as_bytes();
    Record {
        state: entry.state.clone(),
        format: entry.format,
        offset: entry.offset,
        version,
        epoch,
        definition: std::array::from_fn(|i| hash.get(i).copied().unwrap_or(0)),
        updated_at: now_ms(),
        write_id: new_id(),
    }
}

/// A record of `compare_and_set`.
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
