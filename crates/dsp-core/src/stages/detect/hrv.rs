//! Heart rate variability of a running window of beats, as events. The samples pass unchanged.
//!
//! Each channel is a lead by itself, whose beats are found as `EcgBeats` finds them. With every `every`-th beat, once the
//! window is full, an event tells the numbers of the time domain over the intervals in it. Intervals outside 250 to
//! 2500 ms are gaps (a lead that was off, beats that were missed) and are left out. All columns of NeuroKit2 come from the
//! function `hrv` and the beats' samples.

use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::detect::ecg::numbers::Number;
use crate::signal::detect::ecg::plan::{MAX_RATE, MIN_LAG, MIN_RATE};
use crate::stages::detect::ecg_leads::{Leads, Told, Watch};
use crate::state::archive::Archive;
use crate::text::js_number;

crate::params! {
    /// Parameters of `Hrv`.
    pub struct HrvParams {
        /// Beats in the window.
        pub window_beats: Option<usize> = integer().at_least(4.0).at_most(MAX_BEATS as f64).optional_as("60, unless `windowSeconds` is given"),
        /// Seconds of the window, instead of beats.
        pub window_seconds: Option<f64> = number().at_least(5.0).at_most(MAX_SECONDS).optional(),
        /// Beats from one event to the next.
        pub every: usize = integer().at_least(1.0).at_most(MAX_BEATS as f64).or(10.0),
        /// Milliseconds from an R peak to what is told of it at most.
        pub lag: f64 = number().at_least(1000.0 * MIN_LAG).at_most(1000.0).range_error().or(300.0),
        /// Sample rate in Hz.
        pub sample_rate: Option<f64> = number().at_least(MIN_RATE).at_most(MAX_RATE).range_error()
            .optional_as("that of the call or of the pipeline, else 1000"),
    }
}

/// Most beats of a window.
const MAX_BEATS: usize = 1500;
/// Most seconds of a window: beats are at least 200 ms apart.
const MAX_SECONDS: f64 = 300.0;
/// Milliseconds between beats; others are gaps.
const LEAST: f64 = 250.0;
const MOST: f64 = 2500.0;

static HRV: EventKind = EventKind {
    name: "hrv",
    doc: "Heart rate variability of the window that ends with this beat.",
    fields: &[
        EventField { name: "beats", doc: "Intervals in the window." },
        EventField { name: "meanNN", doc: "Their mean in ms." },
        EventField { name: "sdnn", doc: "Their standard deviation in ms." },
        EventField { name: "rmssd", doc: "Root of the mean square of differences of successive intervals in ms." },
        EventField { name: "pnn50", doc: "Percent of differences above 50 ms." },
        EventField { name: "rate", doc: "Beats a minute." },
    ],
    data: None,
};

/// The last beats of a lead.
#[derive(Debug, Clone, PartialEq)]
struct Window {
    /// Milliseconds between a beat and the one before it, in a ring; 0 for a gap.
    intervals: Vec<f64>,
    /// Place of the next.
    next: usize,
    /// Beats in the ring.
    known: usize,
    /// Frames since the last beat became known, less its age: where it is, before the current call.
    last: f64,
    has_begun: bool,
    /// Beats since the last event.
    since: usize,
}

impl Watch for Window {
    fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.intervals.iter_mut().for_each(&mut *visit);
        self.next.walk(visit);
        self.known.walk(visit);
        visit(&mut self.last);
        self.has_begun.walk(visit);
        self.since.walk(visit);
    }

    fn fits(&self) -> bool {
        let length = self.intervals.len();
        self.next < length && self.known <= length && self.intervals.iter().all(|x| (0.0..=MOST).contains(x))
    }
}

impl Window {
    fn new(length: usize) -> Self {
        Self { intervals: vec![0.0; length], next: 0, known: 0, last: 0.0, has_begun: false, since: 0 }
    }

    /// Takes a beat so many milliseconds after the one before.
    fn push(&mut self, interval: f64) {
        self.intervals[self.next] = if (LEAST..=MOST).contains(&interval) { interval } else { 0.0 };
        self.next = (self.next + 1) % self.intervals.len();
        self.known = (self.known + 1).min(self.intervals.len());
        self.since = self.since.saturating_add(1);
    }

    /// The interval that came `back` beats before the last.
    fn interval(&self, back: usize) -> f64 {
        let length = self.intervals.len();
        self.intervals[(self.next + 2 * length - 1 - back) % length]
    }

    /// How many of the last intervals are in the window, if it is full: its beats, or those of its milliseconds.
    fn span(&self, milliseconds: Option<f64>) -> Option<usize> {
        let Some(milliseconds) = milliseconds else {
            return (self.known == self.intervals.len()).then_some(self.known);
        };
        let mut sum = 0.0;
        for back in 0..self.known {
            // A gap is as long as the longest interval at least.
            let interval = self.interval(back);
            sum += if interval > 0.0 { interval } else { MOST };
            if sum >= milliseconds {
                return Some(back + 1);
            }
        }
        (self.known == self.intervals.len()).then_some(self.known)
    }

    /// The numbers of the last `span` intervals; none without two of them in a row.
    fn numbers(&self, span: usize) -> Option<[f64; 6]> {
        let intervals = || (0..span).rev().map(|back| self.interval(back));
        let (mut count, mut sum) = (0.0, 0.0);
        for interval in intervals().filter(|interval| *interval > 0.0) {
            count += 1.0;
            sum += interval;
        }
        let mean = sum / count;
        let (mut squares, mut steps, mut stepped, mut large, mut before) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for interval in intervals() {
            if interval > 0.0 {
                squares += (interval - mean) * (interval - mean);
                if before > 0.0 {
                    let step: f64 = interval - before;
                    steps += 1.0;
                    stepped += step * step;
                    large += f64::from(u8::from(step.abs() > 50.0));
                }
            }
            before = interval;
        }
        let deviation = (squares / (count - 1.0)).sqrt();
        let rmssd = (stepped / steps).sqrt();
        (steps > 0.0).then_some([count, mean, deviation, rmssd, 100.0 * large / (steps + 1.0), 60_000.0 / mean])
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Hrv {
    params: HrvParams,
    leads: Leads<Window>,
    /// Frames of the calls before.
    frames: u64,
}

impl Define for Hrv {
    type Params = HrvParams;
    const TYPES: &'static [&'static str] = &["hrv"];
    const METHOD: &'static str = "Hrv";
    const EVENTS: &'static [&'static EventKind] = &[&HRV];
    const DOC: &'static str = "Heart rate variability of a running window of beats as events `hrv`, from electrocardiograms, each channel a lead by\n\
        itself. The samples pass unchanged. All columns come from the function `hrv` and the events of `EcgBeats`.\n\
        @throws {TypeError} Both windows are given; samples come with timestamps, and no `sampleRate` is given.\n\
        @throws {RangeError} The sample rate of a call is outside 50…1,000,000 Hz.";

    fn new(params: &HrvParams) -> Result<Self> {
        if params.window_beats.is_some() && params.window_seconds.is_some() {
            return Err(Error::type_error("Hrv: windowBeats and windowSeconds must not both be given"));
        }
        let length = match (params.window_seconds, params.window_beats) {
            (Some(seconds), _) => (seconds * 1000.0 / LEAST).ceil() as usize + 1,
            (None, beats) => beats.unwrap_or(60),
        };
        let leads = Leads::new("Hrv", params.lag, params.sample_rate, Window::new(length));
        Ok(Self { params: params.clone(), leads, frames: 0 })
    }

    fn label(&self, params: &HrvParams) -> String {
        match params.window_seconds {
            Some(seconds) => format!("hrv:{}s", js_number(seconds)),
            None => format!("hrv:{}", params.window_beats.unwrap_or(60)),
        }
    }

    fn examples() -> Vec<Value> {
        // The property tests give times without a rate.
        let usual =
            HrvParams { window_beats: Some(4), window_seconds: None, every: 1, lag: 300.0, sample_rate: Some(360.0) };
        let timed = HrvParams { window_beats: None, window_seconds: Some(5.0), every: 2, ..usual.clone() };
        [usual, timed].iter().map(Parameters::to_value).collect()
    }
}

impl Stage for Hrv {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { params, leads, frames } = self;
        let (before, count) = (*frames, block.frames());
        let milliseconds = params.window_seconds.map(|seconds| 1000.0 * seconds);
        leads.process(block, |told, times, events| {
            let Told { channel, at, beat, watch, rate } = told;
            let place = (before + at as u64) as f64 - beat.age as f64;
            let interval = (place - watch.last) * 1000.0 / rate;
            let is_first = !std::mem::replace(&mut watch.has_begun, true);
            watch.last = place;
            if is_first {
                return;
            }
            watch.push(interval);
            if watch.since < params.every {
                return;
            }
            let Some(numbers) = watch.span(milliseconds).and_then(|span| watch.numbers(span)) else { return };
            watch.since = 0;
            if let Some(events) = events {
                events.emit(times, &HRV, channel, at as i64 - beat.age as i64, at, &numbers);
            }
        })?;
        *frames += count as u64;
        Ok(())
    }

    fn reset(&mut self) {
        self.leads.reset();
        self.frames = 0;
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        // 0 stands for what is not given; the names are not those of parameters, for which it would be no value.
        let HrvParams { window_beats, window_seconds, every, lag, sample_rate } = self.params.clone();
        let beats = archive.f64("beats", window_beats.unwrap_or(0) as f64)?;
        let seconds = archive.f64("seconds", window_seconds.unwrap_or(0.0))?;
        let every = archive.f64("every", every as f64)?;
        let lag = archive.f64("lag", lag)?;
        let rate = archive.f64("rate", sample_rate.unwrap_or(0.0))?;
        let frames = archive.f64("frames", self.frames as f64)?;
        if archive.is_loading() {
            let given = |value: f64| (value != 0.0).then_some(value);
            let params = HrvParams {
                window_beats: given(beats).map(|beats| beats as usize),
                window_seconds: given(seconds),
                every: every as usize,
                lag,
                sample_rate: given(rate),
            };
            params.check(Self::LABEL)?;
            if !(0.0..=9e15).contains(&frames) {
                return Err(Error::failed("Hrv: 'frames' must be a number of frames"));
            }
            *self = Self::new(&params)?;
            self.frames = frames as u64;
        }
        self.leads.state(archive)
    }

    fn end(&mut self) {
        self.leads.end();
    }

    fn tail(&self, _: u64) -> usize {
        self.leads.tail()
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(0)
    }

    fn channels(&self) -> usize {
        self.leads.channels()
    }

    fn lookback(&self) -> usize {
        self.leads.lookback()
    }

    fn cost_hint(&self) -> f64 {
        12.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_window_leave_out_gaps() {
        let mut window = Window::new(6);
        [800.0, 860.0, 9000.0, 800.0, 810.0, 790.0].into_iter().for_each(|interval| window.push(interval));
        let [count, mean, deviation, rmssd, pnn50, rate] = window.numbers(6).expect("numbers");
        assert_eq!((count, mean), (5.0, 812.0));
        assert!((deviation - 27.748_873_851_023_214).abs() < 1e-9, "{deviation}");
        assert!((rmssd - ((3600.0 + 100.0 + 400.0) / 3.0_f64).sqrt()).abs() < 1e-12);
        assert_eq!((pnn50, rate), (25.0, 60_000.0 / 812.0));
        assert_eq!((window.span(None), window.span(Some(2000.0))), (Some(6), Some(3)));
    }

    #[test]
    fn both_windows_are_refused() {
        let params =
            HrvParams { window_beats: Some(9), window_seconds: Some(9.0), every: 1, lag: 300.0, sample_rate: None };
        assert!(matches!(Hrv::new(&params), Err(Error::Type(_))));
    }
}
