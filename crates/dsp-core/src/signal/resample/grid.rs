//! Irregularly sampled frames on one regular grid over a whole stream: the algorithm of `TimeAlignment`.
//!
//! Grid point i stands at `t[0] + i·1000/rate` ms, with integer i, so that nothing drifts and no cut moves a point. A
//! point is output as soon as the frames that its value depends on have arrived: the one after it (linear), two (cubic)
//! or three (sinc). The remaining points come with [`Aligner::finish`], up to the first one at or after the last frame.

use crate::error::{Error, Result};
use crate::limits::resize_with;
use crate::signal::resample::alignment::{Drift, GapPolicy, Method, Settings};
use crate::signal::resample::curve::{BEHIND, Line, Place};
use crate::text::js_number;

/// Largest number of intervals used to estimate the input rate.
const ESTIMATE: f64 = 100.0;

/// Times in single precision are too coarse if their spacing exceeds this share of the grid's interval.
const COARSE: f64 = 0.1;

/// A running estimate of the interval of the input from its first stamps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Estimate {
    stamps: f64,
    last: f64,
    /// Sums of the stamps since the first one and of their products with their index; the average of the intervals.
    sums: [f64; 3],
}

impl Estimate {
    fn push(&mut self, drift: Drift, since: f64) {
        let k = self.stamps;
        let limit = if drift == Drift::Regression { ESTIMATE } else { ESTIMATE + 1.0 };
        if k >= limit {
            return;
        }
        let [sum, ramp, average] = self.sums;
        let interval = since - self.last;
        let average = if k < 2.0 { interval } else { 0.1 * interval + 0.9 * average };
        (self.stamps, self.last, self.sums) = (k + 1.0, since, [sum + since, ramp + k * since, average]);
    }

    /// Returns the rate in Hz; `target` if it cannot be estimated.
    fn rate(&self, drift: Drift, target: f64) -> f64 {
        let n = self.stamps;
        let [sum, ramp, average] = self.sums;
        match drift {
            Drift::None => target,
            _ if n < 2.0 => target,
            // Σk = n(n−1)/2 and Σk² = n(n−1)(2n−1)/6, so n·Σk² − (Σk)² = n²(n²−1)/12.
            Drift::Regression => 1000.0 * (n * n * (n * n - 1.0) / 12.0) / (n * ramp - n * (n - 1.0) / 2.0 * sum),
            Drift::Pll => 1000.0 / average,
        }
    }
}

/// The position of a stream on its grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Position {
    /// Index of the next grid point.
    next: f64,
    /// Index of the frame that begins its interval.
    bracket: usize,
    /// Index of the next frame for the estimate, which covers the frames up to the end of the interval.
    estimated: usize,
    estimate: Estimate,
}

/// The alignment of a stream with its grid.
#[derive(Debug, Clone)]
pub struct Aligner {
    settings: Settings,
    rate: f64,
    longest: f64,
    /// Time of the first frame and first grid point, in milliseconds.
    origin: Option<f64>,
    position: Position,
    /// The last frames: times in milliseconds, and the samples of each channel.
    stamps: Vec<f64>,
    lines: Vec<Vec<f32>>,
    /// Position of the first point found by the last call, and the number of points.
    start: Position,
    found: usize,
    /// Frames of the last call that were dropped, with their delay in milliseconds.
    late: Vec<(usize, f64)>,
}

impl Aligner {
    /// Returns an aligner without frames. `rate` is the rate of the grid in Hz; intervals of more than `longest` ms are
    /// refused.
    pub fn new(settings: Settings, rate: f64, longest: f64) -> Self {
        Self {
            settings,
            rate,
            longest,
            origin: None,
            position: Position::default(),
            stamps: vec![],
            lines: vec![],
            start: Position::default(),
            found: 0,
            late: vec![],
        }
    }

    /// Returns the rate of the grid in Hz.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Returns the longest allowed interval between two frames in milliseconds.
    pub fn longest(&self) -> f64 {
        self.longest
    }

    /// Restores the state before the first frame.
    pub fn reset(&mut self) {
        self.origin = None;
        self.position = Position::default();
        self.stamps.clear();
        self.lines.clear();
        self.found = 0;
    }

    /// Returns the number of channels of the stream; 0 before its first frame.
    pub fn channels(&self) -> usize {
        self.lines.len()
    }

    /// Returns the expected time of the frame `count` frames after the last one, at the interval of the last two.
    pub fn expected(&self, count: usize) -> Option<f64> {
        let interval = match *self.stamps.as_slice() {
            [.., before, last] => last - before,
            _ => 1000.0 / self.rate,
        };
        self.last().map(|last| last + count as f64 * interval)
    }

    /// Returns the time of the last frame.
    fn last(&self) -> Option<f64> {
        self.stamps.last().copied()
    }

    /// Takes the times of `frames` frames and finds the grid points whose values are determined now; returns how many.
    /// `single`: the times were given in single precision. On an error the state does not change. [`Self::align`] must
    /// follow for every channel.
    ///
    /// # Errors
    /// `RangeError` if times are too far apart or too coarse, or the result would have more than `limit` frames;
    /// `Error` if a time is not finite or before the first of the stream, or a point is inside a gap and the policy is
    /// [`GapPolicy::Error`].
    pub fn advance(
        &mut self,
        channels: usize,
        frames: usize,
        single: bool,
        limit: usize,
        at: impl Fn(usize) -> f64,
    ) -> Result<usize> {
        if channels != self.channels() && frames > 0 {
            self.reset();
            resize_with(&mut self.lines, channels, Vec::new)?;
        }
        let known = self.stamps.len();
        let origin = self.origin;
        let found = self.take_times(frames, single, at).and_then(|()| self.find(false, limit));
        if found.is_err() {
            self.stamps.truncate(known);
            self.origin = origin;
            self.found = 0;
        }
        found
    }

    /// Finds the remaining points at the end of the stream; returns how many.
    ///
    /// # Errors
    /// Those of [`Self::advance`].
    pub fn finish(&mut self, limit: usize) -> Result<usize> {
        self.late.clear();
        self.find(true, limit)
    }

    /// Returns how many points [`Self::finish`] would find.
    pub fn left(&self) -> usize {
        let (Some(origin), Some(last)) = (self.origin, self.last()) else { return 0 };
        let count = self.index_of(last - origin).ceil() + 1.0;
        (count - self.position.next).max(0.0) as usize
    }

    /// Returns the frames of the last call that were dropped because their time is before that of the frame before:
    /// index in the call, and difference in milliseconds.
    pub fn late(&self) -> &[(usize, f64)] {
        &self.late
    }

    fn take_times(&mut self, frames: usize, single: bool, at: impl Fn(usize) -> f64) -> Result<()> {
        self.late.clear();
        for frame in 0..frames {
            let time = at(frame);
            self.check(time, single)?;
            match self.last() {
                Some(last) if time < last => self.late.push((frame, last - time)),
                _ => self.stamps.push(time),
            }
            self.origin.get_or_insert(time);
        }
        Ok(())
    }

    fn check(&self, time: f64, single: bool) -> Result<()> {
        let failed = |text: String| Err(Error::range(format!("TimeAlignmentStage: {text}")));
        if !time.is_finite() {
            return Err(Error::failed("TimeAlignmentStage: a timestamp is not finite"));
        }
        if self.origin.is_some_and(|origin| time < origin) {
            return Err(Error::failed("TimeAlignmentStage: a timestamp is before the first of the stream"));
        }
        let (interval, spacing) = (1000.0 / self.rate, time.abs() * f64::from(f32::EPSILON));
        if single && spacing > COARSE * interval {
            let [time, spacing, interval] = [time, spacing, interval].map(js_number);
            return failed(format!(
                "a timestamp of {time} ms in a Float32Array is exact to {spacing} ms only, the grid's interval is {interval} ms: \
                 pass a Float64Array or a BigInt64Array, or milliseconds since the start"
            ));
        }
        let Some(step) = self.last().map(|last| time - last).filter(|step| step.abs() > self.longest) else {
            return Ok(());
        };
        let [step, longest] = [step, self.longest].map(js_number);
        failed(format!("a step of {step} ms between two timestamps is longer than maxGap, {longest} ms"))
    }

    /// Returns the number of grid intervals in `span` milliseconds, with fraction.
    fn index_of(&self, span: f64) -> f64 {
        span * self.rate / 1000.0
    }

    fn find(&mut self, is_end: bool, limit: usize) -> Result<usize> {
        self.found = 0;
        let (Some(origin), Some(last)) = (self.origin, self.last()) else { return Ok(0) };
        let most = self.index_of(last - origin).ceil() + 1.0 - self.position.next;
        if most > limit as f64 {
            let text = format!("TimeAlignmentStage: {} output frames are too many", js_number(most));
            return Err(Error::range(text));
        }
        // Of a rate beyond the precision of the times, all points fall on one frame: the count ends them, not the
        // times.
        let end = self.position.next + most.max(0.0);
        let (mut position, mut found) = (self.position, 0);
        while position.next < end {
            let place = self.seek(&mut position, origin);
            if !is_end && !self.is_known(place) {
                break;
            }
            if place.in_gap && self.settings.policy == GapPolicy::Error {
                let (index, time) = (position.next, js_number(place.time));
                let text = format!("TimeAlignmentStage: Gap detected at output index {index}, targetTime={time}");
                return Err(Error::failed(text));
            }
            found += 1;
            position.next += 1.0;
        }
        (self.start, self.found, self.position) = (self.position, found, position);
        Ok(found)
    }

    /// Returns the time of a grid point in milliseconds.
    fn time(&self, origin: f64, index: f64) -> f64 {
        origin + index * 1000.0 / self.rate
    }

    /// Moves to the first interval that ends at or after the next point.
    fn seek(&self, position: &mut Position, origin: f64) -> Place {
        let time = self.time(origin, position.next);
        let last = self.stamps.len() - 1;
        loop {
            while position.estimated <= last.min(position.bracket + 1) {
                position.estimate.push(self.settings.drift, self.stamps[position.estimated] - origin);
                position.estimated += 1;
            }
            if position.bracket == last || self.stamps[position.bracket + 1] >= time {
                return self.place(position, time);
            }
            position.bracket += 1;
        }
    }

    /// Returns whether the frames on which the value depends have arrived.
    fn is_known(&self, Place { bracket, time, .. }: Place) -> bool {
        let ahead = match self.settings.method {
            Method::Linear => 1,
            Method::Cubic => 2,
            Method::Sinc => 3,
        };
        let is_frame = self.settings.method == Method::Linear && self.stamps[bracket] == time;
        is_frame || bracket + ahead < self.stamps.len()
    }

    fn place(&self, position: &Position, time: f64) -> Place {
        let rate = position.estimate.rate(self.settings.drift, self.rate);
        let bracket = position.bracket;
        let in_gap = self.stamps.get(bracket + 1).is_some_and(|&right| {
            let left = self.stamps[bracket];
            right - left > 1000.0 / rate * f64::from(self.settings.threshold) && left < time && time < right
        });
        Place { time, bracket, in_gap, rate }
    }

    /// Takes the samples of one channel of the last call and writes its values at the points found.
    pub fn align(&mut self, channel: usize, samples: &[f32], output: &mut [f32]) {
        let mut late = self.late.iter().map(|(frame, _)| *frame).peekable();
        let on_time = samples.iter().enumerate().filter(|(frame, _)| late.next_if_eq(frame).is_none());
        let mut line = std::mem::take(&mut self.lines[channel]);
        line.extend(on_time.map(|(_, sample)| *sample));
        let view = Line { settings: self.settings, stamps: &self.stamps, samples: &line };
        let mut position = self.start;
        for y in output.iter_mut().take(self.found) {
            *y = view.at(self.seek(&mut position, self.origin.unwrap_or(0.0))) as f32;
            position.next += 1.0;
        }
        self.lines[channel] = line;
    }

    /// Returns the times of the points found in milliseconds.
    pub fn times(&self) -> impl Iterator<Item = f64> {
        let origin = self.origin.unwrap_or(0.0);
        (0..self.found).map(move |i| self.time(origin, self.start.next + i as f64))
    }

    /// Drops the frames that no later point depends on; call it after [`Self::align`] of all channels.
    pub fn trim(&mut self) {
        self.found = 0;
        let excess = self.position.bracket.saturating_sub(BEHIND);
        self.stamps.drain(..excess);
        self.lines.iter_mut().for_each(|line| drop(line.drain(..excess)));
        self.position.bracket -= excess;
        self.position.estimated -= excess;
    }

    /// Returns the state as numbers; none before the first frame.
    pub fn save(&self) -> Vec<f64> {
        let Some(origin) = self.origin else { return vec![] };
        let Position { next, bracket, estimated, estimate } = self.position;
        let [sum, ramp, average] = estimate.sums;
        let [bracket, estimated] = [bracket, estimated].map(|frame| frame as f64);
        let mut saved = vec![origin, next, bracket, estimated, estimate.stamps, estimate.last, sum, ramp, average];
        saved.push(self.lines.len() as f64);
        saved.extend(&self.stamps);
        self.lines.iter().for_each(|line| saved.extend(line.iter().map(|x| f64::from(*x))));
        saved
    }

    /// Restores the numbers that [`Self::save`] returned.
    ///
    /// # Errors
    /// If they are not such numbers.
    pub fn load(&mut self, saved: &[f64]) -> Result<()> {
        self.reset();
        if saved.is_empty() {
            return Ok(());
        }
        let wrong = || Error::failed("the stream of 'TimeAlignment' is damaged");
        let (head, rest) = saved.split_first_chunk::<10>().ok_or_else(wrong)?;
        let [origin, next, bracket, estimated, stamps, last, sum, ramp, average, channels] = *head;
        let is_count = |x: f64| x >= 0.0 && x.fract() == 0.0 && x <= crate::text::MAX_SAFE_INTEGER;
        let shape_fits = is_count(channels) && channels >= 1.0 && rest.len() as f64 % (channels + 1.0) == 0.0;
        if !origin.is_finite() || ![next, bracket, estimated, stamps].into_iter().all(is_count) || !shape_fits {
            return Err(wrong());
        }
        let frames = rest.len() / (channels as usize + 1);
        let (times, samples) = rest.split_at(frames);
        let in_order = times.iter().all(|time| time.is_finite()) && times.is_sorted();
        if frames == 0 || bracket >= frames as f64 || !(bracket..=frames as f64).contains(&estimated) || !in_order {
            return Err(wrong());
        }
        self.origin = Some(origin);
        let estimate = Estimate { stamps, last, sums: [sum, ramp, average] };
        self.position = Position { next, bracket: bracket as usize, estimated: estimated as usize, estimate };
        self.stamps = times.to_vec();
        self.lines = samples.chunks_exact(frames).map(|line| line.iter().map(|x| *x as f32).collect()).collect();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Texts;
    use proptest::prelude::*;

    const SETTINGS: Settings = Settings {
        rate: 100.0,
        method: Method::Linear,
        policy: GapPolicy::Interpolate,
        threshold: 2.0,
        drift: Drift::None,
    };
    const HOUR: f64 = 3.6e6;

    /// Returns the grid of a stream that is cut into calls of `frames`, with its end, and how many frames were left
    /// out.
    fn align(
        settings: Settings,
        stamps: &[f64],
        samples: &[f32],
        frames: usize,
    ) -> Result<(Vec<f64>, Vec<f32>, usize)> {
        let mut aligner = Aligner::new(settings, settings.rate.into(), HOUR);
        let (mut times, mut values, mut late) = (vec![], vec![], 0);
        let mut give = |aligner: &mut Aligner, count: usize, samples: &[f32]| {
            let mut output = vec![0.0; count];
            aligner.align(0, samples, &mut output);
            times.extend(aligner.times());
            values.extend(output);
            aligner.trim();
        };
        for (stamps, samples) in stamps.chunks(frames).zip(samples.chunks(frames)) {
            let count = aligner.advance(1, stamps.len(), false, 1 << 20, |k| stamps[k])?;
            late += aligner.late().len();
            give(&mut aligner, count, samples);
            let saved = aligner.save();
            aligner = Aligner::new(settings, settings.rate.into(), HOUR);
            aligner.load(&saved)?;
        }
        let left = aligner.left();
        let count = aligner.finish(1 << 20)?;
        assert_eq!(count, left);
        give(&mut aligner, count, &[]);
        Ok((times, values, late))
    }

    #[test]
    fn a_cut_does_not_move_the_grid() {
        let stamps: Vec<f64> = (0..160).map(|k| f64::from(k) * 10.0 + f64::from(k % 7)).collect();
        let samples: Vec<f32> = (0..160).map(|k| ((k * k) % 31) as f32).collect();
        let whole = align(SETTINGS, &stamps, &samples, 160).unwrap();
        assert_eq!(whole.0, (0..whole.0.len()).map(|i| i as f64 * 10.0).collect::<Vec<_>>());
        assert_eq!(whole.0.len(), 161);
        for frames in [1, 2, 61, 159] {
            assert_eq!(align(SETTINGS, &stamps, &samples, frames).unwrap(), whole);
        }
    }

    #[test]
    fn cubics_follow_a_parabola_at_any_spacing() {
        let settings = Settings { rate: 2000.0, threshold: 100.0, method: Method::Cubic, ..SETTINGS };
        for stamps in [&[0.0, 1.0, 2.0][..], &[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 4.0, 4.5, 9.0, 9.5]] {
            let samples: Vec<f32> = stamps.iter().map(|t| (t * t) as f32).collect();
            let (times, values, _) = align(settings, stamps, &samples, 2).unwrap();
            assert_eq!((times[1], values[1]), (0.5, 0.25));
            for (t, y) in times.iter().zip(&values) {
                assert!((f64::from(*y) - t * t).abs() < 1e-5, "{t}: {y}");
            }
        }
    }

    #[test]
    fn frames_of_a_clock_set_back_are_counted() {
        let stamps = [0.0, 10.0, 20.0, 30.0, 5.0, 15.0, 25.0, 40.0];
        let samples = [0.0, 1.0, 2.0, 3.0, -1.0, -1.0, -1.0, 4.0];
        for frames in [1, 3, 8] {
            let (times, values, late) = align(SETTINGS, &stamps, &samples, frames).unwrap();
            assert_eq!((times, values, late), (vec![0.0, 10.0, 20.0, 30.0, 40.0], vec![0.0, 1.0, 2.0, 3.0, 4.0], 3));
        }
    }

    #[test]
    fn jumps_and_times_that_are_too_coarse_are_refused_before_anything_is_taken() {
        let mut aligner = Aligner::new(SETTINGS, 100.0, HOUR);
        aligner.advance(1, 1, false, 1000, |_| 0.0).unwrap();
        let mut refused = |single: bool, stamps: &[f64], text: &str| {
            let before = aligner.stamps.clone();
            let error = aligner.advance(1, stamps.len(), single, 1000, |k| stamps[k]).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(aligner.stamps, before);
        };
        refused(false, &[10.0, 2e8], "a step of 199999990 ms between two timestamps is longer than maxGap, 3600000 ms");
        refused(false, &[20_000.0], "2000 output frames are too many");
        refused(false, &[f64::NAN], "not finite");
        refused(false, &[10.0, -1.0], "before the first of the stream");
        refused(true, &[1.7e12], "pass a Float64Array");
        assert!(aligner.advance(1, 1, true, 1000, |_| 1000.0).is_ok());
    }

    #[test]
    fn rates_are_estimated() {
        let mut estimate = Estimate::default();
        (0..200).for_each(|k| estimate.push(Drift::Regression, f64::from(k) * 4.0));
        assert!((estimate.rate(Drift::Regression, 100.0) - 250.0).abs() < 1e-9);
        assert_eq!(estimate.stamps, 100.0);
        let mut estimate = Estimate::default();
        (0..200).for_each(|k| estimate.push(Drift::Pll, f64::from(k) * 4.0));
        assert!((estimate.rate(Drift::Pll, 100.0) - 250.0).abs() < 1e-9);
        assert_eq!(Estimate::default().rate(Drift::Pll, 100.0), 100.0);
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_bits(
            intervals in prop::collection::vec(-5.0f64..40.0, 1..120), frames in 1usize..50,
            method in 0usize..3, drift in 0usize..3, policy in 1usize..5,
        ) {
            let policies = [GapPolicy::Error, GapPolicy::ZeroFill, GapPolicy::Hold, GapPolicy::Interpolate, GapPolicy::Extrapolate];
            let settings = Settings {
                method: Method::MEMBERS[method], drift: Drift::MEMBERS[drift], policy: policies[policy], ..SETTINGS
            };
            let mut stamps = vec![1.7e12];
            intervals.iter().for_each(|d| stamps.push((stamps[stamps.len() - 1] + d).max(1.7e12)));
            let samples: Vec<f32> = (0..stamps.len()).map(|k| ((k * k) % 31) as f32).collect();
            let whole = align(settings, &stamps, &samples, stamps.len()).expect("has no error");
            prop_assert_eq!(align(settings, &stamps, &samples, frames).expect("has no error"), whole);
        }
    }
}
