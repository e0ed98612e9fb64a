//! Fourier transform of whole frames of each channel, without a window function (batch mode), or of a sliding window (moving
//! mode, which is [`Stft`] with a Hann window).
//!
//! Batch mode keeps nothing: each call is cut into frames of `size` samples (`2·bins` numbers for the inverse), and what does not
//! fill a frame is dropped.

use rustfft::num_complex::Complex;
use serde_json::{Value as Json, json};

use super::framed::{flag, length, map_frames, one_of};
use super::stft::{Settings, Stft};
use crate::block::Block;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::fft::{ComplexFft, half_size};
use crate::transform::frame::{Bins, FrameTransform, Output};
use crate::value::Params;

/// Types of the transform, in the order in which saved states number them: each, and its inverse.
const TYPES: [&str; 4] = ["fft", "dft", "rfft", "rdft"];

/// See the module's documentation.
#[derive(Clone)]
pub enum Fft {
    /// Frame by frame.
    Batch(Box<Batch>),
    /// Sliding.
    Moving(Box<Stft>),
}

/// The transform of batch mode.
#[derive(Clone)]
pub struct Batch {
    size: usize,
    /// Index into [`TYPES`].
    kind: usize,
    forward: bool,
    output: Output,
    transform: FrameTransform,
    inverse: Option<ComplexFft<f32>>,
}

impl Batch {
    fn new(size: usize, kind: usize, forward: bool, output: Output) -> Self {
        let bins = if kind >= 2 { Bins::Half } else { Bins::All };
        Self { size, kind, forward, output, transform: FrameTransform::new(size, bins, output), inverse: None }
    }

    /// A transform of the same size as numbered in a saved state.
    fn numbered(&self, kind: usize, forward: bool, format: usize) -> Result<Self> {
        let output = Output::ALL.get(format).filter(|_| kind < 2 * TYPES.len());
        let output = output.ok_or_else(|| Error::failed("FFT type or format is out of range"))?;
        Ok(Self::new(self.size, kind / 2, forward, *output))
    }

    fn number(&self) -> usize {
        2 * self.kind + usize::from(!self.forward)
    }

    fn is_real(&self) -> bool {
        self.kind >= 2
    }

    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let n = self.size;
        if self.forward {
            let items = self.transform.items();
            let transform = &mut self.transform;
            return map_frames(block, n, items, |x, out| transform.run(|frame| frame.copy_from_slice(x), out));
        }
        let fill = |x: &[f32], bins: &mut [Complex<f32>]| {
            bins.iter_mut().zip(x.as_chunks::<2>().0).for_each(|(z, [re, im])| *z = Complex::new(*re, *im));
        };
        if self.is_real() {
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
}

impl Define for Fft {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["fft"];
    const METHOD: &'static str = "fft";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `fft`. */
export interface fftParams {
  /** Samples in a frame: an integer ≥ 1; a power of two for `"fft"` and `"rfft"`. */
  size: number;
  /** `"batch"` (default): each call by itself, frame after frame, no window function; `"moving"`: an `stft` with a Hann window. */
  mode?: "batch" | "moving";
  /** Samples from frame to frame in moving mode, 1…size. Default: half the size. */
  hopSize?: number;
  /** `rfft`, `rdft`: half spectra of floor(N/2)+1 bins; `fft`, `dft`: all N. Default `"rfft"`. */
  type?: "fft" | "dft" | "rfft" | "rdft";
  /** false: the inverse, from real and imaginary parts one after the other to samples. Default true. */
  forward?: boolean;
  /** What is told of each bin. Default `"magnitude"`. */
  output?: "complex" | "magnitude" | "power" | "phase";
}
method {
  /**
   * Fourier transform of whole frames of each channel; changes the length.
   * @throws TypeError for parameters outside their ranges
   */
  fft(params: fftParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let size = length(p, "Fft", "size")?;
        let mode = match p.get("mode").as_str() {
            _ if p.get("mode").is_undefined() => "batch",
            Some("" | "batch") => "batch",
            Some("moving") => "moving",
            _ => return Err(Error::type_error(format!("Fft: mode must be 'batch' or 'moving', got '{}'", p.get("mode")))),
        };
        let hop = if mode == "moving" { moving_hop(p, size)? } else { size };
        let name = one_of(p, "Fft", "type", &TYPES, "rfft")?;
        let output = one_of(p, "Fft", "output", &Output::NAMES, "magnitude")?;
        if !name.starts_with('d') && name != "rdft" && !size.is_power_of_two() {
            return Err(Error::type_error(format!("Fft: type '{name}' requires power-of-2 size, got {size}")));
        }
        let forward = flag(p, "Fft", "forward", true)?;
        let output = Output::of(output).expect("one of the names");
        let kind = TYPES.iter().position(|t| *t == name).expect("one of the names");
        if mode == "batch" {
            return Ok(Self::Batch(Box::new(Batch::new(size, kind, forward, output))));
        }
        let method = if name.ends_with("fft") { "fft" } else { "dft" };
        let kind = if kind >= 2 { "real" } else { "complex" };
        let stft = Stft::with(Settings { size, hop, method, kind, forward, output, window: "hann" });
        Ok(Self::Moving(Box::new(stft)))
    }

    fn label(&self, params: &Params) -> String {
        match self {
            Self::Moving(stft) => stft.label(params),
            Self::Batch(b) => {
                let direction = if b.forward { "forward" } else { "inverse" };
                format!("fft:{}:{}:batch:{direction}:{}", TYPES[b.kind], b.size, b.output.name())
            }
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Batch(_) => <Self as Define>::TYPES[0],
            Self::Moving(_) => <Stft as Define>::TYPES[0],
        }
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let size = Params::new(crate::Value::Object(vec![("size".into(), state.get("fftSize").unwrap_or(&Json::Null).into())]));
        let size = length(&size, "Fft", "size")?;
        Ok(Self::Batch(Box::new(Batch::new(size, 0, true, Output::Magnitude))))
    }
}

/// The hop of moving mode: half the size unless given.
fn moving_hop(p: &Params, size: usize) -> Result<usize> {
    let given = p.get("hopSize");
    let hop = if given.is_undefined() { Some(size / 2) } else { given.as_positive_integer() };
    match hop {
        Some(hop) if hop > size => Err(Error::type_error(format!("Fft: hopSize ({hop}) cannot exceed size ({size})"))),
        Some(hop) if hop > 0 => Ok(hop),
        _ => Err(Error::type_error(format!("Fft: hopSize must be a positive integer, got {given}"))),
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

    fn save(&mut self) -> Result<Json> {
        match self {
            Self::Moving(stft) => stft.save(),
            Self::Batch(b) => Ok(json!({
                "fftSize": b.size, "type": b.number(), "forward": b.forward, "format": b.output as usize,
            })),
        }
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        match self {
            Self::Moving(stft) => stft.load(state),
            Self::Batch(batch) => {
                if json::count(state, "fftSize")? != batch.size {
                    return Err(Error::failed("FFT size mismatch during state deserialization"));
                }
                let (kind, format) = (json::count(state, "type")?, json::count(state, "format")?);
                **batch = batch.numbered(kind, json::boolean(state, "forward")?, format)?;
                Ok(())
            }
        }
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        match self {
            Self::Moving(stft) => stft.save_toon(out),
            Self::Batch(batch) => {
                out.int(batch.size)?;
                out.int(batch.number())?;
                out.bool(batch.forward);
                out.int(batch.output as usize)
            }
        }
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        match self {
            Self::Moving(stft) => stft.load_toon(input),
            Self::Batch(batch) => {
                if input.count()? != batch.size {
                    return Err(Error::failed("FFT size mismatch during TOON deserialization"));
                }
                let (kind, forward) = (input.count()?, input.bool()?);
                **batch = batch.numbered(kind, forward, input.count()?)?;
                Ok(())
            }
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
    use crate::stages::testing::{params, run};

    fn fft(json: Json) -> Fft {
        Fft::new(&params(json)).unwrap()
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
        let mut stage = fft(json!({ "size": 8, "mode": "moving", "type": "dft" }));
        assert_eq!(stage.type_name(), "stft");
        assert_eq!(stage.label(&params(json!({}))), "stft:dft:win8:hop4(50%):hann:forward:magnitude");
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
            let Err(error) = Fft::new(&params(bad)) else { panic!("no error, expected {message}") };
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
