//! One call of `process` on a worker thread.
//!
//! The worker never touches memory that JavaScript owns (it may be transferred, resized or freed meanwhile): samples
//! are copied in before and out after, in pieces that the JavaScript side spreads over turns of the event loop if they
//! are many. A worker thread of Node that ends with a job under way so leaves nothing dangling.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dsp_core::Error;
use dsp_core::engine::events::Events;
use dsp_core::engine::formats::{Encoded, Output};
use dsp_core::engine::time::milliseconds;
use dsp_core::limits::{MAX_SAMPLES, reserve};
use dsp_core::pipeline::Stamps;
use napi::bindgen_prelude::{AsyncTask, BigInt64Array, Either3, Float32Array, Float32ArraySlice, Float64Array};
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::{OrThrow, guarded, to_js};
use crate::events::EventColumns;
use crate::formats::{EncodedArray, format_at, output_of};
use crate::pipeline::{NativePipeline, Shared};
use crate::value::samples_of;

/// The input and output of a job.
#[derive(Default)]
struct Work {
    samples: Vec<f32>,
    times: Vec<f64>,
    /// Whether the times were given in single precision.
    single: bool,
    reshaped: Option<Vec<f32>>,
    encoded: Option<Encoded>,
    snapshots: Vec<Vec<f32>>,
    events: Option<Box<Events>>,
}

/// A call of `process`, to be filled, run and read.
#[napi]
pub struct Job {
    work: Arc<Mutex<Work>>,
    /// The format of the result where it is not float32 in place, and whether a float32 copy is kept besides.
    output: Option<(Output, bool)>,
}

#[napi]
impl Job {
    /// Makes room for `length` samples, and for as many times if `timed`.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, length: f64, timed: bool) -> napi::Result<Self> {
        let length = length as usize;
        let too_large = || Error::range(format!("one call takes at most {MAX_SAMPLES} samples"));
        if length > MAX_SAMPLES {
            return Err(to_js(&env, too_large()));
        }
        let mut work = Work::default();
        let reserved = work.samples.try_reserve_exact(length);
        let reserved = reserved.and_then(|()| work.times.try_reserve_exact(if timed { length } else { 0 }));
        reserved.map_err(|_| to_js(&env, too_large()))?;
        Ok(Self { work: Arc::new(Mutex::new(work)), output: None })
    }

    /// Appends samples.
    #[napi(catch_unwind)]
    pub fn write(&self, env: Env, samples: &[f32]) -> napi::Result<()> {
        self.with(|work| {
            reserve(&mut work.samples, samples.len())?;
            work.samples.extend_from_slice(samples);
            Ok(())
        })
        .or_throw(&env)
    }

    /// Appends the samples in `bytes`, which are in `format`.
    #[napi(catch_unwind)]
    pub fn write_encoded(&self, env: Env, bytes: &[u8], format: u32) -> napi::Result<()> {
        let format = format_at(&env, format)?;
        self.with(|work| format.decode(bytes, &mut work.samples)).or_throw(&env)
    }

    /// Requests the result in the format `output`; `keep`: also a float32 copy, after those of the taps.
    #[napi(catch_unwind)]
    pub fn encode(&mut self, env: Env, output: u32, dither: bool, keep: bool) -> napi::Result<()> {
        self.output = Some((output_of(&env, output, dither)?, keep));
        Ok(())
    }

    /// Appends times: milliseconds, or nanoseconds in a `BigInt64Array`.
    #[napi(catch_unwind)]
    pub fn write_times(&self, times: Either3<Float32Array, Float64Array, BigInt64Array>) {
        self.with(|work| match &times {
            Either3::A(ms) => {
                work.single = true;
                work.times.extend(ms.iter().map(|&t| f64::from(t)));
            }
            Either3::B(ms) => work.times.extend_from_slice(ms),
            Either3::C(ns) => work.times.extend(ns.iter().map(|&t| milliseconds(t))),
        });
    }

    /// Runs the stages on a worker thread; resolves to the nanoseconds they took.
    #[napi(catch_unwind)]
    pub fn run(
        &self,
        pipeline: &NativePipeline,
        channels: u32,
        rate: f64,
        taps: Vec<u32>,
        wants_events: bool,
    ) -> AsyncTask<Run> {
        AsyncTask::new(Run {
            pipeline: pipeline.share(),
            work: Arc::clone(&self.work),
            channels: channels as usize,
            rate: (rate > 0.0).then_some(rate),
            taps: taps.into_iter().map(|place| place as usize).collect(),
            wants_events,
            output: self.output,
        })
    }

    /// Copies samples back, from position `from` on, as far as `target` reaches.
    #[napi(catch_unwind)]
    pub fn read(&self, mut target: Float32ArraySlice<'_>, from: f64) {
        self.with(|work| {
            let source = work.samples.get(from as usize..).unwrap_or(&[]);
            let target = samples_of(&mut target);
            let count = target.len().min(source.len());
            target[..count].copy_from_slice(&source[..count]);
        });
    }

    /// Returns the result; can be called once.
    #[napi(catch_unwind)]
    pub fn take_output(&self) -> Float32Array {
        self.with(|work| {
            let samples = work.reshaped.take().unwrap_or_else(|| std::mem::take(&mut work.samples));
            Float32Array::from(samples)
        })
    }

    /// Returns the result in the format that [`Self::encode`] requested; can be called once.
    #[napi(catch_unwind)]
    pub fn take_encoded(&self) -> Option<EncodedArray> {
        self.with(|work| work.encoded.take()).map(EncodedArray)
    }

    /// Returns the copies made at the taps, in order; can be called once.
    #[napi(catch_unwind)]
    pub fn take_snapshots(&self) -> Vec<Float32Array> {
        self.with(|work| std::mem::take(&mut work.snapshots).into_iter().map(Float32Array::from).collect())
    }

    /// Returns the events of the call, if there are any; can be called once.
    #[napi(catch_unwind)]
    pub fn take_events(&self) -> Option<EventColumns> {
        let events = self.with(|work| work.events.take())?;
        (!events.is_empty()).then(|| EventColumns::from(&*events))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Work) -> T) -> T {
        f(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The part of a job that runs on a worker thread.
pub struct Run {
    pipeline: Shared,
    work: Arc<Mutex<Work>>,
    channels: usize,
    rate: Option<f64>,
    taps: Vec<usize>,
    wants_events: bool,
    output: Option<(Output, bool)>,
}

impl Run {
    /// Returns the nanoseconds that the stages took.
    fn run(&mut self) -> dsp_core::Result<f64> {
        let mut pipeline = self.pipeline.lock().unwrap_or_else(PoisonError::into_inner);
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let Work { samples, times, single, reshaped, encoded, snapshots, events } = &mut *work;
        let timed = times.capacity() > 0 || !times.is_empty();
        let stamps = match timed {
            true if *single => Stamps::Single(times),
            true => Stamps::Explicit(times),
            false => Stamps::Generated(self.rate),
        };
        pipeline.set_nominal_rate(self.rate);
        if self.wants_events {
            pipeline.collect_events();
        }
        let start = Instant::now();
        let result = pipeline.process(samples, self.channels, stamps, &self.taps, |_, copy| snapshots.push(copy));
        *events = pipeline.take_events();
        *reshaped = result?;
        if let Some((output, keep)) = self.output {
            let samples = reshaped.take().unwrap_or_else(|| std::mem::take(samples));
            if keep {
                snapshots.push(samples.clone());
            }
            *encoded = Some(pipeline.encode(samples, output)?);
        }
        Ok(start.elapsed().as_nanos() as f64)
    }
}

impl Task for Run {
    type Output = dsp_core::Result<f64>;
    type JsValue = f64;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guarded(|| self.run()))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<f64> {
        output.or_throw(&env)
    }
}

/// Converts nanoseconds to milliseconds for calls that are computed at once.
#[napi(catch_unwind)]
pub fn to_milliseconds(ns: &[i64]) -> Float64Array {
    Float64Array::from(ns.iter().map(|&t| milliseconds(t)).collect::<Vec<f64>>())
}
