//! Detection of the beats of one lead as its samples arrive.

use super::history::History;
use super::numbers::Number;
use super::place::Placed;
use super::plan::Plan;
use super::verdict::{Candidate, Judge};

/// A detected beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// Samples from the R peak to the sample with which the beat became known.
    pub age: u64,
    /// Height of the R peak above the baseline before the complex, in units of the signal.
    pub amplitude: f64,
    /// Confidence 0…1: how far the complex exceeds the threshold for a beat.
    pub confidence: f64,
}

/// A sum of samples that is not complete.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sum {
    total: f64,
    count: usize,
}

impl Sum {
    /// Adds a sample; returns the mean of every `length` of them.
    #[inline(always)]
    fn add(&mut self, sample: f64, length: usize) -> Option<f64> {
        self.total += sample;
        self.count += 1;
        if self.count < length {
            return None;
        }
        let mean = self.total / length as f64;
        *self = Self::default();
        Some(mean)
    }
}

/// The highest recent peak, which has not been judged yet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Pending {
    /// Coarse samples of magnitude since the peak; 0: there is none.
    age: i64,
    height: f64,
    ratio: f64,
    placed: Placed,
    /// Samples since its R peak, once that is placed.
    peak_age: u64,
}

/// The state of one lead.
#[derive(Debug, Clone, PartialEq)]
pub struct BeatDetector {
    has_begun: bool,
    /// The last finite sample, which replaces samples that are not finite.
    last: f64,
    fine_sum: Sum,
    coarse_sum: Sum,
    fine: History<f32>,
    coarse: History<f64>,
    /// Coarse samples until magnitudes belong to the stream alone: the wavelet reaches back before its start.
    warm_up: i64,
    /// The last two magnitudes.
    magnitudes: [f64; 2],
    /// As many as can lie beside a candidate.
    past_magnitudes: History<f32>,
    pending: Pending,
    /// Coarse samples since the last beat.
    since_beat: i64,
    /// Coarse samples since the last artifact.
    since_artifact: i64,
    /// Sum of the signs of the last beats, as an exponential mean.
    polarity: f64,
    /// Largest plausible spike of one sample; larger ones are removed. 0 while the amplitude is not known.
    spike: f64,
    /// By how much samples usually stand out.
    usual_excess: f64,
    /// Smallest change from one fine sample to the next; 0 while there was none.
    resolution: f64,
    /// The last two fine samples.
    before: [f64; 2],
    judge: Judge,
}

/// A number of coarse samples that stands for "long ago".
const LONG: i64 = 1 << 40;

impl BeatDetector {
    /// Returns a lead without samples.
    pub fn new(plan: &Plan) -> Self {
        Self {
            has_begun: false,
            last: 0.0,
            fine_sum: Sum::default(),
            coarse_sum: Sum::default(),
            fine: History::new(plan.fine_length),
            coarse: History::new(plan.coarse_length),
            // The first 50 ms show what was before the stream, where there was nothing.
            warm_up: plan.qrs.half() as i64 + (0.05 * plan.coarse_rate) as i64,
            magnitudes: [0.0; 2],
            past_magnitudes: History::new(plan.magnitude_length),
            pending: Pending::default(),
            since_beat: LONG,
            since_artifact: LONG,
            polarity: 0.0,
            spike: 0.0,
            usual_excess: 0.0,
            resolution: 0.0,
            before: [0.0; 2],
            judge: Judge::default(),
        }
    }

    /// Processes samples; `on_beat` is called for each beat with the index of the sample with which it became known.
    /// Samples that are not finite are replaced by the one before them.
    pub fn process(&mut self, plan: &Plan, samples: &[f32], mut on_beat: impl FnMut(usize, Beat)) {
        if samples.is_empty() {
            return;
        }
        if !self.has_begun {
            self.begin(samples[0]);
        }
        for (at, sample) in samples.iter().enumerate() {
            // −0 becomes 0, which states in JSON can hold.
            let sample = f64::from(*sample) + 0.0;
            if sample.is_finite() {
                self.last = sample;
            }
            if let Some(beat) = self.take(plan, self.last) {
                on_beat(at, beat);
            }
        }
    }

    /// Processes `count` samples after the end of the stream; `on_beat` is called as by [`Self::process`].
    pub fn finish(&mut self, plan: &Plan, count: usize, mut on_beat: impl FnMut(usize, Beat)) {
        for at in 0..count {
            // Peaks behind the end are none.
            if let Some(beat) = self.take(plan, self.last).filter(|beat| beat.age > at as u64) {
                on_beat(at, beat);
            }
        }
    }

    /// Fills the histories with the first sample.
    fn begin(&mut self, first: f32) {
        self.has_begun = true;
        self.last = if first.is_finite() { f64::from(first) + 0.0 } else { 0.0 };
        self.fine.fill(self.last as f32);
        self.coarse.fill(self.last);
        self.before = [self.last; 2];
    }

    #[inline(always)]
    fn take(&mut self, plan: &Plan, sample: f64) -> Option<Beat> {
        self.pending.peak_age += 1;
        let fine = self.fine_sum.add(sample, plan.fine)?;
        self.fine.push(fine as f32);
        let [older, middle] = self.before;
        let median = older.min(middle).max(older.max(middle).min(fine));
        let excess = (middle - median).abs();
        let is_spike = (self.spike > 0.0 && excess > self.spike) || (plan.is_fine && self.is_impulse(excess));
        let change = (fine - middle).abs();
        if change > 0.0 && (change < self.resolution || self.resolution == 0.0) {
            self.resolution = change;
        }
        self.before = [middle, fine];
        let coarse = self.coarse_sum.add(if is_spike { median } else { middle }, plan.coarse)?;
        self.coarse.push(coarse);
        self.tick(plan)
    }

    /// Whether a sample stands out far more than others do, by which it takes note.
    #[inline(always)]
    fn is_impulse(&mut self, excess: f64) -> bool {
        let limit = 10.0 * self.usual_excess;
        // Nothing is usual before the first that stands out.
        let limited = if limit > 0.0 { excess.min(limit) } else { excess };
        self.usual_excess += 0.01 * (limited - self.usual_excess);
        excess > limit
    }

    /// With every coarse sample: the magnitude as far back as the wavelet reaches forward.
    fn tick(&mut self, plan: &Plan) -> Option<Beat> {
        let values = self.coarse.values();
        let magnitude = plan.qrs.magnitude(values, values.len() - 1 - plan.qrs.half());
        self.since_beat = (self.since_beat + 1).min(LONG);
        self.since_artifact = (self.since_artifact + 1).min(LONG);
        if self.pending.age > 0 {
            self.pending.age += 1;
        }
        let [older, before] = self.magnitudes;
        self.magnitudes = [before, magnitude];
        self.past_magnitudes.push(magnitude.min(f64::from(f32::MAX)) as f32);
        if self.warm_up > 0 {
            self.warm_up -= 1;
            return None;
        }
        self.judge.observe(magnitude);
        if before >= older && before > magnitude {
            self.meet(plan, before);
        }
        self.decide(plan)
    }

    /// Considers a peak of the magnitude one coarse sample ago as a candidate.
    fn meet(&mut self, plan: &Plan, height: f64) {
        let is_refractory = self.since_beat - 1 < plan.refractory;
        if !self.judge.may_be_beat(height, is_refractory) {
            return;
        }
        if self.judge.is_artifact(height) {
            if self.since_artifact > plan.refractory {
                self.judge.take_artifact();
            }
            self.since_artifact = 1;
            return;
        }
        if self.pending.age == 0 || height > self.pending.height {
            self.pending = Pending { age: 1, height, ..Pending::default() };
        }
    }

    /// Places the pending peak once the samples after it have arrived, and judges it when no other peak can replace it
    /// or the lag is over.
    fn decide(&mut self, plan: &Plan) -> Option<Beat> {
        if self.pending.age == plan.ready {
            self.look(plan);
        }
        let step = (plan.coarse * plan.fine) as u64;
        let is_late = self.pending.peak_age + step > plan.lag;
        if self.pending.age < plan.ready || !(is_late || self.pending.age >= plan.refractory) {
            return None;
        }
        let pending = std::mem::take(&mut self.pending);
        let candidate = Candidate {
            seconds: (self.since_beat - pending.age) as f64 / plan.coarse_rate,
            height: pending.height,
            ratio: pending.ratio,
            beside: self.beside(plan, &pending),
            step: pending.placed.step,
            amplitude: pending.placed.amplitude.abs(),
            steps: pending.placed.amplitude.abs() / self.resolution.max(f64::MIN_POSITIVE),
        };
        let verdict = self.judge.judge(&candidate);
        if !verdict.is_beat {
            return None;
        }
        self.since_beat = pending.age;
        self.learn(pending.placed.amplitude);
        let Placed { amplitude, .. } = pending.placed;
        verdict.is_told.then_some(Beat { age: pending.peak_age, amplitude, confidence: verdict.confidence })
    }

    /// Examines the signal around the pending peak.
    fn look(&mut self, plan: &Plan) {
        let values = self.coarse.values();
        let back = plan.qrs.half() + self.pending.age as usize;
        let wide = plan.wide.magnitude(values, values.len() - 1 - back);
        self.pending.ratio = if self.pending.height > 0.0 { wide / self.pending.height } else { 0.0 };
        let seconds = (self.since_beat - self.pending.age) as f64 / plan.coarse_rate;
        if self.judge.is_too_low(self.pending.height, seconds) {
            return;
        }
        // The centre of a coarse sample, of which each is one fine sample late.
        let fine = self.fine.values();
        let centre_age = back * plan.coarse + plan.coarse / 2 + 1;
        let centre = fine.len() - 1 - centre_age;
        self.pending.placed = plan.place.find(fine, centre, self.polarity);
        let fine_age = (centre_age as i64 - self.pending.placed.offset).max(0) as u64;
        self.pending.peak_age = fine_age * plan.fine as u64 + plan.fine as u64 / 2;
    }

    /// Mean magnitude on both sides of a candidate, as a share of its height: 1000 at most.
    fn beside(&self, plan: &Plan, pending: &Pending) -> f64 {
        if pending.height <= 0.0 {
            return 1.0;
        }
        let values = self.past_magnitudes.values();
        let peak = values.len() - 1 - pending.age as usize;
        let (near, far) = plan.beside;
        let before = &values[peak - far..=peak - near];
        let behind = &values[(peak + near).min(values.len())..(peak + far + 1).min(values.len())];
        let sum: f64 = before.iter().chain(behind).map(|magnitude| f64::from(*magnitude)).sum();
        (sum / (before.len() + behind.len()) as f64 / pending.height).min(1000.0)
    }

    /// Follows polarity and amplitude.
    fn learn(&mut self, amplitude: f64) {
        self.polarity = 0.9 * self.polarity + 0.1 * amplitude.signum();
        let limit = 3.0 * amplitude.abs();
        self.spike = if !self.judge.rhythm.is_good() {
            0.0
        } else if self.spike == 0.0 {
            if self.judge.rhythm.count() < 5 { 0.0 } else { limit }
        } else {
            self.spike + 0.1 * (limit - self.spike).min(self.spike)
        };
    }

    /// Visits the numbers of the state; the visitor may change them.
    pub fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        self.has_begun.walk(visit);
        visit(&mut self.last);
        for sum in [&mut self.fine_sum, &mut self.coarse_sum] {
            visit(&mut sum.total);
            sum.count.walk(visit);
        }
        self.fine.walk(visit);
        self.coarse.walk(visit);
        self.warm_up.walk(visit);
        self.past_magnitudes.walk(visit);
        self.magnitudes.iter_mut().for_each(&mut *visit);
        let Pending { age, height, ratio, placed, peak_age } = &mut self.pending;
        age.walk(visit);
        peak_age.walk(visit);
        placed.offset.walk(visit);
        for number in [height, ratio, &mut placed.amplitude, &mut placed.step] {
            visit(number);
        }
        self.since_beat.walk(visit);
        self.since_artifact.walk(visit);
        visit(&mut self.polarity);
        visit(&mut self.spike);
        visit(&mut self.usual_excess);
        visit(&mut self.resolution);
        self.before.iter_mut().for_each(&mut *visit);
        self.judge.walk(visit);
    }

    /// Returns whether the state is possible for a lead with this plan: no number lies outside its range.
    pub fn fits(&self, plan: &Plan) -> bool {
        self.fine_sum.count < plan.fine
            && self.coarse_sum.count < plan.coarse
            && (0..=plan.refractory).contains(&self.pending.age)
            && self.warm_up >= 0
            && (0..=LONG).contains(&self.since_beat)
            && (0..=LONG).contains(&self.since_artifact)
    }
}
