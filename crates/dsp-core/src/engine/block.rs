//! The samples of one call on their way through the stages.
//!
//! A block begins as a view of the caller's interleaved array. Stages that work sample by sample take it as it lies;
//! stages that work channel by channel get planes; a stage that changes the number of samples writes into a spare
//! buffer, and from then on the caller's array is no longer written: it keeps what came out of the last stage before.
//! All buffers belong to a [`Workspace`] that lives longer than the call, so a call in steady state allocates nothing.

use crate::engine::events::{Events, Track};
use crate::engine::missing::Missing;
use crate::engine::planar::{Planar, PlanarMut, stride_of};
use crate::engine::reshape::Reshape;
use crate::engine::times::{Clocking, Times, time_at};
use crate::engine::workspace::{Scratch, Workspace};
use crate::error::Result;
use crate::kernels::interleave::{deinterleave, interleave};
use crate::limits::{MAX_SAMPLES, collected, ensure_memory, filled};

/// Where the current samples of a block lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the caller's array.
    Input,
    /// In planes of the workspace.
    Planes,
    /// Interleaved in the workspace.
    Frames,
}

/// The samples of one call: `channels` × `frames`, with their times.
#[derive(Debug)]
pub struct Block<'a> {
    input: &'a mut [f32],
    work: &'a mut Workspace,
    place: Place,
    channels: usize,
    frames: usize,
    /// Whether a stage has changed the shape; the caller's array is not written from then on.
    reshaped: bool,
    clocking: Clocking,
    interval: Option<f64>,
}

impl<'a> Block<'a> {
    /// Returns a block over interleaved `input`, whose frames are at `origin + (first + k)·1000/rate` milliseconds.
    pub fn regular(
        input: &'a mut [f32],
        channels: usize,
        work: &'a mut Workspace,
        origin: f64,
        first: f64,
        rate: f64,
    ) -> Self {
        let clocking = Clocking::Regular { origin, first, step: 1.0, rate };
        Self::new(input, channels, work, clocking)
    }

    /// Returns a block over interleaved `input` with a time in milliseconds for every sample (`stamps` is as long as
    /// `input`).
    pub fn stamped(input: &'a mut [f32], channels: usize, work: &'a mut Workspace, stamps: &[f64]) -> Self {
        Self::with_stamps(input, channels, work, stamps, false)
    }

    /// [`Self::stamped`] for times that the caller gave in single precision (see [`Times::is_single`]).
    pub fn stamped_single(input: &'a mut [f32], channels: usize, work: &'a mut Workspace, stamps: &[f64]) -> Self {
        Self::with_stamps(input, channels, work, stamps, true)
    }

    fn with_stamps(
        input: &'a mut [f32],
        channels: usize,
        work: &'a mut Workspace,
        stamps: &[f64],
        single: bool,
    ) -> Self {
        debug_assert_eq!(stamps.len(), input.len());
        work.stamps.clear();
        work.stamps.extend_from_slice(stamps);
        Self::new(input, channels, work, Clocking::PerSample { single })
    }

    fn new(input: &'a mut [f32], channels: usize, work: &'a mut Workspace, clocking: Clocking) -> Self {
        let frames = input.len() / channels;
        work.missing.clear();
        Self { input, work, place: Place::Input, channels, frames, reshaped: false, clocking, interval: None }
    }

    /// Returns the block with the sample rate in Hz that its call was given, if any.
    pub fn with_rate(mut self, rate: Option<f64>) -> Self {
        self.interval = rate.map(|rate| 1.0 / rate);
        self
    }

    /// Returns the nominal time between frames in seconds; `None` if the call was given no sample rate.
    pub fn interval(&self) -> Option<f64> {
        self.interval
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Returns the number of samples per channel.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Returns whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.frames == 0
    }

    /// Returns whether several channels lie side by side already, so that [`Self::interleaved`] would have to copy.
    pub fn is_planar(&self) -> bool {
        self.place == Place::Planes
    }

    /// Returns the times of the samples.
    pub fn times(&self) -> Times<'_> {
        Times { clocking: self.clocking, stamps: &self.work.stamps, channels: self.channels }
    }

    /// Returns sample `frame` of `channel`. Panics if there is no such sample.
    pub fn sample(&self, channel: usize, frame: usize) -> f32 {
        match self.place {
            Place::Input => self.input[frame * self.channels + channel],
            Place::Frames => self.work.current[frame * self.channels + channel],
            Place::Planes => self.work.current[channel * stride_of(self.channels, self.frames) + frame],
        }
    }

    /// Calls `f` with the block and its scratch buffers, and returns the result of `f`.
    pub fn with_scratch<R>(&mut self, f: impl FnOnce(&mut Self, &mut Scratch) -> R) -> R {
        let mut scratch = self.work.scratch.take().unwrap_or_default();
        let result = f(self, &mut scratch);
        self.work.scratch = Some(scratch);
        result
    }

    /// Calls `f` with the block and the flags of missing samples, and returns the result of `f`.
    pub fn with_missing<R>(&mut self, f: impl FnOnce(&mut Self, &mut Missing) -> R) -> R {
        let mut missing = std::mem::take(&mut self.work.missing);
        let result = f(self, &mut missing);
        self.work.missing = missing;
        result
    }

    /// Calls `f` with runs that together hold all samples, in whatever order they lie: for stages to which the order
    /// and the channels mean nothing.
    pub fn each_run(&mut self, mut f: impl FnMut(&mut [f32])) {
        match self.place {
            Place::Input => f(self.input),
            Place::Frames => f(&mut self.work.current),
            Place::Planes => {
                let mut planes = self.planes();
                (0..planes.channels()).for_each(|c| f(planes.channel(c)));
            }
        }
    }

    /// Calls `f` with the number and the samples of each channel, one channel after the other.
    pub fn each_channel(&mut self, mut f: impl FnMut(usize, &mut [f32])) {
        let mut planes = self.planes();
        (0..planes.channels()).for_each(|c| f(c, planes.channel(c)));
    }

    /// Returns the channels side by side, to be changed in place.
    pub fn planes(&mut self) -> PlanarMut<'_> {
        self.planes_and_times().0
    }

    /// Returns the channels side by side, and the times of their samples in milliseconds.
    pub fn planes_and_times(&mut self) -> (PlanarMut<'_>, Times<'_>) {
        self.make_planes();
        let stride = stride_of(self.channels, self.frames);
        let data = if self.place == Place::Input { &mut *self.input } else { &mut self.work.current[..] };
        let times = Times { clocking: self.clocking, stamps: &self.work.stamps, channels: self.channels };
        (PlanarMut { data, stride, channels: self.channels, frames: self.frames }, times)
    }

    /// Returns whether the caller of this call asked for events.
    pub fn wants_events(&self) -> bool {
        self.work.events.is_some()
    }

    /// Returns the channels side by side, the times of their samples, and the events if the caller asked for them.
    pub fn planes_and_events(&mut self) -> (PlanarMut<'_>, Times<'_>, Option<&mut Events>) {
        self.make_planes();
        let stride = stride_of(self.channels, self.frames);
        let Self { input, work, .. } = self;
        let data = if self.place == Place::Input { &mut **input } else { &mut work.current[..] };
        let times = Times { clocking: self.clocking, stamps: &work.stamps, channels: self.channels };
        let planes = PlanarMut { data, stride, channels: self.channels, frames: self.frames };
        (planes, times, work.events.as_deref_mut())
    }

    /// Begins stage number `stage` of the pipeline for [`Events`]; `track` holds the frames that it has seen so far.
    pub(crate) fn begin_stage(&mut self, stage: usize, track: Track) {
        if let Some(events) = &mut self.work.events {
            events.begin_stage(stage, track);
        }
    }

    /// Ends a stage; returns the track that it was begun with.
    pub(crate) fn end_stage(&mut self) -> Option<Track> {
        self.work.events.as_mut().map(|events| events.end_stage())
    }

    /// Returns all samples interleaved, for stages that treat the channels of a frame together. Copies them if they lie
    /// in planes.
    pub fn interleaved(&mut self) -> &mut [f32] {
        if self.place == Place::Planes {
            let stride = stride_of(self.channels, self.frames);
            if self.reshaped {
                self.work.spare.resize(self.channels * self.frames, 0.0);
                interleave(&self.work.current, stride, self.channels, &mut self.work.spare);
                std::mem::swap(&mut self.work.current, &mut self.work.spare);
                self.place = Place::Frames;
            } else {
                interleave(&self.work.current, stride, self.channels, self.input);
                self.place = Place::Input;
            }
        }
        if self.place == Place::Input { self.input } else { &mut self.work.current }
    }

    /// Moves the samples into planes. The plane of a single channel equals its interleaved samples: nothing is copied
    /// then.
    fn make_planes(&mut self) {
        if self.place == Place::Planes || self.channels == 1 {
            return;
        }
        let stride = stride_of(self.channels, self.frames);
        let source = if self.place == Place::Input { &*self.input } else { &self.work.current[..] };
        self.work.spare.resize(stride * self.channels, 0.0);
        deinterleave(source, self.channels, &mut self.work.spare, stride);
        std::mem::swap(&mut self.work.current, &mut self.work.spare);
        self.place = Place::Planes;
    }

    /// Replaces the samples with samples of another shape: `f` reads the old channels and writes the new ones, which
    /// are zero at first. Times follow (see [`Reshape`]).
    ///
    /// # Errors
    /// `RangeError` if the result would be larger than [`MAX_SAMPLES`] or there is no memory for it; any error that `f`
    /// returns.
    pub fn reshape(
        &mut self,
        shape: Reshape,
        f: impl FnOnce(Planar<'_>, &mut PlanarMut<'_>, Times<'_>) -> Result<()>,
    ) -> Result<()> {
        self.reshape_with_events(shape, |from, to, times, _| f(from, to, times))
    }

    /// [`Self::reshape`], with the events for `f` if the caller asked for them; the times are those of the old samples.
    ///
    /// # Errors
    /// Those of [`Self::reshape`].
    pub fn reshape_with_events(
        &mut self,
        shape: Reshape,
        f: impl FnOnce(Planar<'_>, &mut PlanarMut<'_>, Times<'_>, Option<&mut Events>) -> Result<()>,
    ) -> Result<()> {
        let stride = stride_of(shape.channels, shape.frames);
        let size = stride.checked_mul(shape.channels).filter(|&n| n <= MAX_SAMPLES + 64 * shape.channels);
        let size = size.ok_or_else(|| shape.too_large())?;
        self.release_input();
        self.make_planes();
        let work = &mut *self.work;
        work.spare.clear();
        work.spare.try_reserve(size).map_err(|_| shape.too_large())?;
        // The samples interleaved again and, where each has a time, the times.
        let later = work.current.capacity().saturating_add(work.spare_stamps.capacity());
        ensure_memory(size.saturating_sub(later), size_of::<f32>() + size_of::<f64>())?;
        work.spare.resize(size, 0.0);
        let from = stride_of(self.channels, self.frames);
        let data = if self.place == Place::Input { &*self.input } else { &work.current[..] };
        let source = Planar { data, stride: from, channels: self.channels, frames: self.frames };
        let mut target = PlanarMut { data: &mut work.spare, stride, channels: shape.channels, frames: shape.frames };
        let times = Times { clocking: self.clocking, stamps: &work.stamps, channels: self.channels };
        f(source, &mut target, times, work.events.as_deref_mut())?;
        std::mem::swap(&mut work.current, &mut work.spare);
        self.retime(&shape);
        self.place = Place::Planes;
        self.reshaped = true;
        if (shape.channels, shape.frames) != (self.channels, self.frames) {
            self.work.missing.lose();
        }
        self.channels = shape.channels;
        self.frames = shape.frames;
        Ok(())
    }

    /// Keeps the first `frames` frames.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn truncate(&mut self, frames: usize) -> Result<()> {
        if frames >= self.frames {
            return Ok(());
        }
        self.reshape(Reshape::to(self.channels, frames), |old, new, _| {
            new.rows().enumerate().for_each(|(c, row)| row.copy_from_slice(&old.channel(c)[..frames]));
            Ok(())
        })
    }

    /// Replaces the times of the frames (milliseconds, one per frame): for a stage that resamples time itself.
    pub fn set_times(&mut self, stamps: impl Iterator<Item = f64>) {
        self.work.stamps.clear();
        self.work.stamps.extend(stamps.take(self.frames));
        debug_assert_eq!(self.work.stamps.len(), self.frames);
        self.clocking = Clocking::PerFrame;
    }

    /// Copies the samples so far into the caller's array, which no stage writes any more from the first change of shape
    /// on.
    fn release_input(&mut self) {
        if !self.reshaped && self.place == Place::Planes {
            interleave(&self.work.current, stride_of(self.channels, self.frames), self.channels, self.input);
        }
    }

    fn retime(&mut self, shape: &Reshape) {
        self.interval = self.interval.map(|seconds| seconds * shape.scale);
        let old = Times { clocking: self.clocking, stamps: &self.work.stamps, channels: self.channels };
        match self.clocking {
            _ if shape.scale == 1.0 && shape.phase == 0.0 && shape.frames == self.frames => {
                if matches!(self.clocking, Clocking::PerSample { .. }) && shape.channels != self.channels {
                    self.work.spare_stamps.clear();
                    self.work.spare_stamps.extend((0..self.frames).map(|k| old.at(0, k)));
                    std::mem::swap(&mut self.work.stamps, &mut self.work.spare_stamps);
                    self.clocking = Clocking::PerFrame;
                }
            }
            Clocking::Regular { origin, first, step, rate } => {
                let first = first - shape.phase * step;
                self.clocking = Clocking::Regular { origin, first, step: step * shape.scale, rate };
            }
            Clocking::PerSample { .. } | Clocking::PerFrame => {
                let at = |frame: usize| old.at(0, frame);
                self.work.spare_stamps.clear();
                if self.frames > 0 {
                    let positions = (0..shape.frames).map(|i| i as f64 * shape.scale - shape.phase);
                    self.work.spare_stamps.extend(positions.map(|p| time_at(p, self.frames, at)));
                } else {
                    self.work.spare_stamps.resize(shape.frames, 0.0);
                }
                std::mem::swap(&mut self.work.stamps, &mut self.work.spare_stamps);
                self.clocking = Clocking::PerFrame;
            }
        }
    }

    /// A copy of the samples as they are now, interleaved.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn snapshot(&self) -> Result<Vec<f32>> {
        match self.place {
            Place::Input => collected(self.input.iter().copied()),
            Place::Frames => collected(self.work.current[..self.channels * self.frames].iter().copied()),
            Place::Planes => {
                let mut copy = filled(0.0, self.channels * self.frames)?;
                interleave(&self.work.current, stride_of(self.channels, self.frames), self.channels, &mut copy);
                Ok(copy)
            }
        }
    }

    /// Ends the block: `None` if the result is in the caller's array, else the new samples, interleaved.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn finish(mut self) -> Result<Option<Vec<f32>>> {
        if self.reshaped {
            return self.snapshot().map(Some);
        }
        self.interleaved();
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn in_place_stages_write_the_callers_array() {
        let mut work = Workspace::default();
        let mut input = [1.0, 10.0, 2.0, 20.0];
        let mut block = Block::regular(&mut input, 2, &mut work, 0.0, 0.0, 1000.0);
        block.each_channel(|c, xs| xs.iter_mut().for_each(|x| *x += c as f32));
        block.each_run(|xs| xs.iter_mut().for_each(|x| *x *= 2.0));
        assert_eq!(block.interleaved(), [2.0, 22.0, 4.0, 42.0]);
        assert_eq!(block.finish(), Ok(None));
        assert_eq!(input, [2.0, 22.0, 4.0, 42.0]);
    }

    #[test]
    fn a_change_of_shape_leaves_the_callers_array_at_the_last_stage_before() {
        let mut work = Workspace::default();
        let mut input = [1.0, 10.0, 2.0, 20.0];
        let mut block = Block::regular(&mut input, 2, &mut work, 5.0, 0.0, 1000.0);
        block.each_channel(|_, xs| xs.iter_mut().for_each(|x| *x += 1.0));
        let halve = Reshape { channels: 2, frames: 1, scale: 2.0, phase: 0.0 };
        block
            .reshape(halve, |old, new, _| {
                (0..2).for_each(|c| new.channel(c)[0] = old.channel(c)[1]);
                Ok(())
            })
            .unwrap();
        block.each_run(|xs| xs.iter_mut().for_each(|x| *x = -*x));
        assert_eq!(block.times().at(0, 3), 11.0);
        assert_eq!(block.interleaved(), [-3.0, -21.0]);
        assert_eq!(block.finish(), Ok(Some(vec![-3.0, -21.0])));
        assert_eq!(input, [2.0, 11.0, 3.0, 21.0]);
    }

    #[test]
    fn explicit_times_are_interpolated_and_continued() {
        let mut work = Workspace::default();
        let mut input = [0.0; 3];
        let mut block = Block::stamped(&mut input, 1, &mut work, &[0.0, 10.0, 40.0]);
        block.reshape(Reshape { channels: 1, frames: 4, scale: 1.0, phase: 0.5 }, |_, _, _| Ok(())).unwrap();
        let times: Vec<f64> = (0..4).map(|k| block.times().at(0, k)).collect();
        assert_eq!(times, [-5.0, 5.0, 25.0, 55.0]);
    }

    #[test]
    fn an_absurd_size_is_a_range_error() {
        let mut work = Workspace::default();
        let mut input = [0.0; 3];
        let mut block = Block::regular(&mut input, 1, &mut work, 0.0, 0.0, 1.0);
        let huge = Reshape::to(usize::MAX / 2, 8);
        assert!(matches!(block.reshape(huge, |_, _, _| Ok(())), Err(Error::Range(_))));
    }
}
