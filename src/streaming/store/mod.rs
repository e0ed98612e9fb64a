//! State stores for JavaScript: `lib/kafka/stores.js` builds its API on this class.

mod native;
mod objects;
mod promise;
#[cfg(feature = "redis")]
mod redis;

pub use native::NativeStateStore;
