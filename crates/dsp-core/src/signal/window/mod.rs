//! The window functions of `scipy.signal.windows`, all 25, in f64.
//!
//! *Symmetric* windows (of filter design) have `w[n] = w[N−1−n]`; *periodic* ones (of spectral analysis; SciPy's
//! `sym=False`) are the first N values of the symmetric window of N+1. A window of one sample is `[1]`.

mod shapes;
mod slepian;

use std::f64::consts::PI;

use self::shapes::{chebwin, kaiser, kaiser_bessel_derived, taylor};
use self::slepian::dpss_window;
use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::text::quoted;

pub use slepian::dpss;

/// Length of the longest window, equal to that of the longest transform.
pub const MAX_LENGTH: usize = crate::signal::transform::fft::MAX_SIZE;

/// A window function with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// Modified Bartlett-Hann.
    Barthann,
    /// Triangle that is 0 at both ends.
    Bartlett,
    /// `0.42 − 0.5·cos t + 0.08·cos 2t`
    Blackman,
    /// Four-term, −92 dB side lobes.
    BlackmanHarris,
    /// Autocorrelation of a half cosine.
    Bohman,
    /// All ones.
    Boxcar,
    /// Dolph-Chebyshev: equal side lobes `attenuation` dB down.
    Chebwin {
        /// Side-lobe attenuation in dB.
        attenuation: f64,
    },
    /// Half a sine period.
    Cosine,
    /// Slepian window of standardised half bandwidth `nw`.
    Dpss {
        /// Half bandwidth, below half the length.
        nw: f64,
    },
    /// `exp(−|n − center|/tau)`; the default centre is the middle.
    Exponential {
        /// Position where it is 1; for periodic windows only, as in SciPy.
        center: Option<f64>,
        /// Decay in samples.
        tau: f64,
    },
    /// Five-term flat top.
    Flattop,
    /// `exp(−n²/(2·std²))`
    Gaussian {
        /// Standard deviation in samples.
        std: f64,
    },
    /// Weighted sum of cosines.
    GeneralCosine(Vec<f64>),
    /// `exp(−½·|n/std|^(2p))`
    GeneralGaussian {
        /// Shape: 1 is Gaussian, ½ Laplace.
        p: f64,
        /// Standard deviation in samples.
        std: f64,
    },
    /// `alpha − (1 − alpha)·cos t`
    GeneralHamming(f64),
    /// `0.54 − 0.46·cos t`
    Hamming,
    /// `0.5·(1 − cos t)`
    Hann,
    /// `I₀(beta·√(1 − x²))/I₀(beta)`
    Kaiser {
        /// Shape.
        beta: f64,
    },
    /// Kaiser-Bessel derived; of even length, symmetric only.
    KaiserBesselDerived {
        /// Shape of the Kaiser window that it is derived from.
        beta: f64,
    },
    /// `sinc(2n/(N−1) − 1)`
    Lanczos,
    /// Nuttall's minimum four-term.
    Nuttall,
    /// Parzen (de la Vallée Poussin).
    Parzen,
    /// Taylor: `nbar` nearly equal side lobes `sll` dB down.
    Taylor {
        /// Number of nearly equal side lobes next to the main lobe.
        nbar: usize,
        /// Side-lobe attenuation in dB.
        sll: f64,
        /// Whether the middle is scaled to 1 (for an even length, the point between the two middle samples).
        norm: bool,
    },
    /// Triangle that is not 0 at the ends.
    Triang,
    /// Cosine-tapered; `alpha` is the fraction inside the tapers.
    Tukey {
        /// 0 is a boxcar, 1 is Hann.
        alpha: f64,
    },
}

/// SciPy's names, without their aliases.
pub const NAMES: [&str; 25] = [
    "barthann",
    "bartlett",
    "blackman",
    "blackmanharris",
    "bohman",
    "boxcar",
    "chebwin",
    "cosine",
    "dpss",
    "exponential",
    "flattop",
    "gaussian",
    "general_cosine",
    "general_gaussian",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "kaiser_bessel_derived",
    "lanczos",
    "nuttall",
    "parzen",
    "taylor",
    "triang",
    "tukey",
];

impl Window {
    /// Returns the window with a name of `scipy.signal.get_window` and parameters in SciPy's order.
    ///
    /// # Errors
    /// `TypeError` for an unknown name, a missing parameter, or too many.
    pub fn parse(name: &str, params: &[f64]) -> Result<Self> {
        let needed = |i: usize, what: &str| {
            let missing = || Error::type_error(format!("window '{name}' needs its parameter {what}"));
            params.get(i).copied().ok_or_else(missing)
        };
        let optional = |i: usize, default: f64| params.get(i).copied().unwrap_or(default);
        let (window, most) = match name {
            "barthann" | "brthan" | "bth" => (Self::Barthann, 0),
            "bartlett" | "bart" | "brt" => (Self::Bartlett, 0),
            "blackman" | "black" | "blk" => (Self::Blackman, 0),
            "blackmanharris" | "blackharr" | "bkh" => (Self::BlackmanHarris, 0),
            "bohman" | "bman" | "bmn" => (Self::Bohman, 0),
            "boxcar" | "box" | "ones" | "rect" | "rectangular" | "none" => (Self::Boxcar, 0),
            "chebwin" | "cheb" => (Self::Chebwin { attenuation: needed(0, "attenuation (dB)")? }, 1),
            "cosine" | "halfcosine" => (Self::Cosine, 0),
            "dpss" => (Self::Dpss { nw: needed(0, "NW")? }, 1),
            "exponential" | "poisson" => {
                // SciPy's order is (center, tau); one number is taken for tau.
                let (center, tau) =
                    if params.len() == 2 { (Some(params[0]), params[1]) } else { (None, optional(0, 1.0)) };
                (Self::Exponential { center: center.filter(|c| !c.is_nan()), tau }, 2)
            }
            "flattop" | "flat" | "flt" => (Self::Flattop, 0),
            "gaussian" | "gauss" | "gss" => (Self::Gaussian { std: needed(0, "std")? }, 1),
            "general_cosine" | "general cosine" => {
                needed(0, "coefficients")?;
                (Self::GeneralCosine(params.to_vec()), usize::MAX)
            }
            "general_gaussian" | "general gaussian" | "general gauss" | "general_gauss" | "ggs" => {
                (Self::GeneralGaussian { p: needed(0, "p")?, std: needed(1, "std")? }, 2)
            }
            "general_hamming" | "general hamming" => (Self::GeneralHamming(needed(0, "alpha")?), 1),
            "hamming" | "hamm" | "ham" => (Self::Hamming, 0),
            "hann" | "han" => (Self::Hann, 0),
            "kaiser" | "ksr" => (Self::Kaiser { beta: needed(0, "beta")? }, 1),
            "kaiser_bessel_derived" | "kaiser bessel derived" | "kbd" => {
                (Self::KaiserBesselDerived { beta: needed(0, "beta")? }, 1)
            }
            "lanczos" | "sinc" => (Self::Lanczos, 0),
            "nuttall" | "nutl" | "nut" => (Self::Nuttall, 0),
            "parzen" | "parz" | "par" => (Self::Parzen, 0),
            "taylor" | "taylorwin" => {
                let nbar = optional(0, 4.0);
                if !((1.0..=1e4).contains(&nbar) && nbar.fract() == 0.0) {
                    return Err(Error::range(format!(
                        "window 'taylor': nbar must be an integer from 1 to 10000, got {nbar}"
                    )));
                }
                (Self::Taylor { nbar: nbar as usize, sll: optional(1, 30.0), norm: optional(2, 1.0) != 0.0 }, 3)
            }
            "triang" | "triangle" | "tri" => (Self::Triang, 0),
            "tukey" | "tuk" => (Self::Tukey { alpha: optional(0, 0.5) }, 1),
            _ => {
                let (name, names) = (quoted(name), NAMES.join(", "));
                return Err(Error::type_error(format!("unknown window '{name}', must be one of {names}")));
            }
        };
        if params.len() > most {
            return Err(Error::type_error(format!(
                "window '{name}' takes no more than {most} parameters, got {}",
                params.len()
            )));
        }
        if params.iter().any(|p| p.is_infinite()) {
            return Err(Error::range(format!("window '{name}': parameters must be finite")));
        }
        Ok(window)
    }

    /// Returns `n` samples, symmetric or periodic.
    ///
    /// # Errors
    /// `RangeError` for a length above [`MAX_LENGTH`], for parameters outside the function's domain or for which its
    /// samples are not finite, and if there is not enough memory.
    pub fn samples(&self, n: usize, periodic: bool) -> Result<Vec<f64>> {
        if n > MAX_LENGTH {
            return Err(Error::range(format!("a window of {n} samples is too long, at most {MAX_LENGTH}")));
        }
        if n <= 1 {
            return Ok(vec![1.0; n]);
        }
        ensure_memory(n, 2 * size_of::<f64>())?;
        let w = self.unchecked(n, periodic)?;
        if w.iter().all(|x| x.is_finite()) {
            return Ok(w);
        }
        Err(Error::range(format!("window {self:?} has samples that are not finite numbers")))
    }

    /// Returns the samples by the function's formula, finite or not.
    fn unchecked(&self, n: usize, periodic: bool) -> Result<Vec<f64>> {
        if let Self::Exponential { center: Some(center), tau } = self {
            if !periodic {
                return Err(Error::range("window 'exponential': a symmetric window has its center in the middle"));
            }
            return Ok((0..n).map(|i| (-(i as f64 - center).abs() / tau).exp()).collect());
        }
        if periodic && matches!(self, Self::KaiserBesselDerived { .. }) {
            return Err(Error::range("window 'kaiser_bessel_derived' is symmetric only"));
        }
        let mut w = self.symmetric(if periodic { n + 1 } else { n })?;
        w.truncate(n);
        Ok(w)
    }

    fn symmetric(&self, n: usize) -> Result<Vec<f64>> {
        let last = (n - 1) as f64;
        let middle = last / 2.0;
        let of = |f: &dyn Fn(f64) -> f64| Ok((0..n).map(|i| f(i as f64)).collect());
        match self {
            Self::Barthann => of(&|i| {
                let x = (i / last - 0.5).abs();
                0.62 - 0.48 * x + 0.38 * (2.0 * PI * x).cos()
            }),
            Self::Bartlett => of(&|i| if i <= middle { 2.0 * i / last } else { 2.0 - 2.0 * i / last }),
            Self::Blackman => Ok(cosines(n, &[0.42, 0.50, 0.08])),
            Self::BlackmanHarris => Ok(cosines(n, &[0.35875, 0.48829, 0.14128, 0.01168])),
            Self::Bohman => Ok((0..n).map(|i| bohman(i, n)).collect()),
            Self::Boxcar => Ok(vec![1.0; n]),
            Self::Chebwin { attenuation } => chebwin(n, *attenuation),
            Self::Cosine => of(&|i| (PI / n as f64 * (i + 0.5)).sin()),
            Self::Dpss { nw } => dpss_window(n, *nw),
            Self::Exponential { tau, .. } => of(&|i| (-(i - middle).abs() / tau).exp()),
            Self::Flattop => Ok(cosines(n, &[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368])),
            Self::Gaussian { std } => of(&|i| (-(i - middle).powi(2) / (2.0 * std * std)).exp()),
            Self::GeneralCosine(weights) => Ok(cosines(n, weights)),
            Self::GeneralGaussian { p, std } => of(&|i| (-0.5 * ((i - middle) / std).abs().powf(2.0 * p)).exp()),
            Self::GeneralHamming(alpha) => Ok(cosines(n, &[*alpha, 1.0 - alpha])),
            Self::Hamming => Ok(cosines(n, &[0.54, 0.46])),
            Self::Hann => Ok(cosines(n, &[0.5, 0.5])),
            Self::Kaiser { beta } => Ok(kaiser(n, *beta)),
            Self::KaiserBesselDerived { beta } => kaiser_bessel_derived(n, *beta),
            Self::Lanczos => of(&|i| {
                let x = PI * (2.0 * i / last - 1.0);
                if x == 0.0 { 1.0 } else { x.sin() / x }
            }),
            Self::Nuttall => Ok(cosines(n, &[0.3635819, 0.4891775, 0.1365995, 0.0106411])),
            Self::Parzen => of(&|i| {
                let x = (i - middle).abs() / (n as f64 / 2.0);
                if (i - middle).abs() <= last / 4.0 {
                    1.0 - 6.0 * x * x + 6.0 * x.powi(3)
                } else {
                    2.0 * (1.0 - x).powi(3)
                }
            }),
            Self::Taylor { nbar, sll, norm } => Ok(taylor(n, *nbar, *sll, *norm)),
            Self::Triang => of(&|i| {
                let i = i.min(last - i);
                if n.is_multiple_of(2) { (2.0 * i + 1.0) / n as f64 } else { 2.0 * (i + 1.0) / (n as f64 + 1.0) }
            }),
            Self::Tukey { alpha } => tukey(n, *alpha),
        }
    }
}

/// Returns `Σ_k (−1)^k·weights[k]·cos(k·t)`, t = 2πi/(n−1).
fn cosines(n: usize, weights: &[f64]) -> Vec<f64> {
    let step = 2.0 * PI / (n - 1) as f64;
    let value = |i: usize| {
        // Both halves come from the same angles, so that the window is symmetric to the last bit.
        let t = step * i.min(n - 1 - i) as f64;
        let terms = weights.iter().enumerate();
        terms.map(|(k, w)| if k % 2 == 0 { w * (k as f64 * t).cos() } else { -w * (k as f64 * t).cos() }).sum()
    };
    (0..n).map(value).collect()
}

fn bohman(i: usize, n: usize) -> f64 {
    if i == 0 || i == n - 1 {
        return 0.0;
    }
    let x = (2.0 * i as f64 / (n - 1) as f64 - 1.0).abs();
    (1.0 - x) * (PI * x).cos() + (PI * x).sin() / PI
}

fn tukey(n: usize, alpha: f64) -> Result<Vec<f64>> {
    if alpha.is_nan() {
        return Err(Error::range("window 'tukey': alpha must be a number"));
    }
    if alpha <= 0.0 {
        return Ok(vec![1.0; n]);
    }
    if alpha >= 1.0 {
        return Ok(cosines(n, &[0.5, 0.5]));
    }
    let last = (n - 1) as f64;
    let width = (alpha * last / 2.0).floor();
    let taper = |i: usize| {
        let i = i as f64;
        let from_end = i.min(last - i);
        if from_end <= width { 0.5 * (1.0 + (PI * (2.0 * from_end / (alpha * last) - 1.0)).cos()) } else { 1.0 }
    };
    Ok((0..n).map(taper).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_windows_are_ones() {
        for name in NAMES {
            let params: &[f64] = match name {
                "general_gaussian" => &[1.0, 2.0],
                _ if Window::parse(name, &[]).is_err() => &[0.4],
                _ => &[],
            };
            let window = Window::parse(name, params).unwrap();
            assert!(window.samples(0, true).unwrap().is_empty());
            assert_eq!(window.samples(1, false).unwrap(), [1.0], "{name}");
        }
    }

    #[test]
    fn bad_names_and_parameters_are_refused() {
        for (name, params) in
            [("hanning", vec![]), ("kaiser", vec![]), ("hann", vec![1.0]), ("gaussian", vec![f64::INFINITY])]
        {
            assert!(Window::parse(name, &params).is_err(), "{name}");
        }
        assert!(Window::parse("dpss", &[8.0]).unwrap().samples(16, false).is_err());
        assert!(Window::parse("kbd", &[8.0]).unwrap().samples(15, false).is_err());
        assert!(Window::Hann.samples(MAX_LENGTH + 1, false).is_err());
        assert!(Window::parse("taylor", &[0.5]).is_err());
        for (name, params) in [
            ("kaiser", vec![1e308]),
            ("chebwin", vec![1e4]),
            ("gaussian", vec![0.0]),
            ("gaussian", vec![5e-324]),
            ("exponential", vec![0.0]),
            ("general_gaussian", vec![1.0, 0.0]),
            ("general_cosine", vec![1e308, -1e308]),
            ("kaiser", vec![f64::NAN]),
        ] {
            let samples = Window::parse(name, &params).unwrap().samples(9, false);
            assert!(matches!(samples, Err(Error::Range(_))), "{name} {params:?}: {samples:?}");
        }
    }

    #[test]
    fn slepian_sequences_are_orthonormal() {
        let v = dpss(64, 3.5, 6).unwrap();
        for (i, a) in v.iter().enumerate() {
            for (j, b) in v.iter().enumerate() {
                let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-10, "{i} {j}: {dot}");
            }
        }
    }
}
