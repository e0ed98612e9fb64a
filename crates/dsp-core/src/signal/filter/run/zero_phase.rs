//! Zero-phase filtering with any extension of the ends, or by Gustafsson's method (`scipy.signal.filtfilt`,
//! `sosfiltfilt`).

use nalgebra::{DMatrix, DVector};

use crate::error::{Error, Result};
use crate::signal::filter::design::zpk::Row;
use crate::signal::filter::run::direct::{self, Direct};

crate::texts! {
    /// The extension of a signal before it is filtered in both directions.
    #[derive(Default)]
    pub enum Padding {
        /// By `2·edge − reflection`.
        #[default]
        Odd = "odd",
        /// By the reflection.
        Even = "even",
        /// By the edge sample, repeated.
        Constant = "constant",
        /// No extension.
        None = "none",
    }
}

/// Returns `x` with `count` more samples at either end.
///
/// # Errors
/// `RangeError` unless `x` is longer than the extension.
fn extend(x: &[f64], padding: Padding, count: usize) -> Result<(Vec<f64>, usize)> {
    let count = if padding == Padding::None { 0 } else { count };
    if x.len() <= count {
        let message = format!("x must have more than padlen ({count}) samples, got {}", x.len());
        return Err(Error::range(message));
    }
    let (first, last) = (x[0], x[x.len() - 1]);
    let beyond = |edge: f64, reflected: f64| match padding {
        Padding::Odd => 2.0 * edge - reflected,
        Padding::Even => reflected,
        Padding::Constant | Padding::None => edge,
    };
    let before = x[1..=count].iter().rev().map(|&x| beyond(first, x));
    let after = x[x.len() - 1 - count..x.len() - 1].iter().rev().map(|&x| beyond(last, x));
    Ok((before.chain(x.iter().copied()).chain(after).collect(), count))
}

/// Filters forwards and backwards; `pass` filters in place, starting in the steady state of the first sample.
fn there_and_back(x: &[f64], (padding, count): (Padding, usize), pass: impl Fn(&mut [f64])) -> Result<Vec<f64>> {
    let (mut y, count) = extend(x, padding, count)?;
    for _ in 0..2 {
        pass(&mut y);
        y.reverse();
    }
    y.truncate(count + x.len());
    y.drain(..count);
    Ok(y)
}

/// Returns `x` filtered forwards and backwards with `padlen` samples of extension; by default three times the filter's
/// length.
///
/// # Errors
/// `RangeError` if `x` is not longer than the extension or the filter has a pole at 0 Hz.
pub fn padded(filter: &Direct, x: &[f64], padding: Padding, padlen: Option<usize>) -> Result<Vec<f64>> {
    let steady = filter.steady_state()?;
    let padlen = padlen.unwrap_or(3 * (filter.order() + 1));
    there_and_back(x, (padding, padlen), |y| {
        let mut state: Vec<f64> = steady.iter().map(|z| z * y[0]).collect();
        filter.run(y, &mut state);
    })
}

/// [`padded`] for a cascade; by default the extension is that of [`super::filtfilt::cascade_padding`].
///
/// # Errors
/// Those of [`padded`].
pub fn padded_cascade(rows: &[Row], x: &[f64], padding: Padding, padlen: Option<usize>) -> Result<Vec<f64>> {
    let steady = direct::cascade_steady_state(rows)?;
    let padlen = padlen.unwrap_or_else(|| super::filtfilt::cascade_padding(rows));
    there_and_back(x, (padding, padlen), |y| {
        let mut state: Vec<[f64; 2]> = steady.iter().map(|z| z.map(|z| z * y[0])).collect();
        direct::cascade(rows, y, &mut state);
    })
}

/// Largest number of entries of the matrix in Gustafsson's method.
const MAX_MATRIX: usize = 1 << 24;

/// Returns `x` filtered in both directions without an extension: the states at both ends are the least-squares solution
/// for which forwards-backwards equals backwards-forwards (F. Gustafsson, IEEE Transactions on Signal Processing 44,
/// 1996).
///
/// `response_length` bounds the effect of the states to that many samples at either end.
///
/// # Errors
/// `RangeError` if `x` is empty, or too long for the resulting system of equations.
pub fn gustafsson(filter: &Direct, x: &[f64], response_length: Option<usize>) -> Result<Vec<f64>> {
    let (n, order) = (x.len(), filter.order());
    if n == 0 {
        return Err(Error::range("x must have at least one sample"));
    }
    let run = |x: &mut [f64]| filter.run(x, &mut vec![0.0; order]);
    let mut both = x.to_vec();
    run(&mut both);
    both.reverse();
    run(&mut both);
    both.reverse();
    if order == 0 {
        return Ok(both);
    }
    let reach = response_length.filter(|&length| n > 2 * length).unwrap_or(n);
    let (rows, columns) = (if reach == n { n } else { 2 * reach }, 2 * order);
    if reach == 0 || rows.saturating_mul(columns) > MAX_MATRIX {
        return Err(Error::range(format!(
            "method 'gust' of order {order} needs irlen from 1 to {} for a signal of {n} samples",
            MAX_MATRIX / (4 * order)
        )));
    }
    let mut other = x.to_vec();
    other.reverse();
    run(&mut other);
    other.reverse();
    run(&mut other);
    let difference: Vec<f64> = other.iter().zip(&both).map(|(other, both)| other - both).collect();

    let ends = Ends::new(filter, reach);
    let right_side = if reach == n { difference } else { [&difference[..reach], &difference[n - reach..]].concat() };
    let equations =
        ends.matrix(reach == n, [|observed, filtered| filtered - observed, |observed, filtered| observed - filtered]);
    let solution = least_squares(equations, right_side)?;
    let correction = ends.matrix(reach == n, [|_, filtered| filtered, |observed, _| observed]) * solution;
    for k in 0..reach {
        both[k] += correction[k];
        if reach < n {
            both[n - reach + k] += correction[reach + k];
        }
    }
    Ok(both)
}

/// The contribution of each delay of a filter to its output (`observed`), and the same filtered backwards (`filtered`).
struct Ends {
    observed: Vec<Vec<f64>>,
    filtered: Vec<Vec<f64>>,
}

impl Ends {
    fn new(filter: &Direct, reach: usize) -> Self {
        let order = filter.order();
        let mut ends = Self { observed: vec![], filtered: vec![] };
        for k in 0..order {
            let mut state = vec![0.0; order];
            state[k] = 1.0;
            let mut response = vec![0.0; reach];
            filter.run(&mut response, &mut state);
            let mut backwards: Vec<f64> = response.iter().rev().copied().collect();
            filter.run(&mut backwards, &mut vec![0.0; order]);
            backwards.reverse();
            ends.observed.push(response);
            ends.filtered.push(backwards);
        }
        ends
    }

    /// Returns the matrix whose left half belongs to the states at the beginning and whose right half, mirrored, to
    /// those at the end: each entry combines `observed` and `filtered`. Both ends share rows if the signal is `short`.
    fn matrix(&self, short: bool, [begin, end]: [fn(f64, f64) -> f64; 2]) -> DMatrix<f64> {
        let (order, reach) = (self.observed.len(), self.observed[0].len());
        let rows = if short { reach } else { 2 * reach };
        DMatrix::from_fn(rows, 2 * order, |row, column| {
            let at_end = column >= order;
            let k = column % order;
            match (at_end, short || (row >= reach) == at_end) {
                (_, false) => 0.0,
                (false, true) => begin(self.observed[k][row], self.filtered[k][row]),
                (true, true) => end(self.observed[k][rows - 1 - row], self.filtered[k][rows - 1 - row]),
            }
        })
    }
}

/// Returns the least-squares solution of `matrix · v = right_side` with the smallest norm.
fn least_squares(matrix: DMatrix<f64>, right_side: Vec<f64>) -> Result<DVector<f64>> {
    let failed = || Error::range("method 'gust' found no states: the filter's response exceeds float64");
    if matrix.iter().chain(&right_side).any(|x| !x.is_finite()) {
        return Err(failed());
    }
    let steps = 100 * matrix.ncols();
    let svd = matrix.try_svd(true, true, f64::EPSILON, steps).ok_or_else(failed)?;
    let cutoff = f64::EPSILON * svd.singular_values.max();
    svd.solve(&DVector::from_vec(right_side), cutoff).map_err(|_| failed())
}
