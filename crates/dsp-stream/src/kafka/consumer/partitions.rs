//! The partitions that this member owns: their queues, their progress, and which assignment is current.
//!
//! Every assignment of a partition has an id of its own. Results with the id of a former assignment have no effect. The
//! queues are bounded: a partition above its bound is full until half of it has been taken.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::segment::Segment;

/// Identifies one assignment of one partition; never used twice.
pub type AssignmentId = u64;

/// Bounds of the queues.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest number of queued messages per partition.
    pub messages: usize,
    /// Largest number of queued bytes over all partitions.
    pub bytes: usize,
    /// Largest number of messages taken at once.
    pub batch: usize,
}

/// Size at which a segment is closed, so that a handler that keeps one value does not keep megabytes alive.
const SEGMENT_BYTES: usize = 256 << 10;

/// One assigned partition.
#[derive(Debug)]
pub struct Partition {
    /// Name of the topic.
    pub topic: Arc<str>,
    /// Number of the partition.
    pub number: i32,
    /// Offset of the first message of this assignment, negative = unknown.
    pub start: i64,
    /// Offset of the next message to come from the broker.
    pub position: i64,
    /// Offset up to which all messages are done.
    pub done: Option<i64>,
    /// Offset confirmed by the broker, or committed before the assignment.
    pub committed: Option<i64>,
    /// Offset of the last commit that was begun, else the committed one.
    pub committing: Option<i64>,
    /// Metadata for the next commit.
    pub metadata: Option<String>,
    /// High watermark of the last fetch, −1 = unknown.
    pub high: i64,
    /// End of what was fetched, and the position at that time, if there were no messages in between: these offsets are
    /// not messages (transaction markers, aborted or compacted messages), or the broker has moved the position.
    fetched: Option<(i64, i64)>,
    /// Whether fetching is paused, because the queue is full or the owner has not yet determined the start.
    pub paused: bool,
    /// Whether the start is known.
    pub placed: bool,
    /// Whether messages are held back, because the assignment is being announced or revoked.
    pub held: bool,
    queue: VecDeque<Segment>,
    messages: usize,
    bytes: usize,
    starved: bool,
    last_size: (usize, usize),
}

/// The partitions of one consumer.
#[derive(Debug)]
pub struct Partitions {
    limits: Limits,
    owned: BTreeMap<AssignmentId, Partition>,
    next_id: AssignmentId,
    bytes: usize,
}

/// The result of [`Partitions::push`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Whether the owner waits for a message of this partition.
    pub wake: bool,
    /// Whether a bound has been reached.
    pub full: bool,
}

impl Partitions {
    /// Returns an empty set of partitions.
    pub fn new(limits: Limits) -> Self {
        Self { limits, owned: BTreeMap::new(), next_id: 1, bytes: 0 }
    }

    /// Adds a partition that begins at `position`. Its messages are held back until `release`.
    pub fn add(&mut self, topic: Arc<str>, number: i32, position: i64, committed: Option<i64>) -> AssignmentId {
        let id = self.next_id;
        self.next_id += 1;
        let partition = Partition {
            topic,
            number,
            start: position,
            position,
            done: committed.is_none().then_some(position).filter(|p| *p >= 0),
            committed,
            committing: committed,
            metadata: None,
            high: -1,
            fetched: None,
            paused: false,
            placed: true,
            held: true,
            queue: VecDeque::new(),
            messages: 0,
            bytes: 0,
            starved: true,
            last_size: (0, 0),
        };
        self.owned.insert(id, partition);
        id
    }

    /// Removes a partition with its queued messages.
    pub fn remove(&mut self, id: AssignmentId) -> Option<Partition> {
        let partition = self.owned.remove(&id)?;
        self.bytes -= partition.bytes;
        Some(partition)
    }

    /// Begins a new assignment of the same partition at `position`; queued and taken messages no longer count. Its
    /// start is known then.
    pub fn restart(&mut self, id: AssignmentId, position: i64) -> Option<AssignmentId> {
        let old = self.remove(id)?;
        let new = self.add(old.topic, old.number, position, old.committed);
        let partition = self.owned.get_mut(&new)?;
        (partition.paused, partition.held, partition.high) = (old.paused, old.held, old.high);
        (partition.done, partition.committing) = (None, old.committing);
        Some(new)
    }

    /// Returns the id of the current assignment of a partition.
    pub fn find(&self, topic: &str, number: i32) -> Option<AssignmentId> {
        self.owned.iter().find(|(_, p)| p.number == number && &*p.topic == topic).map(|(id, _)| *id)
    }

    /// Returns whether `offset` lies before messages that have already arrived: the partition has gone back unasked.
    pub fn is_before(&self, id: AssignmentId, offset: i64) -> bool {
        self.owned.get(&id).is_some_and(|p| offset < p.position)
    }

    /// Returns all partitions.
    pub fn iter(&self) -> impl Iterator<Item = (AssignmentId, &Partition)> {
        self.owned.iter().map(|(id, p)| (*id, p))
    }

    /// Returns all partitions, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Partition> {
        self.owned.values_mut()
    }

    /// Returns a partition, to be changed.
    pub fn get_mut(&mut self, id: AssignmentId) -> Option<&mut Partition> {
        self.owned.get_mut(&id)
    }

    /// Returns the number of queued bytes over all partitions.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a message by `write`, which fills the given segment.
    pub fn push(&mut self, id: AssignmentId, offset: i64, write: impl FnOnce(&mut Segment)) -> Pushed {
        let Some(partition) = self.owned.get_mut(&id) else { return Pushed::default() };
        let batch = self.limits.batch;
        let fits = |s: &&mut Segment| s.len() < batch && s.bytes() < SEGMENT_BYTES;
        if partition.queue.back_mut().as_ref().is_none_or(|s| !fits(s)) {
            let (words, numbers) = partition.last_size;
            partition.queue.push_back(Segment::like(words, numbers));
        }
        let Some(segment) = partition.queue.back_mut() else { return Pushed::default() };
        let before = segment.bytes();
        write(segment);
        let grown = segment.bytes() - before;
        partition.bytes += grown;
        self.bytes += grown;
        partition.messages += 1;
        if partition.start < 0 {
            partition.start = offset;
        }
        partition.position = offset + 1;
        let full = partition.messages >= self.limits.messages || self.bytes >= self.limits.bytes;
        Pushed { wake: std::mem::take(&mut partition.starved) && !partition.held, full }
    }

    /// Returns the oldest segment of a partition, at most `Limits::batch` messages; none if it is held back.
    pub fn take(&mut self, id: AssignmentId) -> Option<Segment> {
        let partition = self.owned.get_mut(&id)?;
        let segment = if partition.held { None } else { partition.queue.pop_front() };
        let Some(segment) = segment else {
            partition.starved = true;
            return None;
        };
        partition.messages -= segment.len();
        partition.bytes -= segment.bytes();
        self.bytes -= segment.bytes();
        partition.last_size = (segment.data.len(), segment.meta.len());
        Some(segment)
    }

    /// Holds back the messages of a partition, or releases them.
    pub fn hold(&mut self, id: AssignmentId, held: bool) {
        if let Some(partition) = self.owned.get_mut(&id) {
            partition.held = held;
        }
    }

    /// Notes that everything below `offset` is done. Returns false for an assignment that has ended.
    pub fn done(&mut self, id: AssignmentId, offset: i64) -> bool {
        let Some(partition) = self.owned.get_mut(&id) else { return false };
        partition.done = Some(partition.done.map_or(offset, |done| done.max(offset)));
        true
    }

    /// Returns the offsets that are done and not yet being committed.
    pub fn uncommitted(&self) -> Vec<(AssignmentId, i64)> {
        let uncommitted = |p: &Partition| p.done.filter(|done| Some(*done) != p.committing);
        self.iter().filter_map(|(id, p)| Some((id, uncommitted(p)?))).collect()
    }

    /// Notes that these offsets are being committed, and returns them.
    pub fn committing(&mut self, offsets: Vec<(AssignmentId, i64)>) -> Vec<(AssignmentId, i64)> {
        for (id, offset) in &offsets {
            if let Some(partition) = self.get_mut(*id) {
                partition.committing = Some(*offset);
            }
        }
        offsets
    }

    /// Returns the partitions that have reached a bound and are still being fetched.
    pub fn overfull(&self) -> Vec<AssignmentId> {
        let memory = self.bytes >= self.limits.bytes;
        let full = |p: &Partition| p.messages >= self.limits.messages || (memory && p.messages > 0);
        self.iter().filter(|(_, p)| !p.paused && full(p)).map(|(id, _)| id).collect()
    }

    /// Returns the paused partitions that have room again: half of each bound.
    pub fn resumable(&self) -> Vec<AssignmentId> {
        let memory = self.bytes <= self.limits.bytes / 2;
        let roomy = |p: &Partition| p.messages <= self.limits.messages / 2 && (memory || p.messages == 0);
        self.iter().filter(|(_, p)| p.paused && p.placed && roomy(p)).map(|(id, _)| id).collect()
    }
}

impl Partition {
    /// Returns the number of queued messages.
    pub fn queued(&self) -> usize {
        self.messages
    }

    /// Notes a high watermark. For a partition that is not fetched it comes from a request; that of the fetcher is old.
    pub fn saw_high(&mut self, high: i64) {
        self.high = if self.paused { self.high.max(high) } else { high };
    }

    /// Notes that everything below `offset` has been fetched, and that all messages among it have arrived.
    pub fn fetched_to(&mut self, offset: i64) {
        self.fetched = (offset > self.position && self.position >= 0).then_some((self.position, offset));
    }

    /// Returns the end of the messages: the high watermark without the offsets after the last message that are known
    /// not to be messages; −1 = unknown.
    pub fn end(&self) -> i64 {
        match self.fetched {
            Some((position, next)) if position == self.position => {
                (self.high - (next - position)).max(position.min(self.high))
            }
            _ => self.high,
        }
    }

    /// Returns the number of messages that are not done, as far as the end is known.
    pub fn lag(&self) -> i64 {
        (self.end() - self.next().max(0)).max(0)
    }

    /// Returns the offset of the first message that is not done; negative = unknown.
    pub fn next(&self) -> i64 {
        self.done.unwrap_or(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { messages: 10, bytes: 1 << 20, batch: 4 };

    fn owned(limits: Limits) -> (Partitions, AssignmentId) {
        let mut partitions = Partitions::new(limits);
        let id = partitions.add("t".into(), 0, 100, None);
        partitions.hold(id, false);
        (partitions, id)
    }

    fn push(partitions: &mut Partitions, id: AssignmentId, offset: i64, words: usize) -> Pushed {
        partitions.push(id, offset, |segment| {
            segment.data.extend(vec![0; words]);
            segment.meta.extend([offset as f64; 7]);
        })
    }

    #[test]
    fn segments_hold_a_batch() {
        let (mut partitions, id) = owned(LIMITS);
        assert_eq!(push(&mut partitions, id, 100, 1), Pushed { wake: true, full: false });
        assert_eq!(push(&mut partitions, id, 101, 1), Pushed::default());
        (102..106).for_each(|o| {
            push(&mut partitions, id, o, 1);
        });
        assert_eq!(partitions.take(id).unwrap().len(), 4);
        assert_eq!(partitions.take(id).unwrap().len(), 2);
        assert!(partitions.take(id).is_none());
        assert_eq!(partitions.bytes(), 0);
        assert!(push(&mut partitions, id, 106, 1).wake);
    }

    #[test]
    fn full_until_half_is_taken() {
        let (mut partitions, id) = owned(LIMITS);
        let fullness: Vec<bool> = (0..10).map(|o| push(&mut partitions, id, o, 1).full).collect();
        assert_eq!(fullness.iter().filter(|f| **f).count(), 1);
        assert_eq!(partitions.overfull(), [id]);
        partitions.get_mut(id).unwrap().paused = true;
        partitions.take(id);
        assert!(partitions.resumable().is_empty());
        partitions.take(id);
        assert_eq!(partitions.resumable(), [id]);
    }

    #[test]
    fn bytes_are_bounded_over_all_partitions() {
        let (mut partitions, a) = owned(Limits { bytes: 2000, ..LIMITS });
        let b = partitions.add("t".into(), 1, 0, None);
        partitions.hold(b, false);
        push(&mut partitions, a, 0, 100);
        assert!(push(&mut partitions, b, 0, 200).full);
        assert_eq!(partitions.overfull(), [a, b]);
        partitions.get_mut(b).unwrap().paused = true;
        partitions.take(b);
        assert_eq!(partitions.resumable(), [b]);
    }

    #[test]
    fn a_former_assignment_changes_nothing() {
        let (mut partitions, old) = owned(LIMITS);
        push(&mut partitions, old, 100, 1);
        let new = partitions.restart(old, 50).unwrap();
        assert!(!partitions.done(old, 101));
        assert!(partitions.take(old).is_none() && partitions.take(new).is_none());
        assert_eq!(push(&mut partitions, old, 101, 1), Pushed::default());
        assert_eq!(partitions.uncommitted(), []);
        assert!(partitions.done(new, 51));
        assert_eq!(partitions.uncommitted(), [(new, 51)]);
        assert_eq!(partitions.find("t", 0), Some(new));
    }

    #[test]
    fn a_partition_rests_until_it_is_known_where_to_begin() {
        let (mut partitions, id) = owned(LIMITS);
        let partition = partitions.get_mut(id).unwrap();
        (partition.paused, partition.placed) = (true, false);
        assert!(partitions.resumable().is_empty());
        let id = partitions.restart(id, 7).unwrap();
        assert_eq!(partitions.resumable(), [id]);
    }

    #[test]
    fn what_is_no_message_is_no_lag() {
        let (mut partitions, id) = owned(LIMITS);
        push(&mut partitions, id, 100, 1);
        partitions.done(id, 101);
        let partition = partitions.get_mut(id).unwrap();
        partition.saw_high(104);
        assert_eq!((partition.end(), partition.lag()), (104, 3));
        partition.fetched_to(104);
        assert_eq!((partition.end(), partition.lag()), (101, 0));
        // Two messages that are not fetched yet.
        partition.saw_high(106);
        assert_eq!(partition.lag(), 2);
        push(&mut partitions, id, 104, 1);
        assert_eq!(partitions.get_mut(id).unwrap().lag(), 5);
        partitions.done(id, 105);
        assert_eq!(partitions.get_mut(id).unwrap().lag(), 1);
    }

    #[test]
    fn a_position_that_the_broker_has_moved_leaves_no_lag() {
        // The log begins at 200 now, and nothing is in it.
        let (mut partitions, id) = owned(LIMITS);
        let partition = partitions.get_mut(id).unwrap();
        partition.saw_high(200);
        partition.fetched_to(200);
        assert_eq!(partition.lag(), 0);
    }

    #[test]
    fn the_high_watermark_of_a_paused_partition_is_the_one_asked_for() {
        let (mut partitions, id) = owned(LIMITS);
        let partition = partitions.get_mut(id).unwrap();
        partition.saw_high(300);
        partition.paused = true;
        partition.saw_high(110);
        assert_eq!(partition.high, 300);
        partition.paused = false;
        partition.saw_high(110);
        assert_eq!(partition.high, 110);
    }

    #[test]
    fn going_back_is_noticed() {
        let (mut partitions, id) = owned(LIMITS);
        assert!(!partitions.is_before(id, 100) && partitions.is_before(id, 99));
        push(&mut partitions, id, 100, 1);
        assert!(!partitions.is_before(id, 101) && partitions.is_before(id, 100) && !partitions.is_before(id + 1, 0));
    }

    #[test]
    fn a_start_without_a_committed_offset_wants_committing() {
        let (mut partitions, id) = owned(LIMITS);
        assert_eq!(partitions.uncommitted(), [(id, 100)]);
        partitions.get_mut(id).unwrap().committing = Some(100);
        assert_eq!(partitions.uncommitted(), []);
        let other = partitions.add("t".into(), 1, 7, Some(7));
        assert_eq!(partitions.uncommitted(), []);
        partitions.done(other, 9);
        partitions.done(other, 8);
        assert_eq!(partitions.uncommitted(), [(other, 9)]);
    }

    #[test]
    fn held_partitions_wait() {
        let (mut partitions, id) = owned(LIMITS);
        partitions.hold(id, true);
        assert!(!push(&mut partitions, id, 100, 1).wake);
        assert!(partitions.take(id).is_none());
        partitions.hold(id, false);
        assert_eq!(partitions.take(id).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn the_count_of_bytes_is_right(steps in prop::collection::vec((0u8..3, 0usize..3, 0usize..40), 0..200)) {
            let mut partitions = Partitions::new(LIMITS);
            let mut ids: Vec<AssignmentId> = (0..3).map(|n| partitions.add("t".into(), n, 0, None)).collect();
            ids.iter().for_each(|id| partitions.hold(*id, false));
            for (step, which, words) in steps {
                match step {
                    0 => { push(&mut partitions, ids[which], 0, words); }
                    1 => { partitions.take(ids[which]); }
                    _ => ids[which] = partitions.restart(ids[which], 0).unwrap(),
                }
                let sum: usize = partitions.iter().flat_map(|(_, p)| &p.queue).map(Segment::bytes).sum();
                prop_assert_eq!(partitions.bytes(), sum);
            }
        }
    }
}
