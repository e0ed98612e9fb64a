//! The resources of one partition: its port, its settings, its states. Strategies and the task work with them.

use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

use super::session::{End, Session, Step};
use crate::error::{Error, Result};
use crate::store::{Entry, Slot, StateStore};
use crate::stream::changelog;
use crate::stream::protocol::command::Command;
use crate::stream::protocol::port::Port;
use crate::stream::protocol::settings::Settings;
use crate::stream::protocol::start::CheckpointId;
use crate::stream::protocol::status::{PartitionEvent, PartitionState, Reporter, Status};
use crate::stream::states::States;
use crate::topic::KeyedRecord;

/// The effect of a command on the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Continue.
    Continue,
    /// End the task.
    End,
}

/// The states that a checkpoint stores.
pub struct Snapshot {
    /// Number among the snapshots of the states.
    pub number: u64,
    /// The states that have changed.
    pub entries: Vec<Entry>,
    /// The same for the changelog; empty without one.
    pub logged: Vec<KeyedRecord>,
}

impl Snapshot {
    /// Returns the size of the states in bytes.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.state.len()).sum()
    }
}

/// The resources of one partition.
pub struct PartitionContext<P> {
    /// Access to its messages, outputs and offsets.
    pub port: Arc<P>,
    /// Where its states are stored.
    pub store: Arc<dyn StateStore>,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// Its scope in the store.
    pub scope: String,
    /// Its status and its events.
    pub report: Reporter,
    /// Whether no new message is begun until `resume`.
    pub is_paused: bool,
    /// Whether no new message is begun any more.
    pub is_retired: bool,
    template: dsp_core::Pipeline,
    /// The states in memory; `None` while another thread has them, and after a panic there.
    states: Option<Box<States>>,
}

impl<P: Port + 'static> PartitionContext<P> {
    /// Returns the resources of a partition that has just been assigned.
    pub fn new(
        port: Arc<P>,
        store: Arc<dyn StateStore>,
        template: dsp_core::Pipeline,
        settings: Settings,
        status: Arc<Mutex<Status>>,
        emit: impl Fn(PartitionEvent) + Send + Sync + 'static,
    ) -> Self {
        let (report, scope) = (Reporter::new(status, emit), settings.scope());
        let (settings, states) = (Arc::new(settings), None);
        Self { port, store, settings, scope, report, is_paused: false, is_retired: false, template, states }
    }

    /// Returns the states in memory.
    pub fn states(&mut self) -> &mut States {
        let make = || States::new(self.template.fresh_copy(), &self.settings);
        self.states.get_or_insert_with(|| Box::new(make()))
    }

    /// Runs `work` on the states, on a thread that may block for long.
    pub async fn with_states<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut States) -> T + Send + 'static,
    ) -> Step<T> {
        let permit = Arc::clone(&self.settings.workers).acquire_owned().await.map_err(Error::internal)?;
        let mut states = self.states.take().ok_or_else(|| Error::internal("the states are gone"))?;
        let working = tokio::task::spawn_blocking(move || {
            let out = work(&mut states);
            drop(permit);
            (states, out)
        });
        let (states, out) = working.await.map_err(Error::internal)?;
        self.states = Some(states);
        Ok(out)
    }

    /// Returns the state in which messages are, or could be, processed.
    pub fn active_state(&self) -> PartitionState {
        if self.is_paused { PartitionState::Paused } else { PartitionState::Running }
    }

    /// Answers a command while no message is being processed and nothing must be stored.
    pub fn answer_idle(&mut self, command: Option<Command>) -> Flow {
        match command {
            None => return Flow::End,
            Some(Command::Stop(answer)) => {
                let _ = answer.send(Ok(()));
                return Flow::End;
            }
            Some(Command::Resume(answer)) => {
                self.is_paused = false;
                let _ = answer.send(Ok(()));
            }
            Some(Command::Pause(answer)) => {
                self.is_paused = true;
                let _ = answer.send(Ok(()));
            }
            Some(Command::Checkpoint(answer)) => drop(answer.send(Ok(()))),
            Some(Command::State(key, answer)) => self.answer_stored_state(key, answer),
            Some(Command::Barrier(answer)) => drop(answer.send(None)),
            Some(Command::Rewind) => {}
            Some(Command::Retire) => self.is_retired = true,
        }
        Flow::Continue
    }

    /// Reads the state of a key from the store in the background, and answers with it.
    pub fn answer_stored_state(&self, key: Vec<u8>, answer: oneshot::Sender<Result<Option<Vec<u8>>>>) {
        let (store, settings, scope) = (Arc::clone(&self.store), Arc::clone(&self.settings), self.scope.clone());
        let mut committed = i64::MAX;
        self.report.update(|s| committed = s.checkpointed);
        tokio::spawn(async move {
            let found = store.get_many(&scope, &[key]).await;
            let valid =
                |keys: Vec<Vec<_>>| Some(settings.guarantee().version_before(keys.first()?, committed)?.state.clone());
            // The mark of an end has no state.
            let _ = answer.send(found.map(|keys| valid(keys).filter(|state| !state.is_empty())));
        });
    }

    /// Copies the changed states for the next checkpoint.
    pub async fn snapshot(&mut self, session: &mut Session) -> Step<Snapshot> {
        let (number, entries) = self.with_states(States::snapshot).await??;
        session.seq += 1;
        let Settings { config, definition, source, .. } = &*self.settings;
        let record = |entry: &Entry| match entry.slot {
            Slot::Gone => (changelog::record_key(&source.topic, &entry.key), None),
            _ => changelog::record(&source.topic, entry, session.seq, session.lease.epoch, definition),
        };
        let logged = if config.changelog_topic.is_some() { entries.iter().map(record).collect() } else { Vec::new() };
        Ok(Snapshot { number, entries, logged })
    }

    /// Returns the metadata with which a checkpoint's offset is committed.
    pub fn commit_metadata(&self, session: &Session, seq: u64) -> String {
        CheckpointId { store: self.store.store_id(), epoch: session.lease.epoch, seq }.metadata()
    }

    /// Marks messages whose outputs every broker refuses as poison; stalls if they are marked already.
    pub fn too_large(&mut self, offsets: &[i64]) -> End {
        let newly_marked = offsets.iter().filter(|offset| self.states().mark(**offset)).count();
        if newly_marked > 0 {
            End::Restore
        } else {
            End::Stalled(Error::decode("a dead letter is too large for its topic"))
        }
    }
}
