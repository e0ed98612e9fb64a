//! Formats in which calls bring samples and take them: 16-bit and 32-bit integers, G.711, float32 and float64. Inside a
//! pipeline samples are float32, and full scale of the integer formats is −1 … 1.

use crate::error::{Error, Result};
use crate::kernels::formats as kernels;
use crate::limits::MAX_SAMPLES;

/// A sample format. Bytes are little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 16-bit integers; 32768 is full scale.
    S16,
    /// 32-bit integers; 2³¹ is full scale.
    S32,
    /// G.711 µ-law, a byte a sample.
    Mulaw,
    /// G.711 A-law, a byte a sample.
    Alaw,
    /// float32, as it is.
    F32,
    /// float64, rounded to float32.
    F64,
}

/// Samples in one of the formats of [`Format`].
#[derive(Debug, Clone, PartialEq)]
pub enum Encoded {
    /// G.711 codes.
    Bytes(Vec<u8>),
    /// 16-bit integers.
    S16(Vec<i16>),
    /// 32-bit integers.
    S32(Vec<i32>),
    /// float32.
    F32(Vec<f32>),
    /// float64.
    F64(Vec<f64>),
}

/// The format in which a call returns its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// Format of the samples.
    pub format: Format,
    /// Whether noise is added before the samples are rounded (see [`Format::step`]); floating-point formats get none.
    pub dither: bool,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] = [Self::S16, Self::S32, Self::Mulaw, Self::Alaw, Self::F32, Self::F64];

    /// Returns the format's name in options.
    pub fn name(self) -> &'static str {
        match self {
            Self::S16 => "s16",
            Self::S32 => "s32",
            Self::Mulaw => "mulaw",
            Self::Alaw => "alaw",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// Returns the size of one sample in bytes: 1, 2, 4 or 8.
    pub fn size(self) -> usize {
        match self {
            Self::Mulaw | Self::Alaw => 1,
            Self::S16 => 2,
            Self::S32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Returns the step between neighbouring values, full scale being 1; for G.711 that around 0. `None` for floating
    /// point.
    pub fn step(self) -> Option<f32> {
        match self {
            Self::S16 => Some(1.0 / 32_768.0),
            Self::S32 => Some(1.0 / 2_147_483_648.0),
            Self::Mulaw => Some(8.0 / 32_768.0),
            Self::Alaw => Some(16.0 / 32_768.0),
            Self::F32 | Self::F64 => None,
        }
    }

    /// Appends the samples that `bytes` hold to `samples`.
    ///
    /// # Errors
    /// `RangeError` if the bytes are not a whole number of samples, or hold too many.
    pub fn decode(self, bytes: &[u8], samples: &mut Vec<f32>) -> Result<()> {
        let (name, size) = (self.name(), self.size());
        if !bytes.len().is_multiple_of(size) {
            let count = bytes.len();
            return Err(Error::range(format!("format '{name}' has {size} bytes a sample, got {count} bytes")));
        }
        let (before, count) = (samples.len(), bytes.len() / size);
        if count > MAX_SAMPLES - before.min(MAX_SAMPLES) || samples.try_reserve(count).is_err() {
            return Err(too_many());
        }
        samples.resize(before + count, 0.0);
        let new = &mut samples[before..];
        match self {
            Self::S16 => kernels::decode_s16(bytes, new),
            Self::S32 => kernels::decode_s32(bytes, new),
            Self::Mulaw => kernels::decode_mulaw(bytes, new),
            Self::Alaw => kernels::decode_alaw(bytes, new),
            Self::F32 => kernels::decode_f32(bytes, new),
            Self::F64 => kernels::decode_f64(bytes, new),
        }
        Ok(())
    }

    /// Returns the samples in this format. Integers and codes: the nearest one, 0 for NaN, and the nearer end of the
    /// range for samples outside it.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn encode(self, samples: Vec<f32>) -> Result<Encoded> {
        Ok(match self {
            Self::S16 => Encoded::S16(converted(&samples, kernels::encode_s16)?),
            Self::S32 => Encoded::S32(converted(&samples, kernels::encode_s32)?),
            Self::Mulaw => Encoded::Bytes(converted(&samples, kernels::encode_mulaw)?),
            Self::Alaw => Encoded::Bytes(converted(&samples, kernels::encode_alaw)?),
            Self::F32 => Encoded::F32(samples),
            Self::F64 => Encoded::F64(converted(&samples, kernels::encode_f64)?),
        })
    }
}

fn converted<T: Copy + Default>(samples: &[f32], convert: fn(&[f32], &mut [T])) -> Result<Vec<T>> {
    let mut values = vec![];
    values.try_reserve_exact(samples.len()).map_err(|_| too_many())?;
    values.resize(samples.len(), T::default());
    convert(samples, &mut values);
    Ok(values)
}

fn too_many() -> Error {
    Error::range(format!("one call takes at most {MAX_SAMPLES} samples, and no more than there is memory for"))
}

/// Adds noise to samples that are to be rounded: a sample's noise follows from `first`, the number of samples before.
/// Returns the number of samples that got noise.
pub(crate) fn dither(samples: &mut [f32], output: Output, first: u64) -> u64 {
    match output.format.step() {
        Some(step) if output.dither => {
            kernels::dither(samples, first, step);
            samples.len() as u64
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_appended_in_each_format() {
        let mut samples = vec![9.0];
        for (format, bytes) in [
            (Format::S16, &[0x00, 0x80, 0x00, 0x40][..]),
            (Format::S32, &[0, 0, 0, 0x80]),
            (Format::Mulaw, &[0xFF, 0x80]),
            (Format::Alaw, &[0xD5]),
            (Format::F32, &0.25f32.to_le_bytes()),
            (Format::F64, &0.1f64.to_le_bytes()),
        ] {
            format.decode(bytes, &mut samples).unwrap();
        }
        let expected = [9.0, -1.0, 0.5, -1.0, 0.0, 32_124.0 / 32_768.0, 8.0 / 32_768.0, 0.25, 0.1];
        assert_eq!(samples, expected);
    }

    #[test]
    fn bytes_that_are_no_whole_samples_are_refused() {
        let mut samples = vec![];
        let error = Format::S16.decode(&[0; 5], &mut samples).unwrap_err();
        assert_eq!(error, Error::range("format 's16' has 2 bytes a sample, got 5 bytes"));
        assert!(samples.is_empty());
        for format in Format::ALL.into_iter().filter(|format| format.size() > 1) {
            assert!(format.decode(&[0; 7], &mut samples).is_err(), "{}", format.name());
        }
    }

    #[test]
    fn floating_point_is_not_changed() {
        let samples = vec![0.1, f32::INFINITY, -7.5];
        assert_eq!(Format::F32.encode(samples.clone()), Ok(Encoded::F32(samples.clone())));
        let wide = samples.iter().copied().map(f64::from).collect();
        assert_eq!(Format::F64.encode(samples.clone()), Ok(Encoded::F64(wide)));
        let mut dithered = samples.clone();
        assert_eq!(dither(&mut dithered, Output { format: Format::F64, dither: true }, 0), 0);
        assert_eq!(dithered, samples);
    }
}
