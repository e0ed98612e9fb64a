//! Designs of recursive filters, and filters as zeros, poles and gain whose variable is replaced.

use crate::dynamic::functions::arguments::{Arguments, Options};
use crate::dynamic::functions::coefficients::{
    named, numbers, range_error, rows_value, transfer_value, zpk, zpk_value,
};
use crate::dynamic::functions::orders::{MAX_ORDER, Wanted, wanted};
use crate::dynamic::functions::scalars::{integer, needed_integer, positive, positive_option};
use crate::error::Result;
use crate::params::value::Value;
use crate::signal::filter::design::bessel::{self, Norm};
use crate::signal::filter::design::conversions::Transfer;
use crate::signal::filter::design::orders::{Family, Shape, unwarp};
use crate::signal::filter::design::substitution::Substitution;
use crate::signal::filter::design::zpk::{Band, Zpk};
use crate::signal::filter::design::{butterworth, chebyshev, elliptic, gammatone as tones};
use crate::text::Texts;

/// The most taps of a gammatone.
const MAX_TAPS: usize = 1 << 20;

/// The analog low-pass of a family with its edge at 1 rad/s; losses in dB where the family has them.
struct Prototype {
    order: usize,
    passband_ripple: Option<f64>,
    stopband_loss: Option<f64>,
}

impl Prototype {
    fn zpk(&self, a: &Arguments<'_>, family: &str) -> Result<Zpk> {
        let loss = |key: &str, given: Option<f64>| match given {
            Some(loss) if loss > 0.0 => Ok(loss),
            Some(loss) => Err(range_error(a, format!("{key} must be above 0 dB, got {loss}"))),
            None => Err(a.type_error(format!("{key} must be given in dB for ftype '{family}'"))),
        };
        let (rp, rs) = (|| loss("rp", self.passband_ripple), || loss("rs", self.stopband_loss));
        match family {
            "cheby1" => Ok(chebyshev::type1(self.order, rp()?)),
            "cheby2" => Ok(chebyshev::type2(self.order, rs()?)),
            "ellip" => {
                let (rp, rs) = (rp()?, rs()?);
                let found = if rs > rp { elliptic::prototype(self.order, rp, rs) } else { None };
                found.ok_or_else(|| range_error(a, format!("rs must be above rp ({rp} dB), got {rs}")))
            }
            "bessel" if self.order > 20 => {
                Err(range_error(a, format!("order must be from 1 to 20 for ftype 'bessel', got {}", self.order)))
            }
            "bessel" => Ok(bessel::prototype(self.order, Norm::Phase)),
            _ => Ok(butterworth::prototype(self.order)),
        }
    }
}

/// The filter in the form that `output` asks for: `"ba"`, `"zpk"` or (digital ones) `"sos"`.
fn form(a: &Arguments<'_>, options: &Options, zpk: &Zpk, analog: bool) -> Result<Value> {
    match options.choice("output", &["ba", "zpk", "sos"], "ba")? {
        "zpk" => Ok(zpk_value(zpk)),
        "sos" if analog => Err(range_error(a, "output 'sos' is for digital filters")),
        "sos" => named(a, zpk.to_sections()).map(|rows| rows_value(&rows)),
        _ => named(a, zpk.to_transfer()).map(transfer_value),
    }
}

/// A prototype moved to its band: edges in rad/s, or in cycles per sample.
fn in_band(a: &Arguments<'_>, prototype: &Zpk, kind: Shape, edges: &[f64], analog: bool) -> Result<Zpk> {
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    if analog {
        let (centre, width) = ((first * last).sqrt(), last - first);
        return named(
            a,
            prototype.substituted(match kind {
                Shape::LowPass => Substitution::LowPass(first),
                Shape::HighPass => Substitution::HighPass(first),
                Shape::BandPass => Substitution::BandPass(centre, width),
                Shape::BandStop => Substitution::BandStop(centre, width),
            }),
        );
    }
    let zpk = prototype.digital(match kind {
        Shape::LowPass => Band::LowPass(first),
        Shape::HighPass => Band::HighPass(first),
        Shape::BandPass => Band::BandPass(first, last),
        Shape::BandStop => Band::BandStop(first, last),
    });
    let finite = zpk.zeros.iter().chain(&zpk.poles).all(|root| root.is_finite()) && zpk.gain.is_finite();
    if finite { Ok(zpk) } else { Err(range_error(a, "a root or the gain of this filter exceeds float64")) }
}

/// `(order, wn, { rp, rs, btype = "bandpass", analog = false, ftype = "butter", output = "ba", sampleRate = 2 })`
pub fn iirfilter(a: &Arguments<'_>) -> Result<Value> {
    let order = needed_integer(a, 0, "order", (1, MAX_ORDER))?;
    let (edges, options) = (numbers(a, 1, "wn")?, a.options(2)?);
    let analog = options.flag("analog", false)?;
    let kind = match options.choice("btype", &["lowpass", "highpass", "bandpass", "bandstop"], "bandpass")? {
        "lowpass" => Shape::LowPass,
        "highpass" => Shape::HighPass,
        "bandstop" => Shape::BandStop,
        _ => Shape::BandPass,
    };
    let count = if matches!(kind, Shape::LowPass | Shape::HighPass) { 1 } else { 2 };
    if edges.len() != count {
        return Err(range_error(a, format!("wn must have {count} frequencies for this btype, got {}", edges.len())));
    }
    let rate = positive_option(a, &options, "sampleRate", 2.0)?;
    let unit = if analog { 1.0 } else { rate };
    let top = if analog { f64::INFINITY } else { rate / 2.0 };
    if !edges.iter().all(|f| 0.0 < *f && *f < top) || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(range_error(a, format!("wn must be above 0, below {top} and rising")));
    }
    let edges: Vec<f64> = edges.iter().map(|f| f / unit).collect();
    let families = ["butter", "cheby1", "cheby2", "ellip", "bessel"];
    let prototype = Prototype { order, passband_ripple: options.number("rp")?, stopband_loss: options.number("rs")? };
    let prototype = prototype.zpk(a, options.choice("ftype", &families, "butter")?)?;
    form(a, &options, &in_band(a, &prototype, kind, &edges, analog)?, analog)
}

/// `(wp, ws, gpass, gstop, { analog = false, ftype = "ellip", output = "ba", sampleRate = 2 })`
pub fn iirdesign(a: &Arguments<'_>) -> Result<Value> {
    let options = a.options(4)?;
    let Wanted { specification, losses: (pass_loss, stop_loss), analog, .. } = wanted(a, &options)?;
    let family = options.choice("ftype", Family::TEXTS, Family::Ellip.text())?;
    let (order, edges) = named(a, specification.lowest_order(Family::of(family).unwrap_or(Family::Ellip)))?;
    if order > MAX_ORDER as f64 {
        return Err(range_error(a, format!("this specification needs order {order}, at most {MAX_ORDER}")));
    }
    let prototype =
        Prototype { order: order as usize, passband_ripple: Some(pass_loss), stopband_loss: Some(stop_loss) };
    let edges: Vec<f64> = if analog { edges } else { edges.iter().map(|w| unwarp(*w)).collect() };
    let zpk = in_band(a, &prototype.zpk(a, family)?, specification.shape(), &edges, analog)?;
    form(a, &options, &zpk, analog)
}

/// `(frequency, ftype, { order = 4, numtaps, sampleRate = 2 })`
pub fn gammatone(a: &Arguments<'_>) -> Result<Value> {
    let (frequency, options) = (positive(a, 0, "frequency")?, a.options(2)?);
    let rate = positive_option(a, &options, "sampleRate", 2.0)?;
    if frequency >= rate / 2.0 {
        return Err(range_error(a, format!("frequency must be below {}, got {frequency}", rate / 2.0)));
    }
    let order = integer(a, &options, "order", (1, 24))?.unwrap_or(4);
    let taps = integer(a, &options, "numtaps", (1, MAX_TAPS))?;
    let taps = taps.unwrap_or(((rate * 0.015) as usize).clamp(15, MAX_TAPS));
    match a.option(1, "ftype").choice("ftype", &["fir", "iir"], "")? {
        "" => Err(a.type_error("ftype must be 'fir' or 'iir', got undefined")),
        "iir" => Ok(transfer_value(tones::iir(frequency, rate))),
        _ => Ok(transfer_value(Transfer { b: tones::fir(frequency, rate, order, taps), a: vec![1.0] })),
    }
}

fn substitute(a: &Arguments<'_>, substitution: Substitution) -> Result<Value> {
    named(a, zpk(a, 0)?.substituted(substitution)).map(|zpk| zpk_value(&zpk))
}

/// The number at a place, above 0; 1 unless given.
fn one_unless_given(a: &Arguments<'_>, at: usize, key: &str) -> Result<f64> {
    if a.get(at).is_undefined() { Ok(1.0) } else { positive(a, at, key) }
}

/// `({ zeros, poles, gain }, wo = 1)`
pub fn lp2lp_zpk(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::LowPass(one_unless_given(a, 1, "wo")?))
}

/// `({ zeros, poles, gain }, wo = 1)`
pub fn lp2hp_zpk(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::HighPass(one_unless_given(a, 1, "wo")?))
}

/// `({ zeros, poles, gain }, wo = 1, bw = 1)`
pub fn lp2bp_zpk(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::BandPass(one_unless_given(a, 1, "wo")?, one_unless_given(a, 2, "bw")?))
}

/// `({ zeros, poles, gain }, wo = 1, bw = 1)`
pub fn lp2bs_zpk(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::BandStop(one_unless_given(a, 1, "wo")?, one_unless_given(a, 2, "bw")?))
}

/// `({ zeros, poles, gain }, sampleRate = 1)`
pub fn bilinear_zpk(a: &Arguments<'_>) -> Result<Value> {
    substitute(a, Substitution::Bilinear(one_unless_given(a, 1, "sampleRate")?))
}
