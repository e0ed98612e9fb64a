//! Streams for JavaScript: `lib/kafka/stream/stream.js` builds its API on this class. Samples stay in Rust.

use dsp_stream::stream::kafka::{KafkaStream, PartitionStatus, Request, StreamEvent};
use dsp_stream::stream::protocol::config::StreamConfig;
use dsp_stream::stream::protocol::counters::Counters;
use dsp_stream::stream::protocol::key::{original, stored};
use dsp_stream::stream::protocol::status::PartitionEvent;
use dsp_stream::topic::TopicPartition;
use dsp_stream::{Error, KafkaFailure, partition_counters};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Function, Unknown};
use napi_derive::napi;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::kafka::options::KafkaProperties;
use crate::kafka::{environment, notify};
use crate::pipeline::NativePipeline;
use crate::streaming::error::{NativeFailure, thrown};
use crate::streaming::store::NativeStateStore;

/// A partition of a topic.
#[napi(object)]
pub struct StreamTopicPartition {
    pub topic: String,
    pub partition: i32,
}

impl From<TopicPartition> for StreamTopicPartition {
    fn from(source: TopicPartition) -> Self {
        Self { topic: source.topic, partition: source.partition }
    }
}

/// An event of a stream. Offsets are decimal text.
#[napi(discriminant = "kind", discriminant_case = "kebab-case", object_from_js = false)]
pub enum NativeStreamEvent {
    /// The answer to the call `id`.
    Answer { id: f64, error: Option<NativeFailure> },
    /// The answer to `state`.
    KeyState { id: f64, error: Option<NativeFailure>, state: Option<Buffer> },
    /// The stream has entered a state.
    State { state: String },
    /// Partitions were assigned.
    Assigned { partitions: Vec<StreamTopicPartition> },
    /// Partitions are being revoked.
    Revoked { partitions: Vec<StreamTopicPartition> },
    /// Partitions have already been assigned to other members.
    Lost { partitions: Vec<StreamTopicPartition> },
    /// States have been restored; messages from this offset on are processed.
    Restored { topic: String, partition: i32, offset: String },
    /// The store is older than the group's offset; processing continues from this one.
    StoreRollback { topic: String, partition: i32, offset: String },
    /// A checkpoint of so many states and bytes is stored; `ms` is the time that it took.
    Checkpoint { topic: String, partition: i32, offset: String, records: u32, bytes: f64, ms: f64 },
    /// A message went to the dead letter topic.
    Dlq { topic: String, partition: i32, offset: String, reason: String },
    /// The state of a key was that of a former pipeline: so many stages go on from it, those named start fresh.
    Migrated { topic: String, partition: i32, key: Option<String>, kept: u32, fresh: Vec<String> },
    /// Another instance has the scope of the partition; without one, the transactional id.
    Fenced { topic: Option<String>, partition: Option<i32>, reason: String },
    /// A partition waits for `resume`.
    Stalled { topic: String, partition: i32, reason: String },
    /// A partition is no longer assigned.
    Ended { counters: StreamCounters },
    /// An error that is not the answer to a call.
    Error { error: NativeFailure },
    /// A warning.
    Warning { text: String },
    /// A line of librdkafka's log.
    Log { text: String },
}

macro_rules! counters_object {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// Counters of a partition.
        #[napi(object)]
        pub struct StreamCounters {
            $($(#[$doc])* pub $name: f64,)*
        }

        impl From<Counters> for StreamCounters {
            fn from(counters: Counters) -> Self {
                Self { $($name: counters.$name as f64,)* }
            }
        }
    };
}

partition_counters!(counters_object);

/// Returns the counters of a partition that has counted nothing.
#[napi]
pub fn stream_counters() -> StreamCounters {
    Counters::default().into()
}

/// A partition of a stream.
#[napi(object)]
pub struct StreamPartition {
    pub topic: String,
    pub partition: i32,
    pub state: String,
    pub reason: Option<String>,
    pub epoch: f64,
    pub position: f64,
    pub checkpointed: f64,
    /// Distance to the end of the log in messages.
    pub lag: f64,
    /// Age of the last message in seconds, if there is lag.
    pub lag_seconds: f64,
    pub waits_for_store: bool,
    pub keys: u32,
    pub dirty: u32,
    pub last_checkpoint_ms: Option<f64>,
    /// Counters since its assignment.
    pub counters: StreamCounters,
}

/// Returns whether this build has failpoints.
#[napi]
pub fn has_failpoints() -> bool {
    cfg!(feature = "failpoints")
}

/// A stream.
#[napi]
pub struct NativeKafkaStream(Arc<KafkaStream>);

#[napi]
impl NativeKafkaStream {
    /// Makes a stream that does nothing until `start`; `config` is a `dsp_stream` `StreamConfig`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        config: Unknown<'_>,
        consumer: KafkaProperties,
        producer: KafkaProperties,
        store: &NativeStateStore,
        pipeline: &NativePipeline,
        callback: Function<'_, (), ()>,
    ) -> napi::Result<Self> {
        let notify = notify(callback)?;
        // The declaration of the options is in dsp-stream, which says what is wrong with them.
        let config: napi::Result<StreamConfig> = env.from_js_value(config);
        let make = || {
            let config = config.map_err(|e| Error::argument(e.reason.as_str()))?;
            let store = store.share().ok_or_else(|| Error::argument("store is closed"))?;
            let pipeline = pipeline.share();
            let pipeline = pipeline.lock().unwrap_or_else(PoisonError::into_inner);
            KafkaStream::new(config, (consumer.into(), producer.into()), store, &pipeline, notify)
        };
        let stream = Arc::new(make().map_err(|e| thrown(env, e))?);
        environment::add_stream(env, &stream)?;
        Ok(Self(stream))
    }

    /// Joins the group.
    #[napi(catch_unwind)]
    pub fn start(&self, id: f64) {
        self.0.request(Request::Start(id));
    }

    /// Makes a last checkpoint, leaves the group, frees the clients.
    #[napi(catch_unwind)]
    pub fn stop(&self, id: f64, timeout_ms: u32) {
        self.0.request(Request::Stop(id, Duration::from_millis(timeout_ms.into())));
    }

    /// Begins no new message.
    #[napi(catch_unwind)]
    pub fn pause(&self, id: f64) {
        self.0.request(Request::Pause(id));
    }

    /// Continues, also after a stall.
    #[napi(catch_unwind)]
    pub fn resume(&self, id: f64) {
        self.0.request(Request::Resume(id));
    }

    /// Makes a checkpoint of every partition.
    #[napi(catch_unwind)]
    pub fn checkpoint(&self, id: f64) {
        self.0.request(Request::Checkpoint(id));
    }

    /// Reads the state of a key; without a key, that of the messages that have none.
    #[napi(catch_unwind)]
    pub fn state(&self, id: f64, key: Option<Buffer>, topic: Option<String>, partition: Option<i32>) {
        self.0.request(Request::State(id, stored(key.as_deref()), topic, partition));
    }

    /// Returns all events, and removes them.
    #[napi(catch_unwind)]
    pub fn collect(&self) -> Vec<NativeStreamEvent> {
        self.0.collect().into_iter().map(NativeStreamEvent::from).collect()
    }

    /// Returns how many times the clients were replaced.
    #[napi(catch_unwind)]
    pub fn restarts(&self) -> f64 {
        self.0.restarts() as f64
    }

    /// Returns the numbers of committed and aborted transactions.
    #[napi(catch_unwind)]
    pub fn transactions(&self) -> Vec<f64> {
        let (committed, aborted) = self.0.transactions();
        vec![committed as f64, aborted as f64]
    }

    /// Returns the assigned partitions.
    #[napi(catch_unwind)]
    pub fn partitions(&self) -> Vec<StreamPartition> {
        self.0.status().into_iter().map(StreamPartition::from).collect()
    }
}

impl From<StreamEvent> for NativeStreamEvent {
    fn from(event: StreamEvent) -> Self {
        let all = |partitions: Vec<TopicPartition>| partitions.into_iter().map(Into::into).collect();
        match event {
            StreamEvent::Answer(id, result) => Self::Answer { id, error: result.err().map(Into::into) },
            StreamEvent::KeyState(id, Ok(state)) => Self::KeyState { id, error: None, state: state.map(Into::into) },
            StreamEvent::KeyState(id, Err(error)) => Self::KeyState { id, error: Some(error.into()), state: None },
            StreamEvent::State(state) => Self::State { state: state.name().into() },
            StreamEvent::Assigned(partitions) => Self::Assigned { partitions: all(partitions) },
            StreamEvent::Revoked(partitions) => Self::Revoked { partitions: all(partitions) },
            StreamEvent::Lost(partitions) => Self::Lost { partitions: all(partitions) },
            StreamEvent::Partition(source, event) => Self::of_partition(source, event),
            StreamEvent::ProducerFenced(reason) => Self::Fenced { topic: None, partition: None, reason },
            StreamEvent::Ended(counters) => Self::Ended { counters: counters.into() },
            // A message that cannot be processed, not a wrong argument.
            StreamEvent::Error(Error::Decode(message)) => {
                let failure = KafkaFailure { code: "_BAD_MSG".into(), message, retriable: false, fatal: false };
                Self::Error { error: Error::Kafka(failure).into() }
            }
            StreamEvent::Error(error) => Self::Error { error: error.into() },
            StreamEvent::Warning(text) => Self::Warning { text },
            StreamEvent::Log(text) => Self::Log { text },
        }
    }
}

impl NativeStreamEvent {
    fn of_partition(TopicPartition { topic, partition }: TopicPartition, event: PartitionEvent) -> Self {
        match event {
            PartitionEvent::Restored(offset) => Self::Restored { topic, partition, offset: offset.to_string() },
            PartitionEvent::Rollback(offset) => Self::StoreRollback { topic, partition, offset: offset.to_string() },
            PartitionEvent::Checkpoint { next, records, bytes, ms } => {
                let (offset, records, bytes) = (next.to_string(), records as u32, bytes as f64);
                Self::Checkpoint { topic, partition, offset, records, bytes, ms }
            }
            PartitionEvent::DeadLetter(offset, reason) => {
                Self::Dlq { topic, partition, offset: offset.to_string(), reason }
            }
            PartitionEvent::Migrated { key, kept, fresh } => {
                let key = original(&key).map(|key| String::from_utf8_lossy(key).into_owned());
                Self::Migrated { topic, partition, key, kept: kept as u32, fresh }
            }
            PartitionEvent::Fenced(error) => {
                Self::Fenced { topic: Some(topic), partition: Some(partition), reason: error.to_string() }
            }
            PartitionEvent::Stalled(error) => Self::Stalled { topic, partition, reason: error.to_string() },
            PartitionEvent::Failed(error) => Self::Error { error: error.into() },
        }
    }
}

impl From<PartitionStatus> for StreamPartition {
    fn from(PartitionStatus { source, status: s, end }: PartitionStatus) -> Self {
        let lag = (end - s.position).max(0) as f64;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let age = s.last_time.filter(|time| lag > 0.0 && *time > 0).map(|time| now - time as f64 / 1e3);
        Self {
            topic: source.topic,
            partition: source.partition,
            state: s.state.name().into(),
            reason: s.reason,
            epoch: s.epoch as f64,
            position: s.position as f64,
            checkpointed: s.checkpointed as f64,
            lag,
            lag_seconds: age.unwrap_or(0.0).max(0.0),
            waits_for_store: s.waits_for_store,
            keys: s.keys as u32,
            dirty: s.dirty as u32,
            last_checkpoint_ms: s.last_checkpoint,
            counters: s.counters.into(),
        }
    }
}
