//! The semantics of a store over ordered keys and values, for memory and for the embedded database.

mod keys;
mod scope;
mod store;

pub(super) use store::LocalStore;
pub use store::memory;
