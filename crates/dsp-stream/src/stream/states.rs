//! The states of one partition: a pipeline per key, and the rules for applying messages to them.

use dsp_core::Pipeline;
use dsp_core::engine::workspace::Workspace;
use dsp_core::pipeline::Stamps;
use std::collections::{HashMap, HashSet};

use super::convert::{decode, encode};
use super::events;
use super::protocol::message::{Message, Output};
use super::protocol::settings::Settings;
use super::protocol::versions::slot;
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
    /// Number of the last snapshot that contains it.
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
    definition: [u8; 8],
}

impl States {
    /// No states yet.
    pub fn new(mut template: Pipeline, settings: &Settings) -> Self {
        let config = &settings.config;
        if config.events.is_some() {
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
        }
    }

    /// Drops all states, but remembers which messages made the pipeline fail.
    pub fn forget(&mut self) {
        self.keys.clear();
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

    /// Loads a key's stored state into memory; without one the key is new.
    ///
    /// # Errors
    /// `Store` with code `CORRUPT` if the pipeline cannot read the state.
    pub fn load(&mut self, key: &[u8], record: Option<&Record>) -> Result<()> {
        let mut pipeline = self.template.fresh_copy();
        if let Some(record) = record {
            let loaded = match record.format {
                Format::Toon => pipeline.load_toon(&record.state).map(drop),
                Format::Json => std::str::from_utf8(&record.state)
                    .map_err(|e| dsp_core::Error::failed(e.to_string()))
                    .and_then(|text| pipeline.load_json(text).map(drop)),
            };
            loaded.map_err(|e| Error::Store {
                code: "CORRUPT",
                message: format!("the stored state of key {} cannot be loaded: {e}", String::from_utf8_lossy(key)),
                retriable: false,
            })?;
        }
        let offset = record.and_then(|r| r.offset).unwrap_or(-1);
        let valid = record.and_then(|r| r.offset);
        let keyed = Keyed { pipeline, offset, used: self.clock, dirty: false, snapshot: 0, valid };
        self.keys.insert(key.into(), Box::new(keyed));
        Ok(())
    }

    /// Notes that a message cannot be processed; returns false if that was known.
    pub fn mark(&mut self, offset: i64) -> bool {
        self.marked.insert(offset)
    }

    /// Sends a message through the pipeline of its key, which must have been loaded.
    pub fn apply(&mut self, message: &Message, key: &[u8], settings: &Settings) -> Applied {
        let (input, output) = (&settings.config.input, settings.config.output.as_ref());
        self.clock += 1;
        let Some(keyed) = self.keys.get_mut(key) else { return Applied::Broken("its key was not loaded".into()) };
        keyed.used = self.clock;
        if keyed.offset >= message.offset {
            return Applied::Replayed;
        }
        if self.marked.contains(&message.offset) {
            return Applied::Poison("the pipeline or the output topic refused it".into());
        }
        let mut samples = match decode(message, input) {
            Ok(samples) => samples,
            Err(error) => return Applied::Poison(error.to_string()),
        };
        if self.template.needs_timestamps() && samples.timestamps.is_none() {
            return Applied::Poison("it has no timestamps, and a stage needs them".into());
        }
        let channels = usize::from(samples.channels.unwrap_or(1));
        let stamps: Option<Vec<f64>> = samples
            .timestamps
            .take()
            .map(|times| times.into_iter().flat_map(|time| std::iter::repeat_n(time, channels)).collect());
        if settings.config.events.is_some() {
            self.work.collect_events();
        }
        let stamps = stamps.as_deref().map_or(Stamps::Generated(samples.sample_rate), Stamps::Explicit);
        let count = samples.data.len();
        match keyed.pipeline.process_in(&mut self.work, &mut samples.data, channels, stamps, &[], |_, _| {}) {
            Ok(reshaped) => {
                samples.data = reshaped.unwrap_or(samples.data);
                let now = keyed.pipeline.output_channels();
                samples.channels = Some(now.min(u16::MAX.into()) as u16);
                // Other frames than came in: their rate is not known here.
                if samples.data.len() / now.max(1) != count / channels {
                    samples.sample_rate = None;
                }
            }
            Err(error) => {
                self.work.take_events();
                return Applied::Broken(error.to_string());
            }
        }
        keyed.offset = message.offset;
        self.dirty += usize::from(!std::mem::replace(&mut keyed.dirty, true));
        let output = output.filter(|o| o.emit_empty || !samples.data.is_empty());
        let place = (message, &settings.source);
        let mut outputs: Vec<Output> = output.map(|o| encode(place, &samples, input, o)).into_iter().collect();
        if let (Some(config), Some(found)) = (&settings.config.events, self.work.take_events()) {
            outputs.extend(events::encode(place, key, &keyed.pipeline, &found, config));
        }
        Applied::Done { samples: (count as u64, samples.data.len() as u64), outputs }
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
            let state = keyed.pipeline.save_toon(now).map_err(|e| Error::Store {
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
        self.keys.get_mut(key).map(|keyed| keyed.pipeline.save_toon(now_ms() / 1e3)).transpose()
    }
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
