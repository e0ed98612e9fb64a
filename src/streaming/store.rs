//! State stores for JavaScript: `lib/stores/state-store.js` builds its API on this class.
//!
//! Promises resolve with `{ failed }` where the call failed, so that an error arrives as data.

use dsp_stream::store::{
    self, Durability, Entry, Format, Lease, Manifest, ManifestUpdate, Page, Record, Slot, StateStore, Swap,
};
use dsp_stream::{Error, runtime};
use napi::bindgen_prelude::{Buffer, Either, Object, ToNapiValue};
use napi::{Env, JsDeferred};
use napi_derive::napi;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::NativeFailure;

/// A call that failed.
#[napi(object)]
pub struct Failed {
    /// Why.
    pub failed: NativeFailure,
}

/// What is known of a scope.
#[napi(object)]
#[derive(Clone)]
pub struct NativeManifest {
    /// Rises with every owner.
    pub epoch: f64,
    /// Who acquired the scope.
    pub owner: String,
    /// Offset of the first message that is in no state, as decimal text.
    pub next_offset: Option<String>,
    /// Checkpoints written.
    pub seq: f64,
    /// Names the pipeline.
    pub definition: String,
    /// What the stream promised.
    pub guarantee: String,
    /// Partitions of the topic.
    pub partitions: u32,
    /// The store.
    pub store_id: String,
    /// When it was written, in ms since 1970.
    pub updated_at: f64,
}

/// The right to write a scope.
#[napi(object)]
pub struct NativeLease {
    /// The scope.
    pub scope: String,
    /// Epoch of this owner.
    pub epoch: f64,
    /// This owner.
    pub owner: String,
    /// The manifest as it stood.
    pub manifest: Option<NativeManifest>,
}

/// One version of a state.
#[napi(object)]
pub struct NativeRecord {
    /// State bytes.
    pub state: Buffer,
    /// `toon` or `json`.
    pub format: String,
    /// Offset of the last message applied, as decimal text.
    pub offset: Option<String>,
    /// Rises with every write of the key.
    pub version: f64,
    /// Epoch of the writer.
    pub epoch: f64,
    /// First 8 bytes of the definition's hash.
    pub definition: String,
    /// When it was written, in ms since 1970.
    pub updated_at: f64,
}

/// A record to write.
#[napi(object)]
pub struct NativeEntry {
    /// Key within the scope.
    pub key: Buffer,
    /// State bytes.
    pub state: Buffer,
    /// Whether the state is JSON.
    pub is_json: bool,
    /// Offset of the last message applied, −1 = none.
    pub offset: f64,
    /// Whether one version is left beside it.
    pub alternate: bool,
    /// Offset of the version to leave.
    pub keep: Option<f64>,
}

/// What a `put` sets in the manifest.
#[napi(object)]
pub struct NativeManifestUpdate {
    /// Offset of the first message that is in no state.
    pub next_offset: Option<f64>,
    /// Checkpoints written.
    pub seq: f64,
    /// Names the pipeline.
    pub definition: String,
    /// What the stream promises.
    pub guarantee: String,
    /// Partitions of the topic.
    pub partitions: u32,
}

/// Outcome of `compareAndSet`.
#[napi(object)]
pub struct NativeSwap {
    /// Whether the value was written.
    pub ok: bool,
    /// The version that is there now.
    pub version: f64,
}

/// A key and its record.
#[napi(object)]
pub struct NativePair {
    /// Key within the scope.
    pub key: Buffer,
    /// Its newest record.
    pub record: NativeRecord,
}

/// Some records of a scope.
#[napi(object)]
pub struct NativePage {
    /// The records.
    pub entries: Vec<NativePair>,
    /// Where to go on.
    pub next: Option<Buffer>,
}

/// Counters of a store.
#[napi(object)]
pub struct NativeStoreMetrics {
    /// Records asked for.
    pub reads: f64,
    /// Records written.
    pub writes: f64,
    /// State bytes read.
    pub bytes_read: f64,
    /// State bytes written.
    pub bytes_written: f64,
    /// Writes refused for another owner.
    pub fenced: f64,
    /// Calls that failed otherwise.
    pub errors: f64,
    /// Connections made after the first.
    pub reconnects: f64,
    /// Calls.
    pub calls: f64,
    /// Sum of their times in ms.
    pub latency_ms: f64,
}

/// How to reach and use a Redis; times in ms.
#[cfg(feature = "redis")]
#[napi(object)]
pub struct NativeRedisConfig {
    /// The server.
    pub url: String,
    /// First part of every key.
    pub prefix: String,
    /// Life of a record after its last write, 0 = for ever.
    pub ttl_ms: f64,
    /// User.
    pub username: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Database.
    pub db: Option<i64>,
    /// Authorities as PEM.
    pub ca: Option<Buffer>,
    /// Our certificate as PEM.
    pub cert: Option<Buffer>,
    /// Its key as PEM.
    pub key: Option<Buffer>,
    /// Whether any certificate will do.
    pub accept_any: bool,
    /// Bound of the first connection.
    pub connect_timeout_ms: f64,
    /// Bound of a command.
    pub command_timeout_ms: f64,
    /// First pause between tries to connect.
    pub reconnect_initial_ms: f64,
    /// Longest pause between tries to connect.
    pub reconnect_max_ms: f64,
    /// How long a command waits for the server.
    pub retry_for_ms: f64,
    /// State bytes per script.
    pub chunk_bytes: f64,
    /// Records per script.
    pub chunk_keys: f64,
    /// Whether states are compressed.
    pub compress: bool,
    /// Replicas that must have a manifest.
    pub wait_replicas: u32,
}

/// A store that has been opened, perhaps with something to tell.
#[napi(object)]
pub struct OpenedStore {
    /// `redis`, `embedded` or `memory`.
    pub kind: String,
    /// A UUID made with the store.
    pub store_id: String,
    /// A sentence to show the user once.
    pub warning: Option<String>,
}

/// Runs `call` on the runtime; the promise resolves with its result, or with what went wrong.
fn promise<'env, T: Send + 'static, J: ToNapiValue + Send + 'static>(
    env: &'env Env,
    call: impl Future<Output = dsp_stream::Result<T>> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (deferred, promise): (JsDeferred<Either<Failed, J>, _>, _) = env.create_deferred()?;
    runtime().spawn(async move {
        // A panic would leave the promise open for ever.
        let result = tokio_catch(call).await;
        deferred.resolve(move |_| {
            Ok(match result {
                Ok(value) => Either::B(convert(value)),
                Err(error) => Either::A(Failed { failed: error.into() }),
            })
        });
    });
    Ok(promise)
}

/// The result of a call, or an error where it panics.
async fn tokio_catch<T: Send + 'static>(
    call: impl Future<Output = dsp_stream::Result<T>> + Send + 'static,
) -> dsp_stream::Result<T> {
    runtime().spawn(call).await.unwrap_or_else(|e| Err(Error::internal(e)))
}

/// A state store. It is empty until `open…` has resolved.
#[napi]
pub struct NativeStateStore {
    slot: Arc<std::sync::OnceLock<Arc<dyn StateStore>>>,
}

type Slotted = Arc<std::sync::OnceLock<Arc<dyn StateStore>>>;

fn opened(slot: &Slotted, store: Arc<dyn StateStore>, warning: Option<String>) -> OpenedStore {
    let told = OpenedStore { kind: store.kind().into(), store_id: store.store_id().into(), warning };
    let _ = slot.set(store);
    told
}

fn ms(ms: f64) -> Duration {
    Duration::from_secs_f64(ms.clamp(0.0, 1e12) / 1e3)
}

fn ttl(value: f64) -> Option<Duration> {
    (value > 0.0).then(|| ms(value))
}

#[napi]
impl NativeStateStore {
    /// The store for a stream; none while it is closed or not yet open.
    pub fn share(&self) -> Option<Arc<dyn StateStore>> {
        self.slot.get().map(Arc::clone)
    }

    /// A store to be opened.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { slot: Arc::default() }
    }

    /// Keeps states in memory.
    #[napi(catch_unwind)]
    pub fn open_memory(&self) -> OpenedStore {
        opened(&self.slot, store::memory(), None)
    }

    /// Keeps states in a folder.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | OpenedStore>")]
    pub fn open_embedded<'env>(
        &self,
        env: &'env Env,
        path: String,
        fsync: bool,
        ttl_ms: f64,
        cache: f64,
    ) -> napi::Result<Object<'env>> {
        let durability = if fsync { Durability::Fsync } else { Durability::Os };
        let slot = Arc::clone(&self.slot);
        let open = async move {
            let task = runtime()
                .spawn_blocking(move || store::open_embedded(path.as_ref(), durability, ttl(ttl_ms), cache as usize));
            task.await
                .unwrap_or_else(|e| Err(Error::Store { code: "INTERNAL", message: e.to_string(), retriable: false }))
        };
        promise(env, open, move |store| opened(&slot, store, None))
    }

    fn call<
        'env,
        T: Send + 'static,
        J: ToNapiValue + Send + 'static,
        F: Future<Output = dsp_stream::Result<T>> + Send + 'static,
    >(
        &self,
        env: &'env Env,
        call: impl FnOnce(Arc<dyn StateStore>) -> F,
        convert: impl FnOnce(T) -> J + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        let store = self.slot.get().cloned().ok_or_else(|| napi::Error::from_reason("the state store is not open"))?;
        promise(env, call(store), convert)
    }

    /// Takes a scope over.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | NativeLease>")]
    pub fn acquire<'env>(&self, env: &'env Env, scope: String, owner: String) -> napi::Result<Object<'env>> {
        self.call(env, |s| async move { s.acquire(&scope, &owner).await }, NativeLease::from)
    }

    /// The versions of each key, newest first.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | NativeRecord[][]>")]
    pub fn get_many<'env>(&self, env: &'env Env, scope: String, keys: Vec<Buffer>) -> napi::Result<Object<'env>> {
        let keys: Vec<Vec<u8>> = keys.iter().map(|k| k.to_vec()).collect();
        self.call(
            env,
            |s| async move { s.get_many(&scope, &keys).await },
            |all: Vec<Vec<Record>>| {
                all.into_iter().map(|list| list.into_iter().map(NativeRecord::from).collect()).collect::<Vec<Vec<_>>>()
            },
        )
    }

    /// Writes records and the manifest.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | undefined>")]
    pub fn put<'env>(
        &self,
        env: &'env Env,
        lease: NativeLease,
        entries: Vec<NativeEntry>,
        manifest: Option<NativeManifestUpdate>,
    ) -> napi::Result<Object<'env>> {
        let lease =
            Lease { scope: lease.scope, epoch: lease.epoch as i64, owner: lease.owner, manifest: None, trail: None };
        let entries: Vec<Entry> = entries.into_iter().map(Entry::from).collect();
        let manifest = manifest.map(ManifestUpdate::from);
        self.call(env, |s| async move { s.put(&lease, &entries, manifest.as_ref()).await }, |()| ())
    }

    /// Writes a value if its version is the expected one; without a state deletes it.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | NativeSwap>")]
    #[allow(clippy::too_many_arguments, reason = "they cross to JavaScript one by one")]
    pub fn compare_and_set<'env>(
        &self,
        env: &'env Env,
        scope: String,
        key: Buffer,
        expected: f64,
        state: Option<Buffer>,
        is_json: bool,
        ttl_ms: f64,
    ) -> napi::Result<Object<'env>> {
        let (key, state) = (key.to_vec(), state.map(|s| s.to_vec()));
        let format = if is_json { Format::Json } else { Format::Toon };
        let swap = |s: Arc<dyn StateStore>| async move {
            let state = state.as_deref().map(|state| (format, state));
            s.compare_and_set(&scope, &key, expected as u64, state, ttl(ttl_ms)).await
        };
        self.call(env, swap, |Swap { ok, version }| NativeSwap { ok, version: version as f64 })
    }

    /// Some records of a scope.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | NativePage>")]
    pub fn scan<'env>(
        &self,
        env: &'env Env,
        scope: String,
        from: Option<Buffer>,
        limit: u32,
    ) -> napi::Result<Object<'env>> {
        let from = from.map(|f| f.to_vec());
        self.call(env, |s| async move { s.scan(&scope, from.as_deref(), limit as usize).await }, NativePage::from)
    }

    /// Removes a key, or the scope.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | number>")]
    pub fn remove<'env>(&self, env: &'env Env, scope: String, key: Option<Buffer>) -> napi::Result<Object<'env>> {
        let key = key.map(|k| k.to_vec());
        self.call(env, |s| async move { s.remove(&scope, key.as_deref()).await }, |count: u64| count as f64)
    }

    /// Gives a lease back.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | undefined>")]
    pub fn release<'env>(&self, env: &'env Env, lease: NativeLease) -> napi::Result<Object<'env>> {
        let lease =
            Lease { scope: lease.scope, epoch: lease.epoch as i64, owner: lease.owner, manifest: None, trail: None };
        self.call(env, |s| async move { s.release(&lease).await }, |()| ())
    }

    /// How long the store takes to answer, ms.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | number>")]
    pub fn ping<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let timed = |s: Arc<dyn StateStore>| async move {
            let begun = Instant::now();
            s.ping().await.map(|()| begun.elapsed().as_secs_f64() * 1e3)
        };
        self.call(env, timed, |ms: f64| ms)
    }

    /// Counters since creation.
    #[napi(catch_unwind)]
    pub fn metrics(&self) -> NativeStoreMetrics {
        let m = self.slot.get().map(|s| s.metrics()).unwrap_or_default();
        NativeStoreMetrics {
            reads: m.reads as f64,
            writes: m.writes as f64,
            bytes_read: m.bytes_read as f64,
            bytes_written: m.bytes_written as f64,
            fenced: m.fenced as f64,
            errors: m.errors as f64,
            reconnects: m.reconnects as f64,
            calls: m.calls as f64,
            latency_ms: m.latency_ms,
        }
    }

    /// Frees the store.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | undefined>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.call(env, |s| async move { s.close().await }, |()| ())
    }
}

impl From<Manifest> for NativeManifest {
    fn from(m: Manifest) -> Self {
        Self {
            epoch: m.epoch as f64,
            owner: m.owner,
            next_offset: m.next_offset.map(|o| o.to_string()),
            seq: m.seq as f64,
            definition: m.definition,
            guarantee: m.guarantee,
            partitions: m.partitions,
            store_id: m.store_id,
            updated_at: m.updated_at,
        }
    }
}

impl From<Lease> for NativeLease {
    fn from(l: Lease) -> Self {
        Self { scope: l.scope, epoch: l.epoch as f64, owner: l.owner, manifest: l.manifest.map(Into::into) }
    }
}

impl From<Record> for NativeRecord {
    fn from(r: Record) -> Self {
        let text = r.definition.iter().take_while(|b| **b != 0).map(|b| char::from(*b)).collect();
        Self {
            state: r.state.into(),
            format: if r.format == Format::Json { "json" } else { "toon" }.into(),
            offset: r.offset.map(|o| o.to_string()),
            version: r.version as f64,
            epoch: r.epoch as f64,
            definition: text,
            updated_at: r.updated_at,
        }
    }
}

impl From<NativeEntry> for Entry {
    fn from(e: NativeEntry) -> Self {
        Self {
            key: e.key.to_vec(),
            state: e.state.to_vec(),
            format: if e.is_json { Format::Json } else { Format::Toon },
            offset: (e.offset >= 0.0).then_some(e.offset as i64),
            slot: if e.alternate { Slot::Alternate { keep: e.keep.map(|k| k as i64) } } else { Slot::Only },
        }
    }
}

impl From<NativeManifestUpdate> for ManifestUpdate {
    fn from(m: NativeManifestUpdate) -> Self {
        Self {
            next_offset: m.next_offset.map(|o| o as i64),
            seq: m.seq as u64,
            definition: m.definition,
            guarantee: m.guarantee,
            partitions: m.partitions,
            changelog: None,
        }
    }
}

impl From<Page> for NativePage {
    fn from(page: Page) -> Self {
        let pair = |(key, record): (Vec<u8>, Record)| NativePair { key: key.into(), record: record.into() };
        Self { entries: page.entries.into_iter().map(pair).collect(), next: page.next.map(Into::into) }
    }
}

#[cfg(feature = "redis")]
#[napi]
impl NativeStateStore {
    /// Keeps states in Redis.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | OpenedStore>")]
    pub fn open_redis<'env>(&self, env: &'env Env, config: NativeRedisConfig) -> napi::Result<Object<'env>> {
        let slot = Arc::clone(&self.slot);
        promise(env, store::connect_redis(config.into()), move |(store, warning)| opened(&slot, store, warning))
    }
}

#[cfg(feature = "redis")]
impl From<NativeRedisConfig> for store::RedisConfig {
    fn from(c: NativeRedisConfig) -> Self {
        Self {
            url: c.url,
            prefix: c.prefix,
            ttl: ttl(c.ttl_ms),
            username: c.username,
            password: c.password,
            db: c.db,
            tls: store::RedisTls {
                ca: c.ca.map(|b| b.to_vec()),
                client: c.cert.zip(c.key).map(|(cert, key)| (cert.to_vec(), key.to_vec())),
                accept_any: c.accept_any,
            },
            connect_timeout: ms(c.connect_timeout_ms),
            command_timeout: ms(c.command_timeout_ms),
            reconnect: (ms(c.reconnect_initial_ms), ms(c.reconnect_max_ms)),
            retry_for: ms(c.retry_for_ms),
            chunk_bytes: c.chunk_bytes as usize,
            chunk_keys: c.chunk_keys as usize,
            compress: c.compress,
            wait_replicas: c.wait_replicas,
        }
    }
}
