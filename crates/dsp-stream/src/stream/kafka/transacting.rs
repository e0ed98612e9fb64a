//! The transactions of a stream's current clients.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::clients::Clients;
use super::event::StreamEvent;
use super::owned::Shared;
use crate::error::Error;
use crate::kafka::lock;
use crate::store::StateStore;
use crate::stream::guarantee::exactly_once::handle::Handle;
use crate::stream::guarantee::exactly_once::kafka::{KafkaTransactions, Participants};
use crate::stream::guarantee::exactly_once::transactor::{TransactionEvent, Transactor};

/// Transactions under way.
pub(super) struct Transacting {
    pub(super) handle: Handle,
    task: AbortHandle,
    pub(super) participants: Participants,
    /// The reason why the clients must be replaced.
    pub(super) end: Arc<Mutex<Option<Error>>>,
}

impl Drop for Transacting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Transacting {
    /// Starts the transactions; `changed` is notified when they have ended.
    pub(super) fn begin(
        clients: &Clients,
        shared: &Arc<Shared>,
        store: &Arc<dyn StateStore>,
        changed: &Arc<Notify>,
    ) -> Self {
        let participants = Participants::default();
        let Clients { consumer, producer, .. } = clients;
        let calls = KafkaTransactions::new(Arc::clone(consumer), Arc::clone(producer), Arc::clone(&participants));
        let listed = Arc::clone(shared);
        let members = Box::new(move || {
            let mut members: Vec<_> = lock(&listed.owned).iter().map(|owned| owned.commands.clone()).collect();
            members.extend(lock(&listed.leaving).iter().cloned());
            members
        });
        let (reported, config) = (Arc::clone(shared), shared.config.checkpoint);
        let emit = move |event| match event {
            TransactionEvent::Committed => _ = reported.committed.fetch_add(1, Relaxed),
            TransactionEvent::Aborted => _ = reported.aborted.fetch_add(1, Relaxed),
            TransactionEvent::Failed(error) => reported.mailbox.push(StreamEvent::Error(error)),
        };
        let (transactor, handle) = Transactor::new(calls, Arc::clone(store), config, members, emit);
        let (end, changed) = (Arc::new(Mutex::new(None)), Arc::clone(changed));
        let reason = Arc::clone(&end);
        let task = crate::runtime().spawn(async move {
            *lock(&reason) = Some(transactor.run().await);
            changed.notify_one();
        });
        Self { handle, task: task.abort_handle(), participants, end }
    }
}
