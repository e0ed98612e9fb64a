//! The native half of `DspProcessor`: stages, processing in the calling thread, state.

use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

use dsp_core::design::options::Design;
use dsp_core::params::{Kind, UnknownKey};
use dsp_core::pipeline::{Definition, Latency, LoadOptions, Match, Stamps};
use dsp_core::stages::STAGES;
use dsp_core::{Pipeline, Value};
use napi::Env;
use napi::bindgen_prelude::{Buffer, Float32Array, Float32ArraySlice, Unknown};
use napi_derive::napi;

use crate::error::OrThrow;
use crate::events::EventColumns;
use crate::formats::{EncodedArray, format_at, output_of};
use crate::value::{ToJs, from_js, samples_of};

/// A pipeline that worker threads may hold while they run a job.
pub type Shared = Arc<Mutex<Pipeline>>;

/// A stage that the register holds.
#[napi(object, object_from_js = false)]
pub struct StageInfo {
    /// Its fluent method.
    pub method: String,
    /// Its parameters that are typed arrays, which JSON lacks.
    pub float32_arrays: Vec<&'static str>,
    /// The types of its events.
    pub events: Vec<&'static str>,
    /// Whether it has a parameter `sampleRate`, which pipelines of a known rate give it.
    pub takes_sample_rate: bool,
}

/// The result of adding a stage.
#[napi(object, object_from_js = false)]
pub struct Added {
    /// Its label in taps and callbacks.
    pub label: String,
    /// Warnings for the user.
    pub warnings: Vec<String>,
    /// Keys that are not parameters.
    pub unknown_options: Vec<UnknownOption>,
}

/// A key that is not a parameter.
#[napi(object, object_from_js = false)]
pub struct UnknownOption {
    /// The key.
    pub key: String,
    /// The most similar parameter, if there is one.
    pub suggestion: Option<&'static str>,
}

/// The latency of a pipeline.
#[napi(object, object_from_js = false)]
pub struct LatencyInfo {
    /// Delay of the output in samples of the input.
    pub samples: f64,
    /// Number of output samples per input sample.
    pub ratio: f64,
    /// Delay of each stage in samples of its own input.
    pub stages: Vec<f64>,
}

/// The definition of a stage.
#[napi(object, object_from_js = false)]
pub struct StageDefinition {
    pub method: &'static str,
    pub id: Option<String>,
    /// Parameters; `undefined` if the stage was built from a state that does not hold them.
    pub params: ToJs,
}

/// One stage in `listState()`.
#[napi(object, object_from_js = false)]
pub struct Summary {
    pub index: u32,
    #[napi(js_name = "type")]
    pub type_name: String,
    pub window_size: Option<f64>,
    pub num_channels: Option<f64>,
    pub mode: Option<String>,
    pub buffer_size: Option<u32>,
    pub channel_count: Option<u32>,
}

/// Returns all stages.
#[napi(catch_unwind)]
pub fn stages() -> Vec<StageInfo> {
    let info = |def: &dsp_core::stages::StageDef| StageInfo {
        method: def.method.to_owned(),
        float32_arrays: def.fields.iter().filter(|f| f.kind == Kind::Float32Array).map(|f| f.name).collect(),
        events: def.events.iter().map(|kind| kind.name).collect(),
        takes_sample_rate: def.fields.iter().any(|field| field.name == "sampleRate"),
    };
    STAGES.iter().map(info).collect()
}

/// Returns the name in `names` that is most similar to `written`, if one is.
#[napi(catch_unwind)]
pub fn nearest_name(written: String, names: Vec<String>) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    dsp_core::params::nearest(&written, &names).map(str::to_owned)
}

/// Returns the times of a call; `single`: they were given in single precision.
fn stamps_of(times: Option<&[f64]>, single: bool, rate: Option<f64>) -> Stamps<'_> {
    match times {
        Some(times) if single => Stamps::Single(times),
        Some(times) => Stamps::Explicit(times),
        None => Stamps::Generated(rate),
    }
}

/// A pipeline.
#[napi]
#[derive(Default)]
pub struct NativePipeline {
    inner: Shared,
    snapshots: Vec<Vec<f32>>,
}

#[napi]
impl NativePipeline {
    /// Makes a pipeline without stages.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default, reason = "the attribute needs a constructor")]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a stage; throws if there is no such method or a parameter is wrong.
    #[napi(catch_unwind)]
    pub fn add(&mut self, env: Env, method: String, params: Unknown<'_>) -> napi::Result<Added> {
        let params = from_js(&method, params).or_throw(&env)?;
        let added = self.lock(&env)?.add(&method, params).or_throw(&env)?;
        let unknown = |key: UnknownKey| UnknownOption { key: key.key, suggestion: key.suggestion };
        Ok(Added {
            label: added.label,
            warnings: added.warnings,
            unknown_options: added.unknown_keys.into_iter().map(unknown).collect(),
        })
    }

    /// Returns whether a stage must be given timestamps.
    #[napi(catch_unwind)]
    pub fn needs_timestamps(&self, env: Env) -> napi::Result<bool> {
        Ok(self.lock(&env)?.needs_timestamps())
    }

    /// Returns whether a call may end in an incomplete frame.
    #[napi(catch_unwind)]
    pub fn takes_incomplete_frames(&self, env: Env) -> napi::Result<bool> {
        Ok(self.lock(&env)?.takes_incomplete_frames())
    }

    /// Returns the rough cost of all stages in nanoseconds per sample.
    #[napi(catch_unwind)]
    pub fn cost_hint(&self, env: Env) -> napi::Result<f64> {
        Ok(self.lock(&env)?.cost_hint())
    }

    /// Processes `input` in place with generated times (a `rate` of 0: 1 ms apart). Returns the new samples if a stage
    /// changed the shape.
    #[napi(catch_unwind)]
    pub fn process(
        &self,
        env: Env,
        mut input: Float32ArraySlice<'_>,
        channels: u32,
        rate: f64,
    ) -> napi::Result<Option<Float32Array>> {
        let stamps = Stamps::Generated((rate > 0.0).then_some(rate));
        let output = self
            .lock(&env)?
            .process(samples_of(&mut input), channels as usize, stamps, &[], |_, _| {})
            .or_throw(&env)?;
        Ok(output.map(Float32Array::from))
    }

    /// The same with explicit times (if given; `single`: in single precision) and with places at which to keep a copy
    /// for [`Self::take_snapshots`].
    #[allow(clippy::too_many_arguments, reason = "one by one they cost less than an object")]
    #[napi(catch_unwind)]
    pub fn process_with(
        &mut self,
        env: Env,
        mut input: Float32ArraySlice<'_>,
        channels: u32,
        rate: f64,
        times: Option<&[f64]>,
        single: bool,
        taps: Vec<u32>,
    ) -> napi::Result<Option<Float32Array>> {
        let rate = (rate > 0.0).then_some(rate);
        let stamps = stamps_of(times, single, rate);
        let taps: Vec<usize> = taps.into_iter().map(|place| place as usize).collect();
        let mut snapshots = vec![];
        let mut pipeline = self.lock(&env)?;
        pipeline.set_nominal_rate(rate);
        let output =
            pipeline.process(samples_of(&mut input), channels as usize, stamps, &taps, |_, copy| snapshots.push(copy));
        drop(pipeline);
        self.snapshots = snapshots;
        Ok(output.or_throw(&env)?.map(Float32Array::from))
    }

    /// Processes the samples that `bytes` hold in `format` and returns what comes out in the format `output`, with
    /// times and places as [`Self::process_with`] has them; `keep`: keeps a copy of what comes out as float32, too.
    #[allow(clippy::too_many_arguments, reason = "one by one they cost less than an object")]
    #[napi(catch_unwind)]
    pub fn process_encoded(
        &mut self,
        env: Env,
        bytes: &[u8],
        format: u32,
        output: u32,
        dither: bool,
        channels: u32,
        rate: f64,
        times: Option<&[f64]>,
        single: bool,
        taps: Vec<u32>,
        keep: bool,
    ) -> napi::Result<EncodedArray> {
        let (format, output) = (format_at(&env, format)?, output_of(&env, output, dither)?);
        let mut samples = vec![];
        format.decode(bytes, &mut samples).or_throw(&env)?;
        let rate = (rate > 0.0).then_some(rate);
        let stamps = stamps_of(times, single, rate);
        let taps: Vec<usize> = taps.into_iter().map(|place| place as usize).collect();
        let mut snapshots = vec![];
        let mut pipeline = self.lock(&env)?;
        pipeline.set_nominal_rate(rate);
        let result = pipeline
            .process(&mut samples, channels as usize, stamps, &taps, |_, copy| snapshots.push(copy))
            .and_then(|reshaped| {
                let samples = reshaped.unwrap_or(samples);
                if keep {
                    snapshots.push(samples.clone());
                }
                pipeline.encode(samples, output)
            });
        drop(pipeline);
        self.snapshots = snapshots;
        result.or_throw(&env).map(EncodedArray)
    }

    /// Returns the copies that the last [`Self::process_with`] kept, in order.
    #[napi(catch_unwind)]
    pub fn take_snapshots(&mut self) -> Vec<Float32Array> {
        std::mem::take(&mut self.snapshots).into_iter().map(Float32Array::from).collect()
    }

    /// Collects the events of the next call, until [`Self::take_events`].
    #[napi(catch_unwind)]
    pub fn collect_events(&self, env: Env) -> napi::Result<()> {
        self.lock(&env)?.collect_events();
        Ok(())
    }

    /// Returns the events of the last call, if there are any.
    #[napi(catch_unwind)]
    pub fn take_events(&self, env: Env) -> napi::Result<Option<EventColumns>> {
        let events = self.lock(&env)?.take_events();
        Ok(events.filter(|events| !events.is_empty()).map(|events| EventColumns::from(&*events)))
    }

    /// Ends the stream (`rate` as in [`Self::process`]) and returns what was still inside; the pipeline is as new.
    #[napi(catch_unwind)]
    pub fn finish(&self, env: Env, rate: f64) -> napi::Result<Float32Array> {
        let output = self.lock(&env)?.finish((rate > 0.0).then_some(rate)).or_throw(&env)?;
        Ok(Float32Array::from(output))
    }

    /// [`Self::finish`] with the result in the format `output`.
    #[napi(catch_unwind)]
    pub fn finish_encoded(&self, env: Env, rate: f64, output: u32, dither: bool) -> napi::Result<EncodedArray> {
        let output = output_of(&env, output, dither)?;
        let encoded = self.lock(&env)?.finish_encoded((rate > 0.0).then_some(rate), output).or_throw(&env)?;
        Ok(EncodedArray(encoded))
    }

    /// Returns the number of channels of the last result; 0 before the first.
    #[napi(catch_unwind)]
    pub fn output_channels(&self, env: Env) -> napi::Result<u32> {
        Ok(self.lock(&env)?.output_channels() as u32)
    }

    /// How late the output is: samples of the input, and output samples per input sample. `frequency` in cycles per
    /// sample.
    #[napi(catch_unwind)]
    pub fn latency(&self, env: Env, frequency: Option<f64>) -> napi::Result<LatencyInfo> {
        let pipeline = self.lock(&env)?;
        let Latency { samples, ratio } = pipeline.latency(frequency);
        Ok(LatencyInfo { samples, ratio, stages: pipeline.stage_latencies() })
    }

    /// Returns the size of each stage's state in bytes of TOON.
    #[napi(catch_unwind)]
    pub fn state_sizes(&self, env: Env) -> napi::Result<Vec<u32>> {
        let sizes = self.lock(&env)?.state_sizes().or_throw(&env)?;
        Ok(sizes.into_iter().map(|size| size as u32).collect())
    }

    /// Returns the definitions of the stages, in order.
    #[napi(catch_unwind)]
    pub fn definitions(&self, env: Env) -> napi::Result<Vec<StageDefinition>> {
        let pipeline = self.lock(&env)?;
        let definition = |definition: &Definition| StageDefinition {
            method: definition.method,
            id: definition.id.clone(),
            params: ToJs(definition.params.clone()),
        };
        Ok(pipeline.definitions().map(definition).collect())
    }

    /// Returns a pipeline of the same stages in the same state.
    #[napi(catch_unwind)]
    pub fn copy(&self, env: Env) -> napi::Result<NativePipeline> {
        let copy = self.lock(&env)?.copy();
        Ok(Self { inner: Arc::new(Mutex::new(copy)), snapshots: vec![] })
    }

    /// Returns the state as JSON; `now` in seconds since 1970.
    #[napi(catch_unwind)]
    pub fn save_json(&self, env: Env, now: f64) -> napi::Result<String> {
        self.lock(&env)?.save_json(now).or_throw(&env)
    }

    /// Returns the state as TOON; `now` in seconds since 1970.
    #[napi(catch_unwind)]
    pub fn save_toon(&self, env: Env, now: f64) -> napi::Result<Buffer> {
        self.lock(&env)?.save_toon(now).or_throw(&env).map(Buffer::from)
    }

    /// Sets the design of filters that loading builds: `"standard"` or `"dspx"`.
    #[napi(catch_unwind)]
    pub fn set_design(&self, env: Env, design: String) -> napi::Result<()> {
        let design = Design::from_value(&Value::String(design), Design::Standard).or_throw(&env)?;
        self.lock(&env)?.set_design(design);
        Ok(())
    }

    /// Loads a JSON state; returns warnings for the console. `by_id`: stages are found by their ids; `strict`: a state
    /// of other stages or parameters is refused.
    #[napi(catch_unwind)]
    pub fn load_json(&self, env: Env, text: String, by_id: bool, strict: bool) -> napi::Result<Vec<String>> {
        let options = LoadOptions { matching: if by_id { Match::Id } else { Match::Position }, strict };
        Ok(self.lock(&env)?.load_json_with(&text, options).or_throw(&env)?.warnings)
    }

    /// Loads a TOON state; returns warnings for the console. `strict` as in [`Self::load_json`].
    #[napi(catch_unwind)]
    pub fn load_toon(&self, env: Env, bytes: &[u8], strict: bool) -> napi::Result<Vec<String>> {
        Ok(self.lock(&env)?.load_toon_with(bytes, strict).or_throw(&env)?.warnings)
    }

    /// Resets all stages and the clock.
    #[napi(catch_unwind)]
    pub fn clear(&self, env: Env) -> napi::Result<()> {
        self.lock(&env)?.clear();
        Ok(())
    }

    /// Describes the stages for `listState()`.
    #[napi(catch_unwind)]
    pub fn list(&self, env: Env) -> napi::Result<Vec<Summary>> {
        let stages = self.lock(&env)?.list().or_throw(&env)?;
        let summary = |(index, s): (usize, dsp_core::pipeline::StageSummary)| Summary {
            index: index as u32,
            type_name: s.type_name.to_owned(),
            window_size: s.window_size,
            num_channels: s.num_channels,
            mode: s.mode,
            buffer_size: s.buffer_size.map(|n| n as u32),
            channel_count: s.channel_count.map(|n| n as u32),
        };
        Ok(stages.into_iter().enumerate().map(summary).collect())
    }

    /// Returns the pipeline without waiting: it is an error if a worker thread has it.
    fn lock(&self, env: &Env) -> napi::Result<MutexGuard<'_, Pipeline>> {
        match self.inner.try_lock() {
            Ok(pipeline) => Ok(pipeline),
            // A stage panicked earlier; its state may be odd, but nothing is unsound.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(dsp_core::Error::failed("Pipeline is busy")).or_throw(env),
        }
    }

    /// Returns the pipeline for a worker thread.
    pub fn share(&self) -> Shared {
        Arc::clone(&self.inner)
    }
}
