//! Conversion of JavaScript values to [`dsp_core::Value`], the only way by which parameters cross the border.

use std::ptr;

use dsp_core::limits::collected;
use dsp_core::{Error, Result, Value};
use napi::bindgen_prelude::{
    Array, Float32Array, Float32ArraySlice, Float64Array, FromNapiValue, JsObjectValue, Null, Object, ToNapiValue,
    TypeName, TypedArray, TypedArrayType, Unknown,
};
use napi::{Env, JsString, JsValue, ValueType, sys};

/// Largest depth of nested parameters; more is a cycle or a mistake.
const MAX_DEPTH: usize = 8;

/// Largest number of values in the arrays and objects of one call. A longer list is a signal, which comes in a typed
/// array; an array that is shared by several places counts at each.
const MAX_VALUES: usize = 1 << 20;

/// Largest number of UTF-16 units in the texts of one call. The longest useful texts are lists of topics.
const MAX_TEXT: usize = 1 << 20;

/// Returns the value of a parameter of `label`, a method or function.
///
/// # Errors
/// `TypeError` if it is nested too deep, shared with other threads or transferred to one, or if reading it throws;
/// `RangeError` if it is too large.
pub fn from_js(label: &str, value: Unknown<'_>) -> Result<Value> {
    Reader::default().convert(value, 0).map_err(|error| error.within(label))
}

/// Returns the values of all arguments of `label`, which have one limit together.
///
/// # Errors
/// As [`from_js`].
pub fn all_from_js(label: &str, values: Vec<Unknown<'_>>) -> Result<Vec<Value>> {
    let mut reader = Reader::default();
    let read = values.into_iter().map(|value| reader.convert(value, 0)).collect::<Result<_>>();
    read.map_err(|error| error.within(label))
}

/// The amount read by one call so far.
#[derive(Default)]
struct Reader {
    values: usize,
    text: usize,
}

impl Reader {
    fn convert(&mut self, value: Unknown<'_>, depth: usize) -> Result<Value> {
        if depth > MAX_DEPTH {
            return Err(Error::type_error(format!("parameters are nested more than {MAX_DEPTH} deep")));
        }
        let unreadable = |e: napi::Error| unreadable(&value, "a parameter", &e);
        Ok(match value.get_type().map_err(unreadable)? {
            ValueType::Undefined => Value::Undefined,
            ValueType::Null => Value::Null,
            ValueType::Boolean => Value::Bool(read(value)?),
            ValueType::Number => Value::Number(read(value)?),
            ValueType::String => self.text(value)?,
            ValueType::Object if value.is_array().map_err(unreadable)? => self.array(value, depth)?,
            ValueType::Object if value.is_typedarray().map_err(unreadable)? => typed_array(value)?,
            ValueType::Object => self.object(value, depth)?,
            ValueType::Function => Value::Other("function"),
            ValueType::Symbol => Value::Other("symbol"),
            ValueType::BigInt => Value::Other("bigint"),
            _ => Value::Other("object"),
        })
    }

    /// Counts values before they are read.
    fn count(&mut self, more: usize) -> Result<()> {
        self.values = self.values.saturating_add(more);
        if self.values > MAX_VALUES {
            let message = format!("parameters must hold at most {MAX_VALUES} values; longer lists are typed arrays");
            return Err(Error::range(message));
        }
        Ok(())
    }

    fn text(&mut self, value: Unknown<'_>) -> Result<Value> {
        let text: JsString<'_> = read(value)?;
        self.text = self.text.saturating_add(text.utf16_len().map_err(|e| unreadable(&value, "a text", &e))?);
        if self.text > MAX_TEXT {
            let message = format!("texts must have at most {MAX_TEXT} characters in all, got {}", self.text);
            return Err(Error::range(message));
        }
        read(value).map(Value::String)
    }

    fn array(&mut self, value: Unknown<'_>, depth: usize) -> Result<Value> {
        let array: Array<'_> = read(value)?;
        self.count(array.len() as usize)?;
        let mut items = Vec::new();
        for i in 0..array.len() {
            let item = array.get::<Unknown<'_>>(i).map_err(|e| unreadable(&value, &format!("element {i}"), &e))?;
            items.push(item.map_or(Ok(Value::Undefined), |item| self.convert(item, depth + 1))?);
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, value: Unknown<'_>, depth: usize) -> Result<Value> {
        let object: Object<'_> = read(value)?;
        let keys = Object::keys(&object).map_err(|e| unreadable(&value, "the names of an object", &e))?;
        self.count(keys.len())?;
        let mut entries = Vec::new();
        for key in keys {
            self.text = self.text.saturating_add(key.len());
            let item = object.get_named_property_unchecked::<Unknown<'_>>(&key);
            let item = item.map_err(|e| unreadable(&value, &shortened(&key), &e))?;
            entries.push((key, self.convert(item, depth + 1)?));
        }
        Ok(Value::Object(entries))
    }
}

/// Returns the beginning of a name, for messages.
fn shortened(name: &str) -> String {
    Value::String(name.to_owned()).to_string()
}

/// Returns the error for a getter or a proxy that threw. Its exception is the caller's, and is discarded, since a call
/// throws one error only.
fn unreadable(value: &Unknown<'_>, what: &str, error: &napi::Error) -> Error {
    let env = value.value().env;
    let (mut is_pending, mut thrown) = (false, ptr::null_mut());
    // SAFETY: the environment is that of the call under way; both pointers are to locals.
    unsafe {
        if sys::napi_is_exception_pending(env, &raw mut is_pending) == sys::Status::napi_ok && is_pending {
            sys::napi_get_and_clear_last_exception(env, &raw mut thrown);
        }
    }
    let why = if is_pending { "reading it throws".to_owned() } else { format!("{}", error.status) };
    Error::type_error(format!("{what} cannot be read: {why}"))
}

fn read<T: FromNapiValue>(value: Unknown<'_>) -> Result<T> {
    // SAFETY: the value and its environment come from the same call, and its type was looked at.
    unsafe { T::from_napi_value(value.value().env, value.raw()) }.map_err(|e| unreadable(&value, "a parameter", &e))
}

/// Checks that the memory of a typed array exists and is not shared.
fn check_memory(value: Unknown<'_>) -> Result<()> {
    let (env, mut buffer) = (value.value().env, ptr::null_mut());
    let (mut is_own, mut is_detached) = (false, false);
    // SAFETY: value and environment come from the same call, the value is a typed array, and all pointers are null (for
    // what is not asked) or to locals.
    unsafe {
        let (mut kind, mut length, mut data, mut offset) = (0, 0, ptr::null_mut(), 0);
        let (raw, buffer) = (value.raw(), &raw mut buffer);
        sys::napi_get_typedarray_info(env, raw, &raw mut kind, &raw mut length, &raw mut data, buffer, &raw mut offset);
        sys::napi_is_arraybuffer(env, *buffer, &raw mut is_own);
        if is_own {
            sys::napi_is_detached_arraybuffer(env, *buffer, &raw mut is_detached);
        }
    }
    if !is_own {
        let rule =
            "a typed array must not lie in a SharedArrayBuffer, which other threads may write: pass array.slice()";
        return Err(Error::type_error(rule));
    }
    if is_detached {
        return Err(Error::type_error("a typed array is gone: its ArrayBuffer was transferred (it is detached)"));
    }
    Ok(())
}

fn typed_array(value: Unknown<'_>) -> Result<Value> {
    check_memory(value)?;
    let array: TypedArray<'_> = read(value)?;
    Ok(match array.typed_array_type {
        TypedArrayType::Float32 => Value::F32(collected(read::<&[f32]>(value)?.iter().copied())?),
        TypedArrayType::Float64 => Value::F64(collected(read::<&[f64]>(value)?.iter().copied())?),
        TypedArrayType::Int32 => Value::F64(collected(read::<&[i32]>(value)?.iter().map(|&x| f64::from(x)))?),
        TypedArrayType::Int8 => Value::Other("Int8Array"),
        TypedArrayType::Uint8 => Value::Other("Uint8Array"),
        TypedArrayType::Uint8Clamped => Value::Other("Uint8ClampedArray"),
        TypedArrayType::Int16 => Value::Other("Int16Array"),
        TypedArrayType::Uint16 => Value::Other("Uint16Array"),
        TypedArrayType::Uint32 => Value::Other("Uint32Array"),
        TypedArrayType::BigInt64 => Value::Other("BigInt64Array"),
        TypedArrayType::BigUint64 => Value::Other("BigUint64Array"),
        _ => Value::Other("object"),
    })
}

/// Returns the samples of a `Float32Array` argument, to be written during this call.
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
