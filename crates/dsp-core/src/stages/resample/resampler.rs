//! Code shared by `Interpolate`, `Decimate`, `Resample` and `ResampleTo`: parameters, processing, times, and the delay
//! lines in saved states.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::reshape::Reshape;
use crate::engine::timeline::{Grid, Timeline};
use crate::error::{Error, Result};
use crate::params::{Field, integer, number};
use crate::signal::resample::resampler::{Delay, Plan};
use crate::state::archive::Archive;
use crate::state::json;

/// The parameter `sampleRate`. As in the original, a wrong `order` is reported before its absence.
pub const SAMPLE_RATE: Field =
    number().above(0.0).required("'sampleRate' is required").missing_last().try_with(&[1000.0]);

/// The parameter `order`; its default is declared by each stage.
pub const ORDER: Field = integer().odd().at_least(3.0).rule("odd and >= 3").try_with(&[51.0, 3.0, 101.0]);

/// The delay lines of all channels: for each a ring of its last samples, and the index written next.
#[derive(Debug, Clone)]
pub struct Lines {
    /// Rings of the last samples.
    pub rings: Vec<Vec<f32>>,
    /// Index in each ring of the next sample.
    pub positions: Vec<usize>,
}

/// A running resampler.
#[derive(Debug, Clone)]
pub struct Resampler {
    plan: Arc<Plan>,
    delay: Delay,
    /// Ticks from the first input frame of a stream to its first output.
    first: u64,
    /// Time between input frames in milliseconds, until explicit times determine it.
    nominal: f64,
    timeline: Timeline,
    /// Whether explicit times are interpolated within a call, as in dspx, so that they depend on how the stream is cut.
    has_times_of_call: bool,
}

impl Resampler {
    /// Returns a resampler whose first output belongs to the first frame, without channels yet. `rate` is that of its
    /// input in Hz.
    pub fn new(plan: Plan, rate: f64) -> Self {
        let (delay, timeline) = (Delay::default(), Timeline::default());
        Self { plan: Arc::new(plan), delay, first: 0, nominal: 1000.0 / rate, timeline, has_times_of_call: false }
    }

    /// Returns the resampler with the times of dspx, if `is_dspx`.
    pub fn with_times_of_dspx(self, is_dspx: bool) -> Self {
        Self { has_times_of_call: is_dspx, ..self }
    }

    /// Returns a decimator: it outputs one frame for every `down` frames, when the last of them arrives, with the time
    /// of the first.
    ///
    /// # Errors
    /// `RangeError` if there is not enough memory.
    pub fn decimator(plan: Plan, rate: f64) -> Result<Self> {
        let first = plan.down() - 1;
        let delay = Delay::new(&plan, 1, first)?;
        Ok(Self { delay, first, ..Self::new(plan, rate) })
    }

    /// Replaces the filter by another of the same ratio; the delay lines must be restored afterwards.
    pub fn set_plan(&mut self, plan: Plan) {
        self.plan = Arc::new(plan);
    }

    /// Returns the time of an output before the newest frame that it depends on, in input frames.
    fn lag(&self) -> f64 {
        self.first as f64
    }

    /// Returns the ratio and the filter.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the number of channels of the last call.
    pub fn channels(&self) -> usize {
        self.delay.channels()
    }

    /// Returns the ticks from the next input frame to the next output.
    pub fn next(&self) -> u64 {
        self.delay.next()
    }

    /// Replaces the block by its resampled samples.
    pub fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (channels, frames) = (block.channels(), block.frames());
        if channels != self.delay.channels() && frames > 0 {
            self.timeline.reset();
            self.delay = Delay::new(&self.plan, channels, self.first)?;
        }
        let outputs = if frames == 0 { 0 } else { self.plan.outputs(frames, self.delay.next()) };
        let outputs = usize::try_from(outputs).unwrap_or(usize::MAX);
        let has_stamps = !block.times().is_regular() && !self.has_times_of_call;
        let shape = Reshape {
            channels,
            frames: outputs,
            scale: self.plan.down() as f64 / self.plan.up() as f64,
            phase: self.lag() - self.delay.next() as f64 / self.plan.up() as f64,
        };
        let Self { plan, delay, first, nominal, timeline, .. } = self;
        let grid = Grid { up: plan.up(), down: plan.down(), next: delay.next(), lag: *first };
        block.reshape(shape, |from, to, times| {
            if has_stamps {
                timeline.advance(times, frames, grid, outputs, *nominal)?;
            }
            if frames > 0 {
                let rows = to.rows();
                delay.process(plan, frames, rows.enumerate().map(|(c, row)| (from.channel(c), row)));
            }
            Ok(())
        })?;
        if has_stamps {
            block.set_times(timeline.outputs());
        }
        Ok(())
    }

    /// Restores silence, for the same number of channels.
    pub fn reset(&mut self) {
        self.delay.reset(self.first);
        self.timeline.reset();
    }

    /// Returns the delay lines.
    pub fn lines(&self) -> Lines {
        let positions = vec![self.delay.position(); self.channels()];
        Lines { rings: self.delay.rings(&self.plan), positions }
    }

    /// Walks the delay lines as `stateBuffers` and `stateIndices`; a TOON state holds those of `channels` channels.
    /// Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: they are absent or hold something other than numbers.
    pub fn state(&self, archive: &mut Archive<'_>, channels: usize) -> Result<Option<Lines>> {
        let Lines { rings, positions } = self.lines();
        let rings = archive.sample_rows("stateBuffers", &rings, channels)?;
        let positions = archive.counts("stateIndices", &positions, channels)?;
        Ok(rings.zip(positions).map(|(rings, positions)| Lines { rings, positions }))
    }

    /// Walks the optional end of a state: the times of a stream with explicit stamps, and in TOON, which has no
    /// optional fields, a `mark` with further information for the stage. Returns the mark.
    ///
    /// # Errors
    /// Reading: there are too few numbers or too many.
    pub fn extras(&mut self, archive: &mut Archive<'_>, mark: f64) -> Result<f64> {
        let saved = self.timeline.save();
        if archive.is_json() {
            if let Some(state) = archive.json_in() {
                let times = state.get("times").map_or(Ok(vec![]), |_| json::numbers(state, "times"))?;
                self.timeline.load(&times)?;
            } else if let Some(state) = archive.json_out().filter(|_| !saved.is_empty()) {
                state.insert("times".to_owned(), json::nums(saved));
            }
            return Ok(mark);
        }
        if !archive.is_loading() {
            if mark != 0.0 || !saved.is_empty() {
                archive.exact_tail(std::iter::once(mark).chain(saved))?;
            }
            return Ok(mark);
        }
        let tail = archive.exact_tail([])?.unwrap_or_default();
        let (mark, times) = tail.split_first().map_or((0.0, &[][..]), |(mark, times)| (*mark, times));
        self.timeline.load(times)?;
        Ok(mark)
    }

    /// Restores delay lines, all or nothing, with the next output `next` ticks after the start of the next frame.
    ///
    /// # Errors
    /// If the lines or the tick are not those of a resampler with this plan.
    pub fn restore(&mut self, Lines { rings, positions }: &Lines, next: u64) -> Result<()> {
        let history = self.plan.history();
        if positions.len() != rings.len() || rings.iter().any(|ring| ring.len() != history) {
            return Err(Error::failed(format!("every channel must have an array of {history} samples and an index")));
        }
        if positions.iter().any(|position| *position >= history) {
            return Err(Error::failed(format!("stateIndices must be integers in [0, {}]", history - 1)));
        }
        if next >= self.plan.down() {
            return Err(Error::failed("the phase is out of range"));
        }
        self.delay = Delay::from_rings(&self.plan, rings, positions, next)?;
        Ok(())
    }

    /// Returns the delay of output m relative to input position `m / ratio`, in input samples. A decimator's output m
    /// depends on the inputs up to `(m + 1)·M − 1`, so its delay is that of the filter minus M − 1.
    pub fn latency(&self) -> f64 {
        self.plan.delay() - self.lag()
    }

    /// Returns the number of output samples per input sample.
    pub fn ratio(&self) -> f64 {
        self.plan.up() as f64 / self.plan.down() as f64
    }

    /// Returns the number of outputs that are due after the end of the stream: the latency, rounded, and one for the
    /// last inputs of a decimator if they are fewer than M. Without the latency, n inputs thus give ⌈n · ratio⌉
    /// outputs.
    pub fn tail_outputs(&self) -> usize {
        let late = (self.latency() * self.ratio()).round().max(0.0) as usize;
        late.saturating_add(usize::from(self.next() < self.first))
    }

    /// Returns the number of frames of silence that bring out [`Self::tail_outputs`].
    pub fn tail(&self) -> usize {
        let Some(before_last) = self.tail_outputs().checked_sub(1) else { return 0 };
        let ticks = before_last as u128 * u128::from(self.plan.down()) + u128::from(self.next());
        usize::try_from(ticks / u128::from(self.plan.up()) + 1).unwrap_or(usize::MAX)
    }

    /// Returns the rough cost in nanoseconds per input sample: a fifth per multiplication, one per output.
    pub fn cost_hint(&self) -> f64 {
        1.0 + 0.2 * self.plan.multiplications() + self.plan.up() as f64 / self.plan.down() as f64
    }
}
