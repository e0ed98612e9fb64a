//! The ends of a transactor that partitions and the stream hold.

use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{Error, Result};

/// A request to the transactor.
#[derive(Debug)]
pub enum Request {
    /// There is something to commit.
    Pending,
    /// A checkpoint is due.
    Due,
    /// Make a checkpoint and return its outcome.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// The same for the transaction of this number.
    Commit(u64, oneshot::Sender<Result<()>>),
    /// Do not commit the transaction of this number.
    MustAbort(u64, Error),
}

/// The partitions' and the stream's end.
#[derive(Debug, Clone)]
pub struct Handle {
    requests: mpsc::UnboundedSender<Request>,
    /// Number of the transaction in which messages may be processed, 0 = none.
    gate: watch::Receiver<u64>,
}

impl Handle {
    /// A handle that sends its requests to `requests`; `gate` has the number of the open transaction, 0 = none.
    pub fn new(requests: mpsc::UnboundedSender<Request>, gate: watch::Receiver<u64>) -> Self {
        Self { requests, gate }
    }

    /// The transaction in which messages may be processed now.
    pub fn transaction(&self) -> Option<u64> {
        Some(*self.gate.borrow()).filter(|number| *number > 0)
    }

    /// The same, after which `changed` waits for the next.
    pub fn look(&mut self) -> Option<u64> {
        Some(*self.gate.borrow_and_update()).filter(|number| *number > 0)
    }

    /// Waits until another transaction may be used than at the last `look`, or none.
    pub async fn changed(&mut self) {
        if self.gate.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Says that there is something to commit.
    pub fn has_pending(&self) {
        let _ = self.requests.send(Request::Pending);
    }

    /// Asks for a checkpoint soon.
    pub fn request_checkpoint(&self) {
        let _ = self.requests.send(Request::Due);
    }

    /// Says that a transaction must not be committed.
    pub fn must_abort(&self, transaction: u64, why: Error) {
        let _ = self.requests.send(Request::MustAbort(transaction, why));
    }

    /// Makes a checkpoint now; when this resolves, all that was processed before the call is committed.
    ///
    /// # Errors
    /// The reason for which the transaction was aborted.
    pub async fn checkpoint(&self) -> Result<()> {
        let (answer, outcome) = oneshot::channel();
        let _ = self.requests.send(Request::Checkpoint(answer));
        outcome.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Has a transaction committed now, whatever is in it; false = it was not, or nobody knows.
    pub async fn commit(&self, transaction: u64) -> bool {
        let (answer, outcome) = oneshot::channel();
        let _ = self.requests.send(Request::Commit(transaction, answer));
        matches!(outcome.await, Ok(Ok(())))
    }
}

/// The error of a stream that has ended.
pub fn ended() -> Error {
    Error::Store { code: "CLOSED", message: "the stream has ended".into(), retriable: false }
}
