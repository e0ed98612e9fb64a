//! States of whole pipelines as TOON, the binary format of the original.

use super::Pipeline;
use super::clock::Clock;
use super::slot::Slot;
use super::states::{Loaded, MAX_PAST};
use crate::engine::events::Track;
use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::state::toon;
use crate::text::MAX_SAFE_INTEGER;

/// Bytes that a loaded state takes for each byte of its tokens, at most: five are a number of eight with its channel.
const LOADED_BYTES: usize = 16;

impl Pipeline {
    /// Returns the state as TOON bytes; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// `TOON …` if a number does not fit its token; the error of the first stage that cannot save its state.
    pub fn save_toon(&mut self, timestamp: f64) -> Result<Vec<u8>> {
        let mut out = toon::Writer::default();
        let clock = self.clock_or_start();
        [clock.origin, clock.frames, clock.rate].into_iter().for_each(|x| out.exact(x));
        out.object();
        out.str("timestamp");
        out.f64(timestamp);
        out.str("stageCount");
        out.int(self.slots.len())?;
        out.str("stages");
        out.array();
        for slot in &mut self.slots {
            out.object();
            out.str("type");
            out.str(slot.stage.saved_type());
            out.str("state");
            slot.stage.save_toon(&mut out)?;
            out.end_object();
        }
        out.end_array();
        out.end_object();
        // The numbers are told apart by their place, so those of the dither come with those of the events.
        if self.has_events || self.dithered > 0 {
            for Slot { track, .. } in &self.slots {
                out.exact(track.frames as f64);
                out.exact(track.past.len() as f64);
                track.past.iter().for_each(|time| out.exact(*time));
            }
        }
        if self.dithered > 0 {
            out.exact(self.dithered as f64);
        }
        out.finish()
    }

    /// Loads a TOON state of the same stages, all or nothing. Returns warnings for the user.
    ///
    /// # Errors
    /// `TOON Load failed: …` if the bytes are not such a state.
    pub fn load_toon(&mut self, bytes: &[u8]) -> Result<Vec<String>> {
        self.load_toon_with(bytes, false).map(|loaded| loaded.warnings)
    }

    /// [`Self::load_toon`]; `strict` refuses stages with other parameters.
    ///
    /// # Errors
    /// `TOON Load failed: …` if the bytes are not such a state.
    pub fn load_toon_with(&mut self, bytes: &[u8], strict: bool) -> Result<Loaded> {
        let failed = |reason: Error| Error::failed(format!("TOON Load failed: {reason}"));
        ensure_memory(bytes.len(), LOADED_BYTES)?;
        let SavedToon { mut slots, clock, has_events, dithered } = self.read_toon(bytes).map_err(failed)?;
        if strict {
            self.check_same(&slots).map_err(failed)?;
        }
        let warnings = slots.iter_mut().filter_map(|slot| slot.stage.take_warning()).collect();
        slots.iter_mut().for_each(Slot::set_loaded_channels);
        self.slots = slots;
        self.clock = Some(clock);
        self.dithered = dithered;
        self.has_events |= has_events;
        Ok(Loaded { warnings, fresh: vec![] })
    }

    fn read_toon(&self, bytes: &[u8]) -> Result<SavedToon> {
        let mut input = toon::Reader::new(bytes);
        let parts = match [input.exact()?, input.exact()?, input.exact()?] {
            [Some(origin), Some(frames), Some(rate)] => Some([origin, frames, rate]),
            _ => None,
        };
        input.object()?;
        input.str()?;
        input.f64()?;
        input.str()?;
        let count = input.count()?;
        if count != self.slots.len() {
            let ours = self.slots.len();
            return Err(Error::failed(format!("Stage count mismatch: the state has {count}, the pipeline {ours}")));
        }
        input.str()?;
        input.array()?;
        let mut slots = Vec::with_capacity(count);
        for (index, current) in self.slots.iter().enumerate() {
            input.object()?;
            input.str()?;
            let found = input.str()?;
            let expected = current.stage.saved_type();
            if found != expected {
                let text = format!("Stage type mismatch at index {index}: expected '{expected}', found '{found}'");
                return Err(Error::failed(text));
            }
            input.str()?;
            let mut slot = current.copy();
            slot.track = Track::default();
            slot.stage.load_toon(&mut input)?;
            input.end_object()?;
            slots.push(slot);
        }
        if input.more()? {
            return Err(Error::failed("more stages than the stage count says"));
        }
        input.end_object()?;
        let has_events = input.exact_is_left();
        if has_events {
            slots.iter_mut().try_for_each(|slot| read_track(&mut input, &mut slot.track))?;
        }
        let dithered = match input.exact_is_left() {
            true => input.exact_count(MAX_SAFE_INTEGER as usize)?.unwrap_or(0) as u64,
            false => 0,
        };
        input.finish()?;
        Ok(SavedToon { slots, clock: Clock::from_parts(0.0, parts)?, has_events, dithered })
    }
}

/// The contents of a TOON state.
struct SavedToon {
    slots: Vec<Slot>,
    clock: Clock,
    has_events: bool,
    /// Number of samples returned with dither.
    dithered: u64,
}

fn read_track(input: &mut toon::Reader<'_>, track: &mut Track) -> Result<()> {
    let frames = input.exact_count(crate::text::MAX_SAFE_INTEGER as usize)?.unwrap_or(0);
    let count = input.exact_count(MAX_PAST)?.unwrap_or(0);
    let past = (0..count).map(|_| Ok(input.exact()?.unwrap_or(f64::NAN))).collect::<Result<_>>()?;
    *track = Track { frames: frames as u64, past };
    Ok(())
}
