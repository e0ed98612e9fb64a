//! Commits under way, and the calls that wait for them. Results arrive in the order of the commits.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::config::TARGET;
use super::event::{Event, OffsetCommit};
use super::partitions::{AssignmentId, Partition};
use super::shared::Shared;
use crate::error::{Error, Result};
use crate::kafka::ffi::{CommitQueue, CommitResult};
use crate::kafka::{add_offset, code_report, error_of, lock};

/// Longest wait of a call for a commit.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for one result.
const STEP: Duration = Duration::from_millis(100);

/// The commits of one consumer.
#[derive(Default)]
pub struct Commits(Mutex<State>);

#[derive(Default)]
struct State {
    queue: Option<CommitQueue>,
    /// The offsets of each commit under way, oldest first.
    pending: VecDeque<Vec<(AssignmentId, i64)>>,
    /// Number of answered commits; those under way follow.
    finished: u64,
    waiters: Vec<Waiter>,
    /// Progress in partitions that were revoked before the broker confirmed it.
    lost: Vec<Lost>,
}

/// The last done offset of a revoked partition that was not confirmed.
struct Lost {
    topic: Arc<str>,
    partition: i32,
    offset: i64,
}

/// A call that waits for commits up to a number.
struct Waiter {
    id: f64,
    last: u64,
    deadline: Instant,
    failed: Option<Error>,
}

impl Commits {
    /// Sets the queue of results; `None`, which is required before the client is freed, ends it.
    pub fn set_queue(&self, queue: Option<CommitQueue>) {
        lock(&self.0).queue = queue;
    }

    /// Begins to commit the offsets of everything that is done.
    ///
    /// # Errors
    /// `Kafka` if the commit cannot be started.
    pub fn begin(&self, native: &BaseConsumer<impl ConsumerContext>, shared: &Shared) -> Result<()> {
        let mut state = lock(&self.0);
        let Some(queue) = &state.queue else { return Ok(()) };
        let mut partitions = lock(&shared.partitions);
        let uncommitted = partitions.uncommitted();
        if uncommitted.is_empty() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        for (id, offset) in &uncommitted {
            if let Some(partition) = partitions.get_mut(*id) {
                let metadata = partition.metadata.as_deref();
                add_offset(&mut list, &partition.topic, partition.number, *offset, metadata)?;
            }
        }
        queue.commit(native.client(), &list)?;
        state.pending.push_back(partitions.committing(uncommitted));
        Ok(())
    }

    /// Begins to commit offsets that the owner chose.
    ///
    /// # Errors
    /// `Kafka` if the commit cannot be started, or this member does not own one of the partitions, where another member
    /// commits.
    pub fn begin_chosen(
        &self,
        native: &BaseConsumer<impl ConsumerContext>,
        shared: &Shared,
        offsets: &[OffsetCommit],
    ) -> Result<()> {
        let mut state = lock(&self.0);
        let Some(queue) = &state.queue else { return Err(error_of(Code::BrokerDestroy)) };
        let mut partitions = lock(&shared.partitions);
        let (mut list, mut begun) = (TopicPartitionList::new(), Vec::new());
        for OffsetCommit { topic, partition, offset, metadata } in offsets {
            let Some(id) = partitions.find(topic, *partition) else {
                let message = format!("{topic}/{partition} is not assigned to this consumer: nothing was committed");
                return Err(Error::Kafka(code_report(Code::AssignmentLost, &message)));
            };
            add_offset(&mut list, topic, *partition, *offset, metadata.as_deref())?;
            begun.push((id, *offset));
        }
        queue.commit(native.client(), &list)?;
        state.pending.push_back(partitions.committing(begun));
        Ok(())
    }

    /// Answers `id` with `Event::Committed` once all commits under way have ended. It is an error if, since the last
    /// answer, something was done that this member could not commit any more.
    pub fn wait_for_all(&self, id: f64, shared: &Shared) {
        let mut state = lock(&self.0);
        let last = state.finished + state.pending.len() as u64;
        state.waiters.push(Waiter { id, last, deadline: Instant::now() + PATIENCE, failed: None });
        drop(state);
        self.answer(shared);
    }

    /// Notes progress in a revoked partition that the broker has not confirmed.
    pub fn part_with(&self, partition: &Partition) {
        let confirmed = partition.committed.unwrap_or(partition.start);
        if let Some(offset) = partition.done.filter(|done| *done > confirmed) {
            let (topic, partition) = (Arc::clone(&partition.topic), partition.number);
            lock(&self.0).lost.push(Lost { topic, partition, offset });
        }
    }

    /// Returns whether a call waits for a result.
    pub fn is_wanted(&self) -> bool {
        !lock(&self.0).waiters.is_empty()
    }

    /// Processes the results that have arrived, and answers the calls that waited for them.
    pub fn collect(&self, shared: &Shared) {
        while self.take_result(shared, Duration::ZERO) {}
        self.answer(shared);
    }

    /// Commits what is done, unless commits are left to the owner, and waits for the confirmation of all commits under
    /// way, for at most `timeout`.
    pub fn finish(&self, native: &BaseConsumer<impl ConsumerContext>, shared: &Shared, timeout: Duration) {
        if shared.config.auto_commit
            && let Err(error) = self.begin(native, shared)
        {
            return shared.report(error);
        }
        let deadline = Instant::now() + timeout;
        while !lock(&self.0).pending.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if !self.take_result(shared, left.min(STEP)) && left.is_zero() {
                return shared.report(error_of(Code::OperationTimedOut));
            }
        }
    }

    /// Answers all waiting calls with an error, because no more results will arrive.
    pub fn give_up(&self, shared: &Shared) {
        let mut state = lock(&self.0);
        let now = Instant::now();
        state.waiters.iter_mut().for_each(|waiter| waiter.deadline = now);
        drop(state);
        self.answer(shared);
    }

    fn take_result(&self, shared: &Shared, timeout: Duration) -> bool {
        let mut state = lock(&self.0);
        let Some(result) = state.queue.as_ref().and_then(|queue| queue.poll(timeout)) else { return false };
        let begun = state.pending.pop_front().unwrap_or_default();
        state.finished += 1;
        let error = settle(shared, &begun, &result);
        if error.is_some() {
            let number = state.finished;
            let failed = || error.map(error_of);
            state.waiters.iter_mut().filter(|w| w.last >= number).for_each(|w| w.failed = failed());
        }
        drop(state);
        count(shared, error);
        true
    }

    fn answer(&self, shared: &Shared) {
        let mut state = lock(&self.0);
        let State { finished, waiters, lost, .. } = &mut *state;
        let now = Instant::now();
        waiters.retain_mut(|waiter| {
            let result = match waiter.failed.take() {
                Some(error) => Err(error),
                None if waiter.last <= *finished => nothing_lost(&std::mem::take(lost), shared),
                None if waiter.deadline <= now => Err(error_of(Code::OperationTimedOut)),
                None => return true,
            };
            shared.mailbox.push(Event::Committed(waiter.id, result));
            false
        });
    }
}

/// Applies the result of a commit to its partitions; returns its error. An error of the whole commit may come without a
/// list.
fn settle(shared: &Shared, begun: &[(AssignmentId, i64)], (whole, offsets): &CommitResult) -> Option<Code> {
    let mut partitions = lock(&shared.partitions);
    let mut error = None;
    for (id, offset) in begun {
        let Some(partition) = partitions.get_mut(*id) else {
            // It was taken away meanwhile. Which of the answers is its own is not known any more.
            error = error.or(*whole).or_else(|| offsets.iter().find_map(|o| o.3));
            continue;
        };
        let own = offsets.iter().find(|o| o.1 == partition.number && o.0 == *partition.topic).and_then(|o| o.3);
        match own.or(*whole) {
            None => partition.committed = Some(*offset),
            Some(code) => (partition.committing, error) = (partition.committed, Some(code)),
        }
    }
    error
}

/// Fails if progress was lost, unless the partition has come back since and was committed as far.
fn nothing_lost(lost: &[Lost], shared: &Shared) -> Result<()> {
    let partitions = lock(&shared.partitions);
    let committed = |lost: &Lost| {
        let id = partitions.find(&lost.topic, lost.partition)?;
        partitions.iter().find(|(other, _)| *other == id)?.1.committed
    };
    let missing = lost.iter().filter(|lost| committed(lost).is_none_or(|offset| offset < lost.offset));
    let places: Vec<String> = missing.map(|lost| format!("{}/{}", lost.topic, lost.partition)).collect();
    if places.is_empty() {
        return Ok(());
    }
    shared.counters.commit_errors.fetch_add(1, Relaxed);
    let message = format!("{} was taken away before what was done there was committed", places.join(", "));
    Err(Error::Kafka(code_report(Code::AssignmentLost, &message)))
}

fn count(shared: &Shared, error: Option<Code>) {
    let Some(code) = error else {
        shared.counters.commits.fetch_add(1, Relaxed);
        return;
    };
    shared.counters.commit_errors.fetch_add(1, Relaxed);
    tracing::warn!(target: TARGET, %code, "offsets were not committed");
    // In a rebalance a commit may be too late; what it held is committed with the next one, or comes again.
    if !matches!(code, Code::IllegalGeneration | Code::UnknownMemberId | Code::RebalanceInProgress) {
        shared.report(error_of(code));
    }
}
