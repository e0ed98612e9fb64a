//! Code shared by the five statistics over sliding windows: parameters, windows by samples and by duration, state.
//!
//! A stage of this kind is a [`WindowStatistic`]; [`WindowStage`] does the rest.

use std::marker::PhantomData;

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::engine::times::Times;
use crate::error::{Error, Result};
use crate::limits::collected;
use crate::params::value::Value;
use crate::params::{Field, Parameters, integer, number};
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::{Counted, Spec, Windows};
use crate::signal::sliding::timed::Timed;
use crate::stages::common::Mode;
use crate::state::archive::Archive;

/// The parameter `windowSize` of windows that may have a duration instead.
pub const WINDOW_SIZE: Field = integer()
    .at_least(1.0)
    .rule("a positive integer for \"moving\" mode")
    .optional_as("in moving mode one of `windowSize` and `windowDuration` is needed");
/// The parameter `windowDuration`.
pub const WINDOW_DURATION: Field = number().above(0.0).optional().try_with(&[12.5, 0.5]);

crate::params! {
    /// Parameters of a statistic over windows.
    pub struct WindowParams {
        /// `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call.
        pub mode: Mode = one_of(Mode::TEXTS),
        /// Window length in samples per channel.
        pub window_size: Option<usize> = WINDOW_SIZE,
        /// Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over
        /// `windowSize`.
        pub window_duration: Option<f64> = WINDOW_DURATION,
    }
}

impl WindowParams {
    /// Parameters of batch mode: each call stands alone.
    pub const BATCH: Self = Self { mode: Mode::Batch, window_size: None, window_duration: None };

    /// Returns the parameters of a sliding window of `size` samples.
    pub const fn samples(size: usize) -> Self {
        Self { mode: Mode::Moving, window_size: Some(size), window_duration: None }
    }

    /// Returns the parameters of a sliding window of `milliseconds`.
    pub const fn duration(milliseconds: f64) -> Self {
        Self { mode: Mode::Moving, window_size: None, window_duration: Some(milliseconds) }
    }

    fn extent(&self, label: &str) -> Result<Extent> {
        match *self {
            Self { mode: Mode::Batch, .. } => Ok(Extent::Batch),
            Self { window_duration: Some(ms), .. } => Ok(Extent::Duration { ms, nominal: 0 }),
            Self { window_size: Some(size), .. } => Ok(Extent::Samples(Spec::new(size))),
            _ => Err(Error::type_error(format!(
                "{label}: either windowSize or windowDuration must be specified for \"moving\" mode"
            ))),
        }
    }
}

/// The layouts of the original's TOON states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Fields without keys.
    Plain,
    /// An object with keys.
    Keyed,
    /// Fields without keys and the mode as a number; states of both modes are complete.
    Numbered,
}

/// The differences between the statistics.
pub trait WindowStatistic: Clone + Send + 'static {
    /// Type in saved states.
    const TYPE: &'static str;
    /// Method in the fluent API.
    const METHOD: &'static str;
    /// Name in messages about parameters.
    const LABEL: &'static str;
    /// Name in messages about states.
    const STATE_NAME: &'static str;
    /// Name of its parameter type in `index.d.ts`.
    const PARAMS: &'static str;
    /// Doc comment of the method in `index.d.ts`.
    const DOC: &'static str;
    /// Quantity that is accumulated.
    const MEASURE: Measure;
    /// Sums in a saved channel.
    const SUMS: &'static [SavedSum];
    /// Layout of the original's TOON states.
    const LAYOUT: Layout = Layout::Plain;
    /// Whether the stage has the parameter `epsilon`.
    const HAS_EPSILON: bool = false;
    /// Whether an output describes the whole window, and so is half a window late; else it describes the newest sample.
    const IS_OF_WINDOW: bool = true;
    /// Parameters: [`WindowParams`], or those with `epsilon`.
    type Params: Parameters;

    /// Returns mode and extent of the window from the parameters.
    fn window(params: &Self::Params) -> WindowParams;

    /// Returns the smallest standard deviation that is not treated as 0.
    fn epsilon(_: &Self::Params) -> f64 {
        0.0
    }

    /// Computes the outputs of windows from their sums.
    fn finish(windows: Windows<'_>, epsilon: f64);
}

/// A sum in a saved channel, which the reader checks.
pub struct SavedSum {
    /// Key in JSON.
    pub key: &'static str,
    /// Name in messages.
    pub name: &'static str,
    /// Computes the sum over the samples in the window.
    pub of: fn(&[f32]) -> f64,
    /// Largest difference from the samples' sum, relative to `max(1, |sum|)`.
    pub tolerance: f64,
}

/// Σx.
pub const RUNNING_SUM: SavedSum =
    SavedSum { key: "runningSum", name: "Running sum", of: |x| x.iter().map(|&x| f64::from(x)).sum(), tolerance: 1e-4 };
/// Σ|x|.
pub const RUNNING_SUM_OF_ABS: SavedSum = SavedSum {
    key: "runningSum",
    name: "Running sum of absolute values",
    of: |x| x.iter().map(|&x| f64::from(x.abs())).sum(),
    tolerance: 1e-4,
};
/// Σx².
pub const RUNNING_SUM_OF_SQUARES: SavedSum = SavedSum {
    key: "runningSumOfSquares",
    name: "Running sum of squares",
    of: |x| x.iter().map(|&x| f64::from(x) * f64::from(x)).sum(),
    tolerance: 1e-3,
};

impl SavedSum {
    /// Compares the sum in a state with its samples; sums over NaN or infinities are not compared.
    ///
    /// # Errors
    /// If they differ by more than the tolerance.
    pub fn check(&self, stored: f64, samples: &[f32]) -> Result<()> {
        let sum = (self.of)(samples);
        let bound = self.tolerance * sum.abs().max(1.0);
        if !sum.is_finite() || (stored - sum).abs() <= bound {
            return Ok(());
        }
        Err(Error::failed(format!("{} validation failed: the state has {stored}, its samples give {sum}", self.name)))
    }
}

/// The extent of a window.
#[derive(Debug, Clone)]
pub(super) enum Extent {
    Batch,
    Samples(Spec),
    /// A duration in milliseconds; the nominal number of samples is for information only.
    Duration {
        ms: f64,
        nominal: usize,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Channel {
    Counted(Counted),
    /// A window of a duration; boxed, so that counted windows do not take its room.
    Timed(Box<Timed>),
}

/// A statistic over the whole call (batch mode) or over a sliding window.
#[derive(Debug, Clone)]
pub struct WindowStage<S> {
    pub(super) extent: Extent,
    pub(super) epsilon: f64,
    pub(super) channels: Vec<Channel>,
    pub(super) statistic: PhantomData<S>,
}

impl<S: WindowStatistic> WindowStage<S> {
    pub(super) fn new_channel(&self) -> Channel {
        match &self.extent {
            Extent::Samples(spec) => Channel::Counted(Counted::new(spec.size())),
            Extent::Batch | Extent::Duration { .. } => Channel::Timed(Box::default()),
        }
    }

    /// Processes the block as one window per channel.
    fn process_batch(&mut self, block: &mut Block<'_>) {
        let epsilon = self.epsilon;
        block.each_channel(|_, samples| {
            let (s, m) = S::MEASURE.of_whole(samples);
            batch_outputs::<S>(samples, s, m, epsilon);
        });
    }

    fn process_counted(&mut self, block: &mut Block<'_>) {
        let Self { extent: Extent::Samples(spec), channels, epsilon, .. } = self else { return };
        block.with_scratch(|block, scratch| {
            block.each_channel(|c, samples| {
                if let Channel::Counted(window) = &mut channels[c] {
                    window
                        .slide(S::MEASURE, spec, samples, &mut scratch.windows, |windows| S::finish(windows, *epsilon));
                }
            });
        });
    }

    fn process_timed(&mut self, block: &mut Block<'_>, duration: f64) {
        let epsilon = self.epsilon;
        let (mut planes, times) = block.planes_and_times();
        for (c, channel) in self.channels.iter_mut().enumerate() {
            let Channel::Timed(window) = channel else { continue };
            for (k, sample) in planes.channel(c).iter_mut().enumerate() {
                let sums = window.push(S::MEASURE, duration, times.at(c, k), *sample);
                let samples = std::slice::from_mut(sample);
                S::finish(Windows { samples, s: &[sums.s], m: &[sums.m], n: sums.n }, epsilon);
            }
        }
    }

    fn set_channels(&mut self, count: usize) -> Result<()> {
        if count != self.channels.len() {
            self.channels = collected((0..count).map(|_| self.new_channel()))?;
        }
        Ok(())
    }

    /// Estimates the number of samples from the times of the first call, reported as `windowSize` of a window by
    /// duration.
    fn set_nominal(&mut self, times: Times<'_>, frames: usize) {
        if let Extent::Duration { ms, nominal } = &mut self.extent
            && *nominal == 0
            && frames > 0
        {
            let last = frames.min(10) - 1;
            let interval = (times.at(0, last) - times.at(0, 0)) / last as f64;
            let interval = if interval > 0.0 { interval } else { 1.0 };
            *nominal = (3.0 * (*ms / interval).floor()).clamp(1.0, crate::text::MAX_SAFE_INTEGER) as usize;
        }
    }

    pub(super) fn size(&self) -> usize {
        match &self.extent {
            Extent::Batch => 0,
            Extent::Samples(spec) => spec.size(),
            Extent::Duration { nominal, .. } => *nominal,
        }
    }

    pub(super) fn duration(&self) -> Option<f64> {
        match self.extent {
            Extent::Duration { ms, .. } => Some(ms),
            _ => None,
        }
    }

    pub(super) fn is_batch(&self) -> bool {
        matches!(self.extent, Extent::Batch)
    }

    pub(super) fn check_mode(&self, mode: &str) -> Result<()> {
        let ours = if self.is_batch() { "batch" } else { "moving" };
        if mode == ours {
            return Ok(());
        }
        Err(Error::failed(format!("{} mode mismatch: the stage is '{ours}', the state '{mode}'", S::STATE_NAME)))
    }

    /// Returns the duration of a TOON state; if that is a float32, as in a state of the original, ours if it rounds to
    /// the same.
    pub(super) fn matching_duration(&self, duration: f64, exact: bool) -> f64 {
        match self.extent {
            Extent::Duration { ms, .. } if !exact && f64::from(ms as f32) == duration => ms,
            _ => duration,
        }
    }

    /// Checks size and duration of a state; `duration` is `None` if the state has none.
    ///
    /// # Errors
    /// If they are not those of the stage.
    pub(super) fn check_extent(&self, size: usize, duration: Option<f64>) -> Result<()> {
        match &self.extent {
            Extent::Samples(spec) if duration.is_some_and(|d| d > 0.0) || spec.size() != size => {
                let ours = spec.size();
                Err(Error::failed(format!("Window size mismatch: the stage has {ours} samples, the state {size}")))
            }
            Extent::Duration { ms, .. } if duration.is_some_and(|d| d != *ms) => {
                let theirs = duration.unwrap_or_default();
                Err(Error::failed(format!("Window duration mismatch: the stage has {ms} ms, the state {theirs}")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_nominal_from_state(&mut self, size: usize) {
        if let Extent::Duration { nominal, .. } = &mut self.extent {
            *nominal = size;
        }
    }

    pub(super) fn restore_channel(
        &self,
        samples: Vec<f32>,
        stamps: Option<Vec<f64>>,
        fill: Option<usize>,
    ) -> Result<Channel> {
        match &self.extent {
            Extent::Samples(spec) if samples.len() > spec.size() => {
                let (n, size) = (samples.len(), spec.size());
                Err(Error::failed(format!("Window size mismatch: {n} samples in a window of {size}")))
            }
            Extent::Samples(spec) => Ok(Channel::Counted(Counted::restore(S::MEASURE, spec, samples, fill))),
            Extent::Batch | Extent::Duration { .. } => match stamps {
                None => Ok(Channel::Timed(Box::default())),
                Some(stamps) if stamps.len() != samples.len() => {
                    Err(Error::failed("'timestamps' must be an array with one number per sample"))
                }
                Some(stamps) => {
                    let fill = fill.unwrap_or(samples.len());
                    let stamped = stamps.into_iter().zip(samples).collect();
                    Ok(Channel::Timed(Box::new(Timed::restore(S::MEASURE, stamped, fill))))
                }
            },
        }
    }
}

fn batch_outputs<S: WindowStatistic>(samples: &mut [f32], s: f64, m: f64, epsilon: f64) {
    let n = samples.len() as f64;
    if S::HAS_EPSILON {
        // The only statistic whose output differs from sample to sample.
        const PART: usize = 256;
        for part in samples.chunks_mut(PART) {
            S::finish(Windows { samples: part, s: &[s; PART], m: &[m; PART], n }, epsilon);
        }
    } else if let Some(first) = samples.first_mut() {
        S::finish(Windows { samples: std::slice::from_mut(first), s: &[s], m: &[m], n }, epsilon);
        let value = *first;
        samples.fill(value);
    }
}

impl<S: WindowStatistic> Define for WindowStage<S> {
    type Params = S::Params;
    const TYPES: &'static [&'static str] = &[S::TYPE];
    const METHOD: &'static str = S::METHOD;
    const LABEL: &'static str = S::LABEL;
    const PARAMS: &'static str = S::PARAMS;
    const DOC: &'static str = S::DOC;

    fn new(params: &S::Params) -> Result<Self> {
        let extent = S::window(params).extent(S::LABEL)?;
        Ok(Self { extent, epsilon: S::epsilon(params), channels: vec![], statistic: PhantomData })
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        // A window by duration reports a nominal size, which is 0 until it has seen data.
        let left_out = if state.get("windowDuration").is_some() { "windowSize" } else { "" };
        let parameters = state.as_object().into_iter().flatten().filter(|(key, _)| {
            S::Params::FIELDS.iter().any(|field| field.name == key.as_str()) && key.as_str() != left_out
        });
        let parameters = parameters.map(|(key, value)| (key.clone(), value.into())).collect();
        Self::new(&S::Params::read(S::LABEL, &Value::Object(parameters))?)
    }

    fn label(&self, _: &S::Params) -> String {
        format!("{}:{}", S::TYPE, if self.is_batch() { "batch" } else { "moving" })
    }

    fn traits(params: &S::Params) -> Traits {
        if S::window(params).mode == Mode::Batch { Traits::BATCH } else { Traits::STREAM }
    }

    fn examples() -> Vec<Value> {
        let counted = [1, 2, 7, 64, 65, 100].map(WindowParams::samples);
        let timed = [12.5, 0.5].map(WindowParams::duration);
        counted.iter().chain(&timed).chain(&[WindowParams::BATCH]).map(Parameters::to_value).collect()
    }
}

impl<S: WindowStatistic> Stage for WindowStage<S> {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.is_batch() {
            self.process_batch(block);
            return Ok(());
        }
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        self.set_channels(block.channels())?;
        self.set_nominal(block.times(), block.frames());
        match self.extent {
            Extent::Samples(_) => self.process_counted(block),
            Extent::Duration { ms, .. } => self.process_timed(block, ms),
            Extent::Batch => {}
        }
        Ok(())
    }

    fn reset(&mut self) {
        if let Extent::Duration { nominal, .. } = &mut self.extent {
            *nominal = 0;
        }
        for channel in &mut self.channels {
            match channel {
                Channel::Counted(window) => window.clear(),
                Channel::Timed(window) => window.clear(),
            }
        }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        match S::LAYOUT {
            Layout::Keyed => archive.object(|archive| self.fields(archive)),
            Layout::Plain | Layout::Numbered => self.fields(archive),
        }
    }

    /// Returns half a window; for one by duration, half the number of samples estimated from the times of the first
    /// call.
    fn latency(&self, _: Option<f64>) -> f64 {
        let samples = match &self.extent {
            Extent::Batch => 1,
            Extent::Samples(spec) => spec.size(),
            // The nominal size is three times that number.
            Extent::Duration { nominal, .. } => (nominal / 3).max(1),
        };
        if S::IS_OF_WINDOW { (samples - 1) as f64 / 2.0 } else { 0.0 }
    }

    fn cost_hint(&self) -> f64 {
        if self.duration().is_some() { 30.0 } else { 3.0 }
    }
}
