//! The signals of one record, from its signal files.

use super::format::Packing;
use super::header::{Record, Signal};
use crate::header::Channel;
use crate::input::{Folder, Input};
use crate::limits::zeros;
use crate::recording::Reader;
use crate::text::quoted;
use crate::{Error, Result};

/// Bytes that are decoded at once.
const STEP: u64 = 1 << 16;
/// Sums that are kept for a file of differences.
const MAX_DIFFERENCES: u64 = 1 << 16;

/// A signal file: frames of the samples of all its signals.
struct File {
    input: Input,
    packing: Packing,
    offset: u64,
    /// Samples of all its signals in a frame.
    per_frame: u64,
    /// Of format 8: sums of the differences up to a frame.
    sums: Vec<i32>,
    /// Those before the last frame, which may be asked for again.
    before: Vec<i32>,
    /// Values before the first frame, of each sample of a frame.
    initial: Vec<i32>,
    /// Frame that comes after the sums.
    summed: u64,
}

/// Where a signal is.
struct Place {
    file: usize,
    /// First sample of the signal within a frame of its file.
    at: u64,
}

/// Reads the signals of a record that has no segments.
pub struct SignalReader {
    signals: Vec<Signal>,
    places: Vec<Place>,
    files: Vec<File>,
    frames: u64,
    sample_rate: f64,
}

impl SignalReader {
    /// Opens the files of a record; returns the number of frames and what is wrong with them besides.
    pub fn open(record: &Record, folder: &Folder) -> Result<(Self, u64, Vec<String>)> {
        let mut reader = Self {
            signals: record.signals.clone(),
            places: Vec::new(),
            files: Vec::new(),
            frames: 0,
            sample_rate: record.sample_rate,
        };
        let mut names: Vec<&str> = Vec::new();
        for signal in &record.signals {
            let file = match names.iter().rposition(|name| *name == signal.file) {
                Some(file) => file,
                None => {
                    let packing = Packing::of(signal.format)?;
                    let opened = folder.open(&signal.file)?;
                    let input = opened
                        .ok_or_else(|| Error::whole(format!("the signal file {} is missing", quoted(&signal.file))))?;
                    reader.files.push(File::new(input, packing, signal.offset));
                    names.push(&signal.file);
                    reader.files.len() - 1
                }
            };
            let shared = &mut reader.files[file];
            if shared.packing.format != signal.format {
                let message = format!("the signals of {} have different formats", quoted(&signal.file));
                return Err(Error::whole(message));
            }
            reader.places.push(Place { file, at: shared.per_frame });
            shared.per_frame += signal.per_frame;
            if signal.format == 8 {
                if shared.per_frame > MAX_DIFFERENCES {
                    return Err(Error::whole(format!("{} samples in a frame of format 8", shared.per_frame)));
                }
                shared.initial.extend(std::iter::repeat_n(signal.initial, signal.per_frame as usize));
            }
        }
        let available = reader.files.iter().map(File::frames).min().unwrap_or(0);
        let mut warnings = Vec::new();
        reader.frames = match record.frames {
            Some(stated) if stated > available => {
                warnings.push(format!("the signal files are cut off: they have {available} of {stated} frames"));
                available
            }
            Some(stated) => stated,
            None => available,
        };
        let frames = reader.frames;
        Ok((reader, frames, warnings))
    }

    /// Returns the channels of a recording of `frames` frames.
    pub fn channels(&self, frames: u64) -> Vec<Channel> {
        let channel = |signal: &Signal| Channel {
            label: signal.label.clone(),
            unit: signal.unit.clone(),
            sample_rate: Some(self.sample_rate * signal.per_frame as f64),
            frames: Some(frames.saturating_mul(signal.per_frame)),
            gain: 1.0 / signal.gain,
            offset: -signal.baseline / signal.gain,
            ..Channel::default()
        };
        self.signals.iter().map(channel).collect()
    }

    /// Fills the samples of `channels`, which share a file and a skew, into the frames of `out`; `places` says where in a
    /// frame. What is not there stays NaN.
    fn fill(&mut self, channels: &[usize], places: &[usize], at: u64, out: &mut [f64], stride: usize) -> Result<()> {
        let (file, per_frame) = (self.places[channels[0]].file, self.signals[channels[0]].per_frame);
        let shift = self.signals[channels[0]].skew * per_frame;
        let count = (out.len() / stride) as u64;
        // What would lie behind the end is missing, as the record's other signals end there.
        let end = self.frames.saturating_mul(per_frame);
        let (first, last) = (at + shift, (at + shift + count).min(end));
        let file = &mut self.files[file];
        let mut frame = first / per_frame;
        while frame * per_frame < last {
            let frames = (STEP / file.per_frame).max(1).min((last - 1) / per_frame + 1 - frame);
            let samples = file.decode(frame, frames)?;
            let missing = file.packing.missing();
            for (i, whole) in samples.chunks_exact(file.per_frame as usize).enumerate() {
                for k in 0..per_frame {
                    let position = (frame + i as u64) * per_frame + k;
                    if position < first || position >= last {
                        continue;
                    }
                    let target = (position - first) as usize * stride;
                    for (&channel, &place) in channels.iter().zip(places) {
                        let stored = whole[(self.places[channel].at + k) as usize];
                        let Signal { gain, baseline, .. } = self.signals[channel];
                        if missing != Some(stored) {
                            out[target + place] = (f64::from(stored) - baseline) / gain;
                        }
                    }
                }
            }
            frame += frames;
        }
        Ok(())
    }

    /// Returns the channels that can be read together, with their places in a frame.
    fn groups(&self, channels: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
        let key = |channel: usize| (self.places[channel].file, self.signals[channel].skew);
        for (place, &channel) in channels.iter().enumerate() {
            match groups.iter_mut().find(|(members, _)| key(members[0]) == key(channel)) {
                Some((members, places)) => {
                    members.push(channel);
                    places.push(place);
                }
                None => groups.push((vec![channel], vec![place])),
            }
        }
        groups
    }
}

impl Reader for SignalReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let end = self.frames.saturating_mul(self.signals[channels[0]].per_frame);
        let frames = frames.min(usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX));
        let begin = out.len();
        out.resize(begin + frames * channels.len(), f64::NAN);
        for (members, places) in self.groups(channels) {
            self.fill(&members, &places, at, &mut out[begin..], channels.len())?;
        }
        Ok(frames)
    }
}

impl File {
    fn new(input: Input, packing: Packing, offset: u64) -> Self {
        let (sums, before, initial) = (Vec::new(), Vec::new(), Vec::new());
        Self { input, packing, offset, per_frame: 0, sums, before, initial, summed: 0 }
    }

    /// Returns the number of whole frames.
    fn frames(&self) -> u64 {
        let length = self.input.len().unwrap_or(0).saturating_sub(self.offset);
        self.packing.samples_in(length) / self.per_frame.max(1)
    }

    /// Returns the stored numbers of `count` frames, fewer at the end.
    fn decode(&mut self, frame: u64, count: u64) -> Result<Vec<i32>> {
        if self.packing.format != 8 {
            return self.unpack(frame * self.per_frame, count * self.per_frame);
        }
        if frame + 1 == self.summed {
            self.sums.clone_from(&self.before);
            self.summed = frame;
        } else if frame < self.summed || self.sums.is_empty() {
            self.sums.clone_from(&self.initial);
            self.summed = 0;
        }
        while self.summed < frame {
            let step = (frame - self.summed).min(STEP / self.per_frame + 1);
            self.sum(step)?;
        }
        self.sum(count)
    }

    /// Adds the differences of the next frames; returns their sums.
    fn sum(&mut self, count: u64) -> Result<Vec<i32>> {
        let mut values = self.unpack(self.summed * self.per_frame, count * self.per_frame)?;
        for frame in values.chunks_exact_mut(self.per_frame as usize) {
            self.before.clone_from(&self.sums);
            for (value, sum) in frame.iter_mut().zip(&mut self.sums) {
                *sum = sum.wrapping_add(*value);
                *value = *sum;
            }
        }
        self.summed += count;
        Ok(values)
    }

    fn unpack(&mut self, first: u64, count: u64) -> Result<Vec<i32>> {
        let Packing { samples, bytes, .. } = self.packing;
        let group = first / samples;
        let groups = (first + count).div_ceil(samples) - group;
        let mut raw = zeros((groups * bytes) as usize)?;
        let read = self.input.read_at(self.offset + group * bytes, &mut raw)? as u64;
        let available = self.packing.samples_in(read);
        let skipped = first - group * samples;
        let count = count.min(available.saturating_sub(skipped));
        let one = |i: u64| {
            let at = ((skipped + i) / samples * bytes) as usize;
            self.packing.decode(&raw[at..at + bytes as usize], (skipped + i) % samples)
        };
        Ok((0..count).map(one).collect())
    }
}
