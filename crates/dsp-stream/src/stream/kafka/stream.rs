//! A stream from the view of its owner.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

use super::clients::Clients;
use super::driver::Driver;
use super::event::{Request, StreamEvent};
use super::owned::{Owned, Shared};
use super::port::client_gone;
use crate::error::{Error, Result};
use crate::kafka::mailbox::Mailbox;
use crate::kafka::options::Properties;
use crate::kafka::{self, lock};
use crate::store::StateStore;
use crate::stream::protocol::config::{EventsConfig, StreamConfig, definition, recipe};
use crate::stream::protocol::status::Status;
use crate::topic::TopicPartition;

/// A stream. Dropping it ends it without a last checkpoint.
pub struct KafkaStream {
    requests: mpsc::UnboundedSender<Request>,
    shared: Arc<Shared>,
}

/// An assigned partition with its status.
#[derive(Debug, Clone)]
pub struct PartitionStatus {
    /// The partition.
    pub source: TopicPartition,
    /// Its status.
    pub status: Status,
    /// Offset after its last message, −1 = unknown.
    pub end: i64,
}

/// Sees that the pipeline has stages that emit the events which are wanted.
fn check_events(events: &EventsConfig, template: &dsp_core::Pipeline) -> Result<()> {
    let mut kinds: Vec<&str> = template.event_kinds().map(|kind| kind.name).collect();
    // Those of a stage may have one name and other members.
    kinds.dedup();
    if kinds.is_empty() {
        return Err(Error::argument("events: no stage of the pipeline emits any"));
    }
    match events.types.iter().flatten().find(|name| !kinds.contains(&name.as_str())) {
        Some(name) => Err(Error::argument(format!(
            "events.types: no stage of the pipeline emits {name:?}, only {}",
            kinds.join(", ")
        ))),
        None => Ok(()),
    }
}

impl KafkaStream {
    /// Returns a stream that does nothing until `Start`.
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
        let definition = (definition(template)?, recipe(template)?.into());
        if let Some(events) = &config.events {
            check_events(events, template)?;
        }
        let wake = Arc::new(Notify::new());
        let clients = Clients::new(&config, &properties, &wake)?;
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
        let driver = Driver::new(Arc::clone(&shared), properties, (clients, wake), store, template, definition);
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

    /// Sends a request.
    pub fn request(&self, request: Request) {
        if let Err(mpsc::error::SendError(request)) = self.requests.send(request) {
            self.shared.mailbox.push(match request {
                Request::Stop(id, _) => StreamEvent::Answer(id, Ok(())),
                Request::State(id, ..) => StreamEvent::KeyState(id, Err(client_gone())),
                Request::Start(id) | Request::Pause(id) | Request::Resume(id) | Request::Checkpoint(id) => {
                    StreamEvent::Answer(id, Err(client_gone()))
                }
            });
        }
    }

    /// Returns all events, and removes them.
    pub fn collect(&self) -> Vec<StreamEvent> {
        self.shared.mailbox.collect()
    }

    /// Returns how many times the clients were replaced.
    pub fn restarts(&self) -> u64 {
        self.shared.restarts.load(Relaxed)
    }

    /// Returns the numbers of committed and aborted transactions.
    pub fn transactions(&self) -> (u64, u64) {
        (self.shared.committed.load(Relaxed), self.shared.aborted.load(Relaxed))
    }

    /// Returns the assigned partitions.
    pub fn status(&self) -> Vec<PartitionStatus> {
        let consumer = lock(&self.shared.clients).0.upgrade();
        let ends = consumer.map(|consumer| consumer.snapshot()).unwrap_or_default();
        let end = |source: &TopicPartition| {
            let mut same = ends.iter().filter(|s| s.partition == source.partition && *s.topic == *source.topic);
            same.next().map_or(-1, |s| s.end)
        };
        let owned = lock(&self.shared.owned);
        let status = |owned: &Owned| {
            let source = owned.port.source.clone();
            PartitionStatus { end: end(&source), source, status: lock(&owned.status).clone() }
        };
        owned.iter().map(status).collect()
    }
}
