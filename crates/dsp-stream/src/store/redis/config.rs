//! Options of the Redis store.

use std::time::Duration;

/// Target of the connection's log events.
pub(super) const TARGET: &str = "dsp_stream::store::redis";

/// Certificates and keys as PEM.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Authorities to trust instead of the default ones.
    pub ca: Option<Vec<u8>>,
    /// Client certificate with its key.
    pub client: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether any certificate of the server is accepted.
    pub accept_any: bool,
}

/// Address and settings of the server.
#[derive(Debug, Clone)]
pub struct Config {
    /// URL: `redis://`, `rediss://`, `valkey(s)://`, `redis+unix://`, `redis(s)+cluster://`, `redis+sentinel://`.
    pub url: String,
    /// First part of every key.
    pub prefix: String,
    /// Time after its last write at which a record expires.
    pub ttl: Option<Duration>,
    /// User, if not in the URL.
    pub username: Option<String>,
    /// Password, if not in the URL.
    pub password: Option<String>,
    /// Number of the database, if not in the URL.
    pub db: Option<i64>,
    /// Certificates for TLS.
    pub tls: Tls,
    /// Longest time for the first connection.
    pub connect_timeout: Duration,
    /// Longest time for one command.
    pub command_timeout: Duration,
    /// First and longest pause between two attempts to connect.
    pub reconnect: (Duration, Duration),
    /// Longest time for which a command waits for the server to come back.
    pub retry_for: Duration,
    /// Largest number of state bytes per script.
    pub chunk_bytes: usize,
    /// Largest number of records per script.
    pub chunk_keys: usize,
    /// Whether states are compressed.
    pub compress: bool,
    /// Number of replicas that must have received a manifest.
    pub wait_replicas: u32,
}
