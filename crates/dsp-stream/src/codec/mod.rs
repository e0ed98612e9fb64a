//! Encodings of samples in messages: binary frames, bare floats and JSON.

pub mod f32le;
pub mod frame;
pub mod json;

use crate::error::{Error, Result};

/// The samples of one message, interleaved, with their metadata.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// Interleaved samples, `channels × frames` of them.
    pub data: Vec<f32>,
    /// Number of channels, 1 or more; `None` if the message does not contain it.
    pub channels: Option<u16>,
    /// Sample rate in Hz, if known.
    pub sample_rate: Option<f64>,
    /// Time of the first frame in ms since 1970, if known.
    pub t0: Option<f64>,
    /// Time of each frame in ms since 1970.
    pub timestamps: Option<Vec<f64>>,
}

/// The codec in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Detected by content type, then by the first bytes, else JSON.
    Auto,
    /// JSON text.
    Json,
    /// Binary frames.
    Frame,
    /// Bare little-endian floats.
    F32,
    /// Bytes without decoding.
    Raw,
}

impl Codec {
    /// Reads the name of a codec: `auto`, `json`, `dspx`, `f32` or `raw`.
    ///
    /// # Errors
    /// For any other name.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "auto" => Self::Auto,
            "json" => Self::Json,
            "dspx" => Self::Frame,
            "f32" => Self::F32,
            "raw" => Self::Raw,
            other => return Err(Error::argument(format!("codec must be auto, json, dspx, f32 or raw, got {other}"))),
        })
    }
}

/// The form of a value; the discriminants cross to JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Bytes without decoding.
    Raw = 0,
    /// JSON text that has not been parsed.
    Json = 1,
    /// A well-formed frame without timestamps.
    Frame = 2,
    /// Bare floats; the length is a multiple of 4.
    F32 = 3,
    /// No value, or an empty one that the codec cannot represent.
    Null = 4,
    /// Bytes that should be a frame or floats, and are malformed.
    Bad = 5,
    /// A well-formed frame with timestamps.
    TimedFrame = 6,
}

/// Returns the form of `value` under `codec`, without copying it.
pub fn classify(codec: Codec, content_type: Option<&[u8]>, value: Option<&[u8]>) -> Kind {
    let Some(value) = value else { return Kind::Null };
    let codec = match codec {
        Codec::Auto => detect(content_type, value),
        other => other,
    };
    match codec {
        Codec::Raw => Kind::Raw,
        Codec::Frame => match frame::Header::read(value) {
            Ok(header) if header.timed => Kind::TimedFrame,
            Ok(_) => Kind::Frame,
            Err(_) => Kind::Bad,
        },
        Codec::F32 if value.len().is_multiple_of(4) => Kind::F32,
        Codec::F32 => Kind::Bad,
        Codec::Json | Codec::Auto if value.is_empty() => Kind::Null,
        Codec::Json | Codec::Auto => Kind::Json,
    }
}

/// Resolves `Codec::Auto`: the content type if it names a codec, else the first bytes, else JSON.
pub fn detect(content_type: Option<&[u8]>, value: &[u8]) -> Codec {
    match content_type.map(media_type) {
        Some(b"application/json") => Codec::Json,
        Some(frame_type) if frame_type == frame::CONTENT_TYPE.as_bytes() => Codec::Frame,
        Some(f32_type) if f32_type == f32le::CONTENT_TYPE.as_bytes() => Codec::F32,
        Some(b"application/octet-stream") => Codec::Raw,
        _ if value.starts_with(frame::MAGIC) => Codec::Frame,
        _ => Codec::Json,
    }
}

/// Returns the part of a content type before its parameters.
fn media_type(content_type: &[u8]) -> &[u8] {
    content_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_prefers_the_content_type() {
        let frame = frame::encode(&[1.0], &frame::Meta::default()).unwrap();
        assert_eq!(classify(Codec::Auto, None, Some(&frame)), Kind::Frame);
        assert_eq!(classify(Codec::Auto, Some(b"application/json; charset=utf-8"), Some(&frame)), Kind::Json);
        assert_eq!(classify(Codec::Auto, Some(b"application/octet-stream"), Some(&frame)), Kind::Raw);
        assert_eq!(classify(Codec::Auto, Some(b"application/x-f32"), Some(&frame)), Kind::F32);
        assert_eq!(classify(Codec::Auto, Some(b"text/plain"), Some(b"{}")), Kind::Json);
    }

    #[test]
    fn nothing_and_emptiness_are_told_apart() {
        assert_eq!(classify(Codec::Raw, None, None), Kind::Null);
        assert_eq!(classify(Codec::Raw, None, Some(b"")), Kind::Raw);
        assert_eq!(classify(Codec::Json, None, Some(b"")), Kind::Null);
        assert_eq!(classify(Codec::F32, None, Some(b"")), Kind::F32);
        assert_eq!(classify(Codec::Frame, None, Some(b"")), Kind::Bad);
        assert_eq!(classify(Codec::F32, None, Some(b"123")), Kind::Bad);
    }

    #[test]
    fn unknown_codec_names_are_refused() {
        assert!(Codec::parse("avro").unwrap_err().to_string().contains("avro"));
    }
}
