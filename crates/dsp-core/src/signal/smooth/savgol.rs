//! Savitzky-Golay filters: the value or a derivative of the least-squares polynomial over a window (Analytical
//! Chemistry 36, 1964; `scipy.signal.savgol_coeffs`, `savgol_filter`).

use crate::error::{Error, Result};
use crate::kernels::adaptive::dot_product;
use crate::kernels::fir::direct;
use crate::limits::{collected, filled};
use crate::signal::smooth::extend::Edge;
use crate::signal::transform::extension::Extension;
use crate::text::js_number;

/// Largest window length: filtering costs one multiplication per tap and sample.
pub const MAX_WINDOW: usize = 4095;

/// Largest order of the polynomial.
pub const MAX_ORDER: usize = 30;

/// The parameters of a filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Savgol {
    window: usize,
    order: usize,
    derivative: usize,
    delta: f64,
}

impl Savgol {
    /// Returns the filter with a window of `window` samples (odd) and a polynomial of `order` < `window`, for the
    /// derivative of order `derivative` with samples `delta` apart.
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
            return wrong(format!("delta must be a number other than 0, got {}", js_number(delta)));
        }
        let filter = Self { window, order, derivative, delta };
        let scale = filter.scale().abs();
        if derivative <= order && !(f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX)).contains(&scale) {
            let delta = js_number(delta);
            return wrong(format!("delta must give a derivative within the range of float32, got {delta}"));
        }
        Ok(filter)
    }

    /// Returns the window length in samples.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Returns the weights of the window's samples, oldest first, for the polynomial at sample `position` of the
    /// window.
    pub fn weights(&self, position: usize) -> Vec<f64> {
        let mut weights = vec![0.0; self.window];
        if self.derivative > self.order {
            return weights;
        }
        let basis = Basis::new(self.window, self.order);
        let scale = self.scale();
        for (polynomial, value) in basis.values.iter().zip(basis.derivatives(position, self.derivative)) {
            weights.iter_mut().zip(polynomial).for_each(|(weight, p)| *weight += scale * value * p);
        }
        weights
    }

    /// Returns the factor of a derivative with respect to the abscissa of [`Basis`].
    fn scale(&self) -> f64 {
        (reach(self.window) * self.delta).powi(-(self.derivative as i32))
    }

    /// Evaluates the least-squares polynomial of a whole window at the samples `positions` of the window.
    fn fit(&self, basis: &Basis, window: &[f32], positions: impl Iterator<Item = usize>, out: &mut [f32]) {
        let projection = |polynomial: &Vec<f64>| polynomial.iter().zip(window).map(|(p, &x)| p * f64::from(x)).sum();
        let coefficients: Vec<f64> = basis.values.iter().map(projection).collect();
        for (y, position) in out.iter_mut().zip(positions) {
            let derivatives = basis.derivatives(position, self.derivative);
            let sum: f64 = coefficients.iter().zip(derivatives).map(|(c, d)| c * d).sum();
            *y = (self.scale() * sum) as f32;
        }
    }

    /// Returns the impulse response of the filter for the middle of the window: its weights, newest sample first.
    pub fn taps(&self) -> Vec<f64> {
        let mut weights = self.weights(self.window / 2);
        weights.reverse();
        weights
    }

    /// Returns a whole signal filtered, without delay.
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
            Ends::Fit => Edge::Constant.extend(x, half)?,
            Ends::Extend(edge) => edge.extend(x, half)?,
        };
        let mut out = filled(0.0, x.len())?;
        if x.is_empty() || self.derivative > self.order {
            return Ok(out);
        }
        let extended = collected(extended.into_iter().map(f64::from))?;
        direct(&self.taps(), &extended, &mut out);
        if ends == Ends::Fit {
            let basis = Basis::new(self.window, self.order);
            let (first, last) = (&x[..self.window], &x[x.len() - self.window..]);
            let end = out.len() - half;
            self.fit(&basis, first, 0..half, &mut out[..half]);
            self.fit(&basis, last, half + 1..self.window, &mut out[end..]);
        }
        Ok(out)
    }
}

/// Returns weights of a window's samples, oldest first, for the derivative at any `position` (0 is the oldest sample) of the
/// polynomial of least squares of `(window, order)`; the window may be even.
///
/// # Errors
/// `RangeError` unless `order` is below `window`, and for weights beyond float64.
pub fn coefficients((window, order): (usize, usize), derivative: usize, delta: f64, position: f64) -> Result<Vec<f64>> {
    if order >= window {
        return Err(Error::range(format!("polyOrder must be less than windowLength ({window}), got {order}")));
    }
    let mut weights = vec![0.0; window];
    if derivative > order {
        return Ok(weights);
    }
    let basis = Basis::new(window, order);
    let scale = Savgol { window, order, derivative, delta }.scale();
    let t = (position - middle(window)) / reach(window);
    for (polynomial, value) in basis.values.iter().zip(basis.derivatives_at(t, derivative)) {
        weights.iter_mut().zip(polynomial).for_each(|(weight, p)| *weight += scale * value * p);
    }
    if weights.iter().all(|w| w.is_finite()) {
        Ok(weights)
    } else {
        Err(Error::range("delta must give a derivative within the range of float64"))
    }
}

/// Returns the filter of a whole signal in f64; without an extension the polynomial of the first (last) window is evaluated
/// within half a window of the ends. The window is odd.
///
/// # Errors
/// `RangeError` for a window longer than the signal without an extension, and those of [`coefficients`].
pub fn filtered(
    x: &[f64],
    (window, order): (usize, usize),
    derivative: usize,
    beyond: Option<Extension>,
) -> Result<Vec<f64>> {
    let half = window / 2;
    if beyond.is_none() && x.len() < window {
        let n = x.len();
        return Err(Error::range(format!(
            "width must be at most the length of x ({n}) in mode 'interp', got {window}"
        )));
    }
    let weights = coefficients((window, order), derivative, 1.0, half as f64)?;
    let extended = beyond.unwrap_or_default().extended(x, half, half)?;
    let mut out = collected(extended.windows(window).map(|samples| dot_product(&weights, samples)))?;
    if beyond.is_none() {
        let n = x.len();
        for place in 0..half {
            let early = coefficients((window, order), derivative, 1.0, place as f64)?;
            out[place] = dot_product(&early, &x[..window]);
            let late = coefficients((window, order), derivative, 1.0, (window - 1 - place) as f64)?;
            out[n - 1 - place] = dot_product(&late, &x[n - window..]);
        }
    }
    Ok(out)
}

/// Where the abscissa of a window is 0.
fn middle(window: usize) -> f64 {
    (window - 1) as f64 / 2.0
}

/// Half the window: abscissas in units of it lie within [−1, 1].
fn reach(window: usize) -> f64 {
    (window / 2).max(1) as f64
}

/// Polynomials of degrees 0, 1, … that are orthonormal over the samples of a window (Gram's; Forsythe, 1957).
///
/// Each is its predecessor times the abscissa, made orthogonal to all before it (Arnoldi's iteration, with a second
/// pass that removes the rounding errors of the first). This is accurate where the powers of the abscissa are nearly
/// dependent.
struct Basis {
    /// Values of each polynomial at the samples.
    values: Vec<Vec<f64>>,
    /// The construction of each polynomial after the first: the multiples of its predecessors that were subtracted, and
    /// the norm of the rest.
    steps: Vec<(Vec<f64>, f64)>,
}

impl Basis {
    fn new(window: usize, order: usize) -> Self {
        let mut basis = Self { values: vec![vec![1.0 / (window as f64).sqrt(); window]], steps: vec![] };
        for degree in 0..order {
            let mut next: Vec<f64> =
                basis.values[degree].iter().enumerate().map(|(i, p)| p * Self::abscissa(window, i)).collect();
            let mut multiples = vec![0.0; degree + 1];
            for _pass in 0..2 {
                for (multiple, before) in multiples.iter_mut().zip(&basis.values) {
                    let shared: f64 = next.iter().zip(before).map(|(a, b)| a * b).sum();
                    next.iter_mut().zip(before).for_each(|(a, b)| *a -= shared * b);
                    *multiple += shared;
                }
            }
            let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
            next.iter_mut().for_each(|x| *x /= norm);
            basis.values.push(next);
            basis.steps.push((multiples, norm));
        }
        basis
    }

    fn abscissa(window: usize, position: usize) -> f64 {
        (position as f64 - middle(window)) / reach(window)
    }

    /// Returns the derivative of order `order` of each polynomial, with respect to the abscissa, at a sample.
    fn derivatives(&self, position: usize, order: usize) -> Vec<f64> {
        let t = Self::abscissa(self.values[0].len(), position);
        self.derivatives_of(self.values.iter().map(|polynomial| polynomial[position]).collect(), t, order)
    }

    /// The same at any abscissa `t`.
    fn derivatives_at(&self, t: f64, order: usize) -> Vec<f64> {
        let mut values = vec![1.0 / (self.values[0].len() as f64).sqrt()];
        for (degree, (multiples, norm)) in self.steps.iter().enumerate() {
            let taken: f64 = multiples.iter().zip(&values).map(|(m, p)| m * p).sum();
            values.push((t * values[degree] - taken) / norm);
        }
        self.derivatives_of(values, t, order)
    }

    /// The derivatives of polynomials whose values at `t` are `lower`.
    fn derivatives_of(&self, mut lower: Vec<f64>, t: f64, order: usize) -> Vec<f64> {
        for k in 1..=order {
            // (t·p)⁽ᵏ⁾ = t·p⁽ᵏ⁾ + k·p⁽ᵏ⁻¹⁾
            let mut higher = vec![0.0];
            for (degree, (multiples, norm)) in self.steps.iter().enumerate() {
                let taken: f64 = multiples.iter().zip(&higher).map(|(m, d)| m * d).sum();
                higher.push((t * higher[degree] + k as f64 * lower[degree] - taken) / norm);
            }
            lower = higher;
        }
        lower
    }
}

/// The output within half a window of either end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// The polynomial of the first (last) window is evaluated there (`interp` in SciPy).
    Fit,
    /// The signal is extended beyond its ends.
    Extend(Edge),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_weights() {
        let w = Savgol::new(5, 2, 0, 1.0).unwrap().weights(2);
        let want = [-3.0, 12.0, 17.0, 12.0, -3.0].map(|x| x / 35.0);
        assert!(w.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-15), "{w:?}");
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

    /// Every polynomial of the filter's order passes unchanged, also in the longest window and of the highest order,
    /// where powers of the abscissa are dependent to rounding.
    #[test]
    fn ends_of_long_windows_are_accurate() {
        for (window, order) in [(MAX_WINDOW, MAX_ORDER), (31, 30), (101, 12)] {
            let n = window + 500;
            let chebyshev = |i: usize| (12.0 * (2.0 * i as f64 / (n - 1) as f64 - 1.0).acos()).cos();
            let x: Vec<f32> = (0..n).map(|i| chebyshev(i) as f32).collect();
            let y = Savgol::new(window, order, 0, 1.0).unwrap().filter(&x, Ends::Fit).unwrap();
            let worst = y.iter().zip(&x).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 2e-6, "{window} {order}: {worst}");
        }
    }

    #[test]
    fn a_delta_that_leaves_float32_is_refused() {
        for delta in [5e-324, 1e-60, 1e308] {
            assert!(Savgol::new(5, 2, 1, delta).is_err(), "{delta}");
        }
        assert!(Savgol::new(5, 2, 0, 5e-324).is_ok(), "without a derivative it has no meaning");
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
