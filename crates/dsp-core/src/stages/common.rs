//! Parameters shared by stages of several chapters.

use crate::params::{Field, integer};
use crate::signal::transform::fft::MAX_SIZE;

crate::texts! {
    /// The relation between calls.
    pub enum Mode {
        /// Each call stands alone.
        Batch = "batch",
        /// The stream continues from call to call.
        Moving = "moving",
    }
}

/// A parameter for a length in samples, at most that of the longest transform.
pub const LENGTH: Field = integer().at_least(1.0).at_most(MAX_SIZE as f64);
