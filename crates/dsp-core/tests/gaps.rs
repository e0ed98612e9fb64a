//! Streams with missing samples: the chunk law of `Gaps` and `RestoreGaps` around filters, and NaN put back exactly where
//! it was, later by the latency of the filters.

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn pipeline(stages: &[(&str, Json)]) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for (method, params) in stages {
        pipeline.add(method, Value::from(params)).unwrap_or_else(|e| panic!("{method}: {e}"));
    }
    pipeline
}

/// An event by channel, sample, bits of its time, and numbers.
type Seen = (usize, u64, u64, Vec<f64>);

fn events(pipeline: &mut Pipeline) -> Vec<Seen> {
    let events = pipeline.take_events().expect("events are collected");
    let seen = events.list().iter().map(|e| (e.channel, e.sample, e.time.to_bits(), e.fields().to_vec()));
    seen.collect()
}

fn run(pipeline: &mut Pipeline, input: &[f32], channels: usize, times: Option<&[f64]>) -> (Vec<u32>, Vec<Seen>) {
    pipeline.collect_events();
    let mut samples = input.to_vec();
    let stamps = times.map_or(Stamps::Generated(Some(250.0)), Stamps::Explicit);
    let output = pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}).expect("processes");
    (output.unwrap_or(samples).iter().map(|x| x.to_bits()).collect(), events(pipeline))
}

fn finish(pipeline: &mut Pipeline) -> (Vec<u32>, Vec<Seen>) {
    pipeline.collect_events();
    let output = pipeline.finish(Some(250.0)).expect("ends");
    (output.iter().map(|x| x.to_bits()).collect(), events(pipeline))
}

fn numbers(bits: &[u32]) -> Vec<f32> {
    bits.iter().map(|x| f32::from_bits(*x)).collect()
}

fn reloaded(from: &mut Pipeline, stages: &[(&str, Json)], is_binary: bool) -> Pipeline {
    let mut fresh = if is_binary { pipeline(stages) } else { Pipeline::new() };
    let warnings = if is_binary {
        fresh.load_toon(&from.save_toon(0.0).expect("saves"))
    } else {
        fresh.load_json(&from.save_json(0.0).expect("saves"))
    };
    assert_eq!(warnings, Ok(vec![]));
    fresh
}

fn fir(order: usize) -> (&'static str, Json) {
    let params = json!({ "type": "fir", "mode": "lowpass", "cutoffFrequency": 40, "sampleRate": 250, "order": order });
    ("filter", params)
}

fn policies() -> impl Strategy<Value = Json> {
    let length = prop_oneof![Just(1usize), 2usize..9];
    let policy = prop_oneof![Just("hold"), Just("interpolate"), Just("nan")];
    (policy, length, prop_oneof![Just("nan"), Just("hold")], any::<bool>()).prop_map(
        |(policy, length, beyond, open)| {
            let mut params = json!({ "policy": policy, "beyond": beyond, "start": -1 });
            if policy == "interpolate" || !open {
                params["maxLength"] = length.into();
            }
            params
        },
    )
}

/// Samples, a third of them missing, in runs.
fn broken() -> impl Strategy<Value = Vec<f32>> {
    let good = prop::collection::vec(-10f32..10.0, 1..12);
    let lost = prop_oneof![Just(f32::NAN), Just(f32::INFINITY)];
    let gap = (lost, 1usize..14).prop_map(|(x, n)| vec![x; n]);
    prop::collection::vec(prop_oneof![2 => good, 1 => gap], 0..20).prop_map(|runs| runs.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_gives_the_same_samples_and_gaps(
        x in broken(),
        params in policies(),
        delay in prop_oneof![Just(None), (0u8..9).prop_map(|n| Some(f64::from(n) / 2.0))],
        cuts in prop::collection::vec((0usize..30, 0u8..3), 0..8),
        channels in 1usize..4,
        explicit in any::<bool>(),
    ) {
        let restore = delay.map_or(json!({}), |delay| json!({ "delay": delay }));
        let stages = [("Gaps", params), fir(6), ("RestoreGaps", restore)];
        let x = &x[..x.len() / channels * channels];
        let times: Vec<f64> = (0..x.len()).map(|i| 1.7e12 + (i / channels) as f64 * 4.2).collect();
        let mut whole = pipeline(&stages);
        let (expected, mut expected_gaps) = run(&mut whole, x, channels, explicit.then_some(&times));
        let end = finish(&mut whole);
        let mut cut = pipeline(&stages);
        cut.collect_events();
        let (mut got, mut gaps, mut at) = (vec![], vec![], 0);
        for (frames, save) in cuts.into_iter().chain([(usize::MAX / channels, 0)]) {
            let to = at + (frames * channels).min(x.len() - at);
            let (samples, events) = run(&mut cut, &x[at..to], channels, explicit.then_some(&times[at..to]));
            got.extend(samples);
            gaps.extend(events);
            at = to;
            if save > 0 {
                cut = reloaded(&mut cut, &stages, save == 2);
            }
        }
        prop_assert_eq!(got, expected);
        prop_assert_eq!(&gaps, &expected_gaps);
        prop_assert_eq!(finish(&mut cut), end.clone());
        // Every missing sample is in one gap.
        expected_gaps.extend(end.1);
        let missing = x.iter().filter(|x| !x.is_finite()).count() as f64;
        prop_assert_eq!(expected_gaps.iter().map(|(_, _, _, numbers)| numbers[0]).sum::<f64>(), missing);
    }

    #[test]
    fn nan_is_put_back_where_it_was(x in broken(), is_late in any::<bool>(), order in 2usize..20) {
        let gaps = if is_late { json!({ "policy": "interpolate", "maxLength": 20, "beyond": "hold" }) } else { json!({}) };
        let mut pipeline = pipeline(&[("Gaps", gaps), fir(order), ("RestoreGaps", json!({}))]);
        let late = pipeline.latency(None).samples;
        let mut output = run(&mut pipeline, &x, 1, None).0;
        output.extend(finish(&mut pipeline).0);
        for (m, y) in numbers(&output).iter().enumerate() {
            // The input that an output stands for, or the two between which it stands.
            let at = m as f64 - late;
            let is_missing = |n: f64| n >= 0.0 && x.get(n as usize).is_some_and(|x| !x.is_finite());
            prop_assert_eq!(y.is_nan(), is_missing(at.floor()) || is_missing(at.ceil()), "output {} of {:?}", m, &x);
        }
        prop_assert!(x.is_empty() || output.len() as f64 >= x.len() as f64 + late.floor());
    }
}

#[test]
fn a_recursive_filter_goes_on_behind_a_gap() {
    let high =
        json!({ "type": "butterworth", "mode": "highpass", "cutoffFrequency": 0.5, "order": 2, "sampleRate": 250 });
    let stages = [("Gaps", json!({})), ("filter", high), ("RestoreGaps", json!({ "delay": 0 }))];
    let input = [1.0, 2.0, f32::NAN, f32::NAN, 3.0, 1.0];
    let (output, _) = run(&mut pipeline(&stages), &input, 1, None);
    let output = numbers(&output);
    assert_eq!(output.iter().map(|y| y.is_nan()).collect::<Vec<_>>(), [false, false, true, true, false, false]);
    let held = [1.0, 2.0, 2.0, 2.0, 3.0, 1.0];
    assert_eq!(output[4..], numbers(&run(&mut pipeline(&stages[1..2]), &held, 1, None).0)[4..]);
}

#[test]
fn a_gap_of_any_length_is_one_event() {
    let mut stage = pipeline(&[("Gaps", json!({ "maxLength": 10 }))]);
    let mut seen = run(&mut stage, &[1.0, f32::NAN], 1, None).1;
    (0..100).for_each(|_| seen.extend(run(&mut stage, &[f32::NAN; 1000], 1, None).1));
    seen.extend(run(&mut stage, &[2.0], 1, None).1);
    assert_eq!(seen, [(0, 1, 4.0f64.to_bits(), vec![100_001.0, 10.0])]);
    run(&mut stage, &[f32::NAN], 1, None);
    assert_eq!(finish(&mut stage), (vec![], vec![(0, 100_003, 400_012.0f64.to_bits(), vec![1.0, 1.0])]));
}

#[test]
fn wrong_parameters_and_places_are_refused() {
    let refused = |stages: &[(&str, Json)]| {
        let mut pipeline = Pipeline::new();
        let added = stages.iter().try_for_each(|(method, params)| pipeline.add(method, Value::from(params)).map(drop));
        added.unwrap_err().to_string()
    };
    let restore = ("RestoreGaps", json!({}));
    assert_eq!(refused(std::slice::from_ref(&restore)), "RestoreGaps: there is no Gaps in front of it");
    let halved = ("Decimate", json!({ "factor": 2, "sampleRate": 250 }));
    let text = refused(&[("Gaps", json!({})), halved, restore.clone()]);
    assert_eq!(text, "RestoreGaps: decimate gives 0.5 samples for one, which have no gaps");
    let text = "Gaps: maxLength is required for policy 'interpolate'";
    assert_eq!(refused(&[("Gaps", json!({ "policy": "interpolate" }))]), text);
    let text = "Gaps: policy must be 'hold' or 'interpolate' or 'nan', got 'drop'";
    assert_eq!(refused(&[("Gaps", json!({ "policy": "drop" }))]), text);
    let mut merged =
        pipeline(&[("Gaps", json!({})), ("ChannelSelect", json!({ "channels": [0], "numInputChannels": 2 })), restore]);
    let mut samples = [1.0; 4];
    let error = merged.process(&mut samples, 2, Stamps::Generated(None), &[], |_, _| {}).unwrap_err().to_string();
    assert!(error.contains("changes the number of samples or channels"), "{error}");
}
