//! `EcgBeats` on a recording with cardiologists' marks, on simulated leads, and on what is no heart at all.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::{Error, Value};

const RATE: f64 = 360.0;
/// Milliseconds from an R peak to its event at most.
const LAG: f64 = 300.0;

/// A beat: its sample, and the frames that had come when it became known.
type Beat = (u64, usize);

fn pipeline() -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add("EcgBeats", Value::Object(vec![])).expect("the stage can be made");
    pipeline
}

/// The beats of one lead that comes in calls of `call` frames.
fn beats_in_calls(samples: &[f32], rate: f64, call: usize) -> Vec<Beat> {
    let mut pipeline = pipeline();
    let (mut beats, mut known) = (vec![], 0);
    for part in samples.chunks(call) {
        known += part.len();
        pipeline.collect_events();
        let mut output = part.to_vec();
        pipeline.process(&mut output, 1, Stamps::Generated(Some(rate)), &[], |_, _| {}).expect("processes");
        beats.extend(pipeline.take_events().expect("collected").list().iter().map(|event| (event.sample, known)));
    }
    pipeline.collect_events();
    pipeline.finish(Some(rate)).expect("ends");
    beats.extend(pipeline.take_events().expect("collected").list().iter().map(|event| (event.sample, usize::MAX)));
    beats
}

fn beats(samples: &[f32], rate: f64) -> Vec<u64> {
    beats_in_calls(samples, rate, samples.len().max(1)).iter().map(|(sample, _)| *sample).collect()
}

/// Beats that were missed, and those that are none: one to one, at most `tolerance` samples apart.
fn errors(truth: &[u64], found: &[u64], tolerance: u64) -> (usize, usize) {
    let (mut i, mut j, mut hits) = (0, 0, 0);
    while i < truth.len() && j < found.len() {
        if truth[i].abs_diff(found[j]) <= tolerance {
            hits += 1;
            i += 1;
            j += 1;
        } else if found[j] < truth[i] {
            j += 1;
        } else {
            i += 1;
        }
    }
    (truth.len() - hits, found.len() - hits)
}

/// Uniform noise between −1 and 1.
fn noise(count: usize, mut seed: u32) -> Vec<f64> {
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(seed >> 8) / f64::from(1 << 23) - 1.0
        })
        .collect()
}

/// Noise that is nearly normal, of standard deviation 1.
fn normal(count: usize, seed: u32) -> Vec<f64> {
    noise(12 * count, seed).chunks(12).map(|part| part.iter().sum::<f64>() / 2.0).collect()
}

/// Centre and width in seconds, height in mV.
type Wave = (f64, f64, f64);

const NORMAL: &[Wave] =
    &[(-0.16, 0.022, 0.15), (-0.028, 0.009, -0.1), (0.0, 0.011, 1.0), (0.028, 0.01, -0.2), (0.27, 0.045, 0.3)];
const VENTRICULAR: &[Wave] = &[(0.0, 0.035, 1.6), (0.1, 0.04, -0.5), (0.28, 0.06, -0.5)];

/// A lead of `seconds` at `rate` Hz and its R peaks; every seventh beat is ventricular, early, and followed by a pause.
fn lead(seconds: f64, rate: f64, seed: u32) -> (Vec<f32>, Vec<u64>) {
    let count = (seconds * rate) as usize;
    let mut signal: Vec<f64> = noise(count, seed).iter().map(|x| 0.02 * x).collect();
    let (mut truth, mut at, mut number) = (vec![], 0.3, 0);
    let breaths = noise(1000, seed + 1);
    while at < seconds - 0.1 {
        let is_ventricular = number % 7 == 6;
        for (centre, width, height) in if is_ventricular { VENTRICULAR } else { NORMAL } {
            let first = ((at + centre - 5.0 * width) * rate).max(0.0) as usize;
            let last = (((at + centre + 5.0 * width) * rate) as usize).min(count);
            for (k, y) in signal.iter_mut().enumerate().take(last).skip(first) {
                *y += height * (-0.5 * ((k as f64 / rate - at - centre) / width).powi(2)).exp();
            }
        }
        truth.push((at * rate).round() as u64);
        number += 1;
        let is_next_ventricular = number % 7 == 6;
        let interval = if is_next_ventricular {
            0.52
        } else if is_ventricular {
            1.1
        } else {
            0.8
        };
        at += interval + 0.03 * breaths[number % 1000];
    }
    (signal.iter().map(|x| *x as f32).collect(), truth)
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let roots = [path, PathBuf::from(std::env::var("DSPX_SHARED_DATA").unwrap_or_default()).join(name)];
    let found = roots.into_iter().find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {name} is not there (DSPX_SHARED_DATA names its folder)");
    }
    found
}

#[test]
fn record_100_has_all_760_beats_and_no_other_within_50_ms() {
    let (Some(signal), Some(marks)) = (shared("ecg-mitdb-100-10min.i16"), shared("ecg-mitdb-100-10min.beats.json"))
    else {
        return;
    };
    let bytes = std::fs::read(signal).expect("the recording can be read");
    let counts = bytes.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes));
    let millivolts: Vec<f32> = counts.step_by(2).map(|count| (f32::from(count) - 1024.0) / 200.0).collect();
    let marks: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(marks).expect("the marks can be read")).expect("JSON");
    let truth: Vec<u64> = marks["beats"].as_array().expect("a list").iter().filter_map(|mark| mark.as_u64()).collect();
    assert_eq!(truth.len(), 760);
    let found = beats(&millivolts, RATE);
    assert_eq!(errors(&truth, &found, 18), (0, 0));
}

#[test]
fn normal_and_ventricular_beats_are_found_at_their_peaks_at_any_rate() {
    for rate in [100.0, 128.0, 250.0, 360.0, 500.0, 1000.0, 4096.0] {
        let (signal, truth) = lead(60.0, rate, 5);
        let found = beats(&signal, rate);
        assert_eq!(errors(&truth, &found, (0.015 * rate) as u64), (0, 0), "{rate} Hz");
    }
}

#[test]
fn events_come_within_the_lag_and_do_not_depend_on_the_calls() {
    let (signal, _) = lead(30.0, RATE, 6);
    let one_by_one = beats_in_calls(&signal, RATE, 1);
    for (sample, known) in one_by_one.iter().filter(|(_, known)| *known < usize::MAX) {
        let late = (*known as f64 - 1.0 - *sample as f64) * 1000.0 / RATE;
        assert!((0.0..=LAG).contains(&late), "{sample} was known after {late} ms");
    }
    let samples: Vec<u64> = one_by_one.iter().map(|(sample, _)| *sample).collect();
    assert_eq!(samples, beats(&signal, RATE));
}

#[test]
fn units_and_polarity_do_not_matter() {
    let (signal, truth) = lead(30.0, RATE, 7);
    let scaled = |gain: f32, offset: f32| signal.iter().map(|x| gain * x + offset).collect::<Vec<f32>>();
    let counts: Vec<f32> = scaled(200.0, 1024.0).iter().map(|x| x.round()).collect();
    for other in [scaled(1.0, 0.0), scaled(-1.0, 0.0), scaled(1e-3, 0.0), counts] {
        assert_eq!(errors(&truth, &beats(&other, RATE), 6), (0, 0));
    }
    let half = signal.len() / 2;
    let flipped: Vec<f32> = signal.iter().enumerate().map(|(k, x)| if k < half { *x } else { -x }).collect();
    assert_eq!(errors(&truth, &beats(&flipped, RATE), 6), (0, 0));
}

#[test]
fn what_is_no_heart_gives_no_storm_of_beats() {
    let count = (120.0 * RATE) as usize;
    let walk = |seed| {
        let mut at = 0.0;
        normal(count, seed)
            .iter()
            .map(|x| {
                at += x;
                at
            })
            .collect::<Vec<f64>>()
    };
    let hum = (0..count).map(|k| (TAU * 50.0 * k as f64 / RATE).sin()).collect();
    let breath = (0..count).map(|k| (TAU * 0.25 * k as f64 / RATE).sin()).collect();
    let last_bit = noise(count, 9).iter().map(|x| if *x > 0.98 { 0.005 } else { 0.0 }).collect();
    let signals: [Vec<f64>; 10] = [
        vec![0.0; count],
        vec![1024.0; count],
        vec![f64::NAN; count],
        hum,
        breath,
        last_bit,
        normal(count, 1),
        normal(count, 2),
        walk(3),
        walk(4),
    ];
    for (number, signal) in signals.iter().enumerate() {
        let signal: Vec<f32> = signal.iter().map(|x| *x as f32).collect();
        let found = beats(&signal, RATE).len();
        assert!(found <= 2, "signal {number}: {found} beats in two minutes");
    }
}

/// Noise that comes in bursts, as a muscle's does: quiet, and far louder for half a second every one to four.
fn bursts(count: usize, rate: f64, seed: u32) -> Vec<f64> {
    let (noise, gaps) = (normal(count + 1, seed), noise(1000, seed + 7));
    let mut starts = gaps.iter().scan(0.0, |at, gap| {
        *at += 2.5 + 1.5 * gap;
        Some(*at)
    });
    let mut start = starts.next().unwrap_or_default();
    let differences = noise.windows(2).map(|pair| pair[1] - 0.6 * pair[0]);
    let loudness = |k: usize| {
        let at = k as f64 / rate;
        while at > start + 0.5 {
            start = starts.next().unwrap_or(f64::INFINITY);
        }
        if at > start { 0.3 } else { 0.03 }
    };
    (0..count).map(loudness).zip(differences).map(|(loud, x)| loud * x).collect()
}

/// Single samples of any height at random times.
fn impulses(count: usize, rate: f64, seed: u32) -> Vec<f64> {
    let mut signal: Vec<f64> = noise(count, seed).iter().map(|x| 0.01 * x).collect();
    let random = noise(2 * count, seed + 1);
    for (pair, sample) in random.chunks(2).zip(&mut signal) {
        if (pair[0] + 1.0) * rate < 2.0 {
            *sample += 3.0 * pair[1];
        }
    }
    signal
}

#[test]
fn bursts_and_impulses_give_no_storm_of_beats() {
    let (mut total, mut minutes) = (0, 0);
    for rate in [250.0, 360.0, 500.0] {
        let count = (180.0 * rate) as usize;
        for seed in [1, 2, 3] {
            for (name, signal) in [("bursts", bursts(count, rate, seed)), ("impulses", impulses(count, rate, seed))] {
                let signal: Vec<f32> = signal.iter().map(|x| *x as f32).collect();
                let found = beats(&signal, rate).len();
                println!("{name} at {rate} Hz, seed {seed}: {found} beats in three minutes");
                assert!(found <= 9, "{name} at {rate} Hz, seed {seed}: {found} beats in three minutes");
                (total, minutes) = (total + found, minutes + 3);
            }
        }
    }
    assert!(total <= minutes, "{total} beats in {minutes} minutes");
}

#[test]
fn a_fast_heart_is_told_from_its_first_beat() {
    for (rate, interval) in [(200.0, 0.43), (250.0, 0.4), (360.0, 0.36), (500.0, 0.34)] {
        let count = (20.0 * rate) as usize;
        let mut signal: Vec<f64> = noise(count, 11).iter().map(|x| 0.02 * x).collect();
        let truth: Vec<f64> = (0..100).map(|k| 0.35 + interval * f64::from(k)).take_while(|at| *at < 19.8).collect();
        for (k, y) in signal.iter_mut().enumerate() {
            for at in &truth {
                for (centre, width, height) in NORMAL {
                    let stretch = if *centre > 0.2 { 0.7 } else { 1.0 };
                    *y += height * (-0.5 * ((k as f64 / rate - at - stretch * centre) / width).powi(2)).exp();
                }
            }
        }
        let signal: Vec<f32> = signal.iter().map(|x| *x as f32).collect();
        let truth: Vec<u64> = truth.iter().map(|at| (at * rate).round() as u64).collect();
        assert_eq!(errors(&truth, &beats(&signal, rate), (0.02 * rate) as u64), (0, 0), "{rate} Hz, {interval} s");
    }
}

#[test]
fn beats_come_again_when_the_lead_does() {
    let (signal, truth) = lead(60.0, RATE, 8);
    let (from, to) = (20 * RATE as usize, 35 * RATE as usize);
    for off in [0.0, 5.0, f32::NAN] {
        let mut signal = signal.clone();
        signal[from..to].fill(off);
        let outside = |sample: &u64| *sample + 180 < from as u64 || *sample > to as u64 + 180;
        let kept: Vec<u64> = truth.iter().copied().filter(outside).collect();
        let found: Vec<u64> = beats(&signal, RATE).into_iter().filter(outside).collect();
        assert_eq!(errors(&kept, &found, 6), (0, 0), "lead off at {off}");
    }
}

#[test]
fn the_first_and_the_last_beat_are_found() {
    let (signal, truth) = lead(20.0, RATE, 9);
    // The stream ends 60 ms behind the last R peak, where its event is not due yet.
    let end = *truth.last().expect("beats") as usize + 22;
    let found = beats(&signal[..end], RATE);
    assert_eq!(errors(&truth, &found, 6), (0, 0));
    assert!(found.iter().all(|sample| (*sample as usize) < end));
    // The end need not say the rate.
    let mut pipeline = pipeline();
    let mut samples = signal[..end].to_vec();
    pipeline.process(&mut samples, 1, Stamps::Generated(Some(RATE)), &[], |_, _| {}).expect("processes");
    pipeline.collect_events();
    pipeline.finish(None).expect("ends");
    let last: Vec<u64> = pipeline.take_events().expect("collected").list().iter().map(|event| event.sample).collect();
    assert_eq!(last, found[found.len() - last.len()..]);
    assert!(!last.is_empty());
}

#[test]
fn a_new_pipeline_goes_on_from_a_state_without_a_given_rate() {
    let (signal, _) = lead(20.0, RATE, 12);
    for stage in ["EcgBeats", "Hrv"] {
        let mut first = Pipeline::new();
        let params = if stage == "Hrv" { vec![("windowBeats".into(), Value::Number(5.0))] } else { vec![] };
        first.add(stage, Value::Object(params)).expect("the stage can be made");
        let half = signal.len() / 2;
        let run = |pipeline: &mut Pipeline, part: &[f32]| {
            pipeline.collect_events();
            let stamps = Stamps::Generated(Some(RATE));
            pipeline.process(&mut part.to_vec(), 1, stamps, &[], |_, _| {}).expect("processes");
            let events = pipeline.take_events().expect("collected");
            events.list().iter().map(|event| (event.sample, event.values)).collect::<Vec<_>>()
        };
        run(&mut first, &signal[..half]);
        let state = first.save_json(1.0).expect("saves");
        let mut second = Pipeline::new();
        assert_eq!(second.load_json(&state), Ok(vec![]), "{stage}");
        let rest = run(&mut first, &signal[half..]);
        assert!(!rest.is_empty());
        assert_eq!(run(&mut second, &signal[half..]), rest, "{stage}");
    }
}

#[test]
fn impossible_rates_and_lags_are_refused() {
    for (key, value) in [("lag", 100.0), ("lag", 2000.0), ("sampleRate", 1.0)] {
        let params = Value::Object(vec![(key.into(), Value::Number(value))]);
        assert!(matches!(Pipeline::new().add("EcgBeats", params), Err(Error::Range(_))), "{key} {value}");
    }
    let call = |stamps: Stamps<'_>| pipeline().process(&mut [0.0; 10], 1, stamps, &[], |_, _| {});
    assert!(matches!(call(Stamps::Generated(Some(1.0))), Err(Error::Range(_))));
    let times: Vec<f64> = (0..10).map(f64::from).collect();
    assert!(matches!(call(Stamps::Explicit(&times)), Err(Error::Type(_))));
}
