//! Linear convolution and correlation of whole signals (`scipy.signal.convolve`, `correlate`, `deconvolve`):
//! `(x∗y)[n] = Σ_k x[k]·y[n−k]`, and the correlation is the convolution with `y` reversed.

use rustfft::num_complex::Complex64;

use crate::error::{Error, Result};
use crate::limits::filled;
use crate::signal::transform::fft::{MAX_SIZE, RealFft, ensure_room};

crate::texts! {
    /// Which part of a convolution is returned.
    #[derive(Default)]
    pub enum Mode {
        /// All of it: as long as both signals together, less one.
        #[default]
        Full = "full",
        /// Its middle, as long as the first signal.
        Same = "same",
        /// Where the signals overlap completely.
        Valid = "valid",
    }
}

crate::texts! {
    /// How a convolution is computed.
    #[derive(Default)]
    pub enum Method {
        /// Whichever takes less time.
        #[default]
        Auto = "auto",
        /// By its sums.
        Direct = "direct",
        /// By transforms.
        Fft = "fft",
    }
}

/// Up to this length of the shorter signal the sums take less time than transforms.
const DIRECT: usize = 48;
/// A signal that is this many times longer than the other goes block by block.
const MUCH_LONGER: usize = 6;

/// Returns the convolution of two signals that are not empty.
///
/// # Errors
/// `RangeError` if there is not enough memory, or they are longer than the longest transform.
pub fn convolve(x: &[f64], y: &[f64], mode: Mode, method: Method) -> Result<Vec<f64>> {
    let (longer, shorter) = if x.len() >= y.len() { (x, y) } else { (y, x) };
    let direct = match method {
        Method::Auto => shorter.len() <= DIRECT,
        Method::Direct => true,
        Method::Fft => false,
    };
    let mut full = if direct {
        by_sums(longer, shorter)?
    } else if longer.len() > MUCH_LONGER * shorter.len() {
        by_blocks(longer, shorter)?
    } else {
        by_transform(longer, shorter)?
    };
    let (start, length) = match mode {
        Mode::Full => return Ok(full),
        Mode::Same => ((y.len() - 1) / 2, x.len()),
        Mode::Valid => (shorter.len() - 1, longer.len() - shorter.len() + 1),
    };
    full.drain(..start);
    full.truncate(length);
    Ok(full)
}

/// Returns the correlation `Σ_k x[k]·y[k−n]` from lag `1 − |y|` on; the same parts as of a convolution.
///
/// # Errors
/// Those of [`convolve`].
pub fn correlate(x: &[f64], y: &[f64], mode: Mode, method: Method) -> Result<Vec<f64>> {
    let reversed: Vec<f64> = y.iter().rev().copied().collect();
    convolve(x, &reversed, mode, method)
}

/// Returns the lags of a correlation of signals of `n` and `m` samples.
pub fn lags(n: usize, m: usize, mode: Mode) -> Vec<f64> {
    let (n, m) = (n as i64, m as i64);
    let (start, length) = match mode {
        Mode::Full => (1 - m, n + m - 1),
        Mode::Same => (1 - m + (m - 1) / 2, n),
        Mode::Valid if n >= m => (0, n - m + 1),
        Mode::Valid => (n - m, m - n + 1),
    };
    (start..start + length).map(|lag| lag as f64).collect()
}

fn by_sums(longer: &[f64], shorter: &[f64]) -> Result<Vec<f64>> {
    let mut sum = filled(0.0, longer.len() + shorter.len() - 1)?;
    // Block by block: the sums of one stay in the first cache.
    for (block, samples) in longer.chunks(BLOCK).enumerate() {
        for (k, &factor) in shorter.iter().enumerate() {
            let out = &mut sum[block * BLOCK + k..];
            out.iter_mut().zip(samples).for_each(|(out, &sample)| *out += factor * sample);
        }
    }
    Ok(sum)
}

/// Samples whose sums stay in the first cache.
const BLOCK: usize = 1024;

/// The shortest length of at least `n` with a fast transform: 2ᵏ, 3·2ᵏ or 5·2ᵏ.
fn fast_length(n: usize) -> usize {
    let power = n.next_power_of_two();
    [power / 8 * 5, power / 4 * 3].into_iter().find(|&length| length >= n).unwrap_or(power)
}

fn planned(n: usize) -> Result<RealFft<f64>> {
    if n > MAX_SIZE {
        return Err(Error::range(format!("signals of {n} samples together are too long, at most {MAX_SIZE}")));
    }
    ensure_room(n)?;
    Ok(RealFft::new(n))
}

fn load(buffer: &mut [f64], samples: &[f64]) {
    buffer[..samples.len()].copy_from_slice(samples);
    buffer[samples.len()..].fill(0.0);
}

fn by_transform(longer: &[f64], shorter: &[f64]) -> Result<Vec<f64>> {
    let length = longer.len() + shorter.len() - 1;
    let mut fft = planned(fast_length(length))?;
    let other: Vec<Complex64> = fft.forward(|buffer| load(buffer, shorter)).to_vec();
    fft.forward(|buffer| load(buffer, longer));
    Ok(fft.inverse(|bins| bins.iter_mut().zip(&other).for_each(|(bin, z)| *bin *= z))[..length].to_vec())
}

/// Overlap-add: each block's convolution is added to what the one before left.
fn by_blocks(longer: &[f64], shorter: &[f64]) -> Result<Vec<f64>> {
    let size = fast_length((4 * shorter.len()).max(2048));
    let mut fft = planned(size)?;
    let other: Vec<Complex64> = fft.forward(|buffer| load(buffer, shorter)).to_vec();
    let step = size - shorter.len() + 1;
    let mut sum = filled(0.0, longer.len() + shorter.len() - 1)?;
    for (block, samples) in longer.chunks(step).enumerate() {
        fft.forward(|buffer| load(buffer, samples));
        let part = fft.inverse(|bins| bins.iter_mut().zip(&other).for_each(|(bin, z)| *bin *= z));
        sum[block * step..].iter_mut().zip(part).for_each(|(sum, part)| *sum += *part);
    }
    Ok(sum)
}

/// Returns quotient and remainder of the polynomials `signal / divisor`: `signal = divisor ∗ quotient + remainder`.
///
/// # Errors
/// `RangeError` if `divisor[0]` is 0, and where the quotient is beyond float64.
pub fn deconvolve(signal: &[f64], divisor: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let leading = divisor[0];
    if leading == 0.0 {
        return Err(Error::range("divisor must not begin with 0"));
    }
    if divisor.len() > signal.len() {
        return Ok((vec![], signal.to_vec()));
    }
    let length = signal.len() - divisor.len() + 1;
    let mut rest = signal.to_vec();
    let mut quotient = filled(0.0, length)?;
    for i in 0..length {
        let factor = rest[i] / leading;
        quotient[i] = factor;
        rest[i..].iter_mut().zip(divisor).for_each(|(rest, d)| *rest -= factor * d);
    }
    if quotient.iter().any(|q| !q.is_finite()) {
        return Err(Error::range("the quotient of signal and divisor exceeds float64"));
    }
    let product = convolve(divisor, &quotient, Mode::Full, Method::Direct)?;
    let remainder = signal.iter().zip(product).map(|(s, p)| s - p).collect();
    Ok((quotient, remainder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_methods_agree() {
        let signal = |n: usize, seed: usize| (0..n).map(|i| ((i * i * 31 + i * seed) % 101) as f64 - 50.0).collect();
        for (n, m) in [(1, 1), (5, 9), (100, 60), (3000, 70), (2500, 2600), (70, 9000)] {
            let (x, y): (Vec<f64>, Vec<f64>) = (signal(n, 7), signal(m, 3));
            for mode in [Mode::Full, Mode::Same, Mode::Valid] {
                let direct = convolve(&x, &y, mode, Method::Direct).unwrap();
                let fft = convolve(&x, &y, mode, Method::Fft).unwrap();
                assert_eq!(direct.len(), fft.len());
                let scale = 2500.0 * n.min(m) as f64;
                assert!(direct.iter().zip(&fft).all(|(a, b)| (a - b).abs() < 1e-13 * scale), "{n} {m} {mode:?}");
            }
        }
    }
}
