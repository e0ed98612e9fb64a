//! Commands to the task of a partition, and its snapshot for a transaction.

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::store::{Entry, Lease, ManifestUpdate};
use crate::topic::TopicPartition;

/// Outputs under way; resolves to the source offsets of those that every broker refuses for their size.
pub type Sending = JoinHandle<Result<Vec<i64>>>;

/// A command to the task of a partition.
#[derive(Debug)]
pub enum Command {
    /// Make a checkpoint now.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// Make a last checkpoint and end.
    Stop(oneshot::Sender<Result<()>>),
    /// Begin no new message.
    Pause(oneshot::Sender<Result<()>>),
    /// Continue, also after a stall.
    Resume(oneshot::Sender<Result<()>>),
    /// Send the state of a key as TOON.
    State(Vec<u8>, oneshot::Sender<Result<Option<Vec<u8>>>>),
    /// Stop between two messages and send the snapshot to be committed, if anything was processed; then wait for the
    /// verdict.
    Barrier(oneshot::Sender<Option<BarrierSnapshot>>),
    /// Start again at the committed offset, if anything was processed since.
    Rewind,
    /// Begin no new message any more: the partition is being revoked.
    Retire,
}

/// The offset of a partition that a transaction commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetCommit {
    /// The partition.
    pub source: TopicPartition,
    /// Offset of the first message that is not in any state.
    pub next: i64,
    /// Metadata of the commit.
    pub metadata: String,
}

/// The snapshot of a partition at the barrier, to be stored. The partition waits for the verdict.
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
    /// The write of the previous checkpoint's offset hint.
    pub hint: Option<JoinHandle<Result<()>>>,
    /// Receives whether the checkpoint is valid; dropped if it is not.
    pub verdict: oneshot::Sender<Result<(), CheckpointError>>,
}

/// The reason why a checkpoint has failed.
#[derive(Debug)]
pub enum CheckpointError {
    /// The outputs of the messages at these offsets are refused by every broker for their size.
    TooLarge(Vec<i64>),
    /// An output was not delivered, or the store refused.
    Failed(Error),
    /// The transaction was aborted, for any reason.
    Aborted,
}
