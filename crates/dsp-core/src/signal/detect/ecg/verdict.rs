//! The decision which peaks of the wavelet's magnitude are beats.

use super::numbers::Number;
use super::rhythm::Rhythm;

/// A peak of the magnitude that may be a beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Seconds since the last beat; large before the first one.
    pub seconds: f64,
    /// Magnitude in the QRS wavelet.
    pub height: f64,
    /// Magnitude in the wavelet of wide waves, as a share of the height.
    pub ratio: f64,
    /// Mean magnitude 110 to 190 ms before and behind it, as a share of the height.
    pub beside: f64,
    /// See [`super::place::Placed::step`].
    pub step: f64,
    /// Height of the R peak in units of the signal, without its sign; 0 of a peak that was too low.
    pub amplitude: f64,
    /// Height of the R peak in the smallest steps of the signal; 0 of a peak that was too low.
    pub steps: f64,
}

/// The decision about a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether it is a beat.
    pub is_beat: bool,
    /// Whether the beat is to be reported.
    pub is_told: bool,
    /// Confidence 0…1: how far it exceeds its threshold.
    pub confidence: f64,
}

/// Thresholds that adapt to the signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Judge {
    /// The 20th percentile of the magnitudes.
    floor: f64,
    /// Number of magnitudes so far, up to [`SETTLED`].
    seen: usize,
    /// The 90th percentile of the peaks that are not beats.
    noise: f64,
    /// Number of such peaks so far, up to [`SETTLED`].
    rejected: usize,
    /// Height of the last beat.
    last_height: f64,
    /// Heights of T waves relative to the beat before them, an upper bound of the last ones.
    t_wave: f64,
    /// Whether a peak was rejected since the last beat.
    has_rejected: bool,
    /// Number of peaks rejected since a beat was due.
    missed: usize,
    /// Score of peaks too high for a beat: three points each; one point less with each beat.
    artifacts: usize,
    /// The last beats.
    pub rhythm: Rhythm,
}

/// Number of magnitudes or peaks after which estimates move slowly.
const SETTLED: usize = 1000;
/// A beat of which the rhythm says nothing yet is so many times as high as the floor, three standard deviations of Gaussian
/// noise, and alone.
const SURE: f64 = 4.5;
/// Share of the height that is beside a heart's beats at most, also of 180 a minute; and beside peaks of noise at least.
const ALONE: f64 = 0.28;
const RESTLESS: f64 = 0.32;
/// Peaks so many times higher than beats are artifacts; ventricular beats reach 4 times the height of small normal ones.
const ARTIFACT: f64 = 6.0;
/// Least height of a beat in steps of the converter; the last bit of a disconnected lead changes by one.
const MIN_STEPS: f64 = 4.0;
/// Score of artifacts at which they are taken for beats of a lead whose amplitude has risen.
const RISEN: usize = 9;

impl Default for Judge {
    fn default() -> Self {
        Self {
            floor: 0.0,
            seen: 0,
            noise: 0.0,
            rejected: 0,
            last_height: 0.0,
            // Of T waves nothing is known yet; tall ones have half the height of the QRS complex.
            t_wave: 0.35,
            has_rejected: false,
            missed: 0,
            artifacts: 0,
            rhythm: Rhythm::new(),
        }
    }
}

impl Judge {
    /// Updates the floor with a magnitude.
    #[inline]
    pub fn observe(&mut self, magnitude: f64) {
        self.seen = (self.seen + 1).min(SETTLED);
        if self.seen == 1 {
            self.floor = magnitude;
            return;
        }
        let step = (8.0 / self.seen as f64).clamp(0.03, 0.5);
        if magnitude > self.floor {
            self.floor *= 1.0 + 0.2 * step;
            if self.floor == 0.0 {
                self.floor = 0.1 * magnitude;
            }
        } else {
            self.floor *= 1.0 - 0.8 * step;
        }
    }

    /// Returns whether a peak may be a candidate. In the refractory period (200 ms after the last beat) only one that
    /// is much higher may, as a QRS complex after a P wave is.
    pub fn may_be_beat(&self, height: f64, is_refractory: bool) -> bool {
        !is_refractory || height >= 1.5 * self.last_height
    }

    /// Returns whether a peak is an artifact, far too high for a beat.
    pub fn is_artifact(&self, height: f64) -> bool {
        self.rhythm.count() >= 6 && self.artifacts < RISEN && height > ARTIFACT * self.rhythm.level()
    }

    /// Counts an artifact that differs from the last one.
    pub fn take_artifact(&mut self) {
        self.artifacts += 3;
    }

    /// Returns a level that noise rarely exceeds: 3.7 standard deviations of Gaussian noise, for which the floor lies
    /// at 0.67 and the 90th percentile of peaks at 2.9.
    fn ceiling(&self) -> f64 {
        // At first it is enough to be far above the floor: whether beats are told, the rhythm decides. A clean lead of
        // 180 beats a minute, which is never at rest, reaches 5.
        let by_floor = if self.rhythm.count() < 6 { 3.7 } else { 5.6 } * self.floor;
        // Nor is a fast heart ever at rest.
        let by_floor = if self.rhythm.is_regular() { by_floor.min(0.55 * self.rhythm.level()) } else { by_floor };
        if self.rejected < 6 { by_floor } else { by_floor.min(1.3 * self.noise) }
    }

    /// Returns a level that noise exceeds now and then.
    fn usual_noise(&self) -> f64 {
        if self.rejected < 6 { 2.5 * self.floor } else { (2.8 * self.floor).min(0.7 * self.noise) }
    }

    /// Returns the share of the typical height that a beat needs `phase` intervals after the last one: early peaks are
    /// T waves and noise, late ones beats that are lower than others. The share sinks with every peak that was rejected
    /// while a beat was due.
    fn share(&self, phase: f64) -> f64 {
        const EARLY: f64 = 0.57;
        const DUE: f64 = 0.33;
        const LATE: f64 = 0.2;
        let between = |x: f64, from: f64, to: f64| ((x - from) / (to - from)).clamp(0.0, 1.0);
        let share = EARLY + (DUE - EARLY) * between(phase, 0.5, 0.9) + (LATE - DUE) * between(phase, 1.15, 1.8);
        share * 0.8_f64.powi(self.missed.min(100) as i32)
    }

    /// Returns whether a peak is too low to be examined; the factor 0.8 allows for what may change before it is judged.
    pub fn is_too_low(&self, height: f64, seconds: f64) -> bool {
        height < 0.8 * self.threshold(seconds, self.rhythm.level())
    }

    /// Returns the height that a candidate needs `seconds` after the last beat.
    fn threshold(&self, seconds: f64, level: f64) -> f64 {
        let interval = self.rhythm.interval();
        let phase = seconds / interval;
        // A regular heart is trusted to beat when it is due, also after beats that were missed.
        let is_on_time = phase > 0.8 && phase < 6.0 && (phase - phase.round()).abs() < 0.22;
        let is_due = self.rhythm.irregularity() < 0.12 && is_on_time;
        let trust = if is_due { 0.7 } else { 1.0 };
        if self.rhythm.count() == 0 {
            return self.ceiling();
        }
        let noise = (trust * self.usual_noise()).min(level);
        (noise + self.share(phase) * (level - noise)).max(trust * self.ceiling())
    }

    /// Judges a candidate.
    pub fn judge(&mut self, candidate: &Candidate) -> Verdict {
        let refused = Verdict { is_beat: false, is_told: false, confidence: 0.0 };
        let Candidate { seconds, height, ratio, step, steps, .. } = *candidate;
        let level = self.rhythm.level();
        let mut threshold = self.threshold(seconds, level);
        let has_begun = self.rhythm.count() > 0;
        let relative = ratio / self.rhythm.ratio();
        let is_smooth = relative > 1.3;
        let mut is_t_wave = !has_begun && ratio > 1.6;
        if has_begun && seconds < 0.45 {
            let share = if is_smooth { (2.0 * self.t_wave).clamp(0.35, 0.75) } else { 0.35 };
            let needed = share * self.last_height.min(1.5 * level);
            is_t_wave = height < needed && is_smooth;
            threshold = threshold.max(needed);
        }
        if self.rhythm.is_regular() {
            threshold = threshold.max(level * self.share_between_beats(candidate));
        }
        if height < threshold || height <= 0.0 || is_t_wave || steps < MIN_STEPS {
            self.refuse(candidate, has_begun && seconds < 0.4 && is_smooth);
            return refused;
        }
        if has_begun && height > 1.8 * level && step > 0.85 {
            return refused;
        }
        let is_told = self.accept(candidate, level);
        Verdict { is_beat: true, is_told, confidence: (1.0 - threshold / height).clamp(0.0, 1.0) }
    }

    /// Share of the usual height that a peak needs between the beats of a regular heart: more where it is not quiet beside
    /// it, as in motion of an electrode; early beats stand alone.
    fn share_between_beats(&self, candidate: &Candidate) -> f64 {
        // Due after the last beat, or after the one before it, if the last came early or was none.
        let is_due = |seconds: f64| {
            let phase = seconds / self.rhythm.interval();
            phase > 6.0 || (phase - phase.round()).abs() < 0.2 && phase > 0.5
        };
        if is_due(candidate.seconds) || is_due(candidate.seconds + self.rhythm.last_interval()) {
            return 0.0;
        }
        let ramp = |value: f64, from: f64, over: f64| ((value - from) / over).clamp(0.0, 1.0);
        let is_low = ramp(1.0 - candidate.amplitude / self.rhythm.amplitude(), 0.0, 0.2);
        let is_restless = is_low * ramp(candidate.beside, self.rhythm.beside() + 0.06, 0.15);
        let is_amid_waves = ramp(candidate.beside, self.rhythm.beside().max(0.25) + 0.05, 0.12);
        (0.55 * is_low + 0.6 * is_restless).max(1.15 * is_amid_waves)
    }

    fn refuse(&mut self, candidate: &Candidate, is_t_wave: bool) {
        if is_t_wave {
            let share = (candidate.height / self.last_height).min(1.0);
            self.t_wave += if share > self.t_wave { 0.4 } else { 0.1 } * (share - self.t_wave);
        } else {
            self.has_rejected |= candidate.height > 0.0;
            self.learn_noise(candidate.height);
        }
        if candidate.seconds > 1.2 * self.rhythm.interval().max(0.8) {
            self.missed += 1;
        }
    }

    /// Updates the height that one rejected peak in ten exceeds.
    fn learn_noise(&mut self, height: f64) {
        self.rejected = (self.rejected + 1).min(SETTLED);
        if self.rejected == 1 {
            self.noise = height;
            return;
        }
        let rate = (0.3 * (8.0 / self.rejected as f64).max(1.0)).min(1.0);
        if height > self.noise {
            let excess = (height - self.noise).min(self.noise);
            self.noise += (0.2 + 0.27) * rate * excess;
        } else {
            self.noise *= 1.0 - 0.1 * rate;
        }
    }

    /// Adds a beat; returns whether it is to be reported.
    fn accept(&mut self, candidate: &Candidate, level: f64) -> bool {
        let Candidate { height, beside, step, .. } = *candidate;
        // Peaks were noise long ago if a regular rhythm has none.
        if !self.has_rejected && self.rhythm.irregularity() < 0.1 {
            self.noise *= 0.97;
        }
        self.has_rejected = false;
        // What was found so far was noise or P waves.
        if self.rhythm.count() < 6 && height > 3.0 * level {
            self.rhythm.restart();
        }
        if self.artifacts >= RISEN {
            self.rhythm.distrust();
            (self.rejected, self.noise, self.artifacts) = (0, 0.0, 0);
        }
        self.artifacts = self.artifacts.saturating_sub(1);
        if self.rhythm.count() > 0 && self.missed >= 3 && height < 0.4 * level {
            // The amplitude has sunk; how far, more beats will tell.
            self.rhythm.set_level((height * level).sqrt());
        }
        self.missed = 0;
        self.rhythm.add(candidate, self.noise.max(2.8 * self.floor));
        self.last_height = height;
        let is_sure = height > SURE * self.floor && beside < ALONE && step < 0.9;
        let is_known = self.rhythm.is_trusted() && (self.rhythm.count() >= 6 || beside < RESTLESS);
        self.rhythm.is_open() && (is_known || is_sure)
    }

    /// Visits the numbers of the state; the visitor may change them.
    pub fn walk(&mut self, visit: &mut dyn FnMut(&mut f64)) {
        for number in [&mut self.floor, &mut self.noise, &mut self.last_height, &mut self.t_wave] {
            visit(number);
        }
        for count in [&mut self.seen, &mut self.rejected, &mut self.missed, &mut self.artifacts] {
            count.walk(visit);
        }
        self.has_rejected.walk(visit);
        self.rhythm.walk(visit);
    }
}
