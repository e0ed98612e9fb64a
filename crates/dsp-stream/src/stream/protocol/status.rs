//! The status of a partition, and the events that it reports.

use std::sync::{Arc, Mutex, PoisonError};

use super::counters::Counters;
use crate::error::Error;

/// An event of a partition.
#[derive(Debug, Clone, PartialEq)]
pub enum PartitionEvent {
    /// States have been restored, and messages from this offset on are processed.
    Restored(i64),
    /// The store is older than the group's offset; processing continues from this one.
    Rollback(i64),
    /// A checkpoint is in the store.
    Checkpoint {
        /// Offset of the first message that it does not contain.
        next: i64,
        /// Number of states that it contains.
        records: usize,
        /// Size of these states in bytes.
        bytes: usize,
        /// Time from the barrier to the store's answer in ms.
        ms: f64,
    },
    /// The message at this offset went to the dead letter topic, with the reason.
    DeadLetter(i64, String),
    /// The state of a key was that of a former pipeline.
    Migrated {
        /// The key as it is stored.
        key: Vec<u8>,
        /// Number of stages that go on from it.
        kept: usize,
        /// Names of the stages that start fresh.
        fresh: Vec<String>,
    },
    /// Another owner has acquired the scope.
    Fenced(Error),
    /// The partition waits for `resume`.
    Stalled(Error),
    /// The partition failed and tries again.
    Failed(Error),
}

/// The state of a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PartitionState {
    /// It acquires its scope in the store.
    #[default]
    Acquiring,
    /// It determines its start and removes records that are not valid.
    Restoring,
    /// It processes messages.
    Running,
    /// It was told to begin no message.
    Paused,
    /// It makes its last checkpoint.
    Revoking,
    /// It waits for `resume`.
    Stalled,
    /// Another owner has its scope.
    Fenced,
}

impl PartitionState {
    /// Returns the name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acquiring => "acquiring",
            Self::Restoring => "restoring",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Revoking => "revoking",
            Self::Stalled => "stalled",
            Self::Fenced => "fenced",
        }
    }

    /// Returns whether it has not yet reached its first message.
    pub fn is_starting(self) -> bool {
        matches!(self, Self::Acquiring | Self::Restoring)
    }
}

/// The status of a partition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// Its state.
    pub state: PartitionState,
    /// Reason why it is stalled or fenced, or what it waits for.
    pub reason: Option<String>,
    /// Whether the store does not answer.
    pub waits_for_store: bool,
    /// Epoch of the lease.
    pub epoch: i64,
    /// Offset of the next message.
    pub position: i64,
    /// Offset of the last checkpoint.
    pub checkpointed: i64,
    /// Number of states in memory.
    pub keys: usize,
    /// Number of states that have changed since the last checkpoint.
    pub dirty: usize,
    /// Time of the last checkpoint in ms since 1970.
    pub last_checkpoint: Option<f64>,
    /// Time of the last message in ms since 1970.
    pub last_time: Option<i64>,
    /// Counters since the assignment.
    pub counters: Counters,
}

/// Keeps a partition's status and passes its events on.
#[derive(Clone)]
pub struct Reporter {
    status: Arc<Mutex<Status>>,
    emit: Arc<dyn Fn(PartitionEvent) + Send + Sync>,
}

impl Reporter {
    /// Returns a reporter that keeps the status in `status` and calls `emit` with each event.
    pub fn new(status: Arc<Mutex<Status>>, emit: impl Fn(PartitionEvent) + Send + Sync + 'static) -> Self {
        Self { status, emit: Arc::new(emit) }
    }

    /// Changes the status by `change`.
    pub fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Sets the state; the reason does not change.
    pub fn enter(&self, state: PartitionState) {
        self.update(|status| status.state = state);
    }

    /// Passes an event on.
    pub fn emit(&self, event: PartitionEvent) {
        (self.emit)(event);
    }

    /// Reports that something failed and is repeated. An outage of the store is reported once.
    pub fn failed(&self, error: Error) {
        let is_outage = error.is_outage();
        let mut is_known = false;
        self.update(|status| {
            is_known = is_outage && std::mem::replace(&mut status.waits_for_store, is_outage);
            status.reason = Some(error.to_string());
        });
        if !is_known {
            self.emit(PartitionEvent::Failed(error));
        }
    }

    /// Notes that the store answers again.
    pub fn store_answers(&self) {
        self.update(|status| {
            if std::mem::take(&mut status.waits_for_store) {
                status.reason = None;
            }
        });
    }
}
