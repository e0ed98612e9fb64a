//! Designs of FIR filters.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, numbers, range_error};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{integer, needed, needed_integer, positive, positive_option, within};
use crate::dynamic::functions::windows::taper;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::fir_bands::{self, MAX_TAPS, Sampled, kaiser_attenuation, kaiser_beta};
use crate::signal::filter::design::least_squares::{self, Band};
use crate::signal::filter::design::minimum_phase::{self, Method};
use crate::signal::filter::design::remez::{self, Kind, Specification};
use crate::signal::smooth::savgol;
use crate::signal::spectrum::welch::Taper;
use crate::signal::window::Window;
use crate::text::Texts;

/// The window of `taps` samples that an option names.
fn window(a: &Arguments<'_>, options: &Options, taps: usize) -> Result<Vec<f64>> {
    match named(a, taper(a, options.get("window"), Window::Hamming))? {
        Taper::Samples(samples) if samples.len() == taps => Ok(samples),
        Taper::Samples(samples) => {
            Err(range_error(a, format!("window must have numtaps ({taps}) samples, got {}", samples.len())))
        }
        Taper::Of(window) => named(a, window.samples(taps, false)),
    }
}

/// `(numtaps, cutoff, { width, window = "hamming", passZero = true, scale = true, sampleRate = 2 })`
pub fn firwin(a: &Arguments<'_>) -> Result<Value> {
    let taps = needed_integer(a, 0, "numtaps", (1, MAX_TAPS))?;
    let (cutoff, options) = (numbers(a, 1, "cutoff")?, a.options(2)?);
    let rate = positive_option(a, &options, "sampleRate", 2.0)?;
    let edges: Vec<f64> = cutoff.iter().map(|f| f / rate).collect();
    let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
    if !rising || edges[0] <= 0.0 || edges[edges.len() - 1] >= 0.5 {
        return Err(range_error(a, format!("cutoff must hold rising frequencies between 0 and {}", rate / 2.0)));
    }
    let pass_zero = passes_zero(a, &options, edges.len())?;
    let pass_nyquist = pass_zero == edges.len().is_multiple_of(2);
    if pass_nyquist && taps.is_multiple_of(2) {
        return Err(range_error(a, format!("numtaps must be odd to pass half the sample rate, got {taps}")));
    }
    let mut all = edges;
    if pass_zero {
        all.insert(0, 0.0);
    }
    if pass_nyquist {
        all.push(0.5);
    }
    let bands: Vec<(f64, f64)> = all.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    let window = match options.number("width")? {
        None => window(a, &options, taps)?,
        Some(_) => {
            let width = positive_option(a, &options, "width", 0.0)? / (rate / 2.0);
            let beta = kaiser_beta(kaiser_attenuation(taps as f64, width));
            named(a, Window::Kaiser { beta }.samples(taps, false))?
        }
    };
    named(a, fir_bands::firwin(&bands, &window, options.flag("scale", true)?)).map(Value::F64)
}

/// Whether the filter passes 0 Hz: a truth value, or a kind of band that fits the number of edges.
fn passes_zero(a: &Arguments<'_>, options: &Options, edges: usize) -> Result<bool> {
    let Some(kind) = options.get("passZero").as_str() else { return options.flag("passZero", true) };
    let (passes, fits) = match kind {
        "lowpass" => (true, edges == 1),
        "highpass" => (false, edges == 1),
        "bandpass" => (false, edges >= 2),
        "bandstop" => (true, edges >= 2),
        _ => {
            let rule = "passZero must be a boolean, 'lowpass', 'highpass', 'bandpass' or 'bandstop'";
            return Err(a.type_error(rule));
        }
    };
    if fits { Ok(passes) } else { Err(range_error(a, format!("passZero '{kind}' does not fit {edges} cutoffs"))) }
}

/// `(numtaps, freq, gain, { nfreqs, window = "hamming", antisymmetric = false, sampleRate = 2 })`
pub fn firwin2(a: &Arguments<'_>) -> Result<Value> {
    let taps = needed_integer(a, 0, "numtaps", (1, MAX_TAPS))?;
    let (frequencies, gains, options) = (numbers(a, 1, "freq")?, numbers(a, 2, "gain")?, a.options(3)?);
    let nyquist = positive_option(a, &options, "sampleRate", 2.0)? / 2.0;
    let points = integer(a, &options, "nfreqs", (2, 2 * MAX_TAPS + 1))?;
    let sampled = Sampled {
        frequencies: frequencies.iter().map(|f| f / nyquist).collect(),
        gains,
        points: points.unwrap_or(1 + taps.next_power_of_two()),
        antisymmetric: options.flag("antisymmetric", false)?,
    };
    let sampled = named(a, sampled.checked(taps))?;
    let window = if *options.get("window") == Value::Null { vec![1.0; taps] } else { window(a, &options, taps)? };
    named(a, sampled.firwin2(&window)).map(Value::F64)
}

/// Band edges of an argument, in units of `unit`: pairs of rising frequencies up to half the sample rate.
fn edges(a: &Arguments<'_>, at: usize, unit: f64, nyquist: f64) -> Result<Vec<f64>> {
    let edges = numbers(a, at, "bands")?;
    let inside = edges.iter().all(|f| (0.0..=nyquist).contains(f));
    // Within a band the edges rise, from band to band they do not fall.
    let rising = edges.windows(2).enumerate().all(|(i, pair)| pair[0] < pair[1] || i % 2 == 1 && pair[0] == pair[1]);
    if edges.len().is_multiple_of(2) && inside && rising {
        return Ok(edges.iter().map(|f| f / unit).collect());
    }
    Err(range_error(a, format!("bands must hold pairs of rising frequencies from 0 to {nyquist}")))
}

/// Weights of `bands` bands, above `least` or equal to it; 1 unless given.
fn weights(a: &Arguments<'_>, options: &Options, bands: usize) -> Result<Vec<f64>> {
    match options.numbers("weight")? {
        None => Ok(vec![1.0; bands]),
        Some(weights) if weights.len() == bands && weights.iter().all(|w| *w > 0.0) => Ok(weights),
        Some(_) => Err(range_error(a, format!("weight must hold {bands} numbers above 0, one a band"))),
    }
}

/// `(numtaps, bands, desired, { weight, sampleRate = 2 })`
pub fn firls(a: &Arguments<'_>) -> Result<Value> {
    let taps = needed_integer(a, 0, "numtaps", (1, least_squares::MAX_TAPS))?;
    if taps.is_multiple_of(2) {
        return Err(range_error(a, format!("numtaps must be odd, got {taps}")));
    }
    let options = a.options(3)?;
    let nyquist = positive_option(a, &options, "sampleRate", 2.0)? / 2.0;
    let (edges, desired) = (edges(a, 1, nyquist, nyquist)?, numbers(a, 2, "desired")?);
    if desired.len() != edges.len() || desired.iter().any(|gain| *gain < 0.0) {
        return Err(range_error(a, format!("desired must hold {} gains of at least 0, one an edge", edges.len())));
    }
    let weights = weights(a, &options, edges.len() / 2)?;
    let bands: Vec<Band> = (0..weights.len())
        .map(|i| Band {
            edges: [edges[2 * i], edges[2 * i + 1]],
            gains: [desired[2 * i], desired[2 * i + 1]],
            weight: weights[i],
        })
        .collect();
    named(a, least_squares::firls(taps, &bands)).map(Value::F64)
}

/// `(numtaps, bands, desired, { weight, type = "bandpass", gridDensity = 16, sampleRate = 1 })`
pub fn remez(a: &Arguments<'_>) -> Result<Value> {
    let taps = needed_integer(a, 0, "numtaps", (3, remez::MAX_TAPS))?;
    let options = a.options(3)?;
    let rate = positive_option(a, &options, "sampleRate", 1.0)?;
    let (edges, desired) = (edges(a, 1, rate, rate / 2.0)?, numbers(a, 2, "desired")?);
    if desired.len() != edges.len() / 2 {
        return Err(range_error(a, format!("desired must hold {} gains, one a band", edges.len() / 2)));
    }
    let weights = weights(a, &options, desired.len())?;
    let kind = match options.choice("type", &["bandpass", "differentiator", "hilbert"], "bandpass")? {
        "differentiator" => Kind::Differentiator,
        "hilbert" => Kind::Hilbert,
        _ => Kind::Bandpass,
    };
    let density = integer(a, &options, "gridDensity", (1, 256))?.unwrap_or(16);
    let specification = Specification { taps, edges: &edges, desired: &desired, weights: &weights, kind, density };
    named(a, remez::remez(&specification)).map(Value::F64)
}

/// `(h, { method = "homomorphic", nFft, half = true })`
pub fn minimum_phase(a: &Arguments<'_>) -> Result<Value> {
    let (h, options) = (numbers(a, 0, "h")?, a.options(1)?);
    let method = Method::of(options.choice("method", Method::TEXTS, Method::default().text())?).unwrap_or_default();
    let points = options.integer("nFft", 1)?.unwrap_or_else(|| minimum_phase::default_points(h.len()));
    named(a, minimum_phase::minimum_phase(&h, method, points, options.flag("half", true)?)).map(Value::F64)
}

/// `(numtaps, width)`
pub fn kaiser_atten(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::Number(kaiser_attenuation(needed(a, 0, "numtaps")?, needed(a, 1, "width")?)))
}

/// `(attenuation)`
pub fn kaiser_beta_of(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::Number(kaiser_beta(needed(a, 0, "attenuation")?)))
}

/// `(ripple, width)`: `{ numtaps, beta }`.
pub fn kaiserord(a: &Arguments<'_>) -> Result<Value> {
    let (ripple, width) = (needed(a, 0, "ripple")?.abs(), positive(a, 1, "width")?);
    if ripple < 8.0 {
        return Err(range_error(a, format!("ripple must be at least 8 dB, got {ripple}")));
    }
    // In cycles per sample: 1 is half the sample rate.
    let (taps, beta) = crate::signal::filter::design::fir::kaiser_order(ripple, width / 2.0);
    Ok(object([("numtaps", Value::Number(taps)), ("beta", Value::Number(beta))]))
}

/// `(windowLength, polyOrder, { deriv = 0, delta = 1, pos, use = "conv" })`
pub fn savgol_coeffs(a: &Arguments<'_>) -> Result<Value> {
    let window = needed_integer(a, 0, "windowLength", (1, savgol::MAX_WINDOW))?;
    let order = needed_integer(a, 1, "polyOrder", (0, savgol::MAX_ORDER))?;
    let options = a.options(2)?;
    let derivative = integer(a, &options, "deriv", (0, savgol::MAX_ORDER))?.unwrap_or(0);
    let delta = within(a, &options, "delta", 1.0, ("a number other than 0", |x| x != 0.0))?;
    let middle = (window as f64 - 1.0) / 2.0;
    let position = options.number("pos")?.unwrap_or(middle);
    if !(0.0..window as f64).contains(&position) {
        return Err(range_error(a, format!("pos must be at least 0 and below windowLength, got {position}")));
    }
    let mut weights = named(a, savgol::coefficients((window, order), derivative, delta, position))?;
    if options.choice("use", &["conv", "dot"], "conv")? == "conv" {
        weights.reverse();
    }
    Ok(Value::F64(weights))
}
