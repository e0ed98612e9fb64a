//! How late outputs are: `Pipeline::latency` against what comes out of the stages.

use std::f64::consts::TAU;

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn pipeline(method: &str, params: &Json) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, Value::from(params)).unwrap_or_else(|error| panic!("{method} {params}: {error}"));
    pipeline
}

fn run(pipeline: &mut Pipeline, input: &[f32]) -> Vec<f32> {
    let mut samples = input.to_vec();
    let output = pipeline.process(&mut samples, 1, Stamps::Generated(None), &[], |_, _| {}).expect("processes");
    output.unwrap_or(samples)
}

/// Silence before an impulse: start-ups are over by then.
const BEFORE: usize = 256;

/// The group delay of a linear stage at ν cycles per sample, from its impulse response:
/// `Re(Σ n h[n] e^{−jωn} / Σ h[n] e^{−jωn})`.
fn measured(pipeline: &mut Pipeline, nu: f64) -> f64 {
    let mut input = vec![0.0; BEFORE + 16_384];
    input[BEFORE] = 1.0;
    let (mut sum, mut ramp) = ((0.0, 0.0), (0.0, 0.0));
    for (n, h) in run(pipeline, &input)[BEFORE..].iter().enumerate() {
        let (sin, cos) = (-TAU * nu * n as f64).sin_cos();
        let (re, im) = (f64::from(*h) * cos, f64::from(*h) * sin);
        sum = (sum.0 + re, sum.1 + im);
        ramp = (ramp.0 + n as f64 * re, ramp.1 + n as f64 * im);
    }
    (ramp.0 * sum.0 + ramp.1 * sum.1) / (sum.0 * sum.0 + sum.1 * sum.1)
}

fn filter(kind: &str, mode: &str, rest: &Json) -> Json {
    let mut params = json!({ "type": kind, "mode": mode, "sampleRate": 1000 });
    let (keys, more) = (params.as_object_mut().expect("an object"), rest.as_object().expect("an object"));
    keys.extend(more.clone());
    params
}

#[test]
fn linear_stages_have_the_group_delay_of_their_impulse_response() {
    let low = json!({ "cutoffFrequency": 100, "order": 4 });
    let band = json!({ "lowCutoffFrequency": 60, "highCutoffFrequency": 180, "order": 3 });
    let kernel = [1.0, 0.5, 0.25, -0.125];
    let stages = [
        ("filter", filter("butterworth", "lowpass", &low)),
        ("filter", filter("butterworth", "bandpass", &band)),
        ("filter", filter("chebyshev", "lowpass", &json!({ "cutoffFrequency": 100, "order": 9, "ripple": 1 }))),
        ("filter", filter("biquad", "peak", &json!({ "centerFrequency": 100, "q": 2, "gain": 6 }))),
        ("filter", filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 31 }))),
        ("filter", filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 16 }))),
        ("filter", filter("fir", "highpass", &json!({ "cutoffFrequency": 20, "order": 31, "design": "dspx" }))),
        (
            "FilterBank",
            json!({ "inputChannels": 1, "definitions": [{ "b": [1, 0.5, 0, 0.1], "a": [-0.7, 0.2, 0, 0.05] }] }),
        ),
        ("convolution", json!({ "kernel": kernel })),
        ("convolution", json!({ "kernel": [0, 0, 1, 2, 1] })),
        ("MovingAverage", json!({ "mode": "moving", "windowSize": 8 })),
        ("ExponentialMovingAverage", json!({ "mode": "moving", "alpha": 0.1 })),
        ("Integrator", json!({ "alpha": 0.9 })),
        ("SavgolFilter", json!({ "windowLength": 11, "polyOrder": 3 })),
        ("SavgolFilter", json!({ "windowLength": 9, "polyOrder": 3, "deriv": 1 })),
        ("Differentiator", json!({})),
        ("LinearRegression", json!({ "windowSize": 12, "output": "slope" })),
    ];
    for (method, params) in stages {
        let mut pipeline = pipeline(method, &params);
        for nu in [0.05, 0.11, 0.17] {
            let (got, want) = (pipeline.latency(Some(nu)).samples, measured(&mut pipeline, nu));
            pipeline.clear();
            // Impulse responses are rounded to f32, and the sums over them weight late samples most.
            assert!((got - want).abs() < 1e-3 * want.abs().max(1.0), "{method} {params} at {nu}: {got}, not {want}");
        }
    }
}

#[test]
fn without_a_frequency_it_is_that_of_the_middle_of_the_pass_band() {
    let band = |mode: &str, low: f64, high: f64| {
        filter("butterworth", mode, &json!({ "lowCutoffFrequency": low, "highCutoffFrequency": high, "order": 2 }))
    };
    let at_edge = |mode: &str, edge: f64| filter("butterworth", mode, &json!({ "cutoffFrequency": edge, "order": 4 }));
    for (params, middle) in [
        (at_edge("lowpass", 100.0), 0.05),
        (at_edge("lowpass", 0.01), 0.000_005),
        (at_edge("highpass", 100.0), 0.3),
        (band("bandpass", 50.0, 150.0), 0.1),
        (band("bandpass", 10.0, 10.1), 0.010_05),
        (band("bandstop", 200.0, 300.0), 0.1),
    ] {
        let pipeline = pipeline("filter", &params);
        let (got, want) = (pipeline.latency(None).samples, pipeline.latency(Some(middle)).samples);
        assert!((got - want).abs() < 1e-3 * want.abs().max(1.0), "{params}: {got}, not {want}");
    }
    let averaged = |params: Json| pipeline("ExponentialMovingAverage", &params).latency(None).samples;
    assert!((averaged(json!({ "mode": "moving", "alpha": 0.2 })) - 4.0).abs() < 1e-6);
    // Σ k h² / Σ h² of 1, ½, 0: 0.2; zeros at the ends count for their places.
    let convolved = |kernel: Json| pipeline("convolution", &json!({ "kernel": kernel })).latency(None).samples;
    assert!((convolved(json!([1, 0.5, 0])) - 0.2).abs() < 1e-12);
    assert_eq!(convolved(json!([0, 0, 1, 0])), 2.0);
    assert_eq!(convolved(json!([0, 0, 0])), 0.0);
}

#[test]
fn a_bank_at_a_frequency_has_the_delay_of_the_band_that_passes_it() {
    let poles =
        |radius: f64, nu: f64| json!({ "b": [1, 0, -1], "a": [-2.0 * radius * (TAU * nu).cos(), radius * radius] });
    let bank = |bands: &[Json]| pipeline("FilterBank", &json!({ "inputChannels": 1, "definitions": bands }));
    let (slow, fast) = (poles(0.99, 0.05), poles(0.9, 0.2));
    let both = bank(&[slow.clone(), fast.clone()]);
    for (nu, own) in [(0.05, &slow), (0.2, &fast)] {
        assert_eq!(both.latency(Some(nu)), bank(std::slice::from_ref(own)).latency(Some(nu)));
    }
    assert_eq!(both.latency(None), bank(&[slow]).latency(None));
}

/// A bell around `centre`, wide enough that every stage below passes it almost unchanged.
fn bell(frames: usize, centre: f64) -> Vec<f32> {
    (0..frames).map(|n| (-((n as f64 - centre) / 150.0).powi(2) / 2.0).exp() as f32).collect()
}

#[test]
fn bells_come_out_where_latency_and_ratio_say() {
    let stages = [
        ("Interpolate", json!({ "factor": 3, "sampleRate": 1000 })),
        ("Decimate", json!({ "factor": 4, "sampleRate": 1000 })),
        ("Decimate", json!({ "factor": 9, "sampleRate": 1000, "order": 5 })),
        ("Resample", json!({ "upFactor": 3, "downFactor": 2, "sampleRate": 1000 })),
        ("Resample", json!({ "upFactor": 5, "downFactor": 7, "sampleRate": 1000, "quality": "high" })),
        ("ResampleTo", json!({ "inputRate": 1000, "outputRate": 1234.5 })),
        ("ResampleTo", json!({ "inputRate": 44_100, "outputRate": 48_000 })),
        ("MedianFilter", json!({ "windowSize": 8 })),
        ("MedianFilter", json!({ "windowSize": 15 })),
        ("Rms", json!({ "mode": "moving", "windowSize": 10 })),
        ("MeanAbsoluteValue", json!({ "mode": "moving", "windowSize": 11 })),
        ("MovingAverage", json!({ "mode": "moving", "windowDuration": 9 })),
        ("LinearRegression", json!({ "windowSize": 12, "output": "intercept" })),
        ("LinearRegression", json!({ "windowSize": 12, "output": "predictions" })),
        ("Rectify", json!({})),
    ];
    for (method, params) in stages {
        let mut pipeline = pipeline(method, &params);
        let output = run(&mut pipeline, &bell(4000, 1500.0));
        let weight: f64 = output.iter().map(|y| f64::from(*y)).sum();
        let moment: f64 = output.iter().enumerate().map(|(m, y)| m as f64 * f64::from(*y)).sum();
        let latency = pipeline.latency(None);
        let delay = moment / weight / latency.ratio - 1500.0;
        // The stop-bands of dspx's short filters let images through whose centre is elsewhere.
        assert!((delay - latency.samples).abs() < 0.05, "{method} {params}: {delay}, not {}", latency.samples);
    }
}

#[test]
fn delays_add_up_in_samples_of_the_input() {
    let mut pipeline = pipeline("Decimate", &json!({ "factor": 4, "sampleRate": 1000 }));
    pipeline.add("MovingAverage", Value::from(&json!({ "mode": "moving", "windowSize": 5 }))).expect("is added");
    pipeline.add("Interpolate", Value::from(&json!({ "factor": 2, "sampleRate": 250 }))).expect("is added");
    let latency = pipeline.latency(None);
    // 40 − 3 input samples; 2 of 4 each; 25 of the last rate, of 2 each.
    assert_eq!((latency.samples, latency.ratio), (37.0 + 8.0 + 50.0, 0.5));
    let states = [("KalmanFilter", json!({})), ("PeakDetection", json!({ "threshold": 0 })), ("Square", json!({}))];
    for (method, params) in states {
        assert_eq!(self::pipeline(method, &params).latency(None).samples, 0.0, "{method}");
    }
}

fn resamplers() -> impl Strategy<Value = (&'static str, Json)> {
    let order = prop_oneof![Just(3), Just(5), Just(51), Just(101)];
    let rates = (0.2f64..5.0, prop_oneof![Just("high"), Just("max")]);
    prop_oneof![
        (1u32..9, order.clone()).prop_map(|(factor, order)| (
            "Interpolate",
            json!({ "factor": factor + 1, "sampleRate": 1, "order": order })
        )),
        (1u32..40, order.clone())
            .prop_map(|(factor, order)| ("Decimate", json!({ "factor": factor + 1, "sampleRate": 1, "order": order }))),
        (1u32..20, 1u32..20, order).prop_map(|(up, down, order)| (
            "Resample",
            json!({ "upFactor": up, "downFactor": down, "sampleRate": 1, "order": order })
        )),
        (1u32..9, 1u32..9, rates.1.clone()).prop_map(|(up, down, quality)| (
            "Resample",
            json!({ "upFactor": up, "downFactor": down, "sampleRate": 1, "quality": quality })
        )),
        rates.prop_map(|(rate, quality)| (
            "ResampleTo",
            json!({ "inputRate": 1, "outputRate": rate, "quality": quality })
        )),
    ]
}

/// How many of the first outputs are taken off for the latency.
fn late(pipeline: &Pipeline) -> usize {
    let latency = pipeline.latency(None);
    (latency.samples * latency.ratio).round().max(0.0) as usize
}

/// A pipeline that goes on from the state of another one.
fn reloaded(from: &mut Pipeline, fresh: Pipeline, is_binary: bool) -> Pipeline {
    let mut fresh = fresh;
    let warnings = if is_binary {
        fresh.load_toon(&from.save_toon(0.0).expect("saves"))
    } else {
        fresh.load_json(&from.save_json(0.0).expect("saves"))
    };
    assert_eq!(warnings, Ok(vec![]));
    fresh
}

/// The smallest integer at or above n times the ratio of the pipeline.
fn expected_outputs(pipeline: &Pipeline, frames: usize) -> usize {
    let exact = frames as f64 * pipeline.latency(None).ratio;
    // Ratios of the tests are far from integers, or are integers but for their rounding.
    let nearest = exact.round();
    if (exact - nearest).abs() < 1e-9 { nearest as usize } else { exact.ceil() as usize }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_resampled_recording_has_its_whole_length(
        (method, params) in resamplers(),
        frames in 1usize..300,
        cuts in prop::collection::vec((0usize..80, 0u8..3), 0..6),
        channels in 1usize..4,
        last_save in 0u8..3,
    ) {
        let input: Vec<f32> = (0..frames * channels).map(|i| ((i * 7919 + 13) % 101) as f32 / 50.0 - 1.0).collect();
        let process = |pipeline: &mut Pipeline, samples: &[f32]| {
            let mut samples = samples.to_vec();
            let stamps = Stamps::Generated(Some(360.0));
            pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}).expect("processes").expect("other samples")
        };
        let mut whole = pipeline(method, &params);
        let mut want = process(&mut whole, &input);
        want.extend(whole.finish(Some(360.0)).expect("ends"));
        let mut cut = pipeline(method, &params);
        let (mut got, mut at) = (vec![], 0);
        for (count, save) in cuts.into_iter().chain([(frames, last_save)]) {
            let end = (at + count).min(frames);
            got.extend(process(&mut cut, &input[at * channels..end * channels]));
            at = end;
            if save > 0 {
                cut = reloaded(&mut cut, pipeline(method, &params), save == 2);
            }
        }
        let (samples, late) = (expected_outputs(&cut, frames), late(&cut));
        got.extend(cut.finish(Some(360.0)).expect("ends"));
        prop_assert_eq!(&got, &want, "{} {}", method, params);
        prop_assert_eq!(got.len(), (samples + late) * channels, "{} {}: {} late", method, params, late);
        // Then it is as new, with nothing inside.
        prop_assert_eq!(cut.finish(Some(360.0)), Ok(vec![]));
        prop_assert_eq!(process(&mut cut, &input), process(&mut pipeline(method, &params), &input));
    }
}

#[test]
fn the_end_of_a_filtered_recording_comes_out() {
    let input: Vec<f32> = (0..200).map(|n| (n as f32 * 0.03).sin()).collect();
    for (method, params) in [
        ("filter", filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 31 }))),
        ("filter", filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 16 }))),
        ("SavgolFilter", json!({ "windowLength": 11, "polyOrder": 3 })),
        ("convolution", json!({ "kernel": [0.25, 0.5, 0.25] })),
    ] {
        let mut pipeline = pipeline(method, &params);
        assert_eq!(pipeline.finish(None), Ok(vec![]), "{method}: an end without a beginning");
        let mut silent = input.clone();
        silent.resize(300, 0.0);
        let want = run(&mut pipeline, &silent);
        pipeline.clear();
        let mut got = run(&mut pipeline, &input);
        let late = late(&pipeline);
        for is_binary in [false, true] {
            let mut loaded = reloaded(&mut pipeline, self::pipeline(method, &params), is_binary);
            assert_eq!(loaded.finish(None).expect("ends"), want[200..200 + late], "{method} {params}");
        }
        got.extend(pipeline.finish(None).expect("ends"));
        assert!(late > 0);
        assert_eq!(got, want[..200 + late], "{method} {params}");
        assert_eq!(pipeline.finish(None), Ok(vec![]), "{method}: an end after the end");
    }
    let mut stateless = pipeline(
        "filter",
        &filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 31, "stateful": false })),
    );
    run(&mut stateless, &input);
    assert_eq!(stateless.finish(None), Ok(vec![]));
}

#[test]
fn the_end_passes_the_stages_behind() {
    let mut pipeline = pipeline("Decimate", &json!({ "factor": 4, "sampleRate": 1000 }));
    pipeline
        .add("filter", Value::from(&filter("fir", "lowpass", &json!({ "cutoffFrequency": 100, "order": 9 }))))
        .expect("is added");
    pipeline.add("Interpolate", Value::from(&json!({ "factor": 3, "sampleRate": 250 }))).expect("is added");
    let mut got = run(&mut pipeline, &bell(1001, 500.0));
    got.extend(pipeline.finish(None).expect("ends"));
    // 1001 inputs are 251 of the second rate, 9 late (37/4), with 4 more of the filter; three of each, 25 late.
    assert_eq!(got.len(), 3 * (251 + 9 + 4) + 25);
}
