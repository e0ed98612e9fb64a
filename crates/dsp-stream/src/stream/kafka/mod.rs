//! Streams on Kafka: a consumer, a producer, and a task per assigned partition.

mod checks;
mod driver;
mod owned;
mod port;

use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

use self::driver::{Clients, Driver};
use self::owned::Owned;
use self::port::KafkaPort;
use super::partition::{Command, Status};
use super::{CheckpointConfig, InputConfig, OutputConfig, Poison, Policies};
use crate::error::{Error, Result};
use crate::kafka::consumer::Consumer;
use crate::kafka::mailbox::Mailbox;
use crate::kafka::options::Properties;
use crate::kafka::producer::Producer;
use crate::kafka::{self, error_of, lock};
use crate::store::StateStore;

/// Pause between two tries to reach a broker after all were away.
const BROKER_PAUSE: Duration = Duration::from_millis(500);

/// What a stream is told.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// Group, and first part of the scopes.
    pub application_id: String,
    /// Topics to read.
    pub topics: Vec<String>,
    /// How messages are read; topic and partition are filled in.
    pub input: InputConfig,
    /// Where outputs go, and how they are written.
    pub output: Option<(String, OutputConfig)>,
    /// Whether outputs go to the partition of their input.
    pub same_partition: bool,
    /// Where messages go that cannot be processed.
    pub dead_letter_topic: Option<String>,
    /// What happens to them.
    pub poison: Poison,
    /// What happens when something is not as it was.
    pub policies: Policies,
    /// When checkpoints are made.
    pub checkpoint: CheckpointConfig,
    /// States in memory per partition.
    pub max_keys: usize,
    /// Messages per partition and bytes that are kept ahead.
    pub prefetch: (usize, usize),
    /// Partitions that compute at once.
    pub workers: usize,
    /// Who we are, for the leases.
    pub owner: String,
    /// How long revoked partitions may take.
    pub revoke_timeout: Duration,
    /// How long a broker is waited for.
    pub connect_timeout: Duration,
    /// New clients within [`RESTART_PERIOD`] after which the stream has failed.
    pub max_restarts: usize,
    /// Whether outputs and offsets are committed in transactions.
    pub exactly_once: bool,
    /// Where the records of checkpoints go, too.
    pub changelog: Option<String>,
}

/// A request of the owner.
#[derive(Debug)]
pub enum Request {
    /// To begin: `started` when the first assignment is in place.
    Start(f64),
    /// To end, within this time: `stopped`.
    Stop(f64, Duration),
    /// Not to begin any message.
    Pause(f64),
    /// To go on.
    Resume(f64),
    /// To make a checkpoint of every partition now.
    Checkpoint(f64),
    /// For the state of a key, in one partition or wherever it is.
    State(f64, Vec<u8>, Option<String>, Option<i32>),
}

/// What a stream tells.
#[derive(Debug)]
pub enum Event {
    /// The answer to a request.
    Answer(f64, Result<()>),
    /// The answer to `State`.
    State(f64, Result<Option<Vec<u8>>>),
    /// Something that happened: name, text of a JSON object.
    Happened(&'static str, String),
    /// An error that no call returns.
    Error(Error),
    /// Something that works and is not as it should be.
    Warning(String),
    /// A line of librdkafka's log.
    Log(String),
}

/// A stream. Dropping it ends it without a last checkpoint.
pub struct KafkaStream {
    requests: mpsc::UnboundedSender<Request>,
    shared: Arc<Shared>,
}

struct Shared {
    config: StreamConfig,
    mailbox: Mailbox<Event>,
    owned: Mutex<Vec<Owned>>,
    /// The commands of partitions that are being given up.
    leaving: Mutex<Vec<mpsc::UnboundedSender<Command>>>,
    clients: Mutex<(Weak<Consumer>, Weak<Producer>)>,
    restarts: AtomicU64,
    committed: AtomicU64,
    aborted: AtomicU64,
}

fn now_lost() -> Error {
    error_of(Code::BrokerDestroy)
}

impl KafkaStream {
    /// A stream that does nothing until `Start`.
    ///
    /// # Errors
    /// `Argument` if librdkafka refuses a property; `Kafka` if the group cannot be joined.
    pub fn new(
        config: StreamConfig,
        properties: (Properties, Properties),
        store: Arc<dyn StateStore>,
        template: &dsp_core::Pipeline,
        notify: kafka::Notify,
    ) -> Result<Self> {
        let definition = super::definition(template)?;
        let news = Arc::new(Notify::new());
        let clients = Clients::new(&config, &properties, &news)?;
        let shared = Arc::new(Shared {
            config,
            mailbox: Mailbox::new(notify),
            owned: Mutex::default(),
            leaving: Mutex::default(),
            clients: Mutex::new(clients.handles()),
            restarts: AtomicU64::new(0),
            committed: AtomicU64::new(0),
            aborted: AtomicU64::new(0),
        });
        let driver = Driver::new(Arc::clone(&shared), properties, (clients, news), store, template, definition);
        let (requests, receiver) = mpsc::unbounded_channel();
        crate::runtime().spawn(driver.run(receiver));
        Ok(Self { requests, shared })
    }

    /// Frees the clients now, on the caller's thread, without a last checkpoint.
    pub fn abandon(&self, patience: Duration) {
        lock(&self.shared.owned).drain(..).for_each(|owned| owned.task.abort());
        let (consumer, producer) = lock(&self.shared.clients).clone();
        if let Some(consumer) = consumer.upgrade() {
            consumer.abandon(patience);
        }
        if let Some(producer) = producer.upgrade() {
            producer.abandon();
        }
    }

    /// Asks for something.
    pub fn request(&self, request: Request) {
        if let Err(mpsc::error::SendError(request)) = self.requests.send(request) {
            self.shared.mailbox.push(match request {
                Request::Stop(id, _) => Event::Answer(id, Ok(())),
                Request::State(id, ..) => Event::State(id, Err(now_lost())),
                Request::Start(id) | Request::Pause(id) | Request::Resume(id) | Request::Checkpoint(id) => {
                    Event::Answer(id, Err(now_lost()))
                }
            });
        }
    }

    /// Takes all events.
    pub fn collect(&self) -> Vec<Event> {
        self.shared.mailbox.collect()
    }

    /// Times that the clients were made anew.
    pub fn restarts(&self) -> u64 {
        self.shared.restarts.load(Relaxed)
    }

    /// Transactions committed and aborted.
    pub fn transactions(&self) -> (u64, u64) {
        (self.shared.committed.load(Relaxed), self.shared.aborted.load(Relaxed))
    }

    /// The assigned partitions, each with the end of its messages as far as it is known.
    pub fn status(&self) -> Vec<(String, i32, Status, i64)> {
        let consumer = lock(&self.shared.clients).0.upgrade();
        let ends = consumer.map(|consumer| consumer.snapshot()).unwrap_or_default();
        let end = |port: &KafkaPort| {
            let mut same = ends.iter().filter(|s| s.partition == port.partition && *s.topic == *port.topic);
            same.next().map_or(-1, |s| s.end)
        };
        let owned = lock(&self.shared.owned);
        owned.iter().map(|o| (o.port.topic.clone(), o.port.partition, lock(&o.status).clone(), end(&o.port))).collect()
    }
}
