//! The effect of a filter on a frequency: response, group delay, stability (`scipy.signal.freqz_sos`, `group_delay`).

use std::f64::consts::TAU;

use rustfft::num_complex::Complex64;

use crate::signal::filter::design::zpk::Row;

/// Returns `Σ c[k] e^{−jωk}` at ν cycles per sample.
fn polynomial(coefficients: &[f64], nu: f64) -> Complex64 {
    let z = Complex64::from_polar(1.0, -TAU * nu);
    coefficients.iter().rev().fold(Complex64::ZERO, |sum, &c| sum * z + c)
}

/// Returns the complex response of an FIR filter at ν cycles per sample.
pub fn fir(h: &[f64], nu: f64) -> Complex64 {
    polynomial(h, nu)
}

/// Returns the complex response of a cascade at ν cycles per sample.
pub fn cascade(rows: &[Row], nu: f64) -> Complex64 {
    rows.iter().map(|row| polynomial(&row[..3], nu) / polynomial(&row[3..], nu)).product()
}

/// Returns the group delay of a polynomial in samples: `Re(Σ k c[k] e^{−jωk} / Σ c[k] e^{−jωk})`.
///
/// A (anti)symmetric polynomial has half its degree everywhere, also at its zeros on the unit circle; for any other the
/// delay at such a zero is undefined, and the result is 0 as in SciPy.
fn delay(coefficients: &[f64], nu: f64) -> f64 {
    let used = coefficients.len() - coefficients.iter().rev().take_while(|c| **c == 0.0).count();
    let coefficients = &coefficients[..used];
    let symmetric = |sign: f64| coefficients.iter().zip(coefficients.iter().rev()).all(|(x, y)| *x == sign * y);
    if used > 0 && (symmetric(1.0) || symmetric(-1.0)) {
        return (used - 1) as f64 / 2.0;
    }
    let size: f64 = coefficients.iter().map(|c| c.abs()).sum();
    let ramp: Vec<f64> = coefficients.iter().enumerate().map(|(k, c)| k as f64 * c).collect();
    let value = polynomial(coefficients, nu);
    if value.norm() <= 10.0 * f64::EPSILON * size {
        return 0.0;
    }
    (polynomial(&ramp, nu) / value).re
}

/// Returns the group delay of an FIR filter in samples at ν cycles per sample.
pub fn fir_group_delay(h: &[f64], nu: f64) -> f64 {
    delay(h, nu)
}

/// Returns the group delay of a cascade in samples at ν cycles per sample.
pub fn cascade_group_delay(rows: &[Row], nu: f64) -> f64 {
    rows.iter().map(|row| delay(&row[..3], nu) - delay(&row[3..], nu)).sum()
}

/// Returns the group delay in samples of the direct form with `b` and, without its leading 1, `a` at ν cycles per
/// sample.
pub fn direct_group_delay(b: &[f64], a: &[f64], nu: f64) -> f64 {
    let denominator: Vec<f64> = std::iter::once(1.0).chain(a.iter().copied()).collect();
    delay(b, nu) - delay(&denominator, nu)
}

/// Largest deviation of taps from symmetric ones, relative to the largest tap: some roundings of a design.
const SYMMETRY: f64 = 1e-12;

/// Returns the delay in samples of taps that are symmetric or antisymmetric (ignoring zeros at either end), which is
/// the same at every frequency. `None` for other taps, and where all are 0.
fn linear_phase_delay(h: &[f64]) -> Option<f64> {
    let first = h.iter().position(|&x| x != 0.0)?;
    let last = h.iter().rposition(|&x| x != 0.0)?;
    let taps = &h[first..=last];
    let bound = SYMMETRY * taps.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let pairs = || taps.iter().zip(taps.iter().rev());
    let is_linear = pairs().all(|(x, y)| (x - y).abs() <= bound) || pairs().all(|(x, y)| (x + y).abs() <= bound);
    is_linear.then_some((first + last) as f64 / 2.0)
}

/// Returns the delay of an FIR filter in samples. For linear phase it is constant; else it is the group delay at
/// `frequency` cycles per sample, or without one `Σ k h[k]² / Σ h[k]²`, the mean of the group delays weighted by
/// `|H|²`.
pub fn fir_latency(h: &[f64], frequency: Option<f64>) -> f64 {
    match (linear_phase_delay(h), frequency) {
        (Some(delay), _) => delay,
        (None, Some(nu)) => fir_group_delay(h, nu),
        (None, None) => {
            let energy: f64 = h.iter().map(|x| x * x).sum();
            let moment: f64 = h.iter().enumerate().map(|(k, x)| k as f64 * x * x).sum();
            if energy > 0.0 { moment / energy } else { 0.0 }
        }
    }
}

/// Returns the delay of a recursive filter in samples: its group delay at `frequency` cycles per sample, or in the
/// middle of its pass-band. It has `rows`, or one direct form of `b` and `a` (without its leading 1).
pub fn iir_latency(rows: Option<&[Row]>, b: &[f64], a: &[f64], frequency: Option<f64>) -> f64 {
    let middle = || {
        let section = if let [a1, a2] = *a { Some([0.0, 0.0, 0.0, 1.0, a1, a2]) } else { None };
        let sections = rows.unwrap_or(section.as_slice());
        let poles: Vec<f64> = sections.iter().filter_map(pole_frequency).collect();
        pass_band_middle(|nu| iir_power(rows, b, a, nu), &poles)
    };
    let nu = frequency.unwrap_or_else(middle);
    rows.map_or_else(|| direct_group_delay(b, a, nu), |rows| cascade_group_delay(rows, nu))
}

/// Returns `|H|²` of a recursive filter at ν cycles per sample; arguments as in [`iir_latency`].
pub fn iir_power(rows: Option<&[Row]>, b: &[f64], a: &[f64], nu: f64) -> f64 {
    let response = rows.map_or_else(
        || polynomial(b, nu) / (polynomial(a, nu) * Complex64::from_polar(1.0, -TAU * nu) + 1.0),
        |rows| cascade(rows, nu),
    );
    response.norm_sqr()
}

/// Returns the frequency of a pair of complex poles in cycles per sample; `None` if the poles are real.
fn pole_frequency(&[.., a1, a2]: &Row) -> Option<f64> {
    (a1 * a1 < 4.0 * a2).then(|| (-a1 / (2.0 * a2.sqrt())).acos() / TAU)
}

/// Number of frequencies per decade, and of evenly spaced ones, that [`pass_band_middle`] examines besides those of the
/// poles.
const PER_DECADE: u32 = 64;
const EVENLY: u32 = 1024;
/// Number of decades below half the sample rate that it examines.
const DECADES: u32 = 7;

/// Returns the middle, in cycles per sample, of the lowest band in which `power` is at least half of its maximum.
/// `peaks` are frequencies at which there may be a narrow band.
fn pass_band_middle(power: impl Fn(f64) -> f64, peaks: &[f64]) -> f64 {
    let evenly = (0..=EVENLY).map(|k| 0.5 * f64::from(k) / f64::from(EVENLY));
    let by_decades = (1..=DECADES * PER_DECADE).map(|k| 0.5 * 10f64.powf(-f64::from(k) / f64::from(PER_DECADE)));
    let mut places: Vec<f64> = evenly.chain(by_decades).chain(peaks.iter().copied()).collect();
    places.sort_by(f64::total_cmp);
    let powers: Vec<f64> = places.iter().map(|&nu| power(nu)).collect();
    let half = powers.iter().copied().fold(0.0, f64::max) / 2.0;
    let passes = |p: &f64| *p >= half;
    let first = powers.iter().position(passes).unwrap_or(0);
    let last = powers[first..].iter().position(|p| !passes(p)).map_or(places.len() - 1, |count| first + count - 1);
    // An edge lies between a place that passes and its neighbour that does not.
    let edge = |inside: usize, outside: Option<usize>| {
        let Some(mut outside) = outside.and_then(|at| places.get(at).copied()) else { return places[inside] };
        let mut inside = places[inside];
        for _ in 0..50 {
            let middle = (inside + outside) / 2.0;
            *(if power(middle) >= half { &mut inside } else { &mut outside }) = middle;
        }
        inside
    };
    (edge(first, first.checked_sub(1)) + edge(last, last.checked_add(1))) / 2.0
}

/// Returns whether every pole lies strictly inside the unit circle: `|a2| < 1` and `|a1| < 1 + a2` for each section.
pub fn is_stable(rows: &[Row]) -> bool {
    rows.iter().all(|&[.., a1, a2]| a2.abs() < 1.0 && a1.abs() < 1.0 + a2)
}
