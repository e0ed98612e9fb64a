//! Sliding windows against the statistic of each window by itself, computed in two passes in float64.

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use proptest::prelude::*;
use serde_json::json;

fn run(method: &str, params: serde_json::Value, samples: &[f32], channels: usize) -> Vec<f32> {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, Value::from(&params)).expect("a stage");
    process(&mut pipeline, samples, channels)
}

fn process(pipeline: &mut Pipeline, samples: &[f32], channels: usize) -> Vec<f32> {
    let mut input = samples.to_vec();
    let output = pipeline.process(&mut input, channels, Stamps::Generated(None), &[], |_, _| {}).expect("processes");
    output.unwrap_or(input)
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn variance(x: &[f64]) -> f64 {
    let m = mean(x);
    mean(&x.iter().map(|x| (x - m) * (x - m)).collect::<Vec<_>>())
}

type Statistic = fn(&[f64]) -> f64;

/// The exact output of each stage for one window; z-scores are bounded by their window's spread and compared apart.
const STATISTICS: [(&str, Statistic); 5] = [
    ("MovingAverage", mean),
    ("Rms", |x| mean(&x.iter().map(|x| x * x).collect::<Vec<_>>()).sqrt()),
    ("MeanAbsoluteValue", |x| mean(&x.iter().map(|x| x.abs()).collect::<Vec<_>>())),
    ("Variance", variance),
    ("ZScoreNormalize", |x| {
        let deviation = variance(x).sqrt();
        if deviation < f64::from(1e-6f32) { 0.0 } else { (x[x.len() - 1] - mean(x)) / deviation }
    }),
];

fn windows(x: &[f32], size: usize) -> impl Iterator<Item = Vec<f64>> {
    (0..x.len()).map(move |i| x[(i + 1).saturating_sub(size)..=i].iter().map(|x| f64::from(*x)).collect())
}

/// Samples around an offset, now and then far away from it.
fn stream() -> impl Strategy<Value = Vec<f32>> {
    let offset = prop::sample::select(vec![0f32, 1e4, -1e7]);
    let sample = prop_oneof![30 => -10f32..10.0, 1 => -1e6f32..1e6, 1 => Just(1e18f32)];
    (offset, prop::collection::vec(sample, 1..400)).prop_map(|(offset, x)| x.iter().map(|x| x + offset).collect())
}

fn cases() -> ProptestConfig {
    ProptestConfig { cases: if std::env::var_os("DSPX_QUICK").is_some() { 8 } else { 64 }, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_statistic_is_that_of_its_window(x in stream(), size in prop_oneof![1usize..70, 65usize..200]) {
        for (method, statistic) in STATISTICS {
            let moving = run(method, json!({ "mode": "moving", "windowSize": size }), &x, 1);
            // At 1 ms a sample.
            let timed = run(method, json!({ "mode": "moving", "windowDuration": size }), &x, 1);
            for (i, window) in windows(&x, size).enumerate() {
                let expected = statistic(&window);
                // 1e-6 relative; where the statistic is a difference of larger numbers, their rounding in float64 too.
                let largest = window.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
                let scale = match method {
                    "MovingAverage" => largest,
                    "ZScoreNormalize" => (largest / variance(&window).sqrt().max(1e-6)).max(1.0),
                    _ => 0.0,
                };
                let bound = 1e-6 * expected.abs() + 1e-12 * scale + 1e-30;
                for got in [moving[i], timed[i]] {
                    prop_assert!((f64::from(got) - expected).abs() <= bound, "{method} {size} at {i}: {got}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn waveform_length_and_snr_too(x in stream(), size in prop_oneof![1usize..70, 65usize..200]) {
        let steps: Vec<f32> = x.iter().enumerate().map(|(i, y)| (y - x[i.saturating_sub(1)]).abs()).collect();
        let lengths = run("WaveformLength", json!({ "windowSize": size }), &x, 1);
        for (got, window) in lengths.iter().zip(windows(&steps, size)) {
            let expected: f64 = window.iter().sum();
            prop_assert!((f64::from(*got) - expected).abs() <= 1e-6 * expected, "{got}, not {expected}");
        }
        let frames = &x[..x.len() / 2 * 2];
        let of = |channel: usize| frames.iter().skip(channel).step_by(2).copied().collect::<Vec<f32>>();
        let (signal, noise) = (of(0), of(1));
        let ratios = run("Snr", json!({ "windowSize": size }), frames, 2);
        let power = |x: &[f64]| mean(&x.iter().map(|x| x * x).collect::<Vec<_>>());
        for ((got, s), n) in ratios.iter().zip(windows(&signal, size)).zip(windows(&noise, size)) {
            let (s, n) = (power(&s), power(&n));
            let decibels = (10.0 * ((s + 1e-10) / (n + 1e-10)).log10()).clamp(-100.0, 100.0);
            let expected = if n < 1e-10 { 100.0 } else { decibels };
            // 1e-6 of a power is 4e-6 dB; the rest is float32.
            prop_assert!((f64::from(*got) - expected).abs() <= 2e-5, "{got}, not {expected}");
        }
    }

    #[test]
    fn nan_and_infinity_show_in_their_windows_only(
        x in prop::collection::vec(-10f32..10.0, 50..300),
        at in any::<prop::sample::Index>(),
        bad in prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY]),
        size in prop_oneof![2usize..70, 65usize..120],
    ) {
        let at = at.index(x.len());
        let mut hurt = x.clone();
        hurt[at] = bad;
        let moving = json!({ "mode": "moving", "windowSize": size });
        let line = json!({ "windowSize": size, "output": "slope" });
        let stages = STATISTICS.iter().map(|(method, _)| (*method, &moving)).chain([("LinearRegression", &line)]);
        for (method, params) in stages {
            let (clean, got) = (run(method, params.clone(), &x, 1), run(method, params.clone(), &hurt, 1));
            for i in 0..x.len() {
                let inside = (at..at + size).contains(&i);
                // The first regression of a channel is 0 whatever came.
                if inside && !(method == "LinearRegression" && i == 0) {
                    prop_assert!(!got[i].is_finite(), "{method} {size} at {i}: {}", got[i]);
                } else if !inside {
                    prop_assert_eq!(got[i].to_bits(), clean[i].to_bits(), "{} {} at {}", method, size, i);
                }
            }
        }
    }
}

#[test]
fn a_large_level_leaves_nothing_after_a_hundred_million_samples() {
    let count = if std::env::var_os("DSPX_QUICK").is_some() { 1_000_000 } else { 100_000_000 };
    let mut pipeline = Pipeline::new();
    pipeline.add("MovingAverage", Value::from(&json!({ "mode": "moving", "windowSize": 100 }))).expect("a stage");
    let level = vec![1e6; 100_000];
    (0..count / level.len()).for_each(|_| assert_eq!(process(&mut pipeline, &level, 1)[99_999], 1e6));
    assert!(process(&mut pipeline, &[0.0; 100], 1)[99].abs() <= 1e-9);
}
