//! Where something happens in a signal.

pub mod peaks;
