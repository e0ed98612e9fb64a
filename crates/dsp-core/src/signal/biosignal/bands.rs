//! Powers of frequency bands, as YASA has them: Welch's method with Hamming windows and the median of the segments,
//! integrated by Simpson's rule.

use crate::error::{Error, Result};
use crate::signal::smooth::detrend::Trend;
use crate::signal::spectrum::welch::{Average, Options, Taper, welch};
use crate::signal::window::Window;

/// Bands of an electroencephalogram in Hz.
pub const BANDS: [(&str, f64, f64); 6] = [
    ("Delta", 0.5, 4.0),
    ("Theta", 4.0, 8.0),
    ("Alpha", 8.0, 12.0),
    ("Sigma", 12.0, 16.0),
    ("Beta", 16.0, 30.0),
    ("Gamma", 30.0, 40.0),
];

/// Powers in units² of the bands, and of all from the lowest edge to the highest.
///
/// # Errors
/// `RangeError` for a signal that is shorter than a segment.
pub fn powers(x: &[f64], rate: f64, seconds: f64, bands: &[(f64, f64)]) -> Result<(Vec<f64>, f64)> {
    let segment = (seconds * rate) as usize;
    if segment < 2 || segment > x.len() {
        return Err(Error::range(format!(
            "the signal must have a segment of {segment} samples at least, and two in it"
        )));
    }
    let options = Options {
        sample_rate: rate,
        taper: Taper::Of(Window::Hamming),
        segment: Some(segment),
        trend: Trend::Constant,
        average: Average::Median,
        ..Options::default()
    };
    let spectrum = welch(x, &options)?;
    let step = rate / segment as f64;
    let power = |(from, to): (f64, f64)| {
        let inside = |k: &usize| (from..=to).contains(&spectrum.frequencies[*k]);
        let values: Vec<f64> = (0..spectrum.values.len()).filter(inside).map(|k| spectrum.values[k]).collect();
        simpson(&values, step)
    };
    let lowest = bands.iter().map(|band| band.0).fold(f64::INFINITY, f64::min);
    let highest = bands.iter().map(|band| band.1).fold(0.0, f64::max);
    Ok((bands.iter().map(|band| power(*band)).collect(), power((lowest, highest))))
}

/// Simpson's rule for even steps; for an even number of values the last interval by the parabola through the last three.
fn simpson(y: &[f64], step: f64) -> f64 {
    match y.len() {
        0 | 1 => 0.0,
        2 => 0.5 * step * (y[0] + y[1]),
        n if n % 2 == 1 => y.windows(3).step_by(2).map(|y| (y[0] + 4.0 * y[1] + y[2]) * step / 3.0).sum(),
        n => simpson(&y[..n - 1], step) + step * (5.0 * y[n - 1] + 8.0 * y[n - 2] - y[n - 3]) / 12.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parabolas_are_integrated_exactly() {
        let parabola = |n: usize| (0..n).map(|k| (k * k) as f64).collect::<Vec<f64>>();
        assert!((simpson(&parabola(5), 1.0) - 64.0 / 3.0).abs() < 1e-12);
        assert!((simpson(&parabola(6), 1.0) - 125.0 / 3.0).abs() < 1e-12);
        assert_eq!(simpson(&[2.0, 4.0], 0.5), 1.5);
    }
}
