//! Second-order sections of Robert Bristow-Johnson's *Audio EQ Cookbook*.
//!
//! `ω = 2πν`, `α = sin ω / (2Q)`, `A = 10^{gain/40}`; every section is divided by its a0.

use std::f64::consts::TAU;

use crate::signal::filter::design::zpk::Row;

/// Default quality of a section: √½, with which low- and high-pass are Butterworth filters.
pub const DEFAULT_Q: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// The kinds of sections in the cookbook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Low-pass, gain Q at the frequency.
    LowPass,
    /// High-pass, gain Q at the frequency.
    HighPass,
    /// Band-pass, gain 1 at the frequency.
    BandPass,
    /// Zero at the frequency, gain 1 far from it.
    Notch,
    /// Gain 1 everywhere, phase −π at the frequency.
    AllPass,
    /// Bell with the given gain in dB.
    Peaking(f64),
    /// Given gain in dB below the frequency, 1 above.
    LowShelf(f64),
    /// Given gain in dB above the frequency, 1 below.
    HighShelf(f64),
}

/// Returns the section of `kind` at ν = `nu` (cycles per sample, 0 < ν < ½) with quality `q` > 0.
pub fn section(kind: Kind, nu: f64, q: f64) -> Row {
    let (sin, cos) = (TAU * nu).sin_cos();
    let alpha = sin / (2.0 * q);
    // 1 ∓ cos ω without cancellation near 0 and Nyquist.
    let below = 2.0 * (TAU * nu / 2.0).sin().powi(2);
    let above = 2.0 * (TAU * nu / 2.0).cos().powi(2);
    let poles = [1.0 + alpha, -2.0 * cos, 1.0 - alpha];
    match kind {
        Kind::LowPass => row([below / 2.0, below, below / 2.0], poles),
        Kind::HighPass => row([above / 2.0, -above, above / 2.0], poles),
        Kind::BandPass => row([alpha, 0.0, -alpha], poles),
        Kind::Notch => row([1.0, -2.0 * cos, 1.0], poles),
        Kind::AllPass => row([1.0 - alpha, -2.0 * cos, 1.0 + alpha], poles),
        Kind::Peaking(gain_db) => {
            let a = amplitude(gain_db);
            row([1.0 + alpha * a, -2.0 * cos, 1.0 - alpha * a], [1.0 + alpha / a, -2.0 * cos, 1.0 - alpha / a])
        }
        Kind::LowShelf(gain_db) => shelf(1.0, amplitude(gain_db), sin, cos, q),
        Kind::HighShelf(gain_db) => shelf(-1.0, amplitude(gain_db), sin, cos, q),
    }
}

/// Returns `scipy.signal.iirnotch` (`notch`) or `iirpeak`: the bandwidth between the −3.01 dB points is exactly ν/Q,
/// while the cookbook's is that of the analog filter. `β = tan(πν/Q)`, gain `1/(1 + β)`.
pub fn resonator(notch: bool, nu: f64, q: f64) -> Row {
    let beta = (TAU * nu / q / 2.0).tan();
    let gain = 1.0 / (1.0 + beta);
    let cos = (TAU * nu).cos();
    let b = if notch { [gain, -2.0 * gain * cos, gain] } else { [beta * gain, 0.0, -beta * gain] };
    [b[0], b[1], b[2], 1.0, -2.0 * gain * cos, 2.0 * gain - 1.0]
}

/// Returns `A`, the square root of the amplitude for `gain_db`.
fn amplitude(gain_db: f64) -> f64 {
    10.0_f64.powf(gain_db / 40.0)
}

/// Returns a shelf; `side` is 1 for the low one, −1 for the high one.
fn shelf(side: f64, a: f64, sin: f64, cos: f64, q: f64) -> Row {
    let beta = a.sqrt() * sin / q;
    let (plus, minus) = (a + 1.0, a - 1.0);
    let b = [
        a * (plus - side * minus * cos + beta),
        2.0 * a * side * (minus - side * plus * cos),
        a * (plus - side * minus * cos - beta),
    ];
    let poles =
        [plus + side * minus * cos + beta, -2.0 * side * (minus + side * plus * cos), plus + side * minus * cos - beta];
    row(b, poles)
}

fn row([b0, b1, b2]: [f64; 3], [a0, a1, a2]: [f64; 3]) -> Row {
    [b0 / a0, b1 / a0, b2 / a0, 1.0, a1 / a0, a2 / a0]
}
