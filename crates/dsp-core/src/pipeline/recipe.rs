//! Pipelines as text from which they can be built again.

use serde_json::{Map, Value as Json, json};

use super::Pipeline;
use crate::error::{Error, Result};
use crate::params::value::Value;

impl Pipeline {
    /// Text from which [`Self::from_recipe`] builds a pipeline of the same stages with the same parameters.
    ///
    /// # Errors
    /// The error of the first stage that fails.
    pub fn recipe(&self) -> Result<String> {
        let stage = |definition: &super::Definition| {
            let mut params = to_json(&definition.params);
            if let Some(id) = &definition.id {
                params["id"] = id.as_str().into();
            }
            json!([definition.method, params])
        };
        let stages: Vec<Json> = self.definitions().map(stage).collect();
        Ok(json!({ "definition": self.definition()?, "stages": stages }).to_string())
    }

    /// A pipeline as [`Self::recipe`] has described it. It reads the states of that one.
    ///
    /// # Errors
    /// If the text is damaged, or stages cannot be built from it any more.
    pub fn from_recipe(text: &str) -> Result<Self> {
        let wrong = |reason: &str| Error::failed(format!("not a pipeline: {reason}"));
        let recipe: Json = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
        let definition = recipe["definition"].as_str().ok_or_else(|| wrong("it has no definition"))?;
        let mut pipeline = Self::new();
        let built = pipeline.load_json(definition);
        if built.as_ref().is_ok_and(Vec::is_empty) {
            pipeline.clear();
            return Ok(pipeline);
        }
        // States do not build all stages; those that have parameters are made as they were.
        let mut pipeline = Self::new();
        for stage in recipe["stages"].as_array().into_iter().flatten() {
            pipeline.add(stage[0].as_str().unwrap_or_default(), Value::from(&stage[1]))?;
        }
        if pipeline.definition()? == definition {
            return Ok(pipeline);
        }
        built.and_then(|_| Err(wrong("its stages are other ones by now")))
    }
}

/// A value as JSON; what JSON does not have is null.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::F32(numbers) => numbers.as_slice().into(),
        Value::F64(numbers) => numbers.as_slice().into(),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Object(members) => {
            let defined = members.iter().filter(|(_, value)| !value.is_undefined());
            Json::Object(defined.map(|(name, value)| (name.clone(), to_json(value))).collect::<Map<_, _>>())
        }
        // Nothing but an object takes an id.
        Value::Undefined => json!({}),
        Value::Null | Value::Other(_) => Json::Null,
    }
}
