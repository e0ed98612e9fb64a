//! What lasts from one restoring of a partition to the next, and how that ends.

use std::collections::VecDeque;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::PATIENCE;
use crate::error::{Error, Result};
use crate::store::Lease;
use crate::stream::CheckpointConfig;
use crate::stream::message::Message;

/// Why a session ended.
pub(super) enum End {
    /// It was asked to.
    Stopped,
    /// The states in memory are of no use; again from the last checkpoint.
    Again(Error),
    /// The same, without a pause and without a word.
    Restore,
    Fenced(Error),
    Stalled(Error),
    /// The states are good: they are stored first, then the partition stalls, or is restored.
    Halted {
        error: Error,
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
    pub(super) fn error(&self) -> Error {
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

pub(super) type Step<T = ()> = std::result::Result<T, End>;
/// Outputs under way, with the sources of those that are too large.
pub type Sent = JoinHandle<Result<Vec<i64>>>;

/// What lasts from one restoring to the next.
pub(super) struct Session {
    pub(super) lease: Lease,
    /// Number of the last checkpoint that was begun.
    pub(super) seq: u64,
    pub(super) partitions: u32,
    pub(super) position: i64,
    /// Messages since the last barrier.
    pub(super) pending: usize,
    pub(super) since: Instant,
    pub(super) sends: VecDeque<Sent>,
    pub(super) saving: Option<Saving>,
    pub(super) waiting: Vec<oneshot::Sender<Result<()>>>,
    /// Messages whose states could not be read, and when to try again.
    pub(super) backlog: Option<(Vec<Message>, tokio::time::Instant)>,
    /// The transaction in which the messages since the last barrier were processed.
    pub(super) transaction: u64,
    /// The hint of the last checkpoint, under way.
    pub(super) hint: Option<JoinHandle<Result<()>>>,
}

impl Session {
    pub(super) fn new(lease: Lease, seq: u64, partitions: u32, position: i64) -> Self {
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

    /// Whether so much is not stored that processing has to wait for the store.
    pub(super) fn is_late(&self, config: &CheckpointConfig) -> bool {
        self.pending >= PATIENCE * config.every_messages
            || self.pending > 0 && self.since.elapsed() >= PATIENCE as u32 * config.interval
    }
}

/// A checkpoint under way.
pub(super) struct Saving {
    pub(super) task: JoinHandle<std::result::Result<(), SaveError>>,
    pub(super) snapshot: u64,
    pub(super) seq: u64,
    pub(super) next: i64,
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) begun: Instant,
    pub(super) answer: Vec<oneshot::Sender<Result<()>>>,
}

/// Why a checkpoint does not count.
#[derive(Debug)]
pub enum SaveError {
    /// Outputs of these messages are too large.
    TooLarge(Vec<i64>),
    /// An output was not delivered, or the store refused.
    Failed(Error),
    /// The transaction was aborted, for whatever reason.
    Aborted,
}
