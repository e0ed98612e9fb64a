//! What `Interpolate`, `Decimate`, `Resample` and `ResampleTo` share: parameters, processing, and the delay lines in saved
//! states.

#![forbid(unsafe_code)]

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::block::{Block, Reshape};
use crate::error::{Error, Result};
use crate::state::{json, toon};
use crate::transform::resample::{Delay, MAX_TAPS, Plan};
use crate::value::{Params, Value, js_number};

/// Taps of dspx's filters where nothing is said.
pub const DEFAULT_ORDER: usize = 51;

/// Largest factor that [`DEFAULT_ORDER`] serves; beyond it most phases of an interpolator would be without a tap.
const MAX_DEFAULT_FACTOR: u64 = 13;

/// A running resampler.
#[derive(Debug, Clone)]
pub struct Resampler {
    plan: Arc<Plan>,
    delay: Delay,
    /// Ticks from the first input frame of a stream to its first output.
    first: u64,
    /// By how many input frames an output's time is before the newest frame that went into it.
    lag: f64,
}

impl Resampler {
    /// A resampler whose first output belongs to the first frame, without channels yet.
    pub fn new(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), delay: Delay::default(), first: 0, lag: 0.0 }
    }

    /// A decimator: an output for every `down` frames, when the last of them has come, with the time of the first.
    pub fn decimator(plan: Plan) -> Result<Self> {
        let first = plan.down() - 1;
        let delay = Delay::new(&plan, 1, first)?;
        Ok(Self { plan: Arc::new(plan), delay, first, lag: first as f64 })
    }

    /// The ratio and the filter.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Channels of the last call.
    pub fn channels(&self) -> usize {
        self.delay.channels()
    }

    /// Ticks from the next input frame to the next output.
    pub fn next(&self) -> u64 {
        self.delay.next()
    }

    /// Replaces the block by its resampled self.
    pub fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, frames) = (block.channels(), block.frames());
        if channels != self.delay.channels() && frames > 0 {
            self.delay = Delay::new(&self.plan, channels, self.first)?;
        }
        let Self { plan, delay, lag, .. } = self;
        let outputs = if frames == 0 { 0 } else { plan.outputs(frames, delay.next()) };
        let shape = Reshape {
            channels,
            frames: usize::try_from(outputs).unwrap_or(usize::MAX),
            scale: plan.down() as f64 / plan.up() as f64,
            phase: *lag - delay.next() as f64 / plan.up() as f64,
        };
        block.reshape(shape, |from, to, _| {
            if frames > 0 {
                let rows = to.rows();
                delay.process(plan, frames, rows.enumerate().map(|(c, row)| (from.channel(c), row)));
            }
            Ok(())
        })
    }

    /// Silence, for as many channels as before.
    pub fn reset(&mut self) {
        self.delay.reset(self.first);
    }

    /// The delay lines: one ring per channel, and for each the place that is written next.
    pub fn save_lines(&self) -> (Vec<Vec<f64>>, Vec<usize>) {
        (self.delay.rings(&self.plan), vec![self.delay.position(); self.delay.channels()])
    }

    /// The delay lines as `stateBuffers` and `stateIndices`.
    pub fn save(&self, state: &mut Json) {
        let (rings, positions) = self.save_lines();
        state["stateBuffers"] = Json::Array(rings.into_iter().map(json::nums).collect());
        state["stateIndices"] = json!(positions);
    }

    /// The counterpart of [`Resampler::save`].
    pub fn load(&mut self, state: &Json, next: u64) -> Result<()> {
        let wrong = || Error::failed("'stateBuffers' must be an array of arrays of numbers");
        let rings = json::list(state, "stateBuffers")?.iter().map(|ring| {
            let numbers = ring.as_array().ok_or_else(wrong)?;
            numbers.iter().map(|x| json::as_num(x).map(|x| x as f32).ok_or_else(wrong)).collect()
        });
        self.load_lines(rings.collect::<Result<_>>()?, json::numbers(state, "stateIndices")?, next)
    }

    /// Takes over delay lines. All or nothing.
    pub fn load_lines(&mut self, rings: Vec<Vec<f32>>, positions: Vec<f64>, next: u64) -> Result<()> {
        let history = self.plan.history();
        if positions.len() != rings.len() || rings.iter().any(|ring| ring.len() != history) {
            return Err(Error::failed(format!("every channel must have an array of {history} samples and an index")));
        }
        if positions.iter().any(|p| !(*p >= 0.0 && *p < history as f64 && p.fract() == 0.0)) {
            return Err(Error::failed(format!("stateIndices must be integers in [0, {}]", history - 1)));
        }
        if next >= self.plan.down() {
            return Err(Error::failed("the phase is out of range"));
        }
        let positions: Vec<usize> = positions.into_iter().map(|p| p as usize).collect();
        self.delay = Delay::from_rings(&self.plan, &rings, &positions, next)?;
        Ok(())
    }

    /// The delay lines as tokens: per channel a float array, then per channel an index.
    pub fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        let (rings, positions) = self.save_lines();
        rings.iter().for_each(|ring| out.f32s(ring.iter().map(|&x| x as f32)));
        positions.into_iter().try_for_each(|p| out.int(p))
    }

    /// Reads what [`Resampler::save_toon`] wrote for `channels` channels.
    pub fn read_toon(input: &mut toon::Reader<'_>, channels: usize) -> Result<(Vec<Vec<f32>>, Vec<f64>)> {
        let rings = (0..channels).map(|_| input.f32s()).collect::<Result<_>>()?;
        let positions = (0..channels).map(|_| input.int().map(f64::from)).collect::<Result<_>>()?;
        Ok((rings, positions))
    }

    /// Nanoseconds per input sample, roughly: a fifth per multiplication, one per output.
    pub fn cost_hint(&self) -> f64 {
        1.0 + 0.2 * self.plan.multiplications() + self.plan.up() as f64 / self.plan.down() as f64
    }
}

/// The integer `key` of at least `least`, or a `TypeError` with `rule`.
pub fn factor(params: &Params, method: &str, key: &str, least: usize, rule: &str) -> Result<u64> {
    let value = params.get(key);
    let integer = value.as_positive_integer().filter(|n| *n >= least);
    integer.map(|n| n as u64).ok_or_else(|| Error::type_error(format!("{method}: {key} must be {rule}, got {value}")))
}

/// `order` and `sampleRate`, checked in the original's sequence. `order` is `None` where it was not given.
pub fn order_and_rate(params: &Params, method: &str) -> Result<(Option<usize>, f64)> {
    let (order, rate) = (params.get("order"), params.get("sampleRate"));
    let positive = positive(rate);
    if positive.is_none() && !rate.is_undefined() {
        return Err(Error::type_error(format!("{method}: sampleRate must be positive, got {rate}")));
    }
    let taps = order.as_positive_integer().filter(|n| *n >= 3 && n % 2 == 1);
    if taps.is_none() && !order.is_undefined() {
        return Err(Error::type_error(format!("{method}: order must be odd and >= 3, got {order}")));
    }
    let rate = positive.ok_or_else(|| Error::type_error(format!("{method}: 'sampleRate' is required")))?;
    check_taps(method, taps.unwrap_or(0) as f64)?;
    Ok((taps, rate))
}

/// A finite number above 0.
pub fn positive(value: &Value) -> Option<f64> {
    value.as_finite().filter(|x| *x > 0.0)
}

/// A `RangeError` for filters that are too long.
pub fn check_taps(method: &str, taps: f64) -> Result<()> {
    if taps <= MAX_TAPS as f64 {
        return Ok(());
    }
    Err(Error::range(format!(
        "{method}: a filter of {} taps is too long, at most {MAX_TAPS} are possible",
        js_number(taps)
    )))
}

/// The number of taps where `order` is not given: dspx's 51, but for large factors enough for ten in each phase.
pub fn default_order(method: &str, up: u64, down: u64) -> Result<usize> {
    let largest = up.max(down);
    if largest <= MAX_DEFAULT_FACTOR {
        return Ok(DEFAULT_ORDER);
    }
    check_taps(method, 10.0 * largest as f64 + 1.0)?;
    Ok(10 * largest as usize + 1)
}
