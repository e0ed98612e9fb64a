//! A cache of results, by signal.

use lru::LruCache;
use xxhash_rust::xxh3::xxh3_64;

use super::Job;

/// Longest signal in samples that is cached.
const MAX_CACHED: usize = 65_536;

/// Statistics of a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Number of signals whose result was in the cache.
    pub hits: u64,
    /// Number of signals whose result was not.
    pub misses: u64,
}

/// A result with its signal, since two signals may have the same hash.
struct Cached {
    x: Vec<f32>,
    re: Vec<f32>,
    im: Vec<f32>,
}

/// The results of the last signals; the least recently used one is dropped first.
pub(crate) struct Cache {
    capacity: usize,
    results: LruCache<u64, Cached>,
    stats: CacheStats,
}

impl Cache {
    /// Returns a cache of `capacity` results.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, results: LruCache::unbounded(), stats: CacheStats::default() }
    }

    /// Writes the result of a cached signal to the job, and counts a hit or a miss; returns whether it was cached.
    pub(crate) fn look_up(&mut self, job: &mut Job<'_>) -> bool {
        let found = if job.x.len() > MAX_CACHED { None } else { self.results.get(&hash(job.x)) };
        if let Some(cached) = found.filter(|cached| has_same_bits(&cached.x, job.x)) {
            job.re.copy_from_slice(&cached.re);
            job.im.copy_from_slice(&cached.im);
            self.stats.hits += 1;
            return true;
        }
        self.stats.misses += 1;
        false
    }

    /// Stores the result of a job.
    pub(crate) fn store(&mut self, job: &Job<'_>) {
        if self.capacity == 0 || job.x.len() > MAX_CACHED {
            return;
        }
        let cached = Cached { x: job.x.to_vec(), re: job.re.to_vec(), im: job.im.to_vec() };
        self.results.put(hash(job.x), cached);
        while self.results.len() > self.capacity {
            self.results.pop_lru();
        }
    }

    /// Returns the numbers of hits and misses so far.
    pub(crate) fn stats(&self) -> CacheStats {
        self.stats
    }

    /// Removes all results and statistics.
    pub(crate) fn clear(&mut self) {
        self.results.clear();
        self.stats = CacheStats::default();
    }
}

fn has_same_bits(a: &[f32], b: &[f32]) -> bool {
    bytemuck::cast_slice::<f32, u32>(a) == bytemuck::cast_slice::<f32, u32>(b)
}

fn hash(x: &[f32]) -> u64 {
    xxh3_64(bytemuck::cast_slice(x))
}
