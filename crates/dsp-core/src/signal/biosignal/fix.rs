//! Beats that were missed, found too often, or misplaced: found and corrected from their intervals (Lipponen and Tarvainen
//! 2019, as Kubios does), and the rate between beats.

use super::numbers::{mean, percentile, sorted};

/// Beats that are not as others, by their place in the list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Artifacts {
    /// Early or late beats, and those that were misplaced.
    pub ectopic: Vec<usize>,
    /// Beats before which one is missing.
    pub missed: Vec<usize>,
    /// Beats that are none.
    pub extra: Vec<usize>,
    /// Intervals that are too long or too short.
    pub longshort: Vec<usize>,
}

impl Artifacts {
    fn count(&self) -> usize {
        self.ectopic.len() + self.missed.len() + self.extra.len() + self.longshort.len()
    }
}

/// Corrects peaks until no fewer artifacts are left; returns what was last found, and the peaks.
pub fn fix_peaks(peaks: &[f64], rate: f64) -> (Artifacts, Vec<f64>) {
    let mut artifacts = find(peaks, rate);
    let mut fixed = correct(&artifacts, peaks.to_vec());
    let mut count = artifacts.count();
    loop {
        let found = find(&fixed, rate);
        if found.count() >= count {
            return (artifacts, fixed);
        }
        count = found.count();
        fixed = correct(&found, fixed);
        artifacts = found;
    }
}

/// 5.2 quarter-ranges of the magnitudes of 91 values around each.
fn threshold(values: &[f64]) -> Vec<f64> {
    let around = |k: usize| {
        let window = &values[k.saturating_sub(45)..(k + 46).min(values.len())];
        let magnitudes: Vec<f64> = window.iter().map(|x| x.abs()).filter(|x| !x.is_nan()).collect();
        let ordered = sorted(&magnitudes);
        5.2 * (percentile(&ordered, 0.75) - percentile(&ordered, 0.25)) / 2.0
    };
    (0..values.len()).map(around).collect()
}

/// Differences to the value before; the first one is the mean of the others, or `alone`.
fn differences(values: &[f64], alone: f64) -> Vec<f64> {
    let mut list = vec![alone];
    list.extend(values.windows(2).map(|pair| pair[1] - pair[0]));
    if list.len() > 1 {
        list[0] = mean(&list[1..]);
    }
    list
}

/// Values over their thresholds; NaN where that is 0.
fn scaled(values: &mut [f64], thresholds: &[f64]) {
    for (value, threshold) in values.iter_mut().zip(thresholds) {
        *value = if *threshold == 0.0 { f64::NAN } else { *value / threshold };
    }
}

/// The larger or the smaller of two numbers; NaN if one is.
fn extreme(a: f64, b: f64, is_largest: bool) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if is_largest {
        a.max(b)
    } else {
        a.min(b)
    }
}

fn find(peaks: &[f64], rate: f64) -> Artifacts {
    let n = peaks.len();
    let mut artifacts = Artifacts::default();
    if n < 4 {
        return artifacts;
    }
    let rr: Vec<f64> = differences(&peaks.iter().map(|peak| peak / rate).collect::<Vec<f64>>(), 1.0);
    let mut steps = differences(&rr, 0.0);
    let first = threshold(&steps);
    scaled(&mut steps, &first);
    // Beyond the ends the values are mirrored.
    let step = |k: usize| steps[if k < n { k } else { 2 * (n - 1) - k }];
    let before = |k: usize| steps[if k == 0 { 1 } else { k - 1 }];
    let s12 = |k: usize| match steps[k] {
        d if d > 0.0 => extreme(before(k), step(k + 1), true),
        d if d < 0.0 => extreme(before(k), step(k + 1), false),
        _ => 0.0,
    };
    let s22 = |k: usize| match steps[k] {
        d if d >= 0.0 => extreme(step(k + 1), step(k + 2), false),
        d if d < 0.0 => extreme(step(k + 1), step(k + 2), true),
        _ => 0.0,
    };
    let usual: Vec<f64> = (0..n).map(|k| percentile(&sorted(&rr[k.saturating_sub(5)..(k + 6).min(n)]), 0.5)).collect();
    let mut deviations: Vec<f64> = rr.iter().zip(&usual).map(|(rr, usual)| rr - usual).collect();
    deviations.iter_mut().filter(|x| **x < 0.0).for_each(|x| *x *= 2.0);
    let second = threshold(&deviations);
    scaled(&mut deviations, &second);
    let mut k = 0;
    while k + 2 < n {
        // NaN is no step within the limits.
        if steps[k].abs() <= 1.0 {
            k += 1;
            continue;
        }
        let is_ectopic = (steps[k] > 1.0 && s12(k) < -0.13 * steps[k] - 0.17)
            || (steps[k] < -1.0 && s12(k) > -0.13 * steps[k] + 0.17);
        if is_ectopic {
            artifacts.ectopic.push(k);
            k += 1;
            continue;
        }
        if !(steps[k].abs() > 1.0 || deviations[k].abs() > 3.0) {
            k += 1;
            continue;
        }
        let candidates = if steps[k + 1].abs() < steps[k + 2].abs() { k..k + 2 } else { k..k + 1 };
        for j in candidates {
            let is_long = steps[j] > 1.0 && s22(j) < -1.0;
            let is_short = steps[j] < -1.0 && s22(j) > 1.0;
            k += 1;
            if !(is_long || is_short || deviations[j].abs() > 3.0) {
                continue;
            }
            if is_short && (rr[j] + rr[j + 1] - usual[j]).abs() < second[j] {
                artifacts.extra.push(j);
            } else if is_long && (rr[j] / 2.0 - usual[j]).abs() < second[j] {
                artifacts.missed.push(j);
            } else {
                artifacts.longshort.push(j);
            }
        }
    }
    artifacts
}

/// Places in a list from which, or into which, values have been taken or put at `changed`.
fn moved(places: &[usize], changed: &[usize], by: isize) -> Vec<usize> {
    let mut places: Vec<usize> = places.to_vec();
    for change in changed {
        for place in places.iter_mut().filter(|place| **place > *change) {
            *place = place.saturating_add_signed(by);
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

fn correct(artifacts: &Artifacts, mut peaks: Vec<f64>) -> Vec<f64> {
    let Artifacts { extra, missed, ectopic, longshort } = artifacts;
    let mut place = 0..;
    peaks.retain(|_| place.next().is_some_and(|place: usize| !extra.contains(&place)));
    let missed = moved(missed, extra, -1);
    let ectopic = moved(&moved(ectopic, extra, -1), &missed, 1);
    let longshort = moved(&moved(longshort, extra, -1), &missed, 1);
    for place in missed.iter().rev().filter(|place| **place > 1 && **place < peaks.len()).copied().collect::<Vec<_>>() {
        let middle = peaks[place - 1] + (peaks[place] - peaks[place - 1]) / 2.0;
        peaks.insert(place, middle.trunc());
    }
    for misplaced in [ectopic, longshort] {
        let inner: Vec<usize> = misplaced.into_iter().filter(|place| *place > 1 && *place + 1 < peaks.len()).collect();
        let middles: Vec<f64> =
            inner.iter().map(|k| (peaks[k - 1] + (peaks[k + 1] - peaks[k - 1]) / 2.0).trunc()).collect();
        for (place, middle) in inner.into_iter().zip(middles) {
            peaks[place] = middle;
        }
        peaks.sort_by(f64::total_cmp);
    }
    peaks
}

/// Beats a minute at each of rising peaks; the first one has the mean interval. Fewer than four give NaN.
pub fn rate_at_peaks(peaks: &[f64], rate: f64) -> Vec<f64> {
    if peaks.len() < 4 {
        return vec![f64::NAN; peaks.len()];
    }
    periods(peaks, rate).iter().map(|period| 60.0 / period).collect()
}

fn periods(peaks: &[f64], rate: f64) -> Vec<f64> {
    differences(&peaks.iter().map(|peak| peak / rate).collect::<Vec<f64>>(), 1.0)
}

/// Beats a minute at each of `length` samples: intervals are interpolated by monotone cubics (Fritsch and Butland), before
/// the first peak and behind the last they stay. Fewer than four peaks give NaN.
pub fn rate_at_samples(peaks: &[f64], rate: f64, length: usize) -> Vec<f64> {
    if peaks.len() < 4 {
        return vec![f64::NAN; length];
    }
    let periods = periods(peaks, rate);
    let slopes = monotone_slopes(peaks, &periods);
    let mut span = 0;
    let last = peaks.len() - 1;
    let at = |sample: usize| {
        let x = sample as f64;
        if x <= peaks[0] {
            return 60.0 / periods[0];
        }
        if x >= peaks[last] {
            return 60.0 / periods[last];
        }
        while x >= peaks[span + 1] {
            span += 1;
        }
        let width = peaks[span + 1] - peaks[span];
        let t = (x - peaks[span]) / width;
        let (a, b) = (periods[span], periods[span + 1]);
        let (u, v) = (slopes[span] * width, slopes[span + 1] * width);
        let cubic = a + t * (u + t * ((3.0 * (b - a) - 2.0 * u - v) + t * (2.0 * (a - b) + u + v)));
        60.0 / cubic
    };
    (0..length).map(at).collect()
}

/// Slopes of a cubic through points that rises and falls as they do.
fn monotone_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let widths: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let rises: Vec<f64> = y.windows(2).zip(&widths).map(|(pair, width)| (pair[1] - pair[0]) / width).collect();
    let inner = |k: usize| {
        let (before, after) = (rises[k - 1], rises[k]);
        if before * after <= 0.0 {
            return 0.0;
        }
        let (w1, w2) = (2.0 * widths[k] + widths[k - 1], widths[k] + 2.0 * widths[k - 1]);
        (w1 + w2) / (w1 / before + w2 / after)
    };
    let end = |w0: f64, w1: f64, r0: f64, r1: f64| {
        let slope = ((2.0 * w0 + w1) * r0 - w0 * r1) / (w0 + w1);
        if slope * r0 <= 0.0 {
            0.0
        } else if r0 * r1 <= 0.0 && slope.abs() > 3.0 * r0.abs() {
            3.0 * r0
        } else {
            slope
        }
    };
    let last = rises.len() - 1;
    let mut slopes = vec![end(widths[0], widths[1], rises[0], rises[1])];
    slopes.extend((1..=last).map(inner));
    slopes.push(end(widths[last], widths[last - 1], rises[last], rises[last - 1]));
    slopes
}
