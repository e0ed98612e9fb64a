//! EDF, EDF+, BDF and BDF+: 16 or 24-bit integers in data records, each signal with a sample rate of its own.
//!
//! After Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+) and BioSemi's description of BDF. Physical values are computed
//! as EDFlib does, `gain · (digital + offset)`, so that both give the same bits.

mod annotations;
mod header;
mod records;
mod write;

pub(crate) use write::EdfSink;

use annotations::Notes;
use header::{Layout, Signal, read_layout};

use crate::header::{Annotation, Channel, Gap, Header};
use crate::input::Input;
use crate::limits::{MAX_ANNOTATIONS, zeros};
use crate::recording::{Opened, Reader};
use crate::{Error, Result};

/// A gap between records that is shorter than this part of a sample is rounding of the written times.
const GAP_TOLERANCE: f64 = 0.5;

/// Opens an EDF or BDF file.
pub(crate) fn open(mut input: Input) -> Result<Opened> {
    let layout = read_layout(&mut input)?;
    let mut warnings = layout.warnings.clone();
    let whole = input.len().map(|length| length.saturating_sub(layout.header_bytes) / layout.record_bytes.max(1));
    let records = match (layout.records, whole) {
        (Some(stated), Some(whole)) if stated > whole => {
            warnings.push(format!("the file is cut off: it has {whole} of {stated} data records"));
            Some(whole)
        }
        (Some(stated), _) => Some(stated),
        (None, whole) => whole,
    };
    let rate = |signal: &Signal| signal.per_record as f64 / layout.duration;
    let channel = |signal: &Signal| Channel {
        label: signal.label.clone(),
        unit: signal.unit.clone(),
        sample_rate: Some(rate(signal)).filter(|rate| rate.is_finite()),
        frames: records.map(|records| records.saturating_mul(signal.per_record)),
        gain: signal.gain,
        offset: signal.gain * signal.offset,
        prefilter: signal.prefilter.clone(),
        transducer: signal.transducer.clone(),
    };
    let positions: Vec<usize> = (0..layout.signals.len()).filter(|&i| !layout.signals[i].is_annotations).collect();
    let channels: Vec<Channel> = positions.iter().map(|&i| channel(&layout.signals[i])).collect();
    let main = main_channel(&channels);
    let header = Header {
        format: layout.format.to_owned(),
        encoding: if layout.width == 3 { "int24" } else { "int16" }.to_owned(),
        sample_rate: main.and_then(|channel| channel.sample_rate),
        frames: main.and_then(|channel| channel.frames),
        start: layout.start.clone(),
        wide: false,
        notes: layout.notes.clone(),
        warnings,
        channels,
    };
    let mut reader = EdfReader { input, layout, positions, records };
    let first = reader.onset(0)?.unwrap_or(0.0);
    let start = header.start.clone().map(|start| with_fraction(start, first));
    Ok((Header { start, ..header }, Box::new(reader)))
}

/// Returns the channel whose rate most have, of those with as many the fastest.
fn main_channel(channels: &[Channel]) -> Option<&Channel> {
    let mut counts: Vec<(f64, usize, usize)> = Vec::new();
    for (i, channel) in channels.iter().enumerate() {
        let rate = channel.sample_rate.unwrap_or(0.0);
        match counts.iter_mut().find(|(known, ..)| *known == rate) {
            Some((_, count, _)) => *count += 1,
            None => counts.push((rate, 1, i)),
        }
    }
    let best = counts.iter().max_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
    best.map(|&(_, _, i)| &channels[i])
}

/// Returns a start time with the fraction of a second by which the first record begins later.
fn with_fraction(start: String, onset: f64) -> String {
    let fraction = format!("{:.7}", onset.fract());
    match fraction.strip_prefix("0.").map(|digits| digits.trim_end_matches('0')) {
        Some(digits) if !digits.is_empty() && (0.0..1.0).contains(&onset) => format!("{start}.{digits}"),
        _ => start,
    }
}

struct EdfReader {
    input: Input,
    layout: Layout,
    /// Positions of the channels among all signals, those of annotations included.
    positions: Vec<usize>,
    /// Data records; unknown in a stream.
    records: Option<u64>,
}

impl EdfReader {
    /// Returns the position of a record.
    fn record_at(&self, record: u64) -> u64 {
        self.layout.header_bytes.saturating_add(record.saturating_mul(self.layout.record_bytes))
    }

    /// Returns the notes of a record, with the onset of the record itself first; `None` behind the last.
    fn notes(&mut self, record: u64) -> Result<Option<Notes>> {
        let mut notes = Notes::default();
        if self.records.is_some_and(|records| record >= records) {
            return Ok(None);
        }
        for i in 0..self.layout.signals.len() {
            let Signal { is_annotations, at, bytes, .. } = self.layout.signals[i];
            if !is_annotations {
                continue;
            }
            let from = self.record_at(record) + at;
            let text = self.input.take_at(from, bytes as usize)?;
            if (text.len() as u64) < bytes {
                return Ok(None);
            }
            notes.parse(&text, from)?;
        }
        Ok(Some(notes))
    }

    /// Returns the seconds from the file's start time to a record, where the file says it.
    fn onset(&mut self, record: u64) -> Result<Option<f64>> {
        if !self.layout.signals.iter().any(|signal| signal.is_annotations) {
            return Ok(None);
        }
        Ok(self.notes(record)?.and_then(|notes| notes.record_onset))
    }

    fn read_signal(&mut self, channel: usize, record: u64, from: u64, count: usize) -> Result<Vec<u8>> {
        let signal = &self.layout.signals[self.positions[channel]];
        let width = self.layout.width;
        let at = self.record_at(record) + signal.at + from * width as u64;
        let mut bytes = zeros(count * width)?;
        let read = self.input.read_at(at, &mut bytes)?;
        bytes.truncate(read / width * width);
        Ok(bytes)
    }
}

impl Reader for EdfReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let per_record = self.layout.signals[self.positions[channels[0]]].per_record;
        if per_record == 0 {
            return Ok(0);
        }
        let (width, begin) = (self.layout.width, out.len());
        let mut done = 0;
        while done < frames {
            let position = at + done as u64;
            let (record, from) = (position / per_record, position % per_record);
            if self.records.is_some_and(|records| record >= records) {
                break;
            }
            let mut count = (frames - done).min((per_record - from) as usize);
            let base = begin + done * channels.len();
            out.resize(base + count * channels.len(), 0.0);
            for (place, &channel) in channels.iter().enumerate() {
                let bytes = self.read_signal(channel, record, from, count)?;
                count = count.min(bytes.len() / width);
                let Signal { gain, offset, .. } = self.layout.signals[self.positions[channel]];
                for (i, bytes) in bytes.chunks_exact(width).enumerate().take(count) {
                    out[base + i * channels.len() + place] = gain * (f64::from(digital(bytes)) + offset);
                }
            }
            out.truncate(base + count * channels.len());
            if count == 0 {
                break;
            }
            done += count;
        }
        Ok(done)
    }

    fn annotations(&mut self) -> Result<Vec<Annotation>> {
        let mut all = Vec::new();
        let mut first = None;
        if !self.layout.signals.iter().any(|signal| signal.is_annotations) {
            return Ok(all);
        }
        for record in 0.. {
            let Some(notes) = self.notes(record)? else { break };
            let first = *first.get_or_insert(notes.record_onset.unwrap_or(0.0));
            all.extend(notes.annotations.into_iter().map(|note| Annotation { onset: note.onset - first, ..note }));
            if all.len() > MAX_ANNOTATIONS {
                let message = format!("there are more than {MAX_ANNOTATIONS} annotations");
                return Err(Error::damaged(self.record_at(record), message));
            }
        }
        all.sort_by(|a, b| a.onset.total_cmp(&b.onset));
        Ok(all)
    }

    fn gaps(&mut self) -> Result<Vec<Gap>> {
        let mut gaps = Vec::new();
        let per_record = self.positions.iter().map(|&i| self.layout.signals[i].per_record).max().unwrap_or(0);
        if !self.layout.is_discontinuous || per_record == 0 {
            return Ok(gaps);
        }
        let main = main_per_record(&self.layout, &self.positions);
        let mut expected = None;
        for record in 0.. {
            let Some(notes) = self.notes(record)? else { break };
            let Some(onset) = notes.record_onset else {
                return Err(Error::damaged(self.record_at(record), "a data record does not say when it begins"));
            };
            let missing = onset - expected.unwrap_or(onset);
            if missing > GAP_TOLERANCE * self.layout.duration / per_record as f64 {
                gaps.push(Gap { frame: record.saturating_mul(main), duration: missing });
            }
            if gaps.len() > MAX_ANNOTATIONS {
                return Err(Error::damaged(
                    self.record_at(record),
                    format!("there are more than {MAX_ANNOTATIONS} gaps"),
                ));
            }
            expected = Some(onset + self.layout.duration);
        }
        Ok(gaps)
    }
}

/// Returns the samples per record of the main rate.
fn main_per_record(layout: &Layout, positions: &[usize]) -> u64 {
    let rates: Vec<Channel> = positions
        .iter()
        .map(|&i| Channel { sample_rate: Some(layout.signals[i].per_record as f64), ..Channel::default() })
        .collect();
    main_channel(&rates).and_then(|channel| channel.sample_rate).unwrap_or(0.0) as u64
}

/// Returns the little-endian number of 2 or 3 bytes.
fn digital(bytes: &[u8]) -> i32 {
    match bytes {
        [a, b] => i32::from(i16::from_le_bytes([*a, *b])),
        [a, b, c] => i32::from_le_bytes([0, *a, *b, *c]) >> 8,
        _ => 0,
    }
}
