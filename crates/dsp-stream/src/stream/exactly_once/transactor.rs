//! Carries out what the coordinator says, for all partitions of an instance.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Coordinator, Outcome, Step};
use crate::error::{Error, Result};
use crate::store::{Entry, Lease, ManifestUpdate, StateStore};
use crate::stream::CheckpointConfig;
use crate::stream::partition::{Command, SaveError, Sent};

/// Pauses between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Why a step has failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What follows from it.
    pub outcome: Outcome,
    /// What happened.
    pub error: Error,
}

/// A call of the broker under way.
pub type Attempt<'a, T = ()> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The transactions of one producer. Outputs are sent, and committed offsets are read, by the partitions' `Port`.
pub trait Transactions: Send + Sync {
    /// Opens a transaction, for which the partitions may send; the first time it makes an end of what a predecessor has left
    /// open. Gives its number, which is above 0 and rises.
    fn begin(&self) -> Attempt<'_, u64>;
    /// Takes the consumer's group metadata.
    fn group(&self) -> Attempt<'_>;
    /// Whether every partition that has sent something in this transaction is still assigned as it was then.
    fn is_ours(&self) -> bool;
    /// Sends offsets to the transaction, with the group metadata that was taken.
    fn send_offsets<'a>(&'a self, places: &'a [Place]) -> Attempt<'a>;
    /// Commits.
    fn commit(&self) -> Attempt<'_>;
    /// Aborts; from here on nothing is sent any more that was meant for this transaction.
    fn abort(&self) -> Attempt<'_>;
}

/// Where a partition goes on after a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Offset of the first message that is in no state.
    pub next: i64,
    /// What is committed beside it.
    pub metadata: String,
}

/// A partition at the barrier: what it wants to have stored. It waits for the verdict.
#[derive(Debug)]
pub struct Copy {
    /// Where it goes on.
    pub place: Place,
    /// Its right to write.
    pub lease: Lease,
    /// The states that have changed.
    pub entries: Vec<Entry>,
    /// The manifest, without a place.
    pub manifest: ManifestUpdate,
    /// Outputs under way.
    pub sends: Vec<Sent>,
    /// The hint of the checkpoint before, under way.
    pub hint: Option<JoinHandle<Result<()>>>,
    /// Whether the checkpoint counts; dropped where it does not.
    pub verdict: oneshot::Sender<Result<(), SaveError>>,
}

/// What partitions and the stream ask for.
#[derive(Debug)]
enum Ask {
    /// There is something to commit.
    News,
    /// A checkpoint is due.
    Due,
    /// A checkpoint, and its outcome.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// The same for the transaction of this number.
    Commit(u64, oneshot::Sender<Result<()>>),
    /// The transaction of this number must not be committed.
    Doom(u64, Error),
}

/// The partitions' and the stream's end.
#[derive(Debug, Clone)]
pub struct Handle {
    asks: mpsc::UnboundedSender<Ask>,
    gate: watch::Receiver<u64>,
}

impl Handle {
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
            std::future::pending().await
        }
    }

    /// Says that there is something to commit.
    pub fn news(&self) {
        let _ = self.asks.send(Ask::News);
    }

    /// Asks for a checkpoint soon.
    pub fn due(&self) {
        let _ = self.asks.send(Ask::Due);
    }

    /// Says that a transaction must not be committed.
    pub fn doom(&self, transaction: u64, why: Error) {
        let _ = self.asks.send(Ask::Doom(transaction, why));
    }

    /// Makes a checkpoint now; when this resolves, all that was processed before the call is committed.
    ///
    /// # Errors
    /// Why it failed.
    pub async fn checkpoint(&self) -> Result<()> {
        let (answer, outcome) = oneshot::channel();
        let _ = self.asks.send(Ask::Checkpoint(answer));
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Has a transaction committed now, whatever is in it; false = it was not, or nobody knows.
    pub async fn commit(&self, transaction: u64) -> bool {
        let (answer, outcome) = oneshot::channel();
        let _ = self.asks.send(Ask::Commit(transaction, answer));
        matches!(outcome.await, Ok(Ok(())))
    }
}

/// What a transactor tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A transaction was committed.
    Committed,
    /// A transaction was aborted.
    Aborted,
    /// Something failed; it is tried again.
    Failed(Error),
}

/// Gives the commands of all partitions, also of those that are being given up.
pub type Members = Box<dyn Fn() -> Vec<mpsc::UnboundedSender<Command>> + Send + Sync>;

/// Does what the coordinator says.
pub struct Transactor<T> {
    coordinator: Coordinator,
    calls: T,
    store: Arc<dyn StateStore>,
    members: Members,
    config: CheckpointConfig,
    asks: mpsc::UnboundedReceiver<Ask>,
    gate: watch::Sender<u64>,
    tell: Box<dyn Fn(Told) + Send + Sync>,
    /// The transaction that is open, and since when.
    number: u64,
    since: Instant,
    /// The last transaction that was committed.
    committed: u64,
    has_news: bool,
    waiting: Vec<oneshot::Sender<Result<()>>>,
    copies: Vec<Copy>,
    pause: Duration,
}

impl<T: Transactions> Transactor<T> {
    /// A transactor that has not begun.
    pub fn new(
        calls: T,
        store: Arc<dyn StateStore>,
        config: CheckpointConfig,
        members: Members,
        tell: impl Fn(Told) + Send + Sync + 'static,
    ) -> (Self, Handle) {
        let (sender, asks) = mpsc::unbounded_channel();
        let (gate, watched) = watch::channel(0);
        let transactor = Self {
            coordinator: Coordinator::default(),
            calls,
            store,
            members,
            config,
            asks,
            gate,
            tell: Box::new(tell),
            number: 0,
            since: Instant::now(),
            committed: 0,
            has_news: false,
            waiting: Vec::new(),
            copies: Vec::new(),
            pause: PAUSES.0,
        };
        (transactor, Handle { asks: sender, gate: watched })
    }

    /// Makes one transaction after the other; ends with the reason why the clients are of no use any more.
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
                    (self.tell)(Told::Failed(failure.error));
                }
                _ => {
                    if first {
                        (self.tell)(Told::Failed(failure.error));
                    }
                    tokio::time::sleep(PAUSES.0).await;
                }
            }
        }
    }

    /// Nothing of this transaction counts.
    fn drop_all(&mut self, why: &Error) {
        self.gate.send_replace(0);
        self.copies.clear();
        self.waiting.drain(..).for_each(|waiting| drop(waiting.send(Err(why.clone()))));
    }

    async fn perform(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Begin => {
                self.number = self.calls.begin().await?;
                (self.since, self.has_news) = (Instant::now(), false);
                self.gate.send_replace(self.number);
                Ok(())
            }
            Step::Process => self.process().await,
            Step::Barrier => self.barrier().await,
            Step::Group => self.calls.group().await,
            Step::Owned => self.check_owned(),
            Step::Offsets => {
                let places: Vec<Place> = self.copies.iter().map(|copy| copy.place.clone()).collect();
                self.calls.send_offsets(&places).await?;
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
                (self.tell)(Told::Committed);
                self.copies.drain(..).for_each(|copy| drop(copy.verdict.send(Ok(()))));
                self.waiting.drain(..).for_each(|waiting| drop(waiting.send(Ok(()))));
                self.pause = PAUSES.0;
                Ok(())
            }
            Step::Abort => {
                self.calls.abort().await?;
                (self.tell)(Told::Aborted);
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
                ask = self.asks.recv() => match ask {
                    None => std::future::pending().await,
                    Some(ask) => if self.asked(ask)? {
                        return Ok(());
                    },
                },
                () = tokio::time::sleep_until(due), if self.has_news => return Ok(()),
            }
        }
    }

    /// Takes note of what somebody asks; true = a checkpoint is due.
    fn asked(&mut self, ask: Ask) -> Result<bool, Failure> {
        match ask {
            Ask::News => self.has_news = true,
            Ask::Due => return Ok(self.has_news),
            Ask::Checkpoint(answer) => {
                self.waiting.push(answer);
                return Ok(true);
            }
            Ask::Commit(number, answer) if number == self.number && number != self.committed => {
                self.waiting.push(answer);
                return Ok(true);
            }
            Ask::Commit(number, answer) => {
                let _ = answer.send(if number == self.committed { Ok(()) } else { Err(gone()) });
            }
            Ask::Doom(number, error) if number == self.number => {
                return Err(Failure { outcome: Outcome::Abortable, error });
            }
            Ask::Doom(..) => {}
        }
        Ok(false)
    }

    /// Stops all partitions and waits for their copies, then for their outputs.
    async fn barrier(&mut self) -> Result<(), Failure> {
        self.gate.send_replace(0);
        let mut answers = Vec::new();
        for member in (self.members)() {
            let (answer, copy) = oneshot::channel();
            let _ = member.send(Command::Barrier(answer));
            answers.push(copy);
        }
        let (limit, copies) = (self.config.timeout, &mut self.copies);
        let collected = timeout(limit, async {
            for answer in answers {
                // Of a partition that is gone, `is_ours` will say whether it has left something in the transaction.
                if let Ok(Some(copy)) = answer.await {
                    copies.push(copy);
                }
            }
            for copy in copies.iter_mut() {
                copy.delivered().await?;
            }
            Ok(())
        });
        collected.await.unwrap_or_else(|_| Err(late(limit)))?;
        crate::failpoint!("after-produce-ack");
        Ok(())
    }

    /// Sees that nothing is in the transaction that does not belong there.
    fn check_owned(&mut self) -> Result<(), Failure> {
        while let Ok(ask) = self.asks.try_recv() {
            self.asked(ask)?;
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
        for at in 0..self.copies.len() {
            let Some(hint) = self.copies[at].hint.take() else { continue };
            if let Err(error) = hint.await.unwrap_or_else(|e| Err(Error::argument(e.to_string()))) {
                return Err(self.refuse(at, error));
            }
        }
        Ok(())
    }

    async fn put(&mut self) -> Result<(), Failure> {
        crate::failpoint!("before-manifest");
        for at in 0..self.copies.len() {
            let copy = &self.copies[at];
            let put = self.store.put(&copy.lease, &copy.entries, Some(&copy.manifest));
            let stored = timeout(self.config.timeout, put).await;
            if let Err(error) = stored.unwrap_or_else(|_| Err(late(self.config.timeout).error)) {
                return Err(self.refuse(at, error));
            }
        }
        crate::failpoint!("after-manifest");
        Ok(())
    }

    /// Tells a partition what the store says of its copy.
    fn refuse(&mut self, at: usize, error: Error) -> Failure {
        let copy = self.copies.swap_remove(at);
        let _ = copy.verdict.send(Err(SaveError::Failed(error.clone())));
        abortable(error)
    }
}

impl Copy {
    /// Waits until the brokers have all outputs.
    async fn delivered(&mut self) -> Result<(), Failure> {
        for send in self.sends.drain(..) {
            let sent = send.await.unwrap_or_else(|e| Err(Error::argument(e.to_string())));
            let too_large = sent.map_err(abortable)?;
            if !too_large.is_empty() {
                let (verdict, _) = oneshot::channel();
                let verdict = std::mem::replace(&mut self.verdict, verdict);
                let _ = verdict.send(Err(SaveError::TooLarge(too_large)));
                return Err(abortable(Error::decode("an output is too large for its topic")));
            }
        }
        Ok(())
    }
}

/// A failure after which everything begins again at the last commit.
fn abortable(error: Error) -> Failure {
    Failure { outcome: Outcome::Abortable, error }
}

fn late(limit: Duration) -> Failure {
    let message = format!("the checkpoint was not ready within {} ms", limit.as_millis());
    abortable(Error::Store { code: "TIMED_OUT", message, retriable: true })
}

fn gone() -> Error {
    Error::Store { code: "CLOSED", message: "the stream has ended".into(), retriable: false }
}
