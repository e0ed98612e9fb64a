//! Values between irregularly sampled frames: lines, cubics, windowed sincs, and the output inside gaps.

use std::f64::consts::PI;

use crate::signal::resample::alignment::{GapPolicy, Method, Settings};

/// Intervals below this length in ms have no slope.
const TINY_INTERVAL: f64 = 1e-6;

/// Largest number of frames before a point that its value depends on, that of a sinc.
pub const BEHIND: usize = 4;

/// A grid point.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Time in milliseconds.
    pub time: f64,
    /// Index of the frame that begins its interval; for a point at or after the last frame, the last one.
    pub bracket: usize,
    /// Whether the interval is a gap and the point lies strictly inside.
    pub in_gap: bool,
    /// Sample rate of the input in Hz.
    pub rate: f64,
}

/// One channel's samples with their times.
pub struct Line<'a> {
    /// Parameters of the interpolation.
    pub settings: Settings,
    /// Times in milliseconds, in ascending order.
    pub stamps: &'a [f64],
    /// Samples, one per time.
    pub samples: &'a [f32],
}

impl Line<'_> {
    fn stamp(&self, k: usize) -> f64 {
        self.stamps[k]
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

    /// Returns the value at a grid point.
    pub fn at(&self, place: Place) -> f64 {
        if place.in_gap { self.gap(place) } else { self.value(place) }
    }

    fn gap(&self, Place { time, bracket: g, .. }: Place) -> f64 {
        match self.settings.policy {
            GapPolicy::ZeroFill | GapPolicy::Error => 0.0,
            GapPolicy::Hold => self.sample(g),
            GapPolicy::Interpolate => self.line(g, g, time),
            GapPolicy::Extrapolate if g == 0 => 0.0,
            GapPolicy::Extrapolate => self.line(g - 1, g, time),
        }
    }

    fn value(&self, place: Place) -> f64 {
        match self.settings.method {
            Method::Linear => self.linear(place),
            Method::Cubic => self.cubic(place),
            Method::Sinc => self.sinc(place),
        }
    }

    fn linear(&self, Place { time, bracket: k, .. }: Place) -> f64 {
        if k < self.last() && time > self.stamp(k) {
            return self.line(k, k, time);
        }
        let extrapolate = self.settings.policy == GapPolicy::Extrapolate && k > 0 && time > self.stamp(k);
        if extrapolate { self.line(k - 1, k, time) } else { self.sample(k) }
    }

    /// Returns the cubic with the values of the two surrounding frames and, at each, the slope of the parabola through
    /// three frames; for equal intervals this is the Catmull–Rom spline. `scipy.interpolate.CubicHermiteSpline` over
    /// `numpy.gradient(…, edge_order=2)`.
    fn cubic(&self, place: Place) -> f64 {
        let k = place.bracket;
        if self.last() < 2 || k == self.last() || self.stamp(k + 1) - self.stamp(k) < TINY_INTERVAL {
            return self.linear(place);
        }
        let width = self.stamp(k + 1) - self.stamp(k);
        let [left, right] = [k, k + 1].map(|frame| self.slope(frame, frame.clamp(1, self.last() - 1)) * width);
        let (p, q) = (self.sample(k), self.sample(k + 1));
        let a = (place.time - self.stamp(k)) / width;
        p + a * (left + a * (3.0 * (q - p) - 2.0 * left - right + a * (2.0 * (p - q) + left + right)))
    }

    /// Returns the slope at `frame` of the parabola through the three frames around `middle`; if two of them coincide,
    /// the slope of the line through the others.
    fn slope(&self, frame: usize, middle: usize) -> f64 {
        let difference = |a: usize, b: usize| {
            let interval = self.stamp(b) - self.stamp(a);
            (interval >= TINY_INTERVAL).then(|| (self.sample(b) - self.sample(a)) / interval)
        };
        match (difference(middle - 1, middle), difference(middle, middle + 1)) {
            (Some(before), Some(after)) => {
                let (h, k) = (self.stamp(middle) - self.stamp(middle - 1), self.stamp(middle + 1) - self.stamp(middle));
                let curvature = (after - before) / (h + k);
                before + curvature * (h + 2.0 * (self.stamp(frame) - self.stamp(middle)))
            }
            (Some(slope), None) | (None, Some(slope)) => slope,
            (None, None) => 0.0,
        }
    }

    fn sinc(&self, place: Place) -> f64 {
        let k = place.bracket;
        let (mut value, mut sum, mut magnitude) = (0.0, 0.0, 0.0);
        for (tap, j) in (0..8).map(|tap| (tap, (k + tap).wrapping_sub(BEHIND))).filter(|(_, j)| *j <= self.last()) {
            let distance = (place.time - self.stamp(j)) * place.rate / 1000.0;
            let window = 0.54 - 0.46 * (2.0 * PI * tap as f64 / 8.0).cos();
            let sinc = if distance.abs() < 1e-6 { 1.0 } else { (PI * distance).sin() / (PI * distance) };
            let weight = sinc * window;
            value += weight * self.sample(j);
            sum += weight;
            magnitude += weight.abs();
        }
        // Also false where a rate of infinity has made the weights NaN.
        let usable = magnitude >= 1e-3 && sum > 0.05 * magnitude;
        if usable { value / sum } else { self.linear(place) }
    }
}
