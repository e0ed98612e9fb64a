//! Running median.
//!
//! The samples of a short window are kept in order, where many are compared and moved at once. Those of a long one lie
//! in heaps, O(log w) a sample.

use crate::error::Result;
use crate::kernels::median::{key_of, median, slide};
use crate::signal::smooth::extend::Edge;
use crate::signal::smooth::median_heaps::HeapMedian;

/// The longest window that is kept in order; from about this one on heaps are faster.
const LONGEST_SORTED: usize = 1024;

/// The median of the last samples of a stream; until the window is full, of those seen so far.
#[derive(Debug, Clone)]
pub struct RunningMedian {
    window: usize,
    order: Order,
}

#[derive(Debug, Clone)]
enum Order {
    Sorted(SortedWindow),
    Heaps(HeapMedian),
}

/// A window of at most [`LONGEST_SORTED`] samples.
#[derive(Debug, Clone)]
struct SortedWindow {
    /// Samples as a ring.
    samples: Vec<f32>,
    /// The place of the oldest.
    next: usize,
    /// The keys of the samples in order, between the smallest and the largest key.
    keys: Vec<i32>,
    /// Room for the next keys, once the window is full.
    spare: Vec<i32>,
}

impl SortedWindow {
    fn new() -> Self {
        Self { samples: vec![], next: 0, keys: vec![i32::MIN, i32::MAX], spare: vec![] }
    }

    /// Adds samples, each of which gives way to the median; in a window of at most `window` samples.
    fn push_all(&mut self, window: usize, x: &mut [f32]) {
        let (growing, full) = x.split_at_mut((window - self.samples.len()).min(x.len()));
        for x in growing {
            let key = key_of(*x);
            self.samples.push(*x);
            self.keys.insert(self.keys.partition_point(|&other| other < key), key);
            *x = median(&self.keys[1..=self.samples.len()]);
        }
        if !full.is_empty() {
            self.spare.resize(self.keys.len(), 0);
            self.next = slide(full, &mut self.samples, self.next, &mut self.keys, &mut self.spare);
        }
    }
}

impl RunningMedian {
    /// Returns an empty window of `window` ≥ 1 samples.
    pub fn new(window: usize) -> Self {
        let is_short = window <= LONGEST_SORTED;
        let order = if is_short { Order::Sorted(SortedWindow::new()) } else { Order::Heaps(HeapMedian::new(window)) };
        Self { window, order }
    }

    /// Returns the samples of the window, oldest first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        let (samples, next) = match &self.order {
            Order::Sorted(sorted) => (&*sorted.samples, sorted.next),
            Order::Heaps(heaps) => heaps.ring(),
        };
        let n = samples.len();
        (0..n).map(move |i| samples[(next + i) % n])
    }

    /// Empties the window.
    pub fn clear(&mut self) {
        *self = Self::new(self.window);
    }

    /// Adds samples one after the other, drops the oldest while the window is full, and puts the median into the place
    /// of each: of an even number, the mean of the middle two; NaN while one is in the window.
    pub fn push_all(&mut self, x: &mut [f32]) {
        match &mut self.order {
            Order::Sorted(sorted) => sorted.push_all(self.window, x),
            Order::Heaps(heaps) => x.iter_mut().for_each(|x| *x = heaps.push(*x)),
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
    RunningMedian::new(size).push_all(&mut extended);
    extended.drain(..extended.len().min(size - 1));
    Ok(extended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn push(running: &mut RunningMedian, x: f32) -> f32 {
        let mut one = [x];
        running.push_all(&mut one);
        one[0]
    }

    proptest! {
        #[test]
        fn equals_sorting(
            x in prop::collection::vec(prop_oneof![6 => (-9_i8..9).prop_map(f32::from), 1 => Just(f32::NAN), 1 => Just(f32::INFINITY)], 0..120),
            window in 1_usize..20
        ) {
            let heaps = RunningMedian { window, order: Order::Heaps(HeapMedian::new(window)) };
            let mut running = [RunningMedian::new(window), heaps];
            for i in 0..x.len() {
                let mut sorted = x[(i + 1).saturating_sub(window)..=i].to_vec();
                sorted.sort_by_key(|&x| key_of(x));
                let n = sorted.len();
                let want = if sorted.iter().any(|x| x.is_nan()) { f32::NAN } else if n % 2 == 1 { sorted[n / 2] } else { f32::midpoint(sorted[n / 2 - 1], sorted[n / 2]) };
                for running in &mut running {
                    let got = push(running, x[i]);
                    let is_same = got == want || want.is_nan() && got.is_nan();
                    prop_assert!(is_same, "{} {} {}", i, got, want);
                }
            }
            let want: Vec<u32> = x[x.len().saturating_sub(window)..].iter().map(|x| x.to_bits()).collect();
            for running in running {
                let held: Vec<u32> = running.samples().map(f32::to_bits).collect();
                prop_assert_eq!(&held, &want);
            }
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
        let medians = x.map(|x| push(&mut running, x).to_bits());
        assert_eq!(medians, [3.0_f32.to_bits(), 2.0_f32.to_bits(), nan, nan, nan, 4.0_f32.to_bits()]);
        let filtered = median_filter(&x, 3, Edge::Nearest).unwrap();
        assert_eq!(filtered.iter().map(|x| x.is_nan()).collect::<Vec<_>>(), [false, true, true, true, false, false]);
    }
}
