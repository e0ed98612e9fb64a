//! The position of the R peak of a complex in the lightly filtered signal.
//!
//! Annotators mark the main deflection: the R wave, the S or Q wave where there is no R, the top of a wide ventricular
//! complex. It lies where the signal is far from the baseline before the complex and strongly curved at the same time:
//! distance alone would follow slopes of the baseline, curvature alone would pick the sharpest corner of a wide
//! complex.

/// Largest number of samples examined: 350 ms at 600 Hz.
const MAX_WINDOW: usize = 255;

/// Distances of the search in fine samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Half of a window of 17 ms over which deflections are averaged.
    smooth: usize,
    /// Half of a window of 7 ms over which the last search averages: as short as noise allows.
    fine: usize,
    /// 45 ms: the span over which curvature is measured.
    span: usize,
    /// 90 ms: the largest distance of an R peak from the centre of energy.
    reach: usize,
    /// 25 ms: the largest distance of the extremum from the largest deflection.
    near: usize,
    /// The baseline before: 200 to 110 ms before the centre.
    line: (usize, usize),
    /// The baseline after: 100 to 145 ms after the centre.
    behind: (usize, usize),
}

/// The position and size of a candidate's R peak.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Placed {
    /// Samples from the centre of energy to the R peak.
    pub offset: i64,
    /// Deflection from the baseline before, in units of the signal.
    pub amplitude: f64,
    /// Share of the largest deflection that remains after the complex: 1 for a step.
    pub step: f64,
}

impl Place {
    /// Returns the distances at `rate` Hz.
    pub fn new(rate: f64) -> Self {
        let samples = |ms: f64| (ms * rate / 1000.0).round() as usize;
        Self {
            smooth: samples(8.0).max(1),
            fine: samples(3.0).max(1),
            span: samples(45.0),
            reach: samples(90.0),
            near: samples(25.0),
            line: (samples(200.0), samples(110.0)),
            behind: (samples(100.0), samples(145.0)),
        }
    }

    /// Returns how many samples must be known before and after the centre.
    pub fn range(&self) -> (usize, usize) {
        let bend = self.reach + self.span + self.smooth;
        let top = self.reach + self.near + self.fine;
        (self.line.0.max(bend).max(top) + 1, self.behind.1.max(bend).max(top) + 1)
    }

    /// Finds the R peak around the sample `centre` of `values`. `polarity` is the mean sign of the last beats, −1…1.
    pub fn find(&self, values: &[f32], centre: usize, polarity: f64) -> Placed {
        // Running sums of the samples that matter; the first of them is subtracted, so that large offsets cost no
        // digits.
        let (before, behind) = self.range();
        let first = centre.saturating_sub(before);
        let window = &values[first..(centre + behind + 1).min(values.len())];
        let offset = f64::from(window[0]);
        let mut sums = [0.0; MAX_WINDOW + 1];
        for (k, x) in window.iter().enumerate() {
            sums[k + 1] = sums[k] + (f64::from(*x) - offset);
        }
        let mean = |from: usize, to: usize| (sums[to + 1 - first] - sums[from - first]) / (to - from + 1) as f64;
        let around = |at: usize, half: usize| mean(at - half, at + half);
        let line = mean(centre - self.line.0, centre - self.line.1);
        let bend = |at: usize| {
            let sides = around(at - self.span, self.smooth) + around(at + self.span, self.smooth);
            around(at, self.smooth) - 0.5 * sides
        };
        let (mut best, mut at, mut sign) = (0.0, centre, 1.0);
        for candidate in centre - self.reach..=centre + self.reach {
            let deflection = around(candidate, self.smooth) - line + bend(candidate);
            let far = candidate.abs_diff(centre) as f64 / self.reach as f64;
            // R before S where both are alike: upwards, or as in the beats before.
            let preference = 1.0 + 0.13 * deflection.signum() * (1.0 + 0.7 * polarity);
            let score = deflection.abs() * (1.0 - 0.4 * far * far) * preference;
            if score > best {
                (best, at, sign) = (score, candidate, bend(candidate).signum());
            }
        }
        let (mut top, mut peak) = (f64::NEG_INFINITY, at);
        let (first, last) = (centre - self.reach, centre + self.reach);
        for candidate in (at - self.near).max(first)..=(at + self.near).min(last) {
            let height = sign * around(candidate, self.fine);
            if height > top {
                (top, peak) = (height, candidate);
            }
        }
        let largest = values[centre - self.reach..=centre + self.reach]
            .iter()
            .fold(0.0_f64, |largest, x| largest.max((f64::from(*x) - offset - line).abs()));
        let left = (mean(centre + self.behind.0, centre + self.behind.1) - line).abs();
        Placed {
            offset: peak as i64 - centre as i64,
            amplitude: around(peak, self.fine) - line,
            step: if largest > 0.0 { left / largest } else { 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bump(at: f64, width: f64, k: usize) -> f64 {
        (-0.5 * ((k as f64 - at) / width).powi(2)).exp()
    }

    fn find(wave: impl Fn(usize) -> f64) -> Placed {
        let values: Vec<f32> = (0..200).map(|k| (3.0 + wave(k)) as f32).collect();
        Place::new(360.0).find(&values, 100, 0.0)
    }

    #[test]
    fn the_main_deflection_is_the_r_peak() {
        let r = find(|k| bump(103.0, 4.0, k) - 0.3 * bump(113.0, 4.0, k));
        assert_eq!(r.offset, 3);
        assert!((r.amplitude - 1.0).abs() < 0.05 && r.step < 0.1, "{r:?}");
        let qs = find(|k| 0.2 * bump(88.0, 4.0, k) - bump(98.0, 5.0, k));
        assert_eq!(qs.offset, -2);
        assert!(qs.amplitude < -0.9);
        // A wide ventricular complex whose energy is in its falling slope.
        let wide = find(|k| 1.6 * bump(80.0, 11.0, k) - 0.7 * bump(115.0, 14.0, k));
        assert!((-22..=-18).contains(&wide.offset), "{wide:?}");
    }

    #[test]
    fn a_step_stays() {
        assert!(find(|k| if k < 100 { 0.0 } else { 2.0 }).step > 0.95);
    }
}
