//! The inner loops of every resampler: dot products of one phase's taps with the newest samples.

/// Lanes of a partial sum: one AVX-512 register, two of AVX2, four of SSE2 or NEON.
const LANES: usize = 8;

/// Outputs that [`polyphase_row`] computes side by side.
pub const ROW: usize = 16;

/// The taps of a resampler, phase after phase, each reversed so that it runs along with the samples.
#[derive(Debug, Clone)]
pub struct Phases {
    taps: Vec<f64>,
    /// Phase p is `taps[starts[p]..starts[p + 1]]`.
    starts: Vec<usize>,
}

impl Phases {
    /// Makes `count` phases; `phase(p)` returns the taps of phase p, that of the newest sample first.
    pub fn new(count: usize, phase: impl Fn(usize) -> Vec<f64>) -> Self {
        let mut phases = Self { taps: vec![], starts: vec![0] };
        for p in 0..count {
            phases.taps.extend(phase(p).into_iter().rev());
            phases.starts.push(phases.taps.len());
        }
        phases
    }

    /// Returns the number of phases.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the number of taps of all phases together.
    pub fn taps(&self) -> usize {
        self.taps.len()
    }

    /// Returns the length of the longest phase.
    pub fn longest(&self) -> usize {
        self.starts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
    }

    /// Returns the taps of phase p, for the oldest sample first.
    #[inline(always)]
    pub fn get(&self, p: usize) -> &[f64] {
        &self.taps[self.starts[p]..self.starts[p + 1]]
    }
}

/// The position of the next output, and the distance between outputs.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// Index in the line of samples of the newest sample under the next output's filter.
    pub frame: usize,
    /// Ticks from that sample to the output, below `up`.
    pub tick: u64,
    /// Ticks per input sample.
    pub up: u64,
    /// Ticks per output sample.
    pub down: u64,
}

impl Walk {
    /// Whole samples and ticks from one output to the next.
    #[inline(always)]
    pub fn stride(&self) -> (usize, u64) {
        ((self.down / self.up) as usize, self.down % self.up)
    }

    /// Goes on to the next output.
    #[inline(always)]
    pub fn step(&mut self, (frames, ticks): (usize, u64)) {
        self.frame += frames;
        self.tick += ticks;
        if self.tick >= self.up {
            self.tick -= self.up;
            self.frame += 1;
        }
    }

    /// Calls `output(frame, tick)` once for each of `out`, and stores what it gives.
    #[inline(always)]
    fn each(self, out: &mut [f32], mut output: impl FnMut(usize, u64) -> f32) {
        let (mut walk, stride) = (self, self.stride());
        for y in out {
            *y = output(walk.frame, walk.tick);
            walk.step(stride);
        }
    }
}

/// Returns `Σ taps[i] · samples[i]`: eight partial sums and the remainder, added in a fixed order.
#[inline(always)]
fn dot(taps: &[f64], samples: &[f64]) -> f64 {
    let (h, h_rest) = taps.as_chunks::<LANES>();
    let (x, x_rest) = samples.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (h, x) in h.iter().zip(x) {
        for i in 0..LANES {
            sums[i] += h[i] * x[i];
        }
    }
    let mut rest = 0.0;
    for (h, x) in h_rest.iter().zip(x_rest) {
        rest += h * x;
    }
    total(sums, rest)
}

/// Returns the total of the partial sums, added in a fixed order.
#[inline(always)]
fn total([a, b, c, d, e, f, g, h]: [f64; LANES], rest: f64) -> f64 {
    (((a + e) + (c + g)) + ((b + f) + (d + h))) + rest
}

/// Adds `h · x[k]` to every sum.
#[inline(always)]
fn accumulate(sums: &mut [f64; ROW], h: f64, x: &[f64; ROW]) {
    for k in 0..ROW {
        sums[k] += h * x[k];
    }
}

/// [`ROW`] neighbouring values from `start` on.
#[inline(always)]
fn row(streams: &[f64], start: usize) -> &[f64; ROW] {
    streams[start..].first_chunk().expect("a row fits behind every offset")
}

/// Returns the part of `line` that ends with `frame` and is as long as `taps`.
#[inline(always)]
fn window<'a>(line: &'a [f64], frame: usize, taps: &[f64]) -> &'a [f64] {
    &line[frame + 1 - taps.len()..=frame]
}

super::kernel! {
    /// Fills `out` with the outputs along `walk`: that at tick `p` is the dot product of phase `p` with the newest
    /// samples of `line`, and 0 if there is no such phase (more ticks than taps).
    pub fn polyphase(phases: &Phases, line: &[f64], walk: Walk, out: &mut [f32]) {
        let count = phases.count() as u64;
        walk.each(out, |frame, tick| {
            if tick >= count {
                return 0.0;
            }
            let taps = phases.get(tick as usize);
            dot(taps, window(line, frame, taps)) as f32
        });
    }

    /// [`polyphase`] for more ticks than phases. Phase k holds the taps for tick `(k − 1)·up / (count − 3)`; an output
    /// is the cubic (Lagrange) through the outputs of the four phases around its tick.
    pub fn polyphase_cubic(phases: &Phases, line: &[f64], walk: Walk, out: &mut [f32]) {
        let cells = phases.count() - 3;
        let scale = cells as f64 / walk.up as f64;
        walk.each(out, |frame, tick| {
            let at = tick as f64 * scale;
            let cell = (at as usize).min(cells - 1);
            let u = at - cell as f64;
            let weights = [
                u * (u - 1.0) * (2.0 - u) / 6.0,
                (u * u - 1.0) * (u - 2.0) / 2.0,
                u * (u + 1.0) * (2.0 - u) / 2.0,
                u * (u * u - 1.0) / 6.0,
            ];
            let mut y = 0.0;
            for (k, weight) in weights.into_iter().enumerate() {
                let taps = phases.get(cell + k);
                y += weight * dot(taps, window(line, frame, taps));
            }
            y as f32
        });
    }

    /// Fills `out`, of at least [`ROW`] places, with outputs of one phase: `out[k] = Σ taps[i] · streams[offsets[i] +
    /// k]`. Neighbouring outputs lie side by side in the lanes; the bits equal those of [`polyphase`].
    pub fn polyphase_row(taps: &[f64], offsets: &[usize], streams: &[f64], out: &mut [f32]) {
        let (h, h_rest) = taps.as_chunks::<LANES>();
        let (o, o_rest) = offsets.as_chunks::<LANES>();
        // The last block may overlap the one before it: it finds the same values again.
        let last = out.len() - ROW;
        for at in (0..last).step_by(ROW).chain([last]) {
            let mut sums = [[0.0; ROW]; LANES];
            for lane in 0..LANES {
                let mut sum = [0.0; ROW];
                for (h, o) in h.iter().zip(o) {
                    accumulate(&mut sum, h[lane], row(streams, o[lane] + at));
                }
                sums[lane] = sum;
            }
            let mut rest = [0.0; ROW];
            for (h, o) in h_rest.iter().zip(o_rest) {
                accumulate(&mut rest, *h, row(streams, o + at));
            }
            let block = &mut out[at..][..ROW];
            for k in 0..ROW {
                let of = |lane: usize| sums[lane][k];
                block[k] = total([of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7)], rest[k]) as f32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    fn noise(n: usize, seed: usize) -> Vec<f64> {
        (0..n).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f64 / 1001.5 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn the_same_bits_on_every_instruction_set(
            length in 0usize..100, up in 1u64..5, down in 1u64..9, shift in 0usize..9, outputs in 1usize..40,
        ) {
            let phases = Phases::new(up as usize, |p| noise(length + p, p));
            let line = noise(500, 3);
            let line = &line[shift..];
            let walk = Walk { frame: length + up as usize, tick: 0, up, down };
            let run = |isa| {
                let mut out = vec![0.0; outputs];
                polyphase::on(isa, &phases, line, walk, &mut out);
                out
            };
            let baseline = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(&run(isa), &baseline, "{}", isa.name());
            }
        }

        #[test]
        fn a_row_has_the_bits_of_single_outputs(length in 0usize..100, outputs in ROW..60, shift in 0usize..9) {
            let phases = Phases::new(1, |_| noise(length, 5));
            let line = noise(length + outputs + shift + ROW, 6);
            let line = &line[shift..];
            let walk = Walk { frame: length, tick: 0, up: 1, down: 1 };
            let mut single = vec![0.0; outputs];
            polyphase::on(Isa::BASELINE, &phases, line, walk, &mut single);
            let offsets: Vec<usize> = (1..=length).collect();
            for isa in Isa::available() {
                let mut out = vec![0.0; outputs];
                polyphase_row::on(isa, phases.get(0), &offsets, line, &mut out);
                prop_assert_eq!(&out, &single, "{}", isa.name());
            }
        }

        #[test]
        fn interpolated_phases_have_the_same_bits_on_every_instruction_set(
            length in 1usize..60, up in 50u64..10_000, down in 1u64..20_000,
        ) {
            let phases = Phases::new(11, |p| noise(length, p));
            let line = noise(length + 450, 3);
            let walk = Walk { frame: length, tick: up / 3, up, down };
            let outputs = (400 * up / down.max(up)).min(100) as usize;
            let run = |isa| {
                let mut out = vec![0.0; outputs];
                polyphase_cubic::on(isa, &phases, &line, walk, &mut out);
                out
            };
            let baseline = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(&run(isa), &baseline, "{}", isa.name());
            }
        }
    }

    #[test]
    fn the_cubic_goes_through_its_phases_and_is_exact_for_cubics() {
        // One tap per phase, the cube of its place: cells −1, 0, …, 4, 5 of 4 cells, read at eighths.
        let phases = Phases::new(7, |k| vec![(k as f64 - 1.0).powi(3)]);
        let mut out = [0.0; 8];
        polyphase_cubic(&phases, &[1.0; 2], Walk { frame: 0, tick: 0, up: 8, down: 1 }, &mut out);
        assert_eq!(out, [0.0, 0.125, 1.0, 3.375, 8.0, 15.625, 27.0, 42.875]);
    }
}
