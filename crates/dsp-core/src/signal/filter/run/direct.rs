//! Filters from coefficients in f64, with their state as SciPy writes it: the delays of the transposed direct form II
//! (`scipy.signal.lfilter`, `sosfilt`, `lfilter_zi`, `sosfilt_zi`, `lfiltic`).

use crate::error::{Error, Result};
use crate::signal::filter::design::zpk::Row;

/// A direct form: `b` and `a` of the same length, divided by `a[0]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Direct {
    b: Vec<f64>,
    a: Vec<f64>,
    longest: usize,
}

impl Direct {
    /// Returns the filter `B(z)/A(z)`; coefficients are in ascending order of delay.
    ///
    /// # Errors
    /// `RangeError` if either is empty, `a[0]` is 0, or a quotient by it is beyond float64.
    pub fn new(b: &[f64], a: &[f64]) -> Result<Self> {
        if b.is_empty() || a.is_empty() {
            return Err(Error::range("b and a must have at least one coefficient each"));
        }
        if a[0] == 0.0 {
            return Err(Error::range("a[0] must not be 0"));
        }
        let longest = b.len().max(a.len());
        let padded = |c: &[f64]| {
            let mut scaled: Vec<f64> = c.iter().map(|c| c / a[0]).collect();
            scaled.resize(longest, 0.0);
            scaled
        };
        let (b, a) = (padded(b), padded(a));
        if b.iter().chain(&a).all(|c| c.is_finite()) {
            Ok(Self { b, a, longest })
        } else {
            Err(Error::range("b / a[0] and a / a[0] must be within float64"))
        }
    }

    /// Returns the number of delays.
    pub fn order(&self) -> usize {
        self.longest - 1
    }

    /// Filters `x` in place and leaves in `state` the delays after its last sample.
    pub fn run(&self, x: &mut [f64], state: &mut [f64]) {
        let (b0, b, a) = (self.b[0], &self.b[1..], &self.a[1..]);
        if state.is_empty() {
            x.iter_mut().for_each(|x| *x *= b0);
            return;
        }
        let last = state.len() - 1;
        for x in x {
            let input = *x;
            let output = state[0] + b0 * input;
            for k in 0..last {
                state[k] = state[k + 1] + b[k] * input - a[k] * output;
            }
            state[last] = b[last] * input - a[last] * output;
            *x = output;
        }
    }

    /// Returns the delays after an endless input of 1: `z[k] = Σ_{j>k} (b[j] − g a[j])` with the gain g at 0 Hz.
    ///
    /// # Errors
    /// `RangeError` if the filter has a pole at 0 Hz.
    pub fn steady_state(&self) -> Result<Vec<f64>> {
        let gain = gain_at_zero(&self.b, &self.a)?;
        let mut sum = 0.0;
        let mut state: Vec<f64> = (1..self.longest)
            .rev()
            .map(|j| {
                sum += self.b[j] - gain * self.a[j];
                sum
            })
            .collect();
        state.reverse();
        Ok(state)
    }

    /// Returns the delays after inputs `x` and outputs `y`, the latest first; missing ones count as 0.
    pub fn state_after(&self, y: &[f64], x: &[f64]) -> Vec<f64> {
        let past = |c: &[f64], values: &[f64]| c.iter().zip(values).map(|(c, value)| c * value).sum::<f64>();
        (1..self.longest).map(|k| past(&self.b[k..], x) - past(&self.a[k..], y)).collect()
    }
}

fn gain_at_zero(b: &[f64], a: &[f64]) -> Result<f64> {
    let gain = b.iter().sum::<f64>() / a.iter().sum::<f64>();
    if gain.is_finite() {
        Ok(gain)
    } else {
        Err(Error::range("a filter with a pole at 0 Hz has no steady state for a constant input"))
    }
}

/// Filters `x` in place by a cascade; `state` has the two delays of each section.
pub fn cascade(rows: &[Row], x: &mut [f64], state: &mut [[f64; 2]]) {
    for (&[b0, b1, b2, _, a1, a2], [z1, z2]) in rows.iter().zip(state) {
        for x in x.iter_mut() {
            let input = *x;
            let output = b0 * input + *z1;
            *z1 = b1 * input - a1 * output + *z2;
            *z2 = b2 * input - a2 * output;
            *x = output;
        }
    }
}

/// Returns the delays of a cascade after an endless input of 1.
///
/// # Errors
/// `RangeError` if a section has a pole at 0 Hz.
pub fn cascade_steady_state(rows: &[Row]) -> Result<Vec<[f64; 2]>> {
    let mut level = 1.0;
    let mut state = Vec::with_capacity(rows.len());
    for row in rows {
        let gain = gain_at_zero(&row[..3], &row[3..])?;
        let second = row[2] - gain * row[5];
        state.push([(row[1] - gain * row[4] + second) * level, second * level]);
        level *= gain;
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_state_goes_on_steadily() {
        let filter = Direct::new(&[2.0, 1.0, 0.5], &[2.0, -1.0]).unwrap();
        let mut state = filter.steady_state().unwrap();
        let mut x = [1.0; 9];
        filter.run(&mut x, &mut state);
        assert!(x.iter().all(|y| (y - 3.5).abs() < 1e-14), "{x:?}");
        assert_eq!(state, filter.state_after(&[3.5; 4], &[1.0; 4]));
    }

    #[test]
    fn an_integrator_has_no_steady_state() {
        assert!(Direct::new(&[1.0], &[1.0, -1.0]).unwrap().steady_state().is_err());
        assert!(Direct::new(&[1.0], &[0.0, 1.0]).is_err());
        assert!(Direct::new(&[], &[1.0]).is_err());
        assert!(cascade_steady_state(&[[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]]).is_err());
    }
}
