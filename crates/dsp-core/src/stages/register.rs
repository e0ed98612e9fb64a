//! Entries of the register: making a stage by the name of its method, or for a saved state.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::params::{Field, Parameters, UnknownKey, Variant};

/// A stage that was just made.
pub struct Created {
    /// The stage.
    pub stage: Box<dyn Stage>,
    /// Label in taps and callbacks.
    pub label: String,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// Keys of the method's argument that are not parameters.
    pub unknown_keys: Vec<UnknownKey>,
    /// The parameters, with the defaults filled in.
    pub params: Value,
    /// Name given by the user through the option `id`.
    pub id: Option<String>,
}

/// Longest `id` of a stage, in bytes.
const MAX_ID: usize = 100;

/// Takes `id`, an option of every stage, out of the parameters.
///
/// # Errors
/// If it is not a text of 1 to [`MAX_ID`] bytes.
fn take_id(label: &str, value: &mut Value) -> Result<Option<String>> {
    let Value::Object(entries) = value else { return Ok(None) };
    let Some(at) = entries.iter().position(|(key, _)| key == "id") else { return Ok(None) };
    match entries.remove(at).1 {
        Value::Undefined => Ok(None),
        Value::String(id) if !id.is_empty() && id.len() <= MAX_ID => Ok(Some(id)),
        other => {
            let text = format!("{label}: id must be a text of 1 to {MAX_ID} bytes, got {other}");
            Err(Error::type_error(text))
        }
    }
}

/// A stage in the register.
pub struct StageDef {
    /// Types in saved states.
    pub types: &'static [&'static str],
    /// Method in the fluent API.
    pub method: &'static str,
    /// Parameters.
    pub fields: &'static [Field],
    /// Events that it emits.
    pub events: &'static [&'static EventKind],
    /// Makes a stage from the method's argument.
    pub create: fn(Value) -> Result<Created>,
    /// Makes a stage of a type for a saved state.
    pub rebuild: fn(&str, &Json, Design) -> Result<Box<dyn Stage>>,
}

pub(super) fn create<T: Define>(mut value: Value) -> Result<Created> {
    if !matches!(value, Value::Undefined | Value::Null | Value::Object(_)) {
        return Err(Error::type_error(format!("{}: parameters must be an object, got {value}", T::METHOD)));
    }
    let id = take_id(T::LABEL, &mut value)?;
    let params = T::Params::read(T::LABEL, &value)?;
    let mut unknown_keys = T::Params::unknown_keys(&value);
    unknown_keys.retain(|unknown| !T::IGNORED.contains(&unknown.key.as_str()));
    let mut stage = T::new(&params)?;
    let warnings = stage.take_warning().into_iter().collect();
    let label = stage.label(&params);
    Ok(Created { stage: Box::new(stage), label, warnings, unknown_keys, params: params.to_value(), id })
}

pub(super) fn rebuild<T: Define>(type_name: &str, state: &Json, design: Design) -> Result<Box<dyn Stage>> {
    Ok(Box::new(T::from_state(type_name, state, design)?))
}

/// The declaration of a stage, for documentation and types.
pub struct Declaration {
    /// Method in the fluent API.
    pub method: &'static str,
    /// Doc comment of the method.
    pub doc: &'static str,
    /// Name of the parameters' type; empty for a stage without parameters.
    pub params: &'static str,
    /// Doc comment of the parameters' type.
    pub params_doc: &'static str,
    /// The parameters.
    pub fields: &'static [Field],
    /// Doc comments of the parameters.
    pub docs: &'static [&'static str],
    /// Events that it emits.
    pub events: &'static [&'static EventKind],
    /// The sets of parameters, if there are several.
    pub variants: &'static [Variant],
    /// Parameters for the property tests.
    pub examples: fn() -> Vec<Value>,
    /// Properties of a stage with such parameters, for the property tests.
    pub traits: fn(&Value) -> Result<Traits>,
}

pub(super) fn traits<T: Define>(params: &Value) -> Result<Traits> {
    Ok(T::traits(&T::Params::read(T::LABEL, params)?))
}
