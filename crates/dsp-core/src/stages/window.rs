//! What the five statistics over sliding windows have in common: parameters, windows by samples and by duration, state.
//!
//! A stage of this kind is a [`WindowStatistic`]; [`WindowStage`] does the rest.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use crate::block::{Block, Times};
use crate::error::{Error, Result};
use crate::sliding::Measure;
use crate::sliding::counted::{Counted, Spec, Windows};
use crate::sliding::timed::Timed;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value, to_f32};

/// What distinguishes one statistic from another.
pub trait WindowStatistic: Clone + Send + 'static {
    /// The stage's type in saved states.
    const TYPE: &'static str;
    /// Its method.
    const METHOD: &'static str;
    /// How messages about parameters name it.
    const LABEL: &'static str;
    /// How messages about states name it.
    const STATE_NAME: &'static str;
    /// TypeScript of parameters and method.
    const TYPESCRIPT: &'static str;
    /// What is accumulated.
    const MEASURE: Measure;
    /// The sums in a saved channel: key, and what messages call it.
    const SUMS: &'static [SavedSum];
    /// Whether the stage has `epsilon`.
    const HAS_EPSILON: bool = false;

    /// The outputs of windows from their sums.
    fn finish(windows: Windows<'_>, epsilon: f64);

    /// Writes a TOON body; most have the plain layout.
    fn write_toon(out: &mut toon::Writer, saved: &SavedWindow) -> Result<()> {
        write_plain::<Self>(out, saved)
    }

    /// The counterpart of `write_toon`.
    fn read_toon(input: &mut toon::Reader<'_>) -> Result<SavedWindow> {
        read_plain::<Self>(input)
    }
}

/// What the TOON tokens of a window stage hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SavedWindow {
    /// Moving mode; batch mode has nothing else.
    pub moving: bool,
    /// Window length in samples (nominal for windows by duration).
    pub size: usize,
    /// Duration in ms, or 0.
    pub duration: f64,
    /// Only the z-score has one.
    pub epsilon: f64,
    /// The samples of each channel, oldest first.
    pub channels: Vec<Vec<f32>>,
}

/// One of the sums that a saved channel carries for its reader to check.
pub struct SavedSum {
    /// Its key in JSON.
    pub key: &'static str,
    /// Its name in messages.
    pub name: &'static str,
    /// The sum over the samples in the window.
    pub of: fn(&[f32]) -> f64,
    /// How far it may be from the samples, as a part of `max(1, |sum|)`.
    pub tolerance: f64,
}

/// Σx
pub const RUNNING_SUM: SavedSum =
    SavedSum { key: "runningSum", name: "Running sum", of: |x| x.iter().map(|&x| f64::from(x)).sum(), tolerance: 1e-4 };
/// Σ|x|
pub const RUNNING_SUM_OF_ABS: SavedSum = SavedSum {
    key: "runningSum",
    name: "Running sum of absolute values",
    of: |x| x.iter().map(|&x| f64::from(x.abs())).sum(),
    tolerance: 1e-4,
};
/// Σx²
pub const RUNNING_SUM_OF_SQUARES: SavedSum = SavedSum {
    key: "runningSumOfSquares",
    name: "Running sum of squares",
    of: |x| x.iter().map(|&x| f64::from(x) * f64::from(x)).sum(),
    tolerance: 1e-3,
};

impl SavedSum {
    /// Compares the sum in a state with its samples; sums over NaN or infinities are not compared.
    pub fn check(&self, stored: f64, samples: &[f32]) -> Result<()> {
        let sum = (self.of)(samples);
        let bound = self.tolerance * sum.abs().max(1.0);
        if !sum.is_finite() || (stored - sum).abs() <= bound {
            return Ok(());
        }
        Err(Error::failed(format!("{} validation failed: the state has {stored}, its samples give {sum}", self.name)))
    }
}

fn write_plain<S: WindowStatistic>(out: &mut toon::Writer, saved: &SavedWindow) -> Result<()> {
    if !saved.moving {
        out.str("batch");
        return Ok(());
    }
    out.str("moving");
    out.int(saved.size)?;
    out.f64(saved.duration);
    out.bool(saved.size > 0);
    let epsilon = S::HAS_EPSILON.then_some(saved.epsilon as f32);
    epsilon.into_iter().for_each(|e| out.f32(e));
    out.int(saved.channels.len())?;
    for samples in &saved.channels {
        out.f32s(samples.iter().copied());
        S::SUMS.iter().for_each(|sum| out.f32((sum.of)(samples) as f32));
        epsilon.into_iter().for_each(|e| out.f32(e));
    }
    Ok(())
}

fn read_plain<S: WindowStatistic>(input: &mut toon::Reader<'_>) -> Result<SavedWindow> {
    let mut saved = SavedWindow { moving: input.str()? != "batch", ..SavedWindow::default() };
    if !saved.moving {
        return Ok(saved);
    }
    saved.size = input.count()?;
    saved.duration = input.f64()?;
    input.bool()?;
    if S::HAS_EPSILON {
        saved.epsilon = f64::from(input.f32()?);
    }
    for _ in 0..input.item_count()? {
        saved.channels.push(input.f32s()?);
        for _ in 0..S::SUMS.len() + usize::from(S::HAS_EPSILON) {
            input.f32()?;
        }
    }
    Ok(saved)
}

/// How far a window reaches.
#[derive(Debug, Clone)]
enum Extent {
    Batch,
    Samples(Spec),
    /// Milliseconds; the nominal number of samples is reported, nothing depends on it.
    Duration {
        ms: f64,
        nominal: usize,
    },
}

#[derive(Debug, Clone)]
enum Channel {
    Counted(Counted),
    /// Boxed, so that counted windows do not take its room.
    Timed(Box<Timed>),
}

/// A statistic over the whole call (batch mode) or over a sliding window.
#[derive(Debug, Clone)]
pub struct WindowStage<S> {
    extent: Extent,
    epsilon: f64,
    channels: Vec<Channel>,
    statistic: PhantomData<S>,
}

impl<S: WindowStatistic> WindowStage<S> {
    fn new_channel(&self) -> Channel {
        match &self.extent {
            Extent::Samples(spec) => Channel::Counted(Counted::new(spec.size())),
            Extent::Batch | Extent::Duration { .. } => Channel::Timed(Box::default()),
        }
    }

    /// All samples of the channel are one window.
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

    fn set_channels(&mut self, count: usize) {
        if count != self.channels.len() {
            self.channels = (0..count).map(|_| self.new_channel()).collect();
        }
    }

    /// The number of samples that the first call's times suggest, reported as `windowSize` of a window by duration.
    fn set_nominal(&mut self, times: Times<'_>, frames: usize) {
        if let Extent::Duration { ms, nominal } = &mut self.extent
            && *nominal == 0
            && frames > 0
        {
            let last = frames.min(10) - 1;
            let interval = (times.at(0, last) - times.at(0, 0)) / last as f64;
            let interval = if interval > 0.0 { interval } else { 1.0 };
            *nominal = (3.0 * (*ms / interval).floor()).clamp(1.0, crate::value::MAX_SAFE_INTEGER) as usize;
        }
    }

    fn size(&self) -> usize {
        match &self.extent {
            Extent::Batch => 0,
            Extent::Samples(spec) => spec.size(),
            Extent::Duration { nominal, .. } => *nominal,
        }
    }

    fn duration(&self) -> Option<f64> {
        match self.extent {
            Extent::Duration { ms, .. } => Some(ms),
            _ => None,
        }
    }

    fn is_batch(&self) -> bool {
        matches!(self.extent, Extent::Batch)
    }

    fn check_mode(&self, mode: &str) -> Result<()> {
        let ours = if self.is_batch() { "batch" } else { "moving" };
        if mode == ours {
            return Ok(());
        }
        Err(Error::failed(format!("{} mode mismatch: the stage is '{ours}', the state '{mode}'", S::STATE_NAME)))
    }

    /// The duration in a TOON state; one in float32, in a state of the original, is ours if ours rounds to it.
    fn matching_duration(&self, duration: f64, exact: bool) -> f64 {
        match self.extent {
            Extent::Duration { ms, .. } if !exact && f64::from(ms as f32) == duration => ms,
            _ => duration,
        }
    }

    /// `duration` is `None` where a state does not say.
    fn check_extent(&self, size: usize, duration: Option<f64>) -> Result<()> {
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

    fn set_nominal_from_state(&mut self, size: usize) {
        if let Extent::Duration { nominal, .. } = &mut self.extent {
            *nominal = size;
        }
    }

    fn restore_channel(&self, samples: Vec<f32>, stamps: Option<Vec<f64>>, fill: Option<usize>) -> Result<Channel> {
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

    fn load_channel(&self, state: &Json) -> Result<Channel> {
        let samples = json::samples(state, "buffer")?;
        for sum in S::SUMS {
            sum.check(json::number(state, sum.key)?, &samples)?;
        }
        let stamps = state.get("timestamps").is_some().then(|| json::numbers(state, "timestamps")).transpose()?;
        let fill = state.get("blockFill").is_some().then(|| json::count(state, "blockFill")).transpose()?;
        self.restore_channel(samples, stamps, fill)
    }

    fn read_exact(&self, input: &mut toon::Reader<'_>, samples: Vec<f32>) -> Result<Channel> {
        let fill = input.exact_count(samples.len())?;
        let timed = matches!(self.extent, Extent::Duration { .. }) && input.is_exact();
        let stamps = timed.then(|| samples.iter().map(|_| Ok(input.exact()?.unwrap_or(f64::NAN))).collect());
        self.restore_channel(samples, stamps.transpose()?, fill)
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

impl Channel {
    fn parts(&self) -> (Vec<f32>, Option<Vec<f64>>, usize) {
        match self {
            Self::Counted(window) => (window.samples().collect(), None, window.fill()),
            Self::Timed(window) => {
                let (stamps, samples): (Vec<f64>, Vec<f32>) = window.samples().unzip();
                (samples, Some(stamps), window.fill())
            }
        }
    }

    fn save(&self, sums: &[SavedSum]) -> Json {
        let (samples, stamps, fill) = self.parts();
        let mut state = json!({});
        for sum in sums {
            state[sum.key] = json::num((sum.of)(&samples));
        }
        if fill > 0 {
            state["blockFill"] = fill.into();
        }
        if let Some(stamps) = stamps {
            state["timestamps"] = json::nums(stamps);
        }
        state["buffer"] = json::nums(samples);
        state
    }
}

impl<S: WindowStatistic> Define for WindowStage<S> {
    const TYPES: &'static [&'static str] = &[S::TYPE];
    const METHOD: &'static str = S::METHOD;
    const TYPESCRIPT: &'static str = S::TYPESCRIPT;

    fn new(params: &Params) -> Result<Self> {
        let mode = params.choice(S::LABEL, "mode", &["batch", "moving"], None)?;
        let extent = if mode == "batch" { Extent::Batch } else { moving_extent(S::LABEL, params)? };
        let epsilon = if S::HAS_EPSILON { epsilon(S::LABEL, params.get("epsilon"))? } else { 0.0 };
        Ok(Self { extent, epsilon, channels: vec![], statistic: PhantomData })
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        // A window by duration reports a nominal size, which is 0 until it has seen data.
        let left_out =
            if state.get("windowDuration").is_some() { &["channels", "windowSize"][..] } else { &["channels"] };
        let parameters = state.as_object().into_iter().flatten().filter(|(key, _)| !left_out.contains(&key.as_str()));
        let parameters = parameters.map(|(key, value)| (key.clone(), value.into())).collect();
        Self::new(&Params::new(Value::Object(parameters)))
    }

    fn label(&self, _: &Params) -> String {
        format!("{}:{}", S::TYPE, if self.is_batch() { "batch" } else { "moving" })
    }
}

fn moving_extent(label: &str, params: &Params) -> Result<Extent> {
    let (size, duration) = (params.get("windowSize"), params.get("windowDuration"));
    if size.is_undefined() && duration.is_undefined() {
        return Err(Error::type_error(format!(
            "{label}: either windowSize or windowDuration must be specified for \"moving\" mode"
        )));
    }
    let samples = size.as_positive_integer();
    if samples.is_none() && !size.is_undefined() {
        return Err(Error::type_error(format!(
            "{label}: windowSize must be a positive integer for \"moving\" mode, got {size}"
        )));
    }
    if let (Some(samples), true) = (samples, duration.is_undefined()) {
        return Ok(Extent::Samples(Spec::new(samples)));
    }
    match duration.as_finite() {
        Some(ms) if ms > 0.0 => Ok(Extent::Duration { ms, nominal: 0 }),
        _ => Err(Error::type_error(format!("{label}: windowDuration must be positive, got {duration}"))),
    }
}

fn epsilon(label: &str, value: &Value) -> Result<f64> {
    match value {
        Value::Undefined => Ok(f64::from(1e-6f32)),
        Value::Number(x) if x.is_finite() && *x >= 0.0 => Ok(f64::from(to_f32(*x))),
        other => Err(Error::type_error(format!("{label}: epsilon must be non-negative, got {other}"))),
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
        self.set_channels(block.channels());
        self.set_nominal(block.times(), block.frames());
        match self.extent {
            Extent::Samples(_) => self.process_counted(block),
            Extent::Duration { ms, .. } => self.process_timed(block, ms),
            Extent::Batch => {}
        }
        Ok(())
    }

    fn reset(&mut self) {
        for channel in &mut self.channels {
            match channel {
                Channel::Counted(window) => window.clear(),
                Channel::Timed(window) => window.clear(),
            }
        }
    }

    fn save(&self) -> Result<Json> {
        let mut state = json!({ "mode": "batch" });
        if S::HAS_EPSILON {
            state["epsilon"] = json::num(self.epsilon);
        }
        if self.is_batch() {
            return Ok(state);
        }
        state["mode"] = "moving".into();
        state["windowSize"] = json::num(self.size() as f64);
        if let Some(ms) = self.duration() {
            state["windowDuration"] = json::num(ms);
        }
        state["numChannels"] = self.channels.len().into();
        state["channels"] = self.channels.iter().map(|c| c.save(S::SUMS)).collect();
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check_mode(json::text(state, "mode")?)?;
        if S::HAS_EPSILON {
            self.epsilon = json::number_or(state, "epsilon", self.epsilon)?;
        }
        if self.is_batch() {
            return Ok(());
        }
        let duration = state.get("windowDuration").and_then(json::as_num);
        let size = json::count(state, "windowSize")?;
        self.check_extent(size, duration)?;
        self.set_nominal_from_state(size);
        self.channels = json::list(state, "channels")?.iter().map(|c| self.load_channel(c)).collect::<Result<_>>()?;
        Ok(())
    }

    fn save_toon(&self, out: &mut toon::Writer) -> Result<()> {
        let mut saved = SavedWindow {
            moving: !self.is_batch(),
            size: self.size(),
            duration: self.duration().unwrap_or(0.0),
            epsilon: self.epsilon,
            channels: vec![],
        };
        let mut beside = vec![];
        for channel in &self.channels {
            let (samples, stamps, fill) = channel.parts();
            saved.channels.push(samples);
            beside.push(fill as f64);
            beside.extend(stamps.into_iter().flatten());
        }
        S::write_toon(out, &saved)?;
        beside.into_iter().for_each(|x| out.exact(x));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let saved = S::read_toon(input)?;
        self.check_mode(if saved.moving { "moving" } else { "batch" })?;
        if !saved.moving {
            return Ok(());
        }
        self.check_extent(saved.size, Some(self.matching_duration(saved.duration, input.is_exact())))?;
        self.set_nominal_from_state(saved.size);
        if S::HAS_EPSILON {
            self.epsilon = saved.epsilon;
        }
        // As long as needed from the start: collected results leave room to grow.
        let mut channels = Vec::with_capacity(saved.channels.len());
        for samples in saved.channels {
            channels.push(self.read_exact(input, samples)?);
        }
        self.channels = channels;
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        if self.duration().is_some() { 30.0 } else { 3.0 }
    }
}
