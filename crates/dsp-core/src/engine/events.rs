//! Events: what a stage noticed, with the sample at which it is.
//!
//! A stage declares the kinds of its events ([`EventKind`]) and emits them while it processes a block. Positions count
//! the frames at the stage's input since the stream began, so an event does not depend on how the stream was cut.
//! Events of one stage come in the order in which they became known, those that became known with the same frame by
//! channel.

use crate::engine::times::Times;

/// The most numbers that an event carries.
pub const MAX_VALUES: usize = 6;

/// A number that events of a kind carry.
#[derive(Debug, PartialEq, Eq)]
pub struct EventField {
    /// Name in JavaScript.
    pub name: &'static str,
    /// Sentence for the documentation: meaning and unit.
    pub doc: &'static str,
}

/// A kind of events that a stage declares.
#[derive(Debug, PartialEq, Eq)]
pub struct EventKind {
    /// The event's `type` in JavaScript.
    pub name: &'static str,
    /// Sentence for the documentation: when it is emitted, and at which sample.
    pub doc: &'static str,
    /// The numbers that an event of this kind carries, at most [`MAX_VALUES`].
    pub fields: &'static [EventField],
    /// Sentence for the documentation about the array `data`; `None` if events of this kind have no array.
    pub data: Option<&'static str>,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// The kind, as the stage declares it.
    pub kind: &'static EventKind,
    /// Index of the stage in the pipeline.
    pub stage: usize,
    /// Channel at the stage's input, from 0.
    pub channel: usize,
    /// Frame at the stage's input, counted from 0 since the stream began.
    pub sample: u64,
    /// Time of that frame in milliseconds, by the clock of the block.
    pub time: f64,
    /// The numbers of [`EventKind::fields`]; entries beyond them are 0.
    pub values: [f64; MAX_VALUES],
    /// Frame with which the event became known, for the order of events.
    known: u64,
    /// Start and length of its array in [`Events::data`].
    data: (usize, usize),
}

impl Event {
    /// Returns the numbers that the event carries, one for each of [`EventKind::fields`].
    pub fn fields(&self) -> &[f64] {
        &self.values[..self.kind.fields.len()]
    }
}

/// The number of frames that a stage has seen, and the times of the last of them: events may be about earlier frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Track {
    /// Frames seen before the current call.
    pub frames: u64,
    /// Times of the last frames in milliseconds, oldest first; empty where times follow from a rate.
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

/// The events of one call, and the position of the stage that is running.
#[derive(Debug, Clone, Default)]
pub struct Events {
    list: Vec<Event>,
    data: Vec<f32>,
    stage: usize,
    /// Number of events that earlier stages emitted.
    earlier: usize,
    track: Track,
}

impl Events {
    /// Begins the stage with index `stage`; `track` holds the frames that it has seen so far.
    pub fn begin_stage(&mut self, stage: usize, track: Track) {
        self.stage = stage;
        self.earlier = self.list.len();
        self.track = track;
    }

    /// Ends a stage and sorts its events. Returns the track that [`Self::begin_stage`] was given.
    pub fn end_stage(&mut self) -> Track {
        self.list[self.earlier..].sort_by_key(|event| (event.known, event.channel));
        std::mem::take(&mut self.track)
    }

    /// Adds an event about frame `frame` of this call (negative: of an earlier call) that became known with frame
    /// `known` of this call.
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

    /// [`Self::emit`] for an event about a frame that may lie further back than [`Track::past`]: the stage has kept the
    /// frame's time in milliseconds.
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

    /// [`Self::emit`] for an event that also carries the array `data`.
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

    /// Returns the time in milliseconds of a frame of this call, or (if `frame` is negative) of an earlier call: NaN if
    /// it is no longer known.
    pub fn time_of(&self, times: Times<'_>, frame: i64) -> f64 {
        if frame >= 0 {
            return times.at_signed(frame);
        }
        // Times of calls before that did not follow from a rate; those of this call may, as at the end of a stream.
        let back = frame.unsigned_abs() as usize;
        let known = self.track.past.len().checked_sub(back).map(|at| self.track.past[at]);
        known.unwrap_or_else(|| if times.is_regular() { times.at_signed(frame) } else { f64::NAN })
    }

    /// Returns all events so far, in the order of the stages.
    pub fn list(&self) -> &[Event] {
        &self.list
    }

    /// Returns the array of an event; empty if it has none.
    pub fn data(&self, event: &Event) -> &[f32] {
        &self.data[event.data.0..][..event.data.1]
    }

    /// Returns whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        self.list.clear();
        self.data.clear();
    }
}
