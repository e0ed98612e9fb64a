//! Short-time Fourier transform: spectra of the last `windowSize` samples of each channel, every `hopSize` samples.
//!
//! A frame is the sliding window, oldest sample first, times the window function (symmetric, not normalised). The length of the
//! data does not change: the frames that end in a call are written one after the other from its beginning, in the order in which
//! they end, channel after channel; what does not fit is lost, and the rest is zero. Frames end at samples windowSize,
//! windowSize + hopSize, … of a channel, however the input is cut.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::framed::{Channels, flag, length, one_of};
use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::spectrum::windowed;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::frame::{Bins, FrameTransform, Output, WINDOWS, taper};
use crate::value::Params;

/// See the module's documentation.
#[derive(Clone)]
pub struct Stft {
    size: usize,
    hop: usize,
    method: &'static str,
    kind: &'static str,
    forward: bool,
    output: Output,
    window: &'static str,
    /// The window's samples; made when the first frame is due, and shared by copies of the stage.
    taper: Option<Arc<[f32]>>,
    transform: FrameTransform,
    channels: Channels,
    frame: Vec<f32>,
    written: Vec<f32>,
}

/// What makes a stage.
pub(super) struct Settings {
    pub size: usize,
    pub hop: usize,
    pub method: &'static str,
    pub kind: &'static str,
    pub forward: bool,
    pub output: Output,
    pub window: &'static str,
}

impl Stft {
    pub(super) fn with(s: Settings) -> Self {
        let bins = match (s.kind, s.forward) {
            ("real", _) => Bins::Half,
            (_, true) => Bins::All,
            (_, false) => Bins::Inverse,
        };
        Self {
            size: s.size,
            hop: s.hop,
            method: s.method,
            kind: s.kind,
            forward: s.forward,
            output: s.output,
            window: s.window,
            taper: None,
            transform: FrameTransform::new(s.size, bins, s.output),
            channels: Channels::new(s.size),
            frame: vec![],
            written: vec![],
        }
    }

    /// Frames of a call, one after the other, in `self.written`.
    fn transform(&mut self, block: &mut Block<'_>) {
        let total = block.channels() * block.frames();
        let taper = self.taper.get_or_insert_with(|| taper(self.window, self.size));
        let items = self.transform.items();
        self.frame.resize(items, 0.0);
        self.written.clear();
        let (mut planes, mut at) = (block.planes(), 0);
        while at < planes.frames() {
            let due = self.channels.all.iter().map(|c| c.until_due(self.hop)).min().unwrap_or(usize::MAX);
            let end = at.saturating_add(due).min(planes.frames());
            for (c, channel) in self.channels.all.iter_mut().enumerate() {
                let (_, complete) = channel.take(&planes.channel(c)[at..end], self.hop);
                if complete && self.written.len() < total {
                    self.transform.run(|x| windowed(channel.window.samples(), taper, x), &mut self.frame);
                    self.written.extend_from_slice(&self.frame[..items.min(total - self.written.len())]);
                }
            }
            at = end;
        }
    }
}

impl Define for Stft {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["stft"];
    const METHOD: &'static str = "stft";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `stft`. */
export interface stftParams {
  /** Samples in a frame: an integer ≥ 1. */
  windowSize: number;
  /** Samples from frame to frame, 1…windowSize. Default: half the window. */
  hopSize?: number;
  /** `"fft"` wants a power of two. Both give the same numbers. Default: whichever fits the window. */
  method?: "fft" | "dft";
  /** `"real"`: half spectra of floor(N/2)+1 bins (default); `"complex"`: all N bins. */
  type?: "real" | "complex";
  /** false, with `"complex"`: the inverse transform. Default true. */
  forward?: boolean;
  /** What is told of each bin. `"complex"` puts real and imaginary part one after the other. Default `"magnitude"`. */
  output?: "complex" | "magnitude" | "power" | "phase";
  /** Window function, symmetric and not normalised. Default `"hann"`. */
  window?: "none" | "hann" | "hamming" | "blackman" | "bartlett";
}
method {
  /**
   * Short-time Fourier transform of a sliding window. The length of the data stays: frames that end in a call stand one after
   * the other at its beginning, frames of different channels not interleaved; the rest is 0.
   * @throws TypeError for parameters outside their ranges
   */
  stft(params: stftParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let size = length(p, "Stft", "windowSize")?;
        let hop = p.get("hopSize");
        let hop = if hop.is_undefined() { Some(size / 2) } else { hop.as_positive_integer() };
        let hop = hop.filter(|hop| (1..=size).contains(hop)).ok_or_else(|| {
            let given = p.get("hopSize");
            Error::type_error(format!("Stft: hopSize must be a positive integer <= windowSize, got {given}"))
        })?;
        let own = if size.is_power_of_two() { "fft" } else { "dft" };
        let method = one_of(p, "Stft", "method", &["fft", "dft"], own)?;
        let kind = one_of(p, "Stft", "type", &["real", "complex"], "real")?;
        let output = one_of(p, "Stft", "output", &Output::NAMES, "magnitude")?;
        let window = one_of(p, "Stft", "window", &WINDOWS, "hann")?;
        let forward = flag(p, "Stft", "forward", true)?;
        if method == "fft" && !size.is_power_of_two() {
            return Err(Error::type_error(format!("Stft: FFT method requires power-of-2 windowSize, got {size}")));
        }
        let output = Output::of(output).expect("one of the names");
        Ok(Self::with(Settings { size, hop, method, kind, forward, output, window }))
    }

    fn label(&self, _: &Params) -> String {
        let overlap = ((self.size - self.hop) as f64 / self.size as f64 * 100.0).round();
        let direction = if self.forward { "forward" } else { "inverse" };
        let (size, hop, output) = (self.size, self.hop, self.output.name());
        format!("stft:{}:win{size}:hop{hop}({overlap}%):{}:{direction}:{output}", self.method, self.window)
    }
}

impl Stage for Stft {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.channels.expect(block.channels());
        if block.is_empty() {
            return Ok(());
        }
        self.transform(block);
        let target = block.interleaved();
        let (frames, rest) = target.split_at_mut(self.written.len());
        frames.copy_from_slice(&self.written);
        rest.fill(0.0);
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.reset();
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "windowSize": self.size,
            "hopSize": self.hop,
            "method": self.method,
            "type": self.kind,
            "forward": self.forward,
            "output": self.output.name(),
            "window": self.window,
        });
        self.channels.save(&mut state);
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if (json::count(state, "windowSize")?, json::count(state, "hopSize")?) != (self.size, self.hop) {
            return Err(Error::failed("Window/hop size mismatch during deserialization"));
        }
        self.channels.load(state)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.size)?;
        out.int(self.hop)?;
        out.str(self.method);
        out.str(self.kind);
        out.bool(self.forward);
        out.str(self.output.name());
        out.str(self.window);
        self.channels.save_toon(out)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        if (input.count()?, input.count()?) != (self.size, self.hop) {
            return Err(Error::failed("STFT TOON: window/hop size mismatch"));
        }
        input.str()?;
        input.str()?;
        input.bool()?;
        input.str()?;
        input.str()?;
        self.channels.load_toon(input)
    }

    fn cost_hint(&self) -> f64 {
        self.size as f64 / self.hop as f64 * (self.size as f64).log2().max(1.0) / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    fn stft(json: Json) -> Result<Stft> {
        Stft::new(&params(json))
    }

    #[test]
    fn frames_slide_over_calls_of_any_size() {
        let input: Vec<f32> = (0..41).map(|i| ((i * i) % 23) as f32 - 11.0).collect();
        let parameters = json!({ "windowSize": 8, "hopSize": 3, "window": "hamming" });
        // Each frame by itself, through a stage that sees nothing but its window.
        let frame = |end: usize| {
            let mut alone = stft(json!({ "windowSize": 8, "hopSize": 8, "window": "hamming" })).unwrap();
            run(&mut alone, &input[end - 8..end], 1)[..5].to_vec()
        };
        let want: Vec<Vec<f32>> = (8..=41).step_by(3).map(frame).collect();
        for chunk in [1, 5, 7, 8, 41] {
            let (mut stage, mut frames, mut at) = (stft(parameters.clone()).unwrap(), 0, 0);
            for piece in input.chunks(chunk) {
                let out = run(&mut stage, piece, 1);
                at += piece.len();
                let due = (8..=at).step_by(3).count() - frames;
                for k in 0..due {
                    let (from, to) = ((5 * k).min(out.len()), (5 * k + 5).min(out.len()));
                    assert_eq!(out[from..to], want[frames + k][..to - from], "chunks of {chunk}");
                }
                assert!(out[(5 * due).min(out.len())..].iter().all(|x| *x == 0.0));
                frames += due;
            }
            assert_eq!(frames, want.len());
        }
    }

    #[test]
    fn frames_of_channels_are_not_interleaved() {
        let mut stage = stft(json!({ "windowSize": 2, "hopSize": 2, "window": "none" })).unwrap();
        assert_eq!(run(&mut stage, &[1.0, 10.0, 2.0, 20.0], 2), [3.0, 1.0, 30.0, 10.0]);
    }

    #[test]
    fn parameters_are_checked_in_order() {
        for (bad, message) in [
            (json!({}), "Stft: windowSize must be a positive integer, got undefined"),
            (json!({ "windowSize": 1e9 }), "Stft: windowSize must be a positive integer up to 67108864"),
            (json!({ "windowSize": 1 }), "Stft: hopSize must be a positive integer <= windowSize"),
            (json!({ "windowSize": 8, "hopSize": 9 }), "hopSize must be a positive integer <= windowSize, got 9"),
            (json!({ "windowSize": 9, "method": "fft" }), "FFT method requires power-of-2 windowSize"),
            (json!({ "windowSize": 8, "window": "x" }), "must be one of none, hann, hamming, blackman, bartlett, got 'x'"),
            (json!({ "windowSize": 8, "output": 5 }), "output must be one of complex, magnitude, power, phase, got '5'"),
        ] {
            let Err(error) = stft(bad) else { panic!("no error, expected {message}") };
            assert!(matches!(error, Error::Type(_)) && error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn a_buffer_that_is_longer_than_the_window_is_refused() {
        let mut stage = stft(json!({ "windowSize": 2, "hopSize": 1 })).unwrap();
        let mut state = stage.save().unwrap();
        state["channels"] = json!([{ "buffer": [1, 2, 3], "samplesSinceOutput": 0 }]);
        assert!(stage.load(&state).is_err());
    }
}
