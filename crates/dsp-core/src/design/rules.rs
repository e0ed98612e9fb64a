//! The options of filters: names, ranges, defaults and messages, declared once.
//!
//! A rule takes the value as the caller gave it, so that messages can show it; a typed number is checked as
//! `Value::Number`.

use std::f64::consts::FRAC_1_SQRT_2;

use super::spec::Design;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::params::{Absent, Field, integer, number, one_of};
use crate::signal::filter::design::bessel::Norm;
use crate::signal::filter::design::fir::Window;
use crate::signal::filter::run::Initial;
use crate::text::{Texts, js_number};

/// Largest order of an IIR filter.
pub const MAX_ORDER: usize = 20;
/// Largest order of an IIR filter in the original's design.
pub const MAX_DSPX_ORDER: usize = 8;
/// Largest number of FIR taps.
pub const MAX_TAPS: usize = 1 << 20;
/// Smallest ripple or attenuation in dB; a smaller one is a gain of 1 to the last digit of float64.
const MIN_DB: f64 = 1e-15;
/// Largest attenuation in dB; beyond it the ratio of the ripples exceeds float64.
const MAX_STOPBAND_DB: f64 = 1000.0;

/// The windows that options can name.
pub const WINDOWS: [(&str, Window); 4] = [
    ("hamming", Window::Hamming),
    ("hann", Window::Hann),
    ("blackman", Window::Blackman),
    ("bartlett", Window::Bartlett),
];

/// Sample rate in Hz.
pub const SAMPLE_RATE: Field = number().above(0.0).named("sampleRate");
/// Edge or centre in Hz.
pub const CUTOFF: Field = number().above(0.0).optional().named("cutoffFrequency").also(&["centerFrequency"]);
/// Centre in Hz.
pub const CENTER: Field = number().above(0.0).named("centerFrequency").also(&["cutoffFrequency"]);
/// Lower edge in Hz.
pub const LOW: Field = number().above(0.0).optional().named("lowCutoffFrequency");
/// Upper edge in Hz.
pub const HIGH: Field = number().above(0.0).optional().named("highCutoffFrequency");
/// Order of a recursive filter.
pub const ORDER: Field = integer().at_least(1.0).at_most(MAX_ORDER as f64).named("order");
/// Number of taps of an FIR filter.
pub const TAPS: Field = integer().at_least(2.0).at_most(MAX_TAPS as f64).named("order");
/// Window of an FIR filter.
pub const WINDOW: Field = one_of(&[WINDOWS[0].0, WINDOWS[1].0, WINDOWS[2].0, WINDOWS[3].0])
    .or_first()
    .or_null()
    .named("windowType")
    .also(&["window"]);
/// Ripple of the pass-band in dB.
pub const RIPPLE: Field = number().above(0.0).at_most(3.0).or(0.5).named("ripple").also(&["rippleDb"]);
/// Type of a Chebyshev filter: 1 ripples in the pass-band, 2 in the stop-band.
pub const CHEBYSHEV_TYPE: Field = integer().at_least(1.0).at_most(2.0).or(1.0).named("chebyshevType");
/// Attenuation of the stop-band in dB.
pub const STOPBAND: Field =
    number().above(0.0).at_most(MAX_STOPBAND_DB).or(40.0).named("stopbandDb").also(&["stopband"]);
/// Normalization of a Bessel filter at its edge.
pub const NORM: Field = one_of(Norm::TEXTS).or_first().named("norm");
/// Quality (centre over bandwidth) of a section.
pub const QUALITY: Field = number().above(0.0).or(FRAC_1_SQRT_2).named("q").also(&["Q"]);
/// Gain of a peak or shelf in dB.
pub const GAIN: Field = number().or(0.0).named("gain").also(&["gainDb"]);
/// The assumed input of a filter before its first sample.
pub const INITIAL: Field = one_of(Initial::TEXTS).or_first().named("initial");
/// Whether the numbers are SciPy's or the original's.
pub const DESIGN: Field = one_of(Design::TEXTS).optional().named("design");

/// Returns a plain `Error` with this message.
pub fn failed<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::failed(message))
}

/// Returns half of a sample rate as text.
pub fn half(rate: f64) -> String {
    js_number(rate / 2.0)
}

/// Returns the value of an option, or its default if it is absent.
pub fn given(field: &Field, options: &Value) -> Value {
    match (field.find(options), field.absent) {
        (Value::Undefined, Absent::Number(default)) => Value::Number(default),
        (value, _) => value.clone(),
    }
}

/// Returns the number of option `key`.
///
/// # Errors
/// `TypeError` if it is not a number.
pub fn numeric(key: &str, given: &Value) -> Result<f64> {
    given.as_number().ok_or_else(|| Error::type_error(format!("{key} must be a number, got {given}")))
}

/// Reads the order of a recursive filter.
///
/// # Errors
/// If it is not an integer from 1 to the largest order of the design.
pub fn order(given: &Value, design: Design) -> Result<usize> {
    let most = if design == Design::Dspx { MAX_DSPX_ORDER } else { MAX_ORDER };
    let order = numeric("order", given)?;
    if !(1.0..=most as f64).contains(&order) {
        return failed(format!("Order must be between 1 and {most}, got {given}"));
    }
    whole("Order", given, order)
}

/// Reads the number of taps.
///
/// # Errors
/// If it is not an integer in the range of [`TAPS`].
pub fn taps(given: &Value) -> Result<usize> {
    let taps = numeric("order", given)?;
    if !(2.0..=MAX_TAPS as f64).contains(&taps) {
        return failed(format!("order (the number of taps) must be between 2 and {MAX_TAPS}, got {given}"));
    }
    whole("order (the number of taps)", given, taps)
}

/// Returns `x`, the number in `given`, as an integer.
///
/// # Errors
/// If it is not an integer.
pub fn whole(name: &str, given: &Value, x: f64) -> Result<usize> {
    if x.fract() == 0.0 { Ok(x as usize) } else { failed(format!("{name} must be an integer, got {given}")) }
}

/// Reads the ripple of the pass-band in dB.
///
/// # Errors
/// If it is not in the range of [`RIPPLE`], or too small to matter.
pub fn ripple(given: &Value) -> Result<f64> {
    match given.as_number() {
        Some(db) if RIPPLE.allows(given) => resolved("rippleDb", db),
        _ => failed(format!("Ripple must be between 0 and 3 dB, got {given}")),
    }
}

/// Reads the attenuation of the stop-band in dB.
///
/// # Errors
/// If it is not in the range of [`STOPBAND`], or too small to matter.
pub fn stopband(given: &Value) -> Result<f64> {
    match given.as_number() {
        Some(db) if STOPBAND.allows(given) => resolved("stopbandDb", db),
        _ => failed(format!(
            "stopbandDb (stop-band attenuation) must be positive and at most {MAX_STOPBAND_DB} dB, got {given}"
        )),
    }
}

/// Returns `db`, the value of the option `key`.
///
/// # Errors
/// If it is so small that float64 cannot tell its gain from 1.
fn resolved(key: &str, db: f64) -> Result<f64> {
    if db >= MIN_DB {
        return Ok(db);
    }
    let (least, got) = (js_number(MIN_DB), js_number(db));
    Err(Error::range(format!("{key} must be at least {least} dB, below which float64 has no ripple, got {got}")))
}

/// Reads whether a Chebyshev filter is of type 2.
///
/// # Errors
/// If the type is neither 1 nor 2.
pub fn is_second_type(given: &Value) -> Result<bool> {
    match given.as_number() {
        Some(kind) if CHEBYSHEV_TYPE.allows(given) => Ok(kind == 2.0),
        _ => failed(format!("chebyshevType must be 1 or 2, got {given}")),
    }
}

/// Reads the normalization of a Bessel filter at its edge.
///
/// # Errors
/// If it is not one of the names.
pub fn norm(given: &Value) -> Result<Norm> {
    if given.is_undefined() {
        return Ok(Norm::default());
    }
    match given.as_str().and_then(Norm::of) {
        Some(norm) => Ok(norm),
        None => failed(format!("norm must be 'mag', 'phase' or 'delay', got {given}")),
    }
}

/// Reads the window of an FIR filter.
///
/// # Errors
/// If it is not one of the names.
pub fn window(given: &Value) -> Result<Window> {
    if given.is_nullish() {
        return Ok(Window::Hamming);
    }
    match WINDOWS.iter().find(|(name, _)| given.as_str() == Some(name)) {
        Some((_, window)) => Ok(*window),
        None => {
            failed(format!("windowType (the window) must be 'hamming', 'hann', 'blackman' or 'bartlett', got {given}"))
        }
    }
}

/// Reads the quality of a section.
///
/// # Errors
/// If it is not a number above 0.
pub fn quality(given: &Value) -> Result<f64> {
    let q = numeric("Q", given)?;
    if QUALITY.allows(given) { Ok(q) } else { failed(format!("Q must be positive, got {given}")) }
}

/// Reads the gain of a peak or shelf in dB.
///
/// # Errors
/// If it is not a finite number.
pub fn gain(given: &Value) -> Result<f64> {
    match given.as_number() {
        Some(db) if GAIN.allows(given) => Ok(db),
        Some(_) => failed(format!("gainDb must be a finite number, got {given}")),
        None => Err(Error::type_error(format!("gainDb must be a number (gain in dB), got {given}"))),
    }
}

/// The sample rate and design by which the frequencies of a filter are checked.
#[derive(Debug, Clone, Copy)]
pub struct Frequencies {
    /// Sample rate in Hz.
    pub rate: f64,
    /// Whether the numbers are SciPy's or the original's.
    pub design: Design,
}

impl Frequencies {
    /// Returns a frequency in cycles per sample; in the original's design twice that (there a filter acts at twice the
    /// frequency).
    pub fn nu(&self, hertz: f64) -> f64 {
        if self.design == Design::Dspx { hertz / (self.rate / 2.0) } else { hertz / self.rate }
    }

    fn is_inside(&self, hertz: f64) -> bool {
        let nu = hertz / self.rate;
        hertz > 0.0 && hertz < self.rate / 2.0 && nu > 0.0 && nu < 0.5
    }

    fn is_beyond_dspx(&self, hertz: f64) -> bool {
        self.design == Design::Dspx && self.nu(hertz) >= 0.5
    }

    fn check_dspx(&self, what: &str, hertz: f64) -> Result<()> {
        if !self.is_beyond_dspx(hertz) {
            return Ok(());
        }
        let (limit, got) = (js_number(self.rate / 4.0), js_number(hertz));
        failed(format!("{what} frequency must be below {limit} Hz (sampleRate/4) in design 'dspx', got {got}"))
    }

    /// Reads a single frequency in Hz; `what` names it at the beginning of messages.
    ///
    /// # Errors
    /// If it is not a number between 0 and half the sample rate.
    pub fn one(&self, what: &str, given: &Value) -> Result<f64> {
        match given.as_finite().filter(|hertz| self.is_inside(*hertz)) {
            Some(hertz) => self.check_dspx(what, hertz).map(|()| hertz),
            None => {
                let nyquist = half(self.rate);
                failed(format!("{what} frequency must be between 0 and {nyquist} Hz (Nyquist frequency), got {given}"))
            }
        }
    }

    /// Reads the edges of a band in Hz; messages about a Chebyshev filter call them cutoff frequencies.
    ///
    /// # Errors
    /// If they are not in ascending order between 0 and half the sample rate.
    pub fn two(&self, is_chebyshev: bool, low: &Value, high: &Value) -> Result<(f64, f64)> {
        let edges = low.as_finite().zip(high.as_finite());
        let edges = edges.filter(|(low, high)| self.is_inside(*low) && self.is_inside(*high) && low < high);
        match edges.filter(|(_, high)| !(is_chebyshev && self.is_beyond_dspx(*high))) {
            Some((low, high)) => self.check_dspx("High cutoff", high).map(|()| (low, high)),
            None => {
                let text = if is_chebyshev { "Invalid cutoff frequencies" } else { "Invalid band" };
                failed(format!("{text}: low={low} Hz, high={high} Hz (Nyquist={} Hz)", half(self.rate)))
            }
        }
    }
}
