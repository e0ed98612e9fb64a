//! Peaks, extrema, and samples at irregular times.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{complex, named, numbers, range_error, signal};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{integer, positive, within};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::detect::extrema::{Comparison, Ends, relative_extrema};
use crate::signal::detect::peaks::properties;
use crate::signal::detect::ridges::{self, Conditions};
use crate::signal::spectrum::lomb::{self, Normalization, Samples};
use crate::signal::transform::fft::MAX_SIZE;
use crate::text::Texts;

/// Widths and distances up to this many samples.
const MAX_WIDTH: f64 = 1e6;

fn indices(list: &[usize]) -> Value {
    Value::F64(list.iter().map(|&i| i as f64).collect())
}

fn extrema(a: &Arguments<'_>, comparison: Comparison, options: &Options) -> Result<Value> {
    let x = signal(a, 0, "x")?;
    let order = integer(a, options, "order", (1, MAX_SIZE))?.unwrap_or(1);
    let ends = Ends::of(options.choice("mode", Ends::TEXTS, Ends::default().text())?).unwrap_or_default();
    Ok(indices(&relative_extrema(&x, comparison, order, ends)))
}

/// `(x, { order = 1, mode = "clip" })`
pub fn argrelmax(a: &Arguments<'_>) -> Result<Value> {
    extrema(a, Comparison::Greater, &a.options(1)?)
}

/// `(x, { order = 1, mode = "clip" })`
pub fn argrelmin(a: &Arguments<'_>) -> Result<Value> {
    extrema(a, Comparison::Less, &a.options(1)?)
}

/// `(x, comparator, { order = 1, mode = "clip" })`
pub fn argrelextrema(a: &Arguments<'_>) -> Result<Value> {
    let comparator = a.option(1, "comparator").choice("comparator", Comparison::TEXTS, "")?;
    let comparison = Comparison::of(comparator)
        .ok_or_else(|| a.type_error(format!("comparator must be one of {}", Comparison::TEXTS.join(", "))))?;
    extrema(a, comparison, &a.options(2)?)
}

/// The signal and indices of samples of it.
fn places(a: &Arguments<'_>) -> Result<(Vec<f64>, Vec<usize>)> {
    let (x, peaks) = (signal(a, 0, "x")?, a.option(1, "peaks").numbers("peaks")?);
    let peaks = peaks.ok_or_else(|| a.type_error("peaks must be a list of indices, got undefined"))?;
    match peaks.iter().find(|p| p.fract() != 0.0 || **p < 0.0 || **p >= x.len() as f64) {
        Some(p) => Err(range_error(a, format!("peaks must be indices of the {} samples of x, got {p}", x.len()))),
        None => Ok((x, peaks.iter().map(|&p| p as usize).collect())),
    }
}

fn window_length(a: &Arguments<'_>, options: &Options) -> Result<Option<f64>> {
    match options.get("wlen") {
        Value::Undefined | Value::Null => Ok(None),
        _ => within(a, options, "wlen", 0.0, ("above 1", |x| x > 1.0)).map(Some),
    }
}

/// `(x, peaks, { wlen })`
pub fn peak_prominences(a: &Arguments<'_>) -> Result<Value> {
    let ((x, peaks), options) = (places(a)?, a.options(2)?);
    let found = properties(&x, peaks, window_length(a, &options)?, None);
    Ok(object([
        ("prominences", Value::F64(found.prominences)),
        ("leftBases", indices(&found.left_bases)),
        ("rightBases", indices(&found.right_bases)),
    ]))
}

/// `(x, peaks, { relHeight = 0.5, wlen })`
pub fn peak_widths(a: &Arguments<'_>) -> Result<Value> {
    let ((x, peaks), options) = (places(a)?, a.options(2)?);
    let height = within(a, &options, "relHeight", 0.5, ("at least 0", |x| x >= 0.0))?;
    let found = properties(&x, peaks, window_length(a, &options)?, Some(height));
    Ok(object([
        ("widths", Value::F64(found.widths)),
        ("widthHeights", Value::F64(found.width_heights)),
        ("leftIps", Value::F64(found.left_ips)),
        ("rightIps", Value::F64(found.right_ips)),
    ]))
}

/// `(x, widths, { maxDistances, gapThresh, minLength, minSnr = 1, noisePerc = 10, windowSize })`
pub fn find_peaks_cwt(a: &Arguments<'_>) -> Result<Value> {
    let (x, widths, options) = (signal(a, 0, "x")?, numbers(a, 1, "widths")?, a.options(2)?);
    if widths.iter().any(|w| !(*w > 0.0 && *w <= MAX_WIDTH)) {
        return Err(range_error(a, format!("widths must be above 0 and at most {MAX_WIDTH}")));
    }
    if x.is_empty() {
        return Ok(Value::F64(vec![]));
    }
    let rows = widths.len();
    let distances = options.numbers("maxDistances")?;
    let distances = distances.unwrap_or_else(|| widths.iter().map(|w| w / 4.0).collect());
    if distances.len() != rows {
        return Err(range_error(a, format!("maxDistances must hold {rows} numbers, one a width")));
    }
    let window = integer(a, &options, "windowSize", (1, MAX_SIZE))?.unwrap_or(x.len().div_ceil(20));
    let conditions = Conditions {
        distances,
        gap: options.number("gapThresh")?.unwrap_or(widths[0]).ceil(),
        length: options.number("minLength")?.unwrap_or((rows as f64 / 4.0).ceil()),
        signal_to_noise: options.number("minSnr")?.unwrap_or(1.0),
        noise_percentile: within(a, &options, "noisePerc", 10.0, ("from 0 to 100", |x| (0.0..=100.0).contains(&x)))?,
        noise_window: window,
        widths,
    };
    named(a, ridges::find_peaks(&x, &conditions)).map(|peaks| indices(&peaks))
}

/// `(x, y, freqs, { normalize = "power", weights, floatingMean = false })`
pub fn lombscargle(a: &Arguments<'_>) -> Result<Value> {
    let (x, y, omega, options) = (signal(a, 0, "x")?, signal(a, 1, "y")?, numbers(a, 2, "freqs")?, a.options(3)?);
    if x.is_empty() || x.len() != y.len() {
        return Err(range_error(a, format!("x and y must have one length above 0, got {} and {}", x.len(), y.len())));
    }
    let mut weights = options.numbers("weights")?.unwrap_or_else(|| vec![1.0; x.len()]);
    let total: f64 = weights.iter().sum();
    if weights.len() != x.len() || weights.iter().any(|w| *w < 0.0) || !(total > 0.0 && total.is_finite()) {
        let rule = format!("weights must hold {} numbers of at least 0, one a sample, not all of them 0", x.len());
        return Err(range_error(a, rule));
    }
    weights.iter_mut().for_each(|w| *w /= total);
    let normalization = match options.get("normalize").as_bool() {
        Some(true) => Normalization::Normalize,
        Some(false) => Normalization::Power,
        None => {
            let name = options.choice("normalize", Normalization::TEXTS, Normalization::default().text())?;
            Normalization::of(name).unwrap_or_default()
        }
    };
    let samples = Samples { x: &x, y: &y, weights: &weights };
    let found = named(a, lomb::lombscargle(samples, &omega, normalization, options.flag("floatingMean", false)?))?;
    if normalization == Normalization::Amplitude {
        return Ok(complex(&found));
    }
    Ok(Value::F64(found.iter().map(|z| z.re).collect()))
}

/// `(events, period)`: `{ strength, phase }`.
pub fn vectorstrength(a: &Arguments<'_>) -> Result<Value> {
    let (events, period) = (numbers(a, 0, "events")?, positive(a, 1, "period")?);
    let (strength, phase) = lomb::vector_strength(&events, period);
    Ok(object([("strength", Value::Number(strength)), ("phase", Value::Number(phase))]))
}
