//! The session of a partition: the time from one restore to the next, and the reason of its end.

use std::collections::VecDeque;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::store::Lease;
use crate::stream::protocol::command::{CheckpointError, Sending};
use crate::stream::protocol::config::CheckpointConfig;
use crate::stream::protocol::message::Message;

/// Factor by which a checkpoint may be late before processing stops.
const LATE_FACTOR: usize = 10;

/// The reason why a session ended.
#[derive(Debug)]
pub enum End {
    /// It was told to stop.
    Stopped,
    /// The states in memory cannot be used; start again at the last checkpoint.
    Again(Error),
    /// As [`End::Again`], without a pause and without an event.
    Restore,
    /// Another owner has acquired the scope.
    Fenced(Error),
    /// The user must intervene.
    Stalled(Error),
    /// The states are valid: they are stored first, then the partition stalls, or restarts.
    Halted {
        /// The reason.
        error: Error,
        /// Whether the partition stalls.
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
    /// Returns the error for those who wait for the session.
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
    /// Messages whose states could not be read, and the time of the next attempt.
    pub backlog: Option<(Vec<Message>, tokio::time::Instant)>,
    /// The transaction in which the messages since the last checkpoint were processed.
    pub transaction: u64,
    /// The write of the last checkpoint's offset hint.
    pub hint: Option<JoinHandle<Result<()>>>,
}

impl Session {
    /// Returns a session that starts at `position`, after checkpoint number `seq`.
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

    /// Returns whether the number of messages makes a checkpoint due.
    pub fn is_full(&self, config: &CheckpointConfig) -> bool {
        self.pending >= config.every_messages
    }

    /// Returns whether so much is unsaved that processing must wait for the store.
    pub fn is_late(&self, config: &CheckpointConfig) -> bool {
        self.pending >= LATE_FACTOR * config.every_messages
            || self.pending > 0 && self.since.elapsed() >= LATE_FACTOR as u32 * config.interval
    }

    /// Starts counting for the next checkpoint.
    pub fn begin_saving(&mut self, saving: Saving) {
        self.saving = Some(saving);
        (self.pending, self.since) = (0, Instant::now());
    }
}

/// A checkpoint under way.
pub struct Saving {
    /// Resolves when it is stored, or has failed.
    pub task: JoinHandle<std::result::Result<(), CheckpointError>>,
    /// Number of the snapshot of the states.
    pub snapshot: u64,
    /// Number of the checkpoint.
    pub seq: u64,
    /// Offset of the first message that is not in it.
    pub next: i64,
    /// Number of states that it contains.
    pub records: usize,
    /// Size of these states in bytes.
    pub bytes: usize,
    /// Time at which it began.
    pub begun: Instant,
    /// Callers that wait for it.
    pub waiting: Vec<oneshot::Sender<Result<()>>>,
}

/// Waits for the result of the checkpoint under way, for ever if there is none. The future may be dropped and the call
/// repeated.
pub async fn saved(saving: &mut Option<Saving>) -> std::result::Result<(), CheckpointError> {
    match saving {
        Some(saving) => {
            (&mut saving.task).await.unwrap_or_else(|e| Err(CheckpointError::Failed(Error::argument(e.to_string()))))
        }
        None => std::future::pending().await,
    }
}
