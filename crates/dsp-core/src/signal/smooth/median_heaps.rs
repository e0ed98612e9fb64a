//! Running median of long windows: O(log w) a sample, whatever the data.
//!
//! The window's samples lie in two heaps, the lower half with its largest on top and the upper half with its smallest.
//! Each sample knows its place, so that the oldest one is replaced where it lies. While a NaN is in the window, the
//! median is NaN (`numpy.median`); in the heaps it lies above all numbers, so that they are in order again when it has
//! left.

use crate::kernels::median::key_of;

/// Place of a slot: which heap, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    low: bool,
    index: usize,
}

/// The median of the last samples of a stream; while there are fewer than the window holds, of those.
#[derive(Debug, Clone)]
pub struct HeapMedian {
    window: usize,
    /// Samples in slots, as a ring.
    samples: Vec<f32>,
    next: usize,
    places: Vec<Place>,
    /// Slots: `[high, low]`.
    heaps: [Vec<usize>; 2],
    /// How many samples of the window are NaN.
    nans: usize,
}

/// Whether `a` belongs before `b`.
fn below(a: f32, b: f32) -> bool {
    key_of(a) < key_of(b)
}

impl HeapMedian {
    /// An empty window of `window` ≥ 1 samples.
    pub fn new(window: usize) -> Self {
        Self { window, samples: vec![], next: 0, places: vec![], heaps: [vec![], vec![]], nans: 0 }
    }

    /// The samples of the window, and the place of the oldest among them.
    pub fn ring(&self) -> (&[f32], usize) {
        (&self.samples, self.next)
    }

    /// Adds a sample, drops the oldest if the window is full, and returns the median: of an even number, the mean of
    /// the middle two; NaN while one is in the window.
    pub fn push(&mut self, x: f32) -> f32 {
        self.nans += usize::from(x.is_nan());
        if self.samples.len() < self.window {
            self.insert(x);
        } else {
            let slot = self.next;
            self.next = (slot + 1) % self.window;
            self.nans -= usize::from(self.samples[slot].is_nan());
            self.samples[slot] = x;
            let Place { low, index } = self.places[slot];
            let index = self.sift_up(low, index);
            self.sift_down(low, index);
        }
        self.order_tops();
        self.median()
    }

    fn insert(&mut self, x: f32) {
        let slot = self.samples.len();
        self.samples.push(x);
        // The lower half holds the extra one.
        let low = self.heaps[1].len() == self.heaps[0].len();
        let index = self.heaps[usize::from(low)].len();
        self.heaps[usize::from(low)].push(slot);
        self.places.push(Place { low, index });
        self.sift_up(low, index);
    }

    /// Swaps the tops if the lower half's is larger. One swap is enough: one sample has changed since they were in
    /// order.
    fn order_tops(&mut self) {
        let (Some(&high), Some(&low)) = (self.heaps[0].first(), self.heaps[1].first()) else { return };
        if below(self.samples[high], self.samples[low]) {
            self.put(false, 0, low);
            self.put(true, 0, high);
            self.sift_down(false, 0);
            self.sift_down(true, 0);
        }
    }

    fn median(&self) -> f32 {
        if self.nans > 0 {
            return f32::NAN;
        }
        let low = self.samples[self.heaps[1][0]];
        if self.samples.len() % 2 == 1 {
            return low;
        }
        f64::midpoint(low.into(), self.samples[self.heaps[0][0]].into()) as f32
    }

    fn put(&mut self, low: bool, index: usize, slot: usize) {
        self.heaps[usize::from(low)][index] = slot;
        self.places[slot] = Place { low, index };
    }

    /// Whether the sample at `a` belongs above the one at `b` in a heap.
    fn above(&self, low: bool, a: usize, b: usize) -> bool {
        let heap = &self.heaps[usize::from(low)];
        let (a, b) = (self.samples[heap[a]], self.samples[heap[b]]);
        if low { below(b, a) } else { below(a, b) }
    }

    fn swap(&mut self, low: bool, a: usize, b: usize) {
        let heap = &self.heaps[usize::from(low)];
        let (slot_a, slot_b) = (heap[a], heap[b]);
        self.put(low, a, slot_b);
        self.put(low, b, slot_a);
    }

    fn sift_up(&mut self, low: bool, mut index: usize) -> usize {
        while index > 0 && self.above(low, index, (index - 1) / 2) {
            self.swap(low, index, (index - 1) / 2);
            index = (index - 1) / 2;
        }
        index
    }

    fn sift_down(&mut self, low: bool, mut index: usize) {
        let length = self.heaps[usize::from(low)].len();
        loop {
            let mut best = index;
            for child in [2 * index + 1, 2 * index + 2] {
                if child < length && self.above(low, child, best) {
                    best = child;
                }
            }
            if best == index {
                return;
            }
            self.swap(low, index, best);
            index = best;
        }
    }
}
