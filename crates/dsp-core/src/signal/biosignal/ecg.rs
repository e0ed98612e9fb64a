//! Cleaning of whole electrocardiograms and their beats by published methods, with the numbers of NeuroKit2.

use std::collections::VecDeque;

use super::filters::{averaged_both_ways, both_ways, boxcar, butterworth, once, trailing};
use super::numbers::mean;
use super::waves::most_prominent;
use crate::error::{Error, Result};
use crate::signal::detect::peaks::{Conditions, find_peaks};

crate::texts! {
    /// Published methods.
    pub enum Method {
        /// Gradient over its running mean (Makowski 2021).
        Neurokit = "neurokit",
        /// Pan and Tompkins (1985).
        PanTompkins = "pantompkins",
        /// Hamilton (2002).
        Hamilton = "hamilton",
        /// Elgendi (2010).
        Elgendi = "elgendi",
    }
}

/// The lead as the method wants it.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn clean(x: &[f64], rate: f64, method: Method) -> Result<Vec<f64>> {
    let band = |low, high, order| once(x, &butterworth(rate, Some(low), Some(high), order)?);
    match method {
        Method::Neurokit => {
            let without_wander = both_ways(x, &butterworth(rate, Some(0.5), None, 5)?)?;
            let mains = if rate >= 100.0 { (rate / 50.0) as usize } else { 2 };
            averaged_both_ways(&without_wander, mains)
        }
        Method::PanTompkins => band(5.0, 15.0, 1),
        Method::Hamilton => band(8.0, 16.0, 1),
        Method::Elgendi => band(8.0, 20.0, 2),
    }
}

/// Samples of the R peaks of a cleaned lead.
///
/// # Errors
/// `RangeError` for a rate below 25 Hz or a lead that is shorter than a window of the method.
pub fn peaks(x: &[f64], rate: f64, method: Method) -> Result<Vec<usize>> {
    if rate < 25.0 || (x.len() as f64) < 0.8 * rate {
        return Err(Error::range("the lead must be 0.8 s long and have 25 samples a second at least"));
    }
    Ok(match method {
        Method::Neurokit => neurokit(x, rate),
        Method::PanTompkins => pan_tompkins(x, rate),
        Method::Hamilton => hamilton(x, rate),
        Method::Elgendi => elgendi(x, rate),
    })
}

/// Where a truth value becomes true (the sample before), and where false again.
pub fn crossings(values: &[bool]) -> (Vec<usize>, Vec<usize>) {
    let at = |rises: bool| {
        let changes = values.windows(2).enumerate();
        changes.filter(move |(_, pair)| pair[0] != pair[1] && pair[1] == rises).map(|(k, _)| k).collect::<Vec<usize>>()
    };
    let (begins, mut ends) = (at(true), at(false));
    let first = begins.first().copied().unwrap_or(usize::MAX);
    ends.retain(|end| *end > first);
    (begins, ends)
}

/// Differences to both neighbours.
fn gradient(x: &[f64]) -> Vec<f64> {
    let last = x.len() - 1;
    (0..=last)
        .map(|k| match k {
            0 => x[1] - x[0],
            k if k == last => x[k] - x[k - 1],
            k => (x[k + 1] - x[k - 1]) / 2.0,
        })
        .collect()
}

fn neurokit(x: &[f64], rate: f64) -> Vec<usize> {
    let samples = |seconds: f64| (seconds * rate).round_ties_even() as usize;
    let steepness: Vec<f64> = gradient(x).iter().map(|x| x.abs()).collect();
    let smooth = boxcar(&steepness, samples(0.1));
    let usual = boxcar(&smooth, samples(0.75));
    let steep: Vec<bool> = smooth.iter().zip(&usual).map(|(smooth, usual)| *smooth > 1.5 * usual).collect();
    let (begins, ends) = crossings(&steep);
    let lengths: Vec<f64> = begins.iter().zip(&ends).map(|(begin, end)| *end as f64 - *begin as f64).collect();
    let least = 0.4 * mean(&lengths);
    let mut found: Vec<usize> = vec![];
    for ((begin, end), length) in begins.into_iter().zip(ends).zip(lengths) {
        if length < least {
            continue;
        }
        let Some(peak) = most_prominent(&x[begin..end.max(begin)]) else { continue };
        let peak = begin + peak;
        if peak - found.last().copied().unwrap_or(0) > samples(0.3) {
            found.push(peak);
        }
    }
    found
}

fn pan_tompkins(x: &[f64], rate: f64) -> Vec<usize> {
    let squared: Vec<f64> = x.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).collect();
    let mut energy = trailing(&squared, ((0.12 * rate) as usize).max(1));
    let head = ((0.2 * rate) as usize).min(energy.len());
    energy[..head].fill(0.0);
    let single = Conditions { plateau_size: Some((Some(1.0), Some(1.0))), ..Conditions::default() };
    let peaks = find_peaks(&energy, &single).peaks;
    let (distance, missed_distance) = ((0.3 * rate) as usize, (0.25 * rate) as usize);
    let (mut found, mut signal, mut noise, mut last, mut next): (Vec<usize>, _, _, _, _) = (vec![], 0.0, 0.0, 0, 0);
    for (index, &peak) in peaks.iter().enumerate() {
        let height = energy[peak];
        let threshold = noise + 0.25 * (signal - noise);
        if height <= threshold || peak <= last + distance {
            noise = 0.125 * height + 0.875 * noise;
            continue;
        }
        found.push(peak);
        let count = found.len();
        if count > 9 {
            let usual = (found[count - 2] - found[count - 10]) / 8;
            if peak - last > (1.66 * usual as f64) as usize {
                // Looks back for the highest peak at half of the threshold.
                let between = |missed: &&usize| **missed > last + missed_distance && **missed + missed_distance < peak;
                let candidates = peaks[next..index].iter().filter(between);
                let mut best: Option<usize> = None;
                for &candidate in candidates.filter(|missed| energy[**missed] > 0.5 * threshold) {
                    if best.is_none_or(|best| energy[candidate] > energy[best]) {
                        best = Some(candidate);
                    }
                }
                if let Some(missed) = best {
                    found[count - 1] = missed;
                    found.push(peak);
                }
            }
        }
        (last, next) = (peak, index + 1);
        signal = 0.125 * height + 0.875 * signal;
    }
    found
}

/// The last eight of some numbers.
#[derive(Default)]
struct Last8(VecDeque<f64>);

impl Last8 {
    /// Takes a number; returns the mean.
    fn push(&mut self, value: f64) -> f64 {
        if self.0.len() == 8 {
            self.0.pop_front();
        }
        self.0.push_back(value);
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

fn hamilton(x: &[f64], rate: f64) -> Vec<usize> {
    let steps: Vec<f64> = x.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let window = ((0.08 * rate) as usize).max(1);
    // Before the signal there was nothing; the first two windows are left out anyway.
    let mut average = trailing(&steps, window);
    let head = (2 * window).min(average.len());
    average[..head].fill(0.0);
    let (mut noise, mut signal, mut intervals) = (Last8::default(), Last8::default(), Last8::default());
    let (mut noise_mean, mut signal_mean, mut usual, mut threshold) = (0.0, 0.0, 0.0, 0.0);
    let (mut beats, mut indices, mut peaks): (Vec<usize>, Vec<usize>, Vec<usize>) = (vec![0], vec![], vec![]);
    for peak in 1..average.len().saturating_sub(1) {
        let height = average[peak];
        if !(average[peak - 1] < height && average[peak + 1] < height) {
            continue;
        }
        peaks.push(peak);
        let last = beats[beats.len() - 1];
        if height > threshold && peak as f64 - last as f64 > 0.3 * rate {
            beats.push(peak);
            indices.push(peak);
            signal_mean = signal.push(height);
            let count = beats.len();
            let is_late = usual != 0.0 && (beats[count - 1] - beats[count - 2]) as f64 > 1.5 * usual;
            if is_late && looks_back(&mut beats, &indices, &peaks, &average, (0.36 * rate, 0.5 * threshold)) {
                continue;
            }
            if count > 2 {
                usual = intervals.push((beats[count - 1] - beats[count - 2]) as f64).trunc();
            }
        } else {
            noise_mean = noise.push(height);
        }
        threshold = noise_mean + 0.45 * (signal_mean - noise_mean);
    }
    beats.remove(0);
    beats
}

/// Adds the first peak between the last two beats that was missed. NeuroKit2 takes the samples of the beats for places in the
/// list of all peaks, which mostly lie behind its end; so does this, for the same numbers.
fn looks_back(
    beats: &mut Vec<usize>,
    indices: &[usize],
    peaks: &[usize],
    average: &[f64],
    (distance, threshold): (f64, f64),
) -> bool {
    let Some(before) = indices.len().checked_sub(2).map(|k| indices[k]) else { return false };
    let last = indices[indices.len() - 1];
    let between = peaks.get(before + 1..last.min(peaks.len())).unwrap_or_default();
    let Some(&start) = peaks.get(before) else { return false };
    let is_missed = |peak: &&usize| **peak as f64 - start as f64 > distance.trunc() && average[**peak] > threshold;
    let Some(&missed) = between.iter().find(is_missed) else { return false };
    let place = beats.partition_point(|beat| *beat <= missed);
    beats.insert(place, missed);
    true
}

fn elgendi(x: &[f64], rate: f64) -> Vec<usize> {
    let magnitude: Vec<f64> = x.iter().map(|x| x.abs()).collect();
    let complex = trailing(&magnitude, ((0.12 * rate) as usize).max(1));
    let beat = trailing(&magnitude, ((0.6 * rate) as usize).max(1));
    let (shortest, distance) = ((0.08 * rate) as usize, (0.3 * rate) as usize);
    let (mut found, mut start): (Vec<usize>, usize) = (vec![], 0);
    for k in 0..x.len() - 1 {
        let (now, next) = (complex[k] > beat[k], complex[k + 1] > beat[k + 1]);
        if !now && next {
            start = k;
        } else if now && !next && k > start + shortest + 1 {
            let block = &x[start..k];
            let top = (1..block.len()).fold(0, |top, k| if block[k] > block[top] { k } else { top });
            if found.last().is_none_or(|last| start + top > last + distance) {
                found.push(start + top);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_come_in_pairs() {
        let values = [true, false, true, true, false, true];
        assert_eq!(crossings(&values), (vec![1, 4], vec![3]));
    }

    #[test]
    fn a_flat_or_short_lead_has_no_beats() {
        for method in [Method::Neurokit, Method::PanTompkins, Method::Hamilton, Method::Elgendi] {
            assert_eq!(peaks(&[0.0; 1000], 250.0, method), Ok(vec![]), "{method:?}");
            assert_eq!(peaks(&[f64::NAN; 1000], 250.0, method), Ok(vec![]), "{method:?}");
            assert!(matches!(peaks(&[0.0; 10], 250.0, method), Err(Error::Range(_))));
        }
    }
}
