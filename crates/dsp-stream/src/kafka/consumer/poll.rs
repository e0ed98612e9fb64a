//! The thread that polls librdkafka: the only one that assigns, revokes, pauses, seeks and commits.

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::config::{FULL_QUEUE_PATIENCE, IDLE};
use super::context::Native;
use super::event::{Assigned, Event, OffsetCommit};
use super::offsets;
use super::partitions::{AssignmentId, Pushed};
use super::shared::{Command, Shared};
use crate::error::{Error, KafkaFailure, Result};
use crate::kafka::client::Notice;
use crate::kafka::{code_report, codes, error_of, is_retriable, lock};

/// Largest number of messages between two checks for commands.
const BURST: usize = 1024;
/// Number of messages after which the owner is woken while more are at hand: waking it costs as much as several
/// messages.
const WAKE_AFTER: usize = 128;

/// The state of the poll thread.
pub struct Thread {
    pub(super) native: Arc<Native>,
    pub(super) shared: Arc<Shared>,
    pub(super) commands: Receiver<Command>,
    pub(super) brokers: String,
    /// Assignment of the last message, with librdkafka's topic handle (its address) and partition: messages come in
    /// runs.
    pub(super) last: Option<((usize, i32), AssignmentId)>,
    pub(super) rebalances_seen: u64,
    pub(super) full_since: Option<Instant>,
    pub(super) watermarks_at: Instant,
    pub(super) headers: Vec<u8>,
    /// Whether the owner waits for a message that has arrived.
    pub(super) is_awaited: bool,
}

impl Thread {
    pub fn new(native: Arc<Native>, shared: Arc<Shared>, commands: Receiver<Command>, brokers: String) -> Self {
        Self {
            native,
            shared,
            commands,
            brokers,
            last: None,
            rebalances_seen: 0,
            full_since: None,
            watermarks_at: Instant::now(),
            headers: Vec::new(),
            is_awaited: false,
        }
    }

    /// Polls until the consumer is closed, then frees the client.
    pub fn run(mut self) {
        while self.commands() {
            self.native.context().commits.collect(&self.shared);
            self.resume();
            self.refresh_ends();
            if self.blocked() {
                self.shared.signal.wait(FULL_QUEUE_PATIENCE / 4);
                continue;
            }
            if self.burst() {
                self.watermarks();
                self.shared.signal.wait(if self.native.context().commits.is_wanted() { IDLE / 50 } else { IDLE });
            }
        }
        self.close();
    }

    /// Carries out the commands; returns false to close.
    fn commands(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Connect(id, timeout)) => self.connect(id, timeout),
                Ok(Command::Subscribe) => self.subscribe(),
                Ok(Command::Commit(id)) => self.commit(id),
                Ok(Command::CommitOffsets(id, offsets)) => self.commit_offsets(id, &offsets),
                Ok(Command::Seek(id, topic, partition, target)) => {
                    let result = self.seek(&topic, partition, target);
                    self.shared.mailbox.push(Event::Sought(id, result));
                }
                Ok(Command::Lag(id)) => self.lag(id),
                Ok(Command::Watermarks(id, topic, partition)) => self.ask_watermarks(id, topic, partition),
                Ok(Command::Close) | Err(TryRecvError::Disconnected) => return false,
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn connect(&mut self, id: f64, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        let topics = self.shared.config.topics.clone();
        let mut missing = topics.iter();
        let mut topic = missing.next();
        let result = loop {
            let Some(name) = topic else { break Ok(()) };
            let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(250));
            if left.is_zero() {
                break Err(self.shared.events.unreachable(&self.brokers, timeout));
            }
            match self.native.fetch_metadata(Some(name), left) {
                Ok(_) => topic = missing.next(),
                Err(e) if e.rdkafka_error_code().is_some_and(is_retriable) => {}
                Err(e) => break Err(e.into()),
            }
            self.burst();
            if let Some(report) = self.shared.events.refused() {
                break Err(Error::Kafka(report));
            }
            if self.shared.closing.load(Relaxed) {
                break Err(error_of(Code::BrokerDestroy));
            }
        };
        self.shared.mailbox.push(Event::Connected(id, result));
    }

    /// Polls until no messages are left, a bound is reached or other work is due; returns whether no messages were
    /// left.
    pub(super) fn burst(&mut self) -> bool {
        let native = Arc::clone(&self.native);
        let mut nothing_left = false;
        for count in 1..=BURST {
            let callbacks = self.shared.events.callbacks();
            match native.poll(Duration::ZERO) {
                Some(Ok(message)) if self.push(&message) => break,
                Some(Ok(_)) => {}
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => self.failed(&error, callbacks != self.shared.events.callbacks()),
                None if self.shared.events.callbacks() == callbacks => {
                    nothing_left = true;
                    break;
                }
                None => {}
            }
            if count % WAKE_AFTER == 0 {
                self.wake();
            }
        }
        self.wake();
        nothing_left
    }

    /// Wakes the owner if it waits for a message that has arrived.
    fn wake(&mut self) {
        if std::mem::take(&mut self.is_awaited) {
            self.shared.mailbox.wake();
        }
    }

    /// Reports an error in the stream of messages; the context has reported most of them with more detail.
    fn failed(&self, error: &KafkaError, reported: bool) {
        let report = match (error, self.native.client().fatal_error()) {
            (KafkaError::MessageConsumptionFatal(_), Some((code, reason))) => {
                KafkaFailure { fatal: true, retriable: false, ..code_report(code, &reason) }
            }
            _ if reported => return,
            (KafkaError::MessageConsumption(code), _) => code_report(*code, &codes::error_text(*code)),
            _ => return,
        };
        self.shared.mailbox.push(Event::Notice(Notice::Error(report)));
    }

    /// Queues a message; returns whether a bound is reached.
    fn push(&mut self, message: &BorrowedMessage<'_>) -> bool {
        let rebalances = self.shared.counters.rebalances.load(Relaxed);
        if rebalances != self.rebalances_seen {
            self.last = None;
            self.rebalances_seen = rebalances;
        }
        let key = (message.topic_ptr().addr(), message.partition());
        let mut partitions = lock(&self.shared.partitions);
        let known = self.last.filter(|(last, _)| *last == key).map(|(_, id)| id);
        let Some(mut id) = known.or_else(|| partitions.find(message.topic(), message.partition())) else {
            return false;
        };
        if partitions.is_before(id, message.offset()) {
            // The topic was made anew or cut: what was done there says nothing of what is there now.
            let Some(new) = partitions.restart(id, message.offset()) else { return false };
            id = new;
            self.shared.mailbox.push(Event::Sought(0.0, Ok(assigned(id, message))));
        }
        self.last = Some((key, id));
        let (codec, headers) = (self.shared.config.codec, &mut self.headers);
        let mut bytes = 0;
        let Pushed { wake, full } =
            partitions.push(id, message.offset(), |segment| bytes = segment.push_message(message, codec, headers));
        drop(partitions);
        if self.shared.away.load(Relaxed) {
            self.shared.away.store(false, Relaxed);
        }
        self.shared.counters.messages.fetch_add(1, Relaxed);
        self.shared.counters.bytes.fetch_add(bytes as u64, Relaxed);
        self.is_awaited |= wake;
        full
    }

    /// Begins to commit what is done; `id` is answered when the broker has confirmed it.
    fn commit(&mut self, id: f64) {
        let begun = self.native.context().commits.begin(&self.native, &self.shared);
        self.await_commit(id, begun);
    }

    /// Commits offsets that the owner chose, and answers `id` when the broker has confirmed them.
    fn commit_offsets(&mut self, id: f64, offsets: &[OffsetCommit]) {
        let begun = self.native.context().commits.begin_chosen(&self.native, &self.shared, offsets);
        self.await_commit(id, begun);
    }

    fn await_commit(&self, id: f64, begun: Result<()>) {
        match begun {
            Ok(()) if id > 0.0 => self.native.context().commits.wait_for_all(id, &self.shared),
            Ok(()) => {}
            Err(error) => self.shared.mailbox.push(Event::Committed(id, Err(error))),
        }
    }

    /// Requests both ends of a partition and the size of its topic on another thread.
    fn ask_watermarks(&self, id: f64, topic: String, partition: i32) {
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let result = offsets::watermarks(&native, &topic, partition);
            drop(native);
            shared.mailbox.push(Event::Watermarks(id, result));
        });
    }
}

/// Returns the assignment that begins with a message.
fn assigned(id: AssignmentId, message: &BorrowedMessage<'_>) -> Assigned {
    let (topic, partition, position) = (message.topic().into(), message.partition(), message.offset());
    Assigned { id, topic, partition, position, committed: None }
}

/// Returns the error of a code with a more detailed message.
pub(super) fn error_with(code: Code, message: String) -> Error {
    Error::Kafka(code_report(code, &message))
}
