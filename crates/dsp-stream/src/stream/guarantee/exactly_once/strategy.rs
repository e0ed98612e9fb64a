//! A partition's part in the transactions of its stream.

use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

use super::super::context::{Flow, PartitionContext};
use super::super::session::{End, Saving, Session, Step, saved};
use super::super::settle::settle;
use super::super::strategy::{Gate, Strategy};
use super::handle::Handle;
use crate::error::Result;
use crate::store::{Lease, StateStore};
use crate::stream::protocol::command::{BarrierSnapshot, CheckpointError, Command, OffsetCommit};
use crate::stream::protocol::port::Port;
use crate::stream::protocol::start::Start;
use crate::topic::{CommittedOffset, KeyedRecord};

/// The strategy of streams with transactions.
#[derive(Debug, Clone)]
pub struct ExactlyOnce {
    transactions: Handle,
}

impl ExactlyOnce {
    /// Returns the strategy for the transactions of `transactions`.
    pub fn new(transactions: Handle) -> Self {
        Self { transactions }
    }

    /// Stores the group's current offset, in case Kafka forgets it.
    fn store_hint<P: Port + 'static>(context: &PartitionContext<P>, session: &mut Session, next: i64) {
        let (store, lease) = (Arc::clone(&context.store), session.lease.clone());
        let manifest = context.settings.manifest(Some(next), session.seq, session.partitions);
        session.hint = Some(tokio::spawn(async move { store.put(&lease, &[], Some(&manifest)).await }));
    }
}

impl Strategy for ExactlyOnce {
    const OUTLIVED_BY_WRITES: bool = true;

    /// Waits until no transaction under way can change the offset.
    async fn committed(&self, port: &impl Port) -> Result<Option<CommittedOffset>> {
        port.stable_offset().await
    }

    async fn adopt(&self, _: &dyn StateStore, _: &Lease, _: &Start) -> Result<()> {
        Ok(())
    }

    /// Returns a hint that is not ahead of a committed offset; it may be behind.
    fn offset_hint(&self, committed: Option<i64>, start: &Start) -> i64 {
        committed.map_or(start.offset, |offset| offset.min(start.offset))
    }

    /// Writes in a transaction and commits it.
    async fn log(&self, port: &impl Port, records: Vec<KeyedRecord>) -> Result<()> {
        let mut transactions = self.transactions.clone();
        loop {
            let Some(number) = transactions.look() else {
                transactions.changed().await;
                continue;
            };
            port.enter(number);
            let sent = port.log(records.clone()).await;
            if sent.is_ok() && transactions.commit(number).await {
                return Ok(());
            }
            // In a transaction that is over meanwhile it did not get through, or nobody knows.
            if transactions.transaction() == Some(number) {
                sent?;
            }
        }
    }

    /// The gate is closed between the barrier and the next transaction.
    async fn gate<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> Step<Gate> {
        let is_crowded = context.states().is_crowded() && session.pending > 0;
        let is_due = session.is_full(&context.settings.config.checkpoint) || is_crowded;
        if is_due {
            self.transactions.request_checkpoint();
        }
        let is_between = self.transactions.look().is_none() || session.saving.is_some();
        Ok(Gate { is_open: !is_between && !is_due, reconsider_at: None })
    }

    async fn gate_changed(&mut self, _: Gate) {
        self.transactions.changed().await;
    }

    /// Checks that messages belong to the open transaction, and that the messages before them do, too.
    fn admit<P: Port>(&self, context: &PartitionContext<P>, session: &mut Session) -> Step<bool> {
        let Some(number) = self.transactions.transaction() else { return Ok(false) };
        if session.pending > 0 && session.transaction != number {
            return Err(End::Restore);
        }
        session.transaction = number;
        context.port.enter(number);
        Ok(true)
    }

    fn processed(&self) {
        self.transactions.has_pending();
    }

    /// Copies the current states for the transaction under way.
    async fn checkpoint<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
        answer: oneshot::Sender<Option<BarrierSnapshot>>,
    ) -> Step {
        if session.pending == 0 {
            let _ = answer.send(None);
            return Ok(());
        }
        let snapshot = match context.snapshot(session).await {
            Ok(snapshot) => snapshot,
            Err(end) => {
                // Before the answer is dropped: a partition that is silent is taken for one that has nothing to say.
                self.discard(session, &end);
                return Err(end);
            }
        };
        let (number, records, bytes) = (snapshot.number, snapshot.entries.len(), snapshot.bytes());
        if !snapshot.logged.is_empty() {
            // In the transaction, like the outputs.
            let logged = context.port.log(snapshot.logged);
            session.sends.push_back(tokio::spawn(async { logged.await.map(|()| Vec::new()) }));
        }
        let (verdict, outcome) = oneshot::channel();
        let commit = OffsetCommit {
            source: context.settings.source.clone(),
            next: session.position,
            metadata: context.commit_metadata(session, session.seq),
        };
        let _ = answer.send(Some(BarrierSnapshot {
            commit,
            lease: session.lease.clone(),
            entries: snapshot.entries,
            manifest: context.settings.manifest(None, session.seq, session.partitions),
            sends: std::mem::take(&mut session.sends).into(),
            hint: session.hint.take(),
            verdict,
        }));
        session.begin_saving(Saving {
            task: tokio::spawn(async { outcome.await.unwrap_or(Err(CheckpointError::Aborted)) }),
            snapshot: number,
            seq: session.seq,
            next: session.position,
            records,
            bytes,
            begun: Instant::now(),
            waiting: Vec::new(),
        });
        Ok(())
    }

    fn checkpointed<P: Port + 'static>(&self, context: &PartitionContext<P>, session: &mut Session, next: i64, _: u64) {
        Self::store_hint(context, session, next);
    }

    /// Everything to be committed is committed; the verdict may have arrived with the command. The stored hint alone
    /// later shows that the stop was clean.
    async fn finish<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> Result<()> {
        let timeout = context.settings.config.checkpoint.timeout;
        let hinted = async {
            if session.saving.is_some() {
                let result = saved(&mut session.saving).await;
                let _ = settle(context, self, session, result);
            }
            if let Some(hint) = session.hint.take() {
                let _ = hint.await;
            }
        };
        let _ = tokio::time::timeout(timeout, hinted).await;
        Ok(())
    }

    /// Commits the transaction, which decides the outcome of what was processed.
    async fn drain<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> Step {
        self.transactions.request_checkpoint();
        while session.pending > 0 || session.saving.is_some() {
            let is_saving = session.saving.is_some();
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Command::Barrier(answer)) => self.checkpoint(context, session, answer).await?,
                    Some(Command::Rewind) if session.pending > 0 => return Err(End::Restore),
                    command => if context.answer_idle(command) == Flow::End {
                        return Err(End::Stopped);
                    },
                },
                saved = saved(&mut session.saving), if is_saving => settle(context, self, session, saved)?,
            }
        }
        Ok(())
    }

    fn discard(&self, session: &Session, why: &End) {
        self.transactions.must_abort(session.transaction, why.error());
    }
}
