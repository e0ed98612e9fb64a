//! Biosignals: hearts, breath, skin, muscles, brains.

use std::borrow::Cow;

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::object;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::biosignal::ecg::Method;
use crate::signal::biosignal::hrv::{self, Intervals, Spectral};
use crate::signal::biosignal::{bands, ecg, fix, quality, waves};
use crate::text::Texts;

/// Hz where a call says no rate, as in NeuroKit2.
const RATE: f64 = 1000.0;

/// The intervals of `(peaks | rr, { sampleRate = 1000, input })`: values that rise are peaks, unless `input` says otherwise.
fn intervals(a: &Arguments<'_>, options: &Options) -> Result<Intervals> {
    let values = a.signal(0, "peaks")?;
    let rate = options.positive("sampleRate")?.unwrap_or(RATE);
    let input = options.choice("input", &["auto", "peaks", "rr"], "auto")?;
    let rises = values.windows(2).all(|pair| pair[0] < pair[1]);
    if input == "peaks" || (input == "auto" && rises) {
        Intervals::between(&values, rate)
    } else {
        Intervals::of(values.into_owned())
    }
}

/// `(peaks | rr, { sampleRate = 1000, input, domains, psdMethod = 'welch' })`
pub fn hrv(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(1)?;
    let intervals = intervals(a, &options)?;
    let spectral = match options.choice("psdMethod", &["welch", "lomb"], "welch")? {
        "lomb" => Spectral::Lomb,
        _ => Spectral::Welch,
    };
    let domains = options.choice("domains", &["all", "time", "frequency", "nonlinear", "linear"], "all")?;
    let mut columns = vec![];
    if matches!(domains, "all" | "linear" | "time") {
        columns.extend(hrv::time(&intervals));
    }
    if matches!(domains, "all" | "linear" | "frequency") {
        columns.extend(hrv::frequency(&intervals, spectral)?);
    }
    if matches!(domains, "all" | "nonlinear") {
        columns.extend(hrv::nonlinear(&intervals)?);
    }
    let named = columns.into_iter().map(|(name, value)| (format!("HRV_{name}"), Value::Number(value)));
    Ok(Value::Object(named.collect()))
}

/// The sample rate of an option object; 1000 Hz where it says none.
fn rate(options: &Options) -> Result<f64> {
    Ok(options.positive("sampleRate")?.unwrap_or(RATE))
}

/// Samples as numbers.
fn indices(list: Vec<usize>) -> Value {
    Value::F64(list.into_iter().map(|index| index as f64).collect())
}

fn method(options: &Options) -> Result<Method> {
    let name = options.choice("method", Method::TEXTS, Method::Neurokit.text())?;
    Ok(Method::of(name).unwrap_or(Method::Neurokit))
}

/// `(ecg, { sampleRate = 1000, method = 'neurokit' })`
pub fn ecg_clean(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "ecg")?, a.options(1)?);
    ecg::clean(&x, rate(&options)?, method(&options)?).map(Value::F64)
}

/// `(ecg, { sampleRate = 1000, method = 'neurokit', clean = false })`
pub fn ecg_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "ecg")?, a.options(1)?);
    let (rate, method) = (rate(&options)?, method(&options)?);
    if options.flag("clean", false)? {
        return ecg::peaks(&ecg::clean(&x, rate, method)?, rate, method).map(indices);
    }
    ecg::peaks(&x, rate, method).map(indices)
}

/// `(ppg, { sampleRate = 1000 })`
pub fn ppg_clean(a: &Arguments<'_>) -> Result<Value> {
    waves::ppg_clean(&a.signal(0, "ppg")?, rate(&a.options(1)?)?).map(Value::F64)
}

/// `(ppg, { sampleRate = 1000, clean = false })`
pub fn ppg_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "ppg")?, a.options(1)?);
    let rate = rate(&options)?;
    if options.flag("clean", false)? {
        return waves::ppg_peaks(&waves::ppg_clean(&x, rate)?, rate).map(indices);
    }
    waves::ppg_peaks(&x, rate).map(indices)
}

/// `(rsp, { sampleRate = 1000 })`
pub fn rsp_clean(a: &Arguments<'_>) -> Result<Value> {
    waves::rsp_clean(&a.signal(0, "rsp")?, rate(&a.options(1)?)?).map(Value::F64)
}

/// `(rsp, { sampleRate = 1000, clean = false })`
pub fn rsp_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "rsp")?, a.options(1)?);
    let rate = rate(&options)?;
    let (peaks, troughs) = if options.flag("clean", false)? {
        waves::rsp_peaks(&waves::rsp_clean(&x, rate)?)
    } else {
        waves::rsp_peaks(&x)
    };
    Ok(object([("peaks", indices(peaks)), ("troughs", indices(troughs))]))
}

/// `(eda, { sampleRate = 1000 })`
pub fn eda_phasic(a: &Arguments<'_>) -> Result<Value> {
    let (tonic, phasic) = waves::eda_parts(&a.signal(0, "eda")?, rate(&a.options(1)?)?)?;
    Ok(object([("tonic", Value::F64(tonic)), ("phasic", Value::F64(phasic))]))
}

/// `(phasic, { amplitudeMin = 0.1 })`
pub fn eda_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "phasic")?, a.options(1)?);
    let share = options.number("amplitudeMin")?.unwrap_or(0.1);
    let (peaks, amplitudes) = waves::eda_peaks(&x, share);
    Ok(object([("peaks", indices(peaks)), ("amplitudes", Value::F64(amplitudes))]))
}

/// `(emg, { sampleRate = 1000 })`
pub fn emg_clean(a: &Arguments<'_>) -> Result<Value> {
    waves::emg_clean(&a.signal(0, "emg")?, rate(&a.options(1)?)?).map(Value::F64)
}

/// `(emg, { sampleRate = 1000 })`
pub fn emg_amplitude(a: &Arguments<'_>) -> Result<Value> {
    waves::emg_amplitude(&a.signal(0, "emg")?, rate(&a.options(1)?)?).map(Value::F64)
}

/// `(envelope, { sampleRate = 1000, threshold, durationMin = 0.05 })`
pub fn emg_activation(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "envelope")?, a.options(1)?);
    let seconds = options.positive("durationMin")?.unwrap_or(0.05);
    let shortest = (seconds * rate(&options)?) as usize;
    let (onsets, offsets) = waves::emg_activation(&x, options.number("threshold")?, shortest);
    Ok(object([("onsets", indices(onsets)), ("offsets", indices(offsets))]))
}

/// The bands of `{ bands: { name: [from, to] } }`, or those of an electroencephalogram.
fn named_bands(a: &Arguments<'_>, options: &Options) -> Result<Vec<(String, (f64, f64))>> {
    let usual = || bands::BANDS.iter().map(|(name, from, to)| ((*name).to_owned(), (*from, *to))).collect();
    let entries = match options.get("bands") {
        Value::Undefined => return Ok(usual()),
        Value::Object(entries) if (1..=100).contains(&entries.len()) => entries,
        _ => return Err(a.type_error("bands must be an object of up to 100 pairs [from, to] of Hz")),
    };
    let edges = |(name, value): &(String, Value)| match value.as_numbers().as_deref() {
        Some([from, to]) if *from >= 0.0 && from < to && to.is_finite() => Ok((name.clone(), (*from, *to))),
        _ => Err(a.type_error(format!("bands.{name} must be a pair [from, to] of rising Hz, got {value}"))),
    };
    entries.iter().map(edges).collect()
}

/// `(signal, { sampleRate = 1000, bands, window = 4, relative = true })`
pub fn band_power(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "signal")?, a.options(1)?);
    let (rate, seconds) = (rate(&options)?, options.positive("window")?.unwrap_or(4.0));
    let bands = named_bands(a, &options)?;
    let edges: Vec<(f64, f64)> = bands.iter().map(|(_, edges)| *edges).collect();
    let (powers, total) = bands::powers(&x, rate, seconds, &edges)?;
    let divisor = if options.flag("relative", true)? { total } else { 1.0 };
    let mut entries: Vec<(String, Value)> =
        bands.into_iter().zip(powers).map(|((name, _), power)| (name, Value::Number(power / divisor))).collect();
    entries.push(("TotalAbsPow".into(), Value::Number(total)));
    Ok(Value::Object(entries))
}

/// Peaks that rise.
fn rising<'a>(a: &Arguments<'a>, at: usize) -> Result<Cow<'a, [f64]>> {
    let peaks = a.signal(at, "peaks")?;
    let rises = peaks.windows(2).all(|pair| pair[0] < pair[1]) && peaks.iter().all(|peak| peak.is_finite());
    if rises { Ok(peaks) } else { Err(Error::range("peaks must be samples that rise")) }
}

/// `(peaks, { sampleRate = 1000 })`
pub fn signal_fix_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (artifacts, peaks) = fix::fix_peaks(&rising(a, 0)?, rate(&a.options(1)?)?);
    Ok(object([
        ("peaks", Value::F64(peaks)),
        ("ectopic", indices(artifacts.ectopic)),
        ("missed", indices(artifacts.missed)),
        ("extra", indices(artifacts.extra)),
        ("longshort", indices(artifacts.longshort)),
    ]))
}

/// `(peaks, { sampleRate = 1000, desiredLength })`
pub fn signal_rate(a: &Arguments<'_>) -> Result<Value> {
    let (peaks, options) = (rising(a, 0)?, a.options(1)?);
    let rate = rate(&options)?;
    let values = match options.integer("desiredLength", 1)? {
        None => fix::rate_at_peaks(&peaks, rate),
        Some(length) if peaks.last().is_some_and(|last| *last >= length as f64) => {
            return Err(options.wrong_range("desiredLength", "above the last peak"));
        }
        Some(length) => fix::rate_at_samples(&peaks, rate, length),
    };
    Ok(Value::F64(values))
}

/// `(ecg, peaks, { sampleRate = 1000 })`
pub fn ecg_quality(a: &Arguments<'_>) -> Result<Value> {
    let (x, peaks, options) = (a.signal(0, "ecg")?, rising(a, 1)?, a.options(2)?);
    if peaks.first().is_some_and(|first| *first < 0.0) || peaks.last().is_some_and(|last| *last >= x.len() as f64) {
        return Err(Error::range("peaks must be samples of the lead"));
    }
    Ok(Value::F64(quality::of_samples(&x, &peaks, rate(&options)?)))
}
