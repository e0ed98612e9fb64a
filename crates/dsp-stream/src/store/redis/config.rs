//! Options of the Redis store.

use std::time::Duration;

/// The target of the connection's log events.
pub(super) const TARGET: &str = "dsp_stream::store::redis";

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
