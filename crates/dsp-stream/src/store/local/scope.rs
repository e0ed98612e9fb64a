//! The calls of a store, each as one transaction.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::super::api::{Entry, Page, Slot, Swap};
use super::super::counters::Counters;
use super::super::failures::{broken, check_scope, closed, fenced, scope_changed};
use super::super::kv::{Kv, Tx};
use super::super::lease::{Lease, Manifest, ManifestUpdate, mark_of};
use super::super::record::{Format, Record};
use super::super::stamps::now_ms;
use super::super::trail::Write;
use super::super::write::{new_record, slot_to_replace, updated, value_record};
use super::keys::{live, manifest_key, newest_first, read_manifest, read_slots, record_key, record_range, with_end};
use crate::error::Result;

/// The database of a store, with the data for its calls.
pub(super) struct Inner<K> {
    /// The database; `None` once closed: the last store of a process frees the files.
    pub(super) kv: RwLock<Option<Arc<K>>>,
    pub(super) counters: Counters,
    pub(super) ttl: Option<Duration>,
    pub(super) store_id: String,
}

impl<K: Kv> Inner<K> {
    pub(super) fn read<T>(&self, mut body: impl FnMut(&dyn Tx) -> Result<T>) -> Result<T> {
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

    pub(super) fn acquire(&self, scope: &str, owner: &str) -> Result<Lease> {
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

    pub(super) fn get_many(&self, scope: &str, keys: &[Vec<u8>]) -> Result<Vec<Vec<Record>>> {
        let records: Vec<Vec<Record>> =
            self.read(|tx| keys.iter().map(|key| Ok(newest_first(read_slots(tx, scope, key)?))).collect())?;
        self.counters.read(keys.len(), &records);
        Ok(records)
    }

    pub(super) fn put(&self, lease: &Lease, entries: &[Entry], update: Option<&ManifestUpdate>) -> Result<()> {
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

    pub(super) fn release(&self, lease: &Lease) -> Result<()> {
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
            Slot::Gone => {
                tx.delete(&record_key(&lease.scope, &entry.key, 0))?;
                return tx.delete(&record_key(&lease.scope, &entry.key, 1));
            }
            Slot::Only => {
                tx.delete(&record_key(&lease.scope, &entry.key, 1))?;
                0
            }
            Slot::Alternate { keep } => slot_to_replace(versions, keep),
        };
        tx.put(&record_key(&lease.scope, &entry.key, slot as u8), &bytes)
    }

    pub(super) fn compare_and_set(
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

    pub(super) fn scan(&self, scope: &str, from: Option<&[u8]>, limit: usize) -> Result<Page> {
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

    pub(super) fn remove(&self, scope: &str, key: Option<&[u8]>) -> Result<u64> {
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
