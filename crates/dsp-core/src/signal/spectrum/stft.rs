//! Short-time Fourier transform of a whole signal and its inverse by overlap-add (`scipy.signal.stft`, `istft`), and
//! the conditions under which the inverse exists.

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::filled;
use crate::signal::smooth::detrend::Trend;
use crate::signal::spectrum::spectrogram::{Spectrogram, complex_spectrogram};
use crate::signal::spectrum::welch::{Options, Plan};
use crate::signal::transform::fft::RealFft;

/// Smallest sum of squared windows at a sample from which it can be recovered.
const NOTHING: f64 = 1e-10;

/// Returns the transform of a real signal: `windowSize/2` zeros are added at either end (if `centred`), then zeros up
/// to a whole number of segments (if `padded`). The spectra are half ones, or whole ones unless `one_sided`, scaled so
/// that a sine of amplitude 1 gives ½.
///
/// # Errors
/// Those of [`Options::plan`].
pub fn stft(x: &[f64], options: &Options, centred: bool, padded: bool) -> Result<Spectrogram<Complex<f64>>> {
    if x.is_empty() {
        return Ok(Spectrogram::default());
    }
    let options = Options { trend: Trend::None, ..options.clone() };
    let plan = options.plan(x.len())?;
    let segment = plan.window.len();
    let edge = if centred { segment / 2 } else { 0 };
    let length = x.len() + 2 * edge;
    let left_over = (length - segment) % plan.step;
    let padding = if padded { (plan.step - left_over) % plan.step % segment } else { 0 };
    let mut signal = filled(0.0, length + padding)?;
    signal[edge..edge + x.len()].copy_from_slice(x);
    let options = Options { segment: Some(segment), overlap: Some(segment - plan.step), ..options };
    let mut result = complex_spectrogram(&signal, &options)?;
    if centred {
        result.times.iter_mut().for_each(|t| *t -= segment as f64 / 2.0 / options.sample_rate);
    }
    Ok(result)
}

/// Returns the signal with these spectra, segment after segment (`values` holds the plan's bins for each: `nfft/2 + 1`,
/// or all `nfft`, of which only the part of a real signal is used).
///
/// # Errors
/// `RangeError` if the number of values does not fit, the windows leave gaps (see [`nola`]), or there is not enough
/// memory.
pub fn istft(values: &[Complex<f64>], plan: &Plan, centred: bool) -> Result<Vec<f64>> {
    let (segment, count) = (plan.window.len(), plan.bins);
    if !values.len().is_multiple_of(count) {
        let found = values.len();
        let message =
            format!("istft: the number of values must be a multiple of {count} (bins a segment), got {found}");
        return Err(Error::range(message));
    }
    if !nola(&plan.window, plan.step, NOTHING) {
        return Err(Error::range("istft: windows of this overlap leave samples that cannot be recovered (NOLA)"));
    }
    let Some(last) = (values.len() / count).checked_sub(1) else { return Ok(vec![]) };
    let scale = 1.0 / plan.scale().sqrt();
    let mut fft = RealFft::<f64>::new(plan.nfft);
    let length = segment + last * plan.step;
    let (mut sum, mut weight) = (filled(0.0, length)?, filled(0.0, length)?);
    for (i, bins) in values.chunks_exact(count).enumerate() {
        let x = fft.inverse(|half| fold(bins, half));
        let (sum, weight) = (&mut sum[i * plan.step..], &mut weight[i * plan.step..]);
        for (k, w) in plan.window.iter().enumerate() {
            sum[k] += x[k] * w * scale;
            weight[k] += w * w;
        }
    }
    for (s, w) in sum.iter_mut().zip(&weight) {
        if *w > NOTHING {
            *s /= w;
        }
    }
    if centred {
        sum.truncate(length - segment / 2);
        sum.drain(..(segment / 2).min(sum.len()));
    }
    Ok(sum)
}

/// Computes the half spectrum of the real part of the signal whose spectrum is `bins`; copies `bins` if it is a half
/// spectrum.
fn fold(bins: &[Complex<f64>], half: &mut [Complex<f64>]) {
    if bins.len() == half.len() {
        return half.copy_from_slice(bins);
    }
    for (k, z) in half.iter_mut().enumerate() {
        *z = (bins[k] + bins[(bins.len() - k) % bins.len()].conj()) / 2.0;
    }
}

/// Returns for each sample of a step the sum of `f(w)` over all windows that overlap it.
fn overlapped(window: &[f64], step: usize, f: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..step).map(|i| window.iter().skip(i).step_by(step).map(|&w| f(w)).sum()).collect()
}

/// Constant overlap-add: returns whether windows `step` apart add up to a constant, within `tolerance`
/// (`scipy.signal.check_COLA`).
pub fn cola(window: &[f64], step: usize, tolerance: f64) -> bool {
    let sums = overlapped(window, step, |w| w);
    let mut sorted = sums.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let median = f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]);
    sums.iter().all(|s| (s - median).abs() < tolerance)
}

/// Nonzero overlap-add: returns whether the squared windows `step` apart leave no gap, so that [`istft`] is exact
/// (`scipy.signal.check_NOLA`).
pub fn nola(window: &[f64], step: usize, tolerance: f64) -> bool {
    overlapped(window, step, |w| w * w).iter().all(|&s| s > tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::spectrum::welch::Scaling;
    use crate::signal::transform::fft::half_size;
    use crate::signal::window::Window;

    fn spectrum() -> Options {
        Options { scaling: Scaling::Spectrum, trend: Trend::None, ..Options::default() }
    }

    #[test]
    fn the_inverse_gives_the_signal_back() {
        let x: Vec<f64> = (0..1000).map(|i| f64::from((i * 7919) % 101) - 50.0).collect();
        for (segment, overlap, nfft) in [(256, 128, 256), (100, 75, 128), (33, 20, 33), (64, 0, 64)] {
            let options = Options { segment: Some(segment), overlap: Some(overlap), nfft: Some(nfft), ..spectrum() };
            let z = stft(&x, &options, true, true).unwrap();
            let back = istft(&z.values, &options.plan(x.len()).unwrap(), true);
            if overlap == 0 {
                assert!(back.is_err(), "a Hann window begins with 0, and no other one covers that sample");
                continue;
            }
            let back = back.unwrap();
            assert!(back.len() >= x.len() && back.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-10), "{segment}");
        }
    }

    #[test]
    fn two_sided_spectra_are_whole_ones() {
        let x: Vec<f64> = (0..300).map(|i| f64::from((i * 7919) % 101) - 50.0).collect();
        for nfft in [64, 65, 80] {
            let one = Options { segment: Some(64), nfft: Some(nfft), ..spectrum() };
            let two = Options { one_sided: false, ..one.clone() };
            let (half, whole) = (stft(&x, &one, true, true).unwrap(), stft(&x, &two, true, true).unwrap());
            assert_eq!((whole.frequencies.len(), whole.values.len()), (nfft, nfft * half.times.len()));
            for (h, w) in half.values.chunks(half_size(nfft)).zip(whole.values.chunks(nfft)) {
                assert!(h == &w[..h.len()] && (1..nfft).all(|k| w[k] == w[nfft - k].conj()));
            }
            let back = istft(&whole.values, &two.plan(x.len()).unwrap(), true).unwrap();
            assert!(back.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-10), "{nfft}");
        }
    }

    #[test]
    fn overlap_conditions_of_well_known_windows() {
        let hann = Window::Hann.samples(120, true).unwrap();
        assert!(
            cola(&hann, 60, 1e-10) && cola(&hann, 30, 1e-10) && !cola(&hann, 50, 1e-10) && cola(&[1.0; 100], 50, 1e-10)
        );
        let symmetric = Window::Hann.samples(120, false).unwrap();
        assert!(!cola(&symmetric, 60, 1e-10));
        assert!(nola(&hann, 60, 1e-10) && !nola(&hann, 120, 1e-10));
    }

    #[test]
    fn wrong_sizes_are_refused() {
        let z = [Complex::new(1.0, 0.0); 7];
        let plan = Options { segment: Some(8), ..spectrum() }.plan(8).unwrap();
        assert!(istft(&z, &plan, false).is_err());
        assert!(istft(&[], &plan, true).unwrap().is_empty());
    }
}
