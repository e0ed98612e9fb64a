//! Short-time Fourier transform: spectra of the last `windowSize` samples of each channel, every `hopSize` samples.
//!
//! A frame is the sliding window, oldest sample first, times the window function (symmetric, not normalised). The
//! length of the data does not change: the frames that end in a call are written one after the other from its
//! beginning, in the order in which they end, channel after channel; spectra that do not fit are lost, and the rest is
//! zero. Frames end at samples windowSize, windowSize + hopSize, … of a channel, however the input is cut. Events carry
//! whole frames, each at its last sample.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::spectrum::windowed;
use crate::params::value::Value;
use crate::params::{Parameters, ToValue};
use crate::signal::spectrum::frame::{Bins, FrameTransform, Output, Taper};
use crate::signal::transform::fft::ensure_room;
use crate::stages::common::LENGTH;
use crate::stages::spectrum::framed::{Channels, FRAME, LastFrame, hop_size, walk_last_frame};
use crate::state::archive::Archive;
use crate::text::Texts;

crate::texts! {
    /// The allowed window lengths; both methods give the same numbers.
    pub enum Method {
        /// Powers of two.
        Fft = "fft",
        /// Any length.
        Dft = "dft",
    }
}

crate::texts! {
    /// The bins that are output.
    pub enum Spectrum {
        /// The floor(N/2) + 1 bins that real samples have.
        Real = "real",
        /// All N bins.
        Complex = "complex",
    }
}

crate::params! {
    /// Parameters of `stft`.
    pub struct StftParams {
        /// Samples in a frame.
        pub window_size: usize = LENGTH,
        /// Samples from frame to frame, at most `windowSize`.
        pub hop_size: Option<usize> =
            integer().at_least(1.0).rule("a positive integer <= windowSize").optional_as("half the window"),
        /// `"fft"` wants a power of two. Both give the same numbers.
        pub method: Option<Method> = one_of(Method::TEXTS).listed().optional_as("whichever fits the window"),
        /// `"real"`: half spectra of floor(N/2) + 1 bins; `"complex"`: all N bins.
        pub spectrum: Spectrum = one_of(Spectrum::TEXTS).listed().or_first().spelled("type"),
        /// Output for each bin. `"complex"` gives real and imaginary part one after the other.
        pub output: Output = one_of(Output::TEXTS).listed().or_text("magnitude"),
        /// Window function, symmetric and not normalised.
        pub window: Taper = one_of(Taper::TEXTS).listed().or_text("hann"),
        /// false, with `"complex"`: the inverse transform.
        pub forward: bool = flag().or_flag(true),
        /// Handling of a frame that is incomplete at the end of the stream, at `finish()`: it is dropped, or padded
        /// with zeros.
        pub last_frame: LastFrame = one_of(LastFrame::TEXTS).or_first(),
    }
}

impl StftParams {
    /// Returns the parameters for magnitudes of half spectra of `window_size` samples with a Hann window, every
    /// `window_size / 2` samples.
    pub const fn magnitudes(window_size: usize) -> Self {
        Self {
            window_size,
            hop_size: None,
            method: None,
            spectrum: Spectrum::Real,
            output: Output::Magnitude,
            window: Taper::Hann,
            forward: true,
            last_frame: LastFrame::Drop,
        }
    }
}

/// Windows of every channel, and the transform that they share.
#[derive(Clone)]
pub struct Stft {
    settings: Settings,
    /// Samples of the window function; computed when the first frame is due, and shared by copies of the stage.
    taper: Option<Arc<[f32]>>,
    transform: FrameTransform,
    channels: Channels,
    frame: Vec<f32>,
    written: Vec<f32>,
}

/// The parameters with their defaults filled in.
#[derive(Debug, Clone, Copy)]
struct Settings {
    size: usize,
    hop: usize,
    method: Method,
    spectrum: Spectrum,
    output: Output,
    window: Taper,
    forward: bool,
    last_frame: LastFrame,
}

impl Stft {
    /// Writes the frames of a call, one after the other, to `self.written`.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory for the window and the transform.
    fn transform(&mut self, block: &mut Block<'_>) -> Result<()> {
        let settings = self.settings;
        let total = block.channels() * block.frames();
        let taper = if let Some(taper) = &self.taper {
            taper
        } else {
            ensure_room(settings.size)?;
            self.taper.insert(settings.window.samples(settings.size)?)
        };
        let items = self.transform.items();
        self.frame.resize(items, 0.0);
        self.written.clear();
        let ((mut planes, times, mut events), mut at) = (block.planes_and_events(), 0);
        while at < planes.frames() {
            let due = self.channels.all.iter().map(|c| c.until_due(settings.hop)).min().unwrap_or(usize::MAX);
            let end = at.saturating_add(due).min(planes.frames());
            for (c, channel) in self.channels.all.iter_mut().enumerate() {
                let (_, complete) = channel.take(&planes.channel(c)[at..end], settings.hop);
                let room = total - self.written.len();
                if !complete || room == 0 && events.is_none() {
                    continue;
                }
                self.transform.run(|x| windowed(channel.window.samples(), taper, x), &mut self.frame);
                self.written.extend_from_slice(&self.frame[..items.min(room)]);
                if let Some(events) = &mut events {
                    events.emit_data(times, &FRAME, c, end as i64 - 1, end - 1, &[], &self.frame[..items]);
                }
            }
            at = end;
        }
        Ok(())
    }

    /// Returns the label for taps and callbacks.
    pub(super) fn description(&self) -> String {
        let Settings { size, hop, method, window, output, forward, .. } = self.settings;
        let overlap = ((size - hop) as f64 / size as f64 * 100.0).round();
        let direction = if forward { "forward" } else { "inverse" };
        let (method, window, output) = (method.text(), window.text(), output.text());
        format!("stft:{method}:win{size}:hop{hop}({overlap}%):{window}:{direction}:{output}")
    }
}

impl Define for Stft {
    type Params = StftParams;
    const TYPES: &'static [&'static str] = &["stft"];
    const METHOD: &'static str = "stft";
    const LABEL: &'static str = "Stft";
    const PARAMS: &'static str = "stftParams";
    const EVENTS: &'static [&'static EventKind] = &[&FRAME];
    const DOC: &'static str = "Short-time Fourier transform of a sliding window. The length of the data stays: frames that end in a\n\
        call stand one after the other at its beginning, frames of different channels not interleaved; the\n\
        rest is 0.";

    fn new(params: &StftParams) -> Result<Self> {
        let StftParams { window_size: size, hop_size: given, method, spectrum, output, window, forward, last_frame } =
            *params;
        let hop = hop_size(given, size).ok_or_else(|| {
            let given = given.to_value();
            Error::type_error(format!("Stft: hopSize must be a positive integer <= windowSize, got {given}"))
        })?;
        let method = method.unwrap_or(if size.is_power_of_two() { Method::Fft } else { Method::Dft });
        if method == Method::Fft && !size.is_power_of_two() {
            return Err(Error::type_error(format!("Stft: FFT method requires power-of-2 windowSize, got {size}")));
        }
        let bins = match (spectrum, forward) {
            (Spectrum::Real, _) => Bins::Half,
            (Spectrum::Complex, true) => Bins::All,
            (Spectrum::Complex, false) => Bins::Inverse,
        };
        Ok(Self {
            settings: Settings { size, hop, method, spectrum, output, window, forward, last_frame },
            taper: None,
            transform: FrameTransform::new(size, bins, output),
            channels: Channels::new(size),
            frame: vec![],
            written: vec![],
        })
    }

    fn label(&self, _: &StftParams) -> String {
        self.description()
    }

    fn examples() -> Vec<Value> {
        let default = StftParams::magnitudes;
        let all = [
            StftParams { hop_size: Some(3), ..default(8) },
            StftParams { spectrum: Spectrum::Complex, output: Output::Complex, window: Taper::Hamming, ..default(12) },
            StftParams { spectrum: Spectrum::Complex, output: Output::Phase, forward: false, ..default(5) },
            StftParams { hop_size: Some(5), last_frame: LastFrame::Pad, ..default(8) },
        ];
        all.iter().map(Parameters::to_value).collect()
    }

    fn traits(_: &StftParams) -> Traits {
        // Frames stand at the beginning of the call in which they end, those of one channel after those of another.
        Traits { independent: false, events: true, ..Traits::BATCH }
    }
}

impl Stage for Stft {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.channels.expect(block.channels());
        if block.is_empty() {
            return Ok(());
        }
        self.transform(block)?;
        let target = block.interleaved();
        let (frames, rest) = target.split_at_mut(self.written.len());
        frames.copy_from_slice(&self.written);
        rest.fill(0.0);
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let Settings { hop, method, spectrum, output, window, forward, .. } = self.settings;
        self.channels.sizes(hop, archive)?;
        // What a state says of these is not taken over: the stage keeps its own.
        archive.text("method", method.text())?;
        archive.text("type", spectrum.text())?;
        archive.flag("forward", forward)?;
        archive.text("output", output.text())?;
        archive.text("window", window.text())?;
        walk_last_frame(self.settings.last_frame, archive);
        self.channels.state(archive)
    }

    fn tail(&self, _: u64) -> usize {
        let pads = self.settings.last_frame == LastFrame::Pad;
        if pads { self.channels.until_last_frame(self.settings.hop) } else { 0 }
    }

    fn channels(&self) -> usize {
        self.channels.all.len()
    }

    fn cost_hint(&self) -> f64 {
        let (size, hop) = (self.settings.size as f64, self.settings.hop as f64);
        size / hop * size.log2().max(1.0) / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{run, try_make};
    use serde_json::{Value as Json, json};

    fn stft(json: Json) -> Result<Stft> {
        try_make(&json)
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
            (json!({}), "Stft: windowSize must be a positive integer up to 67108864, got undefined"),
            (json!({ "windowSize": 1e9 }), "windowSize must be a positive integer up to 67108864, got 1000000000"),
            (json!({ "windowSize": 1 }), "Stft: hopSize must be a positive integer <= windowSize"),
            (json!({ "windowSize": 8, "hopSize": 9 }), "hopSize must be a positive integer <= windowSize, got 9"),
            (json!({ "windowSize": 9, "method": "fft" }), "FFT method requires power-of-2 windowSize"),
            (json!({ "windowSize": 8, "window": "x" }), "one of none, hann, hamming, blackman, bartlett, got 'x'"),
            (
                json!({ "windowSize": 8, "output": 5 }),
                "output must be one of complex, magnitude, power, phase, got '5'",
            ),
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
