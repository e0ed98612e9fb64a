//! Features of frames, with librosa's framing and defaults.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, range_error, signal};
use crate::dynamic::functions::scalars::{integer, positive_option, within};
use crate::dynamic::functions::spectra::mel_options;
use crate::dynamic::functions::windows::taper;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::features::framed::{self, Contrast, Framing};
use crate::signal::smooth::savgol;
use crate::signal::spectrum::mel;
use crate::signal::spectrum::welch::Taper;
use crate::signal::transform::extension::Extension;
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::window::Window;

/// The sample rate unless given, in Hz.
const SAMPLE_RATE: f64 = 22_050.0;
/// The longest frame.
const MAX_FRAME: usize = 1 << 22;
/// The decibels that a spectrum keeps below its largest value.
const TOP_DB: f64 = 80.0;
/// The least power whose logarithm is taken.
const LEAST: f64 = 1e-10;

/// A signal that is not empty.
fn some_signal(a: &Arguments<'_>) -> Result<Vec<f64>> {
    let x = signal(a, 0, "x")?;
    if (1..=MAX_SIZE).contains(&x.len()) {
        return Ok(x);
    }
    Err(range_error(a, format!("x must have from 1 to {MAX_SIZE} samples, got {}", x.len())))
}

fn framing(a: &Arguments<'_>, options: &Options, key: &str) -> Result<Framing> {
    Ok(Framing {
        length: integer(a, options, key, (1, MAX_FRAME))?.unwrap_or(2048),
        hop: integer(a, options, "hopLength", (1, MAX_SIZE))?.unwrap_or(512),
        centred: options.flag("center", true)?,
    })
}

/// One value a frame.
fn each_frame(a: &Arguments<'_>, beyond: Extension, of: impl Fn(&[f64]) -> f64) -> Result<Value> {
    let (x, options) = (some_signal(a)?, a.options(1)?);
    let mut values = vec![];
    named(a, framing(a, &options, "frameLength")?.each(&x, beyond, |frame| values.push(of(frame))))?;
    Ok(Value::F64(values))
}

/// Hands magnitudes and frequencies of each frame to `take`.
fn each_spectrum(a: &Arguments<'_>, options: &Options, mut take: impl FnMut(&[f64], &[f64])) -> Result<()> {
    let (x, framing) = (some_signal(a)?, framing(a, options, "nFft")?);
    let rate = positive_option(a, options, "sampleRate", SAMPLE_RATE)?;
    let window = match named(a, taper(a, options.get("window"), Window::Hann))? {
        Taper::Of(window) => named(a, window.samples(framing.length, true))?,
        Taper::Samples(samples) if samples.len() == framing.length => samples,
        Taper::Samples(_) => return Err(range_error(a, format!("window must have nFft ({}) samples", framing.length))),
    };
    let frequencies = framing.frequencies(rate);
    named(a, framing.each_spectrum(&x, &window, |magnitudes| take(magnitudes, &frequencies)))
}

fn each_value(a: &Arguments<'_>, options: &Options, of: impl Fn(&[f64], &[f64]) -> f64) -> Result<Value> {
    let mut values = vec![];
    each_spectrum(a, options, |magnitudes, frequencies| values.push(of(magnitudes, frequencies)))?;
    Ok(Value::F64(values))
}

/// `(x, { frameLength = 2048, hopLength = 512, center = true })`
pub fn rms(a: &Arguments<'_>) -> Result<Value> {
    each_frame(a, Extension::Zero, framed::rms)
}

/// `(x, { frameLength = 2048, hopLength = 512, center = true, threshold = 1e-10 })`
pub fn zero_crossing_rate(a: &Arguments<'_>) -> Result<Value> {
    let threshold = within(a, &a.options(1)?, "threshold", 1e-10, ("at least 0", |x| x >= 0.0))?;
    each_frame(a, Extension::Edge, |frame| framed::zero_crossings(frame, threshold))
}

/// `(x, { sampleRate = 22050, nFft = 2048, hopLength = 512, window = "hann", center = true })`
pub fn spectral_centroid(a: &Arguments<'_>) -> Result<Value> {
    each_value(a, &a.options(1)?, framed::centroid)
}

/// `(x, { p = 2, … })`
pub fn spectral_bandwidth(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let power = positive_option(a, &options, "p", 2.0)?;
    each_value(a, &options, |magnitudes, frequencies| framed::bandwidth(magnitudes, frequencies, power))
}

/// `(x, { rollPercent = 0.85, … })`
pub fn spectral_rolloff(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let share = within(a, &options, "rollPercent", 0.85, ("above 0 and below 1", |x| x > 0.0 && x < 1.0))?;
    each_value(a, &options, |magnitudes, frequencies| framed::rolloff(magnitudes, frequencies, share))
}

/// `(x, { power = 2, amin = 1e-10, … })`
pub fn spectral_flatness(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let power = positive_option(a, &options, "power", 2.0)?;
    let least = positive_option(a, &options, "amin", LEAST)?;
    each_value(a, &options, |magnitudes, _| framed::flatness(magnitudes, power, least))
}

/// `(x, { fMin = 200, nBands = 6, quantile = 0.02, linear = false, … })`: an array of bands, a value a frame each.
pub fn spectral_contrast(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let contrast = Contrast {
        lowest: positive_option(a, &options, "fMin", 200.0)?,
        octaves: integer(a, &options, "nBands", (1, 32))?.unwrap_or(6),
        quantile: within(a, &options, "quantile", 0.02, ("above 0 and below 1", |x| x > 0.0 && x < 1.0))?,
    };
    let linear = options.flag("linear", false)?;
    let rate = positive_option(a, &options, "sampleRate", SAMPLE_RATE)?;
    let bands = named(a, contrast.bands(&framing(a, &options, "nFft")?.frequencies(rate)))?;
    let (mut peaks, mut valleys) = (vec![], vec![]);
    each_spectrum(a, &options, |magnitudes, _| {
        for (bins, count) in &bands {
            let (peak, valley) = framed::peak_and_valley(&magnitudes[bins.clone()], *count);
            peaks.push(peak);
            valleys.push(valley);
        }
    })?;
    if !linear {
        mel::power_to_db(&mut peaks, 1.0, LEAST, Some(TOP_DB));
        mel::power_to_db(&mut valleys, 1.0, LEAST, Some(TOP_DB));
    }
    let row = |k: usize| {
        let pairs = peaks.iter().zip(&valleys).skip(k).step_by(bands.len());
        Value::F64(pairs.map(|(peak, valley)| peak - valley).collect())
    };
    Ok(Value::Array((0..bands.len()).map(row).collect()))
}

/// `(x, { width = 9, order = 1, mode = "interp" })`
pub fn delta(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (some_signal(a)?, a.options(1)?);
    let width = integer(a, &options, "width", (3, savgol::MAX_WINDOW))?.unwrap_or(9);
    let order = integer(a, &options, "order", (1, savgol::MAX_ORDER.min(width - 1)))?.unwrap_or(1);
    if width % 2 == 0 {
        return Err(range_error(a, format!("width must be odd, got {width}")));
    }
    let beyond = match options.choice("mode", &["interp", "nearest", "mirror", "constant", "wrap"], "interp")? {
        "nearest" => Some(Extension::Edge),
        "mirror" => Some(Extension::Reflect),
        "constant" => Some(Extension::Zero),
        "wrap" => Some(Extension::Wrap),
        _ => None,
    };
    named(a, savgol::filtered(&x, (width, order), order, beyond)).map(Value::F64)
}

fn coefficient(a: &Arguments<'_>) -> Result<f64> {
    within(a, &a.options(1)?, "coef", 0.97, ("from 0 to 1", |x| (0.0..=1.0).contains(&x)))
}

/// `(x, { coef = 0.97 })`
pub fn preemphasis(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::F64(framed::preemphasis(&some_signal(a)?, coefficient(a)?)))
}

/// `(x, { coef = 0.97 })`
pub fn deemphasis(a: &Arguments<'_>) -> Result<Value> {
    Ok(Value::F64(framed::deemphasis(&some_signal(a)?, coefficient(a)?)))
}

/// `(x, { sampleRate = 22050, nFft = 2048, hopLength = 512, nMels = 128, center = true, … })`: frames are centred; with
/// `center` the result is moved by half a frame, to where a rise begins.
pub fn onset_strength(a: &Arguments<'_>) -> Result<Value> {
    let mut options = mel_options(a, &a.options(1)?)?;
    let half_frame = if options.centred { options.bank.nfft / (2 * options.hop) } else { 0 };
    options.centred = true;
    let mut values = named(a, mel::mel_spectrogram(&some_signal(a)?, &options))?;
    mel::power_to_db(&mut values, 1.0, LEAST, Some(TOP_DB));
    Ok(Value::F64(framed::onset_strength(&values, options.bank.bands, 1 + half_frame)))
}
