//! The training functions, at once or on a worker thread.

use dsp_core::Value;
use dsp_core::dynamic::training::Training;
use napi::bindgen_prelude::{AsyncTask, Unknown};
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::{OrThrow, guarded};
use crate::value::{ToJs, all_from_js};

fn check(env: &Env, name: &str, arguments: Vec<Unknown<'_>>) -> napi::Result<Training> {
    let arguments = all_from_js(name, arguments).or_throw(env)?;
    Training::new(name, arguments).or_throw(env)
}

/// Calls the training function `name`.
#[napi(catch_unwind)]
pub fn train(env: Env, name: String, arguments: Vec<Unknown<'_>>) -> napi::Result<ToJs> {
    Ok(ToJs(check(&env, &name, arguments)?.run()))
}

/// Runs [`train`] on a worker thread; arguments are checked, and data copied, before it returns.
#[napi(catch_unwind)]
pub fn train_async(env: Env, name: String, arguments: Vec<Unknown<'_>>) -> napi::Result<AsyncTask<Train>> {
    Ok(AsyncTask::new(Train(check(&env, &name, arguments)?)))
}

/// The part that runs on a worker thread.
pub struct Train(Training);

impl Task for Train {
    type Output = dsp_core::Result<Value>;
    type JsValue = ToJs;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guarded(|| Ok(self.0.run())))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<ToJs> {
        output.or_throw(&env).map(ToJs)
    }
}
