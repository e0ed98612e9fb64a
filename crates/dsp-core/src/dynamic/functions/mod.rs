//! Functions of whole signals by name, with JavaScript values as arguments and results: the bindings call them, at once
//! or on a worker thread.

mod arguments;
mod biosignals;
mod coefficients;
mod conversions;
mod convolutions;
mod features;
mod filtering;
mod filters;
mod fir_designs;
mod framed;
mod iir_designs;
mod orders;
mod peaks;
mod rates;
mod responses;
mod scalars;
mod spectra;
mod waveforms;
mod wavelets;
mod windows;

use crate::error::{Error, Result};
use crate::params::value::Value;
use arguments::Arguments;

type Function = fn(&Arguments<'_>) -> Result<Value>;

/// All functions by name.
const FUNCTIONS: &[(&str, Function)] = &[
    ("analyticSignal", spectra::analytic_signal),
    ("approximateEntropy", features::approximate_entropy),
    ("argrelextrema", peaks::argrelextrema),
    ("argrelmax", peaks::argrelmax),
    ("argrelmin", peaks::argrelmin),
    ("bandPower", biosignals::band_power),
    ("besselap", orders::besselap),
    ("bilinear", orders::bilinear),
    ("bilinearZpk", iir_designs::bilinear_zpk),
    ("buttap", orders::buttap),
    ("buttord", orders::buttord),
    ("cheb1ap", orders::cheb1ap),
    ("cheb1ord", orders::cheb1ord),
    ("cheb2ap", orders::cheb2ap),
    ("cheb2ord", orders::cheb2ord),
    ("checkCola", windows::check_cola),
    ("checkNola", windows::check_nola),
    ("chirp", waveforms::chirp),
    ("coherence", spectra::coherence),
    ("convolve", convolutions::convolve),
    ("correlate", features::correlate),
    ("correlationLags", convolutions::correlation_lags),
    ("csd", spectra::csd),
    ("czt", spectra::czt),
    ("decimate", rates::decimate),
    ("deconvolve", convolutions::deconvolve),
    ("deemphasis", framed::deemphasis),
    ("delta", framed::delta),
    ("dft", spectra::dft),
    ("dwt", filtering::dwt),
    ("dwtLevel", wavelets::dwt_level),
    ("dwtMaxLevel", wavelets::dwt_max_level),
    ("ecgClean", biosignals::ecg_clean),
    ("ecgPeaks", biosignals::ecg_peaks),
    ("ecgQuality", biosignals::ecg_quality),
    ("edaPeaks", biosignals::eda_peaks),
    ("edaPhasic", biosignals::eda_phasic),
    ("ellipap", orders::ellipap),
    ("ellipord", orders::ellipord),
    ("emgActivation", biosignals::emg_activation),
    ("emgAmplitude", biosignals::emg_amplitude),
    ("emgClean", biosignals::emg_clean),
    ("envelope", convolutions::envelope),
    ("fftconvolve", convolutions::fftconvolve),
    ("filtfilt", filters::filtfilt),
    ("findPeaks", features::find_peaks),
    ("findPeaksCwt", peaks::find_peaks_cwt),
    ("firls", fir_designs::firls),
    ("firwin", fir_designs::firwin),
    ("firwin2", fir_designs::firwin2),
    ("freqs", responses::freqs),
    ("freqz", responses::freqz),
    ("freqzZpk", responses::freqz_zpk),
    ("gammatone", iir_designs::gammatone),
    ("gausspulse", waveforms::gausspulse),
    ("getWindow", windows::get_window),
    ("goertzel", spectra::goertzel),
    ("groupDelay", responses::group_delay),
    ("hilbert", convolutions::hilbert),
    ("hilbertEnvelope", filtering::hilbert_envelope),
    ("hrv", biosignals::hrv),
    ("idft", spectra::idft),
    ("idwt", wavelets::idwt),
    ("iircomb", orders::iircomb),
    ("iirdesign", iir_designs::iirdesign),
    ("iirfilter", iir_designs::iirfilter),
    ("iirnotch", orders::iirnotch),
    ("iirpeak", orders::iirpeak),
    ("irfft", spectra::irfft),
    ("istft", spectra::istft),
    ("iswt", wavelets::iswt),
    ("kaiserAtten", fir_designs::kaiser_atten),
    ("kaiserBeta", fir_designs::kaiser_beta_of),
    ("kaiserord", fir_designs::kaiserord),
    ("lfilter", filters::lfilter),
    ("lfilterZi", filters::lfilter_zi),
    ("lfiltic", filters::lfiltic),
    ("linearCorrelation", convolutions::correlate),
    ("lombscargle", peaks::lombscargle),
    ("lp2bp", orders::lp2bp),
    ("lp2bpZpk", iir_designs::lp2bp_zpk),
    ("lp2bs", orders::lp2bs),
    ("lp2bsZpk", iir_designs::lp2bs_zpk),
    ("lp2hp", orders::lp2hp),
    ("lp2hpZpk", iir_designs::lp2hp_zpk),
    ("lp2lp", orders::lp2lp),
    ("lp2lpZpk", iir_designs::lp2lp_zpk),
    ("maxLenSeq", waveforms::max_len_seq),
    ("medfilt", convolutions::medfilt),
    ("medianFilter", filtering::median_filter),
    ("melFilterBank", spectra::mel_filter_bank),
    ("melSpectrogram", spectra::mel_spectrogram),
    ("mfcc", spectra::mfcc),
    ("minimumPhase", fir_designs::minimum_phase),
    ("normalize", conversions::normalize),
    ("oaconvolve", convolutions::fftconvolve),
    ("onsetStrength", framed::onset_strength),
    ("orderFilter", convolutions::order_filter),
    ("peakProminences", peaks::peak_prominences),
    ("peakWidths", peaks::peak_widths),
    ("periodogram", spectra::periodogram),
    ("ppgClean", biosignals::ppg_clean),
    ("ppgPeaks", biosignals::ppg_peaks),
    ("preemphasis", framed::preemphasis),
    ("remez", fir_designs::remez),
    ("resample", rates::resample),
    ("resamplePoly", rates::resample_poly),
    ("rfft", spectra::rfft),
    ("rms", framed::rms),
    ("rspClean", biosignals::rsp_clean),
    ("rspPeaks", biosignals::rsp_peaks),
    ("sampleEntropy", features::sample_entropy),
    ("savgolCoeffs", fir_designs::savgol_coeffs),
    ("savgolFilter", filtering::savgol_filter),
    ("sawtooth", waveforms::sawtooth),
    ("signalFixPeaks", biosignals::signal_fix_peaks),
    ("signalRate", biosignals::signal_rate),
    ("sos2tf", conversions::sos2tf),
    ("sos2zpk", conversions::sos2zpk),
    ("sosfilt", filters::sosfilt),
    ("sosfiltZi", filters::sosfilt_zi),
    ("sosfiltfilt", filters::sosfiltfilt),
    ("sosfreqz", responses::sosfreqz),
    ("spectralBandwidth", framed::spectral_bandwidth),
    ("spectralCentroid", framed::spectral_centroid),
    ("spectralContrast", framed::spectral_contrast),
    ("spectralFlatness", framed::spectral_flatness),
    ("spectralRolloff", framed::spectral_rolloff),
    ("spectrogram", spectra::spectrogram),
    ("square", waveforms::square),
    ("stft", spectra::stft),
    ("sweepPoly", waveforms::sweep_poly),
    ("swt", wavelets::swt),
    ("tf2sos", conversions::tf2sos),
    ("tf2zpk", conversions::tf2zpk),
    ("threshold", wavelets::threshold),
    ("unitImpulse", waveforms::unit_impulse),
    ("upfirdn", rates::upfirdn),
    ("vectorstrength", peaks::vectorstrength),
    ("wavedec", wavelets::wavedec),
    ("waveletFilters", wavelets::wavelet_filters),
    ("wavelist", wavelets::wavelist),
    ("waverec", wavelets::waverec),
    ("welch", spectra::welch),
    ("whittakerHenderson", convolutions::whittaker_henderson),
    ("wiener", convolutions::wiener),
    ("zeroCrossingRate", framed::zero_crossing_rate),
    ("zoomFft", spectra::zoom_fft),
    ("zpk2sos", conversions::zpk2sos),
    ("zpk2tf", conversions::zpk2tf),
];

/// Calls the function `name`.
///
/// # Errors
/// `TypeError` for arguments of the wrong kind, `RangeError` for numbers outside their range, a plain `Error` for
/// signals that are too short.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value> {
    let (name, function) = FUNCTIONS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| Error::type_error(format!("{name} is not the name of a function")))?;
    let label = exported_name(name);
    function(&Arguments::new(label, arguments)).map_err(|error| error.within(label))
}

/// Returns a function's name in JavaScript, for messages.
pub fn exported_name(name: &str) -> &str {
    match name {
        "approximateEntropy" => "calculateApproximateEntropy",
        "correlate" => "crossCorrelation",
        "linearCorrelation" => "correlate",
        "melSpectrogram" => "calculateMelSpectrogram",
        "mfcc" => "calculateMfcc",
        "sampleEntropy" => "calculateSampleEntropy",
        same => same,
    }
}

/// Returns an object of named values.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any value that JavaScript might pass.
    fn anything() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            prop::num::f64::ANY,
            (-3_i32..70).prop_map(f64::from),
            Just(f64::NAN),
            Just(1e300),
            Just(4294967296.0)
        ];
        let text = prop_oneof![Just("hann"), Just("kaiser"), Just("psd"), Just("db4"), Just("")];
        let leaf = prop_oneof![
            3 => number.prop_map(Value::Number),
            1 => Just(Value::Undefined),
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => text.prop_map(|s| Value::String(s.into())),
            3 => prop::collection::vec(prop::num::f32::ANY, 0..70).prop_map(Value::F32),
            1 => prop::collection::vec(prop::num::f64::ANY, 0..70).prop_map(Value::F64),
        ];
        leaf.prop_recursive(2, 12, 4, |inner| {
            let key = prop_oneof![
                Just("window"),
                Just("nperseg"),
                Just("noverlap"),
                Just("nfft"),
                Just("real"),
                Just("imag"),
                Just("m"),
                Just("w"),
                Just("a"),
                Just("height"),
                Just("distance"),
                Just("wlen"),
                Just("width"),
                Just("sampleRate"),
                Just("nFft"),
                Just("nMels"),
                Just("hopLength"),
                Just("mode"),
                Just("n"),
                Just("deriv"),
                Just("r"),
                Just("lifter")
            ];
            let entries = prop::collection::vec((key.prop_map(str::to_owned), inner.clone()), 0..4);
            prop_oneof![prop::collection::vec(inner, 0..3).prop_map(Value::Array), entries.prop_map(Value::Object)]
        })
    }

    proptest! {
        #[test]
        fn no_arguments_make_a_function_panic(arguments in prop::collection::vec(anything(), 0..5)) {
            for (name, _) in FUNCTIONS {
                // The error is what matters: that there is one instead of a panic.
                let _ = call(name, &arguments);
            }
        }
    }

    #[test]
    fn functions_are_sorted_and_unknown_names_refused() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(call("nothing", &[]).is_err());
    }
}
