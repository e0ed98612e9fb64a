//! What slope sign change and Willison amplitude have in common: a flag per sample, and the question whether one of the
//! last `windowSize` samples has it.
//!
//! The output is 1 if so, else 0, not the number of flags: that is what the original does, and programs depend on it.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::sliding::flags::Flags;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value, to_f32};

/// What distinguishes one from the other.
pub trait FlagRule: Clone + Send + 'static {
    /// The stage's type in saved states.
    const TYPE: &'static str;
    /// Its method.
    const METHOD: &'static str;
    /// How messages about states name it.
    const STATE_NAME: &'static str;
    /// TypeScript of parameters and method.
    const TYPESCRIPT: &'static str;
    /// What is remembered of the samples so far.
    type Memory: Clone + Send + Default;

    /// Replaces the samples of a channel by flags, 1 or 0. `first` says that none came before.
    fn flag(memory: &mut Self::Memory, first: bool, threshold: f32, samples: &mut [f32]);
    /// Adds the memory to the JSON state of a channel.
    fn save(memory: &Self::Memory, state: &mut Json);
    /// Reads it from there.
    fn load(state: &Json) -> Result<Self::Memory>;
    /// Writes the memory behind the flags of a channel.
    fn save_toon(memory: &Self::Memory, out: &mut toon::Writer) -> Result<()>;
    /// Reads it from there.
    fn load_toon(input: &mut toon::Reader<'_>) -> Result<Self::Memory>;
}

/// A stage that says whether a flag is in the window.
#[derive(Debug, Clone)]
pub struct FlagStage<R: FlagRule> {
    size: usize,
    threshold: f32,
    channels: Vec<(Flags, R::Memory)>,
    rule: PhantomData<R>,
}

impl<R: FlagRule> FlagStage<R> {
    fn check_parameters(&self, size: usize, threshold: f32) -> Result<()> {
        let (ours, at) = (self.size, self.threshold);
        if size == ours && threshold == at {
            return Ok(());
        }
        Err(Error::failed(format!(
            "{} parameter mismatch: the stage has windowSize {ours} and threshold {at}, the state {size} and {threshold}",
            R::STATE_NAME
        )))
    }

    fn check_channel(&self, flags: &Flags, stored: usize) -> Result<()> {
        if flags.len() > self.size {
            let text =
                format!("{} parameter mismatch: {} flags in a window of {}", R::STATE_NAME, flags.len(), self.size);
            return Err(Error::failed(text));
        }
        if flags.count() != stored {
            let text = "running count validation failed";
            return Err(Error::failed(format!("{} {text}: the state has {stored}, {}", R::STATE_NAME, flags.count())));
        }
        Ok(())
    }

    fn load_channel(&self, state: &Json) -> Result<(Flags, R::Memory)> {
        let wrong = || Error::failed("'buffer' must be an array of booleans");
        let flags = json::list(state, "buffer")?.iter().map(|flag| flag.as_bool().ok_or_else(wrong));
        let flags = Flags::restore(flags.collect::<Result<Vec<_>>>()?);
        self.check_channel(&flags, json::count(state, "runningCount")?)?;
        Ok((flags, R::load(state)?))
    }
}

impl<R: FlagRule> Define for FlagStage<R> {
    type Params = Params;
    const TYPES: &'static [&'static str] = &[R::TYPE];
    const METHOD: &'static str = R::METHOD;
    const TYPESCRIPT: &'static str = R::TYPESCRIPT;

    fn new(params: &Params) -> Result<Self> {
        let size = params.window_size(R::METHOD)?;
        let threshold = match params.get("threshold") {
            Value::Undefined => 0.0,
            Value::Number(t) if t.is_finite() && *t >= 0.0 => to_f32(*t),
            other => {
                let text = format!("{}: threshold must be non-negative, got {other}", R::METHOD);
                return Err(Error::type_error(text));
            }
        };
        Ok(Self { size, threshold, channels: vec![], rule: PhantomData })
    }

    fn label(&self, _: &Params) -> String {
        format!("{}:{}", R::TYPE, self.size)
    }
}

impl<R: FlagRule> Stage for FlagStage<R> {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        if self.channels.len() != block.channels() {
            self.channels = vec![Default::default(); block.channels()];
        }
        let Self { size, threshold, channels, .. } = self;
        block.each_channel(|c, samples| {
            let (flags, memory) = &mut channels[c];
            R::flag(memory, flags.is_empty(), *threshold, samples);
            flags.slide(*size, samples);
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Default::default());
    }

    fn save(&mut self) -> Result<Json> {
        let channel = |(flags, memory): &(Flags, R::Memory)| {
            let mut state = json!({ "buffer": flags.to_json(), "runningCount": flags.count() });
            R::save(memory, &mut state);
            state
        };
        Ok(json!({
            "windowSize": json::num(self.size as f64),
            "threshold": json::num(f64::from(self.threshold)),
            "numChannels": self.channels.len(),
            "channels": self.channels.iter().map(channel).collect::<Vec<_>>(),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check_parameters(json::count(state, "windowSize")?, json::number(state, "threshold")? as f32)?;
        self.channels = json::list(state, "channels")?.iter().map(|c| self.load_channel(c)).collect::<Result<_>>()?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.size)?;
        out.f32(self.threshold);
        out.int(self.channels.len())?;
        for (flags, memory) in &self.channels {
            flags.write(out)?;
            R::save_toon(memory, out)?;
        }
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let size = input.count()?;
        self.check_parameters(size, input.f32()?)?;
        let mut channels = vec![];
        for _ in 0..input.item_count()? {
            let (flags, stored) = Flags::read(input)?;
            self.check_channel(&flags, stored)?;
            channels.push((flags, R::load_toon(input)?));
        }
        self.channels = channels;
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        2.0
    }
}
