//! The handles of a transactor for partitions and the stream.

use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{Error, Result};

/// A request to the transactor.
#[derive(Debug)]
pub enum Request {
    /// There is something to commit.
    Pending,
    /// A checkpoint is due.
    Due,
    /// Make a checkpoint and send its outcome.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// Commit the transaction with this number and send the outcome.
    Commit(u64, oneshot::Sender<Result<()>>),
    /// Do not commit the transaction with this number.
    MustAbort(u64, Error),
}

/// The handle of partitions and of the stream.
#[derive(Debug, Clone)]
pub struct Handle {
    requests: mpsc::UnboundedSender<Request>,
    /// Number of the transaction in which messages may be processed, 0 = none.
    gate: watch::Receiver<u64>,
}

impl Handle {
    /// Returns a handle that sends its requests to `requests`; `gate` has the number of the open transaction, 0 = none.
    pub fn new(requests: mpsc::UnboundedSender<Request>, gate: watch::Receiver<u64>) -> Self {
        Self { requests, gate }
    }

    /// Returns the number of the transaction in which messages may be processed now.
    pub fn transaction(&self) -> Option<u64> {
        Some(*self.gate.borrow()).filter(|number| *number > 0)
    }

    /// [`Self::transaction`], after which `changed` waits for the next change.
    pub fn look(&mut self) -> Option<u64> {
        Some(*self.gate.borrow_and_update()).filter(|number| *number > 0)
    }

    /// Waits until the open transaction differs from that of the last `look`.
    pub async fn changed(&mut self) {
        if self.gate.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Reports that there is something to commit.
    pub fn has_pending(&self) {
        let _ = self.requests.send(Request::Pending);
    }

    /// Asks for a checkpoint soon.
    pub fn request_checkpoint(&self) {
        let _ = self.requests.send(Request::Due);
    }

    /// Reports that a transaction must not be committed.
    pub fn must_abort(&self, transaction: u64, why: Error) {
        let _ = self.requests.send(Request::MustAbort(transaction, why));
    }

    /// Makes a checkpoint now; when this resolves, everything processed before the call is committed.
    ///
    /// # Errors
    /// The reason why the transaction was aborted.
    pub async fn checkpoint(&self) -> Result<()> {
        let (answer, outcome) = oneshot::channel();
        let _ = self.requests.send(Request::Checkpoint(answer));
        outcome.await.unwrap_or_else(|_| Err(ended()))
    }

    /// Commits a transaction now, whatever it contains; returns false if it was not committed, or if that is unknown.
    pub async fn commit(&self, transaction: u64) -> bool {
        let (answer, outcome) = oneshot::channel();
        let _ = self.requests.send(Request::Commit(transaction, answer));
        matches!(outcome.await, Ok(Ok(())))
    }
}

/// Returns the error of a stream that has ended.
pub fn ended() -> Error {
    Error::Store { code: "CLOSED", message: "the stream has ended".into(), retriable: false }
}
