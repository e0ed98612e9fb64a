//! Transactions of librdkafka. Its calls block, so each runs on a thread that may block.

use rdkafka::TopicPartitionList;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::Producer as _;
use rdkafka::types::RDKafkaErrorCode as Code;
use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::coordinator::Outcome;
use super::transactions::{Attempt, Failure, Transactions};
use crate::error::Error;
use crate::kafka::consumer::{AssignmentId, Consumer};
use crate::kafka::producer::{Native, Producer};
use crate::kafka::{add_offset, error_of, lock};
use crate::stream::protocol::command::OffsetCommit;

/// Longest time for one call; a call that has not finished is repeated.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The assignments that have sent something in the open transaction.
pub type Participants = Arc<Mutex<HashSet<AssignmentId>>>;

/// The transactions of a stream's producer, with the offsets of its consumer.
pub struct KafkaTransactions {
    consumer: Arc<Consumer>,
    producer: Arc<Producer>,
    participants: Participants,
    group: Mutex<Option<Arc<ConsumerGroupMetadata>>>,
    is_ready: AtomicBool,
    number: AtomicU64,
}

impl KafkaTransactions {
    /// Returns transactions of which none has begun.
    pub fn new(consumer: Arc<Consumer>, producer: Arc<Producer>, participants: Participants) -> Self {
        let (group, is_ready, number) = (Mutex::default(), AtomicBool::new(false), AtomicU64::new(0));
        Self { consumer, producer, participants, group, is_ready, number }
    }

    async fn call(&self, work: impl FnOnce(&Native) -> KafkaResult<()> + Send + 'static) -> Result<(), Failure> {
        let fatal = |error: Error| Failure { outcome: Outcome::Fatal, error };
        let native = self.producer.native().ok_or_else(|| fatal(error_of(Code::BrokerDestroy)))?;
        let done = tokio::task::spawn_blocking(move || work(&native)).await;
        done.map_err(|e| fatal(Error::argument(e.to_string())))?.map_err(failure)
    }
}

/// Returns the outcome for an error of a transaction: one that is neither fatal nor retriable nor abortable counts as
/// fatal, too.
fn failure(error: KafkaError) -> Failure {
    let outcome = match &error {
        KafkaError::Transaction(e) if e.is_fatal() => Outcome::Fatal,
        KafkaError::Transaction(e) if e.txn_requires_abort() => Outcome::Abortable,
        KafkaError::Transaction(e) if e.is_retriable() => Outcome::Retriable,
        KafkaError::Flush(_) => Outcome::Retriable,
        _ => Outcome::Fatal,
    };
    Failure { outcome, error: error.into() }
}

impl Transactions for KafkaTransactions {
    fn begin(&self) -> Attempt<'_, u64> {
        Box::pin(async {
            if !self.is_ready.load(Relaxed) {
                self.call(|native| native.init_transactions(CALL_TIMEOUT)).await?;
                self.is_ready.store(true, Relaxed);
            }
            self.call(Native::begin_transaction).await?;
            lock(&self.participants).clear();
            let number = self.number.fetch_add(1, Relaxed) + 1;
            self.producer.enter(number);
            Ok(number)
        })
    }

    fn group(&self) -> Attempt<'_> {
        Box::pin(async {
            let consumer = Arc::clone(&self.consumer);
            let group = tokio::task::spawn_blocking(move || consumer.group_metadata()).await.unwrap_or_default();
            match group {
                Some(group) => {
                    *lock(&self.group) = Some(Arc::new(group));
                    Ok(())
                }
                None => Err(Failure { outcome: Outcome::Abortable, error: error_of(Code::UnknownGroup) }),
            }
        })
    }

    fn is_ours(&self) -> bool {
        let ours: HashSet<AssignmentId> = self.consumer.snapshot().iter().map(|partition| partition.id).collect();
        lock(&self.participants).is_subset(&ours)
    }

    fn send_offsets<'a>(&'a self, commits: &'a [OffsetCommit]) -> Attempt<'a> {
        Box::pin(async move {
            let group = lock(&self.group).clone();
            let abortable = |error: Error| Failure { outcome: Outcome::Abortable, error };
            let group = group.ok_or_else(|| abortable(error_of(Code::UnknownGroup)))?;
            let mut list = TopicPartitionList::new();
            for OffsetCommit { source, next, metadata } in commits {
                let added = add_offset(&mut list, &source.topic, source.partition, *next, Some(metadata));
                added.map_err(|error| abortable(error.into()))?;
            }
            if commits.is_empty() {
                return Ok(());
            }
            self.call(move |native| native.send_offsets_to_transaction(&list, &group, CALL_TIMEOUT)).await
        })
    }

    fn commit(&self) -> Attempt<'_> {
        Box::pin(self.call(|native| native.commit_transaction(CALL_TIMEOUT)))
    }

    fn abort(&self) -> Attempt<'_> {
        self.producer.enter(0);
        Box::pin(self.call(|native| native.abort_transaction(CALL_TIMEOUT)))
    }
}
