//! The binary frame, `application/x-dspx-f32`: 32 bytes of header, then float32 samples, all little-endian.
//!
//! | offset | type | |
//! | --- | --- | --- |
//! | 0 | 4 bytes | `DSPX` |
//! | 4 | u8 | version 1 |
//! | 5 | u8 | sample type, 0 = f32 |
//! | 6 | u16 | channels ≥ 1 |
//! | 8 | u32 | frames (samples per channel) |
//! | 12 | u32 | flags: bit 0 = timestamps follow |
//! | 16 | f64 | sample rate in Hz, 0 = unknown |
//! | 24 | f64 | time of the first frame in ms since 1970, NaN = unknown |
//! | 32 | f32 × channels × frames | interleaved; with bit 0 zero padding to a multiple of 8, then frames × f64 ms |

use super::Samples;
use crate::error::{Error, Result};

/// First bytes of every frame.
pub const MAGIC: &[u8] = b"DSPX";
/// Content type of a frame.
pub const CONTENT_TYPE: &str = "application/x-dspx-f32";
/// Bytes before the samples.
pub const HEADER_LEN: usize = 32;
const TIMED: u32 = 1;

/// Metadata of a frame to encode.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meta<'a> {
    /// Number of channels; `None` means 1.
    pub channels: Option<f64>,
    /// Sample rate in Hz.
    pub sample_rate: Option<f64>,
    /// Time of the first frame in ms since 1970.
    pub t0: Option<f64>,
    /// Time of each frame in ms since 1970.
    pub timestamps: Option<&'a [f64]>,
}

/// The header of a frame whose length has been checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Header {
    /// Number of channels, 1 or more.
    pub channels: u16,
    /// Samples per channel.
    pub frames: u32,
    /// Whether a timestamp per frame follows the samples.
    pub timed: bool,
    /// Sample rate in Hz, 0 = unknown.
    pub sample_rate: f64,
    /// Time of the first frame in ms since 1970, NaN = unknown.
    pub t0: f64,
}

impl Header {
    /// Reads and checks the header of `frame`, its exact length included.
    ///
    /// # Errors
    /// `Decode` with the reason.
    pub fn read(frame: &[u8]) -> Result<Self> {
        let malformed = |reason: String| Error::decode(format!("malformed frame: {reason}"));
        let Some((head, _)) = frame.split_first_chunk::<HEADER_LEN>() else {
            return Err(malformed(format!("{} bytes, the header has {HEADER_LEN}", frame.len())));
        };
        if !head.starts_with(MAGIC) {
            return Err(malformed("it does not begin with DSPX".into()));
        }
        let [version, sample_type] = [head[4], head[5]];
        if version != 1 || sample_type != 0 {
            return Err(malformed(format!("version {version}, sample type {sample_type}; known are 1 and 0")));
        }
        let flags = u32_at(head, 12);
        if flags & !TIMED != 0 {
            return Err(malformed(format!("unknown flags {flags:#x}")));
        }
        let header = Self {
            channels: u16::from_le_bytes([head[6], head[7]]),
            frames: u32_at(head, 8),
            timed: flags & TIMED != 0,
            sample_rate: f64_at(head, 16),
            t0: f64_at(head, 24),
        };
        if header.channels == 0 {
            return Err(malformed("0 channels".into()));
        }
        if !(header.sample_rate >= 0.0 && header.sample_rate.is_finite()) || header.t0.is_infinite() {
            return Err(malformed("sample rate or time is out of range".into()));
        }
        if header.encoded_len() != frame.len() as u128 {
            return Err(malformed(format!("{} bytes, {} expected", frame.len(), header.encoded_len())));
        }
        Ok(header)
    }

    /// Returns the number of samples over all channels.
    fn samples(&self) -> u128 {
        u128::from(self.channels) * u128::from(self.frames)
    }

    /// Returns the position of the timestamps in bytes.
    fn timestamps_at(&self) -> u128 {
        (HEADER_LEN as u128 + 4 * self.samples()).next_multiple_of(8)
    }

    /// Returns the length of the whole frame in bytes.
    fn encoded_len(&self) -> u128 {
        if self.timed {
            self.timestamps_at() + 8 * u128::from(self.frames)
        } else {
            HEADER_LEN as u128 + 4 * self.samples()
        }
    }
}

fn u32_at(bytes: &[u8; HEADER_LEN], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn f64_at(bytes: &[u8; HEADER_LEN], at: usize) -> f64 {
    f64::from_bits(u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32)
}

/// Encodes a frame.
///
/// # Errors
/// `Argument` if the channels do not divide the samples, or a value does not fit the layout.
pub fn encode(data: &[f32], meta: &Meta<'_>) -> Result<Vec<u8>> {
    let channels = meta.channels.unwrap_or(1.0);
    if !(1.0..=65535.0).contains(&channels) || channels.fract() != 0.0 {
        return Err(Error::argument(format!("frame: channels must be an integer from 1 to 65535, got {channels}")));
    }
    let channels = channels as usize;
    if !data.len().is_multiple_of(channels) {
        let len = data.len();
        return Err(Error::argument(format!("frame: {len} samples are not a multiple of {channels} channels")));
    }
    let frames = data.len() / channels;
    let frames_u32 = u32::try_from(frames).map_err(|_| Error::argument("frame: more than 4294967295 frames"))?;
    let sample_rate = meta.sample_rate.unwrap_or(0.0);
    if !(sample_rate >= 0.0 && sample_rate.is_finite()) {
        return Err(Error::argument(format!(
            "frame: sampleRate must be a finite number of 0 or more, got {sample_rate}"
        )));
    }
    let t0 = meta.t0.or(meta.timestamps.and_then(|t| t.first().copied())).unwrap_or(f64::NAN);
    if t0.is_infinite() {
        return Err(Error::argument("frame: t0 must be finite"));
    }
    if let Some(timestamps) = meta.timestamps
        && timestamps.len() != frames
    {
        let given = timestamps.len();
        return Err(Error::argument(format!("frame: {given} timestamps for {frames} samples per channel")));
    }
    let header =
        Header { channels: channels as u16, frames: frames_u32, timed: meta.timestamps.is_some(), sample_rate, t0 };
    let mut out = Vec::with_capacity(header.encoded_len() as usize);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[1, 0]);
    out.extend_from_slice(&header.channels.to_le_bytes());
    out.extend_from_slice(&header.frames.to_le_bytes());
    out.extend_from_slice(&u32::from(header.timed).to_le_bytes());
    out.extend_from_slice(&sample_rate.to_le_bytes());
    out.extend_from_slice(&t0.to_le_bytes());
    out.extend(data.iter().flat_map(|x| x.to_le_bytes()));
    if let Some(timestamps) = meta.timestamps {
        out.resize(header.timestamps_at() as usize, 0);
        out.extend(timestamps.iter().flat_map(|t| t.to_le_bytes()));
    }
    Ok(out)
}

/// Decodes a frame; the samples are copied once, into aligned memory.
///
/// # Errors
/// `Decode` if it is malformed.
pub fn decode(frame: &[u8]) -> Result<Samples> {
    let header = Header::read(frame)?;
    let samples_end = HEADER_LEN + 4 * header.samples() as usize;
    let timestamps = header.timed.then(|| {
        let (chunks, _) = frame[header.timestamps_at() as usize..].as_chunks::<8>();
        chunks.iter().map(|b| f64::from_le_bytes(*b)).collect()
    });
    Ok(Samples {
        data: super::f32le::floats(&frame[HEADER_LEN..samples_end]),
        channels: Some(header.channels),
        sample_rate: (header.sample_rate > 0.0).then_some(header.sample_rate),
        t0: (!header.t0.is_nan()).then_some(header.t0),
        timestamps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_as_documented() {
        let meta = Meta { channels: Some(2.0), sample_rate: Some(500.0), t0: Some(1000.0), timestamps: None };
        let frame = encode(&[1.0, -2.0], &meta).unwrap();
        let mut expected = b"DSPX\x01\x00\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00".to_vec();
        expected.extend(500f64.to_le_bytes());
        expected.extend(1000f64.to_le_bytes());
        expected.extend([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
        assert_eq!(frame, expected);
    }

    #[test]
    fn timestamps_are_padded_to_eight() {
        let meta = Meta { timestamps: Some(&[5.0, 6.0, 7.0]), ..Meta::default() };
        let frame = encode(&[1.0, 2.0, 3.0], &meta).unwrap();
        assert_eq!(frame.len(), 32 + 12 + 4 + 24);
        let back = decode(&frame).unwrap();
        assert_eq!(back.timestamps, Some(vec![5.0, 6.0, 7.0]));
        assert_eq!((back.t0, back.sample_rate, back.channels), (Some(5.0), None, Some(1)));
    }

    #[test]
    fn every_defect_has_its_reason() {
        let good = encode(&[1.0, 2.0], &Meta::default()).unwrap();
        let broken = |at: usize, byte: u8| {
            let mut frame = good.clone();
            frame[at] = byte;
            decode(&frame).unwrap_err().to_string()
        };
        assert!(decode(&good[..31]).unwrap_err().to_string().contains("header"));
        assert!(decode(&good[..39]).unwrap_err().to_string().contains("40 expected"));
        assert!(broken(0, b'X').contains("DSPX"));
        assert!(broken(4, 2).contains("version 2"));
        assert!(broken(6, 0).contains("0 channels"));
        assert!(broken(12, 2).contains("flags"));
        assert!(broken(11, 0xff).contains("expected"));
    }

    #[test]
    fn arguments_are_checked() {
        let refused = |data: &[f32], meta: Meta<'_>| encode(data, &meta).unwrap_err().to_string();
        assert!(refused(&[1.0; 3], Meta { channels: Some(2.0), ..Meta::default() }).contains("multiple of 2"));
        assert!(refused(&[], Meta { channels: Some(0.5), ..Meta::default() }).contains("channels"));
        assert!(refused(&[], Meta { sample_rate: Some(f64::NAN), ..Meta::default() }).contains("sampleRate"));
        assert!(refused(&[1.0], Meta { timestamps: Some(&[]), ..Meta::default() }).contains("0 timestamps"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            bits in prop::collection::vec(any::<u32>(), 0..50), channels in 1usize..5, timed: bool) {
            let data: Vec<f32> = bits.iter().take(bits.len() / channels * channels).map(|&b| f32::from_bits(b)).collect();
            let times: Vec<f64> = (0..data.len() / channels).map(|i| i as f64).collect();
            let meta = Meta { channels: Some(channels as f64), timestamps: timed.then_some(&times), ..Meta::default() };
            let back = decode(&encode(&data, &meta).unwrap()).unwrap();
            prop_assert!(back.data.iter().zip(&data).all(|(a, b)| a.to_bits() == b.to_bits()));
            prop_assert_eq!(back.data.len(), data.len());
            prop_assert_eq!(back.timestamps, timed.then_some(times));
        }

        #[test]
        fn any_bytes_are_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..80), magic: bool) {
            if magic && bytes.len() > 8 {
                bytes[..6].copy_from_slice(b"DSPX\x01\x00");
            }
            if let Ok(samples) = decode(&bytes) {
                prop_assert!(samples.data.len() * 4 <= bytes.len());
            }
        }
    }
}
