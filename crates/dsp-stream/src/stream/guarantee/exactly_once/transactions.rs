//! The transactions of one producer, as the transactor asks for them.

use std::future::Future;
use std::pin::Pin;

use super::coordinator::Outcome;
use crate::error::Error;
use crate::stream::protocol::command::OffsetCommit;

/// Why a step has failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// How it has to go on.
    pub outcome: Outcome,
    /// The error.
    pub error: Error,
}

/// A failure after which everything begins again at the last commit.
pub fn abortable(error: Error) -> Failure {
    Failure { outcome: Outcome::Abortable, error }
}

/// A call of the broker under way.
pub type Attempt<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The transactions of one producer. Outputs are sent, and committed offsets are read, by the partitions' `Port`.
pub trait Transactions: Send + Sync {
    /// Opens a transaction, for which the partitions may send; the first time it ends what a predecessor has left open.
    /// Returns its number, which is above 0 and rises.
    fn begin(&self) -> Attempt<'_, u64>;
    /// Takes the consumer's group metadata.
    fn group(&self) -> Attempt<'_>;
    /// Whether every partition that has sent something in this transaction is still assigned as it was then.
    fn is_ours(&self) -> bool;
    /// Sends offsets to the transaction, with the group metadata that was taken.
    fn send_offsets<'a>(&'a self, commits: &'a [OffsetCommit]) -> Attempt<'a>;
    /// Commits.
    fn commit(&self) -> Attempt<'_>;
    /// Aborts; from here on nothing is sent any more that was meant for this transaction.
    fn abort(&self) -> Attempt<'_>;
}
