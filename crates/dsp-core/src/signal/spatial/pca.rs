//! Principal component analysis.

use crate::signal::spatial::covariance::{centre, covariance, eigen, frames, mean, to_f32};

/// The principal components of a data set. Matrices are column-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Mean of each of the C channels.
    pub mean: Vec<f32>,
    /// C × C: column k is the unit eigenvector of eigenvalue k.
    pub matrix: Vec<f32>,
    /// The variances along the components, descending.
    pub eigenvalues: Vec<f32>,
    /// Each eigenvalue's share of their sum; 0 if the sum is 0.
    pub explained_variance: Vec<f32>,
}

/// Returns the eigenvectors of the covariance `Σ (x−μ)(x−μ)ᵀ / (n−1)` of interleaved frames of `channels` ≥ 1 samples
/// (Jolliffe, *Principal Component Analysis*, 2002; `numpy.linalg.eigh(numpy.cov(…))`).
///
/// Signs are fixed by the largest entry of each eigenvector being positive. Data that are not finite give NaN.
pub fn pca(interleaved: &[f32], channels: usize) -> Pca {
    let mut data = frames(interleaved, channels);
    let mean = mean(&data);
    centre(&mut data, &mean);
    let (values, vectors) = eigen(covariance(&data));
    let total = values.sum();
    let explained = values.map(|v| if total == 0.0 { 0.0 } else { v / total });
    Pca {
        mean: to_f32(&mean),
        matrix: to_f32(&vectors),
        eigenvalues: to_f32(&values),
        explained_variance: to_f32(&explained),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_the_plane() {
        // Points on y = 2x about (1, 2): one component along (1, 2)/√5, nothing across it.
        let data = [0.0, 0.0, 1.0, 2.0, 2.0, 4.0];
        let p = pca(&data, 2);
        assert_eq!(p.mean, [1.0, 2.0]);
        let unit = 5f32.sqrt().recip();
        // Rounding to f32 is the only error to speak of.
        for (got, want) in p.matrix.iter().zip([unit, 2.0 * unit, 2.0 * unit, -unit]) {
            assert!((got - want).abs() < 1e-6, "{:?}", p.matrix);
        }
        assert!((p.eigenvalues[0] - 5.0).abs() < 1e-6 && p.eigenvalues[1].abs() < 1e-6);
        assert!((p.explained_variance[0] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn constant_data_and_a_single_frame_explain_nothing() {
        for (data, channels) in [(&[3.0, 4.0, 3.0, 4.0][..], 2), (&[7.0], 1)] {
            let p = pca(data, channels);
            assert!(p.eigenvalues.iter().chain(&p.explained_variance).all(|&v| v == 0.0));
            assert!(p.matrix.iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn data_that_are_not_finite_come_back_as_nan() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let p = pca(&[1.0, 2.0, bad, 4.0, 5.0, 7.0], 2);
            assert!(p.eigenvalues.iter().all(|v| v.is_nan()));
        }
    }
}
