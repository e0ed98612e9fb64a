//! Streams for JavaScript: `lib/kafka/stream/stream.js` builds its API on this class. Samples never cross the border.

use dsp_stream::codec::Codec;
use dsp_stream::stream::kafka::{Event, KafkaStream, Request, StreamConfig};
use dsp_stream::stream::key::stored;
use dsp_stream::stream::partition::Status;
use dsp_stream::stream::{CheckpointConfig, InputConfig, KeySource, Mismatch, OutputConfig, Poison, Policies, Policy};
use dsp_stream::{Error, KafkaFailure, Result};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Function};
use napi_derive::napi;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::kafka::options::KafkaProperties;
use crate::kafka::{environment, notify};
use crate::pipeline::NativePipeline;
use crate::streaming::error::{NativeFailure, thrown};
use crate::streaming::store::NativeStateStore;

/// What a stream is told.
#[napi(object)]
pub struct StreamSettings {
    pub application_id: String,
    pub topics: Vec<String>,
    pub input_codec: String,
    pub key: String,
    pub channels: Option<u32>,
    pub sample_rate: Option<f64>,
    pub from_latest: bool,
    pub output_topic: Option<String>,
    pub output_codec: String,
    pub same_partition: bool,
    pub headers: HashMap<String, String>,
    pub emit_empty: bool,
    pub tracing: bool,
    pub dead_letter_topic: Option<String>,
    pub on_poison: String,
    pub on_data_loss: String,
    pub on_missing_state: String,
    pub on_definition_change: String,
    pub on_partition_count_change: String,
    pub on_offset_mismatch: String,
    pub max_restarts: u32,
    pub interval_ms: u32,
    pub every_messages: u32,
    pub checkpoint_timeout_ms: u32,
    pub max_keys: u32,
    pub prefetch_messages: u32,
    pub prefetch_bytes: f64,
    pub workers: u32,
    pub owner: String,
    pub revoke_timeout_ms: u32,
    pub connect_timeout_ms: u32,
    pub exactly_once: bool,
    pub changelog_topic: Option<String>,
}

/// Something a stream says.
#[napi(object)]
#[derive(Default)]
pub struct StreamEvent {
    /// `answer`, `state`, `happened`, `error`, `warning` or `log`.
    pub kind: String,
    /// The call that this answers.
    pub id: Option<f64>,
    /// What went wrong.
    pub error: Option<NativeFailure>,
    /// Name of what happened.
    pub name: Option<String>,
    /// JSON text of what happened, or a line of the log.
    pub text: Option<String>,
    /// A state.
    pub state: Option<Buffer>,
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
    /// Messages behind the end of the log.
    pub lag: f64,
    /// How long ago the last message was made, where there is lag.
    pub lag_seconds: f64,
    pub waits_for_store: bool,
    pub keys: u32,
    pub dirty: u32,
    pub last_checkpoint_ms: Option<f64>,
    /// Counters by name.
    pub counts: HashMap<String, f64>,
}

/// Whether this build can be made to die at a failpoint.
#[napi]
pub fn has_failpoints() -> bool {
    cfg!(feature = "failpoints")
}

/// A stream.
#[napi]
pub struct NativeKafkaStream(Arc<KafkaStream>);

#[napi]
impl NativeKafkaStream {
    /// A stream that does nothing until `start`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        settings: StreamSettings,
        consumer: KafkaProperties,
        producer: KafkaProperties,
        store: &NativeStateStore,
        pipeline: &NativePipeline,
        callback: Function<'_, (), ()>,
    ) -> napi::Result<Self> {
        let notify = notify(callback)?;
        let make = || {
            let store = store.share().ok_or_else(|| Error::argument("store is closed"))?;
            let pipeline = pipeline.share();
            let pipeline = pipeline.lock().unwrap_or_else(PoisonError::into_inner);
            KafkaStream::new(config(settings)?, (consumer.into(), producer.into()), store, &pipeline, notify)
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

    /// Begins no message any more.
    #[napi(catch_unwind)]
    pub fn pause(&self, id: f64) {
        self.0.request(Request::Pause(id));
    }

    /// Goes on, also where it has stalled.
    #[napi(catch_unwind)]
    pub fn resume(&self, id: f64) {
        self.0.request(Request::Resume(id));
    }

    /// Makes a checkpoint of every partition.
    #[napi(catch_unwind)]
    pub fn checkpoint(&self, id: f64) {
        self.0.request(Request::Checkpoint(id));
    }

    /// Reads the state of a key; without one, that of the messages that have none.
    #[napi(catch_unwind)]
    pub fn state(&self, id: f64, key: Option<Buffer>, topic: Option<String>, partition: Option<i32>) {
        self.0.request(Request::State(id, stored(key.as_deref()), topic, partition));
    }

    /// Takes all events.
    #[napi(catch_unwind)]
    pub fn collect(&self) -> Vec<StreamEvent> {
        self.0.collect().into_iter().map(StreamEvent::from).collect()
    }

    /// Times that the clients were made anew.
    #[napi(catch_unwind)]
    pub fn restarts(&self) -> f64 {
        self.0.restarts() as f64
    }

    /// Transactions committed and aborted.
    #[napi(catch_unwind)]
    pub fn transactions(&self) -> Vec<f64> {
        let (committed, aborted) = self.0.transactions();
        vec![committed as f64, aborted as f64]
    }

    /// The assigned partitions.
    #[napi(catch_unwind)]
    pub fn partitions(&self) -> Vec<StreamPartition> {
        self.0.status().into_iter().map(StreamPartition::from).collect()
    }
}

impl From<Event> for StreamEvent {
    fn from(event: Event) -> Self {
        let of = |kind: &str| Self { kind: kind.into(), ..Self::default() };
        match event {
            Event::Answer(id, result) => Self { id: Some(id), error: result.err().map(Into::into), ..of("answer") },
            Event::State(id, Ok(state)) => Self { id: Some(id), state: state.map(Into::into), ..of("state") },
            Event::State(id, Err(error)) => Self { id: Some(id), error: Some(error.into()), ..of("state") },
            Event::Happened(name, text) => Self { name: Some(name.into()), text: Some(text), ..of("happened") },
            // A message that cannot be processed, not a wrong argument.
            Event::Error(Error::Decode(message)) => {
                let failure = KafkaFailure { code: "_BAD_MSG".into(), message, retriable: false, fatal: false };
                Self { error: Some(Error::Kafka(failure).into()), ..of("error") }
            }
            Event::Error(error) => Self { error: Some(error.into()), ..of("error") },
            Event::Warning(text) => Self { text: Some(text), ..of("warning") },
            Event::Log(line) => Self { text: Some(line), ..of("log") },
        }
    }
}

impl From<(String, i32, Status, i64)> for StreamPartition {
    fn from((topic, partition, s, end): (String, i32, Status, i64)) -> Self {
        let lag = (end - s.position).max(0) as f64;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let age = s.last_time.filter(|time| lag > 0.0 && *time > 0).map(|time| now - time as f64 / 1e3);
        Self {
            topic,
            partition,
            state: if s.state.is_empty() { "acquiring".into() } else { s.state.into() },
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
            counts: s.counts.named().map(|(name, count)| (name.to_owned(), count)).into(),
        }
    }
}

fn config(s: StreamSettings) -> Result<StreamConfig> {
    let wait = |ms: u32| Duration::from_millis(ms.into());
    let key = KeySource::parse(&s.key)?;
    let output = OutputConfig {
        codec: Codec::parse(&s.output_codec)?,
        headers: s.headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect(),
        emit_empty: s.emit_empty,
        tracing: s.tracing,
    };
    Ok(StreamConfig {
        application_id: s.application_id,
        topics: s.topics,
        input: InputConfig {
            codec: Codec::parse(&s.input_codec)?,
            key,
            channels: s.channels.and_then(|n| n.try_into().ok()),
            sample_rate: s.sample_rate,
            ..InputConfig::default()
        },
        output: s.output_topic.map(|topic| (topic, output)),
        same_partition: s.same_partition,
        dead_letter_topic: s.dead_letter_topic,
        poison: match s.on_poison.as_str() {
            "dlq" => Poison::DeadLetter,
            "skip" => Poison::Skip,
            _ => Poison::Fail,
        },
        policies: Policies {
            data_loss: policy(&s.on_data_loss),
            missing_state: policy(&s.on_missing_state),
            definition: policy(&s.on_definition_change),
            partition_count: policy(&s.on_partition_count_change),
            offset_mismatch: match s.on_offset_mismatch.as_str() {
                "group" => Mismatch::Group,
                "fail" => Mismatch::Fail,
                _ => Mismatch::State,
            },
            from_latest: s.from_latest,
        },
        checkpoint: CheckpointConfig {
            interval: wait(s.interval_ms),
            every_messages: s.every_messages as usize,
            timeout: wait(s.checkpoint_timeout_ms),
        },
        max_keys: s.max_keys as usize,
        prefetch: (s.prefetch_messages as usize, s.prefetch_bytes as usize),
        workers: s.workers as usize,
        owner: s.owner,
        revoke_timeout: wait(s.revoke_timeout_ms),
        connect_timeout: wait(s.connect_timeout_ms),
        max_restarts: s.max_restarts as usize,
        exactly_once: s.exactly_once,
        changelog: s.changelog_topic,
    })
}

fn policy(name: &str) -> Policy {
    match name {
        "reset" => Policy::Reset,
        "continue" => Policy::Continue,
        _ => Policy::Fail,
    }
}
