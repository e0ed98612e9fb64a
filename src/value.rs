//! JavaScript values to [`dsp_core::Value`], the one way by which parameters cross the border.

use dsp_core::{Error, Result, Value};
use napi::bindgen_prelude::{
    Array, Float32Array, Float32ArraySlice, Float64Array, FromNapiValue, JsObjectValue, Null, Object, ToNapiValue,
    TypeName, TypedArray, TypedArrayType, Unknown,
};
use napi::{Env, JsValue, ValueType, sys};

/// How deep parameters may be nested: more is a cycle or a mistake.
const MAX_DEPTH: usize = 8;

/// The value of a parameter.
///
/// # Errors
/// `TypeError` if it is nested too deep, or reading it throws.
pub fn from_js(value: Unknown<'_>) -> Result<Value> {
    convert(value, 0)
}

fn convert(value: Unknown<'_>, depth: usize) -> Result<Value> {
    if depth > MAX_DEPTH {
        return Err(Error::type_error("parameters are nested too deep"));
    }
    let convert_error = |e: napi::Error| Error::type_error(format!("a parameter cannot be read: {}", e.reason));
    Ok(match value.get_type().map_err(convert_error)? {
        ValueType::Undefined => Value::Undefined,
        ValueType::Null => Value::Null,
        ValueType::Boolean => Value::Bool(read(value)?),
        ValueType::Number => Value::Number(read(value)?),
        ValueType::String => Value::String(read(value)?),
        ValueType::Object if value.is_array().map_err(convert_error)? => {
            let array: Array<'_> = read(value)?;
            let items = (0..array.len()).map(|i| {
                let item = array.get::<Unknown<'_>>(i).map_err(convert_error)?;
                item.map_or(Ok(Value::Undefined), |item| convert(item, depth + 1))
            });
            Value::Array(items.collect::<Result<_>>()?)
        }
        ValueType::Object if value.is_typedarray().map_err(convert_error)? => typed_array(value)?,
        ValueType::Object => {
            let object: Object<'_> = read(value)?;
            let keys = Object::keys(&object).map_err(convert_error)?;
            let entries = keys.into_iter().map(|key| {
                let item = object.get_named_property_unchecked::<Unknown<'_>>(&key).map_err(convert_error)?;
                Ok((key, convert(item, depth + 1)?))
            });
            Value::Object(entries.collect::<Result<_>>()?)
        }
        ValueType::Function => Value::Other("function"),
        ValueType::Symbol => Value::Other("symbol"),
        ValueType::BigInt => Value::Other("bigint"),
        _ => Value::Other("object"),
    })
}

fn read<T: FromNapiValue>(value: Unknown<'_>) -> Result<T> {
    // SAFETY: the value and its environment come from the same call, and its type was looked at.
    unsafe { T::from_napi_value(value.value().env, value.raw()) }
        .map_err(|e| Error::type_error(format!("a parameter cannot be read: {}", e.reason)))
}

fn typed_array(value: Unknown<'_>) -> Result<Value> {
    let array: TypedArray<'_> = read(value)?;
    Ok(match array.typed_array_type {
        TypedArrayType::Float32 => Value::F32(read::<&[f32]>(value)?.to_vec()),
        TypedArrayType::Float64 => Value::F64(read::<&[f64]>(value)?.to_vec()),
        TypedArrayType::Int32 => Value::F64(read::<&[i32]>(value)?.iter().map(|&x| f64::from(x)).collect()),
        _ => Value::Other("object"),
    })
}

/// The samples of a `Float32Array` argument, to be written during this call.
pub fn samples_of<'a>(array: &'a mut Float32ArraySlice<'_>) -> &'a mut [f32] {
    // SAFETY: JavaScript does not run, and so neither frees nor resizes the array, until the call returns; the slice
    // ends before that. Another thread may write to a shared array meanwhile: no index or length depends on a sample.
    unsafe { array.as_mut() }
}

/// A value of the core on its way to JavaScript.
pub struct ToJs(pub Value);

impl TypeName for ToJs {
    fn type_name() -> &'static str {
        "unknown"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl ToNapiValue for ToJs {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> napi::Result<sys::napi_value> {
        // SAFETY: the caller's environment is handed on, to conversions of what is owned here.
        unsafe {
            match value.0 {
                Value::Undefined | Value::Other(_) => <()>::to_napi_value(env, ()),
                Value::Null => Null::to_napi_value(env, Null),
                Value::Bool(b) => bool::to_napi_value(env, b),
                Value::Number(x) => f64::to_napi_value(env, x),
                Value::String(s) => String::to_napi_value(env, s),
                Value::F32(xs) => Float32Array::to_napi_value(env, xs.into()),
                Value::F64(xs) => Float64Array::to_napi_value(env, xs.into()),
                Value::Array(items) => Vec::to_napi_value(env, items.into_iter().map(ToJs).collect()),
                Value::Object(entries) => {
                    let mut object = Object::new(&Env::from_raw(env))?;
                    entries.into_iter().try_for_each(|(key, item)| object.set(key, ToJs(item)))?;
                    Object::to_napi_value(env, object)
                }
            }
        }
    }
}
