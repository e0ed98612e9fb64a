//! Numbers as arguments, each within its range.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::range_error;
use crate::error::Result;

/// A rule of a number: its words, and whether a number keeps to it.
pub type Rule = (&'static str, fn(f64) -> bool);

/// The finite number at a place.
pub fn needed(a: &Arguments<'_>, at: usize, key: &str) -> Result<f64> {
    let given = a.option(at, key).number(key)?;
    given.ok_or_else(|| a.type_error(format!("{key} must be a finite number, got undefined")))
}

/// The number at a place, above 0.
pub fn positive(a: &Arguments<'_>, at: usize, key: &str) -> Result<f64> {
    match needed(a, at, key)? {
        x if x > 0.0 => Ok(x),
        x => Err(range_error(a, format!("{key} must be above 0, got {x}"))),
    }
}

/// The option, or its default, above 0.
pub fn positive_option(a: &Arguments<'_>, options: &Options, key: &str, default: f64) -> Result<f64> {
    within(a, options, key, default, ("above 0", |x| x > 0.0))
}

/// The option, or its default, if it lies in the range.
pub fn within(a: &Arguments<'_>, options: &Options, key: &str, default: f64, (rule, fits): Rule) -> Result<f64> {
    let value = options.number(key)?.unwrap_or(default);
    if fits(value) { Ok(value) } else { Err(range_error(a, format!("{key} must be {rule}, got {value}"))) }
}

/// The option as an integer within a range.
pub fn integer(
    a: &Arguments<'_>,
    options: &Options,
    key: &str,
    (least, most): (usize, usize),
) -> Result<Option<usize>> {
    match options.number(key)? {
        Some(x) if x.fract() != 0.0 || x < least as f64 || x > most as f64 => {
            Err(range_error(a, format!("{key} must be an integer from {least} to {most}, got {x}")))
        }
        given => Ok(given.map(|x| x as usize)),
    }
}

/// The integer at a place within a range.
pub fn needed_integer(a: &Arguments<'_>, at: usize, key: &str, range: (usize, usize)) -> Result<usize> {
    let given = integer(a, &a.option(at, key), key, range)?;
    given.ok_or_else(|| a.type_error(format!("{key} must be an integer, got undefined")))
}
