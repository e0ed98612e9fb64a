//! The times of a stream whose rate a stage changes, if the caller gives a time for every frame.
//!
//! The last times are kept from call to call, so the result does not depend on how the stream is cut.

use crate::engine::times::Times;
use crate::error::{Error, Result};

/// Number of values in a saved timeline.
const SAVED: usize = 5;

/// Positions of the outputs of one call in ticks: `up` ticks per input frame, `down` ticks from output to output.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    /// Ticks per input frame.
    pub up: u64,
    /// Ticks from output to output.
    pub down: u64,
    /// Ticks from the first frame of the call to its first output.
    pub next: u64,
    /// Frames between the time of an output and the frame with which it comes out: 0, or `down` − 1 if `up` is 1.
    pub lag: u64,
}

/// The last times of a stream.
///
/// An output between two frames comes before the second of them is known. Its time is that of the first frame plus the
/// fraction of the shorter of the last two intervals, so regular times stay regular and a pause affects one interval
/// only. Times never decrease from output to output, unless the clock was set back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    last: Option<f64>,
    /// The last two intervals in milliseconds, the newest first.
    intervals: [Option<f64>; 2],
    /// Time in milliseconds of the first frame of a decimator's incomplete block.
    block: Option<f64>,
    /// Time in milliseconds of the last output; `None` if the clock was set back since.
    newest: Option<f64>,
    /// Times in milliseconds of the outputs of the last call.
    outputs: Vec<f64>,
}

impl Timeline {
    /// Discards all times.
    pub fn reset(&mut self) {
        let mut outputs = std::mem::take(&mut self.outputs);
        outputs.clear();
        *self = Self { outputs, ..Self::default() };
    }

    /// Returns whether any times have been given.
    pub fn has_begun(&self) -> bool {
        self.last.is_some()
    }

    /// Takes the times of the next `frames` frames and computes those of the `count` outputs on the grid. `nominal` is
    /// the time between frames in milliseconds, which holds until two frames have come.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn advance(&mut self, times: Times<'_>, frames: usize, grid: Grid, count: usize, nominal: f64) -> Result<()> {
        self.outputs.clear();
        let no_memory = |_| Error::range(format!("there is no memory for the times of {count} samples"));
        self.outputs.try_reserve(count).map_err(no_memory)?;
        let mut due = Place { frame: grid.next / grid.up, tick: grid.next % grid.up };
        for frame in 0..frames {
            self.push(times.at(0, frame));
            if grid.lag > 0 && self.block.is_none() {
                self.block = self.last;
            }
            while due.frame == frame as u64 && self.outputs.len() < count {
                let time = if grid.lag > 0 { self.block.take() } else { self.between(due.tick, grid.up, nominal) };
                let time = time.unwrap_or(f64::NAN);
                let time = self.newest.filter(|newest| *newest > time).unwrap_or(time);
                self.newest = Some(time);
                self.outputs.push(time);
                due.advance(grid);
            }
        }
        Ok(())
    }

    /// Returns the times of the outputs of the last call in milliseconds.
    pub fn outputs(&self) -> impl Iterator<Item = f64> {
        self.outputs.iter().copied()
    }

    fn push(&mut self, time: f64) {
        if let Some(last) = self.last.replace(time) {
            self.newest = self.newest.filter(|_| time >= last);
            self.intervals = [Some(time - last), self.intervals[0]];
        }
    }

    fn between(&self, tick: u64, up: u64, nominal: f64) -> Option<f64> {
        let step = match self.intervals {
            [Some(newest), Some(before)] => newest.min(before),
            [Some(newest), None] => newest,
            _ => nominal,
        };
        self.last.map(|last| if tick == 0 { last } else { last + step.max(0.0) * (tick as f64 / up as f64) })
    }

    /// Returns the values to save: none before the first time, NaN for times that are not known.
    pub fn save(&self) -> Vec<f64> {
        let known = |time: Option<f64>| time.unwrap_or(f64::NAN);
        match self.last {
            Some(last) => {
                let [newest, before] = self.intervals.map(known);
                vec![last, newest, before, known(self.block), known(self.newest)]
            }
            None => vec![],
        }
    }

    /// Restores the values that [`Self::save`] returned.
    ///
    /// # Errors
    /// If their number is wrong.
    pub fn load(&mut self, saved: &[f64]) -> Result<()> {
        self.reset();
        let known = |time: f64| (!time.is_nan()).then_some(time);
        match *saved {
            [] => {}
            [last, newest, before, block, output] => {
                (self.last, self.intervals) = (Some(last), [known(newest), known(before)]);
                (self.block, self.newest) = (known(block), known(output));
            }
            _ => return Err(Error::failed(format!("'times' must hold {SAVED} numbers"))),
        }
        Ok(())
    }
}

/// Position of the next output.
struct Place {
    frame: u64,
    tick: u64,
}

impl Place {
    fn advance(&mut self, grid: Grid) {
        let ticks = self.tick + grid.down;
        self.frame += ticks / grid.up;
        self.tick = ticks % grid.up;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::block::Block;
    use crate::engine::workspace::Workspace;

    fn outputs(stamps: &[f64], calls: &[usize], up: u64, down: u64, lag: u64) -> Vec<f64> {
        let (mut timeline, mut next, mut at, mut all) = (Timeline::default(), lag, 0, vec![]);
        for frames in calls {
            let (mut samples, mut work) = (vec![0.0; *frames], Workspace::default());
            let block = Block::stamped(&mut samples, 1, &mut work, &stamps[at..at + frames]);
            let ticks = *frames as u64 * up;
            let count = ticks.saturating_sub(next).div_ceil(down);
            timeline.advance(block.times(), *frames, Grid { up, down, next, lag }, count as usize, 8.0).expect("fits");
            all.extend(timeline.outputs());
            next = next + count * down - ticks;
            at += frames;
        }
        all
    }

    #[test]
    fn outputs_between_frames_go_on_by_the_shorter_of_the_last_two_intervals() {
        // 38 and 39.5 would be before 40; then the clock is set back.
        let stamps = [0.0, 10.0, 25.0, 35.0, 38.0, 2.0];
        let expected = [0.0, 4.0, 10.0, 15.0, 25.0, 30.0, 35.0, 40.0, 40.0, 40.0, 2.0, 2.0];
        for calls in [&[6][..], &[1, 1, 1, 1, 1, 1], &[4, 2], &[1, 5]] {
            assert_eq!(outputs(&stamps, calls, 2, 1, 0), expected);
        }
    }

    #[test]
    fn a_decimated_frame_has_the_time_of_the_first_of_its_block() {
        let stamps = [0.0, 10.0, 30.0, 40.0, 41.0, 42.0, 50.0];
        for calls in [&[7][..], &[1, 1, 1, 1, 1, 1, 1], &[2, 3, 2]] {
            assert_eq!(outputs(&stamps, calls, 1, 3, 2), [0.0, 40.0]);
        }
    }

    #[test]
    fn a_saved_timeline_of_another_length_is_refused() {
        let mut timeline = Timeline::default();
        assert!(timeline.save().is_empty());
        assert!(timeline.load(&[1.0]).is_err());
        timeline.load(&[5.0, f64::NAN, f64::NAN, 4.0, f64::NAN]).expect("is of the right length");
        assert_eq!(timeline.save().len(), SAVED);
    }
}
