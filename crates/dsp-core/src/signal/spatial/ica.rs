//! Independent component analysis by FastICA.

use crate::signal::spatial::covariance::{centre, covariance, eigen, fix_signs, frames, mean, scale_columns, to_f32};
use crate::signal::spatial::whitening::sphere;
use nalgebra::{DMatrix, DVector};

/// Added to the eigenvalues when whitening.
const REGULARIZATION: f64 = 1e-5;

/// Largest number of iterations of FastICA, whatever the caller allows: separable sources take tens.
const MAX_ITERATIONS: usize = 100_000;

/// Norm below which a vector has no direction.
const TINY: f64 = 1e-10;

/// Seed of the starting rotation, fixed so that results are repeatable.
const SEED: u64 = 0x1CA;

/// An unmixing map.
#[derive(Debug, Clone, PartialEq)]
pub struct Ica {
    /// Mean of each of the C channels.
    pub mean: Vec<f32>,
    /// C × C, column-major: component k is column k times `x − mean`.
    pub matrix: Vec<f32>,
    /// Whether the last iteration changed the map by less than the tolerance.
    pub converged: bool,
    /// Number of iterations run.
    pub iterations: usize,
}

/// Separates independent non-Gaussian sources that were mixed linearly into interleaved frames of `channels` ≥ 1
/// samples: FastICA with the contrast `log cosh` (g = tanh) on whitened data (Hyvärinen, "Fast and robust fixed-point
/// algorithms for independent component analysis", 1999).
///
/// One iteration visits every `w_c`: `w ← E[z·g(wᵀz)] − E[g′(wᵀz)]·w`, minus its projections on those before it,
/// normalised. It has converged when no entry of any `w_c` changed by `tolerance`, up to sign.
/// Order and sign of the components are arbitrary, but the same for the same data.
pub fn ica(interleaved: &[f32], channels: usize, max_iterations: usize, tolerance: f64) -> Ica {
    let mut data = frames(interleaved, channels);
    let mean = mean(&data);
    centre(&mut data, &mean);
    let (values, mut whitener) = eigen(covariance(&data));
    scale_columns(&mut whitener, values.iter().map(|&v| sphere(v, REGULARIZATION)));
    let whitened = whitener.tr_mul(&data);

    let mut rotation = start(channels);
    let (mut converged, mut iterations) = (false, 0);
    while !converged && iterations < max_iterations.min(MAX_ITERATIONS) {
        let change = iterate(&whitened, &mut rotation);
        iterations += 1;
        converged = change < tolerance;
        if change.is_nan() {
            break;
        }
    }
    let mut matrix = whitener * rotation;
    fix_signs(&mut matrix);
    Ica { mean: to_f32(&mean), matrix: to_f32(&matrix), converged, iterations }
}

/// Runs one iteration over all columns of `rotation`. Returns the largest change of an entry, up to sign.
fn iterate(whitened: &DMatrix<f64>, rotation: &mut DMatrix<f64>) -> f64 {
    let n = whitened.ncols() as f64;
    let mut largest = 0f64;
    for c in 0..rotation.ncols() {
        let old = rotation.column(c).into_owned();
        let g = whitened.tr_mul(&old).map(f64::tanh);
        let slope = g.iter().map(|g| 1.0 - g * g).sum::<f64>() / n;
        let mut w: DVector<f64> = whitened * &g / n - &old * slope;
        orthonormalise(&mut w, rotation, c);
        let change = (&w - &old).amax().min((&w + &old).amax());
        if change.is_nan() {
            return change;
        }
        largest = largest.max(change);
        rotation.set_column(c, &w);
    }
    largest
}

/// Removes from `w` its projections on the first `count` columns of `basis`, and scales it to unit length if it is not
/// zero.
fn orthonormalise(w: &mut DVector<f64>, basis: &DMatrix<f64>, count: usize) {
    for column in basis.columns(0, count).column_iter() {
        let projection = column.dot(w);
        w.axpy(-projection, &column, 1.0);
    }
    let norm = w.norm();
    if norm > TINY {
        *w /= norm;
    }
}

/// Returns a fixed orthonormal basis to start from. It avoids the axes: a symmetric mixture (`a + b`, `a − b`) lies
/// exactly between them, where the iteration stops without having separated anything.
fn start(channels: usize) -> DMatrix<f64> {
    let mut random = SplitMix(SEED);
    let mut basis = DMatrix::zeros(channels, channels);
    for c in 0..channels {
        let mut w = DVector::from_fn(channels, |_, _| random.next());
        // Twice: once leaves what rounding left of the projections.
        orthonormalise(&mut w, &basis, c);
        orthonormalise(&mut w, &basis, c);
        basis.set_column(c, &w);
    }
    basis
}

/// SplitMix64 (Steele, Lea & Flood 2014): pseudo-random numbers that are the same on every machine.
struct SplitMix(u64);

impl SplitMix {
    /// Returns a number uniformly distributed in [−1, 1).
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-52) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: usize = 4000;

    /// Sine, square, uniform noise and Laplacian noise, in frames of the first `count`.
    fn sources(count: usize, random: &mut SplitMix) -> DMatrix<f64> {
        DMatrix::from_fn(count, FRAMES, |c, i| match c {
            0 => (i as f64 * 0.0713).sin(),
            1 => (i as f64 * 0.0291).sin().signum(),
            2 => random.next(),
            _ => {
                let u = random.next();
                -u.signum() * (1.0 - u.abs()).ln()
            }
        })
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let centred = |x: &[f64]| {
            let m = x.iter().sum::<f64>() / x.len() as f64;
            DVector::from_iterator(x.len(), x.iter().map(|v| v - m))
        };
        let (a, b) = (centred(a), centred(b));
        a.dot(&b) / (a.norm() * b.norm())
    }

    /// Every source must correlate with one component, and no two with the same.
    fn assert_recovers(sources: &DMatrix<f64>, mixing: &DMatrix<f64>) {
        let count = sources.nrows();
        let mixed = mixing * sources;
        let data: Vec<f32> = mixed.iter().map(|&x| x as f32 + 3.0).collect();
        let result = ica(&data, count, 500, 1e-6);
        assert!(result.converged, "{mixing}");
        let unmixing = DMatrix::from_iterator(count, count, result.matrix.iter().map(|&x| f64::from(x)));
        let components = unmixing.tr_mul(&mixed);
        let row = |m: &DMatrix<f64>, r: usize| m.row(r).iter().copied().collect::<Vec<_>>();
        let mut taken = vec![];
        for s in 0..count {
            let found = (0..count)
                .map(|k| (correlation(&row(sources, s), &row(&components, k)).abs(), k))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .expect("there is a component");
            assert!(found.0 >= 0.99, "source {s}: {found:?} {mixing}");
            taken.push(found.1);
        }
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), count);
    }

    #[test]
    fn recovers_two_and_four_sources_from_random_mixtures() {
        let mut random = SplitMix(7);
        for count in [2, 4] {
            for _ in 0..8 {
                let sources = sources(count, &mut random);
                // Random, but not so close to singular that f32 loses a source.
                let mixing = loop {
                    let m = DMatrix::from_fn(count, count, |_, _| random.next());
                    if m.singular_values().min() > 0.1 {
                        break m;
                    }
                };
                assert_recovers(&sources, &mixing);
            }
        }
    }

    #[test]
    fn recovers_sources_from_sum_and_difference() {
        let mut random = SplitMix(8);
        let sources = DMatrix::from_fn(2, FRAMES, |_, _| random.next());
        assert_recovers(&sources, &DMatrix::from_row_slice(2, 2, &[1.0, 1.0, 1.0, -1.0]));
    }

    #[test]
    fn the_same_data_give_the_same_bits() {
        let data: Vec<f32> = sources(4, &mut SplitMix(9)).iter().map(|&x| x as f32).collect();
        assert_eq!(ica(&data, 4, 50, 1e-4), ica(&data, 4, 50, 1e-4));
    }

    #[test]
    fn stops_when_told_and_on_data_that_are_not_finite() {
        let data: Vec<f32> = sources(2, &mut SplitMix(9)).iter().map(|&x| x as f32).collect();
        let one = ica(&data, 2, 1, 1e-12);
        assert_eq!((one.converged, one.iterations), (false, 1));
        let bad = ica(&[f32::NAN; 20], 2, usize::MAX, 1e-4);
        assert_eq!((bad.converged, bad.iterations), (false, 1));
        let silent = ica(&[0.0; 20], 2, usize::MAX, 1e-4);
        assert!(silent.matrix.iter().all(|x| x.is_finite()));
        assert!(silent.iterations < 10);
    }
}
