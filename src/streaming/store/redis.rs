//! The Redis store.

use dsp_stream::store;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Object};
use napi_derive::napi;
use std::sync::Arc;

use super::native::{NativeStateStore, duration, opened, ttl};
use super::promise::promise;

/// Address and settings of a Redis server; times in ms.
#[napi(object)]
pub struct NativeRedisConfig {
    /// The server.
    pub url: String,
    /// First part of every key.
    pub prefix: String,
    /// Time after its last write at which a record expires, 0 = never.
    pub ttl_ms: f64,
    /// User.
    pub username: Option<String>,
    /// Password.
    pub password: Option<String>,
    /// Database.
    pub db: Option<i64>,
    /// Authorities as PEM.
    pub ca: Option<Buffer>,
    /// Client certificate as PEM.
    pub cert: Option<Buffer>,
    /// Its key as PEM.
    pub key: Option<Buffer>,
    /// Whether any certificate of the server is accepted.
    pub accept_any: bool,
    /// Longest time for the first connection.
    pub connect_timeout_ms: f64,
    /// Longest time for one command.
    pub command_timeout_ms: f64,
    /// First pause between attempts to connect.
    pub reconnect_initial_ms: f64,
    /// Longest pause between attempts to connect.
    pub reconnect_max_ms: f64,
    /// Longest time for which a command waits for the server to come back.
    pub retry_for_ms: f64,
    /// Largest number of state bytes per script.
    pub chunk_bytes: f64,
    /// Largest number of records per script.
    pub chunk_keys: f64,
    /// Whether states are compressed.
    pub compress: bool,
    /// Number of replicas that must have received a manifest.
    pub wait_replicas: u32,
}

#[napi]
impl NativeStateStore {
    /// Opens a store in Redis.
    #[napi(catch_unwind, ts_return_type = "Promise<Failed | OpenedStore>")]
    pub fn open_redis<'env>(&self, env: &'env Env, config: NativeRedisConfig) -> napi::Result<Object<'env>> {
        let slot = Arc::clone(&self.slot);
        promise(env, store::connect_redis(config.into()), move |(store, warning)| opened(&slot, store, warning))
    }
}

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
            connect_timeout: duration(c.connect_timeout_ms),
            command_timeout: duration(c.command_timeout_ms),
            reconnect: (duration(c.reconnect_initial_ms), duration(c.reconnect_max_ms)),
            retry_for: duration(c.retry_for_ms),
            chunk_bytes: c.chunk_bytes as usize,
            chunk_keys: c.chunk_keys as usize,
            compress: c.compress,
            wait_replicas: c.wait_replicas,
        }
    }
}
