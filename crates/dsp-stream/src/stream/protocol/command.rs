//! Commands to the task of a partition, and its snapshot for a transaction.

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::store::{Entry, Lease, ManifestUpdate};
use crate::topic::TopicPartition;

/// Outputs under way; resolves with the sources of those that are too large for any broker.
pub type Sending = JoinHandle<Result<Vec<i64>>>;

/// A command to the task of a partition.
#[derive(Debug)]
pub enum Command {
    /// Make a checkpoint now.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// Make a last checkpoint and end.
    Stop(oneshot::Sender<Result<()>>),
    /// Begin no message.
    Pause(oneshot::Sender<Result<()>>),
    /// Go on, also after a stall.
    Resume(oneshot::Sender<Result<()>>),
    /// Return the state of a key as TOON.
    State(Vec<u8>, oneshot::Sender<Result<Option<Vec<u8>>>>),
    /// Stop behind a message and return the snapshot to be committed, if anything was processed; then wait for the
    /// verdict.
    Barrier(oneshot::Sender<Option<BarrierSnapshot>>),
    /// Begin again at the committed offset, if anything was processed since.
    Rewind,
    /// Begin no message any more: the partition is being given up.
    Retire,
}

/// The offset of a partition that a transaction commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetCommit {
    /// The partition.
    pub source: TopicPartition,
    /// Offset of the first message that is in no state.
    pub next: i64,
    /// Metadata of the commit.
    pub metadata: String,
}

/// A partition at the barrier: what it wants to have stored. It waits for the verdict.
#[derive(Debug)]
pub struct BarrierSnapshot {
    /// The offset to commit.
    pub commit: OffsetCommit,
    /// Its right to write.
    pub lease: Lease,
    /// The states that have changed.
    pub entries: Vec<Entry>,
    /// The manifest, without an offset.
    pub manifest: ManifestUpdate,
    /// Outputs under way.
    pub sends: Vec<Sending>,
    /// The offset hint of the checkpoint before, being stored.
    pub hint: Option<JoinHandle<Result<()>>>,
    /// Whether the checkpoint counts; dropped where it does not.
    pub verdict: oneshot::Sender<Result<(), CheckpointError>>,
}

/// Why a checkpoint does not count.
#[derive(Debug)]
pub enum CheckpointError {
    /// Outputs of the messages at these offsets are too large for any broker.
    TooLarge(Vec<i64>),
    /// An output was not delivered, or the store refused.
    Failed(Error),
    /// The transaction was aborted, for whatever reason.
    Aborted,
}
