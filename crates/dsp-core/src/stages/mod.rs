//! The register of stages: one line a stage.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::events::EventKind;
use crate::params::{Field, Parameters, UnknownKey, Variant};
use crate::stage::{Define, Stage, Traits};
use crate::value::Value;

/// A stage that was just made.
pub struct Created {
    /// The stage.
    pub stage: Box<dyn Stage>,
    /// Its label in taps and callbacks.
    pub label: String,
    /// Text for the user's console.
    pub warnings: Vec<String>,
    /// Keys of the method's argument that are no parameters.
    pub unknown_keys: Vec<UnknownKey>,
    /// The parameters, with the defaults filled in.
    pub params: Value,
    /// The name that the user gave the stage, by its option `id`.
    pub id: Option<String>,
}

/// Longest `id` of a stage, in bytes.
const MAX_ID: usize = 100;

/// Takes `id`, which every stage has, out of its parameters.
fn take_id(label: &str, value: &mut Value) -> Result<Option<String>> {
    let Value::Object(entries) = value else { return Ok(None) };
    let Some(at) = entries.iter().position(|(key, _)| key == "id") else { return Ok(None) };
    match entries.remove(at).1 {
        Value::Undefined => Ok(None),
        Value::String(id) if !id.is_empty() && id.len() <= MAX_ID => Ok(Some(id)),
        other => {
            let text = format!("{label}: id must be a text of 1 to {MAX_ID} bytes, got {other}");
            Err(Error::type_error(text))
        }
    }
}

/// One entry of the register.
pub struct StageDef {
    /// Types in saved states.
    pub types: &'static [&'static str],
    /// Method in the fluent API.
    pub method: &'static str,
    /// Its parameters.
    pub fields: &'static [Field],
    /// Makes a stage from the method's argument.
    pub create: fn(Value) -> Result<Created>,
    /// Makes a stage of a type for a saved state.
    pub rebuild: fn(&str, &Json) -> Result<Box<dyn Stage>>,
}

fn create<T: Define>(mut value: Value) -> Result<Created> {
    if !matches!(value, Value::Undefined | Value::Null | Value::Object(_)) {
        return Err(Error::type_error(format!("{}: parameters must be an object, got {value}", T::METHOD)));
    }
    let id = take_id(T::LABEL, &mut value)?;
    let params = T::Params::read(T::LABEL, &value)?;
    let mut unknown_keys = T::Params::unknown_keys(&value);
    unknown_keys.retain(|unknown| !T::IGNORED.contains(&unknown.key.as_str()));
    let mut stage = T::new(&params)?;
    let warnings = stage.take_warning().into_iter().collect();
    let label = stage.label(&params);
    Ok(Created { stage: Box::new(stage), label, warnings, unknown_keys, params: params.to_value(), id })
}

fn rebuild<T: Define>(type_name: &str, state: &Json) -> Result<Box<dyn Stage>> {
    Ok(Box::new(T::from_state(type_name, state)?))
}

pub mod flag_window;
pub mod framed;
pub mod projection;
pub mod resampler;
pub mod routing;
#[cfg(test)]
pub(crate) mod testing;
pub mod window;

macro_rules! stages {
    ($($module:ident::$name:ident,)*) => {
        $(pub mod $module; pub use $module::$name;)*

        /// All stages there are.
        pub const STAGES: &[StageDef] = &[$(StageDef {
            types: <$name as Define>::TYPES,
            method: <$name as Define>::METHOD,
            fields: <<$name as Define>::Params as Parameters>::FIELDS,
            create: create::<$name>,
            rebuild: rebuild::<$name>,
        },)*];

        /// What each of them declares. Apart from [`STAGES`], so that a program that does not ask for it does not hold it.
        pub const DECLARATIONS: &[Declaration] = &[$(Declaration {
            method: <$name as Define>::METHOD,
            doc: <$name as Define>::DOC,
            params: <$name as Define>::PARAMS,
            params_doc: <<$name as Define>::Params as Parameters>::DOC,
            fields: <<$name as Define>::Params as Parameters>::FIELDS,
            docs: <<$name as Define>::Params as Parameters>::DOCS,
            events: <$name as Define>::EVENTS,
            variants: <<$name as Define>::Params as Parameters>::VARIANTS,
            examples: <$name as Define>::examples,
            traits: traits::<$name>,
        },)*];
    };
}

stages! {
    moving_average::MovingAverage,
    exponential_moving_average::ExponentialMovingAverage,
    cumulative_moving_average::CumulativeMovingAverage,
    rms::Rms,
    rectify::Rectify,
    variance::Variance,
    z_score_normalize::ZScoreNormalize,
    mean_absolute_value::MeanAbsoluteValue,
    waveform_length::WaveformLength,
    slope_sign_change::SlopeSignChange,
    willison_amplitude::WillisonAmplitude,
    linear_regression::LinearRegression,
    snr::Snr,
    clip_detection::ClipDetection,
    peak_detection::PeakDetection,
    integrator::Integrator,
    differentiator::Differentiator,
    square::Square,
    amplify::Amplify,
    filter::Filter,
    interpolate::Interpolate,
    decimate::Decimate,
    resample::Resample,
    resample_to::ResampleTo,
    time_alignment::TimeAlignment,
    pca_transform::PcaTransform,
    ica_transform::IcaTransform,
    whitening_transform::WhiteningTransform,
    csp_transform::CspTransform,
    gsc_preprocessor::GscPreprocessor,
    channel_selector::ChannelSelector,
    channel_select::ChannelSelect,
    channel_merge::ChannelMerge,
    lms_filter::LmsFilter,
    rls_filter::RlsFilter,
    kalman_filter::KalmanFilter,
    convolution::Convolution,
    filter_bank::FilterBank,
    fft::Fft,
    stft::Stft,
    mel_spectrogram::MelSpectrogram,
    mfcc::Mfcc,
    wavelet_transform::WaveletTransform,
    hilbert_envelope::HilbertEnvelope,
    median_filter::MedianFilter,
    savgol_filter::SavgolFilter,
}

/// What the declaration of a stage says, for documentation and types.
pub struct Declaration {
    /// Method in the fluent API.
    pub method: &'static str,
    /// Comment of the method.
    pub doc: &'static str,
    /// Name of the parameters' type; empty for a stage without parameters.
    pub params: &'static str,
    /// Comment of the parameters' type.
    pub params_doc: &'static str,
    /// The parameters.
    pub fields: &'static [Field],
    /// Their comments.
    pub docs: &'static [&'static str],
    /// The events that it emits.
    pub events: &'static [&'static EventKind],
    /// The sets of parameters, if there are several.
    pub variants: &'static [Variant],
    /// Parameters for the property tests.
    pub examples: fn() -> Vec<Value>,
    /// What the property tests must know of a stage with such parameters.
    pub traits: fn(&Value) -> Result<Traits>,
}

fn traits<T: Define>(params: &Value) -> Result<Traits> {
    Ok(T::traits(&T::Params::read(T::LABEL, params)?))
}

/// The entry whose method is `method`.
pub fn by_method(method: &str) -> Option<&'static StageDef> {
    STAGES.iter().find(|def| def.method == method)
}

/// The entry that has `type_name` among its types.
pub fn by_type(type_name: &str) -> Option<&'static StageDef> {
    STAGES.iter().find(|def| def.types.contains(&type_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn methods_and_types_are_unique() {
        let methods: HashSet<_> = STAGES.iter().map(|d| d.method).collect();
        assert_eq!(methods.len(), STAGES.len());
        let types: Vec<_> = STAGES.iter().flat_map(|d| d.types).collect();
        assert_eq!(types.iter().collect::<HashSet<_>>().len(), types.len());
    }

    #[test]
    fn a_parameter_that_is_no_object_is_a_type_error() {
        for def in STAGES {
            assert!(matches!((def.create)(Value::Number(5.0)), Err(Error::Type(_))), "{}", def.method);
        }
    }
}
