//! Where something happens in a signal.

pub mod ecg;
pub mod peak_stream;
pub mod peaks;
