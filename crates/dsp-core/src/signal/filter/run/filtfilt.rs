//! Zero-phase filtering, forwards and backwards (`scipy.signal.filtfilt`, `sosfiltfilt` with their defaults).
//!
//! The signal is extended at both ends by its odd reflection, and each pass starts in the steady state of its first
//! sample: every history is then that sample times the gain at 0 Hz of the sections before it. This equals `lfilter_zi`
//! and `sosfilt_zi`, written as histories instead of delays.

use crate::error::{Error, Result};
use crate::signal::filter::design::zpk::Row;
use crate::signal::filter::run::convolver::Transform;

/// Returns the number of samples that the default padding adds at each end of a signal for a cascade.
pub fn cascade_padding(rows: &[Row]) -> usize {
    let zeros = |i: usize| rows.iter().filter(|row| row[i] == 0.0).count();
    3 * (2 * rows.len() + 1 - zeros(2).min(zeros(5)))
}

/// Returns `signal` filtered forwards and backwards by the cascade: the magnitude response is squared, the phase is 0.
///
/// # Errors
/// `RangeError` if the signal is not longer than the padding.
pub fn cascade(rows: &[Row], signal: &[f64]) -> Result<Vec<f64>> {
    there_and_back(signal, cascade_padding(rows), |x| cascade_from_rest_at(rows, x))
}

/// Returns `signal` filtered forwards and backwards by an FIR filter. The padding is three times the number of taps.
///
/// # Errors
/// `RangeError` if the signal is not longer than the padding.
pub fn fir(h: &[f64], signal: &[f64]) -> Result<Vec<f64>> {
    there_and_back(signal, 3 * h.len(), |x| fir_from_rest_at(h, x))
}

fn there_and_back(signal: &[f64], padding: usize, pass: impl Fn(&mut Vec<f64>)) -> Result<Vec<f64>> {
    if signal.len() <= padding {
        return Err(Error::range(format!(
            "filtfilt: the signal must have more than {padding} samples for this filter, got {}",
            signal.len()
        )));
    }
    let mut x = odd_extension(signal, padding);
    for _ in 0..2 {
        pass(&mut x);
        x.reverse();
    }
    x.truncate(padding + signal.len());
    x.drain(..padding);
    Ok(x)
}

/// Returns the signal extended by `2·edge − reflection` at both ends.
fn odd_extension(signal: &[f64], padding: usize) -> Vec<f64> {
    let (first, last) = (signal[0], signal[signal.len() - 1]);
    let before = signal[1..=padding].iter().rev().map(|x| 2.0 * first - x);
    let after = signal[signal.len() - 1 - padding..signal.len() - 1].iter().rev().map(|x| 2.0 * last - x);
    before.chain(signal.iter().copied()).chain(after).collect()
}

/// Filters in place, starting in the steady state of `x[0]`.
fn cascade_from_rest_at(rows: &[Row], x: &mut [f64]) {
    for &[b0, b1, b2, _, a1, a2] in rows {
        let input = x[0];
        let output = input * (b0 + b1 + b2) / (1.0 + a1 + a2);
        let (mut u1, mut u2, mut v1, mut v2) = (input, input, output, output);
        for x in x.iter_mut() {
            let u = *x;
            let v = b0 * u + b1 * u1 + b2 * u2 - a2 * v2 - a1 * v1;
            (u2, u1, v2, v1) = (u1, u, v1, v);
            *x = v;
        }
    }
}

/// Number of taps from which the convolution uses the FFT.
const FFT_FROM: usize = 128;

fn fir_from_rest_at(h: &[f64], x: &mut Vec<f64>) {
    let mut history = vec![x[0]; h.len() - 1];
    if h.len() >= FFT_FROM {
        Transform::new(h.into(), (4 * h.len()).next_power_of_two()).run(&history, x);
        return;
    }
    history.append(x);
    *x = history.windows(h.len()).map(|w| h.iter().zip(w.iter().rev()).map(|(h, x)| h * x).sum()).collect();
}
