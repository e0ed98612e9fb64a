//! Counters of a store.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use super::api::Metrics;
use super::record::Record;
use crate::error::{Error, Result};

/// Counts the calls of a store.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) reads: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) bytes_read: AtomicU64,
    pub(super) bytes_written: AtomicU64,
    pub(super) fenced: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) reconnects: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) latency_us: AtomicU64,
}

impl Counters {
    /// Counts the end of a call, and returns its result.
    pub(super) fn note<T>(&self, begun: Instant, result: Result<T>) -> Result<T> {
        self.calls.fetch_add(1, Relaxed);
        self.latency_us.fetch_add(begun.elapsed().as_micros() as u64, Relaxed);
        match &result {
            Err(Error::Fenced { .. }) => _ = self.fenced.fetch_add(1, Relaxed),
            Err(_) => _ = self.errors.fetch_add(1, Relaxed),
            Ok(_) => {}
        }
        result
    }

    pub(super) fn read(&self, keys: usize, records: &[Vec<Record>]) {
        self.reads.fetch_add(keys as u64, Relaxed);
        let bytes: usize = records.iter().flatten().map(|r| r.state.len()).sum();
        self.bytes_read.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn wrote(&self, records: usize, bytes: usize) {
        self.writes.fetch_add(records as u64, Relaxed);
        self.bytes_written.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn metrics(&self) -> Metrics {
        let get = |n: &AtomicU64| n.load(Relaxed);
        Metrics {
            reads: get(&self.reads),
            writes: get(&self.writes),
            bytes_read: get(&self.bytes_read),
            bytes_written: get(&self.bytes_written),
            fenced: get(&self.fenced),
            errors: get(&self.errors),
            reconnects: get(&self.reconnects),
            calls: get(&self.calls),
            latency_ms: get(&self.latency_us) as f64 / 1e3,
        }
    }
}
