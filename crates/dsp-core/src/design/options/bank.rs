//! `FilterBankDesign`: band-passes between neighbouring edges, each of them a [`FilterSpec`].

use crate::design::filter_bank::Scale;
use crate::design::rules::{MAX_DSPX_ORDER, MAX_ORDER, failed, half};
use crate::design::spec::{Band, Design, Family, FilterSpec};
use crate::design::{filter_bank, rules};
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::filter::design::Iir;
use crate::signal::filter::design::zpk::Row;
use crate::text::{Texts, js_number, quoted};

/// Largest number of bands of a filter bank.
const MAX_BANDS: f64 = 65_536.0;

const BANK_PREFIX: &str = "Filter bank design failed: ";
const TOO_NARROW: &str = "the bands are too narrow for float64 at these frequencies";

/// Returns the range of a filter bank in Hz.
///
/// # Errors
/// `TypeError` if `frequencyRange` is not an array of two numbers.
fn bank_range(options: &Value) -> Result<[f64; 2]> {
    let range = options.get("frequencyRange");
    let numbers = range.as_numbers().filter(|r| r.len() >= 2).map(|r| [r[0], r[1]]);
    numbers.ok_or_else(|| Error::type_error(format!("frequencyRange must be an array of two numbers, got {range}")))
}

/// Checks the number of bands, if it is a number.
///
/// # Errors
/// `Error` if it is out of range.
fn bank_count(options: &Value) -> Result<()> {
    let count = options.get("count").as_number().unwrap_or(f64::NAN);
    if count < 1.0 {
        return failed(format!("Band count must be positive, got {}", js_number(count)));
    }
    if count > MAX_BANDS {
        return failed(format!("Band count must be at most {MAX_BANDS}, got {}", js_number(count)));
    }
    if count.fract() > 0.0 {
        return failed(format!("Band count must be an integer, got {}", js_number(count)));
    }
    Ok(())
}

/// Returns the `count + 1` edges in Hz, for `FilterBankDesign.getBoundaries`.
///
/// # Errors
/// If the count or the range cannot be used.
pub fn boundaries(options: &Value) -> Result<Vec<f64>> {
    bank_count(options)?;
    let Some(count) = options.get("count").as_finite() else {
        return failed("Get boundaries failed: count (number) is required");
    };
    let [low, high] = bank_range(options)?;
    let scale = options.get("scale").as_str().and_then(Scale::of).unwrap_or(Scale::Linear);
    if scale == Scale::Log && !(low > 0.0 && high > 0.0) {
        return failed(format!(
            "Get boundaries failed: a log scale needs positive frequencies, got {} and {}",
            js_number(low),
            js_number(high)
        ));
    }
    let edges = filter_bank::boundaries(scale, count as usize, low, high);
    if edges.iter().all(|edge| edge.is_finite()) {
        Ok(edges)
    } else {
        let range = options.get("frequencyRange");
        Err(Error::range(format!("Get boundaries failed: frequencyRange must lead to finite frequencies, got {range}")))
    }
}

/// The coefficients of one band of a filter bank; a0 = 1.
#[derive(Debug, Clone, PartialEq)]
pub struct BankBand {
    /// b0 … bM.
    pub b: Vec<f64>,
    /// a1 … aN.
    pub a: Vec<f64>,
    /// Second-order sections; `None` in the original's design, which runs in direct form.
    pub sos: Option<Vec<Row>>,
}

/// Returns the bands, the lowest first, for `FilterBankDesign.design`.
///
/// # Errors
/// Those of the options, in the order that the contract fixes.
pub fn filter_bank(options: &Value, default: Design) -> Result<Vec<BankBand>> {
    let design = Design::from_value(options.get("design"), default)?;
    let [low, high] = bank_range(options)?;
    let rate = options.get("sampleRate").as_finite().unwrap_or(f64::NAN);
    bank_count(options)?;
    if low < 0.0 {
        return failed(format!("Minimum frequency cannot be negative, got {}", js_number(low)));
    }
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return failed(format!(
            "Invalid frequency range: minFreq must be < maxFreq, got {} and {}",
            js_number(low),
            js_number(high)
        ));
    }
    if high > rate / 2.0 {
        return failed(format!(
            "Maximum frequency must be <= Nyquist frequency ({} Hz), got {}",
            half(rate),
            js_number(high)
        ));
    }
    let fail = |text: String| Error::failed(format!("{BANK_PREFIX}{text}"));
    let name = options.get("scale").as_str().filter(|s| !s.is_empty());
    let name = name.ok_or_else(|| fail("scale (string) is required".into()))?;
    let scale = Scale::of(name).ok_or_else(|| {
        fail(format!("Invalid scale: must be 'linear', 'log', 'mel', or 'bark', got '{}'", quoted(name)))
    })?;
    let chebyshev = match options.get("type") {
        Value::Undefined => false,
        Value::String(s) if s.is_empty() || s == "butterworth" => false,
        Value::String(s) if s == "chebyshev" || s == "chebyshev1" => true,
        other => return Err(fail(format!("Invalid type: must be 'butterworth' or 'chebyshev', got {other}"))),
    };
    let Some(count) = options.get("count").as_finite() else {
        return Err(fail("count (number) is required".into()));
    };
    if rate.is_nan() || rate <= 0.0 {
        return Err(fail("sampleRate (number) is required".into()));
    }
    let order = bank_order(options, design)?;
    let family = if chebyshev { Family::Chebyshev1 } else { Family::Butterworth };
    let ripple_db = if chebyshev { bank_ripple(options)? } else { 0.5 };
    if scale == Scale::Log && low == 0.0 {
        return Err(fail("a log scale needs a minimum frequency above 0".into()));
    }
    let edges = filter_bank::boundaries(scale, count as usize, low, high);
    let spec = FilterSpec { design, ripple_db, ..FilterSpec::new(family, Band::BandPass(low, high), order, rate) };
    let bands = filter_bank::bands(&spec, &edges).map_err(|_| fail(TOO_NARROW.into()))?;
    let band = |iir: Iir| BankBand { b: iir.b, a: iir.a, sos: (design == Design::Standard).then_some(iir.rows) };
    Ok(bands.into_iter().map(band).collect())
}

/// Returns the order of every band; 2 if it is absent or 0.
fn bank_order(options: &Value, design: Design) -> Result<usize> {
    let most = if design == Design::Dspx { MAX_DSPX_ORDER } else { MAX_ORDER };
    let given = rules::ORDER.find(options);
    let order = match given {
        Value::Undefined => 2.0,
        Value::Number(0.0) => 2.0,
        Value::Number(x) => *x,
        _ => f64::NAN,
    };
    if order < 0.0 {
        return failed(format!("{BANK_PREFIX}Filter order must be positive, got {given}"));
    }
    if !(1.0..=most as f64).contains(&order) {
        return failed(format!("{BANK_PREFIX}Order must be between 1 and {most}, got {given}"));
    }
    rules::whole(&format!("{BANK_PREFIX}Order"), given, order)
}

/// Returns the ripple of every band in dB; 0.5 if it is absent or 0.
fn bank_ripple(options: &Value) -> Result<f64> {
    match rules::given(&rules::RIPPLE, options) {
        Value::Number(0.0) => Ok(0.5),
        given if rules::RIPPLE.allows(&given) => rules::ripple(&given),
        other => failed(format!("{BANK_PREFIX}Ripple must be between 0 and 3 dB, got {other}")),
    }
}
