//! Mean and covariance of interleaved multi-channel data, and their symmetric eigenproblem.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Largest number of QR sweeps of an eigenvalue iteration (a few per eigenvalue are typical). Only data that are not
/// finite approach it.
const MAX_SWEEPS: usize = 100_000;

/// Returns interleaved frames as a matrix with one column per frame.
pub(super) fn frames(interleaved: &[f32], channels: usize) -> DMatrix<f64> {
    DMatrix::from_iterator(channels, interleaved.len() / channels, interleaved.iter().map(|&x| f64::from(x)))
}

/// Returns the mean of every channel.
pub(super) fn mean(frames: &DMatrix<f64>) -> DVector<f64> {
    frames.column_sum() / frames.ncols().max(1) as f64
}

/// Subtracts `mean` from every frame.
pub(super) fn centre(frames: &mut DMatrix<f64>, mean: &DVector<f64>) {
    frames.column_iter_mut().for_each(|mut frame| frame -= mean);
}

/// Returns `Σ x·xᵀ / (n − 1)` of centred frames (`/ 1` for a single one).
pub(super) fn covariance(centred: &DMatrix<f64>) -> DMatrix<f64> {
    let n = centred.ncols();
    centred * centred.transpose() / n.saturating_sub(1).max(1) as f64
}

/// Returns the eigenvalues in descending order, with unit eigenvectors as columns whose entry of largest magnitude is
/// positive. All are NaN if the matrix is not finite.
pub(super) fn eigen(symmetric: DMatrix<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let n = symmetric.nrows();
    let solved = if symmetric.iter().all(|x| x.is_finite()) {
        SymmetricEigen::try_new(symmetric, f64::EPSILON, MAX_SWEEPS)
    } else {
        None
    };
    let Some(SymmetricEigen { eigenvalues, eigenvectors }) = solved else {
        return (DVector::from_element(n, f64::NAN), DMatrix::from_element(n, n, f64::NAN));
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| eigenvalues[b].total_cmp(&eigenvalues[a]));
    let values = DVector::from_iterator(n, order.iter().map(|&i| eigenvalues[i]));
    let mut vectors = eigenvectors.select_columns(&order);
    fix_signs(&mut vectors);
    (values, vectors)
}

/// Makes the entry of largest magnitude of every column positive.
pub(super) fn fix_signs(matrix: &mut DMatrix<f64>) {
    for mut column in matrix.column_iter_mut() {
        if column[column.iamax()] < 0.0 {
            column.neg_mut();
        }
    }
}

/// Scales every column by its entry of `factors`.
pub(super) fn scale_columns(matrix: &mut DMatrix<f64>, factors: impl Iterator<Item = f64>) {
    matrix.column_iter_mut().zip(factors).for_each(|(mut column, factor)| column *= factor);
}

/// Returns values rounded to `f32`, column by column.
pub(super) fn to_f32<'a>(values: impl IntoIterator<Item = &'a f64>) -> Vec<f32> {
    values.into_iter().map(|&x| x as f32).collect()
}
