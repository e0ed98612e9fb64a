//! Resampling between any two sample rates.
//!
//! As `Resample` with a Kaiser filter, for rates in Hz that need not be whole numbers nor have a simple ratio: output m
//! stands at input position `m · inputRate/outputRate`. The ratio is kept as a fraction of whole numbers, so the stream
//! never drifts. Where its terms are at most 1,024 the filter's phases are exact (44.1 → 48 kHz is 160/147); else they lie on
//! the cubics through 256 phases per sample of the lower rate, which is exact to some −190 dB.
//! Latency: half the filter, 66 (`"high"`) or 96 (`"max"`) samples of the lower rate.

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::resample::kaiser_quality;
use super::resampler::{Resampler, positive};
use crate::block::Block;
use crate::design::resampling::Quality;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::resample::Plan;
use crate::value::{MAX_SAFE_INTEGER, Params, js_number};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct ResampleTo {
    input_rate: f64,
    output_rate: f64,
    quality: &'static str,
    resampler: Resampler,
}

const QUALITIES: [&str; 2] = ["high", "max"];

impl ResampleTo {
    fn check(&self, input_rate: f64, output_rate: f64, quality: &str) -> Result<()> {
        if (input_rate, output_rate, quality) == (self.input_rate, self.output_rate, self.quality) {
            return Ok(());
        }
        Err(Error::mismatch(Self::METHOD, "parameter"))
    }
}

fn next_from(x: f64) -> Result<u64> {
    if (0.0..=MAX_SAFE_INTEGER).contains(&x) && x.fract() == 0.0 {
        return Ok(x as u64);
    }
    Err(Error::failed("'nextTick' must be a non-negative integer"))
}

impl Define for ResampleTo {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["resampleTo"];
    const METHOD: &'static str = "ResampleTo";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ResampleTo`. */
export interface ResampleToParams {
  /** Sample rate of the input in Hz, > 0. */
  inputRate: number;
  /** Sample rate of the output in Hz, > 0. */
  outputRate: number;
  /** Stop-band attenuation: `"high"` (default) 100 dB, `"max"` 140 dB. Flat up to 0.45 of the lower rate. */
  quality?: "high" | "max";
}
method {
  /**
   * Resamples between any two rates, also such without a simple ratio. Never drifts: output m stands at input position
   * m · inputRate/outputRate, exactly.
   * @throws TypeError if a rate is not a positive number or `quality` is unknown
   * @throws RangeError if the rates are too far apart (a filter of more than a million taps, or more than 2³⁰
   *   samples of one)
   */
  ResampleTo(params: ResampleToParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let rate = |key: &str| {
            let value = params.get(key);
            positive(value)
                .ok_or_else(|| Error::type_error(format!("{}: {key} must be positive, got {value}", Self::METHOD)))
        };
        let (input_rate, output_rate) = (rate("inputRate")?, rate("outputRate")?);
        let quality = params.choice(Self::METHOD, "quality", &QUALITIES, Some("high"))?;
        let design = kaiser_quality(quality).unwrap_or(Quality::High);
        let plan = Plan::between(input_rate, output_rate, design)
            .map_err(|e| Error::range(format!("{}: {e}", Self::METHOD)))?;
        Ok(Self { input_rate, output_rate, quality, resampler: Resampler::new(plan) })
    }

    fn label(&self, _: &Params) -> String {
        let [from, to] = [self.input_rate, self.output_rate].map(js_number);
        format!("resampleTo:{from}→{to}Hz:{}", self.quality)
    }
}

impl Stage for ResampleTo {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    /// `nextTick`: where the next output is after the beginning of the next input frame, in units of the fraction's
    /// numerator per frame.
    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "type": "resampleTo", "inputRate": json::num(self.input_rate), "outputRate": json::num(self.output_rate),
            "quality": self.quality, "nextTick": self.resampler.next(),
        });
        self.resampler.save(&mut state);
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (from, to) = (json::number(state, "inputRate")?, json::number(state, "outputRate")?);
        self.check(from, to, json::text(state, "quality")?)?;
        self.resampler.load(state, next_from(json::number(state, "nextTick")?)?)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.f64(self.input_rate);
        out.f64(self.output_rate);
        out.str(self.quality);
        out.f64(self.resampler.next() as f64);
        out.int(self.resampler.channels())?;
        self.resampler.save_toon(out)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let (from, to) = (input.f64()?, input.f64()?);
        self.check(from, to, input.str()?)?;
        let next = next_from(input.f64()?)?;
        let channels = input.item_count()?;
        let (rings, positions) = Resampler::read_toon(input, channels)?;
        self.resampler.load_lines(rings, positions, next)
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stages::testing::{params, run};

    fn stage(json: Json) -> Result<ResampleTo> {
        ResampleTo::new(&params(json))
    }

    #[test]
    fn a_constant_stays_and_its_length_follows_the_rates() {
        for (from, to) in [(48_000.0, 44_100.0), (1000.0, 1000.1), (360.0, 250.0), (1.0, std::f64::consts::PI)] {
            let mut stage = stage(json!({ "inputRate": from, "outputRate": to })).unwrap();
            let got = run(&mut stage, &[1.0; 2000], 1);
            assert!((got.len() as f64 - 2000.0 * to / from).abs() <= 1.0);
            // Behind the filter's start-up; the stop band's 100 dB bound the ripple.
            let settled = &got[(200.0 * to.max(from) / from) as usize..];
            assert!(settled.iter().all(|y| (y - 1.0).abs() < 2e-5), "{from} {to}");
        }
    }

    #[test]
    fn wrong_parameters_are_named() {
        let text = "ResampleTo: inputRate must be positive, got 0";
        assert_eq!(stage(json!({ "inputRate": 0, "outputRate": 1 })).unwrap_err(), Error::type_error(text));
        let text = "ResampleTo: outputRate must be positive, got undefined";
        assert_eq!(stage(json!({ "inputRate": 1 })).unwrap_err(), Error::type_error(text));
        let error = stage(json!({ "inputRate": 1, "outputRate": 1, "quality": "dspx" })).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        for (from, to) in [(1e9, 1.0), (1.0, 1.1e9), (1e-300, 1.0), (5e-324, f64::MAX)] {
            let error = stage(json!({ "inputRate": from, "outputRate": to })).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Range, "{from} {to}");
        }
        assert!(stage(json!({ "inputRate": 1, "outputRate": 1e9 })).is_ok());
    }

    #[test]
    fn a_state_for_other_rates_is_a_mismatch() {
        let state = stage(json!({ "inputRate": 2, "outputRate": 3 })).unwrap().save().unwrap();
        let mut other = stage(json!({ "inputRate": 2, "outputRate": 3.5 })).unwrap();
        assert!(other.load(&state).unwrap_err().to_string().contains("mismatch"));
    }
}
