//! The work of a session: waiting for the next command, message or result, and handling it.

use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep_until, timeout};

use super::Partition;
use crate::error::{Error, Result};
use crate::stream::guarantee::session::{End, Session, Step, saved};
use crate::stream::guarantee::settle::settle;
use crate::stream::guarantee::strategy::Strategy;
use crate::stream::protocol::command::{Command, Sending};
use crate::stream::protocol::port::Port;

/// Largest number of batches of outputs under way: a slow output topic slows the partition down.
const MAX_SENDS: usize = 16;

impl<P: Port + 'static, S: Strategy> Partition<P, S> {
    /// Works until the session ends.
    pub(super) async fn work(&mut self, mut session: Session, commands: &mut mpsc::UnboundedReceiver<Command>) -> End {
        let mut end = loop {
            if let Err(end) = self.step(&mut session, commands).await {
                break end;
            }
        };
        if matches!(end, End::Halted { .. }) {
            let limit = self.context.settings.config.checkpoint.timeout;
            let drained = timeout(limit, self.strategy.drain(&mut self.context, &mut session, commands)).await;
            if let Ok(Err(worse @ (End::Fenced(_) | End::Stopped))) = drained {
                end = worse;
            }
        }
        if session.pending > 0 {
            self.strategy.discard(&session, &end);
        }
        if let Some(saving) = session.saving.take() {
            saving.task.abort();
        }
        session.sends.iter().for_each(JoinHandle::abort);
        end
    }

    /// Waits for the next command, message or result, and handles it.
    async fn step(&mut self, session: &mut Session, commands: &mut mpsc::UnboundedReceiver<Command>) -> Step {
        let gate = self.strategy.gate(&mut self.context, session).await?;
        let is_saving = session.saving.is_some();
        let is_congested = session.sends.len() > MAX_SENDS;
        let may_take = gate.is_open && !self.context.is_paused && !self.context.is_retired && !is_congested;
        let retry_at = session.backlog.as_ref().map(|(_, at)| *at);
        let port = Arc::clone(&self.context.port);
        tokio::select! {
            biased;
            command = commands.recv() => self.command(session, command).await,
            saved = saved(&mut session.saving), if is_saving => {
                settle(&mut self.context, &self.strategy, session, saved)
            }
            () = self.strategy.gate_changed(gate) => Ok(()),
            sent = oldest(&mut session.sends), if is_congested => {
                session.sends.pop_front();
                self.delivered(sent)
            }
            () = sleep_until(retry_at.unwrap_or_else(Instant::now)), if may_take && retry_at.is_some() => {
                let messages = session.backlog.take().map(|(messages, _)| messages).unwrap_or_default();
                self.process(session, messages).await
            }
            messages = port.take(), if may_take && retry_at.is_none() => match messages {
                Ok(messages) => self.process(session, messages).await,
                // What was processed before is good; where to go on, the policy decides.
                Err(error @ Error::DataLoss { .. }) => Err(End::Halted { error, stall: false }),
                Err(error) => Err(End::from(error)),
            },
        }
    }

    async fn command(&mut self, session: &mut Session, command: Option<Command>) -> Step {
        match command {
            None => return Err(End::Stopped),
            Some(Command::Stop(answer)) => {
                let result = self.strategy.finish(&mut self.context, session).await;
                let _ = answer.send(result);
                return Err(End::Stopped);
            }
            Some(Command::Barrier(answer)) => self.strategy.checkpoint(&mut self.context, session, answer).await?,
            Some(Command::Rewind) if session.pending > 0 => return Err(End::Restore),
            Some(Command::Checkpoint(answer)) if session.pending > 0 || session.saving.is_some() => {
                session.waiting.push(answer);
            }
            Some(Command::State(key, answer)) => {
                let is_in_memory = self.context.states().has(&key);
                let state = self.context.states().state(&key).map_err(|e| Error::argument(e.to_string()));
                match state {
                    Ok(None) if !is_in_memory => self.context.answer_stored_state(key, answer),
                    found => drop(answer.send(found)),
                }
            }
            command => _ = self.context.answer_idle(command),
        }
        self.context.report.enter(self.context.active_state());
        Ok(())
    }

    fn delivered(&mut self, sent: std::result::Result<Result<Vec<i64>>, JoinError>) -> Step {
        match sent {
            Ok(Ok(too_large)) if too_large.is_empty() => Ok(()),
            Ok(Ok(too_large)) => Err(self.context.too_large(&too_large)),
            Ok(Err(error)) => Err(End::Again(error)),
            Err(error) => Err(End::Again(Error::argument(error.to_string()))),
        }
    }
}

/// Waits for the result of the oldest batch of outputs, for ever if there is none. The future may be dropped and the
/// call repeated.
async fn oldest(sends: &mut VecDeque<Sending>) -> std::result::Result<Result<Vec<i64>>, JoinError> {
    match sends.front_mut() {
        Some(sent) => sent.await,
        None => std::future::pending().await,
    }
}
