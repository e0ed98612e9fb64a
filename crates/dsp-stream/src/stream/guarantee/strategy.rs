//! The part of a guarantee in the task of a partition.

use std::future::Future;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::context::PartitionContext;
use super::session::{End, Session, Step};
use crate::error::Result;
use crate::store::{Lease, StateStore};
use crate::stream::protocol::command::{BarrierSnapshot, Command};
use crate::stream::protocol::port::Port;
use crate::stream::protocol::start::Start;
use crate::topic::{CommittedOffset, KeyedRecord};

/// The answer to whether messages may be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Whether messages may be processed now.
    pub is_open: bool,
    /// Latest time at which the gate must be asked again.
    pub reconsider_at: Option<Instant>,
}

/// One guarantee's part in the task of a partition.
pub trait Strategy: Clone + Send + Sync + 'static {
    /// Whether a former owner may still store something after its scope was acquired; a start that fails is then
    /// decided again until the manifest no longer changes.
    const OUTLIVED_BY_WRITES: bool;

    /// Returns the group's committed offset, as it applies under this guarantee.
    fn committed(&self, port: &impl Port) -> impl Future<Output = Result<Option<CommittedOffset>>> + Send;

    /// Removes records that the other guarantee has left in the store and that this one would take for valid.
    fn adopt(&self, store: &dyn StateStore, lease: &Lease, start: &Start) -> impl Future<Output = Result<()>> + Send;

    /// Returns the offset for the manifest at the start.
    fn offset_hint(&self, committed: Option<i64>, start: &Start) -> i64;

    /// Writes to the changelog; resolves when the records are valid.
    fn log(&self, port: &impl Port, records: Vec<KeyedRecord>) -> impl Future<Output = Result<()>> + Send;

    /// Requests or begins a checkpoint if one is due, and returns whether messages may be processed.
    fn gate<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> impl Future<Output = Step<Gate>> + Send;

    /// Waits until the gate is to be asked again.
    fn gate_changed(&mut self, gate: Gate) -> impl Future<Output = ()> + Send;

    /// Prepares for messages that have been taken; returns false if they may not be processed now.
    fn admit<P: Port>(&self, context: &PartitionContext<P>, session: &mut Session) -> Step<bool>;

    /// Notes that messages have been processed.
    fn processed(&self);

    /// Makes a snapshot at the barrier of a transaction.
    fn checkpoint<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
        answer: oneshot::Sender<Option<BarrierSnapshot>>,
    ) -> impl Future<Output = Step> + Send;

    /// Handles a successful checkpoint: everything below `next` is done.
    fn checkpointed<P: Port + 'static>(
        &self,
        context: &PartitionContext<P>,
        session: &mut Session,
        next: i64,
        seq: u64,
    );

    /// Stores what has been processed before the partition ends, as far as time allows.
    fn finish<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Stores what has been processed before the partition halts; it continues afterwards.
    fn drain<P: Port + 'static>(
        &mut self,
        context: &mut PartitionContext<P>,
        session: &mut Session,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> impl Future<Output = Step> + Send;

    /// Ensures that what was sent since the last checkpoint is not committed.
    fn discard(&self, session: &Session, why: &End);
}
