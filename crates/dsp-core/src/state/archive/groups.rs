//! Objects, lists of items and channels within a state, and optional fields.

use serde_json::Value as Json;

use super::{Archive, Walk};
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, ensure_memory, grow, reserved};
use crate::state::{json, toon};

impl Archive<'_> {
    /// Walks fields that TOON writes as an object with keys; in JSON they belong to the enclosing object.
    ///
    /// # Errors
    /// Those of `fields`; reading TOON: the object is missing.
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

    /// Walks a list of objects, each by `fields`. Reading makes each object with `new` first.
    ///
    /// # Errors
    /// Those of `fields`; reading: the list is missing.
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
                let count = items.len();
                let mut list = reserved(count)?;
                for item in items {
                    fields(item, self)?;
                    list.push(Json::Object(self.json_out().map(std::mem::take).unwrap_or_default()));
                    if let [first] = &list[..] {
                        // The others are like the first.
                        ensure_memory(count - 1, json::weight(first))?;
                    }
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
                let mut read = reserved(list.len())?;
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
                let (count, start) = (items.len(), out.sizes());
                for (k, item) in items.iter_mut().enumerate() {
                    self.object(|archive| fields(item, archive))?;
                    self.reserve_like(k, count, start)?;
                }
                self.tokens_out().into_iter().for_each(toon::Writer::end_array);
            }
            Walk::ToonOut { out, keyed: false } => {
                out.int(items.len())?;
                let (count, start) = (items.len(), out.sizes());
                for (k, item) in items.iter_mut().enumerate() {
                    fields(item, self)?;
                    self.reserve_like(k, count, start)?;
                }
            }
            Walk::ToonIn { input, keyed: true } => {
                input.str()?;
                input.array()?;
                let mut read = vec![];
                while self.tokens_in().map_or(Ok(false), toon::Reader::more)? {
                    let mut item = new();
                    self.object(|archive| fields(&mut item, archive))?;
                    grow(&mut read, 1)?;
                    read.push(item);
                }
                read.shrink_to_fit();
                *items = read;
            }
            Walk::ToonIn { input, keyed: false } => {
                let count = input.item_count()?;
                let mut read = reserved(count)?;
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

    /// Behind the first of `count` items, which are alike: makes room for the tokens of the others.
    fn reserve_like(&mut self, index: usize, count: usize, start: [usize; 2]) -> Result<()> {
        match self.tokens_out() {
            Some(out) if index == 0 => {
                let sizes = out.sizes();
                out.reserve([0, 1].map(|of| (sizes[of] - start[of]).saturating_mul(count - 1)))
            }
            _ => Ok(()),
        }
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

    /// Writes a field that JSON states contain for information; reading ignores it.
    pub fn constant(&mut self, key: &str, value: impl Into<Json>) {
        if let Walk::JsonOut { object, .. } = &mut self.walk {
            object.insert(key.to_owned(), value.into());
        }
    }

    /// Walks an object under `key`, in JSON only.
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

    /// Returns whether an optional JSON field is to be walked: while writing, `present`; while reading, whether it is
    /// there and not `null`. TOON has no optional fields.
    pub fn optional(&self, key: &str, present: bool) -> bool {
        match self.walk {
            Walk::JsonOut { .. } => present,
            Walk::JsonIn(object) => object.get(key).is_some_and(|field| !field.is_null()),
            Walk::ToonOut { .. } | Walk::ToonIn { .. } => false,
        }
    }

    /// Returns whether a field that the states of other writers may lack is to be walked: while writing, always; while
    /// reading, if it is there. TOON without keys lacks none.
    pub fn follows(&self, key: &str) -> bool {
        match &self.walk {
            Walk::JsonIn(object) => object.get(key).is_some(),
            Walk::ToonIn { input, keyed: true } => input.is_str(),
            Walk::JsonOut { .. } | Walk::ToonOut { .. } | Walk::ToonIn { keyed: false, .. } => true,
        }
    }

    /// Writes or reads a number that only the TOON appendix holds. Returns what was read: `None` while writing, in
    /// JSON, and in a state of the original.
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

    /// [`Self::appendix`] for a count of at most `limit`.
    ///
    /// # Errors
    /// Reading: the number is not such a count.
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
