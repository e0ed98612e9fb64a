//! One walk over the state of a stage, taken in four ways: written to or read from JSON, written to or read from TOON.
//!
//! A stage names its state once, in [`Stage::state`](crate::Stage::state):
//!
//! ```ignore
//! fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
//!     self.check_size(archive.count("windowSize", self.size)?)?;
//!     archive.channels(&mut self.channels, Channel::default, |channel, archive| {
//!         channel.previous = archive.f32("previousSample", channel.previous)?;
//!         archive.sample_list("buffer", &mut channel.buffer)
//!     })
//! }
//! ```
//!
//! Every field takes the current value and returns the value to go on with: the same one while a state is written, the
//! one that was read while it is loaded. JSON knows fields by their keys, TOON by their order; inside
//! [`Archive::object`] TOON has the keys too.
//!
//! An *outline* is JSON in which lists of samples are replaced by their lengths: `listState()` is made from it.

use serde_json::{Map, Value as Json};

use crate::block::MAX_CHANNELS;
use crate::error::{Error, Result};
use crate::params::Texts;
use crate::state::{json, toon};

/// A walk over states, in one of four ways.
#[derive(Debug)]
pub struct Archive<'d> {
    walk: Walk<'d>,
}

#[derive(Debug)]
enum Walk<'d> {
    /// The object that is being written. `outline`: lists of samples are written as their lengths.
    JsonOut { object: Map<String, Json>, outline: bool },
    /// The object that is being read.
    JsonIn(&'d Json),
    /// `keyed`: inside an object, whose fields have keys.
    ToonOut { out: toon::Writer, keyed: bool },
    /// `keyed`: as above.
    ToonIn { input: toon::Reader<'d>, keyed: bool },
}

impl<'d> Archive<'d> {
    /// An archive that writes JSON.
    pub fn json_writer() -> Self {
        Self { walk: Walk::JsonOut { object: Map::new(), outline: false } }
    }

    /// An archive that writes JSON with the lengths of sample lists instead of the lists.
    pub fn outline_writer() -> Self {
        Self { walk: Walk::JsonOut { object: Map::new(), outline: true } }
    }

    /// An archive that reads a JSON object.
    pub fn json_reader(object: &'d Json) -> Self {
        Self { walk: Walk::JsonIn(object) }
    }

    /// An archive that appends TOON tokens to `out`.
    pub fn toon_writer(out: toon::Writer) -> Self {
        Self { walk: Walk::ToonOut { out, keyed: false } }
    }

    /// An archive that reads TOON tokens from `input`.
    pub fn toon_reader(input: toon::Reader<'d>) -> Self {
        Self { walk: Walk::ToonIn { input, keyed: false } }
    }

    /// Returns the JSON object that was written; `null` from an archive of another kind.
    pub fn into_json(self) -> Json {
        match self.walk {
            Walk::JsonOut { object, .. } => Json::Object(object),
            _ => Json::Null,
        }
    }

    /// Returns the writer that was given, if this archive writes TOON.
    pub fn into_toon_writer(self) -> Option<toon::Writer> {
        match self.walk {
            Walk::ToonOut { out, .. } => Some(out),
            _ => None,
        }
    }

    /// Returns the reader that was given, at the first token that was not read, if this archive reads TOON.
    pub fn into_toon_reader(self) -> Option<toon::Reader<'d>> {
        match self.walk {
            Walk::ToonIn { input, .. } => Some(input),
            _ => None,
        }
    }

    /// Whether values are read.
    pub fn is_loading(&self) -> bool {
        matches!(self.walk, Walk::JsonIn(_) | Walk::ToonIn { .. })
    }

    /// Whether the format is JSON.
    pub fn is_json(&self) -> bool {
        matches!(self.walk, Walk::JsonOut { .. } | Walk::JsonIn(_))
    }

    /// The TOON writer, for layouts of the original that follow no rule; `None` in every other archive.
    pub fn tokens_out(&mut self) -> Option<&mut toon::Writer> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => Some(out),
            _ => None,
        }
    }

    /// The TOON reader, as [`Self::tokens_out`].
    pub fn tokens_in(&mut self) -> Option<&mut toon::Reader<'d>> {
        match &mut self.walk {
            Walk::ToonIn { input, .. } => Some(input),
            _ => None,
        }
    }

    /// The JSON object that is being written, for irregular layouts; `None` in every other archive.
    pub fn json_out(&mut self) -> Option<&mut Map<String, Json>> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => Some(object),
            _ => None,
        }
    }

    /// The JSON object that is being read, as [`Self::json_out`].
    pub fn json_in(&self) -> Option<&'d Json> {
        match self.walk {
            Walk::JsonIn(object) => Some(object),
            _ => None,
        }
    }

    /// One field. `put` and `take` are its TOON; `spell` and `read` its JSON.
    fn field<T>(
        &mut self,
        key: &str,
        value: T,
        spell: impl FnOnce(&T) -> Json,
        read: impl FnOnce(&Json, &str) -> Result<T>,
        put: impl FnOnce(&mut toon::Writer, &T) -> Result<()>,
        take: impl FnOnce(&mut toon::Reader<'d>) -> Result<T>,
    ) -> Result<T> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => {
                object.insert(key.to_owned(), spell(&value));
                Ok(value)
            }
            Walk::JsonIn(object) => read(object, key),
            Walk::ToonOut { out, keyed } => {
                if *keyed {
                    out.str(key);
                }
                put(out, &value)?;
                Ok(value)
            }
            Walk::ToonIn { input, keyed } => {
                if *keyed {
                    input.str()?;
                }
                take(input)
            }
        }
    }

    /// A non-negative integer: JSON number, int32 token.
    ///
    /// # Errors
    /// Reading: it is absent or no such number. Writing TOON: it is above 2³¹ − 1.
    pub fn count(&mut self, key: &str, value: usize) -> Result<usize> {
        self.field(key, value, |n| json::num(*n as f64), json::count, |out, n| out.int(*n), toon::Reader::count)
    }

    /// [`Self::count`], of a field that other writers' states may lack, which then stands for `absent`.
    ///
    /// # Errors
    /// Those of [`Self::count`].
    pub fn count_or(&mut self, key: &str, value: usize, absent: usize) -> Result<usize> {
        if self.follows(key) { self.count(key, value) } else { Ok(absent) }
    }

    /// The number of items that follow, which TOON alone writes, without a key. Returns `items` in JSON.
    ///
    /// # Errors
    /// Reading: the data cannot hold so many.
    pub fn item_count(&mut self, items: usize) -> Result<usize> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => out.int(items).map(|()| items),
            Walk::ToonIn { input, .. } => input.item_count(),
            _ => Ok(items),
        }
    }

    /// A number held in single precision: JSON number, float32 token.
    ///
    /// # Errors
    /// Reading: it is absent or no number.
    pub fn f32(&mut self, key: &str, value: f32) -> Result<f32> {
        let read = |object: &Json, key: &str| json::number(object, key).map(|x| x as f32);
        let put = |out: &mut toon::Writer, x: &f32| {
            out.f32(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(f64::from(*x)), read, put, toon::Reader::f32)
    }

    /// A number in double precision: JSON number, float64 token.
    ///
    /// # Errors
    /// Reading: it is absent or no number.
    pub fn f64(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f64(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, toon::Reader::f64)
    }

    /// A number in double precision for which TOON has a float32 token only: the exact one is in the appendix.
    ///
    /// # Errors
    /// Reading: it is absent or no number.
    pub fn exact(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f32_exact(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, toon::Reader::f32_exact)
    }

    /// A number that readers of TOON get rounded to float32 and do not need: a sum that follows from the samples.
    ///
    /// # Errors
    /// Reading: it is absent or no number.
    pub fn rounded(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f32(*x as f32);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, |input| input.f32().map(f64::from))
    }

    /// A truth value.
    ///
    /// # Errors
    /// Reading: it is absent or no truth value.
    pub fn flag(&mut self, key: &str, value: bool) -> Result<bool> {
        let put = |out: &mut toon::Writer, set: &bool| {
            out.bool(*set);
            Ok(())
        };
        self.field(key, value, |set| Json::Bool(*set), json::boolean, put, toon::Reader::bool)
    }

    /// A text.
    ///
    /// # Errors
    /// Reading: it is absent or no text.
    pub fn text(&mut self, key: &str, value: &str) -> Result<String> {
        let read = |object: &Json, key: &str| json::text(object, key).map(str::to_owned);
        let put = |out: &mut toon::Writer, text: &String| {
            out.str(text);
            Ok(())
        };
        let take = |input: &mut toon::Reader<'d>| input.str().map(str::to_owned);
        self.field(key, value.to_owned(), |text| Json::from(text.as_str()), read, put, take)
    }

    /// A member of an enum, as its text. `what` names it in the error about an unknown text.
    ///
    /// # Errors
    /// Reading: “Invalid `what`: …”.
    pub fn named<E: Texts>(&mut self, key: &str, value: E, what: &str) -> Result<E> {
        let text = self.text(key, value.text())?;
        E::of(&text).ok_or_else(|| Error::failed(format!("Invalid {what}: {text}")))
    }

    /// A member of an enum, as its text in JSON and as its place in the order in TOON.
    ///
    /// # Errors
    /// Those of [`Self::named`].
    pub fn numbered<E: Texts>(&mut self, key: &str, value: E, what: &str) -> Result<E> {
        if self.is_json() {
            return self.named(key, value, what);
        }
        let index = self.count(key, value.index())?;
        E::MEMBERS.get(index).copied().ok_or_else(|| Error::failed(format!("Invalid {what}: {index}")))
    }

    /// A list of samples, oldest first: JSON list, float32 array. Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something that is no number.
    pub fn samples(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = f32, IntoIter: ExactSizeIterator>,
    ) -> Result<Option<Vec<f32>>> {
        let values = values.into_iter();
        match &mut self.walk {
            Walk::JsonOut { object, outline } => {
                let list = if *outline { Json::from(values.len()) } else { json::nums(values) };
                object.insert(key.to_owned(), list);
                Ok(None)
            }
            Walk::JsonIn(object) => json::samples(object, key).map(Some),
            Walk::ToonOut { out, keyed } => {
                if *keyed {
                    out.str(key);
                }
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

    /// [`Self::samples`] of a vector, in place.
    ///
    /// # Errors
    /// Those of [`Self::samples`].
    pub fn sample_list(&mut self, key: &str, values: &mut Vec<f32>) -> Result<()> {
        if let Some(read) = self.samples(key, values.iter().copied())? {
            *values = read;
        }
        Ok(())
    }

    /// A list of non-negative integers: JSON list, an int32 token with their count and as many int32 tokens. Returns
    /// what was read, `None` while writing.
    ///
    /// # Errors
    /// Those of [`Self::count`]; reading: there is no list.
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

    /// As many numbers in single precision as other fields say: JSON list (or, as the original writes typed arrays, an
    /// object with the keys "0", "1", …), float32 tokens without a count. Reading JSON may change the length.
    ///
    /// # Errors
    /// Reading: they are absent, or something is no number.
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

    /// A list of numbers in double precision: JSON list, an int32 token with their count and as many float64 tokens.
    /// Returns what was read, `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something that is no number.
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

    /// A list of numbers in double precision of which TOON has the float32 ones: JSON list, float32 array.
    ///
    /// # Errors
    /// Reading: it is absent or holds something that is no number.
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

    /// The last field of a TOON state: the numbers whose float32 tokens stand before, as `"f64"` and an array of float64
    /// tokens. Returns what was read: `None` while writing, in JSON, and in a state of the original.
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

    /// A list of samples for each channel: JSON list of lists; in TOON `count` float32 arrays. Returns what was read,
    /// `None` while writing.
    ///
    /// # Errors
    /// Reading: they are absent or hold something that is no number.
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

    /// A list of counts: JSON list; in TOON `count` int32 tokens, in an array where fields have keys. Returns what was read,
    /// `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something that is no count. Writing TOON: one is above 2³¹ − 1.
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

    /// A list of truth values: JSON list, an int32 token with their count and as many bool tokens. Returns what was read,
    /// `None` while writing.
    ///
    /// # Errors
    /// Reading: it is absent or holds something that is no truth value.
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

    /// Fields that TOON writes as an object with keys; in JSON they belong to the object that is open already.
    ///
    /// # Errors
    /// Those of `fields`; reading TOON: there is no object.
    pub fn object(&mut self, fields: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let outside = match &mut self.walk {
            Walk::ToonOut { out, keyed } => {
                out.object();
                std::mem::replace(keyed, true)
            }
            Walk::ToonIn { input, keyed } => {
                input.object()?;
                std::mem::replace(keyed, true)
            }
            _ => return fields(self),
        };
        fields(self)?;
        match &mut self.walk {
            Walk::ToonOut { out, keyed } => {
                out.end_object();
                *keyed = outside;
            }
            Walk::ToonIn { input, keyed } => {
                input.end_object()?;
                *keyed = outside;
            }
            _ => {}
        }
        Ok(())
    }

    /// A list of objects, each walked by `fields`. Reading makes each of them with `new` first.
    ///
    /// # Errors
    /// Those of `fields`; reading: there is no list.
    pub fn items<T>(
        &mut self,
        key: &str,
        items: &mut Vec<T>,
        new: impl Fn() -> T,
        mut fields: impl FnMut(&mut T, &mut Self) -> Result<()>,
    ) -> Result<()> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => {
                let around = std::mem::take(object);
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    fields(item, self)?;
                    list.push(Json::Object(self.json_out().map(std::mem::take).unwrap_or_default()));
                }
                if let Some(object) = self.json_out() {
                    *object = around;
                    object.insert(key.to_owned(), Json::Array(list));
                }
            }
            Walk::JsonIn(object) => {
                let around = *object;
                let list = json::list(around, key)?;
                // As long as needed from the start: a collected list leaves room to grow.
                let mut read = Vec::with_capacity(list.len());
                for entry in list {
                    self.walk = Walk::JsonIn(entry);
                    let mut item = new();
                    fields(&mut item, self)?;
                    read.push(item);
                }
                self.walk = Walk::JsonIn(around);
                *items = read;
            }
            Walk::ToonOut { out, keyed: true } => {
                out.str(key);
                out.array();
                for item in items {
                    self.object(|archive| fields(item, archive))?;
                }
                self.tokens_out().into_iter().for_each(toon::Writer::end_array);
            }
            Walk::ToonOut { out, keyed: false } => {
                out.int(items.len())?;
                items.iter_mut().try_for_each(|item| fields(item, self))?;
            }
            Walk::ToonIn { input, keyed: true } => {
                input.str()?;
                input.array()?;
                let mut read = vec![];
                while self.tokens_in().map_or(Ok(false), toon::Reader::more)? {
                    let mut item = new();
                    self.object(|archive| fields(&mut item, archive))?;
                    read.push(item);
                }
                read.shrink_to_fit();
                *items = read;
            }
            Walk::ToonIn { input, keyed: false } => {
                let count = input.item_count()?;
                let mut read = Vec::with_capacity(count);
                for _ in 0..count {
                    let mut item = new();
                    fields(&mut item, self)?;
                    read.push(item);
                }
                *items = read;
            }
        }
        Ok(())
    }

    /// The state of each channel: `numChannels` and the list `channels` in JSON, the list alone in TOON.
    ///
    /// # Errors
    /// Those of [`Self::items`]; reading: there are more channels than a block may have.
    pub fn channels<T>(
        &mut self,
        channels: &mut Vec<T>,
        new: impl Fn() -> T,
        fields: impl FnMut(&mut T, &mut Self) -> Result<()>,
    ) -> Result<()> {
        self.constant("numChannels", channels.len());
        self.items("channels", channels, new, fields)?;
        if channels.len() > MAX_CHANNELS {
            let count = channels.len();
            return Err(Error::failed(format!("{count} channels where at most {MAX_CHANNELS} are possible")));
        }
        Ok(())
    }

    /// A field that JSON states show and nobody reads.
    pub fn constant(&mut self, key: &str, value: impl Into<Json>) {
        if let Walk::JsonOut { object, .. } = &mut self.walk {
            object.insert(key.to_owned(), value.into());
        }
    }

    /// An object under `key`, in JSON alone.
    ///
    /// # Errors
    /// Those of `fields`.
    pub fn json_object(&mut self, key: &str, fields: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => {
                let around = std::mem::take(object);
                fields(self)?;
                if let Some(object) = self.json_out() {
                    let inner = std::mem::replace(object, around);
                    object.insert(key.to_owned(), Json::Object(inner));
                }
            }
            Walk::JsonIn(object) => {
                let around = *object;
                self.walk = Walk::JsonIn(around.get(key).unwrap_or(&Json::Null));
                fields(self)?;
                self.walk = Walk::JsonIn(around);
            }
            Walk::ToonOut { .. } | Walk::ToonIn { .. } => {}
        }
        Ok(())
    }

    /// Whether an optional JSON field is to be walked: `present` while writing, whether it is there (and not `null`)
    /// while reading. TOON has no optional fields.
    pub fn optional(&self, key: &str, present: bool) -> bool {
        match self.walk {
            Walk::JsonOut { .. } => present,
            Walk::JsonIn(object) => object.get(key).is_some_and(|field| !field.is_null()),
            Walk::ToonOut { .. } | Walk::ToonIn { .. } => false,
        }
    }

    /// Whether a field that other writers' states may lack is to be walked: always while writing; reading, if it is there.
    /// TOON without keys lacks none.
    pub fn follows(&self, key: &str) -> bool {
        match &self.walk {
            Walk::JsonIn(object) => object.get(key).is_some(),
            Walk::ToonIn { input, keyed: true } => input.is_str(),
            Walk::JsonOut { .. } | Walk::ToonOut { .. } | Walk::ToonIn { keyed: false, .. } => true,
        }
    }

    /// A number that only the TOON appendix has. Returns what was read: `None` while writing, in JSON, and in a state of
    /// the original.
    ///
    /// # Errors
    /// Reading: the appendix is too short.
    pub fn appendix(&mut self, value: f64) -> Result<Option<f64>> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => {
                out.exact(value);
                Ok(None)
            }
            Walk::ToonIn { input, .. } => input.exact(),
            _ => Ok(None),
        }
    }

    /// [`Self::appendix`] of a count of at most `limit`.
    ///
    /// # Errors
    /// Reading: it is no such count.
    pub fn appendix_count(&mut self, value: usize, limit: usize) -> Result<Option<usize>> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => {
                out.exact(value as f64);
                Ok(None)
            }
            Walk::ToonIn { input, .. } => input.exact_count(limit),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn walk(archive: &mut Archive<'_>, counts: &mut Vec<usize>, entries: &mut Vec<f32>) -> Result<()> {
        if let Some(read) = archive.count_list("counts", counts)? {
            *counts = read;
        }
        archive.entries("entries", entries)
    }

    #[test]
    fn counts_and_entries_come_back_in_both_formats() {
        let (mut counts, mut entries) = (vec![2, 0], vec![0.5, f32::INFINITY]);
        let mut out = Archive::json_writer();
        walk(&mut out, &mut counts, &mut entries).unwrap();
        let written = out.into_json();
        assert_eq!(written, json!({ "counts": [2, 0], "entries": [0.5, "Infinity"] }));
        let mut read = (vec![], vec![]);
        walk(&mut Archive::json_reader(&written), &mut read.0, &mut read.1).unwrap();
        assert_eq!(read, (counts.clone(), entries.clone()));

        let mut out = Archive::toon_writer(toon::Writer::default());
        walk(&mut out, &mut counts, &mut entries).unwrap();
        let bytes = out.into_toon_writer().unwrap().finish();
        // TOON does not say how many entries there are.
        let mut read = (vec![], vec![0.0; 2]);
        walk(&mut Archive::toon_reader(toon::Reader::new(&bytes)), &mut read.0, &mut read.1).unwrap();
        assert_eq!(read, (counts, entries));
    }

    #[test]
    fn typed_arrays_of_the_original_are_read_and_wrong_lists_are_refused() {
        let walked = |state: Json| walk(&mut Archive::json_reader(&state), &mut vec![], &mut vec![]);
        assert_eq!(walked(json!({ "counts": [], "entries": { "0": 1, "1": 2 } })), Ok(()));
        for wrong in [json!({ "counts": [0.5] }), json!({ "counts": [], "entries": { "1": 2 } })] {
            assert!(walked(wrong).is_err());
        }
    }

    /// A state of every kind of list.
    #[derive(Debug, Clone, PartialEq, Default)]
    struct Lists {
        rows: Vec<Vec<f32>>,
        counts: Vec<usize>,
        flags: Vec<bool>,
        numbers: Vec<f64>,
    }

    impl Lists {
        fn filled() -> Self {
            let rows = vec![vec![1.5, f32::NEG_INFINITY], vec![2.5]];
            Self { rows, counts: vec![7, 0], flags: vec![true, false, true], numbers: vec![0.1, 3.0] }
        }

        fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
            let count = archive.item_count(self.rows.len())?;
            self.rows = archive.sample_rows("rows", &self.rows, count)?.unwrap_or(std::mem::take(&mut self.rows));
            self.counts = archive.counts("counts", &self.counts, count)?.unwrap_or(std::mem::take(&mut self.counts));
            let flags = archive.flags("flags", self.flags.iter().copied())?;
            self.flags = flags.unwrap_or(std::mem::take(&mut self.flags));
            archive.object(|archive| {
                archive.rounded_list("numbers", &mut self.numbers)?;
                if let Some(exact) = archive.exact_tail(self.numbers.clone())? {
                    self.numbers = exact;
                }
                Ok(())
            })
        }

        fn from_json(state: &Json) -> Result<Self> {
            let mut lists = Self::default();
            lists.state(&mut Archive::json_reader(state))?;
            Ok(lists)
        }
    }

    #[test]
    fn lists_come_back_in_both_formats() {
        let mut json = Archive::json_writer();
        Lists::filled().state(&mut json).unwrap();
        let state = json.into_json();
        let written = json!({ "rows": [[1.5, "-Infinity"], [2.5]], "counts": [7, 0], "flags": [true, false, true],
                              "numbers": [0.1, 3] });
        assert_eq!(state, written);
        assert_eq!(Lists::from_json(&state), Ok(Lists::filled()));

        let mut toon = Archive::toon_writer(toon::Writer::default());
        Lists::filled().state(&mut toon).unwrap();
        let bytes = toon.into_toon_writer().unwrap().finish();
        let mut read = Lists::default();
        read.state(&mut Archive::toon_reader(toon::Reader::new(&bytes))).unwrap();
        assert_eq!(read, Lists::filled());
    }

    #[test]
    fn an_outline_has_lengths() {
        let mut archive = Archive::outline_writer();
        Lists::filled().state(&mut archive).unwrap();
        assert_eq!(archive.into_json(), json!({ "rows": [2, 1], "counts": [7, 0], "flags": 3, "numbers": 2 }));
    }

    #[test]
    fn lists_of_something_else_are_refused() {
        let mut archive = Archive::json_writer();
        Lists::filled().state(&mut archive).unwrap();
        let good = archive.into_json();
        for (key, bad, text) in [
            ("rows", json!([1]), "'rows' must be an array of arrays of numbers"),
            ("rows", json!([["x"]]), "'rows' must be an array of arrays of numbers"),
            ("counts", json!([1.5]), "'counts' must be an array of non-negative integers"),
            ("counts", json!([-1]), "'counts' must be an array of non-negative integers"),
            ("flags", json!([1]), "'flags' must be an array of booleans"),
            ("numbers", json!(["x"]), "'numbers' must be an array of numbers"),
        ] {
            let mut state = good.clone();
            state[key] = bad;
            assert_eq!(Lists::from_json(&state).unwrap_err().to_string(), text);
        }
    }

    #[test]
    fn absent_fields_are_seen_in_json_and_behind_the_last_key() {
        let state = json!({ "here": 1 });
        let mut archive = Archive::json_reader(&state);
        assert_eq!((archive.follows("here"), archive.follows("there")), (true, false));
        assert_eq!(archive.count_or("there", 5, 2), Ok(2));
        let mut out = Archive::toon_writer(toon::Writer::default());
        out.object(|archive| archive.count("here", 1).map(drop)).unwrap();
        let bytes = out.into_toon_writer().unwrap().finish();
        let walk = |archive: &mut Archive<'_>| {
            assert!(archive.follows("here"));
            assert_eq!(archive.count_or("here", 5, 2), Ok(1));
            assert_eq!(archive.count_or("there", 5, 2), Ok(2));
            assert_eq!(archive.exact_tail([]), Ok(None));
            Ok(())
        };
        Archive::toon_reader(toon::Reader::new(&bytes)).object(walk).unwrap();
    }
}
