//! Writes EDF and BDF. The ranges of the integers and the number of data records stand in the header, so samples are
//! kept in a second file until all of them are known.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::records::{Records, plan};
use crate::header::{Annotation, Gap};
use crate::write::replacement::{Replacement, spool};
use crate::write::sink::{ChannelOptions, Dither, Out, Sink, WriteOptions};
use crate::{Error, Result};

/// Writes one file.
pub(crate) struct EdfSink {
    spool: BufWriter<File>,
    /// Removes the second file.
    _spooled: Replacement,
    is_bdf: bool,
    /// Whether annotations and gaps can be written.
    is_plus: bool,
    sample_rate: f64,
    channels: Vec<ChannelOptions>,
    ranges: Vec<(f64, f64)>,
    frames: u64,
    dither: Dither,
    annotations: Vec<Annotation>,
    gaps: Vec<Gap>,
    start: Start,
    patient: Option<String>,
    recording: Option<String>,
}

/// A field of the header: width, text for the annotations, text for each channel.
type Field<'a> = (usize, &'a str, Box<dyn Fn(usize) -> String + 'a>);

/// When the recording began, in the forms of the header.
struct Start {
    date: String,
    time: String,
    /// `04-APR-2011`, `X` if unknown.
    long: String,
    /// Fraction of the second.
    fraction: f64,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

fn parse_start(text: Option<&str>) -> Result<Start> {
    let Some(text) = text else {
        return Ok(Start { date: "01.01.85".into(), time: "00.00.00".into(), long: "X".into(), fraction: 0.0 });
    };
    let parsed = || -> Option<Start> {
        let (date, time) = text.trim_end_matches('Z').split_once(['T', ' '])?;
        let (time, fraction) = time.split_once('.').map_or((time, "0"), |(time, digits)| (time, digits));
        let date: Vec<u32> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let time: Vec<u32> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let fraction: f64 = format!("0.{fraction}").parse().ok()?;
        let (&[year, month, day], &[hour, minute, second]) = (&date[..], &time[..]) else { return None };
        let valid = (1985..=2084).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
        (valid && hour < 24 && minute < 60 && second < 60).then(|| Start {
            date: format!("{day:02}.{month:02}.{:02}", year % 100),
            time: format!("{hour:02}.{minute:02}.{second:02}"),
            long: format!("{day:02}-{}-{year}", MONTHS[month as usize - 1]),
            fraction,
        })
    };
    parsed().ok_or_else(|| {
        let rule = "start must be a date from 1985 to 2084 and a time, 2011-04-04T12:57:02";
        Error::argument(format!("{rule}, got {}", crate::text::quoted(text)))
    })
}

impl EdfSink {
    pub fn new(path: &Path, format: &str, channels: usize, options: &WriteOptions) -> Result<Self> {
        let sample_rate = options.sample_rate.ok_or_else(|| Error::argument(format!("{format} needs sampleRate")))?;
        let is_bdf = format.starts_with("bdf");
        let stored = if is_bdf { "int24" } else { "int16" };
        if options.encoding.as_deref().is_some_and(|encoding| encoding != stored) {
            return Err(Error::argument(format!("{format} stores {stored} only")));
        }
        let names = match options.channels.is_empty() {
            true => vec![ChannelOptions::default(); channels],
            false => options.channels.clone(),
        };
        let inverted = |channel: &&ChannelOptions| {
            channel.range.is_some_and(|(min, max)| !(min.is_finite() && max.is_finite() && min < max))
        };
        if let Some(channel) = names.iter().find(inverted) {
            return Err(Error::argument(format!(
                "the range of a channel is {:?}, not a minimum and a maximum",
                channel.range
            )));
        }
        if names.len() > 9998 {
            return Err(Error::argument(format!("{format} holds at most 9998 channels")));
        }
        let start = parse_start(options.start.as_deref())?;
        let (file, spooled) = spool(path)?;
        let has_more = !options.annotations.is_empty() || !options.gaps.is_empty() || start.fraction > 0.0;
        Ok(Self {
            spool: BufWriter::with_capacity(1 << 16, file),
            _spooled: spooled,
            is_bdf,
            is_plus: format.ends_with('+') || has_more,
            sample_rate,
            ranges: vec![(f64::INFINITY, f64::NEG_INFINITY); channels],
            channels: names,
            frames: 0,
            dither: Dither::new(options.dither),
            annotations: options.annotations.clone(),
            gaps: options.gaps.clone(),
            start,
            patient: options.patient.clone(),
            recording: options.recording.clone(),
        })
    }

    fn digital_range(&self) -> (f64, f64) {
        if self.is_bdf { (-8388608.0, 8388607.0) } else { (-32768.0, 32767.0) }
    }

    fn header(&self, records: &Records, ranges: &[(f64, f64)]) -> Result<Vec<u8>> {
        let mut head = Vec::new();
        head.extend_from_slice(if self.is_bdf { b"\xffBIOSEMI" } else { b"0       " });
        let signals = self.channels.len() + usize::from(self.is_plus);
        let width = if self.is_bdf { 3 } else { 2 };
        let kind = match (self.is_plus, self.gaps.is_empty(), self.is_bdf) {
            (false, _, true) => "24BIT",
            (false, _, false) => "",
            (true, true, true) => "BDF+C",
            (true, true, false) => "EDF+C",
            (true, false, true) => "BDF+D",
            (true, false, false) => "EDF+D",
        };
        put(&mut head, &self.patient_text(), 80);
        put(&mut head, &self.recording_text(), 80);
        put(&mut head, &self.start.date, 8);
        put(&mut head, &self.start.time, 8);
        put(&mut head, &(256 * (signals + 1)).to_string(), 8);
        put(&mut head, kind, 44);
        put(&mut head, &records.count.to_string(), 8);
        put(&mut head, &records.duration_text, 8);
        put(&mut head, &signals.to_string(), 4);
        let (digital_min, digital_max) = self.digital_range();
        let notes = if self.is_bdf { "BDF Annotations" } else { "EDF Annotations" };
        let label = |i: usize| match &*self.channels[i].label {
            "" => format!("channel {}", i + 1),
            label => label.to_owned(),
        };
        let fields: [Field<'_>; 10] = [
            (16, notes, Box::new(label)),
            (80, "", Box::new(|i| self.channels[i].transducer.clone())),
            (8, "", Box::new(|i| self.channels[i].unit.clone())),
            (8, "-1", Box::new(|i| number(ranges[i].0))),
            (8, "1", Box::new(|i| number(ranges[i].1))),
            (8, if self.is_bdf { "-8388608" } else { "-32768" }, Box::new(|_| digital_min.to_string())),
            (8, if self.is_bdf { "8388607" } else { "32767" }, Box::new(|_| digital_max.to_string())),
            (80, "", Box::new(|i| self.channels[i].prefilter.clone())),
            (8, &(records.note_bytes / width).to_string(), Box::new(|_| records.frames.to_string())),
            (32, "", Box::new(|_| String::new())),
        ];
        for (width, of_notes, text) in &fields {
            for i in 0..self.channels.len() {
                put(&mut head, &text(i), *width);
            }
            if self.is_plus {
                put(&mut head, of_notes, *width);
            }
        }
        Ok(head)
    }

    fn patient_text(&self) -> String {
        let given = self.patient.as_deref().unwrap_or("");
        match (self.is_plus, given.split(' ').filter(|part| !part.is_empty()).count()) {
            (false, _) => given.to_owned(),
            (true, 0) => "X X X X".to_owned(),
            (true, 1..=3) => format!("X X X {}", given.replace(' ', "_")),
            (true, _) => given.to_owned(),
        }
    }

    fn recording_text(&self) -> String {
        let given = self.recording.as_deref().unwrap_or("");
        match (self.is_plus, given) {
            (false, _) => given.to_owned(),
            (true, given) if given.starts_with("Startdate ") => given.to_owned(),
            (true, "") => format!("Startdate {} X X X", self.start.long),
            (true, given) => format!("Startdate {} X X {}", self.start.long, given.replace(' ', "_")),
        }
    }

    /// Writes one data record: `samples` are interleaved, and fewer at the end of the recording.
    fn record(&mut self, samples: &[f64], frames: u64, scales: &[(f64, f64)], out: &mut Vec<u8>) {
        let (digital_min, digital_max) = self.digital_range();
        let channels = self.channels.len();
        let width = if self.is_bdf { 3 } else { 2 };
        for (channel, &(gain, offset)) in scales.iter().enumerate() {
            for frame in 0..frames as usize {
                // What the last record lacks is filled with zeros, as the format has no shorter ones.
                let value = samples.get(frame * channels + channel).copied().unwrap_or(0.0);
                let digital = self.dither.round(value / gain - offset, digital_min, digital_max) as i32;
                out.extend_from_slice(&digital.to_le_bytes()[..width]);
            }
        }
    }
}

impl Sink for EdfSink {
    fn write(&mut self, _: &mut Out, samples: &[f64]) -> Result<()> {
        let channels = self.channels.len();
        for (i, &value) in samples.iter().enumerate() {
            if !value.is_finite() {
                let (frame, channel) = (self.frames + (i / channels) as u64, i % channels);
                let message = format!("EDF and BDF hold no {value}: frame {frame}, channel {channel}");
                return Err(Error::argument(message));
            }
            let range = &mut self.ranges[i % channels];
            *range = (range.0.min(value), range.1.max(value));
            self.spool.write_all(&value.to_le_bytes())?;
        }
        self.frames += (samples.len() / channels) as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut Out) -> Result<()> {
        let onset = self.start.fraction;
        let mut records = plan(self.frames, self.sample_rate, onset, &self.gaps, self.is_plus)?;
        let width = if self.is_bdf { 3 } else { 2 };
        if self.is_plus {
            records.lay_out(&self.annotations, width)?;
        }
        let seen = self.ranges.iter().zip(&self.channels);
        let ranges =
            seen.map(|(seen, channel)| channel.range.unwrap_or(*seen)).map(writable).collect::<Result<Vec<_>>>()?;
        let (digital_min, digital_max) = self.digital_range();
        let scale = |&(min, max): &(f64, f64)| {
            let gain = (max - min) / (digital_max - digital_min);
            (gain, max / gain - digital_max)
        };
        let scales: Vec<(f64, f64)> = ranges.iter().map(scale).collect();
        out.write(&self.header(&records, &ranges)?)?;
        self.spool.flush()?;
        let mut spool = BufReader::with_capacity(1 << 16, self.spool.get_ref().try_clone()?);
        spool.seek(SeekFrom::Start(0))?;
        let channels = self.channels.len() as u64;
        let mut left = self.frames;
        for record in 0..records.count {
            let frames = records.frames.min(left);
            left -= frames;
            let mut bytes = crate::limits::zeros((8 * frames * channels) as usize)?;
            spool.read_exact(&mut bytes)?;
            let samples: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
            let mut encoded = Vec::new();
            self.record(&samples, records.frames, &scales, &mut encoded);
            if self.is_plus {
                encoded.extend_from_slice(&records.notes(record));
            }
            out.write(&encoded)?;
        }
        Ok(())
    }
}

/// Appends a field: printable ASCII, padded with spaces.
fn put(head: &mut Vec<u8>, text: &str, width: usize) {
    let mut field: Vec<u8> = text.chars().map(|c| if matches!(c, ' '..='~') { c as u8 } else { b'_' }).collect();
    field.resize(width, b' ');
    head.extend_from_slice(&field);
}

/// Returns the shortest text of a number in 8 characters, without an exponent.
fn number(value: f64) -> String {
    (0..8).rev().map(|digits| format!("{value:.digits$}")).find(|text| text.len() <= 8).unwrap_or_default()
}

/// Returns the range that 8 characters hold and that encloses the given one.
fn writable((min, max): (f64, f64)) -> Result<(f64, f64)> {
    let (min, max) = if min > max { (-1.0, 1.0) } else { (min, max) };
    let round = |value: f64, up: bool| -> f64 {
        let text = number(value);
        let digits = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let parsed: f64 = text.parse().unwrap_or(f64::NAN);
        let step = 0.1f64.powi(digits as i32);
        let moved = if up && parsed < value {
            parsed + step
        } else if !up && parsed > value {
            parsed - step
        } else {
            parsed
        };
        number(moved).parse().unwrap_or(f64::NAN)
    };
    let (low, high) = (round(min, false), round(max, true));
    // A constant signal still needs two different ends.
    let high = if low == high { round(low + low.abs().max(1.0), true) } else { high };
    if low.is_nan() || high.is_nan() || low >= high {
        return Err(Error::argument(format!(
            "a range of {min} to {max} does not fit the 8 characters of EDF: use another unit"
        )));
    }
    Ok((low, high))
}
