//! Sums and features of one signal: what is too short for anything but a direct call.

use dsp_core::kernels::dot;
use dsp_core::signal::features::{entropy, hjorth, spectral};
use dsp_core::signal::smooth::detrend::Trend;
use napi::bindgen_prelude::Float32ArraySlice;
use napi_derive::napi;

use crate::value::samples_of;

/// `Σ x`
#[napi(catch_unwind)]
pub fn sum(x: &[f32]) -> f64 {
    dot::sum(x)
}

/// `Σ x²`
#[napi(catch_unwind)]
pub fn sum_of_squares(x: &[f32]) -> f64 {
    dot::sum_of_squares(x)
}

/// `Σ x·y`
#[napi(catch_unwind)]
pub fn dot_product(x: &[f32], y: &[f32]) -> f64 {
    dot::dot(x, y)
}

/// `x` without its mean, or without its line.
#[napi(catch_unwind)]
pub fn detrend(x: &[f32], linear: bool, mut out: Float32ArraySlice<'_>) {
    let trend = if linear { Trend::Linear } else { Trend::Constant };
    trend.removed(x, samples_of(&mut out));
}

/// Hjorth's parameters.
#[napi(object)]
pub struct Hjorth {
    pub activity: f64,
    pub mobility: f64,
    pub complexity: f64,
}

/// Hjorth's parameters; nothing for fewer than 3 samples.
#[napi(catch_unwind)]
pub fn hjorth_parameters(x: &[f32]) -> Option<Hjorth> {
    let hjorth::Hjorth { activity, mobility, complexity } = hjorth::hjorth(x)?;
    Some(Hjorth { activity, mobility, complexity })
}

/// Centre of gravity of a spectrum.
#[napi(catch_unwind)]
pub fn spectral_centroid(magnitudes: &[f32], sample_rate: f64) -> f64 {
    spectral::centroid(magnitudes, sample_rate)
}

/// Roll-off of a spectrum.
#[napi(catch_unwind)]
pub fn spectral_rolloff(magnitudes: &[f32], sample_rate: f64, percentage: f64) -> f64 {
    spectral::rolloff(magnitudes, sample_rate, percentage)
}

/// Distance of two spectra.
#[napi(catch_unwind)]
pub fn spectral_flux(current: &[f32], previous: &[f32]) -> f64 {
    spectral::flux(current, previous)
}

/// Entropy of the histogram.
#[napi(catch_unwind)]
pub fn shannon_entropy(x: &[f32], bins: u32) -> f64 {
    entropy::shannon(x, bins as usize)
}
