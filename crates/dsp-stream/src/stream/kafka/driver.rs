//! The part of a stream that runs on the runtime: clients, assignments, requests of the owner.

use serde_json::{Value as Json, json};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;

use super::checks::{check_changelog, check_output};
use super::owned::{Owned, ask, end, tell};
use super::port::{KafkaPort, Pending, answered};
use super::{BROKER_PAUSE, Event, Request, Shared, StreamConfig, now_lost};
use crate::error::{Error, Result};
use crate::kafka::consumer::{self, Assigned, AssignmentId, Begin, Config, Consumer, Limits};
use crate::kafka::options::Properties;
use crate::kafka::producer::{self, Producer};
use crate::kafka::{self, Notice, lock};
use crate::store::StateStore;
use crate::stream::InputConfig;
use crate::stream::exactly_once::{Handle, KafkaTransactions, Participants, Told, Transactor};
use crate::stream::partition::{Command, Happening, Partition, Settings, Status};

/// Messages that the consumer hands over at once.
const BATCH: usize = 256;
/// Messages that a partition processes in one go where so many are there: going from thread to thread takes its time on a busy
/// machine.
const MOST: usize = 2048;
/// librdkafka's own bound of a message.
const MAX_BYTES: usize = 1_000_000;
/// Clients that die again and again within this time are given up.
const RESTART_PERIOD: Duration = Duration::from_secs(600);
/// How long clients that are of no use any more are waited for.
const ABANDON_TIMEOUT: Duration = Duration::from_secs(3);
/// The id of the question whether a broker is there.
const CONNECT: f64 = 0.0;

/// Refusals after which waiting for the first assignment is in vain.
const JOIN_REFUSALS: [&str; 11] = [
    "_AUTHENTICATION",
    "SASL_AUTHENTICATION_FAILED",
    "UNSUPPORTED_SASL_MECHANISM",
    "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED",
    "INCONSISTENT_GROUP_PROTOCOL",
    "INVALID_GROUP_ID",
    "FENCED_INSTANCE_ID",
    "INVALID_SESSION_TIMEOUT",
    "_INVALID_ARG",
    "TOPIC_EXCEPTION",
];

/// Another live member has our id: new clients would only take it back.
fn is_usurped(error: &Error) -> bool {
    matches!(error, Error::Kafka(failure) if failure.code == "FENCED_INSTANCE_ID")
}

/// Consumer and producer, and the questions that they are asked.
pub(super) struct Clients {
    consumer: Arc<Consumer>,
    producer: Arc<Producer>,
    pending: Arc<Pending>,
}

impl Clients {
    pub(super) fn new(
        config: &StreamConfig,
        properties: &(Properties, Properties),
        news: &Arc<Notify>,
    ) -> Result<Self> {
        let waker = || -> kafka::Notify {
            let news = Arc::clone(news);
            Box::new(move || news.notify_one())
        };
        let limits = Limits { messages: config.prefetch.0, bytes: config.prefetch.1, batch: BATCH };
        let reading = Config {
            topics: config.topics.clone(),
            from_beginning: !config.policies.from_latest,
            codec: crate::codec::Codec::Raw,
            limits,
            revoke_timeout: config.revoke_timeout,
            commit_starts: false,
            auto_commit: true,
            begin: if config.exactly_once { Begin::Owner } else { Begin::GroupOrOwner },
        };
        let consumer = Arc::new(Consumer::new(&properties.0, reading, waker())?);
        match Producer::new(&properties.1, waker()) {
            Ok(producer) => Ok(Self { consumer, producer: Arc::new(producer), pending: Arc::default() }),
            Err(error) => {
                consumer.abandon(ABANDON_TIMEOUT);
                Err(error)
            }
        }
    }

    /// Both, for whoever may have to end them without the driver.
    pub(super) fn handles(&self) -> (Weak<Consumer>, Weak<Producer>) {
        (Arc::downgrade(&self.consumer), Arc::downgrade(&self.producer))
    }

    /// Frees both without waiting for anybody.
    async fn abandon(&self) {
        let (consumer, producer) = (Arc::clone(&self.consumer), Arc::clone(&self.producer));
        let _ = tokio::task::spawn_blocking(move || {
            consumer.abandon(ABANDON_TIMEOUT);
            producer.abandon();
        })
        .await;
    }
}

/// How a stream as a whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Starting,
    Running,
    Rebalancing,
    Degraded,
    Failed,
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Rebalancing => "rebalancing",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

/// The part of a stream that runs on the runtime.
pub(super) struct Driver {
    shared: Arc<Shared>,
    properties: (Properties, Properties),
    clients: Clients,
    store: Arc<dyn StateStore>,
    template: dsp_core::Pipeline,
    definition: String,
    workers: Arc<Semaphore>,
    news: Arc<Notify>,
    restored: Arc<Notify>,
    starting: Option<f64>,
    is_assigned: bool,
    is_paused: bool,
    is_stopping: bool,
    condition: Condition,
    /// Partitions that are being given up.
    revoking: Arc<AtomicUsize>,
    /// All brokers are away.
    is_alone: Arc<AtomicBool>,
    /// An error after which the clients are of no use.
    fatal: Option<Error>,
    /// Why the group is not joined, or never will be.
    refusal: Arc<Mutex<Option<Error>>>,
    restarts: Vec<Instant>,
    /// The transactions of the present clients.
    transactions: Option<Running>,
    reading: Arc<Properties>,
}

/// Transactions under way.
struct Running {
    handle: Handle,
    task: AbortHandle,
    participants: Participants,
    /// Why the clients are of no use any more.
    end: Arc<Mutex<Option<Error>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Driver {
    /// One that waits for `Start`.
    pub(super) fn new(
        shared: Arc<Shared>,
        properties: (Properties, Properties),
        (clients, news): (Clients, Arc<Notify>),
        store: Arc<dyn StateStore>,
        template: &dsp_core::Pipeline,
        definition: String,
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
            news,
            restored: Arc::new(Notify::new()),
            starting: None,
            is_assigned: false,
            is_paused: false,
            is_stopping: false,
            condition: Condition::Starting,
            revoking: Arc::default(),
            is_alone: Arc::default(),
            fatal: None,
            refusal: Arc::default(),
            restarts: Vec::new(),
            transactions: None,
        }
    }

    pub(super) async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        loop {
            let (news, restored) = (Arc::clone(&self.news), Arc::clone(&self.restored));
            tokio::select! {
                () = news.notified() => self.collect(),
                () = restored.notified() => {}
                request = requests.recv() => match request {
                    Some(Request::Stop(id, time)) => {
                        self.stop(time).await;
                        self.shared.mailbox.push(Event::Answer(id, Ok(())));
                        return;
                    }
                    Some(request) => self.request(request),
                    None => return self.end_clients().await,
                },
            }
            let refusal = lock(&self.refusal).take();
            if let Some(error) = refusal
                && self.condition != Condition::Failed
            {
                self.end_clients().await;
                self.give_up(error);
            }
            let end = self.transactions.as_ref().and_then(|running| lock(&running.end).take());
            if let Some(error) = self.fatal.take().or(end) {
                self.restart(error).await;
            }
            self.answer_start();
            self.tell_condition();
        }
    }

    /// Ends partitions and clients without a last checkpoint.
    async fn end_clients(&mut self) {
        self.transactions = None;
        lock(&self.shared.owned).drain(..).for_each(|owned| owned.end(&self.shared.mailbox));
        self.clients.abandon().await;
    }

    /// New clients in place of those that are of no use any more; with too many of them the stream has failed.
    async fn restart(&mut self, error: Error) {
        if self.condition == Condition::Failed {
            return;
        }
        if matches!(&error, Error::Kafka(failure) if matches!(failure.code.as_str(), "_FENCED" | "PRODUCER_FENCED")) {
            let reason = format!("another instance has our transactional id; give each its own instanceId: {error}");
            self.shared.mailbox.push(Event::Happened("fenced", json!({ "reason": reason }).to_string()));
        }
        self.end_clients().await;
        self.restarts.retain(|at| at.elapsed() < RESTART_PERIOD);
        let made = if self.restarts.len() < self.shared.config.max_restarts && !is_usurped(&error) {
            Clients::new(&self.shared.config, &self.properties, &self.news)
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
                self.shared.mailbox.push(Event::Error(error));
                self.connect();
            }
            Err(error) => self.give_up(error),
        }
    }

    /// The stream has failed: nothing is tried any more.
    fn give_up(&mut self, error: Error) {
        self.condition = Condition::Failed;
        match self.starting.take() {
            Some(id) => self.shared.mailbox.push(Event::Answer(id, Err(error))),
            None => self.shared.mailbox.push(Event::Error(error)),
        }
        self.shared.mailbox.push(Event::Happened("condition", json!(Condition::Failed.name()).to_string()));
    }

    /// Begins to make transactions.
    fn transact(&self) -> Running {
        let participants = Participants::default();
        let Clients { consumer, producer, .. } = &self.clients;
        let calls = KafkaTransactions::new(Arc::clone(consumer), Arc::clone(producer), Arc::clone(&participants));
        let shared = Arc::clone(&self.shared);
        let members = Box::new(move || {
            let mut members: Vec<_> = lock(&shared.owned).iter().map(|owned| owned.commands.clone()).collect();
            members.extend(lock(&shared.leaving).iter().cloned());
            members
        });
        let shared = Arc::clone(&self.shared);
        let tell = move |what| match what {
            Told::Committed => _ = shared.committed.fetch_add(1, Relaxed),
            Told::Aborted => _ = shared.aborted.fetch_add(1, Relaxed),
            Told::Failed(error) => shared.mailbox.push(Event::Error(error)),
        };
        let (store, checkpoint) = (Arc::clone(&self.store), self.shared.config.checkpoint);
        let (transactor, handle) = Transactor::new(calls, store, checkpoint, members, tell);
        let (end, restored) = (Arc::new(Mutex::new(None)), Arc::clone(&self.restored));
        let place = Arc::clone(&end);
        let task = crate::runtime().spawn(async move {
            *lock(&place) = Some(transactor.run().await);
            restored.notify_one();
        });
        Running { handle, task: task.abort_handle(), participants, end }
    }

    fn connect(&mut self) {
        if self.shared.config.exactly_once {
            self.transactions = Some(self.transact());
        }
        self.clients.consumer.connect(CONNECT, self.shared.config.connect_timeout);
    }

    /// Says how the stream is, where that has changed.
    fn tell_condition(&mut self) {
        let is_new = self.condition == Condition::Starting && !self.is_assigned;
        if self.starting.is_some() || is_new || self.condition == Condition::Failed {
            return;
        }
        let is = |condition: fn(&Status) -> bool| lock(&self.shared.owned).iter().any(|o| condition(&lock(&o.status)));
        let now = if self.is_alone.load(Relaxed) || is(|s| s.waits_for_store) {
            Condition::Degraded
        } else if !self.is_assigned
            || self.revoking.load(Relaxed) > 0
            || is(|s| matches!(s.state, "" | "acquiring" | "restoring"))
        {
            Condition::Rebalancing
        } else {
            Condition::Running
        };
        if std::mem::replace(&mut self.condition, now) != now {
            self.shared.mailbox.push(Event::Happened("condition", json!(now.name()).to_string()));
        }
    }

    fn request(&mut self, request: Request) {
        let shared = Arc::clone(&self.shared);
        let ask_all = |id: f64, command: fn(oneshot::Sender<Result<()>>) -> Command| {
            let answers: Vec<_> = lock(&shared.owned).iter().map(|owned| ask(&owned.commands, command)).collect();
            let shared = Arc::clone(&shared);
            crate::runtime().spawn(async move {
                let mut result = Ok(());
                for answer in answers {
                    // A partition that is gone has nothing to do any more.
                    result = result.and(answer.await.unwrap_or(Ok(())));
                }
                shared.mailbox.push(Event::Answer(id, result));
            });
        };
        match request {
            Request::Start(id) => {
                self.starting = Some(id);
                self.connect();
            }
            Request::Pause(id) => {
                self.is_paused = true;
                ask_all(id, Command::Pause);
            }
            Request::Resume(id) => {
                self.is_paused = false;
                ask_all(id, Command::Resume);
            }
            Request::Checkpoint(id) => match self.transactions.as_ref().map(|running| running.handle.clone()) {
                Some(handle) => {
                    crate::runtime().spawn(async move {
                        let result = handle.checkpoint().await;
                        shared.mailbox.push(Event::Answer(id, result));
                    });
                }
                None => ask_all(id, Command::Checkpoint),
            },
            Request::State(id, key, topic, partition) => {
                let is_meant = |o: &&Owned| {
                    topic.as_ref().is_none_or(|t| *t == o.port.topic) && partition.is_none_or(|p| p == o.port.partition)
                };
                let answers: Vec<_> = lock(&self.shared.owned)
                    .iter()
                    .filter(is_meant)
                    .map(|o| ask(&o.commands, |answer| Command::State(key.clone(), answer)))
                    .collect();
                crate::runtime().spawn(async move {
                    let mut found = Ok(None);
                    for answer in answers {
                        found = answered(answer).await;
                        if !matches!(found, Ok(None)) {
                            break;
                        }
                    }
                    shared.mailbox.push(Event::State(id, found));
                });
            }
            Request::Stop(..) => {}
        }
    }

    /// Answers `Start` when no partition of the first assignment is still being restored.
    fn answer_start(&mut self) {
        let is_ready = |o: &Owned| !matches!(lock(&o.status).state, "" | "acquiring" | "restoring");
        if self.is_assigned
            && lock(&self.shared.owned).iter().all(is_ready)
            && let Some(id) = self.starting.take()
        {
            self.shared.mailbox.push(Event::Answer(id, Ok(())));
        }
    }

    /// Takes what consumer and producer have to say.
    fn collect(&mut self) {
        for event in self.clients.consumer.collect() {
            self.consumer_said(event);
        }
        for event in self.clients.producer.collect() {
            self.producer_said(event);
        }
        lock(&self.shared.owned).iter().for_each(|owned| owned.port.wake.notify_one());
    }

    fn consumer_said(&mut self, event: consumer::Event) {
        let pending = Arc::clone(&self.clients.pending);
        match event {
            consumer::Event::Connected(_, Ok(())) => self.check_topics(),
            consumer::Event::Connected(_, Err(error)) => match self.starting.take() {
                Some(id) => self.shared.mailbox.push(Event::Answer(id, Err(error))),
                None => self.fatal = Some(error),
            },
            consumer::Event::Assigned(_, assigned) if !self.is_stopping => self.assigned(assigned),
            consumer::Event::Assigned(..) => {}
            consumer::Event::Revoked { token, ids, lost } => self.revoked(token, &ids, lost),
            consumer::Event::Sought(id, result) => {
                if let Ok(Assigned { id, topic, partition, .. }) = &result {
                    // Before anything else is heard of the new assignment.
                    let owned = lock(&self.shared.owned);
                    let moved = owned.iter().find(|o| o.port.partition == *partition && o.port.topic == **topic);
                    if let Some(owned) = moved {
                        *lock(&owned.port.id) = *id;
                    }
                }
                Pending::answer(&pending.seeks, id, result);
            }
            consumer::Event::Described(id, result) => Pending::answer(&pending.descriptions, id, result),
            consumer::Event::Closed(id, result) => Pending::answer(&pending.ends, id, result),
            consumer::Event::Notice(Notice::Error(failure))
                if !failure.fatal && self.starting.is_some() && JOIN_REFUSALS.contains(&failure.code.as_str()) =>
            {
                *lock(&self.refusal) = Some(Error::Kafka(failure));
            }
            consumer::Event::Notice(notice) => self.notice(notice),
            consumer::Event::Committed(_, Ok(())) | consumer::Event::Lags(..) => {}
            consumer::Event::Committed(_, Err(error)) => {
                tracing::warn!(target: "dsp_stream::stream", %error, "a commit failed");
            }
        }
    }

    fn producer_said(&mut self, event: producer::Event) {
        match event {
            producer::Event::Sent { id, failures, refused, .. } => {
                Pending::answer(&self.clients.pending.sends, id, refused.map_or(Ok(failures), Err));
            }
            producer::Event::Closed(id) => Pending::answer(&self.clients.pending.ends, id, Ok(())),
            producer::Event::Connected(..) => {}
            producer::Event::Notice(notice) => self.notice(notice),
        }
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Log(line) => self.shared.mailbox.push(Event::Log(line)),
            Notice::Error(failure) if failure.code == "_AUTO_OFFSET_RESET" => {
                // It does not say which partition it is about.
                lock(&self.shared.owned).iter().for_each(|o| o.port.is_suspect.store(true, Relaxed));
            }
            Notice::Error(failure) if failure.fatal => self.fatal = Some(Error::Kafka(failure)),
            Notice::Error(failure) => {
                if failure.code == "_ALL_BROKERS_DOWN" {
                    self.wait_for_brokers();
                }
                self.shared.mailbox.push(Event::Error(Error::Kafka(failure)));
            }
            Notice::TokenWanted => {
                let reason = || Err("a stream takes no oauthBearerProvider".to_owned());
                self.clients.consumer.supply_token(reason());
                self.clients.producer.supply_token(reason());
            }
        }
    }

    /// Asks until a broker answers again.
    fn wait_for_brokers(&self) {
        let Some(topic) = self.shared.config.topics.first().cloned() else { return };
        if self.is_alone.swap(true, Relaxed) {
            return;
        }
        let (consumer, pending) = (Arc::downgrade(&self.clients.consumer), Arc::clone(&self.clients.pending));
        let (is_alone, restored) = (Arc::clone(&self.is_alone), Arc::clone(&self.restored));
        restored.notify_one();
        crate::runtime().spawn(async move {
            loop {
                tokio::time::sleep(BROKER_PAUSE).await;
                let (id, answer) = pending.ask(&pending.descriptions);
                // A client that is gone leaves the question to its successor.
                let Some(consumer) = consumer.upgrade() else { break };
                consumer.describe(id, topic.clone(), 0);
                drop(consumer);
                if matches!(answer.await, Ok(Ok(_)) | Err(_)) {
                    break;
                }
            }
            is_alone.store(false, Relaxed);
            restored.notify_one();
        });
    }

    /// Joins the group once the topics are as they have to be.
    fn check_topics(&self) {
        let Clients { consumer, pending, .. } = &self.clients;
        let (consumer, pending, shared) = (Arc::clone(consumer), Arc::clone(pending), Arc::clone(&self.shared));
        let (reading, writing) = (Arc::clone(&self.reading), self.properties.1.clone());
        let (refusal, restored) = (Arc::clone(&self.refusal), Arc::clone(&self.restored));
        crate::runtime().spawn(async move {
            let check = async {
                check_output(&shared.config, &consumer, &pending).await?;
                check_changelog(&shared, reading, writing).await
            };
            match check.await {
                Ok(()) => consumer.subscribe(),
                Err(error) => *lock(&refusal) = Some(error),
            }
            restored.notify_one();
        });
    }

    fn assigned(&mut self, assigned: Vec<Assigned>) {
        self.is_assigned = true;
        let places: Vec<Json> =
            assigned.iter().map(|a| json!({ "topic": &*a.topic, "partition": a.partition })).collect();
        for one in assigned {
            let owned = self.begin(one);
            if self.is_paused {
                drop(ask(&owned.commands, Command::Pause));
            }
            lock(&self.shared.owned).push(owned);
        }
        self.shared.mailbox.push(Event::Happened("assigned", Json::Array(places).to_string()));
    }

    fn begin(&self, assigned: Assigned) -> Owned {
        let config = &self.shared.config;
        let (topic, partition) = (assigned.topic.to_string(), assigned.partition);
        let port = Arc::new(KafkaPort {
            consumer: Arc::clone(&self.clients.consumer),
            producer: Arc::clone(&self.clients.producer),
            pending: Arc::clone(&self.clients.pending),
            id: Mutex::new(assigned.id),
            topic: topic.clone(),
            partition,
            knows_committed: AtomicBool::new(assigned.position >= 0),
            committed: Mutex::new(assigned.committed),
            begins_at: AtomicI64::new(assigned.position),
            is_suspect: AtomicBool::new(false),
            most: config.checkpoint.every_messages.clamp(1, MOST),
            wake: Notify::new(),
            output: config.output.as_ref().map(|(topic, _)| topic.clone()),
            dead_letters: config.dead_letter_topic.clone(),
            same_partition: config.same_partition,
            max_bytes: self
                .properties
                .1
                .values
                .get("message.max.bytes")
                .and_then(|n| n.parse().ok())
                .unwrap_or(MAX_BYTES),
            transaction: AtomicU64::new(0),
            participants: self.transactions.as_ref().map(|t| Arc::clone(&t.participants)).unwrap_or_default(),
            changelog: config.changelog.clone(),
            reading: Arc::clone(&self.reading),
        });
        let place = format!("{topic}/{partition}");
        let settings = Settings {
            scope: format!("{}/{place}", config.application_id),
            input: InputConfig { topic: topic.clone(), partition, place, ..config.input.clone() },
            output: config.output.as_ref().map(|(_, output)| output.clone()),
            poison: config.poison,
            policies: config.policies,
            checkpoint: config.checkpoint,
            max_keys: config.max_keys,
            owner: config.owner.clone(),
            group: config.application_id.clone(),
            definition: self.definition.clone(),
            workers: Arc::clone(&self.workers),
            transactions: self.transactions.as_ref().map(|t| t.handle.clone()),
            changelog: config.changelog.clone(),
        };
        let status = Arc::new(Mutex::new(Status::default()));
        let (shared, restored) = (Arc::clone(&self.shared), Arc::clone(&self.restored));
        let tell = move |what: Happening| {
            tell(&shared.mailbox, &topic, partition, what);
            restored.notify_one();
        };
        let template = self.template.fresh_copy();
        let store = Arc::clone(&self.store);
        let work = Partition::new(Arc::clone(&port), store, template, settings, Arc::clone(&status), tell);
        let (commands, receiver) = mpsc::unbounded_channel();
        let running = crate::runtime().spawn(work.run(receiver));
        let task = running.abort_handle();
        let (watched, shared) = (Arc::clone(&status), Arc::clone(&self.shared));
        crate::runtime().spawn(async move {
            // A panic is our fault, but it ends this partition only.
            if let Err(error) = running.await
                && error.is_panic()
            {
                let error = Error::internal(error);
                let mut status = lock(&watched);
                (status.state, status.reason) = ("stalled", Some(error.to_string()));
                drop(status);
                shared.mailbox.push(Event::Error(error));
            }
        });
        Owned { port, status, commands, task }
    }

    /// Ends partitions: with a last checkpoint, unless the group has given them to others already.
    fn revoked(&mut self, token: f64, ids: &[AssignmentId], lost: bool) {
        // The group says what is ours next, be it nothing.
        self.is_assigned = false;
        let gone: Vec<Owned> = {
            let mut owned = lock(&self.shared.owned);
            let (gone, kept) = owned.drain(..).partition(|o| ids.contains(&o.port.id()));
            *owned = kept;
            gone
        };
        let places: Vec<Json> =
            gone.iter().map(|o| json!({ "topic": o.port.topic, "partition": o.port.partition })).collect();
        let name = if lost { "lost" } else { "revoked" };
        self.shared.mailbox.push(Event::Happened(name, Json::Array(places).to_string()));
        let (consumer, time) = (Arc::clone(&self.clients.consumer), self.shared.config.revoke_timeout);
        let (revoking, restored) = (Arc::clone(&self.revoking), Arc::clone(&self.restored));
        let shared = Arc::clone(&self.shared);
        let transactions = self.transactions.as_ref().map(|t| t.handle.clone()).filter(|_| !lost);
        revoking.fetch_add(1, Relaxed);
        crate::runtime().spawn(async move {
            end(gone, if lost { Duration::ZERO } else { time }, &shared, transactions).await;
            consumer.release(token);
            revoking.fetch_sub(1, Relaxed);
            restored.notify_one();
        });
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
                () = self.news.notified() => self.collect(),
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
                () = self.news.notified() => self.collect(),
            }
        }
        if let Some(id) = self.starting.take() {
            self.shared.mailbox.push(Event::Answer(id, Err(now_lost())));
        }
    }
}
