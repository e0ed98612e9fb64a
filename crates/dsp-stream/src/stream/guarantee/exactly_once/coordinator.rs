//! The order of the steps of a transaction: a state machine that returns the next step and receives its outcome. It
//! performs no step itself, so a model of a broker can drive it through every possible course.
//!
//! ```text
//! Begin → Process → Barrier → Group → Owned → Offsets → Hints → Put → Commit → Settle → Begin …
//!            any of them, abortable: → Abort → Rewind → Begin     fatal: → Restart → Begin, or Failed
//! ```
//!
//! Offsets are sent before anything is stored, because only the broker can refuse an instance that has been expelled
//! from the group. A store cannot: if an expelled instance that does not know of it acquires the scope last, the store
//! takes it for the owner, and it would overwrite versions that the real owner has stored and is about to commit. In
//! this order every instance that stores was still a member after its acquisition; a later owner acquires later, and
//! fences it.

/// A step of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Open a transaction.
    Begin,
    /// Let the partitions process until a checkpoint is due.
    Process,
    /// Stop every partition between two messages and copy the changed states.
    Barrier,
    /// Take the consumer's group metadata.
    Group,
    /// Check that every partition is still the one of the barrier. Metadata taken before cannot be of a generation in
    /// which another member has it; metadata taken afterwards may be of a group from which this instance was expelled
    /// and which it joined again.
    Owned,
    /// Send the offsets to the transaction.
    Offsets,
    /// Wait until the hints of the previous checkpoint are stored: a hint must not lie below both versions of a key.
    Hints,
    /// Store the copies beside the valid versions, the checkpoint's number last.
    Put,
    /// Commit the transaction, which decides the outcome.
    Commit,
    /// Make the copies the valid versions, begin to store the hints, and let the partitions continue.
    Settle,
    /// Abort the transaction.
    Abort,
    /// Drop the states of all partitions; each starts again at its committed offset.
    Rewind,
    /// Replace both clients by new ones.
    Restart,
    /// No further step.
    Failed,
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It has succeeded.
    Done,
    /// It must be repeated after a pause.
    Retriable,
    /// The transaction must be aborted.
    Abortable,
    /// The clients must be replaced.
    Fatal,
}

/// Decides the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Coordinator {
    step: Step,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self { step: Step::Begin }
    }
}

impl Coordinator {
    /// Returns the step to perform now.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Receives the outcome of the step.
    pub fn done(&mut self, outcome: Outcome) {
        self.step = match (self.step, outcome) {
            (step, Outcome::Retriable) => step,
            (Step::Failed, _) | (Step::Restart, Outcome::Abortable | Outcome::Fatal) => Step::Failed,
            // Whoever cannot even begin, abort or settle has a client that is of no use.
            (_, Outcome::Fatal) | (Step::Begin | Step::Abort, Outcome::Abortable) => Step::Restart,
            (Step::Rewind, Outcome::Abortable) => Step::Rewind,
            (_, Outcome::Abortable) => Step::Abort,
            (step, Outcome::Done) => step.next(),
        };
    }
}

impl Step {
    /// Returns the step that follows a success.
    fn next(self) -> Self {
        match self {
            Self::Begin => Self::Process,
            Self::Process => Self::Barrier,
            Self::Barrier => Self::Group,
            Self::Group => Self::Owned,
            Self::Owned => Self::Offsets,
            Self::Offsets => Self::Hints,
            Self::Hints => Self::Put,
            Self::Put => Self::Commit,
            Self::Commit => Self::Settle,
            Self::Abort => Self::Rewind,
            Self::Settle | Self::Rewind | Self::Restart => Self::Begin,
            Self::Failed => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the steps from one to the next `Begin` when all goes well.
    fn path(mut coordinator: Coordinator) -> Vec<Step> {
        let mut path = vec![coordinator.step()];
        loop {
            coordinator.done(Outcome::Done);
            if coordinator.step() == Step::Begin || path.len() > 20 {
                return path;
            }
            path.push(coordinator.step());
        }
    }

    #[test]
    fn a_checkpoint_is_stored_before_it_is_committed() {
        use Step::*;
        let whole = [Begin, Process, Barrier, Group, Owned, Offsets, Hints, Put, Commit, Settle];
        assert_eq!(path(Coordinator::default()), whole);
        assert_eq!(path(Coordinator { step: Abort }), [Abort, Rewind]);
    }

    #[test]
    fn every_step_has_an_answer_to_every_failure() {
        use Step::*;
        let after = |step, outcome| {
            let mut coordinator = Coordinator { step };
            coordinator.done(outcome);
            coordinator.step()
        };
        for step in [Process, Barrier, Group, Owned, Offsets, Hints, Put, Commit, Settle] {
            assert_eq!(after(step, Outcome::Retriable), step);
            assert_eq!(after(step, Outcome::Abortable), Abort);
            assert_eq!(after(step, Outcome::Fatal), Restart);
        }
        for step in [Begin, Abort] {
            assert_eq!(after(step, Outcome::Abortable), Restart);
        }
        assert_eq!(after(Restart, Outcome::Fatal), Failed);
        assert_eq!(after(Failed, Outcome::Done), Failed);
    }
}
