//! What the spectral stages share: lengths and hops, cutting blocks into frames, and sliding windows with their state.

use crate::engine::block::{Block, Reshape};
use crate::engine::events::EventKind;
use crate::error::{Error, Result};
use crate::signal::spectrum::framing::{Framing, Sliding};
use crate::state::archive::Archive;

/// Returns the distance of frames of `window` samples: half of the window unless given; `None` if it is not in
/// 1…window.
pub fn hop_size(given: Option<usize>, window: usize) -> Option<usize> {
    Some(given.unwrap_or(window / 2)).filter(|hop| (1..=window).contains(hop))
}

/// A frame, which is known with its last sample.
pub static FRAME: EventKind = EventKind {
    name: "frame",
    doc: "The numbers of one whole frame of a channel, at the frame's last sample.",
    fields: &[],
    data: Some(
        "The numbers of the frame: of a spectrum, real and imaginary part of each bin one after the other if complex.",
    ),
};

/// Replaces every whole frame of `inputs` samples of each channel by `outputs` numbers; what is left over is dropped.
/// Each is a [`FRAME`] besides.
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

/// A sliding window for every channel, with its place in the schedule of frames.
#[derive(Debug, Clone)]
pub struct Channels {
    window: usize,
    /// One per channel.
    pub all: Vec<Framing>,
}

impl Channels {
    /// No channels yet; windows of `window` samples.
    pub fn new(window: usize) -> Self {
        Self { window, all: vec![] }
    }

    /// Another number of channels starts all of them anew.
    pub fn expect(&mut self, channels: usize) {
        if self.all.len() != channels {
            self.all = vec![Framing::new(self.window); channels];
        }
    }

    /// Empties windows and counts.
    pub fn reset(&mut self) {
        self.all.iter_mut().for_each(Framing::reset);
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
