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

mod fields;
mod groups;
mod lists;

use serde_json::{Map, Value as Json};

use crate::state::toon;

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
    /// `keyed`: inside an object, whose fields have keys.
    ToonIn { input: toon::Reader<'d>, keyed: bool },
}

impl<'d> Archive<'d> {
    /// Returns an archive that writes JSON.
    pub fn json_writer() -> Self {
        Self { walk: Walk::JsonOut { object: Map::new(), outline: false } }
    }

    /// Returns an archive that writes JSON with the lengths of sample lists instead of the lists.
    pub fn outline_writer() -> Self {
        Self { walk: Walk::JsonOut { object: Map::new(), outline: true } }
    }

    /// Returns an archive that reads a JSON object.
    pub fn json_reader(object: &'d Json) -> Self {
        Self { walk: Walk::JsonIn(object) }
    }

    /// Returns an archive that appends TOON tokens to `out`.
    pub fn toon_writer(out: toon::Writer) -> Self {
        Self { walk: Walk::ToonOut { out, keyed: false } }
    }

    /// Returns an archive that reads TOON tokens from `input`.
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

    /// Returns whether values are read.
    pub fn is_loading(&self) -> bool {
        matches!(self.walk, Walk::JsonIn(_) | Walk::ToonIn { .. })
    }

    /// Returns whether the format is JSON.
    pub fn is_json(&self) -> bool {
        matches!(self.walk, Walk::JsonOut { .. } | Walk::JsonIn(_))
    }

    /// Returns the TOON writer, for irregular layouts of the original; `None` in every other archive.
    pub fn tokens_out(&mut self) -> Option<&mut toon::Writer> {
        match &mut self.walk {
            Walk::ToonOut { out, .. } => Some(out),
            _ => None,
        }
    }

    /// Returns the TOON reader, for irregular layouts of the original; `None` in every other archive.
    pub fn tokens_in(&mut self) -> Option<&mut toon::Reader<'d>> {
        match &mut self.walk {
            Walk::ToonIn { input, .. } => Some(input),
            _ => None,
        }
    }

    /// Returns the JSON object that is being written, for irregular layouts; `None` in every other archive.
    pub fn json_out(&mut self) -> Option<&mut Map<String, Json>> {
        match &mut self.walk {
            Walk::JsonOut { object, .. } => Some(object),
            _ => None,
        }
    }

    /// Returns the JSON object that is being read, for irregular layouts; `None` in every other archive.
    pub fn json_in(&self) -> Option<&'d Json> {
        match self.walk {
            Walk::JsonIn(object) => Some(object),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
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
        let bytes = out.into_toon_writer().unwrap().finish().unwrap();
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
        let bytes = toon.into_toon_writer().unwrap().finish().unwrap();
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
        let bytes = out.into_toon_writer().unwrap().finish().unwrap();
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
