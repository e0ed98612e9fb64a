//! The thread that polls librdkafka: the only one that assigns, revokes, pauses, seeks and commits.

use rdkafka::consumer::{Consumer as _, RebalanceProtocol};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::context::Native;
use super::offsets::{self, ASK_TIMEOUT, Place};
use super::partitions::{AssignmentId, Partitions, Pushed};
use super::{Assigned, CLOSE_TIMEOUT, Command, Event, Lag, Shared, Target};
use crate::error::{Error, KafkaFailure, Result};
use crate::kafka::client::Notice;
use crate::kafka::{code_failure, code_report, ffi, lock};

/// How long a full queue is waited for before its partition is paused: pausing throws away what librdkafka has fetched.
const PATIENCE: Duration = Duration::from_millis(100);
/// The longest sleep of the poll thread.
const IDLE: Duration = Duration::from_millis(100);
/// Bound of the question for the ends of paused partitions: closing may have to wait for it.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long leaving a group may take. Without brokers there is nobody to wait for: the member forgets its place at once.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);
/// After this time the subscription is given up once more.
const LEAVE_AGAIN: Duration = Duration::from_millis(50);
/// Messages between two looks at the commands.
const BURST: usize = 1024;
/// Messages before the owner is woken for them, where more are at hand: each waking costs as much as some messages.
const WAKE_AFTER: usize = 128;

/// The state of the poll thread.
pub struct Thread {
    native: Arc<Native>,
    shared: Arc<Shared>,
    commands: Receiver<Command>,
    brokers: String,
    /// The assignment of the last message, with librdkafka's topic handle (its address) and partition: they come in runs.
    last: Option<((usize, i32), AssignmentId)>,
    rebalances_seen: u64,
    full_since: Option<Instant>,
    watermarks_at: Instant,
    headers: Vec<u8>,
    /// The owner waits for a message that has come.
    is_awaited: bool,
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

    /// Polls until closed, then frees the client.
    pub fn run(mut self) {
        while self.commands() {
            self.native.context().commits.collect(&self.shared);
            self.resume();
            self.refresh_ends();
            if self.blocked() {
                self.shared.signal.wait(PATIENCE / 4);
                continue;
            }
            if self.burst() {
                self.watermarks();
                self.shared.signal.wait(if self.native.context().commits.is_wanted() { IDLE / 50 } else { IDLE });
            }
        }
        self.close();
    }

    /// Carries out the commands; false = close.
    fn commands(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Connect(id, timeout)) => self.connect(id, timeout),
                Ok(Command::Subscribe) => self.subscribe(),
                Ok(Command::Commit(id)) => self.commit(id),
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
                break Err(self.shared.voice.unreachable(&self.brokers, timeout));
            }
            match self.native.fetch_metadata(Some(name), left) {
                Ok(_) => topic = missing.next(),
                Err(e) if e.rdkafka_error_code().is_some_and(crate::kafka::is_retriable) => {}
                Err(e) => break Err(e.into()),
            }
            self.burst();
            if let Some(report) = self.shared.voice.refused() {
                break Err(Error::Kafka(report));
            }
            if self.shared.closing.load(Relaxed) {
                break Err(code_failure(Code::BrokerDestroy));
            }
        };
        self.shared.mailbox.push(Event::Connected(id, result));
    }

    fn subscribe(&mut self) {
        let topics: Vec<&str> = self.shared.config.topics.iter().map(String::as_str).collect();
        if let Err(error) = self.native.subscribe(&topics) {
            let text = format!("topics cannot be subscribed to ({error}): is one of the expressions wrong?");
            self.shared.report(code_report_for(Code::InvalidArgument, text));
        }
    }

    /// Polls until nothing is left, a bound is reached or it is time for other things; true = nothing was left.
    fn burst(&mut self) -> bool {
        let native = Arc::clone(&self.native);
        let mut nothing_left = false;
        for count in 1..=BURST {
            let spoken = self.shared.voice.spoken();
            match native.poll(Duration::ZERO) {
                Some(Ok(message)) if self.push(&message) => break,
                Some(Ok(_)) => {}
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => self.failed(&error, spoken != self.shared.voice.spoken()),
                None if self.shared.voice.spoken() == spoken => {
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

    /// Wakes the owner if it waits for what has come.
    fn wake(&mut self) {
        if std::mem::take(&mut self.is_awaited) {
            self.shared.mailbox.wake();
        }
    }

    /// An error in the stream of messages; most have been reported with more words by the context.
    fn failed(&self, error: &KafkaError, reported: bool) {
        let report = match (error, self.native.client().fatal_error()) {
            (KafkaError::MessageConsumptionFatal(_), Some((code, reason))) => {
                KafkaFailure { fatal: true, retriable: false, ..code_report(code, &reason) }
            }
            _ if reported => return,
            (KafkaError::MessageConsumption(code), _) => code_report(*code, &ffi::error_text(*code)),
            _ => return,
        };
        self.shared.mailbox.push(Event::Notice(Notice::Error(report)));
    }

    /// Queues a message; true = a bound is reached.
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

    /// Whether a full queue must be waited for. Past the patience its partition is paused instead.
    fn blocked(&mut self) -> bool {
        let mut partitions = lock(&self.shared.partitions);
        let overfull = partitions.overfull();
        let waiting = !overfull.is_empty() || partitions.iter().any(|(_, p)| p.paused);
        self.shared.crowded.store(waiting, Relaxed);
        if overfull.is_empty() {
            self.full_since = None;
            return false;
        }
        let since = *self.full_since.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return true;
        }
        self.full_since = None;
        let list = native_list(&partitions, &overfull);
        for id in &overfull {
            if let Some(partition) = partitions.get_mut(*id) {
                partition.paused = true;
            }
        }
        drop(partitions);
        let _ = self.native.pause(&list);
        false
    }

    fn resume(&self) {
        let mut partitions = lock(&self.shared.partitions);
        let resumable = partitions.resumable();
        if resumable.is_empty() {
            return;
        }
        let list = native_list(&partitions, &resumable);
        for id in &resumable {
            if let Some(partition) = partitions.get_mut(*id) {
                partition.paused = false;
            }
        }
        drop(partitions);
        let _ = self.native.resume(&list);
    }

    /// Notes the high watermarks of the last fetches, ten times a second.
    fn watermarks(&mut self) {
        if self.watermarks_at.elapsed() < IDLE {
            return;
        }
        self.watermarks_at = Instant::now();
        self.note_highs(&mut lock(&self.shared.partitions));
    }

    fn note_highs(&self, partitions: &mut Partitions) {
        for partition in partitions.iter_mut() {
            let cached = ffi::cached_watermarks(self.native.client(), &partition.topic, partition.number);
            if let Some((_, high)) = cached {
                partition.saw_high(high);
            }
        }
    }

    /// Commits what is done without waiting; `id`, if there is one, is answered when the broker has confirmed it.
    fn commit(&mut self, id: f64) {
        let commits = &self.native.context().commits;
        match commits.begin(&self.native, &self.shared) {
            Ok(()) if id > 0.0 => commits.wait_for_all(id, &self.shared),
            Ok(()) => {}
            Err(error) => self.shared.mailbox.push(Event::Committed(id, Err(error))),
        }
    }

    fn seek(&mut self, topic: &str, partition: i32, target: Target) -> Result<Assigned> {
        let owned = |shared: &Shared| lock(&shared.partitions).find(topic, partition);
        if owned(&self.shared).is_none() {
            return Err(code_report_for(Code::State, format!("{topic}/{partition} is not assigned to this consumer")));
        }
        let offset = offsets::target(&self.native, topic, partition, target)?;
        // A fetcher that has not begun yet, or has given up over an offset that is gone, cannot be moved: it is replaced.
        if self.native.seek(topic, partition, Offset::Offset(offset), ASK_TIMEOUT).is_err() {
            self.assign_at(topic, partition, offset)?;
        }
        self.last = None;
        let mut partitions = lock(&self.shared.partitions);
        let old = partitions.find(topic, partition);
        let id = old.and_then(|old| partitions.restart(old, offset)).ok_or_else(|| code_failure(Code::State))?;
        Ok(Assigned { id, topic: topic.into(), partition, position: offset, committed: None })
    }

    /// Assigns a partition anew, at an offset; the others stay where they are.
    fn assign_at(&self, topic: &str, partition: i32, offset: i64) -> Result<()> {
        let list = |offset: Offset| {
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(topic, partition, offset).map(|()| list)
        };
        if let RebalanceProtocol::Cooperative = self.native.rebalance_protocol() {
            self.native.incremental_unassign(&list(Offset::Invalid)?)?;
            self.native.incremental_assign(&list(Offset::Offset(offset))?)?;
        } else {
            let mut all = list(Offset::Offset(offset))?;
            for (_, other) in lock(&self.shared.partitions).iter() {
                if other.number != partition || &*other.topic != topic {
                    all.add_partition_offset(&other.topic, other.number, Offset::Offset(other.position.max(0)))?;
                }
            }
            self.native.assign(&all)?;
        }
        Ok(())
    }

    /// Asks for both ends of a partition and the size of its topic on another thread.
    fn ask_watermarks(&self, id: f64, topic: String, partition: i32) {
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let result = offsets::watermarks(&native, &topic, partition);
            drop(native);
            shared.mailbox.push(Event::Watermarks(id, result));
        });
    }

    /// How far the partitions have come; of those from which nothing has come yet another thread asks for the end.
    fn lag(&self, id: f64) {
        let lag = |p: &super::partitions::Partition| Lag {
            topic: Arc::clone(&p.topic),
            partition: p.number,
            committed: p.committed,
            position: p.next().max(0),
            high: p.high,
            end: p.end(),
        };
        let lags: Vec<Lag> = {
            let mut partitions = lock(&self.shared.partitions);
            self.note_highs(&mut partitions);
            partitions.iter().map(|(_, p)| lag(p)).collect()
        };
        if lags.iter().all(|lag| lag.high >= 0) {
            return self.shared.mailbox.push(Event::Lags(id, Ok(lags)));
        }
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let result = offsets::fill_in(&native, lags);
            drop(native);
            shared.mailbox.push(Event::Lags(id, result));
        });
    }

    /// Asks for the ends of the partitions that are not being fetched, whose ends librdkafka does not learn.
    fn refresh_ends(&self) {
        if !self.shared.ends_due.swap(false, Relaxed) {
            return;
        }
        let paused = |(id, p): (AssignmentId, &super::partitions::Partition)| {
            p.paused.then(|| (id, Arc::clone(&p.topic), p.number))
        };
        let paused: Vec<_> = lock(&self.shared.partitions).iter().filter_map(paused).collect();
        if paused.is_empty() {
            return;
        }
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let places: Vec<(&str, i32)> = paused.iter().map(|(_, topic, number)| (&**topic, *number)).collect();
            let ends = offsets::of(&native, &places, Place::End, REFRESH_TIMEOUT).unwrap_or_default();
            drop(native);
            let mut partitions = lock(&shared.partitions);
            for ((id, ..), end) in paused.iter().zip(ends) {
                if let (Some(partition), Some(end)) = (partitions.get_mut(*id), end) {
                    partition.high = partition.high.max(end);
                }
            }
        });
    }

    /// Gives up the subscription until the member has left. In the middle of a rebalance librdkafka passes over that, and what
    /// closes it then says no goodbye: the group would wait a session for a member that is gone.
    fn leave_group(&mut self) {
        let deadline = Instant::now() + LEAVE_TIMEOUT;
        while ffi::is_member(self.native.client()) && Instant::now() < deadline {
            self.native.unsubscribe();
            let again = Instant::now() + LEAVE_AGAIN;
            while ffi::is_member(self.native.client()) && Instant::now() < again {
                self.burst();
                self.shared.signal.wait(LEAVE_AGAIN / 25);
            }
        }
    }

    /// Commits, leaves the group, frees the client: at most `CLOSE_TIMEOUT`.
    fn close(mut self) {
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        self.burst();
        let commits = &self.native.context().commits;
        if !self.shared.abort.load(Relaxed) {
            commits.finish(&self.native, &self.shared, CLOSE_TIMEOUT / 2);
        }
        commits.give_up(&self.shared);
        if !self.shared.is_static && !self.shared.abort.load(Relaxed) {
            self.leave_group();
        }
        let commits = &self.native.context().commits;
        commits.set_queue(None);
        let mut native = self.native;
        loop {
            native = match Arc::try_unwrap(native) {
                // Leaves the group. With lists of partitions alive elsewhere this would never return.
                Ok(native) => return drop(native),
                Err(shared) => shared,
            };
            if Instant::now() > deadline {
                return std::mem::forget(native);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The assignment that begins with a message.
fn assigned(id: AssignmentId, message: &BorrowedMessage<'_>) -> Assigned {
    let (topic, partition, position) = (message.topic().into(), message.partition(), message.offset());
    Assigned { id, topic, partition, position, committed: None }
}

fn code_report_for(code: Code, message: String) -> Error {
    Error::Kafka(code_report(code, &message))
}

fn native_list(partitions: &Partitions, ids: &[AssignmentId]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (_, partition) in partitions.iter().filter(|(id, _)| ids.contains(id)) {
        list.add_partition(&partition.topic, partition.number);
    }
    list
}
