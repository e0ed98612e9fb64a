//! Saved states: JSON helpers, the TOON token stream, and the checksum over both.

pub mod archive;
pub mod checksum;
pub mod json;
pub mod toon;

/// Version of the states written here, raised when the meaning of a field changes.
pub const VERSION: u32 = 1;
