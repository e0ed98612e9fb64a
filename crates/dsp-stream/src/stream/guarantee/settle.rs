//! The end of a checkpoint.

use super::context::PartitionContext;
use super::session::{End, Saving, Session, Step};
use super::strategy::Strategy;
use crate::error::Result;
use crate::store::now_ms;
use crate::stream::protocol::command::CheckpointError;
use crate::stream::protocol::port::Port;
use crate::stream::protocol::status::PartitionEvent;

/// Handles the result of the checkpoint under way, and answers the callers that wait for it.
pub fn settle<P: Port + 'static>(
    context: &mut PartitionContext<P>,
    strategy: &impl Strategy,
    session: &mut Session,
    result: std::result::Result<(), CheckpointError>,
) -> Step {
    let Some(saving) = session.saving.take() else { return Ok(()) };
    let Saving { snapshot, seq, next, records, bytes, begun, waiting, .. } = saving;
    let answer = |result: Result<()>| waiting.into_iter().for_each(|caller| drop(caller.send(result.clone())));
    if let Err(error) = result {
        let end = match error {
            CheckpointError::Failed(error) => End::from(error),
            CheckpointError::TooLarge(offsets) => context.too_large(&offsets),
            CheckpointError::Aborted => End::Restore,
        };
        context.report.update(|s| s.counters.checkpoint_errors += 1);
        answer(Err(end.error()));
        return Err(end);
    }
    strategy.checkpointed(context, session, next, seq);
    context.states().saved(snapshot);
    let evicted = context.states().evict();
    let (keys, dirty) = (context.states().count(), context.states().dirty());
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    context.report.update(|s| {
        (s.checkpointed, s.last_checkpoint) = (next, Some(now_ms()));
        (s.keys, s.dirty) = (keys, dirty);
        s.counters.checkpoints += 1;
        s.counters.checkpoint_bytes += bytes as u64;
        s.counters.checkpoint_ms += ms;
        s.counters.keys_evicted += evicted as u64;
    });
    context.report.emit(PartitionEvent::Checkpoint { next, records, bytes, ms });
    answer(Ok(()));
    Ok(())
}
