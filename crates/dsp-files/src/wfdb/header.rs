//! Header files of WFDB records.

use crate::limits::MAX_CHANNELS;
use crate::text::quoted;
use crate::{Error, Result};

/// Hz, of a header that does not say it.
const DEFAULT_RATE: f64 = 250.0;
/// Steps per unit, of a signal that is not calibrated.
const DEFAULT_GAIN: f64 = 200.0;
const MAX_SEGMENTS: usize = 1 << 20;
/// Samples of one signal in a frame.
const MAX_PER_FRAME: u64 = 1 << 16;

/// A header: of signals, or of segments.
pub struct Record {
    pub sample_rate: f64,
    /// Frames, where the header says it.
    pub frames: Option<u64>,
    pub start: Option<String>,
    pub signals: Vec<Signal>,
    pub signal_count: usize,
    pub segments: Vec<Segment>,
    pub comments: Vec<String>,
}

/// One signal of a record.
#[derive(Clone)]
pub struct Signal {
    pub file: String,
    pub format: u32,
    pub per_frame: u64,
    /// Frames by which this signal lags behind.
    pub skew: u64,
    /// Bytes before the samples in the file.
    pub offset: u64,
    /// Stored steps per physical unit.
    pub gain: f64,
    pub baseline: f64,
    pub unit: String,
    /// Value before the first difference in format 8.
    pub initial: i32,
    pub label: String,
}

/// One segment of a record.
pub struct Segment {
    pub name: String,
    pub frames: u64,
}

/// Parses a header file.
pub fn parse(text: &str) -> Result<Record> {
    let mut lines = Vec::new();
    let mut comments = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        match line.strip_prefix('#') {
            Some(comment) => comments.push(comment.trim().to_owned()),
            None if !line.is_empty() => lines.push((i as u64 + 1, line)),
            None => {}
        }
    }
    let mut lines = lines.into_iter();
    let (number, first) = lines.next().ok_or_else(|| Error::line(1, "the header has no record line"))?;
    let (mut record, segments) = record_line(first, number)?;
    record.comments = comments;
    let wanted = segments.unwrap_or(record.signal_count);
    for (number, line) in lines.take(wanted) {
        if segments.is_some() {
            record.segments.push(segment_line(line, number)?);
        } else {
            record.signals.push(signal_line(line, number)?);
        }
    }
    let found = record.segments.len() + record.signals.len();
    if found < wanted {
        return Err(Error::line(number, format!("the header says {wanted} lines follow, but there are {found}")));
    }
    Ok(record)
}

/// Returns the number that a text begins with, and the rest.
fn leading(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(text.len());
    text.split_at(end)
}

fn number<T: std::str::FromStr>(text: &str, what: &str, line: u64) -> Result<T> {
    text.parse().map_err(|_| Error::line(line, format!("{what} cannot be {}", quoted(text))))
}

fn record_line(line: &str, at: u64) -> Result<(Record, Option<usize>)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let &[name, count, ..] = &fields[..] else {
        return Err(Error::line(at, "the record line has no number of signals"));
    };
    let segments =
        name.split_once('/').map(|(_, count)| number::<usize>(count, "the number of segments", at)).transpose()?;
    if segments.is_some_and(|count| count == 0 || count > MAX_SEGMENTS) {
        return Err(Error::line(at, format!("the number of segments must be between 1 and {MAX_SEGMENTS}")));
    }
    let signal_count: usize = number(count, "the number of signals", at)?;
    if signal_count > MAX_CHANNELS {
        return Err(Error::line(at, format!("{signal_count} signals, more than {MAX_CHANNELS}")));
    }
    let sample_rate = match fields.get(2) {
        Some(text) => number(leading(text).0, "the sample rate", at)?,
        None => DEFAULT_RATE,
    };
    let sample_rate: f64 = if sample_rate == 0.0 { DEFAULT_RATE } else { sample_rate };
    if !(sample_rate.is_finite() && sample_rate > 0.0) {
        return Err(Error::line(at, format!("the sample rate is {sample_rate} Hz")));
    }
    let frames = fields.get(3).map(|text| number::<u64>(text, "the number of samples", at)).transpose()?;
    let frames = frames.filter(|&frames| frames > 0);
    if frames.is_some_and(|frames| frames > 1 << 50) {
        return Err(Error::line(at, "the number of samples is impossible"));
    }
    let start = start_of(fields.get(4).copied(), fields.get(5).copied());
    let record =
        Record { sample_rate, frames, start, signal_count, signals: vec![], segments: vec![], comments: vec![] };
    Ok((record, segments))
}

/// Returns the start in ISO form; a time alone, where there is no date.
fn start_of(time: Option<&str>, date: Option<&str>) -> Option<String> {
    let mut parts: Vec<&str> = time?.split(':').collect();
    while parts.len() < 3 {
        parts.insert(0, "0");
    }
    let &[hour, minute, second] = &parts[..] else { return None };
    let (whole, fraction) = second.split_once('.').unwrap_or((second, ""));
    let fraction = fraction.trim_end_matches('0');
    let numbers = [hour, minute, whole].map(|part| part.parse::<u32>().ok());
    let [Some(hour), Some(minute), Some(second)] = numbers else { return None };
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        text = format!("{text}.{fraction}");
    }
    let date: Option<Vec<u32>> = date.and_then(|date| date.split('/').map(|part| part.parse().ok()).collect());
    match date.as_deref() {
        Some(&[day, month, year]) => Some(format!("{year:04}-{month:02}-{day:02}T{text}")),
        _ => Some(text),
    }
}

fn segment_line(line: &str, at: u64) -> Result<Segment> {
    let mut fields = line.split_whitespace();
    let (Some(name), Some(frames)) = (fields.next(), fields.next()) else {
        return Err(Error::line(at, "a segment needs a name and a number of samples"));
    };
    let frames: u64 = number(frames, "the number of samples", at)?;
    if frames > 1 << 50 {
        return Err(Error::line(at, "the number of samples is impossible"));
    }
    Ok(Segment { name: name.to_owned(), frames })
}

fn signal_line(line: &str, at: u64) -> Result<Signal> {
    let mut fields = line.split_whitespace();
    let (Some(file), Some(format)) = (fields.next(), fields.next()) else {
        return Err(Error::line(at, "a signal needs a file and a format"));
    };
    let mut signal = Signal {
        file: file.to_owned(),
        format: 0,
        per_frame: 1,
        skew: 0,
        offset: 0,
        gain: DEFAULT_GAIN,
        baseline: 0.0,
        unit: "mV".to_owned(),
        initial: 0,
        label: String::new(),
    };
    read_format(format, &mut signal, at)?;
    let baseline = fields.next().map(|gain| read_gain(gain, &mut signal, at)).transpose()?.flatten();
    let _resolution = fields.next();
    let zero: i32 = fields.next().map_or(Ok(0), |text| number(text, "the zero of the converter", at))?;
    signal.baseline = baseline.unwrap_or(f64::from(zero));
    signal.initial = fields.next().map_or(Ok(zero), |text| number(text, "the initial value", at))?;
    let (_checksum, _block) = (fields.next(), fields.next());
    signal.label = fields.collect::<Vec<_>>().join(" ");
    Ok(signal)
}

/// Reads `format[xsamples][:skew][+offset]`.
fn read_format(text: &str, signal: &mut Signal, at: u64) -> Result<()> {
    let end = text.find(['x', ':', '+']).unwrap_or(text.len());
    signal.format = number(&text[..end], "the format", at)?;
    let mut rest = &text[end..];
    while let Some(mark) = rest.chars().next() {
        let end = rest[1..].find(['x', ':', '+']).map_or(rest.len(), |end| end + 1);
        let value: u64 = number(&rest[1..end], "a part of the format", at)?;
        match mark {
            'x' => signal.per_frame = value,
            ':' => signal.skew = value,
            _ => signal.offset = value,
        }
        rest = &rest[end..];
    }
    if signal.per_frame == 0 || signal.per_frame > MAX_PER_FRAME || signal.skew > 1 << 40 || signal.offset > 1 << 50 {
        return Err(Error::line(at, format!("the format {} is impossible", quoted(text))));
    }
    Ok(())
}

/// Reads `gain[(baseline)][/unit]`; returns the baseline, where it is there.
fn read_gain(text: &str, signal: &mut Signal, at: u64) -> Result<Option<f64>> {
    let (digits, mut rest) = leading(text);
    let gain: f64 = number(digits, "the gain", at)?;
    if !gain.is_finite() {
        return Err(Error::line(at, format!("the gain is {gain}")));
    }
    if gain != 0.0 {
        signal.gain = gain;
    }
    let mut baseline = None;
    if let Some((inside, behind)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        baseline = Some(f64::from(number::<i32>(inside, "the baseline", at)?));
        rest = behind;
    }
    if let Some(unit) = rest.strip_prefix('/').filter(|unit| !unit.is_empty()) {
        unit.clone_into(&mut signal.unit);
    }
    Ok(baseline)
}
