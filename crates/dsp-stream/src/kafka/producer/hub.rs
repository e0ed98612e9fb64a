//! The data that the producer's threads and the delivery callback share.

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use super::event::{Event, Metrics};
use crate::error::{Error, Result};
use crate::kafka::client::ClientEvents;
use crate::kafka::lock;
use crate::kafka::mailbox::{Mailbox, Notify};
use crate::kafka::options::Properties;

#[derive(Default)]
pub(super) struct Counters {
    pub(super) messages: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) delivery_us: AtomicU64,
}

impl Counters {
    /// Returns the current counters.
    pub(super) fn metrics(&self) -> Metrics {
        let [messages, delivered, delivery_errors] =
            [&self.messages, &self.delivered, &self.failed].map(|n| n.load(Relaxed));
        Metrics {
            messages,
            bytes: self.bytes.load(Relaxed),
            delivered,
            delivery_errors,
            queued: messages.saturating_sub(delivered + delivery_errors),
            batches: self.batches.load(Relaxed),
            delivery_ms: self.delivery_us.load(Relaxed) as f64 / 1e3,
        }
    }
}

/// State shared by the threads and the delivery callback.
pub(super) struct Hub {
    pub(super) mailbox: Mailbox<Event>,
    pub(super) counters: Counters,
    pub(super) events: ClientEvents,
    pub(super) space: Condvar,
    pub(super) space_lock: Mutex<()>,
    /// Whether a thread waits for space.
    pub(super) is_full: AtomicBool,
    pub(super) abort: AtomicBool,
    /// Number of the open transaction; locked while a message is passed on.
    pub(super) transaction: Mutex<u64>,
    /// Whether the client has reported an error.
    pub(super) has_failed: AtomicBool,
}

/// The context of the native producer.
pub(crate) struct Context(pub(super) Arc<Hub>);

/// The native producer.
pub(crate) type Native = BaseProducer<Context>;

/// The place of one message in its batch.
pub(crate) struct Ticket {
    pub(super) batch: Arc<Pending>,
    pub(super) index: u32,
}

/// A batch with reports under way.
pub(crate) struct Pending {
    pub(super) id: f64,
    pub(super) remaining: AtomicUsize,
    pub(super) failures: Mutex<Vec<(u32, Code)>>,
    pub(super) offsets: Vec<[AtomicI64; 2]>,
    pub(super) refused: Mutex<Option<Error>>,
    pub(super) begun: Instant,
}

impl Hub {
    /// Returns the data of a producer with these properties.
    pub(super) fn new(properties: &Properties, notify: Notify) -> Arc<Self> {
        Arc::new_cyclic(|hub: &std::sync::Weak<Self>| {
            let hub = hub.clone();
            let emit = move |notice| {
                if let Some(hub) = hub.upgrade() {
                    hub.mailbox.push(Event::Notice(notice));
                }
            };
            Self {
                mailbox: Mailbox::new(notify),
                counters: Counters::default(),
                events: ClientEvents::new(properties, emit),
                space: Condvar::new(),
                space_lock: Mutex::new(()),
                is_full: AtomicBool::new(false),
                abort: AtomicBool::new(false),
                transaction: Mutex::default(),
                has_failed: AtomicBool::new(false),
            }
        })
    }

    /// Notes the delivery or failure of one message.
    pub(super) fn settle(&self, ticket: &Ticket, result: std::result::Result<(i32, i64), Code>) {
        match result {
            Ok((partition, offset)) => {
                self.counters.delivered.fetch_add(1, Relaxed);
                if let Some([p, o]) = ticket.batch.offsets.get(ticket.index as usize) {
                    p.store(partition.into(), Relaxed);
                    o.store(offset, Relaxed);
                }
            }
            Err(code) => {
                self.counters.failed.fetch_add(1, Relaxed);
                lock(&ticket.batch.failures).push((ticket.index, code));
            }
        }
        self.finish(&ticket.batch, 1);
    }

    /// Counts `count` messages of a batch as settled and reports the batch after its last.
    pub(super) fn finish(&self, batch: &Pending, count: usize) {
        use std::sync::atomic::Ordering::AcqRel;
        if batch.remaining.fetch_sub(count, AcqRel) != count {
            return;
        }
        self.counters.batches.fetch_add(1, Relaxed);
        self.counters.delivery_us.fetch_add(batch.begun.elapsed().as_micros() as u64, Relaxed);
        self.mailbox.push(Event::Sent {
            id: batch.id,
            failures: std::mem::take(&mut lock(&batch.failures)),
            offsets: batch.offsets.iter().flatten().map(|n| n.load(Relaxed) as f64).collect(),
            refused: lock(&batch.refused).take(),
        });
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.0.events.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // Whether it is fatal, the thread that polls finds out.
        self.0.has_failed.store(true, Relaxed);
        if error.rdkafka_error_code() != Some(Code::Fatal) {
            self.0.events.error(&error, reason);
        }
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.0.events.wait_for_token()
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Box<Ticket>;

    fn delivery(&self, report: &DeliveryResult<'_>, ticket: Box<Ticket>) {
        let result = match report {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(Code::Fail)),
        };
        self.0.settle(&ticket, result);
        if self.0.is_full.load(Relaxed) {
            self.0.space.notify_one();
        }
    }
}
