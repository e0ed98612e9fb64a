//! Hands the `tracing` events of the Rust side to JavaScript.
//!
//! Events come from any thread and must never wait for JavaScript: each listener has a bounded queue, and a wake-up
//! call that is made when the queue stops being empty. JavaScript then takes all there is. What does not fit is
//! counted. Nothing here keeps the process alive.

use std::collections::VecDeque;
use std::fmt::{Debug, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::error::OrThrow;

/// Largest number of events that a listener keeps: seconds of a noisy client, a few MB at most.
const CAPACITY: usize = 4096;
/// Largest number of bytes kept of a text, so that one event cannot fill the memory.
const LONGEST_TEXT: usize = 8192;
/// The crates whose events are reported; those of the runtime are of no use to a user.
const HEARD: [&str; 5] = ["dsp_core", "dsp_stream", "dspx_rs", "rdkafka", "librdkafka"];

/// Names in JavaScript, `off` first: `LEVEL` holds the index.
const LEVELS: [(&str, LevelFilter); 7] = [
    ("off", LevelFilter::OFF),
    ("trace", LevelFilter::TRACE),
    ("debug", LevelFilter::DEBUG),
    ("info", LevelFilter::INFO),
    ("warn", LevelFilter::WARN),
    ("error", LevelFilter::ERROR),
    // Rust knows nothing above an error.
    ("fatal", LevelFilter::OFF),
];

static LEVEL: AtomicU8 = AtomicU8::new(0);
static LISTENERS: RwLock<Vec<Listener>> = RwLock::new(Vec::new());

/// A wake-up call that is unreferenced and never queued twice.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true, 1>;

struct Listener {
    wake: Wake,
    queue: SharedQueue,
}

type SharedQueue = Arc<Mutex<Queue>>;

#[derive(Default)]
struct Queue {
    events: VecDeque<Value>,
    dropped: u64,
}

fn locked(queue: &SharedQueue) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Listener {
    fn push(&self, event: Value) {
        let mut queue = locked(&self.queue);
        if queue.events.len() == CAPACITY {
            queue.events.pop_front();
            queue.dropped += 1;
        }
        queue.events.push_back(event);
        let first = queue.events.len() == 1;
        drop(queue);
        if first {
            // The environment may be closing, or a call be under way already: both mean that nobody has to be woken.
            self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

fn level() -> LevelFilter {
    LEVELS[usize::from(LEVEL.load(Ordering::Relaxed))].1
}

/// The layer between `tracing` and the listeners.
struct Bridge;

impl<S: Subscriber> Layer<S> for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let root = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= level() && HEARD.contains(&root)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(level())
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // A `Debug` of a field is foreign code, and this may be a thread that JavaScript does not own.
        let record = catch_unwind(AssertUnwindSafe(|| record(event)));
        let Ok(record) = record else { return };
        for listener in LISTENERS.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener.push(record.clone());
        }
    }
}

fn record(event: &Event<'_>) -> Value {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    serde_json::json!({
        "level": event.metadata().level().as_str().to_ascii_lowercase(),
        "target": event.metadata().target(),
        "message": fields.message,
        "fields": fields.others,
        "timestamp": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Collects the fields of an event.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        let end = (0..=LONGEST_TEXT).rev().find(|&i| text.is_char_boundary(i));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, shortened(value.to_owned()).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Writing to a string cannot fail; a failing `Debug` leaves what it wrote.
        let _ = write!(text, "{value:?}");
        let text = shortened(text);
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails only if this library set a subscriber before, and nothing else in it does.
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Bridge));
    });
}

/// Sets the level of reported events for the whole process: a level of the logger, or `off`, the initial one.
#[napi(catch_unwind)]
pub fn set_log_level(env: Env, level: String) -> napi::Result<()> {
    let found = LEVELS.iter().position(|(name, _)| *name == level);
    let index = found
        .ok_or_else(|| dsp_core::Error::type_error(format!("setLogLevel: unknown log level, got {level}")))
        .or_throw(&env)?;
    LEVEL.store(u8::try_from(index).unwrap_or(0), Ordering::Relaxed);
    install();
    tracing::callsite::rebuild_interest_cache();
    tracing::debug!(level, "log level set");
    Ok(())
}

/// A queue of events for one listener in JavaScript.
#[napi]
pub struct NativeLog {
    queue: SharedQueue,
}

#[napi]
impl NativeLog {
    /// Starts listening. `wake` is called when there is something to take; it keeps nothing alive.
    #[napi(constructor, catch_unwind)]
    pub fn new(wake: Function<'_, (), ()>) -> napi::Result<Self> {
        install();
        let wake =
            wake.build_threadsafe_function().weak::<true>().callee_handled::<false>().max_queue_size::<1>().build()?;
        let queue = SharedQueue::default();
        let listener = Listener { wake, queue: Arc::clone(&queue) };
        LISTENERS.write().unwrap_or_else(PoisonError::into_inner).push(listener);
        Ok(Self { queue })
    }

    /// Returns all waiting events, oldest first, as JSON text, in which numbers keep their digits.
    #[napi(catch_unwind)]
    pub fn take(&self) -> String {
        let events = std::mem::take(&mut locked(&self.queue).events);
        Value::Array(events.into()).to_string()
    }

    /// Returns the number of waiting events.
    #[napi(getter, catch_unwind)]
    pub fn queued(&self) -> u32 {
        u32::try_from(locked(&self.queue).events.len()).unwrap_or(u32::MAX)
    }

    /// Returns the number of events that did not fit, since the start.
    #[napi(getter, catch_unwind)]
    pub fn dropped(&self) -> f64 {
        locked(&self.queue).dropped as f64
    }

    /// Stops listening and lets go of the wake-up call. What waits can still be taken.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        LISTENERS
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|listener| !Arc::ptr_eq(&listener.queue, &self.queue));
    }
}

impl Drop for NativeLog {
    fn drop(&mut self) {
        self.close();
    }
}
