//! Bare samples: everything about them is told by options.

use crate::header::{Channel, Header};
use crate::input::Input;
use crate::limits::{MAX_CHANNELS, zeros};
use crate::recording::{Opened, Reader};
use crate::text::quoted;
use crate::{Error, Result};

/// The description of a file of bare samples.
#[derive(Debug, Clone)]
pub struct RawOptions {
    /// `int8` to `int64`, `uint8` to `uint64`, `float16`, `float32`, `float64`.
    pub encoding: String,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Number of channels.
    pub channels: usize,
    /// Hz.
    pub sample_rate: Option<f64>,
    /// Bytes before the samples.
    pub offset: u64,
    /// Physical value of one step.
    pub gain: f64,
    /// Whether all samples of a channel come before those of the next.
    pub planar: bool,
}

impl Default for RawOptions {
    fn default() -> Self {
        let encoding = "float32".to_owned();
        Self { encoding, big_endian: false, channels: 1, sample_rate: None, offset: 0, gain: 1.0, planar: false }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Signed,
    Unsigned,
    Float,
}

/// How one sample is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    kind: Kind,
    width: usize,
    is_big: bool,
}

impl Sample {
    /// Returns the sample of a name.
    pub fn named(name: &str, is_big: bool) -> Result<Self> {
        let split = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
        let (kind, bits) = (&name[..split], name[split..].parse::<usize>().unwrap_or(0));
        let kind = match (kind, bits) {
            ("int", 8 | 16 | 24 | 32 | 64) => Kind::Signed,
            ("uint", 8 | 16 | 24 | 32 | 64) => Kind::Unsigned,
            ("float", 16 | 32 | 64) => Kind::Float,
            _ => {
                let known = "int8, int16, int24, int32, int64, uint8 to uint64, float16, float32 or float64";
                return Err(Error::argument(format!("encoding must be {known}, got {}", quoted(name))));
            }
        };
        Ok(Self { kind, width: bits / 8, is_big })
    }

    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::Signed => "int",
            Kind::Unsigned => "uint",
            Kind::Float => "float",
        };
        format!("{kind}{}", 8 * self.width)
    }

    /// Returns the bytes of a sample.
    pub fn width(self) -> usize {
        self.width
    }

    /// Whether `f32` cannot hold every value.
    pub fn is_wide(self) -> bool {
        if self.kind == Kind::Float { self.width > 4 } else { self.width > 3 }
    }

    fn decode(self, bytes: &[u8]) -> f64 {
        let join = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        let bits = if self.is_big { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) };
        match (self.kind, self.width) {
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, width) => {
                let unused = 64 - 8 * width as u32;
                ((bits << unused) as i64 >> unused) as f64
            }
            (Kind::Float, 2) => half(bits as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
        }
    }
}

/// Returns the value of an IEEE 754 number of 16 bits.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// Where the samples are.
pub(crate) struct Layout {
    pub offset: u64,
    pub channels: usize,
    pub frames: Option<u64>,
    pub is_planar: bool,
    pub gain: f64,
}

/// Reads bare samples.
pub(crate) struct RawReader {
    pub input: Input,
    pub sample: Sample,
    pub layout: Layout,
}

/// Opens a file of bare samples.
pub(crate) fn open(input: Input, options: &RawOptions) -> Result<Opened> {
    let RawOptions { channels, offset, gain, .. } = *options;
    let sample = Sample::named(&options.encoding, options.big_endian)?;
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Error::argument(format!("channels must be between 1 and {MAX_CHANNELS}, got {channels}")));
    }
    if !(gain.is_finite() && gain != 0.0) {
        return Err(Error::argument(format!("gain must be a number that is not 0, got {gain}")));
    }
    if let Some(rate) = options.sample_rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
        return Err(Error::argument(format!("sampleRate must be a positive number, got {rate}")));
    }
    let frame = (channels * sample.width()) as u64;
    let available = input.len().map(|length| length.saturating_sub(offset));
    let frames = available.map(|bytes| bytes / frame);
    let mut warnings = Vec::new();
    if let Some(rest) = available.map(|bytes| bytes % frame).filter(|&rest| rest != 0) {
        warnings.push(format!("{rest} bytes at the end are no whole frame"));
    }
    if options.planar && frames.is_none() {
        return Err(Error::argument("a stream cannot be planar"));
    }
    let channel = Channel { sample_rate: options.sample_rate, frames, gain, ..Channel::default() };
    let header = Header {
        format: "raw".to_owned(),
        encoding: sample.name(),
        sample_rate: options.sample_rate,
        frames,
        channels: vec![channel; channels],
        wide: sample.is_wide(),
        warnings,
        ..Header::default()
    };
    let layout = Layout { offset, channels, frames, is_planar: options.planar, gain };
    Ok((header, Box::new(RawReader { input, sample, layout })))
}

/// Frames that are decoded at once.
const STEP: usize = 4096;

impl Reader for RawReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let width = self.sample.width();
        let frame = self.layout.channels * width;
        let step = STEP.min(((1 << 18) / frame).max(1));
        let mut done = 0;
        while done < frames {
            let wanted = step.min(frames - done);
            let position = at + done as u64;
            let count = if self.layout.is_planar {
                self.planar(channels, position, wanted, out)?
            } else {
                let mut bytes = zeros(wanted * frame)?;
                let read = self.input.read_at(self.layout.offset + position * frame as u64, &mut bytes)?;
                for row in bytes[..read].chunks_exact(frame) {
                    let value = |&i: &usize| self.layout.gain * self.sample.decode(&row[i * width..(i + 1) * width]);
                    out.extend(channels.iter().map(value));
                }
                read / frame
            };
            done += count;
            if count < wanted {
                break;
            }
        }
        Ok(done)
    }
}

impl RawReader {
    fn planar(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let width = self.sample.width();
        let all = self.layout.frames.unwrap_or(0);
        let frames = frames.min(usize::try_from(all.saturating_sub(at)).unwrap_or(usize::MAX));
        let begin = out.len();
        out.resize(begin + frames * channels.len(), 0.0);
        let mut bytes = zeros(frames * width)?;
        for (place, &channel) in channels.iter().enumerate() {
            let from = self.layout.offset + (channel as u64 * all + at) * width as u64;
            self.input.exact_at(from, &mut bytes, "its samples")?;
            for (i, sample) in bytes.chunks_exact(width).enumerate() {
                out[begin + i * channels.len() + place] = self.layout.gain * self.sample.decode(sample);
            }
        }
        Ok(frames)
    }
}
