//! Conversions between untyped values and the types of declared parameters.

use crate::params::value::{Value, to_f32};
use crate::text::{MAX_SAFE_INTEGER, Texts};

/// A type that a parameter can have.
pub trait FromValue: Sized {
    /// Returns the parameter; `None` if `value` cannot be one. `texts` are those that the declaration allows.
    fn from_value(value: &Value, texts: &'static [&'static str]) -> Option<Self>;
}

/// A type that can be turned back into an untyped value.
pub trait ToValue {
    /// Returns the value from which [`FromValue`] makes this parameter.
    fn to_value(&self) -> Value;
}

impl<T: Texts> FromValue for T {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_str().and_then(Self::of)
    }
}

impl<T: Texts> ToValue for T {
    fn to_value(&self) -> Value {
        Value::String(self.text().to_owned())
    }
}

impl FromValue for usize {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_number().filter(|x| (0.0..=MAX_SAFE_INTEGER).contains(x)).map(|x| x as usize)
    }
}

impl ToValue for usize {
    fn to_value(&self) -> Value {
        Value::Number(*self as f64)
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_number()
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Value {
        Value::Number(*self)
    }
}

impl FromValue for f32 {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_number().map(to_f32)
    }
}

impl ToValue for f32 {
    fn to_value(&self) -> Value {
        Value::Number(f64::from(*self))
    }
}

impl FromValue for bool {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_bool()
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl FromValue for &'static str {
    fn from_value(value: &Value, texts: &'static [&'static str]) -> Option<Self> {
        let text = value.as_str()?;
        texts.iter().find(|allowed| **allowed == text).copied()
    }
}

impl ToValue for &'static str {
    fn to_value(&self) -> Value {
        Value::String((*self).to_owned())
    }
}

impl FromValue for Vec<f32> {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        match value {
            Value::F32(samples) => Some(samples.clone()),
            _ => value.as_numbers().map(|numbers| numbers.into_iter().map(|x| x as f32).collect()),
        }
    }
}

impl ToValue for Vec<f32> {
    fn to_value(&self) -> Value {
        Value::F32(self.clone())
    }
}

impl FromValue for Vec<f64> {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_numbers()
    }
}

impl ToValue for Vec<f64> {
    fn to_value(&self) -> Value {
        Value::Array(self.iter().map(|x| Value::Number(*x)).collect())
    }
}

impl FromValue for Value {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        Some(value.clone())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value, texts: &'static [&'static str]) -> Option<Self> {
        match value {
            Value::Undefined => Some(None),
            given => T::from_value(given, texts).map(Some),
        }
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Undefined, ToValue::to_value)
    }
}
