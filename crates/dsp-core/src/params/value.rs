//! Untyped values: JavaScript values as the core sees them, such as the parameter object of a stage.

use std::fmt;

use serde_json::Value as Json;

use crate::text::{MAX_QUOTED, MAX_SAFE_INTEGER, js_number, push_visible};

/// A JavaScript value. Numbers stay `f64`, `undefined` differs from `null`, and typed arrays stay typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `undefined`, also an absent key.
    #[default]
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Any number, NaN and infinities included.
    Number(f64),
    /// Text.
    String(String),
    /// `Float32Array`
    F32(Vec<f32>),
    /// `Float64Array`
    F64(Vec<f64>),
    /// An array of anything.
    Array(Vec<Value>),
    /// An object: its own enumerable string keys, in order.
    Object(Vec<(String, Value)>),
    /// A value without meaning here (a function, a symbol, …), with its `typeof`.
    Other(&'static str),
}

static UNDEFINED: Value = Value::Undefined;

impl Value {
    /// Returns the value of `key`; `undefined` if this is not an object or has no such key.
    pub fn get(&self, key: &str) -> &Value {
        match self {
            Self::Object(entries) => entries.iter().find(|(k, _)| k == key).map_or(&UNDEFINED, |(_, v)| v),
            _ => &UNDEFINED,
        }
    }

    /// Returns whether it is `undefined`.
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    /// Returns whether it is `undefined` or `null`.
    pub fn is_nullish(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// Returns the number, if it is one (NaN included).
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(*x),
            _ => None,
        }
    }

    /// Returns the number, if it is a finite one.
    pub fn as_finite(&self) -> Option<f64> {
        self.as_number().filter(|x| x.is_finite())
    }

    /// Returns the number as an integer from 1 to 2⁵³ − 1, if it is one.
    pub fn as_positive_integer(&self) -> Option<usize> {
        self.as_number().filter(|x| *x >= 1.0 && *x <= MAX_SAFE_INTEGER && x.fract() == 0.0).map(|x| x as usize)
    }

    /// Returns the text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s),
            _ => None,
        }
    }

    /// Returns the truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// Returns the numbers of a typed array or of an array that holds only numbers.
    pub fn as_numbers(&self) -> Option<Vec<f64>> {
        match self {
            Self::F32(xs) => Some(xs.iter().map(|&x| f64::from(x)).collect()),
            Self::F64(xs) => Some(xs.clone()),
            Self::Array(xs) => xs.iter().map(Value::as_number).collect(),
            _ => None,
        }
    }

    /// Returns the elements of a plain array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(xs) => Some(xs),
            _ => None,
        }
    }

    /// Returns what JavaScript's `typeof` gives.
    pub fn type_of(&self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Other(name) => name,
            Self::Null | Self::F32(_) | Self::F64(_) | Self::Array(_) | Self::Object(_) => "object",
        }
    }
}

impl From<&Json> for Value {
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => Self::Number(n.as_f64().unwrap_or(f64::NAN)),
            Json::String(s) => Self::String(s.clone()),
            Json::Array(xs) => Self::Array(xs.iter().map(Self::from).collect()),
            Json::Object(map) => Self::Object(map.iter().map(|(k, v)| (k.clone(), v.into())).collect()),
        }
    }
}

impl Value {
    /// Appends the value as `${value}` prints it, up to the length that a message quotes.
    fn quote(&self, text: &mut String) {
        fn list<T>(text: &mut String, items: &[T], quote: impl Fn(&T, &mut String)) {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                if text.len() > MAX_QUOTED {
                    return;
                }
                quote(item, text);
            }
        }
        match self {
            Self::Undefined => text.push_str("undefined"),
            Self::Null => text.push_str("null"),
            Self::Bool(b) => text.push_str(if *b { "true" } else { "false" }),
            Self::Number(x) => text.push_str(&js_number(*x)),
            Self::String(s) => s.chars().take(MAX_QUOTED + 1).for_each(|c| push_visible(text, c)),
            Self::F32(xs) => list(text, xs, |x, text| text.push_str(&js_number(f64::from(*x)))),
            Self::F64(xs) => list(text, xs, |x, text| text.push_str(&js_number(*x))),
            Self::Array(xs) => list(text, xs, |x, text| {
                if !x.is_nullish() {
                    x.quote(text);
                }
            }),
            Self::Object(_) => text.push_str("[object Object]"),
            Self::Other(name) => {
                text.push('[');
                text.push_str(name);
                text.push(']');
            }
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value as `${value}` prints it: the first 100 characters, with escapes for those that a terminal would
    /// interpret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.quote(&mut text);
        match text.char_indices().nth(MAX_QUOTED) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}

/// Returns the nearest float32 of a finite number, but never 0 for a number other than 0 and never infinity, so a
/// positive parameter stays positive and finite.
pub fn to_f32(x: f64) -> f32 {
    let rounded = x as f32;
    if rounded == 0.0 && x != 0.0 {
        return f32::from_bits(1).copysign(rounded);
    }
    rounded.clamp(-f32::MAX, f32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_javascript_does() {
        assert_eq!(Value::Number(-1.0).to_string(), "-1");
        assert_eq!(Value::Number(f64::NAN).to_string(), "NaN");
        assert_eq!(Value::Number(1e21).to_string(), "1e+21");
        assert_eq!(Value::Array(vec![Value::Number(1.5), Value::Null]).to_string(), "1.5,");
        assert_eq!(Value::Object(vec![]).to_string(), "[object Object]");
        assert_eq!(Value::F32(vec![0.5, f32::NAN]).to_string(), "0.5,NaN");
        assert_eq!(Value::String("a\u{1b}[31m\n\u{202e}ü".into()).to_string(), "a\\u{1b}[31m\\n\\u{202e}ü");
    }

    #[test]
    fn messages_quote_the_beginning_of_what_is_long() {
        let mut nested = Value::Number(1.0);
        for _ in 0..8 {
            nested = Value::Array(vec![nested; 9]);
        }
        for long in [Value::String("ü".repeat(1 << 20)), Value::F64(vec![1e-300; 1 << 20]), nested] {
            assert_eq!(long.to_string().chars().count(), 101, "{long}");
        }
    }

    #[test]
    fn positive_integers_are_safe_integers() {
        assert_eq!(Value::Number(3.0).as_positive_integer(), Some(3));
        for bad in [0.0, -1.0, 2.5, f64::NAN, f64::INFINITY, 1e16] {
            assert_eq!(Value::Number(bad).as_positive_integer(), None, "{bad}");
        }
        assert_eq!(Value::String("3".into()).as_positive_integer(), None);
    }

    #[test]
    fn parameters_in_float32_stay_positive_and_finite() {
        assert_eq!(to_f32(0.3), 0.3);
        assert_eq!(to_f32(1e-60), f32::from_bits(1));
        assert_eq!(to_f32(-1e-60), -f32::from_bits(1));
        assert_eq!(to_f32(1e300), f32::MAX);
        assert_eq!(to_f32(0.0), 0.0);
    }
}
