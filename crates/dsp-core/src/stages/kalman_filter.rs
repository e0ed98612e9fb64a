//! `KalmanFilter`: tracks positions with a constant-velocity model, one channel per dimension.
//!
//! State (position, velocity) per dimension, `F = [1 dt; 0 1]`, `P ← F P Fᵀ + q·I`, gain `P Hᵀ/(P₁₁ + r)` with `H = [1 0]`.
//! The dimensions never couple, so each is a filter of its own. The first frame sets the positions. `dt` is the time
//! between frames in seconds: from explicit timestamps, else 1/sampleRate, else 1/360. No latency. (Kalman 1960.)

use serde_json::{Value as Json, json};

use super::lms_filter::read_exact;
use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::adaptive::{KalmanState, kalman_1, kalman_2, kalman_4, kalman_8, kalman_16};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

const MAX_DIMENSIONS: usize = 10;
/// Seconds between frames where nothing says otherwise.
const DEFAULT_INTERVAL: f64 = 1.0 / 360.0;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct KalmanFilter {
    dimensions: usize,
    q: f64,
    r: f64,
    p0: f64,
    /// Whether there was a frame; the state means nothing before.
    initialized: bool,
    state: KalmanState<16>,
    /// Time of the last frame in ms, if it was given.
    last: Option<f64>,
    /// Seconds since the frame before, for each frame of a call.
    steps: Vec<f64>,
}

impl KalmanFilter {
    fn at_rest(&self) -> KalmanState<16> {
        let (zero, p0) = ([0.0; 16], [self.p0; 16]);
        KalmanState { position: zero, velocity: zero, pp: p0, pv: zero, vv: p0 }
    }

    fn set_parameters(&mut self, dimensions: usize, q: f64, r: f64, p0: f64) -> Result<()> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) || !positive(q) || !positive(r) || !positive(p0) {
            return Err(Error::failed("KalmanFilter: the state's parameters are out of range"));
        }
        (self.dimensions, self.q, self.r, self.p0) = (dimensions, q, r, p0);
        self.reset();
        Ok(())
    }

    /// Positions, then velocities.
    fn vector(&self) -> Vec<f64> {
        let d = self.dimensions;
        self.state.position[..d].iter().chain(&self.state.velocity[..d]).copied().collect()
    }

    /// The whole covariance, row by row.
    fn covariance(&self) -> Vec<f64> {
        let d = self.dimensions;
        let mut matrix = vec![0.0; 4 * d * d];
        for i in 0..d {
            let mut set = |row: usize, column: usize, value: f64| matrix[row * 2 * d + column] = value;
            set(i, i, self.state.pp[i]);
            set(i, d + i, self.state.pv[i]);
            set(d + i, i, self.state.pv[i]);
            set(d + i, d + i, self.state.vv[i]);
        }
        matrix
    }

    fn restore(&mut self, vector: &[f64], covariance: &[f64], last: Option<f64>) -> Result<()> {
        let d = self.dimensions;
        if vector.len() != 2 * d || covariance.len() != 4 * d * d {
            return Err(Error::failed(format!("KalmanFilter: size mismatch of the state for {d} dimensions")));
        }
        let at = |row: usize, column: usize| covariance[row * 2 * d + column];
        for i in 0..d {
            self.state.position[i] = vector[i];
            self.state.velocity[i] = vector[d + i];
            self.state.pp[i] = at(i, i);
            // The original's float32 matrix is symmetric but for rounding.
            self.state.pv[i] = (at(i, d + i) + at(d + i, i)) / 2.0;
            self.state.vv[i] = at(d + i, d + i);
        }
        self.initialized = true;
        self.last = last;
        Ok(())
    }

    fn set_steps(&mut self, block: &Block<'_>) {
        let nominal = block.interval().unwrap_or(DEFAULT_INTERVAL);
        let times = block.times();
        self.steps.clear();
        if times.is_regular() {
            self.steps.resize(block.frames(), nominal);
            self.last = None;
            return;
        }
        for frame in 0..block.frames() {
            let now = times.at(0, frame);
            let step = self.last.map_or(nominal, |before| (now - before) / 1000.0);
            self.steps.push(step);
            self.last = Some(now);
        }
    }
}

/// The first `L` dimensions.
fn narrow<const L: usize>(wide: &KalmanState<16>) -> KalmanState<L> {
    let take = |all: &[f64; 16]| *all.first_chunk::<L>().expect("at most 16");
    KalmanState {
        position: take(&wide.position),
        velocity: take(&wide.velocity),
        pp: take(&wide.pp),
        pv: take(&wide.pv),
        vv: take(&wide.vv),
    }
}

fn widen<const L: usize>(narrow: &KalmanState<L>, wide: &mut KalmanState<16>) {
    wide.position[..L].copy_from_slice(&narrow.position);
    wide.velocity[..L].copy_from_slice(&narrow.velocity);
    wide.pp[..L].copy_from_slice(&narrow.pp);
    wide.pv[..L].copy_from_slice(&narrow.pv);
    wide.vv[..L].copy_from_slice(&narrow.vv);
}

impl Define for KalmanFilter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["kalmanFilter"];
    const METHOD: &'static str = "KalmanFilter";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `KalmanFilter`. */
export interface KalmanFilterParams {
  /** Number of dimensions, one channel each: 1 to 10. Default 2. */
  dimensions?: number;
  /** Variance added to position and velocity per frame, above 0. Default 1e-5. */
  processNoise?: number;
  /** Variance of a measurement, above 0. Default 1e-2. */
  measurementNoise?: number;
  /** Initial variance of position and velocity, above 0. Default 1. */
  initialError?: number;
}
method {
  /**
   * Tracks positions with a constant-velocity model. The time between frames is that of explicit timestamps, else
   * 1/sampleRate, else 1/360 s.
   * @throws Error if a parameter is out of range; processing takes one channel per dimension
   */
  KalmanFilter(params?: KalmanFilterParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let value = params.get("dimensions");
        let dimensions = if value.is_undefined() { 2.0 } else { value.as_number().unwrap_or(f64::NAN).trunc() };
        if !(dimensions >= 1.0 && dimensions <= MAX_DIMENSIONS as f64) {
            return Err(Error::failed(format!("KalmanFilter: dimensions must be between 1 and 10, got {value}")));
        }
        let positive = |key: &str, default: f64| match params.get(key) {
            Value::Undefined => Ok(default),
            Value::Number(x) if *x > 0.0 && x.is_finite() => Ok(*x),
            other => Err(Error::failed(format!("KalmanFilter: {key} must be positive, got {other}"))),
        };
        let (q, r) = (positive("processNoise", 1e-5)?, positive("measurementNoise", 1e-2)?);
        let p0 = positive("initialError", 1.0)?;
        let zero = [0.0; 16];
        let state = KalmanState { position: zero, velocity: zero, pp: zero, pv: zero, vv: zero };
        let (dimensions, steps) = (dimensions as usize, Vec::new());
        let mut filter = Self { dimensions, q, r, p0, initialized: false, state, last: None, steps };
        filter.reset();
        Ok(filter)
    }

    fn label(&self, _: &Params) -> String {
        format!("kalmanFilter:{}D", self.dimensions)
    }
}

impl Stage for KalmanFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let channels = block.channels();
        if channels != self.dimensions {
            let d = self.dimensions;
            return Err(Error::failed(format!(
                "KalmanFilter: number of channels must match dimensions: {channels} channels, {d} dimensions"
            )));
        }
        if block.is_empty() {
            return Ok(());
        }
        self.set_steps(block);
        let samples = block.interleaved();
        if !self.initialized {
            self.initialized = true;
            self.state.position.iter_mut().zip(&samples[..channels]).for_each(|(p, x)| *p = f64::from(*x));
        }
        macro_rules! run {
            ($kernel:ident) => {{
                let mut state = narrow(&self.state);
                $kernel(&mut state, samples, channels, &self.steps, self.q, self.r);
                widen(&state, &mut self.state);
            }};
        }
        match channels {
            1 => run!(kalman_1),
            2 => run!(kalman_2),
            3 | 4 => run!(kalman_4),
            5..=8 => run!(kalman_8),
            _ => run!(kalman_16),
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.state = self.at_rest();
        self.initialized = false;
        self.last = None;
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "dimensions": self.dimensions,
            "processNoise": json::num(self.q),
            "measurementNoise": json::num(self.r),
            "initialError": json::num(self.p0),
            "initialized": self.initialized,
            "firstMeasurementReceived": self.initialized,
        });
        if self.initialized {
            state["state"] = json::nums(self.vector());
            state["covariance"] = json::nums(self.covariance());
        }
        if let Some(last) = self.last {
            state["lastTimestamp"] = json::num(last);
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let (q, r) = (json::number(state, "processNoise")?, json::number(state, "measurementNoise")?);
        let p0 = json::number_or(state, "initialError", self.p0)?;
        self.set_parameters(json::count(state, "dimensions")?, q, r, p0)?;
        if !json::boolean(state, "initialized")? || !json::boolean(state, "firstMeasurementReceived")? {
            return Ok(());
        }
        let last = state.get("lastTimestamp").and_then(json::as_num);
        self.restore(&json::numbers(state, "state")?, &json::numbers(state, "covariance")?, last)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.dimensions)?;
        [self.q, self.r, self.p0].into_iter().for_each(|x| out.f32(x as f32));
        out.bool(self.initialized);
        out.bool(self.initialized);
        let mut exact = vec![self.q, self.r, self.p0, self.last.unwrap_or(f64::NAN)];
        if self.initialized {
            let (vector, covariance) = (self.vector(), self.covariance());
            out.int(vector.len())?;
            vector.iter().for_each(|x| out.f32(*x as f32));
            out.int(vector.len())?;
            out.int(vector.len())?;
            covariance.iter().for_each(|x| out.f32(*x as f32));
            exact.extend(vector);
            exact.extend(covariance);
        }
        super::lms_filter::write_exact(out, &exact);
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let dimensions = input.count()?;
        let mut parameters = [input.f32()?, input.f32()?, input.f32()?].map(f64::from);
        let initialized = input.bool()? & input.bool()?;
        let (mut vector, mut covariance) = (vec![], vec![]);
        if initialized {
            for _ in 0..input.item_count()? {
                vector.push(f64::from(input.f32()?));
            }
            let (rows, columns) = (input.item_count()?, input.item_count()?);
            for _ in 0..rows.saturating_mul(columns) {
                covariance.push(f64::from(input.f32()?));
            }
        }
        let mut last = None;
        if input.is_str() {
            let exact = read_exact(input)?;
            if exact.len() != 4 + vector.len() + covariance.len() {
                return Err(Error::failed("KalmanFilter: size mismatch of the f64 numbers"));
            }
            parameters.copy_from_slice(&exact[..3]);
            last = Some(exact[3]).filter(|t| !t.is_nan());
            let end = 4 + vector.len();
            vector = exact[4..end].to_vec();
            covariance = exact[end..].to_vec();
        }
        let [q, r, p0] = parameters;
        self.set_parameters(dimensions, q, r, p0)?;
        if initialized { self.restore(&vector, &covariance, last) } else { Ok(()) }
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Workspace;
    use crate::stages::testing::{make, noise, run, try_make};

    fn without_rate(stage: &mut KalmanFilter, input: &[f32], channels: usize) -> Vec<f32> {
        run(stage, input, channels)
    }

    #[test]
    fn a_ramp_without_rate() {
        let mut stage = make::<KalmanFilter>(&json!({ "dimensions": 1 }));
        let y = without_rate(&mut stage, &[1.0, 2.0, 3.0, 4.0, 5.0], 1);
        for (y, expected) in y.iter().zip([1.0, 1.497_963, 1.999_248, 2.504_583, 3.016_393]) {
            assert!((y - expected).abs() < 2e-6, "{y} {expected}");
        }
    }

    /// The whole 2D-dimensional filter of the contract, in matrices.
    #[test]
    fn equals_the_filter_of_matrices() {
        use nalgebra::{DMatrix, DVector};
        let (d, q, r, dt) = (3, 1e-3, 0.02, 0.1);
        let x = noise(60 * d);
        let mut stage = make::<KalmanFilter>(&json!({ "dimensions": d, "processNoise": q, "measurementNoise": r }));
        let (mut samples, mut work) = (x.clone(), Workspace::default());
        let mut block = Block::regular(&mut samples, d, &mut work, 0.0, 0.0, 1.0 / dt).with_rate(Some(1.0 / dt));
        stage.process(&mut block).unwrap();
        assert!(block.finish().is_none());

        let identity = DMatrix::<f64>::identity(2 * d, 2 * d);
        let (mut f, mut h) = (identity.clone(), DMatrix::zeros(d, 2 * d));
        for i in 0..d {
            f[(i, d + i)] = dt;
            h[(i, i)] = 1.0;
        }
        let (mut s, mut p) = (DVector::zeros(2 * d), identity.clone());
        for (k, frame) in x.chunks_exact(d).enumerate() {
            let z = DVector::from_iterator(d, frame.iter().map(|&x| f64::from(x)));
            if k == 0 {
                s.rows_mut(0, d).copy_from(&z);
            }
            s = &f * s;
            p = &f * p * f.transpose() + &identity * q;
            let g = &p * h.transpose() * (&h * &p * h.transpose() + DMatrix::identity(d, d) * r).try_inverse().unwrap();
            s = &s + &g * (z - &h * &s);
            p = (&identity - &g * &h) * p;
            for i in 0..d {
                let y = f64::from(samples[k * d + i]);
                assert!((y - s[i]).abs() < 1e-6, "{k} {i}: {y} {}", s[i]);
            }
        }
    }

    #[test]
    fn errors() {
        for (params, text) in [
            (json!({ "dimensions": 11 }), "dimensions must be between 1 and 10, got 11"),
            (json!({ "dimensions": "2" }), "dimensions must be between 1 and 10"),
            (json!({ "processNoise": 0 }), "processNoise must be positive, got 0"),
            (json!({ "initialError": -1 }), "initialError must be positive"),
        ] {
            let error = try_make::<KalmanFilter>(&params).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
