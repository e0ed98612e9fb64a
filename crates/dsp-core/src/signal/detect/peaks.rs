//! Peaks of a signal and their properties (`scipy.signal.find_peaks`).
//!
//! Prominences and widths are looked up in a tree of minima, which takes O(n log n) for any signal; scanning from each
//! peak, as in the definition, takes O(n²) for a staircase of peaks.

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
    let mut found = local_maxima(x);
    if let Some(interval) = conditions.plateau_size {
        found.plateau_sizes =
            found.left_edges.iter().zip(&found.right_edges).map(|(l, r)| (r - l + 1) as f64).collect();
        let sizes = found.plateau_sizes.clone();
        found.retain(|i| within(sizes[i], interval));
    } else {
        found.left_edges.clear();
        found.right_edges.clear();
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
        let tree = MinTree::new(x);
        prominences(x, &tree, conditions.wlen, &mut found);
        if let Some(interval) = conditions.prominence {
            let values = found.prominences.clone();
            found.retain(|i| within(values[i], interval));
        }
        if let Some(interval) = conditions.width {
            widths(x, &tree, conditions.rel_height, interval, &mut found);
        }
    }
    found
}

/// The prominence of each of `peaks` (indices of `x`), and with `rel_height` its width at that part of the prominence.
pub fn properties(x: &[f64], peaks: Vec<usize>, wlen: Option<f64>, rel_height: Option<f64>) -> Peaks {
    let tree = MinTree::new(x);
    let mut found = Peaks { peaks, ..Peaks::default() };
    prominences(x, &tree, wlen, &mut found);
    if let Some(rel_height) = rel_height {
        widths(x, &tree, rel_height, (None, None), &mut found);
    }
    found
}

fn local_maxima(x: &[f64]) -> Peaks {
    let mut found = Peaks::default();
    let mut i = 1;
    while i + 1 < x.len() {
        if x[i - 1] < x[i] {
            let mut ahead = i + 1;
            while ahead + 1 < x.len() && x[ahead] == x[i] {
                ahead += 1;
            }
            if x[ahead] < x[i] {
                found.left_edges.push(i);
                found.right_edges.push(ahead - 1);
                found.peaks.push(usize::midpoint(i, ahead - 1));
                i = ahead;
            }
        }
        i += 1;
    }
    found
}

/// Returns which peaks remain if, from the highest down, each one removes those within `distance`.
fn far_enough(x: &[f64], peaks: &[usize], distance: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..peaks.len()).collect();
    order.sort_by(|&a, &b| x[peaks[a]].total_cmp(&x[peaks[b]]));
    let mut keep = vec![true; peaks.len()];
    for &j in order.iter().rev() {
        if !keep[j] {
            continue;
        }
        let near = |k: usize| (peaks[j].abs_diff(peaks[k]) as f64) < distance;
        (0..j).rev().take_while(|&k| near(k)).for_each(|k| keep[k] = false);
        (j + 1..peaks.len()).take_while(|&k| near(k)).for_each(|k| keep[k] = false);
    }
    keep
}

/// Returns for each sample the index of the nearest sample before it in `x` that is higher (or a NaN); `None` without
/// one.
fn barriers<'a>(x: impl Iterator<Item = (usize, &'a f64)>, n: usize) -> Vec<Option<usize>> {
    let mut nearest = vec![None; n];
    let mut higher: Vec<(usize, f64)> = vec![];
    for (i, &value) in x {
        while higher.last().is_some_and(|top| top.1 <= value) {
            higher.pop();
        }
        nearest[i] = higher.last().map(|top| top.0);
        higher.push((i, value));
    }
    nearest
}

fn prominences(x: &[f64], tree: &MinTree<'_>, wlen: Option<f64>, found: &mut Peaks) {
    let n = x.len();
    let left_barrier = barriers(x.iter().enumerate(), n);
    let right_barrier = barriers(x.iter().enumerate().rev(), n);
    // SciPy rounds the window up to an odd number of samples.
    let reach = wlen.map_or(n, |w| (w.ceil() as usize / 2).min(n));
    for &peak in &found.peaks {
        let from = left_barrier[peak].map_or(0, |i| i + 1).max(peak.saturating_sub(reach));
        let to = right_barrier[peak].map_or(n - 1, |i| i - 1).min(peak.saturating_add(reach));
        // Of equal minima the one nearest the peak.
        let (left, right) = (tree.minimum(from, peak, true), tree.minimum(peak, to, false));
        found.left_bases.push(left);
        found.right_bases.push(right);
        found.prominences.push(x[peak] - x[left].max(x[right]));
    }
}

fn widths(x: &[f64], tree: &MinTree<'_>, rel_height: f64, interval: Interval, found: &mut Peaks) {
    let mut keep = vec![];
    for (i, &peak) in found.peaks.iter().enumerate() {
        let height = x[peak] - found.prominences[i] * rel_height;
        let left = tree.last_at_most(found.left_bases[i], peak, height);
        let right = tree.first_at_most(peak, found.right_bases[i], height);
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

/// Minima of runs of 2^k samples.
struct MinTree<'a> {
    x: &'a [f64],
    levels: Vec<Vec<f64>>,
}

impl<'a> MinTree<'a> {
    fn new(x: &'a [f64]) -> Self {
        let mut levels: Vec<Vec<f64>> = vec![];
        loop {
            let below: &[f64] = levels.last().map_or(x, |level| level);
            if below.len() <= 1 {
                return Self { x, levels };
            }
            let next = below.chunks(2).map(|pair| pair.iter().copied().fold(f64::INFINITY, f64::min)).collect();
            levels.push(next);
        }
    }

    fn at(&self, level: usize, i: usize) -> f64 {
        if level == 0 { self.x[i] } else { self.levels[level - 1][i] }
    }

    /// Returns the index of the smallest sample from `from` to `to`, both included; of equals the last (`last`) or
    /// first one.
    fn minimum(&self, from: usize, to: usize, last: bool) -> usize {
        let (mut low, mut level, mut a, mut b) = (f64::INFINITY, 0, from, to + 1);
        while a < b {
            if a % 2 == 1 {
                low = low.min(self.at(level, a));
                a += 1;
            }
            if b % 2 == 1 {
                b -= 1;
                low = low.min(self.at(level, b));
            }
            (a, b, level) = (a / 2, b / 2, level + 1);
        }
        if last { self.last_at_most(from, to, low) } else { self.first_at_most(from, to, low) }
    }

    /// Returns the last index in `from..=to` whose sample is at most `limit`; `from` if there is none.
    fn last_at_most(&self, from: usize, to: usize, limit: f64) -> usize {
        let (mut i, mut level) = (to, 0);
        // Up while the run holds nothing that low, to the neighbour before it; down into the first run that does.
        loop {
            if self.at(level, i) <= limit {
                if level == 0 {
                    return i.max(from);
                }
                level -= 1;
                i = (2 * i + 1).min(if level == 0 { self.x.len() } else { self.levels[level - 1].len() } - 1);
                continue;
            }
            if i << level <= from {
                return from;
            }
            while i % 2 == 0 && level < self.levels.len() && i > 0 {
                (i, level) = (i / 2, level + 1);
            }
            i -= 1;
        }
    }

    /// Returns the first index in `from..=to` whose sample is at most `limit`; `to` if there is none.
    fn first_at_most(&self, from: usize, to: usize, limit: f64) -> usize {
        let (mut i, mut level) = (from, 0);
        loop {
            if self.at(level, i) <= limit {
                if level == 0 {
                    return i.min(to);
                }
                (i, level) = (2 * i, level - 1);
                continue;
            }
            if (i + 1) << level > to {
                return to;
            }
            while i % 2 == 1 && level < self.levels.len() {
                (i, level) = (i / 2, level + 1);
            }
            i += 1;
        }
    }
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
    fn plateaus_count_once_in_their_middle() {
        let x = [0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 2.0, 0.0, 3.0, 3.0];
        let found = find_peaks(&x, &Conditions { plateau_size: Some((Some(2.0), None)), ..Conditions::default() });
        assert_eq!(found.peaks, [2, 5]);
        assert_eq!(
            (found.plateau_sizes, found.left_edges, found.right_edges),
            (vec![3.0, 2.0], vec![1, 5], vec![3, 6])
        );
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
