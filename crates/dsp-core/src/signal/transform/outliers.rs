//! Samples that are kept out of a Fourier transform, because they would affect its whole length.
//!
//! One NaN makes every output of a fast convolution NaN, and the rounding errors of all outputs are proportional to the
//! largest input. So samples that are not finite or far louder than the quietest part are replaced by zeros; their
//! contribution is added afterwards by the sum that defines the convolution.

use std::ops::Range;

use crate::kernels::levels::{GROUP, levels};

/// Samples louder than this times the quietest part are outliers. An f64 transform has errors of about 2⁻⁵⁰ of the
/// loudest sample; they then stay below 2⁻²⁶ of the quietest part, a quarter of a unit in the last place of its f32
/// samples.
const LOUDEST: f64 = (1 << 24) as f64;

/// The outliers of a signal, and its silences.
#[derive(Debug, Clone, Default)]
pub struct Outliers {
    /// Positions and values, in order.
    list: Vec<(usize, f64)>,
    may_be_silent: bool,
}

/// The outputs of a convolution over a run of zeros. A transform would give rounding errors there in proportion to the
/// loud parts elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The outputs that depend on zeros only.
    pub outputs: Range<usize>,
    /// Those outputs, and the ones before and after that depend on zeros and less than a [`GROUP`] of samples on either
    /// side. These samples may be quieter than any whole group, on which the limit of [`Outliers::take`] is based.
    pub with_borders: Range<usize>,
}

impl Silence {
    /// Returns the outputs at `zeros` of a signal of `length` samples, if there are any.
    fn new(zeros: Range<usize>, taps: usize, length: usize) -> Option<Self> {
        let border = GROUP - 1;
        let first = zeros.start + taps - 1;
        let outputs = first.min(zeros.end)..zeros.end;
        let with_borders = first.saturating_sub(border).max(zeros.start)..(zeros.end + border).min(length);
        (!zeros.is_empty() && with_borders.start < with_borders.end).then_some(Self { outputs, with_borders })
    }

    /// Returns the outputs of the borders.
    pub fn borders(&self) -> impl Iterator<Item = usize> {
        let outputs = self.outputs.clone();
        self.with_borders.clone().filter(move |n| !outputs.contains(n))
    }
}

impl Outliers {
    /// Removes the outliers of `signal`, and replaces the list by them.
    pub fn take(&mut self, signal: &mut [f64]) {
        self.list.clear();
        let levels = levels(signal);
        self.may_be_silent = levels.has_silence;
        let limit = if levels.quietest.is_finite() { (levels.quietest * LOUDEST).min(f64::MAX) } else { f64::MAX };
        if levels.loudest <= limit {
            return;
        }
        for (place, x) in signal.iter_mut().enumerate() {
            let is_plain = x.abs() <= limit;
            if !is_plain {
                self.list.push((place, std::mem::take(x)));
            }
        }
        self.may_be_silent = true;
    }

    /// Returns the outliers: positions and values.
    pub fn list(&self) -> &[(usize, f64)] {
        &self.list
    }

    /// Finds the [`Silence`]s in the signal that [`Self::take`] left, for a kernel of `taps` taps.
    pub fn silences(&self, signal: &[f64], taps: usize, silences: &mut Vec<Silence>) {
        silences.clear();
        if !self.may_be_silent {
            return;
        }
        let mut begin = 0;
        for end in 0..=signal.len() {
            if signal.get(end).is_some_and(|x| *x == 0.0) {
                continue;
            }
            silences.extend(Silence::new(begin..end, taps, signal.len()));
            begin = end + 1;
        }
    }

    /// Adds the contribution of the outliers to `y[n] = Σ taps[k]·x[n−k]`; `outputs` holds the outputs from position
    /// `first` on.
    pub fn add_convolved(&self, taps: &[f64], first: usize, outputs: &mut [f64]) {
        for &(place, value) in &self.list {
            let begin = place.max(first);
            let end = (place + taps.len()).min(first + outputs.len());
            if begin >= end {
                continue;
            }
            let touched = &mut outputs[begin - first..end - first];
            if value.is_nan() {
                touched.fill(f64::NAN);
            } else {
                touched.iter_mut().zip(&taps[begin - place..]).for_each(|(y, h)| *y += value * h);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_signal_is_left_alone() {
        let plain: Vec<f64> = (0..100).map(|i| f64::from(i % 7) - 3.0).collect();
        let (mut signal, mut outliers) = (plain.clone(), Outliers::default());
        outliers.take(&mut signal);
        assert_eq!(signal, plain);
        assert!(outliers.list().is_empty());
    }

    #[test]
    fn what_is_far_above_the_quietest_part_is_taken_out() {
        let (mut signal, mut outliers) = (vec![1.0; 100], Outliers::default());
        (signal[20], signal[50], signal[60]) = (1e9, f64::INFINITY, -1e7);
        outliers.take(&mut signal);
        assert_eq!(outliers.list(), [(20, 1e9), (50, f64::INFINITY)]);
        assert_eq!([signal[20], signal[50], signal[60]], [0.0, 0.0, -1e7]);
        // The next signal has none.
        outliers.take(&mut vec![1.0; 100]);
        assert!(outliers.list().is_empty());
    }

    #[test]
    fn silences_are_the_places_behind_enough_zeros() {
        let mut signal = vec![0.0; 100];
        (signal[40], signal[45], signal[99]) = (f64::NAN, 1.0, 1.0);
        let (mut outliers, mut silences) = (Outliers::default(), vec![]);
        outliers.take(&mut signal);
        outliers.silences(&signal, 40, &mut silences);
        let silence = |outputs, with_borders| Silence { outputs, with_borders };
        assert_eq!(silences, [silence(39..45, 24..60), silence(85..99, 70..100)]);
        assert_eq!(silences[1].borders().collect::<Vec<_>>(), [(70..85).collect(), vec![99]].concat());
        outliers.silences(&signal, 70, &mut silences);
        assert_eq!(silences, [silence(45..45, 54..60)]);
        outliers.silences(&signal, 101, &mut silences);
        assert!(silences.is_empty());
    }
}
