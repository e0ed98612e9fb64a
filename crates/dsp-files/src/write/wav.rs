//! Writes wav files; above 4 GiB as RF64.

use super::sink::{Dither, Out, Sink, WriteOptions};
use super::{encode, encoding_of, width_of};
use crate::{Error, Result};

const PCM: u16 = 1;
const FLOAT: u16 = 3;
/// Room that a `JUNK` chunk keeps for the `ds64` chunk of a file that grows beyond 4 GiB.
const DS64: u32 = 28;

pub(super) struct WavSink {
    channels: u16,
    sample_rate: u32,
    encoding: &'static str,
    dither: Dither,
    bytes: u64,
}

impl WavSink {
    pub fn new(channels: usize, options: &WriteOptions) -> Result<Self> {
        let encoding = encoding_of(options, &["float32", "int16", "int24", "int32", "float64", "uint8"])?;
        let channels = u16::try_from(channels).map_err(|_| Error::argument("wav holds at most 65535 channels"))?;
        let rate = options.sample_rate.ok_or_else(|| Error::argument("wav needs sampleRate"))?;
        if rate.fract() != 0.0 || !(1.0..=4294967295.0).contains(&rate) {
            return Err(Error::argument(format!("the sampleRate of a wav must be an integer, got {rate}")));
        }
        if u64::from(channels) * width_of(encoding) > u64::from(u16::MAX) {
            return Err(Error::argument(format!("a wav frame of {channels} channels in {encoding} is too large")));
        }
        let dither = Dither::new(options.dither);
        Ok(Self { channels, sample_rate: rate as u32, encoding, dither, bytes: 0 })
    }

    /// Returns the header; `None`: the size is not known yet.
    fn header(&self, data: Option<u64>) -> Vec<u8> {
        let width = width_of(self.encoding) as u16;
        let frame = width * self.channels;
        let is_float = self.encoding.starts_with("float");
        let mut head = Vec::with_capacity(128);
        let format_size: u32 = if is_float { 18 } else { 16 };
        let fact: u32 = if is_float { 12 } else { 0 };
        let before = u64::from(4 + 8 + DS64 + 8 + format_size + fact + 8);
        let size = data.map(|data| before + data + data % 2);
        let is_long = size.is_some_and(|size| size > u64::from(u32::MAX));
        let short = |size: Option<u64>| size.filter(|_| !is_long).map_or(u32::MAX, |size| size as u32).to_le_bytes();
        head.extend_from_slice(if is_long { b"RF64" } else { b"RIFF" });
        head.extend_from_slice(&short(size));
        head.extend_from_slice(b"WAVE");
        head.extend_from_slice(if is_long { b"ds64" } else { b"JUNK" });
        head.extend_from_slice(&DS64.to_le_bytes());
        let long = |value: Option<u64>| value.filter(|_| is_long).unwrap_or(0).to_le_bytes();
        head.extend_from_slice(&long(size));
        head.extend_from_slice(&long(data));
        head.extend_from_slice(&long(data.map(|data| data / u64::from(frame))));
        head.extend_from_slice(&[0; 4]);
        head.extend_from_slice(b"fmt ");
        head.extend_from_slice(&format_size.to_le_bytes());
        head.extend_from_slice(&if is_float { FLOAT } else { PCM }.to_le_bytes());
        head.extend_from_slice(&self.channels.to_le_bytes());
        head.extend_from_slice(&self.sample_rate.to_le_bytes());
        head.extend_from_slice(&self.sample_rate.wrapping_mul(u32::from(frame)).to_le_bytes());
        head.extend_from_slice(&frame.to_le_bytes());
        head.extend_from_slice(&(8 * width).to_le_bytes());
        if is_float {
            head.extend_from_slice(&[0, 0]);
            head.extend_from_slice(b"fact");
            head.extend_from_slice(&4u32.to_le_bytes());
            head.extend_from_slice(&short(data.map(|data| data / u64::from(frame))));
        }
        head.extend_from_slice(b"data");
        head.extend_from_slice(&short(data));
        head
    }

    fn begin(&mut self, out: &mut Out) -> Result<()> {
        if self.bytes > 0 {
            return Ok(());
        }
        // A file that is never finished, and a stream, say that their size is unknown.
        out.write(&self.header(None))
    }
}

impl Sink for WavSink {
    fn write(&mut self, out: &mut Out, samples: &[f64]) -> Result<()> {
        if samples.is_empty() {
            return Ok(());
        }
        self.begin(out)?;
        let mut bytes = Vec::with_capacity(samples.len() * width_of(self.encoding) as usize);
        for &value in samples {
            encode(self.encoding, value, &mut self.dither, &mut bytes);
        }
        self.bytes += bytes.len() as u64;
        out.write(&bytes)
    }

    fn finish(&mut self, out: &mut Out) -> Result<()> {
        self.begin(out)?;
        if self.bytes % 2 == 1 {
            out.write(&[0])?;
        }
        out.patch_head(&self.header(Some(self.bytes)))
    }
}
