//! States in pipelines that have changed: what `match: 'id'` promises, over random edits of definitions.
//!
//! A stage of the new pipeline goes on from the state of the saved stage with its type and id (those without one: of its
//! type, in order), if its parameters are compatible; all others start fresh, and each of these is told. What goes on
//! gives exactly the samples of the saved stage.

use dsp_core::Value;
use dsp_core::pipeline::{LoadOptions, Match, Pipeline, Stamps};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};

/// A stage of a definition.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    method: &'static str,
    params: Json,
    id: Option<u8>,
}

impl Entry {
    fn argument(&self) -> Value {
        let mut params = self.params.clone();
        if let Some(id) = self.id {
            params["id"] = format!("stage-{id}").into();
        }
        Value::from(&params)
    }
}

/// Stages with a state, of a size that follows from their parameters, and one without any.
fn stage() -> impl Strategy<Value = (&'static str, Json)> {
    let window = 1usize..4;
    let moving = |n: usize| json!({ "mode": "moving", "windowSize": n });
    prop_oneof![
        window.clone().prop_map(move |n| ("MovingAverage", moving(n))),
        window.clone().prop_map(move |n| ("Rms", moving(n))),
        window.prop_map(|n| ("MedianFilter", json!({ "windowSize": n }))),
        (1u8..4).prop_map(|n| ("Integrator", json!({ "alpha": f64::from(n) / 4.0 }))),
        Just(("Rectify", json!({}))),
    ]
}

/// A definition whose ids are unique.
fn definition() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (stage(), prop::option::of(0u8..6));
    prop::collection::vec(entry, 0..6).prop_map(|entries| {
        let mut used = vec![];
        let entry = |((method, params), id): ((&'static str, Json), Option<u8>)| {
            let id = id.filter(|id| !used.contains(id));
            used.extend(id);
            Entry { method, params, id }
        };
        entries.into_iter().map(entry).collect()
    })
}

/// A change of a definition.
#[derive(Debug, Clone)]
enum Edit {
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, (&'static str, Json)),
    Swap(prop::sample::Index, prop::sample::Index),
    /// Other parameters of the same method, or another method.
    Replace(prop::sample::Index, (&'static str, Json)),
    Rename(prop::sample::Index, Option<u8>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        at().prop_map(Edit::Remove),
        (at(), stage()).prop_map(|(at, stage)| Edit::Insert(at, stage)),
        (at(), at()).prop_map(|(a, b)| Edit::Swap(a, b)),
        (at(), stage()).prop_map(|(at, stage)| Edit::Replace(at, stage)),
        (at(), prop::option::of(0u8..6)).prop_map(|(at, id)| Edit::Rename(at, id)),
    ]
}

fn apply(definition: &mut Vec<Entry>, edit: &Edit) {
    let length = definition.len();
    match edit {
        Edit::Insert(at, (method, params)) => {
            definition.insert(at.index(length + 1), Entry { method, params: params.clone(), id: None });
        }
        _ if length == 0 => {}
        Edit::Remove(at) => drop(definition.remove(at.index(length))),
        Edit::Swap(a, b) => definition.swap(a.index(length), b.index(length)),
        Edit::Replace(at, (method, params)) => {
            let entry = &mut definition[at.index(length)];
            (entry.method, entry.params) = (method, params.clone());
        }
        Edit::Rename(at, id) => {
            if id.is_none() || definition.iter().all(|entry| entry.id != *id) {
                definition[at.index(length)].id = *id;
            }
        }
    }
}

fn build(definition: &[Entry]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for entry in definition {
        pipeline.add(entry.method, entry.argument()).unwrap_or_else(|e| panic!("{entry:?}: {e}"));
    }
    pipeline
}

fn run(pipeline: &mut Pipeline, input: &[f32]) -> Vec<f32> {
    let mut samples = input.to_vec();
    let output = pipeline.process(&mut samples, 1, Stamps::Generated(None), &[], |_, _| {}).expect("processes");
    output.unwrap_or(samples)
}

/// Whether a stage with the parameters of `new` takes the state of one with those of `old`, tried on the two alone.
fn is_compatible(old: &Entry, new: &Entry, state: &Json) -> bool {
    old.method == new.method && {
        let mut alone = build(&[Entry { id: None, ..new.clone() }]);
        let document = json!({ "stages": [{ "type": state["type"], "state": state["state"] }] });
        let options = LoadOptions { matching: Match::Id, strict: false };
        alone.load_json_with(&document.to_string(), options).is_ok_and(|loaded| loaded.fresh.is_empty())
    }
}

/// The place of the saved stage from whose state each stage goes on, by the rule as it is written above.
fn expected(before: &[Entry], after: &[Entry], states: &[Json]) -> Vec<Option<usize>> {
    let mut taken = vec![false; before.len()];
    let place = |new: &Entry| {
        let at =
            (0..before.len()).find(|&at| !taken[at] && before[at].method == new.method && before[at].id == new.id)?;
        taken[at] = true;
        is_compatible(&before[at], new, &states[at]).then_some(at)
    };
    after.iter().map(place).collect()
}

fn check(before: &[Entry], after: &[Entry]) -> Result<(), TestCaseError> {
    let mut old = build(before);
    run(&mut old, &[3.0, -1.0, 4.0, 1.5, -5.0]);
    let text = old.save_json(0.0).expect("saves");
    let saved: Json = serde_json::from_str(&text).expect("is JSON");
    let states = saved["stages"].as_array().expect("a list");
    let want = expected(before, after, states);

    let mut new = build(after);
    let loaded = new.load_json_with(&text, LoadOptions { matching: Match::Id, strict: false }).expect("loads");
    let fresh: Vec<usize> = (0..after.len()).filter(|&at| want[at].is_none()).collect();
    prop_assert_eq!(loaded.fresh, fresh);

    // What went on is, to the last member, what was saved, unless its parameters differ; the rest is as new.
    let resaved: Json = serde_json::from_str(&new.save_json(0.0).expect("saves")).expect("is JSON");
    let untouched: Json = serde_json::from_str(&build(after).save_json(0.0).expect("saves")).expect("is JSON");
    for (at, from) in want.iter().enumerate() {
        let state = &resaved["stages"][at]["state"];
        match from {
            Some(from) if before[*from].params == after[at].params => prop_assert_eq!(state, &states[*from]["state"]),
            Some(_) => {}
            None => prop_assert_eq!(state, &untouched["stages"][at]["state"]),
        }
    }
    // A strict load takes no pipeline that has changed.
    let strict = build(after).load_json_with(&text, LoadOptions { matching: Match::Id, strict: true });
    if before == after {
        prop_assert!(strict.is_ok_and(|loaded| loaded.fresh.is_empty()));
        let mut again = build(after);
        again.load_json_with(&text, LoadOptions { matching: Match::Id, strict: false }).expect("loads");
        prop_assert_eq!(run(&mut again, &[2.0, 7.0]), run(&mut old, &[2.0, 7.0]));
    } else if !loaded_all(before, after) {
        prop_assert!(strict.is_err());
    }
    Ok(())
}

/// Whether every stage finds one of its own parameters: then the new pipeline is a rearrangement, or a part, of the old one.
fn loaded_all(before: &[Entry], after: &[Entry]) -> bool {
    let mut taken = vec![false; before.len()];
    after.len() == before.len()
        && after.iter().all(|new| {
            let at = (0..before.len()).find(|&at| !taken[at] && before[at] == *new);
            at.map(|at| taken[at] = true).is_some()
        })
}

#[test]
fn ten_thousand_random_edits_keep_to_the_rule() {
    let edits = if std::env::var_os("DSPX_QUICK").is_some() { 500 } else { 10_000 };
    let mut runner = TestRunner::new(Config { cases: edits, failure_persistence: None, ..Config::default() });
    let strategy = (definition(), prop::collection::vec(edit(), 1..4));
    let result = runner.run(&strategy, |(before, edits)| {
        let mut after = before.clone();
        edits.iter().for_each(|edit| apply(&mut after, edit));
        check(&before, &after)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// The peaks of a call, as their samples.
fn peaks(pipeline: &mut Pipeline, input: &[f32]) -> Vec<(Option<String>, u64)> {
    pipeline.collect_events();
    run(pipeline, input);
    let events = pipeline.take_events().expect("events are collected");
    let ids: Vec<Option<String>> = pipeline.definitions().map(|definition| definition.id.clone()).collect();
    events.list().iter().map(|event| (ids[event.stage].clone(), event.sample)).collect()
}

#[test]
fn a_stage_that_moves_takes_its_place_in_the_stream_along() {
    let peak = |id: u8| Entry { method: "PeakDetection", params: json!({ "threshold": 1 }), id: Some(id) };
    let rectify = Entry { method: "Rectify", params: json!({}), id: None };
    let mut old = build(&[rectify.clone(), peak(1)]);
    peaks(&mut old, &[0.0; 10]);
    let text = old.save_json(0.0).expect("saves");
    for migrate in [false, true] {
        // The one behind sees the marks of the first: it is of the other kind of stage that starts fresh.
        let mut new = build(&[peak(2), rectify.clone(), peak(1)]);
        let options = LoadOptions { matching: Match::Id, strict: false };
        let loaded = if migrate { new.migrate_json(&text) } else { new.load_json_with(&text, options) }.expect("loads");
        assert_eq!(loaded.fresh, [0]);
        let found = peaks(&mut new, &[0.0, 0.0, 3.0, 0.0, 0.0]);
        assert!(found.contains(&(Some("stage-2".into()), 2)), "{found:?}");
        assert!(found.iter().any(|(id, at)| id.as_deref() == Some("stage-1") && *at >= 10), "{found:?}");
    }
}

#[test]
fn a_migration_keeps_the_parameters_of_the_pipeline() {
    let filter = |cutoff: f64| {
        let params = json!({
            "type": "butterworth", "mode": "lowpass", "order": 2, "sampleRate": 100, "cutoffFrequency": cutoff
        });
        [Entry { method: "filter", params, id: Some(0) }, Entry { method: "Integrator", params: json!({}), id: None }]
    };
    let mut old = build(&filter(10.0));
    run(&mut old, &[3.0, -1.0, 4.0, 1.5, -5.0]);
    let text = old.save_json(0.0).expect("saves");
    let mut other = build(&filter(20.0));
    assert_eq!(other.migrate_json(&text).map(|loaded| loaded.fresh), Ok(vec![0]));
    let saved = other.save_json(0.0).expect("saves");
    let strict = LoadOptions { matching: Match::Id, strict: true };
    assert!(build(&filter(20.0)).load_json_with(&saved, strict).is_ok());
    assert!(build(&filter(10.0)).load_json_with(&saved, strict).is_err());
    let names = other.stage_names(&[0, 1, 2]);
    assert_eq!(names.len(), 2);
    assert!(names[0].starts_with("stage 1 (") && names[0].ends_with("'stage-0')"), "{names:?}");
    let mut same = build(&filter(10.0));
    assert_eq!(same.migrate_json(&text).map(|loaded| loaded.fresh), Ok(vec![]));
    assert_eq!(run(&mut same, &[2.0, 7.0]), run(&mut old, &[2.0, 7.0]));
}
