//! The thread that polls librdkafka: the only one that assigns, revokes, pauses, seeks and commits.

use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::types::{RDKafkaErrorCode as Code, RDKafkaRespErr};
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::partitions::{AssignmentId, Pushed};
use super::{Assigned, CLOSE_TIMEOUT, Command, Described, Event, Lag, Shared, Target};
use crate::error::{Error, KafkaFailure, Result};
use crate::kafka::client::{self, Notice};
use crate::kafka::ffi::{self, CommitQueue};
use crate::kafka::{code_failure, code_report, lock};

/// How long a full queue is waited for before its partition is paused: pausing throws away what librdkafka has fetched.
const PATIENCE: Duration = Duration::from_millis(100);
/// The longest sleep of the poll thread.
const IDLE: Duration = Duration::from_millis(100);
/// Bound of one question to the brokers.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);
/// Bound of a commit that is waited for.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Messages between two looks at the commands.
const BURST: usize = 1024;

type Native = BaseConsumer<Context>;

/// The context of the native consumer: rebalances and what it says.
pub struct Context {
    shared: Arc<Shared>,
    commits: Mutex<Commits>,
}

/// Commits under way, oldest first.
#[derive(Default)]
struct Commits {
    queue: Option<CommitQueue>,
    pending: VecDeque<Vec<(AssignmentId, i64)>>,
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _: RDKafkaLogLevel, facility: &str, line: &str) {
        self.shared.voice.log(facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // A fatal error is reported with its real code by the poll loop.
        if error.rdkafka_error_code() != Some(Code::Fatal) {
            self.shared.voice.error(&error, reason);
        }
    }

    fn stats_raw(&self, _: &[u8]) {
        self.shared.voice.count();
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.shared.voice.wait_for_token()
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, native: &Native, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        self.shared.voice.count();
        self.shared.counters.rebalances.fetch_add(1, Relaxed);
        let result = match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(native, list),
            _ => self.revoke(native, list),
        };
        if let Err(error) = result {
            self.report(error.into());
        }
    }
}

impl Context {
    fn report(&self, error: Error) {
        if let Error::Kafka(report) = error {
            self.shared.mailbox.push(Event::Notice(Notice::Error(report)));
        }
    }

    /// Takes over partitions: each begins at its committed offset, else at an offset that is fixed and committed now.
    fn assign(&self, native: &Native, list: &TopicPartitionList) -> KafkaResult<()> {
        let starts = if self.shared.abort.load(Relaxed) { Vec::new() } else { self.starts(native, list) };
        let mut at = TopicPartitionList::new();
        for (element, start) in list.elements().iter().zip(starts.iter().map(Some).chain(std::iter::repeat(None))) {
            let offset = start.and_then(|s| s.offset).map_or(Offset::Invalid, Offset::Offset);
            at.add_partition_offset(element.topic(), element.partition(), offset)?;
        }
        match native.rebalance_protocol() {
            RebalanceProtocol::Cooperative => native.incremental_assign(&at)?,
            _ => native.assign(&at)?,
        }
        let mut partitions = lock(&self.shared.partitions);
        let mut assigned = Vec::new();
        for start in starts {
            let topic: Arc<str> = start.topic.into();
            let position = start.offset.unwrap_or(-1);
            let committed = start.committed.as_ref().map(|(offset, _)| *offset);
            let id = partitions.add(Arc::clone(&topic), start.partition, position, committed);
            if !self.shared.config.commit_starts
                && let Some(partition) = partitions.get_mut(id)
            {
                partition.done = None;
            }
            assigned.push(Assigned { id, topic, partition: start.partition, position, committed: start.committed });
        }
        drop(partitions);
        self.commit_waiting(native, Duration::from_secs(5));
        let token = self.token();
        self.shared.mailbox.push(Event::Assigned(token, assigned));
        Ok(())
    }

    /// Where each partition of `list` begins, in its order.
    fn starts(&self, native: &Native, list: &TopicPartitionList) -> Vec<Start> {
        let mut starts: Vec<Start> = list
            .elements()
            .iter()
            .map(|e| Start { topic: e.topic().to_owned(), partition: e.partition(), offset: None, committed: None })
            .collect();
        if starts.is_empty() {
            return starts;
        }
        let committed = match native.committed_offsets(list.clone(), 2 * ASK_TIMEOUT) {
            Ok(committed) => committed,
            Err(error) => {
                self.report(error.into());
                return starts;
            }
        };
        for (start, element) in starts.iter_mut().zip(committed.elements()) {
            match element.offset() {
                Offset::Offset(offset) => {
                    start.offset = Some(offset);
                    // rust-rdkafka panics where another client has left bytes that are not text.
                    let text = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| element.metadata().to_owned()));
                    start.committed = Some((offset, text.unwrap_or_default()));
                }
                _ => match native.fetch_watermarks(&start.topic, start.partition, ASK_TIMEOUT) {
                    Ok((low, high)) => {
                        start.offset = Some(if self.shared.config.from_beginning { low } else { high });
                    }
                    Err(error) => self.report(error.into()),
                },
            }
        }
        starts
    }

    /// Gives partitions up: waits for their handlers, commits, lets go.
    fn revoke(&self, native: &Native, list: &TopicPartitionList) -> KafkaResult<()> {
        let lost = native.assignment_lost();
        let ids: Vec<AssignmentId> = {
            let partitions = lock(&self.shared.partitions);
            list.elements().iter().filter_map(|e| partitions.find(e.topic(), e.partition())).collect()
        };
        {
            let mut partitions = lock(&self.shared.partitions);
            ids.iter().for_each(|id| partitions.hold(*id, true));
        }
        if !self.shared.closing.load(Relaxed) {
            let token = self.token();
            self.shared.mailbox.push(Event::Revoked { token, ids: ids.clone(), lost });
            self.wait_for_release(token);
        }
        if !lost && !self.shared.abort.load(Relaxed) {
            self.commit_waiting(native, COMMIT_TIMEOUT);
        }
        {
            let mut partitions = lock(&self.shared.partitions);
            ids.iter().for_each(|id| {
                partitions.remove(*id);
            });
        }
        match native.rebalance_protocol() {
            RebalanceProtocol::Cooperative => native.incremental_unassign(list),
            _ => native.unassign(),
        }
    }

    fn wait_for_release(&self, token: f64) {
        let deadline = Instant::now() + self.shared.config.revoke_timeout;
        loop {
            let mut released = lock(&self.shared.released);
            if let Some(at) = released.iter().position(|t| *t == token) {
                released.swap_remove(at);
                return;
            }
            drop(released);
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.shared.closing.load(Relaxed) {
                return;
            }
            self.shared.signal.wait(left.min(IDLE));
        }
    }

    /// Names a rebalance.
    fn token(&self) -> f64 {
        self.shared.counters.rebalances.load(Relaxed) as f64
    }

    /// Commits what is done and waits for the broker, but no longer than `timeout`.
    fn commit_waiting(&self, native: &Native, timeout: Duration) {
        if let Err(error) = self.commit(native) {
            return self.report(error);
        }
        let deadline = Instant::now() + timeout;
        while !lock(&self.commits).pending.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if !self.commit_result(left.min(IDLE)) && left.is_zero() {
                lock(&self.commits).pending.clear();
                return self.report(code_failure(Code::OperationTimedOut));
            }
        }
    }

    /// Begins to commit what is done.
    fn commit(&self, native: &Native) -> Result<()> {
        let mut commits = lock(&self.commits);
        let Some(queue) = &commits.queue else { return Ok(()) };
        let mut partitions = lock(&self.shared.partitions);
        let news = partitions.uncommitted();
        if news.is_empty() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (id, offset) in &news {
            if let Some(partition) = partitions.get_mut(*id) {
                partition.committing = Some(*offset);
                list.add_partition_offset(&partition.topic, partition.number, Offset::Offset(*offset))?;
                if let Some(metadata) = &partition.metadata
                    && let Some(mut element) = list.find_partition(&partition.topic, partition.number)
                {
                    element.set_metadata(metadata);
                }
            }
        }
        drop(partitions);
        queue.commit(native.client(), &list)?;
        commits.pending.push_back(news);
        Ok(())
    }

    /// Takes note of the result of a commit; false = none came within `timeout`.
    fn commit_result(&self, timeout: Duration) -> bool {
        let mut commits = lock(&self.commits);
        let Some((whole, offsets)) = commits.queue.as_ref().and_then(|q| q.poll(timeout)) else { return false };
        // Results come in the order of the commits. An error of the whole may come without a list.
        let begun = commits.pending.pop_front().unwrap_or_default();
        drop(commits);
        let mut partitions = lock(&self.shared.partitions);
        let failed = |topic: &str, number: i32| {
            let own = offsets.iter().find(|o| o.1 == number && o.0 == topic).and_then(|o| o.3);
            own.or(whole.filter(|code| *code != Code::NoOffset))
        };
        let mut error = None;
        for (id, offset) in begun {
            let Some(partition) = partitions.get_mut(id) else { continue };
            match failed(&partition.topic, partition.number) {
                None => partition.committed = Some(offset),
                Some(code) => (partition.committing, error) = (partition.committed, Some(code)),
            }
        }
        drop(partitions);
        match error {
            None => _ = self.shared.counters.commits.fetch_add(1, Relaxed),
            Some(code) => {
                self.shared.counters.commit_errors.fetch_add(1, Relaxed);
                // In a rebalance a commit may be too late; what it held is committed with the next one, or comes again.
                if !matches!(code, Code::IllegalGeneration | Code::UnknownMemberId | Code::RebalanceInProgress) {
                    self.report(code_failure(code));
                }
            }
        }
        true
    }
}

/// Where a partition begins.
struct Start {
    topic: String,
    partition: i32,
    offset: Option<i64>,
    committed: Option<(i64, String)>,
}

/// The native consumer.
///
/// # Errors
/// `Argument` if librdkafka refuses the configuration.
pub fn client(config: &ClientConfig, shared: &Arc<Shared>) -> Result<Arc<Native>> {
    let context = Context { shared: Arc::clone(shared), commits: Mutex::default() };
    let mut native: Native = config.create_with_context(context)?;
    let waker = Arc::downgrade(shared);
    native.set_nonempty_callback(move || {
        if let Some(shared) = waker.upgrade() {
            shared.signal.raise();
        }
    });
    lock(&native.context().commits).queue = CommitQueue::new(native.client());
    Ok(Arc::new(native))
}

/// A commit that somebody waits for.
struct Waiter {
    id: f64,
    offsets: Vec<(AssignmentId, i64)>,
    deadline: Instant,
}

/// The state of the poll thread.
pub struct Thread {
    native: Arc<Native>,
    shared: Arc<Shared>,
    commands: Receiver<Command>,
    brokers: String,
    waiters: Vec<Waiter>,
    /// Assignment by librdkafka's topic handle (its address) and partition: what most messages need.
    index: HashMap<(usize, i32), AssignmentId>,
    rebalances_seen: u64,
    full_since: Option<Instant>,
    watermarks_at: Instant,
    headers: Vec<u8>,
}

impl Thread {
    pub fn new(native: Arc<Native>, shared: Arc<Shared>, commands: Receiver<Command>, brokers: String) -> Self {
        Self {
            native,
            shared,
            commands,
            brokers,
            waiters: Vec::new(),
            index: HashMap::new(),
            rebalances_seen: 0,
            full_since: None,
            watermarks_at: Instant::now(),
            headers: Vec::new(),
        }
    }

    /// Polls until closed, then frees the client.
    pub fn run(mut self) {
        while self.commands() {
            self.answer_waiters();
            self.resume();
            if self.blocked() {
                self.shared.signal.wait(PATIENCE / 4);
                continue;
            }
            if self.burst() {
                self.watermarks();
                self.shared.signal.wait(if self.waiters.is_empty() { IDLE } else { IDLE / 50 });
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
                Ok(Command::Describe(id, topic, partition)) => self.describe(id, topic, partition),
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
                break Err(client::unreachable(&self.brokers, timeout));
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
            self.native.context().report(error.into());
        }
    }

    /// Polls until nothing is left, a bound is reached or it is time for other things; true = nothing was left.
    fn burst(&mut self) -> bool {
        let native = Arc::clone(&self.native);
        for _ in 0..BURST {
            let spoken = self.shared.voice.spoken();
            match native.poll(Duration::ZERO) {
                Some(Ok(message)) if self.push(&message) => return false,
                Some(Ok(_)) => {}
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => self.failed(&error, spoken != self.shared.voice.spoken()),
                None if self.shared.voice.spoken() == spoken => return true,
                None => {}
            }
        }
        false
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
            self.index.clear();
            self.rebalances_seen = rebalances;
        }
        let key = (message.topic_ptr().addr(), message.partition());
        let mut partitions = lock(&self.shared.partitions);
        let known = self.index.get(&key).copied();
        let Some(id) = known.or_else(|| partitions.find(message.topic(), message.partition())) else { return false };
        if known.is_none() {
            self.index.insert(key, id);
        }
        let (codec, headers) = (self.shared.config.codec, &mut self.headers);
        let mut bytes = 0;
        let Pushed { wake, full } =
            partitions.push(id, message.offset(), |segment| bytes = segment.push_message(message, codec, headers));
        drop(partitions);
        self.shared.counters.messages.fetch_add(1, Relaxed);
        self.shared.counters.bytes.fetch_add(bytes as u64, Relaxed);
        if wake {
            self.shared.mailbox.wake();
        }
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
        let mut partitions = lock(&self.shared.partitions);
        let ids: Vec<AssignmentId> = partitions.iter().map(|(id, _)| id).collect();
        for id in ids {
            if let Some(partition) = partitions.get_mut(id)
                && let Some((_, high)) =
                    ffi::cached_watermarks(self.native.client(), &partition.topic, partition.number)
            {
                partition.high = high;
            }
        }
    }

    /// Commits what is done without waiting; `id` is answered when the broker has confirmed it.
    fn commit(&mut self, id: f64) {
        if let Err(error) = self.native.context().commit(&self.native) {
            return self.shared.mailbox.push(Event::Committed(id, Err(error)));
        }
        let partitions = lock(&self.shared.partitions);
        let offsets = partitions.iter().filter_map(|(id, p)| Some((id, p.committing?))).collect();
        self.waiters.push(Waiter { id, offsets, deadline: Instant::now() + COMMIT_TIMEOUT });
    }

    fn answer_waiters(&mut self) {
        while self.native.context().commit_result(Duration::ZERO) {}
        if self.waiters.is_empty() {
            return;
        }
        let mut partitions = lock(&self.shared.partitions);
        let now = Instant::now();
        self.waiters.retain_mut(|waiter| {
            let mut failed = false;
            waiter.offsets.retain(|(id, offset)| match partitions.get_mut(*id) {
                Some(p) if p.committed == Some(*offset) => false,
                Some(p) => {
                    failed |= p.committing == p.committed;
                    true
                }
                None => false,
            });
            let result = match (waiter.offsets.is_empty(), failed, waiter.deadline <= now) {
                (true, ..) => Ok(()),
                (false, true, _) => Err(code_failure(Code::NoOffset)),
                (false, false, true) => Err(code_failure(Code::OperationTimedOut)),
                (false, false, false) => return true,
            };
            self.shared.mailbox.push(Event::Committed(waiter.id, result));
            false
        });
    }

    fn seek(&mut self, topic: &str, partition: i32, target: Target) -> Result<Assigned> {
        let owned = |shared: &Shared| lock(&shared.partitions).find(topic, partition);
        if owned(&self.shared).is_none() {
            return Err(code_report_for(Code::State, format!("{topic}/{partition} is not assigned to this consumer")));
        }
        let offset = match target {
            Target::Offset(offset) => offset,
            Target::Beginning => self.native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?.0,
            Target::End => self.native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?.1,
            Target::Timestamp(ms) => self.offset_at(topic, partition, ms)?,
        };
        // A fetcher that has not begun yet, or has given up over an offset that is gone, cannot be moved: it is replaced.
        if self.native.seek(topic, partition, Offset::Offset(offset), ASK_TIMEOUT).is_err() {
            self.assign_at(topic, partition, offset)?;
        }
        self.index.clear();
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
                    all.add_partition_offset(&other.topic, other.number, Offset::Offset(other.position))?;
                }
            }
            self.native.assign(&all)?;
        }
        Ok(())
    }

    fn offset_at(&self, topic: &str, partition: i32, ms: i64) -> Result<i64> {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(ms))?;
        let found = self.native.offsets_for_times(list, ASK_TIMEOUT)?;
        match found.find_partition(topic, partition).map(|e| e.offset()) {
            Some(Offset::Offset(offset)) => Ok(offset),
            _ => Ok(self.native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?.1),
        }
    }

    /// Asks for both ends of a partition and the size of its topic on another thread.
    fn describe(&self, id: f64, topic: String, partition: i32) {
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let result = describe(&native, &topic, partition);
            drop(native);
            shared.mailbox.push(Event::Described(id, result));
        });
    }

    /// Asks for committed offsets and ends of all partitions on another thread.
    fn lag(&self, id: f64) {
        let owned: Vec<Lag> = lock(&self.shared.partitions)
            .iter()
            .map(|(_, p)| Lag {
                topic: Arc::clone(&p.topic),
                partition: p.number,
                committed: p.committed,
                position: p.done.unwrap_or(p.position - p.queued() as i64),
                high: p.high,
            })
            .collect();
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let result = lags(&native, owned);
            drop(native);
            shared.mailbox.push(Event::Lags(id, result));
        });
    }

    /// Commits, leaves the group, frees the client: at most `CLOSE_TIMEOUT` each.
    fn close(mut self) {
        self.burst();
        if !self.shared.abort.load(Relaxed) {
            self.native.context().commit_waiting(&self.native, CLOSE_TIMEOUT);
        }
        self.answer_waiters();
        for waiter in self.waiters.drain(..) {
            self.shared.mailbox.push(Event::Committed(waiter.id, Err(code_failure(Code::OperationTimedOut))));
        }
        lock(&self.native.context().commits).queue = None;
        let deadline = Instant::now() + CLOSE_TIMEOUT;
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

fn code_report_for(code: Code, message: String) -> Error {
    Error::Kafka(code_report(code, &message))
}

fn native_list(partitions: &super::partitions::Partitions, ids: &[AssignmentId]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (_, partition) in partitions.iter().filter(|(id, _)| ids.contains(id)) {
        list.add_partition(&partition.topic, partition.number);
    }
    list
}

fn describe(native: &Native, topic: &str, partition: i32) -> Result<Described> {
    let (low, high) = native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?;
    let metadata = native.fetch_metadata(Some(topic), ASK_TIMEOUT)?;
    let partitions = metadata.topics().iter().find(|t| t.name() == topic).map_or(0, |t| t.partitions().len() as u32);
    Ok(Described { low, high, partitions })
}

fn lags(native: &Native, mut owned: Vec<Lag>) -> Result<Vec<Lag>> {
    if owned.is_empty() {
        return Ok(owned);
    }
    let mut list = TopicPartitionList::new();
    for lag in &owned {
        list.add_partition(&lag.topic, lag.partition);
    }
    let committed = native.committed_offsets(list, ASK_TIMEOUT)?;
    for (lag, element) in owned.iter_mut().zip(committed.elements()) {
        lag.committed = element.offset().to_raw().filter(|offset| *offset >= 0);
        lag.high = native.fetch_watermarks(&lag.topic, lag.partition, ASK_TIMEOUT)?.1;
        lag.position = if lag.position < 0 { lag.committed.unwrap_or(lag.high) } else { lag.position };
    }
    Ok(owned)
}
