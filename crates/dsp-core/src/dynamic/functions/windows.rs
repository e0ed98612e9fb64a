//! Window functions, and whether they fit an overlap.

use crate::dynamic::functions::arguments::Arguments;
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::spectrum::welch::Taper;
use crate::signal::window::Window;

/// A window by name, by `[name, ...parameters]`, or as samples.
pub fn taper(a: &Arguments<'_>, value: &Value, default: Window) -> Result<Taper> {
    match value {
        Value::Undefined => Ok(Taper::Of(default)),
        Value::F32(_) | Value::F64(_) => {
            let samples = value.as_numbers().filter(|w| w.iter().all(|x| x.is_finite()));
            samples.map(Taper::Samples).ok_or_else(|| a.type_error("window must hold finite numbers"))
        }
        Value::String(name) => Window::parse(name, &[]).map(Taper::Of),
        Value::Array(items) => match items.split_first() {
            Some((Value::String(name), parameters)) => {
                let mut numbers = vec![];
                for parameter in parameters {
                    match parameter {
                        Value::Number(x) => numbers.push(*x),
                        Value::Null => numbers.push(f64::NAN),
                        Value::Bool(b) => numbers.push(f64::from(u8::from(*b))),
                        Value::Array(_) | Value::F32(_) | Value::F64(_) => {
                            numbers.extend(parameter.as_numbers().ok_or_else(|| wrong_window(a))?);
                        }
                        _ => return Err(wrong_window(a)),
                    }
                }
                Window::parse(name, &numbers).map(Taper::Of)
            }
            _ => Err(wrong_window(a)),
        },
        _ => Err(wrong_window(a)),
    }
}

/// Returns the error for what names no window.
pub fn wrong_window(a: &Arguments<'_>) -> Error {
    a.type_error("window must be a name, an array [name, ...parameters], or samples in a typed array")
}

/// `getWindow(window, n, fftBins = true)`: the `n` samples of a window.
pub fn get_window(a: &Arguments<'_>) -> Result<Value> {
    let n = a.option(1, "n").integer("n", 0)?.ok_or_else(|| a.type_error("n must be an integer"))?;
    let Taper::Of(window) = taper(a, a.get(0), Window::Hann)? else { return Err(wrong_window(a)) };
    window.samples(n, a.option(2, "fftBins").flag("fftBins", true)?).map(Value::F64)
}

fn overlap_arguments(a: &Arguments<'_>) -> Result<(Vec<f64>, usize, f64)> {
    let n = a
        .option(1, "nperseg")
        .integer("nperseg", 1)?
        .ok_or_else(|| a.type_error("nperseg must be a positive integer"))?;
    let overlap = a.option(2, "noverlap").integer("noverlap", 0)?;
    let overlap =
        overlap.filter(|o| *o < n).ok_or_else(|| a.type_error("noverlap must be an integer below nperseg"))?;
    let window = match taper(a, a.get(0), Window::Hann)? {
        Taper::Samples(samples) if samples.len() == n => samples,
        Taper::Samples(_) => return Err(a.type_error("the window must have nperseg samples")),
        Taper::Of(window) => window.samples(n, true)?,
    };
    Ok((window, n - overlap, a.option(3, "tolerance").positive("tolerance")?.unwrap_or(1e-10)))
}

/// `checkCola(window, nperseg, noverlap, tolerance = 1e-10)`: whether overlapped windows add up to a constant.
pub fn check_cola(a: &Arguments<'_>) -> Result<Value> {
    let (window, step, tolerance) = overlap_arguments(a)?;
    Ok(Value::Bool(crate::signal::spectrum::stft::cola(&window, step, tolerance)))
}

/// `checkNola(window, nperseg, noverlap, tolerance = 1e-10)`: whether overlapped squared windows are nowhere 0.
pub fn check_nola(a: &Arguments<'_>) -> Result<Value> {
    let (window, step, tolerance) = overlap_arguments(a)?;
    Ok(Value::Bool(crate::signal::spectrum::stft::nola(&window, step, tolerance)))
}
