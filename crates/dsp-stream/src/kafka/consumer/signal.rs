use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::kafka::lock;

/// Wakes one thread; raising it before the wait counts.
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

    /// Waits until it is raised or `timeout` has passed, and lowers it.
    pub fn wait(&self, timeout: Duration) {
        let waited = self.condition.wait_timeout_while(lock(&self.raised), timeout, |raised| !*raised);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// An event that happens once; any number of threads may wait for it.
#[derive(Default)]
pub struct Latch {
    fallen: Mutex<bool>,
    condition: Condvar,
}

impl Latch {
    pub fn fall(&self) {
        *lock(&self.fallen) = true;
        self.condition.notify_all();
    }

    /// Waits for the event until `timeout`; returns whether it has happened.
    pub fn wait(&self, timeout: Duration) -> bool {
        let waited = self.condition.wait_timeout_while(lock(&self.fallen), timeout, |fallen| !*fallen);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn all_that_wait_for_a_latch_go_on_also_those_that_come_late() {
        let latch = Arc::new(Latch::default());
        assert!(!latch.wait(Duration::ZERO));
        let wait = |latch: Arc<Latch>| std::thread::spawn(move || latch.wait(Duration::MAX));
        let threads = [wait(Arc::clone(&latch)), wait(Arc::clone(&latch))];
        latch.fall();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        assert!(latch.wait(Duration::MAX));
    }
}
