//! How a recording is cut into data records, and which annotations each of them takes.

use crate::header::{Annotation, Gap};
use crate::{Error, Result};

/// Samples in a data record for which a shorter one is not looked for.
const MAX_FRAMES: u64 = 1 << 20;
/// Durations of a data record that are tried, s: enough for rates such as 256/3 and 97.65625 Hz.
const MAX_SECONDS: u64 = 1000;
/// Bytes of annotations in a data record.
const MAX_NOTES: usize = 1 << 20;

/// The data records of a file.
pub struct Records {
    pub count: u64,
    /// Samples of each channel in a record.
    pub frames: u64,
    pub duration: f64,
    pub duration_text: String,
    /// Bytes of the annotations in a record.
    pub note_bytes: usize,
    /// Seconds from the file's start time to the first record.
    onset: f64,
    /// First record behind a gap, and the time that is missing before it and at all earlier ones.
    missing: Vec<(u64, f64)>,
    texts: Vec<Vec<u8>>,
}

/// Chooses the length of the data records.
pub fn plan(frames: u64, rate: f64, onset: f64, gaps: &[Gap], plus: bool) -> Result<Records> {
    // Records end where a gap begins; without gaps, where the recording ends, so that nothing has to be filled up.
    let cuts = gaps.iter().map(|gap| gap.frame).filter(|&frame| frame > 0 && frame < frames);
    let common = cuts.fold(frames, greatest_common_divisor);
    let longest = (rate.ceil() as u64).clamp(1, MAX_FRAMES);
    let mut exact = (1..=longest).rev().filter(|n| common > 0 && common.is_multiple_of(*n));
    let exact = exact.find_map(|n| Some((n, duration_of(n, rate)?)));
    let enough = |n: u64| !gaps.is_empty() || n as f64 >= rate / 10.0 || (n == frames && frames > 0);
    let (per_record, duration_text) = match exact.filter(|(n, _)| enough(*n)) {
        Some(found) => found,
        None if !gaps.is_empty() => {
            return Err(Error::argument("the gaps do not lie where data records of one length can end"));
        }
        None => {
            let found = (1..=MAX_SECONDS).find_map(|seconds| {
                let n = seconds as f64 * rate;
                (n >= 1.0 && n.fract() == 0.0 && n <= MAX_FRAMES as f64).then(|| (n as u64, seconds.to_string()))
            });
            found.or_else(|| (1..=longest).rev().find_map(|n| Some((n, duration_of(n, rate)?)))).ok_or_else(|| {
                Error::argument(format!("a sampleRate of {rate} Hz cannot be written in the 8 characters of EDF"))
            })?
        }
    };
    let mut missing: Vec<(u64, f64)> = gaps.iter().map(|gap| (gap.frame / per_record, gap.duration)).collect();
    missing.sort_by_key(|&(record, _)| record);
    let mut total = 0.0;
    for (_, duration) in &mut missing {
        total += *duration;
        *duration = total;
    }
    if !total.is_finite() || gaps.iter().any(|gap| gap.duration < 0.0) {
        return Err(Error::argument("the duration of a gap must be a positive number"));
    }
    let duration = duration_text.parse().unwrap_or(1.0);
    let count = frames.div_ceil(per_record).max(u64::from(plus));
    let texts = Vec::new();
    Ok(Records { count, frames: per_record, duration, duration_text, note_bytes: 0, onset, missing, texts })
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Returns the duration of `frames` samples in at most 8 characters, where that gives the sample rate back.
fn duration_of(frames: u64, rate: f64) -> Option<String> {
    let seconds = frames as f64 / rate;
    let text = seconds.to_string();
    let text = if text.len() <= 8 { text } else { format!("{seconds:.7}").get(..8)?.to_owned() };
    let read = text.parse::<f64>().ok().filter(|read| *read > 0.0)?;
    ((frames as f64 / read - rate).abs() <= 1e-9 * rate).then_some(text)
}

/// Returns a time as a list of annotations begins with it.
fn time(seconds: f64) -> String {
    let text = format!("{seconds:+.7}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl Records {
    fn onset_of(&self, record: u64) -> f64 {
        let behind = self.missing.partition_point(|&(first, _)| first <= record);
        let missing = if behind == 0 { 0.0 } else { self.missing[behind - 1].1 };
        self.onset + record as f64 * self.duration + missing
    }

    /// Gives each annotation a record: that in which it begins, or a later one with room.
    pub fn lay_out(&mut self, annotations: &[Annotation], width: usize) -> Result<()> {
        let mut pending: Vec<(f64, Vec<u8>)> = Vec::new();
        for note in annotations {
            if !note.onset.is_finite() || note.duration.is_some_and(|d| !(d.is_finite() && d >= 0.0)) {
                return Err(Error::argument("onset and duration of an annotation must be numbers"));
            }
            let onset = note.onset + self.onset;
            let mut text = time(onset).into_bytes();
            if let Some(duration) = note.duration {
                text.push(21);
                text.extend_from_slice(time(duration).trim_start_matches('+').as_bytes());
            }
            text.push(20);
            // Control characters are marks of the format.
            let clean = |c: char| if c.is_control() { ' ' } else { c };
            let words =
                [&*note.text, &*note.aux].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
            text.extend_from_slice(words.chars().map(clean).collect::<String>().as_bytes());
            text.extend_from_slice(&[20, 0]);
            pending.push((onset, text));
        }
        pending.sort_by(|a, b| a.0.total_cmp(&b.0));
        let longest = pending.iter().map(|(_, text)| text.len()).max().unwrap_or(0);
        let mut room = 24 + longest.max(6);
        while room <= MAX_NOTES {
            if self.distribute(&pending, room) {
                self.note_bytes = room.next_multiple_of(2 * width);
                return Ok(());
            }
            room *= 2;
        }
        Err(Error::argument("the annotations are too many for the data records"))
    }

    fn distribute(&mut self, pending: &[(f64, Vec<u8>)], room: usize) -> bool {
        self.texts.clear();
        let mut next = 0;
        for record in 0..self.count {
            let mut text = time(self.onset_of(record)).into_bytes();
            text.extend_from_slice(&[20, 20, 0]);
            let end = if record + 1 == self.count { f64::INFINITY } else { self.onset_of(record + 1) };
            while let Some((_, note)) =
                pending.get(next).filter(|(onset, note)| *onset < end && text.len() + note.len() <= room)
            {
                text.extend_from_slice(note);
                next += 1;
            }
            self.texts.push(text);
        }
        next == pending.len()
    }

    /// Returns the annotations of a record, padded.
    pub fn notes(&self, record: u64) -> Vec<u8> {
        let mut bytes = self.texts.get(record as usize).cloned().unwrap_or_default();
        bytes.resize(self.note_bytes, 0);
        bytes
    }
}
