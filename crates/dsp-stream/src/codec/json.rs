//! Samples as JSON: `{ "data": […], "channels", "sampleRate", "timestamp", "timestamps" }`, or a bare array.

use serde::{Deserialize, Deserializer};
use std::fmt::Write as _;

use super::Samples;
use crate::error::{Error, Result};

/// A number, or null for one that JSON cannot hold.
struct Sample(f32);

impl<'de> Deserialize<'de> for Sample {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<f64>::deserialize(deserializer)?.map_or(f32::NAN, |x| x as f32)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    data: Option<Vec<Sample>>,
    samples: Option<Vec<Sample>>,
    channels: Option<u16>,
    sample_rate: Option<f64>,
    timestamp: Option<f64>,
    timestamps: Option<Vec<f64>>,
}

/// Decodes samples from JSON text: an object with `data` or `samples`, or a bare array; null counts as NaN.
///
/// # Errors
/// `Decode` if the text is not JSON, or holds no samples.
pub fn decode(text: &[u8]) -> Result<Samples> {
    let refuse = |e: serde_json::Error| Error::decode(format!("JSON: {e}"));
    let floats = |list: Vec<Sample>| list.into_iter().map(|s| s.0).collect::<Vec<f32>>();
    if text.trim_ascii_start().starts_with(b"[") {
        let data = floats(serde_json::from_slice(text).map_err(refuse)?);
        return Ok(Samples { data, ..Samples::default() });
    }
    let object: Object = serde_json::from_slice(text).map_err(refuse)?;
    let Some(data) = object.data.or(object.samples).map(floats) else {
        return Err(Error::decode("JSON: neither data nor samples"));
    };
    let channels = object.channels.map_or(1, usize::from);
    if channels == 0 || !data.len().is_multiple_of(channels) {
        return Err(Error::decode(format!("JSON: {} samples are not a multiple of {channels} channels", data.len())));
    }
    if object.timestamps.as_ref().is_some_and(|t| t.len() != data.len() / channels) {
        return Err(Error::decode("JSON: timestamps and samples differ in number"));
    }
    Ok(Samples {
        data,
        channels: object.channels,
        sample_rate: object.sample_rate,
        t0: object.timestamp,
        timestamps: object.timestamps,
    })
}

/// Encodes samples as JSON text: non-finite values as null, floats in the shortest form that reads back as the same
/// f32.
pub fn encode(samples: &Samples) -> String {
    let mut out = String::with_capacity(32 + 12 * samples.data.len());
    out.push_str("{\"data\":[");
    let mut number = ryu_js::Buffer::new();
    for (i, &x) in samples.data.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(if x.is_finite() { number.format_finite(x) } else { "null" });
    }
    out.push(']');
    if let Some(channels) = samples.channels {
        let _ = write!(out, ",\"channels\":{channels}");
    }
    for (name, value) in [("sampleRate", samples.sample_rate), ("timestamp", samples.t0)] {
        if let Some(value) = value.filter(|v| v.is_finite()) {
            let _ = write!(out, ",\"{name}\":{}", number.format_finite(value));
        }
    }
    out.push('}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_objects_and_arrays() {
        let samples = decode(br#"{"samples":[1,null,0.5],"channels":3,"sampleRate":250,"timestamp":7}"#).unwrap();
        assert_eq!((samples.data[0], samples.data[2]), (1.0, 0.5));
        assert!(samples.data[1].is_nan());
        assert_eq!((samples.channels, samples.sample_rate, samples.t0), (Some(3), Some(250.0), Some(7.0)));
        assert_eq!(decode(b" [1, 2]").unwrap().data, [1.0, 2.0]);
    }

    #[test]
    fn refuses_what_holds_no_samples() {
        for text in
            ["{}", "{\"data\":5}", "nonsense", "{\"data\":[1],\"channels\":0}", "{\"data\":[1],\"timestamps\":[]}"]
        {
            assert!(decode(text.as_bytes()).unwrap_err().to_string().starts_with("JSON"), "{text}");
        }
    }

    #[test]
    fn floats_keep_their_bits() {
        let data = vec![0.1, -1e-45, 3.402_823_5e38, 16_777_216.0, f32::INFINITY];
        let text = encode(&Samples { data: data.clone(), channels: Some(1), ..Samples::default() });
        assert!(text.contains("[0.1,") && text.ends_with("null],\"channels\":1}"), "{text}");
        let back = decode(text.as_bytes()).unwrap();
        assert_eq!(back.data[..4], data[..4]);
    }
}
