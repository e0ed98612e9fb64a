//! Peaks of a signal and their properties (`scipy.signal.find_peaks`).
//!
//! Prominences and widths are looked up in a tree of extremes, so that the time is O(n log n) for any signal: scanning
//! from each peak, as the definition does, is O(n²) for a staircase of peaks.

use super::ranges::Ranges;
use crate::kernels::peaks::tops;

/// Bounds, both inclusive; `None` is no bound.
pub type Interval = (Option<f64>, Option<f64>);

/// The conditions that a peak must meet; properties with a condition are returned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Height of the sample.
    pub height: Option<Interval>,
    /// Vertical distance to each neighbour.
    pub threshold: Option<Interval>,
    /// Least horizontal distance between peaks in samples; of two closer ones the lower is dropped.
    pub distance: Option<f64>,
    /// Prominence.
    pub prominence: Option<Interval>,
    /// Width in samples.
    pub width: Option<Interval>,
    /// Number of equal samples on top.
    pub plateau_size: Option<Interval>,
    /// Window in samples around the peak within which its bases are searched.
    pub wlen: Option<f64>,
    /// Share of the prominence, measured from the peak down, at which the width is taken; SciPy's default is 0.5.
    pub rel_height: f64,
}

/// Peaks with their requested properties, each as long as `peaks` or empty.
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs, reason = "the names are SciPy's")]
pub struct Peaks {
    pub peaks: Vec<usize>,
    pub plateau_sizes: Vec<f64>,
    pub left_edges: Vec<usize>,
    pub right_edges: Vec<usize>,
    pub peak_heights: Vec<f64>,
    pub left_thresholds: Vec<f64>,
    pub right_thresholds: Vec<f64>,
    pub prominences: Vec<f64>,
    pub left_bases: Vec<usize>,
    pub right_bases: Vec<usize>,
    pub widths: Vec<f64>,
    pub width_heights: Vec<f64>,
    pub left_ips: Vec<f64>,
    pub right_ips: Vec<f64>,
}

fn within(value: f64, (low, high): Interval) -> bool {
    !(low.is_some_and(|low| value < low) || high.is_some_and(|high| value > high))
}

impl Peaks {
    /// Keeps the peaks whose index `keep` accepts, with their properties.
    fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        fn filter<T: Copy>(list: &mut Vec<T>, keep: &impl Fn(usize) -> bool) {
            let mut i = 0;
            list.retain(|_| {
                i += 1;
                keep(i - 1)
            });
        }
        for list in
            [&mut self.peaks, &mut self.left_edges, &mut self.right_edges, &mut self.left_bases, &mut self.right_bases]
        {
            filter(list, &keep);
        }
        for list in [
            &mut self.plateau_sizes,
            &mut self.peak_heights,
            &mut self.left_thresholds,
            &mut self.right_thresholds,
            &mut self.prominences,
        ] {
            filter(list, &keep);
        }
    }
}

/// Returns all samples, and middles of plateaus, that are higher than their neighbours and meet the conditions.
pub fn find_peaks(x: &[f64], conditions: &Conditions) -> Peaks {
    let mut found = local_maxima(x, conditions.plateau_size.is_some());
    if let Some(interval) = conditions.plateau_size {
        found.plateau_sizes =
            found.left_edges.iter().zip(&found.right_edges).map(|(l, r)| (r - l + 1) as f64).collect();
        let sizes = found.plateau_sizes.clone();
        found.retain(|i| within(sizes[i], interval));
    }
    if let Some(interval) = conditions.height {
        found.peak_heights = found.peaks.iter().map(|&p| x[p]).collect();
        let heights = found.peak_heights.clone();
        found.retain(|i| within(heights[i], interval));
    }
    if let Some((low, high)) = conditions.threshold {
        found.left_thresholds = found.peaks.iter().map(|&p| x[p] - x[p - 1]).collect();
        found.right_thresholds = found.peaks.iter().map(|&p| x[p] - x[p + 1]).collect();
        let (left, right) = (found.left_thresholds.clone(), found.right_thresholds.clone());
        found.retain(|i| within(left[i].min(right[i]), (low, None)) && within(left[i].max(right[i]), (None, high)));
    }
    if let Some(distance) = conditions.distance {
        let keep = far_enough(x, &found.peaks, distance.ceil());
        found.retain(|i| keep[i]);
    }
    if conditions.prominence.is_some() || conditions.width.is_some() {
        let ranges = Ranges::new(x);
        prominences(x, &ranges, conditions.wlen, &mut found);
        if let Some(interval) = conditions.prominence {
            let values = found.prominences.clone();
            found.retain(|i| within(values[i], interval));
        }
        if let Some(interval) = conditions.width {
            widths(x, &ranges, conditions.rel_height, interval, &mut found);
        }
    }
    found
}

/// Returns the prominence of each of `peaks` (indices of `x`), and with `rel_height` its width at that part of the
/// prominence.
pub fn properties(x: &[f64], peaks: Vec<usize>, wlen: Option<f64>, rel_height: Option<f64>) -> Peaks {
    let ranges = Ranges::new(x);
    let mut found = Peaks { peaks, ..Peaks::default() };
    prominences(x, &ranges, wlen, &mut found);
    if let Some(rel_height) = rel_height {
        widths(x, &ranges, rel_height, (None, None), &mut found);
    }
    found
}

/// Returns a number whose bit i is flag i, which is 0 or 1.
fn mask_of(flags: &[u8; 64]) -> u64 {
    // Flag i of eight moves to bit 56 + i.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let eights = flags.as_chunks::<8>().0.iter().map(|eight| u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56);
    eights.enumerate().fold(0, |mask, (i, bits)| mask | bits << (8 * i))
}

/// All peaks, with the edges of their plateaus if asked for.
fn local_maxima(x: &[f64], with_edges: bool) -> Peaks {
    let mut found = Peaks::default();
    let mut flags = vec![0; x.len().saturating_sub(2).next_multiple_of(64)];
    tops(x, &mut flags);
    for (at, flags) in flags.as_chunks::<64>().0.iter().enumerate() {
        let mut left = mask_of(flags);
        while left != 0 {
            let first = 64 * at + left.trailing_zeros() as usize + 1;
            left &= left - 1;
            let mut behind = first + 1;
            while behind + 1 < x.len() && x[behind] == x[first] {
                behind += 1;
            }
            if x[behind] < x[first] {
                found.peaks.push(usize::midpoint(first, behind - 1));
                if with_edges {
                    found.left_edges.push(first);
                    found.right_edges.push(behind - 1);
                }
            }
        }
    }
    found
}

/// Which peaks stay if, from the highest down, each one removes those nearer than `distance`; of equals the last comes
/// first.
///
/// Instead of sorting all of them, this climbs from each peak to the highest near it, to the highest near that one,
/// and so on: what is the highest of its neighbourhood stays. O(n), as steps of a climb are a distance apart.
fn far_enough(x: &[f64], peaks: &[usize], distance: f64) -> Vec<bool> {
    const OPEN: u8 = 0;
    const STAYS: u8 = 1;
    const GONE: u8 = 2;
    let mut fates = vec![OPEN; peaks.len()];
    let near = |a: usize, b: usize| (peaks[a].abs_diff(peaks[b]) as f64) < distance;
    let is_higher = |a: usize, b: usize| x[peaks[a]].total_cmp(&x[peaks[b]]).then(a.cmp(&b)).is_gt();
    let mut climb = vec![];
    for start in 0..peaks.len() {
        climb.push(start);
        while let Some(&here) = climb.last() {
            if fates[here] != OPEN {
                climb.pop();
                continue;
            }
            let neighbours = || {
                let before = (0..here).rev().take_while(|&k| near(here, k));
                before.chain((here + 1..peaks.len()).take_while(|&k| near(here, k)))
            };
            let highest =
                neighbours().filter(|&k| fates[k] == OPEN).fold(here, |a, b| if is_higher(b, a) { b } else { a });
            if highest == here {
                neighbours().for_each(|k| fates[k] = GONE);
                fates[here] = STAYS;
            } else {
                climb.push(highest);
            }
        }
    }
    fates.into_iter().map(|fate| fate == STAYS).collect()
}

fn prominences(x: &[f64], ranges: &Ranges<'_>, wlen: Option<f64>, found: &mut Peaks) {
    let n = x.len();
    // SciPy rounds the window up to an odd number of samples.
    let reach = wlen.map_or(n, |w| (w.ceil() as usize / 2).min(n));
    for &peak in &found.peaks {
        let left = ranges.base::<true>(peak, peak.saturating_sub(reach));
        let right = ranges.base::<false>(peak, (peak + reach + 1).min(n));
        found.left_bases.push(left);
        found.right_bases.push(right);
        found.prominences.push(x[peak] - x[left].max(x[right]));
    }
}

fn widths(x: &[f64], ranges: &Ranges<'_>, rel_height: f64, interval: Interval, found: &mut Peaks) {
    let mut keep = vec![];
    for (i, &peak) in found.peaks.iter().enumerate() {
        let height = x[peak] - found.prominences[i] * rel_height;
        let left = ranges.last_at_most(found.left_bases[i], peak, height);
        let right = ranges.first_at_most(peak, found.right_bases[i], height);
        let mut left_ip = left as f64;
        if x[left] < height {
            left_ip += (height - x[left]) / (x[left + 1] - x[left]);
        }
        let mut right_ip = right as f64;
        if x[right] < height {
            right_ip -= (height - x[right]) / (x[right - 1] - x[right]);
        }
        let width = right_ip - left_ip;
        keep.push(within(width, interval));
        if keep[i] {
            found.widths.push(width);
            found.width_heights.push(height);
            found.left_ips.push(left_ip);
            found.right_ips.push(right_ip);
        }
    }
    found.retain(|i| keep[i]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bases and crossing points by the definition: step by step from the peak.
    fn scan(x: &[f64], peak: usize, reach: usize, step: i64) -> usize {
        let (mut i, mut base) = (peak as i64, peak);
        while i >= 0
            && (i as usize) < x.len()
            && (i - peak as i64).unsigned_abs() as usize <= reach
            && x[i as usize] <= x[peak]
        {
            if x[i as usize] < x[base] {
                base = i as usize;
            }
            i += step;
        }
        base
    }

    proptest! {
        #[test]
        fn prominences_and_widths_equal_scanning(
            x in prop::collection::vec(prop_oneof![9 => (0_i8..7).prop_map(f64::from), 1 => Just(f64::NAN)], 3..80), wlen in 2_usize..90
        ) {
            let conditions = Conditions {
                prominence: Some((None, None)), width: Some((None, None)), wlen: Some(wlen as f64), rel_height: 0.6, ..Conditions::default()
            };
            let found = find_peaks(&x, &conditions);
            for (i, &peak) in found.peaks.iter().enumerate() {
                prop_assert_eq!(found.left_bases[i], scan(&x, peak, wlen / 2, -1));
                prop_assert_eq!(found.right_bases[i], scan(&x, peak, wlen / 2, 1));
                let height = found.width_heights[i];
                let mut left = peak;
                while left > found.left_bases[i] && height < x[left] {
                    left -= 1;
                }
                prop_assert_eq!(found.left_ips[i] as usize, left);
                let mut right = peak;
                while right < found.right_bases[i] && height < x[right] {
                    right += 1;
                }
                prop_assert_eq!(found.right_ips[i].ceil() as usize, right);
            }
        }
    }

    #[test]
    fn masks_have_a_bit_for_each_flag() {
        for bits in [0, 1, u64::MAX, 0x8000_0000_0000_0000, 0x0123_4567_89ab_cdef] {
            let flags = std::array::from_fn(|i| (bits >> i & 1) as u8);
            assert_eq!(mask_of(&flags), bits);
        }
    }

    #[test]
    fn plateaus_count_once_in_their_middle() {
        let x = [0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 0.0, 3.0, 3.0];
        let found = find_peaks(&x, &Conditions { plateau_size: Some((Some(2.0), None)), ..Conditions::default() });
        assert_eq!(found.peaks, [2, 5]);
        assert_eq!(
            (found.plateau_sizes, found.left_edges, found.right_edges),
            (vec![3.0, 2.0], vec![1, 5], vec![3, 6])
        );
    }

    proptest! {
        #[test]
        fn distances_equal_going_from_the_highest_down(
            x in prop::collection::vec((0_i8..9).prop_map(f64::from), 3..200), distance in 1_usize..40
        ) {
            let all = find_peaks(&x, &Conditions::default()).peaks;
            let mut order = all.clone();
            order.sort_by(|&a, &b| x[b].total_cmp(&x[a]).then(b.cmp(&a)));
            let mut want: Vec<usize> = vec![];
            for peak in order {
                if want.iter().all(|kept| kept.abs_diff(peak) >= distance) {
                    want.push(peak);
                }
            }
            want.sort_unstable();
            let conditions = Conditions { distance: Some(distance as f64), ..Conditions::default() };
            prop_assert_eq!(find_peaks(&x, &conditions).peaks, want);
        }
    }

    #[test]
    fn of_two_close_peaks_the_lower_one_goes() {
        let x = [0.0, 2.0, 0.0, 3.0, 0.0, 1.0, 0.0];
        let found = find_peaks(&x, &Conditions { distance: Some(3.0), ..Conditions::default() });
        assert_eq!(found.peaks, [3]);
    }

    #[test]
    fn a_staircase_of_peaks_is_no_trouble() {
        let x: Vec<f64> = (0..400_000).map(|i| f64::from(i / 2 + i % 2 * 3)).collect();
        let conditions = Conditions { width: Some((None, None)), rel_height: 1.0, ..Conditions::default() };
        assert_eq!(find_peaks(&x, &conditions).peaks.len(), 199_999);
    }
}
