//! The rules of a partition against a world without servers, which may end at any step.

mod events;
pub(super) mod finish;
pub(super) mod migration;

use dsp_core::{Pipeline, Value};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::convert::{decode, encode};
use super::guarantee::at_least_once::AtLeastOnce;
use super::partition::Partition;
use super::protocol::command::Command;
use super::protocol::config::{
    CheckpointConfig, DefinitionChange, InputConfig, OnPoison, OutputConfig, Policies, Policy, StreamConfig,
    definition, recipe,
};
use super::protocol::message::{Message, Output};
use super::protocol::port::Port;
use super::protocol::settings::Settings;
use super::protocol::status::{PartitionEvent, PartitionState, Status};
use crate::error::{Error, Result};
use crate::store::Call as Reply;
use crate::store::{Entry, Format, Lease, Manifest, ManifestUpdate, Metrics, Page, Record, StateStore, Swap, memory};
use crate::topic::{CommittedOffset, KeyedRecord, TopicPartition, Watermarks};

/// A topic, its group and its output topic: what outlives a process.
#[derive(Default)]
struct World {
    log: Mutex<Vec<Message>>,
    low: AtomicI64,
    /// How often messages have been asked for.
    takes: AtomicI64,
    sent: Mutex<Vec<Output>>,
    committed: Mutex<Option<CommittedOffset>>,
    changelog: Mutex<Vec<KeyedRecord>>,
}

/// One life of the process. At the end of its steps everything it does hangs.
pub(super) struct Life {
    pub(super) steps: AtomicI64,
}

impl Life {
    pub(super) async fn step(&self) {
        if self.steps.fetch_sub(1, SeqCst) <= 0 {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.steps.load(SeqCst) < 0
    }
}

/// Up to three messages from a position on, which moves behind them; waits until there are some.
pub(super) async fn taken(log: impl Fn() -> Vec<Message>, position: &AtomicI64) -> Result<Vec<Message>> {
    loop {
        let from = position.load(SeqCst);
        let messages: Vec<Message> = log().into_iter().filter(|m| m.offset >= from).take(3).collect();
        if let Some(last) = messages.last() {
            position.store(last.offset + 1, SeqCst);
            return Ok(messages);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Returns a changelog as a reader gets it.
pub(super) fn replayed(log: Vec<KeyedRecord>) -> mpsc::Receiver<Result<Vec<KeyedRecord>>> {
    let (batches, receiver) = mpsc::channel(1);
    batches.try_send(Ok(log)).unwrap();
    receiver
}

struct MemoryPort {
    world: Arc<World>,
    life: Arc<Life>,
    position: AtomicI64,
    fail_sends: AtomicI64,
    /// Outputs that the producer does not take, and that the broker refuses.
    too_large: Vec<i64>,
    refused: Vec<i64>,
}

impl Port for MemoryPort {
    fn take(&self) -> Reply<'_, Vec<Message>> {
        Box::pin(async {
            self.world.takes.fetch_add(1, SeqCst);
            taken(|| self.world.log.lock().unwrap().clone(), &self.position).await
        })
    }

    fn fits(&self, output: &Output) -> bool {
        !self.too_large.contains(&output.source)
    }

    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>> {
        let (world, life) = (Arc::clone(&self.world), Arc::clone(&self.life));
        let large = |o: &&Output| self.refused.contains(&o.source) && !o.is_dead();
        let too_large: Vec<i64> = outputs.iter().filter(large).map(|o| o.source).collect();
        let fails = self.fail_sends.fetch_sub(1, SeqCst) > 0;
        Box::pin(async move {
            life.step().await;
            if fails {
                return Err(Error::Store { code: "SEND", message: "not delivered".into(), retriable: true });
            }
            world.sent.lock().unwrap().extend(outputs.into_iter().filter(|o| !too_large.contains(&o.source)));
            life.step().await;
            Ok(too_large)
        })
    }

    fn rewind(&self, offset: i64) -> Reply<'_, ()> {
        self.position.store(offset, SeqCst);
        Box::pin(async { Ok(()) })
    }

    fn done(&self, next: i64, metadata: &str) {
        if !self.life.is_over() {
            *self.world.committed.lock().unwrap() = Some((next, metadata.to_owned()));
        }
    }

    fn committed(&self) -> Reply<'_, Option<CommittedOffset>> {
        Box::pin(async { Ok(self.world.committed.lock().unwrap().clone()) })
    }

    fn stable_offset(&self) -> Reply<'_, Option<CommittedOffset>> {
        self.committed()
    }

    fn enter(&self, _: u64) {}

    fn log(&self, records: Vec<KeyedRecord>) -> Reply<'static, ()> {
        let life = Arc::clone(&self.life);
        // It may be there before outputs that were sent earlier.
        if !life.is_over() {
            self.world.changelog.lock().unwrap().extend(records);
        }
        Box::pin(async move {
            life.step().await;
            Ok(())
        })
    }
    fn replay(&self) -> mpsc::Receiver<Result<Vec<KeyedRecord>>> {
        replayed(self.world.changelog.lock().unwrap().clone())
    }
    fn watermarks(&self) -> Reply<'_, Watermarks> {
        let high = self.world.log.lock().unwrap().last().map_or(0, |m| m.offset + 1);
        let low = self.world.low.load(SeqCst);
        Box::pin(async move { Ok(Watermarks { low, high, partitions: 1 }) })
    }
}

/// A store that a process uses: a `put` is as many steps as it has records, as in Redis with the smallest chunks.
pub(super) struct MortalStore {
    pub(super) inner: Arc<dyn StateStore>,
    pub(super) life: Arc<Life>,
    /// Whether the server is away.
    pub(super) is_away: Arc<AtomicBool>,
}

impl MortalStore {
    fn answer(&self) -> Result<()> {
        let away = || Error::Store { code: "UNAVAILABLE", message: "the store is away".into(), retriable: true };
        if self.is_away.load(SeqCst) { Err(away()) } else { Ok(()) }
    }
}

impl StateStore for MortalStore {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }
    fn store_id(&self) -> &str {
        self.inner.store_id()
    }
    fn acquire<'a>(&'a self, scope: &'a str, owner: &'a str) -> Reply<'a, Lease> {
        Box::pin(async move {
            self.life.step().await;
            self.answer()?;
            self.inner.acquire(scope, owner).await
        })
    }
    fn manifest<'a>(&'a self, scope: &'a str) -> Reply<'a, Option<Manifest>> {
        self.inner.manifest(scope)
    }
    fn get_many<'a>(&'a self, scope: &'a str, keys: &'a [Vec<u8>]) -> Reply<'a, Vec<Vec<Record>>> {
        Box::pin(async move {
            self.answer()?;
            self.inner.get_many(scope, keys).await
        })
    }
    fn put<'a>(
        &'a self,
        lease: &'a Lease,
        entries: &'a [Entry],
        manifest: Option<&'a ManifestUpdate>,
    ) -> Reply<'a, ()> {
        Box::pin(async move {
            self.answer()?;
            for entry in entries {
                self.life.step().await;
                self.inner.put(lease, std::slice::from_ref(entry), None).await?;
            }
            self.life.step().await;
            self.inner.put(lease, &[], manifest).await?;
            self.life.step().await;
            Ok(())
        })
    }
    fn compare_and_set<'a>(
        &'a self,
        scope: &'a str,
        key: &'a [u8],
        expected: u64,
        state: Option<(Format, &'a [u8])>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Swap> {
        self.inner.compare_and_set(scope, key, expected, state, ttl)
    }
    fn scan<'a>(&'a self, scope: &'a str, from: Option<&'a [u8]>, limit: usize) -> Reply<'a, Page> {
        self.inner.scan(scope, from, limit)
    }
    fn remove<'a>(&'a self, scope: &'a str, key: Option<&'a [u8]>) -> Reply<'a, u64> {
        self.inner.remove(scope, key)
    }
    fn release<'a>(&'a self, lease: &'a Lease) -> Reply<'a, ()> {
        self.inner.release(lease)
    }
    fn ping(&self) -> Reply<'_, ()> {
        self.inner.ping()
    }
    fn metrics(&self) -> Metrics {
        self.inner.metrics()
    }
    fn close(&self) -> Reply<'_, ()> {
        self.inner.close()
    }
}

/// Counts every sample, so that any loss or repetition shows.
pub(super) fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add("Integrator", Value::Undefined).unwrap();
    pipeline
}

pub(super) fn settings(pipeline: &Pipeline) -> Settings {
    Settings {
        config: StreamConfig {
            application_id: "app".into(),
            output: Some(OutputConfig::default()),
            on_poison: OnPoison::DeadLetter,
            policies: Policies { data_loss: Policy::Fail, missing_state: Policy::Fail, ..Policies::default() },
            checkpoint: CheckpointConfig {
                interval: Duration::from_millis(3),
                every_messages: 4,
                ..Default::default()
            },
            max_keys: 2,
            owner: "me".into(),
            ..StreamConfig::default()
        },
        source: TopicPartition::new("t", 0),
        definition: definition(pipeline).unwrap(),
        pipeline: recipe(pipeline).unwrap().into(),
        workers: Arc::new(Semaphore::new(2)),
    }
}

/// A partition that runs.
struct Running {
    commands: mpsc::UnboundedSender<Command>,
    task: tokio::task::JoinHandle<()>,
    status: Arc<Mutex<Status>>,
    happened: Arc<Mutex<Vec<PartitionEvent>>>,
    life: Arc<Life>,
    is_away: Arc<AtomicBool>,
}

struct Plan {
    steps: i64,
    fail_sends: i64,
    too_large: Vec<i64>,
    refused: Vec<i64>,
}

const IMMORTAL: Plan = Plan { steps: i64::MAX, fail_sends: 0, too_large: vec![], refused: vec![] };

fn start(world: &Arc<World>, store: &Arc<dyn StateStore>, plan: Plan, change: impl FnOnce(&mut Settings)) -> Running {
    start_with(pipeline(), world, store, plan, change)
}

fn start_with(
    template: Pipeline,
    world: &Arc<World>,
    store: &Arc<dyn StateStore>,
    plan: Plan,
    change: impl FnOnce(&mut Settings),
) -> Running {
    let mut settings = settings(&template);
    change(&mut settings);
    let life = Arc::new(Life { steps: AtomicI64::new(plan.steps) });
    let port = MemoryPort {
        world: Arc::clone(world),
        life: Arc::clone(&life),
        position: AtomicI64::new(0),
        fail_sends: AtomicI64::new(plan.fail_sends),
        too_large: plan.too_large,
        refused: plan.refused,
    };
    let is_away = Arc::new(AtomicBool::new(false));
    let store =
        Arc::new(MortalStore { inner: Arc::clone(store), life: Arc::clone(&life), is_away: Arc::clone(&is_away) });
    let (status, happened) = (Arc::new(Mutex::new(Status::default())), Arc::new(Mutex::new(Vec::new())));
    let emit = {
        let happened = Arc::clone(&happened);
        move |event| happened.lock().unwrap().push(event)
    };
    let partition = Partition::new((Arc::new(port), store), template, settings, AtLeastOnce, Arc::clone(&status), emit);
    let (commands, receiver) = mpsc::unbounded_channel();
    let task = crate::runtime().spawn(partition.run(receiver));
    Running { commands, task, status, happened, life, is_away }
}

impl Running {
    /// Waits until everything in the log is in the states.
    async fn catch_up(&self, world: &World) {
        let end = world.log.lock().unwrap().last().map_or(0, |m| m.offset + 1);
        self.until(|s| s.position >= end && s.state == PartitionState::Running).await;
    }

    async fn until(&self, condition: impl Fn(&Status) -> bool) {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while !condition(&self.status.lock().unwrap()) {
            assert!(std::time::Instant::now() < end, "{:?} {:?}", self.status, self.happened);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until it asks for no more messages: while it does, it asks anew after a command, unless the next one is
    /// there.
    async fn until_rest(&self, world: &World) {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let takes = world.takes.load(SeqCst);
            for _ in 0..5 {
                self.ask(|answer| Command::State("a".into(), answer)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            if world.takes.load(SeqCst) == takes {
                return;
            }
            assert!(std::time::Instant::now() < end, "{:?} {:?}", self.status, self.happened);
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T>>) -> Command) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).unwrap();
        answered.await.unwrap()
    }

    async fn stop(self) -> Result<()> {
        let result = self.ask(Command::Stop).await;
        self.task.await.unwrap();
        result
    }

    /// Lets it run until its life is over or it has caught up; then it is gone without a word.
    async fn die(self, world: &World) {
        let end = world.log.lock().unwrap().last().map_or(0, |m| m.offset + 1);
        let finished = |s: &Status| s.checkpointed >= end && s.state == PartitionState::Running;
        while !self.life.is_over() && !finished(&self.status.lock().unwrap()) {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        self.task.abort();
        let _ = self.task.await;
        // Blocking threads that had begun a write end it: a zombie's write.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(super) fn message(offset: i64, key: &str, samples: &[f32]) -> Message {
    let value = serde_json::to_vec(samples).unwrap();
    Message { offset, timestamp: offset, key: Some(key.into()), value: Some(value), headers: vec![] }
}

fn poison(offset: i64, key: &str) -> Message {
    Message { value: Some(b"not json".to_vec()), ..message(offset, key, &[]) }
}

/// Final state per key and output per offset of one pipeline per key that sees every message once.
pub(super) type Truth = (BTreeMap<Vec<u8>, Vec<u8>>, BTreeMap<i64, Vec<u8>>);

pub(super) fn truth(log: &[Message]) -> Truth {
    let (mut keys, mut outputs) = (BTreeMap::<Vec<u8>, Pipeline>::new(), BTreeMap::new());
    for message in log {
        let pipeline = keys.entry(message.key.clone().unwrap()).or_insert_with(pipeline);
        let (source, input) = (TopicPartition::default(), InputConfig::default());
        let Ok(mut samples) = decode(message, &input) else { continue };
        let stamps = dsp_core::pipeline::Stamps::Generated(None);
        let out = pipeline.process(&mut samples.data, 1, stamps, &[], |_, _| {}).unwrap();
        samples.data = out.unwrap_or(samples.data);
        samples.channels = Some(1);
        let output = encode((message, &source), &samples, &input, &OutputConfig::default());
        outputs.insert(message.offset, output.value.unwrap());
    }
    (keys.into_iter().map(|(key, mut p)| (key, p.save_toon(0.0).unwrap())).collect(), outputs)
}

pub(super) async fn stored(store: &dyn StateStore, keys: impl Iterator<Item = &Vec<u8>>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut states = BTreeMap::new();
    for key in keys {
        let record = store.get_many("app/t/0", std::slice::from_ref(key)).await.unwrap().remove(0).remove(0);
        let mut loaded = pipeline();
        loaded.load_toon(&record.state).unwrap();
        // The time of saving is part of the bytes.
        states.insert(key.clone(), loaded.save_toon(0.0).unwrap());
    }
    states
}

/// Every output at least once, and duplicates equal.
fn check_outputs(sent: &[Output], expected: &BTreeMap<i64, Vec<u8>>) {
    for output in sent.iter().filter(|o| !o.is_dead()) {
        assert_eq!(output.value.as_ref(), expected.get(&output.source), "the output for {}", output.source);
    }
    let missing: Vec<i64> =
        expected.keys().filter(|offset| !sent.iter().any(|o| o.source == **offset && !o.is_dead())).copied().collect();
    assert_eq!(missing, Vec::<i64>::new());
}

async fn check(world: &World, store: &dyn StateStore) {
    let log = world.log.lock().unwrap().clone();
    let (states, outputs) = truth(&log);
    assert_eq!(stored(store, states.keys()).await, states);
    check_outputs(&world.sent.lock().unwrap(), &outputs);
}

fn world(log: Vec<Message>) -> Arc<World> {
    Arc::new(World { log: Mutex::new(log), ..World::default() })
}

fn store() -> Arc<dyn StateStore> {
    memory()
}

pub(super) fn example() -> Vec<Message> {
    let mut log: Vec<Message> =
        (0..14).map(|i| message(i, ["a", "b", "c"][i as usize * 7 % 3], &[i as f32, 0.25])).collect();
    log[5] = poison(5, "b");
    log
}

#[test]
fn every_sample_enters_its_state_once_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        // A checkpoint after every batch: a life of 60 steps is longer than the log.
        let often = |s: &mut Settings| s.config.checkpoint.every_messages = 1;
        for steps in 0..60 {
            let (world, store) = (world(example()), store());
            let running = start(&world, &store, Plan { steps, ..IMMORTAL }, often);
            let life = Arc::clone(&running.life);
            running.die(&world).await;
            crashes += i32::from(life.is_over());
            let running = start(&world, &store, IMMORTAL, |_| ());
            running.catch_up(&world).await;
            running.stop().await.unwrap();
            check(&world, &*store).await;
        }
        assert!(crashes > 30, "only {crashes} of the lives ended before the log did");
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn many_crashes_in_a_row_change_nothing(
        keys in prop::collection::vec((0usize..4, prop::bool::weighted(0.1)), 1..30),
        lives in prop::collection::vec(0i64..25, 0..6),
        every_messages in 1usize..8,
    ) {
        let log: Vec<Message> = keys.iter().enumerate().map(|(i, (key, bad))| {
            let key = ["a", "b", "c", "d"][*key];
            // Offsets have gaps, as transactions leave them.
            let offset = 2 * i as i64;
            if *bad { poison(offset, key) } else { message(offset, key, &[i as f32 + 0.1]) }
        }).collect();
        crate::runtime().block_on(async {
            let (world, store) = (world(log), store());
            let cut = |s: &mut Settings| s.config.checkpoint.every_messages = every_messages;
            for steps in lives {
                start(&world, &store, Plan { steps, ..IMMORTAL }, cut).die(&world).await;
            }
            let running = start(&world, &store, IMMORTAL, cut);
            running.catch_up(&world).await;
            running.stop().await.unwrap();
            check(&world, &*store).await;
        });
    }
}

#[test]
fn a_clean_stop_repeats_nothing_and_commits_its_place() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        for _ in 0..2 {
            let running = start(&world, &store, IMMORTAL, |_| ());
            running.catch_up(&world).await;
            running.stop().await.unwrap();
        }
        check(&world, &*store).await;
        let sent = world.sent.lock().unwrap();
        assert_eq!(sent.iter().filter(|o| !o.is_dead()).count(), 13);
        let dead = sent.iter().find(|o| o.is_dead()).unwrap();
        assert_eq!((dead.source, dead.value.as_deref()), (5, Some(&b"not json"[..])));
        let header = |name: &str| {
            let value = &dead.headers.iter().find(|(n, _)| n == name).unwrap().1;
            String::from_utf8(value.clone()).unwrap()
        };
        assert_eq!((header("dspx-dlq-offset"), header("dspx-dlq-group")), ("5".into(), "app".into()));
        let (offset, metadata) = world.committed.lock().unwrap().clone().unwrap();
        assert_eq!(offset, 14);
        assert!(metadata.starts_with(&format!("dspx1;{};", store.store_id())), "{metadata}");
    });
}

#[test]
fn an_output_that_is_not_delivered_is_made_again_from_the_last_checkpoint() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let running = start(&world, &store, Plan { fail_sends: 2, ..IMMORTAL }, |_| ());
        running.until(|s| s.checkpointed == 14).await;
        assert!(running.happened.lock().unwrap().iter().any(|h| matches!(h, PartitionEvent::Failed(_))));
        running.stop().await.unwrap();
        check(&world, &*store).await;
    });
}

#[test]
fn a_message_whose_output_is_too_large_is_poison() {
    // The broker says no after the producer has taken what follows: only then is the refused message the last one here.
    let plans = [(Plan { too_large: vec![3], ..IMMORTAL }, 3), (Plan { refused: vec![5], ..IMMORTAL }, 5)];
    crate::runtime().block_on(async {
        for (plan, refused) in plans {
            let log: Vec<Message> = (0..6).map(|i| message(i, "a", &[1.0])).collect();
            let (world, store) = (world(log.clone()), store());
            let running = start(&world, &store, plan, |_| ());
            running.until(|s| s.checkpointed == 6).await;
            assert_eq!(running.status.lock().unwrap().counters.poison, 1);
            running.stop().await.unwrap();
            let without: Vec<Message> = log.into_iter().filter(|m| m.offset != refused).collect();
            let (states, outputs) = truth(&without);
            assert_eq!(stored(&*store, states.keys()).await, states);
            let sent = world.sent.lock().unwrap();
            check_outputs(&sent, &outputs);
            assert!(sent.iter().any(|o| o.is_dead() && o.source == refused));
        }
    });
}

#[test]
fn poison_stalls_in_front_of_the_message_unless_told_otherwise() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let running = start(&world, &store, IMMORTAL, |s| s.config.on_poison = OnPoison::Fail);
        running.until(|s| s.state == PartitionState::Stalled).await;
        assert!(running.status.lock().unwrap().reason.as_ref().unwrap().contains("t/0/5"));
        assert_eq!(running.status.lock().unwrap().checkpointed, 5);
        // The next attempt meets it again.
        running.ask(Command::Resume).await.unwrap();
        running.until(|s| s.counters.restores == 2 && s.state == PartitionState::Stalled).await;
        running.stop().await.unwrap();
        let running = start(&world, &store, IMMORTAL, |s| s.config.on_poison = OnPoison::Skip);
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        check(&world, &*store).await;
        assert!(!world.sent.lock().unwrap().iter().any(|o| o.is_dead()));
    });
}

#[test]
fn a_zombie_is_fenced_and_harms_nothing() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let zombie = start(&world, &store, IMMORTAL, |_| ());
        zombie.catch_up(&world).await;
        // Another owner takes over, again and again: the zombie gives up.
        for round in 0..4 {
            store.acquire("app/t/0", &format!("other{round}")).await.unwrap();
            world.log.lock().unwrap().push(message(14 + round, "a", &[1.0]));
            let again = round as u64 + 2;
            zombie
                .until(|s| s.counters.restores == again && s.state == PartitionState::Running || s.counters.fenced == 4)
                .await;
        }
        zombie.until(|s| s.state == PartitionState::Fenced).await;
        zombie.stop().await.unwrap();
        let heir = start(&world, &store, IMMORTAL, |_| ());
        heir.catch_up(&world).await;
        heir.stop().await.unwrap();
        check(&world, &*store).await;
    });
}

#[test]
fn keys_beyond_the_bound_leave_memory_and_come_back() {
    crate::runtime().block_on(async {
        let log: Vec<Message> = (0..60).map(|i| message(i, &format!("k{}", i % 10), &[i as f32])).collect();
        let (world, store) = (world(log), store());
        let running = start(&world, &store, IMMORTAL, |_| ());
        running.catch_up(&world).await;
        running.until(|s| s.checkpointed == 60).await;
        let status = running.status.lock().unwrap().clone();
        assert!(status.counters.keys_evicted > 0 && status.counters.keys_loaded > 0 && status.keys <= 12, "{status:?}");
        running.stop().await.unwrap();
        check(&world, &*store).await;
    });
}

#[test]
fn pausing_checkpoints_and_states_on_demand() {
    crate::runtime().block_on(async {
        let (world, store) = (world(vec![message(0, "a", &[1.0])]), store());
        let slow = |s: &mut Settings| {
            s.config.checkpoint.interval = Duration::from_secs(100);
            s.config.checkpoint.every_messages = 1000;
        };
        let running = start(&world, &store, IMMORTAL, slow);
        running.until(|s| s.position == 1).await;
        assert_eq!(running.status.lock().unwrap().checkpointed, 0);
        running.ask(Command::Checkpoint).await.unwrap();
        assert_eq!(running.status.lock().unwrap().checkpointed, 1);
        let state = async |key: &str| running.ask(|answer| Command::State(key.into(), answer)).await.unwrap();
        assert!(pipeline().load_toon(&state("a").await.unwrap()).is_ok());
        assert_eq!(state("nobody").await, None);
        running.ask(Command::Pause).await.unwrap();
        running.until(|s| s.state == PartitionState::Paused).await;
        world.log.lock().unwrap().push(message(1, "a", &[1.0]));
        running.until_rest(&world).await;
        assert_eq!(running.status.lock().unwrap().position, 1);
        running.ask(Command::Resume).await.unwrap();
        running.until(|s| s.position == 2).await;
        running.stop().await.unwrap();
        check(&world, &*store).await;
    });
}

#[test]
fn policies_stall_and_reset_begins_with_fresh_states() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let running = start(&world, &store, IMMORTAL, |_| ());
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        let other = start(&world, &store, IMMORTAL, |s| s.definition = "other".into());
        other.until(|s| s.state == PartitionState::Stalled).await;
        assert!(other.status.lock().unwrap().reason.as_ref().unwrap().contains("another pipeline"));
        other.stop().await.unwrap();
        let reset = start(&world, &store, IMMORTAL, |s| {
            s.definition = "other".into();
            s.config.policies.definition_change = DefinitionChange::Reset;
        });
        reset.until(|s| s.state == PartitionState::Running).await;
        world.log.lock().unwrap().push(message(14, "a", &[5.0]));
        reset.until(|s| s.checkpointed == 15).await;
        reset.stop().await.unwrap();
        let (fresh, _) = truth(&[message(14, "a", &[5.0])]);
        assert_eq!(stored(&*store, fresh.keys()).await, fresh);
    });
}

#[test]
fn a_reset_is_in_the_changelog_before_it_is_in_the_store_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        for steps in 0..30 {
            let (world, store) = (world(example()), store());
            let logged = |s: &mut Settings| s.config.changelog_topic = Some("log".into());
            let first = start(&world, &store, IMMORTAL, logged);
            first.catch_up(&world).await;
            first.stop().await.unwrap();
            // Another pipeline, which stores the same states.
            let reset = |s: &mut Settings| {
                s.config.changelog_topic = Some("log".into());
                s.config.policies.definition_change = DefinitionChange::Reset;
                s.definition = "b".repeat(64);
            };
            let running = start(&world, &store, Plan { steps, ..IMMORTAL }, reset);
            let life = Arc::clone(&running.life);
            running.die(&world).await;
            crashes += i32::from(life.is_over());
            let running = start(&world, &store, IMMORTAL, reset);
            running.catch_up(&world).await;
            world.log.lock().unwrap().push(message(14, "b", &[5.0]));
            running.until(|s| s.checkpointed == 15).await;
            running.stop().await.unwrap();

            // The store is lost; nobody asks for a reset any more.
            let store = memory();
            let strict =
                |s: &mut Settings| (s.config.changelog_topic, s.definition) = (Some("log".into()), "b".repeat(64));
            let heir = start(&world, &store, IMMORTAL, strict);
            heir.catch_up(&world).await;
            world.log.lock().unwrap().push(message(15, "a", &[6.0]));
            heir.until(|s| s.checkpointed == 16).await;
            heir.stop().await.unwrap();
            let (fresh, _) = truth(&[message(14, "b", &[5.0]), message(15, "a", &[6.0])]);
            assert_eq!(stored(&*store, fresh.keys()).await, fresh, "{steps} steps");
            assert_eq!(store.get_many("app/t/0", &[b"c".to_vec()]).await.unwrap(), [vec![]]);
        }
        assert!(crashes > 3, "only {crashes} of the lives ended before the reset");
    });
}

#[test]
fn a_lost_store_is_filled_from_the_changelog_and_a_changelog_without_states_is_not_taken_for_them() {
    crate::runtime().block_on(async {
        let (world, elsewhere) = (world(example()), store());
        let logged = |s: &mut Settings| s.config.changelog_topic = Some("log".into());
        let first = start(&world, &elsewhere, IMMORTAL, logged);
        first.catch_up(&world).await;
        first.stop().await.unwrap();
        let here = store();
        let second = start(&world, &here, IMMORTAL, logged);
        world.log.lock().unwrap().push(message(14, "a", &[1.0]));
        second.until(|s| s.checkpointed == 15).await;
        second.stop().await.unwrap();
        check(&world, &*here).await;

        world.changelog.lock().unwrap().clear();
        let third = start(&world, &store(), IMMORTAL, logged);
        third.until(|s| s.state == PartitionState::Stalled).await;
        assert!(third.status.lock().unwrap().reason.as_ref().unwrap().contains("neither it nor the changelog"));
        third.stop().await.unwrap();
        let (fresh, reset) = (store(), |s: &mut Settings| {
            (s.config.changelog_topic, s.config.policies.missing_state) = (Some("log".into()), Policy::Reset);
        });
        let fourth = start(&world, &fresh, IMMORTAL, reset);
        fourth.until(|s| s.state == PartitionState::Running && s.position == 15).await;
        fourth.stop().await.unwrap();
        assert_eq!(world.changelog.lock().unwrap().len(), 2, "the definition and the marker");
    });
}

#[test]
fn no_output_is_missing_where_the_changelog_stands_in_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        let logged =
            |s: &mut Settings| (s.config.changelog_topic, s.config.checkpoint.every_messages) = (Some("log".into()), 1);
        for steps in 0..80 {
            let world = world(example());
            // Each life with a store of its own.
            for steps in [steps, steps / 2] {
                let running = start(&world, &store(), Plan { steps, ..IMMORTAL }, logged);
                let life = Arc::clone(&running.life);
                running.die(&world).await;
                crashes += i32::from(life.is_over());
            }
            let store = store();
            let running = start(&world, &store, IMMORTAL, logged);
            running.catch_up(&world).await;
            running.stop().await.unwrap();
            check(&world, &*store).await;
        }
        assert!(crashes > 50, "only {crashes} of the lives ended before the log did");
    });
}

#[test]
fn a_changelog_that_is_turned_on_later_gets_what_the_store_has() {
    crate::runtime().block_on(async {
        let (world, before) = (world(example()), store());
        let named = |name: &str| {
            let name = name.to_owned();
            move |s: &mut Settings| s.config.changelog_topic = Some(name)
        };
        let first = start(&world, &before, IMMORTAL, |_| ());
        first.catch_up(&world).await;
        first.stop().await.unwrap();
        for (name, offset) in [("log", 14), ("another", 15)] {
            world.changelog.lock().unwrap().clear();
            // Once it is there it is not written again.
            for _ in 0..2 {
                let logged = start(&world, &before, IMMORTAL, named(name));
                logged.until(|s| s.state == PartitionState::Running).await;
                logged.stop().await.unwrap();
            }
            assert_eq!(world.changelog.lock().unwrap().len(), 3 + 2, "three keys, the definition and the marker");
            world.log.lock().unwrap().push(message(offset, "a", &[1.0]));
            let logged = start(&world, &before, IMMORTAL, named(name));
            logged.catch_up(&world).await;
            logged.stop().await.unwrap();
            let here = store();
            let heir = start(&world, &here, IMMORTAL, named(name));
            heir.catch_up(&world).await;
            heir.stop().await.unwrap();
            check(&world, &*here).await;
            // Back in the first store, which is behind nobody but for the manifest of the other.
            *world.committed.lock().unwrap() = None;
        }
    });
}

#[test]
fn without_its_store_a_partition_goes_on_for_ten_checkpoints_and_then_waits() {
    crate::runtime().block_on(async {
        let (world, store) = (world(vec![message(0, "a", &[1.0])]), store());
        // Time does not count here.
        let slow =
            |s: &mut Settings| (s.config.checkpoint.interval, s.config.max_keys) = (Duration::from_secs(100), 100);
        let running = start(&world, &store, IMMORTAL, slow);
        running.until(|s| s.position == 1).await;
        running.ask(Command::Checkpoint).await.unwrap();
        running.is_away.store(true, SeqCst);
        world.log.lock().unwrap().extend((1..100).map(|i| message(i, "a", &[1.0])));
        running.until(|s| s.waits_for_store && s.position >= 41).await;
        running.until_rest(&world).await;
        // The barrier of the first checkpoint is behind four messages; ten times as many follow it, and the batch under
        // way.
        let position = running.status.lock().unwrap().position;
        assert!((41..=41 + 4 + 2 * 3).contains(&position), "{position}");
        assert_eq!(running.status.lock().unwrap().checkpointed, 1);
        let failures = |running: &Running| {
            running.happened.lock().unwrap().iter().filter(|h| matches!(h, PartitionEvent::Failed(_))).count()
        };
        // The status changes before the owner is told.
        running.until(|_| failures(&running) > 0).await;
        assert_eq!(failures(&running), 1, "an outage is told once");
        running.is_away.store(false, SeqCst);
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        check(&world, &*store).await;
        assert_eq!(world.sent.lock().unwrap().len(), 100, "nothing was done twice");
    });
}

#[test]
fn a_new_key_waits_for_its_store_and_an_assignment_too() {
    crate::runtime().block_on(async {
        let (world, store) = (world(vec![message(0, "a", &[1.0])]), store());
        let running = start(&world, &store, IMMORTAL, |_| ());
        running.until(|s| s.checkpointed == 1).await;
        running.is_away.store(true, SeqCst);
        world.log.lock().unwrap().push(message(1, "b", &[1.0]));
        running.until(|s| s.waits_for_store).await;
        let paused = running.ask(Command::Pause);
        tokio::time::timeout(Duration::from_secs(5), paused).await.expect("commands are answered meanwhile").unwrap();
        running.ask(Command::Resume).await.unwrap();
        running.is_away.store(false, SeqCst);
        running.catch_up(&world).await;
        assert_eq!(running.status.lock().unwrap().counters.restores, 1);
        // Fenced while the store is away: the states are gone, and the partition waits for the store.
        store.acquire("app/t/0", "other").await.unwrap();
        world.log.lock().unwrap().push(message(2, "a", &[1.0]));
        running.until(|s| s.counters.fenced == 1).await;
        running.is_away.store(true, SeqCst);
        running.until(|s| s.waits_for_store && s.state == PartitionState::Acquiring).await;
        running.is_away.store(false, SeqCst);
        running.catch_up(&world).await;
        running.stop().await.unwrap();
        check(&world, &*store).await;
    });
}

/// Returns the number of the last checkpoint that was committed.
fn committed_seq(world: &World) -> u64 {
    let (_, metadata) = world.committed.lock().unwrap().clone().unwrap();
    metadata.rsplit(';').next().unwrap().parse().unwrap()
}

/// Returns the records of the keys of [`example`] in the store, to be put back later.
async fn remembered(world: &World, store: &dyn StateStore) -> (Vec<Entry>, ManifestUpdate) {
    let mut entries = Vec::new();
    for key in ["a", "b", "c"] {
        let record = store.get_many("app/t/0", &[key.into()]).await.unwrap().remove(0).remove(0);
        let Record { state, format, offset, definition, .. } = record;
        let (key, definition) = (key.into(), Some(definition));
        entries.push(Entry { key, state, format, offset, definition, slot: crate::store::Slot::Only });
    }
    let (next, _) = world.committed.lock().unwrap().clone().unwrap();
    let manifest = ManifestUpdate {
        next_offset: Some(next),
        seq: committed_seq(world),
        definition: definition(&pipeline()).unwrap(),
        guarantee: "at-least-once".into(),
        partitions: 1,
        changelog: None,
    };
    (entries, manifest)
}

#[test]
fn a_store_that_goes_back_in_time_or_loses_all_is_noticed_while_the_partition_runs() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), store());
        let running = start(&world, &store, IMMORTAL, |_| ());
        running.until(|s| s.checkpointed == 14).await;
        let (entries, manifest) = remembered(&world, &*store).await;
        world.log.lock().unwrap().extend((14..20).map(|i| message(i, "a", &[1.0])));
        running.until(|s| s.checkpointed == 20).await;
        // As after a failover to a replica that was behind.
        store.remove("app/t/0", None).await.unwrap();
        let former = Lease { scope: "app/t/0".into(), epoch: 1, owner: "me".into(), manifest: None, trail: None };
        store.put(&former, &entries, Some(&manifest)).await.unwrap();
        // Two of three keys are in memory: the third must not be taken from the older store.
        world.log.lock().unwrap().extend((20..23).map(|i| message(i, ["a", "b", "c"][i as usize % 3], &[1.0])));
        running.until(|s| s.checkpointed == 23).await;
        assert!(running.happened.lock().unwrap().contains(&PartitionEvent::Rollback(14)));
        check(&world, &*store).await;

        // The same, but the former owner is still there and has gone on, to a checkpoint of its own with the number of
        // ours.
        let (entries, mut manifest) = remembered(&world, &*store).await;
        world.log.lock().unwrap().extend((23..26).map(|i| message(i, "a", &[1.0])));
        running.until(|s| s.checkpointed == 26).await;
        manifest.seq = committed_seq(&world);
        store.remove("app/t/0", None).await.unwrap();
        store.put(&former, &entries, Some(&manifest)).await.unwrap();
        world.log.lock().unwrap().extend((26..29).map(|i| message(i, "b", &[1.0])));
        running.until(|s| s.checkpointed == 29).await;
        check(&world, &*store).await;

        store.remove("app/t/0", None).await.unwrap();
        world.log.lock().unwrap().push(message(29, "a", &[1.0]));
        running.until(|s| s.state == PartitionState::Stalled).await;
        assert!(running.status.lock().unwrap().reason.as_ref().unwrap().contains("the store has lost it"));
        running.stop().await.unwrap();
    });
}
