//! Decimators whose first step is a half-band filter: all but one of its taps meet every other sample only.
//!
//! The samples between the steps stand at the even frames of the stream, so the place of a call in the stream decides which
//! they are; the history has an even length, so a saved position tells it.

use crate::kernels::polyphase::Walk;
use crate::signal::resample::bank::Bank;
use crate::signal::resample::steps::RESERVE;
use crate::signal::resample::taps::{Lowpass, Quality};

/// To half the input rate with a half-band filter, then to the output rate with a sharp one.
#[derive(Debug, Clone)]
pub struct HalfBand {
    up: usize,
    /// The taps for even distances; the one for [`Self::centre`], which is odd, is a half, the others are zero.
    first: Bank,
    centre: usize,
    second: Bank,
    delay: f64,
}

/// Buffers of one call.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    even: Vec<f32>,
    odd: Vec<f32>,
    middle: Vec<f32>,
}

impl HalfBand {
    /// The filter of `quality` for `up / down` below a half, `down` odd.
    pub fn new(quality: Quality, up: usize, down: usize) -> Self {
        let edge = 0.5 * up as f64 / down as f64;
        let wide = Lowpass::between(quality.attenuation() + RESERVE, edge, 0.5 - edge);
        let centre = wide.half().ceil() as usize | 1;
        let wide = wide.with_half(centre as f64);
        let mut taps: Vec<f64> = (0..=centre).map(|k| wide.at(2.0 * k as f64 - centre as f64)).collect();
        crate::signal::resample::taps::scale_to_sum(&mut taps, 0.5);
        let sharp = quality.first().taps(down as f64, 2.0 * up as f64);
        let delay = centre as f64 + (sharp.len() - 1) as f64 / 2.0 / up as f64;
        let (first, second) = (Bank::new(1, 1, &taps), Bank::new(2 * up, down, &sharp));
        Self { up, first, centre, second, delay }
    }

    /// Samples that an output depends on.
    pub fn longest(&self) -> usize {
        2 * self.second.longest() + 2 * self.centre + 1
    }

    /// Samples that the line must hold up to the first output's newest.
    pub fn before(&self) -> usize {
        2 * (self.second.before() + self.first.before() + 1)
    }

    /// Delay in input samples.
    pub fn delay(&self) -> f64 {
        self.delay
    }

    /// Multiplications per output, `ratio` of which there are for an input.
    pub fn multiplications(&self, ratio: f64) -> f64 {
        0.5 * self.first.multiplications() / ratio + self.second.multiplications()
    }

    /// Fills `out` with outputs along `walk` over `line`, in which the frame at `walk.frame` is an odd one of the stream or not.
    pub fn run(&self, line: &[f32], walk: Walk, is_odd: bool, out: &mut [f32], scratch: &mut Scratch) {
        let Some(later) = out.len().checked_sub(1) else { return };
        let Scratch { even, odd, middle } = scratch;
        let frame = walk.frame - usize::from(is_odd);
        let phase = usize::from(is_odd) * self.up + walk.tick as usize;
        // Samples between the steps before the first output's newest, and all of them.
        let before = self.second.before();
        let count = before + (phase + later * walk.down as usize) / (2 * self.up) + 1;
        let reach = self.first.before();
        let oldest = frame - 2 * (before + reach);
        let pairs = line[oldest..].as_chunks::<2>().0;
        even.clear();
        even.extend(line[oldest..].iter().step_by(2).take(count + reach));
        even.resize(count + reach + self.first.after(), 0.0);
        middle.clear();
        middle.resize(count + self.second.after(), 0.0);
        self.first.run(even, reach, 0, &mut middle[..count]);
        odd.clear();
        odd.extend(pairs[reach - self.centre.div_ceil(2)..].iter().take(count).map(|[_, odd]| 0.5 * odd));
        middle.iter_mut().zip(odd.iter()).for_each(|(sum, odd)| *sum += odd);
        self.second.run(middle, before, phase, out);
    }
}
