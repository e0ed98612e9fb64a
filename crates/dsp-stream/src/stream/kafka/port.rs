//! One partition of Kafka: [`Port`] by requests to consumer and producer.

use rdkafka::types::RDKafkaErrorCode as Code;
use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::error::{Error, Result};
use crate::kafka::consumer::{Assigned, AssignmentId, Consumer, STRIDE, Segment, Target};
use crate::kafka::options::Properties;
use crate::kafka::producer::{Batch, Producer};
use crate::kafka::{changelog, error_of, lock};
use crate::store::Call as Reply;
use crate::stream::guarantee::exactly_once::kafka::Participants;
use crate::stream::protocol::message::{Destination, Header, Message, Output};
use crate::stream::protocol::port::Port;
use crate::topic::{CommittedOffset, KeyedRecord, TopicPartition, Watermarks};

/// Pause between two attempts to reach a broker after all were unreachable.
pub(super) const BROKER_PAUSE: Duration = Duration::from_millis(500);

/// Returns the error of a client that is gone.
pub(super) fn client_gone() -> Error {
    error_of(Code::BrokerDestroy)
}

/// Requests to consumer and producer under way.
#[derive(Default)]
pub(super) struct Pending {
    next: AtomicU64,
    pub(super) sends: Answers<Failures>,
    pub(super) seeks: Answers<Assigned>,
    pub(super) watermarks: Answers<Watermarks>,
    pub(super) ends: Answers<()>,
}

/// The messages of a batch that were not delivered.
type Failures = Vec<(u32, Code)>;

pub(super) type Answers<T> = Mutex<HashMap<u64, oneshot::Sender<Result<T>>>>;

impl Pending {
    /// Returns the id of a new request and the receiver of its answer.
    pub(super) fn ask<T>(&self, among: &Answers<T>) -> (f64, oneshot::Receiver<Result<T>>) {
        let id = self.next.fetch_add(1, Relaxed) + 1;
        let (sender, receiver) = oneshot::channel();
        lock(among).insert(id, sender);
        (id as f64, receiver)
    }

    pub(super) fn answer<T>(among: &Answers<T>, id: f64, answer: Result<T>) {
        if let Some(sender) = lock(among).remove(&(id as u64)) {
            let _ = sender.send(answer);
        }
    }
}

/// Waits for the answer to a request, which is lost if the client is replaced.
pub(super) async fn answered<T>(answer: oneshot::Receiver<Result<T>>) -> Result<T> {
    answer.await.unwrap_or_else(|_| Err(client_gone()))
}

/// Asks the brokers for the watermarks of a partition.
pub(super) async fn watermarks(
    consumer: &Consumer,
    pending: &Pending,
    topic: &str,
    partition: i32,
) -> Result<Watermarks> {
    let (id, answer) = pending.ask(&pending.watermarks);
    consumer.watermarks(id, topic.to_owned(), partition);
    answered(answer).await
}

/// One partition's view of Kafka.
pub(super) struct KafkaPort {
    pub(super) consumer: Arc<Consumer>,
    pub(super) producer: Arc<Producer>,
    pub(super) pending: Arc<Pending>,
    pub(super) id: Mutex<AssignmentId>,
    pub(super) source: TopicPartition,
    pub(super) committed: Mutex<Option<CommittedOffset>>,
    /// Whether the brokers have answered with the committed offset.
    pub(super) knows_committed: AtomicBool,
    /// Offset at which librdkafka was told to begin, until the first message is taken.
    pub(super) begins_at: AtomicI64,
    /// Whether the broker has refused an offset, possibly of this partition.
    pub(super) is_suspect: AtomicBool,
    /// Largest number of messages taken at once.
    pub(super) max_messages: usize,
    pub(super) wake: Notify,
    pub(super) output: Option<String>,
    pub(super) dead_letters: Option<String>,
    pub(super) events: Option<String>,
    /// Whether outputs, and events, go to the partition of their input.
    pub(super) same_partition: (bool, bool),
    /// Key and value of an output may have so many bytes together.
    pub(super) max_bytes: usize,
    /// Number of the transaction that outputs belong to, 0 = none.
    pub(super) transaction: AtomicU64,
    pub(super) participants: Participants,
    pub(super) changelog: Option<String>,
    /// The consumer's properties, for reading the changelog.
    pub(super) reading: Arc<Properties>,
}

impl KafkaPort {
    pub(super) fn id(&self) -> AssignmentId {
        *lock(&self.id)
    }

    /// Passes outputs to the producer, within the open transaction.
    fn enqueue(&self, topic: &str, outputs: &[&Output], partition: i32) -> oneshot::Receiver<Result<Failures>> {
        let (id, answer) = self.pending.ask(&self.pending.sends);
        let batch = packed(id, topic, outputs, partition);
        self.producer.send(Batch { transaction: self.transaction.load(Relaxed), ..batch });
        answer
    }

    /// Checks that the next message to fetch is in the log.
    ///
    /// # Errors
    /// `DataLoss` if it is not.
    async fn check_position(&self) -> Result<()> {
        let Watermarks { low, high, .. } = self.watermarks().await?;
        let position = self.consumer.snapshot().into_iter().find(|s| s.id == self.id()).map(|s| s.position);
        match position.filter(|position| !(low..=high).contains(position)) {
            None => Ok(()),
            Some(wanted) => {
                let TopicPartition { topic, partition } = self.source.clone();
                Err(Error::DataLoss { topic, partition, wanted, low, high })
            }
        }
    }
}

impl Port for KafkaPort {
    fn take(&self) -> Reply<'_, Vec<Message>> {
        Box::pin(async {
            loop {
                let id = self.id();
                let mut all = Vec::new();
                while all.len() < self.max_messages
                    && let Some((segment, _)) = self.consumer.take(id)
                {
                    all.extend(messages(&segment));
                }
                if !all.is_empty() {
                    self.begins_at.store(-1, Relaxed);
                    return Ok(all);
                }
                if self.is_suspect.load(Relaxed) {
                    self.check_position().await?;
                    self.is_suspect.store(false, Relaxed);
                }
                self.wake.notified().await;
            }
        })
    }

    fn fits(&self, output: &Output) -> bool {
        output.size() <= self.max_bytes
    }

    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>> {
        let mut waiting = Vec::new();
        for (destination, topic, is_same) in [
            (Destination::Output, &self.output, self.same_partition.0),
            (Destination::Events, &self.events, self.same_partition.1),
            (Destination::DeadLetters, &self.dead_letters, false),
        ] {
            let part: Vec<&Output> = outputs.iter().filter(|output| output.destination == destination).collect();
            let Some(topic) = topic.as_ref().filter(|_| !part.is_empty()) else { continue };
            let answer = self.enqueue(topic, &part, if is_same { self.source.partition } else { -1 });
            waiting.push((part.iter().map(|o| o.source).collect::<Vec<i64>>(), answer));
        }
        Box::pin(async move {
            let mut too_large = Vec::new();
            for (sources, answer) in waiting {
                for (index, code) in answered(answer).await? {
                    if code != Code::MessageSizeTooLarge {
                        return Err(error_of(code));
                    }
                    too_large.extend(sources.get(index as usize));
                }
            }
            Ok(too_large)
        })
    }

    fn rewind(&self, offset: i64) -> Reply<'_, ()> {
        Box::pin(async move {
            let is_there = self.begins_at.swap(-1, Relaxed) == offset;
            if !is_there || self.is_suspect.swap(false, Relaxed) {
                let (id, answer) = self.pending.ask(&self.pending.seeks);
                self.consumer.seek(id, self.source.topic.clone(), self.source.partition, Target::Offset(offset));
                answered(answer).await?;
            }
            self.consumer.begin(self.id());
            Ok(())
        })
    }

    fn done(&self, next: i64, metadata: &str) {
        *lock(&self.committed) = Some((next, metadata.to_owned()));
        self.knows_committed.store(true, Relaxed);
        if self.consumer.done_with(self.id(), next, metadata) {
            self.consumer.commit(0.0);
        }
    }

    fn committed(&self) -> Reply<'_, Option<CommittedOffset>> {
        Box::pin(async {
            if !self.knows_committed.load(Relaxed) {
                let found = self.stable_offset().await?;
                *lock(&self.committed) = found;
                self.knows_committed.store(true, Relaxed);
            }
            Ok(lock(&self.committed).clone())
        })
    }

    fn log(&self, records: Vec<KeyedRecord>) -> Reply<'static, ()> {
        let Some(topic) = &self.changelog else { return Box::pin(async { Ok(()) }) };
        let output = |(key, value)| Output { key: Some(key), value, timestamp: -1, ..Output::default() };
        let outputs: Vec<Output> = records.into_iter().map(output).collect();
        let answer = self.enqueue(topic, &outputs.iter().collect::<Vec<_>>(), self.source.partition);
        Box::pin(async move {
            let failures = answered(answer).await?;
            failures.first().map_or(Ok(()), |(_, code)| Err(error_of(*code)))
        })
    }

    fn replay(&self) -> mpsc::Receiver<Result<Vec<KeyedRecord>>> {
        let (batches, receiver) = mpsc::channel(2);
        let (properties, topic, partition) = (Arc::clone(&self.reading), self.changelog.clone(), self.source.partition);
        tokio::task::spawn_blocking(move || {
            let read = changelog::read(&properties, &topic.unwrap_or_default(), partition, |batch| {
                batches.blocking_send(Ok(batch)).is_ok()
            });
            if let Err(error) = read {
                let _ = batches.blocking_send(Err(error));
            }
        });
        receiver
    }

    fn stable_offset(&self) -> Reply<'_, Option<CommittedOffset>> {
        Box::pin(async {
            loop {
                let (consumer, topic, partition) =
                    (Arc::clone(&self.consumer), self.source.topic.clone(), self.source.partition);
                let asked = tokio::task::spawn_blocking(move || consumer.stable_offset(&topic, partition)).await;
                match asked.unwrap_or_else(|e| Err(Error::argument(e.to_string()))) {
                    // A transaction that is under way holds the answer back, at most until its time is over.
                    Err(Error::Kafka(failure)) if failure.retriable => tokio::time::sleep(BROKER_PAUSE).await,
                    answer => return answer,
                }
            }
        })
    }

    fn enter(&self, transaction: u64) {
        self.transaction.store(transaction, Relaxed);
        lock(&self.participants).insert(self.id());
    }

    fn watermarks(&self) -> Reply<'_, Watermarks> {
        Box::pin(watermarks(&self.consumer, &self.pending, &self.source.topic, self.source.partition))
    }
}

/// Returns the messages of a segment.
fn messages(segment: &Segment) -> impl Iterator<Item = Message> {
    let bytes: &[u8] = bytemuck::cast_slice(&segment.data);
    let part = move |begin: usize, len: f64| (len >= 0.0).then(|| bytes.get(begin..begin + len as usize)).flatten();
    let message = move |meta: &[f64; STRIDE]| {
        let [offset, timestamp, begin, value_len, key_len, headers_len, _] = *meta;
        let value_at = begin as usize;
        let key_at = value_at + (value_len.max(0.0) as usize).next_multiple_of(8);
        let headers_at = key_at + (key_len.max(0.0) as usize).next_multiple_of(8);
        Message {
            offset: offset as i64,
            timestamp: timestamp as i64,
            value: part(value_at, value_len).map(<[u8]>::to_vec),
            key: part(key_at, key_len).map(<[u8]>::to_vec),
            headers: headers(part(headers_at, headers_len).unwrap_or_default()).unwrap_or_default(),
        }
    };
    segment.meta.as_chunks::<STRIDE>().0.iter().map(message)
}

/// Returns unpacked headers, without those that have no value.
fn headers(packed: &[u8]) -> Option<Vec<Header>> {
    let mut rest = packed;
    let number = |rest: &mut &[u8]| -> Option<i32> {
        let (bytes, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        Some(i32::from_ne_bytes(*bytes))
    };
    let count = number(&mut rest)?;
    let mut headers = Vec::new();
    for _ in 0..count {
        let (name_len, value_len) = (number(&mut rest)?, number(&mut rest)?);
        let (name, after) = rest.split_at_checked(name_len.max(0) as usize)?;
        let (value, after) = after.split_at_checked(value_len.max(0) as usize)?;
        rest = after;
        if value_len >= 0 {
            headers.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
        }
    }
    Some(headers)
}

/// Returns outputs packed for the producer.
fn packed(id: f64, topic: &str, outputs: &[&Output], partition: i32) -> Batch {
    let mut batch = Batch { id, topic: topic.to_owned(), ..Batch::default() };
    let length = |part: &Option<Vec<u8>>| part.as_ref().map_or(-1, |p| p.len() as i32);
    let size = |o: &&Output| o.headers.iter().fold(0, |sum, (name, value)| sum + name.len() + value.len());
    let parts = |o: &&Output| length(&o.key).max(0) as usize + length(&o.value).max(0) as usize;
    batch.data.reserve_exact(outputs.iter().map(|o| size(o) + parts(o)).sum());
    for output in outputs {
        batch.layout.extend([partition, length(&output.key), length(&output.value), output.headers.len() as i32]);
        for part in [&output.key, &output.value].into_iter().flatten() {
            batch.data.extend(part);
        }
        for (name, value) in &output.headers {
            batch.layout.extend([name.len() as i32, value.len() as i32]);
            batch.data.extend(name.as_bytes());
            batch.data.extend(value);
        }
        batch.timestamps.push(if output.timestamp < 0 { f64::NAN } else { output.timestamp as f64 });
    }
    batch
}
