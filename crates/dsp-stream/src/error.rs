//! Errors of streaming as data. The bindings turn them into JavaScript classes; texts are never parsed.

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of Kafka, of a codec or of a state store.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A wrong option or argument (a `TypeError` in JavaScript).
    #[error("{0}")]
    Argument(String),
    /// A payload that its codec cannot read.
    #[error("{0}")]
    Decode(String),
    /// A failure that Kafka or its client reports.
    #[error("{0}")]
    Kafka(KafkaFailure),
    /// A failure of a state store.
    #[error("{message}")]
    Store {
        /// Short name, such as `CORRUPT` or `UNAVAILABLE`.
        code: &'static str,
        /// Sentence for the user.
        message: String,
        /// Whether the same call may succeed later.
        retriable: bool,
    },
    /// A state scope now belongs to a later owner.
    #[error("{scope} is owned by {owner} (epoch {theirs}, ours is {ours})")]
    Fenced {
        /// The scope.
        scope: String,
        /// Epoch of the lease that was used.
        ours: i64,
        /// Epoch in the store.
        theirs: i64,
        /// Owner in the store.
        owner: String,
    },
    /// The folder of an embedded store belongs to another process.
    #[error("the state store at {path} is locked by process {pid}")]
    Locked {
        /// Folder of the store.
        path: String,
        /// Process that holds the lock, 0 = unknown.
        pid: u32,
    },
    /// The file of an embedded store is damaged.
    #[error("the state store {file} is damaged: {what}")]
    Corrupted {
        /// Path of the file.
        file: String,
        /// Description of the damage.
        what: String,
    },
    /// The stored states belong to another pipeline or program.
    #[error("{0}")]
    Definition(String),
    /// Requested messages are not in the log.
    #[error("offset {wanted} of {topic}/{partition} is not in the log, which has {low} to {high}")]
    DataLoss {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// Requested offset.
        wanted: i64,
        /// First offset of the log.
        low: i64,
        /// Offset after the last one of the log.
        high: i64,
    },
    /// The state for the group's offset is not in this store.
    #[error("the state of {topic}/{partition} is not in this store: {why}")]
    StateMissing {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The store that has it, if known.
        store: String,
        /// The reason, as far as it is known.
        why: String,
    },
}

/// A failure with librdkafka's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaFailure {
    /// librdkafka's name without prefix, such as `TOPIC_AUTHORIZATION_FAILED` or `_TRANSPORT`.
    pub code: String,
    /// Sentence for the user.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retriable: bool,
    /// Whether the client is unusable from now on.
    pub fatal: bool,
}

impl std::fmt::Display for KafkaFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error {
    /// Returns the error about a wrong option or argument.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::Argument(message.into())
    }

    /// Returns an internal error, for a panic in this package.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        let message = format!("internal error, please report it: {what}");
        Self::Store { code: "INTERNAL", message, retriable: false }
    }

    /// Returns whether it is a state store that does not answer at the moment.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store { retriable: true, .. })
    }

    /// Returns the error about a payload that its codec cannot read.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::Decode(message.into())
    }
}
