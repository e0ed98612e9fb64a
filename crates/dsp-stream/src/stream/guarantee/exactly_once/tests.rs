//! Partitions and transactor against a world without servers, which may end at any step, and whose calls may fail.

use dsp_core::Pipeline;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

use super::ExactlyOnce;
use super::coordinator::Outcome;
use super::handle::Handle;
use super::transactions::{Attempt, Failure, Transactions};
use super::transactor::{TransactionEvent, Transactor};
use crate::error::{Error, Result};
use crate::store::{Call as Reply, StateStore, memory};
use crate::stream::guarantee::at_least_once::AtLeastOnce;
use crate::stream::partition::Partition;
use crate::stream::protocol::command::{Command, OffsetCommit};
use crate::stream::protocol::config::{DefinitionChange, Guarantee, OnPoison};
use crate::stream::protocol::end::EndOfKey;
use crate::stream::protocol::message::{Message, Output};
use crate::stream::protocol::port::Port;
use crate::stream::protocol::settings::Settings;
use crate::stream::protocol::status::{PartitionEvent, PartitionState, Status};
use crate::stream::tests::finish::{by_source, delaying, ending, finishing, living, true_ends};
use crate::stream::tests::migration::{first_stages, longer, true_first_stages};
use crate::stream::tests::{Life, MortalStore, example, message, pipeline, replayed, settings, stored, taken, truth};
use crate::topic::{CommittedOffset, KeyedRecord, Watermarks};

/// A topic, its group, its output topic and a transaction: what outlives a process.
#[derive(Default)]
struct World {
    log: Vec<Message>,
    committed: Mutex<Option<CommittedOffset>>,
    outputs: Mutex<Vec<Output>>,
    /// Number of the open transaction, its outputs and its offsets.
    open: Mutex<(u64, Vec<Output>, Vec<OffsetCommit>)>,
    /// Records of the changelog, and those that the open transaction has for it.
    changelog: Mutex<Vec<KeyedRecord>>,
    logged: Mutex<Vec<KeyedRecord>>,
    numbers: AtomicU64,
    calls: Mutex<Vec<&'static str>>,
    /// Calls that are to fail: name, whether they are carried out all the same, and with what.
    faults: Mutex<VecDeque<(&'static str, bool, Outcome)>>,
}

impl World {
    /// Returns the failure that is planned for this call.
    fn fault(&self, name: &str) -> Option<(&'static str, bool, Outcome)> {
        let mut faults = self.faults.lock().unwrap();
        if faults.front()?.0 == name { faults.pop_front() } else { None }
    }
}

struct Calls {
    world: Arc<World>,
    life: Arc<Life>,
    is_new: AtomicBool,
}

impl Calls {
    async fn call(&self, name: &'static str, work: impl FnOnce(&World)) -> Result<(), Failure> {
        self.life.step().await;
        self.world.calls.lock().unwrap().push(name);
        let fault = self.world.fault(name);
        if fault.is_none_or(|(_, is_done, _)| is_done) {
            work(&self.world);
        }
        self.life.step().await;
        let error = Error::Store { code: "FAULT", message: name.into(), retriable: true };
        fault.map_or(Ok(()), |(.., outcome)| Err(Failure { outcome, error }))
    }
}

impl Transactions for Calls {
    fn begin(&self) -> Attempt<'_, u64> {
        Box::pin(async {
            self.call("begin", |world| {
                let number = world.numbers.fetch_add(1, SeqCst) + 1;
                let mut open = world.open.lock().unwrap();
                // A new client makes an end of what its predecessor has left.
                assert!(open.1.is_empty() || self.is_new.load(SeqCst), "outputs between two transactions");
                *open = (number, vec![], vec![]);
                world.logged.lock().unwrap().clear();
            })
            .await?;
            self.is_new.store(false, SeqCst);
            Ok(self.world.numbers.load(SeqCst))
        })
    }
    fn group(&self) -> Attempt<'_> {
        Box::pin(self.call("group", |_| ()))
    }
    fn is_ours(&self) -> bool {
        true
    }
    fn send_offsets<'a>(&'a self, commits: &'a [OffsetCommit]) -> Attempt<'a> {
        Box::pin(self.call("offsets", |world| world.open.lock().unwrap().2 = commits.to_vec()))
    }
    fn commit(&self) -> Attempt<'_> {
        Box::pin(self.call("commit", |world| {
            let mut open = world.open.lock().unwrap();
            world.outputs.lock().unwrap().append(&mut open.1);
            world.changelog.lock().unwrap().append(&mut world.logged.lock().unwrap());
            if let Some(commit) = open.2.pop() {
                *world.committed.lock().unwrap() = Some((commit.next, commit.metadata));
            }
            open.0 = 0;
        }))
    }
    fn abort(&self) -> Attempt<'_> {
        Box::pin(self.call("abort", |world| {
            *world.open.lock().unwrap() = Default::default();
            world.logged.lock().unwrap().clear();
        }))
    }
}

struct MemoryPort {
    world: Arc<World>,
    life: Arc<Life>,
    position: AtomicI64,
    transaction: AtomicU64,
    /// Outputs that the broker refuses.
    refused: Vec<i64>,
}

impl MemoryPort {
    /// Puts outputs into the transaction, in the order of the calls as a producer's queue does. Those that the broker
    /// refuses are the answer.
    fn hand_over(&self, outputs: Vec<Output>) -> Result<Vec<i64>> {
        let mut open = self.world.open.lock().unwrap();
        if open.0 != self.transaction.load(SeqCst) {
            return Err(Error::Store { code: "SEND", message: "another transaction".into(), retriable: true });
        }
        let is_refused = |o: &Output| !o.is_dead() && self.refused.contains(&o.source);
        let (refused, taken): (Vec<Output>, Vec<Output>) = outputs.into_iter().partition(is_refused);
        if !self.life.is_over() {
            open.1.extend(taken);
        }
        Ok(refused.iter().map(|o| o.source).collect())
    }
}

impl Port for MemoryPort {
    fn take(&self) -> Reply<'_, Vec<Message>> {
        Box::pin(taken(|| self.world.log.clone(), &self.position))
    }
    fn fits(&self, _: &Output) -> bool {
        true
    }
    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>> {
        let life = Arc::clone(&self.life);
        let result = self.hand_over(outputs);
        Box::pin(async move {
            life.step().await;
            result
        })
    }
    fn rewind(&self, offset: i64) -> Reply<'_, ()> {
        self.position.store(offset, SeqCst);
        Box::pin(async { Ok(()) })
    }
    fn done(&self, _: i64, _: &str) {
        assert_eq!(self.transaction.load(SeqCst), 0, "offsets are committed by transactions");
    }
    fn committed(&self) -> Reply<'_, Option<CommittedOffset>> {
        Box::pin(async { Ok(self.world.committed.lock().unwrap().clone()) })
    }
    fn stable_offset(&self) -> Reply<'_, Option<CommittedOffset>> {
        Box::pin(async {
            self.life.step().await;
            Ok(self.world.committed.lock().unwrap().clone())
        })
    }
    fn enter(&self, transaction: u64) {
        self.transaction.store(transaction, SeqCst);
    }
    fn log(&self, records: Vec<KeyedRecord>) -> Reply<'static, ()> {
        let life = Arc::clone(&self.life);
        let result = self.hand_over(vec![]).map(|_| ());
        if result.is_ok() && !life.is_over() {
            self.world.logged.lock().unwrap().extend(records);
        }
        Box::pin(async move {
            life.step().await;
            result
        })
    }
    fn replay(&self) -> mpsc::Receiver<Result<Vec<KeyedRecord>>> {
        replayed(self.world.changelog.lock().unwrap().clone())
    }
    fn watermarks(&self) -> Reply<'_, Watermarks> {
        let high = self.world.log.last().map_or(0, |m| m.offset + 1);
        Box::pin(async move { Ok(Watermarks { low: 0, high, partitions: 1 }) })
    }
}

/// An instance with one partition.
struct Running {
    life: Arc<Life>,
    commands: mpsc::UnboundedSender<Command>,
    status: Arc<Mutex<Status>>,
    happened: Arc<Mutex<Vec<PartitionEvent>>>,
    told: Arc<Mutex<Vec<TransactionEvent>>>,
    handle: Handle,
    partition: tokio::task::JoinHandle<()>,
    transactor: tokio::task::JoinHandle<Error>,
}

fn start(world: &Arc<World>, store: &Arc<dyn StateStore>, steps: i64, refused: Vec<i64>) -> Running {
    start_with(world, store, steps, refused, |_| ())
}

fn start_with(
    world: &Arc<World>,
    store: &Arc<dyn StateStore>,
    steps: i64,
    refused: Vec<i64>,
    change: impl FnOnce(&mut Settings),
) -> Running {
    start_pipeline(pipeline(), world, store, steps, refused, change)
}

fn start_pipeline(
    template: Pipeline,
    world: &Arc<World>,
    store: &Arc<dyn StateStore>,
    steps: i64,
    refused: Vec<i64>,
    change: impl FnOnce(&mut Settings),
) -> Running {
    let life = Arc::new(Life { steps: AtomicI64::new(steps) });
    let store: Arc<dyn StateStore> =
        Arc::new(MortalStore { inner: Arc::clone(store), life: Arc::clone(&life), is_away: Arc::default() });
    let calls = Calls { world: Arc::clone(world), life: Arc::clone(&life), is_new: AtomicBool::new(true) };
    let (commands, receiver) = mpsc::unbounded_channel();
    let (member, told) = (commands.clone(), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&told);
    let mut settings: Settings = settings(&template);
    settings.config.checkpoint.interval = Duration::from_millis(2);
    let (transactor, handle) = Transactor::new(
        calls,
        Arc::clone(&store),
        settings.config.checkpoint,
        Box::new(move || vec![member.clone()]),
        move |event| log.lock().unwrap().push(event),
    );
    settings.config.guarantee = Guarantee::ExactlyOnce;
    settings.config.on_poison = OnPoison::DeadLetter;
    change(&mut settings);
    let (position, transaction) = (AtomicI64::new(0), AtomicU64::new(0));
    let port = MemoryPort { world: Arc::clone(world), life: Arc::clone(&life), position, transaction, refused };
    let (status, happened) = (Arc::new(Mutex::new(Status::default())), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&happened);
    let emit = move |event| log.lock().unwrap().push(event);
    let strategy = ExactlyOnce::new(handle.clone());
    let partition = Partition::new((Arc::new(port), store), template, settings, strategy, Arc::clone(&status), emit);
    let (partition, transactor) =
        (crate::runtime().spawn(partition.run(receiver)), crate::runtime().spawn(transactor.run()));
    Running { life, commands, status, happened, told, handle, partition, transactor }
}

impl Running {
    /// Waits until everything is committed, its life is over, or its clients are of no use any more.
    async fn finish(&self, world: &World) {
        let end = world.log.last().map_or(0, |m| m.offset + 1);
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let is_complete = |world: &World| world.committed.lock().unwrap().as_ref().is_some_and(|c| c.0 == end);
        while !is_complete(world) && !self.life.is_over() && !self.transactor.is_finished() {
            let (status, happened, told) = (&self.status, &self.happened, &self.told);
            let calls = &world.calls;
            assert!(std::time::Instant::now() < deadline, "{status:?} {happened:?} {told:?} {calls:?}");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    /// Waits until the partition says that a condition is met.
    async fn until(&self, condition: impl Fn(&Status) -> bool) {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while !condition(&self.status.lock().unwrap()) {
            assert!(std::time::Instant::now() < deadline, "{:?} {:?}", self.status, self.happened);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Is gone without a word.
    async fn die(self) {
        self.partition.abort();
        self.transactor.abort();
        let _ = (self.partition.await, self.transactor.await);
        drop(self.commands);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Every output once, every message once in its state.
async fn check(world: &World, store: &dyn StateStore) {
    let (states, expected) = truth(&world.log);
    assert_eq!(stored(store, states.keys()).await, states);
    let mut outputs = BTreeMap::new();
    for output in world.outputs.lock().unwrap().iter().filter(|o| !o.is_dead()) {
        let twice = outputs.insert(output.source, output.value.clone().unwrap());
        assert_eq!(twice, None, "the output for {} twice", output.source);
    }
    assert_eq!(outputs, expected);
}

fn world(log: Vec<Message>) -> Arc<World> {
    Arc::new(World { log, ..World::default() })
}

#[test]
fn every_output_is_there_once_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        for steps in 0..70 {
            let (world, store) = (world(example()), memory());
            // Three lives of the same length, so that what the first leaves behind is met by another short one.
            for steps in [steps, steps / 2, i64::MAX] {
                let running = start(&world, &store, steps, vec![]);
                running.finish(&world).await;
                crashes += i32::from(running.life.is_over());
                running.die().await;
            }
            check(&world, &*store).await;
        }
        assert!(crashes > 70, "only {crashes} of the lives ended before the log did");
    });
}

#[test]
fn states_go_on_in_a_longer_pipeline_and_every_output_is_there_once() {
    crate::runtime().block_on(async {
        let (mut crashes, mut takeovers) = (0, 0);
        let migrating = |s: &mut Settings| s.config.policies.definition_change = DefinitionChange::Migrate;
        for steps in 0..60 {
            let (world, store) = (world(example()), memory());
            let old = start(&world, &store, steps, vec![]);
            old.finish(&world).await;
            crashes += i32::from(old.life.is_over());
            old.die().await;
            for steps in [steps / 2, i64::MAX] {
                let new = start_pipeline(longer(), &world, &store, steps, vec![], migrating);
                new.finish(&world).await;
                let happened = new.happened.lock().unwrap().clone();
                takeovers += happened.iter().filter(|event| matches!(event, PartitionEvent::Migrated { .. })).count();
                crashes += i32::from(new.life.is_over());
                new.die().await;
            }
            let log =
                [world.log.clone(), (14..17).map(|i| message(i, ["a", "b", "c"][i as usize % 3], &[1.0])).collect()];
            // What was never used since is taken over without being asked.
            let log = log.concat();
            let (committed, outputs) = (world.committed.lock().unwrap().clone(), world.outputs.lock().unwrap().clone());
            let world = Arc::new(World {
                log: log.clone(),
                committed: Mutex::new(committed),
                outputs: Mutex::new(outputs),
                ..World::default()
            });
            let strict = start_pipeline(longer(), &world, &store, i64::MAX, vec![], |_| ());
            strict.finish(&world).await;
            strict.die().await;
            let expected = true_first_stages(&log);
            assert_eq!(first_stages(&*store, expected.keys()).await, expected, "{steps} steps");
            let mut sources: Vec<i64> =
                world.outputs.lock().unwrap().iter().filter(|o| !o.is_dead()).map(|o| o.source).collect();
            sources.sort_unstable();
            assert_eq!(sources, truth(&log).1.into_keys().collect::<Vec<_>>(), "{steps} steps");
        }
        assert!(crashes > 40 && takeovers > 10, "{crashes} lives ended early, {takeovers} states were taken over");
    });
}

#[test]
fn a_stream_that_ends_gives_its_tail_and_its_events_once() {
    crate::runtime().block_on(async {
        let (states, sent) = true_ends(&ending(), &EndOfKey::Tombstone);
        let sent: BTreeMap<_, _> = sent.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        let mut crashes = 0;
        for steps in 0..80 {
            let (world, store) = (world(ending()), memory());
            for steps in [steps, steps / 2, i64::MAX] {
                let running = start_pipeline(delaying(), &world, &store, steps, vec![], finishing);
                running.finish(&world).await;
                crashes += i32::from(running.life.is_over());
                running.die().await;
            }
            assert_eq!(living(&*store).await, states, "{steps} steps");
            assert_eq!(by_source(&world.outputs.lock().unwrap()), sent, "{steps} steps");
        }
        assert!(crashes > 60, "only {crashes} of the lives ended before the log did");
    });
}

#[test]
fn every_call_may_fail_in_every_way() {
    crate::runtime().block_on(async {
        for name in ["begin", "group", "offsets", "commit", "abort"] {
            for outcome in [Outcome::Retriable, Outcome::Abortable, Outcome::Fatal] {
                for is_done in [false, true] {
                    // A commit that was carried out is not refused.
                    if is_done && outcome == Outcome::Abortable && name == "commit" {
                        continue;
                    }
                    let (world, store) = (world(example()), memory());
                    let first = (name == "abort").then_some(("offsets", false, Outcome::Abortable));
                    world.faults.lock().unwrap().extend(first.into_iter().chain([(name, is_done, outcome)]));
                    let mut lives = 0;
                    while world.committed.lock().unwrap().as_ref().is_none_or(|c| c.0 < 14) {
                        // A fatal failure ends the clients; new ones go on.
                        let running = start(&world, &store, i64::MAX, vec![]);
                        running.finish(&world).await;
                        running.die().await;
                        lives += 1;
                        assert!(lives < 4, "{name} {outcome:?}");
                    }
                    let is_fatal = outcome == Outcome::Fatal
                        || outcome == Outcome::Abortable && ["begin", "abort"].contains(&name);
                    // What a commit has done before its client died may have been the last.
                    assert!(lives == 1 + i32::from(is_fatal) || lives == 1 && is_done, "{name} {outcome:?}: {lives}");
                    check(&world, &*store).await;
                }
            }
        }
    });
}

#[test]
fn the_calls_come_in_their_order() {
    crate::runtime().block_on(async {
        let (world, store) = (world(vec![message(0, "a", &[1.0])]), memory());
        world.faults.lock().unwrap().push_back(("offsets", false, Outcome::Abortable));
        let running = start(&world, &store, i64::MAX, vec![]);
        running.finish(&world).await;
        let calls = world.calls.lock().unwrap().clone();
        let aborted = ["begin", "group", "offsets", "abort"];
        let committed = ["begin", "group", "offsets", "commit"];
        assert_eq!(calls[..8], [aborted, committed].concat());
        running.handle.checkpoint().await.unwrap();
        let told = running.told.lock().unwrap().clone();
        assert!(
            matches!(
                told[..],
                [
                    TransactionEvent::Failed(_),
                    TransactionEvent::Aborted,
                    TransactionEvent::Committed,
                    TransactionEvent::Committed
                ]
            ),
            "{told:?}"
        );
        running.die().await;
        check(&world, &*store).await;
    });
}

#[test]
fn after_a_clean_stop_the_store_knows_where_the_group_is() {
    crate::runtime().block_on(async {
        // The verdict on the last checkpoint and the command to stop come at once.
        for _ in 0..20 {
            let (world, store) = (world(example()), memory());
            let running = start(&world, &store, i64::MAX, vec![]);
            while running.status.lock().unwrap().position < 14 {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            let (handle, commands) = (running.handle.clone(), running.commands.clone());
            let stop = crate::runtime().spawn(async move {
                handle.checkpoint().await.unwrap();
                let (answer, stopped) = oneshot::channel();
                commands.send(Command::Stop(answer)).unwrap();
                stopped.await.unwrap().unwrap();
            });
            stop.await.unwrap();
            assert_eq!(store.manifest("app/t/0").await.unwrap().unwrap().next_offset, Some(14));
            assert_eq!(running.status.lock().unwrap().checkpointed, 14);
            running.die().await;
        }
    });
}

#[test]
fn an_output_that_is_too_large_is_poison() {
    crate::runtime().block_on(async {
        let log: Vec<Message> = (0..6).map(|i| message(i, "a", &[i as f32])).collect();
        let (world, store) = (world(log), memory());
        let running = start(&world, &store, i64::MAX, vec![3]);
        running.finish(&world).await;
        running.die().await;
        let outputs = world.outputs.lock().unwrap();
        let sources =
            |is_dead| outputs.iter().filter(|o| o.is_dead() == is_dead).map(|o| o.source).collect::<Vec<i64>>();
        assert_eq!((sources(false), sources(true)), (vec![0, 1, 2, 4, 5], vec![3]));
    });
}

#[test]
fn an_instance_that_lost_its_scope_aborts_and_begins_again() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), memory());
        let running = start(&world, &store, i64::MAX, vec![]);
        // Whenever it has the scope, as long as there is something to do, somebody else acquires it, and does nothing
        // with it.
        let mut epoch = 0;
        for _ in 0..3 {
            let is_complete = || world.committed.lock().unwrap().as_ref().is_some_and(|c| c.0 == 14);
            running.until(|s| s.epoch > epoch || is_complete()).await;
            epoch = store.acquire("app/t/0", "somebody").await.unwrap().epoch;
        }
        running.finish(&world).await;
        running.die().await;
        check(&world, &*store).await;
    });
}

#[test]
fn a_reset_is_committed_to_the_changelog_before_it_is_in_the_store_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        let log: Vec<Message> = (0..4).map(|i| message(i, ["a", "b"][i as usize % 2], &[i as f32])).collect();
        for steps in 0..40 {
            let first = world(log.clone());
            let store = memory();
            let running =
                start_with(&first, &store, i64::MAX, vec![], |s| s.config.changelog_topic = Some("log".into()));
            running.finish(&first).await;
            running.die().await;

            // Another pipeline, which stores the same states; one more message of one of the keys.
            let reset = |s: &mut Settings| {
                s.config.changelog_topic = Some("log".into());
                s.config.policies.definition_change = DefinitionChange::Reset;
                s.definition = "b".repeat(64);
            };
            let (committed, changelog) =
                (first.committed.lock().unwrap().clone(), first.changelog.lock().unwrap().clone());
            let log = [log.clone(), vec![message(4, "a", &[5.0])]].concat();
            let second = Arc::new(World {
                log,
                committed: Mutex::new(committed),
                changelog: Mutex::new(changelog),
                ..World::default()
            });
            // The commit of the marker may fail, too.
            let fault = [None, Some(Outcome::Abortable), Some(Outcome::Retriable)][steps as usize % 3];
            second.faults.lock().unwrap().extend(fault.map(|outcome| ("commit", false, outcome)));
            for steps in [steps, i64::MAX] {
                let running = start_with(&second, &store, steps, vec![], reset);
                running.finish(&second).await;
                crashes += i32::from(running.life.is_over());
                running.die().await;
            }

            // The store is lost; nobody asks for a reset any more.
            let store = memory();
            let heir = start_with(&second, &store, i64::MAX, vec![], |s| {
                (s.config.changelog_topic, s.definition) = (Some("log".into()), "b".repeat(64));
            });
            heir.until(|s| s.state == PartitionState::Running).await;
            heir.die().await;
            let (fresh, _) = truth(&[message(4, "a", &[5.0])]);
            assert_eq!(stored(&*store, fresh.keys()).await, fresh, "{steps} steps");
            assert_eq!(store.get_many("app/t/0", &[b"b".to_vec()]).await.unwrap(), [vec![]]);
        }
        assert!(crashes > 5, "only {crashes} of the lives ended early");
    });
}

#[test]
fn a_changelog_that_is_turned_on_later_gets_what_counts_whatever_the_moment_of_the_crash() {
    crate::runtime().block_on(async {
        let mut crashes = 0;
        for steps in 0..40 {
            let (world, store) = (world(example()), memory());
            // States of the last messages are stored, and not committed: nobody may take them for what they are not.
            let running = start(&world, &store, 10 + steps, vec![]);
            running.finish(&world).await;
            running.die().await;
            for steps in [steps, i64::MAX] {
                let running =
                    start_with(&world, &store, steps, vec![], |s| s.config.changelog_topic = Some("log".into()));
                running.finish(&world).await;
                crashes += i32::from(running.life.is_over());
                if steps == i64::MAX {
                    running.until(|s| s.state == PartitionState::Running).await;
                }
                running.die().await;
            }
            let store = memory();
            let heir = start_with(&world, &store, i64::MAX, vec![], |s| s.config.changelog_topic = Some("log".into()));
            heir.until(|s| s.state == PartitionState::Running).await;
            heir.die().await;
            check(&world, &*store).await;
        }
        assert!(crashes > 10, "only {crashes} of the lives ended early");
    });
}

#[test]
fn what_is_not_committed_is_not_copied_to_a_changelog() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), memory());
        // The second commit fails for good: what belongs to it is stored.
        let faults = [("commit", true, Outcome::Retriable), ("begin", false, Outcome::Retriable)];
        world.faults.lock().unwrap().extend(faults.into_iter().chain([("commit", false, Outcome::Fatal)]));
        let running = start(&world, &store, i64::MAX, vec![]);
        running.finish(&world).await;
        running.die().await;
        let next = world.committed.lock().unwrap().as_ref().unwrap().0;
        let newest = |page: crate::store::Page| page.entries.iter().filter_map(|(_, record)| record.offset).max();
        assert!(newest(store.scan("app/t/0", None, 10).await.unwrap()) >= Some(next), "there are traces");

        let logged = |s: &mut Settings| s.config.changelog_topic = Some("log".into());
        let running = start_with(&world, &store, i64::MAX, vec![], logged);
        let (answer, _paused) = tokio::sync::oneshot::channel();
        running.commands.send(Command::Pause(answer)).unwrap();
        running.until(|s| s.state == PartitionState::Paused).await;
        running.die().await;
        let heir = memory();
        let running = start_with(&world, &heir, i64::MAX, vec![], logged);
        running.until(|s| s.state == PartitionState::Running).await;
        running.finish(&world).await;
        running.die().await;
        check(&world, &*heir).await;
    });
}

#[test]
fn a_changelog_that_is_ahead_of_the_group_is_no_state_of_transactions() {
    crate::runtime().block_on(async {
        let (world, store) = (world(example()), memory());
        let running = start_with(&world, &store, i64::MAX, vec![], |s| s.config.changelog_topic = Some("log".into()));
        running.finish(&world).await;
        running.die().await;
        // As a stream without transactions leaves it when it crashes before it commits.
        let metadata = world.committed.lock().unwrap().take().unwrap().1;
        *world.committed.lock().unwrap() = Some((3, metadata));
        let heir = start_with(&world, &memory(), i64::MAX, vec![], |s| s.config.changelog_topic = Some("log".into()));
        heir.until(|s| s.state == PartitionState::Stalled).await;
        assert!(heir.status.lock().unwrap().reason.as_ref().unwrap().contains("without transactions"));
        heir.die().await;
    });
}

#[test]
fn without_transactions_the_traces_of_aborted_ones_are_removed() {
    crate::runtime().block_on(async {
        let log: Vec<Message> = (0..8).map(|i| message(i, ["a", "b"][(i / 6) as usize], &[i as f32])).collect();
        let (world, store) = (world(log), memory());
        // States are stored, and not committed.
        world.faults.lock().unwrap().extend([("commit", false, Outcome::Fatal)]);
        let running = start(&world, &store, i64::MAX, vec![]);
        running.finish(&world).await;
        running.die().await;
        assert_eq!(*world.committed.lock().unwrap(), None);
        let key = [b"a".to_vec()];
        assert!(!store.get_many("app/t/0", &key).await.unwrap()[0].is_empty(), "a trace");

        let template = pipeline();
        let life = Arc::new(Life { steps: AtomicI64::new(i64::MAX) });
        let (position, transaction) = (AtomicI64::new(0), AtomicU64::new(0));
        // A clean stop at the beginning of the log: nothing of what is stored counts.
        *world.committed.lock().unwrap() = Some((0, String::new()));
        let port = MemoryPort { world: Arc::clone(&world), life, position, transaction, refused: vec![] };
        let status = Arc::new(Mutex::new(Status::default()));
        let (commands, receiver) = mpsc::unbounded_channel();
        let made = Partition::new(
            (Arc::new(port), Arc::clone(&store)),
            template,
            settings(&pipeline()),
            AtLeastOnce,
            Arc::clone(&status),
            |_| (),
        );
        let task = crate::runtime().spawn(made.run(receiver));
        while status.lock().unwrap().position < 8 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(status.lock().unwrap().counters.replay_skipped, 0);
        drop(commands);
        task.await.unwrap();
    });
}
