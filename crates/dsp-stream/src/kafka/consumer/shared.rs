//! The data that the owner's thread and the poll thread share.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::config::Config;
use super::event::{Event, OffsetCommit, Target};
use super::partitions::Partitions;
use super::signal::Signal;
use crate::error::Error;
use crate::kafka::client::{ClientEvents, Notice};
use crate::kafka::mailbox::{Mailbox, Notify};
use crate::kafka::options::Properties;

#[derive(Default)]
pub(super) struct Counters {
    pub(super) messages: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) commit_errors: AtomicU64,
    pub(super) rebalances: AtomicU64,
}

/// The data that the owner's thread and the poll thread share.
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) partitions: Mutex<Partitions>,
    pub(super) mailbox: Mailbox<Event>,
    pub(super) signal: Signal,
    pub(super) counters: Counters,
    pub(super) events: ClientEvents,
    /// Tokens of rebalances that have been answered.
    pub(super) released: Mutex<Vec<f64>>,
    /// Whether the poll thread waits for room in a queue. Set with the partitions locked.
    pub(super) crowded: AtomicBool,
    /// Whether the owner's handlers have finished, so that rebalances need no answer.
    pub(super) closing: AtomicBool,
    /// Whether the owner is gone, so that the thread must end as fast as possible.
    pub(super) abort: AtomicBool,
    /// Whether no broker can be reached.
    pub(super) away: AtomicBool,
    /// Whether statistics have arrived, so that the ends of partitions that are not being fetched are due to be
    /// requested.
    pub(super) ends_due: AtomicBool,
    /// Whether the group keeps the member's place when it closes, for the next member with its instance id.
    pub(super) is_static: bool,
}

impl Shared {
    /// Returns the shared data of a consumer with these properties and options.
    pub(super) fn new(properties: &Properties, config: Config, notify: Notify) -> Arc<Self> {
        Arc::new_cyclic(|shared: &std::sync::Weak<Self>| {
            let shared = shared.clone();
            let emit = move |notice| {
                if let Some(shared) = shared.upgrade() {
                    shared.mailbox.push(Event::Notice(notice));
                }
            };
            Self {
                partitions: Mutex::new(Partitions::new(config.limits)),
                config,
                mailbox: Mailbox::new(notify),
                signal: Signal::default(),
                counters: Counters::default(),
                events: ClientEvents::new(properties, emit),
                released: Mutex::default(),
                crowded: AtomicBool::new(false),
                closing: AtomicBool::new(false),
                abort: AtomicBool::new(false),
                away: AtomicBool::new(false),
                ends_due: AtomicBool::new(false),
                is_static: properties.values.contains_key("group.instance.id"),
            }
        })
    }

    /// Reports an error that is not the answer to a call.
    pub(super) fn report(&self, error: Error) {
        if let Error::Kafka(failure) = error {
            self.mailbox.push(Event::Notice(Notice::Error(failure)));
        }
    }
}

/// A command to the poll thread.
pub(super) enum Command {
    Connect(f64, Duration),
    Subscribe,
    Commit(f64),
    CommitOffsets(f64, Vec<OffsetCommit>),
    Seek(f64, String, i32, Target),
    Lag(f64),
    Watermarks(f64, String, i32),
    Close,
}
