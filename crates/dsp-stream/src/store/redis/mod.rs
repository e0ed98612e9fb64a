//! The Redis store (Redis ≥ 6 or Valkey): alone, in a cluster, or behind sentinels.
//!
//! Keys: `<prefix>:store` (the store's id), `<prefix>:{<scope>}:m` (hash: the manifest), `<prefix>:{<scope>}:k:<key>` (hash:
//! fields `0` and `1` hold records). The braces put a scope into one slot of a cluster, so that one script covers it.
//! All commands may be repeated safely: they are, until `retry_for` has passed.

mod link;
mod names;
mod target;

use redis::{Pipeline, Script, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::link::{Link, Request};
use self::names::{Names, untold};
use super::local::{new_record, updated, value_record};
use super::record::{Format, Record};
use super::trail::Write;
use super::{
    Call, Counters, Entry, Lease, Manifest, ManifestUpdate, Metrics, Page, Slot, StateStore, Swap, broken, check_scope,
    fenced, new_id, now_ms, scope_changed,
};
use crate::error::{Error, Result};

const PUT: &str = include_str!("put.lua");
const ACQUIRE: &str = include_str!("acquire.lua");
const RELEASE: &str = include_str!("release.lua");
const SWAP: &str = include_str!("swap.lua");
/// Under what name the connection's events are logged.
const TARGET: &str = module_path!();
/// The largest value that Redis takes (`proto-max-bulk-len` as it comes).
const MAX_VALUE_BYTES: usize = 512 << 20;
/// Keys read in one round trip.
const READ_AT_ONCE: usize = 1000;

/// Certificates and keys as PEM.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Authorities to trust instead of the usual ones.
    pub ca: Option<Vec<u8>>,
    /// Our certificate and its key.
    pub client: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether any certificate of the server will do.
    pub accept_any: bool,
}

/// How to reach the server, and how to use it.
#[derive(Debug, Clone)]
pub struct Config {
    /// `redis://`, `rediss://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://`, `redis+sentinel://`.
    pub url: String,
    /// First part of every key.
    pub prefix: String,
    /// How long a record lives after its last write.
    pub ttl: Option<Duration>,
    /// User, where not in the URL.
    pub username: Option<String>,
    /// Password, where not in the URL.
    pub password: Option<String>,
    /// Database, where not in the URL.
    pub db: Option<i64>,
    /// For TLS.
    pub tls: Tls,
    /// Bound of the first connection.
    pub connect_timeout: Duration,
    /// Bound of one command.
    pub command_timeout: Duration,
    /// First and longest pause between two tries to connect.
    pub reconnect: (Duration, Duration),
    /// How long a command waits for the server to come back.
    pub retry_for: Duration,
    /// State bytes per script.
    pub chunk_bytes: usize,
    /// Records per script.
    pub chunk_keys: usize,
    /// Whether states are compressed.
    pub compress: bool,
    /// Replicas that must have a manifest.
    pub wait_replicas: u32,
}

struct RedisStore {
    link: Link,
    names: Names,
    config: Config,
    store_id: String,
    counters: Counters,
    put: Script,
    acquire: Script,
    release: Script,
    swap: Script,
}

/// Connects, checks the version and gives the store.
///
/// # Errors
/// `Argument` for a URL that is none of ours; `Store` if the server does not answer in time or is too old.
pub async fn connect(config: Config) -> Result<(Arc<dyn StateStore>, Option<String>)> {
    // Fails only where it has been done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut store = RedisStore {
        link: Link::new(target::target(&config)?, &config),
        names: Names::new(&config.prefix),
        store_id: String::new(),
        counters: Counters::default(),
        put: Script::new(PUT),
        acquire: Script::new(ACQUIRE),
        release: Script::new(RELEASE),
        swap: Script::new(SWAP),
        config,
    };
    let patience = store.config.connect_timeout;
    let warning = store.check_server(patience).await?;
    store.store_id = store.read_id(patience).await?;
    store.link.opened();
    Ok((Arc::new(store), warning))
}

impl RedisStore {
    async fn ask<T: redis::FromRedisValue>(&self, request: Request<'_>) -> Result<T> {
        self.link.ask(request, &self.counters, self.config.retry_for).await
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: (&Script, &str),
        keys: &[String],
        args: &[Vec<u8>],
        patience: Duration,
    ) -> Result<T> {
        self.link.run(script, keys, args, &self.counters, patience).await
    }

    /// Asks for a sign of life and refuses what is too old; gives a warning where states could be evicted.
    async fn check_server(&self, patience: Duration) -> Result<Option<String>> {
        let at = self.names.store();
        let ask = |words: &[&str], patience| {
            let mut cmd = redis::cmd(words[0]);
            cmd.arg(&words[1..]);
            let at = &at;
            async move { self.link.ask::<Value>(Request::At(&cmd, at), &self.counters, patience).await }
        };
        ask(&["PING"], patience).await?;
        // The rest may be forbidden to us, and is asked once.
        let text = ask(&["INFO", "server"], Duration::ZERO).await.map(redis::from_redis_value::<String>);
        let text = text.ok().and_then(|text| text.ok()).unwrap_or_default();
        let version = text.lines().find_map(|line| line.strip_prefix("redis_version:"));
        let major = version.and_then(|v| v.split('.').next()).and_then(|v| v.parse::<u32>().ok());
        if major.is_some_and(|major| major < 6) {
            let version = version.unwrap_or_default();
            return Err(broken("UNSUPPORTED", format!("Redis 6 or newer is needed, this is {version}")));
        }
        let policy = ask(&["CONFIG", "GET", "maxmemory-policy"], Duration::ZERO).await;
        let policy = policy.map(redis::from_redis_value::<HashMap<String, String>>);
        let policy = policy.ok().and_then(|p| p.ok()).and_then(|mut p| p.remove("maxmemory-policy"));
        let evicts = policy.filter(|p| p.starts_with("allkeys-"));
        Ok(evicts.map(|p| format!("Redis may evict states: its maxmemory-policy is {p}; use noeviction or volatile-*")))
    }

    async fn read_id(&self, patience: Duration) -> Result<String> {
        let (mut set, mut get) = (redis::cmd("SET"), redis::cmd("GET"));
        set.arg(self.names.store()).arg(uuid::Uuid::from_bytes(new_id()).to_string()).arg("NX");
        get.arg(self.names.store());
        self.link.ask::<Value>(Request::One(&set), &self.counters, patience).await?;
        self.link.ask(Request::One(&get), &self.counters, patience).await
    }

    fn ttl_ms(&self) -> u128 {
        self.config.ttl.map_or(0, |ttl| ttl.as_millis())
    }

    /// Waits until enough replicas have what was written to a scope.
    async fn replicate(&self, scope: &str) -> Result<()> {
        if self.config.wait_replicas == 0 {
            return Ok(());
        }
        let mut wait = redis::cmd("WAIT");
        wait.arg(self.config.wait_replicas).arg(self.config.command_timeout.as_millis() as u64 / 2);
        let replicas: u32 = self.ask(Request::At(&wait, &self.names.manifest(scope))).await?;
        if replicas >= self.config.wait_replicas {
            return Ok(());
        }
        let message = format!("Redis: {replicas} of {} replicas confirmed", self.config.wait_replicas);
        Err(Error::Store { code: "UNAVAILABLE", message, retriable: true })
    }

    async fn acquire_scope(&self, scope: &str, owner: &str) -> Result<Lease> {
        check_scope(scope)?;
        let args = [(now_ms() as i64).to_string(), owner.to_owned(), self.ttl_ms().to_string()].map(String::into_bytes);
        let keys = [self.names.manifest(scope)];
        let (epoch, before): (i64, HashMap<String, String>) =
            self.run((&self.acquire, ACQUIRE), &keys, &args, self.config.retry_for).await?;
        self.replicate(scope).await?;
        let manifest = before.contains_key("seq").then(|| manifest_of(&before));
        Ok(Lease { scope: scope.to_owned(), epoch, owner: owner.to_owned(), manifest, trail: None })
    }

    async fn release_scope(&self, lease: &Lease) -> Result<()> {
        let (keys, args) = ([self.names.manifest(&lease.scope)], [lease.epoch.to_string().into_bytes()]);
        self.run::<Value>((&self.release, RELEASE), &keys, &args, self.config.retry_for).await.map(drop)
    }

    async fn read_manifest(&self, scope: &str) -> Result<Option<Manifest>> {
        check_scope(scope)?;
        let name = self.names.manifest(scope);
        let fields: HashMap<String, String> = self.ask(Request::At(redis::cmd("HGETALL").arg(&name), &name)).await?;
        Ok(fields.contains_key("seq").then(|| manifest_of(&fields)))
    }

    async fn read_records(&self, scope: &str, keys: &[Vec<u8>]) -> Result<Vec<Vec<Record>>> {
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

    async fn put_all(&self, lease: &Lease, entries: &[Entry], update: Option<&ManifestUpdate>) -> Result<()> {
        let trail = lease.trail.as_deref();
        let write = Write::begin(trail);
        let chunks = self.chunks(entries);
        // A chunk knows by its predecessor's mark that the server has not lost that in the meantime. The first may find any
        // mark of this write: then it is a write that is made again, and all of its chunks follow.
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

    /// Cuts entries into pieces that a script may take; without entries there is one empty piece.
    fn chunks<'a>(&self, entries: &'a [Entry]) -> Vec<&'a [Entry]> {
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

    /// Writes some records, and the manifest where it is given. `marks`: the own one; the one that must be there, if any; the
    /// beginning of those that may be there instead.
    async fn put_chunk(
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
                };
                record.version = version;
                let keep = keep.map_or(String::new(), |k| k.to_string());
                let value = checked_size(record.encode(self.config.compress))?;
                args.extend([mode.into(), keep.into_bytes(), value, untold(&entry.key)]);
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

    async fn swap_value(
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
        args.extend([b"1".to_vec(), untold(key)]);
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

    /// Names of records of a scope, and the cursor to go on with; in a cluster they are all on one server.
    async fn scan_names(&self, scope: &str, cursor: u64, limit: usize) -> Result<(u64, Vec<String>)> {
        check_scope(scope)?;
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(self.names.pattern(scope)).arg("COUNT").arg(limit.max(100));
        self.ask(Request::At(&cmd, &self.names.manifest(scope))).await
    }

    async fn scan_page(&self, scope: &str, from: Option<&[u8]>, limit: usize) -> Result<Page> {
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

    async fn remove_keys(&self, scope: &str, key: Option<&[u8]>) -> Result<u64> {
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

    /// Deletes names of one scope.
    async fn delete(&self, names: &[String]) -> Result<u64> {
        let mut del = redis::cmd("DEL");
        del.arg(names);
        self.ask(Request::At(&del, &names[0])).await
    }

    fn noted<'a, T: 'a>(&'a self, call: impl Future<Output = Result<T>> + Send + 'a) -> Call<'a, T> {
        let begun = Instant::now();
        Box::pin(async move { self.counters.note(begun, call.await) })
    }
}

/// A value, unless Redis takes none of its size: it would close the connection in the middle, as one that is away does.
fn checked_size(value: Vec<u8>) -> Result<Vec<u8>> {
    if value.len() <= MAX_VALUE_BYTES {
        return Ok(value);
    }
    let (mib, max) = (value.len() >> 20, MAX_VALUE_BYTES >> 20);
    Err(broken("TOO_LARGE", format!("a state of {mib} MiB is too large for Redis, which takes {max} MiB")))
}

fn decode_all(slots: Vec<Option<Vec<u8>>>) -> Result<Vec<Record>> {
    let mut records = slots.iter().flatten().map(|r| Record::decode(r)).collect::<Result<Vec<_>>>()?;
    records.sort_by_key(|r| std::cmp::Reverse(r.version));
    Ok(records)
}

fn manifest_fields(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("seq", manifest.seq.to_string()),
        ("seqEpoch", manifest.seq_epoch.to_string()),
        ("changelog", manifest.changelog.clone().unwrap_or_default()),
        ("definition", manifest.definition.clone()),
        ("guarantee", manifest.guarantee.clone()),
        ("partitions", manifest.partitions.to_string()),
        ("storeId", manifest.store_id.clone()),
        ("updatedAt", manifest.updated_at.to_string()),
    ];
    fields.extend(manifest.next_offset.map(|offset| ("nextOffset", offset.to_string())));
    fields
}

fn manifest_of(fields: &HashMap<String, String>) -> Manifest {
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Manifest {
        epoch: text("epoch").parse().unwrap_or(0),
        owner: text("owner"),
        next_offset: text("nextOffset").parse().ok(),
        seq: text("seq").parse().unwrap_or(0),
        definition: text("definition"),
        guarantee: text("guarantee"),
        partitions: text("partitions").parse().unwrap_or(0),
        store_id: text("storeId"),
        updated_at: text("updatedAt").parse().unwrap_or(0.0),
        seq_epoch: text("seqEpoch").parse().unwrap_or(0),
        mark: text("mark"),
        changelog: Some(text("changelog")).filter(|topic| !topic.is_empty()),
    }
}

impl StateStore for RedisStore {
    fn kind(&self) -> &'static str {
        "redis"
    }

    fn store_id(&self) -> &str {
        &self.store_id
    }

    fn acquire<'a>(&'a self, scope: &'a str, owner: &'a str) -> Call<'a, Lease> {
        self.noted(self.acquire_scope(scope, owner))
    }

    fn manifest<'a>(&'a self, scope: &'a str) -> Call<'a, Option<Manifest>> {
        self.noted(self.read_manifest(scope))
    }

    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Call<'a, Vec<Vec<Record>>> {
        self.noted(async move {
            let all = self.read_records(scope, keys).await?;
            self.counters.read(keys.len(), &all);
            Ok(all)
        })
    }

    fn put<'a>(&'a self, lease: &'a Lease, entries: &'a [Entry], manifest: Option<&'a ManifestUpdate>) -> Call<'a, ()> {
        self.noted(self.put_all(lease, entries, manifest))
    }

    fn compare_and_set<'a>(
        &'a self,
        scope: &'a str,
        key: &'a [u8],
        expected: u64,
        state: Option<(Format, &'a [u8])>,
        ttl: Option<Duration>,
    ) -> Call<'a, Swap> {
        self.noted(self.swap_value(scope, key, expected, state, ttl))
    }

    fn scan<'a>(&'a self, scope: &'a str, from: Option<&'a [u8]>, limit: usize) -> Call<'a, Page> {
        self.noted(self.scan_page(scope, from, limit))
    }

    fn remove<'a>(&'a self, scope: &'a str, key: Option<&'a [u8]>) -> Call<'a, u64> {
        self.noted(self.remove_keys(scope, key))
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> Call<'a, ()> {
        self.noted(self.release_scope(lease))
    }

    fn ping(&self) -> Call<'_, ()> {
        self.noted(
            async move { self.ask::<Value>(Request::At(&redis::cmd("PING"), &self.names.store())).await.map(|_| ()) },
        )
    }

    fn metrics(&self) -> Metrics {
        self.counters.metrics()
    }

    fn close(&self) -> Call<'_, ()> {
        Box::pin(async move {
            self.link.close().await;
            Ok(())
        })
    }
}
