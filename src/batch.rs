//! Real transforms of many signals at once.

use std::sync::Arc;

use dsp_batch::{BatchTransform, Job};
use dsp_core::Error;
use dsp_core::limits::{collected, filled};
use dsp_core::signal::transform::fft::{MAX_SIZE, ensure_room, half_size};
use napi::bindgen_prelude::{AsyncTask, Float32Array, Float32ArraySlice};
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::{OrThrow, Within, guarded};
use crate::value::samples_of;

/// Statistics of the cache.
#[napi(object)]
pub struct CacheStats {
    pub hits: f64,
    pub misses: f64,
}

/// Real transforms of many signals.
#[napi]
pub struct NativeBatch {
    transform: Arc<BatchTransform>,
}

#[napi]
impl NativeBatch {
    /// A processor that uses `threads` threads and keeps `capacity` results; without a cache if that is negative.
    #[napi(constructor, catch_unwind)]
    pub fn new(threads: u32, capacity: f64) -> Self {
        let capacity = (capacity >= 0.0).then_some(capacity as usize);
        Self { transform: Arc::new(BatchTransform::new(threads as usize, capacity)) }
    }

    /// Half spectra of `signals` into `spectra`: real and imaginary parts of one after those of another.
    #[napi(catch_unwind)]
    pub fn run(
        &self,
        env: Env,
        signals: Vec<Float32ArraySlice<'_>>,
        mut spectra: Vec<Float32ArraySlice<'_>>,
    ) -> napi::Result<()> {
        let longest = signals.iter().map(|x| x.len()).max().unwrap_or(0);
        ensure_room(longest).within("processBatch").or_throw(&env)?;
        let parts = spectra.chunks_exact_mut(2);
        let mut jobs: Vec<Job<'_>> = signals
            .iter()
            .zip(parts)
            .map(|(x, parts)| {
                let [re, im] = parts else { unreachable!("chunks of two") };
                Job { x, re: samples_of(re), im: samples_of(im) }
            })
            .collect();
        self.transform.run(&mut jobs);
        Ok(())
    }

    /// Runs [`Self::run`] on worker threads, with copies of the signals.
    #[napi(catch_unwind)]
    pub fn run_async(&self, env: Env, signals: Vec<Float32ArraySlice<'_>>) -> napi::Result<AsyncTask<BatchTask>> {
        if signals.iter().any(|x| x.is_empty() || x.len() > MAX_SIZE) {
            return Err(Error::range("a signal has no samples, or too many")).or_throw(&env);
        }
        let copies = signals.iter().map(|x| collected(x.iter().copied())).collect::<dsp_core::Result<_>>();
        let signals = copies.within("processBatchAsync").or_throw(&env)?;
        Ok(AsyncTask::new(BatchTask { transform: Arc::clone(&self.transform), signals }))
    }

    /// Returns the numbers of hits and misses so far.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> CacheStats {
        let stats = self.transform.stats();
        CacheStats { hits: stats.hits as f64, misses: stats.misses as f64 }
    }

    /// Removes all results and statistics.
    #[napi(catch_unwind)]
    pub fn clear(&self) {
        self.transform.clear();
    }
}

/// A batch under way.
pub struct BatchTask {
    transform: Arc<BatchTransform>,
    signals: Vec<Vec<f32>>,
}

impl Task for BatchTask {
    type Output = dsp_core::Result<Vec<Vec<f32>>>;
    type JsValue = Vec<Float32Array>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guarded(|| {
            let longest = self.signals.iter().map(Vec::len).max().unwrap_or(0);
            ensure_room(longest)?;
            let room = |x: &Vec<f32>| Ok([filled(0.0, half_size(x.len()))?, filled(0.0, half_size(x.len()))?]);
            let mut spectra = self.signals.iter().map(room).collect::<dsp_core::Result<Vec<[Vec<f32>; 2]>>>()?;
            let jobs = self.signals.iter().zip(&mut spectra);
            let mut jobs: Vec<Job<'_>> = jobs.map(|(x, [re, im])| Job { x, re, im }).collect();
            self.transform.run(&mut jobs);
            Ok(spectra.into_iter().flatten().collect())
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Vec<Float32Array>> {
        Ok(output.or_throw(&env)?.into_iter().map(Float32Array::from).collect())
    }
}
