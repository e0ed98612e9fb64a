//! Real transforms of many signals at once: on several threads, with a cache of results.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{available_parallelism, scope};

use dsp_core::Error;
use dsp_core::signal::transform::fft::{MAX_SIZE, RealFft, half_size};
use lru::LruCache;
use napi::bindgen_prelude::{AsyncTask, Float32Array, Float32ArraySlice};
use napi::{Env, Task};
use napi_derive::napi;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{OrThrow, guarded};
use crate::value::samples_of;

/// Longer signals are not kept.
const MAX_CACHED: usize = 65_536;

/// Samples in all below which threads do not pay: their transforms take some 300 µs, and starting a thread some 30 µs.
const MIN_PARALLEL: usize = 1 << 18;

/// One signal and the room for its half spectrum.
struct Job<'a> {
    x: &'a [f32],
    re: &'a mut [f32],
    im: &'a mut [f32],
}

/// A result, with the signal that it belongs to: two signals may have one hash.
struct Cached {
    x: Vec<f32>,
    re: Vec<f32>,
    im: Vec<f32>,
}

/// Results of the last signals, the least recently used one first to go.
struct Cache {
    capacity: usize,
    results: LruCache<u64, Cached>,
    hits: u64,
    misses: u64,
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn hash(x: &[f32]) -> u64 {
    let mut bytes = Vec::with_capacity(4 * x.len());
    x.iter().for_each(|x| bytes.extend(x.to_bits().to_le_bytes()));
    xxh3_64(&bytes)
}

impl Cache {
    /// Fills in the result of a signal that is known, and counts.
    fn look_up(&mut self, job: &mut Job<'_>) -> bool {
        let found = if job.x.len() > MAX_CACHED { None } else { self.results.get(&hash(job.x)) };
        if let Some(cached) = found.filter(|cached| same_bits(&cached.x, job.x)) {
            job.re.copy_from_slice(&cached.re);
            job.im.copy_from_slice(&cached.im);
            self.hits += 1;
            return true;
        }
        self.misses += 1;
        false
    }

    fn store(&mut self, job: &Job<'_>) {
        if self.capacity == 0 || job.x.len() > MAX_CACHED {
            return;
        }
        let cached = Cached { x: job.x.to_vec(), re: job.re.to_vec(), im: job.im.to_vec() };
        self.results.put(hash(job.x), cached);
        while self.results.len() > self.capacity {
            self.results.pop_lru();
        }
    }
}

/// Plans by length.
type Plans = HashMap<usize, RealFft<f32>>;

fn transform(plans: &mut Plans, job: &mut Job<'_>) {
    let plan = match plans.entry(job.x.len()) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(RealFft::new(job.x.len())),
    };
    plan.forward_split(job.x, job.re, job.im);
}

/// Transforms on as many threads as there are CPUs, `threads` at most.
fn transform_all(jobs: Vec<&mut Job<'_>>, threads: usize) {
    let total: usize = jobs.iter().map(|job| job.x.len()).sum();
    let cpus = available_parallelism().map_or(1, usize::from);
    let threads = threads.min(cpus).min(jobs.len());
    let mut plans = Plans::new();
    if threads < 2 || total < MIN_PARALLEL {
        jobs.into_iter().for_each(|job| transform(&mut plans, job));
        return;
    }
    // Made here once, and copied: the tables behind a plan are shared.
    for job in &jobs {
        plans.entry(job.x.len()).or_insert_with(|| RealFft::new(job.x.len()));
    }
    let queue = Mutex::new(jobs.into_iter());
    let work = |mut plans: Plans| {
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(job) = next() {
            transform(&mut plans, job);
        }
    };
    scope(|scope| {
        for _ in 1..threads {
            let (plans, work) = (plans.clone(), &work);
            scope.spawn(move || work(plans));
        }
        // This thread works too, instead of waiting for the others to begin.
        work(plans.clone());
    });
}

/// Statistics of the cache.
#[napi(object)]
pub struct CacheStats {
    pub hits: f64,
    pub misses: f64,
}

/// What a batch processor and its jobs share.
struct Shared {
    threads: usize,
    cache: Option<Mutex<Cache>>,
}

impl Shared {
    fn cache(&self) -> Option<MutexGuard<'_, Cache>> {
        self.cache.as_ref().map(|cache| cache.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn run(&self, jobs: &mut [Job<'_>]) {
        if self.threads == 1 {
            let mut plans = Plans::new();
            for job in jobs {
                if !self.cache().is_some_and(|mut cache| cache.look_up(job)) {
                    transform(&mut plans, job);
                    if let Some(mut cache) = self.cache() {
                        cache.store(job);
                    }
                }
            }
            return;
        }
        let Some(mut cache) = self.cache() else { return transform_all(jobs.iter_mut().collect(), self.threads) };
        let mut unknown: Vec<&mut Job<'_>> =
            jobs.iter_mut().filter_map(|job| (!cache.look_up(job)).then_some(job)).collect();
        // Nothing waits for the cache while transforms run.
        drop(cache);
        transform_all(unknown.iter_mut().map(|job| &mut **job).collect(), self.threads);
        if let Some(mut cache) = self.cache() {
            unknown.iter().for_each(|job| cache.store(job));
        }
    }
}

/// Real transforms of many signals.
#[napi]
pub struct NativeBatch {
    shared: Arc<Shared>,
}

#[napi]
impl NativeBatch {
    /// A processor that uses `threads` threads and keeps `capacity` results; without a cache if that is negative.
    #[napi(constructor, catch_unwind)]
    pub fn new(threads: u32, capacity: f64) -> Self {
        let cache = || Cache { capacity: capacity as usize, results: LruCache::unbounded(), hits: 0, misses: 0 };
        let cache = (capacity >= 0.0).then(|| Mutex::new(cache()));
        Self { shared: Arc::new(Shared { threads: threads.max(1) as usize, cache }) }
    }

    /// Half spectra of `signals` into `spectra`: real and imaginary parts of one after those of another.
    #[napi(catch_unwind)]
    pub fn run(&self, signals: Vec<Float32ArraySlice<'_>>, mut spectra: Vec<Float32ArraySlice<'_>>) {
        let parts = spectra.chunks_exact_mut(2);
        let mut jobs: Vec<Job<'_>> = signals
            .iter()
            .zip(parts)
            .map(|(x, parts)| {
                let [re, im] = parts else { unreachable!("chunks of two") };
                Job { x, re: samples_of(re), im: samples_of(im) }
            })
            .collect();
        self.shared.run(&mut jobs);
    }

    /// The same on worker threads, with copies of the signals.
    #[napi(catch_unwind)]
    pub fn run_async(&self, env: Env, signals: Vec<Float32ArraySlice<'_>>) -> napi::Result<AsyncTask<BatchTask>> {
        if signals.iter().any(|x| x.is_empty() || x.len() > MAX_SIZE) {
            return Err(Error::range("a signal has no samples, or too many")).or_throw(&env);
        }
        let signals = signals.iter().map(|x| x.to_vec()).collect();
        Ok(AsyncTask::new(BatchTask { shared: Arc::clone(&self.shared), signals }))
    }

    /// Hits and misses so far.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> CacheStats {
        let (hits, misses) = self.shared.cache().map_or((0, 0), |cache| (cache.hits, cache.misses));
        CacheStats { hits: hits as f64, misses: misses as f64 }
    }

    /// Forgets results and statistics.
    #[napi(catch_unwind)]
    pub fn clear(&self) {
        if let Some(mut cache) = self.shared.cache() {
            cache.results.clear();
            (cache.hits, cache.misses) = (0, 0);
        }
    }
}

/// A batch under way.
pub struct BatchTask {
    shared: Arc<Shared>,
    signals: Vec<Vec<f32>>,
}

impl Task for BatchTask {
    type Output = dsp_core::Result<Vec<Vec<f32>>>;
    type JsValue = Vec<Float32Array>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guarded(|| {
            let room = |x: &Vec<f32>| [vec![0.0; half_size(x.len())], vec![0.0; half_size(x.len())]];
            let mut spectra: Vec<[Vec<f32>; 2]> = self.signals.iter().map(room).collect();
            let jobs = self.signals.iter().zip(&mut spectra);
            let mut jobs: Vec<Job<'_>> = jobs.map(|(x, [re, im])| Job { x, re, im }).collect();
            self.shared.run(&mut jobs);
            Ok(spectra.into_iter().flatten().collect())
        }))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<Vec<Float32Array>> {
        Ok(output.or_throw(&env)?.into_iter().map(Float32Array::from).collect())
    }
}
