//! Convolutions, correlations, and filters by rank and by local statistics.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{complex, named, range_error, signal};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{integer, needed_integer, within};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::smooth::graduate::{self, Signal};
use crate::signal::smooth::rank;
use crate::signal::transform::convolve::{self, Method, Mode};
use crate::signal::transform::envelope::{self, Residual};
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::transform::hilbert::analytic_signal;
use crate::text::Texts;

/// The longest window of a filter by rank: each sample costs a search and a move within it.
const MAX_WINDOW: usize = 1 << 17;

/// A signal that is not empty and not longer than the longest transform.
fn some_signal(a: &Arguments<'_>, at: usize, what: &str) -> Result<Vec<f64>> {
    let x = signal(a, at, what)?;
    if (1..=MAX_SIZE).contains(&x.len()) {
        return Ok(x);
    }
    Err(range_error(a, format!("{what} must have from 1 to {MAX_SIZE} samples, got {}", x.len())))
}

fn mode(options: &Options) -> Result<Mode> {
    Ok(Mode::of(options.choice("mode", Mode::TEXTS, Mode::default().text())?).unwrap_or_default())
}

fn method(options: &Options) -> Result<Method> {
    Ok(Method::of(options.choice("method", Method::TEXTS, Method::default().text())?).unwrap_or_default())
}

/// `(x, y, { mode = "full", method = "auto" })`
pub fn convolve(a: &Arguments<'_>) -> Result<Value> {
    let (x, y, options) = (some_signal(a, 0, "x")?, some_signal(a, 1, "y")?, a.options(2)?);
    named(a, convolve::convolve(&x, &y, mode(&options)?, method(&options)?)).map(Value::F64)
}

/// `(x, y, { mode = "full" })`
pub fn fftconvolve(a: &Arguments<'_>) -> Result<Value> {
    let (x, y, options) = (some_signal(a, 0, "x")?, some_signal(a, 1, "y")?, a.options(2)?);
    named(a, convolve::convolve(&x, &y, mode(&options)?, Method::Fft)).map(Value::F64)
}

/// `(x, y, { mode = "full", method = "auto" })`
pub fn correlate(a: &Arguments<'_>) -> Result<Value> {
    let (x, y, options) = (some_signal(a, 0, "x")?, some_signal(a, 1, "y")?, a.options(2)?);
    named(a, convolve::correlate(&x, &y, mode(&options)?, method(&options)?)).map(Value::F64)
}

/// `(length1, length2, { mode = "full" })`
pub fn correlation_lags(a: &Arguments<'_>) -> Result<Value> {
    let length = |at: usize, key: &str| needed_integer(a, at, key, (1, MAX_SIZE));
    let (n, m) = (length(0, "length1")?, length(1, "length2")?);
    Ok(Value::F64(convolve::lags(n, m, mode(&a.options(2)?)?)))
}

/// `(signal, divisor)`: `{ quotient, remainder }`.
pub fn deconvolve(a: &Arguments<'_>) -> Result<Value> {
    let (x, divisor) = (some_signal(a, 0, "signal")?, some_signal(a, 1, "divisor")?);
    let (quotient, remainder) = named(a, convolve::deconvolve(&x, &divisor))?;
    Ok(object([("quotient", Value::F64(quotient)), ("remainder", Value::F64(remainder))]))
}

/// `(x, { size = 3, noise })`
pub fn wiener(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a, 0, "x")?, a.options(1)?);
    let size = integer(a, &options, "size", (1, MAX_WINDOW))?.unwrap_or(3);
    let noise = match options.get("noise") {
        Value::Undefined | Value::Null => None,
        _ => Some(within(a, &options, "noise", 0.0, ("at least 0", |x| x >= 0.0))?),
    };
    named(a, rank::wiener(&x, size, noise)).map(Value::F64)
}

fn odd(a: &Arguments<'_>, what: &str, n: usize) -> Result<usize> {
    if n % 2 == 1 { Ok(n) } else { Err(range_error(a, format!("{what} must be odd, got {n}"))) }
}

/// `(x, kernelSize = 3)`
pub fn medfilt(a: &Arguments<'_>) -> Result<Value> {
    let x = some_signal(a, 0, "x")?;
    let size = integer(a, &a.option(1, "kernelSize"), "kernelSize", (1, MAX_WINDOW))?.unwrap_or(3);
    let size = odd(a, "kernelSize", size)?;
    named(a, rank::order_filter(&x, &vec![true; size], size / 2)).map(Value::F64)
}

/// `(x, domain, rank)`: the domain is a list in which numbers other than 0 count, or its length.
pub fn order_filter(a: &Arguments<'_>) -> Result<Value> {
    let x = some_signal(a, 0, "x")?;
    let domain: Vec<bool> = match a.get(1) {
        Value::Number(_) => vec![true; needed_integer(a, 1, "domain", (1, MAX_WINDOW))?],
        _ => signal(a, 1, "domain")?.iter().map(|inside| *inside != 0.0).collect(),
    };
    let inside = domain.iter().filter(|inside| **inside).count();
    if inside == 0 || domain.len() > MAX_WINDOW {
        let rule = format!("domain must have at most {MAX_WINDOW} places and at least one that counts");
        return Err(range_error(a, rule));
    }
    odd(a, "the length of domain", domain.len())?;
    let rank = needed_integer(a, 2, "rank", (0, inside - 1))?;
    named(a, rank::order_filter(&x, &domain, rank)).map(Value::F64)
}

/// `(x, n)`: the analytic signal of `x` with zeros up to `n` samples, or of its first `n`.
pub fn hilbert(a: &Arguments<'_>) -> Result<Value> {
    let mut x = some_signal(a, 0, "x")?;
    if let Some(n) = integer(a, &a.option(1, "n"), "n", (1, MAX_SIZE))? {
        x.resize(n, 0.0);
    }
    named(a, analytic_signal(&x)).map(|z| complex(&z))
}

/// `(x, { band: [1, null], nOut, squared = false, residual = "lowpass" })`: `{ envelope, residual }`.
pub fn envelope(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a, 0, "x")?, a.options(1)?);
    let top = x.len().div_ceil(2);
    let (low, high) = options.interval("band")?.unwrap_or((Some(1.0), None));
    let (low, high) = (low.unwrap_or(0.0).max(0.0), high.unwrap_or(top as f64));
    if low.fract() != 0.0 || high.fract() != 0.0 || low >= high || high > top as f64 {
        return Err(range_error(a, format!("band must be two rising integers from 0 to {top}, got {low} and {high}")));
    }
    let count = integer(a, &options, "nOut", (1, MAX_SIZE))?.unwrap_or(x.len());
    let squared = options.flag("squared", false)?;
    let kind = options.choice("residual", &["lowpass", "all", "none"], "lowpass")?;
    let residual = if kind == "all" { Residual::All } else { Residual::LowPass };
    let (mut envelope, rest) = named(a, envelope::envelope(&x, (low as usize, high as usize), count, residual))?;
    if squared {
        envelope.iter_mut().for_each(|e| *e *= *e);
    }
    let rest = if kind == "none" { Value::Null } else { Value::F64(rest) };
    Ok(object([("envelope", Value::F64(envelope)), ("residual", rest)]))
}

/// `(x, { lamb = "reml", order = 2, weights })`: `{ x, lamb }`.
pub fn whittaker_henderson(a: &Arguments<'_>) -> Result<Value> {
    let (y, options) = (some_signal(a, 0, "x")?, a.options(1)?);
    let order = integer(a, &options, "order", (1, graduate::MAX_ORDER))?.unwrap_or(2);
    if y.len() <= order {
        return Err(range_error(a, format!("x must have more than order ({order}) samples, got {}", y.len())));
    }
    let weights = options.numbers("weights")?.unwrap_or_else(|| vec![1.0; y.len()]);
    if weights.len() != y.len() || weights.iter().any(|w| *w < 0.0) {
        return Err(range_error(a, format!("weights must hold {} numbers of at least 0, one a sample", y.len())));
    }
    let signal = Signal { y: &y, weights: &weights, order };
    let lamb = match options.get("lamb") {
        Value::Undefined => named(a, signal.most_likely_lambda())?,
        text if text.as_str() == Some("reml") => named(a, signal.most_likely_lambda())?,
        _ => within(a, &options, "lamb", 0.0, ("at least 0", |x| x >= 0.0))?,
    };
    let x = named(a, signal.smoothed(lamb))?;
    Ok(object([("x", Value::F64(x)), ("lamb", Value::Number(lamb))]))
}
