//! Low-pass prototypes for changing the sample rate.
//!
//! A resampler by `up / down` works at `up` *ticks* for each input sample. Its low-pass is a windowed sinc at that
//! rate; the fluent API's `order` is its number of taps.
//!
//! Two designs: Hamming windows of a given length, as in dspx, and Kaiser windows of the length that the wanted
//! stop-band attenuation needs (J. F. Kaiser, "Nonrecursive digital filter design using the I₀-sinh window function",
//! ISCAS 1974; `scipy.signal.kaiserord`).

use std::f64::consts::PI;

/// Edge of a Kaiser low-pass's pass-band, as a fraction of the lower of the two rates.
const PASS_EDGE: f64 = 0.45;
/// Frequency, as a fraction of the lower rate, from which a Kaiser low-pass has its full attenuation, so that nothing
/// aliases.
const STOP_EDGE: f64 = 0.5;

crate::texts! {
    /// The quality of the anti-alias filter.
    pub enum Quality {
        /// At least 100 dB of stop-band attenuation; pass-band flat within 1e-4 dB.
        High = "high",
        /// At least 140 dB, about the resolution of `f32` samples; pass-band flat within 1e-6 dB.
        Max = "max",
    }
}

impl Quality {
    /// Returns the attenuation to design for in dB, a few dB above the promise because Kaiser's formulas are fits.
    fn attenuation(self) -> f64 {
        match self {
            Self::High => 104.0,
            Self::Max => 145.0,
        }
    }

    /// Returns Kaiser's β for that attenuation.
    fn beta(self) -> f64 {
        0.1102 * (self.attenuation() - 8.7)
    }

    /// Returns half the length of the impulse response, in samples of the lower rate.
    pub fn half_length(self) -> f64 {
        let width = 2.0 * PI * (STOP_EDGE - PASS_EDGE);
        (self.attenuation() - 7.95) / (2.285 * width) / 2.0
    }
}

/// A low-pass for resampling as a function of continuous time: a sinc under a Kaiser window.
///
/// `h(t) = 2f · sinc(2f·(t − c)) · I₀(β·√(1 − ((t − c)/c)²)) / I₀(β)` for `0 ≤ t ≤ 2c`, t in input samples, with
/// f in cycles per input sample halfway between the pass and the stop edge.
#[derive(Debug, Clone, Copy)]
pub struct KaiserLowpass {
    cutoff: f64,
    half: f64,
    beta: f64,
    scale: f64,
}

impl KaiserLowpass {
    /// Returns a low-pass for a lower rate of `bandwidth` (1 or less) times the input rate, with `half` input samples
    /// on either side of its centre.
    pub fn new(quality: Quality, bandwidth: f64, half: f64) -> Self {
        let beta = quality.beta();
        Self {
            cutoff: (PASS_EDGE + STOP_EDGE) / 2.0 * bandwidth,
            half,
            beta,
            scale: 1.0 / bessel_i0_of_square(beta * beta),
        }
    }

    /// Returns the impulse response at time `t`, in input samples since its start. Just outside its support it
    /// continues smoothly (I₀ of an imaginary number is J₀), for the interpolation between its values.
    pub fn at(&self, t: f64) -> f64 {
        let distance = t - self.half;
        let x = distance / self.half;
        let window = bessel_i0_of_square(self.beta * self.beta * (1.0 - x * x)) * self.scale;
        sinc(self.cutoff, distance) * window
    }
}

/// Returns a Kaiser low-pass for `up / down`, sampled at every tick and scaled to a sum of `up` (unit gain):
/// `scipy.signal.firwin(T, …, window=('kaiser', beta))` times `up`.
pub fn kaiser_taps(quality: Quality, up: u64, down: u64) -> Vec<f64> {
    let widest = up.max(down) as f64;
    let centre = (quality.half_length() * widest).ceil();
    let half = centre / up as f64;
    let lowpass = KaiserLowpass::new(quality, up as f64 / widest, half);
    let mut taps = symmetric(2 * centre as usize + 1, |k| lowpass.at(k as f64 / up as f64));
    scale_to_sum(&mut taps, up as f64);
    taps
}

/// Returns the number of taps that [`kaiser_taps`] would give.
pub fn kaiser_length(quality: Quality, up: u64, down: u64) -> f64 {
    2.0 * (quality.half_length() * up.max(down) as f64).ceil() + 1.0
}

/// Returns dspx's prototype: a sinc of `order` taps with its cutoff at `cutoff` cycles per tick, under a Hamming
/// window.
pub fn hamming_taps(order: usize, cutoff: f64) -> Vec<f64> {
    let centre = (order - 1) as f64 / 2.0;
    symmetric(order, |k| {
        let window = 0.54 - 0.46 * (2.0 * PI * k as f64 / (order - 1) as f64).cos();
        sinc(cutoff, k as f64 - centre) * window
    })
}

/// Scales `taps` to the given sum.
pub fn scale_to_sum(taps: &mut [f64], sum: f64) {
    let factor = sum / taps.iter().sum::<f64>();
    taps.iter_mut().for_each(|h| *h *= factor);
}

/// Smallest sum of a phase that [`normalise_phases`] accepts: a phase with less has no tap in the main lobe, and
/// scaling would only amplify its side lobes.
const LEAST_GAIN: f64 = 0.1;

/// Scales every phase `taps[p], taps[p + up], …` of an interpolator by `up` to the sum 1, so that a constant stays
/// constant. Without it the windowed sinc is off by up to a percent, differently in each phase.
pub fn normalise_phases(taps: &mut [f64], up: usize) {
    for phase in 0..up.min(taps.len()) {
        let sum: f64 = taps[phase..].iter().step_by(up).sum();
        if sum >= LEAST_GAIN {
            taps[phase..].iter_mut().step_by(up).for_each(|h| *h /= sum);
        }
    }
}

/// Returns `sin(2πf·t) / (πt)`, and its limit `2f` at 0.
fn sinc(cutoff: f64, t: f64) -> f64 {
    if t == 0.0 { 2.0 * cutoff } else { (2.0 * PI * cutoff * t).sin() / (PI * t) }
}

/// Returns `length` values of a function that is symmetric about the middle; only the first half is computed.
pub(crate) fn symmetric(length: usize, value: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut taps: Vec<f64> = (0..length.div_ceil(2)).map(value).collect();
    taps.extend_from_within(..length / 2);
    taps[length.div_ceil(2)..].reverse();
    taps
}

/// Returns the modified Bessel function `I₀(√z)` by its power series `Σ (z/4)ᵏ / (k!)²`. For z < 0 this is `J₀(√−z)`.
pub(crate) fn bessel_i0_of_square(z: f64) -> f64 {
    let quarter = z / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..500 {
        term *= quarter / f64::from(k * k);
        sum += term;
        if term.abs() <= f64::EPSILON * 1e-2 * sum.abs() {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Returns the magnitude response of taps at `f` cycles per tick.
    fn gain(taps: &[f64], f: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (k, h) in taps.iter().enumerate() {
            let (s, c) = (2.0 * PI * f * k as f64).sin_cos();
            re += h * c;
            im += h * s;
        }
        re.hypot(im)
    }

    #[test]
    fn bessel_matches_known_values() {
        // Abramowitz & Stegun, tables 9.8 and 9.1.
        assert_relative_eq!(bessel_i0_of_square(1.0), 1.266_065_877_752_008_4, max_relative = 1e-15);
        assert_relative_eq!(bessel_i0_of_square(100.0), 2_815.716_628_466_254, max_relative = 1e-14);
        assert_relative_eq!(bessel_i0_of_square(-1.0), 0.765_197_686_557_966_6, max_relative = 1e-15);
        assert_eq!(bessel_i0_of_square(0.0), 1.0);
    }

    #[test]
    fn hamming_example_of_the_interpolator() {
        // Factor 2, 5 taps: h = 2·s·w.
        let taps: Vec<f64> = hamming_taps(5, 0.25).iter().map(|h| 2.0 * h).collect();
        for (h, want) in taps.iter().zip([0.0, 0.343_774_677_078_493_95, 1.0, 0.343_774_677_078_493_95, 0.0]) {
            assert!((h - want).abs() < 1e-15, "{h} {want}");
        }
    }

    #[test]
    fn kaiser_designs_keep_their_promise() {
        for (quality, attenuation, ripple_db) in [(Quality::High, 100.0, 1e-4), (Quality::Max, 140.0, 1e-6)] {
            for (up, down) in [(1, 1), (3, 2), (2, 3), (1, 4), (5, 1), (160, 147), (147, 160)] {
                let taps = kaiser_taps(quality, up, down);
                assert_eq!(taps.len() as f64, kaiser_length(quality, up, down));
                let lower = up.min(down) as f64 / (up * down) as f64;
                for i in 0..=90 {
                    let db = 20.0 * (gain(&taps, PASS_EDGE * lower * f64::from(i) / 90.0) / up as f64).log10();
                    assert!(db.abs() < ripple_db, "{quality:?} {up}/{down}: {db} dB at {i}");
                }
                for i in 0..=400 {
                    // From the stop edge to half the tick rate, densest near the edge.
                    let f = STOP_EDGE * lower + (0.5 - STOP_EDGE * lower) * (f64::from(i) / 400.0).powi(3);
                    let db = 20.0 * (gain(&taps, f) / up as f64).log10();
                    if f < 0.5 || up.max(down) > 1 {
                        assert!(db < -attenuation, "{quality:?} {up}/{down}: {db} dB at {f}");
                    }
                }
            }
        }
    }
}
