//! Flow control and the ends of the partitions: pauses full partitions, and tracks progress.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer as _;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::config::{FULL_QUEUE_PATIENCE, IDLE};
use super::event::{Event, Lag};
use super::offsets::{self, OffsetSpec};
use super::partitions::{AssignmentId, Partition, Partitions};
use super::poll::Thread;
use crate::kafka::{ffi, lock};

/// Longest wait for the ends of paused partitions; closing may have to wait for it.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

impl Thread {
    /// Returns whether a full queue must be waited for. After the waiting time its partition is paused instead.
    pub(super) fn blocked(&mut self) -> bool {
        let mut partitions = lock(&self.shared.partitions);
        let overfull = partitions.overfull();
        let waiting = !overfull.is_empty() || partitions.iter().any(|(_, p)| p.paused);
        self.shared.crowded.store(waiting, Relaxed);
        if overfull.is_empty() {
            self.full_since = None;
            return false;
        }
        let since = *self.full_since.get_or_insert_with(Instant::now);
        if since.elapsed() < FULL_QUEUE_PATIENCE {
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

    pub(super) fn resume(&self) {
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
    pub(super) fn watermarks(&mut self) {
        if self.watermarks_at.elapsed() < IDLE {
            return;
        }
        self.watermarks_at = Instant::now();
        self.note_highs(&mut lock(&self.shared.partitions));
    }

    pub(super) fn note_highs(&self, partitions: &mut Partitions) {
        for partition in partitions.iter_mut() {
            let cached = ffi::cached_watermarks(self.native.client(), &partition.topic, partition.number);
            if let Some((_, high)) = cached {
                partition.saw_high(high);
            }
        }
    }

    /// Reports the progress of the partitions; the ends of those without fetched messages are requested on another
    /// thread.
    pub(super) fn lag(&self, id: f64) {
        let lag = |p: &Partition| Lag {
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

    /// Requests the ends of the partitions that are not being fetched, which librdkafka does not learn.
    pub(super) fn refresh_ends(&self) {
        if !self.shared.ends_due.swap(false, Relaxed) {
            return;
        }
        let paused = |(id, p): (AssignmentId, &Partition)| p.paused.then(|| (id, Arc::clone(&p.topic), p.number));
        let paused: Vec<_> = lock(&self.shared.partitions).iter().filter_map(paused).collect();
        if paused.is_empty() {
            return;
        }
        let (native, shared) = (Arc::clone(&self.native), Arc::clone(&self.shared));
        crate::runtime().spawn_blocking(move || {
            let partitions: Vec<(&str, i32)> = paused.iter().map(|(_, topic, number)| (&**topic, *number)).collect();
            let ends = offsets::of(&native, &partitions, OffsetSpec::End, REFRESH_TIMEOUT).unwrap_or_default();
            drop(native);
            let mut partitions = lock(&shared.partitions);
            for ((id, ..), end) in paused.iter().zip(ends) {
                if let (Some(partition), Some(end)) = (partitions.get_mut(*id), end) {
                    partition.high = partition.high.max(end);
                }
            }
        });
    }
}

fn native_list(partitions: &Partitions, ids: &[AssignmentId]) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (_, partition) in partitions.iter().filter(|(id, _)| ids.contains(id)) {
        list.add_partition(&partition.topic, partition.number);
    }
    list
}
