//! The class of state stores.

use dsp_stream::store::{self, Durability, Entry, Format, Lease, ManifestUpdate, Record, StateStore};
use dsp_stream::{Error, runtime};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object, ToNapiValue};
use napi_derive::napi;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::objects::{
    NativeEntry, NativeLease, NativeManifestUpdate, NativePage, NativeRecord, NativeStoreMetrics, NativeSwap,
    OpenedStore,
};
use super::promise::promise;

/// A state store. It is empty until `open…` has resolved.
#[napi]
pub struct NativeStateStore {
    pub(super) slot: Slot,
}

/// The slot of a store that may not be open yet.
type Slot = Arc<OnceLock<Arc<dyn StateStore>>>;

/// Fills the slot with a store.
pub fn opened(slot: &Slot, store: Arc<dyn StateStore>, warning: Option<String>) -> OpenedStore {
    let opened = OpenedStore { kind: store.kind().into(), store_id: store.store_id().into(), warning };
    let _ = slot.set(store);
    opened
}

/// Returns a duration in ms.
pub fn duration(ms: f64) -> Duration {
    Duration::from_secs_f64(ms.clamp(0.0, 1e12) / 1e3)
}

/// Returns a duration in ms; 0 = none.
pub fn ttl(value: f64) -> Option<Duration> {
    (value > 0.0).then(|| duration(value))
}

#[napi]
impl NativeStateStore {
    /// Returns the store for a stream; `None` if it is closed or not yet open.
    pub fn share(&self) -> Option<Arc<dyn StateStore>> {
        self.slot.get().map(Arc::clone)
    }

    /// Makes an object whose store is to be opened.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self { slot: Arc::default() }
    }

    /// Opens a store in memory.
    #[napi(catch_unwind)]
    pub fn open_memory(&self) -> OpenedStore {
        opened(&self.slot, store::memory(), None)
    }

    /// Opens a store in a folder.
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

    /// Acquires a scope.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | NativeLease>")]
    pub fn acquire<'env>(&self, env: &'env Env, scope: String, owner: String) -> napi::Result<Object<'env>> {
        self.call(env, |s| async move { s.acquire(&scope, &owner).await }, NativeLease::from)
    }

    /// Returns the versions of each key, newest first.
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
        let lease = Lease::from(lease);
        let entries: Vec<Entry> = entries.into_iter().map(Entry::from).collect();
        let manifest = manifest.map(ManifestUpdate::from);
        self.call(env, |s| async move { s.put(&lease, &entries, manifest.as_ref()).await }, |()| ())
    }

    /// Writes a value if its version is the expected one; deletes it without a state.
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
        self.call(env, swap, NativeSwap::from)
    }

    /// Returns a page of records of a scope.
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
        let lease = Lease::from(lease);
        self.call(env, |s| async move { s.release(&lease).await }, |()| ())
    }

    /// Measures the time of an answer of the store in ms.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | number>")]
    pub fn ping<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let timed = |s: Arc<dyn StateStore>| async move {
            let begun = Instant::now();
            s.ping().await.map(|()| begun.elapsed().as_secs_f64() * 1e3)
        };
        self.call(env, timed, |ms: f64| ms)
    }

    /// Returns the counters since creation.
    #[napi(catch_unwind)]
    pub fn metrics(&self) -> NativeStoreMetrics {
        self.slot.get().map(|s| s.metrics()).unwrap_or_default().into()
    }

    /// Frees the store.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | undefined>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.call(env, |s| async move { s.close().await }, |()| ())
    }
}
