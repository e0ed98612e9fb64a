//! Filters of whole recordings, as biosignals are cleaned with.

use crate::error::{Error, Result};
use crate::signal::biosignal::numbers::mean;
use crate::signal::filter::design::zpk::{Band, Row};
use crate::signal::filter::design::{Iir, butterworth};
use crate::signal::filter::run::direct::{self, Direct};
use crate::signal::filter::run::zero_phase::{Padding, padded, padded_cascade};
use crate::text::js_number;

/// Sections of a Butterworth filter that passes what is above `low` and below `high` Hz.
///
/// # Errors
/// `RangeError` unless the edges are below half of the sample rate.
pub fn butterworth(rate: f64, low: Option<f64>, high: Option<f64>, order: usize) -> Result<Vec<Row>> {
    let highest = high.or(low).unwrap_or(0.0);
    if 2.0 * highest >= rate {
        let (least, got) = (js_number(2.0 * highest), js_number(rate));
        return Err(Error::range(format!("sampleRate must be above {least} for this filter, got {got}")));
    }
    let nu = |edge: f64| edge / rate;
    let band = match (low, high) {
        (Some(low), Some(high)) => Band::BandPass(nu(low), nu(high)),
        (Some(low), None) => Band::HighPass(nu(low)),
        (None, Some(high)) => Band::LowPass(nu(high)),
        (None, None) => return Ok(vec![]),
    };
    Ok(Iir::cascade(&butterworth::prototype(order).digital(band))?.rows)
}

/// `x` filtered forwards and backwards.
///
/// # Errors
/// `RangeError` for a signal that is too short.
pub fn both_ways(x: &[f64], rows: &[Row]) -> Result<Vec<f64>> {
    padded_cascade(rows, x, Padding::Odd, None)
}

/// `x` filtered once, as if its mean had been there before it.
///
/// # Errors
/// `RangeError` for a pole at 0 Hz.
pub fn once(x: &[f64], rows: &[Row]) -> Result<Vec<f64>> {
    let before = mean(x);
    let mut state = direct::cascade_steady_state(rows)?;
    state.iter_mut().flatten().for_each(|z| *z *= before);
    let mut y = x.to_vec();
    direct::cascade(rows, &mut y, &mut state);
    Ok(y)
}

/// `x` averaged over `length` samples, forwards and backwards.
///
/// # Errors
/// `RangeError` for a signal that is too short.
pub fn averaged_both_ways(x: &[f64], length: usize) -> Result<Vec<f64>> {
    if length >= x.len() {
        return Err(Error::range(format!("the signal must have more than {length} samples")));
    }
    let filter = Direct::new(&vec![1.0; length], &[length as f64])?;
    padded(&filter, x, Padding::Odd, None)
}

/// Mean of `length` samples around each, `length / 2` of them before it; beyond the ends the samples there.
pub fn boxcar(x: &[f64], length: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (x.first(), x.last()) else { return vec![] };
    let before = length / 2;
    let at = |k: isize| match usize::try_from(k) {
        Err(_) => *first,
        Ok(k) => *x.get(k).unwrap_or(last),
    };
    let mut sum: f64 = (0..length).map(|k| at(k as isize - before as isize)).sum();
    let mut y = Vec::with_capacity(x.len());
    for k in 0..x.len() as isize {
        y.push(sum / length as f64);
        let oldest = k - before as isize;
        sum += at(oldest + length as isize) - at(oldest);
    }
    y
}

/// Mean of the last `length` samples; at the beginning of those there are.
pub fn trailing(x: &[f64], length: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let mean = |k: usize| {
        sum += x[k];
        if k >= length {
            sum -= x[k - length];
        }
        sum / (k + 1).min(length) as f64
    };
    (0..x.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_of_neighbours() {
        assert_eq!(boxcar(&[3.0, 0.0, 3.0, 6.0], 3), [2.0, 2.0, 3.0, 5.0]);
        assert_eq!(boxcar(&[2.0, 4.0, 6.0], 2), [2.0, 3.0, 5.0]);
        assert_eq!(trailing(&[2.0, 4.0, 6.0], 2), [2.0, 3.0, 5.0]);
        assert!(boxcar(&[], 3).is_empty());
    }

    #[test]
    fn an_edge_above_half_of_the_rate_is_refused() {
        assert!(matches!(butterworth(20.0, Some(8.0), Some(16.0), 1), Err(Error::Range(_))));
    }
}
