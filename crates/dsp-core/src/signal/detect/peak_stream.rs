//! Peaks of a stream, one sample after the other: those of [`find_peaks`](super::peaks::find_peaks) for the same
//! conditions, each as soon as no later sample can change it.
//!
//! A peak is judged by its distance once no later peak can be within that distance and every higher one within it has
//! been judged. Its prominence is known once all samples of its window have arrived.

use std::collections::VecDeque;

/// Largest number of peaks that wait for each other; beyond it, in a signal that keeps growing, the oldest is dropped.
const MAX_CANDIDATES: usize = 1 << 17;

/// The conditions that a peak must meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakRule {
    /// Least height.
    pub height: f32,
    /// Least number of equal samples on top.
    pub plateau_size: u64,
    /// Least distance between two peaks in samples; of two closer ones the lower is dropped, of equals the earlier.
    pub distance: u64,
    /// Least prominence, if that is a condition.
    pub prominence: Option<f64>,
    /// Number of samples to each side of a peak within which its bases are searched.
    pub reach: usize,
}

/// The state of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not decided yet.
    Open,
    /// Far enough from higher peaks.
    Kept,
    /// Too close to a higher peak, or already reported.
    Gone,
}

/// A local maximum, or the middle of a plateau.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Sample, counted since the stream began.
    pub position: u64,
    /// Time of that sample in milliseconds.
    pub time: f64,
    /// Value of the sample.
    pub height: f32,
    /// Number of equal samples on top.
    pub plateau_size: u64,
    /// Whether it is kept.
    pub verdict: Verdict,
    /// Prominence; NaN until its window is complete.
    pub prominence: f64,
}

/// The peaks of one channel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PeakStream {
    /// Number of samples so far.
    pub seen: u64,
    /// The last samples, oldest first; as many as the windows of peaks need.
    pub window: VecDeque<f32>,
    /// Whether the last samples, all equal, are higher than the one before them.
    pub is_rising: bool,
    /// Position of the first of these equal samples.
    pub run_start: u64,
    /// Local maxima that are high and wide enough, in order.
    pub candidates: VecDeque<Candidate>,
    /// Number of candidates so far back that no later peak can be within the distance.
    closed: usize,
    /// Number of candidates whose prominence is known.
    measured: usize,
    /// Position of the sample with which the next candidate can be decided or measured.
    due: u64,
    /// Indices of candidates whose neighbours have been dropped.
    freed: Vec<usize>,
}

impl PeakStream {
    /// Continues from a saved state, whose public fields have been set.
    pub fn resume(&mut self) {
        let measured = self.candidates.iter().take_while(|candidate| !candidate.prominence.is_nan()).count();
        (self.closed, self.measured, self.due) = (0, measured, 0);
    }

    /// Processes the next sample. `time` returns the time of a sample in milliseconds; `found` is called with each peak
    /// that is decided now.
    pub fn take(&mut self, rule: &PeakRule, x: f32, time: impl FnOnce(u64) -> f64, found: impl FnMut(&Candidate)) {
        let now = self.seen;
        self.seen += 1;
        let previous = self.window.back().copied();
        if self.window.len() == 2 * rule.reach + 2 {
            self.window.pop_front();
        }
        self.window.push_back(x);
        let Some(previous) = previous else { return };
        let goes_on = self.is_rising && x == previous;
        if self.is_rising && x < previous {
            self.add(rule, previous, now, time);
        }
        if !goes_on {
            (self.is_rising, self.run_start) = (previous < x, now);
        }
        if now >= self.due && !self.candidates.is_empty() {
            let next = if self.is_rising { u64::midpoint(self.run_start, now) } else { now + 1 };
            self.settle(rule, next, now + 1, found);
        }
    }

    /// Ends the stream: all peaks are decided, and their windows end with it.
    pub fn end(&mut self, rule: &PeakRule, found: impl FnMut(&Candidate)) {
        self.is_rising = false;
        self.settle(rule, u64::MAX, u64::MAX, found);
    }

    /// Adds the run that ended before sample `now`, if it is high and wide enough.
    fn add(&mut self, rule: &PeakRule, height: f32, now: u64, time: impl FnOnce(u64) -> f64) {
        let plateau_size = now - self.run_start;
        if height < rule.height || plateau_size < rule.plateau_size {
            return;
        }
        let position = u64::midpoint(self.run_start, now - 1);
        let (verdict, prominence) = (Verdict::Open, f64::NAN);
        self.candidates.push_back(Candidate {
            position,
            time: time(position),
            height,
            plateau_size,
            verdict,
            prominence,
        });
        self.due = 0;
    }

    /// Decides what can be decided: the next peak is at `next` or later, and `seen` samples have arrived.
    fn settle(&mut self, rule: &PeakRule, next: u64, seen: u64, mut found: impl FnMut(&Candidate)) {
        if rule.prominence.is_some() {
            self.measure(rule, seen);
        }
        while let Some(candidate) = self.candidates.get(self.closed)
            && next - candidate.position.min(next) >= rule.distance
        {
            self.closed += 1;
            self.judge(rule, self.closed - 1);
        }
        // What was waiting for a prominence as well as for its neighbours.
        let ready = if rule.prominence.is_some() { self.measured.min(self.closed) } else { self.closed };
        for candidate in self.candidates.iter_mut().take(ready).filter(|c| c.verdict == Verdict::Kept) {
            candidate.verdict = Verdict::Gone;
            if rule.prominence.is_none_or(|least| candidate.prominence >= least) {
                found(candidate);
            }
        }
        if self.candidates.len() > MAX_CANDIDATES
            && let Some(oldest) = self.candidates.front_mut()
        {
            // It waits for a higher one, which waits for a higher one, and so on.
            oldest.verdict = Verdict::Gone;
        }
        while self.candidates.front().is_some_and(|c| c.verdict == Verdict::Gone) {
            self.candidates.pop_front();
            self.closed = self.closed.saturating_sub(1);
            self.measured = self.measured.saturating_sub(1);
        }
        let closing = self.candidates.get(self.closed).map(|c| c.position.saturating_add(rule.distance - 1));
        let measuring = self.candidates.get(self.measured).map(|c| c.position.saturating_add(rule.reach as u64));
        let measuring = measuring.filter(|_| rule.prominence.is_some());
        self.due = closing.into_iter().chain(measuring).min().unwrap_or(u64::MAX);
    }

    /// Keeps the candidate at index `at` if no higher one is within the distance; then those within it are dropped, and
    /// others near these may be kept.
    fn judge(&mut self, rule: &PeakRule, at: usize) {
        let mut freed = std::mem::take(&mut self.freed);
        freed.push(at);
        while let Some(at) = freed.pop() {
            let is_judged = self.candidates[at].verdict != Verdict::Open || at >= self.closed;
            if is_judged || self.near(rule, at).any(|other| self.is_higher(other, at)) {
                continue;
            }
            self.candidates[at].verdict = Verdict::Kept;
            let (from, to) = self.span(rule, at);
            for other in from..to {
                if self.candidates[other].verdict == Verdict::Open {
                    self.candidates[other].verdict = Verdict::Gone;
                    let (from, to) = self.span(rule, other);
                    freed.extend((from..to).filter(|next| self.candidates[*next].verdict == Verdict::Open));
                }
            }
        }
        self.freed = freed;
    }

    /// Returns whether the candidate at index `other`, if it still counts, takes precedence over the one at `at`.
    fn is_higher(&self, other: usize, at: usize) -> bool {
        let (theirs, ours) = (&self.candidates[other], &self.candidates[at]);
        theirs.verdict == Verdict::Open && (theirs.height, other) > (ours.height, at)
    }

    /// Returns the range of candidates within the distance from the one at `at`, which is included: the first, and one
    /// past the last.
    fn span(&self, rule: &PeakRule, at: usize) -> (usize, usize) {
        let near =
            |other: &usize| self.candidates[*other].position.abs_diff(self.candidates[at].position) < rule.distance;
        let from = (0..at).rev().take_while(near).last().unwrap_or(at);
        let to = (at + 1..self.candidates.len()).take_while(near).last().unwrap_or(at) + 1;
        (from, to)
    }

    /// Returns the other candidates within the distance, the nearest first on each side.
    fn near(&self, rule: &PeakRule, at: usize) -> impl Iterator<Item = usize> {
        let position = self.candidates[at].position;
        let near = move |other: &usize| self.candidates[*other].position.abs_diff(position) < rule.distance;
        let before = (0..at).rev().take_while(near);
        before.chain((at + 1..self.candidates.len()).take_while(near))
    }

    /// Computes the prominences of candidates whose windows are complete.
    fn measure(&mut self, rule: &PeakRule, seen: u64) {
        while let Some(candidate) = self.candidates.get(self.measured)
            && candidate.position.saturating_add(rule.reach as u64) < seen
        {
            let prominence = self.prominence(rule, candidate);
            self.candidates[self.measured].prominence = prominence;
            self.measured += 1;
        }
    }

    /// Returns the height above the higher of the two bases: the lowest samples on either side, searched as far as
    /// `reach` and up to a higher sample.
    fn prominence(&self, rule: &PeakRule, candidate: &Candidate) -> f64 {
        // Of a plateau that is wider than the window the window has nothing but the plateau.
        let to_edge = (candidate.plateau_size - 1) / 2;
        if to_edge >= rule.reach as u64 {
            return 0.0;
        }
        let height = candidate.height;
        let back = (self.seen - candidate.position) as usize;
        let Some(at) = self.window.len().checked_sub(back) else { return 0.0 };
        let base = |samples: &mut dyn Iterator<Item = &f32>| {
            let lower = samples.take(rule.reach).take_while(|x| **x <= height || x.is_nan());
            lower.fold(height, |low, x| if *x < low { *x } else { low })
        };
        let left = base(&mut self.window.range(..at).rev());
        let right = base(&mut self.window.range(at + 1..));
        f64::from(height) - f64::from(left.max(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::detect::peaks::{Conditions, find_peaks};
    use proptest::prelude::*;

    fn rules() -> impl Strategy<Value = PeakRule> {
        let prominence = prop_oneof![Just(None), (0u8..6).prop_map(|p| Some(f64::from(p)))];
        (0i8..4, 1u64..4, 1u64..12, prominence, 1usize..9).prop_map(
            |(height, plateau_size, distance, prominence, reach)| PeakRule {
                height: f32::from(height),
                plateau_size,
                distance,
                prominence,
                reach,
            },
        )
    }

    /// Returns the positions of `find_peaks` on the whole, and prominences where they are asked for.
    fn whole(x: &[f32], rule: &PeakRule) -> Vec<(u64, Option<f64>)> {
        let conditions = Conditions {
            height: Some((Some(f64::from(rule.height)), None)),
            plateau_size: Some((Some(rule.plateau_size as f64), None)),
            distance: Some(rule.distance as f64),
            prominence: rule.prominence.map(|least| (Some(least), None)),
            wlen: Some((2 * rule.reach + 1) as f64),
            rel_height: 0.5,
            ..Conditions::default()
        };
        let x: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
        let found = find_peaks(&x, &conditions);
        let prominence = |i: usize| found.prominences.get(i).copied();
        found.peaks.iter().enumerate().map(|(i, peak)| (*peak as u64, prominence(i))).collect()
    }

    /// Small integers, so that heights are often equal and plateaus wide.
    fn signal() -> impl Strategy<Value = Vec<f32>> {
        let runs = prop::collection::vec((-1i8..7, 1usize..6), 0..120);
        runs.prop_map(|runs| runs.into_iter().flat_map(|(x, n)| vec![f32::from(x); n]).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn a_stream_has_the_peaks_of_the_whole(x in signal(), rule in rules(), save in any::<prop::sample::Index>()) {
            let mut stream = PeakStream::default();
            let mut found = vec![];
            let mut note = |c: &Candidate| found.push((c.position, rule.prominence.map(|_| c.prominence)));
            for (n, sample) in x.iter().enumerate() {
                if n == save.index(x.len()) {
                    stream.resume();
                }
                stream.take(&rule, *sample, |at| at as f64, &mut note);
            }
            stream.end(&rule, &mut note);
            found.sort_by_key(|(position, _)| *position);
            prop_assert_eq!(found, whole(&x, &rule));
            prop_assert!(stream.candidates.is_empty());
        }
    }

    #[test]
    fn a_peak_is_known_as_early_as_can_be() {
        let rule = PeakRule { height: 0.0, plateau_size: 1, distance: 4, prominence: Some(1.0), reach: 6 };
        let mut stream = PeakStream::default();
        let mut known = vec![];
        for n in 0..40u64 {
            let x = if n == 10 {
                5.0
            } else if n == 12 {
                3.0
            } else {
                0.0
            };
            stream.take(&rule, x, |at| at as f64, |peak| known.push((n, peak.position, peak.prominence)));
        }
        assert_eq!(known, [(16, 10, 5.0)]);
    }
}
