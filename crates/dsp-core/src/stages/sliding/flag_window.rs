//! Code shared by slope sign change and Willison amplitude: a flag per sample, and whether one of the last `windowSize`
//! samples has it.
//!
//! The output is 1 if so, else 0, and not the number of flags: as in the original, on which programs depend.

use std::marker::PhantomData;

use crate::engine::block::Block;
use crate::engine::events::EventKind;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::limits::filled;
use crate::params::Parameters;
use crate::params::value::to_f32;
use crate::stages::sliding::flags::Flags;
use crate::state::archive::Archive;

/// The differences between the two stages.
pub trait FlagRule: Clone + Send + 'static {
    /// Type in saved states.
    const TYPE: &'static str;
    /// Method in the fluent API.
    const METHOD: &'static str;
    /// Name in messages about states.
    const STATE_NAME: &'static str;
    /// Doc comment of the method in `index.d.ts`.
    const DOC: &'static str;
    /// Delay of a flag behind the event that it marks, in samples; half a sample for a step between two samples.
    const DELAY: f64;
    /// The event of a flag, if there is one; it is known with the flag's sample and lies [`Self::DELAY`] samples before
    /// it.
    const EVENTS: &'static [&'static EventKind] = &[];
    /// Parameters.
    type Params: Parameters;
    /// Past samples that flags depend on.
    type Memory: Clone + Send + Default;

    /// Returns the samples in the window, and the threshold of a flag.
    fn window(params: &Self::Params) -> (usize, f64);

    /// Replaces the samples of a channel by flags, 1 or 0. `first`: there were none before.
    fn flag(memory: &mut Self::Memory, first: bool, threshold: f32, samples: &mut [f32]);

    /// Walks the memory of a channel.
    ///
    /// # Errors
    /// Reading: it is absent or damaged.
    fn state(memory: &mut Self::Memory, archive: &mut Archive<'_>) -> Result<()>;
}

/// A stage that outputs whether one of the last `size` samples has a flag.
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
}

fn check_channel<R: FlagRule>(size: usize, flags: &Flags, stored: usize) -> Result<()> {
    let (name, length, count) = (R::STATE_NAME, flags.len(), flags.count());
    if length > size {
        return Err(Error::failed(format!("{name} parameter mismatch: {length} flags in a window of {size}")));
    }
    if count != stored {
        let text = "running count validation failed";
        return Err(Error::failed(format!("{name} {text}: the state has {stored}, its flags give {count}")));
    }
    Ok(())
}

impl<R: FlagRule> Define for FlagStage<R> {
    type Params = R::Params;
    const TYPES: &'static [&'static str] = &[R::TYPE];
    const METHOD: &'static str = R::METHOD;
    const DOC: &'static str = R::DOC;
    const EVENTS: &'static [&'static EventKind] = R::EVENTS;

    fn new(params: &R::Params) -> Result<Self> {
        let (size, threshold) = R::window(params);
        Ok(Self { size, threshold: to_f32(threshold), channels: vec![], rule: PhantomData })
    }

    fn label(&self, _: &R::Params) -> String {
        format!("{}:{}", R::TYPE, self.size)
    }
}

impl<R: FlagRule> Stage for FlagStage<R> {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        if self.channels.len() != block.channels() {
            self.channels = filled(Default::default(), block.channels())?;
        }
        let Self { size, threshold, channels, .. } = self;
        let (mut planes, times, mut events) = block.planes_and_events();
        for (c, (flags, memory)) in channels.iter_mut().enumerate() {
            let samples = planes.channel(c);
            R::flag(memory, flags.is_empty(), *threshold, samples);
            if let (Some(events), [kind]) = (&mut events, R::EVENTS) {
                for at in (0..samples.len()).filter(|at| samples[*at] != 0.0) {
                    events.emit(times, kind, c, at as i64 - R::DELAY as i64, at, &[]);
                }
            }
            flags.slide(*size, samples);
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Default::default());
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let size = archive.count("windowSize", self.size)?;
        self.check_parameters(size, archive.f32("threshold", self.threshold)?)?;
        archive.channels(&mut self.channels, Default::default, |(flags, memory), archive| {
            let count = flags.state(archive)?;
            check_channel::<R>(size, flags, count)?;
            R::state(memory, archive)
        })
    }

    /// Returns half a window of flags plus the delay of each.
    fn latency(&self, _: Option<f64>) -> f64 {
        (self.size - 1) as f64 / 2.0 + R::DELAY
    }

    fn lookback(&self) -> usize {
        R::EVENTS.len() * R::DELAY as usize
    }

    fn cost_hint(&self) -> f64 {
        2.0
    }
}
