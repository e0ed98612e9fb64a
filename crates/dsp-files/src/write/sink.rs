//! The interface of a writer of one format, and the file that it writes to.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use super::replacement::Replacement;
use crate::header::{Annotation, Gap};
use crate::{Error, Result};

/// The description that is written besides the samples.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// Name of the format; by default from the extension of the path.
    pub format: Option<String>,
    /// Hz.
    pub sample_rate: Option<f64>,
    /// Names, units and ranges; as many as there are channels.
    pub channels: Vec<ChannelOptions>,
    /// How samples are stored: `uint8`, `int16`, `int24`, `int32`, `float32`, `float64`, as far as the format has it.
    pub encoding: Option<String>,
    /// Adds triangular noise of one step before rounding to integers.
    pub dither: bool,
    /// Notes, for EDF+ and BDF+.
    pub annotations: Vec<Annotation>,
    /// Stretches without samples, for EDF+D and BDF+D.
    pub gaps: Vec<Gap>,
    /// Start of the recording, `2011-04-04T12:57:02`, for EDF and BDF.
    pub start: Option<String>,
    /// Who was recorded, for EDF and BDF.
    pub patient: Option<String>,
    /// Which recording it is, for EDF and BDF.
    pub recording: Option<String>,
    /// Character between the cells of a csv file; a comma by default.
    pub delimiter: Option<char>,
    /// Decimal mark of a csv file; a point by default.
    pub decimal: Option<char>,
    /// Whether a csv file begins with a column of seconds.
    pub time: bool,
}

/// One channel of a file that is written.
#[derive(Debug, Clone, Default)]
pub struct ChannelOptions {
    /// Name.
    pub label: String,
    /// Physical unit.
    pub unit: String,
    /// Smallest and largest value of the integers of EDF and BDF; by default those of the samples.
    pub range: Option<(f64, f64)>,
    /// Filters that were applied.
    pub prefilter: String,
    /// Kind of the sensor.
    pub transducer: String,
}

/// Writes the samples of one format.
pub(crate) trait Sink: Send {
    /// Writes interleaved samples, whole frames.
    fn write(&mut self, out: &mut Out, samples: &[f64]) -> Result<()>;

    /// Writes what is known only at the end.
    fn finish(&mut self, out: &mut Out) -> Result<()>;
}

/// A file, which can be changed at earlier places, or a stream, which cannot.
pub(crate) enum Out {
    File(BufWriter<File>, Replacement),
    Stream(Box<dyn Write + Send>),
}

impl Out {
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(file, _) => file.write_all(bytes)?,
            Self::Stream(stream) => stream.write_all(bytes)?,
        }
        Ok(())
    }

    /// Writes over the bytes at the beginning; a stream keeps what it has been given.
    pub fn patch_head(&mut self, bytes: &[u8]) -> Result<()> {
        if let Self::File(file, _) = self {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(bytes)?;
            file.seek(SeekFrom::End(0))?;
        }
        Ok(())
    }

    /// Completes the file under its own name.
    pub fn commit(self) -> Result<()> {
        match self {
            Self::File(mut file, replacement) => {
                file.flush()?;
                let file = file.into_inner().map_err(|error| Error::from(error.into_error()))?;
                replacement.commit(file)
            }
            Self::Stream(mut stream) => Ok(stream.flush()?),
        }
    }
}

/// Noise with a triangular distribution of ±1 step, the same in each run.
pub(crate) struct Dither(Option<u64>);

impl Dither {
    pub fn new(wanted: bool) -> Self {
        Self(wanted.then_some(0x9e37_79b9_7f4a_7c15))
    }

    fn uniform(state: &mut u64) -> f64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns the integer nearest to `value` within the bounds.
    pub fn round(&mut self, value: f64, min: f64, max: f64) -> i64 {
        let noise = self.0.as_mut().map_or(0.0, |state| Self::uniform(state) - Self::uniform(state));
        (value + noise).round_ties_even().clamp(min, max) as i64
    }
}
