//! Other sample rates.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, numbers, range_error, signal};
use crate::dynamic::functions::scalars::{integer, needed_integer};
use crate::dynamic::functions::windows::taper;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::fir_bands::{self, MAX_TAPS};
use crate::signal::filter::design::zpk::Band;
use crate::signal::filter::design::{Iir, chebyshev};
use crate::signal::filter::run::direct;
use crate::signal::filter::run::polyphase::{self, Background, Ends, Filter};
use crate::signal::filter::run::zero_phase::{self, Padding};
use crate::signal::resample::fourier;
use crate::signal::spectrum::welch::Taper;
use crate::signal::transform::extension::Extension;
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::window::Window;
use crate::text::Texts;

/// How a signal goes on beyond its ends.
const EXTENSIONS: [&str; 9] =
    ["constant", "symmetric", "edge", "smooth", "wrap", "reflect", "antisymmetric", "antireflect", "line"];
/// The same for a signal that is resampled, with levels of its own.
const PADDINGS: [&str; 13] = [
    "constant",
    "mean",
    "median",
    "maximum",
    "minimum",
    "symmetric",
    "edge",
    "smooth",
    "wrap",
    "reflect",
    "antisymmetric",
    "antireflect",
    "line",
];

/// A signal that is not empty.
fn some_signal(a: &Arguments<'_>, at: usize) -> Result<Vec<f64>> {
    let x = signal(a, at, "x")?;
    if x.is_empty() { Err(range_error(a, "x must have at least one sample")) } else { Ok(x) }
}

/// The name of an extension; SciPy's `constant` is 0.
fn extension(name: &str) -> Option<Extension> {
    if name == "constant" { Some(Extension::Zero) } else { Extension::of(name) }
}

/// `(h, x, { up = 1, down = 1, mode = "constant" })`
pub fn upfirdn(a: &Arguments<'_>) -> Result<Value> {
    let (h, x, options) = (numbers(a, 0, "h")?, some_signal(a, 1)?, a.options(2)?);
    let rate = |key: &str| integer(a, &options, key, (1, MAX_SIZE)).map(|rate| rate.unwrap_or(1));
    let ratio = (rate("up")?, rate("down")?);
    let extension = extension(options.choice("mode", &EXTENSIONS, "constant")?).unwrap_or_default();
    named(a, polyphase::upfirdn(&h, &x, ratio, extension)).map(Value::F64)
}

/// `(x, up, down, { window = ["kaiser", 5], padtype = "constant" })`
pub fn resample_poly(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a, 0)?, a.options(3)?);
    let ratio = (needed_integer(a, 1, "up", (1, MAX_SIZE))?, needed_integer(a, 2, "down", (1, MAX_SIZE))?);
    let filter = match named(a, taper(a, options.get("window"), Window::Kaiser { beta: 5.0 }))? {
        Taper::Of(window) => Filter::Windowed(window),
        Taper::Samples(taps) if taps.is_empty() => return Err(range_error(a, "window must have at least one tap")),
        Taper::Samples(taps) => Filter::Taps(taps),
    };
    let name = options.choice("padtype", &PADDINGS, "constant")?;
    let ends = match Background::of(name) {
        Some(background) => Ends { level: background.level(&x), extension: Extension::Zero },
        None => Ends { level: 0.0, extension: extension(name).unwrap_or_default() },
    };
    named(a, polyphase::resample_poly(&x, ratio, &filter, ends)).map(Value::F64)
}

/// The window of a spectrum of `n` bins, its middle first.
fn spectral_window(a: &Arguments<'_>, options: &Options, n: usize) -> Result<Option<Vec<f64>>> {
    if matches!(options.get("window"), Value::Undefined | Value::Null) {
        return Ok(None);
    }
    let mut samples = match named(a, taper(a, options.get("window"), Window::Boxcar))? {
        // Samples stand in the order of the bins already.
        Taper::Samples(samples) if samples.len() == n => return Ok(Some(samples)),
        Taper::Samples(samples) => {
            return Err(range_error(a, format!("window must have {n} samples, as many as x, got {}", samples.len())));
        }
        Taper::Of(window) => named(a, window.samples(n, true))?,
    };
    samples.rotate_left(n / 2);
    Ok(Some(samples))
}

/// `(x, num, { window })`
pub fn resample(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a, 0)?, a.options(2)?);
    let count = needed_integer(a, 1, "num", (1, MAX_SIZE))?;
    if x.len() > MAX_SIZE {
        return Err(range_error(a, format!("x must have at most {MAX_SIZE} samples, got {}", x.len())));
    }
    let window = spectral_window(a, &options, x.len())?;
    named(a, fourier::resample(&x, count, window.as_deref())).map(Value::F64)
}

/// `(x, q, { n, ftype = "iir", zeroPhase = true })`
pub fn decimate(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a, 0)?, a.options(2)?);
    let factor = needed_integer(a, 1, "q", (1, MAX_TAPS / 20))?;
    let zero_phase = options.flag("zeroPhase", true)?;
    if options.choice("ftype", &["iir", "fir"], "iir")? == "iir" {
        let order = integer(a, &options, "n", (1, 100))?.unwrap_or(8);
        return recursive(a, x, factor, order, zero_phase);
    }
    let order = integer(a, &options, "n", (1, MAX_TAPS - 1))?.unwrap_or(20 * factor);
    let window = named(a, Window::Hamming.samples(order + 1, false))?;
    let taps = named(a, fir_bands::firwin(&[(0.0, 0.5 / factor as f64)], &window, true))?;
    if zero_phase {
        return named(a, polyphase::resample_poly(&x, (1, factor), &Filter::Taps(taps), Ends::default()))
            .map(Value::F64);
    }
    let mut y = named(a, polyphase::upfirdn(&taps, &x, (1, factor), Extension::Zero))?;
    y.truncate(x.len().div_ceil(factor));
    Ok(Value::F64(y))
}

/// By a Chebyshev filter of type I with 0.05 dB of ripple up to 0.8 of the new Nyquist frequency.
fn recursive(a: &Arguments<'_>, mut x: Vec<f64>, factor: usize, order: usize, zero_phase: bool) -> Result<Value> {
    let zpk = chebyshev::type1(order, 0.05).digital(Band::LowPass(0.4 / factor as f64));
    let rows = named(a, Iir::cascade(&zpk))?.rows;
    let filtered = if zero_phase {
        named(a, zero_phase::padded_cascade(&rows, &x, Padding::default(), None))?
    } else {
        direct::cascade(&rows, &mut x, &mut vec![[0.0; 2]; rows.len()]);
        x
    };
    Ok(Value::F64(filtered.into_iter().step_by(factor).collect()))
}
