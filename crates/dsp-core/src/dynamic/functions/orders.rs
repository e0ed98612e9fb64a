//! Lowest orders, prototypes, and transformations of a filter's variable.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{named, numbers, range_error, transfer_value, zpk_value};
use crate::dynamic::functions::object;
use crate::dynamic::functions::scalars::{needed_integer, positive, positive_option};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::bessel::{self, Norm};
use crate::signal::filter::design::orders::{Family, Specification, unwarp, warp};
use crate::signal::filter::design::resonators::{self, Kind};
use crate::signal::filter::design::substitution::Substitution;
use crate::signal::filter::design::zpk::Zpk;
use crate::signal::filter::design::{butterworth, chebyshev, elliptic};
use crate::text::Texts;

/// Highest order of a prototype or design.
pub const MAX_ORDER: usize = 100;

/// A specification as the arguments give it.
pub struct Wanted {
    /// Edges in rad/s, of a digital filter those of its analog prototype, and losses.
    pub specification: Specification,
    /// Losses in dB: the largest in the pass-band, the least in the stop-band.
    pub losses: (f64, f64),
    /// Whether the filter is analog.
    pub analog: bool,
    /// Sample rate of a digital filter in the unit of the edges.
    pub rate: f64,
}

/// Reads `(wp, ws, gpass, gstop, { analog, sampleRate = 2 })`.
///
/// # Errors
/// `TypeError` and `RangeError` for edges and losses that no filter has.
pub fn wanted(a: &Arguments<'_>, options: &Options) -> Result<Wanted> {
    let analog = options.flag("analog", false)?;
    let rate = positive_option(a, options, "sampleRate", 2.0)?;
    let edges = |at: usize, key: &str| -> Result<Vec<f64>> {
        let given = numbers(a, at, key)?;
        if analog {
            return Ok(given);
        }
        match given.iter().find(|f| !(0.0 < **f && **f < rate / 2.0)) {
            Some(f) => Err(range_error(a, format!("{key} must be between 0 and {}, got {f}", rate / 2.0))),
            None => Ok(given.iter().map(|f| warp(f / rate)).collect()),
        }
    };
    let losses = (positive(a, 2, "gpass")?, positive(a, 3, "gstop")?);
    let specification = named(a, Specification::new(&edges(0, "wp")?, &edges(1, "ws")?, losses.0, losses.1))?;
    Ok(Wanted { specification, losses, analog, rate })
}

/// `(wp, ws, gpass, gstop, { analog, sampleRate = 2 })`
fn lowest_order(a: &Arguments<'_>, family: Family) -> Result<Value> {
    let options = a.options(4)?;
    let Wanted { specification, analog, rate, .. } = wanted(a, &options)?;
    let (order, edges) = named(a, specification.lowest_order(family))?;
    let shown: Vec<f64> = if analog { edges } else { edges.iter().map(|w| unwarp(*w) * rate).collect() };
    let wn = if let [edge] = shown[..] { Value::Number(edge) } else { Value::F64(shown) };
    Ok(object([("order", Value::Number(order)), ("wn", wn)]))
}

pub fn buttord(a: &Arguments<'_>) -> Result<Value> {
    lowest_order(a, Family::Butter)
}

pub fn cheb1ord(a: &Arguments<'_>) -> Result<Value> {
    lowest_order(a, Family::Cheby1)
}

pub fn cheb2ord(a: &Arguments<'_>) -> Result<Value> {
    lowest_order(a, Family::Cheby2)
}

pub fn ellipord(a: &Arguments<'_>) -> Result<Value> {
    lowest_order(a, Family::Ellip)
}

fn order(a: &Arguments<'_>, most: usize) -> Result<usize> {
    needed_integer(a, 0, "order", (1, most))
}

fn prototype(a: &Arguments<'_>, zpk: &Zpk) -> Result<Value> {
    let finite = zpk.zeros.iter().chain(&zpk.poles).all(|root| root.is_finite()) && zpk.gain.is_finite();
    if finite { Ok(zpk_value(zpk)) } else { Err(range_error(a, "this prototype exceeds float64")) }
}

/// `buttap(order)`: zeros, poles and gain of the Butterworth prototype.
pub fn buttap(a: &Arguments<'_>) -> Result<Value> {
    prototype(a, &butterworth::prototype(order(a, MAX_ORDER)?))
}

/// `cheb1ap(order, rp)`: zeros, poles and gain of the Chebyshev prototype of type 1 with a ripple of `rp` dB.
pub fn cheb1ap(a: &Arguments<'_>) -> Result<Value> {
    prototype(a, &chebyshev::type1(order(a, MAX_ORDER)?, positive(a, 1, "rp")?))
}

/// `cheb2ap(order, rs)`: zeros, poles and gain of the Chebyshev prototype of type 2 with an attenuation of `rs` dB.
pub fn cheb2ap(a: &Arguments<'_>) -> Result<Value> {
    prototype(a, &chebyshev::type2(order(a, MAX_ORDER)?, positive(a, 1, "rs")?))
}

/// `ellipap(order, rp, rs)`: zeros, poles and gain of the elliptic prototype with a ripple of `rp` and an attenuation
/// of `rs` dB.
pub fn ellipap(a: &Arguments<'_>) -> Result<Value> {
    let (order, rp, rs) = (order(a, MAX_ORDER)?, positive(a, 1, "rp")?, positive(a, 2, "rs")?);
    if rs <= rp {
        return Err(range_error(a, format!("rs must be above rp ({rp} dB), got {rs}")));
    }
    let zpk = elliptic::prototype(order, rp, rs);
    prototype(a, &zpk.ok_or_else(|| range_error(a, "float64 cannot tell rp and rs apart"))?)
}

/// `besselap(order, { norm = "phase" })`: zeros, poles and gain of the Bessel prototype.
pub fn besselap(a: &Arguments<'_>) -> Result<Value> {
    let norm = a.options(1)?.choice("norm", Norm::TEXTS, Norm::Phase.text())?;
    prototype(a, &bessel::prototype(order(a, 20)?, Norm::of(norm).unwrap_or(Norm::Phase)))
}

fn substitute(a: &Arguments<'_>, substitution: Substitution) -> Result<Value> {
    named(a, substitution.apply(&numbers(a, 0, "b")?, &numbers(a, 1, "a")?)).map(transfer_value)
}

/// Returns the frequency at index 2; 1 rad/s if it is absent.
fn corner(a: &Arguments<'_>) -> Result<f64> {
    if a.get(2).is_undefined() { Ok(1.0) } else { positive(a, 2, "wo") }
}

fn bandwidth(a: &Arguments<'_>) -> Result<f64> {
    if a.get(3).is_undefined() { Ok(1.0) } else { positive(a, 3, "bw") }
}

/// `lp2lp(b, a, wo = 1)`: the low-pass moved to the edge `wo` (rad/s).
pub fn lp2lp(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::LowPass(corner(a)?))
}

/// `lp2hp(b, a, wo = 1)`: the low-pass turned into a high-pass with the edge `wo` (rad/s).
pub fn lp2hp(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::HighPass(corner(a)?))
}

/// `lp2bp(b, a, wo = 1, bw = 1)`: the low-pass turned into a band-pass with centre `wo` and width `bw` (rad/s).
pub fn lp2bp(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::BandPass(corner(a)?, bandwidth(a)?))
}

/// `lp2bs(b, a, wo = 1, bw = 1)`: the low-pass turned into a band-stop with centre `wo` and width `bw` (rad/s).
pub fn lp2bs(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::BandStop(corner(a)?, bandwidth(a)?))
}

/// `bilinear(b, a, sampleRate = 1)`: the digital filter by the bilinear transformation.
pub fn bilinear(a: &Arguments<'_>) -> Result<Value> {
    let rate = if a.get(2).is_undefined() { 1.0 } else { positive(a, 2, "sampleRate")? };
    substitute(a, Substitution::Bilinear(rate))
}

/// `iirnotch` and `iirpeak` of `(w0, q, { sampleRate = 2 })`: `{ b, a }`.
fn resonator(a: &Arguments<'_>, kind: Kind) -> Result<Value> {
    let (frequency, q) = (positive(a, 0, "w0")?, positive(a, 1, "q")?);
    let rate = positive_option(a, &a.options(2)?, "sampleRate", 2.0)?;
    let nu = frequency / rate;
    if nu >= 0.5 || nu / q >= 0.5 {
        return Err(range_error(a, format!("w0 and w0 / q must be below {}, got {frequency} and {q}", rate / 2.0)));
    }
    Ok(transfer_value(resonators::resonator(nu, q, kind)))
}

pub fn iirnotch(a: &Arguments<'_>) -> Result<Value> {
    resonator(a, Kind::Notch)
}

pub fn iirpeak(a: &Arguments<'_>) -> Result<Value> {
    resonator(a, Kind::Peak)
}

/// `iircomb(w0, q, { ftype = "notch", sampleRate = 2, passZero = false })`: `{ b, a }`.
pub fn iircomb(a: &Arguments<'_>) -> Result<Value> {
    let (frequency, q, options) = (positive(a, 0, "w0")?, positive(a, 1, "q")?, a.options(2)?);
    let rate = positive_option(a, &options, "sampleRate", 2.0)?;
    if frequency >= rate / 2.0 {
        return Err(range_error(a, format!("w0 must be below {}, got {frequency}", rate / 2.0)));
    }
    let kind = if options.choice("ftype", &["notch", "peak"], "notch")? == "peak" { Kind::Peak } else { Kind::Notch };
    let comb = resonators::comb(frequency, rate, q, kind, options.flag("passZero", false)?);
    named(a, comb).map(transfer_value)
}
