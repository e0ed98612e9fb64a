//! The options of the pipeline's `filter`, which are also those of the command line and of definitions.

use super::request::{FilterMode, FilterType, Request, is_missing, listed};
use crate::design::rules::{
    CHEBYSHEV_TYPE, CUTOFF, DESIGN, GAIN, HIGH, INITIAL, LOW, NORM, ORDER, QUALITY, RIPPLE, SAMPLE_RATE, STOPBAND,
    TAPS, WINDOW, WINDOWS, failed,
};
use crate::design::spec::{Band, Design, Family, FilterSpec};
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::params::{Field, Parameters, ToValue, Variant, flag, one_of};
use crate::signal::filter::run::Initial;
use crate::text::Texts;

/// Parameters of `filter`.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterParams {
    /// The filter.
    pub spec: FilterSpec,
    /// Whether the state is kept between calls; `false`: every call starts at rest.
    pub stateful: bool,
    /// The assumed input before the first sample.
    pub initial: Initial,
    /// The type in labels.
    pub kind: FilterType,
    /// The mode in labels.
    pub mode: FilterMode,
}

impl From<FilterSpec> for FilterParams {
    fn from(spec: FilterSpec) -> Self {
        let kind = match spec.family {
            Family::Fir => FilterType::Fir,
            Family::Butterworth => FilterType::Butterworth,
            Family::Chebyshev1 | Family::Chebyshev2 => FilterType::Chebyshev,
            Family::Bessel => FilterType::Bessel,
            Family::Elliptic => FilterType::Elliptic,
            Family::Biquad | Family::Resonator => FilterType::Biquad,
        };
        let mode = match spec.band {
            Band::LowPass(_) => FilterMode::LowPass,
            Band::HighPass(_) => FilterMode::HighPass,
            Band::BandPass(..) | Band::BandPassAt(_) => FilterMode::BandPass,
            Band::BandStop(..) => FilterMode::BandStop,
            Band::Notch(_) => FilterMode::Notch,
            Band::Peak(_) => FilterMode::Peak,
            Band::AllPass(_) => FilterMode::AllPass,
            Band::LowShelf(_) => FilterMode::LowShelf,
            Band::HighShelf(_) => FilterMode::HighShelf,
        };
        Self { spec, stateful: true, initial: Initial::Rest, kind, mode }
    }
}

const CLASSIC: &[&str] = &["iir", "butterworth", "chebyshev", "bessel", "elliptic"];
const STATEFUL: Field = flag().or_flag(true).named("stateful");

/// Every option with its doc comment.
const OPTIONS: [(Field, &str); 20] = [
    (one_of(FilterType::TEXTS).named("type"), "Family of the filter."),
    (one_of(FilterMode::TEXTS).named("mode"), "Band of the filter."),
    (SAMPLE_RATE, "Sample rate in Hz."),
    (CUTOFF, "Edge of a low-pass, high-pass or shelf, centre of a biquad, in Hz."),
    (LOW, "Lower edge of a band-pass, band-stop or notch in Hz."),
    (HIGH, "Upper edge of a band-pass, band-stop or notch in Hz."),
    (STATEFUL, "`false`: every call starts at rest."),
    (
        INITIAL,
        "Assumed input before the first sample: zeros, or with `\"steady\"` that sample repeated, so that a constant \
         causes no transient (`scipy.signal.sosfilt_zi` times the first sample of each channel).",
    ),
    (DESIGN, "Default: that of the pipeline, else that of `setDefaultDesign`."),
    (TAPS.only_for(&["fir"]), "Number of taps; a high-pass or band-stop needs an odd number and raises an even one."),
    (WINDOW.only_for(&["fir"]), "Window."),
    (ORDER.only_for(CLASSIC), "Order. Band filters have twice as many poles."),
    (RIPPLE.only_for(&["chebyshev"]), "Ripple of the pass-band in dB (type 1)."),
    (CHEBYSHEV_TYPE.only_for(&["chebyshev"]), "1: ripple in the pass-band; 2: in the stop-band."),
    (STOPBAND.only_for(&["chebyshev"]), "Attenuation of the stop-band in dB (type 2)."),
    (RIPPLE.only_for(&["elliptic"]), "Ripple of the pass-band in dB."),
    (STOPBAND.needed().only_for(&["elliptic"]), "Attenuation of the stop-band in dB."),
    (
        NORM.only_for(&["bessel"]),
        "Normalization at the edge: `\"mag\"` −3.01 dB, `\"phase\"` the midpoint of the phase, `\"delay\"` the delay at 0 Hz.",
    ),
    (QUALITY.only_for(&["biquad"]), "Quality: centre over bandwidth."),
    (GAIN.only_for(&["biquad"]), "Gain of a peak or shelf in dB."),
];

/// Makes an array of the fields or of the comments of [`OPTIONS`].
macro_rules! column {
    ($type:ty, $column:tt, $empty:expr) => {{
        const COLUMN: [$type; OPTIONS.len()] = {
            let mut column = [$empty; OPTIONS.len()];
            let mut row = 0;
            while row < column.len() {
                column[row] = OPTIONS[row].$column;
                row += 1;
            }
            column
        };
        &COLUMN
    }};
}

impl Parameters for FilterParams {
    const NAME: &'static str = "FilterOptions";
    const DOC: &'static str = "Options of `filter`. Frequencies are in Hz, between 0 and half the sample rate.";
    const FIELDS: &'static [Field] = column!(Field, 0, OPTIONS[0].0);
    const DOCS: &'static [&'static str] = column!(&str, 1, "");
    const VARIANTS: &'static [Variant] = &[
        Variant {
            text: "fir",
            typescript: "FirFilterOptions",
            doc: "Windowed FIR (`scipy.signal.firwin`): lowpass, highpass, bandpass, bandstop, notch.",
        },
        Variant { text: "iir", typescript: "IirFilterOptions", doc: "The same filters as `\"butterworth\"`." },
        Variant {
            text: "butterworth",
            typescript: "ButterworthFilterOptions",
            doc: "Butterworth (`scipy.signal.butter`), flat in the pass-band: lowpass, highpass, bandpass, bandstop, notch.",
        },
        Variant {
            text: "chebyshev",
            typescript: "ChebyshevFilterOptions",
            doc: "Chebyshev (`scipy.signal.cheby1`, `cheby2`), steep, with ripple: lowpass, highpass, bandpass, bandstop, notch.",
        },
        Variant {
            text: "bessel",
            typescript: "BesselFilterOptions",
            doc: "Bessel (`scipy.signal.bessel`), of even delay in the pass-band: lowpass, highpass, bandpass, bandstop, notch.",
        },
        Variant {
            text: "elliptic",
            typescript: "EllipticFilterOptions",
            doc: "Elliptic (`scipy.signal.ellip`), steepest, with ripple in both bands: lowpass, highpass, bandpass, bandstop, \
                  notch.",
        },
        Variant {
            text: "biquad",
            typescript: "BiquadFilterOptions",
            doc: "A section of the Audio EQ Cookbook, order 2: all modes.",
        },
    ];

    fn read(label: &str, options: &Value) -> Result<Self> {
        if options.is_nullish() {
            return Err(Error::type_error(format!("{label}: options must be an object")));
        }
        let text = |key: &str| Some(options.get(key)).filter(|given| !is_missing(given)).map(Value::to_string);
        let Some(kind) = text("type") else {
            return failed(format!("Filter 'type' is required. Valid types: {}", listed(FilterType::TEXTS)));
        };
        let Some(mode) = text("mode") else {
            // "peaking" is a second name of "peak".
            let modes = FilterMode::MEMBERS.iter().filter(|mode| **mode != FilterMode::Peaking);
            let modes: Vec<_> = modes.map(|mode| mode.text()).collect();
            return failed(format!("Filter 'mode' is required. Valid modes: {}", listed(&modes)));
        };
        let design = Design::from_value(options.get("design"), Design::Standard)?;
        let request = Request { options, mode: &mode, design };
        let offered = FilterType::of(&kind).filter(|kind| request.has(*kind));
        if offered.is_some() && is_missing(options.get("sampleRate")) {
            return failed(format!(
                "Filter type '{kind}' requires 'sampleRate' parameter. Example: {{ type: 'fir', mode: 'lowpass', \
                 cutoffFrequency: 1000, sampleRate: 8000, order: 51, windowType: 'hamming' }}"
            ));
        }
        let read = offered.ok_or_else(|| request.unsupported_type()).and_then(|kind| request.read(kind));
        let (kind, mode, spec) = read.map_err(|cause| {
            Error::failed(format!(
                "Failed to create {kind} filter (mode: {mode}): {cause}. Check that all required parameters are provided \
                 (sampleRate, cutoffFrequency/frequencies, order, etc.)"
            ))
        })?;
        // The original takes no notice of it.
        let stateful = STATEFUL.read::<bool>(label, options)? || design == Design::Dspx;
        let initial = INITIAL.read::<Initial>(label, options)?;
        Ok(Self { spec, stateful, initial, kind, mode })
    }

    fn to_value(&self) -> Value {
        let Self { spec, stateful, initial, kind, mode } = self;
        let number = |field: &Field, x: f64| (field.name, Value::Number(x));
        let text = |key: &'static str, text: &str| (key, Value::String(text.to_owned()));
        // A resonator is no type of `filter`, and is refused as one.
        let kind = if spec.family == Family::Resonator { "resonator" } else { kind.text() };
        let mut entries = vec![text("type", kind), ("mode", mode.to_value()), number(&SAMPLE_RATE, spec.sample_rate)];
        match spec.band {
            Band::BandPass(low, high) | Band::BandStop(low, high) => {
                entries.extend([number(&LOW, low), number(&HIGH, high)]);
            }
            Band::LowPass(f) | Band::HighPass(f) | Band::LowShelf(f) | Band::HighShelf(f) => {
                entries.push(number(&CUTOFF, f));
            }
            Band::BandPassAt(f) | Band::Notch(f) | Band::Peak(f) | Band::AllPass(f) => entries.push(number(&CUTOFF, f)),
        }
        let order = number(&ORDER, spec.order as f64);
        let (ripple, stopband) = (number(&RIPPLE, spec.ripple_db), number(&STOPBAND, spec.stopband_db));
        match spec.family {
            Family::Fir => entries.extend([order, ("windowType", window_value(spec))]),
            Family::Butterworth => entries.push(order),
            Family::Chebyshev1 => entries.extend([order, number(&CHEBYSHEV_TYPE, 1.0), ripple]),
            Family::Chebyshev2 => entries.extend([order, number(&CHEBYSHEV_TYPE, 2.0), stopband]),
            Family::Bessel => entries.extend([order, ("norm", spec.norm.to_value())]),
            Family::Elliptic => entries.extend([order, ripple, stopband]),
            Family::Biquad | Family::Resonator => {
                entries.extend([number(&QUALITY, spec.q), number(&GAIN, spec.gain_db)]);
            }
        }
        entries.extend([("stateful", Value::Bool(*stateful)), (INITIAL.name, initial.to_value())]);
        entries.push(("design", spec.design.to_value()));
        Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// Returns the name of the window; for the Kaiser window, which is not an option of `filter`, name and β in SciPy's
/// notation.
fn window_value(spec: &FilterSpec) -> Value {
    let named = WINDOWS.iter().find(|(_, window)| *window == spec.window);
    named.map_or_else(|| Value::String(format!("{:?}", spec.window)), |(name, _)| Value::String((*name).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::spec::Coefficients;
    use crate::signal::filter::design::bessel::Norm;
    use serde_json::{Value as Json, json};

    fn read(options: Json) -> Result<FilterParams> {
        FilterParams::read("filter", &Value::from(&options))
    }

    fn base(kind: &str, mode: &str) -> Json {
        json!({ "type": kind, "mode": mode, "sampleRate": 1000, "cutoffFrequency": 100, "lowCutoffFrequency": 50,
                "highCutoffFrequency": 100, "order": 4, "stopbandDb": 60 })
    }

    fn with(mut options: Json, key: &str, value: impl Into<Json>) -> Json {
        options[key] = value.into();
        options
    }

    #[test]
    fn what_is_read_is_written_and_read_again() {
        for kind in FilterType::TEXTS {
            for mode in FilterMode::TEXTS {
                for design in Design::TEXTS {
                    let options = with(base(kind, mode), "design", *design);
                    let Ok(params) = read(options.clone()) else { continue };
                    assert_eq!(FilterParams::read("filter", &params.to_value()), Ok(params.clone()), "{options}");
                    assert_eq!(FilterParams::unknown_keys(&params.to_value()), []);
                    assert!(params.spec.design().is_ok(), "{options}");
                }
            }
        }
    }

    #[test]
    fn both_spellings_of_an_option_are_taken() {
        let spellings = [
            (with(base("biquad", "peak"), "gain", 6), "q", "Q", 7.0),
            (base("biquad", "peak"), "gain", "gainDb", -6.0),
            (base("chebyshev", "lowpass"), "ripple", "rippleDb", 1.5),
            (base("elliptic", "lowpass"), "ripple", "rippleDb", 1.5),
        ];
        for (options, one, other, value) in spellings {
            let changed = read(with(options.clone(), one, value)).unwrap();
            assert_ne!(changed, read(options.clone()).unwrap());
            assert_eq!(read(with(options, other, value)), Ok(changed));
        }
        let centred = json!({ "type": "biquad", "mode": "notch", "sampleRate": 1000, "centerFrequency": 50, "Q": 30 });
        assert_eq!(read(centred).unwrap().spec, FilterSpec::biquad(30.0, Band::Notch(50.0), 1000.0));
    }

    #[test]
    fn an_elliptic_filter_is_told_its_attenuation() {
        let params = read(with(base("elliptic", "bandpass"), "ripple", 1)).unwrap();
        assert_eq!(params.spec, FilterSpec::elliptic(4, 1.0, 60.0, Band::BandPass(50.0, 100.0), 1000.0));
        let mut open = base("elliptic", "lowpass");
        open.as_object_mut().unwrap().remove("stopbandDb");
        assert!(read(open).unwrap_err().to_string().contains("not supported without stopbandDb"));
        let old = read(with(base("elliptic", "lowpass"), "design", "dspx")).unwrap_err().to_string();
        assert!(old.contains("elliptic") && old.contains("not supported"), "{old}");
    }

    #[test]
    fn orders_and_lengths_are_whole() {
        for (kind, order) in [("fir", 20.7), ("iir", 1.5), ("butterworth", 2.5), ("elliptic", 3.000_1)] {
            let error = read(with(base(kind, "lowpass"), "order", order)).unwrap_err().to_string();
            assert!(error.contains(&format!("must be an integer, got {order}")), "{error}");
        }
        let old = with(with(base("iir", "lowpass"), "order", 1.5), "design", "dspx");
        assert!(read(old).unwrap_err().to_string().contains("Order must be an integer, got 1.5"));
    }

    #[test]
    fn stateful_is_a_truth_value() {
        let error = read(with(base("fir", "lowpass"), "stateful", "x")).unwrap_err();
        assert_eq!(error, Error::type_error("filter: stateful must be a boolean, got x"));
    }

    #[test]
    fn a_typed_filter_is_checked_by_the_same_rules() {
        let refused = |spec: FilterSpec| spec.design().unwrap_err().to_string();
        let band = Band::LowPass(100.0);
        assert_eq!(refused(FilterSpec::butterworth(0, band, 1000.0)), "Order must be between 1 and 20, got 0");
        let nyquist = refused(FilterSpec::butterworth(2, Band::LowPass(500.0), 1000.0));
        assert_eq!(nyquist, "Cutoff frequency must be between 0 and 500 Hz (Nyquist frequency), got 500");
        assert_eq!(refused(FilterSpec::biquad(0.0, band, 1000.0)), "Q must be positive, got 0");
        assert!(refused(FilterSpec::butterworth(2, Band::Peak(9.0), 1000.0)).contains("no filter of the family"));
        let dspx = FilterSpec { design: Design::Dspx, ..FilterSpec::bessel(2, Norm::default(), band, 1000.0) };
        assert!(refused(dspx).contains("in design 'dspx'"));
        let taps = FilterSpec::fir(5, band, WINDOWS[1].1, 1000.0).design();
        assert!(matches!(taps, Ok(Coefficients::Fir(taps)) if taps.len() == 5));
    }
}
