//! The assigned partitions of a stream, and their ends.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::event::StreamEvent;
use super::port::KafkaPort;
use crate::error::Result;
use crate::kafka::consumer::Consumer;
use crate::kafka::lock;
use crate::kafka::mailbox::Mailbox;
use crate::kafka::producer::Producer;
use crate::stream::guarantee::exactly_once::handle::Handle;
use crate::stream::protocol::command::Command;
use crate::stream::protocol::config::StreamConfig;
use crate::stream::protocol::status::{PartitionEvent, Status};
use crate::topic::TopicPartition;

/// The data that a stream's owner and its driver share.
pub(super) struct Shared {
    pub(super) config: StreamConfig,
    pub(super) mailbox: Mailbox<StreamEvent>,
    /// The assigned partitions.
    pub(super) owned: Mutex<Vec<Owned>>,
    /// Command channels of partitions that are being revoked.
    pub(super) leaving: Mutex<Vec<mpsc::UnboundedSender<Command>>>,
    pub(super) clients: Mutex<(Weak<Consumer>, Weak<Producer>)>,
    /// Number of times that the clients were replaced.
    pub(super) restarts: AtomicU64,
    /// Number of committed transactions.
    pub(super) committed: AtomicU64,
    /// Number of aborted transactions.
    pub(super) aborted: AtomicU64,
}

/// An assigned partition.
pub(super) struct Owned {
    pub(super) port: Arc<KafkaPort>,
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) task: AbortHandle,
}

impl Owned {
    /// Sends a command and returns the receiver of its answer.
    pub(super) fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T>>) -> Command,
    ) -> oneshot::Receiver<Result<T>> {
        let (sender, receiver) = oneshot::channel();
        let _ = self.commands.send(command(sender));
        receiver
    }

    /// Ends at once; its counters are added to those of the stream.
    pub(super) fn end(&self, mailbox: &Mailbox<StreamEvent>) {
        self.task.abort();
        let counters = lock(&self.status).counters;
        mailbox.push(StreamEvent::Ended(counters));
    }
}

/// Ends partitions with a last checkpoint, as far as time allows.
pub(super) async fn end(owned: Vec<Owned>, time: Duration, shared: &Shared, transactions: Option<Handle>) {
    let begun = Instant::now();
    if let Some(transactions) = transactions {
        lock(&shared.leaving).extend(owned.iter().map(|o| o.commands.clone()));
        owned.iter().for_each(|o| drop(o.commands.send(Command::Retire)));
        if let Ok(Err(error)) = timeout(time, transactions.checkpoint()).await {
            shared.mailbox.push(StreamEvent::Error(error));
        }
    }
    let time = time.saturating_sub(begun.elapsed());
    let answers: Vec<_> = owned.iter().map(|o| o.ask(Command::Stop)).collect();
    let _ = timeout(time, async {
        for answer in answers {
            let _ = answer.await;
        }
    })
    .await;
    owned.iter().for_each(|o| o.end(&shared.mailbox));
    lock(&shared.leaving).retain(|leaving| !owned.iter().any(|o| o.commands.same_channel(leaving)));
}

/// Passes an event of a partition on.
pub(super) fn report(mailbox: &Mailbox<StreamEvent>, source: &TopicPartition, event: PartitionEvent) {
    match event {
        PartitionEvent::Failed(error) => return mailbox.push(StreamEvent::Error(error)),
        PartitionEvent::Stalled(ref error) => mailbox.push(StreamEvent::Error(error.clone())),
        _ => {}
    }
    mailbox.push(StreamEvent::Partition(source.clone(), event));
}
