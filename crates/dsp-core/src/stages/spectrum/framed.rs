//! Code shared by the spectral stages: lengths and hops, cutting blocks into frames, and sliding windows with their
//! state.

use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::reshape::Reshape;
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, filled};
use crate::signal::spectrum::framing::{Framing, Sliding};
use crate::state::archive::Archive;
use crate::text::Texts;

/// Returns the hop in samples for frames of `window` samples: by default half of the window; `None` if it is not in
/// 1…window.
pub fn hop_size(given: Option<usize>, window: usize) -> Option<usize> {
    Some(given.unwrap_or(window / 2)).filter(|hop| (1..=window).contains(hop))
}

/// A frame, known with its last sample.
pub static FRAME: EventKind = EventKind {
    name: "frame",
    doc: "The numbers of one whole frame of a channel, at the frame's last sample.",
    fields: &[],
    data: Some(
        "The numbers of the frame: of a spectrum, real and imaginary part of each bin one after the other if complex.",
    ),
};

/// Replaces every whole frame of `inputs` samples of each channel by `outputs` numbers; incomplete frames are dropped.
/// Each frame is also emitted as a [`FRAME`].
///
/// # Errors
/// `RangeError` if the result would be too large.
pub fn map_frames(
    block: &mut Block<'_>,
    inputs: usize,
    outputs: usize,
    mut f: impl FnMut(&[f32], &mut [f32]),
) -> Result<()> {
    let frames = (block.frames() / inputs).saturating_mul(outputs);
    block.reshape_with_events(Reshape::to(block.channels(), frames), |old, new, times, mut events| {
        for c in 0..old.channels() {
            let frames = old.channel(c).chunks_exact(inputs);
            for (k, (old, new)) in frames.zip(new.channel(c).chunks_exact_mut(outputs)).enumerate() {
                f(old, new);
                if let Some(events) = &mut events {
                    let last = (k + 1) * inputs - 1;
                    events.emit_data(times, &FRAME, c, last as i64, last, &[], new);
                }
            }
        }
        Ok(())
    })
}

crate::texts! {
    /// The handling of an incomplete frame at the end of a stream.
    #[derive(Default)]
    pub enum LastFrame {
        /// It is dropped.
        #[default]
        Drop = "drop",
        /// It is padded with zeros.
        Pad = "pad",
    }
}

/// Cuts a stream into frames of `inputs` numbers per channel and computes `outputs` numbers from each, in two ways. In
/// samples each call stands alone: an incomplete frame at its end is dropped. In events frames continue from call to
/// call.
#[derive(Debug, Clone)]
pub struct Frames {
    inputs: usize,
    outputs: usize,
    last: LastFrame,
    /// The incomplete frame of each channel; empty while neither events nor the last frame are requested.
    partial: Vec<Vec<f32>>,
    has_ended: bool,
    /// The output of a frame that began in an earlier call.
    made: Vec<f32>,
}

impl Frames {
    /// Returns frames without channels.
    pub fn new(inputs: usize, outputs: usize, last: LastFrame) -> Self {
        Self { inputs, outputs, last, partial: vec![], has_ended: false, made: vec![] }
    }

    /// Returns the handling of the last frame.
    pub fn last(&self) -> LastFrame {
        self.last
    }

    /// Replaces every whole frame of the call by the output of `f`, and emits a [`FRAME`] for every whole frame of the
    /// stream. At the end of the stream, the call is the silence that pads the last frame.
    ///
    /// # Errors
    /// `RangeError` if the result would be too large.
    pub fn map(&mut self, block: &mut Block<'_>, mut f: impl FnMut(&[f32], &mut [f32])) -> Result<()> {
        let Self { inputs, outputs, partial, has_ended, made, .. } = self;
        let (inputs, outputs) = (*inputs, *outputs);
        let goes_on = self.last == LastFrame::Pad || block.wants_events();
        if !goes_on {
            // Of frames that nobody sees, none can be told later.
            partial.clear();
        } else if !block.is_empty() && partial.len() != block.channels() {
            *partial = filled(vec![], block.channels())?;
        }
        let frames = if *has_ended { 1 } else { block.frames() / inputs };
        let shape = Reshape::to(block.channels(), frames.saturating_mul(outputs));
        block.reshape_with_events(shape, |old, new, times, mut events| {
            let mut emit = |channel: usize, last: usize, numbers: &[f32]| {
                if let Some(events) = &mut events {
                    events.emit_data(times, &FRAME, channel, last as i64, last, &[], numbers);
                }
            };
            for c in 0..old.channels() {
                let samples = old.channel(c);
                if *has_ended {
                    let partial = &mut partial[c];
                    partial.extend_from_slice(samples);
                    f(partial, new.channel(c));
                    emit(c, samples.len() - 1, new.channel(c));
                    continue;
                }
                let pairs = samples.chunks_exact(inputs).zip(new.channel(c).chunks_exact_mut(outputs));
                pairs.for_each(|(x, y)| f(x, y));
                let Some(partial) = partial.get_mut(c) else { continue };
                if partial.is_empty() {
                    let whole = new.channel(c).chunks_exact(outputs).enumerate();
                    whole.for_each(|(k, y)| emit(c, (k + 1) * inputs - 1, y));
                    partial.extend_from_slice(samples.chunks_exact(inputs).remainder());
                    continue;
                }
                made.resize(outputs, 0.0);
                let mut at = 0;
                while partial.len() + samples.len() - at >= inputs {
                    let end = at + inputs - partial.len();
                    partial.extend_from_slice(&samples[at..end]);
                    f(partial, made);
                    emit(c, end - 1, made);
                    partial.clear();
                    at = end;
                }
                partial.extend_from_slice(&samples[at..]);
            }
            Ok(())
        })
    }

    /// Restores the beginning of a stream.
    pub fn reset(&mut self) {
        self.partial.clear();
        self.has_ended = false;
    }

    /// Ends the stream: the following samples are silence.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Returns the number of frames of silence that pad the last frame.
    pub fn tail(&self) -> usize {
        let begun = self.partial.first().map_or(0, Vec::len);
        if self.last == LastFrame::Pad && begun > 0 { self.inputs - begun } else { 0 }
    }

    /// Returns the number of channels that have begun a frame.
    pub fn channels(&self) -> usize {
        self.partial.len()
    }

    /// Walks the incomplete frame, which a state contains only if it is not empty.
    ///
    /// # Errors
    /// Reading: it is damaged.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        walk_last_frame(self.last, archive);
        let is_written = !archive.is_loading() && self.partial.iter().any(|partial| !partial.is_empty());
        let channels = self.partial.len() as f64;
        let numbers = self.partial.iter().flatten().map(|x| f64::from(*x));
        let numbers: Vec<f64> = std::iter::once(channels).chain(numbers).collect();
        let read = if !archive.is_json() {
            if is_written || archive.is_loading() { archive.exact_tail(numbers)? } else { None }
        } else if archive.optional("partial", is_written) {
            archive.doubles("partial", &numbers)?
        } else {
            None
        };
        if archive.is_loading() {
            self.partial.clear();
            if let Some(read) = read {
                self.partial = self.parted(&read)?;
            }
        }
        Ok(())
    }

    /// Splits numbers into the lists of the channels.
    ///
    /// # Errors
    /// If they do not fit the number of channels.
    fn parted(&self, numbers: &[f64]) -> Result<Vec<Vec<f32>>> {
        let wrong = || Error::failed("'partial' must hold a number of channels, and as many parts of a frame");
        let (channels, samples) = numbers.split_first().ok_or_else(wrong)?;
        let is_count = channels.fract() == 0.0 && (1.0..=MAX_CHANNELS as f64).contains(channels);
        if !is_count || !samples.len().is_multiple_of(*channels as usize) {
            return Err(wrong());
        }
        let length = samples.len() / *channels as usize;
        if length == 0 || length >= self.inputs {
            return Err(wrong());
        }
        Ok(samples.chunks_exact(length).map(|part| part.iter().map(|x| *x as f32).collect()).collect())
    }
}

/// Walks the option, which states of stages that pad contain.
pub fn walk_last_frame(last: LastFrame, archive: &mut Archive<'_>) {
    if last == LastFrame::Pad {
        archive.constant("lastFrame", last.text());
    }
}

/// A sliding window for every channel, with its position in the schedule of frames.
#[derive(Debug, Clone)]
pub struct Channels {
    window: usize,
    /// Window and schedule of each channel.
    pub all: Vec<Framing>,
}

impl Channels {
    /// Returns no channels yet, with windows of `window` samples.
    pub fn new(window: usize) -> Self {
        Self { window, all: vec![] }
    }

    /// Sets the number of channels; another number than before resets all of them.
    pub fn expect(&mut self, channels: usize) {
        if self.all.len() != channels {
            self.all = vec![Framing::new(self.window); channels];
        }
    }

    /// Empties windows and counts.
    pub fn reset(&mut self) {
        self.all.iter_mut().for_each(Framing::reset);
    }

    /// Returns the number of frames of silence that complete the frame that has begun.
    pub fn until_last_frame(&self, hop: usize) -> usize {
        let begun = self.all.first().filter(|channel| channel.counter > 0);
        begun.map_or(0, |channel| channel.until_due(hop))
    }

    /// Walks the window length and the hop, which must be those of the stage.
    ///
    /// # Errors
    /// Reading: they are not.
    pub fn sizes(&self, hop: usize, archive: &mut Archive<'_>) -> Result<()> {
        let found = (archive.count("windowSize", self.window)?, archive.count("hopSize", hop)?);
        if found == (self.window, hop) {
            return Ok(());
        }
        Err(Error::failed("Window/hop size mismatch during deserialization"))
    }

    /// Walks the channels.
    ///
    /// # Errors
    /// Reading: they are absent, or hold more samples than a window.
    pub fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let window = self.window;
        archive.channels(
            &mut self.all,
            || Framing::new(window),
            |channel, archive| {
                if let Some(buffer) = archive.samples("buffer", channel.window.samples().iter().copied())? {
                    if buffer.len() > window {
                        let found = buffer.len();
                        return Err(Error::failed(format!("a buffer of {found} samples in a window of {window}")));
                    }
                    channel.window = Sliding::holding(window, &buffer);
                }
                channel.counter = archive.count("samplesSinceOutput", channel.counter)?;
                Ok(())
            },
        )
    }
}
