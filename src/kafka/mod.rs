//! Kafka for JavaScript: `lib/kafka/` builds its API on these classes.
//!
//! A client calls its `notify` function when there is something to collect, once for any number of events, and
//! `collect()` gives them. Clients that are still open when their environment ends are ended by its clean-up hook.

mod consumer;
mod embedded;
pub mod environment;
pub mod options;
mod producer;

use dsp_stream::kafka::Notify;
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;

/// Returns a function that calls `callback` on its own thread and does not keep the process alive.
pub fn notify(callback: Function<'_, (), ()>) -> napi::Result<Notify> {
    let function = callback.build_threadsafe_function::<()>().weak::<true>().error_status::<Status>().build()?;
    Ok(Box::new(move || {
        function.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }))
}
