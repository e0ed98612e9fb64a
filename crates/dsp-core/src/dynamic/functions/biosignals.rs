//! Biosignals: hearts, breath, skin, muscles, brains.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::biosignal::hrv::{self, Intervals, Spectral};

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
