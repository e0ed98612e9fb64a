//! Filters that begin in the steady state of their first sample, against SciPy: `golden/steady.json`, written by
//! `tools/gen_steady_vectors.py`.

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::Value as Json;

fn golden() -> Json {
    serde_json::from_str(include_str!("golden/steady.json")).unwrap()
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn filter(options: &Json) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add("filter", Value::from(options)).unwrap();
    pipeline
}

fn run(pipeline: &mut Pipeline, samples: &[f32], channels: usize) -> Vec<f32> {
    let mut samples = samples.to_vec();
    pipeline.process(&mut samples, channels, Stamps::Generated(None), &[], |_, _| {}).unwrap();
    samples
}

#[test]
fn every_family_begins_as_scipy_does() {
    let golden = golden();
    let input: Vec<f32> = numbers(&golden["input"]).into_iter().map(|x| x as f32).collect();
    for case in golden["cases"].as_array().unwrap() {
        let (options, expected) = (&case["options"], numbers(&case["output"]));
        // Two channels, the second of the other sign, and eight, which run side by side.
        for channels in [1, 2, 8] {
            let sign = |channel: usize| if channel.is_multiple_of(2) { 1.0 } else { -1.0 };
            let frames =
                |x: &[f32]| -> Vec<f32> { x.iter().flat_map(|x| (0..channels).map(move |c| sign(c) * x)).collect() };
            let mut pipeline = filter(options);
            // Cut behind its first sample.
            let mut output = run(&mut pipeline, &frames(&input[..1]), channels);
            output.extend(run(&mut pipeline, &frames(&input[1..]), channels));
            for (n, expected) in expected.iter().enumerate() {
                for c in 0..channels {
                    let y = f64::from(output[n * channels + c]) * f64::from(sign(c));
                    // The input is 4,200: float32 holds it to 2.5e-4, and what a stop-band leaves of it to far less.
                    assert!((y - expected).abs() < 5e-4, "{options}, channel {c}: [{n}] {y} instead of {expected}");
                }
            }
        }
    }
}

#[test]
fn a_new_stream_begins_anew_also_after_a_load() {
    let options = serde_json::json!({ "type": "butterworth", "mode": "highpass", "order": 2, "cutoffFrequency": 0.5,
                                      "sampleRate": 250, "initial": "steady" });
    let mut pipeline = filter(&options);
    assert!(run(&mut pipeline, &[4200.0; 4], 1).iter().all(|y| y.abs() < 1e-6));
    pipeline.clear();
    let (json, toon) = (pipeline.save_json(0.0).unwrap(), pipeline.save_toon(0.0).unwrap());
    let mut from_json = Pipeline::new();
    from_json.load_json(&json).unwrap();
    let mut from_toon = filter(&options);
    from_toon.load_toon(&toon).unwrap();
    for mut pipeline in [pipeline, from_json, from_toon] {
        assert!(run(&mut pipeline, &[-60.0; 4], 1).iter().all(|y| y.abs() < 1e-6));
        // Then it goes on.
        assert!(run(&mut pipeline, &[4200.0], 1)[0] > 4000.0);
    }
}

#[test]
fn a_state_of_a_filter_that_began_at_rest_goes_on() {
    let resting = serde_json::json!({ "type": "butterworth", "mode": "lowpass", "order": 2, "cutoffFrequency": 20,
                                      "sampleRate": 250 });
    let mut steady = resting.clone();
    steady["initial"] = "steady".into();
    let mut pipeline = filter(&resting);
    run(&mut pipeline, &[1.0; 3], 1);
    let mut loaded = filter(&steady);
    loaded.load_json(&pipeline.save_json(0.0).unwrap()).unwrap();
    assert_eq!(run(&mut loaded, &[1.0; 3], 1), run(&mut pipeline, &[1.0; 3], 1));
}
