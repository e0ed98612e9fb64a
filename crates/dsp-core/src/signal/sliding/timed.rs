//! Windows of a duration: the samples with times in `(t − D, t]`.
//!
//! Two stacks hold the window: the front stack keeps the sums of all its suffixes, the back stack its total; when the
//! front is empty, the back is moved there in reverse. Each sample moves once, so the average cost per sample is
//! constant, and nothing is ever subtracted from a sum.

use crate::signal::sliding::{Measure, Runs};

/// Tolerance in milliseconds: a sample stays if it is later than `t − D` by more than this, since generated times
/// `k·1000/rate` are not exact.
const TOLERANCE_MS: f64 = 1e-6;

/// A sample and its time in milliseconds.
pub type Stamped = (f64, f32);

/// The window of one channel.
#[derive(Debug, Clone, Default)]
pub struct Timed {
    front: Vec<Stamped>,
    suffixes: Runs,
    left: usize,
    back: Vec<Stamped>,
    back_s: f64,
    back_m: f64,
    scratch: Vec<f32>,
}

/// The accumulators of one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    /// Sum of the summands.
    pub s: f64,
    /// Moment of the measure, 0 if it has none.
    pub m: f64,
    /// Number of samples in the window.
    pub n: f64,
}

impl Timed {
    /// Returns the samples in the window with their times, oldest first.
    pub fn samples(&self) -> impl Iterator<Item = Stamped> + '_ {
        self.front[self.left..].iter().chain(&self.back).copied()
    }

    /// Returns the number of samples in the window.
    pub fn len(&self) -> usize {
        self.front.len() - self.left + self.back.len()
    }

    /// Returns whether the window is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many samples are on the back stack; with the samples, this is the whole state.
    pub fn fill(&self) -> usize {
        self.back.len()
    }

    /// Returns a window that holds `samples`, the last `fill` of them (at most all) on the back stack.
    pub fn restore(measure: Measure, mut samples: Vec<Stamped>, fill: usize) -> Self {
        let back = samples.split_off(samples.len() - fill.min(samples.len()));
        let mut window = Self { front: samples, ..Self::default() };
        window.sum_suffixes(measure);
        for sample in back {
            window.append(measure, sample);
        }
        window
    }

    /// Empties the window.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the samples that are too old at `time`, appends `x`, and returns the accumulators.
    pub fn push(&mut self, measure: Measure, duration: f64, time: f64, x: f32) -> Sums {
        while self.oldest().is_some_and(|(oldest, _)| oldest - (time - duration) <= TOLERANCE_MS) {
            self.drop_oldest(measure);
        }
        self.append(measure, (time, x));
        let (s, m) = self.total(measure);
        Sums { s, m, n: self.len() as f64 }
    }

    fn oldest(&self) -> Option<Stamped> {
        self.front.get(self.left).or(self.back.first()).copied()
    }

    fn drop_oldest(&mut self, measure: Measure) {
        if self.left == self.front.len() {
            std::mem::swap(&mut self.front, &mut self.back);
            self.back.clear();
            (self.left, self.back_s, self.back_m) = (0, 0.0, 0.0);
            self.sum_suffixes(measure);
        }
        self.left += 1;
    }

    fn sum_suffixes(&mut self, measure: Measure) {
        self.scratch.clear();
        self.scratch.extend(self.front.iter().map(|(_, x)| x));
        self.suffixes.suffixes_of(measure, &self.scratch, &[]);
    }

    fn append(&mut self, measure: Measure, sample: Stamped) {
        self.back.push(sample);
        let mut v = [0.0];
        measure.widen(&[sample.1], &mut v);
        self.back_s += v[0];
        if measure.has_moments() {
            measure.terms(&mut v, &[self.back_s], self.back.len() as f64, 1.0);
            self.back_m += v[0];
        }
    }

    fn total(&self, measure: Measure) -> (f64, f64) {
        let (mut s, mut m) = ([self.back_s], [self.back_m]);
        if self.left < self.front.len() {
            let at = self.left..=self.left;
            let ma = if measure.has_moments() { &self.suffixes.m[at.clone()] } else { &[] };
            let (na, nb) = ((self.front.len() - self.left) as f64, self.back.len() as f64);
            measure.merge(&self.suffixes.s[at], ma, na, &mut s, &mut m, nb);
        }
        (s[0], m[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn irregular_times_equal_the_direct_computation(
            steps in prop::collection::vec((0.0f64..30.0, -1e3f32..1e3), 1..300),
            duration in 1.0f64..200.0,
            reload in 0usize..300,
        ) {
            let mut window = Timed::default();
            let mut kept: Vec<Stamped> = vec![];
            let mut time = 1.7e12;
            for (i, (step, x)) in steps.into_iter().enumerate() {
                time += step;
                if i == reload {
                    window = Timed::restore(Measure::Moments, window.samples().collect(), window.fill());
                }
                let sums = window.push(Measure::Moments, duration, time, x);
                kept.retain(|(t, _)| t - (time - duration) > TOLERANCE_MS);
                kept.push((time, x));
                let n = kept.len() as f64;
                prop_assert_eq!(sums.n, n);
                let mean = kept.iter().map(|(_, x)| f64::from(*x)).sum::<f64>() / n;
                let m: f64 = kept.iter().map(|(_, x)| (f64::from(*x) - mean).powi(2)).sum();
                prop_assert!((sums.s / n - mean).abs() < 1e-9);
                prop_assert!((sums.m - m).abs() <= 1e-9 * m.max(1.0));
            }
        }
    }

    #[test]
    fn a_gap_empties_and_equal_times_stay() {
        let mut window = Timed::default();
        assert_eq!(window.push(Measure::Sum, 10.0, 0.0, 1.0).n, 1.0);
        assert_eq!(window.push(Measure::Sum, 10.0, 0.0, 2.0).s, 3.0);
        assert_eq!(window.push(Measure::Sum, 10.0, 100.0, 5.0), Sums { s: 5.0, m: 0.0, n: 1.0 });
    }
}
