//! Node-API bindings of dspx-rs: each one converts, calls and converts back. No arithmetic and no defaults here.

mod error;
mod job;
mod pipeline;
mod value;
