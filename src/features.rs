//! Sums and features of one signal, which are too short for anything but a direct call.

use dsp_core::kernels::dot;
use dsp_core::signal::features::{entropy, hjorth, spectral};
use dsp_core::signal::smooth::detrend::Trend;
use napi::bindgen_prelude::Float32ArraySlice;
use napi_derive::napi;

use crate::value::samples_of;

/// Returns `Σ x`.
#[napi(catch_unwind)]
pub fn sum(x: &[f32]) -> f64 {
    dot::sum(x)
}

/// Returns `Σ x²`.
#[napi(catch_unwind)]
pub fn sum_of_squares(x: &[f32]) -> f64 {
    dot::sum_of_squares(x)
}

/// Returns `Σ x·y`.
#[napi(catch_unwind)]
pub fn dot_product(x: &[f32], y: &[f32]) -> f64 {
    dot::dot(x, y)
}

/// Writes `x` without its mean, or without its least-squares line.
#[napi(catch_unwind)]
pub fn detrend(x: &[f32], linear: bool, mut out: Float32ArraySlice<'_>) {
    let trend = if linear { Trend::Linear } else { Trend::Constant };
    trend.removed(x, samples_of(&mut out));
}

/// Hjorth's parameters of a signal.
#[napi(object)]
pub struct Hjorth {
    pub activity: f64,
    pub mobility: f64,
    pub complexity: f64,
}

/// Returns Hjorth's parameters; nothing for fewer than 3 samples.
#[napi(catch_unwind)]
pub fn hjorth_parameters(x: &[f32]) -> Option<Hjorth> {
    let hjorth::Hjorth { activity, mobility, complexity } = hjorth::hjorth(x)?;
    Some(Hjorth { activity, mobility, complexity })
}

/// Returns the centre of gravity of a magnitude spectrum in Hz.
#[napi(catch_unwind)]
pub fn spectral_centroid(magnitudes: &[f32], sample_rate: f64) -> f64 {
    spectral::centroid(magnitudes, sample_rate)
}

/// Returns the roll-off frequency of a magnitude spectrum in Hz; `percentage` in percent of the sum.
#[napi(catch_unwind)]
pub fn spectral_rolloff(magnitudes: &[f32], sample_rate: f64, percentage: f64) -> f64 {
    spectral::rolloff(magnitudes, sample_rate, percentage)
}

/// Returns the Euclidean distance of two spectra.
#[napi(catch_unwind)]
pub fn spectral_flux(current: &[f32], previous: &[f32]) -> f64 {
    spectral::flux(current, previous)
}

/// Returns the Shannon entropy of the histogram in bits.
#[napi(catch_unwind)]
pub fn shannon_entropy(x: &[f32], bins: u32) -> f64 {
    entropy::shannon(x, bins as usize)
}
