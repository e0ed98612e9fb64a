//! The counters of a partition, declared once: name, type, and whether a run of messages adds to it.

/// Passes the list of counters to another macro, from which the bindings make an object for JavaScript.
#[macro_export]
macro_rules! partition_counters {
    ($define:ident) => {
        $define! {
            /// Messages taken.
            messages: u64,
            /// Samples in them.
            samples_in: u64,
            /// Samples of the outputs.
            samples_out: u64,
            /// Outputs sent, without dead letters.
            emitted: u64,
            /// Events sent.
            events: u64,
            /// Messages that were in their state already.
            replay_skipped: u64,
            /// Messages that could not be processed.
            poison: u64,
            /// States read from the store.
            keys_loaded: u64,
            /// States of former pipelines taken over.
            keys_migrated: u64,
            /// Streams of keys that have ended.
            keys_finished: u64,
            /// States dropped from memory.
            keys_evicted: u64,
            /// Checkpoints stored.
            checkpoints: u64,
            /// Checkpoints that failed.
            checkpoint_errors: u64,
            /// Bytes of states stored.
            checkpoint_bytes: u64,
            /// Sum of the times of checkpoints in ms.
            checkpoint_ms: f64,
            /// Number of times that the states were restored.
            restores: u64,
            /// Sum of the times of restoring in ms.
            restore_ms: f64,
            /// Number of times that the scope was lost.
            fenced: u64,
        }
    };
}

macro_rules! define {
    ($($(#[$doc:meta])* $name:ident: $type:ty,)*) => {
        /// Counters of a partition since its assignment.
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Counters {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl std::ops::AddAssign for Counters {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

partition_counters!(define);
