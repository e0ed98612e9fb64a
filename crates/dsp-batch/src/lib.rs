//! Real transforms of many signals at once: on several threads, with a cache of results.

mod cache;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{available_parallelism, scope};

use self::cache::Cache;
pub use self::cache::CacheStats;
use dsp_core::signal::transform::fft::RealFft;

/// Total number of samples below which threads do not pay: the transforms take about 300 µs, and starting a thread
/// about 30 µs.
const MIN_PARALLEL: usize = 1 << 18;

/// One signal, with room for its half spectrum.
pub struct Job<'a> {
    /// The samples.
    pub x: &'a [f32],
    /// Real parts: `half_size(x.len())` of them.
    pub re: &'a mut [f32],
    /// Imaginary parts, `half_size(x.len())` of them.
    pub im: &'a mut [f32],
}

/// Transforms real signals on up to `threads` threads.
pub struct BatchTransform {
    threads: usize,
    cache: Option<Mutex<Cache>>,
}

impl BatchTransform {
    /// Returns a transform on `threads` threads, at least 1, that caches the results of `capacity` signals; `None`: no
    /// cache.
    pub fn new(threads: usize, capacity: Option<usize>) -> Self {
        Self { threads: threads.max(1), cache: capacity.map(|capacity| Mutex::new(Cache::new(capacity))) }
    }

    /// Computes the half spectrum of every job. The results do not depend on the number of threads.
    pub fn run(&self, jobs: &mut [Job<'_>]) {
        if self.threads == 1 {
            return self.run_in_order(jobs);
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

    /// Returns the numbers of hits and misses of the cache; zeros without one.
    pub fn stats(&self) -> CacheStats {
        self.cache().map_or_else(CacheStats::default, |cache| cache.stats())
    }

    /// Removes all results and statistics.
    pub fn clear(&self) {
        if let Some(mut cache) = self.cache() {
            cache.clear();
        }
    }

    /// Runs the jobs one after the other, so that a signal finds the result of an equal one before it.
    fn run_in_order(&self, jobs: &mut [Job<'_>]) {
        let mut plans = Plans::new();
        for job in jobs {
            if !self.cache().is_some_and(|mut cache| cache.look_up(job)) {
                transform(&mut plans, job);
                if let Some(mut cache) = self.cache() {
                    cache.store(job);
                }
            }
        }
    }

    fn cache(&self) -> Option<MutexGuard<'_, Cache>> {
        self.cache.as_ref().map(|cache| cache.lock().unwrap_or_else(PoisonError::into_inner))
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

/// Transforms on as many threads as there are CPUs, at most `threads`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use dsp_core::signal::transform::fft::half_size;

    fn spectra(transform: &BatchTransform, signals: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let room = |x: &Vec<f32>| [vec![0.0; half_size(x.len())], vec![0.0; half_size(x.len())]];
        let mut spectra: Vec<[Vec<f32>; 2]> = signals.iter().map(room).collect();
        let mut jobs: Vec<Job<'_>> = signals.iter().zip(&mut spectra).map(|(x, [re, im])| Job { x, re, im }).collect();
        transform.run(&mut jobs);
        spectra.into_iter().flatten().collect()
    }

    fn signals(count: usize, len: usize) -> Vec<Vec<f32>> {
        let sample = |i: usize, k: usize| ((i * 37 + k * 11) % 101) as f32 / 50.0 - 1.0;
        (0..count).map(|i| (0..len).map(|k| sample(i, k)).collect()).collect()
    }

    #[test]
    fn threads_and_the_cache_change_no_result() {
        // Enough samples for threads.
        let signals = signals(5, MIN_PARALLEL / 4);
        let alone = spectra(&BatchTransform::new(1, None), &signals);
        assert_eq!(spectra(&BatchTransform::new(4, None), &signals), alone);
        let cached = BatchTransform::new(4, Some(8));
        assert_eq!(spectra(&cached, &signals), alone);
        assert_eq!(spectra(&cached, &signals), alone);
    }

    #[test]
    fn equal_signals_are_found_until_they_are_the_oldest() {
        let transform = BatchTransform::new(1, Some(2));
        let all = signals(3, 64);
        spectra(&transform, &[all[0].clone(), all[0].clone(), all[1].clone(), all[2].clone()]);
        assert_eq!(transform.stats(), CacheStats { hits: 1, misses: 3 });
        spectra(&transform, &all[..1]);
        assert_eq!(transform.stats(), CacheStats { hits: 1, misses: 4 }, "the oldest is gone");
        transform.clear();
        assert_eq!(transform.stats(), CacheStats::default());
    }
}
