//! Reading a declared parameter, and the message about a value that breaks its rule.

use super::convert::FromValue;
use super::field::{Absent, Field, Kind};
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};
use crate::text::MAX_SAFE_INTEGER;

impl Field {
    /// Returns all names under which the parameter is accepted.
    pub fn spellings(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Returns the first spelling that is present in the object, with its value.
    fn find_spelled<'v>(&self, object: &'v Value) -> (&'static str, &'v Value) {
        let mut given = self.spellings().map(|name| (name, object.get(name)));
        given.find(|(_, value)| !value.is_undefined()).unwrap_or_else(|| (self.name, object.get(self.name)))
    }

    /// Returns the value of the first spelling that is present; `undefined` if none is.
    pub fn find<'v>(&self, object: &'v Value) -> &'v Value {
        self.find_spelled(object).1
    }

    fn is_absent(&self, value: &Value) -> bool {
        let is_blank = value.as_str() == Some("");
        value.is_undefined() || self.null_is_absent && value.is_nullish() || self.blank_is_absent && is_blank
    }

    /// Reads the parameter from an object.
    ///
    /// # Errors
    /// “`{label}: {name} must be {rule}, got {value}`”, or the message that the parameter is required.
    pub fn read<T: FromValue>(&self, label: &str, object: &Value) -> Result<T> {
        let (spelling, given) = self.find_spelled(object);
        if !self.is_absent(given) {
            let read = if self.allows(given) { T::from_value(given, self.texts()) } else { None };
            return read.ok_or_else(|| self.refuse_spelled(label, spelling, given));
        }
        let default = match self.absent {
            Absent::Refused(Some(message)) => {
                let class = if self.class == ErrorKind::Range { ErrorKind::Type } else { self.class };
                return Err(error(class, format!("{label}: {message}")));
            }
            Absent::Refused(None) => return Err(self.refuse(label, given)),
            Absent::Number(x) => Value::Number(x),
            Absent::Text(text) => Value::String(text.to_owned()),
            Absent::Flag(set) => Value::Bool(set),
            Absent::Optional(_) => Value::Undefined,
        };
        T::from_value(&default, self.texts()).ok_or_else(|| self.refuse(label, given))
    }

    fn texts(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::OneOf { texts, .. } => texts,
            _ => &[],
        }
    }

    /// Returns whether a value is of the declared kind and in the declared range.
    pub fn allows(&self, value: &Value) -> bool {
        match self.kind {
            Kind::Integer { least, most, odd } => value.as_number().is_some_and(|x| {
                x.fract() == 0.0 && x >= least && x <= most.min(MAX_SAFE_INTEGER) && (!odd || x % 2.0 != 0.0)
            }),
            Kind::Number { low, low_open, high, high_open } => value.as_finite().is_some_and(|x| {
                (if low_open { x > low } else { x >= low }) && (if high_open { x < high } else { x <= high })
            }),
            Kind::Flag => value.as_bool().is_some(),
            Kind::OneOf { texts, .. } => value.as_str().is_some_and(|text| texts.contains(&text)),
            Kind::Float32Array => matches!(value, Value::F32(samples) if samples.iter().all(|x| x.is_finite())),
            Kind::Numbers => value
                .as_numbers()
                .is_some_and(|list| !(self.is_filled && list.is_empty()) && list.iter().all(|x| x.is_finite())),
            Kind::Any(_) => true,
        }
    }

    /// Returns the error about a wrong value.
    pub fn refuse(&self, label: &str, value: &Value) -> Error {
        self.refuse_spelled(label, self.name, value)
    }

    fn refuse_spelled(&self, label: &str, spelling: &str, value: &Value) -> Error {
        if let Some(message) = self.message {
            return error(self.class, message(value));
        }
        let quoted = if matches!(self.kind, Kind::OneOf { .. }) { format!("'{value}'") } else { value.to_string() };
        if let Some(complaint) = self.complaint {
            return error(self.class, format!("{label}: {complaint}, got {quoted}"));
        }
        let rule = self.rule_text();
        if let Some(what) = self.unknown {
            return error(self.class, format!("{label}: Unknown {what} {quoted}, must be {rule}"));
        }
        let name = self.called.unwrap_or(self.name);
        let other = if spelling == self.name { String::new() } else { format!(" ({spelling})") };
        error(self.class, format!("{label}: {name}{other} must be {rule}, got {quoted}"))
    }

    /// Returns the error to report where reading this parameter failed with `error`. If this parameter is absent and
    /// [`Self::missing_last`], that is the error of the first wrong value among the parameters `behind` it.
    pub fn first_error(&self, error: Error, behind: &[Self], label: &str, object: &Value) -> Error {
        if !self.missing_last || !self.is_absent(self.find(object)) {
            return error;
        }
        let wrong = behind.iter().find_map(|field| {
            let (spelling, value) = field.find_spelled(object);
            let is_wrong = !field.is_absent(value) && !field.allows(value);
            is_wrong.then(|| field.refuse_spelled(label, spelling, value))
        });
        wrong.unwrap_or(error)
    }

    /// Returns the rule as it follows "must be" in messages.
    pub fn rule_text(&self) -> String {
        if let Some(rule) = self.rule {
            return rule.to_owned();
        }
        let most = |most: f64| if most < MAX_SAFE_INTEGER { format!(" up to {most}") } else { String::new() };
        match self.kind {
            Kind::Integer { least: 1.0, most: limit, odd: false } => format!("a positive integer{}", most(limit)),
            Kind::Integer { least: 0.0, most: limit, odd: false } => format!("a non-negative integer{}", most(limit)),
            Kind::Integer { least, most: limit, odd } => {
                let odd = if odd { "odd " } else { "" };
                let least = if least > -MAX_SAFE_INTEGER { format!(" >= {least}") } else { String::new() };
                format!("an {odd}integer{least}{}", most(limit))
            }
            Kind::Number { low: 0.0, low_open: true, high: f64::INFINITY, .. } => "positive".into(),
            Kind::Number { low: 0.0, low_open: false, high: f64::INFINITY, .. } => "non-negative".into(),
            Kind::Number { low: f64::NEG_INFINITY, high: f64::INFINITY, .. } => "a finite number".into(),
            Kind::Number { low, low_open, high, high_open } => {
                let (left, right) = (if low_open { '(' } else { '[' }, if high_open { ')' } else { ']' });
                format!("in {left}{low}, {high}{right}")
            }
            Kind::Flag => "a boolean".into(),
            Kind::OneOf { texts, listed: true } => format!("one of {}", texts.join(", ")),
            Kind::OneOf { texts, .. } => texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(" or "),
            Kind::Float32Array => "a Float32Array of finite numbers".into(),
            Kind::Numbers => "an array of finite numbers".into(),
            Kind::Any(kind) => kind.to_owned(),
        }
    }

    /// Returns values for the property tests: the limits, some in between, and "absent" (`undefined`) where that is
    /// allowed.
    pub fn samples(&self) -> Vec<Value> {
        let usual: &[f64] = match (self.tried, self.kind) {
            (Some(tried), _) => tried,
            (None, Kind::Integer { .. }) => &[1.0, 2.0, 3.0, 7.0, 64.0, 65.0, 100.0],
            (None, Kind::Number { .. }) => &[0.01, 0.3, 1.0, 12.5],
            _ => &[],
        };
        let mut all: Vec<Value> = usual.iter().map(|x| Value::Number(*x)).filter(|x| self.allows(x)).collect();
        match self.kind {
            Kind::Flag => all.extend([Value::Bool(false), Value::Bool(true)]),
            Kind::OneOf { texts, .. } => all.extend(texts.iter().map(|text| Value::String((*text).to_owned()))),
            _ => {}
        }
        if !matches!(self.absent, Absent::Refused(_)) {
            all.push(Value::Undefined);
        }
        all
    }
}

fn error(class: ErrorKind, message: String) -> Error {
    match class {
        ErrorKind::Type => Error::Type(message),
        ErrorKind::Range => Error::Range(message),
        ErrorKind::Failed => Error::Failed(message),
    }
}
