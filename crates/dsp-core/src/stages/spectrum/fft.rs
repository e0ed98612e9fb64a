//! Fourier transform of whole frames of each channel, without a window function (batch mode), or of a sliding window
//! (moving mode, which is [`Stft`] with a Hann window).
//!
//! `X[k] = Σ_n x[n]·e^(−2πi·kn/N)`; the inverse has the factor 1/N. Batch mode has no state: each call is cut into
//! frames of `size` samples (`2·bins` numbers for the inverse), and an incomplete frame at its end is dropped.

use rustfft::num_complex::Complex;
use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::params::value::Value;
use crate::params::{Parameters, ToValue};
use crate::signal::spectrum::frame::{Bins, FrameTransform, Output, Taper};
use crate::signal::transform::fft::{ComplexFft, ensure_room, half_size};
use crate::stages::common::{LENGTH, Mode};
use crate::stages::spectrum::framed::{FRAME, LastFrame, hop_size, map_frames};
use crate::stages::spectrum::stft::{Method, Spectrum, Stft, StftParams};
use crate::state::archive::Archive;
use crate::text::Texts;

crate::texts! {
    /// Types of the transform, in the order in which saved states number them: each type, then its inverse.
    pub enum TransformType {
        /// All N bins, N a power of two.
        Fft = "fft",
        /// All N bins.
        Dft = "dft",
        /// The floor(N/2) + 1 bins of real samples, N a power of two.
        Rfft = "rfft",
        /// The floor(N/2) + 1 bins of real samples.
        Rdft = "rdft",
    }
}

impl TransformType {
    fn is_real(self) -> bool {
        matches!(self, Self::Rfft | Self::Rdft)
    }

    fn method(self) -> Method {
        if matches!(self, Self::Fft | Self::Rfft) { Method::Fft } else { Method::Dft }
    }
}

crate::params! {
    /// Parameters of `fft`.
    pub struct FftParams {
        /// Samples in a frame; a power of two for `"fft"` and `"rfft"`.
        pub size: usize = LENGTH,
        /// `"batch"`: each call by itself, frame after frame, no window function; `"moving"`: an `stft` with a Hann
        /// window.
        pub mode: Mode = one_of(Mode::TEXTS).or_first().or_blank(),
        /// Samples from frame to frame in moving mode, at most `size`.
        pub hop_size: Option<usize> = integer().at_least(1.0).optional_as("half the size"),
        /// `rfft`, `rdft`: half spectra of floor(N/2) + 1 bins; `fft`, `dft`: all N.
        pub transform: TransformType = one_of(TransformType::TEXTS).listed().or_text("rfft").spelled("type"),
        /// Output for each bin.
        pub output: Output = one_of(Output::TEXTS).listed().or_text("magnitude"),
        /// false: the inverse, from real and imaginary parts one after the other to samples.
        pub forward: bool = flag().or_flag(true),
        /// Handling of a frame that is incomplete at the end of the stream, at `finish()`, in moving mode: it is
        /// dropped, or padded with zeros.
        pub last_frame: LastFrame = one_of(LastFrame::TEXTS).or_first(),
    }
}

impl FftParams {
    /// Returns the parameters of forward transforms of frames of `size` samples, call by call.
    pub const fn batch(size: usize, transform: TransformType, output: Output) -> Self {
        Self { size, mode: Mode::Batch, hop_size: None, transform, output, forward: true, last_frame: LastFrame::Drop }
    }
}

/// The running stage of either mode.
#[derive(Clone)]
pub enum Fft {
    /// Batch mode: frame by frame.
    Batch(Box<Batch>),
    /// Moving mode: a sliding window.
    Moving(Box<Stft>),
}

/// The transform of batch mode.
#[derive(Clone)]
pub struct Batch {
    size: usize,
    kind: TransformType,
    forward: bool,
    output: Output,
    transform: FrameTransform,
    inverse: Option<ComplexFft<f32>>,
}

impl Batch {
    fn new(size: usize, kind: TransformType, forward: bool, output: Output) -> Self {
        let bins = if kind.is_real() { Bins::Half } else { Bins::All };
        Self { size, kind, forward, output, transform: FrameTransform::new(size, bins, output), inverse: None }
    }

    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let n = self.size;
        ensure_room(n)?;
        if self.forward {
            let items = self.transform.items();
            let transform = &mut self.transform;
            return map_frames(block, n, items, |x, out| transform.run(|frame| frame.copy_from_slice(x), out));
        }
        let fill = |x: &[f32], bins: &mut [Complex<f32>]| {
            bins.iter_mut().zip(x.as_chunks::<2>().0).for_each(|(z, [re, im])| *z = Complex::new(*re, *im));
        };
        if self.kind.is_real() {
            let fft = self.transform.fft();
            return map_frames(block, 2 * half_size(n), n, |x, out| {
                out.copy_from_slice(fft.inverse(|bins| fill(x, bins)));
            });
        }
        let fft = self.inverse.get_or_insert_with(|| ComplexFft::new(n));
        map_frames(block, 2 * n, n, |x, out| {
            let samples = fft.inverse(|bins| fill(x, bins));
            out.iter_mut().zip(samples).for_each(|(out, z)| *out = z.re);
        })
    }

    /// Walks the parameters; those of the state, except for the size, replace the stage's.
    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.count("fftSize", self.size)? != self.size {
            return Err(Error::failed("FFT size mismatch during state deserialization"));
        }
        let number = archive.count("type", 2 * self.kind.index() + usize::from(!self.forward))?;
        let forward = archive.flag("forward", self.forward)?;
        let format = archive.count("format", self.output.index())?;
        if !archive.is_loading() {
            return Ok(());
        }
        let (kind, output) = (TransformType::MEMBERS.get(number / 2), Output::MEMBERS.get(format));
        let (Some(kind), Some(output)) = (kind, output) else {
            return Err(Error::failed("FFT type or format is out of range"));
        };
        *self = Self::new(self.size, *kind, forward, *output);
        Ok(())
    }
}

impl Define for Fft {
    type Params = FftParams;
    const TYPES: &'static [&'static str] = &["fft"];
    const METHOD: &'static str = "fft";
    const LABEL: &'static str = "Fft";
    const PARAMS: &'static str = "fftParams";
    const EVENTS: &'static [&'static EventKind] = &[&FRAME];
    const DOC: &'static str = "Fourier transform of whole frames of each channel; changes the length. What does not fill a frame is\n\
        dropped. Moving mode keeps the length and places its frames as `stft` does.";

    fn new(params: &FftParams) -> Result<Self> {
        let FftParams { size, mode, hop_size: given, transform: kind, output, forward, last_frame } = *params;
        let hop = hop_size(given, size);
        if mode == Mode::Moving && hop.is_none() {
            return Err(Error::type_error(match given {
                Some(hop) if hop > size => format!("Fft: hopSize ({hop}) cannot exceed size ({size})"),
                _ => format!("Fft: hopSize must be a positive integer, got {}", given.to_value()),
            }));
        }
        if kind.method() == Method::Fft && !size.is_power_of_two() {
            let name = kind.text();
            return Err(Error::type_error(format!("Fft: type '{name}' requires power-of-2 size, got {size}")));
        }
        if mode == Mode::Batch {
            return Ok(Self::Batch(Box::new(Batch::new(size, kind, forward, output))));
        }
        Stft::new(&StftParams {
            window_size: size,
            hop_size: hop,
            method: Some(kind.method()),
            spectrum: if kind.is_real() { Spectrum::Real } else { Spectrum::Complex },
            output,
            window: Taper::Hann,
            forward,
            last_frame,
        })
        .map(|stft| Self::Moving(Box::new(stft)))
    }

    fn label(&self, params: &FftParams) -> String {
        match self {
            Self::Moving(stft) => stft.description(),
            Self::Batch(_) => {
                let FftParams { size, transform, output, forward, .. } = params;
                let direction = if *forward { "forward" } else { "inverse" };
                format!("fft:{}:{size}:batch:{direction}:{}", transform.text(), output.text())
            }
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Batch(_) => <Self as Define>::TYPES[0],
            Self::Moving(_) => <Stft as Define>::TYPES[0],
        }
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        // The type is loaded with the rest; this one takes any size.
        let size = state.get("fftSize").unwrap_or(&Json::Null).into();
        let params = Value::Object(vec![("size".into(), size), ("type".into(), TransformType::Dft.to_value())]);
        Self::new(&FftParams::read(Self::LABEL, &params)?)
    }

    fn examples() -> Vec<Value> {
        let batch = FftParams::batch;
        let all = [
            batch(8, TransformType::Fft, Output::Complex),
            batch(6, TransformType::Rdft, Output::Power),
            FftParams { forward: false, ..batch(3, TransformType::Dft, Output::Magnitude) },
            FftParams { forward: false, ..batch(4, TransformType::Rfft, Output::Magnitude) },
            FftParams { mode: Mode::Moving, hop_size: Some(3), ..batch(8, TransformType::Rfft, Output::Phase) },
            FftParams { mode: Mode::Moving, last_frame: LastFrame::Pad, ..batch(4, TransformType::Dft, Output::Power) },
        ];
        all.iter().map(Parameters::to_value).collect()
    }

    fn traits(params: &FftParams) -> Traits {
        let is_moving = params.mode == Mode::Moving;
        Traits { independent: !is_moving, events: is_moving, ..Traits::BATCH }
    }
}

impl Stage for Fft {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        match self {
            Self::Batch(batch) => batch.process(block),
            Self::Moving(stft) => stft.process(block),
        }
    }

    fn reset(&mut self) {
        if let Self::Moving(stft) = self {
            stft.reset();
        }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        match self {
            Self::Batch(batch) => batch.state(archive),
            Self::Moving(stft) => stft.state(archive),
        }
    }

    fn tail(&self, frames: u64) -> usize {
        match self {
            Self::Moving(stft) => stft.tail(frames),
            Self::Batch(_) => 0,
        }
    }

    fn channels(&self) -> usize {
        match self {
            Self::Moving(stft) => Stage::channels(&**stft),
            Self::Batch(_) => 0,
        }
    }

    fn cost_hint(&self) -> f64 {
        match self {
            Self::Moving(stft) => stft.cost_hint(),
            Self::Batch(batch) => 1.0 + (batch.size as f64).log2() / 4.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    fn fft(json: Json) -> Fft {
        make(&json)
    }

    #[test]
    fn whole_frames_are_transformed_and_the_rest_dropped() {
        let mut stage = fft(json!({ "size": 4 }));
        assert_eq!(run(&mut stage, &[1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, -1.0, 5.0], 1), [4.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        assert_eq!(run(&mut stage, &[1.0, 2.0], 1), [0.0; 0]);
    }

    #[test]
    fn forward_and_inverse_give_the_samples_back() {
        let input: Vec<f32> = (0..48).map(|i| ((i * 7) % 13) as f32).collect();
        for (kind, size) in [("rfft", 8), ("fft", 4), ("rdft", 6), ("dft", 3), ("rdft", 3)] {
            let mut there = fft(json!({ "size": size, "type": kind, "output": "complex" }));
            let mut back = fft(json!({ "size": size, "type": kind, "forward": false }));
            let spectrum = run(&mut there, &input, 2);
            let out = run(&mut back, &spectrum, 2);
            assert!(out.len() == 48 && out.iter().zip(&input).all(|(a, b)| (a - b).abs() < 1e-5), "{kind} {size}");
        }
    }

    #[test]
    fn moving_mode_is_an_stft() {
        let params = json!({ "size": 8, "mode": "moving", "type": "dft" });
        let mut stage = fft(params.clone());
        let params = FftParams::read("Fft", &Value::from(&params)).unwrap();
        assert_eq!(stage.type_name(), "stft");
        assert_eq!(stage.label(&params), "stft:dft:win8:hop4(50%):hann:forward:magnitude");
        assert_eq!(stage.save().unwrap()["type"], "complex");
    }

    #[test]
    fn parameters_are_checked_in_order() {
        for (bad, message) in [
            (json!({ "size": 0, "mode": 1 }), "Fft: size must be a positive integer"),
            (json!({ "size": 8, "mode": "x", "type": 1 }), "mode must be 'batch' or 'moving'"),
            (json!({ "size": 1, "mode": "moving" }), "hopSize must be a positive integer"),
            (json!({ "size": 8, "mode": "moving", "hopSize": 9 }), "hopSize (9) cannot exceed size (8)"),
            (json!({ "size": 9, "type": "x" }), "type must be one of fft, dft, rfft, rdft"),
            (json!({ "size": 9, "output": "x" }), "output must be one of complex, magnitude, power, phase"),
            (json!({ "size": 9 }), "requires power-of-2 size"),
        ] {
            let Err(error) = try_make::<Fft>(&bad) else { panic!("no error, expected {message}") };
            assert!(matches!(error, Error::Type(_)) && error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_state_replaces_type_direction_and_output() {
        let mut stage = fft(json!({ "size": 4 }));
        stage.load(&json!({ "fftSize": 4, "type": 0, "forward": true, "format": 0 })).unwrap();
        assert_eq!(run(&mut stage, &[1.0, 0.0, 0.0, 0.0], 1), [1.0, 0.0].repeat(4));
        assert!(stage.load(&json!({ "fftSize": 4, "type": 8, "forward": true, "format": 0 })).is_err());
        assert!(stage.load(&json!({ "fftSize": 4, "type": 0, "forward": true, "format": 4 })).is_err());
    }
}
