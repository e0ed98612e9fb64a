//! The task of one partition, at-least-once.
//!
//! A checkpoint at offset N: all messages below N are processed; the changed states are copied, and processing goes on.
//! Then the outputs are waited for, then states and manifest (`next_offset` = N) are stored, then N is the group's. After
//! a crash the partition begins at the manifest's offset. A record may be newer: its message is skipped, because its
//! output was acknowledged before the record was stored. So every message enters its state exactly once.

mod apply;
mod checkpoint;
mod read;
mod restore;
mod session;
mod status;

pub use session::{SaveError, Sent};
pub use status::{Counts, Happening, Status};

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use self::apply::{Key, Outcome, Stop, apply};
use self::checkpoint::saved;
use self::read::read;
use self::restore::restore;
use self::session::{End, Saving, Session, Step};
use self::status::{Report, is_outage};
use super::assignment::{self, Policies};
use super::exactly_once::{Copy, Handle, valid};
use super::message::Message;
use super::states::States;
use super::{CheckpointConfig, InputConfig, OutputConfig, Poison, Port};
use crate::error::{Error, Result};
use crate::store::{ManifestUpdate, Record, StateStore};

/// Batches of outputs that may be on their way: a slow output topic holds the partition up.
const MAX_SENDS: usize = 16;
/// Losses of the scope within a minute after which the partition gives up.
const MAX_FENCED: usize = 3;
/// Pauses between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));
/// A checkpoint that is late by this factor stops processing.
const PATIENCE: usize = 10;
/// How long a partition that was fenced waits for the group to take it away before it acquires its scope again.
const FENCED_PAUSE: Duration = Duration::from_millis(500);
/// How long states that could not be read are left alone.
const STORE_PAUSE: Duration = Duration::from_millis(200);

/// What a partition is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How messages are read.
    pub input: InputConfig,
    /// How outputs are written; `None` = there are none.
    pub output: Option<OutputConfig>,
    /// What happens to messages that cannot be processed.
    pub poison: Poison,
    /// What happens when something is not as it was.
    pub policies: Policies,
    /// When checkpoints are made.
    pub checkpoint: CheckpointConfig,
    /// States in memory.
    pub max_keys: usize,
    /// The scope in the store.
    pub scope: String,
    /// Who we are, for the lease.
    pub owner: String,
    /// The consumer group, for dead letters.
    pub group: String,
    /// What the states belong to.
    pub definition: String,
    /// Bounds the partitions that compute at once.
    pub workers: Arc<Semaphore>,
    /// The stream's transactions, where outputs are promised exactly once.
    pub transactions: Option<Handle>,
    /// The changelog that checkpoints go to, too.
    pub changelog: Option<String>,
}

impl Settings {
    /// What is promised.
    fn guarantee(&self) -> &'static str {
        if self.transactions.is_some() { assignment::EXACTLY_ONCE } else { assignment::AT_LEAST_ONCE }
    }

    /// The version of a key that counts when `message` is processed next.
    pub(super) fn counting<'a>(&self, versions: &'a [Record], message: i64) -> Option<&'a Record> {
        match self.transactions {
            Some(_) => valid(versions, |record| record.offset, message),
            None => versions.first(),
        }
    }

    fn manifest(&self, next_offset: Option<i64>, seq: u64, partitions: u32) -> ManifestUpdate {
        ManifestUpdate {
            next_offset,
            seq,
            definition: self.definition.clone(),
            guarantee: self.guarantee().into(),
            partitions,
            changelog: self.changelog.clone(),
        }
    }
}

/// What a partition can be asked.
#[derive(Debug)]
pub enum Command {
    /// To make a checkpoint now.
    Checkpoint(oneshot::Sender<Result<()>>),
    /// To make a last checkpoint and end.
    Stop(oneshot::Sender<Result<()>>),
    /// Not to begin any message.
    Pause(oneshot::Sender<Result<()>>),
    /// To go on, also after a stall.
    Resume(oneshot::Sender<Result<()>>),
    /// For the state of a key as TOON.
    State(Vec<u8>, oneshot::Sender<Result<Option<Vec<u8>>>>),
    /// To stop behind a message and say what is to be stored, if anything is; then to wait for the verdict.
    Barrier(oneshot::Sender<Option<Copy>>),
    /// To begin again at the committed offset, if anything was processed since.
    Rewind,
    /// To begin no message any more, for good.
    Retire,
}

/// One partition with its outside.
pub struct Partition<P> {
    port: Arc<P>,
    store: Arc<dyn StateStore>,
    template: dsp_core::Pipeline,
    settings: Arc<Settings>,
    report: Report,
    /// `None` while another thread has them, and after a panic there.
    states: Option<Box<States>>,
    is_paused: bool,
    is_retired: bool,
}

impl<P: Port + 'static> Partition<P> {
    /// A partition that has just been assigned.
    pub fn new(
        port: Arc<P>,
        store: Arc<dyn StateStore>,
        template: dsp_core::Pipeline,
        settings: Settings,
        status: Arc<Mutex<Status>>,
        tell: impl Fn(Happening) + Send + Sync + 'static,
    ) -> Self {
        let report = Report { status, tell: Arc::new(tell) };
        let settings = Arc::new(settings);
        Self { port, store, template, settings, report, states: None, is_paused: false, is_retired: false }
    }

    /// Works until told to stop, or until the sender of the commands is gone (then without a last checkpoint).
    pub async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut pause = PAUSES.0;
        let mut lost: Vec<Instant> = Vec::new();
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
            let goes_on = match end {
                End::Stopped => false,
                End::Restore | End::Halted { stall: false, .. } => true,
                End::Again(error) => {
                    self.report.update(|s| s.state = "acquiring");
                    self.report.failed(error);
                    let rest = self.rest(&mut commands, Some(pause));
                    pause = (2 * pause).min(PAUSES.1);
                    rest.await
                }
                End::Fenced(error) => {
                    self.report.update(|s| {
                        (s.state, s.reason) = ("fenced", Some(error.to_string()));
                        s.counts.fenced += 1;
                    });
                    self.report.tell(Happening::Fenced(error.clone()));
                    lost.retain(|at| at.elapsed() < Duration::from_secs(60));
                    lost.push(Instant::now());
                    if lost.len() > MAX_FENCED {
                        self.halt("fenced", &error, &mut commands).await
                    } else {
                        self.rest(&mut commands, Some(FENCED_PAUSE)).await
                    }
                }
                End::Stalled(error) | End::Halted { error, stall: true } => {
                    self.report.tell(Happening::Stalled(error.clone()));
                    self.halt("stalled", &error, &mut commands).await
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    fn states(&mut self) -> &mut States {
        let (template, settings) = (&self.template, &self.settings);
        let make = || States::new(template.fresh_copy(), settings.max_keys, settings.transactions.is_some());
        self.states.get_or_insert_with(|| Box::new(make()))
    }

    /// Runs `work` on the states, on a thread that may be busy for long.
    async fn with_states<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut States) -> T + Send + 'static,
    ) -> Step<T> {
        let permit = Arc::clone(&self.settings.workers).acquire_owned().await.map_err(Error::internal)?;
        let mut states = self.states.take().ok_or_else(|| Error::internal("the states are gone"))?;
        let working = tokio::task::spawn_blocking(move || {
            let out = work(&mut states);
            drop(permit);
            (states, out)
        });
        let (states, out) = working.await.map_err(Error::internal)?;
        self.states = Some(states);
        Ok(out)
    }

    /// Waits for `resume`; false = stop.
    async fn halt(
        &mut self,
        state: &'static str,
        why: &Error,
        commands: &mut mpsc::UnboundedReceiver<Command>,
    ) -> bool {
        self.report.update(|s| (s.state, s.reason) = (state, Some(why.to_string())));
        self.rest(commands, None).await
    }

    /// Answers commands for some time, or until `resume`; false = stop.
    async fn rest(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>, time: Option<Duration>) -> bool {
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
                () = over => return true,
            };
            let is_resume = matches!(command, Some(Command::Resume(_)));
            match self.idle_command(command) {
                Idle::End => return false,
                Idle::Goes if is_resume => return true,
                Idle::Goes => {}
            }
        }
    }

    /// Answers a command while no message is being processed and nothing is to be stored.
    fn idle_command(&mut self, command: Option<Command>) -> Idle {
        match command {
            None => return Idle::End,
            Some(Command::Stop(answer)) => {
                let _ = answer.send(Ok(()));
                return Idle::End;
            }
            Some(Command::Resume(answer)) => {
                self.is_paused = false;
                let _ = answer.send(Ok(()));
            }
            Some(Command::Pause(answer)) => {
                self.is_paused = true;
                let _ = answer.send(Ok(()));
            }
            Some(Command::Checkpoint(answer)) => drop(answer.send(Ok(()))),
            Some(Command::State(key, answer)) => self.stored_state(key, answer),
            Some(Command::Barrier(answer)) => drop(answer.send(None)),
            Some(Command::Rewind) => {}
            Some(Command::Retire) => self.is_retired = true,
        }
        Idle::Goes
    }

    fn stored_state(&self, key: Vec<u8>, answer: oneshot::Sender<Result<Option<Vec<u8>>>>) {
        let (store, settings) = (Arc::clone(&self.store), Arc::clone(&self.settings));
        let mut committed = i64::MAX;
        self.report.update(|s| committed = s.checkpointed);
        tokio::spawn(async move {
            let found = store.get_many(&settings.scope, &[key]).await;
            let state = found.map(|keys| Some(settings.counting(keys.first()?, committed)?.state.clone()));
            let _ = answer.send(state);
        });
    }

    /// Acquires the scope and finds the place to begin; `None` = told to stop meanwhile.
    async fn restored(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Result<Option<Session>> {
        self.report.update(|s| (s.state, s.keys, s.dirty) = ("acquiring", 0, 0));
        self.states().forget();
        let begun = Instant::now();
        let (port, store, settings) = (Arc::clone(&self.port), Arc::clone(&self.store), Arc::clone(&self.settings));
        let report = self.report.clone();
        let mut work = tokio::spawn(async move { restore(&*port, &*store, &settings, &report).await });
        loop {
            let command = tokio::select! {
                done = &mut work => {
                    let (session, rollback) = done.map_err(|e| Error::argument(e.to_string()))??;
                    let (epoch, position) = (session.lease.epoch, session.position);
                    let state = self.going();
                    self.report.store_answers();
                    self.report.update(|s| {
                        (s.state, s.reason, s.epoch, s.position) = (state, None, epoch, position);
                        s.checkpointed = position;
                        s.counts.restores += 1;
                        s.counts.restore_ms += begun.elapsed().as_secs_f64() * 1e3;
                    });
                    if rollback {
                        self.report.tell(Happening::Rollback(position));
                    }
                    self.report.tell(Happening::Restored(position));
                    return Ok(Some(session));
                }
                command = commands.recv() => command,
            };
            if matches!(self.idle_command(command), Idle::End) {
                work.abort();
                return Ok(None);
            }
        }
    }

    /// The name of the state in which messages are processed.
    fn going(&self) -> &'static str {
        if self.is_paused { "paused" } else { "running" }
    }

    async fn work(&mut self, mut session: Session, commands: &mut mpsc::UnboundedReceiver<Command>) -> End {
        let mut end = self.session(&mut session, commands).await;
        if matches!(end, End::Halted { .. }) {
            let timeout = self.settings.checkpoint.timeout;
            let finished = tokio::time::timeout(timeout, self.drained(&mut session, commands)).await;
            if let Ok(Err(worse @ (End::Fenced(_) | End::Stopped))) = finished {
                end = worse;
            }
        }
        if session.pending > 0 {
            self.doom(&session, &end);
        }
        if let Some(saving) = session.saving.take() {
            saving.task.abort();
        }
        session.sends.iter().for_each(JoinHandle::abort);
        end
    }

    /// What was sent since the last barrier must not be committed.
    fn doom(&self, session: &Session, why: &End) {
        if let Some(transactions) = &self.settings.transactions {
            transactions.doom(session.transaction, why.error());
        }
    }

    async fn session(&mut self, session: &mut Session, commands: &mut mpsc::UnboundedReceiver<Command>) -> End {
        loop {
            if let Err(end) = self.step(session, commands).await {
                return end;
            }
        }
    }

    /// Waits for the next thing to do, and does it.
    async fn step(&mut self, session: &mut Session, commands: &mut mpsc::UnboundedReceiver<Command>) -> Step {
        let config = self.settings.checkpoint;
        let is_crowded = self.states().is_crowded() && session.pending > 0;
        let is_full = session.pending >= config.every_messages;
        let mut transactions = self.settings.transactions.clone();
        if let Some(transactions) = &transactions {
            if is_full || is_crowded {
                transactions.due();
            }
        } else if session.saving.is_none() && (is_full || is_crowded || !session.waiting.is_empty()) {
            self.begin_checkpoint(session).await?;
        }
        let is_saving = session.saving.is_some();
        // Between the barrier and the next transaction nothing is processed.
        let is_closed = match &mut transactions {
            Some(transactions) => transactions.look().is_none() || is_saving || is_full || is_crowded,
            None => is_saving && (is_crowded || session.is_late(&config)),
        };
        let gate = async {
            match &mut transactions {
                Some(transactions) => transactions.changed().await,
                None => std::future::pending().await,
            }
        };
        let is_congested = session.sends.len() > MAX_SENDS;
        let may_take = !self.is_paused && !self.is_retired && !is_congested && !is_closed;
        let due = tokio::time::Instant::from_std(session.since + config.interval);
        let again = session.backlog.as_ref().map(|(_, at)| *at);
        let (is_due, port) = (session.pending > 0 && self.settings.transactions.is_none(), Arc::clone(&self.port));
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                None => Err(End::Stopped),
                Some(Command::Stop(answer)) if self.settings.transactions.is_some() => {
                    // What there was to commit is committed; its verdict may have come with the command. With the hint, the
                    // store alone tells that the stop was clean.
                    let hinted = async {
                        if session.saving.is_some() {
                            let result = saved(&mut session.saving).await;
                            let _ = self.saved(session, result);
                        }
                        if let Some(hint) = session.hint.take() {
                            let _ = hint.await;
                        }
                    };
                    let _ = tokio::time::timeout(config.timeout, hinted).await;
                    let _ = answer.send(Ok(()));
                    Err(End::Stopped)
                }
                Some(Command::Barrier(answer)) if session.pending > 0 => self.stop_at_barrier(session, answer).await,
                Some(Command::Rewind) if session.pending > 0 => Err(End::Restore),
                Some(Command::Stop(answer)) => {
                    self.report.update(|s| s.state = "revoking");
                    let result = match tokio::time::timeout(config.timeout, self.finish(session)).await {
                        Ok(result) => result,
                        Err(_) => Err(End::Again(late_checkpoint(config.timeout))),
                    };
                    let _ = answer.send(result.map_err(|end| end.error()));
                    Err(End::Stopped)
                }
                Some(command) => {
                    self.command(session, command);
                    Ok(())
                }
            },
            saved = saved(&mut session.saving), if is_saving => self.saved(session, saved),
            () = gate => Ok(()),
            sent = oldest(&mut session.sends), if is_congested => {
                session.sends.pop_front();
                self.delivered(sent)
            }
            () = tokio::time::sleep_until(due), if is_due && !is_saving => self.begin_checkpoint(session).await,
            () = tokio::time::sleep_until(again.unwrap_or(due)), if may_take && again.is_some() => {
                let (messages, _) = session.backlog.take().unwrap_or_else(|| (Vec::new(), due));
                self.process(session, messages).await
            }
            messages = port.take(), if may_take && again.is_none() => match messages {
                Ok(messages) => self.process(session, messages).await,
                // What was processed before is good; where to go on, the policy decides.
                Err(error @ Error::DataLoss { .. }) => Err(End::Halted { error, stall: false }),
                Err(error) => Err(End::from(error)),
            },
        }
    }

    fn command(&mut self, session: &mut Session, command: Command) {
        match command {
            Command::Checkpoint(answer) if session.pending > 0 || session.saving.is_some() => {
                session.waiting.push(answer);
            }
            Command::State(key, answer) => {
                let state = self.states().state(&key).map_err(|e| Error::argument(e.to_string()));
                match state {
                    Ok(None) => self.stored_state(key, answer),
                    found => drop(answer.send(found)),
                }
            }
            command => _ = self.idle_command(Some(command)),
        }
        let state = self.going();
        self.report.update(|s| s.state = state);
    }

    /// Processes messages and sends what comes out.
    async fn process(&mut self, session: &mut Session, messages: Vec<Message>) -> Step {
        if let Some(transactions) = &self.settings.transactions {
            let Some(number) = transactions.transaction() else {
                session.backlog = Some((messages, tokio::time::Instant::now()));
                return Ok(());
            };
            if session.pending > 0 && session.transaction != number {
                return Err(End::Restore);
            }
            session.transaction = number;
            self.port.enter(number);
        }
        let keys: Vec<Key> = messages.iter().map(|m| self.settings.input.key.of(m)).collect();
        match self.load(session, &keys, &messages).await {
            Err(error) if is_outage(&error) => {
                self.report.failed(error);
                session.backlog = Some((messages, tokio::time::Instant::now() + STORE_PAUSE));
                return Ok(());
            }
            loaded => loaded?,
        }
        let (settings, port) = (Arc::clone(&self.settings), Arc::clone(&self.port));
        let (outcome, keys, dirty) = self
            .with_states(move |states| {
                let mut outcome = apply(states, &messages, &keys, &settings, |output| port.fits(output));
                outcome.counts.evicted = states.evict() as u64;
                (outcome, states.count(), states.dirty())
            })
            .await?;
        let Outcome { next, last_time, counts, outputs, dead, end } = outcome;
        if let Some(next) = next {
            session.position = next;
            session.pending += counts.messages as usize;
            self.settings.transactions.iter().for_each(Handle::news);
        }
        if !outputs.is_empty() {
            session.sends.push_back(tokio::spawn(self.port.send(outputs)));
        }
        self.report.update(|s| {
            (s.position, s.keys, s.dirty) = (session.position, keys, dirty);
            s.last_time = last_time.or(s.last_time);
            s.counts.add(&counts);
        });
        dead.into_iter().for_each(|(offset, reason)| self.report.tell(Happening::DeadLetter(offset, reason)));
        crate::failpoint!("after-process");
        match end {
            None => Ok(()),
            Some(Stop::Broken(offset)) => {
                self.states().mark(offset);
                Err(End::Restore)
            }
            Some(Stop::Poison(error)) => Err(End::Halted { error, stall: true }),
        }
    }

    /// Takes states into memory that are not there yet. What the store gives is used only if it is as new as what this
    /// owner has written: else outputs would come from states that the store had before.
    async fn load(&mut self, session: &Session, keys: &[Key], messages: &[Message]) -> Result<()> {
        let states = self.states();
        let mut seen = HashSet::new();
        let (wanted, first): (Vec<Vec<u8>>, Vec<i64>) = keys
            .iter()
            .zip(messages)
            .filter_map(|(key, message)| Some((key.as_ref().ok()?, message)))
            .filter(|(key, _)| !states.has(key) && seen.insert(*key))
            .map(|(key, message)| (key.clone(), message.offset))
            .unzip();
        if wanted.is_empty() {
            return Ok(());
        }
        let found = read(&*self.store, &session.lease, &wanted).await?;
        self.report.store_answers();
        let loaded = found.iter().filter(|versions| !versions.is_empty()).count() as u64;
        let settings = Arc::clone(&self.settings);
        for ((key, versions), message) in wanted.iter().zip(&found).zip(first) {
            self.states().load(key, settings.counting(versions, message))?;
        }
        self.report.update(|s| s.counts.loaded += loaded);
        Ok(())
    }

    fn delivered(&mut self, sent: std::result::Result<Result<Vec<i64>>, tokio::task::JoinError>) -> Step {
        match sent {
            Ok(Ok(too_large)) if too_large.is_empty() => Ok(()),
            Ok(Ok(too_large)) => Err(self.too_large(&too_large)),
            Ok(Err(error)) => Err(End::Again(error)),
            Err(error) => Err(End::Again(Error::argument(error.to_string()))),
        }
    }

    /// Messages whose outputs no broker takes are poison, unless they are known as that already.
    fn too_large(&mut self, offsets: &[i64]) -> End {
        let news = offsets.iter().filter(|offset| self.states().mark(**offset)).count();
        if news > 0 { End::Restore } else { End::Stalled(Error::decode("a dead letter is too large for its topic")) }
    }
}

/// What follows a command.
enum Idle {
    End,
    Goes,
}

fn late_checkpoint(timeout: Duration) -> Error {
    let message = format!("the last checkpoint was not stored within {} ms", timeout.as_millis());
    Error::Store { code: "TIMED_OUT", message, retriable: true }
}

/// The result of the oldest batch of outputs. May be dropped and called again.
async fn oldest(sends: &mut VecDeque<Sent>) -> std::result::Result<Result<Vec<i64>>, tokio::task::JoinError> {
    match sends.front_mut() {
        Some(sent) => sent.await,
        None => std::future::pending().await,
    }
}
