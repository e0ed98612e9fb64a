//! WAV (RIFF/WAVE), little-endian (RIFF), big-endian (RIFX) and with 64-bit sizes (RF64, BW64).
//!
//! After "Multimedia Programming Interface and Data Specifications 1.0" (IBM, Microsoft 1991), "Multiple Channel Audio
//! Data Files and WAVE Files" (Microsoft 2001), EBU Tech 3306 (RF64) and ITU-R BS.2088 (BW64). Integers are scaled so that
//! full scale is ±1; µ-law and A-law are those of ITU-T G.711.

mod samples;

use samples::Encoding;

use crate::header::{Channel, Header};
use crate::input::Input;
use crate::limits::{MAX_CHANNELS, zeros};
use crate::recording::{Opened, Reader};
use crate::{Error, Result};

const PCM: u32 = 1;
const FLOAT: u32 = 3;
const A_LAW: u32 = 6;
const MU_LAW: u32 = 7;
const EXTENSIBLE: u32 = 0xfffe;
/// Size of a chunk that stands in the ds64 chunk, or that a program could not know when it began to write.
const UNKNOWN: u64 = 0xffff_ffff;
/// Chunks before the samples. Editors write a few dozen at most.
const MAX_CHUNKS: usize = 1 << 14;

/// The byte order of the numbers in a file.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// Returns the unsigned number of up to 8 bytes.
    pub fn number(self, bytes: &[u8]) -> u64 {
        let join = |value: u64, &byte: &u8| value << 8 | u64::from(byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, join),
            Self::Big => bytes.iter().fold(0, join),
        }
    }
}

/// The fmt chunk.
struct Shape {
    channels: usize,
    sample_rate: u32,
    encoding: Encoding,
    /// Bytes of one sample of one channel.
    width: usize,
}

/// Where the samples are.
struct Data {
    offset: u64,
    /// Bytes; `None`: up to the end of the input.
    size: Option<u64>,
}

/// Opens a wav file.
pub(crate) fn open(mut input: Input) -> Result<Opened> {
    let (shape, data) = find(&mut input)?;
    let frame = (shape.width * shape.channels) as u64;
    let available = input.len().map(|length| length.saturating_sub(data.offset));
    let mut warnings = Vec::new();
    let size = match (data.size, available) {
        (Some(size), Some(available)) if size > available => {
            let missing = size - available;
            warnings.push(format!("the file is cut off: {missing} bytes of its samples are missing"));
            Some(available)
        }
        (None, available) => {
            warnings.push("the file was not finished: its samples reach to its end".to_owned());
            available
        }
        (size, _) => size,
    };
    let frames = size.map(|size| size / frame);
    let channel = Channel { sample_rate: Some(f64::from(shape.sample_rate)), frames, ..Channel::default() };
    let channel = Channel { gain: shape.encoding.step(shape.width), ..channel };
    let header = Header {
        format: "wav".to_owned(),
        encoding: shape.encoding.name(shape.width),
        sample_rate: channel.sample_rate,
        // The size that a stream's header states may be more than what comes.
        frames: frames.filter(|_| available.is_some()),
        channels: vec![channel; shape.channels],
        wide: shape.encoding.is_wide(shape.width),
        warnings,
        ..Header::default()
    };
    let end = size.map(|size| data.offset + size);
    Ok((header, Box::new(WavReader { input, shape, offset: data.offset, end })))
}

/// Reads the chunks up to that of the samples.
fn find(input: &mut Input) -> Result<(Shape, Data)> {
    let mut head = [0; 12];
    input.exact_at(0, &mut head, "the RIFF header")?;
    let order = match &head[..4] {
        b"RIFF" | b"RF64" | b"BW64" => Order::Little,
        b"RIFX" => Order::Big,
        _ => return Err(Error::damaged(0, "this is no RIFF/WAVE file")),
    };
    if &head[8..] != b"WAVE" {
        return Err(Error::damaged(8, "this is no RIFF/WAVE file"));
    }
    let riff_end = 8 + order.number(&head[4..8]);
    let (mut shape, mut long_size) = (None, None);
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let mut chunk = [0; 8];
        let what = if shape.is_some() { "its header: there are no samples" } else { "its header" };
        input.exact_at(at, &mut chunk, what)?;
        let size = order.number(&chunk[4..]);
        let body = at + 8;
        match &chunk[..4] {
            b"data" => {
                let shape = shape.ok_or_else(|| Error::damaged(at, "the data chunk comes before the fmt chunk"))?;
                let size = match long_size {
                    Some(long) if size == UNKNOWN => Some(long),
                    _ if size == UNKNOWN || (size == 0 && riff_end <= body) => None,
                    _ => Some(size),
                };
                return Ok((shape, Data { offset: body, size }));
            }
            b"fmt " => shape = Some(read_format(input, body, size, order)?),
            b"ds64" => {
                let mut sizes = [0; 16];
                input.exact_at(body, &mut sizes, "the ds64 chunk")?;
                long_size = Some(order.number(&sizes[8..])).filter(|&size| size != 0 && size != u64::MAX);
            }
            _ => {}
        }
        at = body + size + size % 2;
    }
    Err(Error::damaged(at, format!("there are no samples behind {MAX_CHUNKS} chunks")))
}

fn read_format(input: &mut Input, at: u64, size: u64, order: Order) -> Result<Shape> {
    if size < 16 {
        return Err(Error::damaged(at, format!("the fmt chunk has {size} bytes, less than 16")));
    }
    let mut body = [0; 40];
    let length = (size as usize).min(40);
    input.exact_at(at, &mut body[..length], "the fmt chunk")?;
    let word = |from: usize| order.number(&body[from..from + 2]) as u32;
    let (channels, bits) = (word(2) as usize, word(14));
    let sample_rate = order.number(&body[4..8]) as u32;
    let mut tag = word(0);
    if tag == EXTENSIBLE && length >= 28 {
        tag = order.number(&body[24..28]) as u32;
    }
    if channels == 0 || channels > MAX_CHANNELS || sample_rate == 0 {
        return Err(Error::damaged(at + 2, format!("{channels} channels at {sample_rate} Hz")));
    }
    let least = bits.div_ceil(8) as usize;
    let aligned = word(12) as usize;
    // The container may be wider than the sample; some programs state a frame that is too narrow for it.
    let width =
        if aligned.is_multiple_of(channels) && aligned / channels >= least { aligned / channels } else { least };
    let encoding = match (tag, bits) {
        (PCM, 1..=64) if width <= 8 => Encoding::Integer,
        (FLOAT, 32 | 64) if width * 8 == bits as usize => Encoding::Float,
        (A_LAW, 8) if width == 1 => Encoding::ALaw,
        (MU_LAW, 8) if width == 1 => Encoding::MuLaw,
        (PCM | FLOAT | A_LAW | MU_LAW, _) => {
            let message = format!("samples of {bits} bits in {width} bytes, format {tag}, are not possible");
            return Err(Error::damaged(at, message));
        }
        _ => return Err(Error::unsupported(format!("the wav format {tag:#06x} is not supported"))),
    };
    Ok(Shape { channels, sample_rate, encoding: encoding.in_order(order), width })
}

struct WavReader {
    input: Input,
    shape: Shape,
    offset: u64,
    end: Option<u64>,
}

impl Reader for WavReader {
    fn read(&mut self, channels: &[usize], at: u64, frames: usize, out: &mut Vec<f64>) -> Result<usize> {
        let Shape { channels: all, ref encoding, width, .. } = self.shape;
        let frame = all * width;
        // As many frames at once as fit the window, so that memory does not grow with the channels that are left out.
        let step = ((1 << 16) / frame).max(1);
        let mut bytes = zeros(step.min(frames) * frame)?;
        let mut done = 0;
        while done < frames {
            let start = self.offset + (at + done as u64) * frame as u64;
            let left = self.end.map_or(u64::MAX, |end| end.saturating_sub(start));
            let wanted = (step.min(frames - done) * frame).min(usize::try_from(left).unwrap_or(usize::MAX));
            let count = self.input.read_at(start, &mut bytes[..wanted])? / frame;
            for row in bytes[..count * frame].chunks_exact(frame) {
                out.extend(channels.iter().map(|&i| encoding.decode(&row[i * width..(i + 1) * width])));
            }
            done += count;
            if count == 0 || count * frame < wanted {
                break;
            }
        }
        Ok(done)
    }
}
