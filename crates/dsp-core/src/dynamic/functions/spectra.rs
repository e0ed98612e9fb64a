//! Transforms and spectra.

use rustfft::num_complex::Complex;

use crate::dynamic::functions::arguments::{Arguments, Options, Parts};
use crate::dynamic::functions::object;
use crate::dynamic::functions::windows::{taper, wrong_window};
use crate::error::Result;
use crate::limits::{collected, filled};
use crate::params::value::Value;
use crate::signal::smooth::detrend::Trend;
use crate::signal::spectrum::mel::{FilterBank, MelOptions, Scale};
use crate::signal::spectrum::spectrogram::{self, Mode, Spectrogram};
use crate::signal::spectrum::welch::{Average, Scaling, Spectrum, Taper};
use crate::signal::spectrum::{mel, welch};
use crate::signal::transform::czt::Spiral;
use crate::signal::transform::fft::{Dft, MAX_SIZE, half_size};
use crate::signal::transform::hilbert;
use crate::signal::window::Window;

fn complex_f64(values: &[Complex<f64>]) -> Result<[(&'static str, Value); 2]> {
    let part = |f: fn(&Complex<f64>) -> f64| collected(values.iter().map(f)).map(Value::F64);
    Ok([("real", part(|z| z.re)?), ("imag", part(|z| z.im)?)])
}

fn complex_f32(re: Vec<f32>, im: Vec<f32>) -> Value {
    object([("real", Value::F32(re)), ("imag", Value::F32(im))])
}

fn to_complex(parts: &Parts<'_>) -> Result<Vec<Complex<f64>>> {
    collected(parts.0.iter().zip(parts.1.iter()).map(|(&re, &im)| Complex::new(re, im)))
}

fn size_of(a: &Arguments<'_>, n: usize) -> Result<usize> {
    if (1..=MAX_SIZE).contains(&n) {
        Ok(n)
    } else {
        Err(a.type_error(format!("length must be from 1 to {MAX_SIZE}, got {n}")))
    }
}

// ---- transforms, in f32 as in the classes -----------------------------------------------------

/// `rfft(x)`: the non-negative half of the spectrum as `{ real, imag }`.
pub fn rfft(a: &Arguments<'_>) -> Result<Value> {
    let x = a.samples(0, "x")?;
    let n = size_of(a, x.len())?;
    let (mut re, mut im) = (filled(0.0, half_size(n))?, filled(0.0, half_size(n))?);
    Dft::<f32>::new(n).real().forward_split(&x, &mut re, &mut im);
    Ok(complex_f32(re, im))
}

/// Reads the real and imaginary parts of a spectrum as f32.
fn parts(a: &Arguments<'_>) -> Result<(Vec<f32>, Vec<f32>)> {
    let (re, im) = a.complex(0, "spectrum")?;
    let single = |part: &[f64]| collected(part.iter().map(|&x| x as f32));
    Ok((single(&re)?, single(&im)?))
}

/// `irfft({ real, imag }, n)`: the real signal of `n` samples.
pub fn irfft(a: &Arguments<'_>) -> Result<Value> {
    let (re, im) = parts(a)?;
    let n = a.option(1, "n").integer("n", 1)?.unwrap_or(2 * re.len().saturating_sub(1));
    let n = size_of(a, n)?;
    if re.len() != half_size(n) {
        return Err(a.type_error(format!("spectrum must have {} bins, got {}", half_size(n), re.len())));
    }
    let mut x = filled(0.0, n)?;
    Dft::<f32>::new(n).real().inverse_split(&re, &im, &mut x);
    Ok(Value::F32(x))
}

type Transform = fn(&mut Dft<f32>, (&[f32], &[f32]), &mut [f32], &mut [f32]);

fn whole(a: &Arguments<'_>, f: Transform) -> Result<Value> {
    let (x_re, x_im) = parts(a)?;
    let n = size_of(a, x_re.len())?;
    let (mut re, mut im) = (filled(0.0, n)?, filled(0.0, n)?);
    f(&mut Dft::new(n), (&x_re, &x_im), &mut re, &mut im);
    Ok(complex_f32(re, im))
}

/// `dft({ real, imag })`: the spectrum as `{ real, imag }`.
pub fn dft(a: &Arguments<'_>) -> Result<Value> {
    whole(a, Dft::forward)
}

/// `idft({ real, imag })`: the signal as `{ real, imag }`.
pub fn idft(a: &Arguments<'_>) -> Result<Value> {
    whole(a, Dft::inverse)
}

/// `analyticSignal(x)`: the analytic signal as `{ real, imag }`.
pub fn analytic_signal(a: &Arguments<'_>) -> Result<Value> {
    let x = a.signal(0, "x")?;
    if x.len() > MAX_SIZE {
        size_of(a, x.len())?;
    }
    hilbert::analytic_signal(&x).and_then(|z| complex_f64(&z)).map(object)
}

/// `czt(x or { real, imag }, { m, w: [re, im], a: [re, im] })`: the chirp z-transform at `m` points `a·w⁻ᵏ`.
pub fn czt(a: &Arguments<'_>) -> Result<Value> {
    let x = real_or_complex(a)?;
    let options = a.options(1)?;
    let pair = |key: &str| match options.numbers(key)?.as_deref() {
        None => Ok(None),
        Some([re, im]) => Ok(Some(Complex::new(*re, *im))),
        Some([re]) => Ok(Some(Complex::from(*re))),
        _ => Err(a.type_error(format!("{key} must be a number or a pair [re, im]"))),
    };
    let count = options.integer("m", 1)?.unwrap_or(x.len());
    let spiral = Spiral::new(count, pair("w")?, pair("a")?.unwrap_or(Complex::new(1.0, 0.0)));
    crate::signal::transform::czt::czt(&x, &spiral).and_then(|z| complex_f64(&z)).map(object)
}

fn real_or_complex(a: &Arguments<'_>) -> Result<Vec<Complex<f64>>> {
    if matches!(a.get(0), Value::Object(_)) {
        return to_complex(&a.complex(0, "x")?);
    }
    collected(a.signal(0, "x")?.iter().map(|&x| Complex::from(x)))
}

/// `zoomFft(x or { real, imag }, [low, high], { m, sampleRate = 1, endpoint = false })`: `m` frequencies and their
/// bins.
pub fn zoom_fft(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (real_or_complex(a)?, a.options(2)?);
    let Some([low, high]) = a.option(1, "band").numbers("band")?.as_deref().and_then(|b| <[f64; 2]>::try_from(b).ok())
    else {
        return Err(a.type_error("band must be a pair [low, high] in Hz"));
    };
    let rate = options.positive("sampleRate")?.unwrap_or(1.0);
    let count = options.integer("m", 1)?.unwrap_or(x.len());
    let endpoint = options.flag("endpoint", false)?;
    let z = crate::signal::transform::czt::czt(&x, &Spiral::arc(low / rate, high / rate, count, endpoint))?;
    let steps = if endpoint { count.max(2) - 1 } else { count.max(1) } as f64;
    let frequencies = collected((0..count).map(|k| low + (high - low) * k as f64 / steps))?;
    let [re, im] = complex_f64(&z)?;
    Ok(object([("frequencies", Value::F64(frequencies)), re, im]))
}

/// `goertzel(x, frequencies, { sampleRate = 1 })`: real part, imaginary part and power of a bin at each frequency.
pub fn goertzel(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "x")?, a.options(2)?);
    let frequencies = a.option(1, "frequencies").numbers("frequencies")?;
    let frequencies = frequencies.ok_or_else(|| a.type_error("frequencies must be a number or a list of numbers"))?;
    let rate = options.positive("sampleRate")?.unwrap_or(1.0);
    let z = crate::signal::transform::goertzel::goertzel(&x, &frequencies, rate)?;
    let [re, im] = complex_f64(&z)?;
    let power = Value::F64(collected(z.iter().map(Complex::norm_sqr))?);
    Ok(object([re, im, ("power", power)]))
}

// ---- segments ---------------------------------------------------------------------------------

fn segment_options(a: &Arguments<'_>, o: &Options, defaults: welch::Options) -> Result<welch::Options> {
    let window = match &defaults.taper {
        Taper::Of(window) => window.clone(),
        Taper::Samples(_) => Window::Hann,
    };
    let names = |trend| match trend {
        Trend::None => "none",
        Trend::Constant => "constant",
        Trend::Linear => "linear",
    };
    let scaling = if defaults.scaling == Scaling::Density { "density" } else { "spectrum" };
    Ok(welch::Options {
        sample_rate: o.positive("sampleRate")?.unwrap_or(defaults.sample_rate),
        taper: taper(a, o.get("window"), window)?,
        segment: o.integer("nperseg", 1)?.or(defaults.segment),
        overlap: o.integer("noverlap", 0)?.or(defaults.overlap),
        nfft: o.integer("nfft", 1)?.or(defaults.nfft),
        trend: Trend::of(o.choice("detrend", &Trend::NAMES, names(defaults.trend))?).expect("one of the names"),
        scaling: match o.choice("scaling", &["density", "psd", "spectrum"], scaling)? {
            "spectrum" => Scaling::Spectrum,
            _ => Scaling::Density,
        },
        average: match o.choice("average", &["mean", "median"], "mean")? {
            "median" => Average::Median,
            _ => Average::Mean,
        },
        one_sided: o.flag("onesided", defaults.one_sided)?,
    })
}

fn spectrum(name: &str, s: Spectrum<f64>) -> Value {
    object([("frequencies", Value::F64(s.frequencies)), (name, Value::F64(s.values))])
}

/// `welch(x, options)`: `{ frequencies, power }`.
pub fn welch(a: &Arguments<'_>) -> Result<Value> {
    let options = segment_options(a, &a.options(1)?, welch::Options::default())?;
    Ok(spectrum("power", welch::welch(&a.signal(0, "x")?, &options)?))
}

/// `periodogram(x, options)`: `{ frequencies, power }`.
pub fn periodogram(a: &Arguments<'_>) -> Result<Value> {
    let defaults = welch::Options { taper: Taper::Of(Window::Boxcar), ..Default::default() };
    let options = segment_options(a, &a.options(1)?, defaults)?;
    Ok(spectrum("power", welch::periodogram(&a.signal(0, "x")?, &options)?))
}

/// `coherence(x, y, options)`: `{ frequencies, coherence }`.
pub fn coherence(a: &Arguments<'_>) -> Result<Value> {
    let options = segment_options(a, &a.options(2)?, welch::Options::default())?;
    Ok(spectrum("coherence", welch::coherence(&a.signal(0, "x")?, &a.signal(1, "y")?, &options)?))
}

/// `csd(x, y, options)`: `{ frequencies, real, imag }`.
pub fn csd(a: &Arguments<'_>) -> Result<Value> {
    let options = segment_options(a, &a.options(2)?, welch::Options::default())?;
    let s = welch::csd(&a.signal(0, "x")?, &a.signal(1, "y")?, &options)?;
    let [re, im] = complex_f64(&s.values)?;
    Ok(object([("frequencies", Value::F64(s.frequencies)), re, im]))
}

fn frames<T>(s: &Spectrogram<T>) -> [(&'static str, Value); 2] {
    [("frequencies", Value::F64(s.frequencies.clone())), ("times", Value::F64(s.times.clone()))]
}

/// `spectrogram(x, options)`: frequencies, times in seconds, and values or complex bins.
pub fn spectrogram(a: &Arguments<'_>) -> Result<Value> {
    let (x, o) = (a.signal(0, "x")?, a.options(1)?);
    let defaults = welch::Options { taper: Taper::Of(Window::Tukey { alpha: 0.25 }), ..Default::default() };
    let mut options = segment_options(a, &o, defaults)?;
    if options.overlap.is_none() {
        let segment = match &options.taper {
            Taper::Samples(samples) => samples.len(),
            Taper::Of(_) => options.segment.unwrap_or(256),
        };
        options.overlap = Some(segment.min(x.len()) / 8);
    }
    let mode = match o.choice("mode", &["psd", "complex", "magnitude", "angle", "phase"], "psd")? {
        "complex" => {
            let s = spectrogram::complex_spectrogram(&x, &options)?;
            let ([f, t], [re, im]) = (frames(&s), complex_f64(&s.values)?);
            return Ok(object([f, t, re, im]));
        }
        "magnitude" => Mode::Magnitude,
        "angle" => Mode::Angle,
        "phase" => Mode::Phase,
        _ => Mode::Psd,
    };
    let s = spectrogram::spectrogram(&x, mode, &options)?;
    let [f, t] = frames(&s);
    Ok(object([f, t, ("values", Value::F64(s.values))]))
}

fn stft_defaults() -> welch::Options {
    welch::Options { scaling: Scaling::Spectrum, trend: Trend::None, ..Default::default() }
}

/// `stft(x, options)`: frequencies, times in seconds and complex bins, with the settings that [`istft`] needs.
pub fn stft(a: &Arguments<'_>) -> Result<Value> {
    let (x, o) = (a.signal(0, "x")?, a.options(1)?);
    let options = segment_options(a, &o, stft_defaults())?;
    let (centred, padded) = (o.flag("centred", true)?, o.flag("padded", true)?);
    let s = crate::signal::spectrum::stft::stft(&x, &options, centred, padded)?;
    let ([f, t], [re, im]) = (frames(&s), complex_f64(&s.values)?);
    if x.is_empty() {
        return Ok(object([f, t, re, im]));
    }
    let plan = options.plan(x.len())?;
    let count = |n: usize| Value::Number(n as f64);
    Ok(object([
        f,
        t,
        re,
        im,
        ("length", count(x.len())),
        ("nperseg", count(plan.window.len())),
        ("noverlap", count(plan.window.len() - plan.step)),
        ("nfft", count(plan.nfft)),
        ("onesided", Value::Bool(options.one_sided)),
    ]))
}

/// `istft({ real, imag }, options)`: the signal. Options that are absent are taken from the object if [`stft`] made it,
/// else by default. Without options the result is as long as the signal of [`stft`]; with them it has `length` samples,
/// or all that the segments cover (as in SciPy).
pub fn istft(a: &Arguments<'_>) -> Result<Value> {
    let (parts, given) = (a.complex(0, "spectra")?, a.options(1)?);
    let keys = ["nperseg", "noverlap", "nfft", "onesided", "length"];
    let recorded = if a.get(1).is_nullish() { &keys[..] } else { &keys[..4] };
    let o = a.options_over(given, a.get(0), recorded);
    let options = segment_options(a, &o, stft_defaults())?;
    let segment = options.segment.or(options.nfft).unwrap_or(256);
    let plan = options.plan(match &options.taper {
        Taper::Samples(samples) => samples.len(),
        Taper::Of(_) => segment,
    })?;
    let mut x = crate::signal::spectrum::stft::istft(&to_complex(&parts)?, &plan, o.flag("centred", true)?)?;
    if let Some(length) = o.integer("length", 0)? {
        x.truncate(length);
    }
    Ok(Value::F32(collected(x.into_iter().map(|x| x as f32))?))
}

// ---- mel --------------------------------------------------------------------------------------

fn bank(o: &Options) -> Result<FilterBank> {
    Ok(FilterBank {
        sample_rate: o.positive("sampleRate")?.unwrap_or(22_050.0),
        nfft: o.integer("nFft", 1)?.unwrap_or(2048),
        bands: o.integer("nMels", 1)?.unwrap_or(128),
        low: o.number("fMin")?.unwrap_or(0.0),
        high: o.number("fMax")?,
        scale: if o.flag("htk", false)? { Scale::Htk } else { Scale::Slaney },
        area: o.choice("norm", &["slaney", "none"], "slaney")? == "slaney",
    })
}

/// `melFilterBank(options)`: the weights of the bands over the bins, band after band.
pub fn mel_filter_bank(a: &Arguments<'_>) -> Result<Value> {
    bank(&a.options(0)?)?.weights().map(Value::F32)
}

pub(super) fn mel_options(a: &Arguments<'_>, o: &Options) -> Result<MelOptions> {
    let bank = bank(o)?;
    let window_length = o.integer("winLength", 1)?.unwrap_or(bank.nfft);
    let Taper::Of(window) = taper(a, o.get("window"), Window::Hann)? else { return Err(wrong_window(a)) };
    Ok(MelOptions {
        hop: o.integer("hopLength", 1)?.unwrap_or(512),
        window_length,
        window,
        centred: o.flag("center", true)?,
        power: o.positive("power")?.unwrap_or(2.0),
        bank,
    })
}

fn matrix(values: Vec<f64>, columns: usize) -> Value {
    let rows = Value::Number((values.len() / columns) as f64);
    object([("values", Value::F64(values)), ("numFrames", rows), ("numCoefficients", Value::Number(columns as f64))])
}

/// `calculateMelSpectrogram(x, options)`: `{ values, numFrames, numCoefficients }`.
pub fn mel_spectrogram(a: &Arguments<'_>) -> Result<Value> {
    let options = mel_options(a, &a.options(1)?)?;
    Ok(matrix(mel::mel_spectrogram(&a.signal(0, "x")?, &options)?, options.bank.bands))
}

/// `calculateMfcc(x, options)`: `{ values, numFrames, numCoefficients }`.
pub fn mfcc(a: &Arguments<'_>) -> Result<Value> {
    let o = a.options(1)?;
    let options = mel_options(a, &o)?;
    let count = o.integer("nMfcc", 1)?.unwrap_or(20);
    let lifter = o.number("lifter")?.unwrap_or(0.0);
    Ok(matrix(mel::mfcc(&a.signal(0, "x")?, count, lifter, &options)?, count))
}
