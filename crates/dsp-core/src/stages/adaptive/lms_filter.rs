//! `LmsFilter`: least-mean-squares noise cancellation. Channel 0 is the input x, channel 1 the desired signal d; both
//! channels come out as the error `e = d − y`.
//!
//! `y = Σ w[i]·x[n−i]`, `e = d − y`, `w[i] ← (1 − mu·lambda)·w[i] + mu′·e·x[n−i]`; normalised,
//! `p ← 0.99·p + 0.01·x[n]²` and `mu′ = mu/(10⁻⁶ + p·N)`, else `mu′ = mu`. No latency. (Widrow & Hoff 1960; Haykin,
//! *Adaptive Filter Theory*.)

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::adaptive::LmsStep;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::adaptive::lms::Lms;
use crate::state::archive::Archive;

/// Largest number of taps.
pub(crate) const MAX_TAPS: usize = 1 << 20;

crate::params! {
    /// Parameters of `LmsFilter`.
    pub struct LmsFilterParams {
        /// Number of weights, at most 1,048,576.
        pub num_taps: usize = integer().at_least(1.0),
        /// Step size.
        pub learning_rate: f64 = number().above(0.0).at_most(1.0).range_error().or(0.01).also(&["mu"]),
        /// Leak: the weights shrink by `learningRate·lambda` per sample.
        pub lambda: f64 = number().at_least(0.0).below(1.0).range_error().or(0.0),
        /// Whether the step is divided by the input power.
        pub normalized: bool = flag().plain_error().or_flag(false),
    }
}

/// An adaptive filter; its weights are allocated with the first samples.
#[derive(Debug, Clone)]
pub struct LmsFilter {
    taps: usize,
    step: LmsStep,
    lms: Option<Lms>,
    output: Vec<f32>,
    desired: Vec<f32>,
}

/// Checks the number of taps.
///
/// # Errors
/// `RangeError` if there are more than `limit`.
pub(super) fn check_taps(label: &str, taps: usize, limit: usize) -> Result<()> {
    if taps <= limit {
        return Ok(());
    }
    Err(Error::range(format!("{label}: numTaps must be at most {limit}, got {taps}")))
}

/// Checks that there is one channel of input and one of the desired signal.
///
/// # Errors
/// If there is any other number of channels.
pub(super) fn check_two_channels(label: &str, channels: usize) -> Result<()> {
    if channels == 2 {
        return Ok(());
    }
    Err(Error::failed(format!("{label} requires exactly 2 channels (input and desired), got {channels}")))
}

impl LmsFilter {
    fn params(&self) -> LmsFilterParams {
        let LmsStep { mu, lambda, normalized, .. } = self.step;
        LmsFilterParams { num_taps: self.taps, learning_rate: mu, lambda, normalized }
    }

    /// Restores a saved state, whose parameters replace those of the stage.
    fn restore(&mut self, params: &LmsFilterParams, running: Option<Running>) -> Result<()> {
        params.check(Self::LABEL)?;
        *self = Self::new(params)?;
        let Some(Running { weights, history, power }) = running else { return Ok(()) };
        if weights.len() != self.taps {
            let n = weights.len();
            return Err(Error::failed(format!("LmsFilter: weight vector size mismatch: {n} for {} taps", self.taps)));
        }
        let mut lms = Lms::new(self.taps)?;
        lms.set_weights(weights.into_iter());
        lms.set_history(history.into_iter());
        lms.set_power(power);
        self.lms = Some(lms);
        Ok(())
    }
}

/// The fields of a saved state once the filter has begun. States of the original have neither history nor power.
struct Running {
    weights: Vec<f64>,
    history: Vec<f32>,
    power: f64,
}

impl Running {
    fn of(lms: Option<&Lms>) -> Self {
        let weights = lms.map(|lms| lms.weights().collect()).unwrap_or_default();
        let history = lms.map(|lms| lms.history().collect()).unwrap_or_default();
        Self { weights, history, power: lms.map_or(1.0, Lms::power) }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.rounded_list("weights", &mut self.weights)?;
        if archive.follows("history") {
            archive.sample_list("history", &mut self.history)?;
        }
        if archive.is_json() && archive.follows("inputPower") {
            self.power = archive.f64("inputPower", self.power)?;
        }
        Ok(())
    }
}

/// Walks the exact numbers whose float32 tokens a TOON state has before.
fn exact_numbers(params: &mut LmsFilterParams, running: Option<&mut Running>, archive: &mut Archive<'_>) -> Result<()> {
    let mut ours = vec![params.learning_rate, params.lambda];
    if let Some(Running { weights, power, .. }) = &running {
        ours.push(*power);
        ours.extend(weights);
    }
    let Some(read) = archive.exact_tail(ours)? else { return Ok(()) };
    match (read.as_slice(), running) {
        ([mu, lambda], None) => (params.learning_rate, params.lambda) = (*mu, *lambda),
        ([mu, lambda, power, weights @ ..], Some(running)) => {
            (params.learning_rate, params.lambda) = (*mu, *lambda);
            (running.power, running.weights) = (*power, weights.to_vec());
        }
        _ => return Err(Error::failed("LmsFilter: the f64 numbers have the wrong size")),
    }
    Ok(())
}

impl Define for LmsFilter {
    type Params = LmsFilterParams;
    const TYPES: &'static [&'static str] = &["lmsFilter"];
    const METHOD: &'static str = "LmsFilter";
    const DOC: &'static str = "Least-mean-squares noise cancellation: channel 0 is the input, channel 1 the desired \
        signal, both come out as the error.\nProcessing takes exactly 2 channels.\n\
        @throws RangeError if `numTaps` is above 1,048,576";

    fn new(params: &LmsFilterParams) -> Result<Self> {
        let &LmsFilterParams { num_taps: taps, learning_rate: mu, lambda, normalized } = params;
        check_taps(Self::METHOD, taps, MAX_TAPS)?;
        let step = LmsStep { mu, lambda, normalized, adapt: true };
        Ok(Self { taps, step, lms: None, output: Vec::new(), desired: Vec::new() })
    }

    fn label(&self, _: &LmsFilterParams) -> String {
        format!("lmsFilter:{}taps", self.taps)
    }

    fn traits(_: &LmsFilterParams) -> Traits {
        Traits { channels: &[2], independent: false, ..Traits::STREAM }
    }

    fn examples() -> Vec<Value> {
        // A step that is too large for the number of taps diverges.
        let of = |num_taps, learning_rate, lambda, normalized| {
            LmsFilterParams { num_taps, learning_rate, lambda, normalized }.to_value()
        };
        vec![of(1, 0.01, 0.0, false), of(5, 1e-3, 0.0, false), of(17, 0.02, 0.1, true)]
    }
}

impl Stage for LmsFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        check_two_channels(Self::METHOD, block.channels())?;
        if block.is_empty() {
            return Ok(());
        }
        let lms = match &mut self.lms {
            Some(lms) => lms,
            none => none.insert(Lms::new(self.taps)?),
        };
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

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.object(|archive| {
            let mut params = self.params();
            params.num_taps = archive.count("numTaps", params.num_taps)?;
            params.learning_rate = archive.rounded("learningRate", params.learning_rate)?;
            params.normalized = archive.flag("normalized", params.normalized)?;
            params.lambda = archive.rounded("lambda", params.lambda)?;
            let has_begun = archive.flag("initialized", self.lms.is_some())?;
            // What a state lacks is not taken from the stage that loads it.
            let ours = self.lms.as_ref().filter(|_| !archive.is_loading());
            let mut running = has_begun.then(|| Running::of(ours));
            if let Some(running) = &mut running {
                running.state(archive)?;
            }
            exact_numbers(&mut params, running.as_mut(), archive)?;
            if archive.is_loading() { self.restore(&params, running) } else { Ok(()) }
        })
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        3.0 + self.taps as f64 * 0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

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
    fn what_a_state_lacks_is_not_taken_from_the_stage_that_loads_it() {
        let mut used = make::<LmsFilter>(&json!({ "numTaps": 2, "normalized": true }));
        run(&mut used, &[1.0, 2.0, 3.0, 4.0], 2);
        let mut state = used.save().unwrap();
        state.as_object_mut().unwrap().retain(|key, _| key != "history" && key != "inputPower");
        used.load(&state).unwrap();
        let loaded = used.save().unwrap();
        assert_eq!((&loaded["history"], &loaded["inputPower"]), (&json!([0, 0]), &json!(1)));
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
