//! A recording that is open: its header, and its samples from any frame on.

use std::path::Path;
use std::sync::Arc;

use crate::csv::CsvOptions;
use crate::header::{Annotation, Gap, Header};
use crate::input::{Folder, Input, Source};
use crate::limits::{MAX_READ, reserve};
use crate::raw::RawOptions;
use crate::text::quoted;
use crate::{Error, Result, audio, csv, edf, npy, raw, wav, wfdb};

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RIFF/WAVE and its relatives.
    Wav,
    /// EDF, EDF+, BDF and BDF+.
    Edf,
    /// Records of PhysioNet.
    Wfdb,
    /// AIFF, CAF, FLAC, Ogg Vorbis or MP3.
    Audio,
    /// Text with numbers.
    Csv,
    /// NumPy arrays.
    Npy,
    /// Bare samples.
    Raw,
}

impl Format {
    /// Names by which formats are chosen.
    pub const ALL: [(&'static str, Self); 12] = [
        ("wav", Self::Wav),
        ("edf", Self::Edf),
        ("bdf", Self::Edf),
        ("wfdb", Self::Wfdb),
        ("aiff", Self::Audio),
        ("caf", Self::Audio),
        ("flac", Self::Audio),
        ("ogg", Self::Audio),
        ("mp3", Self::Audio),
        ("csv", Self::Csv),
        ("npy", Self::Npy),
        ("raw", Self::Raw),
    ];

    /// Returns the format of a name.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| *format).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            Error::argument(format!("format must be one of {names}, got {}", quoted(name)))
        })
    }
}

/// How a file is read, where it does not say so itself.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Format; by default found from the first bytes, else from the file's name.
    pub format: Option<Format>,
    /// For csv files.
    pub csv: CsvOptions,
    /// For bare samples.
    pub raw: RawOptions,
}

/// A channel that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Selector {
    /// By position in the header, from 0.
    Index(f64),
    /// By label.
    Label(String),
}

/// The part of a reader that differs between formats.
pub(crate) trait Reader: Send {
    /// Appends samples of `channels` (positions in the header, all of one rate), interleaved, from frame `at` on.
    /// Returns the number of frames: `frames`, fewer at the end, 0 behind it.
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize>;

    /// Returns all annotations, by onset.
    fn annotations(&mut self) -> Result<Vec<Annotation>> {
        Ok(Vec::new())
    }

    /// Returns the times of the frames that were read last, s from the first frame, where the file has them.
    fn times(&self) -> Option<&[f64]> {
        None
    }

    /// Returns the stretches without samples, by frame.
    fn gaps(&mut self) -> Result<Vec<Gap>> {
        Ok(Vec::new())
    }
}

/// The result of opening a file of some format.
pub(crate) type Opened = (Header, Box<dyn Reader>);

/// An open recording.
pub struct Recording {
    header: Header,
    reader: Box<dyn Reader>,
    name: String,
}

impl Recording {
    /// Opens a recording and reads its header.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged or is of no known format.
    pub fn open(source: Source, options: &OpenOptions) -> Result<Self> {
        let name = match &source {
            Source::Path(path) => path.to_string_lossy().into_owned(),
            Source::Files(_, name) => name.clone(),
            Source::Bytes(_) => "recording".to_owned(),
            Source::Pipe(_) => "stream".to_owned(),
        };
        let (header, reader) = open(source, &name, options).map_err(|error| error.of_file(&name))?;
        Ok(Self { header, reader, name })
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the positions of the channels asked for; by default of all that have the recording's main rate.
    ///
    /// # Errors
    /// If there is no such channel, or if their sample rates differ.
    pub fn select(&self, wanted: Option<&[Selector]>) -> Result<Vec<usize>> {
        let channels = &self.header.channels;
        let Some(wanted) = wanted else {
            let main = |i: &usize| channels[*i].sample_rate == self.header.sample_rate;
            return Ok((0..channels.len()).filter(main).collect());
        };
        let found = wanted.iter().map(|selector| self.position(selector)).collect::<Result<Vec<_>>>()?;
        let Some(&first) = found.first() else {
            return Err(Error::argument("channels must name at least one channel"));
        };
        if let Some(&other) = found.iter().find(|&&i| channels[i].sample_rate != channels[first].sample_rate) {
            let named = |i: usize| {
                let rate = channels[i].sample_rate.unwrap_or(f64::NAN);
                format!("channel {i} ({}) has {rate} Hz", quoted(&channels[i].label))
            };
            let rule = "channels of one call must have one sample rate";
            return Err(Error::argument(format!("{rule}: {}, {}", named(first), named(other))));
        }
        Ok(found)
    }

    fn position(&self, selector: &Selector) -> Result<usize> {
        let channels = &self.header.channels;
        match selector {
            Selector::Index(at) if at.fract() == 0.0 && *at >= 0.0 && *at < channels.len() as f64 => Ok(*at as usize),
            Selector::Index(at) => {
                let last = channels.len().saturating_sub(1);
                Err(Error::argument(format!("channels: there is no channel {at}, only 0 to {last}")))
            }
            Selector::Label(label) => channels.iter().position(|channel| channel.label == *label).ok_or_else(|| {
                let known = channels.iter().take(20).map(|channel| quoted(&channel.label)).collect::<Vec<_>>();
                Error::argument(format!("channels: there is no {}, only {}", quoted(label), known.join(", ")))
            }),
        }
    }

    /// Appends samples of `channels` (of one rate), interleaved, from frame `at` on. Returns the number of frames, 0 at
    /// the end of the recording. One call gives at most 2²⁴ samples.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged there.
    pub fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        if channels.is_empty() {
            return Ok(0);
        }
        let known = self.header.channels.get(channels[0]).and_then(|channel| channel.frames);
        let left = known.map_or(usize::MAX, |all| usize::try_from(all.saturating_sub(at)).unwrap_or(usize::MAX));
        let frames = frames.min(MAX_READ / channels.len()).min(left);
        if frames == 0 {
            return Ok(0);
        }
        reserve(out, frames * channels.len())?;
        self.reader.read(channels, at, frames, out).map_err(|error| error.of_file(&self.name))
    }

    /// Returns the times of the frames that were read last, s from the first frame: those in the file, else none.
    pub fn times(&self) -> Option<&[f64]> {
        self.reader.times()
    }

    /// Returns all annotations, by onset. Formats that keep them among the samples are read to their end for it.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged.
    pub fn annotations(&mut self) -> Result<Vec<Annotation>> {
        self.reader.annotations().map_err(|error| error.of_file(&self.name))
    }

    /// Returns the stretches without samples, by frame of the main rate.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged.
    pub fn gaps(&mut self) -> Result<Vec<Gap>> {
        self.reader.gaps().map_err(|error| error.of_file(&self.name))
    }
}

fn open(source: Source, name: &str, options: &OpenOptions) -> Result<Opened> {
    let is_record = options.format == Some(Format::Wfdb)
        || (options.format.is_none() && matches!(&*extension_of(name), "hea" | "dat"));
    let mut input = match source {
        Source::Path(path) if is_record => {
            let (folder, name) = wfdb::split_path(&path)?;
            return wfdb::open(folder, &name);
        }
        Source::Files(files, name) if is_record => return wfdb::open(Folder::Files(files), &name),
        _ if is_record => return Err(Error::argument("a WFDB record has several files: give a path")),
        Source::Path(path) => Input::open(&path)?,
        Source::Bytes(bytes) => Input::bytes(bytes),
        Source::Pipe(reader) => Input::pipe(reader),
        Source::Files(files, name) => match files.get(&name) {
            Some(bytes) => Input::bytes(Arc::clone(bytes)),
            None => return Err(Error::argument(format!("there is no file {}", quoted(&name)))),
        },
    };
    let format = match options.format {
        Some(format) => format,
        None => detect(&mut input, name)?,
    };
    match format {
        Format::Wav => wav::open(input),
        Format::Edf => edf::open(input),
        Format::Audio => audio::open(input, &extension_of(name)),
        Format::Csv => csv::open(input, &options.csv),
        Format::Npy => npy::open(input),
        Format::Raw => raw::open(input, &options.raw),
        Format::Wfdb => Err(Error::argument("a WFDB record has several files: give a path")),
    }
}

/// Returns the extension of a name in lower case, empty if there is none.
fn extension_of(name: &str) -> String {
    Path::new(name).extension().map(|text| text.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

fn detect(input: &mut Input, name: &str) -> Result<Format> {
    let head = input.take_at(0, 64)?;
    if head.is_empty() {
        return Err(Error::whole("the file is empty"));
    }
    let extension = extension_of(name);
    match &head[..head.len().min(4)] {
        b"RIFF" | b"RIFX" | b"RF64" | b"BW64" => return Ok(Format::Wav),
        b"\xffBIO" | b"0   " => return Ok(Format::Edf),
        b"FORM" | b"caff" | b"fLaC" | b"OggS" => return Ok(Format::Audio),
        [b'I', b'D', b'3', _] => return Ok(Format::Audio),
        b"\x93NUM" => return Ok(Format::Npy),
        _ => {}
    }
    match &*extension {
        "wav" | "wave" | "rf64" | "bw64" => Ok(Format::Wav),
        "edf" | "bdf" | "rec" => Ok(Format::Edf),
        "aif" | "aiff" | "aifc" | "caf" | "flac" | "ogg" | "oga" | "mp3" => Ok(Format::Audio),
        "npy" => Ok(Format::Npy),
        "csv" | "tsv" | "txt" => Ok(Format::Csv),
        "raw" | "f32" | "bin" => Ok(Format::Raw),
        _ if !head.contains(&0) && head.iter().all(|&byte| byte >= 0x20 || byte.is_ascii_whitespace()) => {
            Ok(Format::Csv)
        }
        _ => {
            let message =
                "the format is known neither by the first bytes nor by the extension: say it by the option format";
            Err(Error::unsupported(message))
        }
    }
}
