//! Filtering with given coefficients, in f64.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, numbers, range_error, rows_value, sections, signal};
use crate::dynamic::functions::object;
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::run::direct::{self, Direct};
use crate::signal::filter::run::zero_phase::{self, Padding};
use crate::text::Texts;

fn filter(a: &Arguments<'_>) -> Result<Direct> {
    named(a, Direct::new(&numbers(a, 0, "b")?, &numbers(a, 1, "a")?))
}

/// `lfilter(b, a, x, { zi })`: the output, or with `zi` `{ y, zf }`: the output and the final delays.
pub fn lfilter(a: &Arguments<'_>) -> Result<Value> {
    let (filter, mut x, options) = (filter(a)?, signal(a, 2, "x")?, a.options(3)?);
    let Some(mut state) = options.numbers("zi")? else {
        filter.run(&mut x, &mut vec![0.0; filter.order()]);
        return Ok(Value::F64(x));
    };
    if state.len() != filter.order() {
        return Err(range_error(a, format!("zi must have {} numbers, got {}", filter.order(), state.len())));
    }
    filter.run(&mut x, &mut state);
    Ok(object([("y", Value::F64(x)), ("zf", Value::F64(state))]))
}

/// `sosfilt(sos, x, { zi })`: the output, or with `zi` `{ y, zf }`: the output and the final delays.
pub fn sosfilt(a: &Arguments<'_>) -> Result<Value> {
    let (rows, mut x, options) = (sections(a, 0)?, signal(a, 1, "x")?, a.options(2)?);
    if options.get("zi").is_undefined() {
        direct::cascade(&rows, &mut x, &mut vec![[0.0; 2]; rows.len()]);
        return Ok(Value::F64(x));
    }
    let mut state = pairs(a, options.get("zi"), rows.len())?;
    direct::cascade(&rows, &mut x, &mut state);
    Ok(object([("y", Value::F64(x)), ("zf", rows_value(&state))]))
}

fn pairs(a: &Arguments<'_>, value: &Value, count: usize) -> Result<Vec<[f64; 2]>> {
    let pair = |value: &Value| {
        let pair: Option<[f64; 2]> = value.as_numbers().and_then(|pair| pair.try_into().ok());
        pair.filter(|pair| pair.iter().all(|z| z.is_finite()))
    };
    let found: Option<Vec<_>> = value.as_array().and_then(|list| list.iter().map(pair).collect());
    let found = found.ok_or_else(|| a.type_error("zi must be an array of pairs of finite numbers"))?;
    if found.len() == count {
        Ok(found)
    } else {
        Err(range_error(a, format!("zi must have {count} pairs, got {}", found.len())))
    }
}

/// `lfilterZi(b, a)`: the delays in the steady state of a unit step.
pub fn lfilter_zi(a: &Arguments<'_>) -> Result<Value> {
    named(a, filter(a)?.steady_state()).map(Value::F64)
}

/// `sosfiltZi(sos)`: the delays of every section in the steady state of a unit step.
pub fn sosfilt_zi(a: &Arguments<'_>) -> Result<Value> {
    named(a, direct::cascade_steady_state(&sections(a, 0)?)).map(|state| rows_value(&state))
}

/// `lfiltic(b, a, y, x)`: the delays after the given past outputs and inputs, the newest first.
pub fn lfiltic(a: &Arguments<'_>) -> Result<Value> {
    let filter = filter(a)?;
    let past = |at: usize, key: &str| a.option(at, key).numbers(key).map(Option::unwrap_or_default);
    Ok(Value::F64(filter.state_after(&past(2, "y")?, &past(3, "x")?)))
}

fn padding(options: &Options) -> Result<(Padding, Option<usize>)> {
    let name = options.choice("padtype", Padding::TEXTS, Padding::default().text())?;
    Ok((Padding::of(name).unwrap_or_default(), options.integer("padlen", 0)?))
}

/// `filtfilt(b, a, x, { padtype = "odd", padlen, method = "pad", irlen })`: `x` filtered forwards and backwards.
pub fn filtfilt(a: &Arguments<'_>) -> Result<Value> {
    let (filter, x, options) = (filter(a)?, signal(a, 2, "x")?, a.options(3)?);
    let (padtype, padlen) = padding(&options)?;
    let response_length = options.integer("irlen", 1)?;
    let result = match options.choice("method", &["pad", "gust"], "pad")? {
        "gust" => zero_phase::gustafsson(&filter, &x, response_length),
        _ => zero_phase::padded(&filter, &x, padtype, padlen),
    };
    named(a, result).map(Value::F64)
}

/// `sosfiltfilt(sos, x, { padtype = "odd", padlen })`: `x` filtered forwards and backwards.
pub fn sosfiltfilt(a: &Arguments<'_>) -> Result<Value> {
    let (rows, x, options) = (sections(a, 0)?, signal(a, 1, "x")?, a.options(2)?);
    let (padtype, padlen) = padding(&options)?;
    named(a, zero_phase::padded_cascade(&rows, &x, padtype, padlen)).map(Value::F64)
}
