//! Lists of samples, counts and numbers.

use serde_json::Value as Json;

use super::{Archive, Walk};
use crate::error::{Error, Result};
use crate::limits::ensure_memory;
use crate::state::{json, toon};

impl<'d> Archive<'d> {
    /// Writes or reads a list of samples, oldest first: JSON list, float32 array. Returns what was read, `None` while
    /// writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something other than numbers.
    pub fn samples(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = f32, IntoIter: ExactSizeIterator>,
    ) -> Result<Option<Vec<f32>>> {
        let values = values.into_iter();
        match &mut self.walk {
            Walk::JsonOut { object, outline } => {
                ensure_memory(if *outline { 0 } else { values.len() }, size_of::<Json>())?;
                let list = if *outline { Json::from(values.len()) } else { json::nums(values) };
                object.insert(key.to_owned(), list);
                Ok(None)
            }
            Walk::JsonIn(object) => json::samples(object, key).map(Some),
            Walk::ToonOut { out, keyed } => {
                if *keyed {
                    out.str(key);
                }
                out.reserve([values.len().saturating_mul(size_of::<f32>()), 0])?;
                out.f32s(values);
                Ok(None)
            }
            Walk::ToonIn { input, keyed } => {
                if *keyed {
                    input.str()?;
                }
                input.f32s().map(Some)
            }
        }
    }

    /// [`Self::samples`] for a vector, in place.
    ///
    /// # Errors
    /// Those of [`Self::samples`].
    pub fn sample_list(&mut self, key: &str, values: &mut Vec<f32>) -> Result<()> {
        if let Some(read) = self.samples(key, values.iter().copied())? {
            *values = read;
        }
        Ok(())
    }

    /// Writes or reads a list of non-negative integers: JSON list, an int32 token with their count and as many int32
    /// tokens. Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Those of [`Self::count`]; reading: the list is missing.
    pub fn count_list(&mut self, key: &str, values: &[usize]) -> Result<Option<Vec<usize>>> {
        let put = |out: &mut toon::Writer, _: &Option<Vec<usize>>| {
            out.int(values.len())?;
            values.iter().try_for_each(|n| out.int(*n))
        };
        let take = |input: &mut toon::Reader<'d>| {
            let count = input.item_count()?;
            (0..count).map(|_| input.count()).collect::<Result<_>>().map(Some)
        };
        let read = |object: &Json, key: &str| json::counts(object, key).map(Some);
        self.field(key, None, |_| Json::from(values), read, put, take)
    }

    /// Writes or reads numbers in single precision, as many as other fields determine: JSON list (or, as the original
    /// writes typed arrays, an object with the keys "0", "1", …), float32 tokens without a count. Reading JSON may
    /// change the length.
    ///
    /// # Errors
    /// Reading: they are absent or hold something other than numbers.
    pub fn entries(&mut self, key: &str, values: &mut Vec<f32>) -> Result<()> {
        match &mut self.walk {
            Walk::JsonOut { object, outline } => {
                let list = if *outline { values.len().into() } else { json::nums(values.iter().copied()) };
                object.insert(key.to_owned(), list);
            }
            Walk::JsonIn(object) => *values = json::entries(object, key)?,
            Walk::ToonOut { out, .. } => values.iter().for_each(|x| out.f32(*x)),
            Walk::ToonIn { input, .. } => {
                for value in values {
                    *value = input.f32()?;
                }
            }
        }
        Ok(())
    }

    /// Writes or reads a list of numbers in double precision: JSON list, an int32 token with their count and as many
    /// float64 tokens. Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something other than numbers.
    pub fn doubles(&mut self, key: &str, values: &[f64]) -> Result<Option<Vec<f64>>> {
        let put = |out: &mut toon::Writer, _: &Option<Vec<f64>>| {
            out.int(values.len())?;
            values.iter().for_each(|x| out.f64(*x));
            Ok(())
        };
        let take = |input: &mut toon::Reader<'d>| {
            let count = input.item_count()?;
            (0..count).map(|_| input.f64()).collect::<Result<_>>().map(Some)
        };
        let read = |object: &Json, key: &str| json::numbers(object, key).map(Some);
        self.field(key, None, |_| json::nums(values.iter().copied()), read, put, take)
    }

    /// Writes or reads a list of numbers in double precision that TOON rounds to float32: JSON list, float32 array.
    ///
    /// # Errors
    /// Reading: it is absent or holds something other than numbers.
    pub fn rounded_list(&mut self, key: &str, values: &mut Vec<f64>) -> Result<()> {
        if let Walk::JsonOut { object, outline: true } = &mut self.walk {
            object.insert(key.to_owned(), values.len().into());
        } else if self.is_json() {
            if let Some(read) = self.doubles(key, values)? {
                *values = read;
            }
        } else if let Some(read) = self.samples(key, values.iter().map(|x| *x as f32))? {
            *values = read.into_iter().map(f64::from).collect();
        }
        Ok(())
    }

    /// Writes or reads the last field of a TOON state: the exact values of the preceding float32 tokens, as `"f64"` and
    /// an array of float64 tokens. Returns what was read: `None` while writing, in JSON, and in a state of the
    /// original.
    ///
    /// # Errors
    /// Reading: the array is damaged.
    pub fn exact_tail(&mut self, numbers: impl IntoIterator<Item = f64>) -> Result<Option<Vec<f64>>> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => {
                out.str("f64");
                out.array();
                numbers.into_iter().for_each(|x| out.f64(x));
                out.end_array();
                Ok(None)
            }
            Walk::ToonIn { input, .. } if input.is_str() => {
                input.str()?;
                input.array()?;
                let mut read = vec![];
                while input.more()? {
                    read.push(input.f64()?);
                }
                Ok(Some(read))
            }
            _ => Ok(None),
        }
    }

    /// Writes or reads a list of samples for each channel: JSON list of lists; in TOON `count` float32 arrays. Returns
    /// what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: they are absent or hold something other than numbers.
    pub fn sample_rows(&mut self, key: &str, rows: &[Vec<f32>], count: usize) -> Result<Option<Vec<Vec<f32>>>> {
        match &mut self.walk {
            Walk::JsonOut { object, outline } => {
                let spell = |row: &Vec<f32>| if *outline { row.len().into() } else { json::nums(row.iter().copied()) };
                object.insert(key.to_owned(), rows.iter().map(spell).collect());
                Ok(None)
            }
            Walk::JsonIn(object) => {
                let wrong = || Error::failed(format!("'{key}' must be an array of arrays of numbers"));
                let row = |row: &Json| {
                    let numbers = row.as_array().ok_or_else(wrong)?;
                    numbers.iter().map(|x| json::as_num(x).map(|x| x as f32).ok_or_else(wrong)).collect()
                };
                json::list(object, key)?.iter().map(row).collect::<Result<_>>().map(Some)
            }
            Walk::ToonOut { out, .. } => {
                rows.iter().for_each(|row| out.f32s(row.iter().copied()));
                Ok(None)
            }
            Walk::ToonIn { input, .. } => (0..count).map(|_| input.f32s()).collect::<Result<_>>().map(Some),
        }
    }

    /// Writes or reads a list of counts: JSON list; in TOON `count` int32 tokens, in an array where fields have keys.
    /// Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something other than counts. Writing TOON: one is above 2³¹ − 1.
    pub fn counts(&mut self, key: &str, values: &[usize], count: usize) -> Result<Option<Vec<usize>>> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => {
                object.insert(key.to_owned(), json::nums(values.iter().map(|n| *n as f64)));
                Ok(None)
            }
            Walk::JsonIn(object) => json::counts(object, key).map(Some),
            Walk::ToonOut { out, keyed } => {
                let keyed = *keyed;
                if keyed {
                    out.str(key);
                    out.array();
                }
                values.iter().try_for_each(|n| out.int(*n))?;
                if keyed {
                    out.end_array();
                }
                Ok(None)
            }
            Walk::ToonIn { input, keyed: true } => {
                input.str()?;
                input.array()?;
                let mut read = vec![];
                while input.more()? {
                    read.push(input.count()?);
                }
                Ok(Some(read))
            }
            Walk::ToonIn { input, keyed: false } => (0..count).map(|_| input.count()).collect::<Result<_>>().map(Some),
        }
    }

    /// Writes or reads a list of truth values: JSON list, an int32 token with their count and as many bool tokens.
    /// Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something other than truth values.
    pub fn flags(
        &mut self,
        key: &str,
        flags: impl IntoIterator<Item = bool, IntoIter: ExactSizeIterator>,
    ) -> Result<Option<Vec<bool>>> {
        let flags = flags.into_iter();
        match &mut self.walk {
            Walk::JsonOut { object, outline } => {
                let list = if *outline { flags.len().into() } else { flags.map(Json::Bool).collect() };
                object.insert(key.to_owned(), list);
                Ok(None)
            }
            Walk::JsonIn(object) => {
                let wrong = || Error::failed(format!("'{key}' must be an array of booleans"));
                let read = json::list(object, key)?.iter().map(|flag| flag.as_bool().ok_or_else(wrong));
                read.collect::<Result<_>>().map(Some)
            }
            Walk::ToonOut { out, keyed } => {
                if *keyed {
                    out.str(key);
                }
                out.int(flags.len())?;
                flags.for_each(|set| out.bool(set));
                Ok(None)
            }
            Walk::ToonIn { input, keyed } => {
                if *keyed {
                    input.str()?;
                }
                let count = input.item_count()?;
                (0..count).map(|_| input.bool()).collect::<Result<_>>().map(Some)
            }
        }
    }
}
