use dsp_stream::kafka::embedded::{CLIENT_CONFIG, EmbeddedKafka};
use napi::Env;
use napi_derive::napi;
use std::collections::HashMap;
use std::sync::Arc;

use super::environment;
use crate::streaming::error::thrown;

/// A request that an embedded cluster received.
#[napi(object)]
pub struct EmbeddedRequest {
    /// Name of the API.
    pub api: String,
    /// Broker that received it.
    pub broker: i32,
    /// Time in ms of a monotonic clock.
    pub at: f64,
}

/// Returns whether one of the comma-separated brokers belongs to an embedded cluster of this process.
#[napi(catch_unwind)]
pub fn is_embedded_kafka(brokers: String) -> bool {
    EmbeddedKafka::find(&brokers).is_some()
}

/// An embedded cluster.
#[napi]
pub struct NativeEmbeddedKafka(Arc<EmbeddedKafka>);

#[napi]
impl NativeEmbeddedKafka {
    /// Starts a cluster.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, brokers: f64, rebalance_delay_ms: f64) -> napi::Result<Self> {
        let cluster = EmbeddedKafka::start(brokers, rebalance_delay_ms).map_err(|e| thrown(env, e))?;
        environment::add_cluster(env, &cluster)?;
        Ok(Self(cluster))
    }

    /// Returns the addresses of the brokers.
    #[napi(getter, catch_unwind)]
    pub fn brokers(&self) -> Vec<String> {
        self.0.brokers().to_vec()
    }

    /// Returns client options that suit the cluster.
    #[napi(getter, catch_unwind)]
    pub fn client_config(&self) -> HashMap<&'static str, &'static str> {
        CLIENT_CONFIG.iter().copied().collect()
    }

    /// Creates a topic.
    #[napi(catch_unwind)]
    pub fn create_topic(&self, env: &Env, name: String, partitions: f64) -> napi::Result<()> {
        self.0.create_topic(&name, partitions).map_err(|e| thrown(env, e))
    }

    /// Disconnects a broker; without an id all of them.
    #[napi(catch_unwind)]
    pub fn broker_down(&self, env: &Env, id: Option<f64>) -> napi::Result<()> {
        self.0.broker_down(id).map_err(|e| thrown(env, e))
    }

    /// Reconnects a broker; without an id all of them.
    #[napi(catch_unwind)]
    pub fn broker_up(&self, env: &Env, id: Option<f64>) -> napi::Result<()> {
        self.0.broker_up(id).map_err(|e| thrown(env, e))
    }

    /// Delays the answers of a broker by `ms`; without an id those of all brokers.
    #[napi(catch_unwind)]
    pub fn set_latency(&self, env: &Env, ms: f64, id: Option<f64>) -> napi::Result<()> {
        self.0.set_latency(ms, id).map_err(|e| thrown(env, e))
    }

    /// Moves the leader of a partition.
    #[napi(catch_unwind)]
    pub fn move_leader(&self, env: &Env, topic: String, partition: f64, id: f64) -> napi::Result<()> {
        self.0.move_leader(&topic, partition, id).map_err(|e| thrown(env, e))
    }

    /// Makes the next requests of a kind fail.
    #[napi(catch_unwind)]
    pub fn fail_next(&self, env: &Env, api: String, errors: Vec<String>) -> napi::Result<()> {
        self.0.fail_next(&api, &errors).map_err(|e| thrown(env, e))
    }

    /// Returns the requests received.
    #[napi(catch_unwind)]
    pub fn requests(&self, env: &Env) -> napi::Result<Vec<EmbeddedRequest>> {
        let requests = self.0.requests().map_err(|e| thrown(env, e))?;
        Ok(requests.into_iter().map(|r| EmbeddedRequest { api: r.api, broker: r.broker, at: r.at_ms }).collect())
    }

    /// Discards the received requests.
    #[napi(catch_unwind)]
    pub fn clear_requests(&self, env: &Env) -> napi::Result<()> {
        self.0.clear_requests().map_err(|e| thrown(env, e))
    }

    /// Stops the cluster.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.0.close();
    }
}
