//! Running median in O(log w) per sample for any data, with w samples in the window.
//!
//! The window's samples lie in two heaps, the lower half with its largest on top and the upper half with its smallest.
//! The place of each sample is known, so the oldest one is replaced where it lies. While a NaN is in the window, the
//! median is NaN (`numpy.median`); in the heaps it sorts above all numbers, so they are in order again once it has
//! left.

use crate::error::Result;
use crate::signal::smooth::extend::Edge;

/// The place of a slot: its heap, and its index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    low: bool,
    index: usize,
}

/// The median of the last samples of a stream; until the window is full, of those seen so far.
#[derive(Debug, Clone)]
pub struct RunningMedian {
    window: usize,
    /// Samples by slot, as a ring.
    samples: Vec<f32>,
    next: usize,
    places: Vec<Place>,
    /// Heaps of slots: `[high, low]`.
    heaps: [Vec<usize>; 2],
    /// Number of NaN in the window.
    nans: usize,
}

/// Returns whether `a` sorts before `b`; NaN sorts last.
fn below(a: f32, b: f32) -> bool {
    // Total order, with one NaN.
    let key = |x: f32| if x.is_nan() { f32::NAN.abs() } else { x };
    key(a).total_cmp(&key(b)).is_lt()
}

impl RunningMedian {
    /// Returns an empty window of `window` ≥ 1 samples.
    pub fn new(window: usize) -> Self {
        Self { window, samples: vec![], next: 0, places: vec![], heaps: [vec![], vec![]], nans: 0 }
    }

    /// Returns the samples of the window, oldest first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        let n = self.samples.len();
        (0..n).map(move |i| self.samples[(self.next + i) % n])
    }

    /// Empties the window.
    pub fn clear(&mut self) {
        *self = Self::new(self.window);
    }

    /// Adds a sample, drops the oldest if the window is full, and returns the median: for an even number of samples the
    /// mean of the middle two; NaN while there is a NaN in the window.
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

    /// Swaps the tops if that of the lower half is larger. One swap suffices, since only one sample has changed.
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

    /// Returns whether the sample at `a` belongs above the one at `b` in a heap.
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

/// Returns the median of the `size` (odd) samples around each sample (`scipy.signal.medfilt` with [`Edge::Constant`]);
/// NaN if one of them is NaN.
///
/// # Errors
/// `RangeError` if there is not enough memory.
pub fn median_filter(x: &[f32], size: usize, edge: Edge) -> Result<Vec<f32>> {
    let mut extended = edge.extend(x, size / 2)?;
    let mut median = RunningMedian::new(size);
    for sample in &mut extended {
        *sample = median.push(*sample);
    }
    extended.drain(..extended.len().min(size - 1));
    Ok(extended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting(
            x in prop::collection::vec(prop_oneof![6 => (-9_i8..9).prop_map(f32::from), 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)], 0..120),
            window in 1_usize..20
        ) {
            let mut running = RunningMedian::new(window);
            for i in 0..x.len() {
                let mut sorted = x[(i + 1).saturating_sub(window)..=i].to_vec();
                sorted.sort_by(|a, b| if below(*a, *b) { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater });
                let n = sorted.len();
                let want = if sorted.iter().any(|x| x.is_nan()) { f32::NAN } else if n % 2 == 1 { sorted[n / 2] } else { f32::midpoint(sorted[n / 2 - 1], sorted[n / 2]) };
                let got = running.push(x[i]);
                let is_same = got == want || want.is_nan() && got.is_nan();
                prop_assert!(is_same, "{} {} {}", i, got, want);
            }
            let held: Vec<u32> = running.samples().map(f32::to_bits).collect();
            let want: Vec<u32> = x[x.len().saturating_sub(window)..].iter().map(|x| x.to_bits()).collect();
            prop_assert_eq!(held, want);
        }
    }

    #[test]
    fn centred_filter_removes_spikes() {
        assert_eq!(
            median_filter(&[1.0, 1.0, 9.0, 1.0, 2.0, 2.0], 3, Edge::Constant),
            Ok(vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0])
        );
        assert_eq!(median_filter(&[], 3, Edge::Nearest), Ok(vec![]));
    }

    #[test]
    fn a_nan_is_seen_while_it_is_in_the_window_and_no_longer() {
        let x = [3.0, 1.0, f32::NAN, 2.0, 5.0, 4.0];
        let nan = f32::NAN.to_bits();
        let mut running = RunningMedian::new(3);
        let medians = x.map(|x| running.push(x).to_bits());
        assert_eq!(medians, [3.0_f32.to_bits(), 2.0_f32.to_bits(), nan, nan, nan, 4.0_f32.to_bits()]);
        let filtered = median_filter(&x, 3, Edge::Nearest).unwrap();
        assert_eq!(filtered.iter().map(|x| x.is_nan()).collect::<Vec<_>>(), [false, true, true, true, false, false]);
    }
}
