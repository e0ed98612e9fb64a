//! Writing and reading the numbers and lists of JSON states.
//!
//! JSON has no NaN and no infinities: they are written as the texts `"NaN"`, `"Infinity"`, `"-Infinity"`. Reading
//! accepts these texts, and `null` for NaN, as the original writes it.

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::limits::{ensure_memory, grow};
use crate::text::MAX_SAFE_INTEGER;

/// Returns a number as JSON, with the texts above for NaN and infinities, so that it survives the round trip.
pub fn num(x: f64) -> Json {
    match serde_json::Number::from_f64(x) {
        // JavaScript prints −0 as 0, and a state must not depend on who printed it; the stages do not either.
        Some(_) if x == 0.0 => Json::from(0),
        // Whole numbers look as in the original: 3, not 3.0.
        Some(_) if x.fract() == 0.0 && x.abs() <= MAX_SAFE_INTEGER => Json::from(x as i64),
        Some(n) => Json::Number(n),
        None if x.is_nan() => Json::from("NaN"),
        None => Json::from(if x > 0.0 { "Infinity" } else { "-Infinity" }),
    }
}

/// Bytes of a leaf of the tree that holds an object's entries, and how many entries there are room for.
const LEAF: usize = 640;
const LEAF_ENTRIES: usize = 6;

/// Returns how much memory a value takes, roughly and rather more than less.
pub fn weight(json: &Json) -> usize {
    let inner: usize = match json {
        Json::Array(items) => items.iter().map(weight).sum(),
        Json::Object(entries) => {
            let leaves = entries.len().div_ceil(LEAF_ENTRIES);
            leaves * LEAF + entries.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>()
        }
        Json::String(text) => text.len(),
        _ => 0,
    };
    size_of::<Json>() + inner
}

/// The value that `text` spells, where there is memory for it.
///
/// # Errors
/// `RangeError` if there is not; `Error` if it is no JSON.
pub fn parse(text: &str) -> Result<Json> {
    // Every value but the first stands behind one of these; lists double as they grow.
    let mut bytes = text.len() as u64;
    for byte in text.bytes() {
        bytes += match byte {
            b',' | b'[' => 3 * size_of::<Json>() as u64,
            b':' => (LEAF / LEAF_ENTRIES) as u64,
            b'{' => LEAF as u64,
            _ => 0,
        };
    }
    ensure_memory(usize::try_from(bytes).unwrap_or(usize::MAX), 1)?;
    serde_json::from_str(text).map_err(|error| Error::failed(error.to_string()))
}

/// Text that grows as far as there is memory.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    failure: Option<Error>,
}

impl std::io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Err(error) = grow(&mut self.bytes, bytes.len()) {
            self.failure = Some(error);
            return Err(std::io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Returns the text of a value.
///
/// # Errors
/// `RangeError` if there is no memory for it.
pub fn text_of(json: &Json) -> Result<String> {
    let mut text = Text::default();
    if let Err(error) = serde_json::to_writer(&mut text, json) {
        return Err(text.failure.unwrap_or_else(|| Error::failed(error.to_string())));
    }
    String::from_utf8(text.bytes).map_err(|error| Error::failed(error.to_string()))
}

/// A list of numbers.
pub fn nums<T: Copy + Into<f64>>(xs: impl IntoIterator<Item = T>) -> Json {
    Json::Array(xs.into_iter().map(|x| num(x.into())).collect())
}

/// Returns the number that `json` holds, as [`num`] writes it or `null` for NaN; `None` if it holds none.
pub fn as_num(json: &Json) -> Option<f64> {
    match json {
        Json::Number(n) => n.as_f64(),
        Json::Null => Some(f64::NAN),
        Json::String(s) => match s.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the number `state[key]`; NaN for `null`.
///
/// # Errors
/// If it is absent or not a number.
pub fn number(state: &Json, key: &str) -> Result<f64> {
    state.get(key).and_then(as_num).ok_or_else(|| Error::failed(format!("'{key}' must be a number")))
}

/// Returns the number `state[key]`, or `default` if absent.
///
/// # Errors
/// If it is not a number.
pub fn number_or(state: &Json, key: &str, default: f64) -> Result<f64> {
    if state.get(key).is_none() { Ok(default) } else { number(state, key) }
}

/// Returns the non-negative integer `state[key]`.
///
/// # Errors
/// If it is absent or not such a number.
pub fn count(state: &Json, key: &str) -> Result<usize> {
    let wrong = || Error::failed(format!("'{key}' must be a non-negative integer"));
    number(state, key).and_then(|x| as_count(x).ok_or_else(wrong))
}

/// Returns the number as a non-negative integer, if it is one.
fn as_count(x: f64) -> Option<usize> {
    (x >= 0.0 && x.fract() == 0.0 && x <= MAX_SAFE_INTEGER).then_some(x as usize)
}

/// Returns the non-negative integer `state[key]`, or `default` if absent.
///
/// # Errors
/// If it is not such a number.
pub fn count_or(state: &Json, key: &str, default: usize) -> Result<usize> {
    if state.get(key).is_none() { Ok(default) } else { count(state, key) }
}

/// Returns the truth value `state[key]`.
///
/// # Errors
/// If it is absent or not a truth value.
pub fn boolean(state: &Json, key: &str) -> Result<bool> {
    state.get(key).and_then(Json::as_bool).ok_or_else(|| Error::failed(format!("'{key}' must be a boolean")))
}

/// Returns the text `state[key]`.
///
/// # Errors
/// If it is absent or not a text.
pub fn text<'a>(state: &'a Json, key: &str) -> Result<&'a str> {
    state.get(key).and_then(Json::as_str).ok_or_else(|| Error::failed(format!("'{key}' must be a string")))
}

/// Returns the list `state[key]`.
///
/// # Errors
/// If it is absent or not a list.
pub fn list<'a>(state: &'a Json, key: &str) -> Result<&'a [Json]> {
    let list = state.get(key).and_then(Json::as_array);
    list.map(Vec::as_slice).ok_or_else(|| Error::failed(format!("'{key}' must be an array")))
}

/// Returns the list `state[key]` of numbers.
///
/// # Errors
/// If it is absent or holds something other than numbers.
pub fn numbers(state: &Json, key: &str) -> Result<Vec<f64>> {
    let wrong = || Error::failed(format!("'{key}' must be an array of numbers"));
    list(state, key)?.iter().map(|x| as_num(x).ok_or_else(wrong)).collect()
}

/// Returns the list `state[key]` of non-negative integers.
///
/// # Errors
/// If it is absent or holds something other than such numbers.
pub fn counts(state: &Json, key: &str) -> Result<Vec<usize>> {
    let wrong = || Error::failed(format!("'{key}' must be an array of non-negative integers"));
    list(state, key)?.iter().map(|x| as_num(x).and_then(as_count).ok_or_else(wrong)).collect()
}

/// Returns the samples of `state[key]`: a list, or, as the original writes typed arrays, an object with the keys "0",
/// "1", ….
///
/// # Errors
/// If it is absent or holds something other than numbers.
pub fn entries(state: &Json, key: &str) -> Result<Vec<f32>> {
    let Some(Json::Object(entries)) = state.get(key) else { return samples(state, key) };
    let wrong = || Error::failed(format!("'{key}' must be an array of numbers"));
    let number = |i: usize| entries.get(&i.to_string()).and_then(as_num).ok_or_else(wrong);
    (0..entries.len()).map(|i| number(i).map(|x| x as f32)).collect()
}

/// Returns the list `state[key]` of samples.
///
/// # Errors
/// If it is absent or holds something other than numbers.
pub fn samples(state: &Json, key: &str) -> Result<Vec<f32>> {
    Ok(numbers(state, key)?.into_iter().map(|x| x as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn special_numbers_survive() {
        for x in [0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -7.0, 5e-324] {
            let text = json!({ "x": num(x) }).to_string();
            let back = number(&serde_json::from_str(&text).unwrap(), "x").unwrap();
            assert_eq!(back.to_bits(), x.to_bits(), "{x}");
        }
        assert_eq!(num(3.0).to_string(), "3");
        assert!(number(&json!({ "x": null }), "x").unwrap().is_nan());
    }

    #[test]
    fn wrong_shapes_say_what_was_expected() {
        assert_eq!(list(&json!({}), "channels").unwrap_err().to_string(), "'channels' must be an array");
        assert!(count(&json!({ "n": -1 }), "n").is_err());
        assert!(samples(&json!({ "b": ["x"] }), "b").is_err());
    }
}
