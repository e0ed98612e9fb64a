//! The Redis store (Redis ≥ 6 or Valkey): a single server, a cluster, or a server behind sentinels.
//!
//! Keys: `<prefix>:store` (the store's id), `<prefix>:{<scope>}:m` (hash: the manifest), `<prefix>:{<scope>}:k:<key>`
//! (hash: fields `0` and `1` hold records). The braces put a scope into one slot of a cluster, so that one script
//! covers it. All commands can be repeated safely, and are, until `retry_for` has passed.

mod config;
mod link;
mod manifest;
mod names;
mod read;
mod store;
mod target;
mod write;

pub use config::{Config, Tls};
pub use store::connect;
