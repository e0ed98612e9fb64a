//! A polyphase filter in double precision, of any length and with any number of phases.

use crate::kernels::interleave::interleave;
use crate::kernels::polyphase::{Phases, ROW, Walk, polyphase, polyphase_cubic, polyphase_row};
use crate::signal::resample::taps::Lowpass;

/// Most phases for which rows of outputs are computed before they are put in order; it bounds the scratch space.
const MAX_ROWS: u64 = 64;

/// Taps by phases.
#[derive(Debug, Clone)]
pub struct Wide {
    phases: Phases,
    cubic: bool,
    /// Samples that an output depends on.
    longest: usize,
}

impl Wide {
    /// The prototype `taps` at `up` ticks per input sample.
    pub fn new(up: u64, taps: &[f64]) -> Self {
        let count = up.min(taps.len() as u64) as usize;
        let phases = Phases::new(count, |p| taps[p..].iter().step_by(up as usize).copied().collect());
        Self { longest: phases.longest(), phases, cubic: false }
    }

    /// `length` taps per output on the cubics through `cells` phases of a low-pass, whose samples of the lower rate are
    /// `widest` input samples.
    pub fn cubic(lowpass: Lowpass, widest: f64, length: usize, cells: usize) -> Self {
        let centre = length as f64 / 2.0;
        let lowpass = lowpass.with_half(centre / widest);
        let phases = Phases::new(cells + 3, |k| {
            let offset = (k as f64 - 1.0) / cells as f64;
            (0..length).map(|q| lowpass.at((q as f64 + offset - centre) / widest) / widest).collect()
        });
        Self { phases, cubic: true, longest: length }
    }

    /// Samples that an output depends on.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Multiplications per output, on average.
    pub fn multiplications(&self, up: u64) -> f64 {
        if self.cubic { 4.0 * self.longest as f64 } else { self.phases.taps() as f64 / up as f64 }
    }

    /// The outputs along `walk` over `line`, which holds `history` samples up to the first one's newest.
    pub fn run(&self, line: &[f64], walk: Walk, history: usize, out: &mut [f32], scratch: &mut Scratch) {
        if self.cubic {
            return polyphase_cubic(&self.phases, line, walk, out);
        }
        let mut walk = walk;
        let periods = (out.len() as u64 / walk.up) as usize;
        let mut out = out;
        if periods >= ROW && walk.up <= MAX_ROWS {
            let (whole, rest) = out.split_at_mut(periods * walk.up as usize);
            scratch.run(&self.phases, line, walk, history, periods, whole);
            walk.frame += periods * walk.down as usize;
            out = rest;
        }
        polyphase(&self.phases, line, walk, out);
    }
}

/// Buffers for computing whole periods, in which `up` outputs come from `down` inputs.
///
/// The outputs of one phase then lie `down` inputs apart. With the inputs dealt out into `down` streams these are
/// neighbours, and a vector register holds outputs of one phase instead of products of one output.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    streams: Vec<f64>,
    offsets: Vec<usize>,
    rows: Vec<f32>,
}

impl Scratch {
    fn run(&mut self, phases: &Phases, line: &[f64], walk: Walk, history: usize, periods: usize, out: &mut [f32]) {
        let (up, down) = (walk.up as usize, walk.down as usize);
        let first = walk.frame + 1 - history;
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
            let taps = if phase < phases.count() { phases.get(phase) } else { &[] };
            let oldest = tick / up + history - taps.len();
            self.offsets.clear();
            self.offsets.extend((oldest..oldest + taps.len()).map(|i| i % down * stride + i / down));
            let row = if up == 1 { &mut *out } else { &mut self.rows[r * periods..][..periods] };
            polyphase_row(taps, &self.offsets, streams, row);
        }
        if up > 1 {
            interleave(&self.rows, periods, up, out);
        }
    }

    /// Sample `i` of `line` to place `i / count` of stream `i mod count`.
    fn deal(&mut self, line: &[f64], count: usize, stride: usize) {
        self.streams.resize(count * stride, 0.0);
        for (s, stream) in self.streams.chunks_exact_mut(stride).enumerate() {
            for (x, &sample) in stream.iter_mut().zip(line[s.min(line.len())..].iter().step_by(count)) {
                *x = sample;
            }
        }
    }
}
