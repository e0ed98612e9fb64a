//! Filters from untyped options, as JavaScript and JSON bring them; each way ends in a [`FilterSpec`].
//!
//! [`creators`] reads the options of the class methods, [`stage`] those of the pipeline's `filter` (also of the command
//! line and of definitions), [`bank`] those of a filter bank. This module holds what they share.

pub mod bank;
pub mod creators;
mod request;
pub mod stage;

use super::rules;
use super::rules::{Frequencies, given};
use super::spec::{Band, Family, FilterSpec};
use crate::error::Result;
use crate::params::value::Value;

pub use super::spec::Design;
pub use bank::{BankBand, boundaries, filter_bank};
pub use creators::{Designed, fir, iir};
pub use request::{FilterMode, FilterType};

/// The kind of filter whose options are read: a family, or one of its special cases with a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fir,
    Butterworth,
    /// A Butterworth filter whose order is no option.
    ButterworthOf(usize),
    /// Type 1 or 2 by the option `chebyshevType`.
    Chebyshev,
    Bessel,
    Elliptic,
    Biquad,
    Resonator,
}

/// The band of a filter without its frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    LowPass,
    HighPass,
    BandPass,
    BandStop,
    /// A cookbook band-pass about a centre.
    BandPassAt,
    Notch,
    Peak,
    AllPass,
    LowShelf,
    HighShelf,
}

/// The interface through which the filter is requested; defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// A class method: a peak has no default quality, a peak or shelf no default gain.
    Class,
    /// The pipeline's `filter`.
    Stage,
}

/// Untyped options and the context in which they are read.
struct Reader<'a> {
    options: &'a Value,
    caller: Caller,
    design: Design,
}

impl Reader<'_> {
    /// Returns the sample rate in Hz; NaN, which no frequency fits, if there is none.
    fn rate(&self) -> f64 {
        let given = rules::SAMPLE_RATE.find(self.options);
        given.as_finite().filter(|rate| *rate > 0.0).unwrap_or(f64::NAN)
    }

    fn frequencies(&self) -> Frequencies {
        Frequencies { rate: self.rate(), design: self.design }
    }

    fn band(&self, kind: Kind, shape: Shape) -> Result<Band> {
        let cutoff = || self.frequencies().one("Cutoff", rules::CUTOFF.find(self.options));
        let centre = || self.frequencies().one("Center", rules::CENTER.find(self.options));
        let edges = || {
            let (low, high) = (rules::LOW.find(self.options), rules::HIGH.find(self.options));
            self.frequencies().two(kind == Kind::Chebyshev, low, high)
        };
        Ok(match shape {
            Shape::LowPass => Band::LowPass(cutoff()?),
            Shape::HighPass => Band::HighPass(cutoff()?),
            Shape::BandPass => edges().map(|(low, high)| Band::BandPass(low, high))?,
            Shape::BandStop => edges().map(|(low, high)| Band::BandStop(low, high))?,
            Shape::BandPassAt => Band::BandPassAt(centre()?),
            Shape::Notch => Band::Notch(centre()?),
            Shape::Peak => Band::Peak(centre()?),
            Shape::AllPass => Band::AllPass(centre()?),
            Shape::LowShelf => Band::LowShelf(cutoff()?),
            Shape::HighShelf => Band::HighShelf(cutoff()?),
        })
    }

    /// Reads the options of a filter, in the order frequencies, type, order, ripples or quality, gain.
    fn spec(&self, kind: Kind, shape: Shape) -> Result<FilterSpec> {
        let band = self.band(kind, shape)?;
        let of = |family: Family| FilterSpec { design: self.design, ..FilterSpec::new(family, band, 0, self.rate()) };
        match kind {
            Kind::Fir => {
                let order = self.taps()?;
                let window = rules::window(rules::WINDOW.find(self.options))?;
                Ok(FilterSpec { order, window, ..of(Family::Fir) })
            }
            Kind::ButterworthOf(order) => Ok(FilterSpec { order, ..of(Family::Butterworth) }),
            Kind::Butterworth => Ok(FilterSpec { order: self.order()?, ..of(Family::Butterworth) }),
            Kind::Chebyshev => self.chebyshev(of),
            Kind::Bessel => {
                let order = self.order()?;
                let norm = rules::norm(rules::NORM.find(self.options))?;
                Ok(FilterSpec { order, norm, ..of(Family::Bessel) })
            }
            Kind::Elliptic => {
                let (order, ripple_db) = (self.order()?, self.ripple()?);
                Ok(FilterSpec { order, ripple_db, stopband_db: self.stopband()?, ..of(Family::Elliptic) })
            }
            // By two edges it is a Butterworth filter, which has no quality.
            Kind::Biquad if matches!(shape, Shape::BandPass | Shape::BandStop) => Ok(of(Family::Biquad)),
            Kind::Biquad => {
                let (q, gain_db) = (self.quality(shape == Shape::Peak)?, self.gain(shape)?);
                Ok(FilterSpec { q, gain_db, ..of(Family::Biquad) })
            }
            Kind::Resonator => Ok(FilterSpec { q: self.quality(true)?, ..of(Family::Resonator) }),
        }
    }

    fn chebyshev(&self, of: impl Fn(Family) -> FilterSpec) -> Result<FilterSpec> {
        // The original has one type.
        let is_standard = self.design == Design::Standard;
        let is_second = is_standard && rules::is_second_type(&given(&rules::CHEBYSHEV_TYPE, self.options))?;
        let order = self.order()?;
        if is_second {
            Ok(FilterSpec { order, stopband_db: self.stopband()?, ..of(Family::Chebyshev2) })
        } else {
            Ok(FilterSpec { order, ripple_db: self.ripple()?, ..of(Family::Chebyshev1) })
        }
    }

    fn order(&self) -> Result<usize> {
        rules::order(rules::ORDER.find(self.options), self.design)
    }

    fn taps(&self) -> Result<usize> {
        match (rules::TAPS.find(self.options), self.caller) {
            // The class methods take the whole part: programs and recorded cases depend on it.
            (Value::Number(taps), Caller::Class) => rules::taps(&Value::Number(taps.trunc())),
            (given, _) => rules::taps(given),
        }
    }

    fn ripple(&self) -> Result<f64> {
        rules::ripple(&given(&rules::RIPPLE, self.options))
    }

    fn stopband(&self) -> Result<f64> {
        rules::stopband(&given(&rules::STOPBAND, self.options))
    }

    /// Returns the quality. `is_needed`: a class method has no default for it.
    fn quality(&self, is_needed: bool) -> Result<f64> {
        match rules::QUALITY.find(self.options) {
            Value::Undefined if is_needed && self.caller == Caller::Class => rules::quality(&Value::Undefined),
            Value::Undefined if self.design == Design::Dspx => Ok(crate::signal::filter::design::dspx::DEFAULT_Q),
            Value::Undefined => Ok(crate::signal::filter::design::biquad::DEFAULT_Q),
            given => rules::quality(given),
        }
    }

    fn gain(&self, shape: Shape) -> Result<f64> {
        let is_used = matches!(shape, Shape::Peak | Shape::LowShelf | Shape::HighShelf);
        match (is_used, self.caller) {
            (false, _) => Ok(0.0),
            (true, Caller::Class) => rules::gain(rules::GAIN.find(self.options)),
            (true, Caller::Stage) => rules::gain(&given(&rules::GAIN, self.options)),
        }
    }
}
