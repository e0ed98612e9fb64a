//! The states of one partition: a pipeline per key, and the rules for applying messages to them.

use dsp_core::Pipeline;
use dsp_core::engine::workspace::Workspace;
use dsp_core::pipeline::Stamps;
use std::collections::{HashMap, HashSet};

use super::convert::{decode, encode, without_value};
use super::events;
use super::migration::{DefinitionId, Former, Migrated};
use super::protocol::message::{Message, Output};
use super::protocol::settings::Settings;
use super::protocol::versions::slot;
use crate::codec::Samples;
use crate::error::{Error, Result};
use crate::store::{Entry, Format, Record, Slot, now_ms, short};

/// The outcome of one message.
#[derive(Debug, PartialEq)]
pub enum Applied {
    /// It is in the state already, from before a crash; its output was acknowledged before the state was stored.
    Replayed,
    /// It is in the state now.
    Done {
        /// Number of samples in it, and of samples in the output.
        samples: (u64, u64),
        /// The output and the events to send.
        outputs: Vec<Output>,
        /// Whether it was the last of its key's stream.
        is_last: bool,
    },
    /// It cannot be processed, and the state does not contain it.
    Poison(String),
    /// The pipeline failed while processing it, and the key's state can no longer be used.
    Broken(String),
}

/// The state of one key. There may be very many, so it must be small; buffers for calls are those of [`States`].
struct Keyed {
    pipeline: Pipeline,
    /// Offset of the last message applied, −1 = none.
    offset: i64,
    /// Time of the last use, by the counter of calls.
    used: u64,
    dirty: bool,
    /// Whether its stream has ended with that message: the state is that of a new key.
    has_ended: bool,
    /// Number of the last snapshot that has it.
    snapshot: u64,
    /// Offset of the valid version in the store.
    valid: Option<i64>,
}

/// The states in memory, and the template of new ones.
pub struct States {
    template: Pipeline,
    /// States by key; boxed, because up to half of the places in the table are empty.
    keys: HashMap<Box<[u8]>, Box<Keyed>>,
    /// Buffers for the pipelines of all keys, one call at a time.
    work: Workspace,
    max_keys: usize,
    clock: u64,
    /// Number of keys that have changed since the last snapshot.
    dirty: usize,
    snapshots: u64,
    saved: u64,
    /// Offsets of messages on which the pipeline failed.
    marked: HashSet<i64>,
    /// Whether the previous version stays in the store until the new one is valid.
    keeps_two: bool,
    /// First bytes of the hash of the template.
    definition: DefinitionId,
    former: Former,
    /// Keys in memory whose stream has ended.
    ended: HashSet<Box<[u8]>>,
    /// Keys of which the store has the mark of an end, which nobody needs any more.
    retired: HashSet<Box<[u8]>>,
}

impl States {
    /// No states yet.
    pub fn new(mut template: Pipeline, settings: &Settings) -> Self {
        let config = &settings.config;
        if config.events.is_some() || config.input.finish_on.is_some() {
            template.keep_positions();
        }
        Self {
            template,
            keys: HashMap::new(),
            work: Workspace::default(),
            max_keys: config.max_keys,
            clock: 0,
            dirty: 0,
            snapshots: 0,
            saved: 0,
            marked: HashSet::new(),
            keeps_two: config.guarantee.keeps_two_versions(),
            definition: short(&settings.definition),
            former: Former::new(short(&settings.definition)),
            ended: HashSet::new(),
            retired: HashSet::new(),
        }
    }

    /// Drops all states, but remembers which messages made the pipeline fail.
    pub fn forget(&mut self) {
        self.keys.clear();
        self.ended.clear();
        self.retired.clear();
        (self.dirty, self.snapshots, self.saved) = (0, 0, 0);
    }

    /// Returns the number of keys in memory.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// Returns the number of keys that have changed since the last snapshot.
    pub fn dirty(&self) -> usize {
        self.dirty
    }

    /// Returns whether there are more keys in memory than allowed.
    pub fn is_crowded(&self) -> bool {
        self.keys.len() > self.max_keys
    }

    /// Returns whether a key is in memory.
    pub fn has(&self, key: &[u8]) -> bool {
        self.keys.contains_key(key)
    }

    /// The definition whose pipeline has to be made known before a record can be loaded.
    pub fn unknown(&self, record: &Record) -> Option<DefinitionId> {
        self.former.unknown(record)
    }

    /// Makes the pipeline of a former definition known.
    pub fn know(&mut self, definition: DefinitionId, pipeline: Pipeline) {
        self.former.add(definition, pipeline);
    }

    /// Takes a key's stored state into memory; without one the key is new. Says what became of a state of a former
    /// pipeline.
    ///
    /// # Errors
    /// `Store` with code `CORRUPT` if the pipeline cannot read the state.
    pub fn load(&mut self, key: &[u8], record: Option<&Record>) -> Result<Option<Migrated>> {
        let mut pipeline = self.template.fresh_copy();
        let mut migrated = None;
        self.retired.remove(key);
        // The mark of an end has no state.
        if let Some(record) = record.filter(|record| !record.state.is_empty()) {
            migrated = self.former.load(record, &mut pipeline).map_err(|e| Error::Store {
                code: "CORRUPT",
                message: format!("the stored state of key {} cannot be loaded: {e}", String::from_utf8_lossy(key)),
                retriable: false,
            })?;
        }
        let offset = record.and_then(|r| r.offset).unwrap_or(-1);
        let valid = record.and_then(|r| r.offset);
        let keyed = Keyed { pipeline, offset, used: self.clock, dirty: false, has_ended: false, snapshot: 0, valid };
        self.keys.insert(key.into(), Box::new(keyed));
        Ok(migrated)
    }

    /// Notes that a message cannot be processed; returns false if that was known.
    pub fn mark(&mut self, offset: i64) -> bool {
        self.marked.insert(offset)
    }

    /// Sends a message through the pipeline of its key, which must have been loaded.
    pub fn apply(&mut self, message: &Message, key: &[u8], settings: &Settings) -> Applied {
        let input = &settings.config.input;
        self.clock += 1;
        let Some(keyed) = self.keys.get_mut(key) else { return Applied::Broken("its key was not loaded".into()) };
        keyed.used = self.clock;
        if keyed.offset >= message.offset {
            return Applied::Replayed;
        }
        if self.marked.contains(&message.offset) {
            return Applied::Poison("the pipeline or the output topic refused it".into());
        }
        let is_last = input.finish_on.as_ref().is_some_and(|end| end.is(message));
        if is_last && message.value.is_none() {
            return self.run(message, key, without_value(message, input), true, settings);
        }
        let samples = match decode(message, input) {
            Ok(samples) => samples,
            Err(error) => return Applied::Poison(error.to_string()),
        };
        if self.template.needs_timestamps() && samples.timestamps.is_none() {
            return Applied::Poison("it has no timestamps, and a stage needs them".into());
        }
        self.run(message, key, samples, is_last, settings)
    }

    /// Sends the samples of a message through the pipeline of its key; behind the last one comes what is still inside.
    fn run(
        &mut self,
        message: &Message,
        key: &[u8],
        mut samples: Samples,
        is_last: bool,
        settings: &Settings,
    ) -> Applied {
        let Some(keyed) = self.keys.get_mut(key) else { return Applied::Broken("its key was not loaded".into()) };
        let config = &settings.config;
        if config.events.is_some() {
            self.work.collect_events();
        }
        let count = samples.data.len() as u64;
        let result = send_through(&mut keyed.pipeline, &mut self.work, &mut samples, message.value.is_some(), is_last);
        let events = self.work.take_events();
        if let Err(error) = result {
            return Applied::Broken(error.to_string());
        }
        keyed.offset = message.offset;
        keyed.has_ended = is_last;
        if is_last {
            self.ended.insert(key.into());
        }
        self.dirty += usize::from(!std::mem::replace(&mut keyed.dirty, true));
        let output = config.output.as_ref().filter(|output| output.emit_empty || !samples.data.is_empty());
        let place = (message, &settings.source);
        let mut outputs: Vec<Output> =
            output.map(|output| encode(place, &samples, &config.input, output)).into_iter().collect();
        if let (Some(config), Some(found)) = (&config.events, events) {
            outputs.extend(events::encode(place, key, &keyed.pipeline, &found, config));
        }
        Applied::Done { samples: (count, samples.data.len() as u64), outputs, is_last }
    }

    /// Notes that a message of a key has been handled although the state does not contain it.
    pub fn pass(&mut self, key: &[u8], offset: i64) {
        if let Some(keyed) = self.keys.get_mut(key) {
            keyed.offset = offset;
            self.dirty += usize::from(!std::mem::replace(&mut keyed.dirty, true));
        }
    }

    /// Returns copies of all states that have changed since the last snapshot, with the number of this one.
    ///
    /// # Errors
    /// `Store` with code `SAVE_FAILED` if a stage cannot be saved; nothing has changed then.
    pub fn snapshot(&mut self) -> Result<(u64, Vec<Entry>)> {
        let now = now_ms() / 1e3;
        let mut entries = Vec::with_capacity(self.dirty);
        for (key, keyed) in self.keys.iter_mut().filter(|(_, keyed)| keyed.dirty) {
            let saved = if keyed.has_ended { Ok(Vec::new()) } else { keyed.pipeline.save_toon(now) };
            let state = saved.map_err(|e| Error::Store {
                code: "SAVE_FAILED",
                message: format!("the state of key {} cannot be saved: {e}", String::from_utf8_lossy(key)),
                retriable: false,
            })?;
            entries.push(Entry {
                key: key.to_vec(),
                state,
                format: Format::Toon,
                offset: Some(keyed.offset),
                definition: Some(self.definition),
                slot: if self.keeps_two { slot(keyed.valid) } else { Slot::Only },
            });
        }
        // Nothing comes before the mark of an end any more once it counts.
        entries.extend(self.retired.drain().map(|key| Entry {
            key: key.into_vec(),
            state: Vec::new(),
            format: Format::Toon,
            offset: None,
            definition: None,
            slot: Slot::Gone,
        }));
        self.snapshots += 1;
        self.dirty = 0;
        for keyed in self.keys.values_mut().filter(|keyed| keyed.dirty) {
            (keyed.dirty, keyed.snapshot) = (false, self.snapshots);
        }
        Ok((self.snapshots, entries))
    }

    /// Notes that a snapshot is in the store: its states may leave memory from now on.
    pub fn saved(&mut self, snapshot: u64) {
        self.saved = self.saved.max(snapshot);
        if self.keeps_two {
            let saved = self.keys.values_mut().filter(|keyed| keyed.snapshot == snapshot && !keyed.dirty);
            saved.for_each(|keyed| keyed.valid = Some(keyed.offset));
        }
        for key in std::mem::take(&mut self.ended) {
            match self.keys.get(&key) {
                Some(keyed) if keyed.has_ended && (keyed.dirty || keyed.snapshot > self.saved) => {
                    self.ended.insert(key);
                }
                Some(keyed) if keyed.has_ended => {
                    self.keys.remove(&key);
                    self.retired.insert(key);
                }
                _ => {}
            }
        }
    }

    /// Drops stored states beyond the bound, least recently used first; returns how many.
    pub fn evict(&mut self) -> usize {
        if self.keys.len() <= self.max_keys {
            return 0;
        }
        let saved = self.saved;
        let clean = |keyed: &Keyed| !keyed.dirty && keyed.snapshot <= saved;
        let mut idle: Vec<(u64, Box<[u8]>)> =
            self.keys.iter().filter(|(_, k)| clean(k)).map(|(key, k)| (k.used, key.clone())).collect();
        idle.sort_unstable();
        // A tenth more than needed, so that this is not done for every message.
        let surplus = self.keys.len() - self.max_keys + self.max_keys / 10;
        let mut count = 0;
        for (_, key) in idle.into_iter().take(surplus) {
            self.keys.remove(&key);
            count += 1;
        }
        count
    }

    /// Returns the state of a key as TOON, if it is in memory.
    ///
    /// # Errors
    /// The error of a stage that cannot be saved.
    pub fn state(&mut self, key: &[u8]) -> dsp_core::Result<Option<Vec<u8>>> {
        let keyed = self.keys.get_mut(key).filter(|keyed| !keyed.has_ended);
        keyed.map(|keyed| keyed.pipeline.save_toon(now_ms() / 1e3)).transpose()
    }
}

/// Sends samples through a pipeline and puts what comes out in their place; behind the last ones what was still inside.
fn send_through(
    pipeline: &mut Pipeline,
    work: &mut Workspace,
    samples: &mut Samples,
    has_samples: bool,
    is_last: bool,
) -> dsp_core::Result<()> {
    let rate = samples.sample_rate;
    let mut is_same_rate = true;
    if has_samples {
        let channels = usize::from(samples.channels.unwrap_or(1));
        let stamps: Option<Vec<f64>> = samples
            .timestamps
            .take()
            .map(|times| times.into_iter().flat_map(|time| std::iter::repeat_n(time, channels)).collect());
        let stamps = stamps.as_deref().map_or(Stamps::Generated(rate), Stamps::Explicit);
        let frames = samples.data.len() / channels;
        if let Some(reshaped) = pipeline.process_in(work, &mut samples.data, channels, stamps, &[], |_, _| {})? {
            samples.data = reshaped;
        }
        // Other frames than came in: their rate is not known here.
        is_same_rate = samples.data.len() / pipeline.output_channels().max(1) == frames;
    }
    if is_last {
        is_same_rate &= pipeline.latency(None).ratio == 1.0;
        // The rate of the calls before, where the last message does not say one.
        let rate = rate.or(pipeline.clock_rate());
        samples.data.extend(pipeline.finish_in(work, rate)?);
    }
    if has_samples || !samples.data.is_empty() {
        samples.channels = Some(pipeline.output_channels().min(u16::MAX.into()) as u16);
    }
    if !is_same_rate {
        samples.sample_rate = None;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_takes_little_room_beside_the_heap_of_its_stages() {
        assert!(size_of::<(Box<[u8]>, Box<Keyed>)>() <= 24);
        assert!(size_of::<Keyed>() <= 160, "{}", size_of::<Keyed>());
    }
}
