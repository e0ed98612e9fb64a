//! Node-API bindings of dspx-rs: each one converts, calls and converts back, without arithmetic and without defaults.

#![cfg_attr(test, allow(dead_code, reason = "test builds leave out the registration of exports"))]

mod batch;
mod branch;
mod error;
mod events;
mod features;
mod files;
mod filters;
mod formats;
mod job;
#[cfg(feature = "kafka")]
mod kafka;
mod log;
mod pipeline;
mod spatial;
mod spectral;
#[cfg(feature = "kafka")]
mod stream;
mod streaming;
mod value;
