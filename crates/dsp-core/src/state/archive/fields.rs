//! Fields with a single value: numbers, texts, flags.

use serde_json::Value as Json;

use super::{Archive, Walk};
use crate::error::{Error, Result};
use crate::state::{json, toon};
use crate::text::Texts;

impl<'d> Archive<'d> {
    /// Writes or reads one field. `put` and `take` are for TOON, `spell` and `read` for JSON.
    pub(super) fn field<T>(
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

    /// Writes or reads a non-negative integer: JSON number, int32 token.
    ///
    /// # Errors
    /// Reading: it is absent or not such a number. Writing TOON: it is above 2³¹ − 1.
    pub fn count(&mut self, key: &str, value: usize) -> Result<usize> {
        self.field(key, value, |n| json::num(*n as f64), json::count, |out, n| out.int(*n), toon::Reader::count)
    }

    /// [`Self::count`] for a field that the states of other writers may lack; it then has the value `absent`.
    ///
    /// # Errors
    /// Those of [`Self::count`].
    pub fn count_or(&mut self, key: &str, value: usize, absent: usize) -> Result<usize> {
        if self.follows(key) { self.count(key, value) } else { Ok(absent) }
    }

    /// Writes or reads the number of items that follow; only TOON has it, without a key. Returns `items` in JSON.
    ///
    /// # Errors
    /// Reading: the data is too short for so many.
    pub fn item_count(&mut self, items: usize) -> Result<usize> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => out.int(items).map(|()| items),
            Walk::ToonIn { input, .. } => input.item_count(),
            _ => Ok(items),
        }
    }

    /// Writes or reads a number held in single precision: JSON number, float32 token.
    ///
    /// # Errors
    /// Reading: it is absent or not a number.
    pub fn f32(&mut self, key: &str, value: f32) -> Result<f32> {
        let read = |object: &Json, key: &str| json::number(object, key).map(|x| x as f32);
        let put = |out: &mut toon::Writer, x: &f32| {
            out.f32(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(f64::from(*x)), read, put, toon::Reader::f32)
    }

    /// Writes or reads a number in double precision: JSON number, float64 token.
    ///
    /// # Errors
    /// Reading: it is absent or not a number.
    pub fn f64(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f64(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, toon::Reader::f64)
    }

    /// Writes or reads a number in double precision that TOON rounds to a float32 token; the appendix has the exact
    /// value.
    ///
    /// # Errors
    /// Reading: it is absent or not a number.
    pub fn exact(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f32_exact(*x);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, toon::Reader::f32_exact)
    }

    /// Writes or reads a number that TOON rounds to float32 and that a loading stage computes anew: a sum over saved
    /// samples.
    ///
    /// # Errors
    /// Reading: it is absent or not a number.
    pub fn rounded(&mut self, key: &str, value: f64) -> Result<f64> {
        let put = |out: &mut toon::Writer, x: &f64| {
            out.f32(*x as f32);
            Ok(())
        };
        self.field(key, value, |x| json::num(*x), json::number, put, |input| input.f32().map(f64::from))
    }

    /// Writes or reads a truth value.
    ///
    /// # Errors
    /// Reading: it is absent or not a truth value.
    pub fn flag(&mut self, key: &str, value: bool) -> Result<bool> {
        let put = |out: &mut toon::Writer, set: &bool| {
            out.bool(*set);
            Ok(())
        };
        self.field(key, value, |set| Json::Bool(*set), json::boolean, put, toon::Reader::bool)
    }

    /// Writes or reads a text.
    ///
    /// # Errors
    /// Reading: it is absent or not a text.
    pub fn text(&mut self, key: &str, value: &str) -> Result<String> {
        let read = |object: &Json, key: &str| json::text(object, key).map(str::to_owned);
        let put = |out: &mut toon::Writer, text: &String| {
            out.str(text);
            Ok(())
        };
        let take = |input: &mut toon::Reader<'d>| input.str().map(str::to_owned);
        self.field(key, value.to_owned(), |text| Json::from(text.as_str()), read, put, take)
    }

    /// Writes or reads a member of an enum as its text. `what` names it in the error about an unknown text.
    ///
    /// # Errors
    /// Reading: “Invalid `what`: …”.
    pub fn named<E: Texts>(&mut self, key: &str, value: E, what: &str) -> Result<E> {
        let text = self.text(key, value.text())?;
        E::of(&text).ok_or_else(|| Error::failed(format!("Invalid {what}: {text}")))
    }

    /// Writes or reads a member of an enum: its text in JSON, its index in TOON.
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
}
