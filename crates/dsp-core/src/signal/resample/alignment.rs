//! Irregularly sampled frames on a regular grid: the algorithm of `TimeAlignment`.
//!
//! Grid and gaps are computed in single precision, as in dspx, since rounding there decides the number of output frames
//! and the side of a stamp on which a grid point lies. Values are computed in double precision.

use std::f64::consts::PI;

use crate::error::{Error, Result};

/// Largest number of frames, or intervals, used to estimate the input rate.
const ESTIMATE: usize = 100;

/// Intervals below this length in ms have no slope.
const TINY_INTERVAL: f64 = 1e-6;

crate::texts! {
    /// The interpolation between two frames.
    pub enum Method {
        /// Linear, between the two frames.
        Linear = "linear",
        /// The Catmull-Rom spline through four frames; linear if there are fewer.
        Cubic = "cubic",
        /// A sinc under a Hamming window over eight frames.
        Sinc = "sinc",
    }
}

/// The output for a grid point inside a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapPolicy {
    /// An error.
    Error,
    /// Zeros.
    ZeroFill,
    /// The last frame before the gap.
    Hold,
    /// The straight line across the gap.
    Interpolate,
    /// The straight line through the last two frames before the gap.
    Extrapolate,
}

crate::texts! {
    /// The estimate of the input rate.
    pub enum Drift {
        /// The target rate.
        None = "none",
        /// The slope of the least-squares line through the stamps.
        Regression = "regression",
        /// An exponential average of the intervals.
        Pll = "pll",
    }
}

/// Parameters of an alignment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Sample rate of the grid in Hz.
    pub rate: f32,
    /// Interpolation between frames.
    pub method: Method,
    /// Output inside gaps.
    pub policy: GapPolicy,
    /// Longest interval that is not a gap, relative to the expected one.
    pub threshold: f32,
    /// Estimate of the input rate.
    pub drift: Drift,
}

/// The frames of one call and their grid.
#[derive(Debug)]
pub struct Alignment<'a> {
    settings: Settings,
    /// Time of every frame in ms; at least one frame.
    stamps: &'a [f32],
    /// Estimated rate of the input in Hz.
    input_rate: f64,
    /// Longest interval in ms that is not a gap.
    limit: f32,
    /// Interval of the grid in ms.
    interval: f32,
}

/// The position of a grid point: its time, and the index of the frame that begins its interval.
#[derive(Debug, Clone, Copy)]
struct Place {
    time: f64,
    bracket: usize,
    in_gap: bool,
}

impl<'a> Alignment<'a> {
    /// Returns the alignment of frames at `stamps`.
    ///
    /// # Errors
    /// `Error` if there is no stamp, one is not finite, or the last is before the first.
    pub fn new(settings: Settings, stamps: &'a [f32]) -> Result<Self> {
        let failed = |text: &str| Err(Error::failed(format!("TimeAlignmentStage: {text}")));
        let [first, .., last] = stamps else {
            return if stamps.len() == 1 { Self::checked(settings, stamps) } else { failed("there is no timestamp") };
        };
        if last < first {
            return failed("the last timestamp is before the first");
        }
        Self::checked(settings, stamps)
    }

    fn checked(settings: Settings, stamps: &'a [f32]) -> Result<Self> {
        if stamps.iter().any(|t| !t.is_finite()) {
            return Err(Error::failed("TimeAlignmentStage: a timestamp is not finite"));
        }
        let input_rate = input_rate(settings, stamps);
        let limit = 1000.0 / input_rate as f32 * settings.threshold;
        Ok(Self { settings, stamps, input_rate, limit, interval: 1000.0 / settings.rate })
    }

    /// Returns the number of grid points; infinite if they cannot be counted.
    pub fn frames(&self) -> f64 {
        let span = self.stamps[self.stamps.len() - 1] - self.stamps[0];
        f64::from((span / self.interval).ceil()) + 1.0
    }

    /// Returns the time of grid point `i` in ms.
    pub fn time(&self, i: usize) -> f32 {
        self.stamps[0] + i as f32 * self.interval
    }

    /// Calls `each(i, place)` for the first `frames` grid points.
    fn places(&self, frames: usize, mut each: impl FnMut(usize, Place) -> Result<()>) -> Result<()> {
        let last = self.stamps.len() - 1;
        let mut bracket = 0;
        for i in 0..frames {
            let time = self.time(i);
            while bracket < last && self.stamps[bracket + 1] < time {
                bracket += 1;
            }
            let in_gap = bracket < last && {
                let (left, right) = (self.stamps[bracket], self.stamps[bracket + 1]);
                right - left > self.limit && left < time && time < right
            };
            each(i, Place { time: f64::from(time), bracket, in_gap })?;
        }
        Ok(())
    }

    /// Checks the first `frames` grid points.
    ///
    /// # Errors
    /// If the policy is [`GapPolicy::Error`] and one of them is inside a gap.
    pub fn check_gaps(&self, frames: usize) -> Result<()> {
        if self.settings.policy != GapPolicy::Error {
            return Ok(());
        }
        self.places(frames, |i, place| {
            if !place.in_gap {
                return Ok(());
            }
            let time = crate::text::js_number(place.time);
            let text = format!("TimeAlignmentStage: Gap detected at output index {i}, targetTime={time}");
            Err(Error::failed(text))
        })
    }

    /// Writes the values of one channel at the grid points; `samples` are its values at the stamps.
    pub fn align(&self, samples: &[f32], output: &mut [f32]) {
        let channel = Channel { alignment: self, samples };
        // Gaps have been checked; there is no other error.
        let _ = self.places(output.len(), |i, place| {
            output[i] = if place.in_gap { channel.gap(place) } else { channel.value(place) } as f32;
            Ok(())
        });
    }
}

/// Returns the estimated rate of the input in Hz.
fn input_rate(settings: Settings, stamps: &[f32]) -> f64 {
    let target = f64::from(settings.rate);
    let n = stamps.len();
    let since = |k: usize| f64::from(stamps[k]) - f64::from(stamps[0]);
    match settings.drift {
        _ if n < 2 => target,
        Drift::None => target,
        Drift::Regression => {
            let m = n.min(ESTIMATE);
            let count = m as f64;
            let (mut k_sum, mut kk, mut t_sum, mut kt) = (0.0, 0.0, 0.0, 0.0);
            for k in 0..m {
                let (x, t) = (k as f64, since(k));
                (k_sum, kk, t_sum, kt) = (k_sum + x, kk + x * x, t_sum + t, kt + x * t);
            }
            1000.0 * (count * kk - k_sum * k_sum) / (count * kt - k_sum * t_sum)
        }
        Drift::Pll => {
            let mut average = since(1);
            for k in 1..(n - 1).min(ESTIMATE) {
                average = 0.1 * (since(k + 1) - since(k)) + 0.9 * average;
            }
            1000.0 / average
        }
    }
}

/// One channel's samples with their alignment.
struct Channel<'a> {
    alignment: &'a Alignment<'a>,
    samples: &'a [f32],
}

impl Channel<'_> {
    fn stamp(&self, k: usize) -> f64 {
        f64::from(self.alignment.stamps[k])
    }

    fn sample(&self, k: usize) -> f64 {
        f64::from(self.samples[k])
    }

    fn last(&self) -> usize {
        self.samples.len() - 1
    }

    /// Returns the value at `time` on the line through frames `a` and `a + 1`, measured from frame `from`; the value of
    /// frame `from` if the two coincide.
    fn line(&self, a: usize, from: usize, time: f64) -> f64 {
        let interval = self.stamp(a + 1) - self.stamp(a);
        if interval < TINY_INTERVAL {
            return self.sample(from);
        }
        let slope = self.sample(a + 1) - self.sample(a);
        self.sample(from) + (time - self.stamp(from)) / interval * slope
    }

    fn gap(&self, Place { time, bracket: g, .. }: Place) -> f64 {
        match self.alignment.settings.policy {
            GapPolicy::ZeroFill | GapPolicy::Error => 0.0,
            GapPolicy::Hold => self.sample(g),
            GapPolicy::Interpolate => self.line(g, g, time),
            GapPolicy::Extrapolate if g == 0 => 0.0,
            GapPolicy::Extrapolate => self.line(g - 1, g, time),
        }
    }

    fn value(&self, place: Place) -> f64 {
        match self.alignment.settings.method {
            Method::Linear => self.linear(place),
            Method::Cubic => self.cubic(place),
            Method::Sinc => self.sinc(place),
        }
    }

    fn linear(&self, Place { time, bracket: k, .. }: Place) -> f64 {
        let last = self.last();
        if time <= self.stamp(0) {
            return self.sample(0);
        }
        if time >= self.stamp(last) {
            let extrapolate = self.alignment.settings.policy == GapPolicy::Extrapolate && last > 0;
            return if extrapolate { self.line(last - 1, last, time) } else { self.sample(last) };
        }
        self.line(k, k, time)
    }

    fn cubic(&self, place: Place) -> f64 {
        let (k, last) = (place.bracket, self.last());
        if last < 3 || k == last || self.stamp(k + 1) - self.stamp(k) < TINY_INTERVAL {
            return self.linear(place);
        }
        let a = (place.time - self.stamp(k)) / (self.stamp(k + 1) - self.stamp(k));
        let p = [k.saturating_sub(1), k, k + 1, (k + 2).min(last)].map(|i| self.sample(i));
        0.5 * (2.0 * p[1]
            + (p[2] - p[0]) * a
            + (2.0 * p[0] - 5.0 * p[1] + 4.0 * p[2] - p[3]) * a * a
            + (3.0 * p[1] - p[0] - 3.0 * p[2] + p[3]) * a * a * a)
    }

    fn sinc(&self, place: Place) -> f64 {
        let k = place.bracket;
        let (mut value, mut sum, mut magnitude) = (0.0, 0.0, 0.0);
        for (tap, j) in (0..8).map(|tap| (tap, (k + tap).wrapping_sub(4))).filter(|(_, j)| *j <= self.last()) {
            let distance = (place.time - self.stamp(j)) * self.alignment.input_rate / 1000.0;
            let window = 0.54 - 0.46 * (2.0 * PI * tap as f64 / 8.0).cos();
            let weight = normalised_sinc(distance) * window;
            value += weight * self.sample(j);
            sum += weight;
            magnitude += weight.abs();
        }
        // Also false where a rate of infinity has made the weights NaN.
        let usable = magnitude >= 1e-3 && sum > 0.05 * magnitude;
        if usable { value / sum } else { self.linear(place) }
    }
}

/// Returns `sin(πx)/(πx)`.
fn normalised_sinc(x: f64) -> f64 {
    if x.abs() < 1e-6 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SETTINGS: Settings = Settings {
        rate: 100.0,
        method: Method::Linear,
        policy: GapPolicy::Interpolate,
        threshold: 2.0,
        drift: Drift::None,
    };

    fn align(settings: Settings, stamps: &[f32], samples: &[f32]) -> Result<Vec<f32>> {
        let alignment = Alignment::new(settings, stamps)?;
        let mut output = vec![0.0; alignment.frames() as usize];
        alignment.check_gaps(output.len())?;
        alignment.align(samples, &mut output);
        Ok(output)
    }

    #[test]
    fn grid_lengths_of_the_contract() {
        let length = |rate, span| {
            let stamps = [0.0, span];
            Alignment::new(Settings { rate, ..SETTINGS }, &stamps).unwrap().frames()
        };
        assert_eq!(length(10.0, 500.0), 6.0);
        // In double precision it would be 5.
        assert_eq!(length(3.0, 1000.0), 4.0);
        assert_eq!(length(10.0, 0.0), 1.0);
        assert_eq!(length(1e30, 1e30), f64::INFINITY);
    }

    #[test]
    fn gaps_by_every_policy() {
        let (stamps, samples) = ([0.0, 10.0, 50.0, 60.0], [0.0, 1.0, 9.0, 10.0]);
        let by = |policy| align(Settings { policy, ..SETTINGS }, &stamps, &samples);
        assert_eq!(by(GapPolicy::ZeroFill).unwrap(), [0.0, 1.0, 0.0, 0.0, 0.0, 9.0, 10.0]);
        assert_eq!(by(GapPolicy::Hold).unwrap(), [0.0, 1.0, 1.0, 1.0, 1.0, 9.0, 10.0]);
        assert_eq!(by(GapPolicy::Interpolate).unwrap(), [0.0, 1.0, 3.0, 5.0, 7.0, 9.0, 10.0]);
        assert_eq!(by(GapPolicy::Extrapolate).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 9.0, 10.0]);
        let error = by(GapPolicy::Error).unwrap_err().to_string();
        assert_eq!(error, "TimeAlignmentStage: Gap detected at output index 2, targetTime=20");
    }

    #[test]
    fn rates_are_estimated() {
        let stamps: Vec<f32> = (0..200).map(|k| k as f32 * 4.0).collect();
        for drift in [Drift::Regression, Drift::Pll] {
            let rate = input_rate(Settings { drift, ..SETTINGS }, &stamps);
            assert!((rate - 250.0).abs() < 1e-9, "{rate}");
        }
        assert_eq!(input_rate(SETTINGS, &stamps), 100.0);
    }

    #[test]
    fn stamps_that_cannot_be_used() {
        let refused = |stamps: &[f32]| align(SETTINGS, stamps, &vec![0.0; stamps.len()]).unwrap_err().to_string();
        assert!(refused(&[0.0, f32::NAN, 20.0]).contains("timestamp is not finite"));
        assert!(refused(&[f32::INFINITY]).contains("timestamp is not finite"));
        assert!(refused(&[20.0, 10.0, 0.0]).contains("timestamp is before"));
        assert!(refused(&[]).contains("no timestamp"));
    }

    fn settings() -> impl Strategy<Value = Settings> {
        (0usize..3, 0usize..5, 0usize..3, 1f32..5.0, 0.5f32..500.0).prop_map(
            |(method, policy, drift, threshold, rate)| Settings {
                rate,
                threshold,
                method: [Method::Linear, Method::Cubic, Method::Sinc][method],
                policy: [
                    GapPolicy::Error,
                    GapPolicy::ZeroFill,
                    GapPolicy::Hold,
                    GapPolicy::Interpolate,
                    GapPolicy::Extrapolate,
                ][policy],
                drift: [Drift::None, Drift::Regression, Drift::Pll][drift],
            },
        )
    }

    proptest! {
        #[test]
        fn any_order_of_stamps_is_survived(
            settings in settings(), stamps in prop::collection::vec(-1e3f32..1e3, 1..60), equal in any::<bool>(),
        ) {
            let stamps = if equal { vec![stamps[0]; stamps.len()] } else { stamps };
            let samples: Vec<f32> = (0..stamps.len()).map(|i| i as f32).collect();
            if let Ok(output) = align(settings, &stamps, &samples) {
                prop_assert!(output.len() <= 2 + (2e3 * settings.rate / 1000.0) as usize);
            }
        }

        #[test]
        fn a_straight_line_stays_one(
            settings in settings(), intervals in prop::collection::vec(0.5f32..20.0, 1..60),
        ) {
            // Between frames, linear interpolation of a line is exact up to the rounding of times and results.
            let settings = Settings { method: Method::Linear, policy: GapPolicy::Interpolate, ..settings };
            let mut stamps = vec![0.0f32];
            intervals.iter().for_each(|d| stamps.push(stamps[stamps.len() - 1] + d));
            let last = stamps[stamps.len() - 1];
            let output = align(settings, &stamps, &stamps).unwrap();
            let alignment = Alignment::new(settings, &stamps).unwrap();
            for (i, y) in output.iter().enumerate() {
                prop_assert!((y - alignment.time(i).min(last)).abs() <= 1e-6 * last, "{i}: {y}");
            }
        }
    }
}
