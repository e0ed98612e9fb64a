//! A judgement of whether the detected beats look like a heart, and not like noise whose highest peaks are taken for
//! beats.

use super::numbers::{Number, RECENT, middle, ranked, spread};

/// The last beats, reported or not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rhythm {
    /// Number of beats since the rhythm began; the lists hold the last [`RECENT`].
    count: usize,
    /// Heights in the wavelet, limited so that a single artifact does not dominate.
    heights: [f64; RECENT],
    /// Shares of low frequencies: larger for wide complexes.
    ratios: [f64; RECENT],
    /// Intervals in seconds.
    intervals: [f64; RECENT],
    /// Mean judgement of the last beats: 0 noise, 1 a heart.
    quality: f64,
    /// Whether beats are withheld.
    is_closed: bool,
    /// Typical values computed from the lists; not part of the state.
    usual: Usual,
}

/// Typical values of the last beats.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Usual {
    level: f64,
    ratio: f64,
    interval: f64,
    irregularity: f64,
}

/// Share of low frequencies of a narrow complex.
const NARROW: f64 = 0.7;

/// Irregularity assumed while there are few intervals: that of an irregular heart.
const UNKNOWN_IRREGULARITY: f64 = 0.27;

impl Rhythm {
    /// Returns the rhythm of a new stream: beats are reported, but only those far above the noise (see
    /// [`Self::is_trusted`]).
    pub fn new() -> Self {
        let mut rhythm = Self { quality: 0.5, ..Self::default() };
        rhythm.refresh();
        rhythm
    }

    fn known(&self) -> usize {
        self.count.min(RECENT)
    }

    /// Returns the number of beats since the rhythm began.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the typical height of a beat; 0 before the first. If a few beats are much lower than half of the others,
    /// as normal ones among ventricular ones, twice the height of the lower ones.
    pub fn level(&self) -> f64 {
        self.usual.level
    }

    /// Returns the typical share of low frequencies; before the first beat, that of a narrow complex.
    pub fn ratio(&self) -> f64 {
        self.usual.ratio
    }

    /// Returns the typical interval in seconds; 0.8 before there is one.
    pub fn interval(&self) -> f64 {
        self.usual.interval
    }

    /// Returns the deviation of the intervals from the typical one, relative to it; 1 while there are few.
    pub fn irregularity(&self) -> f64 {
        self.usual.irregularity
    }

    /// Computes the typical values from the lists.
    fn refresh(&mut self) {
        let heights = &self.heights[..self.known()];
        let half = middle(heights);
        let intervals = &self.intervals[..self.count.saturating_sub(1).min(RECENT)];
        self.usual = Usual {
            level: if heights.len() < 4 { half } else { half.min(2.0 * ranked(heights, heights.len() / 4)) },
            ratio: if self.count == 0 { NARROW } else { middle(&self.ratios[..self.known()]) },
            interval: if self.count < 2 { 0.8 } else { middle(intervals).clamp(0.3, 1.5) },
            irregularity: if self.count < 5 { 1.0 } else { spread(intervals) },
        };
    }

    /// Returns whether beats are reported.
    pub fn is_open(&self) -> bool {
        !self.is_closed
    }

    /// Returns whether the last beats leave no doubt, so that a beat need not stand far above the noise by itself.
    pub fn is_trusted(&self) -> bool {
        self.quality > 0.5
    }

    /// Returns whether the judgement of the last beats is as good as possible.
    pub fn is_good(&self) -> bool {
        !self.is_closed && self.quality >= 0.65
    }

    /// Judges the rhythm with each new beat: `noise` is the height of other peaks.
    ///
    /// Of the highest peaks of Gaussian noise, the heights are 1.4–1.8 times those of the others, intervals deviate by
    /// 0.2–0.7 from their median, shapes by 0.1–0.4; of muscle and motion noise in bursts the first are 1.8–4. Hearts
    /// are regular, or (fibrillation, bigeminy) beats are 3 times higher than everything else. Ranges are those of
    /// `tools/ecg_tables.py`.
    pub fn judge(&mut self, noise: f64) {
        if self.count == 0 {
            return;
        }
        let is_full = self.count >= RECENT;
        let irregularity = if self.count < 5 { UNKNOWN_IRREGULARITY } else { self.irregularity() };
        let shapes = if is_full { spread(&self.ratios) } else { 0.15 };
        let heights = if is_full { spread(&self.heights) } else { 0.15 };
        let contrast = if noise > 0.0 { self.level() / noise } else { f64::INFINITY };
        let disorder = 4.0 * ((irregularity - 0.2).max(0.0) + (shapes - 0.15).max(0.0) + (heights - 0.15).max(0.0));
        let is_heart = (irregularity < 0.12 && shapes < 0.2) || contrast > 1.5 + disorder;
        self.quality += 0.2 * (f64::from(u8::from(is_heart)) - self.quality);
        if is_heart && (contrast > 4.0 || (irregularity < 0.08 && shapes < 0.16)) {
            self.quality = (self.quality + 0.2).min(1.0);
        }
        if self.quality < 0.35 {
            self.is_closed = true;
        } else if self.quality > 0.65 {
            self.is_closed = false;
        }
    }

    /// Adds a beat: its height, its share of low frequencies, and the seconds since the one before.
    pub fn add(&mut self, height: f64, ratio: f64, seconds: f64) {
        let level = self.level();
        let limited = if self.count == 0 { height } else { height.clamp(0.2 * level, 2.5 * level) };
        self.heights[self.count % RECENT] = limited;
        self.ratios[self.count % RECENT] = ratio;
        if self.count > 0 {
            self.intervals[(self.count - 1) % RECENT] = seconds.min(2.0);
        }
        // Beyond a full list only the place in it matters.
        self.count = if self.count == 4 * RECENT { 3 * RECENT + 1 } else { self.count + 1 };
        self.refresh();
    }

    /// Replaces the heights, after a change of amplitude.
    pub fn set_level(&mut self, height: f64) {
        self.heights = [height; RECENT];
        self.refresh();
    }

    /// Starts over, and withholds beats until they look like a heart.
    pub fn distrust(&mut self) {
        self.count = 0;
        self.refresh();
        self.quality = 0.3;
        self.is_closed = true;
    }

    /// Visits the numbers of the state; the visitor may change them.
    pub fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.count.walk(visit);
        for list in [&mut self.heights, &mut self.ratios, &mut self.intervals] {
            list.iter_mut().for_each(&mut *visit);
        }
        visit(&mut self.quality);
        self.is_closed.walk(visit);
        self.refresh();
    }
}
