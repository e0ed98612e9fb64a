//! Times and ids.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the time in milliseconds since 1970.
pub(crate) fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1e3
}

/// Returns sixteen random bytes: a UUID of version 4.
pub(super) fn new_id() -> [u8; 16] {
    *uuid::Uuid::new_v4().as_bytes()
}
