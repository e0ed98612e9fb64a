//! Filters from the options that JavaScript gives: every check of the class methods, with its message.

use crate::error::{Error, Result};
use crate::value::{Value, js_number};

use super::fir::Window;
use super::zpk::{Band, Row, Zpk};
use super::{Iir, bessel, biquad, butterworth, chebyshev, dspx, elliptic, filter_bank, fir, remez};

/// Highest IIR order, and that of the original's design.
const MAX_ORDER: usize = 20;
const MAX_DSPX_ORDER: usize = 8;
/// Most FIR taps.
pub const MAX_TAPS: usize = 1 << 20;
/// Most bands of a filter bank.
const MAX_BANDS: f64 = 65_536.0;

crate::texts! {
    /// Whose numbers a filter has.
    #[derive(Default)]
    pub enum Design {
        /// The filter that was asked for, as SciPy designs it.
        #[default]
        Standard = "standard",
        /// The numbers of dspx 1.4.12.
        Dspx = "dspx",
    }
}

impl Design {
    /// `"standard"` or `"dspx"`; `undefined` is `default`.
    ///
    /// # Errors
    /// `TypeError` for anything else.
    pub fn from_value(value: &Value, default: Design) -> Result<Self> {
        match value {
            Value::Undefined => Ok(default),
            Value::String(s) if s == "standard" => Ok(Self::Standard),
            Value::String(s) if s == "dspx" => Ok(Self::Dspx),
            other => Err(Error::type_error(format!("design must be 'standard' or 'dspx', got {other}"))),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Dspx => "dspx",
        }
    }
}

/// Which of the four bands a creator makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    LowPass,
    HighPass,
    BandPass,
    BandStop,
}

impl Shape {
    fn ends(method: &str) -> Option<(&str, Self)> {
        let shapes = [
            ("LowPass", Self::LowPass),
            ("HighPass", Self::HighPass),
            ("BandPass", Self::BandPass),
            ("BandStop", Self::BandStop),
        ];
        shapes.into_iter().find_map(|(name, shape)| Some((method.strip_suffix(name)?, shape)))
    }
}

/// How the band-pass and band-stop errors read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BandMessage {
    Edges,
    Chebyshev,
}

/// A designed filter and the rate it was designed for.
#[derive(Debug, Clone, PartialEq)]
pub struct Designed<T> {
    /// Coefficients.
    pub filter: T,
    /// Hz.
    pub sample_rate: f64,
}

fn failed<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::failed(message))
}

/// The number `key`, NaN where there is none: range checks then fail with their own message.
fn number(options: &Value, key: &str) -> f64 {
    options.get(key).as_finite().unwrap_or(f64::NAN)
}

fn half(rate: f64) -> String {
    js_number(rate / 2.0)
}

/// Frequencies of one call, checked and in cycles per sample.
struct Frequencies<'a> {
    options: &'a Value,
    rate: f64,
    design: Design,
}

impl<'a> Frequencies<'a> {
    fn new(options: &'a Value, design: Design) -> Self {
        let rate = number(options, "sampleRate");
        Self { options, rate: if rate > 0.0 { rate } else { f64::NAN }, design }
    }

    /// Cycles per sample; in the original's design the double of it (so that it acts at twice the frequency).
    fn nu(&self, f: f64) -> f64 {
        if self.design == Design::Dspx { f / (self.rate / 2.0) } else { f / self.rate }
    }

    fn inside(&self, f: f64) -> bool {
        let nu = f / self.rate;
        f > 0.0 && f < self.rate / 2.0 && nu > 0.0 && nu < 0.5
    }

    fn check_dspx(&self, what: &str, f: f64) -> Result<()> {
        if self.design == Design::Dspx && self.nu(f) >= 0.5 {
            let limit = js_number(self.rate / 4.0);
            return failed(format!(
                "{what} frequency must be below {limit} Hz (sampleRate/4) in design 'dspx', got {}",
                js_number(f)
            ));
        }
        Ok(())
    }

    /// `key` is the option, `what` its name at the beginning of the message.
    fn one(&self, key: &str, what: &str) -> Result<f64> {
        let f = number(self.options, key);
        if !self.inside(f) {
            let got = self.options.get(key);
            return failed(format!(
                "{what} frequency must be between 0 and {} Hz (Nyquist frequency), got {got}",
                half(self.rate)
            ));
        }
        self.check_dspx(what, f)?;
        Ok(self.nu(f))
    }

    fn two(&self, message: BandMessage) -> Result<(f64, f64)> {
        let (low, high) = (number(self.options, "lowCutoffFrequency"), number(self.options, "highCutoffFrequency"));
        let beyond = self.design == Design::Dspx && self.nu(high) >= 0.5;
        if !(self.inside(low) && self.inside(high) && low < high) || beyond && message == BandMessage::Chebyshev {
            let text = match message {
                BandMessage::Edges => "Invalid band",
                BandMessage::Chebyshev => "Invalid cutoff frequencies",
            };
            let (low, high) = (self.options.get("lowCutoffFrequency"), self.options.get("highCutoffFrequency"));
            return failed(format!("{text}: low={low} Hz, high={high} Hz (Nyquist={} Hz)", half(self.rate)));
        }
        self.check_dspx("High cutoff", high)?;
        Ok((self.nu(low), self.nu(high)))
    }

    fn band(&self, shape: Shape, message: BandMessage) -> Result<Band> {
        Ok(match shape {
            Shape::LowPass => Band::LowPass(self.one("cutoffFrequency", "Cutoff")?),
            Shape::HighPass => Band::HighPass(self.one("cutoffFrequency", "Cutoff")?),
            Shape::BandPass => self.two(message).map(|(low, high)| Band::BandPass(low, high))?,
            Shape::BandStop => self.two(message).map(|(low, high)| Band::BandStop(low, high))?,
        })
    }
}

/// A number of the option `key`, truncated; `TypeError` if it is none.
fn truncated(options: &Value, key: &str) -> Result<f64> {
    match options.get(key).as_number() {
        Some(x) => Ok(x.trunc()),
        None => Err(Error::type_error(format!("{key} must be a number, got {}", options.get(key)))),
    }
}

fn order(options: &Value, design: Design) -> Result<usize> {
    let max = if design == Design::Dspx { MAX_DSPX_ORDER } else { MAX_ORDER };
    let order = truncated(options, "order")?;
    if order >= 1.0 && order <= max as f64 {
        Ok(order as usize)
    } else {
        failed(format!("Order must be between 1 and {max}, got {}", options.get("order")))
    }
}

/// Below this ripple or attenuation in dB a gain is 1 to the last digit of float64.
const MIN_DB: f64 = 1e-15;

/// `db` itself, the value of the option `key`.
fn resolved(key: &str, db: f64) -> Result<f64> {
    if db >= MIN_DB {
        return Ok(db);
    }
    let (least, got) = (js_number(MIN_DB), js_number(db));
    Err(Error::range(format!("{key} must be at least {least} dB, below which float64 has no ripple, got {got}")))
}

/// `rippleDb`, 0.5 if absent.
fn ripple(options: &Value) -> Result<f64> {
    let value = options.get("rippleDb");
    let ripple = if value.is_undefined() { 0.5 } else { value.as_finite().unwrap_or(f64::NAN) };
    if ripple > 0.0 && ripple <= 3.0 {
        resolved("rippleDb", ripple)
    } else {
        failed(format!("Ripple must be between 0 and 3 dB, got {value}"))
    }
}

/// Beyond this attenuation the ratio of the ripples is no float64 number any more.
const MAX_STOPBAND_DB: f64 = 1000.0;

fn stopband(options: &Value) -> Result<f64> {
    let value = options.get("stopbandDb");
    let db = if value.is_undefined() { 40.0 } else { value.as_finite().unwrap_or(f64::NAN) };
    if db > 0.0 && db <= MAX_STOPBAND_DB {
        resolved("stopbandDb", db)
    } else {
        failed(format!(
            "stopbandDb (stop-band attenuation) must be positive and at most {MAX_STOPBAND_DB} dB, got {value}"
        ))
    }
}

/// The analog prototype.
fn prototype(family: &str, options: &Value) -> Result<Zpk> {
    let kind = options.get("chebyshevType");
    let second = match kind {
        _ if family != "Chebyshev" => false,
        Value::Undefined => false,
        Value::Number(x) if *x == 1.0 || *x == 2.0 => *x == 2.0,
        other => return failed(format!("chebyshevType must be 1 or 2, got {other}")),
    };
    let order = order(options, Design::Standard)?;
    Ok(match family {
        "Butterworth" => butterworth::prototype(order),
        "Chebyshev" if second => chebyshev::type2(order, stopband(options)?),
        "Chebyshev" => chebyshev::type1(order, ripple(options)?),
        "Elliptic" => {
            let (ripple, stopband) = (ripple(options)?, stopband(options)?);
            let designed = if stopband > ripple { elliptic::prototype(order, ripple, stopband) } else { None };
            designed.ok_or_else(|| {
                Error::failed(format!(
                    "stopbandDb must be well above rippleDb, got {} dB and {} dB",
                    js_number(stopband),
                    js_number(ripple)
                ))
            })?
        }
        _ => bessel::prototype(order, norm(options)?),
    })
}

fn norm(options: &Value) -> Result<bessel::Norm> {
    match options.get("norm") {
        Value::Undefined => Ok(bessel::Norm::Mag),
        Value::String(s) if s == "mag" => Ok(bessel::Norm::Mag),
        Value::String(s) if s == "phase" => Ok(bessel::Norm::Phase),
        Value::String(s) if s == "delay" => Ok(bessel::Norm::Delay),
        other => failed(format!("norm must be 'mag', 'phase' or 'delay', got {other}")),
    }
}

fn quality(options: &Value, default: Option<f64>) -> Result<f64> {
    let value = options.get("Q");
    let q = match (value, default) {
        (Value::Number(q), _) => *q,
        (Value::Undefined, Some(q)) => q,
        _ => return Err(Error::type_error(format!("Q must be a number, got {value}"))),
    };
    if q > 0.0 && q.is_finite() { Ok(q) } else { failed(format!("Q must be positive, got {value}")) }
}

fn gain(options: &Value) -> Result<f64> {
    match options.get("gainDb") {
        Value::Number(g) if g.is_finite() => Ok(*g),
        Value::Number(g) => failed(format!("gainDb must be a finite number, got {}", js_number(*g))),
        other => Err(Error::type_error(format!("gainDb must be a number (gain in dB), got {other}"))),
    }
}

/// The filter of an `IirFilter.create…` method.
///
/// # Errors
/// The messages of the options, in the order: design, frequency, type, order, ripple or quality, gain.
pub fn iir(method: &str, options: &Value, default: Design) -> Result<Designed<Iir>> {
    let method = method.strip_prefix("create").unwrap_or(method);
    let has_dspx = |family: &str| matches!(family, "FirstOrder" | "Butterworth" | "Chebyshev");
    let both = match Shape::ends(method) {
        Some((family, shape)) => has_dspx(family) && shape != Shape::BandStop,
        None => matches!(method, "PeakingEQ" | "LowShelf" | "HighShelf"),
    };
    let design = if both { Design::from_value(options.get("design"), default)? } else { Design::Standard };
    let frequencies = Frequencies::new(options, design);
    let filter = match Shape::ends(method) {
        Some(("FirstOrder", shape)) => first_order(frequencies.band(shape, BandMessage::Edges)?, design)?,
        Some((family @ ("Butterworth" | "Chebyshev" | "Bessel" | "Elliptic"), shape)) => {
            let message = if family == "Chebyshev" { BandMessage::Chebyshev } else { BandMessage::Edges };
            let band = frequencies.band(shape, message)?;
            classic(family, band, options, design)?
        }
        _ => cookbook(method, &frequencies)?,
    };
    Ok(Designed { filter: filter.checked()?, sample_rate: frequencies.rate })
}

fn first_order(band: Band, design: Design) -> Result<Iir> {
    match design {
        Design::Standard => Iir::cascade(&butterworth::prototype(1).digital(band)),
        Design::Dspx => Ok(dspx::iir(1, band, dspx::Family::Butterworth)),
    }
}

fn classic(family: &str, band: Band, options: &Value, design: Design) -> Result<Iir> {
    if design == Design::Standard {
        return Iir::cascade(&prototype(family, options)?.digital(band));
    }
    let order = order(options, design)?;
    let family = match family {
        "Chebyshev" => dspx::Family::Chebyshev(ripple(options)?),
        _ => dspx::Family::Butterworth,
    };
    Ok(dspx::iir(order, band, family))
}

fn cookbook(method: &str, frequencies: &Frequencies) -> Result<Iir> {
    use biquad::Kind;
    let options = frequencies.options;
    let by_edges = |shape| first_order(frequencies.band(shape, BandMessage::Edges)?, Design::Standard);
    let has_edges =
        !options.get("lowCutoffFrequency").is_undefined() && !options.get("highCutoffFrequency").is_undefined();
    let default_q = if frequencies.design == Design::Dspx { dspx::DEFAULT_Q } else { biquad::DEFAULT_Q };
    let at_centre = || frequencies.one("centerFrequency", "Center");
    let at_cutoff = || frequencies.one("cutoffFrequency", "Cutoff");
    let section = match method {
        "BiquadBandPass" if has_edges => return by_edges(Shape::BandPass),
        "Notch" if has_edges => return by_edges(Shape::BandStop),
        "PeakingEQ" => {
            let (nu, q) = (at_centre()?, quality(options, None)?);
            biquad::section(Kind::Peaking(gain(options)?), nu, q)
        }
        "LowShelf" | "HighShelf" => {
            let (nu, q, gain) = (at_cutoff()?, quality(options, Some(default_q))?, gain(options)?);
            biquad::section(if method == "LowShelf" { Kind::LowShelf(gain) } else { Kind::HighShelf(gain) }, nu, q)
        }
        "IirNotch" | "IirPeak" => biquad::resonator(method == "IirNotch", at_centre()?, quality(options, None)?),
        "BiquadLowPass" => biquad::section(Kind::LowPass, at_cutoff()?, quality(options, Some(default_q))?),
        "BiquadHighPass" => biquad::section(Kind::HighPass, at_cutoff()?, quality(options, Some(default_q))?),
        "BiquadBandPass" => biquad::section(Kind::BandPass, at_centre()?, quality(options, Some(default_q))?),
        "Notch" => biquad::section(Kind::Notch, at_centre()?, quality(options, Some(default_q))?),
        "AllPass" => biquad::section(Kind::AllPass, at_centre()?, quality(options, Some(default_q))?),
        other => return Err(Error::type_error(format!("IirFilter has no method create{other}"))),
    };
    Ok(Iir::from_rows(vec![section], 2))
}

/// The filter of an `FirFilter.create…` method.
///
/// # Errors
/// The messages of the options, in the order: design, frequency, order, window.
pub fn fir(method: &str, options: &Value, default: Design) -> Result<Designed<Vec<f64>>> {
    let method = method.strip_prefix("create").unwrap_or(method);
    match method {
        "Optimal" => return optimal(options),
        "Kaiser" => return kaiser(options),
        _ => {}
    }
    let Some(("", shape)) = Shape::ends(method) else {
        return Err(Error::type_error(format!("FirFilter has no method create{method}")));
    };
    let design = Design::from_value(options.get("design"), default)?;
    let frequencies = Frequencies::new(options, design);
    let band = frequencies.band(shape, BandMessage::Edges)?;
    let taps = odd_if_needed(fir_taps(options)?, design, shape);
    let window = window(options.get("windowType"))?;
    let filter = if design == Design::Dspx { dspx::fir(taps, band, window) } else { fir::firwin(taps, band, window) };
    let filter = finite(filter)?;
    Ok(Designed { filter, sample_rate: frequencies.rate })
}

fn finite(taps: Vec<f64>) -> Result<Vec<f64>> {
    if taps.iter().all(|h| h.is_finite()) {
        Ok(taps)
    } else {
        failed("the window leaves nothing of this filter: its order is too low for its frequency")
    }
}

fn fir_taps(options: &Value) -> Result<usize> {
    let taps = truncated(options, "order")?;
    if taps >= 2.0 && taps <= MAX_TAPS as f64 {
        // Two taps make no filter of a window that ends in zeros.
        Ok((taps as usize).max(3))
    } else {
        failed(format!("order (the number of taps) must be between 2 and {MAX_TAPS}, got {}", options.get("order")))
    }
}

fn odd_if_needed(taps: usize, design: Design, shape: Shape) -> usize {
    let must_be_odd = design == Design::Dspx || matches!(shape, Shape::HighPass | Shape::BandStop);
    if must_be_odd { taps | 1 } else { taps }
}

fn window(name: &Value) -> Result<Window> {
    match name {
        Value::Undefined | Value::Null => Ok(Window::Hamming),
        Value::String(s) if s == "hamming" => Ok(Window::Hamming),
        Value::String(s) if s == "hann" => Ok(Window::Hann),
        Value::String(s) if s == "blackman" => Ok(Window::Blackman),
        Value::String(s) if s == "bartlett" => Ok(Window::Bartlett),
        other => {
            failed(format!("windowType (the window) must be 'hamming', 'hann', 'blackman' or 'bartlett', got {other}"))
        }
    }
}

/// `createKaiser`: mode, frequencies, `attenuationDb` and `transitionWidth` (Hz) instead of order and window.
fn kaiser(options: &Value) -> Result<Designed<Vec<f64>>> {
    let frequencies = Frequencies::new(options, Design::Standard);
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
    let band = frequencies.band(shape, BandMessage::Edges)?;
    let (attenuation, width) = (number(options, "attenuationDb"), number(options, "transitionWidth"));
    // Below 8 dB the formula gives less than one tap.
    if !(8.0..=1000.0).contains(&attenuation) {
        return failed(format!("attenuationDb must be between 8 and 1000 dB, got {}", options.get("attenuationDb")));
    }
    if !(width > 0.0 && width < frequencies.rate / 2.0) {
        let got = options.get("transitionWidth");
        return failed(format!("transitionWidth must be between 0 and {} Hz, got {got}", half(frequencies.rate)));
    }
    let (taps, beta) = fir::kaiser_order(attenuation, width / frequencies.rate);
    if taps > MAX_TAPS as f64 {
        let (width, taps) = (js_number(width), js_number(taps));
        return failed(format!("transitionWidth of {width} Hz needs an order of {taps} taps, more than {MAX_TAPS}"));
    }
    let taps = odd_if_needed((taps as usize).max(3), Design::Standard, shape);
    let filter = finite(fir::firwin(taps, band, Window::Kaiser(beta)))?;
    Ok(Designed { filter, sample_rate: frequencies.rate })
}

/// `createOptimal`: `order` (taps), `bandEdges` (Hz), `desired`, `weights`, `type`, `gridDensity`.
fn optimal(options: &Value) -> Result<Designed<Vec<f64>>> {
    let rate = match options.get("sampleRate") {
        Value::Undefined => 1.0,
        value => value
            .as_finite()
            .filter(|r| *r > 0.0)
            .ok_or_else(|| Error::failed(format!("sampleRate must be positive, got {value}")))?,
    };
    let taps = truncated(options, "order")?;
    if !(3.0..=remez::MAX_TAPS as f64).contains(&taps) {
        let got = options.get("order");
        return failed(format!("order (the number of taps) must be between 3 and {}, got {got}", remez::MAX_TAPS));
    }
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
    let spec = remez::Specification {
        taps: taps as usize,
        edges: &edges,
        desired: &desired,
        weights: &weights,
        kind,
        density,
    };
    Ok(Designed { filter: finite(remez::remez(&spec)?)?, sample_rate: rate })
}

/// Most bands of an optimal filter.
const MAX_OPTIMAL_BANDS: usize = 64;

const BANK_PREFIX: &str = "Filter bank design failed: ";
const TOO_NARROW: &str = "the bands are too narrow for float64 at these frequencies";

/// The range of a filter bank in Hz, as it was given.
fn bank_range(options: &Value) -> Result<[f64; 2]> {
    let range = options.get("frequencyRange");
    let numbers = range.as_numbers().filter(|r| r.len() >= 2).map(|r| [r[0], r[1]]);
    numbers.ok_or_else(|| Error::type_error(format!("frequencyRange must be an array of two numbers, got {range}")))
}

fn bank_count(options: &Value) -> Result<()> {
    let count = options.get("count").as_number().unwrap_or(f64::NAN);
    if count < 1.0 {
        return failed(format!("Band count must be positive, got {}", js_number(count)));
    }
    if count > MAX_BANDS {
        return failed(format!("Band count must be at most {MAX_BANDS}, got {}", js_number(count)));
    }
    Ok(())
}

fn scale(name: &str) -> Option<filter_bank::Scale> {
    match name {
        "linear" => Some(filter_bank::Scale::Linear),
        "log" => Some(filter_bank::Scale::Log),
        "mel" => Some(filter_bank::Scale::Mel),
        "bark" => Some(filter_bank::Scale::Bark),
        _ => None,
    }
}

/// `FilterBankDesign.getBoundaries`.
///
/// # Errors
/// If the count or the range cannot be used.
pub fn boundaries(options: &Value) -> Result<Vec<f64>> {
    bank_count(options)?;
    let Some(count) = options.get("count").as_finite() else {
        return failed("Get boundaries failed: count (number) is required");
    };
    let [low, high] = bank_range(options)?;
    let scale = options.get("scale").as_str().and_then(scale).unwrap_or(filter_bank::Scale::Linear);
    if scale == filter_bank::Scale::Log && !(low > 0.0 && high > 0.0) {
        return failed(format!(
            "Get boundaries failed: a log scale needs positive frequencies, got {} and {}",
            js_number(low),
            js_number(high)
        ));
    }
    let edges = filter_bank::boundaries(scale, count as usize, low, high);
    if edges.iter().all(|edge| edge.is_finite()) {
        Ok(edges)
    } else {
        let range = options.get("frequencyRange");
        Err(Error::range(format!("Get boundaries failed: frequencyRange must lead to finite frequencies, got {range}")))
    }
}

/// One band of a filter bank.
#[derive(Debug, Clone, PartialEq)]
pub struct BankBand {
    /// b0 … bM.
    pub b: Vec<f64>,
    /// a1 … aN.
    pub a: Vec<f64>,
    /// Second-order sections; none in the original's design, which runs in direct form.
    pub sos: Option<Vec<Row>>,
}

/// `FilterBankDesign.design`.
///
/// # Errors
/// The messages of the options, in the order of the contract.
pub fn filter_bank(options: &Value, default: Design) -> Result<Vec<BankBand>> {
    let design = Design::from_value(options.get("design"), default)?;
    let [low, high] = bank_range(options)?;
    let rate = number(options, "sampleRate");
    bank_count(options)?;
    if low < 0.0 {
        return failed(format!("Minimum frequency cannot be negative, got {}", js_number(low)));
    }
    if low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return failed(format!(
            "Invalid frequency range: minFreq must be < maxFreq, got {} and {}",
            js_number(low),
            js_number(high)
        ));
    }
    if high > rate / 2.0 {
        return failed(format!(
            "Maximum frequency must be <= Nyquist frequency ({} Hz), got {}",
            half(rate),
            js_number(high)
        ));
    }
    let fail = |text: String| Error::failed(format!("{BANK_PREFIX}{text}"));
    let name = options.get("scale").as_str().filter(|s| !s.is_empty());
    let name = name.ok_or_else(|| fail("scale (string) is required".into()))?;
    let scale = scale(name)
        .ok_or_else(|| fail(format!("Invalid scale: must be 'linear', 'log', 'mel', or 'bark', got '{name}'")))?;
    let chebyshev = match options.get("type") {
        Value::Undefined => false,
        Value::String(s) if s.is_empty() || s == "butterworth" => false,
        Value::String(s) if s == "chebyshev" || s == "chebyshev1" => true,
        other => return Err(fail(format!("Invalid type: must be 'butterworth' or 'chebyshev', got {other}"))),
    };
    let Some(count) = options.get("count").as_finite() else {
        return Err(fail("count (number) is required".into()));
    };
    if rate.is_nan() || rate <= 0.0 {
        return Err(fail("sampleRate (number) is required".into()));
    }
    let order = bank_order(options, design)?;
    let family = if chebyshev { dspx::Family::Chebyshev(bank_ripple(options)?) } else { dspx::Family::Butterworth };
    if scale == filter_bank::Scale::Log && low == 0.0 {
        return Err(fail("a log scale needs a minimum frequency above 0".into()));
    }
    let edges = filter_bank::boundaries(scale, count as usize, low, high);
    let bands = match design {
        Design::Standard => filter_bank::bands(&edges, rate, order, family).map_err(|_| fail(TOO_NARROW.into()))?,
        Design::Dspx => filter_bank::dspx_bands(&edges, rate, order, family),
    };
    if bands.iter().any(|band| band.rows.iter().flatten().any(|c| !c.is_finite())) {
        return Err(fail(TOO_NARROW.into()));
    }
    let band = |iir: Iir| BankBand { b: iir.b, a: iir.a, sos: (design == Design::Standard).then_some(iir.rows) };
    Ok(bands.into_iter().map(band).collect())
}

fn bank_order(options: &Value, design: Design) -> Result<usize> {
    let max = if design == Design::Dspx { MAX_DSPX_ORDER } else { MAX_ORDER };
    let value = options.get("order");
    let order = match value {
        Value::Undefined => 2.0,
        Value::Number(0.0) => 2.0,
        Value::Number(x) => x.trunc(),
        _ => f64::NAN,
    };
    if order < 0.0 {
        return failed(format!("{BANK_PREFIX}Filter order must be positive, got {value}"));
    }
    if !(order >= 1.0 && order <= max as f64) {
        return failed(format!("{BANK_PREFIX}Order must be between 1 and {max}, got {value}"));
    }
    Ok(order as usize)
}

fn bank_ripple(options: &Value) -> Result<f64> {
    match options.get("rippleDb") {
        Value::Undefined => Ok(0.5),
        Value::Number(0.0) => Ok(0.5),
        Value::Number(r) if *r > 0.0 && *r <= 3.0 => resolved("rippleDb", *r),
        other => failed(format!("{BANK_PREFIX}Ripple must be between 0 and 3 dB, got {other}")),
    }
}
