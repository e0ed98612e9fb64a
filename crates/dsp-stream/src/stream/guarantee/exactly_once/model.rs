//! The coordinator against a model of Kafka and of a store, through every interleaving of two instances, their crashes,
//! lost replies, expulsions from the group and moves of partitions.
//!
//! One step of the model is one call that the world sees. The state of a key is the list of its messages' offsets, so
//! that any loss or repetition shows. What holds in every state that can be reached:
//! - a new owner would find, for every key, the state of exactly the messages below the committed offset;
//! - the committed outputs are those of exactly these messages, each once, with the right content;
//! - somebody can go on, until all messages are committed.
//!
//! Epochs and generations are kept as what they are good for: whose lease was given last, whether metadata is current.
//! Where the store goes back in time they are numbers, and so are the marks of writes: an old one comes back then.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashSet, VecDeque};
use std::hash::{Hash, Hasher as _};

use super::coordinator::{Coordinator, Outcome, Step};
use super::rules::{StartError, StartOffset, start_offset};
use crate::store::{Manifest, Slot, slot_to_replace};
use crate::stream::protocol::start::CheckpointId;
use crate::stream::protocol::versions::{slot, valid};

const INSTANCES: usize = 2;
const PARTITIONS: usize = 2;
const KEYS: usize = 2;
const LENGTH: usize = 4;
/// An output that is in one transaction twice.
const TWICE: u16 = u16::MAX;

/// A rule that is broken on purpose: the explorer must notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Broken {
    /// The newest version of a key counts, whatever its offset.
    NewestCounts,
    /// A checkpoint writes over the older version, not over the one that is not valid.
    NewestKept,
    /// The store does not compare epochs.
    NoFence,
    /// Group metadata is taken when the offsets are sent, after partitions were seen to be ours.
    LateGroup,
    /// Nobody looks whether the partitions are still ours.
    NotOwned,
    /// Hints are not waited for.
    LateHints,
    /// Committed offsets are read while a transaction may still change them.
    UnstableOffsets,
    /// States are kept when a transaction is aborted.
    NoRewind,
    /// A restart does not abort what its predecessor has left open, and does not fence it.
    NoInit,
    /// Offsets are committed before the copies are stored.
    CommitFirst,
    /// Copies are stored before the offsets are sent.
    StoreFirst,
    /// The broker takes offsets of any generation.
    AnyGeneration,
    /// Writes and reads do not look for the mark of the write before.
    NoMarks,
    /// A checkpoint is found by its number, whoever wrote it.
    NumberAlone,
}

/// Bounds on what may happen.
#[derive(Clone, Copy)]
struct Scenario {
    /// Keys of the messages of each partition.
    topics: [&'static [usize]; PARTITIONS],
    instances: usize,
    crashes: u8,
    /// Expulsions of an instance that does not know of them.
    expulsions: u8,
    /// Partitions that are given up in good order.
    moves: u8,
    /// Calls that fail, or whose reply is lost, and transactions that take too long.
    errors: u8,
    /// More transactions that take too long.
    timeouts: u8,
    /// Acquisitions that the store loses: a failover.
    failovers: u8,
    /// Whether the store may go back, once, to how it was at some moment.
    goes_back: bool,
    /// Whether Kafka may forget the group's offsets once. Outputs may then repeat, states not.
    forgets: bool,
    /// Whether states leave memory after each checkpoint.
    evicts: bool,
    broken: Option<Broken>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Budget {
    crashes: u8,
    expulsions: u8,
    moves: u8,
    errors: u8,
    timeouts: u8,
    failovers: u8,
    forgets: bool,
    /// How often partitions are acquired by an instance that does not have them any more.
    late: u8,
    goes_back: bool,
    /// How often a partition that has stalled is tried again.
    resumes: u8,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    scopes: [Scope; PARTITIONS],
    /// The state of a replica that is behind.
    replica: Option<[Scope; PARTITIONS]>,
    /// Counts acquisitions and writes, where the store goes back.
    clock: u8,
    /// By transactional id.
    transactions: [Transaction; INSTANCES],
    committed: [Option<Offset>; PARTITIONS],
    /// Committed outputs, bit by offset.
    emitted: [u8; PARTITIONS],
    /// Who is in the group, and who has which partition.
    members: [bool; INSTANCES],
    owners: [Option<usize>; PARTITIONS],
    instances: [Instance; INSTANCES],
    left: Budget,
    violation: Option<&'static str>,
}

/// A partition in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Scope {
    /// Who acquired it last.
    holder: Option<usize>,
    /// Who had acquired it before that: it is the holder again where the store loses an acquisition.
    former: Option<usize>,
    epoch: u8,
    mark: u8,
    found: Found,
    slots: [[Option<Version>; 2]; KEYS],
}

/// The contents of a manifest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Found {
    seq: u8,
    seq_epoch: u8,
    hint: Option<u8>,
}

/// The group's offset, with the checkpoint that it was committed for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Offset {
    next: u8,
    epoch: u8,
    seq: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Version {
    offset: u8,
    state: u16,
    is_newest: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Transaction {
    outputs: [[u16; LENGTH]; PARTITIONS],
    offsets: [Option<Offset>; PARTITIONS],
}

/// How an instance stands with something that has a generation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Standing {
    #[default]
    None,
    Stale,
    Current,
}

#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Instance {
    is_alive: bool,
    coordinator: Coordinator,
    /// Of its producer.
    producer: Standing,
    /// Of its membership, as far as it knows.
    member: Standing,
    /// Of the metadata it has taken.
    metadata: Standing,
    parts: [Option<Part>; PARTITIONS],
    /// Partitions assigned anew, whose former task has not ended.
    arriving: [bool; PARTITIONS],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Acquire,
    Place(Found),
    /// Writes down where it begins.
    Begin,
    Running,
    /// The store has lost what belongs to the group's offset.
    Stalled,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Part {
    phase: Phase,
    is_owned: bool,
    is_revoked: bool,
    is_stored: bool,
    position: u8,
    checkpointed: u8,
    epoch: u8,
    /// Of the last write.
    mark: u8,
    seq: u8,
    hint: Option<u8>,
    keys: [Option<Keyed>; KEYS],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Keyed {
    /// Offset of the version that counts.
    valid: Option<u8>,
    offset: u8,
    state: u16,
    is_dirty: bool,
}

const NEW_PART: Part = Part {
    phase: Phase::Acquire,
    is_owned: true,
    is_revoked: false,
    is_stored: false,
    position: 0,
    checkpointed: 0,
    epoch: 0,
    mark: 0,
    seq: 0,
    hint: None,
    keys: [None; KEYS],
};

/// Returns the key of the next message.
fn key_of(scenario: &Scenario, p: usize, part: &Part) -> usize {
    scenario.topics[p][usize::from(part.position)]
}

/// Returns the state after one more message.
fn after(state: u16, offset: u8) -> u16 {
    state << 3 | u16::from(offset + 1)
}

/// Returns the state of a key that has all its messages below `end`.
fn oracle(topic: &[usize], key: usize, end: u8) -> u16 {
    let own = (0..end).filter(|offset| topic[usize::from(*offset)] == key);
    own.fold(0, after)
}

/// A step of the history: name, instance or partition, and whether it is a fault.
type Label = (&'static str, usize, bool);
type Next = Vec<(Label, World)>;

impl World {
    fn new(scenario: &Scenario) -> Self {
        let Scenario { crashes, expulsions, moves, errors, timeouts, failovers, goes_back, forgets, .. } = *scenario;
        let (late, resumes) = (2 * expulsions, u8::from(goes_back));
        let left =
            Budget { crashes, expulsions, moves, errors, timeouts, failovers, forgets, late, goes_back, resumes };
        Self {
            scopes: Default::default(),
            replica: None,
            clock: 0,
            transactions: Default::default(),
            committed: [None; PARTITIONS],
            emitted: [0; PARTITIONS],
            members: [false; INSTANCES],
            owners: [None; PARTITIONS],
            instances: Default::default(),
            left,
            violation: None,
        }
    }

    fn next(&self, scenario: &Scenario) -> Next {
        let mut next = Vec::new();
        for i in 0..scenario.instances {
            if self.instances[i].is_alive {
                self.membership(scenario, i, &mut next);
                self.partitions(scenario, i, &mut next);
                self.step(scenario, i, &mut next);
            } else {
                go(&mut next, ("start", i, false), self, |w| w.start(scenario, i));
            }
            self.faults(scenario, i, &mut next);
        }
        for (p, scope) in self.scopes.iter().enumerate() {
            if self.left.failovers > 0 && scope.former.is_some() {
                go(&mut next, ("the store loses an acquisition", p, true), self, |w| {
                    w.left.failovers -= 1;
                    let scope = &mut w.scopes[p];
                    (scope.holder, scope.former) = (scope.former, None);
                });
            }
        }
        if self.left.goes_back && self.replica.is_none() {
            go(&mut next, ("a replica falls behind", 0, true), self, |w| w.replica = Some(w.scopes));
        }
        if let Some(replica) = self.replica.filter(|replica| *replica != self.scopes) {
            go(&mut next, ("the store goes back", 0, true), self, |w| {
                (w.scopes, w.replica, w.left.goes_back) = (replica, None, false);
            });
        }
        let nobody = self.instances.iter().all(|instance| !instance.is_alive);
        if self.left.forgets && nobody {
            go(&mut next, ("Kafka forgets the offsets", 0, true), self, |w| {
                (w.left.forgets, w.committed) = (false, [None; PARTITIONS]);
            });
        }
        next
    }

    /// Faults and delays outside.
    fn faults(&self, scenario: &Scenario, i: usize, next: &mut Next) {
        let (alive, left) = (self.instances[i].is_alive, self.left);
        if alive && left.crashes > 0 {
            go(next, ("crash", i, true), self, |w| {
                w.left.crashes -= 1;
                w.crash(i);
            });
        }
        if self.members[i] && (!alive || left.expulsions > 0) {
            go(next, ("expelled", i, alive), self, |w| {
                w.left.expulsions -= u8::from(alive);
                w.expel(i);
            });
        }
        let is_open = self.transactions[i] != Transaction::default();
        if is_open && (!alive || left.errors + left.timeouts > 0) && scenario.broken != Some(Broken::NoInit) {
            go(next, ("transaction times out", i, alive), self, |w| {
                let left = if w.left.timeouts > 0 { &mut w.left.timeouts } else { &mut w.left.errors };
                *left -= u8::from(alive);
                w.transactions[i] = Transaction::default();
                w.instances[i].producer.goes_stale();
            });
        }
        for p in 0..PARTITIONS {
            let is_running = self.instances[i].parts[p].is_some_and(|part| part.is_owned && !part.is_revoked);
            if left.moves > 0 && is_running && self.members[1 - i] && self.owners[p] == Some(i) {
                go(next, ("is asked to give up", p, true), self, |w| {
                    w.left.moves -= 1;
                    w.part(i, p).is_revoked = true;
                });
            }
        }
    }

    fn crash(&mut self, i: usize) {
        self.instances[i] = Instance::default();
    }

    fn start(&mut self, scenario: &Scenario, i: usize) {
        self.instances[i] = Instance { is_alive: true, ..Instance::default() };
        self.init(scenario, i);
        self.leave(i);
        self.join(scenario, i);
    }

    /// A new producer: what the former has left open is aborted, and it can do nothing any more.
    fn init(&mut self, scenario: &Scenario, i: usize) {
        if scenario.broken != Some(Broken::NoInit) {
            self.transactions[i] = Transaction::default();
        }
        self.instances[i].producer = Standing::Current;
    }

    /// A new generation of the group: members take part in it, everybody's metadata is old.
    fn bump(&mut self) {
        for (instance, is_member) in self.instances.iter_mut().zip(self.members) {
            instance.metadata.goes_stale();
            match is_member {
                true => instance.member = Standing::Current,
                false => instance.member.goes_stale(),
            }
        }
    }

    fn leave(&mut self, i: usize) {
        self.members[i] = false;
        self.owners.iter_mut().filter(|owner| **owner == Some(i)).for_each(|owner| *owner = None);
    }

    fn join(&mut self, scenario: &Scenario, i: usize) {
        for j in 0..INSTANCES {
            if !self.instances[j].is_alive {
                self.leave(j);
            }
        }
        self.members[i] = true;
        self.bump();
        for p in 0..PARTITIONS {
            if self.owners[p].is_none() && !scenario.topics[p].is_empty() {
                self.assign(p, i);
            }
        }
    }

    fn assign(&mut self, p: usize, i: usize) {
        self.owners[p] = Some(i);
        match &mut self.instances[i] {
            instance if instance.parts[p].is_some() => instance.arriving[p] = true,
            instance => instance.parts[p] = Some(NEW_PART),
        }
    }

    /// The group goes on without an instance, which does not know.
    fn expel(&mut self, i: usize) {
        let had = self.owners;
        self.leave(i);
        self.bump();
        for (p, owner) in had.into_iter().enumerate() {
            if owner == Some(i) && self.members[1 - i] {
                self.assign(p, 1 - i);
            }
        }
    }

    fn part(&mut self, i: usize, p: usize) -> &mut Part {
        self.instances[i].parts[p].as_mut().unwrap()
    }

    /// Events of the group that reach the consumer's thread.
    fn membership(&self, scenario: &Scenario, i: usize, next: &mut Next) {
        if self.instances[i].member == Standing::Stale {
            go(next, ("hears that it was expelled", i, false), self, |w| {
                let instance = &mut w.instances[i];
                instance.member = Standing::None;
                instance.arriving = [false; PARTITIONS];
                instance.parts.iter_mut().flatten().for_each(|part| part.is_owned = false);
            });
        }
        if self.instances[i].member == Standing::None {
            go(next, ("joins again", i, false), self, |w| w.join(scenario, i));
        }
    }

    /// Steps that partitions take by themselves.
    fn partitions(&self, scenario: &Scenario, i: usize, next: &mut Next) {
        let is_processing = self.instances[i].coordinator.step() == Step::Process;
        let parts = &self.instances[i].parts;
        // What partitions do to be restored does not touch one another: one after the other is order enough.
        let first = parts.iter().position(|part| part.is_some_and(|part| part.phase != Phase::Running));
        for (p, part) in parts.iter().enumerate() {
            let Some(part) = *part else { continue };
            match part.phase {
                Phase::Acquire | Phase::Place(_) | Phase::Begin if first != Some(p) => {}
                Phase::Acquire if self.owners[p] != Some(i) && self.left.late == 0 => {}
                Phase::Acquire => go(next, ("acquires", p, false), self, |w| {
                    w.left.late -= u8::from(w.owners[p] != Some(i));
                    let now = w.tick(scenario);
                    let scope = &mut w.scopes[p];
                    let former = if scenario.failovers > 0 { scope.holder } else { None };
                    (scope.former, scope.holder, scope.epoch, scope.mark) = (former, Some(i), now, now);
                    let phase = Phase::Place(scope.found);
                    *w.part(i, p) = Part { phase, epoch: now, mark: now, ..*w.part(i, p) };
                }),
                Phase::Place(found) if self.is_stable(p) || scenario.broken == Some(Broken::UnstableOffsets) => {
                    go(next, ("is placed", p, false), self, |w| w.place(scenario, i, p, found));
                }
                Phase::Place(_) => {}
                Phase::Begin => go(next, ("writes down its place", p, false), self, |w| {
                    let Part { position, epoch, .. } = *w.part(i, p);
                    let is_ours = w.write(scenario, i, p, |scope| {
                        (scope.found.hint, scope.found.seq_epoch) = (Some(position), epoch);
                    });
                    w.part(i, p).phase = if is_ours { Phase::Running } else { Phase::Acquire };
                }),
                Phase::Stalled if self.left.resumes > 0 => go(next, ("is resumed", p, true), self, |w| {
                    w.left.resumes -= 1;
                    w.part(i, p).phase = Phase::Acquire;
                }),
                Phase::Stalled => {}
                Phase::Running => {
                    if is_processing && !part.is_revoked && usize::from(part.position) < scenario.topics[p].len() {
                        go(next, ("processes", p, false), self, |w| w.process(scenario, i, p));
                    }
                    let is_clean = part.position == part.checkpointed;
                    if is_processing && part.is_revoked && self.owners[p] == Some(i) && is_clean {
                        go(next, ("is given up", p, false), self, |w| {
                            w.instances[i].parts[p] = None;
                            w.owners[p] = None;
                            w.bump();
                            match w.members[1 - i] {
                                true => w.assign(p, 1 - i),
                                false => w.assign(p, i),
                            }
                        });
                    }
                }
            }
            if part.hint.is_some() {
                go(next, ("stores its hint", p, false), self, |w| w.store_hint(scenario, i, p));
            }
        }
    }

    fn is_stable(&self, p: usize) -> bool {
        self.transactions.iter().all(|transaction| transaction.offsets[p].is_none())
    }

    /// Advances and returns the time: only where the store goes back does it matter which of two acquisitions or writes it was.
    fn tick(&mut self, scenario: &Scenario) -> u8 {
        self.clock += u8::from(scenario.goes_back);
        self.clock
    }

    /// Returns whether an instance may write a scope, and rely on what it reads there.
    fn is_ours(&self, scenario: &Scenario, i: usize, p: usize) -> bool {
        let (scope, part) = (&self.scopes[p], self.instances[i].parts[p].unwrap_or(NEW_PART));
        match scenario.broken {
            Some(Broken::NoFence) => true,
            Some(Broken::NoMarks) => scope.epoch <= part.epoch,
            _ if scenario.goes_back => scope.epoch == part.epoch && scope.mark == part.mark,
            _ => scope.holder == Some(i),
        }
    }

    /// Writes to the store; returns false if it is refused.
    fn write(&mut self, scenario: &Scenario, i: usize, p: usize, change: impl FnOnce(&mut Scope)) -> bool {
        let is_ours = self.is_ours(scenario, i, p);
        if is_ours {
            let now = self.tick(scenario);
            self.part(i, p).mark = now;
            let epoch = self.part(i, p).epoch;
            let scope = &mut self.scopes[p];
            (scope.epoch, scope.mark) = (epoch, now);
            change(scope);
        }
        is_ours
    }

    /// Returns where a partition begins with this manifest.
    fn placed(&self, scenario: &Scenario, p: usize, found: Found) -> Result<u8, StartError> {
        let next_offset = found.hint.map(i64::from);
        let is_blind = scenario.broken == Some(Broken::NumberAlone);
        let seq_epoch = if is_blind { i64::MAX } else { found.seq_epoch.into() };
        let manifest = Manifest { seq: found.seq.into(), next_offset, seq_epoch, ..Manifest::default() };
        let committed = self.committed[p].map(|Offset { next, epoch, seq }| {
            (i64::from(next), Some(CheckpointId { store: "", epoch: epoch.into(), seq: seq.into() }))
        });
        match start_offset(found.hint.is_some().then_some(&manifest), committed, "")? {
            StartOffset::Committed(offset) | StartOffset::Hint(offset) => Ok(offset as u8),
            StartOffset::New => Ok(0),
        }
    }

    fn place(&mut self, scenario: &Scenario, i: usize, p: usize, found: Found) {
        let begin = match self.placed(scenario, p, found) {
            Ok(begin) => begin,
            // The manifest was read with the acquisition, and may have changed before the offset was read.
            Err(_) if self.scopes[p].found != found => return self.part(i, p).phase = Phase::Acquire,
            Err(_) if scenario.goes_back => return self.part(i, p).phase = Phase::Stalled,
            Err(_) => return self.violation = Some("a partition cannot be placed"),
        };
        let seq = found.seq.max(self.committed[p].map_or(0, |committed| committed.seq));
        let part = self.part(i, p);
        (part.position, part.checkpointed, part.seq) = (begin, begin, seq);
        part.phase = if found.hint == Some(begin) { Phase::Running } else { Phase::Begin };
    }

    fn store_hint(&mut self, scenario: &Scenario, i: usize, p: usize) {
        let hint = self.part(i, p).hint;
        let is_ours = self.write(scenario, i, p, |scope| scope.found.hint = hint);
        self.part(i, p).hint = None;
        if !is_ours && self.instances[i].coordinator.step() == Step::Hints {
            self.instances[i].coordinator.done(Outcome::Abortable);
        }
    }

    fn process(&mut self, scenario: &Scenario, i: usize, p: usize) {
        if self.instances[i].producer != Standing::Current {
            return self.done(i, Outcome::Fatal);
        }
        let is_read = self.instances[i].parts[p].is_some_and(|part| part.keys[key_of(scenario, p, &part)].is_none());
        if is_read && scenario.goes_back && !self.is_ours(scenario, i, p) {
            return self.done(i, Outcome::Abortable);
        }
        let (scope, part) = (self.scopes[p], self.part(i, p));
        let (offset, key) = (part.position, key_of(scenario, p, part));
        let keyed = part.keys[key].unwrap_or_else(|| {
            let versions = scope.slots[key].iter().flatten();
            let found = match scenario.broken {
                Some(Broken::NewestCounts) => versions.copied().find(|version| version.is_newest),
                _ => valid(versions, |v| Some(v.offset.into()), offset.into()).copied(),
            };
            let (valid, state) = (found.map(|v| v.offset), found.map_or(0, |v| v.state));
            Keyed { valid, offset: 0, state, is_dirty: false }
        });
        let state = after(keyed.state, offset);
        part.keys[key] = Some(Keyed { valid: keyed.valid, offset, state, is_dirty: true });
        part.position += 1;
        let output = &mut self.transactions[i].outputs[p][usize::from(offset)];
        *output = if *output == 0 { state } else { TWICE };
    }

    fn done(&mut self, i: usize, outcome: Outcome) {
        self.instances[i].coordinator.done(outcome);
    }

    /// The coordinator's next step, and the ways in which it may go wrong.
    fn step(&self, scenario: &Scenario, i: usize, next: &mut Next) {
        let instance = &self.instances[i];
        let step = match (instance.coordinator.step(), scenario.broken) {
            (Step::Offsets, Some(Broken::StoreFirst)) => Step::Put,
            (Step::Put, Some(Broken::StoreFirst)) => Step::Offsets,
            (step, _) => step,
        };
        let simple = |next: &mut Next, name, act: &dyn Fn(&mut Self) -> Outcome| {
            go(next, (name, i, false), self, |w| {
                let outcome = act(w);
                w.done(i, outcome);
            });
        };
        match step {
            Step::Begin => simple(next, "begins a transaction", &|_| Outcome::Done),
            Step::Process => {
                let parts = || instance.parts.iter().flatten();
                if parts().any(|part| !part.is_owned) {
                    simple(next, "learns that a partition is lost", &|_| Outcome::Abortable);
                }
                if parts().any(|part| part.position > part.checkpointed) {
                    simple(next, "finds a checkpoint due", &|_| Outcome::Done);
                }
            }
            Step::Barrier => simple(next, "stops its partitions", &|w| {
                w.instances[i].parts.iter_mut().flatten().for_each(|part| part.is_stored = false);
                Outcome::Done
            }),
            Step::Hints => {
                let waits = scenario.broken != Some(Broken::LateHints);
                if !waits || instance.parts.iter().flatten().all(|part| part.hint.is_none()) {
                    simple(next, "has its hints stored", &|_| Outcome::Done);
                }
            }
            Step::Put if scenario.broken == Some(Broken::CommitFirst) => {
                simple(next, "does not store", &|_| Outcome::Done);
            }
            Step::Put => self.put(scenario, i, next),
            Step::Group => simple(next, "takes the group's metadata", &|w| {
                w.instances[i].metadata = w.instances[i].member;
                Outcome::Done
            }),
            Step::Owned => simple(next, "sees whether its partitions are its own", &|w| {
                let is_ours = w.instances[i].parts.iter().flatten().all(|part| part.is_owned);
                let is_blind = scenario.broken == Some(Broken::NotOwned);
                if is_ours || is_blind { Outcome::Done } else { Outcome::Abortable }
            }),
            Step::Offsets => self.call(i, next, "sends its offsets", &|w| w.send_offsets(scenario, i)),
            Step::Commit => self.call(i, next, "commits", &|w| w.commit(scenario, i)),
            Step::Settle if scenario.broken == Some(Broken::CommitFirst) => self.put(scenario, i, next),
            Step::Settle => simple(next, "settles", &|w| w.settle(scenario, i)),
            Step::Abort => self.call(i, next, "aborts", &|w| match w.instances[i].producer {
                Standing::Current => {
                    w.transactions[i] = Transaction::default();
                    Outcome::Done
                }
                _ => Outcome::Fatal,
            }),
            Step::Rewind => simple(next, "rewinds", &|w| w.rewind(scenario, i)),
            Step::Restart => go(next, ("makes new clients", i, false), self, |w| w.start(scenario, i)),
            Step::Failed => {}
        }
    }

    /// A call of the broker: it succeeds; it is not carried out; its reply is lost; the client breaks
    /// afterwards.
    fn call(&self, i: usize, next: &mut Next, name: &'static str, act: &dyn Fn(&mut Self) -> Outcome) {
        go(next, (name, i, false), self, |w| {
            let outcome = act(w);
            w.done(i, outcome);
        });
        if self.left.errors == 0 {
            return;
        }
        for outcome in [Outcome::Retriable, Outcome::Abortable, Outcome::Fatal] {
            let is_lost = outcome != Outcome::Abortable;
            let name = if is_lost { "has a reply lost" } else { "has a call refused" };
            go(next, (name, i, true), self, |w| {
                w.left.errors -= 1;
                if is_lost {
                    act(w);
                }
                w.done(i, outcome);
            });
        }
    }

    /// Stores the copies of one partition; it may end after any record, with the process or with an error.
    fn put(&self, scenario: &Scenario, i: usize, next: &mut Next) {
        let changed = |part: &Part| part.position > part.checkpointed && !part.is_stored;
        let Some(p) = (0..PARTITIONS).find(|p| self.instances[i].parts[*p].as_ref().is_some_and(changed)) else {
            return go(next, ("has stored everything", i, false), self, |w| {
                let is_late = w.instances[i].coordinator.step() == Step::Settle;
                let outcome = if is_late { w.settle(scenario, i) } else { Outcome::Done };
                w.done(i, outcome);
            });
        };
        go(next, ("stores", p, false), self, |w| {
            if w.put_records(scenario, i, p, KEYS) {
                w.part(i, p).is_stored = true;
            } else {
                w.done(i, Outcome::Abortable);
            }
        });
        if self.left.errors > 0 {
            go(next, ("stores, and the reply is lost", p, true), self, |w| {
                w.left.errors -= 1;
                w.put_records(scenario, i, p, KEYS);
            });
        }
        for records in 0..KEYS {
            if self.left.errors > 0 {
                go(next, ("stores a part and fails", p, true), self, |w| {
                    w.left.errors -= 1;
                    w.put_records(scenario, i, p, records);
                    w.done(i, Outcome::Abortable);
                });
            }
            if self.left.crashes > 0 && records > 0 {
                go(next, ("stores a part and crashes", p, true), self, |w| {
                    w.left.crashes -= 1;
                    w.put_records(scenario, i, p, records);
                    w.crash(i);
                });
            }
        }
    }

    /// Stores at most `count` records; the last record takes the number with it. False = fenced.
    fn put_records(&mut self, scenario: &Scenario, i: usize, p: usize, count: usize) -> bool {
        let part = *self.part(i, p);
        self.write(scenario, i, p, |scope| {
            let dirty = (0..KEYS).filter_map(|key| Some((key, part.keys[key].filter(|keyed| keyed.is_dirty)?)));
            for (key, keyed) in dirty.take(count) {
                scope.slots[key] = written(scope.slots[key], keyed, scenario.broken);
            }
            if count == KEYS {
                (scope.found.seq, scope.found.seq_epoch) = (part.seq + 1, part.epoch);
            }
        })
    }

    fn send_offsets(&mut self, scenario: &Scenario, i: usize) -> Outcome {
        let instance = &self.instances[i];
        if instance.producer != Standing::Current {
            return Outcome::Fatal;
        }
        let standing = match scenario.broken {
            Some(Broken::LateGroup) => instance.member,
            Some(Broken::AnyGeneration) => Standing::Current,
            _ => instance.metadata,
        };
        if standing != Standing::Current {
            return Outcome::Abortable;
        }
        for p in 0..PARTITIONS {
            let changed = self.instances[i].parts[p].filter(|part| part.position > part.checkpointed);
            if let Some(part) = changed {
                let offset = Offset { next: part.position, epoch: part.epoch, seq: part.seq + 1 };
                self.transactions[i].offsets[p] = Some(offset);
            }
        }
        Outcome::Done
    }

    fn commit(&mut self, scenario: &Scenario, i: usize) -> Outcome {
        if self.instances[i].producer != Standing::Current {
            return Outcome::Fatal;
        }
        let Transaction { outputs, offsets } = std::mem::take(&mut self.transactions[i]);
        for p in 0..PARTITIONS {
            self.committed[p] = offsets[p].or(self.committed[p]);
            for (offset, output) in outputs[p].into_iter().enumerate().filter(|(_, output)| *output != 0) {
                let bit = 1 << offset;
                if output == TWICE || self.emitted[p] & bit != 0 && !scenario.forgets {
                    self.violation = Some("an output was committed twice");
                }
                self.emitted[p] |= bit;
                let topic = scenario.topics[p];
                if output != oracle(topic, topic[offset], offset as u8 + 1) {
                    self.violation = Some("a committed output was made with a wrong state");
                }
            }
        }
        Outcome::Done
    }

    fn settle(&mut self, scenario: &Scenario, i: usize) -> Outcome {
        for part in self.instances[i].parts.iter_mut().flatten().filter(|part| part.position > part.checkpointed) {
            (part.checkpointed, part.seq, part.hint) = (part.position, part.seq + 1, Some(part.position));
            for keyed in part.keys.iter_mut().flatten().filter(|keyed| keyed.is_dirty) {
                (keyed.valid, keyed.is_dirty) = (Some(keyed.offset), false);
            }
            if scenario.evicts {
                part.keys = [None; KEYS];
            }
        }
        Outcome::Done
    }

    fn rewind(&mut self, scenario: &Scenario, i: usize) -> Outcome {
        let Instance { parts, arriving, .. } = &mut self.instances[i];
        for (part, arrives) in parts.iter_mut().zip(arriving) {
            let Some(old) = *part else { continue };
            *part = (old.is_owned || *arrives).then_some(Part { is_revoked: old.is_revoked && !*arrives, ..NEW_PART });
            if let (Some(part), true) = (part, scenario.broken == Some(Broken::NoRewind)) {
                part.keys = old.keys;
            }
            *arrives = false;
        }
        Outcome::Done
    }

    /// Returns the rule that is broken, if one is.
    fn wrong(&self, scenario: &Scenario) -> Option<&'static str> {
        if self.violation.is_some() {
            return self.violation;
        }
        for (p, topic) in scenario.topics.iter().enumerate().filter(|(_, topic)| !topic.is_empty()) {
            let place = self.reached(p);
            // A partition that stalls has no state that could be wrong.
            for key in (0..KEYS).filter(|_| !self.is_stuck(scenario, p)) {
                let versions = self.scopes[p].slots[key].iter().flatten();
                let found = valid(versions, |v| Some(v.offset.into()), place.into()).map_or(0, |v| v.state);
                if found != oracle(topic, key, place) {
                    return Some("a state is not that of the messages below the offset");
                }
            }
            if !scenario.forgets && self.emitted[p] != (1u8 << place) - 1 {
                return Some("the committed outputs are not those of the messages below the offset");
            }
        }
        None
    }

    /// Returns where a new owner would begin.
    fn reached(&self, p: usize) -> u8 {
        self.committed[p].map(|committed| committed.next).or(self.scopes[p].found.hint).unwrap_or(0)
    }

    /// Returns whether the store has been set back to before the group's offset, and this is noticed.
    fn is_stuck(&self, scenario: &Scenario, p: usize) -> bool {
        scenario.goes_back && self.placed(scenario, p, self.scopes[p].found).is_err()
    }

    fn is_complete(&self, scenario: &Scenario) -> bool {
        (0..PARTITIONS).all(|p| usize::from(self.reached(p)) == scenario.topics[p].len() || self.is_stuck(scenario, p))
    }
}

impl Standing {
    fn goes_stale(&mut self) {
        if *self == Self::Current {
            *self = Self::Stale;
        }
    }
}

/// Both versions of a key after a put.
fn written(slots: [Option<Version>; 2], keyed: Keyed, broken: Option<Broken>) -> [Option<Version>; 2] {
    let numbered = slots.map(|slot| slot.map(|v| (u64::from(v.is_newest), Some(i64::from(v.offset)))));
    let version = Version { offset: keyed.offset, state: keyed.state, is_newest: true };
    let wanted = match broken {
        Some(Broken::NewestKept) => Slot::Alternate { keep: None },
        _ => slot(keyed.valid.map(i64::from)),
    };
    let Slot::Alternate { keep } = wanted else { return [Some(version), None] };
    let mut after = slots.map(|slot| slot.map(|v| Version { is_newest: false, ..v }));
    after[slot_to_replace(numbered, keep)] = Some(version);
    after
}

fn go(next: &mut Next, label: Label, world: &World, act: impl FnOnce(&mut World)) {
    let mut world = world.clone();
    act(&mut world);
    next.push((label, world));
}

/// The result of an exploration.
struct Explored {
    states: usize,
    violation: Option<String>,
}

fn fingerprint(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

/// Visits every state that can be reached, nearest first, and stops at the first violation.
fn explore(scenario: &Scenario) -> Explored {
    let first = World::new(scenario);
    let mut seen = HashSet::from([fingerprint(&first)]);
    let mut path: Vec<(usize, Label)> = vec![(0, ("", 0, false))];
    let mut queue = VecDeque::from([(0, first)]);
    let trace = |path: &[(usize, Label)], mut at: usize, what: &str| {
        let mut lines = vec![what.to_owned()];
        while at != 0 {
            let (from, (name, number, _)) = path[at];
            lines.push(format!("{number} {name}"));
            at = from;
        }
        lines.reverse();
        lines.join("\n")
    };
    while let Some((at, world)) = queue.pop_front() {
        let next = world.next(scenario);
        if next.iter().all(|((.., is_fault), _)| *is_fault) && !world.is_complete(scenario) {
            return Explored { states: seen.len(), violation: Some(trace(&path, at, "nobody can go on")) };
        }
        for (label, world) in next {
            if !seen.insert(fingerprint(&world)) {
                continue;
            }
            path.push((at, label));
            let here = path.len() - 1;
            if let Some(what) = world.wrong(scenario) {
                return Explored { states: seen.len(), violation: Some(trace(&path, here, what)) };
            }
            queue.push_back((here, world));
        }
    }
    Explored { states: seen.len(), violation: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two instances and three messages of one partition, and nothing goes wrong.
    const CALM: Scenario = Scenario {
        topics: [&[0, 1, 0], &[]],
        instances: 2,
        crashes: 0,
        expulsions: 0,
        moves: 0,
        errors: 0,
        timeouts: 0,
        failovers: 0,
        goes_back: false,
        forgets: false,
        evicts: false,
        broken: None,
    };
    /// A store that goes back, and messages of two keys.
    const BACK: Scenario = Scenario { topics: [&[0, 1], &[]], goes_back: true, ..CALM };
    /// Two messages of one key.
    const SHORT: Scenario = Scenario { topics: [&[0, 0], &[]], ..CALM };
    /// Two partitions.
    const TWO: Scenario = Scenario { topics: [&[0], &[0]], ..CALM };
    /// One instance and a group that is forgotten.
    const FORGOTTEN: Scenario = Scenario { topics: [&[0, 0, 0], &[]], instances: 1, crashes: 3, forgets: true, ..CALM };

    fn holds(name: &str, scenario: &Scenario) {
        let found = explore(scenario);
        println!("{name}: {} states", found.states);
        assert_eq!(found.violation, None, "{name}");
    }

    #[test]
    fn it_holds_through_crashes_and_failing_calls() {
        holds("two crashes", &Scenario { crashes: 2, ..CALM });
        holds("a crash and a failing call", &Scenario { crashes: 1, errors: 1, ..CALM });
        holds("the same, states leave memory", &Scenario { crashes: 1, errors: 1, evicts: true, ..CALM });
    }

    #[test]
    fn it_holds_while_partitions_move() {
        holds("a move, a crash, a failing call", &Scenario { moves: 1, crashes: 1, errors: 1, ..SHORT });
        holds("two partitions, a move, a crash", &Scenario { moves: 1, crashes: 1, ..TWO });
    }

    #[test]
    fn it_holds_for_instances_that_do_not_know_they_are_out() {
        holds("an expulsion", &Scenario { expulsions: 1, ..SHORT });
        holds("an expulsion, states leave memory", &Scenario { expulsions: 1, evicts: true, ..SHORT });
        holds("an expulsion, a failover", &Scenario { expulsions: 1, failovers: 1, ..SHORT });
    }

    #[test]
    fn a_store_that_goes_back_is_noticed() {
        holds("the store goes back", &BACK);
        holds("the store goes back, states leave memory", &Scenario { evicts: true, ..BACK });
        holds("the store goes back, a crash", &Scenario { crashes: 1, ..BACK });
        holds("the store goes back, an expulsion", &Scenario { topics: [&[0], &[]], expulsions: 1, ..BACK });
    }

    #[test]
    fn states_hold_where_kafka_forgets_the_offsets() {
        holds("offsets are forgotten", &Scenario { errors: 1, ..FORGOTTEN });
    }

    /// Minutes of it: `cargo test -p dsp-stream exactly_once -- --ignored --nocapture`.
    #[test]
    #[ignore = "long"]
    fn it_holds_in_longer_histories() {
        holds("an expulsion, two keys", &Scenario { expulsions: 1, ..CALM });
        holds("an expulsion, a crash", &Scenario { crashes: 1, expulsions: 1, ..SHORT });
        holds("two moves, two crashes", &Scenario { moves: 2, crashes: 2, ..SHORT });
        holds("three crashes, two failing calls", &Scenario { crashes: 3, errors: 2, ..CALM });
        holds("two partitions, an expulsion", &Scenario { expulsions: 1, ..TWO });
        holds("the store goes back, an expulsion", &Scenario { expulsions: 1, goes_back: true, ..SHORT });
    }

    #[test]
    fn every_broken_rule_is_noticed() {
        let (crash, out) = (Scenario { crashes: 1, ..CALM }, Scenario { expulsions: 1, ..SHORT });
        let failover = Scenario { failovers: 1, ..out };
        for (broken, scenario) in [
            (Broken::NewestCounts, crash),
            (Broken::NewestKept, Scenario { errors: 2, ..CALM }),
            (Broken::NoRewind, Scenario { errors: 1, ..CALM }),
            (Broken::NoInit, crash),
            (Broken::CommitFirst, crash),
            (Broken::LateHints, FORGOTTEN),
            (Broken::UnstableOffsets, out),
            (Broken::NoFence, Scenario { errors: 1, ..out }),
            (Broken::StoreFirst, out),
            (Broken::LateGroup, failover),
            (Broken::NotOwned, failover),
            (Broken::AnyGeneration, failover),
            (Broken::NoMarks, BACK),
            (Broken::NumberAlone, Scenario { expulsions: 1, timeouts: 1, goes_back: true, ..SHORT }),
        ] {
            let found = explore(&Scenario { broken: Some(broken), ..scenario });
            let last = found.violation.as_ref().and_then(|trace| trace.lines().last()).unwrap_or("nothing");
            println!("{broken:?}: {last}, after {} states", found.states);
            assert!(found.violation.is_some(), "{broken:?} goes unnoticed");
        }
    }
}
