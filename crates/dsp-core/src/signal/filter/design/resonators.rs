//! Notches, peaks and combs of a quality factor (`scipy.signal.iirnotch`, `iirpeak`, `iircomb`; S. J. Orfanidis,
//! *Introduction to Signal Processing*, 1996, chapters 8.2 and 11.3).

use std::f64::consts::{PI, TAU};

use crate::error::{Error, Result};
use crate::signal::filter::design::conversions::Transfer;

/// The longest delay of a comb in samples.
const MAX_DELAY: f64 = 1_048_576.0;
/// Largest deviation, relative to the sample rate, of a comb's frequency from a whole fraction of that rate, as in
/// SciPy.
const WHOLE: f64 = 1e-14;

/// Whether a filter removes its frequency or passes nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Gain 0 at the frequency, 1 elsewhere.
    Notch,
    /// Gain 1 at the frequency, 0 elsewhere.
    Peak,
}

/// Returns the second-order filter at `nu` cycles per sample (0 < ν < ½) whose band between the −3 dB points is ν/q.
pub fn resonator(nu: f64, q: f64, kind: Kind) -> Transfer {
    let beta = (PI * nu / q).tan();
    let gain = 1.0 / (1.0 + beta);
    let cosine = (TAU * nu).cos();
    let b = match kind {
        Kind::Notch => vec![gain, -2.0 * cosine * gain, gain],
        Kind::Peak => vec![1.0 - gain, 0.0, gain - 1.0],
    };
    Transfer { b, a: vec![1.0, -2.0 * gain * cosine, 2.0 * gain - 1.0] }
}

/// Returns the comb whose teeth lie at the multiples of `frequency`, or with `pass_zero` (a notch that keeps 0 Hz, a
/// peak that is at 0 Hz) as SciPy places them. Frequency and rate are in one unit.
///
/// # Errors
/// `RangeError` unless the sample rate is a multiple of the frequency, at most 2²⁰ times it.
pub fn comb(frequency: f64, rate: f64, q: f64, kind: Kind, pass_zero: bool) -> Result<Transfer> {
    let delay = (rate / frequency).round();
    if !(1.0..=MAX_DELAY).contains(&delay) || (frequency - rate / delay).abs() / rate > WHOLE {
        return Err(Error::range(format!(
            "sampleRate must be a multiple of w0, at most {MAX_DELAY} times it, got {rate} and {frequency}"
        )));
    }
    let beta = (delay * TAU * frequency / rate / q / 4.0).tan();
    let recursive = (1.0 - beta) / (1.0 + beta);
    let (first, last) = match kind {
        Kind::Notch => (1.0 / (1.0 + beta), 1.0 / (1.0 + beta)),
        Kind::Peak => (beta / (1.0 + beta), -beta / (1.0 + beta)),
    };
    let sign = if (kind == Kind::Peak) == pass_zero { -1.0 } else { 1.0 };
    let taps = |first: f64, last: f64| {
        let mut taps = vec![0.0; delay as usize + 1];
        taps[0] = first;
        taps[delay as usize] = last;
        taps
    };
    Ok(Transfer { b: taps(first, sign * last), a: taps(1.0, sign * recursive) })
}
