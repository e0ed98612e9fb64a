//! The part of a stream that runs on the runtime: starts, restarts and stops the clients.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, mpsc};

use super::clients::Clients;
use super::event::{Request, StreamEvent, StreamState};
use super::owned::{Owned, Shared, end};
use super::port::client_gone;
use super::transacting::Transacting;
use crate::error::Error;
use crate::kafka::options::Properties;
use crate::kafka::{consumer, lock};
use crate::store::StateStore;
use crate::stream::protocol::config::Guarantee;
use crate::stream::protocol::status::Status;

/// Period in which clients that fail again and again are counted.
const RESTART_PERIOD: Duration = Duration::from_secs(600);
/// Id of the request whether there is a broker.
const CONNECT: f64 = 0.0;

/// Returns whether another live member has the same id: new clients would only take it back.
fn is_usurped(error: &Error) -> bool {
    matches!(error, Error::Kafka(failure) if failure.code == "FENCED_INSTANCE_ID")
}

/// The part of a stream that runs on the runtime.
pub(super) struct Driver {
    pub(super) shared: Arc<Shared>,
    pub(super) properties: (Properties, Properties),
    pub(super) clients: Clients,
    pub(super) store: Arc<dyn StateStore>,
    pub(super) template: dsp_core::Pipeline,
    /// The hash of the pipeline's definition, and the text from which it can be built again.
    pub(super) definition: (String, Arc<str>),
    pub(super) workers: Arc<Semaphore>,
    pub(super) wake: Arc<Notify>,
    pub(super) changed: Arc<Notify>,
    pub(super) starting: Option<f64>,
    pub(super) is_assigned: bool,
    pub(super) is_paused: bool,
    pub(super) is_stopping: bool,
    pub(super) state: StreamState,
    /// Number of partitions that are being revoked.
    pub(super) revoking: Arc<AtomicUsize>,
    /// Whether no broker can be reached.
    pub(super) has_no_broker: Arc<AtomicBool>,
    /// An error after which the clients must be replaced.
    pub(super) fatal: Option<Error>,
    /// The reason why the group has not been joined, or never will be.
    pub(super) refusal: Arc<Mutex<Option<Error>>>,
    pub(super) restarts: Vec<Instant>,
    /// The transactions of the present clients.
    pub(super) transactions: Option<Transacting>,
    pub(super) reading: Arc<Properties>,
}

impl Driver {
    /// Returns a driver that waits for `Start`.
    pub(super) fn new(
        shared: Arc<Shared>,
        properties: (Properties, Properties),
        (clients, wake): (Clients, Arc<Notify>),
        store: Arc<dyn StateStore>,
        template: &dsp_core::Pipeline,
        definition: (String, Arc<str>),
    ) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(shared.config.workers.max(1))),
            reading: Arc::new(properties.0.clone()),
            definition,
            template: template.fresh_copy(),
            shared,
            properties,
            clients,
            store,
            wake,
            changed: Arc::new(Notify::new()),
            starting: None,
            is_assigned: false,
            is_paused: false,
            is_stopping: false,
            state: StreamState::Starting,
            revoking: Arc::default(),
            has_no_broker: Arc::default(),
            fatal: None,
            refusal: Arc::default(),
            restarts: Vec::new(),
            transactions: None,
        }
    }

    pub(super) async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        loop {
            let (wake, changed) = (Arc::clone(&self.wake), Arc::clone(&self.changed));
            tokio::select! {
                () = wake.notified() => self.collect(),
                () = changed.notified() => {}
                request = requests.recv() => match request {
                    Some(Request::Stop(id, time)) => {
                        self.stop(time).await;
                        self.shared.mailbox.push(StreamEvent::Answer(id, Ok(())));
                        return;
                    }
                    Some(request) => self.request(request),
                    None => return self.end_clients().await,
                },
            }
            let refusal = lock(&self.refusal).take();
            if let Some(error) = refusal
                && self.state != StreamState::Failed
            {
                self.end_clients().await;
                self.give_up(error);
            }
            let end = self.transactions.as_ref().and_then(|running| lock(&running.end).take());
            if let Some(error) = self.fatal.take().or(end) {
                self.restart(error).await;
            }
            self.answer_start();
            self.report_state();
        }
    }

    /// Ends partitions and clients without a last checkpoint.
    async fn end_clients(&mut self) {
        self.transactions = None;
        lock(&self.shared.owned).drain(..).for_each(|owned| owned.end(&self.shared.mailbox));
        self.clients.abandon().await;
    }

    /// Replaces the clients; after too many replacements the stream has failed.
    async fn restart(&mut self, error: Error) {
        if self.state == StreamState::Failed {
            return;
        }
        if matches!(&error, Error::Kafka(failure) if matches!(failure.code.as_str(), "_FENCED" | "PRODUCER_FENCED")) {
            let reason = format!("another instance has our transactional id; give each its own instanceId: {error}");
            self.shared.mailbox.push(StreamEvent::ProducerFenced(reason));
        }
        self.end_clients().await;
        self.restarts.retain(|at| at.elapsed() < RESTART_PERIOD);
        let made = if self.restarts.len() < self.shared.config.max_restarts && !is_usurped(&error) {
            Clients::new(&self.shared.config, &self.properties, &self.wake)
        } else {
            Err(error.clone())
        };
        match made {
            Ok(clients) => {
                self.clients = clients;
                // What the old ones still have to say does not matter any more.
                self.refusal = Arc::default();
                *lock(&self.shared.clients) = self.clients.handles();
                self.restarts.push(Instant::now());
                self.shared.restarts.fetch_add(1, Relaxed);
                self.is_assigned = false;
                self.shared.mailbox.push(StreamEvent::Error(error));
                self.connect();
            }
            Err(error) => self.give_up(error),
        }
    }

    /// Marks the stream as failed; nothing is tried any more.
    fn give_up(&mut self, error: Error) {
        self.state = StreamState::Failed;
        match self.starting.take() {
            Some(id) => self.shared.mailbox.push(StreamEvent::Answer(id, Err(error))),
            None => self.shared.mailbox.push(StreamEvent::Error(error)),
        }
        self.shared.mailbox.push(StreamEvent::State(StreamState::Failed));
    }

    /// Connects the current clients to the brokers.
    pub(super) fn connect(&mut self) {
        if self.shared.config.guarantee == Guarantee::ExactlyOnce {
            let begun = Transacting::begin(&self.clients, &self.shared, &self.store, &self.changed);
            self.transactions = Some(begun);
        }
        self.clients.consumer.connect(CONNECT, self.shared.config.connect_timeout);
    }

    /// Reports the state of the stream if it has changed.
    fn report_state(&mut self) {
        let is_new = self.state == StreamState::Starting && !self.is_assigned;
        if self.starting.is_some() || is_new || self.state == StreamState::Failed {
            return;
        }
        let any = |test: fn(&Status) -> bool| lock(&self.shared.owned).iter().any(|o| test(&lock(&o.status)));
        let now = if self.has_no_broker.load(Relaxed) || any(|s| s.waits_for_store) {
            StreamState::Degraded
        } else if !self.is_assigned || self.revoking.load(Relaxed) > 0 || any(|s| s.state.is_starting()) {
            StreamState::Rebalancing
        } else {
            StreamState::Running
        };
        if std::mem::replace(&mut self.state, now) != now {
            self.shared.mailbox.push(StreamEvent::State(now));
        }
    }

    /// Answers `Start` once no partition of the first assignment is being restored.
    fn answer_start(&mut self) {
        let is_ready = |o: &Owned| !lock(&o.status).state.is_starting();
        if self.is_assigned
            && lock(&self.shared.owned).iter().all(is_ready)
            && let Some(id) = self.starting.take()
        {
            self.shared.mailbox.push(StreamEvent::Answer(id, Ok(())));
        }
    }

    async fn stop(&mut self, time: Duration) {
        self.is_stopping = true;
        let owned: Vec<Owned> = lock(&self.shared.owned).drain(..).collect();
        let shared = Arc::clone(&self.shared);
        let transactions = self.transactions.as_ref().map(|t| t.handle.clone());
        let mut ending = crate::runtime().spawn(async move { end(owned, time, &shared, transactions).await });
        // Outputs have to be acknowledged, and offsets handed over, while the partitions end.
        while !ending.is_finished() {
            tokio::select! {
                _ = &mut ending => break,
                () = self.wake.notified() => self.collect(),
            }
        }
        self.transactions = None;
        let pending = Arc::clone(&self.clients.pending);
        let (id, consumer_end) = pending.ask(&pending.ends);
        self.clients.consumer.close(id);
        let (id, producer_end) = pending.ask(&pending.ends);
        self.clients.producer.close(id, time);
        let both = async { (consumer_end.await, producer_end.await) };
        tokio::pin!(both);
        let deadline = tokio::time::sleep(time + 2 * consumer::CLOSE_TIMEOUT);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                _ = &mut both => break,
                () = &mut deadline => break,
                () = self.wake.notified() => self.collect(),
            }
        }
        if let Some(id) = self.starting.take() {
            self.shared.mailbox.push(StreamEvent::Answer(id, Err(client_gone())));
        }
    }
}
