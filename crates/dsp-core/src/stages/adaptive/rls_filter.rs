//! `RlsFilter`: recursive least squares noise cancellation. Channel 0 is the input x, channel 1 the desired signal d;
//! both channels come out as the error.
//!
//! `q = P·v`, `k = q / (λ + vᵀq)`, `e = d − wᵀv`, `w ← w + k·e`, `P ← (P − k·qᵀ)/λ` with `P = δ·I` at first (textbooks:
//! I/δ). No latency. P is kept as U·D·Uᵀ (Bierman, *Factorization Methods for Discrete Sequential Estimation*, 1977):
//! it stays positive definite over any number of samples, which rounding would not allow P itself once the input leaves
//! a direction unexcited. In silence P grows as λ⁻ⁿ, up to a bound.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::adaptive;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::adaptive::lms_filter::{check_taps, check_two_channels};
use crate::state::archive::Archive;
use crate::text::js_number;

/// Largest number of taps: P grows with its square.
const MAX_TAPS: usize = 4096;
/// Upper bound of the diagonal D, beyond any practical value; its product with the square of a float32 is finite.
const LIMIT: f64 = 1e100;

/// Smallest forgetting factor: one sample of silence multiplies P by 1/λ, and a filter with a smaller one remembers the
/// last sample only.
const MIN_LAMBDA: f64 = 1e-6;

crate::params! {
    /// Parameters of `RlsFilter`.
    pub struct RlsFilterParams {
        /// Whose start-up the filter has: until `numTaps` samples have come, the zeros that stand for the missing ones
        /// lie before them, in dspx's design behind them.
        pub design: Option<Design> =
            one_of(Design::TEXTS).optional_as("that of the pipeline, else that of `setDefaultDesign`"),
        /// Number of weights, at most 4096.
        pub num_taps: usize = integer().at_least(1.0).try_with(&[8.0, 1.0]),
        /// Forgetting factor.
        pub lambda: f64 =
            number()
                .at_least(MIN_LAMBDA)
                .at_most(1.0)
                .rule("in (0, 1], at least 0.000001")
                .range_error()
                .required("lambda is required")
                .try_with(&[0.98, 1.0]),
        /// Initial uncertainty: P = delta·I (textbooks: I/delta). A large one means a fast start.
        pub delta: f64 = number().above(0.0).at_most(LIMIT).rule("> 0").range_error().or(0.01).try_with(&[0.01, 5.0]),
    }
}

/// An adaptive filter; its weights are allocated with the first samples.
#[derive(Debug, Clone)]
pub struct RlsFilter {
    params: RlsFilterParams,
    running: Option<Running>,
}

#[derive(Debug, Clone, PartialEq)]
struct Running {
    /// Weights; `weights[N−1]` belongs to the newest sample.
    weights: Vec<f64>,
    /// The last inputs, oldest first, at most N.
    buffer: Vec<f64>,
    /// Columns of the unit upper triangle U above its diagonal, one after the other.
    factor: Vec<f64>,
    /// Diagonal of D.
    diagonal: Vec<f64>,
    gain: Vec<f64>,
    regressor: Vec<f64>,
}

/// Returns where column `j` of a packed strict upper triangle begins.
fn column(j: usize) -> usize {
    j * j.saturating_sub(1) / 2
}

impl Running {
    fn new(taps: usize, delta: f64) -> Self {
        Self {
            weights: vec![0.0; taps],
            buffer: Vec::with_capacity(taps),
            factor: vec![0.0; column(taps)],
            diagonal: vec![delta; taps],
            gain: vec![0.0; taps],
            regressor: vec![0.0; taps],
        }
    }

    /// Processes the next input and returns the error.
    fn step(&mut self, x: f64, d: f64, lambda: f64, design: Design) -> f64 {
        let taps = self.weights.len();
        if self.buffer.len() == taps {
            self.buffer.copy_within(1.., 0);
            self.buffer[taps - 1] = x;
        } else {
            self.buffer.push(x);
        }
        // While it fills, the zeros stand before the samples; the original has them behind.
        let seen = self.buffer.len();
        let from = if design == Design::Dspx { 0 } else { taps - seen };
        self.regressor.fill(0.0);
        self.regressor[from..from + seen].copy_from_slice(&self.buffer);

        let v = &self.regressor;
        let error = d - adaptive::dot_product(&self.weights, v);
        let scale = adaptive::rls_gain(&mut self.factor, &mut self.diagonal, v, lambda, LIMIT, &mut self.gain);
        adaptive::add_scaled(&mut self.weights, error / scale, &self.gain);
        error
    }

    /// Returns P = U·D·Uᵀ, row by row.
    fn inverse_covariance(&self) -> Vec<f64> {
        let taps = self.weights.len();
        // Rows of U from the diagonal on, and the same times D: every element of P is then one dot product.
        let mut rows = vec![0.0; taps * taps];
        for j in 0..taps {
            rows[j * taps + j] = 1.0;
            for (i, u) in self.factor[column(j)..][..j].iter().enumerate() {
                rows[i * taps + j] = *u;
            }
        }
        let mut p = vec![0.0; taps * taps];
        let mut scaled = vec![0.0; taps];
        for j in 0..taps {
            let row = &rows[j * taps..][..taps];
            scaled.iter_mut().zip(row).zip(&self.diagonal).for_each(|((s, u), d)| *s = u * d);
            for i in 0..=j {
                let element = adaptive::dot_product(&scaled[j..], &rows[i * taps + j..(i + 1) * taps]);
                p[i * taps + j] = element;
                p[j * taps + i] = element;
            }
        }
        p
    }

    /// Computes U and D of P (the mean of it and its transpose), from the last column to the first.
    fn factorize(&mut self, mut p: Vec<f64>) {
        let taps = self.weights.len();
        let largest = (0..taps).map(|i| p[i * taps + i]).fold(0.0, f64::max);
        for i in 0..taps {
            for j in 0..i {
                p[i * taps + j] = (p[i * taps + j] + p[j * taps + i]) / 2.0;
            }
        }
        let mut u = vec![0.0; taps];
        for j in (0..taps).rev() {
            let d = p[j * taps + j];
            // A float32 state may be slightly indefinite: such a direction is next to fully known.
            let d = if d <= 0.0 { f64::EPSILON * largest } else { d };
            self.diagonal[j] = d;
            for (u, p) in u[..j].iter_mut().zip(&p[j * taps..]) {
                *u = if d == 0.0 { 0.0 } else { p / d };
            }
            for i in 0..j {
                adaptive::add_scaled(&mut p[i * taps..=i * taps + i], -u[i] * d, &u[..=i]);
            }
            self.factor[column(j)..][..j].copy_from_slice(&u[..j]);
        }
    }
}

/// The fields of a saved state once the filter has begun.
#[derive(Default)]
struct Saved {
    weights: Vec<f64>,
    inverse_covariance: Vec<f64>,
    buffer: Vec<f64>,
    /// U and D one after the other, from which P follows; states of the original have P only.
    factors: Option<Vec<f64>>,
}

impl Saved {
    fn of(running: &Running) -> Self {
        Self {
            weights: running.weights.clone(),
            inverse_covariance: running.inverse_covariance(),
            buffer: running.buffer.clone(),
            factors: Some([&running.factor[..], &running.diagonal].concat()),
        }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.rounded_list("weights", &mut self.weights)?;
        archive.rounded_list("inverseCov", &mut self.inverse_covariance)?;
        archive.rounded_list("buffer", &mut self.buffer)?;
        if archive.is_json() && archive.follows("factors") {
            let factors = archive.doubles("factors", self.factors.as_deref().unwrap_or_default())?;
            self.factors = factors.or(self.factors.take());
        }
        Ok(())
    }

    /// Walks `count` factors, which are in the appendix of TOON states.
    fn appended_factors(&mut self, count: usize, archive: &mut Archive<'_>) -> Result<()> {
        let ours = self.factors.take().unwrap_or_default();
        let mut walked = Vec::with_capacity(ours.len());
        for at in 0..count {
            let factor = ours.get(at).copied().unwrap_or(f64::NAN);
            walked.push(archive.appendix(factor)?.unwrap_or(factor));
        }
        self.factors = Some(walked);
        Ok(())
    }

    fn into_running(self, params: &RlsFilterParams) -> Result<Running> {
        let taps = params.num_taps;
        let packed = column(taps);
        let Self { weights, inverse_covariance: p, buffer, factors } = self;
        let fits = weights.len() == taps && buffer.len() <= taps && p.len() == taps * taps;
        if !fits || factors.as_ref().is_some_and(|factors| factors.len() != packed + taps) {
            return Err(Error::failed(format!("RlsFilter: size mismatch between the vectors and numTaps {taps}")));
        }
        let mut running = Running::new(taps, params.delta);
        running.weights = weights;
        running.buffer.extend(buffer);
        match factors {
            Some(factors) => {
                running.factor.copy_from_slice(&factors[..packed]);
                running.diagonal.copy_from_slice(&factors[packed..]);
            }
            None => running.factorize(p),
        }
        Ok(running)
    }
}

/// Walks the exact numbers whose float32 tokens a TOON state has before. Returns whether any were read.
fn exact_numbers(params: &mut RlsFilterParams, saved: Option<&mut Saved>, archive: &mut Archive<'_>) -> Result<bool> {
    let mut ours = vec![params.lambda, params.delta];
    if let Some(saved) = &saved {
        ours.extend(saved.weights.iter().chain(&saved.inverse_covariance));
    }
    let Some(read) = archive.exact_tail(ours)? else { return Ok(false) };
    let (weights, covariance) = saved.as_ref().map_or((0, 0), |s| (s.weights.len(), s.inverse_covariance.len()));
    let [lambda, delta, lists @ ..] = read.as_slice() else {
        return Err(Error::failed("RlsFilter: size mismatch of the f64 numbers"));
    };
    (params.lambda, params.delta) = (*lambda, *delta);
    if let Some(saved) = saved {
        if lists.len() != weights + covariance {
            return Err(Error::failed("RlsFilter: size mismatch of the f64 numbers"));
        }
        saved.weights = lists[..weights].to_vec();
        saved.inverse_covariance = lists[weights..].to_vec();
    }
    Ok(true)
}

impl Define for RlsFilter {
    type Params = RlsFilterParams;
    const TYPES: &'static [&'static str] = &["rlsFilter"];
    const METHOD: &'static str = "RlsFilter";
    const DOC: &'static str = "Recursive least squares noise cancellation: channel 0 is the input, channel 1 the \
        desired signal, both come out as the\nerror. Processing takes exactly 2 channels.\n\
        @throws RangeError if `numTaps` is above 4096";

    fn new(params: &RlsFilterParams) -> Result<Self> {
        check_taps(Self::METHOD, params.num_taps, MAX_TAPS)?;
        Ok(Self { params: params.clone(), running: None })
    }

    fn label(&self, params: &RlsFilterParams) -> String {
        format!("rlsFilter:{}taps:λ={}", params.num_taps, js_number(params.lambda))
    }

    fn from_state(_: &str, state: &Json, design: Design) -> Result<Self> {
        let mut params = RlsFilterParams::read(Self::LABEL, &Value::from(state))?;
        params.design.get_or_insert(design);
        Self::new(&params)
    }

    fn traits(_: &RlsFilterParams) -> Traits {
        Traits { channels: &[2], independent: false, ..Traits::STREAM }
    }
}

impl Stage for RlsFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        check_two_channels(Self::METHOD, block.channels())?;
        if block.is_empty() {
            return Ok(());
        }
        let RlsFilterParams { design, num_taps, lambda, delta } = self.params;
        let running = self.running.get_or_insert_with(|| Running::new(num_taps, delta));
        for frame in block.interleaved().chunks_exact_mut(2) {
            let error = running.step(f64::from(frame[0]), f64::from(frame[1]), lambda, design.unwrap_or_default());
            frame.fill(error as f32);
        }
        Ok(())
    }

    fn reset(&mut self) {
        if let Some(running) = &mut self.running {
            *running = Running::new(self.params.num_taps, self.params.delta);
        }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.object(|archive| {
            let mut params = self.params.clone();
            // States of the original say nothing of it, and neither do those of the standard.
            if archive.is_json() && archive.optional("design", params.design == Some(Design::Dspx)) {
                params.design = Some(archive.named("design", Design::Dspx, "design")?);
            }
            params.num_taps = archive.count("numTaps", params.num_taps)?;
            params.lambda = archive.rounded("lambda", params.lambda)?;
            params.delta = archive.rounded("delta", params.delta)?;
            let has_begun = archive.flag("initialized", self.running.is_some())?;
            // What a state lacks is not taken from the stage that loads it.
            let ours = self.running.as_ref().filter(|_| !archive.is_loading());
            let mut saved = has_begun.then(|| ours.map(Saved::of).unwrap_or_default());
            if let Some(saved) = &mut saved {
                saved.state(archive)?;
            }
            let has_exact = exact_numbers(&mut params, saved.as_mut(), archive)?;
            if archive.is_loading() {
                params.check(Self::LABEL)?;
                *self = Self::new(&params)?;
            }
            if let Some(saved) = &mut saved
                && !archive.is_json()
                && archive.tokens_in().is_none_or(|input| has_exact && input.is_exact())
            {
                saved.appended_factors(column(params.num_taps) + params.num_taps, archive)?;
            }
            if archive.is_loading() {
                self.running = saved.map(|saved| saved.into_running(&params)).transpose()?;
            }
            Ok(())
        })
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        5.0 + (self.params.num_taps as f64).powi(2) * 0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

    /// x and 0.5·x[n] − 0.25·x[n−3], interleaved.
    fn frames(x: &[f32]) -> Vec<f32> {
        let at = |n: usize, k: usize| n.checked_sub(k).map_or(0.0, |i| x[i]);
        (0..x.len()).flat_map(|n| [x[n], 0.5 * x[n] - 0.25 * at(n, 3)]).collect()
    }

    #[test]
    fn it_identifies_a_filter() {
        let mut stage = make::<RlsFilter>(&json!({ "numTaps": 4, "lambda": 0.9, "delta": 100 }));
        let errors = run(&mut stage, &frames(&noise(300)), 2);
        // The initial P is forgotten as 0.9ⁿ; then only the rounding of the float32 input is left.
        assert!(errors[400..].iter().all(|e| e.abs() < 1e-6), "{:?}", &errors[590..]);
    }

    /// A sine excites two of eight directions, silence none: P grows in the others for a million samples.
    #[test]
    fn it_stays_stable_over_a_million_samples() {
        let silent = |n: usize| n % 10_000 >= 8_000;
        let x: Vec<f32> = (0..1_000_000).map(|n| if silent(n) { 0.0 } else { (n as f64 * 0.3).sin() as f32 }).collect();
        for design in ["standard", "dspx"] {
            let mut stage = make::<RlsFilter>(&json!({ "numTaps": 8, "lambda": 0.99, "design": design }));
            let errors = run(&mut stage, &frames(&x), 2);
            let largest = |part: &[f32]| part.iter().map(|e| e.abs()).max_by(f32::total_cmp).unwrap();
            // In the unexcited directions the weights follow the rounding of the input, as least squares says; that
            // shows where sine and silence meet, and stays below the signal itself. NaN is the largest number to
            // `total_cmp`.
            assert!(largest(&errors[40_000..]) < 0.7, "{design}: {}", largest(&errors[40_000..]));
            assert!(largest(&errors[2 * 996_000..2 * 998_000]) < 1e-6, "{design}");
        }
    }

    #[test]
    fn factors_reproduce_p() {
        let mut running = Running::new(6, 0.5);
        for (n, x) in noise(40).into_iter().enumerate() {
            running.step(f64::from(x), n as f64 * 0.01, 0.95, Design::Standard);
        }
        let p = running.inverse_covariance();
        let mut again = running.clone();
        again.factorize(p.clone());
        for (x, y) in again.inverse_covariance().iter().zip(&p) {
            assert!((x - y).abs() <= 1e-12 * p[0].abs(), "{x} {y}");
        }
    }

    #[test]
    fn what_a_state_lacks_is_not_taken_from_the_stage_that_loads_it() {
        let stage = || make::<RlsFilter>(&json!({ "numTaps": 3, "lambda": 0.9 }));
        let (mut used, mut other) = (stage(), stage());
        run(&mut used, &noise(12), 2);
        run(&mut other, &noise(40), 2);
        let mut state = used.save().unwrap();
        state.as_object_mut().unwrap().remove("factors");
        other.load(&state).unwrap();
        let loaded = other.save().unwrap();
        let covariance = |state| crate::state::json::numbers(state, "inverseCov").unwrap();
        for (x, y) in covariance(&loaded).into_iter().zip(covariance(&state)) {
            // P of U·D·Uᵀ made of P: a few roundings.
            assert!((x - y).abs() <= 1e-12 * y.abs().max(1e-2), "{x} {y}");
        }
    }

    #[test]
    fn errors() {
        for (params, text) in [
            (json!({ "lambda": 0.9 }), "numTaps must be a positive integer"),
            (json!({ "numTaps": 5000, "lambda": 0.9 }), "numTaps must be at most 4096"),
            (json!({ "numTaps": 4 }), "lambda is required"),
            (json!({ "numTaps": 4, "lambda": 0 }), "lambda must be in (0, 1]"),
            (json!({ "numTaps": 4, "lambda": 0.9, "delta": 0 }), "delta must be > 0"),
            (json!({ "numTaps": 4, "lambda": 0.9, "design": "x" }), "design must be"),
        ] {
            let error = try_make::<RlsFilter>(&params).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
