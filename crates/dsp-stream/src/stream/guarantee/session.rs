//! The session of a partition: from one restoring to the next, and how it ends.

use std::collections::VecDeque;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::store::Lease;
use crate::stream::protocol::command::{CheckpointError, Sending};
use crate::stream::protocol::config::CheckpointConfig;
use crate::stream::protocol::message::Message;

/// A checkpoint that is late by this factor stops processing.
const LATE_FACTOR: usize = 10;

/// Why a session ended.
#[derive(Debug)]
pub enum End {
    /// It was asked to.
    Stopped,
    /// The states in memory are of no use; again from the last checkpoint.
    Again(Error),
    /// The same, without a pause and without an event.
    Restore,
    /// Another owner has acquired the scope.
    Fenced(Error),
    /// Only the user can go on.
    Stalled(Error),
    /// The states are good: they are stored first, then the partition stalls, or is restored.
    Halted {
        /// Why.
        error: Error,
        /// Whether it stalls.
        stall: bool,
    },
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::Fenced { .. } => Self::Fenced(error),
            Error::Store { code: "SCOPE_CHANGED", .. } => Self::Again(error),
            Error::Store { retriable: false, .. } | Error::Definition(_) => Self::Stalled(error),
            Error::DataLoss { .. } | Error::StateMissing { .. } => Self::Stalled(error),
            error => Self::Again(error),
        }
    }
}

impl End {
    /// The error for whoever waits for the session.
    pub fn error(&self) -> Error {
        match self {
            Self::Again(error) | Self::Fenced(error) | Self::Stalled(error) | Self::Halted { error, .. } => {
                error.clone()
            }
            Self::Stopped => Error::Store {
                code: "REBALANCED",
                message: "a partition was given up before its outputs were committed".into(),
                retriable: true,
            },
            Self::Restore => Error::decode("a message cannot be processed; the partition begins again"),
        }
    }
}

/// The result of a step; an error ends the session.
pub type Step<T = ()> = std::result::Result<T, End>;

/// The session of a partition.
pub struct Session {
    /// The right to write the scope.
    pub lease: Lease,
    /// Number of the last checkpoint that was begun.
    pub seq: u64,
    /// Number of partitions of the topic.
    pub partitions: u32,
    /// Offset of the next message.
    pub position: i64,
    /// Number of messages since the last checkpoint.
    pub pending: usize,
    /// When the last checkpoint began.
    pub since: Instant,
    /// Outputs under way, oldest first.
    pub sends: VecDeque<Sending>,
    /// The checkpoint under way.
    pub saving: Option<Saving>,
    /// Callers that wait for the next checkpoint.
    pub waiting: Vec<oneshot::Sender<Result<()>>>,
    /// Messages whose states could not be read, and when to try again.
    pub backlog: Option<(Vec<Message>, tokio::time::Instant)>,
    /// The transaction in which the messages since the last checkpoint were processed.
    pub transaction: u64,
    /// The offset hint of the last checkpoint, being stored.
    pub hint: Option<JoinHandle<Result<()>>>,
}

impl Session {
    /// A session that starts at `position`, after checkpoint number `seq`.
    pub fn new(lease: Lease, seq: u64, partitions: u32, position: i64) -> Self {
        Self {
            lease,
            seq,
            partitions,
            position,
            pending: 0,
            since: Instant::now(),
            sends: VecDeque::new(),
            saving: None,
            waiting: Vec::new(),
            backlog: None,
            transaction: 0,
            hint: None,
        }
    }

    /// Whether a checkpoint is due for the number of messages.
    pub fn is_full(&self, config: &CheckpointConfig) -> bool {
        self.pending >= config.every_messages
    }

    /// Whether so much is not stored that processing has to wait for the store.
    pub fn is_late(&self, config: &CheckpointConfig) -> bool {
        self.pending >= LATE_FACTOR * config.every_messages
            || self.pending > 0 && self.since.elapsed() >= LATE_FACTOR as u32 * config.interval
    }

    /// Begins to count for the next checkpoint.
    pub fn begin_saving(&mut self, saving: Saving) {
        self.saving = Some(saving);
        (self.pending, self.since) = (0, Instant::now());
    }
}

/// A checkpoint under way.
pub struct Saving {
    /// Resolves when it is stored, or does not count.
    pub task: JoinHandle<std::result::Result<(), CheckpointError>>,
    /// Number of the snapshot of the states.
    pub snapshot: u64,
    /// Its number.
    pub seq: u64,
    /// Offset of the first message that is not in it.
    pub next: i64,
    /// Number of states in it.
    pub records: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// When it began.
    pub begun: Instant,
    /// Callers that wait for it.
    pub waiting: Vec<oneshot::Sender<Result<()>>>,
}

/// Waits for the result of the checkpoint under way, for ever where there is none. May be dropped and called again.
pub async fn saved(saving: &mut Option<Saving>) -> std::result::Result<(), CheckpointError> {
    match saving {
        Some(saving) => {
            (&mut saving.task).await.unwrap_or_else(|e| Err(CheckpointError::Failed(Error::argument(e.to_string()))))
        }
        None => std::future::pending().await,
    }
}
