//! The connection of one partition with Kafka.

use tokio::sync::mpsc;

use super::message::{Message, Output};
use crate::error::Result;
use crate::store::Call as Reply;
use crate::topic::{CommittedOffset, KeyedRecord, Watermarks};

/// The connection of one partition with Kafka: its messages, the output topic, the group's offset, the changelog.
pub trait Port: Send + Sync {
    /// Waits for the next messages and returns them in offset order, from the current position. Dropping the reply
    /// loses no message. Fails with `DataLoss` if they are no longer in the log.
    fn take(&self) -> Reply<'_, Vec<Message>>;
    /// Returns whether the producer accepts an output of this size. The broker may still refuse it.
    fn fits(&self, output: &Output) -> bool;
    /// Sends outputs and dead letters at once; resolves when all are acknowledged, with the source offsets of those
    /// that every broker refuses for their size.
    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>>;
    /// Moves to an offset: the next message is this one or, if it does not exist, a later one.
    fn rewind(&self, offset: i64) -> Reply<'_, ()>;
    /// Marks everything below `next` as done, to be committed with `metadata`.
    fn done(&self, next: i64, metadata: &str);
    /// Returns the group's committed offset, as of the assignment or as set by `done` since. Fails if the brokers do
    /// not answer, which differs from an offset that does not exist.
    fn committed(&self) -> Reply<'_, Option<CommittedOffset>>;
    /// Returns the group's committed offset once no transaction under way can change it any more.
    fn stable_offset(&self) -> Reply<'_, Option<CommittedOffset>>;
    /// Makes everything sent from now on part of this transaction; in any other transaction it fails.
    fn enter(&self, transaction: u64);
    /// Writes records to the partition's changelog; resolves when they are acknowledged.
    fn log(&self, records: Vec<KeyedRecord>) -> Reply<'static, ()>;
    /// Reads the changelog, oldest first.
    fn replay(&self) -> mpsc::Receiver<Result<Vec<KeyedRecord>>>;
    /// Asks the brokers for the watermarks of the partition.
    fn watermarks(&self) -> Reply<'_, Watermarks>;
}
