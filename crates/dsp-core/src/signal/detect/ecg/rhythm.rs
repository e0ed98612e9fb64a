//! A judgement of whether the detected beats look like a heart, and not like noise whose highest peaks are taken for
//! beats.

use super::numbers::{Number, RECENT, middle, ranked, spread};
use super::verdict::Candidate;

/// The last beats, reported or not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rhythm {
    /// Number of beats since the rhythm began; the lists hold the last [`RECENT`].
    count: usize,
    /// Heights in the wavelet, limited so that a single artifact does not dominate.
    heights: [f64; RECENT],
    /// Shares of low frequencies: larger for wide complexes.
    ratios: [f64; RECENT],
    /// Level of the signal beside them, as a share of their heights.
    besides: [f64; RECENT],
    /// Heights of their R peaks in units of the signal.
    amplitudes: [f64; RECENT],
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
    beside: f64,
    amplitude: f64,
    interval: f64,
    irregularity: f64,
}

/// Share of low frequencies of a narrow complex.
const NARROW: f64 = 0.7;

/// Seconds between beats of the slowest heart; longer ones are not told apart.
const SLOWEST: f64 = 2.4;

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

    /// Usual share of what is beside the beats.
    pub fn beside(&self) -> f64 {
        self.usual.beside
    }

    /// Usual height of an R peak, in units of the signal.
    pub fn amplitude(&self) -> f64 {
        self.usual.amplitude
    }

    /// Usual interval in seconds; 0.8 before there is one.
    pub fn interval(&self) -> f64 {
        self.usual.interval
    }

    /// Seconds between the last two beats; 0 before there are two.
    pub fn last_interval(&self) -> f64 {
        if self.count < 2 { 0.0 } else { self.intervals[(self.count - 2) % RECENT] }
    }

    /// Deviation of the intervals from the usual one, as a share of it; 1 while there are few.
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
            beside: middle(&self.besides[..self.known()]),
            amplitude: middle(&self.amplitudes[..self.known()]),
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

    /// Whether beats come at regular intervals, without doubt.
    pub fn is_regular(&self) -> bool {
        self.is_good() && self.irregularity() < 0.12
    }

    /// Whether the last beats are as good as it gets.
    pub fn is_good(&self) -> bool {
        !self.is_closed && self.quality >= 0.65
    }

    /// Judges the rhythm with each new beat: `noise` is the height of other peaks.
    ///
    /// Hearts are regular, or repeat their intervals and shapes after two beats (bigeminy), or (fibrillation, single
    /// ventricular beats) deviate little, and on both sides of their complexes the lead is quiet. Of the highest peaks of
    /// Gaussian noise, intervals deviate by 0.2–0.7 from their median and shapes by 0.1–0.4, and 0.33–0.55 of the height
    /// is beside them; of bursts, heights deviate by 0.2–0.5. Hearts have 0.05–0.3 beside them. Ranges are those of
    /// `tools/ecg_tables.py`.
    fn judge(&mut self, noise: f64) {
        if self.count < 2 {
            return;
        }
        let beside = self.beside();
        let intervals = &self.intervals[..(self.count - 1).min(RECENT)];
        let irregularity = if self.count < 4 { 0.0 } else { self.deviation(&self.intervals, self.count - 1) };
        let (shapes, heights) = if self.count < 3 {
            (0.0, 0.0)
        } else {
            (self.deviation(&self.ratios, self.count), self.deviation(&self.heights, self.count))
        };
        let contrast = if noise > 0.0 { self.level() / noise } else { f64::INFINITY };
        let disorder = (irregularity - 0.2).max(0.0) + (shapes - 0.15).max(0.0) + (heights - 0.15).max(0.0);
        // A slow heart rests between its beats.
        let interval = middle(intervals);
        let is_slow = interval >= SLOWEST || (interval > 1.6 && beside > 0.25);
        let is_alike = irregularity < 0.08 && shapes < 0.1 && heights < 0.15;
        let is_regular =
            self.count >= 5 && irregularity < 0.12 && shapes < 0.2 && (beside < 0.35 || is_alike || contrast > 2.0);
        let most = if beside < 0.15 { 0.3 } else { 0.2 };
        let is_isolated = beside < 0.33 && disorder < most && contrast > 1.5 + 4.0 * disorder;
        // Too few beats to say, of a fast heart that is never at rest.
        if self.count < 5 && beside < 0.36 && contrast > 1.0 && disorder < 0.05 && !is_isolated {
            return;
        }
        let is_heart = !is_slow && (is_regular || is_isolated);
        self.quality += 0.2 * (f64::from(u8::from(is_heart)) - self.quality);
        if is_heart && (contrast > 4.0 && disorder < 0.1 || (irregularity < 0.08 && shapes < 0.16)) {
            self.quality = (self.quality + 0.2).min(1.0);
        }
        if self.quality < 0.35 {
            self.is_closed = true;
        } else if self.quality > 0.7 {
            self.is_closed = false;
        }
    }

    /// Deviation of the last values of a list from their median, or from the last but one before them where that is less,
    /// as a share of the median. `count` values have been written to the list.
    fn deviation(&self, list: &[f64; RECENT], count: usize) -> f64 {
        let known = count.min(RECENT);
        let usual = spread(&list[..known]);
        // Pairs far apart are bursts.
        if known < 6 || usual > 0.7 {
            return usual;
        }
        let value = |back: usize| list[(count - 1 - back) % RECENT];
        let mut differences = [0.0; RECENT];
        for (k, difference) in differences.iter_mut().enumerate().take(known - 2) {
            *difference = (value(k) - value(k + 2)).abs();
        }
        let centre = middle(&list[..known]);
        let alternation = middle(&differences[..known - 2]);
        if alternation < 0.15 * centre { usual.min(alternation / centre) } else { usual }
    }

    /// Takes a beat: its height, its share of low frequencies, and the seconds since the one before.
    pub fn add(&mut self, beat: &Candidate, noise: f64) {
        let Candidate { seconds, height, ratio, beside, amplitude, .. } = *beat;
        let level = self.level();
        let limited = if self.count == 0 { height } else { height.clamp(0.2 * level, 2.5 * level) };
        self.heights[self.count % RECENT] = limited;
        self.ratios[self.count % RECENT] = ratio;
        self.besides[self.count % RECENT] = beside;
        self.amplitudes[self.count % RECENT] = amplitude;
        if self.count > 0 {
            self.intervals[(self.count - 1) % RECENT] = seconds.min(SLOWEST);
        }
        // Beyond a full list only the place in it matters.
        self.count = if self.count == 4 * RECENT { 3 * RECENT + 1 } else { self.count + 1 };
        self.refresh();
        self.judge(noise);
    }

    /// Replaces the heights, after a change of amplitude.
    pub fn set_level(&mut self, height: f64) {
        self.heights = [height; RECENT];
        self.refresh();
    }

    /// Begins anew, since what was found so far was none.
    pub fn restart(&mut self) {
        self.count = 0;
        self.refresh();
    }

    /// Begins anew, and tells nothing until it looks like a heart.
    pub fn distrust(&mut self) {
        self.count = 0;
        self.refresh();
        self.quality = 0.3;
        self.is_closed = true;
    }

    /// Visits the numbers of the state; the visitor may change them.
    pub fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.count.walk(visit);
        for list in [&mut self.heights, &mut self.ratios, &mut self.besides, &mut self.amplitudes, &mut self.intervals]
        {
            list.iter_mut().for_each(&mut *visit);
        }
        visit(&mut self.quality);
        self.is_closed.walk(visit);
        self.refresh();
    }
}
