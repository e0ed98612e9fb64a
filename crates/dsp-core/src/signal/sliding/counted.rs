//! Windows of a fixed number of samples.
//!
//! Short windows (up to [`SHORT`]) are summed by doubling: sums over 1, 2, 4, … samples, for all positions at once,
//! combined by the binary digits of the length. Longer ones use blocks as long as the window (van Herk, *A fast
//! algorithm for local minimum and maximum filters on rectangular and octagonal kernels*, 1992): a window is a suffix
//! of one block and a prefix of the next, and both kinds of sums grow by one addition a sample. In both cases the cost
//! does not depend on the window's length, and every output depends only on the samples in its window and on where the
//! blocks begin.

use std::sync::{Arc, OnceLock};

use crate::kernels::scan::{GROUP, prefix_moments, prefix_sums};
use crate::kernels::sliding;
use crate::signal::sliding::{Measure, Runs};

/// Length of the longest window that is summed by doubling.
pub const SHORT: usize = 64;
/// Samples processed at a time, so that all scratch space stays in the first-level cache.
const TILE: usize = 512;

/// Length of the longest window for which [`Scales`] are kept; they fill a part of the second-level cache.
const SCALED: usize = 1 << 14;

/// Buffers for the work of one call.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    part: Runs,
    total: Runs,
    samples: Vec<f32>,
}

/// The length of windows, with the tables computed from it; copies share these.
#[derive(Debug, Clone)]
pub struct Spec {
    size: usize,
    scales: Arc<OnceLock<Scales>>,
}

impl Spec {
    /// Returns the specification of windows of up to `size` samples; tables are computed when they are needed.
    pub fn new(size: usize) -> Self {
        Self { size, scales: Arc::default() }
    }

    /// Returns the number of samples in a full window.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the plan for a measure. All windows of this length must use the same measure: the tables of the first
    /// one stay.
    fn plan(&self, measure: Measure) -> Plan<'_> {
        let Self { size, ref scales } = *self;
        Plan { measure, size, scales: scales.get_or_init(|| Scales::new(measure, size)) }
    }
}

/// A measure over windows, with all its tables.
#[derive(Clone, Copy)]
struct Plan<'a> {
    measure: Measure,
    size: usize,
    scales: &'a Scales,
}

/// Reciprocals for second moments over windows of one size, which save a division per sample. Empty for other measures,
/// and for windows above [`SCALED`].
#[derive(Debug, Clone, Default)]
struct Scales {
    /// `1/(k(k − 1))` for k = 1, 2, … (1 for k = 1).
    up: Vec<f64>,
    /// The reciprocals of `up` in reverse order.
    down: Vec<f64>,
    /// `1/(na·nb·size)` for nb = 1, 2, … and na = size − nb (0 for na = 0).
    across: Vec<f64>,
}

impl Scales {
    fn new(measure: Measure, size: usize) -> Self {
        if measure != Measure::Moments || size > SCALED {
            return Self::default();
        }
        let lengths = || (1..=size).map(|k| k as f64);
        let n = size as f64;
        let up: Vec<f64> = lengths().map(|k| 1.0 / (k * (k - 1.0)).max(1.0)).collect();
        let down = up.iter().rev().copied().collect();
        let across = lengths().map(|nb| if nb < n { 1.0 / ((n - nb) * nb * n) } else { 0.0 }).collect();
        Self { up, down, across }
    }

    fn up(&self, from: usize) -> &[f64] {
        self.up.get(from..).unwrap_or_default()
    }

    /// Returns the reciprocals for the suffixes of a block of `length` samples.
    fn down(&self, length: usize) -> &[f64] {
        &self.down[self.down.len() - length.min(self.down.len())..]
    }
}

/// The window of one channel.
#[derive(Debug, Clone)]
pub enum Counted {
    /// A window of at most [`SHORT`] samples, oldest first.
    Short(Vec<f32>),
    /// A longer window; boxed, so that short windows do not take its room.
    Long(Box<Blocks>),
}

/// A window that consists of a suffix of the previous block and a prefix of the block being filled.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    old: Vec<f32>,
    /// Sums of the suffixes of `old`.
    suffixes: Runs,
    /// Number of samples of `old` that have left the window.
    left: usize,
    new: Vec<f32>,
    /// Sum up to the last whole group of `new`.
    carry_s: f64,
    /// Moment up to the last whole group of `new`.
    carry_m: f64,
}

/// The accumulators of a run of windows, from which its outputs are computed.
pub struct Windows<'a> {
    /// The samples that were added, to be replaced by the outputs.
    pub samples: &'a mut [f32],
    /// Sums, one per window.
    pub s: &'a [f64],
    /// Moments of the measure, one per window, or empty.
    pub m: &'a [f64],
    /// Number of samples in each window.
    pub n: f64,
}

impl Counted {
    /// Returns an empty window of up to `size` samples.
    pub fn new(size: usize) -> Self {
        if size <= SHORT { Self::Short(Vec::new()) } else { Self::Long(Box::default()) }
    }

    /// Returns the samples in the window, oldest first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        let (a, b) = match self {
            Self::Short(samples) => (&samples[..], &[][..]),
            Self::Long(blocks) => (&blocks.old[blocks.left..], &blocks.new[..]),
        };
        let split = a.len();
        (0..split + b.len()).map(move |i| if i < split { a[i] } else { b[i - split] })
    }

    /// Returns how many of them are in the block being filled; with the samples, this is the whole state.
    pub fn fill(&self) -> usize {
        match self {
            Self::Short(_) => 0,
            Self::Long(blocks) => blocks.new.len(),
        }
    }

    /// Returns a window of `size` samples that holds `samples` (at most `size`), of which `fill` are in the block being
    /// filled. If `fill` is impossible or absent (as in a state of the original), all of them are.
    pub fn restore(measure: Measure, spec: &Spec, samples: Vec<f32>, fill: Option<usize>) -> Self {
        if spec.size <= SHORT {
            return Self::Short(samples);
        }
        let fill = fill.filter(|&n| n == samples.len() || n < samples.len() && samples.len() == spec.size);
        let split = samples.len() - fill.unwrap_or(samples.len());
        let (old, new) = samples.split_at(split);
        let mut blocks = Blocks { old: old.to_vec(), new: new.to_vec(), ..Blocks::default() };
        let plan = spec.plan(measure);
        blocks.suffixes.suffixes_of(measure, &blocks.old, plan.scales.down(split));
        blocks.recount(plan);
        Self::Long(Box::new(blocks))
    }

    /// Empties the window.
    pub fn clear(&mut self) {
        match self {
            Self::Short(samples) => samples.clear(),
            Self::Long(blocks) => **blocks = Blocks::default(),
        }
    }

    /// Adds `samples` one by one; `finish` turns the accumulators of each resulting window into the outputs.
    pub fn slide(
        &mut self,
        measure: Measure,
        spec: &Spec,
        samples: &mut [f32],
        scratch: &mut Scratch,
        mut finish: impl FnMut(Windows<'_>),
    ) {
        match self {
            Self::Short(history) => slide_short(history, measure, spec.size, samples, scratch, &mut finish),
            Self::Long(blocks) => {
                let plan = spec.plan(measure);
                for tile in samples.chunks_mut(TILE) {
                    blocks.slide(plan, tile, &mut scratch.total, &mut finish);
                }
            }
        }
    }
}

fn slide_short(
    history: &mut Vec<f32>,
    measure: Measure,
    size: usize,
    samples: &mut [f32],
    scratch: &mut Scratch,
    finish: &mut impl FnMut(Windows<'_>),
) {
    let growing = samples.len().min(size - 1 - history.len().min(size - 1));
    // What it will need, and no more: growing by doubling takes up to twice that.
    history.reserve_exact(size - history.len());
    let (start, full) = samples.split_at_mut(growing);
    for sample in start {
        history.push(*sample);
        let (s, m) = direct(measure, history);
        finish(Windows { samples: std::slice::from_mut(sample), s: &[s], m: &[m], n: history.len() as f64 });
    }
    for tile in full.chunks_mut(TILE) {
        let Scratch { part, total, samples: joined } = scratch;
        joined.clear();
        joined.extend_from_slice(&history[history.len() - (size - 1)..]);
        joined.extend_from_slice(tile);
        doubled(measure, size, joined, part, total);
        let kept = joined.len().min(size);
        history.clear();
        history.extend_from_slice(&joined[joined.len() - kept..]);
        finish(Windows { samples: tile, s: &total.s, m: &total.m, n: size as f64 });
    }
}

fn direct(measure: Measure, window: &[f32]) -> (f64, f64) {
    let mut v = [0.0; SHORT];
    let v = &mut v[..window.len()];
    measure.widen(window, v);
    measure.direct(v)
}

/// Computes the sums of all windows of `size` samples in `x` into `total`.
fn doubled(measure: Measure, size: usize, x: &[f32], part: &mut Runs, total: &mut Runs) {
    let count = x.len() + 1 - size;
    part.s.resize(x.len(), 0.0);
    measure.widen(x, &mut part.s);
    if measure.has_moments() {
        part.m.clear();
        part.m.resize(x.len(), 0.0);
        if size == 1 {
            // Nothing is merged: what is no finite number has no moment by itself.
            part.m.iter_mut().zip(&part.s).for_each(|(m, &x)| *m = if x.is_finite() { 0.0 } else { f64::NAN });
        }
        total.m.resize(count, 0.0);
    } else {
        total.m.clear();
    }
    total.s.resize(count, 0.0);
    let (mut length, mut covered) = (1, 0);
    loop {
        if size & length != 0 {
            let at = covered..covered + count;
            let m = if measure.has_moments() { &part.m[at.clone()] } else { &[] };
            if covered == 0 {
                total.s.copy_from_slice(&part.s[at]);
                total.m[..m.len()].copy_from_slice(m);
            } else {
                measure.append(total, covered, &part.s[at], m, length);
            }
            covered += length;
        }
        if 2 * length > size {
            break;
        }
        measure.double(part, length);
        length *= 2;
    }
}

impl Blocks {
    fn slide(
        &mut self,
        plan: Plan<'_>,
        mut samples: &mut [f32],
        total: &mut Runs,
        finish: &mut impl FnMut(Windows<'_>),
    ) {
        let size = plan.size;
        while !samples.is_empty() {
            if self.new.len() == size {
                self.turn(plan);
            }
            let (run, rest) = samples.split_at_mut(samples.len().min(size - self.new.len()));
            samples = rest;
            self.prefixes(plan, run, total);
            if self.old.is_empty() {
                self.grow(run, total, finish);
                continue;
            }
            let (from, nb) = (self.left + 1, (self.new.len() - run.len() + 1) as f64);
            self.left += run.len();
            self.merge(plan, from, nb, run.len(), total);
            finish(Windows { samples: run, s: &total.s, m: &total.m, n: size as f64 });
        }
    }

    /// Makes the full block the previous one.
    fn turn(&mut self, plan: Plan<'_>) {
        std::mem::swap(&mut self.old, &mut self.new);
        self.new.clear();
        self.left = 0;
        self.suffixes.suffixes_of(plan.measure, &self.old, plan.scales.down(self.old.len()));
        (self.carry_s, self.carry_m) = (0.0, 0.0);
    }

    /// Appends `run` and writes the sums of the prefixes that end in it to `total`.
    fn prefixes(&mut self, plan: Plan<'_>, run: &[f32], total: &mut Runs) {
        let start = self.new.len() / GROUP * GROUP;
        let skip = self.new.len() - start;
        self.new.extend_from_slice(run);
        let x = &self.new[start..];
        total.s.resize(x.len(), 0.0);
        let first = (start + 1) as f64;
        match plan.scales.up(start) {
            [] => self.separate_prefixes(plan.measure, x.len(), first, total),
            up => {
                total.m.resize(x.len(), 0.0);
                let carries = [self.carry_s, self.carry_m];
                [self.carry_s, self.carry_m] = prefix_moments(x, &mut total.s, &mut total.m, carries, first, up);
            }
        }
        total.s.drain(..skip);
        total.m.drain(..skip.min(total.m.len()));
    }

    /// [`Self::prefixes`] of the last `count` samples, one accumulator after the other.
    fn separate_prefixes(&mut self, measure: Measure, count: usize, first: f64, total: &mut Runs) {
        measure.widen(&self.new[self.new.len() - count..], &mut total.s);
        total.m.clear();
        if measure.has_moments() {
            total.m.extend_from_slice(&total.s);
        }
        self.carry_s = prefix_sums(&mut total.s, self.carry_s);
        if measure.has_moments() {
            measure.terms(&mut total.m, &total.s, first, 1.0);
            self.carry_m = prefix_sums(&mut total.m, self.carry_m);
        }
    }

    /// Outputs windows while the first block is being filled: each is one sample longer than the one before.
    fn grow(&self, run: &mut [f32], total: &Runs, finish: &mut impl FnMut(Windows<'_>)) {
        let before = self.new.len() - run.len();
        for (i, sample) in run.iter_mut().enumerate() {
            let m = total.m.get(i..=i).unwrap_or(&[]);
            let n = (before + i + 1) as f64;
            finish(Windows { samples: std::slice::from_mut(sample), s: &total.s[i..=i], m, n });
        }
    }

    /// Merges the suffixes from `from` on with the prefixes in `total`, the first of which is `nb` samples long. The
    /// last window of a block has no suffix.
    fn merge(&self, plan: Plan<'_>, from: usize, nb: f64, count: usize, total: &mut Runs) {
        let measure = plan.measure;
        let with = count.min(self.old.len() - from.min(self.old.len()));
        let suffixes = from..from + with;
        let Runs { s, m } = total;
        let (ma, m) = if measure.has_moments() {
            (&self.suffixes.m[suffixes.clone()], &mut m[..with])
        } else {
            (&[][..], &mut [][..])
        };
        let na = self.old.len().saturating_sub(from) as f64;
        let (sa, s) = (&self.suffixes.s[suffixes], &mut s[..with]);
        match plan.scales.across.get(nb as usize - 1..) {
            Some(across) if !across.is_empty() => sliding::merge_moments_scaled(sa, ma, na, s, m, nb, across),
            _ => measure.merge(sa, ma, na, s, m, nb),
        }
    }

    /// Recomputes the carries from the samples, in the order in which they arrived.
    fn recount(&mut self, plan: Plan<'_>) {
        let samples = std::mem::take(&mut self.new);
        (self.carry_s, self.carry_m) = (0.0, 0.0);
        self.prefixes(plan, &samples, &mut Runs::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Buffers as another stage may have left them.
    fn dirty() -> Scratch {
        let runs = || Runs { s: vec![f64::NAN; 30], m: vec![f64::NAN; 600] };
        Scratch { part: runs(), total: runs(), samples: vec![f32::NAN; 9] }
    }

    fn windows(measure: Measure, size: usize, x: &[f32], cuts: &[usize]) -> Vec<(u64, u64)> {
        let mut out = vec![];
        let spec = Spec::new(size);
        let mut window = Counted::new(size);
        let mut scratch = dirty();
        let mut rest = x;
        for cut in cuts.iter().copied().chain([usize::MAX]) {
            let (chunk, after) = rest.split_at(cut.min(rest.len()));
            rest = after;
            window.slide(measure, &spec, &mut chunk.to_vec(), &mut scratch, |w| {
                for i in 0..w.samples.len() {
                    let m = if measure.has_moments() { w.m[i] / w.n } else { 0.0 };
                    out.push(((w.s[i] / w.n).to_bits(), m.to_bits()));
                }
            });
            // A save and load in between.
            window = Counted::restore(measure, &spec, window.samples().collect(), Some(window.fill()));
        }
        out
    }

    proptest! {
        #[test]
        fn cuts_and_reloads_change_no_bit_and_all_is_as_computed_directly(
            x in prop::collection::vec(-1e3f32..1e3, 0..700),
            size in prop_oneof![1usize..70, Just(SHORT), Just(SHORT + 1), 65usize..300],
            cuts in prop::collection::vec(0usize..200, 0..6),
            measure in prop::sample::select(vec![
                Measure::Sum, Measure::SumOfAbs, Measure::SumOfSquares, Measure::Moments, Measure::Trend,
            ]),
        ) {
            let whole = windows(measure, size, &x, &[]);
            prop_assert_eq!(&windows(measure, size, &x, &cuts), &whole);
            prop_assert_eq!(whole.len(), x.len());
            for i in 0..x.len() {
                let part = &x[(i + 1).saturating_sub(size)..=i];
                let mut v = vec![0.0; part.len()];
                measure.widen(part, &mut v);
                let n = v.len() as f64;
                let mean = v.iter().sum::<f64>() / n;
                prop_assert!((f64::from_bits(whole[i].0) - mean).abs() <= 1e-12 * 1e6);
                let got = f64::from_bits(whole[i].1);
                if measure == Measure::Moments {
                    let variance = v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
                    prop_assert!((got - variance).abs() <= 1e-10 * variance.max(1.0), "{} {} {}", i, got, variance);
                }
                if measure == Measure::Trend {
                    let terms = v.iter().enumerate().map(|(i, x)| (i as f64 - (n - 1.0) / 2.0) * (x - mean));
                    let trend = terms.clone().sum::<f64>() / n;
                    // The terms may cancel: their size bounds the rounding of any order of summing.
                    let size = terms.map(f64::abs).sum::<f64>() / n;
                    prop_assert!((got - trend).abs() <= 1e-10 * size.max(1.0), "{} {} {}", i, got, trend);
                }
            }
        }
    }

    #[test]
    fn a_glitch_leaves_no_trace() {
        for size in [5, 100] {
            let mut x = vec![1e-3f32; 400];
            x[150] = 1e20;
            x[151] = f32::NAN;
            let out = windows(Measure::Moments, size, &x, &[]);
            for i in (0..150).chain(151 + size..400) {
                assert!((f64::from_bits(out[i].0) - f64::from(1e-3f32)).abs() < 1e-15);
                assert_eq!(f64::from_bits(out[i].1), 0.0, "{i}");
            }
            assert!(f64::from_bits(out[151].0).is_nan());
        }
    }
}
