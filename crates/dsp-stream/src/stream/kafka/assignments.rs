//! Assignments: a task for each assigned partition, a last checkpoint for each revoked one.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::driver::Driver;
use super::event::StreamEvent;
use super::owned::{Owned, end, report};
use super::port::KafkaPort;
use crate::error::Error;
use crate::kafka::consumer::{Assigned, AssignmentId};
use crate::kafka::lock;
use crate::stream::guarantee::at_least_once::AtLeastOnce;
use crate::stream::guarantee::exactly_once::ExactlyOnce;
use crate::stream::guarantee::strategy::Strategy;
use crate::stream::partition::Partition;
use crate::stream::protocol::command::Command;
use crate::stream::protocol::settings::Settings;
use crate::stream::protocol::status::{PartitionEvent, PartitionState, Status};
use crate::topic::TopicPartition;

/// Largest number of messages that a partition processes at a time, since every switch of threads costs time on a busy
/// machine.
const MAX_MESSAGES_PER_RUN: usize = 2048;
/// librdkafka's default limit of the size of a message in bytes.
const MAX_BYTES: usize = 1_000_000;

impl Driver {
    /// Starts the tasks of assigned partitions.
    pub(super) fn assigned(&mut self, assigned: Vec<Assigned>) {
        self.is_assigned = true;
        let mut partitions = Vec::with_capacity(assigned.len());
        for one in assigned {
            let owned = self.begin(one);
            if self.is_paused {
                drop(owned.ask(Command::Pause));
            }
            partitions.push(owned.port.source.clone());
            lock(&self.shared.owned).push(owned);
        }
        self.shared.mailbox.push(StreamEvent::Assigned(partitions));
    }

    fn begin(&self, assigned: Assigned) -> Owned {
        let source = TopicPartition::new(&*assigned.topic, assigned.partition);
        let port = Arc::new(self.port(assigned, source.clone()));
        match &self.transactions {
            Some(transactions) => self.spawn(port, source, ExactlyOnce::new(transactions.handle.clone())),
            None => self.spawn(port, source, AtLeastOnce),
        }
    }

    fn port(&self, assigned: Assigned, source: TopicPartition) -> KafkaPort {
        let config = &self.shared.config;
        let max_bytes = self.properties.1.values.get("message.max.bytes").and_then(|n| n.parse().ok());
        KafkaPort {
            consumer: Arc::clone(&self.clients.consumer),
            producer: Arc::clone(&self.clients.producer),
            pending: Arc::clone(&self.clients.pending),
            id: Mutex::new(assigned.id),
            source,
            knows_committed: AtomicBool::new(assigned.position >= 0),
            committed: Mutex::new(assigned.committed),
            begins_at: AtomicI64::new(assigned.position),
            is_suspect: AtomicBool::new(false),
            max_messages: config.checkpoint.every_messages.clamp(1, MAX_MESSAGES_PER_RUN),
            wake: Notify::new(),
            output: config.output.as_ref().map(|output| output.topic.clone()),
            dead_letters: config.dead_letter_topic.clone(),
            events: config.events.as_ref().map(|events| events.topic.clone()),
            same_partition: (
                config.output.as_ref().is_some_and(|output| output.same_partition),
                config.events.as_ref().is_some_and(|events| events.same_partition),
            ),
            max_bytes: max_bytes.unwrap_or(MAX_BYTES),
            transaction: AtomicU64::new(0),
            participants: self.transactions.as_ref().map(|t| Arc::clone(&t.participants)).unwrap_or_default(),
            changelog: config.changelog_topic.clone(),
            reading: Arc::clone(&self.reading),
        }
    }

    /// Spawns the task of a partition.
    fn spawn(&self, port: Arc<KafkaPort>, source: TopicPartition, strategy: impl Strategy) -> Owned {
        let settings = Settings {
            config: self.shared.config.clone(),
            source: source.clone(),
            definition: self.definition.0.clone(),
            pipeline: Arc::clone(&self.definition.1),
            workers: Arc::clone(&self.workers),
        };
        let status = Arc::new(Mutex::new(Status::default()));
        let (shared, changed) = (Arc::clone(&self.shared), Arc::clone(&self.changed));
        let emit = move |event: PartitionEvent| {
            report(&shared.mailbox, &source, event);
            changed.notify_one();
        };
        let (template, outside) = (self.template.fresh_copy(), (Arc::clone(&port), Arc::clone(&self.store)));
        let partition = Partition::new(outside, template, settings, strategy, Arc::clone(&status), emit);
        let (commands, receiver) = mpsc::unbounded_channel();
        let running = crate::runtime().spawn(partition.run(receiver));
        let task = running.abort_handle();
        self.watch(running, Arc::clone(&status));
        Owned { port, status, commands, task }
    }

    /// Reports a panic of a partition's task, an internal error that ends only this partition.
    fn watch(&self, running: JoinHandle<()>, status: Arc<Mutex<Status>>) {
        let shared = Arc::clone(&self.shared);
        crate::runtime().spawn(async move {
            if let Err(error) = running.await
                && error.is_panic()
            {
                let error = Error::internal(error);
                let mut status = lock(&status);
                (status.state, status.reason) = (PartitionState::Stalled, Some(error.to_string()));
                drop(status);
                shared.mailbox.push(StreamEvent::Error(error));
            }
        });
    }

    /// Ends revoked partitions: with a last checkpoint, unless the group has already given them to others.
    pub(super) fn revoked(&mut self, token: f64, ids: &[AssignmentId], lost: bool) {
        // The group says what is ours next, be it nothing.
        self.is_assigned = false;
        let gone: Vec<Owned> = {
            let mut owned = lock(&self.shared.owned);
            let (gone, kept) = owned.drain(..).partition(|o| ids.contains(&o.port.id()));
            *owned = kept;
            gone
        };
        let partitions = gone.iter().map(|o| o.port.source.clone()).collect();
        let event = if lost { StreamEvent::Lost } else { StreamEvent::Revoked };
        self.shared.mailbox.push(event(partitions));
        let (consumer, time) = (Arc::clone(&self.clients.consumer), self.shared.config.revoke_timeout);
        let (revoking, changed) = (Arc::clone(&self.revoking), Arc::clone(&self.changed));
        let shared = Arc::clone(&self.shared);
        let transactions = self.transactions.as_ref().map(|t| t.handle.clone()).filter(|_| !lost);
        revoking.fetch_add(1, Relaxed);
        crate::runtime().spawn(async move {
            end(gone, if lost { Duration::ZERO } else { time }, &shared, transactions).await;
            consumer.release(token);
            revoking.fetch_sub(1, Relaxed);
            changed.notify_one();
        });
    }
}
