//! Discrete wavelet transforms of whole signals, in PyWavelets' layout.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, range_error, signal};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{integer, needed, needed_integer};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::transform::wavelet::{self, Filters, Mode, Pair, Threshold};
use crate::text::Texts;

/// The most levels of a transform.
const MAX_LEVEL: usize = 26;

fn filters(a: &Arguments<'_>, at: usize) -> Result<Filters> {
    let name = a.get(at).as_str().ok_or_else(|| a.type_error("wavelet must be the name of a wavelet"))?;
    named(a, Filters::of(name))
}

fn mode(options: &Options) -> Result<Mode> {
    Ok(Mode::of(options.choice("mode", Mode::TEXTS, Mode::default().text())?).unwrap_or_default())
}

/// A signal that is not empty.
fn some_signal(a: &Arguments<'_>) -> Result<Vec<f64>> {
    let x = signal(a, 0, "x")?;
    if (1..=MAX_SIZE).contains(&x.len()) {
        return Ok(x);
    }
    Err(range_error(a, format!("x must have from 1 to {MAX_SIZE} samples, got {}", x.len())))
}

/// The finite numbers of a list within an argument.
fn list(a: &Arguments<'_>, what: &str, value: &Value) -> Result<Vec<f64>> {
    let numbers = value.as_numbers().filter(|xs| xs.iter().all(|x| x.is_finite()) && xs.len() <= MAX_SIZE);
    numbers.ok_or_else(|| a.type_error(format!("{what} must be lists of finite numbers")))
}

fn pair_value((approximation, detail): Pair) -> Value {
    object([("approximation", Value::F64(approximation)), ("detail", Value::F64(detail))])
}

fn pair(a: &Arguments<'_>, value: &Value) -> Result<Pair> {
    if !matches!(value, Value::Object(_)) {
        return Err(a.type_error("coefficients must be { approximation, detail }"));
    }
    let approximation = list(a, "approximation and detail", value.get("approximation"))?;
    let detail = list(a, "approximation and detail", value.get("detail"))?;
    if approximation.is_empty() || approximation.len() != detail.len() {
        let (n, m) = (approximation.len(), detail.len());
        return Err(range_error(a, format!("approximation and detail must have one length above 0, got {n} and {m}")));
    }
    Ok((approximation, detail))
}

/// `(x, wavelet, { mode = "symmetric" })`: `{ approximation, detail }`.
pub fn dwt_level(a: &Arguments<'_>) -> Result<Value> {
    let (x, filters) = (some_signal(a)?, filters(a, 1)?);
    named(a, filters.dwt(&x, mode(&a.options(2)?)?)).map(pair_value)
}

/// `({ approximation, detail }, wavelet, { mode = "symmetric" })`
pub fn idwt(a: &Arguments<'_>) -> Result<Value> {
    let ((approximation, detail), filters) = (pair(a, a.get(0))?, filters(a, 1)?);
    named(a, filters.idwt((&approximation, &detail), mode(&a.options(2)?)?)).map(Value::F64)
}

/// `(length, wavelet)`
pub fn dwt_max_level(a: &Arguments<'_>) -> Result<Value> {
    let n = needed_integer(a, 0, "length", (0, MAX_SIZE))?;
    Ok(Value::Number(filters(a, 1)?.max_level(n) as f64))
}

/// `(x, wavelet, { mode = "symmetric", level })`
pub fn wavedec(a: &Arguments<'_>) -> Result<Value> {
    let (x, filters, options) = (some_signal(a)?, filters(a, 1)?, a.options(2)?);
    let level = integer(a, &options, "level", (0, MAX_LEVEL))?.unwrap_or_else(|| filters.max_level(x.len()));
    let levels = named(a, filters.wavedec(&x, mode(&options)?, level))?;
    Ok(Value::Array(levels.into_iter().map(Value::F64).collect()))
}

/// `(coefficients, wavelet, { mode = "symmetric" })`
pub fn waverec(a: &Arguments<'_>) -> Result<Value> {
    let wrong = || a.type_error("coefficients must be an array of at least one list, as wavedec returns it");
    let levels = a.get(0).as_array().filter(|levels| !levels.is_empty()).ok_or_else(wrong)?;
    let levels: Vec<Vec<f64>> = levels.iter().map(|level| list(a, "coefficients", level)).collect::<Result<_>>()?;
    named(a, filters(a, 1)?.waverec(&levels, mode(&a.options(2)?)?)).map(Value::F64)
}

/// `(x, wavelet, { level })`: an array of `{ approximation, detail }`, the last level first.
pub fn swt(a: &Arguments<'_>) -> Result<Value> {
    let (x, filters, options) = (some_signal(a)?, filters(a, 1)?, a.options(2)?);
    let most = x.len().trailing_zeros() as usize;
    let level = integer(a, &options, "level", (1, MAX_LEVEL))?.unwrap_or(most);
    if level > most || level == 0 {
        let n = x.len();
        return Err(range_error(a, format!("x must have a multiple of 2^level samples, got {n} for level {level}")));
    }
    let levels = named(a, filters.swt(&x, level))?;
    Ok(Value::Array(levels.into_iter().map(pair_value).collect()))
}

/// `(levels, wavelet)`
pub fn iswt(a: &Arguments<'_>) -> Result<Value> {
    let wrong = || a.type_error("coefficients must be an array of { approximation, detail }, as swt returns it");
    let levels = a.get(0).as_array().filter(|levels| !levels.is_empty()).ok_or_else(wrong)?;
    let levels: Vec<Pair> = levels.iter().map(|level| pair(a, level)).collect::<Result<_>>()?;
    let n = levels[0].0.len();
    if levels.iter().any(|(approximation, _)| approximation.len() != n) || levels.len() > n.trailing_zeros() as usize {
        return Err(range_error(a, format!("coefficients must have one length, a multiple of 2^{}", levels.len())));
    }
    named(a, filters(a, 1)?.iswt(&levels)).map(Value::F64)
}

/// `(x, value, { mode = "soft", substitute = 0 })`
pub fn threshold(a: &Arguments<'_>) -> Result<Value> {
    let (x, at, options) = (signal(a, 0, "x")?, needed(a, 1, "value")?, a.options(2)?);
    let kind = Threshold::of(options.choice("mode", Threshold::TEXTS, Threshold::default().text())?);
    let kind = kind.unwrap_or_default();
    if at < 0.0 && !matches!(kind, Threshold::Greater | Threshold::Less) {
        return Err(range_error(a, format!("value must be at least 0, got {at}")));
    }
    Ok(Value::F64(wavelet::threshold(&x, at, kind, options.number("substitute")?.unwrap_or(0.0))))
}

/// `(wavelet)`: `{ decLo, decHi, recLo, recHi }`.
pub fn wavelet_filters(a: &Arguments<'_>) -> Result<Value> {
    let Filters { dec_lo, dec_hi, rec_lo, rec_hi } = filters(a, 0)?;
    Ok(object([
        ("decLo", Value::F64(dec_lo)),
        ("decHi", Value::F64(dec_hi)),
        ("recLo", Value::F64(rec_lo)),
        ("recHi", Value::F64(rec_hi)),
    ]))
}

/// `()`: the names of all discrete wavelets.
pub fn wavelist(_: &Arguments<'_>) -> Result<Value> {
    Ok(Value::Array(wavelet::names().map(|name| Value::String(name.into())).collect()))
}
