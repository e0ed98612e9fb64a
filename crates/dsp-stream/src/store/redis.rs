//! The Redis store (Redis ≥ 6 or Valkey): alone, in a cluster, or behind sentinels.
//!
//! Keys: `<prefix>:store` (the store's id), `<prefix>:{<scope>}:m` (hash: the manifest), `<prefix>:{<scope>}:k:<key>` (hash:
//! fields `0` and `1` hold records). The braces put a scope into one slot of a cluster, so that one script covers it.
//! All commands may be repeated safely: they are, until `retry_for` has passed.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, Cmd, ConnectionAddr, ErrorKind, IntoConnectionInfo as _,
    RedisError, Script, TlsCertificates, TlsMode, Value,
};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

use super::local::{new_record, updated, value_record};
use super::record::{Format, Record};
use super::{
    Call, Counters, Entry, Lease, Manifest, ManifestUpdate, Metrics, Page, Slot, StateStore, Swap, broken, check_scope,
    closed, fenced, new_id, now_ms, scope_changed,
};
use crate::error::{Error, Result};

const LONGEST_KEY: usize = 128;
const ACQUIRE: &str = "
local before = redis.call('HGETALL', KEYS[1])
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0') + 1
if epoch < tonumber(ARGV[1]) then epoch = tonumber(ARGV[1]) end
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', epoch), 'owner', ARGV[2])
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], 2 * tonumber(ARGV[3])) end
return {string.format('%.0f', epoch), before}";
const RELEASE: &str = "
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', tonumber(ARGV[1]) + 1), 'owner', '')
end
return 'ok'";
/// A value that is already ours is a success: its reply was lost. Deleting what is not there is one as well.
const SWAP: &str = "
local both = redis.call('HMGET', KEYS[1], '0', '1')
local function version(record)
  if not record then return 0 end
  local v = 0
  for i = 20, 13, -1 do v = v * 256 + string.byte(record, i) end
  return v
end
local a, b = version(both[1]), version(both[2])
local newest = a >= b and both[1] or both[2]
local found = math.max(a, b)
if ARGV[2] == '' then
  if found ~= 0 and found ~= tonumber(ARGV[1]) then return {0, found} end
  if found == 0 and ARGV[4] == '1' and tonumber(ARGV[1]) ~= 0 then return {0, 0} end
  redis.call('DEL', KEYS[1])
  return {1, 0}
end
if newest and string.sub(newest, 45, 60) == string.sub(ARGV[2], 45, 60) then return {1, found} end
if found ~= tonumber(ARGV[1]) then return {0, found} end
redis.call('HSET', KEYS[1], '0', ARGV[2])
redis.call('HDEL', KEYS[1], '1')
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'k', ARGV[5]) end
if tonumber(ARGV[3]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) else redis.call('PERSIST', KEYS[1]) end
return {1, found + 1}";

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

enum Target {
    Single(Client),
    Cluster(redis::cluster::ClusterClient),
    Sentinel(Mutex<SentinelClient>),
}

#[derive(Clone)]
enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

struct RedisStore {
    target: Target,
    config: Config,
    connection: Mutex<Option<Connection>>,
    store_id: String,
    counters: Counters,
    connected_once: AtomicBool,
    closed: AtomicBool,
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
    let target = target(&config)?;
    let mut store = RedisStore {
        target,
        connection: Mutex::new(None),
        store_id: String::new(),
        counters: Counters::default(),
        connected_once: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        put: Script::new(include_str!("redis.lua")),
        acquire: Script::new(ACQUIRE),
        release: Script::new(RELEASE),
        swap: Script::new(SWAP),
        config,
    };
    let patience = store.config.connect_timeout;
    let warning = store.check_server(patience).await?;
    store.store_id = store.read_id(patience).await?;
    Ok((Arc::new(store), warning))
}

fn wrong_url() -> Error {
    Error::argument("url must begin with redis, rediss, valkey, valkeys, redis+unix, redis+cluster or redis+sentinel")
}

fn target(config: &Config) -> Result<Target> {
    let refuse = |e: RedisError| Error::argument(format!("url: {}", e.detail().unwrap_or("it cannot be read")));
    let Some((scheme, rest)) = config.url.split_once("://") else { return Err(wrong_url()) };
    let certificates = TlsCertificates {
        client_tls: config
            .tls
            .client
            .clone()
            .map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key }),
        root_cert: config.tls.ca.clone(),
    };
    let is_tls = scheme.starts_with("rediss") || scheme == "valkeys";
    let insecure = if config.tls.accept_any { "/#insecure" } else { "" };
    match scheme {
        "redis" | "rediss" | "valkey" | "valkeys" | "redis+unix" => {
            let url = match scheme {
                "redis+unix" => format!("unix://{rest}"),
                _ if is_tls => format!("rediss://{rest}{insecure}"),
                _ => format!("redis://{rest}"),
            };
            let mut info = url.as_str().into_connection_info().map_err(refuse)?;
            let mut settings = info.redis_settings().clone();
            if let Some(username) = &config.username {
                settings = settings.set_username(username);
            }
            if let Some(password) = &config.password {
                settings = settings.set_password(password);
            }
            if let Some(db) = config.db {
                settings = settings.set_db(db);
            }
            info = info.set_redis_settings(settings);
            let client = if is_tls { Client::build_with_tls(info, certificates) } else { Client::open(info) };
            Ok(Target::Single(client.map_err(refuse)?))
        }
        "redis+cluster" | "rediss+cluster" => {
            let (login, hosts) = rest.rsplit_once('@').unwrap_or(("", rest));
            let single = if is_tls { "rediss" } else { "redis" };
            let nodes = hosts.trim_end_matches('/').split(',').map(|host| format!("{single}://{host}"));
            let mut builder = ClusterClientBuilder::new(nodes)
                .connection_timeout(config.connect_timeout)
                .response_timeout(config.command_timeout);
            let (user, password) = login_of(config, login);
            if let Some(user) = user {
                builder = builder.username(user);
            }
            if let Some(password) = password {
                builder = builder.password(password);
            }
            if is_tls {
                builder = builder.certs(certificates);
            }
            Ok(Target::Cluster(builder.build().map_err(refuse)?))
        }
        "redis+sentinel" => {
            let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
            let mut parts = rest.splitn(3, '/');
            let (hosts, master, db) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next());
            if master.is_empty() {
                return Err(Error::argument("url: redis+sentinel needs the master's name: …/<master>"));
            }
            let addresses = hosts.split(',').map(|host| {
                let (name, port) = host.rsplit_once(':').unwrap_or((host, "26379"));
                Ok(ConnectionAddr::Tcp(name.to_owned(), port.parse().map_err(|_| wrong_url())?))
            });
            let addresses = addresses.collect::<Result<Vec<_>>>()?;
            let builder = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master);
            let mut builder = builder.map_err(refuse)?;
            let (user, password) = login_of(config, login);
            if let Some(user) = user {
                builder = builder.set_client_to_redis_username(user);
            }
            if let Some(password) = password {
                builder = builder.set_client_to_redis_password(password);
            }
            if let Some(db) = config.db.or_else(|| db.and_then(|db| db.parse().ok())) {
                builder = builder.set_client_to_redis_db(db);
            }
            if config.tls.ca.is_some() || config.tls.client.is_some() {
                let mode = if config.tls.accept_any { TlsMode::Insecure } else { TlsMode::Secure };
                builder = builder.set_client_to_redis_tls_mode(mode).set_client_to_redis_certificates(certificates);
            }
            Ok(Target::Sentinel(Mutex::new(builder.build().map_err(refuse)?)))
        }
        _ => Err(wrong_url()),
    }
}

/// User and password, those of the configuration before those of the URL.
fn login_of(config: &Config, login: &str) -> (Option<String>, Option<String>) {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (config.username.clone().or_else(|| given(user)), config.password.clone().or_else(|| given(password)))
}

/// Whether the same command may succeed later.
fn is_passing(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_timeout()
        || error.is_connection_refusal()
        || error.is_cluster_error()
        || matches!(error.kind(), ErrorKind::Io)
        || matches!(error.code(), Some("LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "BUSY"))
}

fn failed(error: &RedisError) -> Error {
    let retriable = is_passing(error);
    let code = match error.code() {
        Some("NOSCRIPT") => "NOSCRIPT",
        _ if retriable => "UNAVAILABLE",
        _ => "STORE_FAILED",
    };
    Error::Store { code, message: format!("Redis: {error}"), retriable }
}

impl Connection {
    async fn query(&mut self, cmd: &Cmd) -> Result<Value, RedisError> {
        match self {
            Self::Single(c) => c.req_packed_command(cmd).await,
            Self::Cluster(c) => c.req_packed_command(cmd).await,
        }
    }
}

impl RedisStore {
    async fn new_connection(&self) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.config.connect_timeout))
            .set_response_timeout(Some(self.config.command_timeout));
        Ok(match &self.target {
            Target::Single(c) => Connection::Single(c.get_multiplexed_async_connection_with_config(&config).await?),
            Target::Cluster(c) => Connection::Cluster(c.get_async_connection().await?),
            Target::Sentinel(c) => Connection::Single(c.lock().await.get_async_connection_with_config(&config).await?),
        })
    }

    async fn connection(&self) -> Result<Connection, RedisError> {
        let mut held = self.connection.lock().await;
        if let Some(connection) = &*held {
            return Ok(connection.clone());
        }
        let connection = self.new_connection().await?;
        if self.connected_once.swap(true, Relaxed) {
            self.counters.reconnects.fetch_add(1, Relaxed);
        }
        *held = Some(connection.clone());
        Ok(connection)
    }

    /// Runs a command until it succeeds or `patience` is over.
    async fn query(&self, cmd: &Cmd, patience: Duration) -> Result<Value> {
        let deadline = Instant::now() + patience;
        let (mut pause, longest) = self.config.reconnect;
        loop {
            if self.closed.load(Relaxed) {
                return Err(closed());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let attempt = async { self.connection().await?.query(cmd).await };
            let bound = left.max(self.config.command_timeout);
            let error = match tokio::time::timeout(bound, attempt).await {
                Ok(Ok(Value::ServerError(e))) => RedisError::from(e),
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => error,
                Err(_) => RedisError::from((ErrorKind::Io, "no answer in time")),
            };
            if !is_passing(&error) {
                return Err(failed(&error));
            }
            self.connection.lock().await.take();
            if Instant::now() + pause >= deadline {
                return Err(failed(&error));
            }
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(longest);
        }
    }

    async fn run<T: redis::FromRedisValue>(&self, cmd: &Cmd) -> Result<T> {
        self.run_within(cmd, self.config.retry_for).await
    }

    async fn run_within<T: redis::FromRedisValue>(&self, cmd: &Cmd, patience: Duration) -> Result<T> {
        let value = self.query(cmd, patience).await?;
        redis::from_redis_value(value).map_err(|e| broken("STORE_FAILED", format!("Redis gave an odd answer: {e}")))
    }

    /// Runs a script by its hash, and whole where the server does not know it.
    async fn script<T: redis::FromRedisValue>(
        &self,
        (script, body): (&Script, &str),
        keys: &[String],
        args: &[Vec<u8>],
        patience: Duration,
    ) -> Result<T> {
        let command = |name: &str, code: &str| {
            let mut cmd = redis::cmd(name);
            cmd.arg(code).arg(keys.len()).arg(keys).arg(args);
            cmd
        };
        match self.run_within(&command("EVALSHA", script.get_hash()), patience).await {
            Err(Error::Store { code: "NOSCRIPT", .. }) => self.run_within(&command("EVAL", body), patience).await,
            other => other,
        }
    }

    async fn check_server(&self, patience: Duration) -> Result<Option<String>> {
        self.query(&redis::cmd("PING"), patience).await?;
        let mut info = redis::cmd("INFO");
        info.arg("server");
        let text: String = match self.query(&info, patience).await.map(redis::from_redis_value::<String>) {
            Ok(Ok(text)) => text,
            _ => String::new(),
        };
        let version = text.lines().find_map(|line| line.strip_prefix("redis_version:"));
        let major = version.and_then(|v| v.split('.').next()).and_then(|v| v.parse::<u32>().ok());
        if major.is_some_and(|major| major < 6) {
            let version = version.unwrap_or_default();
            return Err(broken("UNSUPPORTED", format!("Redis 6 or newer is needed, this is {version}")));
        }
        let mut policy = redis::cmd("CONFIG");
        policy.arg("GET").arg("maxmemory-policy");
        let policy = self.query(&policy, patience).await.map(redis::from_redis_value::<HashMap<String, String>>);
        let policy = policy.ok().and_then(|p| p.ok()).and_then(|mut p| p.remove("maxmemory-policy"));
        let evicts = policy.filter(|p| p.starts_with("allkeys-"));
        Ok(evicts.map(|p| format!("Redis may evict states: its maxmemory-policy is {p}; use noeviction or volatile-*")))
    }

    async fn read_id(&self, patience: Duration) -> Result<String> {
        let key = format!("{}:store", self.config.prefix);
        let mut set = redis::cmd("SET");
        set.arg(&key).arg(uuid::Uuid::from_bytes(new_id()).to_string()).arg("NX");
        self.query(&set, patience).await?;
        let mut get = redis::cmd("GET");
        get.arg(&key);
        self.run(&get).await
    }

    fn manifest_key(&self, scope: &str) -> String {
        format!("{}:{{{scope}}}:m", self.config.prefix)
    }

    fn record_key(&self, scope: &str, key: &[u8]) -> String {
        format!("{}:{{{scope}}}:k:{}", self.config.prefix, key_name(key))
    }

    fn ttl_ms(&self) -> u128 {
        self.config.ttl.map_or(0, |ttl| ttl.as_millis())
    }

    /// Waits until enough replicas have what was written.
    async fn replicate(&self) -> Result<()> {
        if self.config.wait_replicas == 0 {
            return Ok(());
        }
        let mut wait = redis::cmd("WAIT");
        wait.arg(self.config.wait_replicas).arg(self.config.command_timeout.as_millis() as u64 / 2);
        let replicas: u32 = self.run(&wait).await?;
        if replicas >= self.config.wait_replicas {
            return Ok(());
        }
        let message = format!("Redis: {replicas} of {} replicas confirmed", self.config.wait_replicas);
        Err(Error::Store { code: "UNAVAILABLE", message, retriable: true })
    }

    async fn acquire_scope(&self, scope: &str, owner: &str) -> Result<Lease> {
        check_scope(scope)?;
        let args = [(now_ms() as i64).to_string(), owner.to_owned(), self.ttl_ms().to_string()].map(String::into_bytes);
        let keys = [self.manifest_key(scope)];
        let (epoch, before): (i64, HashMap<String, String>) =
            self.script((&self.acquire, ACQUIRE), &keys, &args, self.config.retry_for).await?;
        self.replicate().await?;
        let manifest = before.contains_key("seq").then(|| manifest_of(&before));
        Ok(Lease { scope: scope.to_owned(), epoch, owner: owner.to_owned(), manifest })
    }

    async fn release_scope(&self, lease: &Lease) -> Result<()> {
        let (keys, args) = ([self.manifest_key(&lease.scope)], [lease.epoch.to_string().into_bytes()]);
        self.script::<Value>((&self.release, RELEASE), &keys, &args, self.config.retry_for).await.map(drop)
    }

    async fn read_records(&self, scope: &str, key: &[u8]) -> Result<Vec<Record>> {
        let mut cmd = redis::cmd("HMGET");
        cmd.arg(self.record_key(scope, key)).arg("0").arg("1");
        let slots: Vec<Option<Vec<u8>>> = self.run(&cmd).await?;
        decode_all(slots)
    }

    async fn put_all(&self, lease: &Lease, entries: &[Entry], update: Option<&ManifestUpdate>) -> Result<()> {
        let mut chunks = self.chunks(entries).into_iter().peekable();
        if chunks.peek().is_none() {
            self.put_chunk(lease, &[], update, true).await?;
        }
        while let Some(chunk) = chunks.next() {
            let last = chunks.peek().is_none();
            self.put_chunk(lease, chunk, update, last).await?;
            if !last {
                crate::failpoint!("store-chunk");
            }
        }
        if update.is_some() {
            self.replicate().await?;
        }
        self.counters.wrote(entries.len(), entries.iter().map(|e| e.state.len()).sum());
        Ok(())
    }

    /// Cuts entries into pieces that a script may take.
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
        if begin < entries.len() {
            chunks.push(&entries[begin..]);
        }
        chunks
    }

    /// Writes some records; with the last of them the manifest.
    async fn put_chunk(
        &self,
        lease: &Lease,
        entries: &[Entry],
        update: Option<&ManifestUpdate>,
        is_last: bool,
    ) -> Result<()> {
        let mut keys = vec![self.manifest_key(&lease.scope)];
        keys.extend(entries.iter().map(|e| self.record_key(&lease.scope, &e.key)));
        let definition = update.map_or("", |u| u.definition.as_str());
        // A clock in µs makes versions that rise over owners, mostly; the script says where it does not.
        let mut version = (now_ms() * 1e3) as u64;
        loop {
            let mut args = vec![lease.epoch.to_string().into_bytes(), lease.owner.clone().into_bytes()];
            args.extend(
                [self.ttl_ms().to_string(), version.to_string(), entries.len().to_string()].map(String::into_bytes),
            );
            let follows = update.and_then(|u| u.follows.map(|follows| [follows, u.seq]));
            args.extend(follows.map_or_else(Default::default, |seqs| seqs.map(|seq| seq.to_string().into_bytes())));
            for entry in entries {
                let (mode, keep) = match entry.slot {
                    Slot::Only => ("only", None),
                    Slot::Alternate { keep } => ("alternate", keep),
                };
                let record = new_record(entry, version, lease.epoch, definition).encode(self.config.compress);
                let name = if is_hashed(&entry.key) { entry.key.clone() } else { Vec::new() };
                args.extend([mode.into(), keep.map_or(String::new(), |k| k.to_string()).into_bytes(), record, name]);
            }
            if let Some(update) = update.filter(|_| is_last) {
                let manifest = updated(Manifest::default(), update, &self.store_id);
                args.extend(manifest_fields(&manifest).into_iter().flat_map(|(k, v)| [k.into(), v.into_bytes()]));
            }
            let script = (&self.put, include_str!("redis.lua"));
            let answer: Vec<String> = self.script(script, &keys, &args, self.config.retry_for).await?;
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
        let record =
            state.map(|(format, state)| value_record(format, state, expected + 1).encode(self.config.compress));
        let ttl = ttl.map_or(self.ttl_ms(), |ttl| ttl.as_millis());
        let name = if is_hashed(key) { key.to_vec() } else { Vec::new() };
        let mut args =
            vec![expected.to_string().into_bytes(), record.unwrap_or_default(), ttl.to_string().into_bytes()];
        args.extend([b"1".to_vec(), name]);
        let (script, keys) = ((&self.swap, SWAP), [self.record_key(scope, key)]);
        let first = self.script(script, &keys, &args, Duration::ZERO).await;
        let (ok, version): (u8, u64) = match first {
            // Only the first try of a deletion can tell that nothing was there: its reply may have been lost.
            Err(Error::Store { retriable: true, .. }) => {
                args[3] = b"0".to_vec();
                self.script(script, &keys, &args, self.config.retry_for).await?
            }
            other => other?,
        };
        if ok == 1 {
            self.counters.wrote(1, state.map_or(0, |(_, s)| s.len()));
        }
        Ok(Swap { ok: ok == 1, version })
    }

    /// The keys of a scope on the server that `cursor` has come to.
    async fn scan_names(&self, scope: &str, cursor: u64, limit: usize) -> Result<(u64, Vec<String>)> {
        let prefix = self.record_key(scope, b"");
        let mut pattern = String::new();
        for c in prefix.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        let mut cmd = redis::cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(format!("{pattern}*")).arg("COUNT").arg(limit.max(100));
        if matches!(self.target, Target::Cluster(_)) {
            return Err(broken("UNSUPPORTED", "scan and removal of a whole scope are not available on a cluster"));
        }
        self.run(&cmd).await
    }

    async fn scan_page(&self, scope: &str, from: Option<&[u8]>, limit: usize) -> Result<Page> {
        let cursor = from.and_then(|c| std::str::from_utf8(c).ok()?.parse().ok()).unwrap_or(0);
        let (next, names) = self.scan_names(scope, cursor, limit).await?;
        let prefix = self.record_key(scope, b"");
        let mut entries = Vec::new();
        for name in names {
            let mut cmd = redis::cmd("HMGET");
            cmd.arg(&name).arg("0").arg("1").arg("k");
            let mut fields: Vec<Option<Vec<u8>>> = self.run(&cmd).await?;
            let key = fields.pop().flatten().unwrap_or_else(|| key_of(&name[prefix.len()..]));
            if let Some(record) = decode_all(fields)?.into_iter().next() {
                entries.push((key, record));
            }
        }
        Ok(Page { entries, next: (next != 0).then(|| next.to_string().into_bytes()) })
    }

    async fn remove_keys(&self, scope: &str, key: Option<&[u8]>) -> Result<u64> {
        let mut del = redis::cmd("DEL");
        if let Some(key) = key {
            del.arg(self.record_key(scope, key));
            return self.run(&del).await;
        }
        let (mut cursor, mut removed) = (0, 0);
        loop {
            let (next, names) = self.scan_names(scope, cursor, 1000).await?;
            if !names.is_empty() {
                let mut del = redis::cmd("DEL");
                del.arg(&names);
                removed += self.run::<u64>(&del).await?;
            }
            if next == 0 {
                break;
            }
            cursor = next;
        }
        del.arg(self.manifest_key(scope));
        self.run::<u64>(&del).await?;
        Ok(removed)
    }

    fn noted<'a, T: 'a>(&'a self, call: impl Future<Output = Result<T>> + Send + 'a) -> Call<'a, T> {
        let begun = Instant::now();
        Box::pin(async move { self.counters.note(begun, call.await) })
    }
}

fn decode_all(slots: Vec<Option<Vec<u8>>>) -> Result<Vec<Record>> {
    let mut records = slots.iter().flatten().map(|r| Record::decode(r)).collect::<Result<Vec<_>>>()?;
    records.sort_by_key(|r| std::cmp::Reverse(r.version));
    Ok(records)
}

fn is_hashed(key: &[u8]) -> bool {
    escaped(key).len() > LONGEST_KEY
}

fn escaped(key: &[u8]) -> String {
    let mut name = String::with_capacity(key.len());
    for &byte in key {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => name.push(byte.into()),
            _ => _ = write!(name, "%{byte:02X}"),
        }
    }
    name
}

/// The part of a Redis key that stands for `key`.
fn key_name(key: &[u8]) -> String {
    let name = escaped(key);
    if name.len() <= LONGEST_KEY {
        return name;
    }
    Sha256::digest(key).iter().fold("#".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// The key that a name stands for, where it is not hashed.
fn key_of(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                key.push(byte);
                rest = &tail[2..];
            }
            None => {
                key.push(first);
                rest = tail;
            }
        }
    }
    key
}

fn manifest_fields(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("seq", manifest.seq.to_string()),
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

    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Call<'a, Vec<Vec<Record>>> {
        self.noted(async move {
            let mut all = Vec::with_capacity(keys.len());
            for key in keys {
                all.push(self.read_records(scope, key).await?);
            }
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
        self.noted(async move { self.run::<Value>(&redis::cmd("PING")).await.map(|_| ()) })
    }

    fn metrics(&self) -> Metrics {
        self.counters.metrics()
    }

    fn close(&self) -> Call<'_, ()> {
        self.closed.store(true, Relaxed);
        Box::pin(async move {
            self.connection.lock().await.take();
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_are_safe_and_read_back() {
        assert_eq!(key_name("a b/é".as_bytes()), "a%20b%2F%C3%A9");
        assert_eq!(key_of("a%20b%2F%C3%A9"), "a b/é".as_bytes());
        assert_eq!(key_name(&[0, 255]), "%00%FF");
        let long = vec![b'x'; 129];
        assert!(is_hashed(&long) && key_name(&long).len() == 65 && key_name(&long).starts_with('#'));
    }
}
