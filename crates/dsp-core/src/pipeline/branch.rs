//! Several pipelines on the same input: one call, one state, with outputs and events by name.

use serde_json::{Value as Json, json};

use super::{Latency, LoadOptions, Loaded, Match, Pipeline, Stamps};
use crate::engine::events::Events;
use crate::error::{Error, Result};
use crate::limits::MAX_SAMPLES;
use crate::state::{VERSION, json};

/// Largest number of branches.
const MAX_BRANCHES: usize = 1024;
const MAX_NAME: usize = 100;

/// Pipelines by name, in the given order.
#[derive(Default)]
pub struct Branches {
    list: Vec<(String, Pipeline)>,
}

/// The output of one branch: frames of interleaved channels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BranchOutput {
    /// Interleaved samples.
    pub samples: Vec<f32>,
    /// Number of channels of a frame; 0 before the first samples.
    pub channels: usize,
}

/// Checks the names of branches.
///
/// # Errors
/// `RangeError` if there are none or too many, or if a name is empty, too long or used twice.
pub fn check_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut seen: Vec<&str> = vec![];
    for name in names {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(Error::range(format!("branch: a name must have 1 to {MAX_NAME} bytes, got '{name:.100}'")));
        }
        if seen.contains(&name) {
            return Err(Error::range(format!("branch: there are two branches '{name}'")));
        }
        seen.push(name);
    }
    if !(1..=MAX_BRANCHES).contains(&seen.len()) {
        let count = seen.len();
        return Err(Error::range(format!("branch: there must be 1 to {MAX_BRANCHES} branches, got {count}")));
    }
    Ok(())
}

/// Returns the channels of all outputs side by side, in order.
///
/// # Errors
/// `RangeError` if the outputs have different numbers of frames, or the result would be too large.
pub fn merge(outputs: &[(&str, BranchOutput)]) -> Result<BranchOutput> {
    let frames_of = |output: &BranchOutput| output.samples.len() / output.channels.max(1);
    let Some((first, rest)) = outputs.split_first() else { return Ok(BranchOutput::default()) };
    let frames = frames_of(&first.1);
    if let Some((name, other)) = rest.iter().find(|(_, output)| frames_of(output) != frames) {
        let (ours, theirs) = (first.0, frames_of(other));
        let text = format!("merge: branch '{ours}' gave {frames} samples per channel, branch '{name}' {theirs}");
        return Err(Error::range(text));
    }
    let channels: usize = outputs.iter().map(|(_, output)| output.channels).sum();
    let size = outputs.iter().map(|(_, output)| output.samples.len()).sum();
    let mut samples = vec![];
    if size > MAX_SAMPLES || samples.try_reserve_exact(size).is_err() {
        return Err(Error::range(format!("merge: {channels} channels of {frames} samples are too many")));
    }
    for frame in 0..frames {
        for (_, BranchOutput { samples: from, channels }) in outputs {
            samples.extend_from_slice(&from[frame * channels..][..*channels]);
        }
    }
    Ok(BranchOutput { samples, channels })
}

impl Branches {
    /// Returns branches with the given names and pipelines.
    ///
    /// # Errors
    /// Those of [`check_names`].
    pub fn new(list: Vec<(String, Pipeline)>) -> Result<Self> {
        check_names(list.iter().map(|(name, _)| name.as_str()))?;
        Ok(Self { list })
    }

    /// Returns the names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the pipeline of a branch, if there is such a branch.
    pub fn get(&self, name: &str) -> Option<&Pipeline> {
        self.list.iter().find(|(known, _)| known == name).map(|(_, pipeline)| pipeline)
    }

    /// Processes `input` in every pipeline; returns the outputs in order.
    ///
    /// # Errors
    /// The error of the first pipeline that fails, with the name of its branch.
    pub fn process(&mut self, input: &[f32], channels: usize, stamps: Stamps<'_>) -> Result<Vec<BranchOutput>> {
        self.each(|pipeline| {
            let mut samples = input.to_vec();
            let output = pipeline.process(&mut samples, channels, stamps, &[], |_, _| {})?;
            Ok(BranchOutput { samples: output.unwrap_or(samples), channels: pipeline.output_channels() })
        })
    }

    /// Ends the stream of every pipeline by [`Pipeline::finish`]; returns the outputs in order.
    ///
    /// # Errors
    /// The error of the first pipeline that fails; the pipelines after it have not been ended then.
    pub fn finish(&mut self, rate: Option<f64>) -> Result<Vec<BranchOutput>> {
        self.each(|pipeline| {
            let channels = pipeline.output_channels();
            Ok(BranchOutput { samples: pipeline.finish(rate)?, channels })
        })
    }

    fn each<T>(&mut self, mut f: impl FnMut(&mut Pipeline) -> Result<T>) -> Result<Vec<T>> {
        let list = self.list.iter_mut();
        list.map(|(name, pipeline)| f(pipeline).map_err(|error| of_branch(name, &error))).collect()
    }

    /// Returns the latency of each branch, as [`Pipeline::latency`] computes it.
    pub fn latencies(&self, frequency: Option<f64>) -> Vec<Latency> {
        self.list.iter().map(|(_, pipeline)| pipeline.latency(frequency)).collect()
    }

    /// Collects the events of the next calls, until [`Self::take_events`].
    pub fn collect_events(&mut self) {
        self.list.iter_mut().for_each(|(_, pipeline)| pipeline.collect_events());
    }

    /// Returns the collected events of each branch, and stops collecting.
    pub fn take_events(&mut self) -> Vec<Option<Box<Events>>> {
        self.list.iter_mut().map(|(_, pipeline)| pipeline.take_events()).collect()
    }

    /// Resets all pipelines.
    pub fn clear(&mut self) {
        self.list.iter_mut().for_each(|(_, pipeline)| pipeline.clear());
    }

    /// Returns branches with the same names and stages, in the same state.
    pub fn copy(&self) -> Self {
        Self { list: self.list.iter().map(|(name, pipeline)| (name.clone(), pipeline.copy())).collect() }
    }

    /// Returns the states of all branches as one JSON text; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// The error of the first stage that cannot save its state.
    pub fn save_json(&mut self, timestamp: f64) -> Result<String> {
        let texts = self.each(|pipeline| pipeline.save_json(timestamp))?;
        let states: Vec<(&str, &str)> = self.names().zip(texts.iter().map(String::as_str)).collect();
        join_json(&states)
    }

    /// Loads the states that [`Self::save_json`] returned, either all of them or none. With [`Match::Id`] branches with
    /// the same name continue and others start fresh; else the names must be the same. Returns the result of each
    /// branch.
    ///
    /// # Errors
    /// If the text is not a state of branches, or the names differ; the error of the first pipeline that fails.
    pub fn load_json_with(&mut self, text: &str, options: LoadOptions) -> Result<Vec<(String, Loaded)>> {
        let states = split_json(text)?;
        self.load(&states, options.matching == Match::Id, |pipeline, state| pipeline.load_json_with(state, options))
    }

    /// Returns the states of all branches as bytes; `timestamp` in seconds since 1970.
    ///
    /// # Errors
    /// Those of [`Pipeline::save_toon`].
    pub fn save_toon(&mut self, timestamp: f64) -> Result<Vec<u8>> {
        let states = self.each(|pipeline| pipeline.save_toon(timestamp))?;
        let states: Vec<(&str, &[u8])> = self.names().zip(states.iter().map(Vec::as_slice)).collect();
        join_toon(&states)
    }

    /// Loads the states that [`Self::save_toon`] returned, for the same names, either all of them or none.
    ///
    /// # Errors
    /// Those of [`Self::load_json_with`].
    pub fn load_toon_with(&mut self, bytes: &[u8], strict: bool) -> Result<Vec<(String, Loaded)>> {
        let states = split_toon(bytes)?;
        self.load(&states, false, |pipeline, state| pipeline.load_toon_with(state, strict))
    }

    fn load<T>(
        &mut self,
        states: &[(String, T)],
        by_name: bool,
        load: impl Fn(&mut Pipeline, &T) -> Result<Loaded>,
    ) -> Result<Vec<(String, Loaded)>> {
        let found = states.iter().map(|(name, _)| name.as_str());
        if !by_name {
            check_same_names(self.names(), found)?;
        }
        let mut copies = self.copy();
        let mut loaded = vec![];
        for (name, pipeline) in &mut copies.list {
            let outcome = match states.iter().find(|(known, _)| known == name) {
                Some((_, state)) => load(pipeline, state).map_err(|error| of_branch(name, &error))?,
                None => {
                    pipeline.clear();
                    Loaded { warnings: vec![], fresh: (0..pipeline.len()).collect() }
                }
            };
            loaded.push((name.clone(), outcome));
        }
        *self = copies;
        Ok(loaded)
    }
}

fn of_branch(name: &str, error: &Error) -> Error {
    let text = format!("branch '{name}': {error}");
    match error {
        Error::Type(_) => Error::type_error(text),
        Error::Range(_) => Error::range(text),
        Error::Failed(_) => Error::failed(text),
    }
}

/// Checks that a state belongs to branches of the same names.
///
/// # Errors
/// An error about the first name that only one side has.
pub fn check_same_names<'a>(ours: impl Iterator<Item = &'a str>, theirs: impl Iterator<Item = &'a str>) -> Result<()> {
    let (ours, theirs): (Vec<_>, Vec<_>) = (ours.collect(), theirs.collect());
    if let Some(name) = ours.iter().find(|name| !theirs.contains(name)) {
        return Err(Error::failed(format!("Failed to load state: it has no branch '{name}'")));
    }
    match theirs.iter().find(|name| !ours.contains(name)) {
        Some(name) => Err(Error::failed(format!("Failed to load state: there is no branch '{name}'"))),
        None => Ok(()),
    }
}

/// Joins the JSON states of branches into one JSON text.
///
/// # Errors
/// If one of them is not JSON.
pub fn join_json(states: &[(&str, &str)]) -> Result<String> {
    let mut branches = vec![];
    for (name, text) in states {
        let state = json::parse(text)?;
        branches.push(json!({ "name": name, "state": state }));
    }
    json::text_of(&json!({ "version": VERSION, "branches": branches }))
}

/// Returns the JSON states of branches from the text that [`join_json`] returned.
///
/// # Errors
/// If the text is not a state of branches.
pub fn split_json(text: &str) -> Result<Vec<(String, String)>> {
    let failed = |reason: &str| Error::failed(format!("Failed to load state: {reason}"));
    let document: Json = serde_json::from_str(text).map_err(|error| failed(&error.to_string()))?;
    if document["version"].as_u64().is_some_and(|version| version > u64::from(VERSION)) {
        return Err(failed("it was written by a later version of this package"));
    }
    let branches = document["branches"].as_array().ok_or_else(|| failed("it is not that of branches"))?;
    let branch = |entry: &Json| {
        let name = entry["name"].as_str().ok_or_else(|| failed("a branch has no name"))?;
        Ok((name.to_owned(), entry["state"].to_string()))
    };
    let states: Vec<(String, String)> = branches.iter().map(branch).collect::<Result<_>>()?;
    check_names(states.iter().map(|(name, _)| name.as_str())).map_err(|error| failed(&error.to_string()))?;
    Ok(states)
}

/// The first bytes of the binary states of branches.
const MAGIC: &[u8; 8] = b"DSPXBR\0\x01";

/// Joins the TOON states of branches, one after the other, each after its name; names and states are preceded by their
/// lengths (u32, little-endian).
///
/// # Errors
/// `RangeError` if one is too long.
pub fn join_toon(states: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    for part in states.iter().flat_map(|(name, state)| [name.as_bytes(), state]) {
        let length = u32::try_from(part.len()).map_err(|_| Error::range("the state of a branch is too long"))?;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(part);
    }
    Ok(bytes)
}

/// Returns the TOON states of branches from the bytes that [`join_toon`] returned. Each has a checksum of its own.
///
/// # Errors
/// If the bytes are not states of branches.
pub fn split_toon(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let failed = |reason: &str| Error::failed(format!("TOON Load failed: {reason}"));
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(|| failed("the bytes are not the states of branches"))?;
    let mut part = || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = behind;
        Some(part)
    };
    let mut states = vec![];
    while let Some(name) = part() {
        let name = std::str::from_utf8(name).map_err(|_| failed("the name of a branch is no text"))?;
        let state = part().ok_or_else(|| failed("the states of branches are cut off"))?;
        states.push((name.to_owned(), state.to_vec()));
    }
    if !rest.is_empty() {
        return Err(failed("the states of branches are cut off"));
    }
    check_names(states.iter().map(|(name, _)| name.as_str())).map_err(|error| failed(&error.to_string()))?;
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn pipeline(stages: &[(&str, Json)]) -> Pipeline {
        let mut pipeline = Pipeline::new();
        stages.iter().for_each(|(method, params)| drop(pipeline.add(method, Value::from(params)).unwrap()));
        pipeline
    }

    fn branches() -> Branches {
        let peaks = pipeline(&[("Rectify", json!({})), ("PeakDetection", json!({ "threshold": 1 }))]);
        let mean = pipeline(&[("MovingAverage", json!({ "mode": "moving", "windowSize": 3, "id": "mean" }))]);
        Branches::new(vec![("peaks".into(), peaks), ("mean".into(), mean)]).unwrap()
    }

    const STAMPS: Stamps<'_> = Stamps::Generated(Some(100.0));

    fn run(branches: &mut Branches, input: &[f32]) -> Vec<Vec<f32>> {
        branches.process(input, 1, STAMPS).unwrap().into_iter().map(|output| output.samples).collect()
    }

    #[test]
    fn every_branch_sees_the_same_input_and_has_its_own_events() {
        let mut branches = branches();
        branches.collect_events();
        let outputs = run(&mut branches, &[0.0, -3.0, 0.0]);
        assert_eq!(outputs, [vec![0.0, 1.0, 0.0], vec![0.0, -1.5, -1.0]]);
        let counts: Vec<usize> = branches.take_events().iter().map(|e| e.as_ref().unwrap().list().len()).collect();
        assert_eq!(counts, [1, 0]);
        assert_eq!(branches.latencies(None).iter().map(|l| l.samples).collect::<Vec<_>>(), [0.0, 1.0]);
    }

    #[test]
    fn one_state_goes_on_in_both_formats() {
        let mut whole = branches();
        run(&mut whole, &[1.0, 5.0]);
        let (json, toon) = (whole.save_json(0.0).unwrap(), whole.save_toon(0.0).unwrap());
        let (mut from_json, mut from_toon) = (branches(), branches());
        from_json.load_json_with(&json, LoadOptions::default()).unwrap();
        from_toon.load_toon_with(&toon, true).unwrap();
        let expected = run(&mut whole, &[2.0, 3.0]);
        assert_eq!(run(&mut from_json, &[2.0, 3.0]), expected);
        assert_eq!(run(&mut from_toon, &[2.0, 3.0]), expected);
    }

    #[test]
    fn a_state_of_other_branches_is_refused_or_matched_by_name() {
        let mut before = branches();
        run(&mut before, &[1.0, 5.0]);
        let state = before.save_json(0.0).unwrap();
        let mean = || pipeline(&[("MovingAverage", json!({ "mode": "moving", "windowSize": 3, "id": "mean" }))]);
        let new = pipeline(&[("Square", json!({}))]);
        let mut after = Branches::new(vec![("new".into(), new), ("mean".into(), mean())]).unwrap();
        let refused = after.load_json_with(&state, LoadOptions::default()).unwrap_err().to_string();
        assert_eq!(refused, "Failed to load state: it has no branch 'new'");
        let by_id = LoadOptions { matching: Match::Id, strict: false };
        let loaded = after.load_json_with(&state, by_id).unwrap();
        assert_eq!(
            loaded.into_iter().map(|(name, l)| (name, l.fresh)).collect::<Vec<_>>(),
            [("new".into(), vec![0]), ("mean".into(), vec![])]
        );
        assert_eq!(run(&mut after, &[3.0]), [vec![9.0], vec![3.0]]);
    }

    #[test]
    fn damaged_states_change_nothing() {
        let mut branches = branches();
        run(&mut branches, &[1.0, 5.0]);
        let (json, toon) = (branches.save_json(0.0).unwrap(), branches.save_toon(0.0).unwrap());
        for at in 0..toon.len() {
            let mut bytes = toon.clone();
            bytes[at] ^= 4;
            assert!(branches.load_toon_with(&bytes, false).is_err(), "byte {at}");
            assert!(branches.load_toon_with(&toon[..at], false).is_err(), "cut at {at}");
        }
        assert!(branches.load_json_with(&json.replace("\"frames\":0", "\"frames\":1"), LoadOptions::default()).is_ok());
        assert!(branches.load_json_with(&json.replace("mean\"", "meen\""), LoadOptions::default()).is_err());
        assert_eq!(branches.save_json(0.0).unwrap(), json);
    }

    #[test]
    fn outputs_are_merged_channel_by_channel() {
        let of = |samples: &[f32], channels| BranchOutput { samples: samples.to_vec(), channels };
        let merged = merge(&[("a", of(&[1.0, 2.0], 1)), ("b", of(&[10.0, 11.0, 20.0, 21.0], 2))]).unwrap();
        assert_eq!(merged, of(&[1.0, 10.0, 11.0, 2.0, 20.0, 21.0], 3));
        let error = merge(&[("a", of(&[1.0], 1)), ("b", of(&[1.0, 2.0], 1))]).unwrap_err();
        assert_eq!(error, Error::range("merge: branch 'a' gave 1 samples per channel, branch 'b' 2"));
    }

    #[test]
    fn names_are_checked_and_errors_say_where() {
        let twice = Branches::new(vec![("a".into(), Pipeline::new()), ("a".into(), Pipeline::new())]);
        assert_eq!(twice.err(), Some(Error::range("branch: there are two branches 'a'")));
        assert!(Branches::new(vec![]).is_err());
        let filter = pipeline(&[("KalmanFilter", json!({ "dimensions": 3 }))]);
        let mut branches = Branches::new(vec![("track".into(), filter)]).unwrap();
        let error = branches.process(&[1.0], 1, STAMPS).unwrap_err().to_string();
        assert!(error.starts_with("branch 'track': KalmanFilter"), "{error}");
    }
}
