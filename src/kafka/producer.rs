use dsp_stream::Error;
use dsp_stream::kafka::producer::{Batch, Event, Producer};
use dsp_stream::kafka::{Notice, Token, error_of};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, Function};
use napi_derive::napi;
use std::sync::Arc;
use std::time::Duration;

use super::environment;
use super::options::KafkaProperties;
use crate::streaming::error::{NativeFailure, thrown};

/// A message that failed.
#[napi(object)]
pub struct FailedMessage {
    /// Index in the batch.
    pub index: u32,
    /// Reason of the failure.
    pub error: NativeFailure,
}

/// An event of a client.
#[napi(object)]
#[derive(Default)]
pub struct ProducerEvent {
    /// `sent`, `connected`, `closed`, `log`, `error` or `token`.
    pub kind: String,
    /// The call that it answers.
    pub id: Option<f64>,
    /// The error, if the call failed.
    pub error: Option<NativeFailure>,
    /// A line of the log.
    pub line: Option<String>,
    /// Messages that failed.
    pub failures: Option<Vec<FailedMessage>>,
    /// Partition and offset of each message.
    pub offsets: Option<Float64Array>,
}

/// Counters of a producer.
#[napi(object)]
pub struct ProducerMetrics {
    /// Messages taken.
    pub messages: f64,
    /// Bytes of keys and values.
    pub bytes: f64,
    /// Messages acknowledged.
    pub delivered: f64,
    /// Messages that failed.
    pub delivery_errors: f64,
    /// Messages under way.
    pub queued: f64,
    /// Batches finished.
    pub batches: f64,
    /// Sum of their times in ms.
    pub delivery_ms: f64,
}

/// A producer.
#[napi]
pub struct NativeKafkaProducer(Arc<Producer>);

#[napi]
impl NativeKafkaProducer {
    /// Makes a producer with these properties.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, properties: KafkaProperties, callback: Function<'_, (), ()>) -> napi::Result<Self> {
        let notify = super::notify(callback)?;
        let producer = Arc::new(Producer::new(&properties.into(), notify).map_err(|e| thrown(env, e))?);
        environment::add_producer(env, &producer)?;
        Ok(Self(producer))
    }

    /// Queues a packed batch (`dsp_stream::kafka::producer::Batch` describes it).
    #[napi(catch_unwind)]
    pub fn send(&self, id: f64, topic: String, data: &[u8], layout: &[i32], timestamps: &[f64], want_offsets: bool) {
        self.0.send(Batch {
            id,
            topic,
            data: data.to_vec(),
            layout: layout.to_vec(),
            timestamps: timestamps.to_vec(),
            want_offsets,
            transaction: 0,
        });
    }

    /// Waits for a broker, for at most `timeout_ms`; answered by `connected`.
    #[napi(catch_unwind)]
    pub fn connect(&self, id: f64, timeout_ms: u32) {
        self.0.connect(id, Duration::from_millis(timeout_ms.into()));
    }

    /// Frees the client.
    #[napi(catch_unwind)]
    pub fn close(&self, id: f64, timeout_ms: u32) {
        self.0.close(id, Duration::from_millis(timeout_ms.into()));
    }

    /// Returns all events, and removes them.
    #[napi(catch_unwind)]
    pub fn collect(&self) -> Vec<ProducerEvent> {
        self.0.collect().into_iter().map(ProducerEvent::from).collect()
    }

    /// Passes on a token.
    #[napi(catch_unwind)]
    pub fn supply_token(&self, value: Option<String>, principal: String, lifetime_ms: f64) {
        self.0.supply_token(token(value, principal, lifetime_ms));
    }

    /// Returns the counters since creation.
    #[napi(catch_unwind)]
    pub fn metrics(&self) -> ProducerMetrics {
        let m = self.0.metrics();
        ProducerMetrics {
            messages: m.messages as f64,
            bytes: m.bytes as f64,
            delivered: m.delivered as f64,
            delivery_errors: m.delivery_errors as f64,
            queued: m.queued as f64,
            batches: m.batches as f64,
            delivery_ms: m.delivery_ms,
        }
    }
}

/// Returns the answer of a token provider: without a value `principal` is the reason.
pub fn token(value: Option<String>, principal: String, lifetime_ms: f64) -> Result<Token, String> {
    match value {
        Some(value) => Ok(Token { value, principal, lifetime_ms: lifetime_ms as i64 }),
        None => Err(principal),
    }
}

/// Returns kind, error and log line of a notice.
pub fn notice(notice: Notice) -> (String, Option<NativeFailure>, Option<String>) {
    match notice {
        Notice::Log(line) => ("log".into(), None, Some(line)),
        Notice::Error(failure) => ("error".into(), Some(Error::Kafka(failure).into()), None),
        Notice::TokenWanted => ("token".into(), None, None),
    }
}

impl From<Event> for ProducerEvent {
    fn from(event: Event) -> Self {
        let answer = |kind: &str, id, result: dsp_stream::Result<()>| Self {
            kind: kind.into(),
            id: Some(id),
            error: result.err().map(Into::into),
            ..Self::default()
        };
        match event {
            Event::Sent { id, failures, offsets, refused } => Self {
                failures: (!failures.is_empty()).then(|| {
                    let failed = |(index, code)| FailedMessage { index, error: error_of(code).into() };
                    failures.into_iter().map(failed).collect()
                }),
                offsets: (!offsets.is_empty()).then(|| offsets.into()),
                ..answer("sent", id, refused.map_or(Ok(()), Err))
            },
            Event::Connected(id, result) => answer("connected", id, result),
            Event::Closed(id) => answer("closed", id, Ok(())),
            Event::Notice(said) => {
                let (kind, error, line) = notice(said);
                Self { kind, error, line, ..Self::default() }
            }
        }
    }
}
