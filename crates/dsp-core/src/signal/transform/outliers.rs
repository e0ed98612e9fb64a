//! Samples that a Fourier transform must not see, because they would spread over its whole length.
//!
//! One NaN makes every output of a fast convolution NaN, and the rounding errors of all outputs are proportional to the
//! largest input. So non-finite samples, and such that are far louder than the quietest part, are taken out and replaced
//! by zeros; what they contribute is added afterwards by the sum that defines the convolution.

use std::ops::Range;

use crate::kernels::levels::levels;

/// Samples louder than this times the quietest part are taken out. An f64 transform has errors of about 2⁻⁵⁰ of the loudest
/// sample: then they stay below 2⁻²⁶ of the quietest part, a quarter of a unit in the last place of its f32 samples.
const LOUDEST: f64 = (1 << 24) as f64;

/// The samples that were taken out of a signal, and its silences.
#[derive(Debug, Clone, Default)]
pub struct Outliers {
    /// Places and values, in order.
    list: Vec<(usize, f64)>,
    may_be_silent: bool,
}

impl Outliers {
    /// Takes the outliers of `signal` out and forgets those of before.
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

    /// The outliers: places and values.
    pub fn list(&self) -> &[(usize, f64)] {
        &self.list
    }

    /// Finds the stretches of at least `length` zeros in what [`Self::take`] has left: for each, the places at which the
    /// last `length` samples are zeros. A transform would give some rounding error there.
    pub fn silences(&self, signal: &[f64], length: usize, silences: &mut Vec<Range<usize>>) {
        silences.clear();
        if !self.may_be_silent {
            return;
        }
        let mut begin = 0;
        for end in 0..=signal.len() {
            if signal.get(end).is_some_and(|x| *x == 0.0) {
                continue;
            }
            if end - begin >= length {
                silences.push(begin + length - 1..end);
            }
            begin = end + 1;
        }
    }

    /// Adds what the outliers contribute to `y[n] = Σ taps[k]·x[n−k]`, of which `outputs` holds those from place `first` on.
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
        outliers.silences(&signal, 10, &mut silences);
        assert_eq!(silences, [9..45, 55..99]);
        outliers.silences(&signal, 101, &mut silences);
        assert!(silences.is_empty());
    }
}
