//! Formats of samples at the border.

use dsp_core::Error;
use dsp_core::engine::formats::{Encoded, Format, Output};
use napi::bindgen_prelude::{
    Float32Array, Float64Array, Int16Array, Int32Array, ToNapiValue, TypeName, Uint8Array, ValueType,
};
use napi::{Env, sys};
use napi_derive::napi;

use crate::error::OrThrow;

/// Returns the names of all formats; elsewhere a format is its index in this list.
#[napi(catch_unwind)]
pub fn sample_formats() -> Vec<&'static str> {
    Format::ALL.iter().map(|format| format.name()).collect()
}

/// Returns the format with an index in [`sample_formats`].
pub fn format_at(env: &Env, index: u32) -> napi::Result<Format> {
    let format = Format::ALL.get(index as usize).copied();
    format.ok_or_else(|| Error::range(format!("there is no sample format {index}"))).or_throw(env)
}

/// Returns the format in which a call returns its samples.
pub fn output_of(env: &Env, format: u32, dither: bool) -> napi::Result<Output> {
    Ok(Output { format: format_at(env, format)?, dither })
}

/// Samples as the typed array of their format.
pub struct EncodedArray(pub Encoded);

impl TypeName for EncodedArray {
    fn type_name() -> &'static str {
        "Int16Array | Int32Array | Uint8Array | Float32Array | Float64Array"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ToNapiValue for EncodedArray {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: the caller's environment is handed on, to conversions of what is owned here.
        unsafe {
            match value.0 {
                Encoded::Bytes(codes) => Uint8Array::to_napi_value(env, codes.into()),
                Encoded::S16(values) => Int16Array::to_napi_value(env, values.into()),
                Encoded::S32(values) => Int32Array::to_napi_value(env, values.into()),
                Encoded::F32(samples) => Float32Array::to_napi_value(env, samples.into()),
                Encoded::F64(values) => Float64Array::to_napi_value(env, values.into()),
            }
        }
    }
}
