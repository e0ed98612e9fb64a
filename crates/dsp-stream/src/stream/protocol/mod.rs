//! Types shared by both guarantees, the partition's task and its port.

pub mod command;
pub mod config;
pub mod counters;
pub mod end;
pub mod key;
pub mod message;
pub mod port;
pub mod settings;
pub mod start;
pub mod status;
pub mod versions;
