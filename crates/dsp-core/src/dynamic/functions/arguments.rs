//! Reading and checking the arguments of functions.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::limits::collected;
use crate::params::value::Value;
use crate::signal::transform::fft::MAX_SIZE;

static NOTHING: Value = Value::Undefined;

/// Real and imaginary parts.
pub type Parts<'a> = (Cow<'a, [f64]>, Cow<'a, [f64]>);

/// The arguments of one call.
pub struct Arguments<'a> {
    name: &'static str,
    values: &'a [Value],
}

impl<'a> Arguments<'a> {
    /// Returns the arguments of the function `name`.
    pub fn new(name: &'static str, values: &'a [Value]) -> Self {
        Self { name, values }
    }

    /// Returns the argument at index `at`; `undefined` if there are fewer.
    pub fn get(&self, at: usize) -> &'a Value {
        self.values.get(at).unwrap_or(&NOTHING)
    }

    /// Returns a `TypeError` that names the function.
    pub fn type_error(&self, rule: impl AsRef<str>) -> Error {
        Error::type_error(format!("{}: {}", self.name, rule.as_ref()))
    }

    /// Returns the signal at index `at` as f64; `what` names it in messages.
    ///
    /// # Errors
    /// `TypeError` if it is not a signal.
    pub fn signal(&self, at: usize, what: &str) -> Result<Cow<'a, [f64]>> {
        signal(self.get(at))?.ok_or_else(|| self.not_a_signal(what, self.get(at)))
    }

    /// Returns the signal at index `at` as f32; `what` names it in messages.
    ///
    /// # Errors
    /// `TypeError` if it is not a signal.
    pub fn samples(&self, at: usize, what: &str) -> Result<Cow<'a, [f32]>> {
        match self.get(at) {
            Value::F32(x) => Ok(Cow::Borrowed(x)),
            Value::F64(x) => Ok(Cow::Owned(collected(x.iter().map(|&x| x as f32))?)),
            other => Err(self.not_a_signal(what, other)),
        }
    }

    /// Returns the real and imaginary parts, of the same length, of the object at index `at`.
    ///
    /// # Errors
    /// `TypeError` if it is not such an object.
    pub fn complex(&self, at: usize, what: &str) -> Result<Parts<'a>> {
        let object = self.get(at);
        match (signal(object.get("real"))?, signal(object.get("imag"))?) {
            (Some(re), Some(im)) if re.len() == im.len() => Ok((re, im)),
            _ => Err(self.type_error(format!(
                "{what} must be {{ real, imag }}, two Float32Arrays or Float64Arrays of one length"
            ))),
        }
    }

    fn not_a_signal(&self, what: &str, value: &Value) -> Error {
        let got = described(value);
        self.type_error(format!("{what} must be a Float32Array or Float64Array, got {got}{}", way_out(what, value)))
    }

    /// Returns the option object at index `at`.
    ///
    /// # Errors
    /// `TypeError` if it is not an object.
    pub fn options(&self, at: usize) -> Result<Options> {
        let value = self.get(at);
        if !matches!(value, Value::Undefined | Value::Null | Value::Object(_)) {
            return Err(self.type_error(format!("options must be an object, got {}", described(value))));
        }
        Ok(Options { name: self.name, object: value.clone() })
    }

    /// Returns `options`, with the values of `defaults` for those of `keys` that they leave out.
    pub fn options_over(&self, options: Options, defaults: &Value, keys: &[&str]) -> Options {
        let mut entries = match options.object {
            Value::Object(entries) => entries,
            _ => vec![],
        };
        for key in keys {
            let is_given = entries.iter().any(|(given, value)| given == key && !value.is_undefined());
            if !is_given && !defaults.get(key).is_undefined() {
                entries.insert(0, ((*key).to_owned(), defaults.get(key).clone()));
            }
        }
        Options { name: self.name, object: Value::Object(entries) }
    }

    /// Returns the argument at index `at` as the option `key`.
    pub fn option(&self, at: usize, key: &str) -> Options {
        let value = Value::Object(vec![(key.to_owned(), self.get(at).clone())]);
        Options { name: self.name, object: value }
    }
}

fn signal(value: &Value) -> Result<Option<Cow<'_, [f64]>>> {
    Ok(match value {
        Value::F32(x) => Some(Cow::Owned(collected(x.iter().map(|&x| x.into()))?)),
        Value::F64(x) => Some(Cow::Borrowed(x)),
        _ => None,
    })
}

/// Describes a value of the wrong kind, for messages.
fn described(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
        Value::F32(_) => "a Float32Array".into(),
        Value::F64(_) => "a Float64Array".into(),
        Value::String(_) => format!("'{value}'"),
        Value::Other(name) if !name.ends_with("Array") => format!("a {name}"),
        Value::Other(name) => (*name).to_owned(),
        Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Returns advice on how to turn the given value into a signal, if it holds numbers.
fn way_out(what: &str, value: &Value) -> String {
    match value {
        Value::Other(name) if name.starts_with("Big") => format!(": convert with Float64Array.from({what}, Number)"),
        Value::Other(name) if name.ends_with("Array") => format!(": convert with Float64Array.from({what})"),
        Value::Array(_) => format!(": convert with Float64Array.from({what})"),
        _ => String::new(),
    }
}

/// The options of one call. Reading an absent option gives `None`.
pub struct Options {
    name: &'static str,
    object: Value,
}

impl Options {
    /// Returns the option `key`.
    pub fn get(&self, key: &str) -> &Value {
        self.object.get(key)
    }

    fn wrong(&self, key: &str, rule: &str) -> Error {
        Error::type_error(format!("{}: {key} must be {rule}, got {}", self.name, self.get(key)))
    }

    /// Returns a `RangeError` that names function, option, rule and value.
    pub fn wrong_range(&self, key: &str, rule: &str) -> Error {
        Error::range(format!("{}: {key} must be {rule}, got {}", self.name, self.get(key)))
    }

    /// Reads a finite number.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        let value = self.get(key);
        if value.is_undefined() {
            return Ok(None);
        }
        value.as_finite().map(Some).ok_or_else(|| self.wrong(key, "a finite number"))
    }

    /// Reads a finite number above 0.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn positive(&self, key: &str) -> Result<Option<f64>> {
        let number = self.number(key)?;
        if number.is_some_and(|x| x <= 0.0) { Err(self.wrong(key, "above 0")) } else { Ok(number) }
    }

    /// Reads an integer from `least` to the length of the longest transform.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn integer(&self, key: &str, least: usize) -> Result<Option<usize>> {
        let number = self.number(key)?;
        let fits = |x: &f64| x.fract() == 0.0 && *x >= least as f64 && *x <= MAX_SIZE as f64;
        match number {
            Some(x) if !fits(&x) => Err(self.wrong(key, &format!("an integer from {least} to {MAX_SIZE}"))),
            x => Ok(x.map(|x| x as usize)),
        }
    }

    /// Reads a truth value.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn flag(&self, key: &str, default: bool) -> Result<bool> {
        let value = self.get(key);
        if value.is_undefined() {
            return Ok(default);
        }
        value.as_bool().ok_or_else(|| self.wrong(key, "a boolean"))
    }

    /// Reads one of `names`; `null` and `false` count as `"none"` where that is one of them.
    ///
    /// # Errors
    /// `TypeError` if it is not one of them.
    pub fn choice(&self, key: &str, names: &[&'static str], default: &'static str) -> Result<&'static str> {
        let value = self.get(key);
        let text = match value {
            Value::Undefined => return Ok(default),
            Value::Null | Value::Bool(false) => Some("none"),
            other => other.as_str(),
        };
        let found = names.iter().find(|name| Some(**name) == text).copied();
        found.ok_or_else(|| self.wrong(key, &format!("one of {}", names.join(", "))))
    }

    /// Reads a list of finite numbers: a typed array, an array, or one number.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>> {
        let value = self.get(key);
        let numbers = match value {
            Value::Undefined => return Ok(None),
            Value::Number(x) => Some(vec![*x]),
            other => other.as_numbers(),
        };
        let numbers = numbers.filter(|xs| xs.iter().all(|x| x.is_finite()));
        numbers.map(Some).ok_or_else(|| self.wrong(key, "a list of finite numbers"))
    }

    /// Reads a lower and an upper bound: a number is the lower one; a pair may have `null` on either side.
    ///
    /// # Errors
    /// `TypeError` if it is anything else.
    pub fn interval(&self, key: &str) -> Result<Option<(Option<f64>, Option<f64>)>> {
        let bound = |value: &Value| match value {
            Value::Undefined | Value::Null => Some(None),
            other => other.as_number().filter(|x| !x.is_nan()).map(Some),
        };
        let interval = match self.get(key) {
            Value::Undefined => return Ok(None),
            Value::Null => Some((None, None)),
            Value::Array(pair) if pair.len() == 2 => bound(&pair[0]).zip(bound(&pair[1])),
            Value::F32(_) | Value::F64(_) => match self.get(key).as_numbers().as_deref() {
                Some([low, high]) if !low.is_nan() && !high.is_nan() => Some((Some(*low), Some(*high))),
                _ => None,
            },
            other => bound(other).map(|low| (low, None)),
        };
        interval.map(Some).ok_or_else(|| self.wrong(key, "a number or a pair [low, high] of numbers or null"))
    }
}
