//! Filters in JavaScript's forms: `b` and `a`; `{ zeros, poles, gain }`; rows of six numbers.

use rustfft::num_complex::Complex64;

use crate::dynamic::functions::arguments::Arguments;
use crate::dynamic::functions::object;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::filter::design::conversions::Transfer;
use crate::signal::filter::design::zpk::{Row, Zpk};

/// Largest number of coefficients of one argument.
const MAX_COEFFICIENTS: usize = 1 << 20;
/// Largest number of sections of a cascade.
const MAX_SECTIONS: usize = 4096;

/// Returns a `RangeError` that names the function.
pub fn range_error(a: &Arguments<'_>, rule: impl AsRef<str>) -> Error {
    Error::range(a.type_error(rule).to_string())
}

/// Returns the result with the function's name in front of the text of its error.
pub fn named<T>(a: &Arguments<'_>, result: Result<T>) -> Result<T> {
    result.map_err(|error| match error {
        Error::Type(text) => a.type_error(text),
        Error::Range(text) => range_error(a, text),
        Error::Failed(text) => Error::failed(a.type_error(text).to_string()),
    })
}

/// Reads the finite numbers at index `at`: a list, or one number.
///
/// # Errors
/// `TypeError` if they are anything else, `RangeError` if there are none or too many.
pub fn numbers(a: &Arguments<'_>, at: usize, what: &str) -> Result<Vec<f64>> {
    let found = a.option(at, what).numbers(what)?;
    let found = found.ok_or_else(|| a.type_error(format!("{what} must be a list of finite numbers, got undefined")))?;
    checked_length(a, what, found)
}

fn checked_length(a: &Arguments<'_>, what: &str, found: Vec<f64>) -> Result<Vec<f64>> {
    if (1..=MAX_COEFFICIENTS).contains(&found.len()) {
        return Ok(found);
    }
    let count = found.len();
    Err(range_error(a, format!("{what} must have from 1 to {MAX_COEFFICIENTS} numbers, got {count}")))
}

/// Reads the signal at index `at`.
///
/// # Errors
/// If it is not a signal, or a sample is not finite.
pub fn signal(a: &Arguments<'_>, at: usize, what: &str) -> Result<Vec<f64>> {
    let x = a.signal(at, what)?;
    match x.iter().position(|x| !x.is_finite()) {
        Some(i) => Err(range_error(a, format!("{what} must hold finite samples, got {} at index {i}", x[i]))),
        None => Ok(x.into_owned()),
    }
}

/// Reads the second-order sections at index `at`, each divided by its `a0`.
///
/// # Errors
/// If they are not rows of six finite numbers with `a0` ≠ 0, or too many.
pub fn sections(a: &Arguments<'_>, at: usize) -> Result<Vec<Row>> {
    let wrong = || a.type_error("sos must be an array of sections [b0, b1, b2, a0, a1, a2] of finite numbers");
    let rows = a.get(at).as_array().filter(|rows| !rows.is_empty()).ok_or_else(wrong)?;
    if rows.len() > MAX_SECTIONS {
        return Err(range_error(a, format!("sos must have from 1 to {MAX_SECTIONS} sections, got {}", rows.len())));
    }
    let row = |value: &Value| {
        let row: Row = value.as_numbers().and_then(|row| row.try_into().ok()).ok_or_else(wrong)?;
        if row.iter().any(|c| !c.is_finite()) {
            return Err(wrong());
        }
        let scaled = row.map(|c| c / row[3]);
        if scaled.iter().all(|c| c.is_finite()) {
            Ok(scaled)
        } else {
            Err(range_error(a, format!("a0 of each section of sos must be a number other than 0, got {}", row[3])))
        }
    };
    rows.iter().map(row).collect()
}

fn complex_list(a: &Arguments<'_>, what: &str, value: &Value) -> Result<Vec<Complex64>> {
    let wrong = || a.type_error(format!("{what} must be a list of numbers or {{ real, imag }} of finite numbers"));
    let (real, imag) = match value {
        Value::Undefined => return Ok(vec![]),
        Value::Object(_) => (value.get("real").as_numbers(), value.get("imag").as_numbers()),
        other => (other.as_numbers(), other.as_numbers().map(|xs| vec![0.0; xs.len()])),
    };
    let (real, imag) = real.zip(imag).filter(|(real, imag)| real.len() == imag.len()).ok_or_else(wrong)?;
    let roots: Vec<Complex64> = real.into_iter().zip(imag).map(|(re, im)| Complex64::new(re, im)).collect();
    if roots.iter().all(|root| root.is_finite()) { Ok(roots) } else { Err(wrong()) }
}

/// Reads the zeros, poles and gain at index `at`.
///
/// # Errors
/// If they are not lists of complex numbers and a finite number.
pub fn zpk(a: &Arguments<'_>, at: usize) -> Result<Zpk> {
    let value = a.get(at);
    if !matches!(value, Value::Object(_)) {
        return Err(a.type_error(format!("zpk must be {{ zeros, poles, gain }}, got {}", value.type_of())));
    }
    let gain = match value.get("gain") {
        Value::Undefined => Some(1.0),
        other => other.as_finite(),
    };
    Ok(Zpk {
        zeros: complex_list(a, "zeros", value.get("zeros"))?,
        poles: complex_list(a, "poles", value.get("poles"))?,
        gain: gain.ok_or_else(|| a.type_error("gain must be a finite number"))?,
    })
}

/// Returns complex numbers as `{ real, imag }`.
pub fn complex(values: &[Complex64]) -> Value {
    object([
        ("real", Value::F64(values.iter().map(|z| z.re).collect())),
        ("imag", Value::F64(values.iter().map(|z| z.im).collect())),
    ])
}

/// Returns a transfer function as `{ b, a }`.
pub fn transfer_value(Transfer { b, a }: Transfer) -> Value {
    object([("b", Value::F64(b)), ("a", Value::F64(a))])
}

/// Returns zeros, poles and gain as `{ zeros, poles, gain }`.
pub fn zpk_value(zpk: &Zpk) -> Value {
    object([("zeros", complex(&zpk.zeros)), ("poles", complex(&zpk.poles)), ("gain", Value::Number(zpk.gain))])
}

/// Returns rows as an array of arrays.
pub fn rows_value<const N: usize>(rows: &[[f64; N]]) -> Value {
    Value::Array(rows.iter().map(|row| Value::F64(row.to_vec())).collect())
}
