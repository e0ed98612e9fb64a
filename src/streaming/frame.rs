use dsp_stream::codec::frame::{self, Meta};
use dsp_stream::codec::json;
use napi::Env;
use napi::bindgen_prelude::{Buffer, Float32Array, Float64Array};
use napi_derive::napi;

use super::error::thrown;

/// Samples of one message.
#[napi(object)]
pub struct NativeFrame {
    /// Interleaved samples.
    pub data: Float32Array,
    /// Number of channels.
    pub channels: u32,
    /// Sample rate in Hz.
    pub sample_rate: Option<f64>,
    /// Time of the first frame in ms since 1970.
    pub t0: Option<f64>,
    /// Time of each frame in ms since 1970.
    pub timestamps: Option<Float64Array>,
}

/// Returns a binary frame; throws if the channels do not divide the samples or a value does not fit.
#[napi(catch_unwind)]
pub fn encode_frame(
    env: &Env,
    data: &[f32],
    channels: Option<f64>,
    sample_rate: Option<f64>,
    t0: Option<f64>,
    timestamps: Option<Vec<f64>>,
) -> napi::Result<Buffer> {
    let meta = Meta { channels, sample_rate, t0, timestamps: timestamps.as_deref() };
    Ok(frame::encode(data, &meta).map_err(|e| thrown(env, e))?.into())
}

/// Decodes a binary frame; throws if it is malformed.
#[napi(catch_unwind)]
pub fn decode_frame(env: &Env, bytes: &[u8]) -> napi::Result<NativeFrame> {
    let samples = frame::decode(bytes).map_err(|e| thrown(env, e))?;
    Ok(NativeFrame {
        data: samples.data.into(),
        channels: samples.channels.unwrap_or(1).into(),
        sample_rate: samples.sample_rate,
        t0: samples.t0,
        timestamps: samples.timestamps.map(Into::into),
    })
}

/// Returns samples as JSON text, in the shortest form that keeps their bits.
#[napi(catch_unwind)]
pub fn encode_json_samples(data: &[f32], channels: Option<u16>, sample_rate: Option<f64>, t0: Option<f64>) -> String {
    json::encode(&dsp_stream::codec::Samples { data: data.to_vec(), channels, sample_rate, t0, timestamps: None })
}
