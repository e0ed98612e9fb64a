//! Common spatial patterns: filters that distinguish two classes of multi-channel signals by their variance.

use crate::signal::spatial::covariance::{centre, covariance, eigen, fix_signs, frames, mean, scale_columns, to_f32};
use crate::signal::spatial::whitening::sphere;
use nalgebra::DMatrix;

/// Added to the diagonal of both covariances, so that rank-deficient data have a solution.
const REGULARIZATION: f64 = 1e-6;

/// Spatial filters. Matrices are column-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Csp {
    /// Mean of the means of the two classes.
    pub mean: Vec<f32>,
    /// Filters as columns, C × filters.
    pub matrix: Vec<f32>,
    /// Variance of class 1 relative to class 2 after each filter, descending.
    pub eigenvalues: Vec<f32>,
}

/// Solves `S₁v = λS₂v` for the covariances of two classes (interleaved frames of `channels` samples, at least two of
/// each), with `vᵀS₂v = 1`; returns the first `filters` pairs with λ descending (Blankertz et al., "Optimizing spatial
/// filters for robust EEG single-trial analysis", 2008; `scipy.linalg.eigh(S1, S2)`).
///
/// Both classes are centred by the mean of their means. Signs as in [`pca`](crate::signal::spatial::pca::pca).
pub fn csp(class1: &[f32], class2: &[f32], channels: usize, filters: usize) -> Csp {
    let (mut data1, mut data2) = (frames(class1, channels), frames(class2, channels));
    let mean = (mean(&data1) + mean(&data2)) / 2.0;
    centre(&mut data1, &mean);
    centre(&mut data2, &mean);
    let ridge = DMatrix::identity(channels, channels) * REGULARIZATION;
    let (s1, s2) = (covariance(&data1) + &ridge, covariance(&data2) + &ridge);

    // Whiten class 2, then diagonalise class 1. The ridge bounds the eigenvalues of S₂ from below whatever rounding
    // does.
    let (values, mut whitener) = eigen(s2);
    scale_columns(&mut whitener, values.iter().map(|&v| sphere(v - REGULARIZATION, REGULARIZATION)));
    let (eigenvalues, rotation) = eigen(whitener.tr_mul(&s1) * &whitener);
    let mut matrix = whitener * rotation;
    fix_signs(&mut matrix);
    Csp {
        mean: to_f32(&mean),
        matrix: to_f32(&matrix.columns(0, filters).into_owned()),
        eigenvalues: to_f32(eigenvalues.iter().take(filters)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_filter_picks_the_channel_that_is_louder_in_class_1() {
        let class1 = [4.0, 1.0, -4.0, 1.0, 4.0, -1.0, -4.0, -1.0];
        let class2 = [1.0, 2.0, -1.0, 2.0, 1.0, -2.0, -1.0, -2.0];
        let c = csp(&class1, &class2, 2, 2);
        // λ = 16/1 and 1/4; the 1e-6 moves them by about as much.
        assert!((c.eigenvalues[0] - 16.0).abs() < 1e-4 && (c.eigenvalues[1] - 0.25).abs() < 1e-5);
        let want = [0.75f32.sqrt(), 0.0, 0.0, 0.75f32.sqrt() / 2.0];
        for (got, want) in c.matrix.iter().zip(want) {
            assert!((got - want).abs() < 1e-5, "{:?}", c.matrix);
        }
        assert_eq!(csp(&class1, &class2, 2, 1).matrix, c.matrix[..2]);
    }

    #[test]
    fn data_without_rank_or_reason_still_give_an_answer() {
        // Two equal channels on a large scale; all zero; not finite.
        let equal: Vec<f32> = (0..20).map(|i| 1e6 * ((i / 2) as f32 - 4.5)).collect();
        assert!(csp(&equal, &equal, 2, 2).matrix.iter().all(|x| x.is_finite()));
        assert!(csp(&[0.0; 8], &[0.0; 8], 4, 4).matrix.iter().all(|x| x.is_finite()));
        assert!(csp(&[f32::NAN; 8], &[1.0; 8], 2, 1).eigenvalues[0].is_nan());
    }
}
