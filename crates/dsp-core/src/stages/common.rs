//! Parameters that stages of several chapters have.

use crate::params::{Field, integer};
use crate::signal::transform::fft::MAX_SIZE;

crate::texts! {
    /// How calls relate to each other.
    pub enum Mode {
        /// Each call is by itself.
        Batch = "batch",
        /// The stream goes on from call to call.
        Moving = "moving",
    }
}

/// A parameter that is a length in samples, at most that of the longest transform.
pub const LENGTH: Field = integer().at_least(1.0).at_most(MAX_SIZE as f64);
