//! Whitening: a linear map that makes channels uncorrelated and of unit variance.

use crate::signal::spatial::covariance::{centre, covariance, eigen, frames, mean, scale_columns, to_f32};

/// A whitening map.
#[derive(Debug, Clone, PartialEq)]
pub struct Whitening {
    /// Mean of each of the C channels.
    pub mean: Vec<f32>,
    /// Whitening matrix, C × C, symmetric.
    pub matrix: Vec<f32>,
}

/// Returns the zero-phase (ZCA) whitening of interleaved frames of `channels` ≥ 1 samples: `W = V · diag(1/√(λ + r)) ·
/// Vᵀ` with the eigenpairs of their covariance and the regularisation `r` > 0 (Bell & Sejnowski, "The independent
/// components of natural scenes are edge filters", 1997). Data that are not finite give NaN.
pub fn whitening(interleaved: &[f32], channels: usize, regularization: f64) -> Whitening {
    let mut data = frames(interleaved, channels);
    let mean = mean(&data);
    centre(&mut data, &mean);
    let (values, vectors) = eigen(covariance(&data));
    let mut scaled = vectors.clone();
    scale_columns(&mut scaled, values.iter().map(|&v| sphere(v, regularization)));
    Whitening { mean: to_f32(&mean), matrix: to_f32(&(scaled * vectors.transpose())) }
}

/// Returns `1/√(λ + r)`; a λ below 0, which rounding may give, counts as 0.
pub(super) fn sphere(eigenvalue: f64, regularization: f64) -> f64 {
    // Not `f64::max`, which would make a number of NaN.
    let eigenvalue = if eigenvalue < 0.0 { 0.0 } else { eigenvalue };
    (eigenvalue + regularization).sqrt().recip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn independent_channels_are_only_scaled() {
        // Variances 4/3·1 and 4/3·4 (n − 1 = 3), no covariance.
        let data = [1.0, 2.0, -1.0, 2.0, 1.0, -2.0, -1.0, -2.0];
        let w = whitening(&data, 2, 1e-9);
        let want = [0.75f32.sqrt(), 0.0, 0.0, 0.75f32.sqrt() / 2.0];
        for (got, want) in w.matrix.iter().zip(want) {
            assert!((got - want).abs() < 1e-6, "{:?}", w.matrix);
        }
    }

    #[test]
    fn constant_channels_leave_the_regularisation() {
        let w = whitening(&[5.0, 6.0, 5.0, 6.0], 2, 0.25);
        assert_eq!(w, Whitening { mean: vec![5.0, 6.0], matrix: vec![2.0, 0.0, 0.0, 2.0] });
        assert!(whitening(&[f32::NAN, 1.0, 2.0, 3.0], 2, 0.25).matrix[0].is_nan());
    }
}
