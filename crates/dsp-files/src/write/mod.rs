//! Writing recordings: whole files, or nothing.

mod csv;
mod npy;
mod raw;
pub(crate) mod replacement;
pub(crate) mod sink;
mod wav;

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use replacement::Replacement;
use sink::{Out, Sink, WriteOptions};

use crate::edf::EdfSink;
use crate::limits::MAX_CHANNELS;
use crate::text::quoted;
use crate::{Error, Result};

/// Formats that are written, with the extensions that choose them.
const FORMATS: [(&str, &[&str]); 8] = [
    ("wav", &["wav", "wave"]),
    ("edf", &["edf"]),
    ("edf+", &[]),
    ("bdf", &["bdf"]),
    ("bdf+", &[]),
    ("csv", &["csv", "tsv", "txt"]),
    ("npy", &["npy"]),
    ("raw", &["raw", "f32", "bin"]),
];

/// A file that is being written. It appears under its name with [`Self::finish`]; without it nothing stays.
pub struct Writer {
    out: Out,
    sink: Box<dyn Sink>,
    channels: usize,
    frames: u64,
    name: String,
}

impl Writer {
    /// Begins a file with `channels` channels.
    ///
    /// # Errors
    /// If an option is wrong or the file cannot be made.
    pub fn create(path: &Path, channels: usize, options: &WriteOptions) -> Result<Self> {
        let extension = path.extension().map(|text| text.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let mut options = options.clone();
        if extension == "tsv" {
            options.delimiter.get_or_insert('\t');
        }
        let format = format_of(options.format.as_deref(), &extension)?;
        let sink = sink_of(format, channels, &options, Some(path))?;
        let name = path.to_string_lossy().into_owned();
        let special = fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
        let out = if special {
            let file = fs::OpenOptions::new().write(true).open(path);
            Out::Stream(Box::new(file.map_err(|error| Error::from(error).of_file(&name))?))
        } else {
            let (file, replacement) = Replacement::create(path)?;
            Out::File(BufWriter::with_capacity(1 << 16, file), replacement)
        };
        Ok(Self { out, sink, channels, frames: 0, name })
    }

    /// Begins to write into a stream; the format has to be given, and must not need a second pass.
    ///
    /// # Errors
    /// If an option is wrong.
    pub fn stream(stream: Box<dyn Write + Send>, channels: usize, options: &WriteOptions) -> Result<Self> {
        let format = format_of(options.format.as_deref(), "")?;
        let sink = sink_of(format, channels, options, None)?;
        Ok(Self { out: Out::Stream(stream), sink, channels, frames: 0, name: "stream".to_owned() })
    }

    /// Writes interleaved samples.
    ///
    /// # Errors
    /// If they are not whole frames, cannot be stored in this format, or cannot be written.
    pub fn write(&mut self, samples: &[f64]) -> Result<()> {
        if !samples.len().is_multiple_of(self.channels) {
            let message = format!("{} samples are no whole frames of {} channels", samples.len(), self.channels);
            return Err(Error::argument(message));
        }
        self.frames += (samples.len() / self.channels) as u64;
        self.sink.write(&mut self.out, samples).map_err(|error| error.of_file(&self.name))
    }

    /// Completes the file and returns the number of frames in it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> Result<u64> {
        let name = self.name;
        let finished = self.sink.finish(&mut self.out).and_then(|()| self.out.commit());
        finished.map(|()| self.frames).map_err(|error| error.of_file(&name))
    }
}

fn format_of(given: Option<&str>, extension: &str) -> Result<&'static str> {
    let found = FORMATS.iter().find(|(name, extensions)| match given {
        Some(given) => given == *name,
        None => extensions.contains(&extension),
    });
    found.map(|(name, _)| *name).ok_or_else(|| {
        let names = FORMATS.map(|(name, _)| name).join(", ");
        match given {
            Some(given) => Error::argument(format!("format must be one of {names}, got {}", quoted(given))),
            None => Error::argument(format!("format is not known by the extension: give one of {names}")),
        }
    })
}

fn sink_of(format: &str, channels: usize, options: &WriteOptions, path: Option<&Path>) -> Result<Box<dyn Sink>> {
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Error::argument(format!("channels must be between 1 and {MAX_CHANNELS}, got {channels}")));
    }
    if !options.channels.is_empty() && options.channels.len() != channels {
        let message = format!("there are names or units of {} channels for {channels}", options.channels.len());
        return Err(Error::argument(message));
    }
    if let Some(rate) = options.sample_rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
        return Err(Error::argument(format!("sampleRate must be a positive number, got {rate}")));
    }
    Ok(match format {
        "wav" => Box::new(wav::WavSink::new(channels, options)?),
        "csv" => Box::new(csv::CsvSink::new(channels, options)?),
        "npy" => Box::new(npy::NpySink::new(channels, options)?),
        "raw" => Box::new(raw::RawSink::new(options)?),
        _ => {
            let path = path.ok_or_else(|| Error::argument(format!("{format} cannot be written into a stream")))?;
            Box::new(EdfSink::new(path, format, channels, options)?)
        }
    })
}

/// Returns the encoding of the options, by default the first of those that the format has.
fn encoding_of(options: &WriteOptions, known: &[&'static str]) -> Result<&'static str> {
    let Some(wanted) = options.encoding.as_deref() else { return Ok(known[0]) };
    known
        .iter()
        .find(|name| **name == wanted)
        .copied()
        .ok_or_else(|| Error::argument(format!("encoding must be one of {}, got {}", known.join(", "), quoted(wanted))))
}

/// Appends the bytes of one sample, little-endian; integers have full scale ±1 where `scaled`.
fn encode(encoding: &str, value: f64, dither: &mut sink::Dither, out: &mut Vec<u8>) {
    let mut integer = |bits: i32| {
        let full = 2f64.powi(bits - 1);
        // NaN has no place among integers: silence.
        let value = if value.is_nan() { 0.0 } else { value };
        dither.round(value * full, -full, full - 1.0)
    };
    match encoding {
        "uint8" => out.push((integer(8) + 128) as u8),
        "int16" => out.extend_from_slice(&(integer(16) as i16).to_le_bytes()),
        "int24" => out.extend_from_slice(&(integer(24) as i32).to_le_bytes()[..3]),
        "int32" => out.extend_from_slice(&(integer(32) as i32).to_le_bytes()),
        "float64" => out.extend_from_slice(&value.to_le_bytes()),
        _ => out.extend_from_slice(&(value as f32).to_le_bytes()),
    }
}

/// Returns the bytes of a sample.
fn width_of(encoding: &str) -> u64 {
    match encoding {
        "uint8" => 1,
        "int16" => 2,
        "int24" => 3,
        "float64" => 8,
        _ => 4,
    }
}
