//! The conversion of errors of the core to JavaScript's classes, in one place.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dsp_core::error::ErrorKind;
use napi::bindgen_prelude::JsObjectValue;
use napi::{Env, JsError, JsRangeError, JsTypeError, JsValue};

/// The JavaScript error of the class that belongs to `error`, without the code that Node-API gives every error.
pub fn to_js(env: &Env, error: dsp_core::Error) -> napi::Error {
    let plain = napi::Error::from_reason(error.to_string());
    let thrown = match error.kind() {
        ErrorKind::Type => JsTypeError::from(plain).into_unknown(*env),
        ErrorKind::Range => JsRangeError::from(plain).into_unknown(*env),
        ErrorKind::Failed => JsError::from(plain).into_unknown(*env),
    };
    if let Ok(mut object) = thrown.coerce_to_object() {
        // What cannot be deleted stays: the error is the same but for one property.
        let _ = object.delete_named_property("code");
    }
    thrown.into()
}

/// Conversion of the error of a result.
pub trait OrThrow<T> {
    /// Returns the value, or the JavaScript error.
    fn or_throw(self, env: &Env) -> napi::Result<T>;
}

impl<T> OrThrow<T> for dsp_core::Result<T> {
    fn or_throw(self, env: &Env) -> napi::Result<T> {
        self.map_err(|error| to_js(env, error))
    }
}

/// Naming the place where an error arose.
pub trait Within {
    /// Returns the result; the text of an error begins with `label`.
    #[must_use]
    fn within(self, label: &str) -> Self;
}

impl<T> Within for dsp_core::Result<T> {
    fn within(self, label: &str) -> Self {
        self.map_err(|error| error.within(label))
    }
}

/// Runs `f` on a thread that JavaScript does not own, where a panic would end the process. A panic is a bug in this
/// package, and becomes an error that says so.
pub fn guarded<T>(f: impl FnOnce() -> dsp_core::Result<T>) -> dsp_core::Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Err(dsp_core::Error::failed(format!("internal error, please report it: {text}")))
    })
}
