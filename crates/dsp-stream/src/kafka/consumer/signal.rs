use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::kafka::lock;

/// Wakes one thread; a call that comes before the wait is not lost.
#[derive(Default)]
pub struct Signal {
    raised: Mutex<bool>,
    condition: Condvar,
}

impl Signal {
    pub fn raise(&self) {
        *lock(&self.raised) = true;
        self.condition.notify_one();
    }

    /// Waits until raised or until `timeout`, and lowers.
    pub fn wait(&self, timeout: Duration) {
        let waited = self.condition.wait_timeout_while(lock(&self.raised), timeout, |raised| !*raised);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
