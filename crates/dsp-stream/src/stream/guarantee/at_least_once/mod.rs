//! At-least-once: the outputs are acknowledged, then the states are stored, then the offset is committed.
//!
//! A checkpoint at offset N: all messages below N are processed; the changed states are copied, and processing goes on.
//! Then the outputs are acknowledged, then states and manifest (`next_offset` = N) are stored, then the group commits
//! N. After a crash the partition starts at the manifest's offset. A record may be newer: its message is skipped,
//! because its output was acknowledged before the record was stored. So every message enters its state exactly once.

mod job;
pub mod start;

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

use self::job::CheckpointJob;
use super::context::PartitionContext;
use super::session::{End, Saving, Session, Step, saved};
use super::settle::settle;
use super::strategy::{Gate, Strategy};
use crate::error::{Error, Result};
use crate::store::{Entry, Lease, Pages, Record, Slot, StateStore};
use crate::stream::protocol::command::{BarrierSnapshot, Command};
use crate::stream::protocol::config::Guarantee;
use crate::stream::protocol::port::Port;
use crate::stream::protocol::start::Start;
use crate::stream::protocol::status::PartitionState;
use crate::stream::protocol::versions::valid;
use crate::topic::{CommittedOffset, KeyedRecord};

/// The strategy of streams without transactions.
#[derive(Debug, Clone, Copy)]
pub struct AtLeastOnce;

impl Strategy for AtLeastOnce {
    const OUTLIVED_BY_WRITES: bool = false;

    async fn committed(&self, port: &impl Port) -> Result<Option<CommittedOffset>> {
        port.committed().await
    }

    /// Removes the traces of transactions that did not commit.
    async fn adopt(&self, store: &dyn StateStore, lease: &Lease, start: &Start) -> Result<()> {
        let was_exactly_once = |name: &str| name == Guarantee::ExactlyOnce.name();
        if lease.manifest.as_ref().is_some_and(|m| was_exactly_once(&m.guarantee)) {
            keep_valid(store, lease, start.offset).await?;
        }
        Ok(())
    }

    fn offset_hint(&self, _: Option<i64>, start: &Start) -> i64 {
        start.offset
    }

    async fn log(&self, port: &impl Port, records: Vec<KeyedRecord>) -> Result<()> {
        port.log(records).await
    }

    /// The gate is closed only while so much is unsaved that processing must wait for the store.
    async fn gate<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> Step<Gate> {
        let config = context.settings.config.checkpoint;
        let is_crowded = context.states().is_crowded();
        if session.saving.is_none() {
            let has_pending = session.pending > 0;
            let is_overdue = session.since.elapsed() >= config.interval;
            if session.is_full(&config) || has_pending && (is_crowded || is_overdue) || !session.waiting.is_empty() {
                begin_checkpoint(context, session).await?;
            }
        }
        let (is_saving, has_pending) = (session.saving.is_some(), session.pending > 0);
        let is_closed = is_saving && (is_crowded && has_pending || session.is_late(&config));
        let due = tokio::time::Instant::from_std(session.since + config.interval);
        Ok(Gate { is_open: !is_closed, reconsider_at: (has_pending && !is_saving).then_some(due) })
    }

    async fn gate_changed(&mut self, gate: Gate) {
        match gate.reconsider_at {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    fn admit<P: Port>(&self, _: &PartitionContext<P>, _: &mut Session) -> Step<bool> {
        Ok(true)
    }

    fn processed(&self) {}

    async fn checkpoint<P: Port + 'static>(
        &mut self,
        _: &mut PartitionContext<P>,
        _: &mut Session,
        answer: oneshot::Sender<Option<BarrierSnapshot>>,
    ) -> Step {
        let _ = answer.send(None);
        Ok(())
    }

    /// Passes the offset on for committing.
    fn checkpointed<P: Port + 'static>(
        &self,
        context: &PartitionContext<P>,
        session: &mut Session,
        next: i64,
        seq: u64,
    ) {
        crate::failpoint!("before-commit");
        context.port.done(next, &context.commit_metadata(session, seq));
    }

    async fn finish<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> Result<()> {
        context.report.enter(PartitionState::Revoking);
        let timeout = context.settings.config.checkpoint.timeout;
        match tokio::time::timeout(timeout, self.store_all(context, session)).await {
            Ok(result) => result.map_err(|end| end.error()),
            Err(_) => Err(late_checkpoint(timeout)),
        }
    }

    async fn drain<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
        _: &mut mpsc::UnboundedReceiver<Command>,
    ) -> Step {
        self.store_all(context, session).await
    }

    fn discard(&self, _: &Session, _: &End) {}
}

impl AtLeastOnce {
    /// Stores everything that has been processed, and waits for it.
    async fn store_all<P: Port + 'static>(&self, context: &mut PartitionContext<P>, session: &mut Session) -> Step {
        loop {
            if session.saving.is_some() {
                let result = saved(&mut session.saving).await;
                settle(context, self, session, result)?;
            }
            if session.pending == 0 {
                return Ok(());
            }
            begin_checkpoint(context, session).await?;
        }
    }
}

/// Copies the current states and stores them in the background.
async fn begin_checkpoint<P: Port + 'static>(context: &mut PartitionContext<P>, session: &mut Session) -> Step {
    let snapshot = context.snapshot(session).await?;
    let (number, records, bytes) = (snapshot.number, snapshot.entries.len(), snapshot.bytes());
    let job = CheckpointJob {
        port: Arc::clone(&context.port),
        store: Arc::clone(&context.store),
        report: context.report.clone(),
        lease: session.lease.clone(),
        sends: std::mem::take(&mut session.sends),
        snapshot,
        manifest: context.settings.manifest(Some(session.position), session.seq, session.partitions),
    };
    let saving = Saving {
        task: tokio::spawn(job.run()),
        snapshot: number,
        seq: session.seq,
        next: session.position,
        records,
        bytes,
        begun: Instant::now(),
        waiting: std::mem::take(&mut session.waiting),
    };
    session.begin_saving(saving);
    Ok(())
}

fn late_checkpoint(timeout: Duration) -> Error {
    let message = format!("the last checkpoint was not stored within {} ms", timeout.as_millis());
    Error::Store { code: "TIMED_OUT", message, retriable: true }
}

/// Keeps only the valid version of each key: without transactions a reader could not tell which one it is.
async fn keep_valid(store: &dyn StateStore, lease: &Lease, next: i64) -> Result<()> {
    let mut pages = Pages::new(store, &lease.scope);
    while let Some(page) = pages.next().await? {
        for (key, _) in page.into_iter().filter(|(_, newest)| newest.offset.is_some_and(|offset| offset >= next)) {
            let versions = store.get_many(&lease.scope, std::slice::from_ref(&key)).await?.pop().unwrap_or_default();
            match valid(versions, |record| record.offset, next) {
                None => _ = store.remove(&lease.scope, Some(&key)).await?,
                Some(Record { state, format, offset, definition, .. }) => {
                    let entry = Entry { key, state, format, offset, definition: Some(definition), slot: Slot::Only };
                    store.put(lease, &[entry], None).await?;
                }
            }
        }
    }
    Ok(())
}
