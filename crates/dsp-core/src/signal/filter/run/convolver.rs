//! Convolution with a fixed kernel in whichever way is cheaper: a sum over the taps, or the FFT by overlap-save.
//!
//! Direct sums cost taps × samples; a transform of n points gives n − taps + 1 outputs. The choice depends on the
//! length of the call, too: a call much shorter than the kernel is summed. Direct outputs have the same bits however
//! the input is cut; those of the FFT agree within rounding of f64, long before they are rounded to f32. Samples that
//! would spoil a transform – non-finite, or far louder than the rest of it – are always summed ([`Outliers`]), so each
//! affects only the outputs that its taps reach.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use realfft::num_complex::Complex64;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::kernels;
use crate::signal::transform::outliers::{Outliers, Silence};

/// Cost of one tap for one sample in the direct form, against [`FFT_COST`] per point and octave of the two transforms.
/// Measured by `cargo bench --bench filters -- crossover` (AVX-512 Xeon: they meet between 48 and 64 taps).
const DIRECT_COST: f64 = 1.0;
/// See [`DIRECT_COST`].
const FFT_COST: f64 = 5.5;
/// Largest transform as a multiple of the kernel length: beyond 8 the gain is below a tenth, and the data leave the
/// cache.
const LARGEST: usize = 8;
/// Samples per step of the direct form, chosen so that its f64 copy stays in the first-level cache.
const STEP: usize = 2048;

/// The method of convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Whichever is cheaper for the call.
    #[default]
    Auto,
    /// Sums over the taps: the same bits however the input is cut.
    Direct,
}

/// A kernel with the data that its transforms need.
#[derive(Clone)]
pub struct Convolver {
    taps: Arc<[f64]>,
    method: Method,
    transforms: BTreeMap<usize, Transform>,
}

impl fmt::Debug for Convolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Convolver").field("taps", &self.taps.len()).field("method", &self.method).finish()
    }
}

/// A sample that is convolved in f64.
pub trait Sample: Copy {
    /// Widens the sample to f64.
    fn widen(self) -> f64;
    /// Rounds an f64 to a sample.
    fn narrow(x: f64) -> Self;
}

impl Sample for f32 {
    fn widen(self) -> f64 {
        f64::from(self)
    }

    fn narrow(x: f64) -> Self {
        // One NaN, as that of the direct sum.
        if x.is_nan() { f32::NAN } else { x as f32 }
    }
}

impl Sample for f64 {
    fn widen(self) -> f64 {
        self
    }

    fn narrow(x: f64) -> Self {
        x
    }
}

/// Overlap-save with transforms of one length.
#[derive(Clone)]
pub struct Transform {
    taps: Arc<[f64]>,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    /// The kernel's spectrum divided by the length, because the inverse transform does not divide by it.
    kernel: Arc<[Complex64]>,
    time: Vec<f64>,
    spectrum: Vec<Complex64>,
    scratch: Vec<Complex64>,
    outliers: Outliers,
    silences: Vec<Silence>,
    /// Places and values of the outputs at the borders of silences, computed by the sum.
    borders: Vec<(usize, f64)>,
}

impl Convolver {
    /// Returns a convolver with `taps` (at least one).
    pub fn new(taps: Vec<f64>, method: Method) -> Self {
        Self { taps: taps.into(), method, transforms: BTreeMap::new() }
    }

    /// Returns the taps.
    pub fn taps(&self) -> &[f64] {
        &self.taps
    }

    /// Computes `y[n] = Σ h[k]·x[n−k]` in place. `history` holds the last inputs before `samples`, oldest first, at
    /// least taps − 1. `padded` is scratch space.
    pub fn run(&mut self, history: &[f32], samples: &mut [f32], padded: &mut Vec<f64>) {
        let before = self.taps.len() - 1;
        let history = &history[history.len() - before..];
        match self.transform_length(samples.len()) {
            Some(length) => self.transform(length).run(history, samples),
            None => self.run_direct(history, samples, padded),
        }
    }

    fn run_direct(&self, history: &[f32], samples: &mut [f32], padded: &mut Vec<f64>) {
        let before = history.len();
        padded.clear();
        padded.extend(history.iter().map(|&x| f64::from(x)));
        for part in samples.chunks_mut(STEP) {
            padded.drain(..padded.len() - before);
            padded.extend(part.iter().map(|&x| f64::from(x)));
            kernels::fir::direct(&self.taps, padded, part);
        }
    }

    /// Returns the transform length that makes `samples` outputs cheapest, if it is cheaper than summing.
    fn transform_length(&self, samples: usize) -> Option<usize> {
        let taps = self.taps.len();
        if self.method == Method::Direct || samples < 2 {
            return None;
        }
        let direct = DIRECT_COST * taps as f64 * samples as f64;
        let cost = |length: usize| {
            let blocks = samples.div_ceil(length + 1 - taps);
            FFT_COST * (blocks * length) as f64 * f64::from(length.ilog2())
        };
        let smallest = (taps + 1).next_power_of_two();
        let lengths = (0..=LARGEST.ilog2()).map(|i| smallest << i);
        lengths.map(|n| (n, cost(n))).filter(|(_, c)| *c < direct).min_by(|x, y| x.1.total_cmp(&y.1)).map(|(n, _)| n)
    }

    fn transform(&mut self, length: usize) -> &mut Transform {
        let taps = &self.taps;
        self.transforms.entry(length).or_insert_with(|| Transform::new(Arc::clone(taps), length))
    }
}

impl Transform {
    /// Returns transforms of `length` ≥ taps + 1 points.
    pub fn new(taps: Arc<[f64]>, length: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let (mut time, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
        let longer = forward.get_scratch_len().max(inverse.get_scratch_len());
        let mut scratch = vec![Complex64::ZERO; longer];
        time[..taps.len()].iter_mut().zip(&*taps).for_each(|(x, h)| *x = h / length as f64);
        forward.process_with_scratch(&mut time, &mut spectrum, &mut scratch).expect("buffers made for this transform");
        let kernel = spectrum.as_slice().into();
        let (outliers, silences, borders) = (Outliers::default(), vec![], vec![]);
        Self { taps, forward, inverse, kernel, time, spectrum, scratch, outliers, silences, borders }
    }

    /// Computes `y[n] = Σ h[k]·x[n−k]` in place; `history` holds the taps − 1 inputs before.
    pub fn run<S: Sample>(&mut self, history: &[S], samples: &mut [S]) {
        let before = history.len();
        let mut last: Vec<S> = history.to_vec();
        for part in samples.chunks_mut(self.time.len() - before) {
            let (head, rest) = self.time.split_at_mut(before);
            let (body, tail) = rest.split_at_mut(part.len());
            head.iter_mut().zip(&last).for_each(|(t, x)| *t = x.widen());
            body.iter_mut().zip(part.iter()).for_each(|(t, x)| *t = x.widen());
            tail.fill(0.0);
            push_all(&mut last, part);
            self.convolve(before..before + part.len());
            part.iter_mut().zip(&self.time[before..]).for_each(|(y, t)| *y = S::narrow(*t));
        }
    }

    /// Convolves the contents of `time`; only `outputs` of the result are used, and zeros follow them.
    fn convolve(&mut self, outputs: Range<usize>) {
        let input = &mut self.time[..outputs.end];
        self.outliers.take(input);
        self.outliers.silences(input, self.taps.len(), &mut self.silences);
        self.borders.clear();
        for n in self.silences.iter().flat_map(Silence::borders).filter(|n| *n >= outputs.start) {
            self.borders.push((n, sum(&self.taps, &input[..=n])));
        }
        self.transform();
        self.silences.iter().for_each(|silence| self.time[silence.outputs.clone()].fill(0.0));
        self.borders.iter().for_each(|(n, y)| self.time[*n] = *y);
        self.outliers.add_convolved(&self.taps, outputs.start, &mut self.time[outputs]);
    }

    fn transform(&mut self) {
        let fits = "buffers made for this transform";
        self.forward.process_with_scratch(&mut self.time, &mut self.spectrum, &mut self.scratch).expect(fits);
        self.spectrum.iter_mut().zip(self.kernel.iter()).for_each(|(s, k)| *s *= k);
        // Real in time: the first and the last point have no imaginary part but for rounding, and realfft insists.
        let end = self.spectrum.len() - 1;
        self.spectrum[0].im = 0.0;
        self.spectrum[end].im = 0.0;
        self.inverse.process_with_scratch(&mut self.spectrum, &mut self.time, &mut self.scratch).expect(fits);
    }
}

/// Returns `Σ taps[k]·x[n−k]` for the last sample of `x`, before which there are zeros.
fn sum(taps: &[f64], x: &[f64]) -> f64 {
    taps.iter().zip(x.iter().rev()).map(|(h, x)| h * x).sum()
}

/// Shifts `samples` into `history`, which keeps its length and holds the last samples, oldest first.
pub fn push_all<T: Copy>(history: &mut [T], samples: &[T]) {
    let kept = history.len();
    if samples.len() >= kept {
        history.copy_from_slice(&samples[samples.len() - kept..]);
    } else {
        history.copy_within(samples.len().., 0);
        history[kept - samples.len()..].copy_from_slice(samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns taps of both signs, exact in ten bits, so that sums of samples in steps of 1/256 are exact in f32.
    fn taps(count: usize) -> Vec<f64> {
        (0..count).map(|k| f64::from((k * 37 % 41) as i32 - 20) / 1024.0).collect()
    }

    fn convolve(taps: &[f64], method: Method, input: &[f32], cuts: &[usize]) -> Vec<f32> {
        let mut convolver = Convolver::new(taps.to_vec(), method);
        let (mut history, mut output, mut padded) = (vec![0.0; taps.len()], input.to_vec(), vec![]);
        let (mut rest, mut call) = (&mut output[..], 0);
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(cuts[call % cuts.len()].clamp(1, rest.len()));
            let before = history.clone();
            push_all(&mut history, now);
            convolver.run(&before, now, &mut padded);
            (rest, call) = (later, call + 1);
        }
        output
    }

    /// Returns whether the FFT and the sum agree: NaN and infinities exactly, others within rounding of the FFT (sums
    /// below 1).
    fn agree(x: &[f32], y: &[f32]) -> bool {
        let same =
            |(x, y): (&f32, &f32)| x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= 3e-7 * y.abs().max(1.0);
        x.len() == y.len() && x.iter().zip(y).all(same)
    }

    #[test]
    fn a_bad_sample_touches_the_outputs_of_its_own_taps_whatever_the_cutting() {
        let taps: Vec<f64> = taps(101).iter().map(|h| if *h == 0.0 { 0.25 } else { *h }).collect();
        let clean = vec![0.5; 8192];
        let expected = convolve(&taps, Method::Auto, &clean, &[8192]);
        for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38, -3e38, 1e12] {
            let mut input = clean.clone();
            input[4096] = bad;
            let whole = convolve(&taps, Method::Auto, &input, &[8192]);
            let touched: Vec<usize> = (0..8192).filter(|&n| whole[n].to_bits() != expected[n].to_bits()).collect();
            assert_eq!(touched, (4096..=4196).collect::<Vec<_>>(), "{bad}");
            for cut in [1, 32, 1000, 4096, 4097, 5000] {
                let got = convolve(&taps, Method::Auto, &input, &[cut]);
                assert!(agree(&got, &whole), "{bad} in calls of {cut}");
            }
        }
    }

    #[test]
    fn silence_stays_silence_but_for_the_taps_of_a_sample() {
        let taps = taps(200);
        let mut input = vec![0.0; 6000];
        input[3000] = 3e38;
        let output = convolve(&taps, Method::Auto, &input, &[6000]);
        assert!(output[..3000].iter().chain(&output[3200..]).all(|y| y.to_bits() == 0));
    }

    /// Transforms measure levels by groups of samples; these are a faint start and a faint end of a sound in such a
    /// group.
    #[test]
    fn a_faint_sample_beside_a_silence_is_not_lost_in_the_rounding_of_a_loud_one() {
        let taps: Vec<f64> = taps(200).iter().map(|h| if *h == 0.0 { 0.25 } else { *h }).collect();
        for (faint, loud) in [(4096, 4097..8192), (4096, 0..4096), (0, 1..8192), (4103, 4104..8192)] {
            let mut input = vec![0.0; 8192];
            input[faint] = 1e-30;
            input[loud].fill(0.75);
            let (got, want) =
                (convolve(&taps, Method::Auto, &input, &[8192]), convolve(&taps, Method::Direct, &input, &[8192]));
            let seen = |n: usize| input[n.saturating_sub(199)..=n].iter().all(|x| *x < 0.5);
            for n in (faint..(faint + 200).min(8192)).filter(|n| seen(*n)) {
                assert!((got[n] / want[n] - 1.0).abs() < 1e-6, "{n}: {} {}", got[n], want[n]);
            }
        }
    }

    proptest! {
        #[test]
        fn no_output_is_farther_from_the_sum_than_its_own_window_allows(
            samples in prop::collection::vec(-128i32..128, 3000..4000),
            bad in prop::collection::vec((0usize..4000, 0usize..9), 0..12),
            quiet in (0usize..4000, 0usize..1500),
            count in 50usize..300,
            cuts in prop::collection::vec(1usize..2500, 1..4),
        ) {
            const BAD: [f32; 9] =
                [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38, -1e20, 1e10, 1e-40, -0.0, 65_536.0];
            let mut input: Vec<f32> = samples.iter().map(|&x| x as f32 / 256.0).collect();
            input.iter_mut().skip(quiet.0).take(quiet.1).for_each(|x| *x *= 1e-9);
            for (place, kind) in bad {
                let place = place % input.len();
                input[place] = BAD[kind];
            }
            let taps = taps(count);
            let got = convolve(&taps, Method::Auto, &input, &cuts);
            let want = convolve(&taps, Method::Direct, &input, &[usize::MAX]);
            let gain: f64 = taps.iter().map(|h| h.abs()).sum();
            for n in 0..input.len() {
                if !want[n].is_finite() {
                    prop_assert_eq!(got[n].to_bits(), want[n].to_bits(), "{}", n);
                    continue;
                }
                let window = &input[(n + 1).saturating_sub(count)..=n];
                let largest = window.iter().fold(0.0, |m: f64, x| m.max(f64::from(x.abs())));
                // One rounding to f32 on either side, and a unit of its smallest numbers.
                let allowed = 1.2e-7 * gain * largest + 1.5e-45;
                prop_assert!((f64::from(got[n]) - f64::from(want[n])).abs() <= allowed, "{}: {} {}", n, got[n], want[n]);
            }
        }
    }
}
