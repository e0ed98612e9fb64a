//! Time alignment: irregularly sampled frames on a regular grid.
//!
//! Output frame i stands at `t[0] + i · 1000/targetSampleRate` ms, up to the first grid point at or beyond the last stamp.
//! Its value is found by linear, cubic (Catmull-Rom) or sinc interpolation; inside a gap, an interval longer than
//! `gapThreshold` times the expected one, `gapPolicy` decides. The expected interval is that of the target rate, unless
//! `driftCompensation` estimates the input's. Each call stands alone, with a grid of its own. Stages behind see the grid's
//! times. See [`alignment`](crate::transform::alignment).

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::resampler::positive;
use crate::block::{Block, Reshape};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::alignment::{Alignment, Drift, GapPolicy, Method, Settings};
use crate::value::{Params, js_number};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct TimeAlignment {
    settings: Settings,
    stamps: Vec<f32>,
}

/// Names in parameters, at the places of the numbers in saved states.
const METHODS: [(&str, Method); 3] = [("linear", Method::Linear), ("cubic", Method::Cubic), ("sinc", Method::Sinc)];
const POLICIES: [(&str, GapPolicy); 6] = [
    ("error", GapPolicy::Error),
    ("zero-fill", GapPolicy::ZeroFill),
    ("hold", GapPolicy::Hold),
    ("interpolate", GapPolicy::Interpolate),
    ("extrapolate", GapPolicy::Extrapolate),
    ("zeroFill", GapPolicy::ZeroFill),
];
const DRIFTS: [(&str, Drift); 3] = [("none", Drift::None), ("regression", Drift::Regression), ("pll", Drift::Pll)];

/// Target rates whose interval single precision can hold with room to spare.
const RATES: std::ops::RangeInclusive<f64> = 1e-30..=1e30;

/// The choice of the text `key`.
fn choose<T: Copy>(params: &Params, key: &str, default: &'static str, choices: &[(&'static str, T)]) -> Result<T> {
    let names: Vec<&'static str> = choices.iter().map(|(name, _)| *name).collect();
    let chosen = params.choice(TimeAlignment::METHOD, key, &names, Some(default))?;
    Ok(find(choices, |(name, _)| *name == chosen).expect("one of the names"))
}

fn find<T: Copy>(choices: &[(&str, T)], wanted: impl Fn(&(&str, T)) -> bool) -> Option<T> {
    choices.iter().find(|choice| wanted(choice)).map(|(_, value)| *value)
}

/// The choice that a saved number stands for.
fn numbered<T: Copy>(choices: &[(&str, T)], number: usize, key: &str) -> Result<T> {
    // The sixth gap policy is a second name.
    let choice = choices.get(number).filter(|_| number < 5);
    choice.map(|(_, value)| *value).ok_or_else(|| Error::failed(format!("'{key}' has the unknown value {number}")))
}

fn number_of<T: PartialEq>(choices: &[(&str, T)], value: &T) -> usize {
    choices.iter().position(|(_, choice)| choice == value).unwrap_or(0)
}

fn check_rate(rate: f64) -> Result<f32> {
    if RATES.contains(&rate) {
        return Ok(rate as f32);
    }
    let (method, rate) = (TimeAlignment::METHOD, js_number(rate));
    Err(Error::range(format!("{method}: targetSampleRate must be between 1e-30 and 1e+30, got {rate}")))
}

/// Finite in single precision too, so that it can be saved and loaded.
fn check_threshold(threshold: f64) -> Option<f32> {
    (threshold >= 1.0 && threshold.is_finite()).then_some(threshold.min(f32::MAX.into()) as f32)
}

impl TimeAlignment {
    /// The settings of a saved state, whose two lists of numbers are the same in both formats.
    fn restore(&mut self, rate: f64, threshold: f64, [method, policy, drift]: [usize; 3]) -> Result<()> {
        let threshold =
            check_threshold(threshold).ok_or_else(|| Error::failed("'gapThreshold' must be at least 1"))?;
        self.settings = Settings {
            rate: check_rate(rate)?,
            method: numbered(&METHODS, method, "interpMethod")?,
            policy: numbered(&POLICIES, policy, "gapPolicy")?,
            threshold,
            drift: numbered(&DRIFTS, drift, "driftComp")?,
        };
        Ok(())
    }

    fn numbers(&self) -> [usize; 3] {
        let Settings { method, policy, drift, .. } = &self.settings;
        [number_of(&METHODS, method), number_of(&POLICIES, policy), number_of(&DRIFTS, drift)]
    }
}

impl Define for TimeAlignment {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["timeAlignment"];
    const METHOD: &'static str = "TimeAlignment";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `TimeAlignment`. */
export interface TimeAlignmentParams {
  /** Rate of the grid in Hz, > 0. */
  targetSampleRate: number;
  /** How a value between two frames is found. Default `"linear"`. */
  interpolationMethod?: "linear" | "cubic" | "sinc";
  /** What stands inside a gap; `"error"` makes the call fail. Default `"interpolate"`. */
  gapPolicy?: "interpolate" | "zero-fill" | "zeroFill" | "hold" | "extrapolate" | "error";
  /** An interval longer than this times the expected one is a gap: ≥ 1, default 2. */
  gapThreshold?: number;
  /** How the input's rate, and so the expected interval, is estimated. `"none"` (default): it is the target's. */
  driftCompensation?: "none" | "regression" | "pll";
}
method {
  /**
   * Puts irregularly sampled frames on a regular grid that begins at the first timestamp of each call. `process` must be
   * given timestamps.
   * @throws TypeError if a parameter is not as described
   */
  TimeAlignment(params: TimeAlignmentParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let rate = params.get("targetSampleRate");
        let rate = positive(rate).ok_or_else(|| {
            Error::type_error(format!("{}: targetSampleRate must be positive, got {rate}", Self::METHOD))
        })?;
        let threshold = params.get("gapThreshold");
        let threshold = if threshold.is_undefined() { Some(2.0) } else { threshold.as_number().and_then(check_threshold) }
            .ok_or_else(|| Error::type_error(format!("{}: gapThreshold must be >= 1.0, got {threshold}", Self::METHOD)))?;
        let settings = Settings {
            rate: check_rate(rate)?,
            method: choose(params, "interpolationMethod", "linear", &METHODS)?,
            policy: choose(params, "gapPolicy", "interpolate", &POLICIES)?,
            threshold,
            drift: choose(params, "driftCompensation", "none", &DRIFTS)?,
        };
        Ok(Self { settings, stamps: vec![] })
    }

    fn label(&self, params: &Params) -> String {
        let text = |key, default: &str| params.get(key).as_str().unwrap_or(default).to_owned();
        let (method, policy) = (text("interpolationMethod", "linear"), text("gapPolicy", "interpolate"));
        format!("timeAlignment:{}Hz:{method}:{policy}", params.get("targetSampleRate"))
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let mut stage = Self::new(&Params::from_json(&json!({ "targetSampleRate": 1 })))?;
        stage.load(state)?;
        Ok(stage)
    }
}

impl Stage for TimeAlignment {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, frames) = (block.channels(), block.frames());
        if frames == 0 {
            return block.reshape(Reshape::to(channels, 0), |_, _, _| Ok(()));
        }
        let times = block.times();
        // Single precision cannot tell milliseconds since 1970 apart: other stamps count from the first of the call.
        let origin = if times.is_single() { 0.0 } else { times.at(0, 0) };
        self.stamps.clear();
        self.stamps.extend((0..frames).map(|k| (times.at(0, k) - origin) as f32));
        let alignment = Alignment::new(self.settings, &self.stamps)?;
        let count = alignment.frames();
        if count > crate::block::MAX_SAMPLES as f64 {
            return Err(Error::range(format!("TimeAlignmentStage: {} output frames are too many", js_number(count))));
        }
        let count = count as usize;
        alignment.check_gaps(count)?;
        block.reshape(Reshape::to(channels, count), |from, to, _| {
            to.rows().enumerate().for_each(|(c, row)| alignment.align(from.channel(c), row));
            Ok(())
        })?;
        block.set_times((0..count).map(|i| origin + f64::from(alignment.time(i))));
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        let [method, policy, drift] = self.numbers();
        Ok(json!({
            "targetSampleRate": json::num(self.settings.rate.into()), "interpMethod": method, "gapPolicy": policy,
            "gapThreshold": json::num(self.settings.threshold.into()), "driftComp": drift,
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let [method, policy, drift] = ["interpMethod", "gapPolicy", "driftComp"].map(|key| json::count(state, key));
        let (rate, threshold) = (json::number(state, "targetSampleRate")?, json::number(state, "gapThreshold")?);
        self.restore(rate, threshold, [method?, policy?, drift?])
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        let [method, policy, drift] = self.numbers();
        out.f32(self.settings.rate);
        out.int(method)?;
        out.int(policy)?;
        out.f32(self.settings.threshold);
        out.int(drift)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let rate = input.f32()?;
        let (method, policy) = (input.count()?, input.count()?);
        let threshold = input.f32()?;
        self.restore(rate.into(), threshold.into(), [method, policy, input.count()?])
    }

    fn needs_timestamps(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        if self.settings.method == Method::Sinc { 150.0 } else { 10.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Workspace;
    use crate::error::ErrorKind;
    use crate::stages::testing::params;

    fn stage(json: Json) -> Result<TimeAlignment> {
        TimeAlignment::new(&params(json))
    }

    fn run(stage: &mut TimeAlignment, samples: &[f32], stamps: &[f64]) -> Result<(Vec<f32>, Vec<f64>)> {
        let (mut input, mut work) = (samples.to_vec(), Workspace::default());
        let mut block = Block::stamped(&mut input, samples.len() / stamps.len().max(1), &mut work, &repeat(samples, stamps));
        stage.process(&mut block)?;
        let times = (0..block.frames()).map(|k| block.times().at(0, k)).collect();
        Ok((block.snapshot(), times))
    }

    /// One stamp per sample.
    fn repeat(samples: &[f32], stamps: &[f64]) -> Vec<f64> {
        let channels = samples.len() / stamps.len().max(1);
        stamps.iter().flat_map(|t| std::iter::repeat_n(*t, channels)).collect()
    }

    #[test]
    fn milliseconds_since_1970_keep_their_precision() {
        let mut stage = stage(json!({ "targetSampleRate": 100 })).unwrap();
        let t0 = 1.7e12;
        let (y, t) = run(&mut stage, &[0.0, 10.0, 5.0, 15.0, 20.0, 30.0], &[t0, t0 + 5.0, t0 + 20.0]).unwrap();
        assert_eq!(t, [t0, t0 + 10.0, t0 + 20.0]);
        // Two channels; t = 10 is a third of the way from 5 to 20.
        assert_eq!(y, [0.0, 10.0, 10.0, 20.0, 20.0, 30.0]);
    }

    #[test]
    fn too_much_output_is_a_range_error() {
        let mut stage = stage(json!({ "targetSampleRate": 1e7 })).unwrap();
        let error = run(&mut stage, &[1.0, 2.0], &[0.0, 1e9]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Range);
        assert!(run(&mut stage, &[1.0, 2.0], &[0.0, 1e300]).is_err());
        assert_eq!(run(&mut stage, &[1.0, 2.0], &[3.0, 3.0]).unwrap().0, [1.0]);
    }

    #[test]
    fn a_threshold_beyond_single_precision_survives_a_save() {
        let params = Params::from_json(&json!({ "targetSampleRate": 10, "gapThreshold": 1e300 }));
        let state = TimeAlignment::new(&params).expect("is valid").save().expect("saves");
        assert!(TimeAlignment::from_state("timeAlignment", &state).is_ok());
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |json| stage(json).unwrap_err();
        let text = "TimeAlignment: targetSampleRate must be positive, got undefined";
        assert_eq!(refused(json!({})), Error::type_error(text));
        let text = "TimeAlignment: gapThreshold must be >= 1.0, got 0.5";
        assert_eq!(refused(json!({ "targetSampleRate": 10, "gapThreshold": 0.5 })), Error::type_error(text));
        assert!(refused(json!({ "targetSampleRate": 10, "gapPolicy": "HOLD" })).to_string().contains("gapPolicy must be"));
        assert_eq!(refused(json!({ "targetSampleRate": 1e300 })).kind(), ErrorKind::Range);
    }

    #[test]
    fn a_state_replaces_the_settings_or_is_refused_whole() {
        let saved = stage(json!({
            "targetSampleRate": 12.5, "interpolationMethod": "sinc", "gapPolicy": "zeroFill", "driftCompensation": "pll",
        }))
        .unwrap()
        .save()
        .unwrap();
        assert_eq!(saved["gapPolicy"], 1);
        let mut other = stage(json!({ "targetSampleRate": 1 })).unwrap();
        other.load(&saved).unwrap();
        assert_eq!(other.save().unwrap(), saved);
        for (key, bad) in [("gapPolicy", json!(5)), ("interpMethod", json!(3)), ("gapThreshold", json!(0)),
            ("targetSampleRate", json!(-1)), ("driftComp", json!("pll"))] {
            let mut state = saved.clone();
            state[key] = bad;
            assert!(other.load(&state).is_err(), "{key}");
            assert_eq!(other.save().unwrap(), saved);
        }
    }
}
