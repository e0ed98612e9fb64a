//! Discrete cosine transforms of types II and III (`scipy.fft.dct`).
//!
//! `II: y[k] = 2·Σ_n x[n]·cos(πk(2n+1)/2N)`, `III: y[k] = x[0] + 2·Σ_{n≥1} x[n]·cos(πn(2k+1)/2N)`. Orthonormal, type II
//! is scaled by `√(1/4N)` for k = 0 and `√(1/2N)` otherwise, and type III is its inverse.

use std::f64::consts::PI;

use crate::signal::transform::fft::RealFft;

/// Returns the orthonormal DCT-II of `x` (Makhoul, 1980: one real transform of the reordered samples).
pub fn dct2(x: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n == 0 {
        return vec![];
    }
    let mut fft = RealFft::<f64>::new(n);
    let spectrum = fft.forward(|v| {
        for (i, v) in v.iter_mut().enumerate() {
            *v = if 2 * i < n { x[2 * i] } else { x[2 * (n - 1 - i) + 1] };
        }
    });
    let value = |k: usize| {
        let (bin, sign) = if 2 * k <= n { (spectrum[k], 1.0) } else { (spectrum[n - k], -1.0) };
        let turn = PI * k as f64 / (2 * n) as f64;
        (bin.re * turn.cos() + sign * bin.im * turn.sin()) * scale(k, n)
    };
    (0..n).map(value).collect()
}

/// Returns the orthonormal DCT-III of `x`, the inverse of [`dct2`].
pub fn dct3(x: &[f64]) -> Vec<f64> {
    let n = x.len();
    if n == 0 {
        return vec![];
    }
    let mut fft = RealFft::<f64>::new(n);
    let v = fft.inverse(|spectrum| {
        for (k, bin) in spectrum.iter_mut().enumerate() {
            let (a, b) = (x[k] / scale(k, n), if k == 0 { 0.0 } else { x[n - k] / scale(n - k, n) });
            let turn = PI * k as f64 / (2 * n) as f64;
            bin.re = a * turn.cos() + b * turn.sin();
            bin.im = a * turn.sin() - b * turn.cos();
        }
    });
    (0..n).map(|i| if i % 2 == 0 { v[i / 2] } else { v[n - 1 - i / 2] }).collect()
}

/// Returns the factor that makes the sum `Σ x[n]·cos(…)` orthonormal.
fn scale(k: usize, n: usize) -> f64 {
    (if k == 0 { 1.0 } else { 2.0 } / n as f64).sqrt()
}

/// The first coefficients of an orthonormal DCT-II as a table, for a few coefficients of many short frames.
#[derive(Debug, Clone)]
pub struct CosineTable {
    inputs: usize,
    rows: Vec<f64>,
}

impl CosineTable {
    /// Returns the table for `outputs` coefficients of `inputs` values.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        let row = |k: usize| {
            (0..inputs).map(move |m| scale(k, inputs) * (PI * k as f64 * (m as f64 + 0.5) / inputs as f64).cos())
        };
        Self { inputs, rows: (0..outputs).flat_map(row).collect() }
    }

    /// Returns the coefficients of `x`.
    pub fn apply<'a>(&'a self, x: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.rows.chunks_exact(self.inputs).map(move |row| row.iter().zip(x).map(|(c, x)| c * x).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_transform_and_inverse_agree() {
        for n in 1..40 {
            let x: Vec<f64> = (0..n).map(|i| f64::from((i * 7) % 11) - 4.0).collect();
            let y = dct2(&x);
            let table: Vec<f64> = CosineTable::new(n as usize, n as usize).apply(&x).collect();
            assert!(y.iter().zip(&table).all(|(a, b)| (a - b).abs() < 1e-12), "{n}: {y:?} {table:?}");
            assert!(dct3(&y).iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-12), "{n}");
        }
    }
}
