//! `RlsFilter`: recursive least squares noise cancellation. Channel 0 is the input x, channel 1 the desired signal d; both
//! channels come out as the error.
//!
//! `q = P·v`, `k = q / (λ + vᵀq)`, `e = d − wᵀv`, `w ← w + k·e`, `P ← (P − k·qᵀ)/λ` with `P = δ·I` at first (textbooks:
//! I/δ). No latency. P is kept as U·D·Uᵀ (Bierman, *Factorization Methods for Discrete Sequential Estimation*, 1977):
//! it stays positive definite over any number of samples, where P itself loses that to rounding as soon as the input
//! leaves a direction unexcited. In silence P grows as λ⁻ⁿ, up to a bound.

use serde_json::{Value as Json, json};

use super::lms_filter::{check_two_channels, read_exact, taps, write_exact};
use crate::block::Block;
use crate::design::options::Design;
use crate::error::{Error, Result};
use crate::kernels::adaptive;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// Most taps: P has the square of it.
const MAX_TAPS: usize = 4096;
/// Bound of the diagonal D. Far beyond any use, and its product with the square of a float32 is finite.
const LIMIT: f64 = 1e100;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct RlsFilter {
    taps: usize,
    lambda: f64,
    delta: f64,
    design: Design,
    /// Made by the first samples.
    running: Option<Running>,
}

#[derive(Debug, Clone, PartialEq)]
struct Running {
    /// `weights[N−1]` belongs to the newest sample.
    weights: Vec<f64>,
    /// The last inputs, oldest first, at most N.
    buffer: Vec<f64>,
    /// Columns of the unit upper triangle U above its diagonal, one after the other.
    factor: Vec<f64>,
    /// D.
    diagonal: Vec<f64>,
    gain: Vec<f64>,
    regressor: Vec<f64>,
}

/// Where column `j` of a packed strict upper triangle begins.
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

    /// Takes the next input in and returns the error.
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

    /// P = U·D·Uᵀ, row by row.
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

    /// U and D of P (the mean of it and its transpose), from the last column to the first.
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

impl RlsFilter {
    fn set_parameters(&mut self, taps: usize, lambda: f64, delta: f64) -> Result<()> {
        let valid = (1..=MAX_TAPS).contains(&taps) && lambda > 0.0 && lambda <= 1.0 && delta > 0.0 && delta.is_finite();
        if !valid {
            return Err(Error::failed("RlsFilter: the state's parameters are out of range"));
        }
        (self.taps, self.lambda, self.delta) = (taps, lambda, delta);
        self.running = None;
        Ok(())
    }

    /// `factors` are U and D behind each other; without them they come from P.
    fn restore(&mut self, weights: Vec<f64>, p: Vec<f64>, buffer: Vec<f64>, factors: Option<&[f64]>) -> Result<()> {
        let taps = self.taps;
        let packed = column(taps);
        let fits = weights.len() == taps && buffer.len() <= taps && p.len() == taps * taps;
        if !fits || factors.is_some_and(|f| f.len() != packed + taps) {
            return Err(Error::failed(format!("RlsFilter: size mismatch between the vectors and numTaps {taps}")));
        }
        let mut running = Running::new(taps, self.delta);
        running.weights = weights;
        running.buffer.extend(buffer);
        match factors {
            Some(factors) => {
                running.factor.copy_from_slice(&factors[..packed]);
                running.diagonal.copy_from_slice(&factors[packed..]);
            }
            None => running.factorize(p),
        }
        self.running = Some(running);
        Ok(())
    }
}

impl Define for RlsFilter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["rlsFilter"];
    const METHOD: &'static str = "RlsFilter";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `RlsFilter`. */
export interface RlsFilterParams {
  /** Number of weights, 1 to 4096. */
  numTaps: number;
  /** Forgetting factor, above 0 and at most 1. */
  lambda: number;
  /** Initial uncertainty: P = delta·I (textbooks: I/delta). A large one means a fast start. Above 0, default 0.01. */
  delta?: number;
  /** Default: that of the pipeline, else that of `setDefaultDesign`. */
  design?: FilterDesign;
}
method {
  /**
   * Recursive least squares noise cancellation: channel 0 is the input, channel 1 the desired signal, both come out as the
   * error.
   * @throws TypeError, RangeError if a parameter is missing or out of range; processing takes exactly 2 channels
   */
  RlsFilter(params: RlsFilterParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let design = Design::from_value(params.get("design"), Design::Standard)?;
        let taps = taps(Self::METHOD, params, MAX_TAPS)?;
        let Some(lambda) = params.number("lambda") else {
            return Err(Error::type_error(format!("RlsFilter: lambda is required, got {}", params.get("lambda"))));
        };
        if !(lambda > 0.0 && lambda <= 1.0) {
            return Err(Error::range(format!("RlsFilter: lambda must be in (0, 1], got {}", params.get("lambda"))));
        }
        let delta = match params.get("delta") {
            Value::Undefined => 0.01,
            Value::Number(d) if *d > 0.0 && *d <= LIMIT => *d,
            other => return Err(Error::range(format!("RlsFilter: delta must be > 0, got {other}"))),
        };
        Ok(Self { taps, lambda, delta, design, running: None })
    }

    fn label(&self, params: &Params) -> String {
        format!("rlsFilter:{}taps:λ={}", self.taps, params.get("lambda"))
    }
}

impl Stage for RlsFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        check_two_channels(Self::METHOD, block.channels())?;
        if block.is_empty() {
            return Ok(());
        }
        let (taps, delta) = (self.taps, self.delta);
        let running = self.running.get_or_insert_with(|| Running::new(taps, delta));
        for frame in block.interleaved().chunks_exact_mut(2) {
            let error = running.step(f64::from(frame[0]), f64::from(frame[1]), self.lambda, self.design);
            frame.fill(error as f32);
        }
        Ok(())
    }

    fn reset(&mut self) {
        if let Some(running) = &mut self.running {
            *running = Running::new(self.taps, self.delta);
        }
    }

    fn set_design(&mut self, design: Design) {
        self.design = design;
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "numTaps": self.taps,
            "lambda": json::num(self.lambda),
            "delta": json::num(self.delta),
            "initialized": self.running.is_some(),
        });
        if let Some(running) = &self.running {
            state["weights"] = json::nums(running.weights.iter().copied());
            state["inverseCov"] = json::nums(running.inverse_covariance());
            state["buffer"] = json::nums(running.buffer.iter().copied());
            state["factors"] = json::nums(running.factor.iter().chain(&running.diagonal).copied());
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (lambda, delta) = (json::number(state, "lambda")?, json::number(state, "delta")?);
        self.set_parameters(json::count(state, "numTaps")?, lambda, delta)?;
        if !json::boolean(state, "initialized")? {
            return Ok(());
        }
        let factors = state.get("factors").is_some().then(|| json::numbers(state, "factors")).transpose()?;
        let (weights, p) = (json::numbers(state, "weights")?, json::numbers(state, "inverseCov")?);
        self.restore(weights, p, json::numbers(state, "buffer")?, factors.as_deref())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.object();
        out.str("numTaps");
        out.int(self.taps)?;
        out.str("lambda");
        out.f32(self.lambda as f32);
        out.str("delta");
        out.f32(self.delta as f32);
        out.str("initialized");
        out.bool(self.running.is_some());
        let mut exact = vec![self.lambda, self.delta];
        if let Some(running) = &self.running {
            let p = running.inverse_covariance();
            out.str("weights");
            out.f32s(running.weights.iter().map(|w| *w as f32));
            out.str("inverseCov");
            out.f32s(p.iter().map(|x| *x as f32));
            out.str("buffer");
            out.f32s(running.buffer.iter().map(|x| *x as f32));
            exact.extend(&running.weights);
            exact.extend(p);
            running.factor.iter().chain(&running.diagonal).for_each(|x| out.exact(*x));
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
        let mut lambda = f64::from(input.f32()?);
        input.str()?;
        let mut delta = f64::from(input.f32()?);
        input.str()?;
        let initialized = input.bool()?;
        let mut lists = vec![];
        if initialized {
            for _ in 0..3 {
                input.str()?;
                lists.push(input.f32s()?.into_iter().map(f64::from).collect::<Vec<_>>());
            }
        }
        let mut has_factors = false;
        if input.more_in_object()? {
            let exact = read_exact(input)?;
            if exact.len() < 2 || initialized && exact.len() != 2 + taps + lists[1].len() {
                return Err(Error::failed("RlsFilter: size mismatch of the f64 numbers"));
            }
            (lambda, delta) = (exact[0], exact[1]);
            if initialized {
                lists[0] = exact[2..2 + taps].to_vec();
                lists[1] = exact[2 + taps..].to_vec();
                has_factors = input.is_exact();
            }
            input.end_object()?;
        }
        self.set_parameters(taps, lambda, delta)?;
        if !initialized {
            return Ok(());
        }
        let mut factors = vec![];
        if has_factors {
            for _ in 0..column(taps) + taps {
                factors.push(input.exact()?.unwrap_or(f64::NAN));
            }
        }
        let [weights, p, buffer] = <[Vec<f64>; 3]>::try_from(lists).expect("three lists were read");
        self.restore(weights, p, buffer, has_factors.then_some(&factors))
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        5.0 + self.taps as f64 * self.taps as f64 * 0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};

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
            // In the unexcited directions the weights follow the rounding of the input, as least squares says; that shows
            // where sine and silence meet, and stays below the signal itself. NaN is the largest number to `total_cmp`.
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
