//! Where something happens in a signal.

pub mod peak_stream;
pub mod peaks;
