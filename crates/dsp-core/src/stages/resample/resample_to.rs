//! Resampling between any two sample rates.
//!
//! As `Resample` with a sharp filter, for rates in Hz that need not be whole numbers nor have a simple ratio: output m
//! stands at input position `m · inputRate/outputRate`. The ratio is kept as a fraction of whole numbers, so the stream
//! never drifts: that of the decimal numbers as they are written, so 100 → 99.7 Hz is 1000/997. Where its terms are at most 1,024 the filter's phases are exact (44.1 → 48 kHz is 160/147); else they lie on
//! cubics: with quality `"max"` through 256 phases per sample of the lower rate, which is exact to some −190 dB, else
//! between the samples of a line of at least twice the lower rate, exact to some −140 dB.
//! Latency: half the filter, 67 (`"high"`), 96 (`"max"`) or 31.5 (`"voice"`) samples of the lower rate.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::resample::ratio::{binary_ratio, decimal_ratio};
use crate::signal::resample::resampler::Plan;
use crate::signal::resample::taps::Quality;
use crate::stages::resample::resampler::Resampler;
use crate::state::archive::Archive;
use crate::text::{MAX_SAFE_INTEGER, Texts, js_number};

crate::texts! {
    /// The interpretation of the rates.
    pub enum Ratio {
        /// As the shortest decimal numbers that denote them.
        Decimal = "decimal",
        /// As binary numbers (float64).
        Binary = "binary",
    }
}

impl Ratio {
    fn of(self, output_rate: f64, input_rate: f64) -> (u64, u64) {
        match self {
            Self::Decimal => decimal_ratio(output_rate, input_rate),
            Self::Binary => binary_ratio(output_rate, input_rate),
        }
    }
}

crate::params! {
    /// Parameters of `ResampleTo`.
    pub struct ResampleToParams {
        /// Sample rate of the input in Hz.
        pub input_rate: f64 = number().above(0.0),
        /// Sample rate of the output in Hz.
        pub output_rate: f64 = number().above(0.0),
        /// Stop-band attenuation: `"high"` 125 dB, `"max"` 140 dB, flat up to 0.45 of the lower rate; `"voice"` 90 dB, flat up
        /// to 0.4, half the latency.
        pub quality: Quality = one_of(Quality::TEXTS).or_first(),
        /// Whether the ratio is that of the rates as decimal numbers, or of the float64 numbers closest to them.
        pub ratio: Option<Ratio> = one_of(Ratio::TEXTS)
            .optional_as("`\"decimal\"`; a loaded state that does not say goes on with `\"binary\"`"),
    }
}

/// A resampler between two rates.
#[derive(Debug, Clone)]
pub struct ResampleTo {
    params: ResampleToParams,
    ratio: Ratio,
    resampler: Resampler,
}

fn next_from(x: f64) -> Result<u64> {
    if (0.0..=MAX_SAFE_INTEGER).contains(&x) && x.fract() == 0.0 {
        return Ok(x as u64);
    }
    Err(Error::failed("'nextTick' must be a non-negative integer"))
}

impl ResampleTo {
    fn plan(params: &ResampleToParams, ratio: Ratio) -> Result<Plan> {
        let &ResampleToParams { input_rate, output_rate, quality, .. } = params;
        Plan::in_ratio(ratio.of(output_rate, input_rate), input_rate, output_rate, quality)
            .map_err(|e| Error::range(format!("{}: {e}", Self::METHOD)))
    }

    /// Returns whether both interpretations give the same ratio; states then do not name one.
    fn has_one_ratio(&self) -> bool {
        let ResampleToParams { input_rate, output_rate, .. } = self.params;
        decimal_ratio(output_rate, input_rate) == binary_ratio(output_rate, input_rate)
    }

    /// Walks the interpretation; states name only `"decimal"`, and TOON states have a mark instead.
    fn ratio_field(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let is_named = self.ratio == Ratio::Decimal && !self.has_one_ratio();
        let mark = self.resampler.extras(archive, f64::from(u8::from(is_named)))?;
        let saved = match archive.is_json() {
            true if archive.optional("ratio", is_named) => archive.named("ratio", self.ratio, "ratio")?,
            false if mark != 0.0 => Ratio::Decimal,
            _ => Ratio::Binary,
        };
        if !archive.is_loading() || saved == self.ratio || self.has_one_ratio() {
            return Ok(());
        }
        if self.params.ratio.is_some() {
            return Err(Error::mismatch(Self::METHOD, "ratio"));
        }
        self.resampler.set_plan(Self::plan(&self.params, saved)?);
        self.ratio = saved;
        Ok(())
    }
}

impl Define for ResampleTo {
    type Params = ResampleToParams;
    const TYPES: &'static [&'static str] = &["resampleTo"];
    const METHOD: &'static str = "ResampleTo";
    const DOC: &'static str = "Resamples between any two rates, also such without a simple ratio. Never drifts: \
        output m stands at input position\nm · inputRate/outputRate, exactly.\n\
        @throws RangeError if the rates are too far apart (a filter of more than a million taps, or more than 2²⁰\n  samples of one)";

    fn new(params: &ResampleToParams) -> Result<Self> {
        let ratio = params.ratio.unwrap_or(Ratio::Decimal);
        let plan = Self::plan(params, ratio)?;
        let resampler = Resampler::new(plan, params.input_rate);
        Ok(Self { params: params.clone(), ratio, resampler })
    }

    fn label(&self, params: &ResampleToParams) -> String {
        let [from, to] = [params.input_rate, params.output_rate].map(js_number);
        format!("resampleTo:{from}→{to}Hz:{}", params.quality.text())
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let params = ResampleToParams::read(Self::LABEL, &Value::from(state))?;
        let ratio = Some(params.ratio.unwrap_or(Ratio::Binary));
        Self::new(&ResampleToParams { ratio, ..params })
    }

    fn examples() -> Vec<Value> {
        let rates =
            [(44_100.0, 48_000.0, Quality::High), (1000.0, 333.34, Quality::High), (1.0, 1.000_01, Quality::Max)];
        let params = rates.map(|(input_rate, output_rate, quality)| ResampleToParams {
            input_rate,
            output_rate,
            quality,
            ratio: None,
        });
        let binary = ResampleToParams {
            input_rate: 100.0,
            output_rate: 99.7,
            quality: Quality::High,
            ratio: Some(Ratio::Binary),
        };
        params.iter().chain([&binary]).map(Parameters::to_value).collect()
    }
}

impl Stage for ResampleTo {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    /// Walks `nextTick`, the position of the next output after the start of the next input frame, in units of the
    /// fraction's numerator per frame.
    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let ResampleToParams { input_rate, output_rate, quality, .. } = self.params;
        archive.constant("type", Self::TYPES[0]);
        let saved = (archive.f64("inputRate", input_rate)?, archive.f64("outputRate", output_rate)?);
        let saved_quality = archive.text("quality", quality.text())?;
        if saved != (input_rate, output_rate) || saved_quality != quality.text() {
            return Err(Error::mismatch(Self::METHOD, "parameter"));
        }
        let next = next_from(archive.f64("nextTick", self.resampler.next() as f64)?)?;
        let channels = archive.item_count(self.resampler.channels())?;
        let lines = self.resampler.state(archive, channels)?;
        self.ratio_field(archive)?;
        match lines {
            Some(lines) => self.resampler.restore(&lines, next),
            None => Ok(()),
        }
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        self.resampler.latency()
    }

    fn ratio(&self) -> f64 {
        self.resampler.ratio()
    }

    fn tail(&self, _: u64) -> usize {
        self.resampler.tail()
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(self.resampler.tail_outputs())
    }

    fn channels(&self) -> usize {
        self.resampler.channels()
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stages::testing::{run, try_make};
    use serde_json::json;

    fn stage(json: Json) -> Result<ResampleTo> {
        try_make(&json)
    }

    #[test]
    fn a_constant_stays_and_its_length_follows_the_rates() {
        for (from, to) in [(48_000.0, 44_100.0), (1000.0, 1000.1), (360.0, 250.0), (1.0, std::f64::consts::PI)] {
            let mut stage = stage(json!({ "inputRate": from, "outputRate": to })).unwrap();
            let got = run(&mut stage, &[1.0; 2000], 1);
            assert!((got.len() as f64 - 2000.0 * to / from).abs() <= 1.0);
            // Behind the filter's start-up; the stop band's 125 dB bound the ripple.
            let settled = &got[(200.0 * to.max(from) / from) as usize..];
            assert!(settled.iter().all(|y| (y - 1.0).abs() < 2e-5), "{from} {to}");
        }
    }

    #[test]
    fn the_ratio_is_that_of_the_numbers_as_they_are_written() {
        for (from, to, frames, want) in [(100.0, 99.7, 5000, 4985), (360.0, 99.9, 4000, 1110), (0.3, 0.1, 300, 100)] {
            let length = |ratio: Json| {
                let mut params = json!({ "inputRate": from, "outputRate": to });
                params.as_object_mut().unwrap().extend(ratio.as_object().unwrap().clone());
                run(&mut stage(params).unwrap(), &vec![1.0; frames], 1).len()
            };
            assert_eq!(length(json!({})), want, "{from} {to}");
        }
        let mut binary = stage(json!({ "inputRate": 100, "outputRate": 99.7, "ratio": "binary" })).unwrap();
        assert_eq!(run(&mut binary, &[1.0; 5000], 1).len(), 4986);
    }

    #[test]
    fn a_state_that_names_no_ratio_goes_on_with_the_binary_one() {
        let by = |ratio: Json| stage(json!({ "inputRate": 100, "outputRate": 99.7, "ratio": ratio }));
        let mut old = by(json!("binary")).unwrap();
        run(&mut old, &[1.0; 5000], 1);
        let state = old.save().unwrap();
        assert!(state.get("ratio").is_none());
        let mut new = stage(json!({ "inputRate": 100, "outputRate": 99.7 })).unwrap();
        new.load(&state).unwrap();
        assert_eq!(new.save().unwrap(), state);
        assert!(by(json!("decimal")).unwrap().load(&state).unwrap_err().to_string().contains("ratio mismatch"));
    }

    #[test]
    fn wrong_parameters_are_named() {
        let text = "ResampleTo: inputRate must be positive, got 0";
        assert_eq!(stage(json!({ "inputRate": 0, "outputRate": 1 })).unwrap_err(), Error::type_error(text));
        let text = "ResampleTo: outputRate must be positive, got undefined";
        assert_eq!(stage(json!({ "inputRate": 1 })).unwrap_err(), Error::type_error(text));
        let error = stage(json!({ "inputRate": 1, "outputRate": 1, "quality": "dspx" })).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        for (from, to) in [(1e9, 1.0), (1.0, 1.1e6), (1e-300, 1.0), (5e-324, f64::MAX)] {
            let error = stage(json!({ "inputRate": from, "outputRate": to })).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Range, "{from} {to}");
        }
        assert!(stage(json!({ "inputRate": 1, "outputRate": 1e6 })).is_ok());
    }

    #[test]
    fn a_state_for_other_rates_is_a_mismatch() {
        let state = stage(json!({ "inputRate": 2, "outputRate": 3 })).unwrap().save().unwrap();
        let mut other = stage(json!({ "inputRate": 2, "outputRate": 3.5 })).unwrap();
        assert!(other.load(&state).unwrap_err().to_string().contains("mismatch"));
    }
}
