//! Reading and removing records.

use redis::Pipeline;
use std::collections::HashMap;

use super::super::api::Page;
use super::super::failures::check_scope;
use super::super::lease::Manifest;
use super::super::record::Record;
use super::link::Request;
use super::manifest::manifest_of;
use super::store::RedisStore;
use crate::error::Result;

/// Largest number of keys read in one round trip.
const READ_AT_ONCE: usize = 1000;

impl RedisStore {
    pub(super) async fn read_manifest(&self, scope: &str) -> Result<Option<Manifest>> {
        check_scope(scope)?;
        let name = self.names.manifest(scope);
        let fields: HashMap<String, String> = self.ask(Request::At(redis::cmd("HGETALL").arg(&name), &name)).await?;
        Ok(fields.contains_key("seq").then(|| manifest_of(&fields)))
    }

    pub(super) async fn read_records(&self, scope: &str, keys: &[Vec<u8>]) -> Result<Vec<Vec<Record>>> {
        check_scope(scope)?;
        let mut all = Vec::with_capacity(keys.len());
        for keys in keys.chunks(READ_AT_ONCE) {
            let mut pipe = Pipeline::new();
            for key in keys {
                pipe.cmd("HMGET").arg(self.names.record(scope, key)).arg("0").arg("1");
            }
            let slots: Vec<Vec<Option<Vec<u8>>>> = self.ask(Request::Many(&pipe)).await?;
            all.extend(slots.into_iter().map(decode_all).collect::<Result<Vec<_>>>()?);
        }
        Ok(all)
    }

    /// Returns names of records of a scope, and the cursor at which to continue; in a cluster they are all on one
    /// server.
    pub(super) async fn scan_names(&self, scope: &str, cursor: u64, limit: usize) -> Result<(u64, Vec<String>)> {
        check_scope(scope)?;
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(self.names.pattern(scope)).arg("COUNT").arg(limit.max(100));
        self.ask(Request::At(&cmd, &self.names.manifest(scope))).await
    }

    pub(super) async fn scan_page(&self, scope: &str, from: Option<&[u8]>, limit: usize) -> Result<Page> {
        let cursor = from.and_then(|c| std::str::from_utf8(c).ok()?.parse().ok()).unwrap_or(0);
        let (next, names) = self.scan_names(scope, cursor, limit).await?;
        let next = (next != 0).then(|| next.to_string().into_bytes());
        if names.is_empty() {
            return Ok(Page { entries: Vec::new(), next });
        }
        let mut pipe = Pipeline::new();
        for name in &names {
            pipe.cmd("HMGET").arg(name).arg("0").arg("1").arg("k");
        }
        let found: Vec<Vec<Option<Vec<u8>>>> = self.ask(Request::Many(&pipe)).await?;
        let mut entries = Vec::with_capacity(names.len());
        for (name, mut fields) in names.iter().zip(found) {
            let key = fields.pop().flatten().unwrap_or_else(|| self.names.key(scope, name));
            if let Some(record) = decode_all(fields)?.into_iter().next() {
                entries.push((key, record));
            }
        }
        Ok(Page { entries, next })
    }

    pub(super) async fn remove_keys(&self, scope: &str, key: Option<&[u8]>) -> Result<u64> {
        check_scope(scope)?;
        if let Some(key) = key {
            return self.delete(&[self.names.record(scope, key)]).await;
        }
        let (mut cursor, mut removed) = (0, 0);
        loop {
            let (next, names) = self.scan_names(scope, cursor, 1000).await?;
            if !names.is_empty() {
                removed += self.delete(&names).await?;
            }
            if next == 0 {
                break;
            }
            cursor = next;
        }
        self.delete(&[self.names.manifest(scope)]).await?;
        Ok(removed)
    }

    /// Deletes records of one scope by name; returns how many.
    pub(super) async fn delete(&self, names: &[String]) -> Result<u64> {
        let mut del = redis::cmd("DEL");
        del.arg(names);
        self.ask(Request::At(&del, &names[0])).await
    }
}

fn decode_all(slots: Vec<Option<Vec<u8>>>) -> Result<Vec<Record>> {
    let mut records = slots.iter().flatten().map(|r| Record::decode(r)).collect::<Result<Vec<_>>>()?;
    records.sort_by_key(|r| std::cmp::Reverse(r.version));
    Ok(records)
}
