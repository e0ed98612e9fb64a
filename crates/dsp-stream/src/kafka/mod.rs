//! The Kafka client: options, embedded broker, producer and consumer.

pub(crate) mod changelog;
mod client;
mod codes;
mod commit_list;
pub mod consumer;
pub mod embedded;
mod failure;
mod features;
mod ffi;
mod group_protocol;
mod lock;
pub(crate) mod mailbox;
pub mod options;
pub mod producer;
pub(crate) mod topics;

pub use client::{Notice, Token};
pub(crate) use commit_list::add_offset;
pub use failure::error_of;
pub(crate) use failure::{code_report, failure, is_retriable};
pub(crate) use lock::lock;
pub use mailbox::Notify;
