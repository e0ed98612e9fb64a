use dsp_stream::codec::Codec;
use dsp_stream::kafka::consumer::{Assigned, Begin, Config, Consumer, Event, Lag, Limits, OffsetCommit, Target};
use napi::Env;
use napi::bindgen_prelude::{BigUint64Array, Float64Array, Function};
use napi_derive::napi;
use std::sync::Arc;
use std::time::Duration;

use super::environment;
use super::options::KafkaProperties;
use super::producer::{notice, token};
use crate::streaming::error::{NativeFailure, thrown};

/// Options of a consumer, besides its properties.
#[napi(object)]
pub struct ConsumerSettings {
    /// Topics to read.
    pub topics: Vec<String>,
    /// Whether to begin at the beginning of a partition without a committed offset.
    pub from_beginning: bool,
    /// Whether progress is committed automatically.
    pub auto_commit: bool,
    /// Encoding of values.
    pub codec: String,
    /// Largest number of queued messages per partition.
    pub prefetch_messages: u32,
    /// Largest number of queued bytes over all partitions.
    pub prefetch_bytes: f64,
    /// Largest number of messages taken at once.
    pub batch: u32,
    /// Longest time for the handlers of revoked partitions to finish, in ms.
    pub revoke_timeout_ms: u32,
    /// Longest wait for topics to exist, in ms.
    pub topic_timeout_ms: u32,
}

/// An offset to commit.
#[napi(object)]
pub struct OffsetToCommit {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset of the next message to be read.
    pub offset: f64,
    /// Metadata of the commit.
    pub metadata: Option<String>,
}

/// An assignment of a partition.
#[napi(object)]
pub struct AssignedPartition {
    /// Identifies this assignment.
    pub id: f64,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Offset of its first message, negative = unknown.
    pub position: f64,
}

impl From<Assigned> for AssignedPartition {
    fn from(a: Assigned) -> Self {
        Self { id: a.id as f64, topic: a.topic.to_string(), partition: a.partition, position: a.position as f64 }
    }
}

/// Progress of a partition.
#[napi(object)]
pub struct PartitionLag {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The committed offset.
    pub committed: Option<f64>,
    /// Offset of the first message that is not done.
    pub position: f64,
    /// End of the partition.
    pub high: f64,
    /// End of its messages.
    pub end: f64,
}

impl From<Lag> for PartitionLag {
    fn from(lag: Lag) -> Self {
        Self {
            topic: lag.topic.to_string(),
            partition: lag.partition,
            committed: lag.committed.map(|c| c as f64),
            position: lag.position as f64,
            high: lag.high as f64,
            end: lag.end as f64,
        }
    }
}

/// The current state of a partition.
#[napi(object)]
pub struct PartitionSnapshot {
    /// Identifies this assignment.
    pub id: f64,
    /// Messages queued natively.
    pub queued: u32,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: f64,
}

/// An event of a client.
#[napi(object)]
#[derive(Default)]
pub struct ConsumerEvent {
    /// `connected`, `assigned`, `revoked`, `committed`, `sought`, `lags`, `closed`, `log`, `error` or `token`.
    pub kind: String,
    /// The call that it answers, or the token for `release`.
    pub id: Option<f64>,
    /// The error, if the call failed.
    pub error: Option<NativeFailure>,
    /// A line of the log.
    pub line: Option<String>,
    /// New assignments.
    pub assigned: Option<Vec<AssignedPartition>>,
    /// Assignments that end.
    pub revoked: Option<Vec<f64>>,
    /// Whether the group has already given them to others.
    pub lost: Option<bool>,
    /// Progress of the partitions.
    pub lags: Option<Vec<PartitionLag>>,
}

/// Consecutive messages of one partition (`dsp_stream::kafka::consumer::Segment` describes them).
#[napi(object)]
pub struct MessageSegment {
    /// Values, keys and headers.
    pub data: BigUint64Array,
    /// Numbers per message.
    pub meta: Float64Array,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: f64,
}

/// Counters of a consumer.
#[napi(object)]
pub struct ConsumerMetrics {
    /// Messages received.
    pub messages: f64,
    /// Bytes of keys and values.
    pub bytes: f64,
    /// Commits confirmed.
    pub commits: f64,
    /// Commits that failed.
    pub commit_errors: f64,
    /// Assignments and revocations.
    pub rebalances: f64,
    /// Messages queued natively.
    pub queued: f64,
    /// Bytes queued natively.
    pub queued_bytes: f64,
    /// Distance to the high watermarks in messages.
    pub lag: f64,
    /// Whether no broker can be reached.
    pub away: bool,
}

/// A consumer.
#[napi]
pub struct NativeKafkaConsumer(Arc<Consumer>);

#[napi]
impl NativeKafkaConsumer {
    /// Makes a consumer with these properties.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: &Env,
        properties: KafkaProperties,
        settings: ConsumerSettings,
        callback: Function<'_, (), ()>,
    ) -> napi::Result<Self> {
        let config = Config {
            topics: settings.topics,
            from_beginning: settings.from_beginning,
            codec: Codec::parse(&settings.codec).map_err(|e| thrown(env, e))?,
            limits: Limits {
                messages: settings.prefetch_messages as usize,
                bytes: settings.prefetch_bytes as usize,
                batch: settings.batch as usize,
            },
            revoke_timeout: Duration::from_millis(settings.revoke_timeout_ms.into()),
            commit_starts: settings.auto_commit,
            auto_commit: settings.auto_commit,
            begin: Begin::Group,
            topic_timeout: Duration::from_millis(settings.topic_timeout_ms.into()),
        };
        let notify = super::notify(callback)?;
        let consumer = Arc::new(Consumer::new(&properties.into(), config, notify).map_err(|e| thrown(env, e))?);
        environment::add_consumer(env, &consumer)?;
        Ok(Self(consumer))
    }

    /// Waits for a broker, for at most `timeout_ms`; answered by `connected`.
    #[napi(catch_unwind)]
    pub fn connect(&self, id: f64, timeout_ms: u32) {
        self.0.connect(id, Duration::from_millis(timeout_ms.into()));
    }

    /// Joins the group.
    #[napi(catch_unwind)]
    pub fn subscribe(&self) {
        self.0.subscribe();
    }

    /// Returns the oldest segment of a partition, if there is one.
    #[napi(catch_unwind)]
    pub fn take(&self, id: f64) -> Option<MessageSegment> {
        let (segment, high) = self.0.take(id as u64)?;
        Some(MessageSegment { data: segment.data.into(), meta: segment.meta.into(), high: high as f64 })
    }

    /// Notes that everything below `offset` is done; returns false for an assignment that has ended.
    #[napi(catch_unwind)]
    pub fn done(&self, id: f64, offset: f64) -> bool {
        self.0.done(id as u64, offset as i64)
    }

    /// Answers a rebalance.
    #[napi(catch_unwind)]
    pub fn release(&self, token: f64) {
        self.0.release(token);
    }

    /// Lets the messages of new assignments be taken.
    #[napi(catch_unwind)]
    pub fn begin(&self, ids: Vec<f64>) {
        ids.into_iter().for_each(|id| self.0.begin(id as u64));
    }

    /// Commits what is done.
    #[napi(catch_unwind)]
    pub fn commit(&self, id: f64) {
        self.0.commit(id);
    }

    /// Commits these offsets.
    #[napi(catch_unwind)]
    pub fn commit_offsets(&self, id: f64, offsets: Vec<OffsetToCommit>) {
        let offset = |o: OffsetToCommit| OffsetCommit {
            topic: o.topic,
            partition: o.partition,
            offset: o.offset as i64,
            metadata: o.metadata,
        };
        self.0.commit_offsets(id, offsets.into_iter().map(offset).collect());
    }

    /// Moves the position: `offset`, or else `place` = `beginning`, `end` or `timestamp` (ms in `offset`).
    #[napi(catch_unwind)]
    pub fn seek(&self, id: f64, topic: String, partition: i32, place: String, offset: f64) {
        let target = match place.as_str() {
            "beginning" => Target::Beginning,
            "end" => Target::End,
            "timestamp" => Target::Timestamp(offset as i64),
            _ => Target::Offset(offset as i64),
        };
        self.0.seek(id, topic, partition, target);
    }

    /// Requests the progress of the partitions; answered by `lags`.
    #[napi(catch_unwind)]
    pub fn lag(&self, id: f64) {
        self.0.lag(id);
    }

    /// Frees the client.
    #[napi(catch_unwind)]
    pub fn close(&self, id: f64) {
        self.0.close(id);
    }

    /// Returns all events, and removes them.
    #[napi(catch_unwind)]
    pub fn collect(&self) -> Vec<ConsumerEvent> {
        self.0.collect().into_iter().map(ConsumerEvent::from).collect()
    }

    /// Passes on a token.
    #[napi(catch_unwind)]
    pub fn supply_token(&self, value: Option<String>, principal: String, lifetime_ms: f64) {
        self.0.supply_token(token(value, principal, lifetime_ms));
    }

    /// Returns the current partitions.
    #[napi(catch_unwind)]
    pub fn snapshot(&self) -> Vec<PartitionSnapshot> {
        let snapshot = self.0.snapshot().into_iter();
        snapshot.map(|s| PartitionSnapshot { id: s.id as f64, queued: s.queued as u32, high: s.high as f64 }).collect()
    }

    /// Returns the counters since creation.
    #[napi(catch_unwind)]
    pub fn metrics(&self) -> ConsumerMetrics {
        let m = self.0.metrics();
        ConsumerMetrics {
            messages: m.messages as f64,
            bytes: m.bytes as f64,
            commits: m.commits as f64,
            commit_errors: m.commit_errors as f64,
            rebalances: m.rebalances as f64,
            queued: m.queued as f64,
            queued_bytes: m.queued_bytes as f64,
            lag: m.lag as f64,
            away: m.away,
        }
    }
}

impl From<Event> for ConsumerEvent {
    fn from(event: Event) -> Self {
        let of = |kind: &str, id: f64| Self { kind: kind.into(), id: Some(id), ..Self::default() };
        let failed = |error: dsp_stream::Error| Some(NativeFailure::from(error));
        match event {
            Event::Connected(id, result) => Self { error: result.err().and_then(failed), ..of("connected", id) },
            Event::Committed(id, result) => Self { error: result.err().and_then(failed), ..of("committed", id) },
            Event::Closed(id, result) => Self { error: result.err().and_then(failed), ..of("closed", id) },
            Event::Assigned(token, assigned) => {
                Self { assigned: Some(assigned.into_iter().map(Into::into).collect()), ..of("assigned", token) }
            }
            Event::Revoked { token, ids, lost } => Self {
                revoked: Some(ids.into_iter().map(|id| id as f64).collect()),
                lost: Some(lost),
                ..of("revoked", token)
            },
            Event::Sought(id, Ok(assigned)) => Self { assigned: Some(vec![assigned.into()]), ..of("sought", id) },
            Event::Sought(id, Err(error)) => Self { error: failed(error), ..of("sought", id) },
            Event::Lags(id, Ok(lags)) => {
                Self { lags: Some(lags.into_iter().map(Into::into).collect()), ..of("lags", id) }
            }
            Event::Watermarks(id, _) => of("watermarks", id),
            Event::Lags(id, Err(error)) => Self { error: failed(error), ..of("lags", id) },
            Event::Notice(said) => {
                let (kind, error, line) = notice(said);
                Self { kind, error, line, ..Self::default() }
            }
        }
    }
}
