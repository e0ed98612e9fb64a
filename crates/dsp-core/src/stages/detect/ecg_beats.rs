//! Heart beats of electrocardiograms, as events at their R peaks. The samples pass unchanged.
//!
//! Each channel is a separate lead; [`crate::signal::detect::ecg`] describes the detection. An event is emitted at most
//! `lag` after its R peak, which limits how far ahead a candidate is examined: with less than 300 ms, a P wave can be
//! taken for the beat that it precedes.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::stage::{Define, Stage};
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::detect::ecg::plan::{MAX_RATE, MIN_LAG, MIN_RATE};
use crate::stages::detect::ecg_leads::{Leads, Told};
use crate::state::archive::Archive;
use crate::text::js_number;

crate::params! {
    /// Parameters of `EcgBeats`.
    pub struct EcgBeatsParams {
        /// Longest time from an R peak to its event in milliseconds.
        pub lag: f64 = number().at_least(1000.0 * MIN_LAG).at_most(1000.0).range_error().or(300.0),
        /// Sample rate in Hz.
        pub sample_rate: Option<f64> = number().at_least(MIN_RATE).at_most(MAX_RATE).range_error()
            .optional_as("that of the call or of the pipeline, else 1000"),
    }
}

static BEAT: EventKind = EventKind {
    name: "beat",
    doc: "A heart beat, at its R peak.",
    fields: &[
        EventField { name: "amplitude", doc: "Height of the R peak above the line before it, in units of the signal." },
        EventField { name: "confidence", doc: "0…1: how far the beat stands above what a beat had to reach." },
    ],
    data: None,
};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct EcgBeats {
    lag: f64,
    sample_rate: Option<f64>,
    leads: Leads<()>,
}

impl Define for EcgBeats {
    type Params = EcgBeatsParams;
    const TYPES: &'static [&'static str] = &["ecgBeats"];
    const METHOD: &'static str = "EcgBeats";
    const EVENTS: &'static [&'static EventKind] = &[&BEAT];
    const DOC: &'static str = "Heart beats of electrocardiograms as events `beat` at the R peaks, each channel a lead by itself, in any unit and\n\
        polarity. The samples pass unchanged.\n\
        @throws {TypeError} Samples come with timestamps, and no `sampleRate` is given.\n\
        @throws {RangeError} The sample rate of a call is outside 50…1,000,000 Hz.";

    fn new(params: &EcgBeatsParams) -> Result<Self> {
        let EcgBeatsParams { lag, sample_rate } = *params;
        Ok(Self { lag, sample_rate, leads: Leads::new("EcgBeats", lag, sample_rate, ()) })
    }

    fn label(&self, params: &EcgBeatsParams) -> String {
        format!("ecgBeats:{}", js_number(params.lag))
    }

    fn from_state(_: &str, _: &Json, _: Design) -> Result<Self> {
        // The state brings its parameters; the 0 in it for a rate that is not given would be none.
        Self::new(&EcgBeatsParams { lag: 300.0, sample_rate: None })
    }

    fn examples() -> Vec<Value> {
        // The property tests give times without a rate.
        let usual = EcgBeatsParams { lag: 300.0, sample_rate: Some(360.0) };
        let slow = EcgBeatsParams { lag: 300.0, sample_rate: Some(50.0) };
        let fast = EcgBeatsParams { lag: 250.0, sample_rate: Some(1000.0) };
        [usual, slow, fast].iter().map(Parameters::to_value).collect()
    }
}

impl Stage for EcgBeats {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.leads.process(block, |told, times, events| {
            if let Some(events) = events {
                let Told { channel, at, beat, .. } = told;
                let numbers = [beat.amplitude, beat.confidence];
                events.emit(times, &BEAT, channel, at as i64 - beat.age as i64, at, &numbers);
            }
        })
    }

    fn reset(&mut self) {
        self.leads.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let lag = archive.f64("lag", self.lag)?;
        // 0: the rate is that of the calls.
        let given = archive.f64("sampleRate", self.sample_rate.unwrap_or(0.0))?;
        if archive.is_loading() {
            let params = EcgBeatsParams { lag, sample_rate: (given != 0.0).then_some(given) };
            params.check(Self::LABEL)?;
            *self = Self::new(&params)?;
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
