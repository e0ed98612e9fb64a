//! Access by name and with untyped arguments, as JavaScript needs it: functions of whole signals, training, and filters
//! of one channel.

pub mod adaptive_lms;
pub mod functions;
pub mod single;
pub mod training;
