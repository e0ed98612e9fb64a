//! What a partition tells of itself: events, a status, counters.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;

/// What a partition tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// States are there again, and messages from this offset are processed.
    Restored(i64),
    /// The store is older than the group's offset; on from this one.
    Rollback(i64),
    /// A checkpoint is in the store.
    Checkpoint {
        /// Its offset.
        next: i64,
        /// States in it.
        records: usize,
        /// Bytes of them.
        bytes: usize,
        /// Time from the barrier to the store's answer in ms.
        ms: f64,
    },
    /// A message went to the dead letter topic.
    DeadLetter(i64, String),
    /// Somebody else has acquired the scope.
    Fenced(Error),
    /// It waits for `resume`.
    Stalled(Error),
    /// It failed and tries again.
    Failed(Error),
}

/// How a partition is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// `acquiring`, `restoring`, `running`, `paused`, `revoking`, `stalled` or `fenced`.
    pub state: &'static str,
    /// Why it is stalled or fenced, or what it waits for.
    pub reason: Option<String>,
    /// Whether the store does not answer.
    pub waits_for_store: bool,
    /// Epoch of the lease.
    pub epoch: i64,
    /// Offset of the next message.
    pub position: i64,
    /// Offset of the last checkpoint.
    pub checkpointed: i64,
    /// States in memory.
    pub keys: usize,
    /// States that have changed since the last checkpoint.
    pub dirty: usize,
    /// Time of the last checkpoint in ms since 1970.
    pub last_checkpoint: Option<f64>,
    /// Time of the last message in ms since 1970.
    pub last_time: Option<i64>,
    /// Counters since the assignment.
    pub counts: Counts,
}

/// Counters of a partition.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Messages taken.
    pub messages: u64,
    /// Samples in them.
    pub samples_in: u64,
    /// Samples that came out.
    pub samples_out: u64,
    /// Messages sent.
    pub emitted: u64,
    /// Messages that were in their state already.
    pub replayed: u64,
    /// Messages that could not be processed.
    pub poison: u64,
    /// States read from the store.
    pub loaded: u64,
    /// States dropped from memory.
    pub evicted: u64,
    /// Checkpoints stored.
    pub checkpoints: u64,
    /// Checkpoints that failed.
    pub checkpoint_errors: u64,
    /// Bytes of states stored.
    pub checkpoint_bytes: u64,
    /// Sum of the times of checkpoints in ms.
    pub checkpoint_ms: f64,
    /// Times that the states were restored.
    pub restores: u64,
    /// Sum of the times of restoring in ms.
    pub restore_ms: f64,
    /// Times that the scope was lost.
    pub fenced: u64,
}

impl Counts {
    /// All of them with the names that JavaScript knows.
    pub fn named(&self) -> [(&'static str, f64); 15] {
        [
            ("messages", self.messages as f64),
            ("samplesIn", self.samples_in as f64),
            ("samplesOut", self.samples_out as f64),
            ("emitted", self.emitted as f64),
            ("replaySkipped", self.replayed as f64),
            ("poison", self.poison as f64),
            ("keysLoaded", self.loaded as f64),
            ("keysEvicted", self.evicted as f64),
            ("checkpoints", self.checkpoints as f64),
            ("checkpointErrors", self.checkpoint_errors as f64),
            ("checkpointBytes", self.checkpoint_bytes as f64),
            ("checkpointMs", self.checkpoint_ms),
            ("restores", self.restores as f64),
            ("restoreMs", self.restore_ms),
            ("fenced", self.fenced as f64),
        ]
    }

    /// Adds what a run of messages counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.samples_in += other.samples_in;
        self.samples_out += other.samples_out;
        self.emitted += other.emitted;
        self.replayed += other.replayed;
        self.poison += other.poison;
        self.evicted += other.evicted;
    }
}

/// What a partition says about itself.
#[derive(Clone)]
pub(super) struct Report {
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) tell: Arc<dyn Fn(Happening) + Send + Sync>,
}

impl Report {
    pub(super) fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn tell(&self, what: Happening) {
        (self.tell)(what);
    }

    /// Something failed and is tried again. An outage of the store is told once.
    pub(super) fn failed(&self, error: Error) {
        let is_outage = is_outage(&error);
        let mut is_known = false;
        self.update(|s| {
            is_known = is_outage && std::mem::replace(&mut s.waits_for_store, is_outage);
            s.reason = Some(error.to_string());
        });
        if !is_known {
            self.tell(Happening::Failed(error));
        }
    }

    /// The store answers.
    pub(super) fn store_answers(&self) {
        self.update(|s| {
            if std::mem::take(&mut s.waits_for_store) {
                s.reason = None;
            }
        });
    }
}

pub(super) fn is_outage(error: &Error) -> bool {
    matches!(error, Error::Store { retriable: true, .. })
}
