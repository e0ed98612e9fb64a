//! Frequency responses of filters.

use std::f64::consts::TAU;

use rustfft::num_complex::Complex64;

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{complex, named, numbers, range_error, sections, zpk};
use crate::dynamic::functions::object;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::frequency;
use crate::signal::transform::fft::MAX_SIZE;

/// The frequencies of a response: a count, or the frequencies themselves in the unit of `sampleRate`.
enum Places {
    Count(usize),
    Listed(Vec<f64>),
}

fn places(a: &Arguments<'_>, options: &Options, key: &str, default: usize) -> Result<Places> {
    match options.get(key) {
        Value::Undefined => Ok(Places::Count(default)),
        Value::Number(_) => Ok(Places::Count(options.integer(key, 1)?.unwrap_or(default))),
        _ => {
            let list = options.numbers(key)?.unwrap_or_default();
            if list.len() > MAX_SIZE {
                let message = format!("{key} must have at most {MAX_SIZE} frequencies, got {}", list.len());
                return Err(range_error(a, message));
            }
            Ok(Places::Listed(list))
        }
    }
}

/// Returns the angular frequencies in radians per sample, and the same in the unit of `sampleRate` (by default radians
/// per sample).
fn digital_places(a: &Arguments<'_>, options: &Options) -> Result<(Vec<f64>, Vec<f64>)> {
    let rate = options.positive("sampleRate")?.unwrap_or(TAU);
    let whole = options.flag("whole", false)?;
    let nyquist = options.flag("includeNyquist", false)?;
    let scaled = |list: &[f64], factor: f64| list.iter().map(|w| w * factor).collect::<Vec<f64>>();
    match places(a, options, "worN", 512)? {
        Places::Count(count) => {
            let omega = frequency::grid(count, whole, nyquist);
            let shown = if rate == TAU { omega.clone() } else { scaled(&omega, rate / TAU) };
            Ok((omega, shown))
        }
        Places::Listed(list) => Ok((if rate == TAU { list.clone() } else { scaled(&list, TAU / rate) }, list)),
    }
}

fn spectrum(frequencies: Vec<f64>, response: &[Complex64]) -> Value {
    let Value::Object(mut entries) = complex(response) else { return Value::Undefined };
    entries.insert(0, ("frequencies".to_owned(), Value::F64(frequencies)));
    Value::Object(entries)
}

/// `freqz(b, a = 1, { worN = 512, whole, sampleRate = 2π, includeNyquist })`: frequencies and complex response.
pub fn freqz(a: &Arguments<'_>) -> Result<Value> {
    let (b, denominator) = (numbers(a, 0, "b")?, denominator(a)?);
    let (omega, shown) = digital_places(a, &a.options(2)?)?;
    Ok(spectrum(shown, &frequency::digital(&b, &denominator, &omega)))
}

fn denominator(a: &Arguments<'_>) -> Result<Vec<f64>> {
    if a.get(1).is_undefined() { Ok(vec![1.0]) } else { numbers(a, 1, "a") }
}

/// `sosfreqz(sos, { worN = 512, whole, sampleRate = 2π, includeNyquist })`: frequencies and complex response.
pub fn sosfreqz(a: &Arguments<'_>) -> Result<Value> {
    let (omega, shown) = digital_places(a, &a.options(1)?)?;
    Ok(spectrum(shown, &frequency::sections(&sections(a, 0)?, &omega)))
}

/// `freqzZpk({ zeros, poles, gain }, { worN = 512, whole, sampleRate = 2π, includeNyquist })`: frequencies and complex
/// response.
pub fn freqz_zpk(a: &Arguments<'_>) -> Result<Value> {
    let (omega, shown) = digital_places(a, &a.options(1)?)?;
    Ok(spectrum(shown, &frequency::zeros_poles(&zpk(a, 0)?, &omega)))
}

/// `freqs(b, a, { worN = 200 })`: frequencies in rad/s and complex response of an analog filter.
pub fn freqs(a: &Arguments<'_>) -> Result<Value> {
    let (b, denominator) = (numbers(a, 0, "b")?, numbers(a, 1, "a")?);
    let omega = match places(a, &a.options(2)?, "worN", 200)? {
        Places::Count(count) => named(a, frequency::analog_grid(&b, &denominator, count))?,
        Places::Listed(list) => list,
    };
    let response = frequency::analog(&b, &denominator, &omega);
    Ok(spectrum(omega, &response))
}

/// `groupDelay(b, a = 1, { worN = 512, whole, sampleRate = 2π })`: frequencies and delay in samples.
pub fn group_delay(a: &Arguments<'_>) -> Result<Value> {
    let (b, denominator) = (numbers(a, 0, "b")?, denominator(a)?);
    let (omega, shown) = digital_places(a, &a.options(2)?)?;
    let delay = named(a, frequency::group_delay(&b, &denominator, &omega))?;
    Ok(object([("frequencies", Value::F64(shown)), ("delay", Value::F64(delay))]))
}
