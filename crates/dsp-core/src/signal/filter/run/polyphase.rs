//! Rates changed by whole ratios with one FIR filter (`scipy.signal.upfirdn`, `resample_poly`): zeros between the
//! samples, the filter, and every so many-th sample of that, without the products that are 0 or dropped.
//!
//! R. E. Crochiere and L. R. Rabiner, *Multirate Digital Signal Processing*, 1983, section 3.4.

use crate::error::{Error, Result};
use crate::kernels::adaptive::dot_product;
use crate::limits::{filled, reserved};
use crate::signal::filter::design::fir_bands::firwin;
use crate::signal::transform::extension::Extension;
use crate::signal::transform::fft::MAX_SIZE;
use crate::signal::window::Window;

crate::texts! {
    /// The level of a signal beyond its ends.
    #[derive(Default)]
    pub enum Background {
        /// 0.
        #[default]
        Constant = "constant",
        /// Its mean.
        Mean = "mean",
        /// Its median.
        Median = "median",
        /// Its largest sample.
        Maximum = "maximum",
        /// Its smallest sample.
        Minimum = "minimum",
    }
}

/// Returns the number of samples that [`upfirdn`] makes of `samples`.
fn output_length(taps: usize, samples: usize, up: usize, down: usize) -> usize {
    ((samples - 1) * up + taps).div_ceil(down)
}

/// Returns `y[m] = Σ_k h[m·down − k·up]·x[k]` for signals that are not empty, `x` extended where the filter needs it.
///
/// # Errors
/// `RangeError` if the result is longer than the longest transform, or there is not enough memory.
pub fn upfirdn(h: &[f64], x: &[f64], (up, down): (usize, usize), extension: Extension) -> Result<Vec<f64>> {
    let longest = x.len().saturating_mul(up).saturating_add(h.len()) / down;
    if longest > MAX_SIZE {
        return Err(Error::range(format!("the result must have at most {MAX_SIZE} samples, got {longest}")));
    }
    // The taps of each phase, the oldest sample's first.
    let length = h.len().div_ceil(up);
    let phase = |p: usize| (0..length).rev().map(move |j| h.get(p + j * up).copied().unwrap_or(0.0));
    let phases: Vec<f64> = (0..up.min(h.len())).flat_map(phase).collect();
    let padded = extension.extended(x, length - 1, length)?;
    let count = output_length(h.len(), x.len(), up, down);
    let mut y = reserved(count)?;
    for m in 0..count {
        let (newest, phase) = (m * down / up, m * down % up);
        let taps = phases.get(phase * length..(phase + 1) * length);
        let window = padded.get(newest..newest + length);
        y.push(taps.zip(window).map_or(0.0, |(taps, window)| dot_product(taps, window)));
    }
    Ok(y)
}

/// The highest of `up` and `down` for a windowed filter, which has 20 times as many taps.
pub const MAX_RATE: usize = 1 << 18;

impl Background {
    /// Returns the level for a signal that is not empty.
    pub fn level(self, x: &[f64]) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::Mean => x.iter().sum::<f64>() / x.len() as f64,
            Self::Median => {
                let mut sorted = x.to_vec();
                sorted.sort_by(f64::total_cmp);
                f64::midpoint(sorted[(x.len() - 1) / 2], sorted[x.len() / 2])
            }
            Self::Maximum => x.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Minimum => x.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }
}

/// The samples beyond the ends of a signal: an extension of it less a level.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ends {
    /// Taken out before the filter, put back after it.
    pub level: f64,
    /// How the rest goes on.
    pub extension: Extension,
}

/// The filter of a ratio.
#[derive(Debug, Clone)]
pub enum Filter {
    /// A low-pass at the lower of the two Nyquist frequencies, by a window over ten samples of the lower rate on either
    /// side.
    Windowed(Window),
    /// Taps with their centre in the middle.
    Taps(Vec<f64>),
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Returns `x` at `up / down` times its rate, `⌈|x|·up/down⌉` samples that begin with the first.
///
/// # Errors
/// `RangeError` for ratios whose filter or result is too long, and those of the window.
pub fn resample_poly(x: &[f64], (up, down): (usize, usize), filter: &Filter, ends: Ends) -> Result<Vec<f64>> {
    let divisor = greatest_common_divisor(up, down);
    let (up, down) = (up / divisor, down / divisor);
    if up == 1 && down == 1 {
        return Ok(x.to_vec());
    }
    let mut taps = match filter {
        Filter::Taps(taps) => taps.clone(),
        Filter::Windowed(window) => {
            let rate = up.max(down);
            if rate > MAX_RATE {
                return Err(Error::range(format!(
                    "up and down must be at most {MAX_RATE} in lowest terms, got {rate}"
                )));
            }
            firwin(&[(0.0, 0.5 / rate as f64)], &window.samples(20 * rate + 1, false)?, true)?
        }
    };
    taps.iter_mut().for_each(|tap| *tap *= up as f64);
    let half = (taps.len() - 1) / 2;
    // Zeros in front, so that a sample of the result falls on the middle of the filter.
    let before = down - half % down;
    let removed = (half + before) / down;
    let count = (x.len() * up).div_ceil(down);
    let mut padded = filled(0.0, before)?;
    padded.append(&mut taps);
    while output_length(padded.len(), x.len(), up, down) < count + removed {
        padded.push(0.0);
    }
    let rest: Vec<f64> = x.iter().map(|sample| sample - ends.level).collect();
    let mut y = upfirdn(&padded, &rest, (up, down), ends.extension)?;
    y.drain(..removed);
    y.truncate(count);
    y.iter_mut().for_each(|y| *y += ends.level);
    Ok(y)
}
