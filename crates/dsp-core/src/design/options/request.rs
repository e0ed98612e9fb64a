//! Reading the options of `filter`: one filter specification, or the reason why there is none.

use super::{Caller, Kind, Reader, Shape};
use crate::design::rules::{CUTOFF, HIGH, LOW, ORDER, STOPBAND, failed};
use crate::design::spec::{Design, FilterSpec};
use crate::error::{Error, Result};
use crate::params::Field;
use crate::params::value::Value;
use crate::text::Texts;

crate::texts! {
    /// The types of `filter`.
    pub enum FilterType {
        /// Windowed finite impulse response.
        Fir = "fir",
        /// Another name of Butterworth.
        Iir = "iir",
        /// Butterworth.
        Butterworth = "butterworth",
        /// Chebyshev, type 1 or 2.
        Chebyshev = "chebyshev",
        /// Bessel.
        Bessel = "bessel",
        /// Elliptic.
        Elliptic = "elliptic",
        /// A section of the Audio EQ Cookbook.
        Biquad = "biquad",
    }
}

crate::texts! {
    /// The modes of `filter`.
    pub enum FilterMode {
        /// Passes frequencies below the edge.
        LowPass = "lowpass",
        /// Passes frequencies above the edge.
        HighPass = "highpass",
        /// Passes frequencies between the edges, or around the centre.
        BandPass = "bandpass",
        /// Passes all frequencies but those between the edges, or around the centre.
        BandStop = "bandstop",
        /// Another name of `bandstop`.
        Notch = "notch",
        /// Changes the gain around the centre.
        Peak = "peak",
        /// Another name of `peak`.
        Peaking = "peaking",
        /// Changes the gain below the edge.
        LowShelf = "lowshelf",
        /// Changes the gain above the edge.
        HighShelf = "highshelf",
        /// Changes the phase only.
        AllPass = "allpass",
    }
}

/// The options of `filter` except for its type.
pub struct Request<'a> {
    /// All of them.
    pub options: &'a Value,
    /// The text of `mode`.
    pub mode: &'a str,
    /// The rules by which they are read.
    pub design: Design,
}

impl Request<'_> {
    fn is_dspx(&self) -> bool {
        self.design == Design::Dspx
    }

    /// Returns whether the design has filters of this type.
    pub fn has(&self, kind: FilterType) -> bool {
        !(self.is_dspx() && matches!(kind, FilterType::Bessel | FilterType::Elliptic))
    }

    /// Returns the error that names the types of the design.
    pub fn unsupported_type(&self) -> Error {
        let types = FilterType::MEMBERS.iter().filter(|kind| self.has(**kind)).map(|kind| kind.text());
        let types = listed(&types.collect::<Vec<_>>());
        Error::failed(format!("Filter type not supported. Valid types: {types}"))
    }

    /// Returns type, mode and specification.
    ///
    /// # Errors
    /// `Error` if an option is missing or out of range, or if there is no such mode.
    pub fn read(&self, kind: FilterType) -> Result<(FilterType, FilterMode, FilterSpec)> {
        let mode = FilterMode::of(self.mode);
        let spec = match kind {
            FilterType::Fir => self.by_edges(Kind::Fir, "FIR", mode),
            FilterType::Iir => self.iir(mode),
            FilterType::Butterworth => self.classic(Kind::Butterworth, "Butterworth", mode),
            FilterType::Chebyshev => self.classic(Kind::Chebyshev, "Chebyshev", mode),
            FilterType::Bessel => self.classic(Kind::Bessel, "Bessel", mode),
            FilterType::Elliptic => self.elliptic(mode),
            FilterType::Biquad if self.is_dspx() => self.dspx_biquad(mode),
            FilterType::Biquad => self.biquad(mode),
        }?;
        let mode = mode.ok_or_else(|| Error::failed(format!("there is no mode {}", self.mode)))?;
        Ok((kind, mode, spec))
    }

    fn spec(&self, kind: Kind, shape: Shape) -> Result<FilterSpec> {
        Reader { options: self.options, caller: Caller::Stage, design: self.design }.spec(kind, shape)
    }

    fn unsupported<T>(&self, name: &str) -> Result<T> {
        failed(format!("Unsupported {name} filter mode: {}", self.mode))
    }

    fn given(&self, field: &Field) -> bool {
        !is_missing(field.find(self.options))
    }

    fn has_edges(&self) -> bool {
        self.given(&LOW) && self.given(&HIGH)
    }

    fn need_cutoff(&self) -> Result<()> {
        if self.given(&CUTOFF) { Ok(()) } else { failed(format!("cutoffFrequency required for {} filter", self.mode)) }
    }

    fn need_edges(&self, name: &str) -> Result<()> {
        if self.has_edges() {
            return Ok(());
        }
        failed(format!("lowCutoffFrequency and highCutoffFrequency required for {name} filter"))
    }

    /// Returns a filter of a type with only the four bands given by edges; `name` is that of the type in messages.
    fn by_edges(&self, kind: Kind, name: &str, mode: Option<FilterMode>) -> Result<FilterSpec> {
        let shape = match mode {
            Some(FilterMode::LowPass) => self.need_cutoff().map(|()| Shape::LowPass)?,
            Some(FilterMode::HighPass) => self.need_cutoff().map(|()| Shape::HighPass)?,
            Some(FilterMode::BandPass) => self.need_edges("bandpass").map(|()| Shape::BandPass)?,
            Some(FilterMode::BandStop | FilterMode::Notch) => self.need_edges("bandstop").map(|()| Shape::BandStop)?,
            _ => return self.unsupported(name),
        };
        self.spec(kind, shape)
    }

    /// [`Self::by_edges`] for types whose band-stop filters the original lacks.
    fn classic(&self, kind: Kind, name: &str, mode: Option<FilterMode>) -> Result<FilterSpec> {
        if self.is_dspx() && matches!(mode, Some(FilterMode::BandStop | FilterMode::Notch)) {
            return self.unsupported(name);
        }
        self.by_edges(kind, name, mode)
    }

    fn iir(&self, mode: Option<FilterMode>) -> Result<FilterSpec> {
        let order = ORDER.find(self.options).as_number().unwrap_or(f64::NAN);
        if order.is_nan() || order < 1.0 {
            return failed("IIR filter requires order >= 1");
        }
        if self.is_dspx() && order == 1.0 {
            return match mode {
                Some(FilterMode::LowPass | FilterMode::HighPass) => self.by_edges(Kind::ButterworthOf(1), "IIR", mode),
                _ => failed(
                    "First-order IIR filter only supports lowpass and highpass modes. \
                     For bandpass, use order > 1 or a different filter type",
                ),
            };
        }
        if self.is_dspx() && matches!(mode, Some(FilterMode::BandStop | FilterMode::Notch)) {
            return failed("IIR bandstop/notch filters are not implemented in design 'dspx'");
        }
        self.classic(Kind::Butterworth, "IIR", mode)
    }

    /// Returns an elliptic filter. As in SciPy, its attenuation has no default.
    fn elliptic(&self, mode: Option<FilterMode>) -> Result<FilterSpec> {
        if STOPBAND.find(self.options).is_undefined() {
            return failed(
                "an elliptic filter is not supported without stopbandDb, the attenuation of its stop-band in dB",
            );
        }
        self.classic(Kind::Elliptic, "Elliptic", mode)
    }

    fn biquad(&self, mode: Option<FilterMode>) -> Result<FilterSpec> {
        let (shape, by_edges) = match mode {
            Some(FilterMode::LowPass) => (Shape::LowPass, None),
            Some(FilterMode::HighPass) => (Shape::HighPass, None),
            Some(FilterMode::BandPass) => (Shape::BandPassAt, Some(Shape::BandPass)),
            Some(FilterMode::BandStop | FilterMode::Notch) => (Shape::Notch, Some(Shape::BandStop)),
            Some(FilterMode::AllPass) => (Shape::AllPass, None),
            Some(FilterMode::Peak | FilterMode::Peaking) => (Shape::Peak, None),
            Some(FilterMode::LowShelf) => (Shape::LowShelf, None),
            Some(FilterMode::HighShelf) => (Shape::HighShelf, None),
            None => return self.unsupported("Biquad"),
        };
        match by_edges.filter(|_| self.has_edges()) {
            Some(shape) => self.spec(Kind::Biquad, shape),
            None => self.need_cutoff().and_then(|()| self.spec(Kind::Biquad, shape)),
        }
    }

    /// Returns the original's biquad: low- and high-passes are Butterworth filters, whatever their quality.
    fn dspx_biquad(&self, mode: Option<FilterMode>) -> Result<FilterSpec> {
        let (kind, shape) = match mode {
            Some(FilterMode::LowPass) => (Kind::ButterworthOf(2), Shape::LowPass),
            Some(FilterMode::HighPass) => (Kind::ButterworthOf(2), Shape::HighPass),
            Some(FilterMode::BandPass | FilterMode::BandStop | FilterMode::Notch) => {
                return failed(format!("Biquad {} filters are not implemented in design 'dspx'", self.mode));
            }
            Some(FilterMode::Peak | FilterMode::Peaking) => (Kind::Biquad, Shape::Peak),
            Some(FilterMode::LowShelf) => (Kind::Biquad, Shape::LowShelf),
            Some(FilterMode::HighShelf) => (Kind::Biquad, Shape::HighShelf),
            _ => return self.unsupported("Biquad"),
        };
        self.need_cutoff()?;
        self.spec(kind, shape)
    }
}

/// Returns the texts in quotes, separated by commas.
pub fn listed(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(", ")
}

/// Returns whether JavaScript treats the option as missing: absent, `null`, 0, NaN, empty text or `false`.
pub fn is_missing(value: &Value) -> bool {
    match value {
        Value::Undefined | Value::Null | Value::Bool(false) => true,
        Value::Number(x) => *x == 0.0 || x.is_nan(),
        Value::String(s) => s.is_empty(),
        _ => false,
    }
}
