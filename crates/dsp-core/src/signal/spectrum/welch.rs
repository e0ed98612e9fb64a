//! Spectral density, cross density and coherence by Welch's method, with the defaults and scalings of
//! `scipy.signal`.
//!
//! The signal is cut into overlapping segments; each is detrended, windowed, zero-padded to `nfft` and transformed.
//! Density divides by `fs·Σw²` (units²/Hz), spectrum by `(Σw)²` (units²). One-sided results double the bins that have a
//! mirror image.

use rustfft::num_complex::Complex;

use crate::error::{Error, Result};
use crate::limits::{filled, reserved};
use crate::signal::smooth::detrend::Trend;
use crate::signal::transform::fft::{MAX_SIZE, RealFft, ensure_room, half_size};
use crate::signal::window::Window;
use crate::text::js_number;

/// Largest number of values of a result.
const MAX_RESULT: usize = 1 << 28;

/// A window, given by its function or by its samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Taper {
    /// The periodic window of this function.
    Of(Window),
    /// These samples; their number is the segment length.
    Samples(Vec<f64>),
}

/// The scaling of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaling {
    /// Units² per Hz.
    Density,
    /// Units².
    Spectrum,
}

/// The combination of segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// Their mean.
    Mean,
    /// Their median, corrected for its bias (Allen et al., FINDCHIRP, 2012, appendix B).
    Median,
}

/// Parameters of the functions here; [`Options::default`] holds those of `scipy.signal.welch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Sample rate in Hz.
    pub sample_rate: f64,
    /// Window.
    pub taper: Taper,
    /// Segment length in samples; by default 256, or the whole signal if that is shorter.
    pub segment: Option<usize>,
    /// Number of samples that neighbouring segments share; by default half a segment.
    pub overlap: Option<usize>,
    /// Transform length; by default the segment length.
    pub nfft: Option<usize>,
    /// Trend that is removed from each segment.
    pub trend: Trend,
    /// Scaling of power.
    pub scaling: Scaling,
    /// Combination of segments.
    pub average: Average,
    /// Whether the result is a half spectrum; else it has all `nfft` bins in the order of [`Plan::frequencies`].
    pub one_sided: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sample_rate: 1.0,
            taper: Taper::Of(Window::Hann),
            segment: None,
            overlap: None,
            nfft: None,
            trend: Trend::Constant,
            scaling: Scaling::Density,
            average: Average::Mean,
            one_sided: true,
        }
    }
}

/// Options resolved for a signal of a certain length.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Window samples.
    pub window: Vec<f64>,
    /// Distance of neighbouring segments in samples.
    pub step: usize,
    /// Transform length.
    pub nfft: usize,
    /// Number of bins of a result.
    pub bins: usize,
    options: Options,
}

impl Options {
    /// Resolves the options for a signal of `n` ≥ 1 samples; a segment is never longer than the signal.
    ///
    /// # Errors
    /// `RangeError` for lengths that contradict each other.
    pub fn plan(&self, n: usize) -> Result<Plan> {
        let wrong = |what: String| Err(Error::range(what));
        let window = match &self.taper {
            Taper::Samples(samples) => {
                if self.segment.is_some_and(|s| s != samples.len()) {
                    return wrong("nperseg must be the length of the window".into());
                }
                if samples.len() > n {
                    return wrong(format!("the window of {} samples is longer than the signal of {n}", samples.len()));
                }
                samples.clone()
            }
            Taper::Of(window) => window.samples(self.segment.unwrap_or(256).min(n), true)?,
        };
        let segment = window.len();
        if segment == 0 {
            return wrong("nperseg must be at least 1".into());
        }
        // A segment that was shortened to the signal keeps no more overlap than it has samples.
        let overlap = match self.overlap {
            Some(overlap) if overlap >= self.segment.unwrap_or(segment) => {
                return wrong(format!("noverlap must be less than nperseg, got {overlap}"));
            }
            Some(overlap) => overlap.min(segment - 1),
            None => segment / 2,
        };
        let nfft = self.nfft.unwrap_or(segment);
        if nfft < segment || nfft > MAX_SIZE {
            return wrong(format!("nfft must be from nperseg ({segment}) to {MAX_SIZE}, got {nfft}"));
        }
        ensure_room(nfft)?;
        let bins = if self.one_sided { half_size(nfft) } else { nfft };
        let plan = Plan { window, step: segment - overlap, nfft, bins, options: self.clone() };
        let scale = plan.scale();
        if !(scale.is_finite() && scale > 0.0) {
            let rate = js_number(self.sample_rate);
            return wrong(format!("window and sampleRate give no finite scale: a window of zeros, or {rate} Hz"));
        }
        Ok(plan)
    }
}

impl Plan {
    /// Returns the number of segments of a signal of `n` samples.
    pub fn segments(&self, n: usize) -> usize {
        if n < self.window.len() { 0 } else { (n - self.window.len()) / self.step + 1 }
    }

    /// Returns the factor of the power.
    pub fn scale(&self) -> f64 {
        match self.options.scaling {
            Scaling::Density => 1.0 / (self.options.sample_rate * self.window.iter().map(|w| w * w).sum::<f64>()),
            Scaling::Spectrum => 1.0 / self.window.iter().sum::<f64>().powi(2),
        }
    }

    /// Returns how often a bin counts: twice if its mirror image is left out.
    pub(super) fn multiplicity(&self, bin: usize) -> f64 {
        let own_image = bin == 0 || 2 * bin == self.nfft;
        if self.options.one_sided && !own_image { 2.0 } else { 1.0 }
    }

    /// Returns the frequencies of the bins in Hz. In a half spectrum they ascend; in a two-sided one, 0 and the
    /// positive ones below half the sample rate come first, then the negative ones, both ascending
    /// (`numpy.fft.fftfreq`): 0, 1, 2, −3, −2, −1.
    pub fn frequencies(&self) -> Vec<f64> {
        let spacing = self.options.sample_rate / self.nfft as f64;
        let signed =
            |k: usize| if self.options.one_sided || 2 * k < self.nfft { k as f64 } else { k as f64 - self.nfft as f64 };
        (0..self.bins).map(|k| signed(k) * spacing).collect()
    }

    /// Returns the times of the middles of the segments in seconds.
    pub fn times(&self, n: usize) -> Vec<f64> {
        let middle = self.window.len() as f64 / 2.0;
        (0..self.segments(n)).map(|i| (middle + (i * self.step) as f64) / self.options.sample_rate).collect()
    }

    /// Calls `take` with the index and the half spectrum of every segment of `x`.
    pub fn each(&self, x: &[f64], mut take: impl FnMut(usize, &[Complex<f64>])) {
        let mut fft = RealFft::new(self.nfft);
        for i in 0..self.segments(x.len()) {
            take(i, self.transform(&mut fft, &x[i * self.step..]));
        }
    }

    fn transform<'a>(&self, fft: &'a mut RealFft<f64>, x: &[f64]) -> &'a [Complex<f64>] {
        let segment = self.window.len();
        fft.forward(|buffer| {
            buffer[..segment].copy_from_slice(&x[..segment]);
            self.options.trend.remove(&mut buffer[..segment]);
            buffer.iter_mut().zip(&self.window).for_each(|(x, w)| *x *= w);
            buffer[segment..].fill(0.0);
        })
    }

    /// Returns the bins of a result from those of a half spectrum; `mirror` gives the value of a mirror image.
    pub(super) fn unfold<T: Copy>(&self, half: &[T], mirror: impl Fn(T) -> T) -> Vec<T> {
        (0..self.bins).map(|k| if k < half.len() { half[k] } else { mirror(half[self.nfft - k]) }).collect()
    }

    pub(super) fn check_size(&self, rows: usize) -> Result<()> {
        if rows.saturating_mul(self.bins) > MAX_RESULT {
            return Err(Error::range(format!("a result of {rows} × {} numbers is too large", self.bins)));
        }
        Ok(())
    }
}

/// Frequencies in Hz and a value for each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrum<T> {
    /// Frequencies in Hz.
    pub frequencies: Vec<f64>,
    /// Values, one per frequency.
    pub values: Vec<T>,
}

/// Returns `x` followed by zeros, `n` samples in all.
fn zero_padded(x: &[f64], n: usize) -> Result<Vec<f64>> {
    let mut padded = filled(0.0, n)?;
    padded[..x.len()].copy_from_slice(x);
    Ok(padded)
}

/// Returns the cross spectral density of `x` and `y`, `conj(X)·Y` (`scipy.signal.csd`); the shorter one is padded with
/// zeros.
///
/// # Errors
/// Those of [`Options::plan`].
pub fn csd(x: &[f64], y: &[f64], options: &Options) -> Result<Spectrum<Complex<f64>>> {
    let n = x.len().max(y.len());
    if x.is_empty() || y.is_empty() {
        return Ok(Spectrum::default());
    }
    let (x, y) = (zero_padded(x, n)?, zero_padded(y, n)?);
    let plan = options.plan(n)?;
    let (mut ffts, half) = ([RealFft::new(plan.nfft), RealFft::new(plan.nfft)], half_size(plan.nfft));
    let segments = plan.segments(n);
    let mut collected = Collected::new(options.average, half, segments, &plan)?;
    let [fx, fy] = &mut ffts;
    for i in 0..segments {
        let a = plan.transform(fx, &x[i * plan.step..]);
        let b = plan.transform(fy, &y[i * plan.step..]);
        collected.add(a.iter().zip(b).map(|(a, b)| a.conj() * b));
    }
    let averaged = collected.finish(&plan);
    Ok(Spectrum { frequencies: plan.frequencies(), values: plan.unfold(&averaged, |z| z.conj()) })
}

/// Returns the power spectral density or spectrum (`scipy.signal.welch`).
///
/// # Errors
/// Those of [`Options::plan`].
pub fn welch(x: &[f64], options: &Options) -> Result<Spectrum<f64>> {
    if x.is_empty() {
        return Ok(Spectrum::default());
    }
    let plan = options.plan(x.len())?;
    let mut collected = Collected::new(options.average, half_size(plan.nfft), plan.segments(x.len()), &plan)?;
    plan.each(x, |_, z| collected.add(z.iter().map(|z| Complex::from(z.norm_sqr()))));
    let averaged: Vec<f64> = collected.finish(&plan).iter().map(|z| z.re).collect();
    Ok(Spectrum { frequencies: plan.frequencies(), values: plan.unfold(&averaged, |p| p) })
}

/// Returns the periodogram: one segment over the whole signal (`scipy.signal.periodogram`: boxcar unless another window
/// is set). An `nfft` below the length truncates the signal.
///
/// # Errors
/// Those of [`Options::plan`].
pub fn periodogram(x: &[f64], options: &Options) -> Result<Spectrum<f64>> {
    if x.is_empty() {
        return Ok(Spectrum::default());
    }
    let x = &x[..options.nfft.unwrap_or(x.len()).clamp(1, x.len())];
    welch(x, &Options { segment: Some(x.len()), overlap: Some(0), ..options.clone() })
}

/// Returns the magnitude-squared coherence `|Pxy|²/(Pxx·Pyy)` (`scipy.signal.coherence`).
///
/// # Errors
/// Those of [`Options::plan`].
pub fn coherence(x: &[f64], y: &[f64], options: &Options) -> Result<Spectrum<f64>> {
    let n = x.len().max(y.len());
    let cross = csd(x, y, options)?;
    if cross.values.is_empty() {
        return Ok(Spectrum::default());
    }
    let (px, py) = (welch(&zero_padded(x, n)?, options)?, welch(&zero_padded(y, n)?, options)?);
    let values = cross.values.iter().zip(px.values.iter().zip(&py.values)).map(|(c, (x, y))| c.norm_sqr() / x / y);
    Ok(Spectrum { frequencies: cross.frequencies, values: values.collect() })
}

/// The values of segments until they are averaged.
enum Collected {
    Sum { sum: Vec<Complex<f64>>, count: usize },
    All { rows: Vec<Complex<f64>>, bins: usize },
}

impl Collected {
    fn new(average: Average, bins: usize, segments: usize, plan: &Plan) -> Result<Self> {
        match average {
            Average::Mean => Ok(Self::Sum { sum: vec![Complex::default(); bins], count: 0 }),
            Average::Median => {
                plan.check_size(segments)?;
                Ok(Self::All { rows: reserved(segments * bins)?, bins })
            }
        }
    }

    fn add(&mut self, row: impl Iterator<Item = Complex<f64>>) {
        match self {
            Self::Sum { sum, count } => {
                sum.iter_mut().zip(row).for_each(|(s, z)| *s += z);
                *count += 1;
            }
            Self::All { rows, .. } => rows.extend(row),
        }
    }

    fn finish(self, plan: &Plan) -> Vec<Complex<f64>> {
        let scale = plan.scale();
        let averaged: Vec<Complex<f64>> = match self {
            Self::Sum { sum, count } => sum.iter().map(|z| z / count as f64).collect(),
            Self::All { rows, bins } => {
                let count = rows.len() / bins;
                let column = |k: usize, part: fn(&Complex<f64>) -> f64| {
                    let mut values: Vec<f64> = rows.iter().skip(k).step_by(bins).map(part).collect();
                    median(&mut values) / median_bias(count)
                };
                (0..bins).map(|k| Complex::new(column(k, |z| z.re), column(k, |z| z.im))).collect()
            }
        };
        averaged.iter().enumerate().map(|(k, z)| z * (scale * plan.multiplicity(k))).collect()
    }
}

/// Returns the median; NaN if one of the values is NaN.
fn median(values: &mut [f64]) -> f64 {
    if values.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    if n % 2 == 1 { values[n / 2] } else { f64::midpoint(values[n / 2 - 1], values[n / 2]) }
}

/// Returns the expected ratio of median to mean of the periodograms of n independent segments of noise.
fn median_bias(n: usize) -> f64 {
    let even = (1..=n.saturating_sub(1) / 2).map(|i| 2.0 * i as f64);
    1.0 + even.map(|i| 1.0 / (i + 1.0) - 1.0 / i).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::spectrum::spectrogram::{Mode, Spectrogram, spectrogram};

    #[test]
    fn density_integrates_to_the_mean_square() {
        let x: Vec<f64> = (0..1000).map(|i| f64::from((i * 7919) % 101) - 50.0).collect();
        let options = Options { sample_rate: 250.0, trend: Trend::None, ..Options::default() };
        let p = periodogram(&x, &Options { taper: Taper::Of(Window::Boxcar), ..options.clone() }).unwrap();
        let power: f64 = p.values.iter().sum::<f64>() * 250.0 / 1000.0;
        let mean_square = x.iter().map(|x| x * x).sum::<f64>() / 1000.0;
        assert!((power / mean_square - 1.0).abs() < 1e-12);
        let both = Options { one_sided: false, ..options };
        assert_eq!(welch(&x, &both).unwrap().values.len(), 256);
    }

    #[test]
    fn two_sided_results_agree_on_their_order() {
        let x: Vec<f64> = (0..90).map(|i| f64::from((i * 7919) % 101) - 50.0).collect();
        let at = |n: usize| Options { segment: Some(n), one_sided: false, ..Options::default() };
        let sixths = |n: usize| welch(&x, &at(n)).unwrap().frequencies.iter().map(|f| (f * n as f64).round()).collect();
        let (even, odd): (Vec<f64>, Vec<f64>) = (sixths(6), sixths(5));
        assert_eq!((even, odd), (vec![0.0, 1.0, 2.0, -3.0, -2.0, -1.0], vec![0.0, 1.0, 2.0, -2.0, -1.0]));
        for n in [6, 5] {
            let (options, half) = (at(n), welch(&x, &Options { one_sided: true, ..at(n) }).unwrap().values);
            let both = welch(&x, &options).unwrap();
            assert!((1..n).all(|k| both.values[k] == both.values[n - k]), "a real signal has a symmetric spectrum");
            assert!((both.values.iter().sum::<f64>() / half.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let frequencies = |s: Spectrogram<f64>| s.frequencies;
            assert_eq!(frequencies(spectrogram(&x, Mode::Psd, &options).unwrap()), both.frequencies);
            assert_eq!(csd(&x, &x, &options).unwrap().frequencies, both.frequencies);
            assert_eq!(coherence(&x, &x, &options).unwrap().frequencies, both.frequencies);
            assert_eq!(periodogram(&x[..n], &options).unwrap().frequencies, both.frequencies);
        }
    }

    #[test]
    fn a_median_over_segments_does_not_hide_a_nan() {
        let mut x = vec![1.0; 1000];
        x[500] = f64::NAN;
        let median = welch(&x, &Options { average: Average::Median, ..Options::default() }).unwrap();
        assert!(median.values.iter().all(|p| p.is_nan()));
    }

    #[test]
    fn coherence_of_a_signal_with_itself_is_one() {
        let x: Vec<f64> = (0..2000).map(|i| f64::from((i * 7919) % 101) - 50.0).collect();
        let c = coherence(&x, &x, &Options::default()).unwrap();
        assert!(c.values.iter().all(|c| (c - 1.0).abs() < 1e-10));
    }

    #[test]
    fn contradictory_lengths_are_refused() {
        let x = [1.0; 100];
        for options in [
            Options { segment: Some(10), overlap: Some(10), ..Options::default() },
            Options { segment: Some(10), nfft: Some(9), ..Options::default() },
            Options { segment: Some(0), ..Options::default() },
            Options { nfft: Some(usize::MAX), ..Options::default() },
            Options { taper: Taper::Samples(vec![1.0; 101]), ..Options::default() },
            Options { taper: Taper::Samples(vec![1.0; 10]), segment: Some(11), ..Options::default() },
        ] {
            assert!(matches!(welch(&x, &options), Err(Error::Range(_))), "{options:?}");
        }
        assert_eq!(welch(&[], &Options::default()).unwrap(), Spectrum::default());
    }
}
