//! The connection: made when it is needed, made anew when it breaks. Every request may be repeated, and is, for as long as
//! the caller has patience.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr};
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, Script, Value};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

use super::super::{Counters, broken, closed};
use super::target::Target;
use super::{Config, TARGET};
use crate::error::{Error, Result};

/// What can be asked.
#[derive(Clone, Copy)]
pub enum Request<'a> {
    /// A command whose keys say which server of a cluster it is for.
    One(&'a Cmd),
    /// A command for the server of a cluster that has this key.
    At(&'a Cmd, &'a str),
    /// Commands whose keys share a slot, in one round trip.
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
    closed: AtomicBool,
}

#[derive(Clone)]
struct Held {
    connection: Connection,
    /// Tells a connection from the one made after it.
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

/// An error among the answers is the answer.
fn checked(value: Value) -> Result<Value, RedisError> {
    match value {
        Value::ServerError(error) => Err(error.into()),
        Value::Array(values) => values.into_iter().map(checked).collect::<Result<_, _>>().map(Value::Array),
        value => Ok(value),
    }
}

/// Whether the same command may succeed later.
fn is_passing(error: &RedisError) -> bool {
    use ErrorKind::{ClusterConnectionNotFound, Io, MasterNameNotFoundBySentinel};
    const CODES: [&str; 8] =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "MOVED", "UNBLOCKED"];
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_timeout()
        || error.is_connection_refusal()
        || error.is_cluster_error()
        || matches!(error.kind(), Io | ClusterConnectionNotFound | MasterNameNotFoundBySentinel)
        || error.code().is_some_and(|code| CODES.contains(&code))
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

impl Link {
    pub fn new(target: Target, config: &Config) -> Self {
        Self {
            target,
            connect_timeout: config.connect_timeout,
            command_timeout: config.command_timeout,
            pauses: config.reconnect,
            held: Mutex::new(None),
            made: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    async fn connect(&self) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.command_timeout));
        Ok(match &self.target {
            Target::Single(c) => Connection::Single(c.get_multiplexed_async_connection_with_config(&config).await?),
            Target::Cluster(c) => Connection::Cluster(c.get_async_connection().await?),
            Target::Sentinel(c) => Connection::Single(c.lock().await.get_async_connection_with_config(&config).await?),
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

    /// Lets a broken connection go, unless another one has taken its place.
    async fn let_go(&self, number: u64) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|h| h.number == number) {
            *held = None;
        }
    }

    /// One try.
    async fn attempt(&self, request: Request<'_>, counters: &Counters) -> Result<Value, RedisError> {
        let mut held = self.held(counters).await?;
        let bound = 2 * self.command_timeout;
        let result = match tokio::time::timeout(bound, held.connection.send(request)).await {
            Ok(answer) => answer.and_then(checked),
            Err(_) => Err(RedisError::from((ErrorKind::Io, "no answer in time"))),
        };
        if result.as_ref().is_err_and(is_passing) {
            self.let_go(held.number).await;
        }
        result
    }

    /// Asks until there is an answer or `patience` is over.
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
                    let odd = |e| broken("STORE_FAILED", format!("Redis gave an odd answer: {e}"));
                    return redis::from_redis_value(value).map_err(odd);
                }
                Ok(Err(error)) => error,
                Err(_) => RedisError::from((ErrorKind::Io, "no answer in time")),
            };
            if !is_passing(&error) || Instant::now() + pause >= deadline {
                return Err(failed(&error));
            }
            tracing::warn!(target: TARGET, %error, "Redis does not answer; trying again");
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(longest);
        }
    }

    /// Runs a script by its hash, and whole where the server does not know it.
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
