//! State stores: one manifest per scope and one record per key, fenced by epochs.
//!
//! The owner of a scope is the one who acquired it last: a `put` compares the epoch of its lease with the stored one in
//! the same step as it writes, so a former owner cannot write. A record holds a state together with the offset of the
//! last message applied to it, and is replaced as a whole.

mod api;
mod counters;
mod embedded;
mod failures;
mod kv;
mod lease;
mod local;
mod pages;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod stamps;
mod trail;
mod write;

pub use api::{Call, Entry, Metrics, Page, Slot, StateStore, Swap};
pub use embedded::{Durability, open as open_embedded};
pub(crate) use failures::{fenced, scope_changed};
pub use lease::{Lease, Manifest, ManifestUpdate};
pub use local::memory;
pub(crate) use pages::Pages;
pub use record::{Format, Record};
#[cfg(feature = "redis")]
pub use redis::{Config as RedisConfig, Tls as RedisTls, connect as connect_redis};
pub(crate) use stamps::now_ms;
pub use trail::{Marks, Trail};
#[cfg(test)]
pub(crate) use write::slot_to_replace;
pub(crate) use write::{new_record, short};
