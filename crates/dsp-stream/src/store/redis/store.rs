//! The store and its scripts.

use redis::{Script, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::api::{Call, Entry, Metrics, Page, StateStore, Swap};
use super::super::counters::Counters;
use super::super::failures::{broken, check_scope};
use super::super::lease::{Lease, Manifest, ManifestUpdate};
use super::super::record::{Format, Record};
use super::super::stamps::{new_id, now_ms};
use super::config::Config;
use super::link::{Link, Request};
use super::manifest::manifest_of;
use super::names::Names;
use super::target;
use crate::error::{Error, Result};

pub(super) const PUT: &str = include_str!("put.lua");
const ACQUIRE: &str = include_str!("acquire.lua");
const RELEASE: &str = include_str!("release.lua");
pub(super) const SWAP: &str = include_str!("swap.lua");

/// A Redis store.
pub(super) struct RedisStore {
    pub(super) link: Link,
    pub(super) names: Names,
    pub(super) config: Config,
    pub(super) store_id: String,
    pub(super) counters: Counters,
    pub(super) put: Script,
    pub(super) acquire: Script,
    pub(super) release: Script,
    pub(super) swap: Script,
}

/// Connects and checks the version. Returns the store, and a warning if states could be evicted.
///
/// # Errors
/// `Argument` for a URL that is not supported; `Store` if the server does not answer in time or is too old.
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
    pub(super) async fn ask<T: redis::FromRedisValue>(&self, request: Request<'_>) -> Result<T> {
        self.link.ask(request, &self.counters, self.config.retry_for).await
    }

    pub(super) async fn run<T: redis::FromRedisValue>(
        &self,
        script: (&Script, &str),
        keys: &[String],
        args: &[Vec<u8>],
        patience: Duration,
    ) -> Result<T> {
        self.link.run(script, keys, args, &self.counters, patience).await
    }

    /// Checks that the server answers and is not too old; returns a warning if states could be evicted.
    pub(super) async fn check_server(&self, patience: Duration) -> Result<Option<String>> {
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

    pub(super) async fn read_id(&self, patience: Duration) -> Result<String> {
        let (mut set, mut get) = (redis::cmd("SET"), redis::cmd("GET"));
        set.arg(self.names.store()).arg(uuid::Uuid::from_bytes(new_id()).to_string()).arg("NX");
        get.arg(self.names.store());
        self.link.ask::<Value>(Request::One(&set), &self.counters, patience).await?;
        self.link.ask(Request::One(&get), &self.counters, patience).await
    }

    pub(super) fn ttl_ms(&self) -> u128 {
        self.config.ttl.map_or(0, |ttl| ttl.as_millis())
    }

    /// Waits until enough replicas have received the writes to a scope.
    pub(super) async fn replicate(&self, scope: &str) -> Result<()> {
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

    pub(super) async fn acquire_scope(&self, scope: &str, owner: &str) -> Result<Lease> {
        check_scope(scope)?;
        let args = [(now_ms() as i64).to_string(), owner.to_owned(), self.ttl_ms().to_string()].map(String::into_bytes);
        let keys = [self.names.manifest(scope)];
        let (epoch, before): (i64, HashMap<String, String>) =
            self.run((&self.acquire, ACQUIRE), &keys, &args, self.config.retry_for).await?;
        self.replicate(scope).await?;
        let manifest = before.contains_key("seq").then(|| manifest_of(&before));
        Ok(Lease { scope: scope.to_owned(), epoch, owner: owner.to_owned(), manifest, trail: None })
    }

    pub(super) async fn release_scope(&self, lease: &Lease) -> Result<()> {
        let (keys, args) = ([self.names.manifest(&lease.scope)], [lease.epoch.to_string().into_bytes()]);
        self.run::<Value>((&self.release, RELEASE), &keys, &args, self.config.retry_for).await.map(drop)
    }

    pub(super) fn noted<'a, T: 'a>(&'a self, call: impl Future<Output = Result<T>> + Send + 'a) -> Call<'a, T> {
        let begun = Instant::now();
        Box::pin(async move { self.counters.note(begun, call.await) })
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
