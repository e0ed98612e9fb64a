//! Properties of every stage in the register: the chunk law, with saves and loads in between, in both formats;
//! channels that do not influence each other; a reset that equals a new stage; damaged states that are refused.

mod counting;

use dsp_core::Value;
use dsp_core::engine::events::Event;
use dsp_core::engine::stage::Traits;
use dsp_core::pipeline::{LoadOptions, Match, Pipeline, Stamps};
use dsp_core::stages::DECLARATIONS;
use proptest::prelude::*;
use serde_json::json;

/// A stage with parameters that it declares as an example.
struct Trial {
    method: &'static str,
    params: Value,
    traits: Traits,
}

const ANY: &[usize] = &[1, 2, 3, 8];

impl Trial {
    /// The channel counts to try.
    fn channels(&self) -> &'static [usize] {
        if self.traits.channels.is_empty() { ANY } else { self.traits.channels }
    }

    /// Whether its frames are not those of its input.
    fn changes_rate(&self) -> bool {
        self.method == "TimeAlignment" || self.pipeline().latency(None).ratio != 1.0
    }

    fn pipeline(&self) -> Pipeline {
        let mut pipeline = Pipeline::new();
        if let Some(front) = self.traits.behind {
            pipeline.add(front, Value::Undefined).unwrap_or_else(|e| panic!("{front}: {e}"));
        }
        pipeline.add(self.method, self.params.clone()).unwrap_or_else(|e| panic!("{self}: {e}"));
        pipeline
    }
}

impl std::fmt::Display for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.method, self.params)
    }
}

/// Every stage with every example of its parameters; `DSPX_STAGE` restricts them to those of one method.
fn trials() -> Vec<Trial> {
    let mut all = vec![];
    let only = std::env::var("DSPX_STAGE").ok();
    for stage in DECLARATIONS.iter().filter(|stage| only.as_ref().is_none_or(|method| method == stage.method)) {
        for params in (stage.examples)() {
            let traits = (stage.traits)(&params).unwrap_or_else(|e| panic!("{} {params:?}: {e}", stage.method));
            all.push(Trial { method: stage.method, params, traits });
        }
    }
    all
}

fn run(pipeline: &mut Pipeline, samples: &[f32], channels: usize, stamps: Option<&[f64]>) -> Vec<u32> {
    let mut input = samples.to_vec();
    let stamps = stamps.map_or(Stamps::Generated(Some(360.0)), Stamps::Explicit);
    let output = pipeline.process(&mut input, channels, stamps, &[], |_, _| {}).expect("processes");
    output.unwrap_or(input).iter().map(|x| x.to_bits()).collect()
}

/// An event, comparable bit by bit.
type Seen = (&'static str, usize, u64, u64, Vec<u64>, Vec<u32>);

/// [`run`] with the events of the call.
fn run_with_events(
    pipeline: &mut Pipeline,
    samples: &[f32],
    channels: usize,
    stamps: Option<&[f64]>,
) -> (Vec<u32>, Vec<Seen>) {
    pipeline.collect_events();
    let output = run(pipeline, samples, channels, stamps);
    (output, taken(pipeline))
}

fn taken(pipeline: &mut Pipeline) -> Vec<Seen> {
    let events = pipeline.take_events().expect("events are collected");
    let seen = |event: &Event| {
        let numbers = event.fields().iter().map(|x| x.to_bits()).collect();
        let data = events.data(event).iter().map(|x| x.to_bits()).collect();
        (event.kind.name, event.channel, event.sample, event.time.to_bits(), numbers, data)
    };
    events.list().iter().map(seen).collect()
}

/// The end of a stream: what is still inside, and the last events.
fn finish(pipeline: &mut Pipeline) -> (Vec<u32>, Vec<Seen>) {
    pipeline.collect_events();
    let output = pipeline.finish(Some(360.0)).expect("ends");
    (output.iter().map(|x| x.to_bits()).collect(), taken(pipeline))
}

/// Moves the state into a fresh pipeline: by JSON into an empty one (where it can be rebuilt), by TOON into one of the same
/// stages.
fn reload(from: &mut Pipeline, t: &Trial, binary: bool) -> Pipeline {
    let mut fresh = if t.traits.rebuilds && !binary { Pipeline::new() } else { t.pipeline() };
    let warnings = if binary {
        fresh.load_toon(&from.save_toon(1.5).expect("saves"))
    } else {
        fresh.load_json(&from.save_json(1.5).expect("saves"))
    };
    assert_eq!(warnings.expect("loads"), Vec::<String>::new());
    fresh
}

fn samples() -> impl Strategy<Value = Vec<f32>> {
    let value = prop_oneof![20 => -10f32..10.0, 1 => Just(0.0f32), 1 => -1e6f32..1e6];
    prop::collection::vec(value, 0..400)
}

/// A stream, and where it is cut: frames in the call, and what happens after it (nothing, JSON, TOON).
fn cut_stream() -> impl Strategy<Value = (Vec<f32>, Vec<(usize, u8)>)> {
    (samples(), prop::collection::vec((0usize..60, 0..3u8), 0..12))
}

/// Irregular intervals in milliseconds, some of them pauses, some zero.
fn intervals() -> impl Strategy<Value = Vec<f64>> {
    let interval = prop_oneof![20 => 0.3f64..9.0, 1 => Just(0.0), 1 => 50.0f64..400.0];
    prop::collection::vec(interval, 400)
}

fn cases() -> ProptestConfig {
    let quick = std::env::var_os("DSPX_QUICK").is_some();
    ProptestConfig { cases: if quick { 4 } else { 24 }, ..ProptestConfig::default() }
}

fn whole_frames(x: &[f32], channels: usize) -> &[f32] {
    &x[..x.len() / channels * channels]
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn chunk_law((x, cuts) in cut_stream(), explicit in any::<bool>(), jitter in 0u64..1000) {
        for t in trials().iter().filter(|t| t.traits.streams) {
            for &channels in t.channels() {
                let x = whole_frames(&x, channels);
                let time = |k: usize| 1.7e12 + k as f64 * 2.7 + ((k as u64 * 7919 + jitter) % 13) as f64 * 0.1;
                let times: Vec<f64> = (0..x.len()).map(|i| time(i / channels)).collect();
                let whole = run(&mut t.pipeline(), x, channels, explicit.then_some(&times));
                let mut cut = t.pipeline();
                let (mut got, mut at) = (vec![], 0);
                for (frames, save) in cuts.iter().copied().chain([(usize::MAX / channels, 0)]) {
                    let end = at + (frames * channels).min(x.len() - at);
                    got.extend(run(&mut cut, &x[at..end], channels, explicit.then_some(&times[at..end])));
                    at = end;
                    if save > 0 {
                        cut = reload(&mut cut, t, save == 2);
                    }
                }
                prop_assert_eq!(got, whole, "{} with {} channels", t, channels);
            }
        }
    }

    #[test]
    fn times_behind_a_change_of_rate_do_not_depend_on_cuts((x, cuts) in cut_stream(), intervals in intervals()) {
        // A gap is an error where the stage is told so.
        let is_error = |t: &Trial| t.to_string().contains("\"gapPolicy\", String(\"error\")");
        // Those of dspx are interpolated within a call.
        let is_dspx = |t: &Trial| t.to_string().contains("String(\"dspx\")");
        for t in trials().iter().filter(|t| t.traits.streams && t.changes_rate() && !is_error(t) && !is_dspx(t)) {
            for channels in [1, 3] {
                let x = whole_frames(&x, channels);
                let times: Vec<f64> = (0..x.len()).map(|i| intervals[..i / channels].iter().sum()).collect();
                let fresh = || {
                    let mut pipeline = t.pipeline();
                    let window = json!({ "mode": "moving", "windowDuration": 23.5 });
                    pipeline.add("MovingAverage", Value::from(&window)).expect("is valid");
                    pipeline
                };
                let whole = run(&mut fresh(), x, channels, Some(&times));
                let (mut cut, mut got, mut at) = (fresh(), vec![], 0);
                for (frames, save) in cuts.iter().copied().chain([(usize::MAX / channels, 0)]) {
                    let end = at + (frames * channels).min(x.len() - at);
                    got.extend(run(&mut cut, &x[at..end], channels, Some(&times[at..end])));
                    at = end;
                    if save > 0 {
                        let mut next = if save == 1 { Pipeline::new() } else { fresh() };
                        let loaded = match save {
                            1 => next.load_json(&cut.save_json(1.5).expect("saves")),
                            _ => next.load_toon(&cut.save_toon(1.5).expect("saves")),
                        };
                        prop_assert_eq!(loaded, Ok(vec![]));
                        cut = next;
                    }
                }
                prop_assert_eq!(got, whole, "{} with {} channels", t, channels);
            }
        }
    }

    #[test]
    fn events_and_the_end_do_not_depend_on_cuts((x, cuts) in cut_stream(), explicit in any::<bool>()) {
        for t in trials().iter().filter(|t| t.traits.events) {
            for &channels in t.channels() {
                let x = whole_frames(&x, channels);
                let times: Vec<f64> = (0..x.len()).map(|i| 1.7e12 + (i / channels) as f64 * 2.5).collect();
                let mut whole = t.pipeline();
                let (_, expected) = run_with_events(&mut whole, x, channels, explicit.then_some(&times));
                let expected_end = finish(&mut whole);
                let mut cut = t.pipeline();
                cut.collect_events();
                let (mut got, mut at) = (vec![], 0);
                for (frames, save) in cuts.iter().copied().chain([(usize::MAX / channels, 0)]) {
                    let end = at + (frames * channels).min(x.len() - at);
                    let stamps = explicit.then_some(&times[at..end]);
                    got.extend(run_with_events(&mut cut, &x[at..end], channels, stamps).1);
                    at = end;
                    if save > 0 {
                        cut = reload(&mut cut, t, save == 2);
                    }
                }
                prop_assert_eq!(got, expected, "{} with {} channels", t, channels);
                prop_assert_eq!(finish(&mut cut), expected_end, "{} with {} channels", t, channels);
                // Afterwards both are as new.
                let again = run(&mut cut, x, channels, explicit.then_some(&times));
                prop_assert_eq!(again, run(&mut t.pipeline(), x, channels, explicit.then_some(&times)), "{}", t);
            }
        }
    }

    #[test]
    fn a_reset_stage_is_a_new_one(x in samples(), y in samples()) {
        for t in &trials() {
            for &channels in t.channels() {
                let (x, y) = (whole_frames(&x, channels), whole_frames(&y, channels));
                let mut used = t.pipeline();
                run(&mut used, x, channels, None);
                used.clear();
                let fresh = run(&mut t.pipeline(), y, channels, None);
                prop_assert_eq!(run(&mut used, y, channels, None), fresh, "{}", t);
            }
        }
    }

    #[test]
    fn channels_are_independent(x in samples()) {
        for t in trials().iter().filter(|t| t.traits.independent) {
            for &channels in t.channels() {
                let x = whole_frames(&x, channels);
                let together = run(&mut t.pipeline(), x, channels, None);
                for c in 0..channels {
                    let of = |v: &[u32]| v.iter().skip(c).step_by(channels).copied().collect::<Vec<_>>();
                    let alone: Vec<f32> = x.iter().skip(c).step_by(channels).copied().collect();
                    let alone = run(&mut t.pipeline(), &alone, 1, None);
                    prop_assert_eq!(of(&together), alone, "{}", t);
                }
            }
        }
    }

    #[test]
    fn a_damaged_state_is_refused_and_changes_nothing(
        x in samples(),
        at in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        for t in &trials() {
            let channels = t.channels()[0];
            let mut p = t.pipeline();
            run(&mut p, whole_frames(&x, channels), channels, None);
            let before = p.save_json(0.0).expect("saves");
            let mut bytes = p.save_toon(0.0).expect("saves");
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(p.load_toon(&bytes).is_err(), "{}: bit {bit} of byte {at}", t.method);
            prop_assert_eq!(p.save_json(0.0).expect("saves"), before);
        }
    }
}

#[test]
fn a_strict_load_takes_the_own_state_and_refuses_that_of_other_parameters() {
    let trials = trials();
    let strict = |matching| LoadOptions { matching, strict: true };
    for t in &trials {
        let channels = t.channels()[0];
        let mut used = t.pipeline();
        run(&mut used, &[0.5; 48][..channels * (48 / channels)], channels, None);
        let (json, toon) = (used.save_json(0.0).expect("saves"), used.save_toon(0.0).expect("saves"));
        for matching in [Match::Position, Match::Id] {
            let loaded = t.pipeline().load_json_with(&json, strict(matching));
            assert_eq!(loaded.map(|loaded| loaded.fresh), Ok(vec![]), "{t}");
        }
        assert!(t.pipeline().load_toon_with(&toon, true).is_ok(), "{t}");
        // Stages that compute the same save the same: a projection is the same whatever trained its matrix.
        let own = t.pipeline().definition().expect("saves");
        for other in trials.iter().filter(|other| other.pipeline().definition().expect("saves") != own) {
            assert!(other.pipeline().load_json_with(&json, strict(Match::Position)).is_err(), "{t} into {other}");
        }
    }
}

#[test]
fn a_recipe_builds_a_pipeline_that_reads_the_states() {
    for t in &trials() {
        for &channels in t.channels() {
            let x: Vec<f32> = (0..96 * channels).map(|i| (i as f32 * 0.37).sin() * 3.0).collect();
            let mut used = t.pipeline();
            run(&mut used, &x[..48 * channels], channels, None);
            let mut again =
                Pipeline::from_recipe(&t.pipeline().recipe().expect("saves")).unwrap_or_else(|e| panic!("{t}: {e}"));
            assert_eq!(again.definition(), t.pipeline().definition(), "{t}");
            again.load_toon(&used.save_toon(0.0).expect("saves")).unwrap_or_else(|e| panic!("{t}: {e}"));
            let rest = &x[48 * channels..];
            assert_eq!(run(&mut again, rest, channels, None), run(&mut used, rest, channels, None), "{t}");
        }
    }
    for text in ["", "{}", r#"{"definition":"{}","stages":[]}"#, r#"{"definition":"x","stages":[["Nonsense",{}]]}"#] {
        assert!(Pipeline::from_recipe(text).is_err(), "{text}");
    }
}

#[test]
fn every_stage_takes_empty_input() {
    for t in &trials() {
        for &channels in t.channels() {
            let mut p = t.pipeline();
            assert_eq!(run(&mut p, &[], channels, None), Vec::<u32>::new(), "{t}");
        }
    }
}

#[test]
fn a_call_in_steady_state_allocates_nothing_but_a_new_result() {
    for t in &trials() {
        for &channels in t.channels() {
            let mut p = t.pipeline();
            let source: Vec<f32> = (0..512 * channels).map(|i| (i as f32 * 0.37).sin()).collect();
            let times: Vec<f64> = (0..source.len()).map(|i| (i / channels) as f64).collect();
            let mut input = source.clone();
            let mut call = |times: &[f64]| {
                input.copy_from_slice(&source);
                let output =
                    p.process(&mut input, channels, Stamps::Explicit(times), &[], |_, _| {}).expect("processes");
                output.is_some()
            };
            let shifted = |k: usize| times.iter().map(|t| t + (k * 512) as f64).collect::<Vec<_>>();
            // Windows turn over and buffers find their size in the first calls.
            let mut new_result = false;
            (0..40).for_each(|k| new_result = call(&shifted(k)));
            let next = shifted(40);
            let (heap, _) = counting::count(|| call(&next));
            let count = heap.allocations;
            assert!(count <= usize::from(new_result), "{t}, {channels} channels: {count}");
        }
    }
}
