//! Functions that describe a signal by numbers.

use crate::design::options::Design;
use crate::dynamic::functions::arguments::Arguments;
use crate::dynamic::functions::object;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::detect::peaks;
use crate::signal::detect::peaks::Conditions;
use crate::signal::features::entropy;
use crate::signal::features::entropy::Templates;

/// `crossCorrelation(x, y = x)`: the cross-correlation as a `Float32Array`.
pub fn correlate(a: &Arguments<'_>) -> Result<Value> {
    let x = a.samples(0, "x")?;
    if a.get(1).is_undefined() {
        return crate::signal::features::correlate::correlate(&x, &x).map(Value::F32);
    }
    crate::signal::features::correlate::correlate(&x, &a.samples(1, "y")?).map(Value::F32)
}

/// Reads `m` and `r` of `(x, m = 2, r?)`.
fn entropy_options(a: &Arguments<'_>) -> Result<(usize, Option<f64>)> {
    let m = a.option(1, "m").integer("m", 0)?.unwrap_or(2);
    let r = a.option(2, "r");
    let tolerance = r.number("r")?;
    if tolerance.is_some_and(|r| r < 0.0) {
        return Err(r.wrong_range("r", "at least 0"));
    }
    Ok((m, tolerance))
}

/// `calculateSampleEntropy(x, m = 2, r?, { design })`: the entropy in nats.
pub fn sample_entropy(a: &Arguments<'_>) -> Result<Value> {
    let (m, r) = entropy_options(a)?;
    let templates = match Design::from_value(a.options(3)?.get("design"), Design::Standard)? {
        Design::Standard => Templates::Equal,
        Design::Dspx => Templates::OneLess,
    };
    entropy::sample_entropy(&a.samples(0, "signal")?, m, r, templates).map(Value::Number)
}

/// `calculateApproximateEntropy(x, m = 2, r?)`: the entropy in nats.
pub fn approximate_entropy(a: &Arguments<'_>) -> Result<Value> {
    let (m, r) = entropy_options(a)?;
    entropy::approximate_entropy(&a.samples(0, "signal")?, m, r).map(Value::Number)
}

/// `findPeaks(x, conditions)`: the indices of the peaks, and their properties under the names of SciPy in camelCase.
pub fn find_peaks(a: &Arguments<'_>) -> Result<Value> {
    let (x, options) = (a.signal(0, "x")?, a.options(1)?);
    let distance = options.number("distance")?;
    let wlen = options.number("wlen")?;
    if distance.is_some_and(|d| d < 1.0) {
        return Err(a.type_error("distance must be at least 1"));
    }
    if wlen.is_some_and(|w| w <= 1.0) {
        return Err(a.type_error("wlen must be above 1"));
    }
    let found = peaks::find_peaks(
        &x,
        &Conditions {
            height: options.interval("height")?,
            threshold: options.interval("threshold")?,
            distance,
            prominence: options.interval("prominence")?,
            width: options.interval("width")?,
            plateau_size: options.interval("plateauSize")?,
            wlen,
            rel_height: options.number("relHeight")?.unwrap_or(0.5),
        },
    );
    let indices = |list: Vec<usize>| Value::F64(list.into_iter().map(|i| i as f64).collect());
    Ok(object([
        ("peaks", indices(found.peaks)),
        ("plateauSizes", Value::F64(found.plateau_sizes)),
        ("leftEdges", indices(found.left_edges)),
        ("rightEdges", indices(found.right_edges)),
        ("peakHeights", Value::F64(found.peak_heights)),
        ("leftThresholds", Value::F64(found.left_thresholds)),
        ("rightThresholds", Value::F64(found.right_thresholds)),
        ("prominences", Value::F64(found.prominences)),
        ("leftBases", indices(found.left_bases)),
        ("rightBases", indices(found.right_bases)),
        ("widths", Value::F64(found.widths)),
        ("widthHeights", Value::F64(found.width_heights)),
        ("leftIps", Value::F64(found.left_ips)),
        ("rightIps", Value::F64(found.right_ips)),
    ]))
}
