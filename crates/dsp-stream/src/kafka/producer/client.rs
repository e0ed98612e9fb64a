//! The producer: it sends batches of messages, and delivers their reports through a mailbox.
//!
//! Two threads per producer. One feeds librdkafka in the order of the calls and waits where its queue is full; the
//! other collects delivery reports. Nothing here blocks the caller.

use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::event::{Event, Metrics};
use super::feed::feed;
use super::hub::{Context, Hub, Native};
use crate::error::{Error, KafkaFailure, Result};
use crate::kafka::client::{self, Notice, Token};
use crate::kafka::mailbox::Notify;
use crate::kafka::options::Properties;
use crate::kafka::{code_report, error_of, failure, lock};

/// A running producer.
pub struct Producer {
    hub: Arc<Hub>,
    brokers: String,
    native: Mutex<Option<Running>>,
}

struct Running {
    client: Arc<BaseProducer<Context>>,
    jobs: Sender<Batch>,
    feeder: JoinHandle<()>,
    collector: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl Producer {
    /// Returns a producer with these properties; it connects when there is something to send.
    ///
    /// # Errors
    /// `Argument` if librdkafka refuses a property.
    pub fn new(properties: &Properties, notify: Notify) -> Result<Self> {
        let config = client::config(properties)?;
        let hub = Hub::new(properties, notify);
        let client: Arc<BaseProducer<Context>> = Arc::new(config.create_with_context(Context(Arc::clone(&hub)))?);
        let (jobs, queue) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let feeder = spawn("dspx-produce", {
            let (client, hub) = (Arc::clone(&client), Arc::clone(&hub));
            move || feed(&client, &hub, &queue)
        })?;
        let collector = spawn("dspx-reports", {
            let (client, hub, stop) = (Arc::clone(&client), Arc::clone(&hub), Arc::clone(&stop));
            move || {
                while !stop.load(Relaxed) {
                    client.poll(Duration::from_millis(50));
                    if hub.has_failed.swap(false, Relaxed)
                        && let Some((code, reason)) = client.client().fatal_error()
                    {
                        let report = KafkaFailure { fatal: true, retriable: false, ..code_report(code, &reason) };
                        hub.mailbox.push(Event::Notice(Notice::Error(report)));
                    }
                }
            }
        })?;
        let brokers = properties.values.get("bootstrap.servers").cloned().unwrap_or_default();
        let running = Running { client, jobs, feeder, collector, stop };
        Ok(Self { hub, brokers, native: Mutex::new(Some(running)) })
    }

    /// Queues a batch; its reports arrive as `Event::Sent`. After `close` all its messages fail with `_DESTROY`.
    pub fn send(&self, batch: Batch) {
        let batch = match &*lock(&self.native) {
            Some(running) => match running.jobs.send(batch) {
                Ok(()) => return,
                Err(unsent) => unsent.0,
            },
            None => batch,
        };
        let refused = Some(error_of(Code::BrokerDestroy));
        self.hub.mailbox.push(Event::Sent { id: batch.id, failures: Vec::new(), offsets: Vec::new(), refused });
    }

    /// Waits in the background until a broker answers; the result arrives as `Event::Connected`.
    pub fn connect(&self, id: f64, timeout: Duration) {
        let Some(client) = lock(&self.native).as_ref().map(|r| Arc::clone(&r.client)) else {
            return self.hub.mailbox.push(Event::Connected(id, Err(error_of(Code::BrokerDestroy))));
        };
        let (hub, brokers) = (Arc::clone(&self.hub), self.brokers.clone());
        crate::runtime().spawn_blocking(move || {
            let result = connect(&client, &hub, &brokers, timeout);
            drop(client);
            hub.mailbox.push(Event::Connected(id, result));
        });
    }

    /// Frees the client in the background: queued messages have until `timeout` to be delivered, then they fail. The
    /// end arrives as `Event::Closed`.
    pub fn close(&self, id: f64, timeout: Duration) {
        let running = lock(&self.native).take();
        let hub = Arc::clone(&self.hub);
        crate::runtime().spawn_blocking(move || {
            if let Some(running) = running {
                running.end(&hub, timeout);
            }
            hub.mailbox.push(Event::Closed(id));
        });
    }

    /// Frees the client now, on the caller's thread, without waiting for deliveries.
    pub fn abandon(&self) {
        if let Some(running) = lock(&self.native).take() {
            running.end(&self.hub, Duration::ZERO);
        }
    }

    /// Returns the native producer, for the calls of transactions; `None` once closed.
    pub(crate) fn native(&self) -> Option<Arc<Native>> {
        lock(&self.native).as_ref().map(|running| Arc::clone(&running.client))
    }

    /// Begins to send messages of this transaction only; those of others fail.
    pub(crate) fn enter(&self, transaction: u64) {
        *lock(&self.hub.transaction) = transaction;
    }

    /// Returns all events, and removes them.
    pub fn collect(&self) -> Vec<Event> {
        self.hub.mailbox.collect()
    }

    /// Passes on the result of the token provider.
    pub fn supply_token(&self, token: Result<Token, String>) {
        self.hub.events.supply_token(token);
    }

    /// Returns the counters since creation.
    pub fn metrics(&self) -> Metrics {
        self.hub.counters.metrics()
    }
}

impl Running {
    fn end(self, hub: &Hub, timeout: Duration) {
        let Self { client, jobs, feeder, collector, stop } = self;
        let deadline = Instant::now() + timeout;
        drop(jobs);
        while !(feeder.is_finished() && client.in_flight_count() == 0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        hub.abort.store(true, Relaxed);
        hub.space.notify_all();
        let _ = feeder.join();
        stop.store(true, Relaxed);
        let _ = collector.join();
        drop(client);
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|e| failure("_CRIT_SYS_RESOURCE", format!("no thread for the Kafka client: {e}")))
}

fn connect(client: &BaseProducer<Context>, hub: &Hub, brokers: &str, timeout: Duration) -> Result<()> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(250));
        if client.client().fetch_cluster_id(left).is_some() {
            return Ok(());
        }
        if let Some(report) = hub.events.refused() {
            return Err(Error::Kafka(report));
        }
        if left.is_zero() || hub.abort.load(Relaxed) {
            return Err(hub.events.unreachable(brokers, timeout));
        }
    }
}
