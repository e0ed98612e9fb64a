//! Errors of the streaming crate as JavaScript sees them.

use dsp_stream::Error;
use napi::bindgen_prelude::{JsObjectValue, JsValue, Object};
use napi::{Env, JsError, JsTypeError};
use napi_derive::napi;

/// An error as data; `lib/common/streaming-errors.js` makes an instance of its class.
#[napi(object)]
#[derive(Clone)]
pub struct NativeFailure {
    /// Name of the class.
    pub name: String,
    /// librdkafka's name of the error without prefix.
    pub code: String,
    /// Sentence for the user.
    pub message: String,
    /// Whether the same call may succeed later.
    pub retriable: bool,
    /// Whether the client is unusable from now on.
    pub fatal: bool,
    /// The scope that has another owner.
    pub scope: Option<String>,
    /// Our epoch.
    pub ours: Option<f64>,
    /// The other owner's epoch.
    pub theirs: Option<f64>,
    /// The other owner.
    pub owner: Option<String>,
    /// Topic of a partition that cannot continue.
    pub topic: Option<String>,
    /// Its number.
    pub partition: Option<i32>,
    /// Requested offset.
    pub wanted: Option<String>,
    /// First offset of the log.
    pub low: Option<String>,
    /// Offset after the last one of the log.
    pub high: Option<String>,
    /// Store that has the state.
    pub store: Option<String>,
    /// File that is damaged.
    pub path: Option<String>,
}

impl From<Error> for NativeFailure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let of = |name: &str, code: &str, retriable, fatal| Self {
            name: name.into(),
            code: code.into(),
            message: message.clone(),
            retriable,
            fatal,
            scope: None,
            ours: None,
            theirs: None,
            owner: None,
            topic: None,
            partition: None,
            wanted: None,
            low: None,
            high: None,
            store: None,
            path: None,
        };
        match error {
            Error::Kafka(failure) => of("KafkaError", &failure.code, failure.retriable, failure.fatal),
            Error::Store { code, retriable, .. } => of("StateStoreError", code, retriable, false),
            Error::Fenced { scope, ours, theirs, owner } => Self {
                scope: Some(scope),
                ours: Some(ours as f64),
                theirs: Some(theirs as f64),
                owner: Some(owner),
                ..of("StateFencedError", "FENCED", false, false)
            },
            Error::Definition(_) => of("StateDefinitionError", "DEFINITION_CHANGED", false, false),
            Error::DataLoss { topic, partition, wanted, low, high } => Self {
                topic: Some(topic),
                partition: Some(partition),
                wanted: Some(wanted.to_string()),
                low: Some(low.to_string()),
                high: Some(high.to_string()),
                ..of("StreamDataLossError", "DATA_LOSS", false, false)
            },
            Error::StateMissing { topic, partition, store, .. } => Self {
                topic: Some(topic),
                partition: Some(partition),
                store: Some(store),
                ..of("StreamStateMissingError", "STATE_MISSING", false, false)
            },
            Error::Corrupted { file, .. } => {
                Self { path: Some(file), ..of("StateCorruptedError", "CORRUPT", false, false) }
            }
            Error::Locked { .. } => of("StateLockedError", "LOCKED", false, false),
            _ => of("TypeError", "ERR_INVALID_ARG_VALUE", false, false),
        }
    }
}

/// Returns the exception of a failed call: a `TypeError`, or an error with the fields of `NativeFailure`.
pub fn thrown(env: &Env, error: Error) -> napi::Error {
    let failure = NativeFailure::from(error);
    let plain = napi::Error::from_reason(failure.message.clone());
    if failure.name == "TypeError" {
        return JsTypeError::from(plain).into_unknown(*env).into();
    }
    let value = JsError::from(plain).into_unknown(*env);
    let describe = |mut object: Object<'_>| -> napi::Result<()> {
        object.set_named_property("name", failure.name)?;
        object.set_named_property("code", failure.code)?;
        object.set_named_property("retriable", failure.retriable)?;
        object.set_named_property("fatal", failure.fatal)
    };
    match value.coerce_to_object().and_then(describe) {
        Ok(()) => value.into(),
        Err(error) => error,
    }
}
