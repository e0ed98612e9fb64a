//! Writes bare samples, little-endian and interleaved.

use super::sink::{Dither, Out, Sink, WriteOptions};
use super::{encode, encoding_of};
use crate::Result;

pub(super) struct RawSink {
    encoding: &'static str,
    dither: Dither,
}

impl RawSink {
    pub fn new(options: &WriteOptions) -> Result<Self> {
        let encoding = encoding_of(options, &["float32", "int16", "int24", "int32", "float64", "uint8"])?;
        Ok(Self { encoding, dither: Dither::new(options.dither) })
    }
}

impl Sink for RawSink {
    fn write(&mut self, out: &mut Out, samples: &[f64]) -> Result<()> {
        let mut bytes = Vec::new();
        for &value in samples {
            encode(self.encoding, value, &mut self.dither, &mut bytes);
        }
        out.write(&bytes)
    }

    fn finish(&mut self, _: &mut Out) -> Result<()> {
        Ok(())
    }
}
