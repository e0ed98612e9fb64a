//! The events of single stages. `properties.rs` tests that they do not depend on how the input is cut.

use dsp_core::Value;
use dsp_core::engine::events::Event;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::{Value as Json, json};

fn pipeline(method: &str, params: &Json) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, Value::from(params)).unwrap_or_else(|error| panic!("{method} {params}: {error}"));
    pipeline
}

fn run_at(pipeline: &mut Pipeline, input: &[f32], channels: usize, stamps: Stamps<'_>) -> Vec<f32> {
    let mut samples = input.to_vec();
    let output = pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}).expect("processes");
    output.unwrap_or(samples)
}

fn run(pipeline: &mut Pipeline, input: &[f32], channels: usize) -> Vec<f32> {
    run_at(pipeline, input, channels, Stamps::Generated(Some(1000.0)))
}

/// Type, channel, sample, time, numbers and array of an event.
type Seen = (&'static str, usize, u64, f64, Vec<f64>, Vec<f32>);

fn taken(pipeline: &mut Pipeline) -> Vec<Seen> {
    let events = pipeline.take_events().expect("events are collected");
    let seen = |event: &Event| {
        let Event { kind, channel, sample, time, .. } = *event;
        (kind.name, channel, sample, time, event.fields().to_vec(), events.data(event).to_vec())
    };
    events.list().iter().map(seen).collect()
}

fn noise(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * i * 7919 + i * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
}

#[test]
fn spectra_of_one_hop_calls_are_whole() {
    let input = noise(2048);
    for (method, params) in [
        ("stft", json!({ "windowSize": 256 })),
        ("fft", json!({ "mode": "moving", "size": 256, "type": "rdft", "output": "power" })),
    ] {
        // One call has room for all 15 spectra of 129 bins.
        let whole = run(&mut pipeline(method, &params), &input, 1);
        let (mut stage, mut plain) = (pipeline(method, &params), pipeline(method, &params));
        let mut frames = vec![];
        for hop in input.chunks(128) {
            stage.collect_events();
            let samples = run(&mut stage, hop, 1);
            assert_eq!(samples, run(&mut plain, hop, 1), "events change no sample");
            frames.extend(taken(&mut stage));
        }
        assert_eq!(frames.len(), 15);
        for (k, (name, channel, sample, time, numbers, data)) in frames.into_iter().enumerate() {
            let last = 255 + 128 * k as u64;
            assert_eq!((name, channel, sample, time, numbers), ("frame", 0, last, last as f64, vec![]));
            assert_eq!(data, whole[129 * k..129 * (k + 1)]);
        }
    }
}

#[test]
fn peaks_of_a_stream_are_those_of_the_whole_recording() {
    use dsp_core::signal::detect::peaks::{Conditions, find_peaks};
    // Beats of growing and falling height with noise of half a unit on them.
    let beat = |n: usize| (-((n % 100) as f32 - 50.0).powi(2) / 20.0).exp() * (3.0 + ((n / 100) % 5) as f32);
    let x: Vec<f32> = noise(3000).into_iter().enumerate().map(|(n, e)| beat(n) + e / 2.0).collect();
    let params = json!({ "threshold": 0.2, "distance": 40, "prominence": 1.5, "wlen": 61 });
    let mut stage = pipeline("PeakDetection", &params);
    let mut plain = pipeline("PeakDetection", &json!({ "threshold": 0.2 }));
    let mut found = vec![];
    for part in x.chunks(77) {
        stage.collect_events();
        assert_eq!(run(&mut stage, part, 1), run(&mut plain, part, 1), "samples stay as they are");
        found.extend(taken(&mut stage));
    }
    stage.collect_events();
    assert_eq!(stage.finish(Some(1000.0)), Ok(vec![]));
    found.extend(taken(&mut stage));
    let conditions = Conditions {
        height: Some((Some(f64::from(0.2f32)), None)),
        distance: Some(40.0),
        prominence: Some((Some(1.5), None)),
        wlen: Some(61.0),
        plateau_size: Some((None, None)),
        ..Conditions::default()
    };
    let whole = find_peaks(&x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>(), &conditions);
    assert_eq!(whole.peaks.len(), 30);
    for (i, (name, channel, sample, time, numbers, _)) in found.iter().enumerate() {
        assert_eq!((*name, *channel, *sample, *time), ("peak", 0, whole.peaks[i] as u64, whole.peaks[i] as f64));
        assert_eq!(*numbers, [whole.peak_heights[i], whole.plateau_sizes[i], whole.prominences[i]]);
    }
    assert_eq!(found.len(), 30);
}

#[test]
fn the_last_frame_is_filled_up_with_zeros_on_request() {
    let square = json!({ "windowSize": 4, "hopSize": 4, "window": "none", "output": "complex" });
    for (last, expected) in [("drop", vec![]), ("pad", vec![(7, vec![3.0, 0.0, 1.0, -2.0, -1.0, 0.0])])] {
        let mut params = square.clone();
        params["lastFrame"] = last.into();
        let mut stage = pipeline("stft", &params);
        run(&mut stage, &[9.0, 9.0, 9.0, 9.0, 1.0, 2.0], 1);
        stage.collect_events();
        let output = stage.finish(None).expect("ends");
        let frames: Vec<_> = taken(&mut stage).into_iter().map(|(_, _, sample, .., data)| (sample, data)).collect();
        assert_eq!(frames, expected, "{last}");
        // The call of the end is as long as the zeros that it took, and holds what fits.
        let fits: Vec<f32> = expected.iter().flat_map(|(_, data)| data[..2].to_vec()).collect();
        assert_eq!(output, fits, "{last}");
    }
}

#[test]
fn frames_go_on_over_calls_as_events_and_are_padded_in_both_forms() {
    let params = json!({ "numMelBands": 2, "numCoefficients": 2, "useLogEnergy": false, "lastFrame": "pad" });
    let mut stage = pipeline("mfcc", &params);
    let (mut frames, mut samples) = (vec![], vec![]);
    for part in [&[1.0][..], &[3.0, 5.0, 7.0, 2.0]] {
        stage.collect_events();
        samples.extend(run(&mut stage, part, 1));
        frames.extend(taken(&mut stage));
    }
    stage.collect_events();
    let end = stage.finish(None).expect("ends");
    frames.extend(taken(&mut stage));
    let half = 0.5f32.sqrt();
    let pair = |a: f32, b: f32| [(a + b) * half, (a - b) * half];
    let close = |x: &[f32], y: &[f32]| x.len() == y.len() && x.iter().zip(y).all(|(x, y)| (x - y).abs() < 1e-6);
    for (frame, (sample, want)) in frames.iter().zip([(1, pair(1.0, 3.0)), (3, pair(5.0, 7.0)), (5, pair(2.0, 0.0))]) {
        assert!(frame.2 == sample && close(&frame.5, &want), "{frame:?}");
    }
    assert_eq!(frames.len(), 3);
    // As samples each call is by itself, but for the end.
    assert!(close(&samples, &[pair(3.0, 5.0), pair(7.0, 2.0)].concat()), "{samples:?}");
    assert!(close(&end, &pair(2.0, 0.0)), "{end:?}");
}

#[test]
fn frames_of_all_channels_come_with_the_sample_that_completes_them() {
    let mut stage = pipeline("stft", &json!({ "windowSize": 2, "hopSize": 2, "window": "none", "output": "complex" }));
    stage.collect_events();
    run(&mut stage, &[1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 4.0, 40.0], 2);
    let frames: Vec<_> =
        taken(&mut stage).into_iter().map(|(_, channel, sample, .., data)| (channel, sample, data)).collect();
    let bins = |a: f32, b: f32| vec![a + b, 0.0, a - b, 0.0];
    let want = [(0, 1, bins(1.0, 2.0)), (1, 1, bins(10.0, 20.0)), (0, 3, bins(3.0, 4.0)), (1, 3, bins(30.0, 40.0))];
    assert_eq!(frames, want);
}

#[test]
fn stages_of_frames_emit_one_for_each_that_comes_in() {
    let matrix = Value::F32(vec![1.0, 0.0, 2.0, 0.0, 3.0, 0.0]);
    let mel = Value::Object(vec![
        ("filterbankMatrix".into(), matrix),
        ("numBins".into(), Value::Number(3.0)),
        ("numMelBands".into(), Value::Number(2.0)),
    ]);
    let mfcc = Value::from(&json!({ "numMelBands": 3, "numCoefficients": 2 }));
    let fft = Value::from(&json!({ "size": 3, "type": "rdft" }));
    for (method, params) in [("melSpectrogram", mel), ("mfcc", mfcc), ("fft", fft)] {
        let mut stage = Pipeline::new();
        stage.add(method, params).expect("is added");
        stage.collect_events();
        let positive: Vec<f32> = noise(14).iter().map(|x| x + 1.5).collect();
        let times: Vec<f64> = (0..14).map(|i| f64::from(i / 2) * 10.0).collect();
        let output = run_at(&mut stage, &positive, 2, Stamps::Explicit(&times));
        let frames = taken(&mut stage);
        // Seven frames of two channels are two frames of three numbers, and one number that is left over.
        assert_eq!(frames.len(), 4, "{method}");
        for (at, (name, channel, sample, time, _, data)) in frames.into_iter().enumerate() {
            let (frame, c) = (at / 2, at % 2);
            assert_eq!((name, channel, sample, time), ("frame", c, 3 * frame as u64 + 2, 30.0 * frame as f64 + 20.0));
            let of_channel: Vec<f32> = output.iter().skip(c).step_by(2).copied().collect();
            assert_eq!(data, of_channel[2 * frame..2 * frame + 2], "{method}");
        }
    }
}

#[test]
fn a_clip_is_one_event_at_its_first_sample() {
    let mut stage = pipeline("ClipDetection", &json!({ "threshold": 1 }));
    stage.collect_events();
    let samples = run(&mut stage, &[0.0, 1.0, -1.5, 0.5, 2.0], 1);
    assert_eq!(samples, [0.0, 1.0, 1.0, 0.0, 1.0]);
    assert_eq!(taken(&mut stage), [("clip", 0, 1, 1.0, vec![2.0, 1.5], vec![])]);
    stage.collect_events();
    run(&mut stage, &[-3.0, f32::NAN, f32::INFINITY], 1);
    assert_eq!(taken(&mut stage), [("clip", 0, 4, 4.0, vec![2.0, 3.0], vec![])]);
    let json = stage.save_json(0.0).expect("saves");
    let toon = stage.save_toon(0.0).expect("saves");
    stage.load_json(&json).expect("loads");
    for binary in [false, true] {
        let mut loaded = pipeline("ClipDetection", &json!({ "threshold": 1 }));
        if binary {
            loaded.load_toon(&toon).expect("loads")
        } else {
            loaded.load_json(&json).expect("loads")
        };
        loaded.collect_events();
        assert_eq!(loaded.finish(Some(1000.0)), Ok(vec![]), "the sample that ends the run is not of the stream");
        assert_eq!(taken(&mut loaded), [("clip", 0, 7, 7.0, vec![1.0, f64::INFINITY], vec![])]);
    }
}

#[test]
fn the_end_of_a_stream_knows_the_times_that_were_given() {
    let mut stage = pipeline("ClipDetection", &json!({ "threshold": 1 }));
    stage.collect_events();
    run_at(&mut stage, &[0.0, 1.0, 1.0], 1, Stamps::Explicit(&[5000.0, 5010.0, 5030.0]));
    assert_eq!(taken(&mut stage), []);
    stage.collect_events();
    assert_eq!(stage.finish(None), Ok(vec![]));
    assert_eq!(taken(&mut stage), [("clip", 0, 1, 5010.0, vec![2.0, 1.0], vec![])]);
}

#[test]
fn a_run_without_end_comes_in_parts() {
    let mut stage = pipeline("ClipDetection", &json!({ "threshold": 1 }));
    let mut seen = vec![];
    for call in 0..10u32 {
        let times: Vec<f64> = (0..1000).map(|k| f64::from(call * 1000 + k) * 3.0).collect();
        stage.collect_events();
        run_at(&mut stage, &[-2.0; 1000], 1, Stamps::Explicit(&times));
        seen.extend(taken(&mut stage));
    }
    stage.collect_events();
    stage.finish(None).expect("ends");
    seen.extend(taken(&mut stage));
    let want = [(0, 4096.0), (4096, 4096.0), (8192, 1808.0)];
    let want = want.map(|(sample, length)| ("clip", 0, sample, sample as f64 * 3.0, vec![length, 2.0], vec![]));
    assert_eq!(seen, want);
}

#[test]
fn a_state_has_runs_only_where_events_are_asked_for() {
    let mut stage = pipeline("ClipDetection", &json!({ "threshold": 1 }));
    run(&mut stage, &[2.0], 1);
    assert!(!stage.save_json(0.0).expect("saves").contains("runs"));
    stage.collect_events();
    run(&mut stage, &[2.0], 1);
    let json = stage.save_json(0.0).expect("saves");
    assert!(json.contains("\"runs\":[1,2]"), "{json}");
    for bad in ["[1]", "[-1,2]", "[1.5,2]", "[4096,2]", "{}"] {
        let state =
            format!("{{\"stages\":[{{\"type\":\"clipDetection\",\"state\":{{\"threshold\":1,\"runs\":{bad}}}}}]}}");
        assert!(stage.load_json(&state).is_err(), "{bad}");
    }
    // A call that nobody listens to ends what was heard.
    stage.take_events();
    run(&mut stage, &[2.0], 1);
    stage.collect_events();
    run(&mut stage, &[0.0], 1);
    assert_eq!(taken(&mut stage), []);
}

#[test]
fn slopes_change_their_sign_at_the_sample_between() {
    let mut stage = pipeline("SlopeSignChange", &json!({ "windowSize": 5 }));
    let mut seen = vec![];
    for part in [&[1.0, 3.0, 2.0][..], &[4.0], &[3.0, 5.0]] {
        stage.collect_events();
        run(&mut stage, part, 1);
        seen.extend(taken(&mut stage));
    }
    let places: Vec<u64> = seen.iter().map(|event| event.2).collect();
    assert!(seen.iter().all(|event| event.0 == "slopeSignChange"));
    assert_eq!(places, [2, 3, 4]);
}
