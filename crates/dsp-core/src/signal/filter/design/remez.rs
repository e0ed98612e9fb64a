//! Optimal (equiripple) linear-phase FIR filters by the Parks–McClellan algorithm (`scipy.signal.remez`).
//!
//! J. H. McClellan, T. W. Parks, L. R. Rabiner, *A Computer Program for Designing Optimum FIR Linear Phase Digital
//! Filters*, 1973: the amplitude response is a polynomial in cos ω, whose weighted error is made to alternate between
//! ±δ at one more point than it has coefficients. The frequency grid is that of the published program, so that the
//! results are SciPy's; the interpolation is barycentric, with weights kept as logarithms so that long filters do not
//! overflow.

use std::f64::consts::{PI, TAU};

use crate::error::{Error, Result};

/// Longest filter: an exchange step costs `4 · density · taps²` operations.
pub const MAX_TAPS: usize = 1024;
/// Largest number of exchange steps. Designs that converge need 5 to 15.
const MAX_STEPS: usize = 100;

/// The kind of response to approximate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Piecewise constant gain, symmetric taps.
    #[default]
    Bandpass,
    /// Gain proportional to the frequency in cycles per sample, antisymmetric taps, relative error.
    Differentiator,
    /// Piecewise constant gain with a phase of 90°, antisymmetric taps.
    Hilbert,
}

/// The response to approximate.
#[derive(Debug, Clone, Copy)]
pub struct Specification<'a> {
    /// Number of taps, 3 to [`MAX_TAPS`].
    pub taps: usize,
    /// Band edges in cycles per sample: pairs, rising, from 0 to ½.
    pub edges: &'a [f64],
    /// Gain wanted in each band (for a differentiator, the slope).
    pub desired: &'a [f64],
    /// Weight of the error in each band, > 0.
    pub weights: &'a [f64],
    /// The kind of response.
    pub kind: Kind,
    /// Grid points per coefficient and half circle (SciPy's default is 16).
    pub density: usize,
}

/// One point of the grid: `x = cos ω`, the gain wanted there, and the weight of the error.
struct Point {
    x: f64,
    desired: f64,
    weight: f64,
}

/// Returns the taps.
///
/// # Errors
/// If the exchange does not converge: the ripple is below the resolution of f64, or the bands leave too few extremes.
pub fn remez(spec: &Specification) -> Result<Vec<f64>> {
    let antisymmetric = spec.kind != Kind::Bandpass;
    let odd = spec.taps % 2 == 1;
    let coefficients = spec.taps / 2 + usize::from(odd && !antisymmetric);
    let factor = |f: f64| match (antisymmetric, odd) {
        (false, true) => 1.0,
        (false, false) => (PI * f).cos(),
        (true, false) => (PI * f).sin(),
        (true, true) => (TAU * f).sin(),
    };
    let grid = dense_grid(spec, coefficients, antisymmetric, antisymmetric == odd, factor);
    let failure =
        |why: &str| Error::failed(format!("optimal FIR design failed: {why}; try wider transitions or fewer taps"));
    if grid.len() <= coefficients {
        return Err(failure("the bands are too narrow for the number of taps"));
    }
    let polynomial = exchange(&grid, coefficients).ok_or_else(|| failure("the exchange did not converge"))?;
    let gain = |f: f64| polynomial.at((TAU * f).cos()) * factor(f);
    Ok(taps_from_response(spec.taps, antisymmetric, gain))
}

/// Returns the grid of the published program: steps of `1 / (2 · density · coefficients)` from each lower edge, with
/// the last point of a band moved to its upper edge. The factor by which the symmetry of the taps multiplies the
/// response is divided out.
fn dense_grid(
    spec: &Specification,
    coefficients: usize,
    zero_at_0: bool,
    zero_at_nyquist: bool,
    factor: impl Fn(f64) -> f64,
) -> Vec<Point> {
    let step = 0.5 / (spec.density * coefficients) as f64;
    let mut grid = Vec::new();
    for (band, edges) in spec.edges.chunks_exact(2).enumerate() {
        let (mut f, upper) = (edges[0], edges[1]);
        if zero_at_0 && band == 0 {
            f = f.max(step);
        }
        loop {
            let last = f + step > upper;
            let at = if last { upper } else { f };
            let (slope, weight) = match spec.kind {
                Kind::Differentiator if spec.desired[band] >= 1e-4 => (at, 1.0 / at),
                Kind::Differentiator => (at, 1.0),
                Kind::Bandpass | Kind::Hilbert => (1.0, 1.0),
            };
            let scale = factor(at);
            grid.push((
                at,
                Point {
                    x: (TAU * at).cos(),
                    desired: spec.desired[band] * slope / scale,
                    weight: spec.weights[band] * weight * scale,
                },
            ));
            if last {
                break;
            }
            f += step;
        }
    }
    if zero_at_nyquist && grid.last().is_some_and(|(f, _)| *f > 0.5 - step) {
        grid.pop();
    }
    grid.into_iter().map(|(_, point)| point).collect()
}

/// A polynomial in x by its values at nodes (second barycentric form).
struct Barycentric {
    nodes: Vec<f64>,
    weights: Vec<f64>,
    values: Vec<f64>,
}

impl Barycentric {
    fn at(&self, x: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for ((node, weight), value) in self.nodes.iter().zip(&self.weights).zip(&self.values) {
            let distance = x - node;
            if distance == 0.0 {
                return *value;
            }
            let c = weight / distance;
            above += c * value;
            below += c;
        }
        above / below
    }
}

/// Returns the barycentric weights `1 / Π (x_k − x_j)`, up to a common factor that makes the largest 1.
fn barycentric_weights(nodes: &[f64]) -> Vec<f64> {
    let logarithms: Vec<(f64, bool)> = nodes
        .iter()
        .enumerate()
        .map(|(k, x)| {
            let others = nodes.iter().enumerate().filter(|(j, _)| *j != k);
            others.fold((0.0, false), |(sum, negative), (_, y)| (sum - (x - y).abs().ln(), negative ^ (x < y)))
        })
        .collect();
    let largest = logarithms.iter().map(|(l, _)| *l).fold(f64::NEG_INFINITY, f64::max);
    logarithms.iter().map(|(l, negative)| (l - largest).exp() * if *negative { -1.0 } else { 1.0 }).collect()
}

/// Runs the Remez exchange; returns the polynomial of `coefficients` coefficients with the smallest maximum weighted
/// error, `None` if it does not converge.
fn exchange(grid: &[Point], coefficients: usize) -> Option<Barycentric> {
    let count = coefficients + 1;
    let mut extremes: Vec<usize> = (0..count).map(|k| k * (grid.len() - 1) / coefficients).collect();
    for _ in 0..MAX_STEPS {
        let polynomial = interpolate(grid, &extremes);
        let error: Vec<f64> = grid.iter().map(|p| p.weight * (polynomial.at(p.x) - p.desired)).collect();
        let next = alternating_extremes(&error, count)?;
        let (smallest, largest) = next
            .iter()
            .fold((f64::INFINITY, 0.0_f64), |(low, high), &i| (low.min(error[i].abs()), high.max(error[i].abs())));
        // 1e-9: three digits more than a float32 tap can show of the ripple.
        if next == extremes || largest - smallest <= 1e-9 * largest {
            return Some(interpolate(grid, &next));
        }
        extremes = next;
    }
    None
}

/// Returns the polynomial whose weighted error is ±δ in turn at the points of `extremes`.
fn interpolate(grid: &[Point], extremes: &[usize]) -> Barycentric {
    let nodes: Vec<f64> = extremes.iter().map(|&i| grid[i].x).collect();
    let weights = barycentric_weights(&nodes);
    let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    let (mut above, mut below) = (0.0, 0.0);
    for (k, &i) in extremes.iter().enumerate() {
        above += weights[k] * grid[i].desired;
        below += weights[k] * sign(k) / grid[i].weight;
    }
    let delta = above / below;
    let values =
        extremes.iter().enumerate().map(|(k, &i)| grid[i].desired - sign(k) * delta / grid[i].weight).collect();
    Barycentric { nodes, weights, values }
}

/// Returns the `count` largest local extremes of the error with alternating signs; `None` if there are fewer.
fn alternating_extremes(error: &[f64], count: usize) -> Option<Vec<usize>> {
    let mut found: Vec<usize> = Vec::new();
    for (i, &e) in error.iter().enumerate() {
        let grows = |neighbour: Option<&f64>| neighbour.is_some_and(|n| n.signum() == e.signum() && n.abs() > e.abs());
        if grows(error.get(i + 1)) || grows(i.checked_sub(1).and_then(|j| error.get(j))) {
            continue;
        }
        match found.last_mut() {
            Some(last) if error[*last].signum() == e.signum() => {
                if e.abs() > error[*last].abs() {
                    *last = i;
                }
            }
            _ => found.push(i),
        }
    }
    while found.len() > count {
        let size = |k: usize| error[found[k]].abs();
        let least = (0..found.len()).min_by(|&a, &b| size(a).total_cmp(&size(b)))?;
        let end = found.len() - 1;
        if least == 0 || least == end {
            found.remove(least);
        } else if found.len() == count + 1 {
            // One too many: taking one out of the middle would take two. The smaller end goes.
            found.remove(if size(0) < size(end) { 0 } else { end });
        } else {
            // Its neighbours have the other sign, so the smaller of them goes with it.
            let first = if size(least - 1) < size(least + 1) { least - 1 } else { least };
            found.drain(first..first + 2);
        }
    }
    (found.len() == count).then_some(found)
}

/// Returns the taps whose amplitude response at k/taps is `gain`, by an inverse cosine or sine transform.
fn taps_from_response(taps: usize, antisymmetric: bool, gain: impl Fn(f64) -> f64) -> Vec<f64> {
    let samples: Vec<f64> = (0..=taps / 2).map(|k| gain(k as f64 / taps as f64)).collect();
    let centre = (taps - 1) as f64 / 2.0;
    let tap = |n: usize| {
        let mut sum = 0.0;
        for (k, sample) in samples.iter().enumerate() {
            let angle = TAU * k as f64 * (centre - n as f64) / taps as f64;
            let twice = if k == 0 || 2 * k == taps { 1.0 } else { 2.0 };
            sum += twice * sample * if antisymmetric { angle.sin() } else { angle.cos() };
        }
        sum / taps as f64
    };
    let half: Vec<f64> = (0..taps.div_ceil(2)).map(tap).collect();
    let mirrored = half[..taps / 2].iter().rev().map(|h| if antisymmetric { -h } else { *h });
    half.iter().copied().chain(mirrored).collect()
}
