//! Filter classes and designs.

use dsp_core::Value;
use dsp_core::design::options;
use dsp_core::design::options::Design;
use dsp_core::design::options::creators::{fir_methods, iir_methods};
use dsp_core::dynamic::adaptive_lms::AdaptiveLms;
use dsp_core::dynamic::single::{Response, SingleFir, SingleIir};
use napi::Env;
use napi::bindgen_prelude::{Float32Array, Float32ArraySlice, Float64Array, Unknown};
use napi_derive::napi;

use crate::error::{OrThrow, Within};
use crate::value::{from_js, samples_of};

/// The result of `frequencyResponse`.
#[napi(object)]
pub struct FrequencyResponse {
    pub magnitude: Float64Array,
    pub phase: Float64Array,
}

impl From<Response> for FrequencyResponse {
    fn from(response: Response) -> Self {
        Self { magnitude: response.magnitude.into(), phase: response.phase.into() }
    }
}

/// The methods of both filter classes.
macro_rules! filter_class {
    ($(#[$meta:meta])* $name:ident, $inner:ident) => {
        $(#[$meta])*
        #[napi]
        pub struct $name {
            inner: $inner,
        }

        #[napi]
        impl $name {
            /// Makes the filter of a `create…` method; `design` is the default one.
            #[napi(constructor, catch_unwind)]
            pub fn new(env: Env, method: String, options: Unknown<'_>, design: String) -> napi::Result<Self> {
                let options = from_js(&method, options).or_throw(&env)?;
                let inner = $inner::create(&method, &options, &Value::String(design)).within(&method).or_throw(&env)?;
                Ok(Self { inner })
            }

            /// Filters samples in place.
            #[napi(catch_unwind)]
            pub fn process(&mut self, mut samples: Float32ArraySlice<'_>) {
                self.inner.process(samples_of(&mut samples));
            }

            /// Returns the output for one sample.
            #[napi(catch_unwind)]
            pub fn process_sample(&mut self, sample: f64) -> f64 {
                f64::from(self.inner.process_sample(sample as f32))
            }

            /// Restores the state before the first sample.
            #[napi(catch_unwind)]
            pub fn reset(&mut self) {
                self.inner.reset();
            }

            /// Returns magnitude and phase (radians) at frequencies in Hz.
            #[napi(catch_unwind)]
            pub fn frequency_response(&self, env: Env, frequencies: Unknown<'_>) -> napi::Result<FrequencyResponse> {
                let frequencies = from_js("frequencyResponse", frequencies).or_throw(&env)?;
                self.inner.response(&frequencies).within("frequencyResponse").or_throw(&env).map(Into::into)
            }

            /// Returns the group delay in samples at frequencies in Hz.
            #[napi(catch_unwind)]
            pub fn group_delay(&self, env: Env, frequencies: Unknown<'_>) -> napi::Result<Float64Array> {
                let frequencies = from_js("groupDelay", frequencies).or_throw(&env)?;
                self.inner.group_delay(&frequencies).within("groupDelay").or_throw(&env).map(Into::into)
            }

            /// Returns the signal filtered forwards and backwards.
            #[napi(catch_unwind)]
            pub fn filtfilt(&self, env: Env, signal: &[f32]) -> napi::Result<Float32Array> {
                self.inner.filtfilt(signal).within("filtfilt").or_throw(&env).map(Into::into)
            }
        }
    };
}

filter_class! {
    /// An FIR filter of one channel.
    NativeFir, SingleFir
}

filter_class! {
    /// A recursive filter of one channel.
    NativeIir, SingleIir
}

#[napi]
impl NativeFir {
    /// Returns the taps.
    #[napi(catch_unwind)]
    pub fn taps(&self) -> Vec<f64> {
        self.inner.taps().to_vec()
    }
}

#[napi]
impl NativeIir {
    /// Returns b0 … bM.
    #[napi(catch_unwind)]
    pub fn b(&self) -> Vec<f64> {
        self.inner.b().to_vec()
    }

    /// Returns a1 … aN.
    #[napi(catch_unwind)]
    pub fn a(&self) -> Vec<f64> {
        self.inner.a().to_vec()
    }

    /// Returns the rows `[b0, b1, b2, 1, a1, a2]`.
    #[napi(catch_unwind)]
    pub fn sections(&self) -> Vec<Vec<f64>> {
        self.inner.sections().iter().map(|row| row.to_vec()).collect()
    }

    /// Returns the number of poles.
    #[napi(catch_unwind)]
    pub fn order(&self) -> u32 {
        self.inner.order() as u32
    }

    /// Returns whether all poles lie inside the unit circle.
    #[napi(catch_unwind)]
    pub fn is_stable(&self) -> bool {
        self.inner.is_stable()
    }
}

/// The names of the methods that make filters.
#[napi(object)]
pub struct FilterMethods {
    pub fir: Vec<String>,
    pub iir: Vec<String>,
}

/// Returns the names of the `create…` methods of `FirFilter` and `IirFilter`.
#[napi(catch_unwind)]
pub fn filter_methods() -> FilterMethods {
    FilterMethods { fir: fir_methods().map(Into::into).collect(), iir: iir_methods().map(Into::into).collect() }
}

/// The name of [`NativeLms`] in messages.
const LMS: &str = "AdaptiveLMSFilter";

/// Adaptive filters.
#[napi]
pub struct NativeLms {
    inner: AdaptiveLms,
}

#[napi]
impl NativeLms {
    /// Makes filters without channels.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, taps: Unknown<'_>, options: Unknown<'_>) -> napi::Result<Self> {
        let (taps, options) = (from_js(LMS, taps).or_throw(&env)?, from_js(LMS, options).or_throw(&env)?);
        Ok(Self { inner: AdaptiveLms::new(&taps, &options).within(LMS).or_throw(&env)? })
    }

    /// Sets the number of channels.
    #[napi(catch_unwind)]
    pub fn init(&mut self, env: Env, channels: Unknown<'_>) -> napi::Result<()> {
        let channels = from_js(LMS, channels).or_throw(&env)?;
        self.inner.init(&channels).within(LMS).or_throw(&env)
    }

    /// Writes output and error. The arrays may be one and the same: inputs are read before anything is written.
    #[napi(catch_unwind)]
    pub fn process(
        &mut self,
        env: Env,
        input: Float32ArraySlice<'_>,
        desired: Float32ArraySlice<'_>,
        mut output: Float32ArraySlice<'_>,
        mut error: Float32ArraySlice<'_>,
        adapt: bool,
    ) -> napi::Result<()> {
        self.inner.check(input.len(), &[desired.len(), output.len(), error.len()]).within(LMS).or_throw(&env)?;
        let (y, e) = self.inner.process(&input, Some(&desired), adapt).within(LMS).or_throw(&env)?;
        samples_of(&mut output)[..y.len()].copy_from_slice(y);
        samples_of(&mut error)[..e.len()].copy_from_slice(e);
        Ok(())
    }

    /// Writes the output; weights do not change.
    #[napi(catch_unwind)]
    pub fn filter(
        &mut self,
        env: Env,
        input: Float32ArraySlice<'_>,
        mut output: Float32ArraySlice<'_>,
    ) -> napi::Result<()> {
        self.inner.check(input.len(), &[output.len()]).within(LMS).or_throw(&env)?;
        let (y, _) = self.inner.process(&input, None, false).within(LMS).or_throw(&env)?;
        samples_of(&mut output)[..y.len()].copy_from_slice(y);
        Ok(())
    }

    /// Restores zero weights and no history.
    #[napi(catch_unwind)]
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Returns a copy of a channel's weights.
    #[napi(catch_unwind)]
    pub fn weights(&mut self, env: Env, channel: Unknown<'_>) -> napi::Result<Float32Array> {
        let channel = from_js(LMS, channel).or_throw(&env)?;
        self.inner.weights(&channel).within(LMS).or_throw(&env).map(Into::into)
    }

    /// Sets a channel's weights.
    #[napi(catch_unwind)]
    pub fn set_weights(&mut self, env: Env, channel: Unknown<'_>, weights: &[f32]) -> napi::Result<()> {
        let channel = from_js(LMS, channel).or_throw(&env)?;
        self.inner.set_weights(&channel, weights).within(LMS).or_throw(&env)
    }

    /// Sets the learning rate.
    #[napi(catch_unwind)]
    pub fn set_learning_rate(&mut self, env: Env, mu: Unknown<'_>) -> napi::Result<()> {
        let mu = from_js(LMS, mu).or_throw(&env)?;
        self.inner.set_learning_rate(&mu).within(LMS).or_throw(&env)
    }

    /// Returns the learning rate.
    #[napi(catch_unwind)]
    pub fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    /// Returns the number of weights per channel.
    #[napi(catch_unwind)]
    pub fn taps(&self) -> u32 {
        self.inner.taps() as u32
    }
}

/// One band of a filter bank.
#[napi(object)]
pub struct BandCoefficients {
    pub b: Vec<f64>,
    pub a: Vec<f64>,
    pub sos: Option<Vec<Vec<f64>>>,
}

/// Designs the bands for `FilterBankDesign.design`; `design` is the default one.
#[napi(catch_unwind)]
pub fn design_filter_bank(env: Env, options: Unknown<'_>, design: String) -> napi::Result<Vec<BandCoefficients>> {
    let label = "FilterBankDesign.design";
    let options = from_js(label, options).or_throw(&env)?;
    let default = Design::from_value(&Value::String(design), Design::Standard).or_throw(&env)?;
    let bands = options::filter_bank(&options, default).within(label).or_throw(&env)?;
    let rows = |rows: Vec<[f64; 6]>| rows.iter().map(|row| row.to_vec()).collect();
    Ok(bands.into_iter().map(|band| BandCoefficients { b: band.b, a: band.a, sos: band.sos.map(rows) }).collect())
}

/// Returns the edges in Hz for `FilterBankDesign.getBoundaries`.
#[napi(catch_unwind)]
pub fn filter_bank_boundaries(env: Env, options: Unknown<'_>) -> napi::Result<Vec<f64>> {
    let label = "FilterBankDesign.getBoundaries";
    let options = from_js(label, options).or_throw(&env)?;
    options::boundaries(&options).within(label).or_throw(&env)
}
