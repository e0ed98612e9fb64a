//! Spectra of the segments of Welch's method over time (`scipy.signal.spectrogram`).

use rustfft::num_complex::Complex;

use super::welch::Options;
use crate::error::Result;
use crate::limits::{collected, reserved};

/// The value of a bin in a spectrogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Power, scaled.
    Psd,
    /// Square root of the power, not doubled.
    Magnitude,
    /// Phase in radians, −π…π.
    Angle,
    /// Phase in radians, unwrapped from bin to bin.
    Phase,
}

/// A value for every segment and frequency.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrogram<T> {
    /// Frequencies in Hz.
    pub frequencies: Vec<f64>,
    /// Middles of the segments in seconds.
    pub times: Vec<f64>,
    /// Segment after segment, `frequencies.len()` values each.
    pub values: Vec<T>,
}

/// Returns the scaled spectrum of every segment (`scipy.signal.spectrogram` with `mode="complex"`).
///
/// # Errors
/// Those of [`Options::plan`]; `RangeError` for a result of more than 2²⁸ numbers.
pub fn complex_spectrogram(x: &[f64], options: &Options) -> Result<Spectrogram<Complex<f64>>> {
    if x.is_empty() {
        return Ok(Spectrogram::default());
    }
    let plan = options.plan(x.len())?;
    plan.check_size(plan.segments(x.len()))?;
    let scale = plan.scale().sqrt();
    let mut values = reserved(plan.segments(x.len()) * plan.bins)?;
    plan.each(x, |_, z| values.extend(plan.unfold(z, |z| z.conj()).iter().map(|z| z * scale)));
    Ok(Spectrogram { frequencies: plan.frequencies(), times: plan.times(x.len()), values })
}

/// Returns the spectra of the segments over time (`scipy.signal.spectrogram`).
///
/// # Errors
/// As [`complex_spectrogram`].
pub fn spectrogram(x: &[f64], mode: Mode, options: &Options) -> Result<Spectrogram<f64>> {
    if x.is_empty() {
        return Ok(Spectrogram::default());
    }
    let plan = options.plan(x.len())?;
    let complex = complex_spectrogram(x, options)?;
    let bins = plan.bins;
    let told = |(i, z): (usize, &Complex<f64>)| match mode {
        Mode::Psd => z.norm_sqr() * plan.multiplicity(i % bins),
        Mode::Magnitude => z.norm(),
        Mode::Angle | Mode::Phase => z.arg(),
    };
    let mut values = collected(complex.values.iter().enumerate().map(told))?;
    if mode == Mode::Phase {
        values.chunks_exact_mut(bins).for_each(unwrap);
    }
    Ok(Spectrogram { frequencies: complex.frequencies, times: complex.times, values })
}

/// Adds whole turns so that no step exceeds half a turn (`numpy.unwrap`).
fn unwrap(phases: &mut [f64]) {
    use std::f64::consts::{PI, TAU};
    let (mut before, mut turns) = (None, 0.0);
    for phase in phases {
        let raw = *phase;
        if let Some(before) = before {
            let step: f64 = raw - before;
            let mut wrapped = (step + PI).rem_euclid(TAU) - PI;
            if wrapped == -PI && step > 0.0 {
                wrapped = PI;
            }
            if step.abs() >= PI {
                turns += wrapped - step;
            }
        }
        before = Some(raw);
        *phase = raw + turns;
    }
}
