//! Fourier transforms into arrays of JavaScript, and functions of whole signals by name.

use dsp_core::Value;
use dsp_core::dynamic::functions;
use dsp_core::signal::spectrum::frame::WindowedDft;
use dsp_core::signal::transform::fft;
use dsp_core::signal::transform::fft::Dft;
use napi::bindgen_prelude::{AsyncTask, Float32Array, Float32ArraySlice, Unknown};
use napi::{Env, Task};
use napi_derive::napi;

use crate::error::{OrThrow, Within, guarded};
use crate::value::{ToJs, all_from_js, samples_of};

/// Returns the length of the longest transform.
#[napi(catch_unwind)]
pub fn max_fft_size() -> u32 {
    fft::MAX_SIZE as u32
}

/// Transforms of one length. Arrays have the lengths that belong to it.
///
/// Taking an array from JavaScript costs some 100 ns, which is as much as a short transform takes. So there can be
/// three arrays that stay: JavaScript copies into them and out of them, and the call itself has no arguments.
#[napi]
pub struct NativeFft {
    dft: Dft<f32>,
    scratch: Option<Scratch>,
}

/// Arrays of the JavaScript side that no one else knows, so that they are never detached.
struct Scratch {
    samples: Float32Array,
    re: Float32Array,
    im: Float32Array,
}

impl Scratch {
    fn arrays(&mut self) -> [&mut [f32]; 3] {
        // SAFETY: the arrays are private to lib/signal/spectrum/fft-processor.js, are kept alive by the references
        // here, and JavaScript does not run until the call returns.
        unsafe { [self.samples.as_mut(), self.re.as_mut(), self.im.as_mut()] }
    }
}

#[napi]
impl NativeFft {
    /// Makes the transforms of `size` points.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, size: u32) -> napi::Result<Self> {
        fft::ensure_room(size as usize).within("FftProcessor").or_throw(&env)?;
        Ok(Self { dft: Dft::new(size as usize), scratch: None })
    }

    /// Sets the permanent arrays: samples, and real and imaginary parts of a half spectrum.
    #[napi(catch_unwind)]
    pub fn set_shared(&mut self, samples: Float32Array, re: Float32Array, im: Float32Array) {
        self.scratch = Some(Scratch { samples, re, im });
    }

    /// Transforms the permanent samples into their half spectrum.
    #[napi(catch_unwind)]
    pub fn rfft_shared(&mut self) {
        if let Some(scratch) = &mut self.scratch {
            let [x, re, im] = scratch.arrays();
            self.dft.real().forward_split(x, re, im);
        }
    }

    /// Transforms the permanent half spectrum into its samples.
    #[napi(catch_unwind)]
    pub fn irfft_shared(&mut self) {
        if let Some(scratch) = &mut self.scratch {
            let [x, re, im] = scratch.arrays();
            self.dft.real().inverse_split(re, im, x);
        }
    }

    /// Transforms real samples into a half spectrum.
    #[napi(catch_unwind)]
    pub fn rfft(&mut self, x: &[f32], mut re: Float32ArraySlice<'_>, mut im: Float32ArraySlice<'_>) {
        self.dft.real().forward_split(x, samples_of(&mut re), samples_of(&mut im));
    }

    /// Transforms a half spectrum into real samples.
    #[napi(catch_unwind)]
    pub fn irfft(&mut self, re: &[f32], im: &[f32], mut x: Float32ArraySlice<'_>) {
        self.dft.real().inverse_split(re, im, samples_of(&mut x));
    }

    /// Transforms complex samples into a spectrum.
    #[napi(catch_unwind)]
    pub fn dft(&mut self, a: &[f32], b: &[f32], mut re: Float32ArraySlice<'_>, mut im: Float32ArraySlice<'_>) {
        self.dft.forward((a, b), samples_of(&mut re), samples_of(&mut im));
    }

    /// Transforms a spectrum into complex samples.
    #[napi(catch_unwind)]
    pub fn idft(&mut self, a: &[f32], b: &[f32], mut re: Float32ArraySlice<'_>, mut im: Float32ArraySlice<'_>) {
        self.dft.inverse((a, b), samples_of(&mut re), samples_of(&mut im));
    }
}

/// Spectra of frames with a window.
#[napi]
pub struct NativeFrames {
    frames: WindowedDft,
}

#[napi]
impl NativeFrames {
    /// Makes a transform of frames of `size` samples.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, size: u32) -> napi::Result<Self> {
        fft::ensure_room(size as usize).within("MovingFftProcessor").or_throw(&env)?;
        Ok(Self { frames: WindowedDft::new(size as usize) })
    }

    /// Sets the window; returns false if there is none of that name.
    #[napi(catch_unwind)]
    pub fn set_window(&mut self, name: String) -> bool {
        self.frames.set_window(&name)
    }

    /// Computes the spectrum of a frame, as many bins as there is room for: half of them, or all.
    #[napi(catch_unwind)]
    pub fn run(
        &mut self,
        env: Env,
        x: &[f32],
        mut re: Float32ArraySlice<'_>,
        mut im: Float32ArraySlice<'_>,
    ) -> napi::Result<()> {
        self.frames.run(x, samples_of(&mut re), samples_of(&mut im)).within("MovingFftProcessor").or_throw(&env)
    }
}

/// Computes the magnitudes of bins.
#[napi(catch_unwind)]
pub fn magnitude(re: &[f32], im: &[f32], mut out: Float32ArraySlice<'_>) {
    fft::magnitude(re, im, samples_of(&mut out));
}

/// Computes the powers of bins.
#[napi(catch_unwind)]
pub fn power(re: &[f32], im: &[f32], mut out: Float32ArraySlice<'_>) {
    fft::power(re, im, samples_of(&mut out));
}

/// Computes the phases of bins in radians.
#[napi(catch_unwind)]
pub fn phase(re: &[f32], im: &[f32], mut out: Float32ArraySlice<'_>) {
    fft::phase(re, im, samples_of(&mut out));
}

fn arguments(env: &Env, name: &str, values: Vec<Unknown<'_>>) -> napi::Result<Vec<Value>> {
    all_from_js(functions::exported_name(name), values).or_throw(env)
}

/// Calls the function `name` of the core.
#[napi(catch_unwind)]
pub fn call_function(env: Env, name: String, values: Vec<Unknown<'_>>) -> napi::Result<ToJs> {
    functions::call(&name, &arguments(&env, &name, values)?).map(ToJs).or_throw(&env)
}

/// Runs [`call_function`] on a worker thread.
#[napi(catch_unwind)]
pub fn call_function_async(env: Env, name: String, values: Vec<Unknown<'_>>) -> napi::Result<AsyncTask<Call>> {
    Ok(AsyncTask::new(Call { arguments: arguments(&env, &name, values)?, name }))
}

/// A call under way.
pub struct Call {
    name: String,
    arguments: Vec<Value>,
}

impl Task for Call {
    type Output = dsp_core::Result<Value>;
    type JsValue = ToJs;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(guarded(|| functions::call(&self.name, &self.arguments)))
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<ToJs> {
        output.map(ToJs).or_throw(&env)
    }
}
