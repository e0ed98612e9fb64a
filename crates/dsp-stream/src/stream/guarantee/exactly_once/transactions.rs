//! The transactions of one producer, as the transactor uses them.

use std::future::Future;
use std::pin::Pin;

use super::coordinator::Outcome;
use crate::error::Error;
use crate::stream::protocol::command::OffsetCommit;

/// The failure of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// How to continue.
    pub outcome: Outcome,
    /// The error.
    pub error: Error,
}

/// Returns a failure after which everything starts again at the last commit.
pub fn abortable(error: Error) -> Failure {
    Failure { outcome: Outcome::Abortable, error }
}

/// A call to the broker under way.
pub type Attempt<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The transactions of one producer. The partitions' `Port` sends outputs and reads committed offsets.
pub trait Transactions: Send + Sync {
    /// Opens a transaction, in which the partitions may send; the first call ends a transaction that a predecessor has
    /// left open. Returns its number, which is above 0 and increases.
    fn begin(&self) -> Attempt<'_, u64>;
    /// Takes the consumer's group metadata.
    fn group(&self) -> Attempt<'_>;
    /// Returns whether every partition that has sent something in this transaction is still assigned as it was then.
    fn is_ours(&self) -> bool;
    /// Sends offsets to the transaction, with the group metadata taken before.
    fn send_offsets<'a>(&'a self, commits: &'a [OffsetCommit]) -> Attempt<'a>;
    /// Commits.
    fn commit(&self) -> Attempt<'_>;
    /// Aborts; from then on no output of this transaction is sent.
    fn abort(&self) -> Attempt<'_>;
}
