//! The engine of all resampling stages: a polyphase FIR interpolator and decimator in one.
//!
//! Time is counted in *ticks*: `up` for each input sample, `down` from output to output. With `x[·]` the input since
//! the start (0 before it) and `h` the prototype at the tick rate, the output at tick `j = n·up + p` is `u[j] = Σ_q
//! h[q·up + p] · x[n − q]` (`scipy.signal.upfirdn`).
//!
//! Positions are integers, so nothing drifts, however long the stream and whatever the ratio.

use crate::error::{Error, Result};
use crate::kernels::polyphase::Walk;
use crate::limits::ensure_memory;
use crate::signal::resample::bank::Bank;
use crate::signal::resample::half_band::{self, HalfBand};
use crate::signal::resample::ratio::decimal_ratio;
use crate::signal::resample::steps::{Between, Halved};
use crate::signal::resample::taps::{Quality, prototype};
use crate::signal::resample::wide::{self, Wide};
use crate::text::js_number;

/// Largest number of taps of a filter, all phases together (8 MiB).
pub const MAX_TAPS: usize = 1 << 20;

/// Largest number of outputs per input: a call of a thousand samples then still gives no more than one call may hold,
/// and one sample takes seconds at most.
pub const MAX_RATIO: f64 = (1_u32 << 20) as f64;

/// Largest number of history samples of all channels together (512 MiB).
const MAX_HISTORY: usize = 1 << 26;

/// Input samples taken in one step: enough to make copying the history cheap, few enough to stay in the cache.
const STEP: usize = 4096;

/// Samples of room in the lines of all channels together from which steps become shorter, down to a sixteenth.
const MANY: usize = 1 << 16;

/// Largest number of ticks per sample for which phases are exact; above it they are interpolated between [`CELLS`].
const MAX_EXACT: u64 = 1024;

/// Phases per sample of the lower rate where they are interpolated in one step. The error of the cubic between them is below
/// `3/128 · (π/CELLS)⁴`, some −190 dB.
const CELLS: f64 = 256.0;

/// From this ratio of the rates on a decimator in two steps is faster.
const MIN_HALVED: f64 = 2.5;

/// Up to this ratio of the rates a decimator that begins with a half-band filter is faster still.
const MAX_HALF_BAND: f64 = 4.0;

/// Up to this ratio of the rates a resampler without exact phases is faster in two steps.
const MAX_BETWEEN: f64 = 4.0;

/// The most taps of a sum in single precision: more of them would add noise.
const MAX_SINGLE: usize = 640;

/// The most rows of taps in single precision (4 MiB).
const MAX_SIZE: f64 = (1 << 16) as f64;

/// A ratio of sample rates and the filter for it: everything about a resampler that does not change.
#[derive(Debug, Clone)]
pub struct Plan {
    up: u64,
    down: u64,
    history: usize,
    engine: Engine,
    /// Centre of the filter in input samples.
    delay: f64,
}

/// How outputs are computed.
#[derive(Debug, Clone)]
enum Engine {
    Wide(Wide),
    Bank(Bank),
    HalfBand(HalfBand),
    Halved(Halved),
    Between(Between),
}

impl Plan {
    /// Returns a resampler by `up / down` with the prototype `taps` at the tick rate. It keeps `history` samples, at
    /// least as many as a phase has taps.
    pub fn new(up: u64, down: u64, taps: &[f64], history: usize) -> Self {
        let wide = Wide::new(up, taps);
        let delay = (taps.len() - 1) as f64 / 2.0 / up as f64;
        Self { up, down, history: history.max(wide.longest()), engine: Engine::Wide(wide), delay }
    }

    /// A resampler by `up / down`, which have no common divisor, with the filter of `quality`.
    pub fn exact(quality: Quality, up: u64, down: u64) -> Self {
        let ratio = down as f64 / up as f64;
        let taps = quality.half_length() * 2.0 * up.max(down) as f64;
        let (up_count, down_count) = (up as usize, down as usize);
        let history = (taps / up as f64).ceil() as usize;
        if quality != Quality::Max && ratio >= MIN_HALVED && ratio <= MAX_SINGLE as f64 / 4.5 && up <= MAX_EXACT {
            // Its delay is a tenth longer, which `voice` has no room for.
            if quality == Quality::High && ratio <= MAX_HALF_BAND && down % 2 == 1 {
                let half_band = HalfBand::new(quality, up_count, down_count);
                let history = history.max(half_band.longest()).next_multiple_of(2);
                return Self { up, down, history, delay: half_band.delay(), engine: Engine::HalfBand(half_band) };
            }
            let halved = Halved::new(quality, up_count, down_count);
            let delay = halved.delay();
            return Self { up, down, history: history.max(halved.longest()), engine: Engine::Halved(halved), delay };
        }
        let taps = prototype(quality, up, down);
        let is_short = taps.len() / up_count <= MAX_SINGLE && Bank::size(up_count, down_count, taps.len()) <= MAX_SIZE;
        let wide = Self::new(up, down, &taps, 0);
        if quality == Quality::Max || !is_short {
            return wide;
        }
        Self { engine: Engine::Bank(Bank::new(up_count, down_count, &taps)), ..wide }
    }

    /// Returns a resampler between any two rates in Hz, in the ratio of the decimal numbers ([`decimal_ratio`]). Ratios
    /// of small whole numbers get exact phases.
    ///
    /// # Errors
    /// `RangeError` if the rates are so far apart that the filter would have more than [`MAX_TAPS`] taps, or one sample
    /// would become more than [`MAX_RATIO`].
    pub fn between(input_rate: f64, output_rate: f64, quality: Quality) -> Result<Self> {
        Self::in_ratio(decimal_ratio(output_rate, input_rate), input_rate, output_rate, quality)
    }

    /// [`Self::between`] with the ratio of the rates as a fraction.
    ///
    /// # Errors
    /// Those of [`Self::between`].
    pub fn in_ratio((up, down): (u64, u64), input_rate: f64, output_rate: f64, quality: Quality) -> Result<Self> {
        let refused = |what: String| {
            let [from, to] = [input_rate, output_rate].map(js_number);
            Err(Error::range(format!("a resampler from {from} to {to} Hz would {what}")))
        };
        if output_rate / input_rate > MAX_RATIO {
            return refused(format!("make more than {MAX_RATIO} samples of one"));
        }
        let widest = (input_rate / output_rate).max(1.0);
        let samples = 2.0 * quality.half_length() * widest;
        let is_exact = up.max(down) <= MAX_EXACT;
        let cells = if is_exact { up as f64 } else { (CELLS / widest).ceil().max(4.0) };
        if samples * cells > MAX_TAPS as f64 {
            return refused(format!("need more than {MAX_TAPS} taps"));
        }
        if is_exact {
            return Ok(Self::exact(quality, up, down));
        }
        let length = samples.ceil() as usize;
        if quality != Quality::Max && widest < MAX_BETWEEN {
            let between = Between::new(quality, widest);
            let (history, delay) = (length.max(between.longest()), between.delay());
            return Ok(Self { up, down, history, engine: Engine::Between(between), delay });
        }
        let wide = Wide::cubic(quality.whole(), widest, length, cells as usize);
        Ok(Self { up, down, history: length, engine: Engine::Wide(wide), delay: length as f64 / 2.0 })
    }

    /// Returns the number of ticks per input sample.
    pub fn up(&self) -> u64 {
        self.up
    }

    /// Returns the number of ticks per output sample.
    pub fn down(&self) -> u64 {
        self.down
    }

    /// Returns the delay of the filter, whose taps are symmetric, in input samples.
    pub fn delay(&self) -> f64 {
        self.delay
    }

    /// Returns the number of history samples per channel.
    pub fn history(&self) -> usize {
        self.history
    }

    /// Returns the average number of multiplications per input sample.
    pub fn multiplications(&self) -> f64 {
        let outputs = self.up as f64 / self.down as f64;
        let each = match &self.engine {
            Engine::Wide(wide) => wide.multiplications(self.up),
            // Half as long as in double precision.
            Engine::Bank(bank) => bank.multiplications() / 2.0,
            Engine::HalfBand(half_band) => half_band.multiplications(outputs) / 2.0,
            Engine::Halved(halved) => halved.multiplications() / 2.0,
            Engine::Between(between) => between.multiplications(outputs) / 2.0,
        };
        each * outputs
    }

    /// Samples that a line must hold before the next one, and room behind the last.
    fn margins(&self) -> (usize, usize) {
        let (before, after) = match &self.engine {
            Engine::Wide(_) => (0, 0),
            Engine::Bank(bank) => (bank.before(), bank.after()),
            Engine::HalfBand(half_band) => (half_band.before(), 0),
            Engine::Halved(halved) => (halved.before(), halved.after()),
            Engine::Between(between) => (between.before(), between.after()),
        };
        (before.max(self.history), after)
    }

    /// Returns the number of outputs for `frames` input frames if the next output is `next` ticks after the start of
    /// the first of them.
    pub fn outputs(&self, frames: usize, next: u64) -> u128 {
        let ticks = frames as u128 * u128::from(self.up);
        ticks.saturating_sub(u128::from(next)).div_ceil(u128::from(self.down))
    }

    /// Returns the position of the next output after `frames` more input frames, in ticks.
    fn advance(&self, frames: usize, next: u64) -> u64 {
        let at = u128::from(next) + self.outputs(frames, next) * u128::from(self.down);
        (at - frames as u128 * u128::from(self.up)) as u64
    }

    /// Where the next output is, over a line whose next sample is `line[start]`.
    fn walk(&self, start: usize, next: u64) -> Walk {
        Walk { frame: start + (next / self.up) as usize, tick: next % self.up, up: self.up, down: self.down }
    }
}

/// The state of a resampler between calls: the last samples of every channel and the position of the next output.
#[derive(Debug, Clone, Default)]
pub struct Delay {
    lines: Lines,
    /// Where the samples of every line end; what the plan needs is before that.
    end: usize,
    /// Ticks from the start of the next input frame to the next output.
    next: u64,
    /// Number of input frames so far, modulo the length of the history.
    position: usize,
    scratch: Scratch,
}

/// One line of samples per channel, in the precision that they are summed up in.
#[derive(Debug, Clone)]
enum Lines {
    Wide(Vec<Vec<f64>>),
    Single(Vec<Vec<f32>>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Single(vec![])
    }
}

#[derive(Debug, Clone, Default)]
struct Scratch {
    wide: wide::Scratch,
    /// Samples between two steps.
    middle: Vec<f32>,
    half_band: half_band::Scratch,
}

impl Delay {
    /// Returns the state before the first sample, with silence as history and the first output `next` ticks after the
    /// first sample.
    ///
    /// # Errors
    /// `RangeError` if that many channels would need too much memory.
    pub fn new(plan: &Plan, channels: usize, next: u64) -> Result<Self> {
        let (before, after) = plan.margins();
        let room = (MANY / channels.max(1)).clamp(STEP / 16, STEP).max(before / 4);
        let length = before + room + after;
        if channels.saturating_mul(length) > MAX_HISTORY {
            return Err(Error::range(format!("{channels} channels are too many for a filter of this length")));
        }
        ensure_memory(channels, length * size_of::<f64>())?;
        let lines = match plan.engine {
            Engine::Wide(_) => Lines::Wide(vec![vec![0.0; length]; channels]),
            _ => Lines::Single(vec![vec![0.0; length]; channels]),
        };
        Ok(Self { lines, end: before, next, position: 0, scratch: Scratch::default() })
    }

    /// Returns a state from the last samples of every channel as rings (`rings[c][position − 1]` is the newest).
    pub fn from_rings(plan: &Plan, rings: &[Vec<f32>], positions: &[usize], next: u64) -> Result<Self> {
        let mut delay = Self::new(plan, rings.len(), next)?;
        let begin = delay.end - plan.history;
        for (c, (ring, &position)) in rings.iter().zip(positions).enumerate() {
            let oldest_first = ring[position..].iter().chain(&ring[..position]);
            match &mut delay.lines {
                Lines::Wide(lines) => {
                    lines[c][begin..].iter_mut().zip(oldest_first).for_each(|(x, sample)| *x = f64::from(*sample));
                }
                Lines::Single(lines) => {
                    lines[c][begin..].iter_mut().zip(oldest_first).for_each(|(x, sample)| *x = *sample);
                }
            }
        }
        delay.position = positions.first().copied().unwrap_or(0);
        Ok(delay)
    }

    /// Restores silence, with the first output `next` ticks after the start of the next frame.
    pub fn reset(&mut self, next: u64) {
        match &mut self.lines {
            Lines::Wide(lines) => lines.iter_mut().for_each(|line| line.fill(0.0)),
            Lines::Single(lines) => lines.iter_mut().for_each(|line| line.fill(0.0)),
        }
        self.next = next;
        self.position = 0;
    }

    /// Returns the last samples of every channel as rings, to be written next at [`Self::position`].
    pub fn rings(&self, plan: &Plan) -> Vec<Vec<f32>> {
        let last = self.end - plan.history.min(self.end)..self.end;
        let mut rings: Vec<Vec<f32>> = match &self.lines {
            // Every number in a line was a float32 sample.
            Lines::Wide(lines) => {
                lines.iter().map(|line| line[last.clone()].iter().map(|x| *x as f32).collect()).collect()
            }
            Lines::Single(lines) => lines.iter().map(|line| line[last.clone()].to_vec()).collect(),
        };
        rings.iter_mut().for_each(|ring| ring.rotate_right(self.position));
        rings
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        match &self.lines {
            Lines::Wide(lines) => lines.len(),
            Lines::Single(lines) => lines.len(),
        }
    }

    /// Returns the index at which the rings are written next.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the ticks from the start of the next input frame to the next output.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Processes `frames` frames: `channels` yields each channel's samples and room for its [`Plan::outputs`].
    pub fn process<'a>(
        &mut self,
        plan: &Plan,
        frames: usize,
        channels: impl IntoIterator<Item = (&'a [f32], &'a mut [f32])>,
    ) {
        let (from, position) = ((self.end, self.next), self.position);
        let mut after = from;
        let Scratch { wide: scratch, middle, half_band: halves } = &mut self.scratch;
        match &mut self.lines {
            Lines::Wide(lines) => {
                let Engine::Wide(wide) = &plan.engine else { return };
                for (line, (input, output)) in lines.iter_mut().zip(channels) {
                    after = feed(plan, line, from, input, output, |line, walk, _, out| {
                        wide.run(line, walk, plan.history, out, scratch);
                    });
                }
            }
            Lines::Single(lines) => {
                for (line, (input, output)) in lines.iter_mut().zip(channels) {
                    after = feed(plan, line, from, input, output, |line, walk, taken, out| match &plan.engine {
                        Engine::Wide(_) => {}
                        Engine::Bank(bank) => bank.run(line, walk.frame, walk.tick as usize, out),
                        Engine::HalfBand(half_band) => {
                            // `walk.frame` counted from the beginning of the stream.
                            let is_odd = (position + taken.0 + walk.frame - taken.1) % 2 == 1;
                            half_band.run(line, walk, is_odd, out, halves);
                        }
                        Engine::Halved(halved) => halved.run(line, walk.frame, walk.tick as usize, out, middle),
                        Engine::Between(between) => between.run(line, walk, out, middle),
                    });
                }
            }
        }
        (self.end, self.next) = after;
        self.position = ((self.position as u64 + frames as u64) % plan.history as u64) as usize;
    }
}

/// One channel: appends `input` to its line step by step and computes the outputs by `run`, which is also told how many samples
/// of the call were taken before, and where in the line the next one is. Gives the new end and next output.
fn feed<T: Copy + Default + From<f32>>(
    plan: &Plan,
    line: &mut [T],
    (mut end, mut next): (usize, u64),
    input: &[f32],
    out: &mut [f32],
    mut run: impl FnMut(&[T], Walk, (usize, usize), &mut [f32]),
) -> (usize, u64) {
    let (before, after) = plan.margins();
    let room = line.len() - before - after;
    let (mut out, mut taken) = (out, 0);
    for samples in input.chunks(room.min(STEP)) {
        if end + samples.len() + after > line.len() {
            line.copy_within(end - before..end, 0);
            end = before;
        }
        for (x, &sample) in line[end..].iter_mut().zip(samples) {
            *x = T::from(sample);
        }
        let until = end + samples.len();
        // Outputs that are computed beside the wanted ones see silence.
        line[until..until + after].fill(T::default());
        let (now, rest) = out.split_at_mut(plan.outputs(samples.len(), next) as usize);
        run(&line[..until + after], plan.walk(end, next), (taken, end), now);
        taken += samples.len();
        next = plan.advance(samples.len(), next);
        end = until;
        out = rest;
    }
    (end, next)
}

#[cfg(test)]
mod tests;
