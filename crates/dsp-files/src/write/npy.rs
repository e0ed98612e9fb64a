//! Writes NumPy arrays of shape (frames, channels), format 1.0.

use super::sink::{Dither, Out, Sink, WriteOptions};
use super::{encode, encoding_of};
use crate::Result;

/// Bytes of the header, with room for any number of frames.
const HEADER: usize = 128;

pub(super) struct NpySink {
    channels: usize,
    encoding: &'static str,
    frames: u64,
    begun: bool,
}

impl NpySink {
    pub fn new(channels: usize, options: &WriteOptions) -> Result<Self> {
        let encoding = encoding_of(options, &["float32", "float64"])?;
        Ok(Self { channels, encoding, frames: 0, begun: false })
    }

    fn header(&self) -> Vec<u8> {
        let kind = if self.encoding == "float64" { "<f8" } else { "<f4" };
        let shape = match self.channels {
            1 => format!("({},)", self.frames),
            channels => format!("({}, {channels})", self.frames),
        };
        let mut head = b"\x93NUMPY\x01\x00".to_vec();
        head.extend_from_slice(&((HEADER - 10) as u16).to_le_bytes());
        head.extend_from_slice(format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}").as_bytes());
        head.resize(HEADER - 1, b' ');
        head.push(b'\n');
        head
    }
}

impl Sink for NpySink {
    fn write(&mut self, out: &mut Out, samples: &[f64]) -> Result<()> {
        if !self.begun {
            out.write(&self.header())?;
            self.begun = true;
        }
        let mut bytes = Vec::new();
        let mut dither = Dither::new(false);
        for &value in samples {
            encode(self.encoding, value, &mut dither, &mut bytes);
        }
        self.frames += (samples.len() / self.channels) as u64;
        out.write(&bytes)
    }

    fn finish(&mut self, out: &mut Out) -> Result<()> {
        self.write(out, &[])?;
        if matches!(out, Out::Stream(_)) && self.frames > 0 {
            return Err(crate::Error::argument("npy cannot be written into a stream: its header needs the length"));
        }
        out.patch_head(&self.header())
    }
}
