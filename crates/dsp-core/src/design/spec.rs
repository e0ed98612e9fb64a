//! The complete specification of one filter.
//!
//! Every request for a filter ends in a [`FilterSpec`]: the options of a class method, of the pipeline's `filter`, of
//! the command line or of a filter bank, or a Rust program. [`FilterSpec::design`] is the one place that turns it into
//! coefficients.
//!
//! ```
//! use dsp_core::design::spec::{Band, FilterSpec};
//!
//! let ecg = FilterSpec::butterworth(4, Band::BandPass(0.5, 40.0), 360.0);
//! assert_eq!(ecg.design()?.as_iir().unwrap().rows.len(), 4);
//! # Ok::<(), dsp_core::Error>(())
//! ```

use super::rules::{self, Frequencies, failed};
use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::params::value::Value;
use crate::signal::filter::design::bessel::Norm;
use crate::signal::filter::design::fir::Window;
use crate::signal::filter::design::zpk::Zpk;
use crate::signal::filter::design::{Iir, bessel, biquad, butterworth, chebyshev, dspx, elliptic, fir, zpk};
use crate::text::{Texts, js_number};

crate::texts! {
    /// Whose numbers a filter has: SciPy's or the original's.
    #[derive(Default)]
    pub enum Design {
        /// The requested filter, as SciPy designs it.
        #[default]
        Standard = "standard",
        /// The numbers of dspx 1.4.12.
        Dspx = "dspx",
    }
}

impl Design {
    /// Returns the design that `value` names; `undefined` is `default`.
    ///
    /// # Errors
    /// `TypeError` for anything but `"standard"` and `"dspx"`.
    pub fn from_value(value: &Value, default: Design) -> Result<Self> {
        match value {
            Value::Undefined => Ok(default),
            given => given
                .as_str()
                .and_then(Self::of)
                .ok_or_else(|| Error::type_error(format!("design must be 'standard' or 'dspx', got {given}"))),
        }
    }

    /// Returns its name in options.
    pub fn name(self) -> &'static str {
        self.text()
    }
}

/// The family of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Windowed finite impulse response (`scipy.signal.firwin`).
    Fir,
    /// Maximally flat in the pass-band (`butter`).
    Butterworth,
    /// Ripple in the pass-band (`cheby1`).
    Chebyshev1,
    /// Ripple in the stop-band, which begins at the edge (`cheby2`).
    Chebyshev2,
    /// Nearly constant delay in the pass-band (`bessel`).
    Bessel,
    /// Ripple in both bands (`ellip`).
    Elliptic,
    /// One section of the Audio EQ Cookbook; by two edges, a Butterworth filter of order 1.
    Biquad,
    /// One section exactly centre/Q wide between its −3 dB points (`iirnotch`, `iirpeak`).
    Resonator,
}

/// The band that passes. Frequencies are in Hz, between 0 and half the sample rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Band {
    /// Passes below the edge.
    LowPass(f64),
    /// Passes above the edge.
    HighPass(f64),
    /// Passes between the edges.
    BandPass(f64, f64),
    /// Passes everywhere but between the edges.
    BandStop(f64, f64),
    /// Passes around the centre. Biquads and resonators only, like the following.
    BandPassAt(f64),
    /// Passes everywhere but around the centre.
    Notch(f64),
    /// Passes everything, with a gain at the centre. Biquads only, like the following.
    Peak(f64),
    /// Passes everything, with the phase turned by 180° at the centre.
    AllPass(f64),
    /// Passes everything, with a gain below the edge.
    LowShelf(f64),
    /// Passes everything, with a gain above the edge.
    HighShelf(f64),
}

/// The specification of one filter.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterSpec {
    /// Family of the filter.
    pub family: Family,
    /// The band that passes, in Hz.
    pub band: Band,
    /// Order of the prototype, 1 to 20 (a band filter has twice as many poles); for [`Family::Fir`] the number of taps,
    /// 2 to 1,048,576. Unused for biquads and resonators.
    pub order: usize,
    /// Ripple of the pass-band in dB, above 0 and at most 3: Chebyshev type 1 and elliptic filters.
    pub ripple_db: f64,
    /// Attenuation of the stop-band in dB, above 0 and at most 1000: Chebyshev type 2 and elliptic filters.
    pub stopband_db: f64,
    /// Normalization of a Bessel filter at its edge.
    pub norm: Norm,
    /// Window of an FIR filter.
    pub window: Window,
    /// Quality of a biquad or resonator, above 0: centre over bandwidth.
    pub q: f64,
    /// Gain of a peak or shelf in dB.
    pub gain_db: f64,
    /// Whether its numbers are SciPy's or the original's.
    pub design: Design,
    /// Sample rate in Hz.
    pub sample_rate: f64,
}

/// The coefficients of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Coefficients {
    /// Taps of an FIR filter.
    Fir(Vec<f64>),
    /// A recursive filter: second-order sections, or one direct form.
    Iir(Iir),
}

impl Coefficients {
    /// Returns the taps, if this is an FIR filter.
    pub fn as_taps(&self) -> Option<&[f64]> {
        match self {
            Self::Fir(taps) => Some(taps),
            Self::Iir(_) => None,
        }
    }

    /// Returns the recursive filter, if it is one.
    pub fn as_iir(&self) -> Option<&Iir> {
        match self {
            Self::Fir(_) => None,
            Self::Iir(iir) => Some(iir),
        }
    }
}

impl FilterSpec {
    /// Returns a filter with default values for the other numbers of its family: ripple 0.5 dB, attenuation 40 dB, Q
    /// √½, gain 0 dB.
    pub const fn new(family: Family, band: Band, order: usize, sample_rate: f64) -> Self {
        Self {
            family,
            band,
            order,
            ripple_db: 0.5,
            stopband_db: 40.0,
            norm: Norm::Mag,
            window: Window::Hamming,
            q: biquad::DEFAULT_Q,
            gain_db: 0.0,
            design: Design::Standard,
            sample_rate,
        }
    }

    /// Returns an FIR filter: `taps` taps of the ideal response, cut out by a window.
    pub const fn fir(taps: usize, band: Band, window: Window, sample_rate: f64) -> Self {
        Self { window, ..Self::new(Family::Fir, band, taps, sample_rate) }
    }

    /// Returns a Butterworth filter.
    pub const fn butterworth(order: usize, band: Band, sample_rate: f64) -> Self {
        Self::new(Family::Butterworth, band, order, sample_rate)
    }

    /// Returns a Chebyshev filter of type 1, with `ripple_db` in the pass-band.
    pub const fn chebyshev1(order: usize, ripple_db: f64, band: Band, sample_rate: f64) -> Self {
        Self { ripple_db, ..Self::new(Family::Chebyshev1, band, order, sample_rate) }
    }

    /// Returns a Chebyshev filter of type 2, with an attenuation of `stopband_db` from the edge on.
    pub const fn chebyshev2(order: usize, stopband_db: f64, band: Band, sample_rate: f64) -> Self {
        Self { stopband_db, ..Self::new(Family::Chebyshev2, band, order, sample_rate) }
    }

    /// Returns a Bessel filter.
    pub const fn bessel(order: usize, norm: Norm, band: Band, sample_rate: f64) -> Self {
        Self { norm, ..Self::new(Family::Bessel, band, order, sample_rate) }
    }

    /// Returns an elliptic filter, with `ripple_db` in the pass-band and an attenuation of `stopband_db` in the
    /// stop-band.
    pub const fn elliptic(order: usize, ripple_db: f64, stopband_db: f64, band: Band, sample_rate: f64) -> Self {
        Self { ripple_db, stopband_db, ..Self::new(Family::Elliptic, band, order, sample_rate) }
    }

    /// Returns a section of the Audio EQ Cookbook; a peak or shelf also needs [`Self::gain_db`].
    pub const fn biquad(q: f64, band: Band, sample_rate: f64) -> Self {
        Self { q, ..Self::new(Family::Biquad, band, 0, sample_rate) }
    }

    /// Returns `iirnotch` ([`Band::Notch`]) or `iirpeak` ([`Band::BandPassAt`]).
    pub const fn resonator(q: f64, band: Band, sample_rate: f64) -> Self {
        Self { q, ..Self::new(Family::Resonator, band, 0, sample_rate) }
    }

    /// Returns the coefficients.
    ///
    /// # Errors
    /// Those of [`Self::check`]; `RangeError` if the filter has no finite coefficients in float64.
    pub fn design(&self) -> Result<Coefficients> {
        self.check()?;
        self.coefficients()
    }

    pub(super) fn frequencies(&self) -> Frequencies {
        Frequencies { rate: self.sample_rate, design: self.design }
    }

    /// Checks every number that the family uses, in the order in which options are checked.
    ///
    /// # Errors
    /// “Cutoff frequency must be between 0 and 180 Hz (Nyquist frequency), got 200” and the like.
    pub fn check(&self) -> Result<()> {
        let order = &Value::Number(self.order as f64);
        let (ripple, stopband) = (Value::Number(self.ripple_db), Value::Number(self.stopband_db));
        self.check_band()?;
        match self.family {
            Family::Fir => rules::taps(order).map(drop),
            Family::Butterworth | Family::Bessel => rules::order(order, self.design).map(drop),
            Family::Chebyshev1 => rules::order(order, self.design).and(rules::ripple(&ripple)).map(drop),
            Family::Chebyshev2 => rules::order(order, self.design).and(rules::stopband(&stopband)).map(drop),
            Family::Elliptic => {
                rules::order(order, self.design)?;
                rules::ripple(&ripple).and(rules::stopband(&stopband)).map(drop)
            }
            Family::Biquad | Family::Resonator => {
                rules::quality(&Value::Number(self.q)).and(rules::gain(&Value::Number(self.gain_db))).map(drop)
            }
        }
    }

    fn check_band(&self) -> Result<()> {
        let frequencies = self.frequencies();
        match self.band {
            Band::BandPass(low, high) | Band::BandStop(low, high) => {
                frequencies.two(self.is_chebyshev(), &Value::Number(low), &Value::Number(high))?;
            }
            Band::LowPass(edge) | Band::HighPass(edge) | Band::LowShelf(edge) | Band::HighShelf(edge) => {
                frequencies.one("Cutoff", &Value::Number(edge))?;
            }
            Band::BandPassAt(centre) | Band::Notch(centre) | Band::Peak(centre) | Band::AllPass(centre) => {
                frequencies.one("Center", &Value::Number(centre))?;
            }
        }
        let is_offered = match self.family {
            Family::Biquad => true,
            Family::Resonator => matches!(self.band, Band::BandPassAt(_) | Band::Notch(_)),
            _ => self.edges().is_some(),
        };
        let has_design = self.design == Design::Standard || is_in_dspx(self.family, self.band);
        if is_offered && has_design {
            return Ok(());
        }
        let (family, band, design) = (self.family, self.band, self.design.name());
        failed(format!("there is no filter of the family {family:?} with the band {band:?} in design '{design}'"))
    }

    fn is_chebyshev(&self) -> bool {
        matches!(self.family, Family::Chebyshev1 | Family::Chebyshev2)
    }

    /// Returns the edges of the band in cycles per sample; `None` for a band around a centre.
    fn edges(&self) -> Option<zpk::Band> {
        let nu = |hertz: f64| self.frequencies().nu(hertz);
        match self.band {
            Band::LowPass(edge) => Some(zpk::Band::LowPass(nu(edge))),
            Band::HighPass(edge) => Some(zpk::Band::HighPass(nu(edge))),
            Band::BandPass(low, high) => Some(zpk::Band::BandPass(nu(low), nu(high))),
            Band::BandStop(low, high) => Some(zpk::Band::BandStop(nu(low), nu(high))),
            _ => None,
        }
    }

    /// Returns the coefficients of a checked specification.
    ///
    /// # Errors
    /// `RangeError` if they are not finite.
    pub(super) fn coefficients(&self) -> Result<Coefficients> {
        match (self.family, self.edges()) {
            (Family::Fir, Some(band)) => finite(self.taps(band)?).map(Coefficients::Fir),
            (Family::Biquad, Some(band @ (zpk::Band::BandPass(..) | zpk::Band::BandStop(..)))) => {
                Iir::cascade(&butterworth::prototype(1).digital(band)).map(Coefficients::Iir)
            }
            (Family::Biquad | Family::Resonator, _) => {
                Iir::from_rows(vec![self.section()], 2).checked().map(Coefficients::Iir)
            }
            (_, Some(band)) => self.recursive(band).map(Coefficients::Iir),
            (_, None) => self.check_band().and(failed("this filter needs edges")),
        }
    }

    fn taps(&self, band: zpk::Band) -> Result<Vec<f64>> {
        let is_dspx = self.design == Design::Dspx;
        // An even number of taps has a zero at Nyquist. Two make no filter of a window that ends in zeros.
        let is_odd = is_dspx || matches!(band, zpk::Band::HighPass(_) | zpk::Band::BandStop(..));
        let taps = if is_odd { self.order.max(3) | 1 } else { self.order.max(3) };
        // The window, the response, and those of the parts of a band-pass.
        ensure_memory(taps, 6 * size_of::<f64>())?;
        Ok(if is_dspx { dspx::fir(taps, band, self.window) } else { fir::firwin(taps, band, self.window) })
    }

    /// Returns the filter of a classic family with the edges `band` in cycles per sample.
    ///
    /// # Errors
    /// `RangeError` if it has no finite coefficients, or if the ripples of an elliptic filter do not fit.
    pub(super) fn recursive(&self, band: zpk::Band) -> Result<Iir> {
        if self.design == Design::Standard {
            return Iir::cascade(&self.prototype()?.digital(band));
        }
        let family = match self.family {
            Family::Chebyshev1 => dspx::Family::Chebyshev(self.ripple_db),
            _ => dspx::Family::Butterworth,
        };
        dspx::iir(self.order, band, family).checked()
    }

    /// Returns the analog prototype.
    ///
    /// # Errors
    /// If the ripples of an elliptic filter do not fit.
    fn prototype(&self) -> Result<Zpk> {
        let Self { order, ripple_db, stopband_db, .. } = *self;
        Ok(match self.family {
            Family::Chebyshev1 => chebyshev::type1(order, ripple_db),
            Family::Chebyshev2 => chebyshev::type2(order, stopband_db),
            Family::Bessel => bessel::prototype(order, self.norm),
            Family::Elliptic => {
                let is_steep = stopband_db > ripple_db;
                let prototype = if is_steep { elliptic::prototype(order, ripple_db, stopband_db) } else { None };
                prototype.ok_or_else(|| {
                    let (ripple, stopband) = (js_number(ripple_db), js_number(stopband_db));
                    Error::failed(format!("stopbandDb must be well above rippleDb, got {stopband} dB and {ripple} dB"))
                })?
            }
            _ => butterworth::prototype(order),
        })
    }

    /// Returns the section of a biquad or resonator.
    fn section(&self) -> zpk::Row {
        let nu = |hertz: f64| self.frequencies().nu(hertz);
        let is_resonator = self.family == Family::Resonator;
        let (kind, hertz) = match self.band {
            Band::Notch(centre) if is_resonator => return biquad::resonator(true, nu(centre), self.q),
            Band::BandPassAt(centre) if is_resonator => return biquad::resonator(false, nu(centre), self.q),
            Band::LowPass(edge) => (biquad::Kind::LowPass, edge),
            Band::HighPass(edge) => (biquad::Kind::HighPass, edge),
            Band::BandPassAt(centre) | Band::BandPass(centre, _) => (biquad::Kind::BandPass, centre),
            Band::Notch(centre) | Band::BandStop(centre, _) => (biquad::Kind::Notch, centre),
            Band::AllPass(centre) => (biquad::Kind::AllPass, centre),
            Band::Peak(centre) => (biquad::Kind::Peaking(self.gain_db), centre),
            Band::LowShelf(edge) => (biquad::Kind::LowShelf(self.gain_db), edge),
            Band::HighShelf(edge) => (biquad::Kind::HighShelf(self.gain_db), edge),
        };
        biquad::section(kind, nu(hertz), self.q)
    }
}

/// Returns whether the original has such a filter.
fn is_in_dspx(family: Family, band: Band) -> bool {
    match family {
        Family::Fir => true,
        Family::Butterworth | Family::Chebyshev1 => !matches!(band, Band::BandStop(..)),
        Family::Biquad => matches!(band, Band::Peak(_) | Band::LowShelf(_) | Band::HighShelf(_)),
        _ => false,
    }
}

/// Returns the taps, or a `RangeError` if one of them is not finite.
pub(super) fn finite(taps: Vec<f64>) -> Result<Vec<f64>> {
    if taps.iter().all(|h| h.is_finite()) {
        Ok(taps)
    } else {
        failed("the window leaves nothing of this filter: its order is too low for its frequency")
    }
}
