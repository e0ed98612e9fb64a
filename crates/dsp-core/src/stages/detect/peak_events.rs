//! The events of `PeakDetection` by the rules of `findPeaks`: exact positions of plateaus, distances by height,
//! prominences.

use serde_json::Value as Json;

use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind, Events};
use crate::engine::times::Times;
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, resize_with};
use crate::signal::detect::peak_stream::{Candidate, PeakRule, PeakStream, Verdict};
use crate::state::archive::Archive;
use crate::text::MAX_SAFE_INTEGER;

/// Largest distance, and half of the largest window.
pub const MAX_REACH: usize = 1 << 16;

/// Number of past frames whose times are kept for the middles of plateaus, if times do not follow from a rate.
pub const LOOKBACK: usize = 1024;

const VALUE: EventField = EventField { name: "value", doc: "Height of the peak, in units of the signal." };
const PLATEAU: EventField = EventField { name: "plateauSize", doc: "Equal samples on top." };
const PROMINENCE: EventField =
    EventField { name: "prominence", doc: "Prominence within `wlen`, in units of the signal." };

/// A peak by distance and plateau; known once no later peak can be within the distance.
pub static PEAK: EventKind = EventKind {
    name: "peak",
    doc: "A local maximum that reaches the threshold, at the maximum; of a plateau, at its middle.",
    fields: &[VALUE, PLATEAU],
    data: None,
};

/// A peak with a prominence; known once its window is complete, too.
pub static PROMINENT_PEAK: EventKind = EventKind {
    name: "peak",
    doc: "A local maximum that reaches the threshold, at the maximum; of a plateau, at its middle.",
    fields: &[VALUE, PLATEAU, PROMINENCE],
    data: None,
};

/// The conditions of peaks besides the height.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// Least prominence.
    pub prominence: Option<f64>,
    /// Least distance in samples.
    pub distance: Option<usize>,
    /// Least number of equal samples on top.
    pub plateau_size: Option<usize>,
    /// Window in samples within which bases are searched.
    pub wlen: Option<usize>,
}

impl Options {
    /// Returns the options under their names, as JSON.
    fn named(&self) -> [(&'static str, Option<Json>); 4] {
        let count = |n: Option<usize>| n.map(Json::from);
        [
            ("prominence", self.prominence.map(crate::state::json::num)),
            ("distance", count(self.distance)),
            ("plateauSize", count(self.plateau_size)),
            ("wlen", count(self.wlen)),
        ]
    }
}

/// Finds the peaks of all channels.
#[derive(Debug, Clone)]
pub struct PeakFinder {
    options: Options,
    rule: PeakRule,
    /// One stream per channel; empty while events are not requested.
    streams: Vec<PeakStream>,
    has_ended: bool,
}

impl PeakFinder {
    /// Returns a finder of peaks of at least `height`, if any option is set.
    ///
    /// # Errors
    /// `TypeError` if there is a prominence without a window, which a stream needs.
    pub fn new(label: &str, height: f32, options: Options) -> Result<Option<Self>> {
        if options == Options::default() {
            return Ok(None);
        }
        if options.prominence.is_some() && options.wlen.is_none() {
            let text = "wlen is required with prominence: a stream has no end in which to look for bases";
            return Err(Error::type_error(format!("{label}: {text}")));
        }
        let rule = PeakRule {
            height,
            plateau_size: options.plateau_size.unwrap_or(1) as u64,
            distance: options.distance.unwrap_or(1) as u64,
            prominence: options.wlen.map(|_| options.prominence.unwrap_or(0.0)),
            reach: options.wlen.map_or(0, |wlen| wlen / 2),
        };
        Ok(Some(Self { options, rule, streams: vec![], has_ended: false }))
    }

    /// Returns whether there is a stream that has not ended.
    pub fn has_begun(&self) -> bool {
        !self.streams.is_empty()
    }

    /// Returns the number of channels that it has state for.
    pub fn channels(&self) -> usize {
        self.streams.len()
    }

    /// Restores the state before the first sample.
    pub fn reset(&mut self) {
        self.streams.clear();
        self.has_ended = false;
    }

    /// Ends the stream: the following samples are silence.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Emits the peaks that are known with the samples of the block, before anything is written to it. `is_whole`: the block
    /// is a stream of its own.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for the channels.
    pub fn run(&mut self, block: &mut Block<'_>, is_whole: bool) -> Result<()> {
        if !block.wants_events() {
            // Of peaks that nobody sees, none can be told later.
            self.streams.clear();
            return Ok(());
        }
        if block.is_empty() {
            return Ok(());
        }
        if is_whole {
            self.streams.clear();
        }
        resize_with(&mut self.streams, block.channels(), PeakStream::default)?;
        let (mut planes, times, events) = block.planes_and_events();
        let Some(events) = events else { return Ok(()) };
        for (channel, stream) in self.streams.iter_mut().enumerate() {
            let mut call = Call { rule: &self.rule, channel, first: stream.seen, times, events };
            let samples = planes.channel(channel);
            if self.has_ended {
                call.end(stream, 0);
                continue;
            }
            samples.iter().enumerate().for_each(|(i, x)| call.take(stream, *x, i));
            if is_whole {
                call.end(stream, samples.len());
            }
        }
        if is_whole {
            self.streams.clear();
        }
        Ok(())
    }

    /// Walks the streams, in states of stages that emit such peaks.
    ///
    /// # Errors
    /// Reading: the streams are damaged, or those of a stage with other options.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        for (name, value) in self.options.named() {
            if let Some(value) = value {
                archive.constant(name, value);
            }
        }
        if archive.is_json() && !archive.optional("streams", true) {
            self.streams.clear();
            return Ok(());
        }
        if let Some(state) = archive.json_in()
            && self.options.named().iter().any(|(name, ours)| state.get(name) != ours.as_ref())
        {
            return Err(Error::failed("the state is one of another prominence, distance, plateauSize or wlen"));
        }
        let room = 2 * self.rule.reach + 2;
        archive.items("streams", &mut self.streams, PeakStream::default, |stream, archive| {
            walk_stream(stream, room, archive)
        })?;
        if self.streams.len() > MAX_CHANNELS {
            return Err(Error::failed("'streams' holds too many channels"));
        }
        Ok(())
    }
}

/// One channel of one call.
struct Call<'a> {
    rule: &'a PeakRule,
    channel: usize,
    /// Number of samples of the stream before the call.
    first: u64,
    times: Times<'a>,
    events: &'a mut Events,
}

impl Call<'_> {
    fn take(&mut self, stream: &mut PeakStream, x: f32, known: usize) {
        let Self { rule, first, times, events, .. } = self;
        let mut found = vec![];
        let time = |position: u64| events.time_of(*times, position as i64 - *first as i64);
        stream.take(rule, x, time, |peak| found.push(*peak));
        found.iter().for_each(|peak| self.emit(peak, known));
    }

    fn end(&mut self, stream: &mut PeakStream, known: usize) {
        let mut found = vec![];
        stream.end(self.rule, |peak| found.push(*peak));
        found.iter().for_each(|peak| self.emit(peak, known));
    }

    fn emit(&mut self, peak: &Candidate, known: usize) {
        let at = (peak.position as i64 - self.first as i64, peak.time);
        let numbers = [f64::from(peak.height), peak.plateau_size as f64, peak.prominence];
        match self.rule.prominence {
            Some(_) => self.events.emit_past(&PROMINENT_PEAK, self.channel, at, known, &numbers),
            None => self.events.emit_past(&PEAK, self.channel, at, known, &numbers[..2]),
        }
    }
}

/// Walks a number of samples, which may be as large as a stream is long.
fn walk_position(archive: &mut Archive<'_>, key: &str, value: u64) -> Result<u64> {
    let read = archive.f64(key, value as f64)?;
    if (0.0..=MAX_SAFE_INTEGER).contains(&read) && read.fract() == 0.0 {
        Ok(read as u64)
    } else {
        Err(Error::failed(format!("'{key}' must be a non-negative integer")))
    }
}

fn walk_stream(stream: &mut PeakStream, room: usize, archive: &mut Archive<'_>) -> Result<()> {
    stream.seen = walk_position(archive, "seen", stream.seen)?;
    let window = archive.samples("window", stream.window.iter().copied())?;
    stream.is_rising = archive.flag("isRising", stream.is_rising)?;
    stream.run_start = walk_position(archive, "runStart", stream.run_start)?;
    let mut candidates: Vec<Candidate> = stream.candidates.iter().copied().collect();
    let new = || Candidate {
        position: 0,
        time: 0.0,
        height: 0.0,
        plateau_size: 1,
        verdict: Verdict::Open,
        prominence: f64::NAN,
    };
    archive.items("candidates", &mut candidates, new, |candidate, archive| {
        candidate.position = walk_position(archive, "position", candidate.position)?;
        candidate.time = archive.f64("time", candidate.time)?;
        candidate.height = archive.f32("height", candidate.height)?;
        candidate.plateau_size = walk_position(archive, "plateauSize", candidate.plateau_size)?;
        let verdict = match archive.count("verdict", candidate.verdict as usize)? {
            0 => Verdict::Open,
            1 => Verdict::Kept,
            _ => Verdict::Gone,
        };
        candidate.verdict = verdict;
        candidate.prominence = archive.f64("prominence", candidate.prominence)?;
        Ok(())
    })?;
    let Some(window) = window else { return Ok(()) };
    let is_ordered = candidates.is_sorted_by(|a, b| a.position < b.position);
    let is_past = |c: &Candidate| c.position < stream.seen && (1..=stream.seen).contains(&c.plateau_size);
    if window.len() as u64 != stream.seen.min(room as u64)
        || stream.run_start > stream.seen
        || !is_ordered
        || !candidates.iter().all(is_past)
    {
        return Err(Error::failed("the peaks of a stream do not fit its samples"));
    }
    (stream.window, stream.candidates) = (window.into(), candidates.into());
    stream.resume();
    Ok(())
}
