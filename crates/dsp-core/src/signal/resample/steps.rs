//! Resamplers in two steps: most of the work is done at the lower of two rates, or with few phases.
//!
//! The samples between the steps are computed anew in every call as far as the outputs need them: they follow from the
//! input alone, so nothing but the last inputs has to be kept.

use crate::kernels::between::{Cell, TAPS, between};
use crate::kernels::polyphase::Walk;
use crate::signal::resample::bank::Bank;
use crate::signal::resample::ratio::gcd;
use crate::signal::resample::taps::{Lowpass, PASS_EDGE, Quality, STOP_EDGE};

/// Attenuation in dB by which the wide filter of a decimator is better than the sharp one.
pub const RESERVE: f64 = 6.0;

/// Cells of the second filter between two samples; the error of its cubics is below −150 dB.
const CELLS: usize = 32;

/// To twice the output rate with a short filter, then to the output rate with a sharp one.
#[derive(Debug, Clone)]
pub struct Halved {
    up: usize,
    down: usize,
    first: Bank,
    first_up: usize,
    first_down: usize,
    second: Bank,
    delay: f64,
}

impl Halved {
    /// The filter of `quality` for `up / down` below 1.
    pub fn new(quality: Quality, up: usize, down: usize) -> Self {
        let divisor = gcd(2, down as u128) as usize;
        let (first_up, first_down) = (2 * up / divisor, down / divisor);
        // In samples of the output: whatever folds back at twice the rate, the second step takes out, but for its pass band.
        let wide = Lowpass::between(quality.attenuation() + RESERVE, PASS_EDGE, 2.0 - STOP_EDGE);
        let wide = wide.taps((first_up * down / up) as f64, first_up as f64);
        let sharp = quality.first().taps(2.0, 1.0);
        let centre = |taps: &[f64]| (taps.len() - 1) as f64 / 2.0;
        let delay = (centre(&wide) + centre(&sharp) * first_down as f64) / first_up as f64;
        let (first, second) = (Bank::new(first_up, first_down, &wide), Bank::new(1, 2, &sharp));
        Self { up, down, first, first_up, first_down, second, delay }
    }

    /// Samples that an output depends on.
    pub fn longest(&self) -> usize {
        self.first.longest() + ((self.second.longest() - 1) * self.first_down).div_ceil(self.first_up)
    }

    /// Samples that the line must hold up to the first output's newest.
    pub fn before(&self) -> usize {
        self.first.before() + ((self.second.before() + 1) * self.first_down).div_ceil(self.first_up)
    }

    /// Samples that the line must hold behind the last output's newest.
    pub fn after(&self) -> usize {
        self.first.after()
    }

    /// Delay in input samples.
    pub fn delay(&self) -> f64 {
        self.delay
    }

    /// Multiplications per output.
    pub fn multiplications(&self) -> f64 {
        2.0 * self.first.multiplications() + self.second.multiplications()
    }

    /// Fills `out` with outputs, the first of which has the newest sample `line[frame]` and is of `phase`.
    pub fn run(&self, line: &[f32], frame: usize, phase: usize, out: &mut [f32], middle: &mut Vec<f32>) {
        let place = self.place(phase);
        let begin = frame as isize - (place * self.down / self.up) as isize;
        // Sample i of the middle stands at `i · first_down / first_up` behind `begin`, output m at sample 2m.
        let before = self.second.before();
        let from = 2 * place as isize - before as isize;
        let count = before + 2 * out.len() - 1;
        let tick = from * self.first_down as isize;
        let first_up = self.first_up as isize;
        let newest = (begin + tick.div_euclid(first_up)) as usize;
        middle.clear();
        middle.resize(count + self.second.after(), 0.0);
        self.first.run(line, newest, tick.rem_euclid(first_up) as usize, &mut middle[..count]);
        self.second.run(middle, before, 0, out);
    }

    /// The place of the output of `phase` among the `up` of a period.
    fn place(&self, phase: usize) -> usize {
        (0..self.up).find(|place| place * self.down % self.up == phase).unwrap_or(0)
    }
}

/// To an oversampled line with a sharp filter, then between its samples with a short one.
#[derive(Debug, Clone)]
pub struct Between {
    /// Samples of the line per input.
    factor: usize,
    first: Bank,
    cells: Vec<Cell>,
    delay: f64,
}

impl Between {
    /// The filter of `quality` for an output rate of 1/`widest` or more of the input's. `widest` is 1 where the rate rises.
    pub fn new(quality: Quality, widest: f64) -> Self {
        // The short filter takes lines of twice the lower rate or more.
        let factor = if widest < 2.0 { 2 } else { 1 };
        let oversampling = factor as f64 * widest;
        let sharp = quality.first().taps(oversampling, factor as f64);
        let first = Bank::new(factor, 1, &sharp);
        let half = TAPS as f64 / 2.0;
        let short = Lowpass::short();
        let cells = (0..CELLS).map(|cell| cubics(cell, |t| short.at(t - half))).collect();
        let delay = ((sharp.len() - 1) as f64 / 2.0 + half) / factor as f64;
        Self { factor, first, cells, delay }
    }

    /// Samples that an output depends on: with two phases the second one has a tap less.
    pub fn longest(&self) -> usize {
        self.first.longest() + (TAPS - 1) / self.factor
    }

    /// Samples that the line must hold up to the first output's newest.
    pub fn before(&self) -> usize {
        self.first.before() + TAPS
    }

    /// Samples that the line must hold behind the last output's newest.
    pub fn after(&self) -> usize {
        self.first.after() + 1
    }

    /// Delay in input samples.
    pub fn delay(&self) -> f64 {
        self.delay
    }

    /// Multiplications per output, `ratio` of which there are for an input.
    pub fn multiplications(&self, ratio: f64) -> f64 {
        self.factor as f64 * self.first.multiplications() / ratio + 5.0 * TAPS as f64
    }

    /// Fills `out` with outputs along `walk` over `line`.
    pub fn run(&self, line: &[f32], walk: Walk, out: &mut [f32], middle: &mut Vec<f32>) {
        let Some(later) = out.len().checked_sub(1) else { return };
        let Walk { frame, tick, up, down } = walk;
        let factor = self.factor;
        let ticks = u128::from(tick) + later as u128 * u128::from(down);
        let last = frame + (ticks / u128::from(up)) as usize;
        let first = frame - (TAPS - 1).div_ceil(factor);
        let count = (last + 1 - first) * factor;
        middle.resize(count, 0.0);
        self.first.run(line, first, 0, middle);
        let tick = tick * factor as u64;
        let start = (frame - first) * factor + (tick / up) as usize;
        let walk = Walk { frame: start, tick: tick % up, up, down: down * factor as u64 };
        between(&self.cells, middle, walk, out);
    }
}

/// The taps `h(j + place)` within a cell of places, newest sample first in `h` and last in the result: the cubic through
/// four Chebyshev nodes.
fn cubics(cell: usize, h: impl Fn(f64) -> f64) -> Cell {
    let nodes: [f64; 4] =
        std::array::from_fn(|i| (1.0 - (std::f64::consts::PI * (2 * i + 1) as f64 / 8.0).cos()) / 2.0);
    let mut result = [[0.0; TAPS]; 4];
    for tap in 0..TAPS {
        let mut divided: [f64; 4] = nodes.map(|u| h(tap as f64 + (cell as f64 + u) / CELLS as f64));
        for level in 1..4 {
            for i in (level..4).rev() {
                divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - level]);
            }
        }
        // Newton's form, multiplied out.
        let mut powers = [0.0; 4];
        for i in (0..4).rev() {
            for k in (1..4).rev() {
                powers[k] = powers[k - 1] - nodes[i] * powers[k];
            }
            powers[0] = divided[i] - nodes[i] * powers[0];
        }
        for (power, value) in powers.into_iter().enumerate() {
            result[power][TAPS - 1 - tap] = value as f32;
        }
    }
    result
}
