//! Records of several segments, with the same signals in all (fixed layout) or with some of them in each (variable).

use super::header::Record;
use super::read_record;
use super::signals::SignalReader;
use crate::header::Channel;
use crate::input::Folder;
use crate::recording::Reader;
use crate::text::quoted;
use crate::{Error, Result};

/// A segment whose samples are missing.
const NULL: &str = "~";

/// One segment.
struct Part {
    name: String,
    /// First frame of the segment in the record.
    at: u64,
    frames: u64,
}

/// Reads the segments one after the other; one is open at a time.
pub struct SegmentReader {
    folder: Folder,
    parts: Vec<Part>,
    labels: Vec<String>,
    rates: Vec<Option<f64>>,
    per_frame: Vec<u64>,
    sample_rate: f64,
    is_variable: bool,
    open: Option<(usize, SignalReader, Vec<Option<usize>>)>,
}

impl SegmentReader {
    /// Opens the segments of a record; returns their channels as well.
    pub fn open(record: &Record, folder: &Folder) -> Result<(Self, Vec<Channel>)> {
        let folder = match folder {
            Folder::Path(path) => Folder::Path(path.clone()),
            Folder::Files(files) => Folder::Files(files.clone()),
        };
        let is_variable = record.segments[0].frames == 0;
        let mut at = 0u64;
        let mut parts = Vec::new();
        for segment in record.segments.iter().skip(usize::from(is_variable)) {
            parts.push(Part { name: segment.name.clone(), at, frames: segment.frames });
            at = at.checked_add(segment.frames).ok_or_else(|| Error::whole("the segments are too long"))?;
        }
        let model = match is_variable {
            true => record.segments.first(),
            false => record.segments.iter().find(|segment| segment.name != NULL),
        };
        let model = model.ok_or_else(|| Error::whole("no segment tells the signals"))?;
        let layout = read_segment(&folder, &model.name)?;
        if layout.signals.len() != record.signal_count {
            let (has, want) = (layout.signals.len(), record.signal_count);
            return Err(Error::whole(format!("the segment {} has {has} signals, not {want}", quoted(&model.name))));
        }
        let channels = layout.signals.iter().map(|signal| Channel {
            label: signal.label.clone(),
            unit: signal.unit.clone(),
            sample_rate: Some(record.sample_rate * signal.per_frame as f64),
            frames: Some(at.saturating_mul(signal.per_frame)),
            gain: 1.0 / signal.gain,
            offset: -signal.baseline / signal.gain,
            ..Channel::default()
        });
        let channels: Vec<Channel> = channels.collect();
        let reader = Self {
            folder,
            parts,
            labels: channels.iter().map(|channel| channel.label.clone()).collect(),
            rates: channels.iter().map(|channel| channel.sample_rate).collect(),
            per_frame: layout.signals.iter().map(|signal| signal.per_frame).collect(),
            sample_rate: record.sample_rate,
            is_variable,
            open: None,
        };
        Ok((reader, channels))
    }

    /// Returns the number of frames of the record.
    pub fn frames(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.at + part.frames)
    }

    /// Opens a segment, unless it is open; finds which of its signals is which channel.
    fn ensure(&mut self, part: usize) -> Result<()> {
        if self.open.as_ref().is_some_and(|(open, ..)| *open == part) {
            return Ok(());
        }
        let record = read_segment(&self.folder, &self.parts[part].name)?;
        if record.sample_rate != self.sample_rate {
            return Err(Error::whole(format!(
                "the segment {} has another sample rate",
                quoted(&self.parts[part].name)
            )));
        }
        let find = |(i, label): (usize, &String)| match self.is_variable {
            true => record.signals.iter().position(|signal| signal.label == *label),
            false => (i < record.signals.len()).then_some(i),
        };
        let found: Vec<Option<usize>> = self.labels.iter().enumerate().map(find).collect();
        let (reader, frames, _) = SignalReader::open(&record, &self.folder)?;
        let channels = reader.channels(frames);
        let differs = |(i, signal): (usize, &Option<usize>)| {
            signal.is_some_and(|signal| channels[signal].sample_rate != self.rates[i])
        };
        if found.iter().enumerate().any(differs) {
            let name = quoted(&self.parts[part].name);
            return Err(Error::whole(format!(
                "a signal of the segment {name} has another sample rate than the record"
            )));
        }
        self.open = Some((part, reader, found));
        Ok(())
    }
}

/// Returns the header of a segment.
fn read_segment(folder: &Folder, name: &str) -> Result<Record> {
    let record = read_record(folder, name)?;
    // A segment of segments could contain itself; the format does not have it.
    if !record.segments.is_empty() {
        return Err(Error::whole(format!("the segment {} has segments itself", quoted(name))));
    }
    Ok(record)
}

impl Reader for SegmentReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let per_frame = self.per_frame[channels[0]];
        let end = self.frames().saturating_mul(per_frame);
        let frames = frames.min(usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX));
        let begin = out.len();
        out.resize(begin + frames * channels.len(), f64::NAN);
        let mut done = 0;
        while done < frames {
            let position = at + done as u64;
            let part = self.parts.partition_point(|part| part.at * per_frame <= position) - 1;
            let Part { at: start, frames: length, ref name } = self.parts[part];
            let left = (start + length) * per_frame - position;
            let count = (frames - done).min(usize::try_from(left).unwrap_or(usize::MAX));
            if count == 0 {
                break;
            }
            if name != NULL {
                self.ensure(part)?;
                let Some((_, reader, found)) = &mut self.open else { break };
                let present: Vec<(usize, usize)> = channels
                    .iter()
                    .enumerate()
                    .filter_map(|(place, &channel)| Some((place, found[channel]?)))
                    .collect();
                let signals: Vec<usize> = present.iter().map(|&(_, signal)| signal).collect();
                if !signals.is_empty() {
                    let mut rows = Vec::new();
                    reader.read(&signals, position - start * per_frame, count, &mut rows)?;
                    for (i, row) in rows.chunks_exact(signals.len()).enumerate() {
                        for (&(place, _), &value) in present.iter().zip(row) {
                            out[begin + (done + i) * channels.len() + place] = value;
                        }
                    }
                }
            }
            done += count;
        }
        Ok(done)
    }
}
