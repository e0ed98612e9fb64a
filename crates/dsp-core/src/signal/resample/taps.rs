//! Low-pass prototypes for changing the sample rate.
//!
//! A resampler by `up / down` works at `up` *ticks* for each input sample. Its low-pass is a windowed sinc at that
//! rate; the fluent API's `order` is its number of taps.
//!
//! Hamming windows of a given length, as dspx makes them; Kaiser windows of the length that a wanted stop-band attenuation
//! needs (J. F. Kaiser, "Nonrecursive digital filter design using the I₀-sinh window function", ISCAS 1974;
//! `scipy.signal.kaiserord`); and for quality `high` sums of cosines with the least largest error (`series.rs`), which get by
//! with fewer taps, because the pass band may err by more than the stop band.

use std::f64::consts::PI;

use crate::signal::resample::series::{FIRST, FIRST_LENGTH, SHORT, WHOLE, WHOLE_LENGTH};

/// A low-pass is flat up to this fraction of the lower of the two rates, …
pub const PASS_EDGE: f64 = 0.45;
/// … and has its full attenuation from this one on, so that nothing folds back.
pub const STOP_EDGE: f64 = 0.5;

crate::texts! {
    /// The quality of the anti-alias filter.
    pub enum Quality {
        /// At least 125 dB of stop-band attenuation, pass band flat within 4e-4 dB (1.2e-3 dB in two steps).
        High = "high",
        /// At least 140 dB, about the resolution of `f32` samples; pass-band flat within 1e-6 dB.
        Max = "max",
        /// At least 90 dB, pass band up to 0.4 of the lower rate flat within 4e-4 dB; half as long as `High`.
        Voice = "voice",
    }
}

/// Attenuation designed for in dB: a few more than promised, because Kaiser's formulas are fits.
const MAX_ATTENUATION: f64 = 145.0;
const HIGH_ATTENUATION: f64 = 127.0;
const VOICE_ATTENUATION: f64 = 93.0;

/// Samples of the lower rate on either side of the centre in quality `voice`: 3.94 ms at 8 kHz.
const VOICE_HALF: f64 = 31.5;

/// Samples of the lower rate on either side of the centre by which the first filter of two is shorter than a whole one.
const SECOND_HALF: f64 = (WHOLE_LENGTH - FIRST_LENGTH) / 2.0;

impl Quality {
    /// Half the length of the impulse response, in samples of the lower rate.
    pub fn half_length(self) -> f64 {
        match self {
            Self::High => WHOLE_LENGTH / 2.0,
            Self::Max => kaiser_half(MAX_ATTENUATION, STOP_EDGE - PASS_EDGE),
            Self::Voice => VOICE_HALF,
        }
    }

    /// Attenuation designed for in dB.
    pub fn attenuation(self) -> f64 {
        match self {
            Self::High => HIGH_ATTENUATION,
            Self::Max => MAX_ATTENUATION,
            Self::Voice => VOICE_ATTENUATION,
        }
    }

    /// The low-pass of a resampler in one step.
    pub fn whole(self) -> Lowpass {
        match self {
            Self::High => Lowpass::cosines(&WHOLE, WHOLE_LENGTH),
            Self::Max => Lowpass::kaiser(MAX_ATTENUATION, (PASS_EDGE + STOP_EDGE) / 2.0, self.half_length()),
            Self::Voice => Lowpass::to_edge(VOICE_ATTENUATION, VOICE_HALF),
        }
    }

    /// The sharp low-pass of a resampler in two steps, shorter by what the other one takes.
    pub fn first(self) -> Lowpass {
        let half = self.half_length() - SECOND_HALF;
        match self {
            Self::High => Lowpass::cosines(&FIRST, FIRST_LENGTH),
            Self::Max => Lowpass::to_edge(MAX_ATTENUATION, half),
            Self::Voice => Lowpass::to_edge(VOICE_ATTENUATION, half),
        }
    }
}

/// Half the length of a Kaiser low-pass for a transition `width` cycles per sample wide.
fn kaiser_half(attenuation: f64, width: f64) -> f64 {
    (attenuation - 7.95) / (2.285 * 2.0 * PI * width) / 2.0
}

/// A low-pass as a function of continuous time, with the integral 1.
#[derive(Debug, Clone, Copy)]
pub struct Lowpass {
    half: f64,
    shape: Shape,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// `2f · sinc(2f·t) · I₀(β·√(1 − (t/c)²)) / I₀(β)` for `|t| ≤ c`.
    Kaiser { cutoff: f64, beta: f64, scale: f64 },
    /// `Σ b[k] · cos(πk·t/c)`, of unit integral where 2c is `length`.
    Cosines { series: &'static [f64], length: f64 },
}

impl Lowpass {
    /// A sinc with `cutoff` cycles per unit of time under a Kaiser window for `attenuation` dB (50 or more), which reaches
    /// `half` units to either side.
    pub fn kaiser(attenuation: f64, cutoff: f64, half: f64) -> Self {
        let beta = 0.1102 * (attenuation - 8.7);
        Self { half, shape: Shape::Kaiser { cutoff, beta, scale: 1.0 / bessel_i0_of_square(beta * beta) } }
    }

    /// The same with its stop band from [`STOP_EDGE`] on.
    fn to_edge(attenuation: f64, half: f64) -> Self {
        let width = (attenuation - 7.95) / (2.285 * 2.0 * PI) / (2.0 * half);
        Self::kaiser(attenuation, STOP_EDGE - width / 2.0, half)
    }

    /// The same for a pass band up to `pass` and a stop band from `stop` on, in cycles per unit of time.
    pub fn between(attenuation: f64, pass: f64, stop: f64) -> Self {
        Self::kaiser(attenuation, (pass + stop) / 2.0, kaiser_half(attenuation, stop - pass))
    }

    /// Sixteen units of time long: flat up to 0.225 cycles per unit, and 140 dB down within a quarter around 1, 2, 3, …
    pub fn short() -> Self {
        Self::cosines(&SHORT, 16.0)
    }

    fn cosines(series: &'static [f64], length: f64) -> Self {
        Self { half: length / 2.0, shape: Shape::Cosines { series, length } }
    }

    /// Half the length of the support.
    pub fn half(&self) -> f64 {
        self.half
    }

    /// The same with a support of `half` units to either side: a longer window, or a slower sum of cosines.
    pub fn with_half(self, half: f64) -> Self {
        Self { half, ..self }
    }

    /// The impulse response at time `t` from its centre. Just outside of its support it is continued smoothly (I₀ of an
    /// imaginary number is J₀), which interpolation between its values relies on.
    pub fn at(&self, t: f64) -> f64 {
        let x = t / self.half;
        match self.shape {
            Shape::Kaiser { cutoff, beta, scale } => {
                sinc(cutoff, t) * bessel_i0_of_square(beta * beta * (1.0 - x * x)) * scale
            }
            Shape::Cosines { series, length } => cosines(series, (PI * x).cos()) * length / (2.0 * self.half),
        }
    }

    /// Samples of it, `rate` per unit of time and symmetric about its centre, scaled to a sum of `sum`.
    pub fn taps(&self, rate: f64, sum: f64) -> Vec<f64> {
        let centre = (self.half * rate).ceil();
        let shape = match self.shape {
            // Its window ends with the last tap.
            Shape::Kaiser { .. } => self.with_half(centre / rate),
            Shape::Cosines { .. } => *self,
        };
        let mut taps = symmetric(2 * centre as usize + 1, |k| {
            let t = (centre - k as f64) / rate;
            if t > shape.half { 0.0 } else { shape.at(t) }
        });
        scale_to_sum(&mut taps, sum);
        taps
    }
}

/// `Σ b[k]·cos(kθ)` for `x = cos θ`, by Clenshaw's recurrence.
fn cosines(b: &[f64], x: f64) -> f64 {
    let (mut one, mut two) = (0.0, 0.0);
    for b in b[1..].iter().rev() {
        (one, two) = (b + 2.0 * x * one - two, one);
    }
    b[0] + x * one - two
}

/// The low-pass of `quality` for `up / down`, sampled at every tick and scaled to a sum of `up` (unit gain).
pub fn prototype(quality: Quality, up: u64, down: u64) -> Vec<f64> {
    quality.whole().taps(up.max(down) as f64, up as f64)
}

/// The number of taps that [`prototype`] would give.
pub fn prototype_length(quality: Quality, up: u64, down: u64) -> f64 {
    2.0 * (quality.half_length() * up.max(down) as f64).ceil() + 1.0
}

/// Kaiser low-pass of `attenuation` dB for `up / down`: `scipy.signal.firwin(T, …, window=('kaiser', beta))` times `up`.
pub fn kaiser_taps(attenuation: f64, up: u64, down: u64) -> Vec<f64> {
    Lowpass::between(attenuation, PASS_EDGE, STOP_EDGE).taps(up.max(down) as f64, up as f64)
}

/// dspx's prototype: a sinc of `order` taps with its cutoff at `cutoff` cycles per tick, under a Hamming window.
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
    fn designs_keep_their_promise() {
        for (quality, attenuation, pass, ripple_db) in
            [(Quality::High, 125.0, 0.45, 4e-4), (Quality::Max, 140.0, 0.45, 1e-6), (Quality::Voice, 90.0, 0.4, 4e-4)]
        {
            for (up, down) in [(1, 1), (3, 2), (2, 3), (1, 4), (5, 1), (160, 147), (147, 160)] {
                let taps = prototype(quality, up, down);
                assert_eq!(taps.len() as f64, prototype_length(quality, up, down));
                let lower = up.min(down) as f64 / (up * down) as f64;
                for i in 0..=90 {
                    let db = 20.0 * (gain(&taps, pass * lower * f64::from(i) / 90.0) / up as f64).log10();
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
