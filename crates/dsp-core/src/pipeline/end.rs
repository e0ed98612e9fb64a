//! The latency of a pipeline, and the end of a stream.

use super::Pipeline;
use super::clock::{Clock, DEFAULT_RATE};
use crate::engine::block::Block;
use crate::engine::formats::{Encoded, Output};
use crate::engine::workspace::Workspace;
use crate::error::{Error, Result};
use crate::limits::{MAX_SAMPLES, filled};

/// The latency of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Latency {
    /// Delay of the output, in samples of the pipeline's input.
    pub samples: f64,
    /// Number of output samples per input sample.
    pub ratio: f64,
}

impl Pipeline {
    /// Returns the delay of the output for a component of `frequency` cycles per input sample, where that matters;
    /// without a frequency, in the middle of each filter's pass-band.
    pub fn latency(&self, frequency: Option<f64>) -> Latency {
        let mut latency = Latency { samples: 0.0, ratio: 1.0 };
        for slot in &self.slots {
            let at = frequency.map(|cycles| cycles / latency.ratio);
            latency.samples += slot.stage.latency(at) / latency.ratio;
            latency.ratio *= slot.stage.ratio();
        }
        latency
    }

    /// Returns the delay of each stage, in samples of its own input.
    pub fn stage_latencies(&self) -> Vec<f64> {
        self.slots.iter().map(|slot| slot.stage.latency(None)).collect()
    }

    /// Ends the stream: returns the samples still inside the stages, as if silence followed, and emits the last events;
    /// then the pipeline is as new. `rate` is the sample rate of the calls before.
    ///
    /// # Errors
    /// The error of the first stage that fails; the pipeline is as new then too.
    pub fn finish(&mut self, rate: Option<f64>) -> Result<Vec<f32>> {
        let mut work = self.work.take().unwrap_or_default();
        let result = self.finish_in(&mut work, rate);
        self.work = Some(work);
        result
    }

    /// [`Self::finish`] in buffers that many pipelines share, as [`Self::process_in`].
    ///
    /// # Errors
    /// Those of [`Self::finish`].
    pub fn finish_in(&mut self, work: &mut Workspace, rate: Option<f64>) -> Result<Vec<f32>> {
        let mut output = vec![];
        let result = (0..self.slots.len()).try_for_each(|place| self.finish_stage(place, work, rate, &mut output));
        self.clear();
        result.map(|()| output)
    }

    /// The rate in Hz by which the clock counts: that of the last call without timestamps, 1000 where it said none;
    /// `None` before the first.
    pub fn clock_rate(&self) -> Option<f64> {
        self.clock.map(|clock| clock.rate)
    }

    /// [`Self::finish`] in another format; the noise of dither goes on from the calls before.
    ///
    /// # Errors
    /// Those of [`Self::finish`], and `RangeError` if there is no memory for the result; the pipeline is as new then
    /// too.
    pub fn finish_encoded(&mut self, rate: Option<f64>, output: Output) -> Result<Encoded> {
        let dithered = self.dithered;
        let samples = self.finish(rate)?;
        self.dithered = dithered;
        let encoded = self.encode(samples, output);
        self.dithered = 0;
        encoded
    }

    /// Sends the silence that empties the stage at `place` through it and through those behind it.
    fn finish_stage(
        &mut self,
        place: usize,
        work: &mut Workspace,
        rate: Option<f64>,
        output: &mut Vec<f32>,
    ) -> Result<()> {
        let slot = &self.slots[place];
        let frames = slot.stage.tail(slot.track.frames);
        let channels = slot.channels;
        if channels == 0 || frames == 0 {
            return Ok(());
        }
        let size = frames.checked_mul(channels).filter(|size| *size <= MAX_SAMPLES);
        let size = size.ok_or_else(|| Error::range("what is still inside a stage is too much for one call"))?;
        let mut silence = filled(0.0, size)?;
        let tail = self.process_tail(place, work, &mut silence, channels, rate)?;
        output.extend(tail.unwrap_or(silence));
        Ok(())
    }

    fn process_tail(
        &mut self,
        place: usize,
        work: &mut Workspace,
        silence: &mut [f32],
        channels: usize,
        rate: Option<f64>,
    ) -> Result<Option<Vec<f32>>> {
        let ratio: f64 = self.slots[..place].iter().map(|slot| slot.stage.ratio()).product();
        let clock = self.clock.unwrap_or(Clock::START).at_rate(rate.unwrap_or(DEFAULT_RATE));
        let block = Block::regular(silence, channels, work, clock.origin, clock.frames * ratio, clock.rate * ratio);
        let mut block = block.with_rate(rate.map(|rate| rate * ratio));
        self.slots[place].stage.end();
        let outputs = self.slots[place].stage.tail_outputs();
        for (at, slot) in self.slots.iter_mut().enumerate().skip(place) {
            slot.process(at, &mut block)?;
            if let Some(outputs) = outputs.filter(|_| at == place) {
                block.truncate(outputs)?;
            }
        }
        self.output_channels = block.channels();
        block.finish()
    }
}
