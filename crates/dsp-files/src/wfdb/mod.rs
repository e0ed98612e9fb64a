//! WFDB records as PhysioNet has them: a header of text, signal files in packed formats, annotation files.
//!
//! After the "WFDB Applications Guide" (Moody): header(5), signal(5) and annot(5). A physical value is
//! `(stored − baseline) / gain`; the smallest number of a format stands for a missing sample and is read as NaN.

mod atr;
mod format;
mod header;
mod segments;
mod signals;

use std::path::Path;

use header::{Record, parse};
use segments::SegmentReader;
use signals::SignalReader;

use crate::header::{Annotation, Channel, Header};
use crate::input::{Folder, Input};
use crate::limits::MAX_TEXT;
use crate::recording::{Opened, Reader};
use crate::text::quoted;
use crate::{Error, Result};

/// Returns the text of a header file.
fn read_text(input: &mut Input) -> Result<String> {
    let bytes = input.take_at(0, MAX_TEXT)?;
    if bytes.len() == MAX_TEXT {
        return Err(Error::whole(format!("a header of more than {MAX_TEXT} bytes")));
    }
    Ok(crate::text::field(&bytes))
}

/// Returns the parsed header `name.hea` of a folder.
fn read_record(folder: &Folder, name: &str) -> Result<Record> {
    let file = format!("{name}.hea");
    let mut input = folder.open(&file)?.ok_or_else(|| Error::whole(format!("there is no {}", quoted(&file))))?;
    parse(&read_text(&mut input)?).map_err(|error| error.of_file(&file))
}

/// Opens a record by its header. `name`: of the header file, with or without `.hea`.
pub(crate) fn open(folder: Folder, name: &str) -> Result<Opened> {
    let base = name.strip_suffix(".hea").or_else(|| name.strip_suffix(".dat")).unwrap_or(name).to_owned();
    let record = read_record(&folder, &base)?;
    let (channels, inner, frames, warnings): (Vec<Channel>, Box<dyn Reader>, u64, Vec<String>) =
        if record.segments.is_empty() {
            let (reader, frames, warnings) = SignalReader::open(&record, &folder)?;
            (reader.channels(frames), Box::new(reader), frames, warnings)
        } else {
            let (reader, channels) = SegmentReader::open(&record, &folder)?;
            let frames = reader.frames();
            (channels, Box::new(reader), frames, Vec::new())
        };
    let mut encodings: Vec<String> = record.signals.iter().map(|signal| format!("wfdb{}", signal.format)).collect();
    encodings.dedup();
    let wide = record.signals.iter().any(|signal| signal.format == 32);
    let main = channels.iter().filter(|channel| channel.sample_rate == Some(record.sample_rate)).count() > 0;
    let (rate, frames) = match channels.first() {
        Some(first) if !main => (first.sample_rate.unwrap_or(record.sample_rate), first.frames.unwrap_or(frames)),
        _ => (record.sample_rate, frames),
    };
    let header = Header {
        format: "wfdb".to_owned(),
        encoding: encodings.join(", "),
        sample_rate: Some(rate),
        frames: Some(frames),
        channels,
        start: record.start.clone(),
        wide,
        notes: record.comments.iter().map(|text| ("comment".to_owned(), text.clone())).collect(),
        warnings,
    };
    let sample_rate = record.sample_rate;
    Ok((header, Box::new(WfdbReader { inner, folder, base, sample_rate })))
}

/// Returns folder and name of a path.
pub(crate) fn split_path(path: &Path) -> Result<(Folder, String)> {
    let name = path.file_name().ok_or_else(|| Error::argument("this names no file"))?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    Ok((Folder::Path(folder.to_owned()), name.to_string_lossy().into_owned()))
}

struct WfdbReader {
    inner: Box<dyn Reader>,
    folder: Folder,
    base: String,
    sample_rate: f64,
}

impl Reader for WfdbReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        self.inner.read(channels, at, frames, out)
    }

    fn annotations(&mut self) -> Result<Vec<Annotation>> {
        let file = format!("{}.atr", self.base);
        match self.folder.open(&file)? {
            Some(mut input) => atr::read(&mut input, self.sample_rate).map_err(|error| error.of_file(&file)),
            None => Ok(Vec::new()),
        }
    }
}
