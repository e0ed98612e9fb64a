//! The quadratic spline through points, on an even grid.
//!
//! Its knots are the middles between points, but the first and the last of them (as SciPy's `make_interp_spline` with
//! `k = 2` has them). At each point three B-splines are not 0, so the coefficients follow from a tridiagonal system; that
//! matrix is totally positive, and elimination needs no pivoting.

/// A spline.
pub struct Quadratic {
    knots: Vec<f64>,
    coefficients: Vec<f64>,
}

/// The three B-splines that are not 0 between the knots `span` and `span + 1`.
fn basis(knots: &[f64], span: usize, x: f64) -> [f64; 3] {
    let (t0, t1, t2, t3) = (knots[span - 1], knots[span], knots[span + 1], knots[span + 2]);
    let left = (t2 - x) / (t2 - t1);
    let right = 1.0 - left;
    let (rising, falling) = ((x - t0) / (t2 - t0), (x - t1) / (t3 - t1));
    [left * (1.0 - rising), left * rising + right * (1.0 - falling), right * falling]
}

impl Quadratic {
    /// The spline through at least three points with rising `x`.
    pub fn through(x: &[f64], y: &[f64]) -> Self {
        let n = x.len();
        let mut knots = vec![x[0]; 3];
        knots.extend((1..n - 2).map(|k| 0.5 * (x[k] + x[k + 1])));
        knots.extend([x[n - 1]; 3]);
        let (mut upper, mut right) = (vec![0.0; n], vec![0.0; n]);
        // At the ends one B-spline alone is 1.
        right[0] = y[0];
        for k in 1..n {
            let (lower, middle, above) = if k == n - 1 {
                (0.0, 1.0, 0.0)
            } else {
                let [a, b, c] = basis(&knots, k + 1, x[k]);
                (a, b, c)
            };
            let pivot = middle - lower * upper[k - 1];
            upper[k] = above / pivot;
            right[k] = (y[k] - lower * right[k - 1]) / pivot;
        }
        for k in (0..n - 1).rev() {
            right[k] -= upper[k] * right[k + 1];
        }
        Self { knots, coefficients: right }
    }

    /// The values at rising places; before the first and behind the last point those of these.
    pub fn at_all(&self, places: impl Iterator<Item = f64>) -> Vec<f64> {
        let n = self.coefficients.len();
        let (first, last) = (self.knots[0], self.knots[n]);
        let mut span = 2;
        let mut value = |x: f64| {
            if x <= first {
                return self.coefficients[0];
            }
            if x >= last {
                return self.coefficients[n - 1];
            }
            while span < n - 1 && x >= self.knots[span + 1] {
                span += 1;
            }
            let [a, b, c] = basis(&self.knots, span, x);
            let coefficients = &self.coefficients[span - 2..=span];
            a * coefficients[0] + b * coefficients[1] + c * coefficients[2]
        };
        places.map(&mut value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_is_found_again() {
        let x = [0.0, 0.7, 1.1, 2.0, 3.2, 3.9];
        let parabola = |x: f64| 3.0 - 2.0 * x + 0.5 * x * x;
        let spline = Quadratic::through(&x, &x.map(parabola));
        for (place, value) in [0.3, 1.0, 2.7, 3.5].into_iter().zip(spline.at_all([0.3, 1.0, 2.7, 3.5].into_iter())) {
            assert!((value - parabola(place)).abs() < 1e-12, "{place}: {value}");
        }
        assert_eq!(spline.at_all([-1.0, 9.0].into_iter()), [parabola(0.0), parabola(3.9)]);
    }
}
