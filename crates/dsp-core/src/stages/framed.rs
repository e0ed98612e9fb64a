//! What the spectral stages share: their parameters, framing of blocks, and the state of sliding windows.

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS, Reshape};
use crate::error::{Error, Result};
use crate::state::{json, toon};
use crate::transform::fft::MAX_SIZE;
use crate::transform::framing::{Framing, Sliding};
use crate::value::Params;

/// The parameter `key` as a length in samples from 1 to `most`, the longest transform unless it is less than that.
///
/// # Errors
/// `TypeError` “`{label}: {key} must be a positive integer…`”.
pub fn length(params: &Params, label: &str, key: &str) -> Result<usize> {
    let value = params.get(key);
    value.as_positive_integer().filter(|&n| n <= MAX_SIZE).ok_or_else(|| {
        let limit = if value.as_positive_integer().is_some() { format!(" up to {MAX_SIZE}") } else { String::new() };
        Error::type_error(format!("{label}: {key} must be a positive integer{limit}, got {value}"))
    })
}

/// The parameter `key` as one of `allowed`; absent and empty text stand for `default`.
///
/// # Errors
/// `TypeError` “`{label}: {key} must be one of …`”.
pub fn one_of(
    params: &Params,
    label: &str,
    key: &str,
    allowed: &[&'static str],
    default: &'static str,
) -> Result<&'static str> {
    let value = params.get(key);
    match value.as_str() {
        None if value.is_undefined() => Ok(default),
        Some("") => Ok(default),
        text => text.and_then(|text| allowed.iter().find(|a| **a == text)).copied().ok_or_else(|| {
            let names = allowed.join(", ");
            Error::type_error(format!("{label}: {key} must be one of {names}, got '{value}'"))
        }),
    }
}

/// The parameter `key` as a truth value, `default` if absent.
///
/// # Errors
/// `TypeError` “`{label}: {key} must be a boolean`”.
pub fn flag(params: &Params, label: &str, key: &str, default: bool) -> Result<bool> {
    let value = params.get(key);
    if value.is_undefined() {
        return Ok(default);
    }
    value.as_bool().ok_or_else(|| Error::type_error(format!("{label}: {key} must be a boolean, got {value}")))
}

/// Replaces every whole frame of `inputs` samples of each channel by `outputs` numbers; what is left over is dropped.
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
    block.reshape(Reshape::to(block.channels(), frames), |old, new, _| {
        for c in 0..old.channels() {
            let frames = old.channel(c).chunks_exact(inputs);
            frames.zip(new.channel(c).chunks_exact_mut(outputs)).for_each(|(old, new)| f(old, new));
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

    /// Adds `numChannels` and `channels` to a state.
    pub fn save(&self, state: &mut Json) {
        state["numChannels"] = json!(self.all.len());
        let channel = |c: &Framing| {
            json!({
                "buffer": json::nums(c.window.samples().iter().copied()),
                "samplesSinceOutput": json::num(c.counter as f64),
            })
        };
        state["channels"] = self.all.iter().map(channel).collect();
    }

    /// Takes over `channels`.
    pub fn load(&mut self, state: &Json) -> Result<()> {
        let channels = json::list(state, "channels")?;
        let channel = |c: &Json| self.framing(&json::samples(c, "buffer")?, json::count(c, "samplesSinceOutput")?);
        self.all = channels.iter().map(channel).collect::<Result<_>>()?;
        self.check()
    }

    /// The TOON of [`Self::save`].
    pub fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.all.len())?;
        for channel in &self.all {
            out.f32s(channel.window.samples().iter().copied());
            out.int(channel.counter)?;
        }
        Ok(())
    }

    /// The TOON of [`Self::load`].
    pub fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let count = input.item_count()?;
        self.all = (0..count).map(|_| self.framing(&input.f32s()?, input.count()?)).collect::<Result<_>>()?;
        self.check()
    }

    fn framing(&self, buffer: &[f32], counter: usize) -> Result<Framing> {
        if buffer.len() > self.window {
            return Err(Error::failed(format!("a buffer of {} samples in a window of {}", buffer.len(), self.window)));
        }
        Ok(Framing { window: Sliding::holding(self.window, buffer), counter })
    }

    fn check(&self) -> Result<()> {
        if self.all.len() > MAX_CHANNELS {
            return Err(Error::failed(format!(
                "{} channels where at most {MAX_CHANNELS} are possible",
                self.all.len()
            )));
        }
        Ok(())
    }
}
