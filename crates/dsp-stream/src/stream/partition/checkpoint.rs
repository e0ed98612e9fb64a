//! Checkpoints: the states are copied at a barrier and stored beside the processing, after the outputs have arrived.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

use super::status::{Happening, Report, is_outage};
use super::{Command, End, Idle, PAUSES, Partition, SaveError, Saving, Sent, Session, Settings, Step};
use crate::error::{Error, Result};
use crate::store::{Entry, Lease, ManifestUpdate, StateStore, now_ms};
use crate::stream::exactly_once::{Committed, Copy};
use crate::stream::states::States;
use crate::stream::{InputConfig, Pair, Port, assignment, changelog};

impl<P: Port + 'static> Partition<P> {
    /// Copies the states as they are now, for the transaction under way.
    pub(super) async fn stop_at_barrier(
        &mut self,
        session: &mut Session,
        answer: oneshot::Sender<Option<Copy>>,
    ) -> Step {
        let copied = self.with_states(States::snapshot).await.and_then(|copied| copied.map_err(End::from));
        let (snapshot, entries) = match copied {
            Ok(copied) => copied,
            Err(end) => {
                // Before the answer is dropped: a partition that is silent is taken for one that has nothing to say.
                self.doom(session, &end);
                return Err(end);
            }
        };
        session.seq += 1;
        let seq = session.seq;
        let logged = self.logged(session, &entries);
        if !logged.is_empty() {
            // In the transaction, like the outputs.
            let logged = self.port.log(logged);
            session.sends.push_back(tokio::spawn(async { logged.await.map(|()| Vec::new()) }));
        }
        let (records, bytes) = (entries.len(), entries.iter().map(|e| e.state.len()).sum());
        let (verdict, outcome) = oneshot::channel();
        let InputConfig { topic, partition, .. } = &self.settings.input;
        let copy = Copy {
            place: Committed {
                topic: topic.clone(),
                partition: *partition,
                next: session.position,
                metadata: assignment::metadata(self.store.store_id(), session.lease.epoch, seq),
            },
            lease: session.lease.clone(),
            entries,
            manifest: self.settings.manifest(None, seq, session.partitions),
            sends: std::mem::take(&mut session.sends).into(),
            hint: session.hint.take(),
            verdict,
        };
        let _ = answer.send(Some(copy));
        session.saving = Some(Saving {
            task: tokio::spawn(async { outcome.await.unwrap_or(Err(SaveError::Aborted)) }),
            snapshot,
            seq,
            next: session.position,
            records,
            bytes,
            begun: Instant::now(),
            answer: Vec::new(),
        });
        (session.pending, session.since) = (0, Instant::now());
        Ok(())
    }

    /// What the changelog gets of a checkpoint, if there is one.
    fn logged(&self, session: &Session, entries: &[Entry]) -> Vec<Pair> {
        let Settings { changelog, definition, input, .. } = &*self.settings;
        let pair = |entry| changelog::pair(&input.topic, entry, session.seq, session.lease.epoch, definition);
        if changelog.is_some() { entries.iter().map(pair).collect() } else { Vec::new() }
    }

    /// Stores where the group's offset is now, for the case that Kafka forgets it.
    fn store_hint(&self, session: &mut Session, next: i64) {
        let (store, lease) = (Arc::clone(&self.store), session.lease.clone());
        let manifest = self.settings.manifest(Some(next), session.seq, session.partitions);
        session.hint = Some(tokio::spawn(async move { store.put(&lease, &[], Some(&manifest)).await }));
    }

    /// Copies the states as they are now and stores them in the background.
    pub(super) async fn begin_checkpoint(&mut self, session: &mut Session) -> Step {
        let (snapshot, entries) = self.with_states(States::snapshot).await??;
        session.seq += 1;
        let logged = self.logged(session, &entries);
        let (records, bytes) = (entries.len(), entries.iter().map(|e| e.state.len()).sum());
        let manifest = self.settings.manifest(Some(session.position), session.seq, session.partitions);
        let job = Job {
            port: Arc::clone(&self.port),
            logged,
            store: Arc::clone(&self.store),
            lease: session.lease.clone(),
            sends: std::mem::take(&mut session.sends),
            entries,
            manifest,
            report: self.report.clone(),
        };
        session.saving = Some(Saving {
            task: tokio::spawn(job.run()),
            snapshot,
            seq: session.seq,
            next: session.position,
            records,
            bytes,
            begun: Instant::now(),
            answer: std::mem::take(&mut session.waiting),
        });
        (session.pending, session.since) = (0, Instant::now());
        Ok(())
    }

    pub(super) fn saved(&mut self, session: &mut Session, result: std::result::Result<(), SaveError>) -> Step {
        let Some(saving) = session.saving.take() else { return Ok(()) };
        let Saving { snapshot, seq, next, records, bytes, begun, answer, .. } = saving;
        let answer = |result: Result<()>| answer.into_iter().for_each(|waiting| drop(waiting.send(result.clone())));
        if let Err(error) = result {
            let end = match error {
                SaveError::Failed(error) => End::from(error),
                SaveError::TooLarge(offsets) => self.too_large(&offsets),
                SaveError::Aborted => End::Restore,
            };
            self.report.update(|s| s.counts.checkpoint_errors += 1);
            answer(Err(end.error()));
            return Err(end);
        }
        if self.settings.transactions.is_some() {
            self.store_hint(session, next);
        } else {
            crate::failpoint!("before-commit");
            self.port.done(next, &assignment::metadata(self.store.store_id(), session.lease.epoch, seq));
        }
        self.states().saved(snapshot);
        let evicted = self.states().evict();
        let (keys, dirty) = (self.states().count(), self.states().dirty());
        let ms = begun.elapsed().as_secs_f64() * 1e3;
        self.report.update(|s| {
            (s.checkpointed, s.last_checkpoint) = (next, Some(now_ms()));
            (s.keys, s.dirty) = (keys, dirty);
            s.counts.checkpoints += 1;
            s.counts.checkpoint_bytes += bytes as u64;
            s.counts.checkpoint_ms += ms;
            s.counts.evicted += evicted as u64;
        });
        self.report.tell(Happening::Checkpoint { next, records, bytes, ms });
        answer(Ok(()));
        Ok(())
    }

    /// The same as `finish`, also where the transaction decides when that is.
    pub(super) async fn drained(
        &mut self,
        session: &mut Session,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> Step {
        let Some(transactions) = self.settings.transactions.clone() else { return self.finish(session).await };
        transactions.due();
        while session.pending > 0 || session.saving.is_some() {
            let is_saving = session.saving.is_some();
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(Command::Barrier(answer)) if session.pending > 0 => self.stop_at_barrier(session, answer).await?,
                    Some(Command::Rewind) if session.pending > 0 => return Err(End::Restore),
                    command => if matches!(self.idle_command(command), Idle::End) {
                        return Err(End::Stopped);
                    },
                },
                saved = saved(&mut session.saving), if is_saving => self.saved(session, saved)?,
            }
        }
        Ok(())
    }

    /// Stores everything that has been processed, and waits for it.
    pub(super) async fn finish(&mut self, session: &mut Session) -> Step {
        loop {
            if session.saving.is_some() {
                let result = saved(&mut session.saving).await;
                self.saved(session, result)?;
            }
            if session.pending == 0 {
                return Ok(());
            }
            self.begin_checkpoint(session).await?;
        }
    }
}

/// The result of the checkpoint under way. May be dropped and called again.
pub(super) async fn saved(saving: &mut Option<Saving>) -> std::result::Result<(), SaveError> {
    match saving {
        Some(saving) => {
            (&mut saving.task).await.unwrap_or_else(|e| Err(SaveError::Failed(Error::argument(e.to_string()))))
        }
        None => std::future::pending().await,
    }
}

/// The part of a checkpoint that runs beside the processing.
struct Job<P> {
    port: Arc<P>,
    logged: Vec<Pair>,
    store: Arc<dyn StateStore>,
    lease: Lease,
    sends: VecDeque<Sent>,
    entries: Vec<Entry>,
    manifest: ManifestUpdate,
    report: Report,
}

impl<P: Port> Job<P> {
    async fn run(self) -> std::result::Result<(), SaveError> {
        for send in self.sends {
            let too_large = send.await.map_err(|e| SaveError::Failed(Error::argument(e.to_string())))?;
            let too_large = too_large.map_err(SaveError::Failed)?;
            if !too_large.is_empty() {
                return Err(SaveError::TooLarge(too_large));
            }
        }
        crate::failpoint!("after-produce-ack");
        // Not before: whoever finds these records takes their outputs for sent.
        if !self.logged.is_empty() {
            self.port.log(self.logged).await.map_err(SaveError::Failed)?;
        }
        let mut pause = PAUSES.0;
        crate::failpoint!("before-manifest");
        while let Err(error) = self.store.put(&self.lease, &self.entries, Some(&self.manifest)).await {
            if !is_outage(&error) {
                return Err(SaveError::Failed(error));
            }
            self.report.failed(error);
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(PAUSES.1);
        }
        self.report.store_answers();
        crate::failpoint!("after-manifest");
        Ok(())
    }
}
