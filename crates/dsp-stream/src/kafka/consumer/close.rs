//! The end of the poll thread: leaves the group and frees the client.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer as _;

use super::config::CLOSE_TIMEOUT;
use super::poll::Thread;
use crate::kafka::ffi;

/// Longest time for leaving a group. Without brokers nothing is waited for: the member is removed at once.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(3);
/// Time after which the subscription is given up again.
const LEAVE_AGAIN: Duration = Duration::from_millis(50);

impl Thread {
    /// Gives up the subscription until the member has left. During a rebalance librdkafka ignores the request, and
    /// closing then does not leave the group: it would wait a whole session for a member that is gone.
    pub(super) fn leave_group(&mut self) {
        let deadline = Instant::now() + LEAVE_TIMEOUT;
        while ffi::is_member(self.native.client()) && Instant::now() < deadline {
            self.native.unsubscribe();
            let again = Instant::now() + LEAVE_AGAIN;
            while ffi::is_member(self.native.client()) && Instant::now() < again {
                self.burst();
                self.shared.signal.wait(LEAVE_AGAIN / 25);
            }
        }
    }

    /// Commits, leaves the group and frees the client, within `CLOSE_TIMEOUT`.
    pub(super) fn close(mut self) {
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        self.burst();
        let commits = &self.native.context().commits;
        if !self.shared.abort.load(Relaxed) {
            commits.finish(&self.native, &self.shared, CLOSE_TIMEOUT / 2);
        }
        commits.give_up(&self.shared);
        if !self.shared.is_static && !self.shared.abort.load(Relaxed) {
            self.leave_group();
        }
        let commits = &self.native.context().commits;
        commits.set_queue(None);
        let mut native = self.native;
        loop {
            native = match Arc::try_unwrap(native) {
                // Leaves the group. With lists of partitions alive elsewhere this would never return.
                Ok(native) => return drop(native),
                Err(shared) => shared,
            };
            if Instant::now() > deadline {
                return std::mem::forget(native);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}
