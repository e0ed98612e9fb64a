//! The outside of one partition.

use tokio::sync::mpsc;

use super::message::{Message, Output};
use crate::error::Result;
use crate::store::Call as Reply;
use crate::topic::{CommittedOffset, KeyedRecord, Watermarks};

/// The outside of one partition: its messages, the output topic, the group's offset, the changelog.
pub trait Port: Send + Sync {
    /// Waits for the next messages and returns them in offset order, from where the partition was moved to. Nothing is
    /// lost when the reply is dropped. Fails with `DataLoss` where they are not in the log any more.
    fn take(&self) -> Reply<'_, Vec<Message>>;
    /// Whether the producer takes an output of this size. The broker may still refuse it.
    fn fits(&self, output: &Output) -> bool;
    /// Sends outputs and dead letters at once; resolves when all are acknowledged, with the sources of those that are
    /// too large for any broker.
    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>>;
    /// Moves to an offset: the next message is this one or, if it does not exist, a later one.
    fn rewind(&self, offset: i64) -> Reply<'_, ()>;
    /// Marks everything below `next` as done, to be committed with `metadata`.
    fn done(&self, next: i64, metadata: &str);
    /// The group's committed offset, as it stood at the assignment or was set by `done` since. Fails where the brokers
    /// do not say: not to know it is not the same as that there is none.
    fn committed(&self) -> Reply<'_, Option<CommittedOffset>>;
    /// The group's committed offset as it stands, once no transaction that is under way can change it any more.
    fn stable_offset(&self) -> Reply<'_, Option<CommittedOffset>>;
    /// Makes everything sent from here on part of this transaction; it fails in another.
    fn enter(&self, transaction: u64);
    /// Writes records to the partition's changelog; resolves when they are acknowledged.
    fn log(&self, records: Vec<KeyedRecord>) -> Reply<'static, ()>;
    /// Reads the changelog, oldest first.
    fn replay(&self) -> mpsc::Receiver<Result<Vec<KeyedRecord>>>;
    /// Asks the brokers for the watermarks of the partition.
    fn watermarks(&self) -> Reply<'_, Watermarks>;
}
