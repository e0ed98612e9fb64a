//! The connection: made when it is needed, and again after it breaks. Every request can be repeated safely, and is
//! repeated for as long as the caller waits.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, Script, Value};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

use super::super::counters::Counters;
use super::super::failures::{broken, closed};
use super::config::{Config, TARGET};
use super::target::{Servers, Target};
use crate::error::{Error, Result};

/// A request to the server.
#[derive(Clone, Copy)]
pub enum Request<'a> {
    /// A command whose keys determine the server of a cluster.
    One(&'a Cmd),
    /// A command for the server of a cluster that holds this key.
    At(&'a Cmd, &'a str),
    /// Commands with keys of one slot, in one round trip.
    Many(&'a Pipeline),
}

/// The connection of one store.
pub struct Link {
    target: Target,
    connect_timeout: Duration,
    command_timeout: Duration,
    pauses: (Duration, Duration),
    held: Mutex<Option<Held>>,
    made: AtomicU64,
    /// Whether the server has answered all requests of opening a store.
    was_open: AtomicBool,
    closed: AtomicBool,
}

#[derive(Clone)]
struct Held {
    connection: Connection,
    /// Distinguishes a connection from the one made after it.
    number: u64,
}

#[derive(Clone)]
enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    async fn send(&mut self, request: Request<'_>) -> Result<Value, RedisError> {
        match (self, request) {
            (Self::Single(c), Request::One(cmd) | Request::At(cmd, _)) => c.req_packed_command(cmd).await,
            (Self::Cluster(c), Request::One(cmd)) => c.req_packed_command(cmd).await,
            (Self::Cluster(c), Request::At(cmd, key)) => {
                let route = SingleNodeRoutingInfo::SpecificNode(Route::with_key(key, SlotAddr::Master));
                c.route_command(cmd.clone(), RoutingInfo::SingleNode(route)).await
            }
            (Self::Single(c), Request::Many(pipe)) => many(c, pipe).await,
            (Self::Cluster(c), Request::Many(pipe)) => many(c, pipe).await,
        }
    }
}

async fn many(connection: &mut impl ConnectionLike, pipe: &Pipeline) -> Result<Value, RedisError> {
    connection.req_packed_commands(pipe, 0, pipe.len()).await.map(Value::Array)
}

/// Returns an error among the answers as the result.
fn checked(value: Value) -> Result<Value, RedisError> {
    match value {
        Value::ServerError(error) => Err(error.into()),
        Value::Array(values) => values.into_iter().map(checked).collect::<Result<_, _>>().map(Value::Array),
        value => Ok(value),
    }
}

/// Error codes that depend on the command alone; the server would refuse it again in any condition.
const LASTING: [&str; 8] = ["ERR", "WRONGTYPE", "CROSSSLOT", "NOSCRIPT", "NOPROTO", "EXECABORT", "NOTBUSY", "NOSUB"];
/// Error codes that depend on the client's rights. They may be temporary once a connection has succeeded: rights and
/// passwords are changed while clients run.
const IDENTITY: [&str; 4] = ["NOAUTH", "WRONGPASS", "NOPERM", "DENIED"];
/// Error codes that depend on the server's condition, which a new connection does not change.
const CONDITION: [&str; 5] = ["OOM", "MISCONF", "NOREPLICAS", "LOADING", "BUSY"];
/// Texts of an `ERR` of Redis 6 for a temporary condition, from within a script or before a connection is counted.
const PASSING_TEXTS: [&str; 5] = ["-OOM ", "-MISCONF ", "-NOREPLICAS ", "-READONLY ", "max number of clients reached"];

/// Returns the code of the server's refusal, if there is one.
fn code_of(error: &RedisError) -> Option<String> {
    let of_pipeline = || Some(error.clone().into_server_errors()?.first()?.1.code().to_owned());
    error.code().map(str::to_owned).or_else(of_pipeline)
}

/// Returns whether the same command may succeed later. `was_open`: the server has accepted the client before.
fn is_passing(error: &RedisError, was_open: bool) -> bool {
    use ErrorKind::{AuthenticationFailed, ClusterConnectionNotFound, Io, MasterNameNotFoundBySentinel};
    if error.kind() == AuthenticationFailed {
        return was_open;
    }
    if let Some(code) = code_of(error) {
        return match code.as_str() {
            // What a long command meets on a connection without a login.
            "ERR" if error.detail().is_some_and(|text| text.contains("unauthenticated")) => was_open,
            "ERR" => error.detail().is_some_and(|text| PASSING_TEXTS.iter().any(|passing| text.contains(passing))),
            code if IDENTITY.contains(&code) => was_open,
            code => !LASTING.contains(&code),
        };
    }
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_timeout()
        || error.is_connection_refusal()
        || error.is_cluster_error()
        || matches!(error.kind(), Io | ClusterConnectionNotFound | MasterNameNotFoundBySentinel)
}

/// Returns whether the connection is still usable after this error.
fn keeps_connection(error: &RedisError, was_open: bool) -> bool {
    !is_passing(error, was_open) || code_of(error).is_some_and(|code| CONDITION.contains(&code.as_str()))
}

impl Link {
    pub fn new(target: Target, config: &Config) -> Self {
        Self {
            target,
            connect_timeout: config.connect_timeout,
            command_timeout: config.command_timeout,
            pauses: config.reconnect,
            held: Mutex::new(None),
            made: AtomicU64::new(0),
            was_open: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        }
    }

    /// Notes that the server is usable: from now on its refusals of the client's rights count as temporary.
    pub fn opened(&self) {
        self.was_open.store(true, Relaxed);
    }

    fn is_passing(&self, error: &RedisError) -> bool {
        is_passing(error, self.was_open.load(Relaxed))
    }

    fn failed(&self, error: &RedisError) -> Error {
        let retriable = self.is_passing(error);
        let code = match code_of(error).as_deref() {
            Some("NOSCRIPT") => "NOSCRIPT",
            _ if retriable => "UNAVAILABLE",
            _ => "STORE_FAILED",
        };
        let message = format!("Redis at {}: {}{}", self.target.address, self.words(error), self.hint(error));
        Error::Store { code, message, retriable }
    }

    /// Returns the text of an error as one sentence without secrets.
    fn words(&self, error: &RedisError) -> String {
        let text = match (code_of(error), error.detail()) {
            (Some(code), Some(detail)) => format!("{code} {detail}"),
            _ => error.to_string(),
        };
        self.target.redacted(&text)
    }

    /// Returns the likely reason if the first connection fails as TLS does on a port without it, or the reverse.
    fn hint(&self, error: &RedisError) -> &'static str {
        let is_odd = code_of(error).is_none() && !error.is_connection_refusal() && is_passing(error, false);
        match (is_odd && self.made.load(Relaxed) == 0, self.target.is_tls) {
            (true, true) => " (does this port speak TLS? Without it the scheme is redis://)",
            (true, false) => " (if this port speaks TLS, the scheme is rediss://)",
            (false, _) => "",
        }
    }

    async fn connect(&self) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.command_timeout));
        Ok(match &self.target.client {
            Servers::Single(c) => Connection::Single(c.get_multiplexed_async_connection_with_config(&config).await?),
            Servers::Cluster(c) => Connection::Cluster(c.get_async_connection().await?),
            Servers::Sentinel(c) => Connection::Single(c.lock().await.get_async_connection_with_config(&config).await?),
        })
    }

    async fn held(&self, counters: &Counters) -> Result<Held, RedisError> {
        let mut held = self.held.lock().await;
        if let Some(held) = &*held {
            return Ok(held.clone());
        }
        let connection = self.connect().await?;
        let number = self.made.fetch_add(1, Relaxed);
        if number > 0 {
            counters.reconnects.fetch_add(1, Relaxed);
            tracing::info!(target: TARGET, connection = number, "connected to Redis again");
        }
        Ok(held.insert(Held { connection, number }).clone())
    }

    /// Drops a broken connection, unless another one has replaced it.
    async fn let_go(&self, number: u64) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|h| h.number == number) {
            *held = None;
        }
    }

    /// Makes one attempt.
    async fn attempt(&self, request: Request<'_>, counters: &Counters) -> Result<Value, RedisError> {
        let mut held = self.held(counters).await?;
        let bound = 2 * self.command_timeout;
        let result = match tokio::time::timeout(bound, held.connection.send(request)).await {
            Ok(answer) => answer.and_then(checked),
            Err(_) => Err(RedisError::from((ErrorKind::Io, "no answer in time"))),
        };
        let was_open = self.was_open.load(Relaxed);
        if result.as_ref().is_err_and(|error| !keeps_connection(error, was_open)) {
            self.let_go(held.number).await;
        }
        result
    }

    /// Repeats a request until there is an answer or `patience` is over.
    pub async fn ask<T: FromRedisValue>(
        &self,
        request: Request<'_>,
        counters: &Counters,
        patience: Duration,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        let (mut pause, longest) = self.pauses;
        loop {
            if self.closed.load(Relaxed) {
                return Err(closed());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let bound = left.max(self.command_timeout);
            let error = match tokio::time::timeout(bound, self.attempt(request, counters)).await {
                Ok(Ok(value)) => {
                    let odd = |e: redis::ParsingError| {
                        let text = self.target.redacted(&e.to_string());
                        broken("STORE_FAILED", format!("Redis at {} gave an odd answer: {text}", self.target.address))
                    };
                    return redis::from_redis_value(value).map_err(odd);
                }
                Ok(Err(error)) => error,
                Err(_) => RedisError::from((ErrorKind::Io, "no answer in time")),
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if !self.is_passing(&error) || left.is_zero() {
                return Err(self.failed(&error));
            }
            let (error, place) = (self.words(&error), &self.target.address);
            tracing::warn!(target: TARGET, error, place, "Redis does not answer; trying again");
            tokio::time::sleep(pause.min(left)).await;
            pause = (2 * pause).min(longest);
        }
    }

    /// Runs a script by its hash, or by its text if the server does not know it.
    pub async fn run<T: FromRedisValue>(
        &self,
        (script, body): (&Script, &str),
        keys: &[String],
        args: &[Vec<u8>],
        counters: &Counters,
        patience: Duration,
    ) -> Result<T> {
        let command = |name: &str, code: &str| {
            let mut cmd = redis::cmd(name);
            cmd.arg(code).arg(keys.len()).arg(keys).arg(args);
            cmd
        };
        match self.ask(Request::One(&command("EVALSHA", script.get_hash())), counters, patience).await {
            Err(Error::Store { code: "NOSCRIPT", .. }) => {
                self.ask(Request::One(&command("EVAL", body)), counters, patience).await
            }
            other => other,
        }
    }

    pub async fn close(&self) {
        self.closed.store(true, Relaxed);
        self.held.lock().await.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> RedisError {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        checked(answer).unwrap_err()
    }

    #[test]
    fn refusals_over_the_condition_of_the_server_pass() {
        for line in [
            "OOM command not allowed when used memory > 'maxmemory'.",
            "NOREPLICAS Not enough good replicas to write.",
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            "LOADING Redis is loading the dataset in memory",
            "READONLY You can't write against a read only replica.",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "CLUSTERDOWN Hash slot not served",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "BUSY Redis is busy running a script.",
            "UNBLOCKED force unblock from blocking operation",
            "ERR max number of clients reached",
            "SOMETHING new",
            "ERR Error running script (call to f_1): @user_script:12: -OOM command not allowed when used memory > 'maxmemory'.",
        ] {
            let error = refusal(line);
            assert!(is_passing(&error, false) && is_passing(&error, true), "{line}");
        }
    }

    #[test]
    fn refusals_of_who_we_are_pass_once_we_have_been_let_in() {
        for line in [
            "NOAUTH Authentication required.",
            "NOPERM this user has no permissions",
            "ERR Protocol error: unauthenticated multibulk length",
            "WRONGPASS invalid username-password pair",
        ] {
            let error = refusal(line);
            assert_eq!([is_passing(&error, false), is_passing(&error, true)], [false, true], "{line}");
        }
    }

    #[test]
    fn refusals_of_a_command_last() {
        for line in [
            "ERR unknown command",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "CROSSSLOT Keys",
        ] {
            assert!(!is_passing(&refusal(line), true), "{line}");
        }
    }

    #[test]
    fn a_full_server_keeps_its_connection_and_a_demoted_one_does_not() {
        assert!(keeps_connection(&refusal("OOM full"), true) && keeps_connection(&refusal("ERR odd"), true));
        assert!(!keeps_connection(&refusal("READONLY no"), true) && !keeps_connection(&refusal("NOAUTH who"), true));
    }
}
