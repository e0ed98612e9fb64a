//! Whittaker-Henderson smoothing (`scipy.signal.whittaker_henderson`): the x that minimises `Σ w (y − x)² + λ Σ (Δᵖ
//! x)²` (P. H. C. Eilers, *A Perfect Smoother*, Analytical Chemistry 75, 2003), and the λ of restricted maximum
//! likelihood.

use crate::error::{Error, Result};
use crate::limits::filled;

/// The highest order of the differences.
pub const MAX_ORDER: usize = 12;

/// The natural logarithms of λ among which the best is looked for.
const GRID: std::ops::RangeInclusive<i32> = -16..=30;

/// A signal with weights, and the order of the differences that are penalised.
#[derive(Debug, Clone, Copy)]
pub struct Signal<'a> {
    /// The samples.
    pub y: &'a [f64],
    /// Their weights, at least 0.
    pub weights: &'a [f64],
    /// The order p, below the number of samples.
    pub order: usize,
}

/// The result of smoothing with one λ.
struct Smooth {
    x: Vec<f64>,
    /// ln |W + λ DᵀD|
    log_determinant: f64,
}

/// The coefficients of Δᵖ, `(−1)^(p−k) C(p, k)`.
fn differences(order: usize) -> Vec<f64> {
    let mut row = vec![1.0];
    for _ in 0..order {
        row.push(0.0);
        for k in (1..row.len()).rev() {
            row[k] = row[k - 1] - row[k];
        }
        row[0] = -row[0];
    }
    row
}

impl Signal<'_> {
    /// Returns the smoothed signal for a λ of at least 0.
    ///
    /// # Errors
    /// `RangeError` if the weights leave the signal undetermined, and if there is not enough memory.
    pub fn smoothed(&self, lambda: f64) -> Result<Vec<f64>> {
        self.solve(lambda).map(|smooth| smooth.x)
    }

    /// `LDLᵀ` of the band matrix `W + λ DᵀD`, and the solution of the normal equations.
    fn solve(&self, lambda: f64) -> Result<Smooth> {
        let (n, p) = (self.y.len(), self.order);
        let row = differences(p);
        // band[i][j]: row i, column i − j.
        let mut band = filled([0.0; MAX_ORDER + 1], n)?;
        for (i, entries) in band.iter_mut().enumerate() {
            for j in 0..=p.min(i) {
                // Row r of D touches columns r … r + p, 0 ≤ r < n − p.
                let rows = i.saturating_sub(p)..=(i - j).min(n - p - 1);
                entries[j] =
                    lambda * rows.map(|r| if i - r <= p { row[i - r] * row[i - j - r] } else { 0.0 }).sum::<f64>();
            }
            entries[0] += self.weights[i];
        }
        let mut log_determinant = 0.0;
        for i in 0..n {
            for j in (0..=p.min(i)).rev() {
                let k = i - j;
                let shared: f64 = (j + 1..=p.min(i))
                    .filter(|m| m - j <= p)
                    .map(|m| band[i][m] * band[k][m - j] * band[i - m][0])
                    .sum();
                let value = band[i][j] - shared;
                band[i][j] = if j == 0 { value } else { value / band[k][0] };
            }
            if !(band[i][0] > 0.0 && band[i][0].is_finite()) {
                return Err(Error::range("weights and lamb must determine the signal: too many weights are 0"));
            }
            log_determinant += band[i][0].ln();
        }
        let mut x: Vec<f64> =
            self.y.iter().zip(self.weights).map(|(y, w)| if *w == 0.0 { 0.0 } else { w * y }).collect();
        for i in 0..n {
            x[i] -= (1..=p.min(i)).map(|j| band[i][j] * x[i - j]).sum::<f64>();
        }
        x.iter_mut().zip(&band).for_each(|(x, entries)| *x /= entries[0]);
        for i in (0..n).rev() {
            x[i] -= (1..=p.min(n - 1 - i)).map(|j| band[i + j][j] * x[i + j]).sum::<f64>();
        }
        Ok(Smooth { x, log_determinant })
    }

    /// −2 ln of the restricted likelihood, up to a constant, with the variance at its best.
    fn criterion(&self, log_lambda: f64) -> Result<f64> {
        let lambda = log_lambda.exp();
        let smooth = self.solve(lambda)?;
        let row = differences(self.order);
        let errors = self
            .y
            .iter()
            .zip(&smooth.x)
            .zip(self.weights)
            .map(|((y, x), w)| if *w == 0.0 { 0.0 } else { w * (y - x).powi(2) });
        let roughness = |window: &[f64]| window.iter().zip(&row).map(|(x, d)| x * d).sum::<f64>().powi(2);
        let penalty: f64 = smooth.x.windows(self.order + 1).map(roughness).sum();
        let (differences, weighted) =
            ((self.y.len() - self.order) as f64, self.weights.iter().filter(|w| **w > 0.0).count());
        let freedom = weighted as f64 - self.order as f64;
        Ok(freedom * (errors.sum::<f64>() + lambda * penalty).ln() + smooth.log_determinant - differences * log_lambda)
    }

    /// Returns the λ of restricted maximum likelihood.
    ///
    /// # Errors
    /// Those of [`Signal::smoothed`].
    pub fn most_likely_lambda(&self) -> Result<f64> {
        // A coarse grid finds the valley, golden sections its bottom.
        let mut best = (f64::INFINITY, 0.0);
        for at in GRID.map(f64::from) {
            // Where λ leaves nothing of the weights, the equations have no solution in float64.
            let value = self.criterion(at).unwrap_or(f64::INFINITY);
            if value < best.0 {
                best = (value, at);
            }
        }
        let (mut low, mut high) = (best.1 - 1.0, best.1 + 1.0);
        let golden = f64::midpoint(-1.0, 5f64.sqrt());
        for _ in 0..60 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if self.criterion(left)? <= self.criterion(right).unwrap_or(f64::INFINITY) {
                high = right;
            } else {
                low = left;
            }
        }
        Ok(f64::midpoint(low, high).exp())
    }
}
