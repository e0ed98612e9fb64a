//! The Redis store (Redis ≥ 6 or Valkey): alone, in a cluster, or behind sentinels.
//!
//! Keys: `<prefix>:store` (the store's id), `<prefix>:{<scope>}:m` (hash: the manifest), `<prefix>:{<scope>}:k:<key>`
//! (hash: fields `0` and `1` hold records). The braces put a scope into one slot of a cluster, so that one script
//! covers it. All commands may be repeated safely: they are, until `retry_for` has passed.

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
