//! Waves of pulse, breath, skin and muscle.

use super::ecg::crossings;
use super::filters::{both_ways, boxcar, butterworth};
use super::numbers::{mean, median, variance};
use crate::error::{Error, Result};
use crate::signal::detect::peaks::{Conditions, Peaks, find_peaks};

fn with_prominence(x: &[f64]) -> Peaks {
    find_peaks(x, &Conditions { prominence: Some((None, None)), ..Conditions::default() })
}

/// Place of the peak with the largest prominence, the first of equal ones.
pub fn most_prominent(x: &[f64]) -> Option<usize> {
    let found = with_prominence(x);
    let best =
        (1..found.peaks.len()).fold(0, |best, k| if found.prominences[k] > found.prominences[best] { k } else { best });
    found.peaks.get(best).copied()
}

/// A pulse between 0.5 and 8 Hz.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn ppg_clean(x: &[f64], rate: f64) -> Result<Vec<f64>> {
    both_ways(x, &butterworth(rate, Some(0.5), Some(8.0), 2)?)
}

/// Systolic peaks of a cleaned pulse (Elgendi 2013).
///
/// # Errors
/// `RangeError` for a pulse that is shorter than 0.667 s.
pub fn ppg_peaks(x: &[f64], rate: f64) -> Result<Vec<usize>> {
    if (x.len() as f64) < 0.667 * rate {
        return Err(Error::range("the pulse must be 0.667 s long at least"));
    }
    let samples = |seconds: f64| ((seconds * rate).round_ties_even() as usize).max(1);
    let squared: Vec<f64> = x.iter().map(|x| if *x < 0.0 { 0.0 } else { x * x }).collect();
    let (peak, beat) = (boxcar(&squared, samples(0.111)), boxcar(&squared, samples(0.667)));
    let offset = 0.02 * mean(&squared);
    let waves: Vec<bool> = peak.iter().zip(&beat).map(|(peak, beat)| *peak > beat + offset).collect();
    let (begins, ends) = crossings(&waves);
    let mut found: Vec<usize> = vec![];
    for (begin, end) in begins.into_iter().zip(ends) {
        if end < begin + samples(0.111) {
            continue;
        }
        let Some(top) = most_prominent(&x[begin..end]) else { continue };
        if begin + top - found.last().copied().unwrap_or(0) > samples(0.3) {
            found.push(begin + top);
        }
    }
    Ok(found)
}

/// A breath between 0.05 and 3 Hz.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn rsp_clean(x: &[f64], rate: f64) -> Result<Vec<f64>> {
    both_ways(x, &butterworth(rate, Some(0.05), Some(3.0), 2)?)
}

/// Tops and bottoms of a cleaned breath (Khodadad 2018): extremes between zero crossings, less those smaller than 0.3 of
/// the median.
pub fn rsp_peaks(x: &[f64]) -> (Vec<usize>, Vec<usize>) {
    // The samples before zero crossings.
    let places: Vec<usize> = (1..x.len()).filter(|k| x[k - 1] * x[*k] < 0.0).map(|k| k - 1).collect();
    let extreme = |pair: &[usize]| {
        let (from, to) = (pair[0], pair[1]);
        let sign = if x[from] < 0.0 { 1.0 } else { -1.0 };
        (from..to).fold(from, |best, k| if sign * x[k] > sign * x[best] { k } else { best })
    };
    let mut extremes: Vec<usize> = places.windows(2).map(extreme).collect();
    let steps: Vec<f64> = extremes.windows(2).map(|pair| (x[pair[1]] - x[pair[0]]).abs()).collect();
    let least = 0.3 * median(&steps);
    let mut step = steps.iter();
    extremes.retain(|_| step.next().is_some_and(|step| *step > least));
    // Of extremes in one direction only the turning points stay.
    let sign = |from: usize, to: usize| {
        let step = x[to] - x[from];
        if step == 0.0 { 0.0 } else { step.signum() }
    };
    let kept = |k: usize| {
        let is_inner = k > 0 && k + 1 < extremes.len();
        !is_inner || sign(extremes[k - 1], extremes[k]) + sign(extremes[k], extremes[k + 1]) == 0.0
    };
    let mut turns: Vec<usize> = (0..extremes.len()).filter(|k| kept(*k)).map(|k| extremes[k]).collect();
    if turns.len() < 2 {
        return (vec![], vec![]);
    }
    if x[turns[0]] > x[turns[1]] {
        turns.remove(0);
    }
    if turns.len() > 1 && x[turns[turns.len() - 1]] < x[turns[turns.len() - 2]] {
        turns.pop();
    }
    let peaks = turns.iter().skip(1).step_by(2).copied().collect();
    let troughs = turns[..turns.len().saturating_sub(1)].iter().step_by(2).copied().collect();
    (peaks, troughs)
}

/// Slow and quick parts of a skin conductance, apart at 0.05 Hz.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn eda_parts(x: &[f64], rate: f64) -> Result<(Vec<f64>, Vec<f64>)> {
    let tonic = both_ways(x, &butterworth(rate, None, Some(0.05), 2)?)?;
    let phasic = both_ways(x, &butterworth(rate, Some(0.05), None, 2)?)?;
    Ok((tonic, phasic))
}

/// Responses of a phasic skin conductance: peaks whose prominence is at least `share` of the largest, and their prominences.
pub fn eda_peaks(phasic: &[f64], share: f64) -> (Vec<usize>, Vec<f64>) {
    let found = with_prominence(phasic);
    let largest = found.prominences.iter().copied().fold(0.0, f64::max);
    let kept = found.peaks.into_iter().zip(found.prominences).filter(|(_, height)| *height >= share * largest);
    kept.unzip()
}

/// A muscle's signal above 100 Hz, less its mean.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn emg_clean(x: &[f64], rate: f64) -> Result<Vec<f64>> {
    let mut y = both_ways(x, &butterworth(rate, Some(100.0), None, 4)?)?;
    let centre = mean(&y);
    y.iter_mut().for_each(|y| *y -= centre);
    Ok(y)
}

/// Envelope of a cleaned muscle signal: its Teager–Kaiser energy between 10 and 400 Hz, rectified, below 8 Hz.
///
/// # Errors
/// `RangeError` for a rate that is too low or a signal that is too short.
pub fn emg_amplitude(x: &[f64], rate: f64) -> Result<Vec<f64>> {
    let n = x.len();
    let mut energy = x.to_vec();
    for k in 1..n.saturating_sub(1) {
        energy[k] = x[k] * x[k] - x[k - 1] * x[k + 1];
    }
    if n > 2 {
        (energy[0], energy[n - 1]) = (energy[1], energy[n - 2]);
    }
    let high = (400.0 < rate / 2.0).then_some(400.0);
    let mut band = both_ways(&energy, &butterworth(rate, Some(10.0), high, 2)?)?;
    band.iter_mut().for_each(|x| *x = x.abs());
    both_ways(&band, &butterworth(rate, None, Some(8.0), 2)?)
}

/// Where an envelope is above `threshold` (by default a tenth of its deviation) for `shortest` samples, behind as many
/// below it: beginnings and ends.
pub fn emg_activation(envelope: &[f64], threshold: Option<f64>, shortest: usize) -> (Vec<usize>, Vec<usize>) {
    let threshold = threshold.unwrap_or(0.1 * variance(envelope).sqrt());
    let mut runs: Vec<(usize, usize)> = vec![];
    for (k, x) in envelope.iter().enumerate() {
        let is_new = k == 0 || (*x > threshold) != (envelope[k - 1] > threshold);
        match runs.last_mut() {
            Some(run) if !is_new => run.1 = k + 1,
            _ => runs.push((k, k + 1)),
        }
    }
    let is_long = |run: &(usize, usize)| run.1 - run.0 >= shortest;
    let active =
        runs.windows(2).filter(|pair| envelope[pair[1].0] > threshold && is_long(&pair[0]) && is_long(&pair[1]));
    let (onsets, mut offsets): (Vec<usize>, Vec<usize>) = active.map(|pair| pair[1]).unzip();
    offsets.retain(|offset| *offset < envelope.len());
    (onsets, offsets)
}
