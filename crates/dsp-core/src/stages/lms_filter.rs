//! `LmsFilter`: least-mean-squares noise cancellation. Channel 0 is the input x, channel 1 the desired signal d; both
//! channels come out as the error `e = d − y`.
//!
//! `y = Σ w[i]·x[n−i]`, `e = d − y`, `w[i] ← (1 − mu·lambda)·w[i] + mu′·e·x[n−i]`; normalised, `p ← 0.99·p + 0.01·x[n]²` and
//! `mu′ = mu/(10⁻⁶ + p·N)`, else `mu′ = mu`. No latency. (Widrow & Hoff 1960; Haykin, *Adaptive Filter Theory*.)

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::filter::lms::Lms;
use crate::kernels::adaptive::LmsStep;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// Most taps.
pub(crate) const MAX_TAPS: usize = 1 << 20;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct LmsFilter {
    taps: usize,
    step: LmsStep,
    /// Made by the first samples.
    lms: Option<Lms>,
    output: Vec<f32>,
    desired: Vec<f32>,
}

/// The positive integer `numTaps`, at most `limit`.
pub(super) fn taps(label: &str, params: &Params, limit: usize) -> Result<usize> {
    let value = params.get("numTaps");
    match value.as_positive_integer() {
        Some(n) if n <= limit => Ok(n),
        Some(n) => Err(Error::range(format!("{label}: numTaps must be at most {limit}, got {n}"))),
        None => Err(Error::type_error(format!("{label}: numTaps must be a positive integer, got {value}"))),
    }
}

/// A number for which `allowed` holds, else `RangeError` with the `rule`; `default` if absent.
fn in_range(label: &str, name: &str, value: &Value, default: f64, rule: &str, allowed: fn(f64) -> bool) -> Result<f64> {
    match value {
        Value::Undefined => Ok(default),
        Value::Number(x) if allowed(*x) => Ok(*x),
        _ => Err(Error::range(format!("{label}: {name} must be {rule}, got {value}"))),
    }
}

/// Splits a frame-interleaved signal into x and d.
pub(super) fn check_two_channels(label: &str, channels: usize) -> Result<()> {
    if channels == 2 {
        return Ok(());
    }
    Err(Error::failed(format!("{label} requires exactly 2 channels (input and desired), got {channels}")))
}

impl LmsFilter {
    fn check(taps: usize, mu: f64, lambda: f64) -> Result<()> {
        let valid = (1..=MAX_TAPS).contains(&taps) && mu > 0.0 && mu <= 1.0 && (0.0..1.0).contains(&lambda);
        if valid { Ok(()) } else { Err(Error::failed("LmsFilter: the state's parameters are out of range")) }
    }

    fn set_parameters(&mut self, taps: usize, mu: f64, lambda: f64, normalized: bool) -> Result<()> {
        Self::check(taps, mu, lambda)?;
        self.taps = taps;
        self.step = LmsStep { mu, lambda, normalized, adapt: true };
        self.lms = None;
        Ok(())
    }

    fn restore(&mut self, weights: Vec<f64>, history: impl Iterator<Item = f32>, power: f64) -> Result<()> {
        if weights.len() != self.taps {
            let n = weights.len();
            return Err(Error::failed(format!("LmsFilter: weight vector size mismatch: {n} for {} taps", self.taps)));
        }
        let mut lms = Lms::new(self.taps);
        lms.set_weights(weights.into_iter());
        lms.set_history(history);
        lms.set_power(power);
        self.lms = Some(lms);
        Ok(())
    }
}

impl Define for LmsFilter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["lmsFilter"];
    const METHOD: &'static str = "LmsFilter";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `LmsFilter`. */
export interface LmsFilterParams {
  /** Number of weights, 1 to 1,048,576. */
  numTaps: number;
  /** Step size, above 0 and at most 1. Default 0.01. */
  learningRate?: number;
  /** Another name of `learningRate`, which wins. */
  mu?: number;
  /** Divide the step by the input power. Default `false`. */
  normalized?: boolean;
  /** Leak: the weights shrink by `mu·lambda` per sample. From 0 to below 1, default 0. */
  lambda?: number;
}
method {
  /**
   * Least-mean-squares noise cancellation: channel 0 is the input, channel 1 the desired signal, both come out as the error.
   * @throws TypeError, RangeError if a parameter is missing or out of range; processing takes exactly 2 channels
   */
  LmsFilter(params: LmsFilterParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let taps = taps(Self::METHOD, params, MAX_TAPS)?;
        let rate = params.get("learningRate");
        let (name, rate) = if rate.is_undefined() { ("learningRate (mu)", params.get("mu")) } else { ("learningRate", rate) };
        let mu = in_range(Self::METHOD, name, rate, 0.01, "in (0, 1]", |x| x > 0.0 && x <= 1.0)?;
        let lambda =
            in_range(Self::METHOD, "lambda", params.get("lambda"), 0.0, "in [0, 1)", |x| (0.0..1.0).contains(&x))?;
        let normalized = match params.get("normalized") {
            Value::Undefined => false,
            Value::Bool(b) => *b,
            other => return Err(Error::failed(format!("LmsFilter: normalized must be a boolean, got {other}"))),
        };
        let step = LmsStep { mu, lambda, normalized, adapt: true };
        Ok(Self { taps, step, lms: None, output: Vec::new(), desired: Vec::new() })
    }

    fn label(&self, _: &Params) -> String {
        format!("lmsFilter:{}taps", self.taps)
    }
}

impl Stage for LmsFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        check_two_channels(Self::METHOD, block.channels())?;
        if block.is_empty() {
            return Ok(());
        }
        let lms = self.lms.get_or_insert_with(|| Lms::new(self.taps));
        let mut planes = block.planes();
        let frames = planes.frames();
        self.output.resize(frames, 0.0);
        self.desired.clear();
        self.desired.extend_from_slice(planes.channel(1));
        let (data, stride) = planes.planes();
        let (input, error) = data.split_at_mut(stride);
        lms.process(self.step, &input[..frames], &self.desired, &mut self.output, &mut error[..frames]);
        input[..frames].copy_from_slice(&error[..frames]);
        Ok(())
    }

    fn reset(&mut self) {
        self.lms.iter_mut().for_each(Lms::clear);
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "numTaps": self.taps,
            "learningRate": json::num(self.step.mu),
            "normalized": self.step.normalized,
            "lambda": json::num(self.step.lambda),
            "initialized": self.lms.is_some(),
        });
        if let Some(lms) = &self.lms {
            state["weights"] = json::nums(lms.weights());
            state["history"] = json::nums(lms.history());
            state["inputPower"] = json::num(lms.power());
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (mu, lambda) = (json::number(state, "learningRate")?, json::number(state, "lambda")?);
        self.set_parameters(json::count(state, "numTaps")?, mu, lambda, json::boolean(state, "normalized")?)?;
        if !json::boolean(state, "initialized")? {
            return Ok(());
        }
        let history = if state.get("history").is_some() { json::samples(state, "history")? } else { vec![] };
        self.restore(json::numbers(state, "weights")?, history.into_iter(), json::number_or(state, "inputPower", 1.0)?)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.object();
        out.str("numTaps");
        out.int(self.taps)?;
        out.str("learningRate");
        out.f32(self.step.mu as f32);
        out.str("normalized");
        out.bool(self.step.normalized);
        out.str("lambda");
        out.f32(self.step.lambda as f32);
        out.str("initialized");
        out.bool(self.lms.is_some());
        let mut exact = vec![self.step.mu, self.step.lambda];
        if let Some(lms) = &self.lms {
            out.str("weights");
            out.f32s(lms.weights().map(|w| w as f32));
            out.str("history");
            out.f32s(lms.history());
            exact.push(lms.power());
            exact.extend(lms.weights());
        }
        write_exact(out, &exact);
        out.end_object();
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        input.object()?;
        input.str()?;
        let taps = input.count()?;
        input.str()?;
        let mut mu = f64::from(input.f32()?);
        input.str()?;
        let normalized = input.bool()?;
        input.str()?;
        let mut lambda = f64::from(input.f32()?);
        input.str()?;
        let initialized = input.bool()?;
        let mut weights = vec![];
        if initialized {
            input.str()?;
            weights = input.f32s()?.into_iter().map(f64::from).collect();
        }
        let (mut history, mut power) = (vec![], 1.0);
        if input.more_in_object()? {
            if initialized {
                input.str()?;
                history = input.f32s()?;
            }
            let exact = read_exact(input)?;
            match exact.as_slice() {
                [m, l] if !initialized => (mu, lambda) = (*m, *l),
                [m, l, p, w @ ..] if initialized => {
                    (mu, lambda, power) = (*m, *l, *p);
                    weights = w.to_vec();
                }
                _ => return Err(Error::failed("LmsFilter: the f64 numbers have the wrong size")),
            }
            input.end_object()?;
        }
        self.set_parameters(taps, mu, lambda, normalized)?;
        if initialized { self.restore(weights, history.into_iter(), power) } else { Ok(()) }
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        3.0 + self.taps as f64 * 0.2
    }
}

/// `"f64"` and an array of f64 tokens.
pub(super) fn write_exact(out: &mut toon::Writer, values: &[f64]) {
    out.str("f64");
    out.array();
    values.iter().for_each(|x| out.f64(*x));
    out.end_array();
}

/// The counterpart of [`write_exact`].
pub(super) fn read_exact(input: &mut toon::Reader<'_>) -> Result<Vec<f64>> {
    input.str()?;
    input.array()?;
    let mut values = vec![];
    while input.more()? {
        values.push(input.f64()?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};

    /// x through [0.5, −0.25, 0.125] is d: the weights become that filter.
    #[test]
    fn it_identifies_a_filter() {
        let x = noise(4000);
        let at = |n: usize, k: usize| n.checked_sub(k).map_or(0.0, |i| x[i]);
        let frames: Vec<f32> =
            (0..x.len()).flat_map(|n| [x[n], 0.5 * x[n] - 0.25 * at(n, 1) + 0.125 * at(n, 2)]).collect();
        for normalized in [false, true] {
            let mut stage = make::<LmsFilter>(&json!({ "numTaps": 4, "mu": 0.1, "normalized": normalized }));
            let errors = run(&mut stage, &frames, 2);
            // 4000 steps of a contraction: what is left is rounding of the float32 input.
            assert!(errors[7900..].iter().all(|e| e.abs() < 1e-4), "{:?}", &errors[7990..]);
            assert_eq!(errors[100], errors[101]);
        }
    }

    #[test]
    fn errors() {
        for (params, kind) in [
            (json!({}), "numTaps must be a positive integer"),
            (json!({ "numTaps": 2.5 }), "numTaps must be a positive integer"),
            (json!({ "numTaps": 3_000_000 }), "numTaps must be at most"),
            (json!({ "numTaps": 4, "mu": 0 }), "learningRate (mu) must be in (0, 1]"),
            (json!({ "numTaps": 4, "lambda": 1 }), "lambda must be in [0, 1)"),
            (json!({ "numTaps": 4, "normalized": 1 }), "normalized must be a boolean"),
        ] {
            let error = try_make::<LmsFilter>(&params).unwrap_err().to_string();
            assert!(error.contains(kind), "{error}");
        }
    }
}
