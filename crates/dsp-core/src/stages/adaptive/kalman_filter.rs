//! `KalmanFilter`: tracks positions with a constant-velocity model, one channel per dimension.
//!
//! State (position, velocity) per dimension, `F = [1 dt; 0 1]`, `P ← F P Fᵀ + q·I`, gain `P Hᵀ/(P₁₁ + r)` with
//! `H = [1 0]`. The dimensions never couple, so each is a filter of its own. The first frame sets the positions. `dt`
//! is the time between frames in seconds: from explicit timestamps, else 1/sampleRate, else 1/360. No latency. (Kalman
//! 1960.)

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::adaptive::{KalmanState, kalman_1, kalman_2, kalman_4, kalman_8, kalman_16};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::state::archive::Archive;
use crate::text::Texts;

crate::params! {
    /// Parameters of `KalmanFilter`.
    pub struct KalmanFilterParams {
        /// Number of dimensions, one channel each.
        pub dimensions: usize = integer()
            .at_least(1.0)
            .at_most(MAX_DIMENSIONS)
            .plain_error()
            .message(wrong_dimensions)
            .or(2.0)
            .try_with(&[1.0, 3.0, 9.0]),
        /// Variance added to position and velocity per frame.
        pub process_noise: f64 = number().above(0.0).at_most(MAX_VARIANCE).rule(VARIANCE).plain_error().or(1e-5).try_with(&[1e-5, 0.1]),
        /// Variance of a measurement.
        pub measurement_noise: f64 = number().above(0.0).at_most(MAX_VARIANCE).rule(VARIANCE).plain_error().or(1e-2).try_with(&[1e-2, 0.5]),
        /// Initial variance of position and velocity.
        pub initial_error: f64 = number().above(0.0).at_most(MAX_VARIANCE).rule(VARIANCE).plain_error().or(1.0).try_with(&[1.0, 10.0]),
        /// Handling of a measurement that is not a finite number: with `"nan"` position and velocity become NaN for
        /// good; with `"predict"` the dimension continues without it, as it moved before, and its variances grow.
        pub missing: MissingMeasurement = one_of(MissingMeasurement::TEXTS).or_first(),
    }
}

crate::texts! {
    /// The handling of a measurement that is not a finite number.
    pub enum MissingMeasurement {
        /// It is used like any other, and the state becomes NaN.
        Nan = "nan",
        /// The dimension is predicted, and not corrected.
        Predict = "predict",
    }
}

const MAX_DIMENSIONS: f64 = 10.0;
/// Largest variance: its products with the square of a float32 stay finite.
const MAX_VARIANCE: f64 = 1e100;
const VARIANCE: &str = "positive and at most 1e100";

fn wrong_dimensions(dimensions: &Value) -> String {
    let is_fraction = dimensions.as_finite().is_some_and(|x| x.fract() != 0.0);
    let rule = if is_fraction { "an integer between 1 and 10" } else { "between 1 and 10" };
    format!("KalmanFilter: dimensions must be {rule}, got {dimensions}")
}

/// Seconds between frames if there are neither timestamps nor a sample rate.
const DEFAULT_INTERVAL: f64 = 1.0 / 360.0;

/// One filter for each dimension, all with the same parameters.
#[derive(Debug, Clone)]
pub struct KalmanFilter {
    params: KalmanFilterParams,
    /// Whether there has been a frame; before that the state has no meaning.
    initialized: bool,
    state: KalmanState<16>,
    /// Time of the last frame in ms, if timestamps are given.
    last: Option<f64>,
    /// Seconds since the previous frame, for each frame of a call.
    steps: Vec<f64>,
}

/// Returns the state at position 0 with velocity 0 and variance `p0`.
fn at_rest(p0: f64) -> KalmanState<16> {
    KalmanState { position: [0.0; 16], velocity: [0.0; 16], pp: [p0; 16], pv: [0.0; 16], vv: [p0; 16] }
}

impl KalmanFilter {
    /// Returns the positions, then the velocities.
    fn vector(&self) -> Vec<f64> {
        let d = self.params.dimensions;
        self.state.position[..d].iter().chain(&self.state.velocity[..d]).copied().collect()
    }

    /// Returns the whole covariance matrix, row by row.
    fn covariance(&self) -> Vec<f64> {
        let d = self.params.dimensions;
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

    /// Restores the results of [`Self::vector`] and [`Self::covariance`].
    ///
    /// # Errors
    /// If their lengths do not match, or a number cannot be used.
    fn restore(&mut self, vector: &[f64], covariance: &[f64]) -> Result<()> {
        let d = self.params.dimensions;
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

/// Returns the first `L` dimensions.
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

/// Walks a vector (one side) or a square matrix (two sides), row by row: a list in JSON; in TOON the length of each
/// side and float32 tokens.
fn matrix(archive: &mut Archive<'_>, key: &str, sides: usize, elements: &mut Vec<f64>) -> Result<()> {
    if let Some(out) = archive.tokens_out() {
        let side = if sides == 1 { elements.len() } else { elements.len().isqrt() };
        (0..sides).try_for_each(|_| out.int(side))?;
        elements.iter().for_each(|x| out.f32(*x as f32));
    } else if let Some(input) = archive.tokens_in() {
        let mut count = 1usize;
        for _ in 0..sides {
            count = count.saturating_mul(input.item_count()?);
        }
        *elements = vec![];
        for _ in 0..count {
            elements.push(f64::from(input.f32()?));
        }
    } else if let Some(read) = archive.doubles(key, elements)? {
        *elements = read;
    }
    Ok(())
}

/// The fields of a saved state besides the parameters.
struct Saved {
    /// Positions, then velocities.
    vector: Vec<f64>,
    /// Covariance of all of them, row by row.
    covariance: Vec<f64>,
    /// Time of the last frame in ms; NaN if timestamps are not given.
    last: f64,
}

impl Saved {
    const NOTHING: Self = Self { vector: vec![], covariance: vec![], last: f64::NAN };

    fn of(filter: &KalmanFilter) -> Self {
        let last = filter.last.unwrap_or(f64::NAN);
        Self { vector: filter.vector(), covariance: filter.covariance(), last }
    }
}

/// Walks the exact numbers whose float32 tokens a TOON state has before.
fn exact_numbers(params: &mut KalmanFilterParams, saved: &mut Saved, archive: &mut Archive<'_>) -> Result<()> {
    let KalmanFilterParams { process_noise: q, measurement_noise: r, initial_error: p0, .. } = params;
    let ours = [*q, *r, *p0, saved.last].into_iter().chain(saved.vector.iter().chain(&saved.covariance).copied());
    let Some(read) = archive.exact_tail(ours)? else { return Ok(()) };
    let (dimension, elements) = (saved.vector.len(), saved.covariance.len());
    match read.as_slice() {
        [noise, measurement, error, last, lists @ ..] if lists.len() == dimension + elements => {
            (*q, *r, *p0, saved.last) = (*noise, *measurement, *error, *last);
            (saved.vector, saved.covariance) = (lists[..dimension].to_vec(), lists[dimension..].to_vec());
            Ok(())
        }
        _ => Err(Error::failed("KalmanFilter: size mismatch of the f64 numbers")),
    }
}

impl KalmanFilter {
    fn params_state(&self, archive: &mut Archive<'_>) -> Result<KalmanFilterParams> {
        let mut params = self.params.clone();
        params.dimensions = archive.count("dimensions", params.dimensions)?;
        params.process_noise = archive.rounded("processNoise", params.process_noise)?;
        params.measurement_noise = archive.rounded("measurementNoise", params.measurement_noise)?;
        if archive.follows("initialError") {
            params.initial_error = archive.rounded("initialError", params.initial_error)?;
        }
        Ok(params)
    }
}

impl KalmanFilter {
    /// Filters frames that hold only finite numbers, or whose numbers are all used as they are; `first` is the index of
    /// the first of them in the call.
    fn run(&mut self, samples: &mut [f32], channels: usize, first: usize) {
        if !self.initialized {
            self.initialized = true;
            self.state.position.iter_mut().zip(&samples[..channels]).for_each(|(p, x)| *p = f64::from(*x));
        }
        let (q, r) = (self.params.process_noise, self.params.measurement_noise);
        macro_rules! run {
            ($kernel:ident) => {{
                let mut state = narrow(&self.state);
                $kernel(&mut state, samples, channels, &self.steps[first..], q, r);
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
    }

    /// Filters runs of complete frames; in frames that lack measurements, those dimensions are only predicted. Before
    /// the first complete frame the output is NaN.
    fn predict_where_missing(&mut self, samples: &mut [f32], channels: usize) {
        let is_whole = |frame: &[f32]| frame.iter().all(|x| x.is_finite());
        let mut first = 0;
        while first * channels < samples.len() {
            let rest = &mut samples[first * channels..];
            let whole = rest.chunks_exact(channels).take_while(|frame| is_whole(frame)).count();
            if whole > 0 {
                self.run(&mut rest[..whole * channels], channels, first);
                first += whole;
                continue;
            }
            let frame = &mut rest[..channels];
            if self.initialized {
                self.predict(frame, first);
            } else {
                frame.fill(f32::NAN);
            }
            first += 1;
        }
    }

    /// Filters one frame that lacks some measurements.
    fn predict(&mut self, frame: &mut [f32], step: usize) {
        let (dt, q) = (self.steps[step], self.params.process_noise);
        let before = self.state;
        // The others are corrected as in a whole frame.
        let mut measured = [0.0; 16];
        measured.iter_mut().zip(frame.iter()).filter(|(_, x)| x.is_finite()).for_each(|(to, x)| *to = *x);
        self.run(&mut measured[..frame.len()], frame.len(), step);
        for (i, (x, y)) in frame.iter_mut().zip(measured).enumerate() {
            if x.is_finite() {
                *x = y;
                continue;
            }
            let cross = before.pv[i] + dt * before.vv[i];
            self.state.position[i] = before.position[i] + dt * before.velocity[i];
            self.state.velocity[i] = before.velocity[i];
            self.state.pp[i] = before.pp[i] + dt * before.pv[i] + dt * cross + q;
            self.state.pv[i] = cross;
            self.state.vv[i] = before.vv[i] + q;
            *x = self.state.position[i] as f32;
        }
    }
}

impl Define for KalmanFilter {
    type Params = KalmanFilterParams;
    const TYPES: &'static [&'static str] = &["kalmanFilter"];
    const METHOD: &'static str = "KalmanFilter";
    const DOC: &'static str = "Tracks positions with a constant-velocity model. The time between frames is that of \
        explicit timestamps, else\n1/sampleRate, else 1/360 s. Processing takes one channel per dimension.";

    fn new(params: &KalmanFilterParams) -> Result<Self> {
        let state = at_rest(params.initial_error);
        Ok(Self { params: params.clone(), initialized: false, state, last: None, steps: vec![] })
    }

    fn label(&self, params: &KalmanFilterParams) -> String {
        format!("kalmanFilter:{}D", params.dimensions)
    }

    fn traits(params: &KalmanFilterParams) -> Traits {
        const COUNTS: [usize; MAX_DIMENSIONS as usize] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let channels = &COUNTS[params.dimensions - 1..params.dimensions];
        Traits { channels, independent: params.dimensions == 1, ..Traits::STREAM }
    }
}

impl Stage for KalmanFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let channels = block.channels();
        let d = self.params.dimensions;
        if channels != d {
            return Err(Error::failed(format!(
                "KalmanFilter: number of channels must match dimensions: {channels} channels, {d} dimensions"
            )));
        }
        if block.is_empty() {
            return Ok(());
        }
        self.set_steps(block);
        let samples = block.interleaved();
        if self.params.missing == MissingMeasurement::Predict {
            self.predict_where_missing(samples, channels);
            return Ok(());
        }
        self.run(samples, channels, 0);
        Ok(())
    }

    fn reset(&mut self) {
        self.state = at_rest(self.params.initial_error);
        self.initialized = false;
        self.last = None;
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let mut params = self.params_state(archive)?;
        let is_initialized = archive.flag("initialized", self.initialized)?;
        let has_begun = archive.flag("firstMeasurementReceived", self.initialized)? && is_initialized;
        // What a state lacks is not taken from the stage that loads it.
        let mut saved = if has_begun && !archive.is_loading() { Saved::of(self) } else { Saved::NOTHING };
        if has_begun {
            matrix(archive, "state", 1, &mut saved.vector)?;
            matrix(archive, "covariance", 2, &mut saved.covariance)?;
        }
        if archive.optional("lastTimestamp", self.last.is_some()) {
            saved.last = archive.f64("lastTimestamp", saved.last)?;
        }
        exact_numbers(&mut params, &mut saved, archive)?;
        if self.params.missing == MissingMeasurement::Predict {
            archive.constant("missing", self.params.missing.text());
        }
        if archive.is_loading() {
            params.check(Self::LABEL)?;
            *self = Self::new(&params)?;
            if has_begun {
                self.restore(&saved.vector, &saved.covariance)?;
                self.last = Some(saved.last).filter(|last| !last.is_nan());
            }
        }
        Ok(())
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
    use crate::engine::workspace::Workspace;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

    fn without_rate(stage: &mut KalmanFilter, input: &[f32], channels: usize) -> Vec<f32> {
        run(stage, input, channels)
    }

    #[test]
    fn without_a_measurement_it_goes_on_as_it_moved() {
        let params = json!({ "dimensions": 2, "missing": "predict" });
        let mut stage = make::<KalmanFilter>(&params);
        let y = run(&mut stage, &[f32::NAN, 1.0, 0.0, 0.0], 2);
        assert!(y[0].is_nan() && y[1].is_nan() && y[2] == 0.0);
        let ramp: Vec<f32> = (1..200).flat_map(|n| [n as f32 * 0.1, 5.0]).collect();
        run(&mut stage, &ramp, 2);
        let (mut whole, mut cut) = (stage.clone(), stage.clone());
        let lost = [f32::NAN, 5.0, f32::NAN, 5.0, f32::INFINITY, f32::NAN, 20.3, 5.0];
        let y = run(&mut whole, &lost, 2);
        // The ramp of 0.1 a sample goes on, while the other dimension is measured.
        for (n, y) in y.chunks(2).enumerate() {
            // It follows a ramp a third of a step late.
            assert!((y[0] - (20.0 + 0.1 * n as f32)).abs() < 0.05 && (y[1] - 5.0).abs() < 0.1, "{n}: {y:?}");
        }
        // One call or many, with a save between.
        let mut got = run(&mut cut, &lost[..4], 2);
        let mut loaded = make::<KalmanFilter>(&params);
        loaded.load(&cut.save().unwrap()).unwrap();
        got.extend(run(&mut loaded, &lost[4..], 2));
        assert_eq!(got, y);
        // The usual filter is lost.
        let mut usual = make::<KalmanFilter>(&json!({ "dimensions": 1 }));
        assert!(run(&mut usual, &[1.0, f32::NAN, 1.0], 1)[2].is_nan());
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
        assert_eq!(block.finish(), Ok(None));

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
    fn what_a_state_lacks_is_not_taken_from_the_stage_that_loads_it() {
        let mut used = make::<KalmanFilter>(&json!({ "dimensions": 1 }));
        let (mut samples, mut work) = ([1.0, 2.0], Workspace::default());
        used.process(&mut Block::stamped(&mut samples, 1, &mut work, &[0.0, 50.0])).unwrap();
        let mut state = used.save().unwrap();
        assert_eq!(state.as_object_mut().and_then(|keys| keys.remove("lastTimestamp")), Some(json!(50)));
        used.load(&state).unwrap();
        assert_eq!(used.save().unwrap(), state);
    }

    #[test]
    fn errors() {
        for (params, text) in [
            (json!({ "dimensions": 11 }), "dimensions must be between 1 and 10, got 11"),
            (json!({ "dimensions": "2" }), "dimensions must be between 1 and 10"),
            (json!({ "dimensions": 2.5 }), "dimensions must be an integer between 1 and 10, got 2.5"),
            (json!({ "processNoise": 0 }), "processNoise must be positive and at most 1e100, got 0"),
            (json!({ "initialError": -1 }), "initialError must be positive"),
        ] {
            let error = try_make::<KalmanFilter>(&params).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
