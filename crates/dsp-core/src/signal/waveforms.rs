//! Test signals in f64 (`scipy.signal.chirp`, `sweep_poly`, `gausspulse`, `sawtooth`, `square`, `unit_impulse`,
//! `max_len_seq`). Times are in seconds, frequencies in Hz.

use std::f64::consts::{LN_10, PI, TAU};

use crate::error::{Error, Result};

crate::texts! {
    /// The course of a chirp's frequency over time.
    #[derive(Default)]
    pub enum Sweep {
        /// By a constant number of Hz per second.
        #[default]
        Linear = "linear",
        /// Along a parabola.
        Quadratic = "quadratic",
        /// By a constant factor per second.
        Logarithmic = "logarithmic",
        /// Along a hyperbola.
        Hyperbolic = "hyperbolic",
    }
}

/// A sine whose frequency is `f0` at time 0 and `f1` at time `t1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chirp {
    /// Frequency at time 0 in Hz.
    pub f0: f64,
    /// Time of the second frequency in seconds, above 0.
    pub t1: f64,
    /// Frequency at `t1` in Hz.
    pub f1: f64,
    /// Course of the frequency.
    pub sweep: Sweep,
    /// Whether the parabola of a quadratic sweep has its vertex at time 0; else at `t1`.
    pub vertex_at_zero: bool,
    /// Phase at time 0 in degrees.
    pub phase: f64,
}

impl Chirp {
    /// Returns the values at the times `t`.
    ///
    /// # Errors
    /// `RangeError` if a logarithmic sweep has a frequency of 0 or frequencies of opposite sign, or a hyperbolic one a
    /// frequency of 0.
    pub fn values(&self, t: &[f64]) -> Result<Vec<f64>> {
        let Self { f0, f1, .. } = *self;
        if self.sweep == Sweep::Logarithmic && f0 * f1 <= 0.0 {
            return Err(Error::range(format!(
                "f0 and f1 of a logarithmic chirp must have one sign, got {f0} and {f1}"
            )));
        }
        if self.sweep == Sweep::Hyperbolic && (f0 == 0.0 || f1 == 0.0) {
            return Err(Error::range(format!("f0 and f1 of a hyperbolic chirp must not be 0, got {f0} and {f1}")));
        }
        let phase = self.phase / 180.0 * PI;
        Ok(t.iter().map(|&t| (self.angle(t) + phase).cos()).collect())
    }

    /// Returns 2π times the integral of the frequency from 0 to `t`.
    fn angle(&self, t: f64) -> f64 {
        let Self { f0, t1, f1, .. } = *self;
        match self.sweep {
            Sweep::Linear => TAU * (f0 * t + 0.5 * (f1 - f0) / t1 * t * t),
            Sweep::Quadratic => {
                let curvature = (f1 - f0) / (t1 * t1);
                if self.vertex_at_zero {
                    TAU * (f0 * t + curvature * t.powi(3) / 3.0)
                } else {
                    TAU * (f1 * t + curvature * ((t1 - t).powi(3) - t1.powi(3)) / 3.0)
                }
            }
            Sweep::Logarithmic | Sweep::Hyperbolic if f0 == f1 => TAU * f0 * t,
            Sweep::Logarithmic => {
                let beta = t1 / (f1 / f0).ln();
                TAU * beta * f0 * ((f1 / f0).powf(t / t1) - 1.0)
            }
            Sweep::Hyperbolic => {
                let singular = -f1 * t1 / (f0 - f1);
                TAU * (-singular * f0) * (1.0 - t / singular).abs().ln()
            }
        }
    }
}

/// Returns the sine whose frequency at the times `t` is the polynomial `coefficients`, the highest power first, with
/// `phase` degrees at time 0.
pub fn sweep_poly(t: &[f64], coefficients: &[f64], phase: f64) -> Vec<f64> {
    let degree = coefficients.len();
    let integral: Vec<f64> = coefficients.iter().enumerate().map(|(k, c)| c / (degree - k) as f64).collect();
    let turns = |t: f64| integral.iter().fold(0.0, |sum, c| sum * t + c) * t;
    t.iter().map(|&t| (TAU * turns(t) + phase / 180.0 * PI).cos()).collect()
}

/// A cosine of `centre` Hz under a Gaussian envelope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaussPulse {
    /// Frequency of the cosine in Hz.
    pub centre: f64,
    /// Bandwidth relative to the centre frequency.
    pub bandwidth: f64,
    /// Level in dB, below 0, at which the bandwidth is measured.
    pub reference: f64,
}

impl GaussPulse {
    /// Returns the constant a of the envelope `exp(−a t²)`.
    fn decay(&self) -> f64 {
        let reference = (self.reference / 20.0 * LN_10).exp();
        -(PI * self.centre * self.bandwidth).powi(2) / (4.0 * reference.ln())
    }

    /// Returns the in-phase pulse, the quadrature pulse and the envelope at the times `t`.
    pub fn values(&self, t: &[f64]) -> [Vec<f64>; 3] {
        let decay = self.decay();
        let envelope: Vec<f64> = t.iter().map(|t| (-decay * t * t).exp()).collect();
        let angle = TAU * self.centre;
        let in_phase = envelope.iter().zip(t).map(|(e, t)| e * (angle * t).cos()).collect();
        let quadrature = envelope.iter().zip(t).map(|(e, t)| e * (angle * t).sin()).collect();
        [in_phase, quadrature, envelope]
    }

    /// Returns the time in seconds at which the envelope has fallen to `level` dB (below 0).
    pub fn cutoff(&self, level: f64) -> f64 {
        (-(level / 20.0 * LN_10) / self.decay()).sqrt()
    }
}

/// Returns `t` radians modulo one period, 0 to 2π.
fn within_period(t: f64) -> f64 {
    t.rem_euclid(TAU)
}

/// Returns a sawtooth of period 2π that rises from −1 to 1 in the first part of its period, of the share `width` (0 to
/// 1), and falls in the rest.
pub fn sawtooth(t: &[f64], width: f64) -> Vec<f64> {
    let value = |t: f64| {
        let t = within_period(t);
        if t < width * TAU { t / (PI * width) - 1.0 } else { (PI * (width + 1.0) - t) / (PI * (1.0 - width)) }
    };
    t.iter().map(|&t| value(t)).collect()
}

/// Returns a square wave of period 2π that is 1 in the first part of its period, of the share `duty` (0 to 1), and −1
/// in the rest.
pub fn square(t: &[f64], duty: f64) -> Vec<f64> {
    t.iter().map(|&t| if within_period(t) < duty * TAU { 1.0 } else { -1.0 }).collect()
}

/// Feedback taps of primitive polynomials over two elements, of 2 to 32 bits.
const TAPS: [&[usize]; 31] = [
    &[1],
    &[2],
    &[3],
    &[3],
    &[5],
    &[6],
    &[7, 6, 1],
    &[5],
    &[7],
    &[9],
    &[11, 10, 4],
    &[12, 11, 8],
    &[13, 12, 2],
    &[14],
    &[15, 13, 4],
    &[14],
    &[11],
    &[18, 17, 14],
    &[17],
    &[19],
    &[21],
    &[18],
    &[23, 22, 17],
    &[22],
    &[25, 24, 20],
    &[26, 25, 22],
    &[25],
    &[27],
    &[29, 28, 7],
    &[28],
    &[31, 30, 10],
];

/// Largest number of bits of a register.
pub const MAX_BITS: usize = TAPS.len() + 1;

/// Returns `length` bits of the maximum length sequence of a register of `state.len()` bits, 2 to [`MAX_BITS`], and
/// leaves in `state` the register to continue with. It is a Fibonacci register: each step outputs the first bit and
/// appends the sum (modulo 2) of the bits at the taps.
pub fn max_len_seq(state: &mut [bool], length: usize) -> Vec<f64> {
    let bits = state.len();
    let taps = TAPS[bits - 2];
    let mut first = 0;
    let sequence = (0..length)
        .map(|_| {
            let bit = state[first];
            let feedback = taps.iter().fold(bit, |sum, tap| sum ^ state[(tap + first) % bits]);
            state[first] = feedback;
            first = (first + 1) % bits;
            f64::from(u8::from(bit))
        })
        .collect();
    state.rotate_left(first);
    sequence
}
