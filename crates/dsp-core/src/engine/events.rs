//! Events: what a stage noticed, with the sample at which it is.
//!
//! A stage declares the kinds of its events ([`EventKind`]) and emits them while it processes a block. Positions count the
//! frames at the stage's input since the stream began, so an event does not depend on how the stream was cut. Events of
//! one stage come in the order in which they became known, those that became known with the same frame by channel.

use crate::engine::times::Times;

/// The most numbers that an event carries.
pub const MAX_VALUES: usize = 6;

/// A number that events of a kind carry.
#[derive(Debug, PartialEq, Eq)]
pub struct EventField {
    /// Its name in JavaScript.
    pub name: &'static str,
    /// What it is, with its unit.
    pub doc: &'static str,
}

/// A kind of events that a stage declares.
#[derive(Debug, PartialEq, Eq)]
pub struct EventKind {
    /// Its `type` in JavaScript.
    pub name: &'static str,
    /// When it is emitted, and at which sample.
    pub doc: &'static str,
    /// The numbers that it carries, at most [`MAX_VALUES`].
    pub fields: &'static [EventField],
    /// What its array `data` holds, where it has one.
    pub data: Option<&'static str>,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// What it is.
    pub kind: &'static EventKind,
    /// Place of the stage in the pipeline.
    pub stage: usize,
    /// Channel at the stage's input.
    pub channel: usize,
    /// Frame at the stage's input since the stream began.
    pub sample: u64,
    /// Time of that frame in milliseconds, by the clock of the block.
    pub time: f64,
    /// The numbers of [`EventKind::fields`]; what is behind them is 0.
    pub values: [f64; MAX_VALUES],
    /// Frame with which it became known.
    known: u64,
    /// Where its array is in [`Events::data`].
    data: (usize, usize),
}

impl Event {
    /// The numbers that it carries.
    pub fn fields(&self) -> &[f64] {
        &self.values[..self.kind.fields.len()]
    }
}

/// The frames that a stage has seen, and the times of the last of them: events may be about earlier frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Track {
    /// Frames before the current call.
    pub frames: u64,
    /// Times of the last frames in milliseconds, oldest first, where they do not follow from a rate.
    pub past: Vec<f64>,
}

impl Track {
    /// Counts the frames of a call and keeps the times of the last `lookback` of them.
    pub fn advance(&mut self, frames: usize, lookback: usize, times: Times<'_>) {
        self.frames += frames as u64;
        if times.is_regular() || lookback == 0 {
            self.past.clear();
            return;
        }
        let kept = frames.min(lookback);
        let excess = (self.past.len() + kept).saturating_sub(lookback);
        self.past.drain(..excess.min(self.past.len()));
        self.past.extend((frames - kept..frames).map(|frame| times.at(0, frame)));
    }
}

/// The events of one call, and where the stage that is running stands.
#[derive(Debug, Clone, Default)]
pub struct Events {
    list: Vec<Event>,
    data: Vec<f32>,
    stage: usize,
    /// Events of the stages before.
    earlier: usize,
    track: Track,
}

impl Events {
    /// Begins a stage: its place, and the frames that it has seen.
    pub fn begin_stage(&mut self, stage: usize, track: Track) {
        self.stage = stage;
        self.earlier = self.list.len();
        self.track = track;
    }

    /// Ends a stage: puts its events in order. Returns the track that [`Self::begin_stage`] was given.
    pub fn end_stage(&mut self) -> Track {
        self.list[self.earlier..].sort_by_key(|event| (event.known, event.channel));
        std::mem::take(&mut self.track)
    }

    /// Adds an event about frame `frame` of this call (negative: of a call before) that became known with frame `known`.
    pub fn emit(
        &mut self,
        times: Times<'_>,
        kind: &'static EventKind,
        channel: usize,
        frame: i64,
        known: usize,
        numbers: &[f64],
    ) {
        self.emit_data(times, kind, channel, frame, known, numbers, &[]);
    }

    /// [`Self::emit`] for an event about a frame that may be any time ago: the stage has kept its time.
    pub fn emit_past(
        &mut self,
        kind: &'static EventKind,
        channel: usize,
        (frame, time): (i64, f64),
        known: usize,
        numbers: &[f64],
    ) {
        let mut values = [0.0; MAX_VALUES];
        values[..numbers.len()].copy_from_slice(numbers);
        self.list.push(Event {
            kind,
            stage: self.stage,
            channel,
            sample: self.track.frames.saturating_add_signed(frame),
            time,
            values,
            known: self.track.frames + known as u64,
            data: (self.data.len(), 0),
        });
    }

    /// [`Self::emit`] with an array.
    #[allow(clippy::too_many_arguments, reason = "an event has so many parts")]
    pub fn emit_data(
        &mut self,
        times: Times<'_>,
        kind: &'static EventKind,
        channel: usize,
        frame: i64,
        known: usize,
        numbers: &[f64],
        data: &[f32],
    ) {
        let mut values = [0.0; MAX_VALUES];
        values[..numbers.len()].copy_from_slice(numbers);
        let start = self.data.len();
        self.data.extend_from_slice(data);
        self.list.push(Event {
            kind,
            stage: self.stage,
            channel,
            sample: self.track.frames.saturating_add_signed(frame),
            time: self.time_of(times, frame),
            values,
            known: self.track.frames + known as u64,
            data: (start, data.len()),
        });
    }

    /// The time of a frame of this call, or (where it is negative) of a call before: NaN if it is not known any more.
    pub fn time_of(&self, times: Times<'_>, frame: i64) -> f64 {
        if frame >= 0 {
            return times.at_signed(frame);
        }
        // Times of calls before that did not follow from a rate; those of this call may, as at the end of a stream.
        let back = frame.unsigned_abs() as usize;
        let known = self.track.past.len().checked_sub(back).map(|at| self.track.past[at]);
        known.unwrap_or_else(|| if times.is_regular() { times.at_signed(frame) } else { f64::NAN })
    }

    /// The events so far.
    pub fn list(&self) -> &[Event] {
        &self.list
    }

    /// The array of an event; empty where it has none.
    pub fn data(&self, event: &Event) -> &[f32] {
        &self.data[event.data.0..][..event.data.1]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        self.list.clear();
        self.data.clear();
    }
}
