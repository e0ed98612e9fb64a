//! Writing: records in chunks of the size of one script, the manifest with the last one.

use std::time::Duration;

use super::super::api::{Entry, Slot, Swap};
use super::super::failures::{broken, check_scope, fenced, scope_changed};
use super::super::lease::{Lease, Manifest, ManifestUpdate};
use super::super::record::{Format, Record};
use super::super::stamps::now_ms;
use super::super::trail::Write;
use super::super::write::{new_record, updated, value_record};
use super::manifest::manifest_fields;
use super::names::hashed_key;
use super::store::{PUT, RedisStore, SWAP};
use crate::error::{Error, Result};

/// Largest value in bytes that Redis accepts (the default of `proto-max-bulk-len`).
const MAX_VALUE_BYTES: usize = 512 << 20;

impl RedisStore {
    pub(super) async fn put_all(
        &self,
        lease: &Lease,
        entries: &[Entry],
        update: Option<&ManifestUpdate>,
    ) -> Result<()> {
        let trail = lease.trail.as_deref();
        let write = Write::begin(trail);
        let chunks = self.chunks(entries);
        // A chunk knows by its predecessor's mark that the server has not lost that in the meantime. The first may find
        // any mark of this write: then it is a write that is made again, and all of its chunks follow.
        let (mut after, mut again) = (write.after.clone().unwrap_or_default(), write.prefix().to_owned());
        for (number, chunk) in chunks.iter().enumerate() {
            let (mark, is_last) = (write.mark(number), number + 1 == chunks.len());
            self.put_chunk(lease, chunk, update.filter(|_| is_last), [&mark, &after, &again]).await?;
            (after, again) = (mark, write.mark(number + 1));
            if !is_last {
                crate::failpoint!("store-chunk");
            }
        }
        if update.is_some() {
            self.replicate(&lease.scope).await?;
        }
        write.done(trail, after);
        self.counters.wrote(entries.len(), entries.iter().map(|e| e.state.len()).sum());
        Ok(())
    }

    /// Divides entries into chunks of the size of one script; without entries there is one empty chunk.
    pub(super) fn chunks<'a>(&self, entries: &'a [Entry]) -> Vec<&'a [Entry]> {
        let (mut chunks, mut begin, mut bytes) = (Vec::new(), 0, 0);
        for (i, entry) in entries.iter().enumerate() {
            let full = i - begin >= self.config.chunk_keys || bytes + entry.state.len() > self.config.chunk_bytes;
            if full && i > begin {
                chunks.push(&entries[begin..i]);
                (begin, bytes) = (i, 0);
            }
            bytes += entry.state.len();
        }
        if begin < entries.len() || entries.is_empty() {
            chunks.push(&entries[begin..]);
        }
        chunks
    }

    /// Writes one chunk of records, and the manifest if it is given. `marks`: the own mark; the mark that must be
    /// there, if any; the prefix of marks that may be there instead.
    pub(super) async fn put_chunk(
        &self,
        lease: &Lease,
        entries: &[Entry],
        update: Option<&ManifestUpdate>,
        marks: [&str; 3],
    ) -> Result<()> {
        let mut keys = vec![self.names.manifest(&lease.scope)];
        keys.extend(entries.iter().map(|e| self.names.record(&lease.scope, &e.key)));
        let definition = update.map_or("", |u| u.definition.as_str());
        // A clock in µs makes versions that rise over owners, mostly; the script says where it does not.
        let mut version = (now_ms() * 1e3) as u64;
        // Each record keeps its write id through all tries, so that a repeated one takes its own place.
        let mut records: Vec<Record> = entries.iter().map(|e| new_record(e, 0, lease.epoch, definition)).collect();
        loop {
            let head = [lease.epoch.to_string(), lease.owner.clone(), self.ttl_ms().to_string(), version.to_string()];
            let mut args = head.map(String::into_bytes).to_vec();
            args.push(entries.len().to_string().into_bytes());
            args.extend(marks.map(Into::into));
            for (entry, record) in entries.iter().zip(&mut records) {
                let (mode, keep) = match entry.slot {
                    Slot::Only => ("only", None),
                    Slot::Alternate { keep } => ("alternate", keep),
                    Slot::Gone => ("gone", None),
                };
                record.version = version;
                let keep = keep.map_or(String::new(), |k| k.to_string());
                let value = checked_size(record.encode(self.config.compress))?;
                args.extend([mode.into(), keep.into_bytes(), value, hashed_key(&entry.key)]);
            }
            if let Some(update) = update {
                let manifest = Manifest { epoch: lease.epoch, ..Manifest::default() };
                let manifest = updated(manifest, update, &self.store_id);
                args.extend(manifest_fields(&manifest).into_iter().flat_map(|(k, v)| [k.into(), v.into_bytes()]));
            }
            let answer: Vec<String> = self.run((&self.put, PUT), &keys, &args, self.config.retry_for).await?;
            match answer.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["ok"] => return Ok(()),
                ["fenced", epoch, owner] => return Err(fenced(lease, epoch.parse().unwrap_or(0), owner.to_owned())),
                ["changed"] => return Err(scope_changed(&lease.scope)),
                ["version", highest] => version = highest.parse::<u64>().unwrap_or(version) + 1,
                _ => return Err(broken("STORE_FAILED", "Redis gave an odd answer to a put")),
            }
        }
    }

    pub(super) async fn swap_value(
        &self,
        scope: &str,
        key: &[u8],
        expected: u64,
        state: Option<(Format, &[u8])>,
        ttl: Option<Duration>,
    ) -> Result<Swap> {
        check_scope(scope)?;
        let encode = |(format, state)| value_record(format, state, expected + 1).encode(self.config.compress);
        let record = state.map(encode).map(checked_size).transpose()?;
        let ttl = ttl.map_or(self.ttl_ms(), |ttl| ttl.as_millis());
        let mut args =
            vec![expected.to_string().into_bytes(), record.unwrap_or_default(), ttl.to_string().into_bytes()];
        args.extend([b"1".to_vec(), hashed_key(key)]);
        let (script, keys) = ((&self.swap, SWAP), [self.names.record(scope, key)]);
        let first = self.run(script, &keys, &args, Duration::ZERO).await;
        let (ok, version): (u8, u64) = match first {
            // Only the first try of a deletion can tell that nothing was there: its reply may have been lost.
            Err(Error::Store { retriable: true, .. }) => {
                args[3] = b"0".to_vec();
                self.run(script, &keys, &args, self.config.retry_for).await?
            }
            other => other?,
        };
        if ok == 1 {
            self.counters.wrote(1, state.map_or(0, |(_, s)| s.len()));
        }
        Ok(Swap { ok: ok == 1, version })
    }
}

/// Returns the value, unless it is larger than Redis accepts: the server would close the connection, which would look
/// like an outage.
fn checked_size(value: Vec<u8>) -> Result<Vec<u8>> {
    if value.len() <= MAX_VALUE_BYTES {
        return Ok(value);
    }
    let (mib, max) = (value.len() >> 20, MAX_VALUE_BYTES >> 20);
    Err(broken("TOO_LARGE", format!("a state of {mib} MiB is too large for Redis, which takes {max} MiB")))
}
