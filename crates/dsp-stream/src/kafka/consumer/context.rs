//! Callbacks of librdkafka while the poll thread polls: rebalances, errors, log lines, statistics.

use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::{RDKafkaErrorCode as Code, RDKafkaRespErr};
use rdkafka::{ClientContext, Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::commits::Commits;
use super::config::{Begin, TARGET};
use super::event::{Assigned, Event};
use super::offsets::{self, ASK_TIMEOUT, OffsetSpec};
use super::partitions::AssignmentId;
use super::shared::Shared;
use super::statistics;
use crate::error::{Error, KafkaFailure, Result};
use crate::kafka::ffi::{self, CommitQueue};
use crate::kafka::{code_report, lock};

/// Longest time for the commit before partitions are revoked, and for that of their start.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for the owner's answer, in addition to the times for its handlers and its callback.
const GRACE: Duration = Duration::from_secs(1);
/// Longest sleep while waiting for an answer.
const STEP: Duration = Duration::from_millis(100);

/// librdkafka's consumer with our context.
pub type Native = BaseConsumer<Context>;

/// The context of the native consumer.
pub struct Context {
    shared: Arc<Shared>,
    /// Commits of this consumer.
    pub commits: Commits,
}

/// Returns the native consumer.
///
/// # Errors
/// `Argument` if librdkafka refuses the configuration.
pub fn client(config: &ClientConfig, shared: &Arc<Shared>) -> Result<Arc<Native>> {
    let context = Context { shared: Arc::clone(shared), commits: Commits::default() };
    let mut native: Native = config.create_with_context(context)?;
    let waker = Arc::downgrade(shared);
    native.set_nonempty_callback(move || {
        if let Some(shared) = waker.upgrade() {
            shared.signal.raise();
        }
    });
    native.context().commits.set_queue(CommitQueue::new(native.client()));
    Ok(Arc::new(native))
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.shared.events.log(level, facility, line);
        // The one warning of this name: an offset was not there, and `auto.offset.reset` has decided where to go on.
        if facility == "OFFSET" && level as i32 == RDKafkaLogLevel::Warning as i32 {
            let gone = code_report(Code::OffsetOutOfRange, line);
            self.shared.report(Error::Kafka(KafkaFailure { retriable: true, ..gone }));
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(Code::AllBrokersDown) {
            self.shared.away.store(true, Relaxed);
        }
        // A fatal error is reported with its real code by the poll loop.
        if error.rdkafka_error_code() != Some(Code::Fatal) {
            self.shared.events.error(&error, reason);
        }
    }

    fn stats_raw(&self, json: &[u8]) {
        self.shared.events.count_callback();
        statistics::note(&self.shared, json);
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.shared.events.wait_for_token()
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, native: &Native, event: RDKafkaRespErr, list: &mut TopicPartitionList) {
        self.shared.events.count_callback();
        self.shared.counters.rebalances.fetch_add(1, Relaxed);
        let result = match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(native, list),
            _ => self.revoke(native, list),
        };
        if let Err(error) = result {
            self.shared.report(error.into());
        }
    }
}

impl Context {
    /// Assigns partitions: each begins at its committed offset, else at an offset that is determined and committed now,
    /// or waits for its owner to seek.
    ///
    /// A partition that waits is first paused, then assigned at a numeric offset, not at a symbolic one such as "end".
    /// librdkafka resolves a symbolic offset by a request; if a seek happens before the answer, the late answer
    /// triggers another request, which overrides the seek. If the partition were paused after the assignment, a fetch
    /// could happen in between, and an out-of-range answer would lead to the same request.
    fn assign(&self, native: &Native, list: &TopicPartitionList) -> KafkaResult<()> {
        let starts = if self.shared.closing.load(Relaxed) { Vec::new() } else { self.starts(native, list) };
        let (mut at, mut waiting) = (TopicPartitionList::new(), TopicPartitionList::new());
        let waits = self.shared.config.begin != Begin::Group;
        for (element, start) in list.elements().iter().zip(starts.iter().map(Some).chain(std::iter::repeat(None))) {
            let unknown = if waits { Offset::Offset(0) } else { Offset::Invalid };
            let offset = start.and_then(|s| s.offset).map(Offset::Offset);
            at.add_partition_offset(element.topic(), element.partition(), offset.unwrap_or(unknown))?;
            if waits && offset.is_none() {
                waiting.add_partition(element.topic(), element.partition());
            }
        }
        for element in waiting.elements() {
            ffi::register_partition(native.client(), element.topic(), element.partition())?;
        }
        native.pause(&waiting)?;
        let result = match native.rebalance_protocol() {
            RebalanceProtocol::Cooperative => native.incremental_assign(&at),
            _ => native.assign(&at),
        };
        if let Err(error) = result {
            // Else they would still be paused when they come again.
            native.resume(&waiting)?;
            return Err(error);
        }
        let mut partitions = lock(&self.shared.partitions);
        let mut assigned = Vec::new();
        for start in starts {
            let topic: Arc<str> = start.topic.into();
            let position = start.offset.unwrap_or(-1);
            let committed = start.committed.as_ref().map(|(offset, _)| *offset);
            let id = partitions.add(Arc::clone(&topic), start.partition, position, committed);
            if let Some(partition) = partitions.get_mut(id) {
                if !self.shared.config.commit_starts {
                    partition.done = None;
                }
                if waits && start.offset.is_none() {
                    (partition.paused, partition.placed) = (true, false);
                }
            }
            tracing::info!(target: TARGET, %topic, partition = start.partition, position, "partition assigned");
            assigned.push(Assigned { id, topic, partition: start.partition, position, committed: start.committed });
        }
        drop(partitions);
        self.commits.finish(native, &self.shared, COMMIT_TIMEOUT);
        let token = self.token();
        self.shared.mailbox.push(Event::Assigned(token, assigned));
        Ok(())
    }

    /// Returns where each partition of `list` begins, in its order.
    fn starts(&self, native: &Native, list: &TopicPartitionList) -> Vec<Start> {
        let start =
            |topic: &str, partition| Start { topic: topic.to_owned(), partition, offset: None, committed: None };
        let mut starts: Vec<Start> = list.elements().iter().map(|e| start(e.topic(), e.partition())).collect();
        if starts.is_empty() || self.shared.config.begin == Begin::Owner {
            return starts;
        }
        match native.committed_offsets(list.clone(), ASK_TIMEOUT) {
            Ok(committed) => {
                for (start, element) in starts.iter_mut().zip(committed.elements()) {
                    start.offset = element.offset().to_raw().filter(|offset| *offset >= 0);
                    start.committed = start.offset.map(|offset| (offset, offsets::metadata(&element)));
                }
            }
            Err(error) => {
                self.shared.report(error.into());
                return starts;
            }
        }
        let mut fresh: Vec<&mut Start> = starts.iter_mut().filter(|s| s.offset.is_none()).collect();
        let partitions: Vec<(&str, i32)> = fresh.iter().map(|s| (s.topic.as_str(), s.partition)).collect();
        let spec = if self.shared.config.from_beginning { OffsetSpec::Beginning } else { OffsetSpec::End };
        match offsets::of(native, &partitions, spec, ASK_TIMEOUT) {
            Ok(offsets) => fresh.iter_mut().zip(offsets).for_each(|(start, offset)| start.offset = offset),
            Err(error) => self.shared.report(error),
        }
        starts
    }

    /// Revokes partitions: waits for their handlers, commits, and unassigns them.
    fn revoke(&self, native: &Native, list: &TopicPartitionList) -> KafkaResult<()> {
        let lost = native.assignment_lost();
        let ids: Vec<AssignmentId> = {
            let mut partitions = lock(&self.shared.partitions);
            let owned = |e: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
                partitions.find(e.topic(), e.partition())
            };
            let ids: Vec<AssignmentId> = list.elements().iter().filter_map(owned).collect();
            ids.iter().for_each(|id| partitions.hold(*id, true));
            ids
        };
        tracing::info!(target: TARGET, partitions = ids.len(), lost, "partitions revoked");
        if !self.shared.closing.load(Relaxed) {
            let token = self.token();
            self.shared.mailbox.push(Event::Revoked { token, ids: ids.clone(), lost });
            self.wait_for_release(token);
        }
        if !lost && !self.shared.abort.load(Relaxed) {
            self.commits.finish(native, &self.shared, COMMIT_TIMEOUT);
        }
        let mut paused = TopicPartitionList::new();
        let given_up: Vec<_> = {
            let mut partitions = lock(&self.shared.partitions);
            ids.iter().filter_map(|id| partitions.remove(*id)).collect()
        };
        for partition in &given_up {
            if self.shared.config.auto_commit {
                self.commits.part_with(partition);
            }
            if partition.paused {
                paused.add_partition(&partition.topic, partition.number);
            }
        }
        // Else librdkafka would have them paused if they came back.
        if paused.count() > 0 {
            native.resume(&paused)?;
        }
        match native.rebalance_protocol() {
            RebalanceProtocol::Cooperative => native.incremental_unassign(list),
            _ => native.unassign(),
        }
    }

    /// Waits for the owner's answer; the owner waits for its handlers and then for its callback, each for the same
    /// time.
    fn wait_for_release(&self, token: f64) {
        let deadline = Instant::now() + 2 * self.shared.config.revoke_timeout + GRACE;
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
            self.shared.signal.wait(left.min(STEP));
        }
    }

    /// Returns a new name for a rebalance.
    fn token(&self) -> f64 {
        self.shared.counters.rebalances.load(Relaxed) as f64
    }
}

/// The start of a partition.
struct Start {
    topic: String,
    partition: i32,
    offset: Option<i64>,
    committed: Option<(i64, String)>,
}
