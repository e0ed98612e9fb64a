//! Searches for extremes beside a sample, in O(log n): smallest and largest of runs of 32 samples, of 32 such runs,
//! and so on.

use crate::kernels::peaks;

/// Samples, or runs, of a run, as a power of two.
const SHIFT: usize = 5;

struct Level {
    smallest: Vec<f64>,
    largest: Vec<f64>,
}

/// A signal with the extremes of its runs. Level 0 are the samples; a run of level k has 32^k of them.
pub struct Ranges<'a> {
    x: &'a [f64],
    levels: Vec<Level>,
}

impl<'a> Ranges<'a> {
    /// Ranges of a signal.
    pub fn new(x: &'a [f64]) -> Self {
        let mut levels: Vec<Level> = vec![];
        loop {
            let count = levels.last().map_or(x, |level| &level.smallest).len() >> SHIFT;
            if count == 0 {
                return Self { x, levels };
            }
            let mut next = Level { smallest: vec![0.0; count], largest: vec![0.0; count] };
            match levels.last() {
                None => peaks::extremes(x, &mut next.smallest, &mut next.largest),
                Some(below) => {
                    peaks::extremes(&below.smallest, &mut next.smallest, &mut vec![0.0; count]);
                    peaks::extremes(&below.largest, &mut vec![0.0; count], &mut next.largest);
                }
            }
            levels.push(next);
        }
    }

    fn smallest(&self, level: usize, i: usize) -> f64 {
        if level == 0 { self.x[i] } else { self.levels[level - 1].smallest[i] }
    }

    fn largest(&self, level: usize, i: usize) -> f64 {
        if level == 0 { self.x[i] } else { self.levels[level - 1].largest[i] }
    }

    /// Walks from the border before sample `at` to the border `end`, backwards if `BACK`, over runs that are as long
    /// as they can be while none holds what `stops` it (given level and index). Returns the border at which it ends:
    /// `end`, or that of the sample that stopped it.
    fn walk<const BACK: bool>(&self, mut at: usize, end: usize, mut stops: impl FnMut(usize, usize) -> bool) -> usize {
        let fits = |at: usize, level: usize| {
            let size = 1 << (level * SHIFT);
            at.is_multiple_of(size) && (if BACK { at - end } else { end - at }) >= size
        };
        let mut level = 0;
        while at != end {
            let size = 1 << (level * SHIFT);
            let index = if BACK { (at >> (level * SHIFT)) - 1 } else { at >> (level * SHIFT) };
            if fits(at, level) && !stops(level, index) {
                at = if BACK { at - size } else { at + size };
                while level < self.levels.len() && fits(at, level + 1) {
                    level += 1;
                }
            } else if level == 0 {
                break;
            } else {
                level -= 1;
            }
        }
        at
    }

    /// Returns the index of the smallest of the samples from the peak at `peak` to the border `end`, before the first
    /// that is not at most as high as the peak: of equal ones that nearest to it.
    pub fn base<const BACK: bool>(&self, peak: usize, end: usize) -> usize {
        let height = self.x[peak];
        let mut lowest = (height, 0, peak);
        self.walk::<BACK>(if BACK { peak } else { peak + 1 }, end, |level, i| {
            let passes = self.largest(level, i) <= height;
            let low = self.smallest(level, i);
            if passes && low < lowest.0 {
                lowest = (low, level, i);
            }
            !passes
        });
        let (low, mut level, mut i) = lowest;
        while level > 0 {
            level -= 1;
            let mut inside = i << SHIFT..(i + 1) << SHIFT;
            let is_lowest = |&k: &usize| self.smallest(level, k) <= low;
            let found = if BACK { inside.rfind(is_lowest) } else { inside.find(is_lowest) };
            i = found.expect("the smallest of a run is in it");
        }
        i
    }

    /// Returns the last index in `from..=to` whose sample is at most `limit`; `from` without one.
    pub fn last_at_most(&self, from: usize, to: usize, limit: f64) -> usize {
        let at = self.walk::<true>(to + 1, from, |level, i| self.smallest(level, i) <= limit);
        at.saturating_sub(1).max(from)
    }

    /// Returns the first index in `from..=to` whose sample is at most `limit`; `to` without one.
    pub fn first_at_most(&self, from: usize, to: usize, limit: f64) -> usize {
        self.walk::<false>(from, to + 1, |level, i| self.smallest(level, i) <= limit).min(to)
    }
}
