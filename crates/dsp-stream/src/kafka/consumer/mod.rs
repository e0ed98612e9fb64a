//! The consumer: a thread of its own polls librdkafka and sorts messages into bounded queues, one per partition; the
//! owner takes batches from them, says how far it has come, and gets everything else as events.
//!
//! Only the poll thread assigns, revokes, pauses and commits, so that what it knows of the assignment is always true.

mod commits;
mod context;
mod offsets;
mod partitions;
mod poll;
mod segment;
mod signal;
mod statistics;
#[cfg(test)]
mod tests;

pub use partitions::{AssignmentId, Limits};
pub use segment::{STRIDE, Segment};

use rdkafka::consumer::{Consumer as _, ConsumerGroupMetadata};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use self::partitions::Partitions;
use self::signal::{Latch, Signal};
use super::client::{self, Notice, Token, Voice};
use super::embedded::EmbeddedKafka;
use super::mailbox::{Mailbox, Notify};
use super::options::Properties;
use super::{code_failure, lock};
use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::topic::{CommittedOffset, Watermarks};

/// How long closing may take in all; past it the client is left behind.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Under what name its events are logged.
const TARGET: &str = module_path!();

/// What a consumer is told besides librdkafka's properties.
#[derive(Debug, Clone)]
pub struct Config {
    /// Topics to read.
    pub topics: Vec<String>,
    /// Where to begin without a committed offset: the beginning, else the end.
    pub from_beginning: bool,
    /// How values are written.
    pub codec: Codec,
    /// Bounds of the queues.
    pub limits: Limits,
    /// How long revoked partitions may take to come to rest.
    pub revoke_timeout: Duration,
    /// Whether a partition without a committed offset has its start committed at once.
    pub commit_starts: bool,
    /// Whether what is done is committed when partitions are given up, without being asked to.
    pub auto_commit: bool,
    /// Who decides where an assigned partition begins.
    pub begin: Begin,
}

/// Who decides where an assigned partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// The group's offset, else `from_beginning`. Where the brokers do not tell, librdkafka goes on asking.
    Group,
    /// The same, but where the brokers do not tell the owner decides.
    GroupOrOwner,
    /// The owner, by `seek`: before that nothing is asked and nothing is fetched.
    Owner,
}

/// A partition that has been assigned.
#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// Stands for this assignment.
    pub id: AssignmentId,
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// Offset of its first message, negative = librdkafka or the owner decides.
    pub position: i64,
    /// The committed offset with its metadata.
    pub committed: Option<CommittedOffset>,
}

/// Where `seek` goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// An offset.
    Offset(i64),
    /// The oldest message.
    Beginning,
    /// Behind the newest message.
    End,
    /// The first message of this time (ms since 1970) or later.
    Timestamp(i64),
}

/// How far a partition has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Lag {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The committed offset.
    pub committed: Option<i64>,
    /// Offset of the first message that is not done.
    pub position: i64,
    /// End of the partition.
    pub high: i64,
    /// End of its messages, as far as it is known what else lies before `high`.
    pub end: i64,
}

/// A partition as the poll thread sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Stands for this assignment.
    pub id: AssignmentId,
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// Messages queued.
    pub queued: usize,
    /// Offset of the first message that is not done, if any is.
    pub done: Option<i64>,
    /// Offset of the next message to come.
    pub position: i64,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: i64,
    /// End of the messages, −1 = unknown.
    pub end: i64,
}

/// What a consumer says.
#[derive(Debug)]
pub enum Event {
    /// A broker answered and the topics' metadata was read, or not.
    Connected(f64, Result<()>),
    /// Partitions were assigned; the messages of each are held back until `begin`.
    Assigned(f64, Vec<Assigned>),
    /// Partitions are being taken away; the poll thread waits for `release(token)`.
    Revoked {
        /// For `release`.
        token: f64,
        /// Assignments that end.
        ids: Vec<AssignmentId>,
        /// The group has already given them to others: nothing can be committed.
        lost: bool,
    },
    /// A commit that was asked for has been made, or not.
    Committed(f64, Result<()>),
    /// The position has been moved: the new assignment.
    Sought(f64, Result<Assigned>),
    /// How far the partitions have come.
    Lags(f64, Result<Vec<Lag>>),
    /// The watermarks of a partition.
    Watermarks(f64, Result<Watermarks>),
    /// The client has been freed, or had to be left behind.
    Closed(f64, Result<()>),
    /// Something nobody asked for.
    Notice(Notice),
}

/// Counters since creation, and sizes of now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Messages that came from the broker.
    pub messages: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Commits that the broker confirmed.
    pub commits: u64,
    /// Commits that failed.
    pub commit_errors: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Messages queued.
    pub queued: u64,
    /// Bytes queued.
    pub queued_bytes: u64,
    /// Sum over the partitions of messages behind the high watermark.
    pub lag: u64,
    /// Whether no broker can be reached.
    pub away: bool,
}

#[derive(Default)]
struct Counters {
    messages: AtomicU64,
    bytes: AtomicU64,
    commits: AtomicU64,
    commit_errors: AtomicU64,
    rebalances: AtomicU64,
}

/// What the owner's thread and the poll thread share.
struct Shared {
    config: Config,
    partitions: Mutex<Partitions>,
    mailbox: Mailbox<Event>,
    signal: Signal,
    counters: Counters,
    voice: Voice,
    /// Rebalances that have been answered.
    released: Mutex<Vec<f64>>,
    /// The poll thread waits for room in a queue. Set with the partitions locked.
    crowded: AtomicBool,
    /// The owner has come to rest: rebalances need no answer.
    closing: AtomicBool,
    /// The owner is gone: end as fast as possible.
    abort: AtomicBool,
    /// No broker can be reached.
    away: AtomicBool,
    /// Statistics have come: partitions that are not being fetched want to be asked about.
    ends_due: AtomicBool,
    /// Whether the group keeps the member's place when it closes, for the next with its instance id.
    is_static: bool,
}

impl Shared {
    /// Tells the owner of an error that no call returns.
    fn report(&self, error: Error) {
        if let Error::Kafka(failure) = error {
            self.mailbox.push(Event::Notice(Notice::Error(failure)));
        }
    }
}

enum Command {
    Connect(f64, Duration),
    Subscribe,
    Commit(f64),
    Seek(f64, String, i32, Target),
    Lag(f64),
    Watermarks(f64, String, i32),
    Close,
}

/// A consumer. Dropping it does not close it: `close` or `abandon` does.
pub struct Consumer {
    shared: Arc<Shared>,
    commands: Sender<Command>,
    ended: Arc<Latch>,
    membership: Mutex<Option<Membership>>,
    native: Weak<context::Native>,
}

/// A place in a group of an embedded cluster, given back when dropped.
struct Membership(Arc<EmbeddedKafka>, String);

impl Drop for Membership {
    fn drop(&mut self) {
        self.0.leave(&self.1);
    }
}

impl Consumer {
    /// A consumer with these properties; it does nothing until `connect`.
    ///
    /// # Errors
    /// `Argument` if librdkafka refuses a property, `Kafka` if the group of an embedded cluster has another assignor.
    pub fn new(properties: &Properties, config: Config, notify: Notify) -> Result<Self> {
        let native = client::config(properties)?;
        let membership = membership(properties)?;
        let shared = Arc::new_cyclic(|shared: &std::sync::Weak<Shared>| {
            let shared = shared.clone();
            let say = move |notice| {
                if let Some(shared) = shared.upgrade() {
                    shared.mailbox.push(Event::Notice(notice));
                }
            };
            Shared {
                partitions: Mutex::new(Partitions::new(config.limits)),
                config,
                mailbox: Mailbox::new(notify),
                signal: Signal::default(),
                counters: Counters::default(),
                voice: Voice::new(properties, say),
                released: Mutex::default(),
                crowded: AtomicBool::new(false),
                closing: AtomicBool::new(false),
                abort: AtomicBool::new(false),
                away: AtomicBool::new(false),
                ends_due: AtomicBool::new(false),
                is_static: properties.values.contains_key("group.instance.id"),
            }
        });
        let (commands, queue) = channel();
        let ended = Arc::new(Latch::default());
        let client = context::client(&native, &shared)?;
        let weak = Arc::downgrade(&client);
        let brokers = properties.values.get("bootstrap.servers").cloned().unwrap_or_default();
        let thread = poll::Thread::new(client, Arc::clone(&shared), queue, brokers);
        let end = Arc::clone(&ended);
        std::thread::Builder::new()
            .name("dspx-consume".into())
            .spawn(move || {
                thread.run();
                end.fall();
            })
            .map_err(|e| super::failure("_CRIT_SYS_RESOURCE", format!("no thread for the Kafka client: {e}")))?;
        Ok(Self { shared, commands, ended, membership: Mutex::new(membership), native: weak })
    }

    /// Waits in the background until a broker answers and the topics' metadata is there: `Event::Connected`.
    pub fn connect(&self, id: f64, timeout: Duration) {
        self.command(Command::Connect(id, timeout), |e| Event::Connected(id, Err(e)));
    }

    /// Joins the group; assignments come as `Event::Assigned`.
    pub fn subscribe(&self) {
        let _ = self.commands.send(Command::Subscribe);
        self.shared.signal.raise();
    }

    /// Commits everything that is done: `Event::Committed`.
    pub fn commit(&self, id: f64) {
        self.command(Command::Commit(id), |e| Event::Committed(id, Err(e)));
    }

    /// Moves the position of an assigned partition: `Event::Sought`.
    pub fn seek(&self, id: f64, topic: String, partition: i32, target: Target) {
        self.command(Command::Seek(id, topic, partition, target), |e| Event::Sought(id, Err(e)));
    }

    /// How far the partitions have come: `Event::Lags`. Asks the brokers only where nothing has been fetched yet.
    pub fn lag(&self, id: f64) {
        self.command(Command::Lag(id), |e| Event::Lags(id, Err(e)));
    }

    /// Asks the brokers for the watermarks of a partition: `Event::Watermarks`.
    pub fn watermarks(&self, id: f64, topic: String, partition: i32) {
        self.command(Command::Watermarks(id, topic, partition), |e| Event::Watermarks(id, Err(e)));
    }

    fn command(&self, command: Command, refused: impl FnOnce(Error) -> Event) {
        if self.commands.send(command).is_err() {
            self.shared.mailbox.push(refused(code_failure(Code::BrokerDestroy)));
        }
        self.shared.signal.raise();
    }

    /// Hands out the oldest batch of a partition, with the high watermark of the last fetch (−1 = unknown).
    pub fn take(&self, id: AssignmentId) -> Option<(Segment, i64)> {
        let mut partitions = lock(&self.shared.partitions);
        let segment = partitions.take(id)?;
        let high = partitions.get_mut(id).map_or(-1, |p| p.high);
        drop(partitions);
        if self.shared.crowded.load(Relaxed) {
            self.shared.signal.raise();
        }
        Some((segment, high))
    }

    /// Everything below `offset` is done. Without effect for an assignment that is over.
    pub fn done(&self, id: AssignmentId, offset: i64) -> bool {
        lock(&self.shared.partitions).done(id, offset)
    }

    /// The same, with metadata for the commit.
    pub fn done_with(&self, id: AssignmentId, offset: i64, metadata: &str) -> bool {
        let mut partitions = lock(&self.shared.partitions);
        if let Some(partition) = partitions.get_mut(id) {
            partition.metadata = Some(metadata.to_owned());
        }
        partitions.done(id, offset)
    }

    /// Lets the messages of a new assignment come.
    pub fn begin(&self, id: AssignmentId) {
        lock(&self.shared.partitions).hold(id, false);
        self.shared.mailbox.wake();
    }

    /// What the brokers know this member by, for offsets in transactions. Nothing once closed.
    pub(crate) fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        self.native.upgrade()?.group_metadata()
    }

    /// The group's committed offset of a partition with its metadata, once no transaction can change it any more. Blocks.
    pub(crate) fn stable_offset(&self, topic: &str, partition: i32) -> Result<Option<CommittedOffset>> {
        let native = self.native.upgrade().ok_or_else(|| code_failure(Code::BrokerDestroy))?;
        offsets::committed(&native, topic, partition)
    }

    /// Answers `Event::Revoked`.
    pub fn release(&self, token: f64) {
        lock(&self.shared.released).push(token);
        self.shared.signal.raise();
    }

    /// Takes all events.
    pub fn collect(&self) -> Vec<Event> {
        self.shared.mailbox.collect()
    }

    /// Hands over what the token provider gave.
    pub fn supply_token(&self, token: Result<Token, String>) {
        self.shared.voice.supply_token(token);
    }

    /// Commits what is done, leaves the group and frees the client in the background: `Event::Closed`. Handlers must
    /// have come to rest before.
    pub fn close(&self, id: f64) {
        self.shared.closing.store(true, Relaxed);
        let _ = self.commands.send(Command::Close);
        self.shared.signal.raise();
        let (shared, ended) = (Arc::clone(&self.shared), Arc::clone(&self.ended));
        let membership = lock(&self.membership).take();
        crate::runtime().spawn_blocking(move || {
            let is_over = ended.wait(CLOSE_TIMEOUT);
            drop(membership);
            let result = if is_over { Ok(()) } else { Err(code_failure(Code::OperationTimedOut)) };
            shared.mailbox.push(Event::Closed(id, result));
        });
    }

    /// Begins to end without waiting for anybody.
    pub fn hurry(&self) {
        self.shared.closing.store(true, Relaxed);
        self.shared.abort.store(true, Relaxed);
        let _ = self.commands.send(Command::Close);
        self.shared.signal.raise();
    }

    /// The same, and waits for the end on the caller's thread for at most `timeout`.
    pub fn abandon(&self, timeout: Duration) {
        self.hurry();
        self.ended.wait(timeout);
        lock(&self.membership).take();
    }

    /// The partitions as they are now.
    pub fn snapshot(&self) -> Vec<Snapshot> {
        let partitions = lock(&self.shared.partitions);
        let snapshot = |(id, p): (AssignmentId, &partitions::Partition)| Snapshot {
            id,
            topic: Arc::clone(&p.topic),
            partition: p.number,
            queued: p.queued(),
            done: p.done,
            position: p.position,
            high: p.high,
            end: p.end(),
        };
        partitions.iter().map(snapshot).collect()
    }

    /// Counters since creation.
    pub fn metrics(&self) -> Metrics {
        let partitions = lock(&self.shared.partitions);
        let c = &self.shared.counters;
        Metrics {
            messages: c.messages.load(Relaxed),
            bytes: c.bytes.load(Relaxed),
            commits: c.commits.load(Relaxed),
            commit_errors: c.commit_errors.load(Relaxed),
            rebalances: c.rebalances.load(Relaxed),
            queued: partitions.iter().map(|(_, p)| p.queued() as u64).sum(),
            queued_bytes: partitions.bytes() as u64,
            lag: partitions.iter().map(|(_, p)| p.lag() as u64).sum(),
            away: self.shared.away.load(Relaxed),
        }
    }
}

fn membership(properties: &Properties) -> Result<Option<Membership>> {
    let get = |name: &str| properties.values.get(name).map(String::as_str).unwrap_or_default();
    let Some(cluster) = EmbeddedKafka::find(get("bootstrap.servers")) else { return Ok(None) };
    let group = get("group.id").to_owned();
    cluster.join(&group, get("partition.assignment.strategy"))?;
    Ok(Some(Membership(cluster, group)))
}
