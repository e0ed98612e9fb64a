//! The register of stages: chapters as in [`crate::signal`], one line per stage.

// A chapter and its main stage may have the same name.
#![allow(clippy::module_inception)]

pub mod common;
mod register;
#[cfg(test)]
pub(crate) mod testing;

use crate::engine::stage::Define;
use crate::params::Parameters;

pub use register::{Created, Declaration, StageDef};

/// Declares the chapters with their stages: `chapter (helpers) { file::Stage, … }`.
macro_rules! stages {
    ($(
        $(#[$doc:meta])*
        $chapter:ident ($($helper:ident),*) { $($module:ident::$name:ident,)* }
    )*) => {
        $(
            $(#[$doc])*
            pub mod $chapter {
                $(pub mod $helper;)*
                $(pub mod $module;)*
            }
            $(pub use $chapter::$module::$name;)*
        )*

        /// All stages.
        pub const STAGES: &[StageDef] = &[$($(StageDef {
            types: <$name as Define>::TYPES,
            method: <$name as Define>::METHOD,
            fields: <<$name as Define>::Params as Parameters>::FIELDS,
            events: <$name as Define>::EVENTS,
            create: register::create::<$name>,
            rebuild: register::rebuild::<$name>,
        },)*)*];

        /// The declaration of each stage. Separate from [`STAGES`], so that a program that does not use it does not
        /// contain it.
        pub const DECLARATIONS: &[Declaration] = &[$($(Declaration {
            method: <$name as Define>::METHOD,
            doc: <$name as Define>::DOC,
            params: <$name as Define>::PARAMS,
            params_doc: <<$name as Define>::Params as Parameters>::DOC,
            fields: <<$name as Define>::Params as Parameters>::FIELDS,
            docs: <<$name as Define>::Params as Parameters>::DOCS,
            events: <$name as Define>::EVENTS,
            variants: <<$name as Define>::Params as Parameters>::VARIANTS,
            examples: <$name as Define>::examples,
            traits: register::traits::<$name>,
        },)*)*];
    };
}

stages! {
    /// Statistics over the last N samples.
    sliding (flag_window, flags, window, window_state) {
        moving_average::MovingAverage,
        rms::Rms,
        mean_absolute_value::MeanAbsoluteValue,
        variance::Variance,
        z_score_normalize::ZScoreNormalize,
        waveform_length::WaveformLength,
        slope_sign_change::SlopeSignChange,
        willison_amplitude::WillisonAmplitude,
        linear_regression::LinearRegression,
        snr::Snr,
        median_filter::MedianFilter,
    }
    /// Functions of single samples, without state.
    pointwise () {
        rectify::Rectify,
        square::Square,
        amplify::Amplify,
    }
    /// Linear filters.
    filter (coefficients, histories, recurrence) {
        filter::Filter,
        filter_bank::FilterBank,
        convolution::Convolution,
        savgol_filter::SavgolFilter,
        exponential_moving_average::ExponentialMovingAverage,
        cumulative_moving_average::CumulativeMovingAverage,
        integrator::Integrator,
        differentiator::Differentiator,
    }
    /// Filters whose coefficients adapt while they run.
    adaptive () {
        lms_filter::LmsFilter,
        rls_filter::RlsFilter,
        kalman_filter::KalmanFilter,
    }
    /// Missing samples.
    gaps (filler) {
        gaps::Gaps,
        restore_gaps::RestoreGaps,
    }
    /// Where something happens in a signal.
    detect (ecg_leads, peak_events) {
        peak_detection::PeakDetection,
        clip_detection::ClipDetection,
        ecg_beats::EcgBeats,
        hrv::Hrv,
    }
    /// Changes of the sample rate, and alignment with regular times.
    resample (lowpass, resampler) {
        interpolate::Interpolate,
        decimate::Decimate,
        resample::Resample,
        resample_to::ResampleTo,
        time_alignment::TimeAlignment,
    }
    /// Spectra of frames.
    spectrum (framed) {
        fft::Fft,
        stft::Stft,
        mel_spectrogram::MelSpectrogram,
        mfcc::Mfcc,
        wavelet_transform::WaveletTransform,
        hilbert_envelope::HilbertEnvelope,
    }
    /// Operations across channels.
    spatial (projection, routing) {
        pca_transform::PcaTransform,
        ica_transform::IcaTransform,
        whitening_transform::WhiteningTransform,
        csp_transform::CspTransform,
        gsc_preprocessor::GscPreprocessor,
        channel_selector::ChannelSelector,
        channel_select::ChannelSelect,
        channel_merge::ChannelMerge,
    }
}

/// Returns the stage with this method in the fluent API.
pub fn by_method(method: &str) -> Option<&'static StageDef> {
    STAGES.iter().find(|def| def.method == method)
}

/// Returns the stage with `type_name` among its types in saved states.
pub fn by_type(type_name: &str) -> Option<&'static StageDef> {
    STAGES.iter().find(|def| def.types.contains(&type_name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::params::value::Value;
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
