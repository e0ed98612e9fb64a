//! Performs the coordinator's steps for all partitions of an instance.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::coordinator::{Coordinator, Outcome, Step};
use super::handle::{Handle, Request, ended};
use super::transactions::{Failure, Transactions, abortable};
use crate::error::{Error, Result};
use crate::store::StateStore;
use crate::stream::protocol::command::{BarrierSnapshot, CheckpointError, Command, OffsetCommit};
use crate::stream::protocol::config::CheckpointConfig;

/// First and longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// An event of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum TransactionEvent {
    /// A transaction was committed.
    Committed,
    /// A transaction was aborted.
    Aborted,
    /// A step failed and is repeated.
    Failed(Error),
}

/// Returns the command channels of all partitions, also of those that are being revoked.
pub type Members = Box<dyn Fn() -> Vec<mpsc::UnboundedSender<Command>> + Send + Sync>;

/// Performs the coordinator's steps.
pub struct Transactor<T> {
    coordinator: Coordinator,
    calls: T,
    store: Arc<dyn StateStore>,
    members: Members,
    config: CheckpointConfig,
    requests: mpsc::UnboundedReceiver<Request>,
    gate: watch::Sender<u64>,
    emit: Box<dyn Fn(TransactionEvent) + Send + Sync>,
    /// Number of the open transaction.
    number: u64,
    since: Instant,
    /// Number of the last committed transaction.
    committed: u64,
    has_pending: bool,
    waiting: Vec<oneshot::Sender<Result<()>>>,
    snapshots: Vec<BarrierSnapshot>,
    pause: Duration,
}

impl<T: Transactions> Transactor<T> {
    /// Returns a transactor that has not begun, and its handle.
    pub fn new(
        calls: T,
        store: Arc<dyn StateStore>,
        config: CheckpointConfig,
        members: Members,
        emit: impl Fn(TransactionEvent) + Send + Sync + 'static,
    ) -> (Self, Handle) {
        let (sender, requests) = mpsc::unbounded_channel();
        let (gate, watched) = watch::channel(0);
        let transactor = Self {
            coordinator: Coordinator::default(),
            calls,
            store,
            members,
            config,
            requests,
            gate,
            emit: Box::new(emit),
            number: 0,
            since: Instant::now(),
            committed: 0,
            has_pending: false,
            waiting: Vec::new(),
            snapshots: Vec::new(),
            pause: PAUSES.0,
        };
        (transactor, Handle::new(sender, watched))
    }

    /// Runs one transaction after the other; returns the reason why the clients must be replaced.
    pub async fn run(mut self) -> Error {
        let mut trying: Option<Instant> = None;
        loop {
            let step = self.coordinator.step();
            let Err(mut failure) = self.perform(step).await else {
                trying = None;
                self.coordinator.done(Outcome::Done);
                continue;
            };
            let first = trying.is_none();
            let since = *trying.get_or_insert_with(Instant::now);
            // A transaction may be waited for; what is to go into it may not, for the broker bounds its time.
            if failure.outcome == Outcome::Retriable
                && !matches!(step, Step::Begin | Step::Commit | Step::Abort)
                && since.elapsed() > self.config.timeout
            {
                failure.outcome = Outcome::Abortable;
            }
            self.coordinator.done(failure.outcome);
            match self.coordinator.step() {
                Step::Restart | Step::Failed => {
                    self.drop_all(&failure.error);
                    return failure.error;
                }
                Step::Abort if step != Step::Abort => {
                    trying = None;
                    self.drop_all(&failure.error);
                    (self.emit)(TransactionEvent::Failed(failure.error));
                }
                _ => {
                    if first {
                        (self.emit)(TransactionEvent::Failed(failure.error));
                    }
                    tokio::time::sleep(PAUSES.0).await;
                }
            }
        }
    }

    /// Discards everything of this transaction.
    fn drop_all(&mut self, why: &Error) {
        self.gate.send_replace(0);
        self.snapshots.clear();
        self.waiting.drain(..).for_each(|waiting| drop(waiting.send(Err(why.clone()))));
    }

    async fn perform(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Begin => {
                self.number = self.calls.begin().await?;
                (self.since, self.has_pending) = (Instant::now(), false);
                self.gate.send_replace(self.number);
                Ok(())
            }
            Step::Process => self.process().await,
            Step::Barrier => self.barrier().await,
            Step::Group => self.calls.group().await,
            Step::Owned => self.check_owned(),
            Step::Offsets => {
                let commits: Vec<OffsetCommit> =
                    self.snapshots.iter().map(|snapshot| snapshot.commit.clone()).collect();
                self.calls.send_offsets(&commits).await?;
                crate::failpoint!("after-txn-offsets");
                Ok(())
            }
            Step::Hints => self.hints().await,
            Step::Put => self.put().await,
            Step::Commit => {
                self.calls.commit().await?;
                crate::failpoint!("after-txn-commit");
                Ok(())
            }
            Step::Settle => {
                self.committed = self.number;
                (self.emit)(TransactionEvent::Committed);
                self.snapshots.drain(..).for_each(|snapshot| drop(snapshot.verdict.send(Ok(()))));
                self.waiting.drain(..).for_each(|waiting| drop(waiting.send(Ok(()))));
                self.pause = PAUSES.0;
                Ok(())
            }
            Step::Abort => {
                self.calls.abort().await?;
                (self.emit)(TransactionEvent::Aborted);
                Ok(())
            }
            Step::Rewind => {
                (self.members)().iter().for_each(|member| drop(member.send(Command::Rewind)));
                tokio::time::sleep(self.pause).await;
                self.pause = (2 * self.pause).min(PAUSES.1);
                Ok(())
            }
            Step::Restart | Step::Failed => Ok(()),
        }
    }

    /// Waits until a checkpoint is due.
    async fn process(&mut self) -> Result<(), Failure> {
        let due = tokio::time::Instant::from_std(self.since + self.config.interval);
        loop {
            tokio::select! {
                request = self.requests.recv() => match request {
                    None => std::future::pending().await,
                    Some(request) => if self.handle(request)? {
                        return Ok(());
                    },
                },
                () = tokio::time::sleep_until(due), if self.has_pending => return Ok(()),
            }
        }
    }

    /// Handles a request; returns whether a checkpoint is due.
    fn handle(&mut self, request: Request) -> Result<bool, Failure> {
        match request {
            Request::Pending => self.has_pending = true,
            Request::Due => return Ok(self.has_pending),
            Request::Checkpoint(answer) => {
                self.waiting.push(answer);
                return Ok(true);
            }
            Request::Commit(number, answer) if number == self.number && number != self.committed => {
                self.waiting.push(answer);
                return Ok(true);
            }
            Request::Commit(number, answer) => {
                let _ = answer.send(if number == self.committed { Ok(()) } else { Err(ended()) });
            }
            Request::MustAbort(number, error) if number == self.number => {
                return Err(Failure { outcome: Outcome::Abortable, error });
            }
            Request::MustAbort(..) => {}
        }
        Ok(false)
    }

    /// Stops all partitions, waits for their snapshots, then for their outputs.
    async fn barrier(&mut self) -> Result<(), Failure> {
        self.gate.send_replace(0);
        let mut answers = Vec::new();
        for member in (self.members)() {
            let (answer, snapshot) = oneshot::channel();
            let _ = member.send(Command::Barrier(answer));
            answers.push(snapshot);
        }
        let (limit, snapshots) = (self.config.timeout, &mut self.snapshots);
        let collected = timeout(limit, async {
            for answer in answers {
                // Of a partition that is gone, `is_ours` will say whether it has left something in the transaction.
                if let Ok(Some(snapshot)) = answer.await {
                    snapshots.push(snapshot);
                }
            }
            for snapshot in snapshots.iter_mut() {
                delivered(snapshot).await?;
            }
            Ok(())
        });
        collected.await.unwrap_or_else(|_| Err(late(limit)))?;
        crate::failpoint!("after-produce-ack");
        Ok(())
    }

    /// Checks that the transaction contains nothing of partitions that are no longer assigned.
    fn check_owned(&mut self) -> Result<(), Failure> {
        while let Ok(request) = self.requests.try_recv() {
            self.handle(request)?;
        }
        if self.calls.is_ours() {
            return Ok(());
        }
        let error = Error::Store {
            code: "REBALANCED",
            message: "a partition was lost before its outputs were committed".into(),
            retriable: true,
        };
        Err(Failure { outcome: Outcome::Abortable, error })
    }

    async fn hints(&mut self) -> Result<(), Failure> {
        for at in 0..self.snapshots.len() {
            let Some(hint) = self.snapshots[at].hint.take() else { continue };
            if let Err(error) = hint.await.unwrap_or_else(|e| Err(Error::argument(e.to_string()))) {
                return Err(self.refuse(at, error));
            }
        }
        Ok(())
    }

    async fn put(&mut self) -> Result<(), Failure> {
        crate::failpoint!("before-manifest");
        for at in 0..self.snapshots.len() {
            let snapshot = &self.snapshots[at];
            let put = self.store.put(&snapshot.lease, &snapshot.entries, Some(&snapshot.manifest));
            let stored = timeout(self.config.timeout, put).await;
            if let Err(error) = stored.unwrap_or_else(|_| Err(late(self.config.timeout).error)) {
                return Err(self.refuse(at, error));
            }
        }
        crate::failpoint!("after-manifest");
        Ok(())
    }

    /// Passes the store's refusal of a snapshot on to its partition.
    fn refuse(&mut self, at: usize, error: Error) -> Failure {
        let snapshot = self.snapshots.swap_remove(at);
        let _ = snapshot.verdict.send(Err(CheckpointError::Failed(error.clone())));
        abortable(error)
    }
}

/// Waits until the brokers have acknowledged all outputs of a snapshot.
async fn delivered(snapshot: &mut BarrierSnapshot) -> Result<(), Failure> {
    for send in snapshot.sends.drain(..) {
        let sent = send.await.unwrap_or_else(|e| Err(Error::argument(e.to_string())));
        let too_large = sent.map_err(abortable)?;
        if !too_large.is_empty() {
            let (verdict, _) = oneshot::channel();
            let verdict = std::mem::replace(&mut snapshot.verdict, verdict);
            let _ = verdict.send(Err(CheckpointError::TooLarge(too_large)));
            return Err(abortable(Error::decode("an output is too large for its topic")));
        }
    }
    Ok(())
}

fn late(limit: Duration) -> Failure {
    let message = format!("the checkpoint was not ready within {} ms", limit.as_millis());
    abortable(Error::Store { code: "TIMED_OUT", message, retriable: true })
}
