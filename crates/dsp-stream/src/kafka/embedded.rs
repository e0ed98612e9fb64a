//! An embedded broker for demos, examples and tests: librdkafka's mock cluster. Everything is in memory and ends with
//! the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, Weak};

use super::ffi::MockCluster;
use super::lock;
use crate::error::{Error, Result};

/// Client options for a fast client of an embedded cluster: it answers an empty fetch only after the whole wait, and
/// notices a member that left without a message only after a session. Requested topics are created.
pub const CLIENT_CONFIG: &[(&str, &str)] = &[
    ("allow.auto.create.topics", "true"),
    ("fetch.wait.max.ms", "5"),
    ("session.timeout.ms", "3000"),
    ("heartbeat.interval.ms", "300"),
    ("reconnect.backoff.max.ms", "500"),
];

/// Names and numbers of the requests for `fail_next` and `requests`.
const APIS: &[(&str, i16)] = &[
    ("Produce", 0),
    ("Fetch", 1),
    ("ListOffsets", 2),
    ("Metadata", 3),
    ("OffsetCommit", 8),
    ("OffsetFetch", 9),
    ("FindCoordinator", 10),
    ("JoinGroup", 11),
    ("Heartbeat", 12),
    ("LeaveGroup", 13),
    ("SyncGroup", 14),
    ("SaslHandshake", 17),
    ("ApiVersion", 18),
    ("InitProducerId", 22),
    ("OffsetForLeaderEpoch", 23),
    ("AddPartitionsToTxn", 24),
    ("AddOffsetsToTxn", 25),
    ("EndTxn", 26),
    ("TxnOffsetCommit", 28),
];

/// A request that the cluster received.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Name of the API, such as `Produce`.
    pub api: String,
    /// Broker that received it.
    pub broker: i32,
    /// Time in ms of a monotonic clock.
    pub at_ms: f64,
}

/// A running embedded cluster; it stops with the last reference.
pub struct EmbeddedKafka {
    cluster: Mutex<Option<MockCluster>>,
    brokers: Vec<String>,
    groups: Mutex<HashMap<String, (String, usize)>>,
}

/// The clusters of this process, by broker address.
static REGISTRY: Mutex<BTreeMap<String, Weak<EmbeddedKafka>>> = Mutex::new(BTreeMap::new());

impl EmbeddedKafka {
    /// Starts a cluster with 1 to 16 brokers.
    ///
    /// # Errors
    /// `Argument` if a number is out of range; `Kafka` if no port is free.
    pub fn start(brokers: f64, rebalance_delay_ms: f64) -> Result<Arc<Self>> {
        let count = integer("brokers", brokers, 1, 16)?;
        let delay = integer("rebalanceDelayMs", rebalance_delay_ms, 0, 60_000)?;
        let cluster = MockCluster::new(count)?;
        cluster.set_rebalance_delay(delay);
        let brokers = cluster.brokers();
        let this = Arc::new(Self { cluster: Mutex::new(Some(cluster)), brokers, groups: Mutex::default() });
        let mut registry = lock(&REGISTRY);
        registry.retain(|_, cluster| cluster.strong_count() > 0);
        registry.extend(this.brokers.iter().map(|b| (b.clone(), Arc::downgrade(&this))));
        Ok(this)
    }

    /// Returns the cluster of this process to which one of the comma-separated `brokers` belongs.
    pub fn find(brokers: &str) -> Option<Arc<Self>> {
        let registry = lock(&REGISTRY);
        brokers.split(',').find_map(|b| registry.get(b.trim())?.upgrade())
    }

    /// Returns the addresses of the brokers, `127.0.0.1:<port>`.
    pub fn brokers(&self) -> &[String] {
        &self.brokers
    }

    /// Creates a topic.
    ///
    /// # Errors
    /// `Argument` if the name or the number of partitions cannot be used; `Kafka` if the topic cannot be created.
    pub fn create_topic(&self, name: &str, partitions: f64) -> Result<()> {
        let partitions = integer("partitions", partitions, 1, 10_000)?;
        if name.is_empty() || name.len() > 249 {
            return Err(Error::argument("createTopic: name must have 1 to 249 characters"));
        }
        self.with(|c| c.create_topic(name, partitions))
    }

    /// Disconnects a broker (`None`: all).
    ///
    /// # Errors
    /// `Argument` if there is no such broker.
    pub fn broker_down(&self, id: Option<f64>) -> Result<()> {
        self.each_broker(id, MockCluster::set_down)
    }

    /// Reconnects a broker (`None`: all).
    ///
    /// # Errors
    /// `Argument` if there is no such broker.
    pub fn broker_up(&self, id: Option<f64>) -> Result<()> {
        self.each_broker(id, MockCluster::set_up)
    }

    /// Delays every answer of a broker (`None`: all) by `ms`.
    pub fn set_latency(&self, ms: f64, id: Option<f64>) -> Result<()> {
        let ms = integer("ms", ms, 0, 3_600_000)?;
        self.each_broker(id, |cluster, broker| cluster.set_latency(broker, ms))
    }

    /// Makes broker `id` the leader of a partition.
    pub fn move_leader(&self, topic: &str, partition: f64, id: f64) -> Result<()> {
        let partition = integer("partition", partition, 0, 9_999)?;
        let id = self.broker_id(id)?;
        self.with(|c| c.set_leader(topic, partition, id))
    }

    /// Answers the next requests of kind `api` with these errors, one each.
    ///
    /// # Errors
    /// `Argument` for a kind or an error that is not known.
    pub fn fail_next(&self, api: &str, errors: &[String]) -> Result<()> {
        let unknown = || Error::argument(format!("failNext: {api} is not one of {}", names()));
        let key = APIS.iter().find(|(name, _)| *name == api).ok_or_else(unknown)?.1;
        self.with(|c| c.push_errors(key, errors))
    }

    /// Returns the requests received since the last `clear_requests`.
    pub fn requests(&self) -> Result<Vec<Request>> {
        let name = |key: i16| APIS.iter().find(|a| a.1 == key).map_or_else(|| format!("Api{key}"), |a| a.0.to_owned());
        let requests = self.with(|c| Ok(c.requests()))?;
        Ok(requests
            .into_iter()
            .map(|(api, broker, at)| Request { api: name(api), broker, at_ms: at as f64 / 1e3 })
            .collect())
    }

    /// Discards the received requests.
    pub fn clear_requests(&self) -> Result<()> {
        self.with(|c| {
            c.clear_requests();
            Ok(())
        })
    }

    /// Stops the cluster; clients see a lost connection. May be called again.
    pub fn close(&self) {
        let cluster = lock(&self.cluster).take();
        drop(cluster);
        let mut registry = lock(&REGISTRY);
        self.brokers.iter().for_each(|b| {
            registry.remove(b);
        });
    }

    /// Counts a member of `group`. The mock cluster ends the whole process when members of one group whose first
    /// assignors differ meet, so a second assignor is refused.
    ///
    /// # Errors
    /// `Kafka` if the group uses another assignor.
    pub fn join(&self, group: &str, assignor: &str) -> Result<()> {
        let mut groups = lock(&self.groups);
        let (known, members) = groups.entry(group.to_owned()).or_insert_with(|| (assignor.to_owned(), 0));
        if known != assignor && *members > 0 {
            return Err(super::failure(
                "INCONSISTENT_GROUP_PROTOCOL",
                format!(
                    "group {group} uses the assignor {known}; a member with the assignor {assignor} cannot join it"
                ),
            ));
        }
        assignor.clone_into(known);
        *members += 1;
        Ok(())
    }

    /// Removes a member of `group` from the count.
    pub fn leave(&self, group: &str) {
        if let Some((_, members)) = lock(&self.groups).get_mut(group) {
            *members = members.saturating_sub(1);
        }
    }

    fn with<T>(&self, call: impl FnOnce(&MockCluster) -> Result<T>) -> Result<T> {
        match &*lock(&self.cluster) {
            Some(cluster) => call(cluster),
            None => Err(super::failure("_STATE", "the embedded Kafka is closed")),
        }
    }

    fn broker_id(&self, id: f64) -> Result<i32> {
        integer("broker id", id, 1, self.brokers.len() as i32)
    }

    fn each_broker(&self, id: Option<f64>, call: impl Fn(&MockCluster, i32) -> Result<()>) -> Result<()> {
        let ids = match id {
            Some(id) => self.broker_id(id).map(|id| id..=id)?,
            None => 1..=self.brokers.len() as i32,
        };
        self.with(|cluster| ids.into_iter().try_for_each(|id| call(cluster, id)))
    }
}

fn names() -> String {
    APIS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn integer(name: &str, value: f64, min: i32, max: i32) -> Result<i32> {
    if value.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(&value) {
        return Ok(value as i32);
    }
    Err(Error::argument(format!("{name} must be an integer from {min} to {max}, got {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_found_by_its_address_until_it_closes() {
        let kafka = EmbeddedKafka::start(2.0, 100.0).unwrap();
        let [first, second] = kafka.brokers() else { panic!("two brokers") };
        assert!(first.starts_with("127.0.0.1:"));
        assert!(EmbeddedKafka::find(&format!("localhost:1, {second}")).is_some());
        kafka.create_topic("t", 3.0).unwrap();
        assert!(kafka.broker_down(Some(3.0)).unwrap_err().to_string().contains("1 to 2"));
        kafka.close();
        kafka.close();
        assert!(EmbeddedKafka::find(first).is_none());
        assert!(matches!(kafka.requests(), Err(Error::Kafka(e)) if e.code == "_STATE"));
    }

    #[test]
    fn unknown_names_are_refused() {
        let kafka = EmbeddedKafka::start(1.0, 0.0).unwrap();
        assert!(kafka.fail_next("Nonsense", &[]).unwrap_err().to_string().contains("Produce"));
        assert!(kafka.fail_next("Produce", &["NONSENSE".into()]).unwrap_err().to_string().contains("NONSENSE"));
        kafka.fail_next("Produce", &["_TRANSPORT".into()]).unwrap();
        assert!(EmbeddedKafka::start(0.0, 0.0).is_err() && EmbeddedKafka::start(1.5, 0.0).is_err());
    }

    #[test]
    fn a_second_assignor_is_refused() {
        let kafka = EmbeddedKafka::start(1.0, 0.0).unwrap();
        kafka.join("g", "range").unwrap();
        kafka.join("g", "range").unwrap();
        assert!(kafka.join("g", "cooperative-sticky").unwrap_err().to_string().contains("assignor"));
        kafka.leave("g");
        kafka.leave("g");
        kafka.join("g", "cooperative-sticky").unwrap();
    }
}
