//! How much each beat of a lead is like the others.

use super::fix::rate_at_samples;
use super::numbers::{deviation, mean};

/// Quality of a cleaned lead at each sample, 0 to 1 (NeuroKit2's `averageQRS`): 1 for the beat that is nearest to the mean of
/// all, 0 for the farthest and for beats that reach beyond the lead. NaN for fewer than four peaks.
///
/// A beat is 0.35 of the mean interval before its peak to 0.65 behind it; its distance is the mean of its samples, each
/// standardised over the beats.
pub fn of_samples(x: &[f64], peaks: &[f64], rate: f64) -> Vec<f64> {
    if peaks.len() < 4 {
        return vec![f64::NAN; x.len()];
    }
    let window = 60.0 / mean(&rate_at_samples(peaks, rate, x.len()));
    let (before, behind) = (0.35 * window * rate, 0.65 * window * rate);
    let whole = |peak: &f64| {
        let (from, to) = ((peak - before).floor(), (peak + behind).floor());
        (from >= 0.0 && to <= x.len() as f64).then(|| &x[from as usize..to as usize])
    };
    let beats: Vec<Option<&[f64]>> = peaks.iter().map(whole).collect();
    let distances = distances(&beats.iter().flatten().copied().collect::<Vec<_>>());
    let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
    let most = distances.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut next = distances.iter();
    let qualities: Vec<f64> = beats
        .iter()
        .map(|beat| match beat {
            Some(_) => next.next().map_or(0.0, |distance| 1.0 - (distance - least) / (most - least)),
            None => 0.0,
        })
        .collect();
    let mut last = 0;
    (0..x.len())
        .map(|sample| {
            while last + 1 < peaks.len() && peaks[last + 1] <= sample as f64 {
                last += 1;
            }
            qualities[last]
        })
        .collect()
}

/// Magnitude of the mean standardised sample of each beat.
fn distances(beats: &[&[f64]]) -> Vec<f64> {
    let length = beats.iter().map(|beat| beat.len()).min().unwrap_or(0);
    let (mut sums, mut counts) = (vec![0.0; beats.len()], 0.0);
    for k in 0..length {
        let column: Vec<f64> = beats.iter().map(|beat| beat[k]).collect();
        let (centre, spread) = (mean(&column), deviation(&column));
        if spread > 0.0 {
            counts += 1.0;
            sums.iter_mut().zip(&column).for_each(|(sum, x)| *sum += (x - centre) / spread);
        }
    }
    sums.iter().map(|sum| (sum / counts).abs()).collect()
}
