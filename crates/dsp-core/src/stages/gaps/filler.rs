//! Filling of the missing samples of one channel.

use std::collections::VecDeque;

crate::texts! {
    /// The replacement of a missing sample.
    pub enum Policy {
        /// The last sample before the gap.
        Hold = "hold",
        /// The straight line from the last sample before the gap to the first one after it.
        Interpolate = "interpolate",
        /// NaN.
        Nan = "nan",
    }
}

crate::texts! {
    /// The replacement in gaps that are too long for the policy.
    pub enum Beyond {
        /// NaN.
        Nan = "nan",
        /// The last sample before the gap.
        Hold = "hold",
    }
}

/// The rule for all channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Replacement of a missing sample.
    pub policy: Policy,
    /// Largest number of samples of a gap that the policy fills.
    pub longest: usize,
    /// Replacement in the rest of longer gaps.
    pub beyond: Beyond,
    /// Value that is held before the first sample.
    pub start: f32,
}

impl Rule {
    /// Returns the delay of the output in samples.
    pub fn delay(&self) -> usize {
        if self.policy == Policy::Interpolate { self.longest } else { 0 }
    }

    /// Returns how many samples of a gap of that length are filled.
    fn filled(&self, length: u64) -> u64 {
        let longest = self.longest as u64;
        match self.policy {
            Policy::Nan => 0,
            _ if self.beyond == Beyond::Hold => length,
            Policy::Hold => length.min(longest),
            Policy::Interpolate => {
                if length <= longest {
                    length
                } else {
                    0
                }
            }
        }
    }
}

/// A gap that has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// Number of missing samples.
    pub length: u64,
    /// Time of the first of them in milliseconds.
    pub since: f64,
    /// Number of filled samples.
    pub filled: u64,
}

/// A sample in the delay line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Late {
    /// Value that is output.
    pub value: f32,
    /// Whether the sample was missing.
    pub is_missing: bool,
}

/// The state of one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Filler {
    /// The last sample that was not missing.
    pub last: Option<f32>,
    /// Number of missing samples since then.
    pub length: u64,
    /// Time of the first of them in milliseconds.
    pub since: f64,
    /// The last samples, oldest first; their number is the delay.
    pub late: VecDeque<Late>,
}

impl Filler {
    /// Returns a channel without samples.
    pub fn new(rule: &Rule) -> Self {
        // Room for one more: a sample is put in before one is taken out.
        let mut late = VecDeque::with_capacity(rule.delay() + 1);
        late.resize(rule.delay(), Late { value: rule.start, is_missing: false });
        Self { last: None, length: 0, since: 0.0, late }
    }

    /// Processes the next sample, whose time is `time` in milliseconds; returns the output, and the gap that ends
    /// before it.
    pub fn take(&mut self, rule: &Rule, sample: f32, time: impl FnOnce() -> f64) -> (Late, Option<Gap>) {
        if sample.is_finite() {
            let gap = self.close(rule, Some(sample));
            self.last = Some(sample);
            return (self.pass(Late { value: sample, is_missing: false }), gap);
        }
        if self.length == 0 {
            self.since = time();
        }
        self.length += 1;
        let is_held = match rule.policy {
            Policy::Hold => self.length <= rule.longest as u64 || rule.beyond == Beyond::Hold,
            // Overwritten where the gap ends in time.
            Policy::Interpolate => rule.beyond == Beyond::Hold,
            Policy::Nan => false,
        };
        let value = if is_held { self.last.unwrap_or(rule.start) } else { f32::NAN };
        (self.pass(Late { value, is_missing: true }), None)
    }

    /// Processes a frame of silence after the end of the stream: a gap ends without a sample after it.
    pub fn take_silence(&mut self, rule: &Rule) -> (Late, Option<Gap>) {
        let gap = self.close(rule, self.last);
        (self.pass(Late::default()), gap)
    }

    fn pass(&mut self, newest: Late) -> Late {
        self.late.push_back(newest);
        self.late.pop_front().unwrap_or(newest)
    }

    /// Ends the gap, if there is one, and interpolates it up to `next`.
    fn close(&mut self, rule: &Rule, next: Option<f32>) -> Option<Gap> {
        if self.length == 0 {
            return None;
        }
        let length = std::mem::take(&mut self.length);
        let mut filled = rule.filled(length);
        if rule.policy == Policy::Interpolate && length <= rule.longest as u64 {
            match next {
                Some(next) => self.draw(length as usize, next),
                // Nothing but missing samples.
                None => filled = if rule.beyond == Beyond::Hold { length } else { 0 },
            }
        }
        Some(Gap { length, since: self.since, filled })
    }

    /// Overwrites the last `length` samples with the line from the last sample (or, if there was none, from `next`
    /// itself) to `next`.
    fn draw(&mut self, length: usize, next: f32) {
        let from = f64::from(self.last.unwrap_or(next));
        let step = (f64::from(next) - from) / (length + 1) as f64;
        let first = self.late.len() - length;
        for (k, late) in self.late.range_mut(first..).enumerate() {
            late.value = (from + step * (k + 1) as f64) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f32 = f32::NAN;

    fn run(rule: Rule, input: &[f32]) -> (Vec<f32>, Vec<Gap>) {
        let mut filler = Filler::new(&rule);
        let (mut output, mut gaps) = (vec![], vec![]);
        for (n, x) in input.iter().enumerate() {
            let (late, gap) = filler.take(&rule, *x, || n as f64);
            output.push(late.value);
            gaps.extend(gap);
        }
        (output, gaps)
    }

    fn same(x: &[f32], y: &[f32]) -> bool {
        x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x == y || x.is_nan() && y.is_nan())
    }

    fn rule(policy: Policy, longest: usize, beyond: Beyond) -> Rule {
        Rule { policy, longest, beyond, start: 0.0 }
    }

    #[test]
    fn a_held_sample_is_held_so_long() {
        let input = [NAN, 3.0, NAN, NAN, NAN, 4.0, f32::INFINITY];
        let (output, gaps) = run(rule(Policy::Hold, 2, Beyond::Nan), &input);
        assert!(same(&output, &[0.0, 3.0, 3.0, 3.0, NAN, 4.0, 4.0]), "{output:?}");
        let gap = |length, since, filled| Gap { length, since, filled };
        assert_eq!(gaps, [gap(1, 0.0, 1), gap(3, 2.0, 2)]);
        let (output, gaps) = run(rule(Policy::Hold, 2, Beyond::Hold), &input);
        assert!(same(&output, &[0.0, 3.0, 3.0, 3.0, 3.0, 4.0, 4.0]), "{output:?}");
        assert_eq!(gaps[1], gap(3, 2.0, 3));
    }

    #[test]
    fn lines_are_drawn_over_gaps_that_are_short_enough() {
        let input = [NAN, 2.0, NAN, NAN, 8.0, NAN, NAN, NAN, 1.0, 1.0, 1.0];
        let (output, gaps) = run(rule(Policy::Interpolate, 2, Beyond::Nan), &input);
        // Two samples late; what is before the first sample is that one.
        assert!(same(&output, &[0.0, 0.0, 2.0, 2.0, 4.0, 6.0, 8.0, NAN, NAN, NAN, 1.0]), "{output:?}");
        assert_eq!(gaps.iter().map(|gap| (gap.length, gap.filled)).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 0)]);
        let (output, _) = run(rule(Policy::Interpolate, 2, Beyond::Hold), &input);
        assert!(same(&output[7..], &[8.0, 8.0, 8.0, 1.0]), "{output:?}");
    }

    #[test]
    fn a_gap_at_the_end_has_no_line() {
        let rule = rule(Policy::Interpolate, 3, Beyond::Nan);
        let mut filler = Filler::new(&rule);
        for x in [5.0, NAN] {
            filler.take(&rule, x, || 7.0);
        }
        let end: Vec<_> = (0..3).map(|_| filler.take_silence(&rule)).collect();
        assert_eq!(end[0].1, Some(Gap { length: 1, since: 7.0, filled: 1 }));
        assert_eq!(end.iter().map(|(late, _)| late.value).collect::<Vec<_>>(), [0.0, 5.0, 5.0]);
    }
}
