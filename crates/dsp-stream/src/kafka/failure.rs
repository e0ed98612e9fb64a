//! Errors of librdkafka as errors of this crate.

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode as Code;

use super::codes::{error_name, error_text};
use crate::error::{Error, KafkaFailure};

/// Returns a failure for which librdkafka has no code.
pub(crate) fn failure(code: &str, message: impl Into<String>) -> Error {
    Error::Kafka(KafkaFailure { code: code.into(), message: message.into(), retriable: false, fatal: false })
}

/// Returns the error of a code of librdkafka.
pub fn error_of(code: Code) -> Error {
    Error::Kafka(code_report(code, &error_text(code)))
}

/// Returns a failure by its code, with a more detailed message.
pub(crate) fn code_report(code: Code, message: &str) -> KafkaFailure {
    KafkaFailure {
        code: error_name(code),
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
                code: error_name(e.code()),
                message: e.string(),
                retriable: e.is_retriable(),
                fatal: e.is_fatal(),
            }),
            KafkaError::MessageConsumptionFatal(code) => {
                Self::Kafka(KafkaFailure { fatal: true, ..code_report(*code, &error_text(*code)) })
            }
            other => match other.rdkafka_error_code() {
                Some(code) => Self::Kafka(code_report(code, &error_text(code))),
                None => failure("_FAIL", other.to_string()),
            },
        }
    }
}

/// Returns whether the same call may succeed later without intervention.
pub(crate) fn is_retriable(code: Code) -> bool {
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
