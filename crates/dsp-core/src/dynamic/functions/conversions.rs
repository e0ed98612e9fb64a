//! Conversions between the forms of a filter.

use crate::dynamic::functions::arguments::Arguments;
use crate::dynamic::functions::coefficients::{named, numbers, rows_value, sections, transfer_value, zpk, zpk_value};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::conversions::{Transfer, sections_to_transfer, sections_to_zpk};

fn transfer(a: &Arguments<'_>) -> Result<Transfer> {
    Ok(Transfer { b: numbers(a, 0, "b")?, a: numbers(a, 1, "a")? })
}

/// `normalize(b, a)`: `{ b, a }` with a[0] = 1.
pub fn normalize(a: &Arguments<'_>) -> Result<Value> {
    let given = transfer(a)?;
    named(a, Transfer::normalize(&given.b, &given.a)).map(transfer_value)
}

/// `tf2zpk(b, a)`: `{ zeros, poles, gain }`.
pub fn tf2zpk(a: &Arguments<'_>) -> Result<Value> {
    named(a, transfer(a)?.to_zpk()).map(|zpk| zpk_value(&zpk))
}

/// `tf2sos(b, a)`: rows of six numbers, one for each second-order section.
pub fn tf2sos(a: &Arguments<'_>) -> Result<Value> {
    let zpk = named(a, transfer(a)?.to_zpk())?;
    named(a, zpk.to_sections()).map(|rows| rows_value(&rows))
}

/// `zpk2tf({ zeros, poles, gain })`: `{ b, a }`.
pub fn zpk2tf(a: &Arguments<'_>) -> Result<Value> {
    named(a, zpk(a, 0)?.to_transfer()).map(transfer_value)
}

/// `zpk2sos({ zeros, poles, gain })`: rows of six numbers, one for each second-order section.
pub fn zpk2sos(a: &Arguments<'_>) -> Result<Value> {
    named(a, zpk(a, 0)?.to_sections()).map(|rows| rows_value(&rows))
}

/// `sos2zpk(sos)`: `{ zeros, poles, gain }`.
pub fn sos2zpk(a: &Arguments<'_>) -> Result<Value> {
    named(a, sections_to_zpk(&sections(a, 0)?)).map(|zpk| zpk_value(&zpk))
}

/// `sos2tf(sos)`: `{ b, a }`.
pub fn sos2tf(a: &Arguments<'_>) -> Result<Value> {
    named(a, sections_to_transfer(&sections(a, 0)?)).map(transfer_value)
}
