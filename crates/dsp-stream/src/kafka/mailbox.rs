use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::lock;

/// Called when there is something to collect. It must return at once and may be called from any thread.
pub type Notify = Box<dyn Fn() + Send + Sync>;

/// Events for the owner of a client: any number of them causes one notification until they are collected.
pub struct Mailbox<E> {
    events: Mutex<Vec<E>>,
    notified: AtomicBool,
    notify: Notify,
}

impl<E> Mailbox<E> {
    /// Returns an empty mailbox.
    pub fn new(notify: Notify) -> Self {
        Self { events: Mutex::default(), notified: AtomicBool::new(false), notify }
    }

    /// Adds an event.
    pub fn push(&self, event: E) {
        lock(&self.events).push(event);
        self.wake();
    }

    /// Notifies the owner, unless it has been notified and has not collected yet.
    pub fn wake(&self) {
        if !self.notified.swap(true, Ordering::AcqRel) {
            (self.notify)();
        }
    }

    /// Returns and removes all events. Later events notify again.
    pub fn collect(&self) -> Vec<E> {
        self.notified.store(false, Ordering::Release);
        std::mem::take(&mut lock(&self.events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn one_notification_until_collected() {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let mailbox = Mailbox::new(Box::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        }));
        mailbox.push(1);
        mailbox.push(2);
        assert_eq!((mailbox.collect(), count.load(Ordering::Relaxed)), (vec![1, 2], 1));
        mailbox.push(3);
        assert_eq!((mailbox.collect(), count.load(Ordering::Relaxed)), (vec![3], 2));
    }
}
