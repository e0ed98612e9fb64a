//! The order of things: a machine that says what comes next and is told how it went. It does nothing itself, so that a
//! model of a broker can drive it through everything that may happen.
//!
//! ```text
//! Begin → Process → Barrier → Group → Owned → Offsets → Hints → Put → Commit → Settle → Begin …
//!            any of them, abortable: → Abort → Rewind → Begin     fatal: → Restart → Begin, or Failed
//! ```
//!
//! Offsets are sent before anything is stored, because the broker then refuses whoever has been expelled from the
//! group, and only then. A store cannot: if an expelled instance that has not heard of it acquires the scope last, the
//! store takes it for the owner, and it would write over versions that the real owner has stored and is about to
//! commit. So whoever stores was a member after it had acquired; a later owner acquires later, and fences it.

/// A step of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Open a transaction.
    Begin,
    /// Let the partitions process until a checkpoint is due.
    Process,
    /// Stop every partition behind a message and copy what has changed.
    Barrier,
    /// Take the consumer's group metadata.
    Group,
    /// See that every partition is still the one of the barrier. Metadata that was taken before cannot be of a
    /// generation in which somebody else has it; taken after, it may be that of a group that we have been expelled from
    /// and joined again.
    Owned,
    /// Send the offsets to the transaction.
    Offsets,
    /// Wait until the hints of the checkpoint before are stored: a hint must not point below both versions of a key.
    Hints,
    /// Store the copies beside the valid versions, the checkpoint's number last.
    Put,
    /// Commit. This is the moment of truth.
    Commit,
    /// Take the copies for the valid versions, begin to store the hints, let the partitions go on.
    Settle,
    /// Abort the transaction.
    Abort,
    /// Drop the states of all partitions; each begins again at its committed offset.
    Rewind,
    /// Replace both clients by new ones.
    Restart,
    /// Nothing: it is over.
    Failed,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is done.
    Done,
    /// The same again, after a while.
    Retriable,
    /// The transaction is of no use any more.
    Abortable,
    /// The clients are of no use any more.
    Fatal,
}

/// Decides what comes next.
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
    /// The step to be done now.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Takes note of how it went.
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
    /// The step that follows when all goes well.
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

    /// The steps from one to the next `Begin` when all goes well.
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
