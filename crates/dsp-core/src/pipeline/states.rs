//! Saving and loading the states of all stages together, all or nothing.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::clock::Clock;
use super::parameters::same_parameters;
use super::slot::{Definition, Slot};
use super::{Pipeline, StageSummary};
use crate::design::spec::Design;
use crate::engine::events::Track;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::state::archive::Archive;
use crate::state::checksum::JsonChecksum;
use crate::state::{json, toon};
use crate::{stages, state};

/// How saved stages are matched with those of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Match {
    /// In order, as the original does: a saved stage of another type is built and inserted before those that stay.
    #[default]
    Position,
    /// By their ids; those without one by type, in order. The pipeline keeps its stages; a stage without a fitting
    /// state starts fresh.
    Id,
}

/// Options of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// How saved stages are matched with those of the pipeline.
    pub matching: Match,
    /// Whether a state is refused unless it belongs to the same stages with the same parameters.
    pub strict: bool,
}

/// The result of a load.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// Indices of the stages that start fresh.
    pub fresh: Vec<usize>,
}

/// Stages with the states that were found for them.
struct Found {
    slots: Vec<Slot>,
    loaded: Loaded,
    /// The place in the state of each stage's own.
    origins: Vec<Option<usize>>,
}

fn failed(reason: impl std::fmt::Display) -> Error {
    Error::failed(format!("Failed to load state: {reason}"))
}

impl Pipeline {
    pub(super) fn clock_or_start(&self) -> Clock {
        self.clock.unwrap_or(Clock::START)
    }

    /// Returns the state as JSON text; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// The error of the first stage that cannot save its state.
    pub fn save_json(&mut self, timestamp: f64) -> Result<String> {
        let mut entries = Vec::with_capacity(self.slots.len());
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let mut entry = json!({ "index": index, "type": slot.stage.saved_type() });
            if let Some(id) = &slot.definition.id {
                entry["id"] = id.as_str().into();
            }
            // Put in, not named in the macro above, which would copy it.
            entry["state"] = slot.stage.save()?;
            entries.push(entry);
        }
        let clock = self.clock_or_start();
        let mut document = json!({
            "timestamp": timestamp.floor() as i64,
            "stageCount": entries.len(),
            "version": state::VERSION,
            "clock": json::num(clock.now()),
            "clockParts": json::nums([clock.origin, clock.frames, clock.rate]),
        });
        if self.has_events {
            let tracks = self.slots.iter().map(|slot| &slot.track);
            document["events"] = tracks
                .map(|track| json!({ "frames": track.frames, "past": json::nums(track.past.iter().copied()) }))
                .collect();
        }
        if self.dithered > 0 {
            document["dithered"] = self.dithered.into();
        }
        document["stages"] = Json::Array(entries);
        document["checksum"] = Json::from(checksum(&document));
        json::text_of(&document)
    }

    /// Loads a JSON state, all or nothing: stages of the pipeline whose type fits load theirs, others are built and
    /// inserted before those that stay. Returns warnings for the user.
    ///
    /// # Errors
    /// `Failed to load state: …` if the text is not a state or does not fit; `Invalid state: missing 'stages' field`.
    pub fn load_json(&mut self, text: &str) -> Result<Vec<String>> {
        self.load_json_with(text, LoadOptions::default()).map(|loaded| loaded.warnings)
    }

    /// [`Self::load_json`] with options.
    ///
    /// # Errors
    /// Those of [`Self::load_json`]; with `strict`, an error about the first stage that does not fit.
    pub fn load_json_with(&mut self, text: &str, options: LoadOptions) -> Result<Loaded> {
        self.load_document(text, options, false)
    }

    /// Loads a JSON state of another pipeline: as [`Self::load_json_with`] by [`Match::Id`], but stages keep their
    /// parameters. A state that would bring others with it, such as the coefficients of another filter, is not loaded:
    /// its stage starts fresh.
    ///
    /// # Errors
    /// Those of [`Self::load_json`].
    pub fn migrate_json(&mut self, text: &str) -> Result<Loaded> {
        self.load_document(text, LoadOptions { matching: Match::Id, strict: false }, true)
    }

    /// Returns the names of the stages at `places` for messages: `stage 2 (movingAverage 'id')`.
    pub fn stage_names(&self, places: &[usize]) -> Vec<String> {
        places.iter().filter_map(|place| Some(name_of(self.slots.get(*place)?, *place))).collect()
    }

    fn load_document(&mut self, text: &str, options: LoadOptions, keeps_parameters: bool) -> Result<Loaded> {
        let document = json::parse(text).map_err(failed)?;
        if document.is_null() {
            return Err(failed("the state is null"));
        }
        let entries = document.get("stages").ok_or_else(|| Error::failed("Invalid state: missing 'stages' field"))?;
        let entries = entries.as_array().ok_or_else(|| failed("'stages' must be an array"))?;
        let Found { mut slots, loaded, origins } = match options.matching {
            Match::Position => self.merge(entries, options.strict),
            Match::Id => self.adopt(entries, options.strict, keeps_parameters),
        }
        .map_err(failed)?;
        let clock = read_clock(&document).map_err(failed)?;
        check_document(&document).map_err(failed)?;
        if options.strict {
            self.check_same(&slots).map_err(failed)?;
        }
        let has_events = read_tracks(&document, &mut slots, &origins).map_err(failed)?;
        let dithered = json::count_or(&document, "dithered", 0).map_err(failed)?;
        slots.iter_mut().for_each(Slot::set_loaded_channels);
        self.slots = slots;
        self.clock = Some(clock);
        self.dithered = dithered as u64;
        self.has_events |= has_events;
        Ok(loaded)
    }

    fn merge(&self, entries: &[Json], strict: bool) -> Result<Found> {
        let mut current = self.slots.iter().peekable();
        let mut slots = Vec::with_capacity(self.slots.len().max(entries.len()));
        let mut loaded = Loaded::default();
        let mut origins = Vec::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            let (Some(type_name), Some(state)) = (entry.get("type").and_then(Json::as_str), entry.get("state")) else {
                continue;
            };
            let matching = current.next_if(|slot| slot.stage.saved_type() == type_name);
            let mut slot = match matching.map_or_else(|| build(type_name, state, self.design), |slot| Ok(slot.copy())) {
                Ok(slot) => slot,
                Err(reason) => {
                    let text = format!("Cannot build stage '{type_name}' of the saved state: {reason}");
                    // A stage that this package knows is there or the load fails; one that it does not know is of a
                    // later version, and left out with a warning.
                    if strict || stages::by_type(type_name).is_some() {
                        return Err(Error::failed(text));
                    }
                    loaded.warnings.push(text);
                    continue;
                }
            };
            load_stage(&mut slot, state, strict)?;
            loaded.warnings.extend(slot.stage.take_warning());
            if matching.is_none() {
                slot.definition = Arc::new(with_id(&slot.definition, entry));
            }
            slots.push(slot);
            origins.push(Some(at));
        }
        let place = self.slots.len() - current.len();
        if let Some(missing) = current.peek().filter(|_| strict) {
            return Err(Error::failed(format!("the state has no {}", name_of(missing, place))));
        }
        slots.extend(current.map(Slot::copy));
        Ok(Found { slots, loaded, origins })
    }

    /// The pipeline's own stages, with the states that are theirs.
    fn adopt(&self, entries: &[Json], strict: bool, keeps_parameters: bool) -> Result<Found> {
        let mut taken = vec![false; entries.len()];
        let mut loaded = Loaded::default();
        let mut slots = Vec::with_capacity(self.slots.len());
        let mut origins = Vec::with_capacity(self.slots.len());
        for (place, current) in self.slots.iter().enumerate() {
            let found = (0..entries.len()).find(|&at| !taken[at] && is_state_of(&entries[at], current));
            let mut slot = current.copy();
            slot.reset();
            let outcome = match found {
                Some(at) => {
                    taken[at] = true;
                    load_stage(&mut slot, &entries[at]["state"], strict).and_then(|()| {
                        if !keeps_parameters || same_parameters(current, &slot)? {
                            return Ok(());
                        }
                        Err(Error::failed("the state is of a stage with other parameters"))
                    })
                }
                None => Err(Error::failed("the state has no such stage")),
            };
            match outcome {
                Ok(()) => {
                    loaded.warnings.extend(slot.stage.take_warning());
                    origins.push(found);
                }
                Err(reason) if strict => return Err(Error::failed(format!("{}: {reason}", name_of(current, place)))),
                Err(_) => {
                    loaded.fresh.push(place);
                    origins.push(None);
                    slot = current.copy();
                    slot.reset();
                }
            }
            slots.push(slot);
        }
        if let Some(left) = taken.iter().position(|taken| !taken).filter(|_| strict) {
            let kind = entries[left].get("type").and_then(Json::as_str).unwrap_or("without a type");
            let text = format!("the pipeline has no stage for stage {} ({kind}) of the state", left + 1);
            return Err(Error::failed(text));
        }
        Ok(Found { slots, loaded, origins })
    }

    /// Checks that stages are those of the pipeline with the same parameters.
    ///
    /// # Errors
    /// An error about the first one that differs.
    pub(super) fn check_same(&self, slots: &[Slot]) -> Result<()> {
        if slots.len() != self.slots.len() {
            let (ours, theirs) = (self.slots.len(), slots.len());
            return Err(Error::failed(format!("the pipeline has {ours} stages, with the state there are {theirs}")));
        }
        for (place, (ours, theirs)) in self.slots.iter().zip(slots).enumerate() {
            if !same_parameters(ours, theirs)? {
                let name = name_of(ours, place);
                return Err(Error::failed(format!("{name} has other parameters than the stage that was saved")));
            }
        }
        Ok(())
    }

    /// Returns the size of each stage's state in bytes of TOON.
    ///
    /// # Errors
    /// The error of the first stage that cannot save its state.
    pub fn state_sizes(&mut self) -> Result<Vec<usize>> {
        let size = |slot: &mut Slot| {
            let mut out = toon::Writer::default();
            slot.stage.save_toon(&mut out)?;
            Ok(out.size())
        };
        self.slots.iter_mut().map(size).collect()
    }

    /// Describes the stages without their samples.
    ///
    /// # Errors
    /// The error of the first stage that cannot save its state.
    pub fn list(&mut self) -> Result<Vec<StageSummary>> {
        let summary = |slot: &mut Slot| {
            let mut archive = Archive::outline_writer();
            slot.stage.state(&mut archive)?;
            Ok(summarise(slot.stage.saved_type(), &archive.into_json()))
        };
        self.slots.iter_mut().map(summary).collect()
    }
}

/// Returns the text for a stage in messages: its index, and its id if it has one.
fn name_of(slot: &Slot, place: usize) -> String {
    let id = slot.definition.id.as_ref().map_or(String::new(), |id| format!(" '{id}'"));
    format!("stage {} ({}{id})", place + 1, slot.stage.saved_type())
}

fn is_state_of(entry: &Json, slot: &Slot) -> bool {
    let text = |key: &str| entry.get(key).and_then(Json::as_str);
    entry.get("state").is_some()
        && text("type") == Some(slot.stage.saved_type())
        && text("id") == slot.definition.id.as_deref()
}

/// Returns the definition of a stage that was built from an entry of a state, with the id of that entry.
fn with_id(definition: &Definition, entry: &Json) -> Definition {
    Definition { id: entry.get("id").and_then(Json::as_str).map(str::to_owned), ..definition.clone() }
}

fn build(type_name: &str, state: &Json, design: Design) -> Result<Slot> {
    let def = stages::by_type(type_name).ok_or_else(|| Error::failed("unknown stage type"))?;
    let stage = (def.rebuild)(type_name, state, design)?;
    let definition = Definition { method: def.method, params: Value::Undefined, id: None };
    Ok(Slot::new(stage, definition))
}

/// Loads the state of a stage. `strict` refuses a state that differs in any member from the one that the stage then
/// saves.
fn load_stage(slot: &mut Slot, state: &Json, strict: bool) -> Result<()> {
    slot.stage.load(state)?;
    if strict && slot.stage.save()? != *state {
        return Err(Error::failed("the state was saved by a stage with other parameters"));
    }
    Ok(())
}

/// The checksum of what a load uses: version, clock, events, dither, and type, id and state of every stage.
fn checksum(document: &Json) -> String {
    let mut sum = JsonChecksum::default();
    for key in ["version", "clock", "clockParts"] {
        sum.add(&document[key]);
    }
    for key in ["events", "dithered"] {
        if let Some(value) = document.get(key) {
            sum.add(value);
        }
    }
    for entry in document["stages"].as_array().into_iter().flatten() {
        sum.add(&entry["type"]).add(&entry["state"]);
        if let Some(id) = entry.get("id") {
            sum.add(id);
        }
    }
    sum.finish()
}

fn check_document(document: &Json) -> Result<()> {
    let version = document.get("version").and_then(Json::as_f64).unwrap_or(0.0);
    if version > f64::from(state::VERSION) {
        let ours = state::VERSION;
        return Err(Error::failed(format!("the state has version {version}, this package reads up to {ours}")));
    }
    match document.get("checksum") {
        Some(stored) if stored.as_str() != Some(&checksum(document)) => {
            Err(Error::failed("the checksum does not fit: the state is damaged"))
        }
        _ => Ok(()),
    }
}

fn read_clock(document: &Json) -> Result<Clock> {
    let now = json::number_or(document, "clock", 0.0)?;
    let parts = document.get("clockParts").is_some().then(|| json::numbers(document, "clockParts")).transpose()?;
    Clock::from_parts(now, parts.and_then(|p| p.try_into().ok()))
}

/// Largest number of frames whose times a state may hold for a stage.
pub(super) const MAX_PAST: usize = 1 << 20;

/// Reads the frames that each stage has seen, where the state has them: only states of pipelines with events do.
fn read_tracks(document: &Json, slots: &mut [Slot], origins: &[Option<usize>]) -> Result<bool> {
    let Some(tracks) = document.get("events").and_then(Json::as_array) else { return Ok(false) };
    for (slot, origin) in slots.iter_mut().zip(origins) {
        let Some(track) = origin.and_then(|origin| tracks.get(origin)) else { continue };
        let past = json::numbers(track, "past")?;
        if past.len() > MAX_PAST {
            return Err(Error::failed("'past' holds too many times"));
        }
        slot.track = Track { frames: json::count(track, "frames")? as u64, past };
    }
    Ok(true)
}

fn summarise(type_name: &'static str, state: &Json) -> StageSummary {
    let number = |key: &str| state.get(key).and_then(json::as_num);
    let channels = state.get("channels").and_then(Json::as_array);
    let buffer = channels.and_then(|c| c.first()).and_then(|c| c.get("buffer"));
    StageSummary {
        type_name,
        window_size: number("windowSize"),
        num_channels: number("numChannels"),
        mode: state.get("mode").and_then(Json::as_str).map(str::to_owned),
        buffer_size: buffer.and_then(Json::as_u64).map(|n| n as usize),
        channel_count: channels.map(Vec::len),
    }
}
