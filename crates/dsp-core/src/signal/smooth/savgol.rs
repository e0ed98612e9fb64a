//! Savitzky-Golay filters: the value, or a derivative, of the polynomial of least squares over a window (Analytical
//! Chemistry 36, 1964; `scipy.signal.savgol_coeffs`, `savgol_filter`).

use nalgebra::{DMatrix, DVector};

use crate::error::{Error, Result};
use crate::kernels::fir::direct;
use crate::signal::smooth::extend::Edge;

/// The longest window: filtering costs a multiplication per tap and sample.
pub const MAX_WINDOW: usize = 4095;

/// The highest order of the polynomial.
pub const MAX_ORDER: usize = 30;

/// A filter's parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Savgol {
    window: usize,
    order: usize,
    derivative: usize,
    delta: f64,
}

impl Savgol {
    /// A window of `window` samples (odd), a polynomial of `order` below it, its derivative of order `derivative` for samples
    /// `delta` apart.
    ///
    /// # Errors
    /// `RangeError` for parameters outside these ranges, or above [`MAX_WINDOW`], [`MAX_ORDER`].
    pub fn new(window: usize, order: usize, derivative: usize, delta: f64) -> Result<Self> {
        let wrong = |what: String| Err(Error::range(what));
        if window.is_multiple_of(2) || window > MAX_WINDOW {
            return wrong(format!("windowLength must be an odd integer from 1 to {MAX_WINDOW}, got {window}"));
        }
        if order >= window || order > MAX_ORDER {
            return wrong(format!("polyOrder must be less than windowLength and at most {MAX_ORDER}, got {order}"));
        }
        if !(delta.is_finite() && delta != 0.0) {
            return wrong(format!("delta must be a number other than 0, got {delta}"));
        }
        Ok(Self { window, order, derivative, delta })
    }

    /// The window length.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Weights of the window's samples, oldest first, for the polynomial at sample `position` of it.
    pub fn weights(&self, position: usize) -> Vec<f64> {
        if self.derivative > self.order {
            return vec![0.0; self.window];
        }
        // On [−1, 1] or so the powers stay of one size, and the fit well conditioned.
        let reach = (self.window / 2).max(1) as f64;
        let abscissa = |i: usize| (i as f64 - position as f64) / reach;
        let powers = DMatrix::from_fn(self.window, self.order + 1, |i, k| abscissa(i).powi(k as i32));
        let mut wanted = DVector::zeros(self.order + 1);
        let factorial: f64 = (1..=self.derivative).map(|k| k as f64).product();
        wanted[self.derivative] = factorial / (reach * self.delta).powi(self.derivative as i32);
        let qr = powers.qr();
        // Weights of least norm with Aᵀw = wanted: w = Q·R⁻ᵀ·wanted.
        let solved = qr.r().tr_solve_upper_triangular(&wanted).expect("powers of distinct abscissas are independent");
        (qr.q() * solved).iter().copied().collect()
    }

    /// Impulse response of the filter for the middle of the window: its weights, newest sample first.
    pub fn taps(&self) -> Vec<f64> {
        let mut weights = self.weights(self.window / 2);
        weights.reverse();
        weights
    }

    /// Filters a whole signal; the result is centred.
    ///
    /// # Errors
    /// `RangeError` if `x` is shorter than the window with [`Ends::Fit`].
    pub fn filter(&self, x: &[f32], ends: Ends) -> Result<Vec<f32>> {
        let half = self.window / 2;
        let extended: Vec<f32> = match ends {
            Ends::Fit if x.len() < self.window => {
                let message =
                    format!("windowLength must be at most the length of the signal ({}) in mode 'interp'", x.len());
                return Err(Error::range(message));
            }
            Ends::Fit => Edge::Constant.extend(x, half),
            Ends::Extend(edge) => edge.extend(x, half),
        };
        let mut out = vec![0.0; x.len()];
        if x.is_empty() {
            return Ok(out);
        }
        let extended: Vec<f64> = extended.into_iter().map(f64::from).collect();
        direct(&self.taps(), &extended, &mut out);
        if ends == Ends::Fit {
            let last = x.len() - self.window;
            for i in 0..half {
                let at = |position: usize, from: usize| {
                    let weights = self.weights(position);
                    weights.iter().zip(&x[from..]).map(|(w, &x)| w * f64::from(x)).sum::<f64>() as f32
                };
                out[i] = at(i, 0);
                out[x.len() - 1 - i] = at(self.window - 1 - i, last);
            }
        }
        Ok(out)
    }
}

/// What happens within half a window of either end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The polynomial of the first (last) window is evaluated there (SciPy's `interp`).
    Fit,
    /// The signal is extended.
    Extend(Edge),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_weights() {
        let w = Savgol::new(5, 2, 0, 1.0).unwrap().weights(2);
        let want = [-3.0, 12.0, 17.0, 12.0, -3.0].map(|x| x / 35.0);
        assert!(w.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-15));
        assert_eq!(Savgol::new(5, 2, 3, 1.0).unwrap().weights(2), [0.0; 5]);
    }

    #[test]
    fn polynomials_pass_and_are_differentiated() {
        let x: Vec<f32> = (0..40).map(|i| (i * i) as f32 - 3.0 * i as f32).collect();
        let same = Savgol::new(7, 2, 0, 1.0).unwrap().filter(&x, Ends::Fit).unwrap();
        assert!(same.iter().zip(&x).all(|(a, b)| (a - b).abs() <= 1e-4));
        let slope = Savgol::new(7, 3, 1, 0.5).unwrap().filter(&x, Ends::Fit).unwrap();
        assert!(slope.iter().enumerate().all(|(i, s)| (f64::from(*s) - (4.0 * i as f64 - 6.0)).abs() < 1e-3));
    }

    #[test]
    fn bad_parameters_are_refused() {
        for (window, order, delta) in [(4, 2, 1.0), (5, 5, 1.0), (5, 2, 0.0), (MAX_WINDOW + 2, 2, 1.0), (4095, 31, 1.0)]
        {
            assert!(Savgol::new(window, order, 0, delta).is_err());
        }
        assert!(Savgol::new(5, 2, 0, 1.0).unwrap().filter(&[1.0; 4], Ends::Fit).is_err());
    }
}
