//! NumPy arrays (.npy, formats 1.0 to 3.0): one column per channel, or one channel.

use crate::header::{Channel, Header};
use crate::input::Input;
use crate::limits::MAX_CHANNELS;
use crate::raw::{Layout, RawReader, Sample};
use crate::recording::Opened;
use crate::text::quoted;
use crate::{Error, Result};

/// Bytes of the description; NumPy itself refuses more than 10,000.
const MAX_HEADER: usize = 1 << 16;

/// Opens an array.
pub(crate) fn open(mut input: Input) -> Result<Opened> {
    let mut head = [0; 12];
    input.exact_at(0, &mut head, "the header")?;
    if &head[..6] != b"\x93NUMPY" {
        return Err(Error::damaged(0, "this is no NumPy array"));
    }
    let (length, from) = match head[6] {
        1 => (usize::from(u16::from_le_bytes([head[8], head[9]])), 10),
        2 | 3 => (u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize, 12),
        version => return Err(Error::damaged(6, format!("the format {version} of NumPy is not known"))),
    };
    if length > MAX_HEADER {
        return Err(Error::damaged(8, format!("a header of {length} bytes")));
    }
    let text = input.take_at(from, length)?;
    if text.len() < length {
        return Err(Error::damaged(from + text.len() as u64, "the file ends within the header"));
    }
    let text = crate::text::field(&text);
    let missing = |key: &str| Error::damaged(from, format!("the header has no valid {key}: {}", quoted(&text)));
    let kind = value_of(&text, "descr").and_then(|value| value.strip_prefix('\'')?.split('\'').next());
    let kind = kind.ok_or_else(|| missing("descr"))?;
    let fortran = value_of(&text, "fortran_order").ok_or_else(|| missing("fortran_order"))?.starts_with("True");
    let shape = value_of(&text, "shape").and_then(|value| value.strip_prefix('(')?.split(')').next());
    let shape = shape.ok_or_else(|| missing("shape"))?;
    let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty()).map(|size| size.parse::<u64>().ok());
    let sizes: Vec<u64> = sizes.collect::<Option<_>>().ok_or_else(|| missing("shape"))?;
    let (frames, channels) = match sizes[..] {
        [frames] => (frames, 1),
        [frames, channels] if channels >= 1 && channels <= MAX_CHANNELS as u64 => (frames, channels as usize),
        _ => return Err(Error::damaged(from, format!("an array of shape ({shape}) is no list of frames"))),
    };
    let sample = sample_of(kind)?;
    let offset = from + length as u64;
    let size = frames.checked_mul(channels as u64).and_then(|count| count.checked_mul(sample.width() as u64));
    let size = size.ok_or_else(|| Error::damaged(from, format!("an array of shape ({shape}) is too large")))?;
    let available = input.len().map_or(size, |length| length.saturating_sub(offset));
    if available < size {
        let message = format!("the file is cut off: {} bytes are missing", size - available);
        return Err(Error::damaged(offset + available, message));
    }
    let channel = Channel { frames: Some(frames), gain: 1.0, ..Channel::default() };
    let header = Header {
        format: "npy".to_owned(),
        encoding: sample.name(),
        frames: Some(frames),
        channels: vec![channel; channels],
        wide: sample.is_wide(),
        ..Header::default()
    };
    let layout = Layout { offset, channels, frames: Some(frames), is_planar: fortran && channels > 1, gain: 1.0 };
    Ok((header, Box::new(RawReader { input, sample, layout })))
}

/// Returns what follows a key of the description.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("'{key}'"))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

fn sample_of(kind: &str) -> Result<Sample> {
    let is_big = kind.starts_with('>');
    let name = match kind.trim_start_matches(['<', '>', '|', '=']) {
        "f4" => "float32",
        "f8" => "float64",
        "f2" => "float16",
        "i1" => "int8",
        "i2" => "int16",
        "i4" => "int32",
        "i8" => "int64",
        "u1" | "b1" => "uint8",
        "u2" => "uint16",
        "u4" => "uint32",
        "u8" => "uint64",
        other => return Err(Error::unsupported(format!("arrays of {} are not supported", quoted(other)))),
    };
    Sample::named(name, is_big)
}
