//! The task of one partition: it restores the states, processes messages, and ends; its strategy decides the rest.

mod apply;
mod changelog;
mod process;
mod read;
mod restore;
mod work;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

use self::restore::restore;
use super::guarantee::context::{Flow, PartitionContext};
use super::guarantee::session::{End, Session};
use super::guarantee::strategy::Strategy;
use super::protocol::command::Command;
use super::protocol::port::Port;
use super::protocol::settings::Settings;
use super::protocol::status::{PartitionEvent, PartitionState, Status};
use crate::error::{Error, Result};
use crate::store::StateStore;

/// Number of losses of the scope within a minute after which the partition gives up.
const MAX_FENCED: usize = 3;
/// First and longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// Time for which a fenced partition waits for the group to revoke it before it acquires its scope again.
const FENCED_PAUSE: Duration = Duration::from_millis(500);

/// One partition with its resources.
pub struct Partition<P, S> {
    context: PartitionContext<P>,
    strategy: S,
}

impl<P: Port + 'static, S: Strategy> Partition<P, S> {
    /// Returns a partition that has just been assigned. `emit` is called with each event.
    pub fn new(
        (port, store): (Arc<P>, Arc<dyn StateStore>),
        template: dsp_core::Pipeline,
        settings: Settings,
        strategy: S,
        status: Arc<Mutex<Status>>,
        emit: impl Fn(PartitionEvent) + Send + Sync + 'static,
    ) -> Self {
        Self { context: PartitionContext::new(port, store, template, settings, status, emit), strategy }
    }

    /// Runs until told to stop, or until the sender of the commands is gone (then without a last checkpoint).
    pub async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut pause = PAUSES.0;
        let mut losses: Vec<Instant> = Vec::new();
        loop {
            let end = match self.restored(&mut commands).await {
                Ok(Some(session)) => {
                    let began = Instant::now();
                    let end = self.work(session, &mut commands).await;
                    if began.elapsed() > PAUSES.1 {
                        pause = PAUSES.0;
                    }
                    end
                }
                Ok(None) => return,
                Err(error) => End::from(error),
            };
            let report = &self.context.report;
            let flow = match end {
                End::Stopped => Flow::End,
                End::Restore | End::Halted { stall: false, .. } => Flow::Continue,
                End::Again(error) => {
                    report.enter(PartitionState::Acquiring);
                    report.failed(error);
                    let rest = self.rest(&mut commands, Some(pause));
                    pause = (2 * pause).min(PAUSES.1);
                    rest.await
                }
                End::Fenced(error) => {
                    report.update(|s| {
                        (s.state, s.reason) = (PartitionState::Fenced, Some(error.to_string()));
                        s.counters.fenced += 1;
                    });
                    report.emit(PartitionEvent::Fenced(error));
                    losses.retain(|at| at.elapsed() < Duration::from_secs(60));
                    losses.push(Instant::now());
                    let gives_up = losses.len() > MAX_FENCED;
                    self.rest(&mut commands, (!gives_up).then_some(FENCED_PAUSE)).await
                }
                End::Stalled(error) | End::Halted { error, stall: true } => {
                    report.emit(PartitionEvent::Stalled(error.clone()));
                    report.update(|s| (s.state, s.reason) = (PartitionState::Stalled, Some(error.to_string())));
                    self.rest(&mut commands, None).await
                }
            };
            if flow == Flow::End {
                return;
            }
        }
    }

    /// Answers commands for `time`, or until `resume`.
    async fn rest(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>, time: Option<Duration>) -> Flow {
        let end = time.map(|time| tokio::time::Instant::now() + time);
        loop {
            let over = async {
                match end {
                    Some(end) => tokio::time::sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            let command = tokio::select! {
                command = commands.recv() => command,
                () = over => return Flow::Continue,
            };
            let is_resume = matches!(command, Some(Command::Resume(_)));
            match self.context.answer_idle(command) {
                Flow::End => return Flow::End,
                Flow::Continue if is_resume => return Flow::Continue,
                Flow::Continue => {}
            }
        }
    }

    /// Acquires the scope and determines the start; returns `None` if it was told to stop in the meantime.
    async fn restored(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Result<Option<Session>> {
        self.context.report.update(|s| (s.state, s.keys, s.dirty) = (PartitionState::Acquiring, 0, 0));
        self.context.states().forget();
        let begun = Instant::now();
        let PartitionContext { port, store, settings, report, .. } = &self.context;
        let (port, store, settings) = (Arc::clone(port), Arc::clone(store), Arc::clone(settings));
        let (report, strategy) = (report.clone(), self.strategy.clone());
        let mut work = tokio::spawn(async move { restore(&strategy, &*port, &*store, &settings, &report).await });
        loop {
            let command = tokio::select! {
                done = &mut work => {
                    let (session, rollback) = done.map_err(|e| Error::argument(e.to_string()))??;
                    self.began(&session, rollback, begun.elapsed());
                    return Ok(Some(session));
                }
                command = commands.recv() => command,
            };
            if self.context.answer_idle(command) == Flow::End {
                work.abort();
                return Ok(None);
            }
        }
    }

    /// Reports that messages are processed from now on.
    fn began(&self, session: &Session, rollback: bool, time: Duration) {
        let (epoch, position, state) = (session.lease.epoch, session.position, self.context.active_state());
        let report = &self.context.report;
        report.store_answers();
        report.update(|s| {
            (s.state, s.reason, s.epoch, s.position) = (state, None, epoch, position);
            s.checkpointed = position;
            s.counters.restores += 1;
            s.counters.restore_ms += time.as_secs_f64() * 1e3;
        });
        if rollback {
            report.emit(PartitionEvent::Rollback(position));
        }
        report.emit(PartitionEvent::Restored(position));
    }
}
