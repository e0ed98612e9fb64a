use dsp_stream::kafka::options::{Properties, Role};
use napi::Env;
use napi_derive::napi;
use std::collections::HashMap;

use crate::streaming::error::thrown;

/// librdkafka's properties for one client.
#[napi(object)]
pub struct KafkaProperties {
    /// Properties by name.
    pub values: HashMap<String, String>,
    /// Warnings to show the user once.
    pub warnings: Vec<String>,
    /// Whether tokens come from a provider in JavaScript.
    pub oauth_provider: bool,
}

impl From<KafkaProperties> for Properties {
    fn from(properties: KafkaProperties) -> Self {
        Self {
            values: properties.values.into_iter().collect(),
            warnings: properties.warnings,
            oauth_provider: properties.oauth_provider,
        }
    }
}

/// Maps client options; `config` is JSON text, with functions as `"[function]"`.
#[napi(catch_unwind)]
pub fn kafka_properties(
    env: &Env,
    consumer: bool,
    brokers: Vec<String>,
    client_id: Option<String>,
    config: String,
) -> napi::Result<KafkaProperties> {
    let role = if consumer { Role::Consumer } else { Role::Producer };
    let config = serde_json::from_str(&config).map_err(|e| napi::Error::from_reason(format!("client options: {e}")))?;
    let mapped = Properties::map(role, &brokers, client_id.as_deref(), &config).map_err(|e| thrown(env, e))?;
    Ok(KafkaProperties {
        values: mapped.values.into_iter().collect(),
        warnings: mapped.warnings,
        oauth_provider: mapped.oauth_provider,
    })
}
