//! The Kafka client: options, embedded broker, producer and consumer.

pub(crate) mod changelog;
mod client;
pub mod consumer;
pub mod embedded;
mod features;
mod ffi;
pub(crate) mod mailbox;
pub mod options;
pub mod producer;
pub(crate) mod topics;

pub use client::{Notice, Token};
pub use mailbox::Notify;

use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, KafkaFailure};

/// Locks; a panic of another holder leaves nothing half done in what this crate locks.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds the offset of a partition to a list that is to be committed, and what is committed beside it.
///
/// # Errors
/// Where librdkafka refuses the offset.
pub(crate) fn add_offset(
    list: &mut TopicPartitionList,
    topic: &str,
    partition: i32,
    offset: i64,
    metadata: Option<&str>,
) -> KafkaResult<()> {
    list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    if let Some(metadata) = metadata
        && let Some(mut element) = list.find_partition(topic, partition)
    {
        element.set_metadata(metadata);
    }
    Ok(())
}

/// A failure that librdkafka has no code for.
fn failure(code: &str, message: impl Into<String>) -> Error {
    Error::Kafka(KafkaFailure { code: code.into(), message: message.into(), retriable: false, fatal: false })
}

/// The error that a code of librdkafka stands for.
pub fn error_of(code: Code) -> Error {
    code_failure(code)
}

/// A failure by its code.
fn code_failure(code: Code) -> Error {
    Error::Kafka(code_report(code, &ffi::error_text(code)))
}

/// A failure by its code, with more words than the code has.
fn code_report(code: Code, message: &str) -> KafkaFailure {
    KafkaFailure {
        code: ffi::error_name(code),
        message: message.into(),
        retriable: is_retriable(code),
        fatal: matches!(code, Code::Fatal | Code::Fenced | Code::FencedInstanceId),
    }
}

impl From<KafkaError> for Error {
    fn from(error: KafkaError) -> Self {
        match &error {
            KafkaError::ClientConfig(_, reason, _, _) => Self::argument(reason.clone()),
            KafkaError::ClientCreation(reason) => Self::argument(reason.clone()),
            KafkaError::Transaction(e) => Self::Kafka(KafkaFailure {
                code: ffi::error_name(e.code()),
                message: e.string(),
                retriable: e.is_retriable(),
                fatal: e.is_fatal(),
            }),
            KafkaError::MessageConsumptionFatal(code) => {
                Self::Kafka(KafkaFailure { fatal: true, ..code_report(*code, &ffi::error_text(*code)) })
            }
            other => match other.rdkafka_error_code() {
                Some(code) => Self::Kafka(code_report(code, &ffi::error_text(code))),
                None => failure("_FAIL", other.to_string()),
            },
        }
    }
}

/// Whether the same call may succeed later without anybody's doing.
fn is_retriable(code: Code) -> bool {
    matches!(
        code,
        Code::BrokerTransportFailure
            | Code::Resolve
            | Code::AllBrokersDown
            | Code::OperationTimedOut
            | Code::MessageTimedOut
            | Code::TimedOutQueue
            | Code::QueueFull
            | Code::WaitingForCoordinator
            | Code::WaitCache
            | Code::Retry
            | Code::InProgress
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
            | Code::RequestTimedOut
            | Code::BrokerNotAvailable
            | Code::ReplicaNotAvailable
            | Code::NetworkException
            | Code::CoordinatorLoadInProgress
            | Code::CoordinatorNotAvailable
            | Code::NotCoordinator
            | Code::NotEnoughReplicas
            | Code::NotEnoughReplicasAfterAppend
            | Code::RebalanceInProgress
            | Code::UnknownTopicOrPartition
            | Code::UnstableOffsetCommit
    )
}
