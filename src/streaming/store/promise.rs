//! Promises for calls on the runtime. They resolve with `{ failed }` where the call failed, so that an error arrives as
//! data.

use dsp_stream::{Error, runtime};
use napi::bindgen_prelude::{Either, Object, ToNapiValue};
use napi::{Env, JsDeferred};
use napi_derive::napi;
use std::future::Future;

use super::super::error::NativeFailure;

/// A call that failed.
#[napi(object)]
pub struct Failed {
    /// Reason of the failure.
    pub failed: NativeFailure,
}

/// Runs `call` on the runtime; the promise resolves with its result, or with its error.
pub fn promise<'env, T: Send + 'static, J: ToNapiValue + Send + 'static>(
    env: &'env Env,
    call: impl Future<Output = dsp_stream::Result<T>> + Send + 'static,
    convert: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Object<'env>> {
    let (deferred, promise): (JsDeferred<Either<Failed, J>, _>, _) = env.create_deferred()?;
    runtime().spawn(async move {
        // A panic would leave the promise open for ever.
        let result = caught(call).await;
        deferred.resolve(move |_| {
            Ok(match result {
                Ok(value) => Either::B(convert(value)),
                Err(error) => Either::A(Failed { failed: error.into() }),
            })
        });
    });
    Ok(promise)
}

/// Returns the result of a call, or an error if it panics.
async fn caught<T: Send + 'static>(
    call: impl Future<Output = dsp_stream::Result<T>> + Send + 'static,
) -> dsp_stream::Result<T> {
    runtime().spawn(call).await.unwrap_or_else(|e| Err(Error::internal(e)))
}
