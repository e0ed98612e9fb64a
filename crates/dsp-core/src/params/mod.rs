//! Parameters of stages, declared once.
//!
//! [`params!`](crate::params!) makes from one declaration: the typed struct that Rust programs fill in, its reading
//! from JavaScript or JSON values with messages that name method, parameter, rule and value, the way back to such
//! values, the TypeScript types of `index.d.ts`, and the samples that the property tests try.

mod check;
mod convert;
mod field;
mod names;
pub mod value;

pub use convert::{FromValue, ToValue};
pub use field::{Absent, Field, Kind, flag, float32_array, integer, number, numbers, one_of, value};
pub use names::{camel_bytes, camel_length, nearest};

use crate::error::{Error, Result};
use crate::params::value::Value;

/// The declared parameters of a stage.
pub trait Parameters: Clone + Sized {
    /// Name of the struct, which is that of the TypeScript interface too.
    const NAME: &'static str;
    /// Doc comment of the struct.
    const DOC: &'static str;
    /// The parameters in the order in which they are checked.
    const FIELDS: &'static [Field];
    /// Doc comments of the fields, in the order of [`Self::FIELDS`].
    const DOCS: &'static [&'static str];
    /// The variants between which the first field chooses, if the parameters depend on it: a union of types in
    /// TypeScript. A field with [`Field::only_for`] belongs to some of them only.
    const VARIANTS: &'static [Variant] = &[];

    /// Reads the parameters from `value`, an object; `label` is what messages call the stage.
    ///
    /// # Errors
    /// The error of the first parameter that is missing or not as declared.
    fn read(label: &str, value: &Value) -> Result<Self>;

    /// Returns an object that [`Self::read`] turns into the same parameters.
    fn to_value(&self) -> Value;

    /// Checks every parameter of a struct that was filled in by a Rust program.
    fn check(&self, label: &str) -> Result<()> {
        Self::read(label, &self.to_value()).map(drop)
    }

    /// Returns the keys of `value` that are not parameters, each with the most similar parameter.
    fn unknown_keys(value: &Value) -> Vec<UnknownKey> {
        let Value::Object(entries) = value else { return vec![] };
        let known: Vec<&str> = Self::FIELDS.iter().flat_map(Field::spellings).collect();
        let unknown = entries.iter().map(|(key, _)| key).filter(|key| !known.contains(&key.as_str()));
        unknown.map(|key| UnknownKey { suggestion: nearest(key, &known), key: key.clone() }).collect()
    }
}

/// One of several sets of parameters that a stage takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// Value of the first field for this variant.
    pub text: &'static str,
    /// Name of its TypeScript type.
    pub typescript: &'static str,
    /// Doc comment of its TypeScript type.
    pub doc: &'static str,
}

/// A key of a parameter object that is not a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// The key as it was written.
    pub key: String,
    /// The most similar parameter, if there is one.
    pub suggestion: Option<&'static str>,
}

/// The parameters of a stage without any; its argument is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NoParams;

impl Parameters for NoParams {
    const NAME: &'static str = "NoParams";
    const DOC: &'static str = "";
    const FIELDS: &'static [Field] = &[];
    const DOCS: &'static [&'static str] = &[];

    fn read(_: &str, _: &Value) -> Result<Self> {
        Ok(Self)
    }

    fn to_value(&self) -> Value {
        Value::Object(vec![])
    }
}

/// Returns parameter objects that try every sample of every field, one field varied at a time.
pub fn examples(fields: &[Field]) -> Vec<Value> {
    let samples: Vec<Vec<Value>> = fields.iter().map(Field::samples).collect();
    let object = |varied: usize, value: &Value| {
        let first = |at: usize| samples[at].first().cloned().unwrap_or_default();
        let entry = |at: usize| (fields[at].name.to_owned(), if at == varied { value.clone() } else { first(at) });
        Value::Object((0..fields.len()).map(entry).filter(|(_, value)| !value.is_undefined()).collect())
    };
    let mut all = vec![];
    for (varied, values) in samples.iter().enumerate() {
        for value in values {
            let object = object(varied, value);
            if !all.contains(&object) {
                all.push(object);
            }
        }
    }
    if all.is_empty() { vec![Value::Object(vec![])] } else { all }
}

/// Checks that a parameter object was given, if one of the fields needs it.
///
/// # Errors
/// `TypeError` if `value` is `undefined` or `null`.
#[doc(hidden)]
pub fn require_object(label: &str, fields: &[Field], value: &Value) -> Result<()> {
    let needed = fields.iter().any(|field| field.object_needed || matches!(field.absent, Absent::Refused(_)));
    if needed && value.is_nullish() {
        return Err(Error::type_error(format!("{label}: parameters must be an object, got {value}")));
    }
    Ok(())
}

/// Declares the parameters of a stage.
///
/// ```
/// dsp_core::params! {
///     /// Parameters of `Amplify`.
///     pub struct AmplifyParams {
///         /// Factor.
///         pub gain: f64 = number().above(0.0).or(1.0),
///     }
/// }
/// ```
#[macro_export]
macro_rules! params {
    (
        $(#[doc = $doc:literal])*
        $visibility:vis struct $name:ident {
            $($(#[doc = $field_doc:literal])* pub $field:ident : $type:ty = $declared:expr,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq)]
        $visibility struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $crate::params::Parameters for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc, "\n"),*);
            const FIELDS: &'static [$crate::params::Field] = {
                #[allow(unused_imports, reason = "few declarations use every kind")]
                use $crate::{params::{float32_array, flag, integer, number, numbers, one_of, value}, text::Texts};
                &[$({
                    const BYTES: [u8; $crate::params::camel_length(stringify!($field))] =
                        $crate::params::camel_bytes(stringify!($field));
                    const NAME: &str = match std::str::from_utf8(&BYTES) {
                        Ok(name) => name,
                        Err(_) => panic!("names of fields are ASCII"),
                    };
                    $declared.named(NAME)
                }),*]
            };
            const DOCS: &'static [&'static str] = &[$(concat!($($field_doc, "\n"),*)),*];

            fn read(label: &str, value: &$crate::Value) -> $crate::Result<Self> {
                $crate::params::require_object(label, Self::FIELDS, value)?;
                let mut fields = Self::FIELDS.iter();
                $(
                    let $field = match fields.next() {
                        Some(field) => field
                            .read::<$type>(label, value)
                            .map_err(|error| field.first_error(error, fields.as_slice(), label, value))?,
                        None => unreachable!("there is a field for each declaration"),
                    };
                )*
                Ok(Self { $($field),* })
            }

            fn to_value(&self) -> $crate::Value {
                let mut names = Self::FIELDS.iter().map(|field| field.name.to_owned());
                let values = [$($crate::params::ToValue::to_value(&self.$field)),*];
                let entries = values.into_iter().filter_map(|value| names.next().map(|name| (name, value)));
                $crate::Value::Object(entries.filter(|(_, value)| !value.is_undefined()).collect())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    crate::params! {
        /// Parameters for the tests.
        struct TrialParams {
            /// Samples in the window.
            pub window_size: usize = integer().at_least(1.0),
            /// Share of the new sample.
            pub alpha: f64 = number().above(0.0).at_most(1.0).rule("in range (0, 1]").or(0.5),
            /// How it runs.
            pub mode: &'static str = one_of(&["batch", "moving"]).or_first(),
            /// Quality.
            pub q: Option<f64> = number().above(0.0).also(&["Q"]).optional(),
        }
    }

    crate::params! {
        /// Parameters whose errors are irregular.
        struct IrregularParams {
            /// Sample rate.
            pub rate: f64 = number().above(0.0).range_error().required("rate is required").missing_last(),
            /// Taps.
            pub order: usize = integer().odd().or(3.0),
            /// Gain.
            pub gain: f64 = number().above(0.0).or(1.0).message(|gain| format!("gain was {gain}")),
        }
    }

    crate::params! {
        /// Parameters whose names and messages are their own.
        struct OwnWordsParams {
            /// The kind.
            pub kind: &'static str =
                one_of(&["a", "b"]).listed().or_first().unknown("kind").spelled("type").object_needed(),
            /// The size.
            pub size: f64 = number().above(0.0).called("the size").or_null().or(1.0),
        }
    }

    fn read(json: serde_json::Value) -> Result<TrialParams> {
        TrialParams::read("Trial", &Value::from(&json))
    }

    #[test]
    fn defaults_and_spellings() {
        let expected = TrialParams { window_size: 3, alpha: 0.5, mode: "batch", q: Some(2.0) };
        assert_eq!(read(json!({ "windowSize": 3, "Q": 2 })), Ok(expected.clone()));
        assert_eq!(TrialParams::read("Trial", &expected.to_value()), Ok(expected));
        assert_eq!(TrialParams::FIELDS[0].name, "windowSize");
        assert_eq!(TrialParams::DOCS[0].trim(), "Samples in the window.");
    }

    #[test]
    fn messages_name_label_parameter_rule_and_value() {
        let text = |json| read(json).unwrap_err().to_string();
        assert_eq!(text(json!({ "windowSize": 2.5 })), "Trial: windowSize must be a positive integer, got 2.5");
        assert_eq!(text(json!({ "windowSize": 2, "alpha": 7 })), "Trial: alpha must be in range (0, 1], got 7");
        let message = "Trial: mode must be 'batch' or 'moving', got 'x'";
        assert_eq!(text(json!({ "windowSize": 2, "mode": "x" })), message);
        assert_eq!(text(json!({ "windowSize": 2, "q": 0 })), "Trial: q must be positive, got 0");
        assert_eq!(text(json!({ "windowSize": 2, "Q": 0 })), "Trial: q (Q) must be positive, got 0");
    }

    #[test]
    fn irregular_errors_are_declared_too() {
        let refused = |json: serde_json::Value| IrregularParams::read("Trial", &Value::from(&json)).unwrap_err();
        assert_eq!(refused(json!({})), Error::type_error("Trial: rate is required"));
        assert_eq!(refused(json!({ "rate": 0, "order": 2 })), Error::range("Trial: rate must be positive, got 0"));
        assert_eq!(refused(json!({ "order": 2 })), Error::type_error("Trial: order must be an odd integer, got 2"));
        assert_eq!(refused(json!({ "rate": 1, "gain": 0 })), Error::type_error("gain was 0"));
    }

    #[test]
    fn names_and_messages_can_be_their_own() {
        let read = |json| OwnWordsParams::read("Own", &Value::from(&json));
        assert_eq!(read(json!({ "type": "", "size": null })), Ok(OwnWordsParams { kind: "a", size: 1.0 }));
        let text = |json| read(json).unwrap_err().to_string();
        assert_eq!(text(json!({ "type": "x" })), "Own: Unknown kind 'x', must be one of a, b");
        assert_eq!(text(json!({ "size": 0 })), "Own: the size must be positive, got 0");
        assert_eq!(text(json!(null)), "Own: parameters must be an object, got null");
    }

    #[test]
    fn a_struct_that_was_filled_in_by_hand_is_checked_too() {
        let wrong = TrialParams { window_size: 0, alpha: 0.5, mode: "batch", q: None };
        assert!(wrong.check("Trial").unwrap_err().to_string().contains("windowSize"));
    }

    #[test]
    fn unknown_keys_are_found_with_what_was_meant() {
        let value = Value::from(&json!({ "windowsize": 3, "Q": 1, "zzz": 0 }));
        let [first, second] = TrialParams::unknown_keys(&value).try_into().unwrap();
        assert_eq!(first, UnknownKey { key: "windowsize".into(), suggestion: Some("windowSize") });
        assert_eq!(second, UnknownKey { key: "zzz".into(), suggestion: None });
    }
}
