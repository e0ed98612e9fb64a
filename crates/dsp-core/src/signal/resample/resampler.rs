//! The engine of all resampling stages: a polyphase FIR interpolator and decimator in one.
//!
//! Time is counted in *ticks*: `up` for each input sample, `down` from output to output. With `x[·]` the input since
//! the start (0 before it) and `h` the prototype at the tick rate, the output at tick `j = n·up + p` is `u[j] = Σ_q
//! h[q·up + p] · x[n − q]` (`scipy.signal.upfirdn`).
//!
//! Positions are integers, so nothing drifts, however long the stream and whatever the ratio.

use crate::error::{Error, Result};
use crate::kernels::interleave::interleave;
use crate::kernels::polyphase::{Phases, ROW, Walk, polyphase, polyphase_cubic, polyphase_row};
use crate::limits::ensure_memory;
use crate::signal::resample::taps::{KaiserLowpass, Quality};
use crate::text::js_number;

/// Largest number of taps of a filter, all phases together (8 MiB).
pub const MAX_TAPS: usize = 1 << 20;

/// Largest number of outputs per input: a call of a thousand samples then still gives no more than one call may hold,
/// and one sample takes seconds at most.
pub const MAX_RATIO: f64 = (1_u32 << 20) as f64;

/// Largest number of history samples of all channels together (512 MiB).
const MAX_HISTORY: usize = 1 << 26;

/// Input samples per step: enough to make copying the history cheap, few enough to stay in the cache.
const STEP: usize = 1024;

/// Samples of room in the lines of all channels together from which steps become shorter, down to a sixteenth.
const MANY: usize = 1 << 16;

/// Largest number of ticks per sample for which phases are exact; above it they are interpolated between [`CELLS`].
const MAX_EXACT: u64 = 1024;

/// Largest number of phases for which whole rows of outputs are computed before they are put in order; it bounds the
/// scratch space.
const MAX_ROWS: u64 = 64;

/// Phases per sample of the lower rate for interpolation. The error of the cubic between them is below `3/128 ·
/// (π/CELLS)⁴`, about −190 dB.
const CELLS: f64 = 256.0;

/// A ratio of sample rates with its filter: the immutable part of a resampler.
#[derive(Debug, Clone)]
pub struct Plan {
    up: u64,
    down: u64,
    history: usize,
    phases: Phases,
    cubic: bool,
    /// Delay of the filter's centre in input samples.
    delay: f64,
}

impl Plan {
    /// Returns a resampler by `up / down` with the prototype `taps` at the tick rate. It keeps `history` samples, at
    /// least as many as a phase has taps.
    pub fn new(up: u64, down: u64, taps: &[f64], history: usize) -> Self {
        let count = up.min(taps.len() as u64) as usize;
        let phases = Phases::new(count, |p| taps[p..].iter().step_by(up as usize).copied().collect());
        let delay = (taps.len() - 1) as f64 / 2.0 / up as f64;
        Self { up, down, history: history.max(phases.longest()), phases, cubic: false, delay }
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
        if output_rate / input_rate > MAX_RATIO {
            return Err(Error::range(format!(
                "a resampler from {} to {} Hz would make more than {MAX_RATIO} samples of one",
                js_number(input_rate),
                js_number(output_rate),
            )));
        }
        let widest = (input_rate / output_rate).max(1.0);
        let samples = 2.0 * quality.half_length() * widest;
        let exact = up.max(down) <= MAX_EXACT;
        let cells = if exact { up as f64 } else { (CELLS / widest).ceil().max(4.0) };
        if samples * cells > MAX_TAPS as f64 {
            return Err(Error::range(format!(
                "a resampler from {} to {} Hz would need more than {MAX_TAPS} taps",
                js_number(input_rate),
                js_number(output_rate),
            )));
        }
        if exact {
            let taps = crate::signal::resample::taps::kaiser_taps(quality, up, down);
            return Ok(Self::new(up, down, &taps, 0));
        }
        let length = samples.ceil() as usize;
        let lowpass = KaiserLowpass::new(quality, 1.0 / widest, length as f64 / 2.0);
        let phases = Phases::new(cells as usize + 3, |k| {
            let offset = (k as f64 - 1.0) / cells;
            (0..length).map(|q| lowpass.at(q as f64 + offset)).collect()
        });
        Ok(Self { up, down, history: length, phases, cubic: true, delay: length as f64 / 2.0 })
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
        if self.cubic { 4.0 * self.history as f64 * outputs } else { self.phases.taps() as f64 / self.down as f64 }
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

    /// Computes the outputs of one step over `line`, whose first new sample is `line[start]`.
    fn run(&self, line: &[f64], start: usize, next: u64, out: &mut [f32], scratch: &mut Scratch) {
        let mut walk =
            Walk { frame: start + (next / self.up) as usize, tick: next % self.up, up: self.up, down: self.down };
        if self.cubic {
            return polyphase_cubic(&self.phases, line, walk, out);
        }
        let periods = (out.len() as u64 / self.up) as usize;
        let mut out = out;
        if periods >= ROW && self.up <= MAX_ROWS {
            let (whole, rest) = out.split_at_mut(periods * self.up as usize);
            scratch.run(self, line, walk, periods, whole);
            walk.frame += periods * self.down as usize;
            out = rest;
        }
        polyphase(&self.phases, line, walk, out);
    }
}

/// Buffers for computing whole periods: `up` outputs from `down` inputs.
///
/// The outputs of one phase then lie `down` inputs apart. If the inputs are distributed over `down` streams, these are
/// neighbours, and a vector register holds outputs of one phase instead of products of one output.
#[derive(Debug, Clone, Default)]
struct Scratch {
    streams: Vec<f64>,
    offsets: Vec<usize>,
    rows: Vec<f32>,
}

impl Scratch {
    fn run(&mut self, plan: &Plan, line: &[f64], walk: Walk, periods: usize, out: &mut [f32]) {
        let (up, down) = (plan.up as usize, plan.down as usize);
        let first = walk.frame + 1 - plan.history;
        let stride = (line.len() - first).div_ceil(down);
        let direct = down == 1;
        if !direct {
            self.deal(&line[first..], down, stride);
        }
        let streams = if direct { &line[first..] } else { &self.streams[..] };
        self.rows.resize(if up == 1 { 0 } else { up * periods }, 0.0);
        for r in 0..up {
            let tick = walk.tick as usize + r * down;
            let phase = tick % up;
            let taps = if phase < plan.phases.count() { plan.phases.get(phase) } else { &[] };
            let oldest = tick / up + plan.history - taps.len();
            self.offsets.clear();
            self.offsets.extend((oldest..oldest + taps.len()).map(|i| i % down * stride + i / down));
            let row = if up == 1 { &mut *out } else { &mut self.rows[r * periods..][..periods] };
            polyphase_row(taps, &self.offsets, streams, row);
        }
        if up > 1 {
            interleave(&self.rows, periods, up, out);
        }
    }

    /// Copies sample `i` of `line` to place `i / count` of stream `i mod count`.
    fn deal(&mut self, line: &[f64], count: usize, stride: usize) {
        self.streams.resize(count * stride, 0.0);
        for (s, stream) in self.streams.chunks_exact_mut(stride).enumerate() {
            for (x, &sample) in stream.iter_mut().zip(line[s.min(line.len())..].iter().step_by(count)) {
                *x = sample;
            }
        }
    }
}

/// The state of a resampler between calls: the last samples of every channel and the position of the next output.
#[derive(Debug, Clone, Default)]
pub struct Delay {
    /// One line per channel: its samples end at `end`, after the plan's history.
    lines: Vec<Vec<f64>>,
    end: usize,
    /// Ticks from the start of the next input frame to the next output.
    next: u64,
    /// Number of input frames so far, modulo the length of the history.
    position: usize,
    scratch: Scratch,
}

impl Delay {
    /// Returns the state before the first sample, with silence as history and the first output `next` ticks after the
    /// first sample.
    ///
    /// # Errors
    /// `RangeError` if that many channels would need too much memory.
    pub fn new(plan: &Plan, channels: usize, next: u64) -> Result<Self> {
        let room = (MANY / channels.max(1)).clamp(STEP / 16, STEP).max(plan.history / 4);
        if channels.saturating_mul(plan.history + room) > MAX_HISTORY {
            return Err(Error::range(format!("{channels} channels are too many for a filter of this length")));
        }
        ensure_memory(channels, (plan.history + room) * size_of::<f64>())?;
        let lines = vec![vec![0.0; plan.history + room]; channels];
        Ok(Self { lines, end: plan.history, next, position: 0, scratch: Scratch::default() })
    }

    /// Returns a state from the last samples of every channel as rings (`rings[c][position − 1]` is the newest).
    pub fn from_rings(plan: &Plan, rings: &[Vec<f32>], positions: &[usize], next: u64) -> Result<Self> {
        let mut delay = Self::new(plan, rings.len(), next)?;
        for ((line, ring), &position) in delay.lines.iter_mut().zip(rings).zip(positions) {
            let oldest_first = ring[position..].iter().chain(&ring[..position]);
            line.iter_mut().zip(oldest_first).for_each(|(x, &sample)| *x = f64::from(sample));
        }
        delay.position = positions.first().copied().unwrap_or(0);
        Ok(delay)
    }

    /// Restores silence, with the first output `next` ticks after the start of the next frame.
    pub fn reset(&mut self, next: u64) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.next = next;
        self.position = 0;
    }

    /// Returns the last samples of every channel as rings, to be written next at [`Self::position`].
    pub fn rings(&self, plan: &Plan) -> Vec<Vec<f32>> {
        let ring = |line: &Vec<f64>| {
            let last = &line[self.end - plan.history..self.end];
            // Every number in a line was a float32 sample.
            let mut last: Vec<f32> = last.iter().map(|x| *x as f32).collect();
            last.rotate_right(self.position);
            last
        };
        self.lines.iter().map(ring).collect()
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.lines.len()
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
        let mut after = (self.end, self.next);
        for (line, (input, output)) in self.lines.iter_mut().zip(channels) {
            after = feed(plan, line, (self.end, self.next), input, output, &mut self.scratch);
        }
        (self.end, self.next) = after;
        self.position = ((self.position as u64 + frames as u64) % plan.history as u64) as usize;
    }
}

/// Processes one channel: appends `input` to its line step by step and computes the outputs. Returns the new end and
/// the new position of the next output.
fn feed(
    plan: &Plan,
    line: &mut [f64],
    (mut end, mut next): (usize, u64),
    input: &[f32],
    out: &mut [f32],
    scratch: &mut Scratch,
) -> (usize, u64) {
    let mut out = out;
    for samples in input.chunks((line.len() - plan.history).min(STEP)) {
        if end + samples.len() > line.len() {
            line.copy_within(end - plan.history..end, 0);
            end = plan.history;
        }
        for (x, &sample) in line[end..].iter_mut().zip(samples) {
            *x = f64::from(sample);
        }
        let (now, rest) = out.split_at_mut(plan.outputs(samples.len(), next) as usize);
        plan.run(&line[..end + samples.len()], end, next, now, scratch);
        next = plan.advance(samples.len(), next);
        end += samples.len();
        out = rest;
    }
    (end, next)
}

/// Largest term of a ratio: positions in such units are exact as JavaScript numbers.
const MAX_TERM: u128 = 1 << 53;

/// Returns `a / b` for two positive finite numbers as a reduced fraction with terms up to 2⁵³: exact if there is one,
/// else the last convergent of its continued fraction within that bound.
pub fn binary_ratio(a: f64, b: f64) -> (u64, u64) {
    let ((ma, ea), (mb, eb)) = (odd(a), odd(b));
    let shift = ea - eb;
    // 2⁷⁴ times 2⁵³ fits; a ratio beyond that is out of bounds anyway.
    fraction(u128::from(ma) << shift.clamp(0, 74), u128::from(mb) << (-shift).clamp(0, 74))
}

/// Returns [`binary_ratio`] of the shortest decimal numbers that denote `a` and `b`: 99.7 is 997/10, not the float64
/// next to it.
pub fn decimal_ratio(a: f64, b: f64) -> (u64, u64) {
    let ((da, ea), (db, eb)) = (decimal(a), decimal(b));
    let shift = ea - eb;
    // 10²¹ times 10¹⁷ fits; a ratio beyond that is out of bounds anyway.
    let scaled = |digits: u64, power: i32| u128::from(digits) * 10u128.pow(power.clamp(0, 21) as u32);
    fraction(scaled(da, shift), scaled(db, -shift))
}

/// Returns `p / q` in lowest terms, neither above [`MAX_TERM`]: the last such convergent of its continued fraction.
fn fraction(mut p: u128, mut q: u128) -> (u64, u64) {
    let (mut last, mut now) = ((0, 1), (1, 0));
    while q > 0 {
        let digit = p / q;
        let next =
            (digit.saturating_mul(now.0).saturating_add(last.0), digit.saturating_mul(now.1).saturating_add(last.1));
        if next.0 > MAX_TERM || next.1 > MAX_TERM {
            break;
        }
        (last, now) = (now, next);
        (p, q) = (q, p % q);
    }
    (now.0.clamp(1, MAX_TERM) as u64, if now.1 == 0 { 1 } else { now.1 as u64 })
}

/// Returns a positive finite number as `d · 10^e`, with the digits `d` of its shortest decimal text.
fn decimal(x: f64) -> (u64, i32) {
    let text = format!("{x:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // At most 17 digits.
    (format!("{whole}{rest}").parse().unwrap_or(1), exponent - rest.len() as i32)
}

/// Returns a positive finite number as `m · 2^e` with m odd.
fn odd(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (m, e) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (m >> m.trailing_zeros(), e + m.trailing_zeros() as i32)
}

/// Returns the greatest common divisor.
pub fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::resample::taps::{hamming_taps, kaiser_taps};
    use proptest::prelude::*;

    /// Feeds one channel in pieces of the given lengths, the last of which repeats.
    fn run(plan: &Plan, input: &[f32], pieces: &[usize]) -> Vec<f32> {
        let mut delay = Delay::new(plan, 1, 0).expect("one channel fits");
        let (mut output, mut rest, mut i) = (vec![], input, 0);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(pieces[i.min(pieces.len() - 1)].min(rest.len()));
            let at = output.len();
            output.resize(at + plan.outputs(piece.len(), delay.next()) as usize, f32::NAN);
            delay.process(plan, piece.len(), [(piece, &mut output[at..])]);
            (rest, i) = (later, i + 1);
        }
        output
    }

    /// Returns the definition, term by term.
    fn reference(taps: &[f64], up: usize, down: usize, x: &[f32]) -> Vec<f64> {
        (0..x.len() * up)
            .step_by(down)
            .map(|j| {
                let (n, p) = (j / up, j % up);
                (0..=n).filter(|q| q * up + p < taps.len()).map(|q| taps[q * up + p] * f64::from(x[n - q])).sum()
            })
            .collect()
    }

    fn noise(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * i * 7919 + i * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    #[test]
    fn is_the_sum_that_defines_it() {
        for (up, down, order) in [(1, 1, 3), (3, 2, 51), (2, 3, 51), (5, 1, 7), (1, 5, 51), (7, 4, 5), (4, 7, 101)] {
            let taps = hamming_taps(order, 0.5 / up.max(down) as f64);
            let x = noise(3000);
            let got = run(&Plan::new(up as u64, down as u64, &taps, order), &x, &[usize::MAX]);
            let want = reference(&taps, up, down, &x);
            assert_eq!(got.len(), want.len());
            for (a, b) in got.iter().zip(&want) {
                // One rounding to f32 of sums below 2.
                assert!((f64::from(*a) - b).abs() < 2e-7, "{up}/{down}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_bits(
            up in 1u64..12, down in 1u64..12, half in 1usize..40, pieces in prop::collection::vec(1usize..1500, 1..6),
        ) {
            let plan = Plan::new(up, down, &hamming_taps(2 * half + 1, 0.1), 2 * half + 1);
            let x = noise(4000);
            prop_assert_eq!(run(&plan, &x, &pieces), run(&plan, &x, &[usize::MAX]));
        }

        #[test]
        fn arbitrary_ratios_give_the_same_bits_for_any_cutting(
            input in 0.3f64..3.0, output in 0.3f64..3.0, pieces in prop::collection::vec(1usize..900, 1..4),
        ) {
            let plan = Plan::between(input, output, Quality::High).expect("a moderate ratio");
            let x = noise(2000);
            let whole = run(&plan, &x, &[usize::MAX]);
            prop_assert_eq!(&run(&plan, &x, &pieces), &whole);
            let expected = x.len() as f64 * output / input;
            prop_assert!((whole.len() as f64 - expected).abs() <= 1.0);
        }

        #[test]
        fn ratios_are_exact(a in 1u64..1 << 50, b in 1u64..1 << 50, shift in -30i32..30, places in 0u32..12) {
            let divisor = gcd(a.into(), b.into()) as u64;
            let want = (a / divisor, b / divisor);
            prop_assert_eq!(binary_ratio(a as f64, b as f64), want);
            prop_assert_eq!(decimal_ratio(a as f64, b as f64), want);
            let scale = 2f64.powi(shift);
            prop_assert_eq!(binary_ratio(a as f64 * scale, b as f64 * scale), want);
            // Fifteen digits, the last `places` of them behind the point.
            let (a, b) = (a % 1_000_000_000_000_000 + 1, b % 1_000_000_000_000_000 + 1);
            let divisor = gcd(a.into(), b.into()) as u64;
            let written = |x: u64| format!("{x}e-{places}").parse::<f64>().expect("a number");
            prop_assert_eq!(decimal_ratio(written(a), written(b)), (a / divisor, b / divisor));
        }
    }

    #[test]
    fn known_ratios() {
        for ratio in [binary_ratio, decimal_ratio] {
            assert_eq!(ratio(48_000.0, 44_100.0), (160, 147));
            assert_eq!(ratio(0.75, 0.5), (3, 2));
            let (p, q) = ratio(std::f64::consts::PI, 1e5);
            assert!((p as f64 / q as f64 / (std::f64::consts::PI / 1e5) - 1.0).abs() < 1e-15);
            // Out of bounds: some fraction, but no division by zero.
            for (a, b) in [(f64::MAX, 5e-324), (5e-324, f64::MAX)] {
                let (p, q) = ratio(a, b);
                assert!(p > 0 && q > 0);
            }
        }
        assert_eq!(binary_ratio(5e-324, 1e-323), (1, 2));
        assert_eq!(decimal_ratio(99.7, 100.0), (997, 1000));
        assert_eq!(decimal_ratio(0.1, 0.3), (1, 3));
        assert_ne!(binary_ratio(99.7, 100.0), (997, 1000));
    }

    #[test]
    fn rates_that_are_too_far_apart_are_refused() {
        let error = Plan::between(1e9, 1.0, Quality::Max).expect_err("184 billion taps");
        assert_eq!(error.kind(), crate::error::ErrorKind::Range);
        assert!(Plan::between(1.0, 1e6, Quality::Max).is_ok());
    }

    #[test]
    fn an_infinity_leaves_with_the_delay_line() {
        let plan = Plan::new(3, 2, &hamming_taps(51, 1.0 / 6.0), 51);
        let mut x = vec![1.0; 100];
        x[20] = f32::INFINITY;
        let y = run(&plan, &x, &[7]);
        let touched: Vec<usize> = (0..y.len()).filter(|&m| !y[m].is_finite()).collect();
        // Output m sits at tick 2m and reaches 51 ticks back; input 20 came at tick 60.
        assert_eq!(touched, (30..=55).collect::<Vec<_>>());
    }

    /// Total harmonic distortion and noise of a sine of `frequency` Hz at `rate`, relative to it in dB: what is left
    /// after the best sine of that frequency has been taken out by least squares.
    fn distortion(y: &[f32], frequency: f64, rate: f64) -> f64 {
        let basis = |i: usize| (2.0 * std::f64::consts::PI * frequency * i as f64 / rate).sin_cos();
        let (mut ss, mut sc, mut cc, mut ys, mut yc, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        for (i, &v) in y.iter().enumerate() {
            let ((s, c), v) = (basis(i), f64::from(v));
            (ss, sc, cc) = (ss + s * s, sc + s * c, cc + c * c);
            (ys, yc, yy) = (ys + v * s, yc + v * c, yy + v * v);
        }
        let determinant = ss * cc - sc * sc;
        let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
        let left: f64 = y
            .iter()
            .enumerate()
            .map(|(i, &v)| {
                let (s, c) = basis(i);
                (f64::from(v) - a * s - b * c).powi(2)
            })
            .sum();
        10.0 * (left / yy).log10()
    }

    #[test]
    fn distortion_between_the_audio_rates() {
        for (quality, limit) in [(Quality::High, -100.0), (Quality::Max, -140.0)] {
            for (from, to) in [(44_100.0, 48_000.0), (48_000.0, 44_100.0), (44_100.0, 48_000.5), (48_000.0, 44_099.7)] {
                let plan = Plan::between(from, to, quality).expect("audio rates");
                for frequency in [997.0, 6_000.0, 19_500.0] {
                    let tone = |i: usize| (2.0 * std::f64::consts::PI * frequency * i as f64 / from).sin() as f32;
                    let x: Vec<f32> = (0..20_000).map(tone).collect();
                    let y = run(&plan, &x, &[4096]);
                    // Behind the filter's start-up.
                    let db = distortion(&y[600..], frequency, to);
                    println!("{quality:?} {from} to {to}, {frequency} Hz: THD+N {db:.1} dB");
                    assert!(db < limit, "{quality:?} {from} to {to}, {frequency} Hz: {db} dB");
                }
            }
        }
    }

    #[test]
    fn a_tone_above_the_lower_band_is_gone() {
        // 23 kHz does not exist at 44.1 kHz.
        for (quality, limit) in [(Quality::High, -100.0), (Quality::Max, -140.0)] {
            for to in [44_100.0, 44_101.0] {
                let plan = Plan::between(48_000.0, to, quality).expect("audio rates");
                let tone = |i: usize| (2.0 * std::f64::consts::PI * 23_000.0 * i as f64 / 48_000.0).sin() as f32;
                let x: Vec<f32> = (0..8000).map(tone).collect();
                let y = &run(&plan, &x, &[512])[600..];
                let power: f64 = y.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / y.len() as f64 * 2.0;
                assert!(10.0 * power.log10() < limit, "{quality:?} {to}: {}", 10.0 * power.log10());
            }
        }
    }

    #[test]
    fn rings_go_there_and_back() {
        let plan = Plan::new(3, 2, &kaiser_taps(Quality::High, 3, 2), 0);
        let x = noise(500);
        let whole = run(&plan, &x, &[usize::MAX]);
        let mut delay = Delay::new(&plan, 1, 0).expect("one channel fits");
        let mut y = vec![];
        for piece in x.chunks(37) {
            let at = y.len();
            y.resize(at + plan.outputs(piece.len(), delay.next()) as usize, 0.0);
            delay.process(&plan, piece.len(), [(piece, &mut y[at..])]);
            delay = Delay::from_rings(&plan, &delay.rings(&plan), &[delay.position()], delay.next())
                .expect("one channel fits");
        }
        assert_eq!(y, whole);
    }
}
