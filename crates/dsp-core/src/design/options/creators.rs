//! The `create…` methods of `FirFilter` and `IirFilter`.

use super::{Caller, Kind, Reader, Shape};
use crate::design::rules;
use crate::design::rules::{MAX_TAPS, failed, half, numeric, whole};
use crate::design::spec::{Coefficients, Design, Family, FilterSpec, finite};
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::signal::filter::design::fir::{Window, kaiser_order};
use crate::signal::filter::design::{Iir, remez};
use crate::text::js_number;

/// The kind of FIR filter that a method of `FirFilter` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FirMethod {
    Windowed(Shape),
    Kaiser,
    Optimal,
}

/// The methods of `FirFilter`, with the kind of filter that each makes.
const FIR_METHODS: [(&str, FirMethod); 6] = [
    ("createLowPass", FirMethod::Windowed(Shape::LowPass)),
    ("createHighPass", FirMethod::Windowed(Shape::HighPass)),
    ("createBandPass", FirMethod::Windowed(Shape::BandPass)),
    ("createBandStop", FirMethod::Windowed(Shape::BandStop)),
    ("createKaiser", FirMethod::Kaiser),
    ("createOptimal", FirMethod::Optimal),
];

/// A method of `IirFilter`, with the kind of filter that it makes.
struct IirMethod {
    name: &'static str,
    kind: Kind,
    shape: Shape,
    /// Whether the original has the method, so that `design` is an option.
    is_in_dspx: bool,
}

const fn method(name: &'static str, kind: Kind, shape: Shape) -> IirMethod {
    IirMethod { name, kind, shape, is_in_dspx: false }
}

/// Returns the entry of a method that the original has.
const fn old(name: &'static str, kind: Kind, shape: Shape) -> IirMethod {
    IirMethod { name, kind, shape, is_in_dspx: true }
}

/// The methods of `IirFilter`.
const IIR_METHODS: [IirMethod; 28] = [
    old("createFirstOrderLowPass", Kind::ButterworthOf(1), Shape::LowPass),
    old("createFirstOrderHighPass", Kind::ButterworthOf(1), Shape::HighPass),
    old("createButterworthLowPass", Kind::Butterworth, Shape::LowPass),
    old("createButterworthHighPass", Kind::Butterworth, Shape::HighPass),
    old("createButterworthBandPass", Kind::Butterworth, Shape::BandPass),
    method("createButterworthBandStop", Kind::Butterworth, Shape::BandStop),
    old("createChebyshevLowPass", Kind::Chebyshev, Shape::LowPass),
    old("createChebyshevHighPass", Kind::Chebyshev, Shape::HighPass),
    old("createChebyshevBandPass", Kind::Chebyshev, Shape::BandPass),
    method("createChebyshevBandStop", Kind::Chebyshev, Shape::BandStop),
    method("createBesselLowPass", Kind::Bessel, Shape::LowPass),
    method("createBesselHighPass", Kind::Bessel, Shape::HighPass),
    method("createBesselBandPass", Kind::Bessel, Shape::BandPass),
    method("createBesselBandStop", Kind::Bessel, Shape::BandStop),
    method("createEllipticLowPass", Kind::Elliptic, Shape::LowPass),
    method("createEllipticHighPass", Kind::Elliptic, Shape::HighPass),
    method("createEllipticBandPass", Kind::Elliptic, Shape::BandPass),
    method("createEllipticBandStop", Kind::Elliptic, Shape::BandStop),
    old("createPeakingEQ", Kind::Biquad, Shape::Peak),
    old("createLowShelf", Kind::Biquad, Shape::LowShelf),
    old("createHighShelf", Kind::Biquad, Shape::HighShelf),
    method("createBiquadLowPass", Kind::Biquad, Shape::LowPass),
    method("createBiquadHighPass", Kind::Biquad, Shape::HighPass),
    method("createBiquadBandPass", Kind::Biquad, Shape::BandPassAt),
    method("createNotch", Kind::Biquad, Shape::Notch),
    method("createAllPass", Kind::Biquad, Shape::AllPass),
    method("createIirNotch", Kind::Resonator, Shape::Notch),
    method("createIirPeak", Kind::Resonator, Shape::BandPassAt),
];

/// Returns the names of the methods of `FirFilter`.
pub fn fir_methods() -> impl Iterator<Item = &'static str> {
    FIR_METHODS.iter().map(|(name, _)| *name)
}

/// Returns the names of the methods of `IirFilter`.
pub fn iir_methods() -> impl Iterator<Item = &'static str> {
    IIR_METHODS.iter().map(|method| method.name)
}

/// A designed filter, with its sample rate and design.
#[derive(Debug, Clone, PartialEq)]
pub struct Designed<T> {
    /// Coefficients of the filter.
    pub filter: T,
    /// Sample rate in Hz.
    pub sample_rate: f64,
    /// Whether the numbers are SciPy's or the original's.
    pub design: Design,
}

/// Returns the specification that a method of `IirFilter` reads from its options.
///
/// # Errors
/// `TypeError` if there is no such method; the error of the first wrong option, in the order design, frequency, type,
/// order, ripple or quality, gain.
pub fn iir_spec(name: &str, options: &Value, default: Design) -> Result<FilterSpec> {
    let IirMethod { kind, mut shape, is_in_dspx, .. } = *IIR_METHODS
        .iter()
        .find(|method| method.name == name)
        .ok_or_else(|| Error::type_error(format!("IirFilter has no method {name}")))?;
    let design = if is_in_dspx { Design::from_value(rules::DESIGN.find(options), default)? } else { Design::Standard };
    let has_edges = !rules::LOW.find(options).is_undefined() && !rules::HIGH.find(options).is_undefined();
    if kind == Kind::Biquad && has_edges {
        shape = match shape {
            Shape::BandPassAt => Shape::BandPass,
            Shape::Notch => Shape::BandStop,
            other => other,
        };
    }
    Reader { options, caller: Caller::Class, design }.spec(kind, shape)
}

/// Returns the filter that a method of `IirFilter` designs from its options.
///
/// # Errors
/// Those of [`iir_spec`], and `RangeError` if float64 cannot hold the coefficients.
pub fn iir(name: &str, options: &Value, default: Design) -> Result<Designed<Iir>> {
    let spec = iir_spec(name, options, default)?;
    let FilterSpec { sample_rate, design, .. } = spec;
    match spec.coefficients()? {
        Coefficients::Iir(filter) => Ok(Designed { filter, sample_rate, design }),
        Coefficients::Fir(_) => failed(format!("{name} makes no recursive filter")),
    }
}

/// Returns the taps that a method of `FirFilter` designs from its options.
///
/// # Errors
/// `TypeError` if there is no such method; the error of the first wrong option, in the order design, frequency, order,
/// window.
pub fn fir(name: &str, options: &Value, default: Design) -> Result<Designed<Vec<f64>>> {
    let found = FIR_METHODS.iter().find(|(known, _)| *known == name);
    let spec = match found {
        None => return Err(Error::type_error(format!("FirFilter has no method {name}"))),
        Some((_, FirMethod::Optimal)) => return optimal(options),
        Some((_, FirMethod::Kaiser)) => kaiser(options)?,
        Some((_, FirMethod::Windowed(shape))) => {
            let design = Design::from_value(rules::DESIGN.find(options), default)?;
            Reader { options, caller: Caller::Class, design }.spec(Kind::Fir, *shape)?
        }
    };
    let FilterSpec { sample_rate, design, .. } = spec;
    match spec.coefficients()? {
        Coefficients::Fir(filter) => Ok(Designed { filter, sample_rate, design }),
        Coefficients::Iir(_) => failed(format!("{name} makes no FIR filter")),
    }
}

/// Reads the options of `createKaiser`: mode, frequencies, `attenuationDb` and `transitionWidth` (Hz) instead of order
/// and window.
fn kaiser(options: &Value) -> Result<FilterSpec> {
    let reader = Reader { options, caller: Caller::Class, design: Design::Standard };
    let shape = match options.get("mode") {
        Value::Undefined => Shape::LowPass,
        Value::String(s) if s == "lowpass" => Shape::LowPass,
        Value::String(s) if s == "highpass" => Shape::HighPass,
        Value::String(s) if s == "bandpass" => Shape::BandPass,
        Value::String(s) if s == "bandstop" => Shape::BandStop,
        other => {
            return Err(Error::type_error(format!(
                "mode must be 'lowpass', 'highpass', 'bandpass' or 'bandstop', got {other}"
            )));
        }
    };
    let (band, rate) = (reader.band(Kind::Fir, shape)?, reader.rate());
    let number = |key: &str| options.get(key).as_finite().unwrap_or(f64::NAN);
    let (attenuation, width) = (number("attenuationDb"), number("transitionWidth"));
    // Below 8 dB the formula gives less than one tap.
    if !(8.0..=1000.0).contains(&attenuation) {
        return failed(format!("attenuationDb must be between 8 and 1000 dB, got {}", options.get("attenuationDb")));
    }
    if !(width > 0.0 && width < rate / 2.0) {
        let got = options.get("transitionWidth");
        return failed(format!("transitionWidth must be between 0 and {} Hz, got {got}", half(rate)));
    }
    let (taps, beta) = kaiser_order(attenuation, width / rate);
    if taps > MAX_TAPS as f64 {
        let (width, taps) = (js_number(width), js_number(taps));
        return failed(format!("transitionWidth of {width} Hz needs an order of {taps} taps, more than {MAX_TAPS}"));
    }
    Ok(FilterSpec { window: Window::Kaiser(beta), ..FilterSpec::new(Family::Fir, band, taps as usize, rate) })
}

/// Largest number of bands of an optimal filter.
const MAX_OPTIMAL_BANDS: usize = 64;

/// Reads the options of `createOptimal` and designs the filter: `order` (taps), `bandEdges` (Hz), `desired`, `weights`,
/// `type`, `gridDensity`.
fn optimal(options: &Value) -> Result<Designed<Vec<f64>>> {
    let rate = match options.get("sampleRate") {
        Value::Undefined => 1.0,
        value => value
            .as_finite()
            .filter(|r| *r > 0.0)
            .ok_or_else(|| Error::failed(format!("sampleRate must be positive, got {value}")))?,
    };
    let got = rules::TAPS.find(options);
    let taps = numeric("order", got)?;
    if !(3.0..=remez::MAX_TAPS as f64).contains(&taps) {
        return failed(format!("order (the number of taps) must be between 3 and {}, got {got}", remez::MAX_TAPS));
    }
    let taps = whole("order (the number of taps)", got, taps)?;
    let list = |key: &str| {
        let value = options.get(key);
        value.as_numbers().ok_or_else(|| Error::type_error(format!("{key} must be an array of numbers, got {value}")))
    };
    let edges: Vec<f64> = list("bandEdges")?.iter().map(|f| f / rate).collect();
    let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
    let inside = edges.iter().all(|nu| (0.0..=0.5).contains(nu));
    if edges.is_empty() || !edges.len().is_multiple_of(2) || edges.len() > 2 * MAX_OPTIMAL_BANDS || !rising || !inside {
        let got = options.get("bandEdges");
        return failed(format!(
            "bandEdges must be pairs of rising frequencies between 0 and {} Hz, at most {MAX_OPTIMAL_BANDS}, got {got}",
            half(rate)
        ));
    }
    let bands = edges.len() / 2;
    let desired = list("desired")?;
    let weights = if options.get("weights").is_undefined() { vec![1.0; bands] } else { list("weights")? };
    if desired.len() != bands || desired.iter().any(|d| !d.is_finite()) {
        return failed(format!(
            "desired must hold one finite number per band ({bands}), got {}",
            options.get("desired")
        ));
    }
    if weights.len() != bands || weights.iter().any(|w| !(w.is_finite() && *w > 0.0)) {
        return failed(format!(
            "weights must hold one positive number per band ({bands}), got {}",
            options.get("weights")
        ));
    }
    let kind = match options.get("type") {
        Value::Undefined => remez::Kind::Bandpass,
        Value::String(s) if s == "bandpass" => remez::Kind::Bandpass,
        Value::String(s) if s == "differentiator" => remez::Kind::Differentiator,
        Value::String(s) if s == "hilbert" => remez::Kind::Hilbert,
        other => {
            return Err(Error::type_error(format!(
                "type must be 'bandpass', 'differentiator' or 'hilbert', got {other}"
            )));
        }
    };
    let density = match options.get("gridDensity") {
        Value::Undefined => 16,
        Value::Number(d) if (1.0..=64.0).contains(d) && d.fract() == 0.0 => *d as usize,
        other => return failed(format!("gridDensity must be an integer between 1 and 64, got {other}")),
    };
    let spec = remez::Specification { taps, edges: &edges, desired: &desired, weights: &weights, kind, density };
    Ok(Designed { filter: finite(remez::remez(&spec)?)?, sample_rate: rate, design: Design::Standard })
}
