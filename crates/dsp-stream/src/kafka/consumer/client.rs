//! The consumer: a thread of its own polls librdkafka and sorts messages into bounded queues, one per partition; the
//! owner takes batches from them, reports its progress, and receives everything else as events.
//!
//! Only the poll thread assigns, revokes, pauses and commits, so its view of the assignment is always correct.

use rdkafka::consumer::{Consumer as _, ConsumerGroupMetadata};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::config::{CLOSE_TIMEOUT, Config};
use super::event::{Event, Metrics, OffsetCommit, Snapshot, Target};
use super::partitions::{AssignmentId, Partition};
use super::segment::Segment;
use super::shared::{Command, Shared};
use super::signal::Latch;
use super::{context, offsets, poll};
use crate::error::{Error, Result};
use crate::kafka::client::{self, Token};
use crate::kafka::embedded::EmbeddedKafka;
use crate::kafka::mailbox::Notify;
use crate::kafka::options::Properties;
use crate::kafka::{error_of, failure, lock};
use crate::topic::CommittedOffset;

/// A consumer. Dropping it does not close it: `close` or `abandon` does.
pub struct Consumer {
    pub(super) shared: Arc<Shared>,
    commands: Sender<Command>,
    ended: Arc<Latch>,
    membership: Mutex<Option<Membership>>,
    native: Weak<context::Native>,
}

/// A membership in a group of an embedded cluster, given back when dropped.
struct Membership(Arc<EmbeddedKafka>, String);

impl Drop for Membership {
    fn drop(&mut self) {
        self.0.leave(&self.1);
    }
}

impl Consumer {
    /// Returns a consumer with these properties; it does nothing until `connect`.
    ///
    /// # Errors
    /// `Argument` if librdkafka refuses a property, `Kafka` if the group of an embedded cluster has another assignor.
    pub fn new(properties: &Properties, config: Config, notify: Notify) -> Result<Self> {
        let native = client::config(properties)?;
        let membership = membership(properties)?;
        let shared = Shared::new(properties, config, notify);
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
            .map_err(|e| failure("_CRIT_SYS_RESOURCE", format!("no thread for the Kafka client: {e}")))?;
        Ok(Self { shared, commands, ended, membership: Mutex::new(membership), native: weak })
    }

    /// Waits in the background until a broker has answered with the topics' metadata: `Event::Connected`.
    pub fn connect(&self, id: f64, timeout: Duration) {
        self.command(Command::Connect(id, timeout), |e| Event::Connected(id, Err(e)));
    }

    /// Joins the group; assignments come as `Event::Assigned`.
    pub fn subscribe(&self) {
        let _ = self.commands.send(Command::Subscribe);
        self.shared.signal.raise();
    }

    /// Commits the offsets of everything that is done: `Event::Committed`.
    pub fn commit(&self, id: f64) {
        self.command(Command::Commit(id), |e| Event::Committed(id, Err(e)));
    }

    /// Commits these offsets, whether done or not: `Event::Committed`. If this consumer does not own one of the
    /// partitions, it fails, and none is committed.
    pub fn commit_offsets(&self, id: f64, offsets: Vec<OffsetCommit>) {
        self.command(Command::CommitOffsets(id, offsets), |e| Event::Committed(id, Err(e)));
    }

    /// Moves the position of an assigned partition: `Event::Sought`.
    pub fn seek(&self, id: f64, topic: String, partition: i32, target: Target) {
        self.command(Command::Seek(id, topic, partition, target), |e| Event::Sought(id, Err(e)));
    }

    /// Reports the progress of the partitions: `Event::Lags`. Asks the brokers only about partitions from which nothing
    /// has been fetched yet.
    pub fn lag(&self, id: f64) {
        self.command(Command::Lag(id), |e| Event::Lags(id, Err(e)));
    }

    /// Asks the brokers for the watermarks of a partition: `Event::Watermarks`.
    pub fn watermarks(&self, id: f64, topic: String, partition: i32) {
        self.command(Command::Watermarks(id, topic, partition), |e| Event::Watermarks(id, Err(e)));
    }

    fn command(&self, command: Command, refused: impl FnOnce(Error) -> Event) {
        if self.commands.send(command).is_err() {
            self.shared.mailbox.push(refused(error_of(Code::BrokerDestroy)));
        }
        self.shared.signal.raise();
    }

    /// Returns the oldest batch of a partition, with the high watermark of the last fetch (−1 = unknown).
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

    /// Notes that everything below `offset` is done. Returns false, without any effect, for an assignment that has
    /// ended.
    pub fn done(&self, id: AssignmentId, offset: i64) -> bool {
        lock(&self.shared.partitions).done(id, offset)
    }

    /// [`Self::done`] with metadata for the commit.
    pub fn done_with(&self, id: AssignmentId, offset: i64, metadata: &str) -> bool {
        let mut partitions = lock(&self.shared.partitions);
        if let Some(partition) = partitions.get_mut(id) {
            partition.metadata = Some(metadata.to_owned());
        }
        partitions.done(id, offset)
    }

    /// Lets the messages of a new assignment be taken.
    pub fn begin(&self, id: AssignmentId) {
        lock(&self.shared.partitions).hold(id, false);
        self.shared.mailbox.wake();
    }

    /// Returns the group metadata of this member, for offsets in transactions; `None` once closed.
    pub(crate) fn group_metadata(&self) -> Option<ConsumerGroupMetadata> {
        self.native.upgrade()?.group_metadata()
    }

    /// Returns the group's committed offset of a partition with its metadata, once no transaction can change it any
    /// more. Blocks.
    pub(crate) fn stable_offset(&self, topic: &str, partition: i32) -> Result<Option<CommittedOffset>> {
        let native = self.native.upgrade().ok_or_else(|| error_of(Code::BrokerDestroy))?;
        offsets::committed(&native, topic, partition)
    }

    /// Answers `Event::Revoked`.
    pub fn release(&self, token: f64) {
        lock(&self.shared.released).push(token);
        self.shared.signal.raise();
    }

    /// Returns all events, and removes them.
    pub fn collect(&self) -> Vec<Event> {
        self.shared.mailbox.collect()
    }

    /// Passes on the result of the token provider.
    pub fn supply_token(&self, token: Result<Token, String>) {
        self.shared.events.supply_token(token);
    }

    /// Commits what is done, leaves the group and frees the client in the background: `Event::Closed`. Handlers must
    /// have finished before.
    pub fn close(&self, id: f64) {
        self.shared.closing.store(true, Relaxed);
        let _ = self.commands.send(Command::Close);
        self.shared.signal.raise();
        let (shared, ended) = (Arc::clone(&self.shared), Arc::clone(&self.ended));
        let membership = lock(&self.membership).take();
        crate::runtime().spawn_blocking(move || {
            let is_over = ended.wait(CLOSE_TIMEOUT);
            drop(membership);
            let result = if is_over { Ok(()) } else { Err(error_of(Code::OperationTimedOut)) };
            shared.mailbox.push(Event::Closed(id, result));
        });
    }

    /// Begins to close without waiting for anything.
    pub fn hurry(&self) {
        self.shared.closing.store(true, Relaxed);
        self.shared.abort.store(true, Relaxed);
        let _ = self.commands.send(Command::Close);
        self.shared.signal.raise();
    }

    /// [`Self::hurry`], then waits on the caller's thread for the end, for at most `timeout`.
    pub fn abandon(&self, timeout: Duration) {
        self.hurry();
        self.ended.wait(timeout);
        lock(&self.membership).take();
    }

    /// Returns the current partitions.
    pub fn snapshot(&self) -> Vec<Snapshot> {
        let partitions = lock(&self.shared.partitions);
        let snapshot = |(id, p): (AssignmentId, &Partition)| Snapshot {
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

    /// Returns the counters since creation.
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
