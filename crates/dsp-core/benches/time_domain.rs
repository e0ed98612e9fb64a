//! Time-domain stages against floors measured in the same run: `cargo bench -p dsp-core --bench time_domain`.
//!
//! The last lines are a table: million samples per second (best call), as a part of a scalar f64 running sum and of a copy,
//! and what the same number of samples costs in eight channels instead of one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::json;

const SAMPLES: usize = 65_536;
const WINDOWS: [usize; 3] = [5, 100, 10_000];

/// Measures `work` on a fresh copy of the input each time; returns M samples/s of the fastest call.
fn measure(c: &mut Criterion, name: &str, mut work: impl FnMut(&mut [f32])) -> f64 {
    let input: Vec<f32> = (0..SAMPLES).map(|i| ((i * 7919 % 10_007) as f32 / 5000.0) - 1.0).collect();
    let mut samples = input.clone();
    let mut best = Duration::MAX;
    let mut group = c.benchmark_group("time_domain");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    group.bench_function(name, |b| {
        b.iter_custom(|calls| {
            let mut total = Duration::ZERO;
            for _ in 0..calls {
                samples.copy_from_slice(&input);
                let start = Instant::now();
                work(black_box(&mut samples));
                let time = start.elapsed();
                total += time;
                best = best.min(time);
            }
            total
        });
    });
    group.finish();
    SAMPLES as f64 / best.as_secs_f64() / 1e6
}

fn stage(c: &mut Criterion, name: &str, method: &str, params: &serde_json::Value, channels: usize) -> f64 {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, Value::from(params)).expect("a stage");
    measure(c, &format!("{name}/{channels}"), |samples| {
        let output = pipeline.process(samples, channels, Stamps::Generated(None), &[], |_, _| {});
        black_box(output.expect("processes"));
    })
}

/// The usual moving average: add the new sample, subtract the old one.
fn running_sum(samples: &mut [f32], window: &mut [f32]) {
    let (mut sum, mut at) = (0.0f64, 0);
    let scale = 1.0 / window.len() as f64;
    for x in samples {
        sum += f64::from(*x) - f64::from(window[at]);
        window[at] = *x;
        at = if at + 1 == window.len() { 0 } else { at + 1 };
        *x = (sum * scale) as f32;
    }
}

fn main() {
    let mut c = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .sample_size(10)
        .configure_from_args();
    let mut window = vec![0.0; 100];
    let sum = measure(&mut c, "floor: running sum", |samples| running_sum(samples, &mut window));
    let mut target = vec![0.0; SAMPLES];
    let copy = measure(&mut c, "floor: copy", |samples| {
        target.copy_from_slice(samples);
        black_box(&mut target);
    });
    let mut cases = vec![];
    for n in WINDOWS {
        for method in ["MovingAverage", "Rms", "MeanAbsoluteValue", "Variance", "ZScoreNormalize"] {
            cases.push((format!("{method} {n}"), method, json!({ "mode": "moving", "windowSize": n })));
        }
        for method in ["WaveformLength", "SlopeSignChange", "WillisonAmplitude"] {
            cases.push((format!("{method} {n}"), method, json!({ "windowSize": n })));
        }
        let line = json!({ "windowSize": n, "output": "slope" });
        cases.push((format!("LinearRegression {n}"), "LinearRegression", line));
    }
    for method in ["MovingAverage", "Variance", "ZScoreNormalize"] {
        cases.push((format!("{method} batch"), method, json!({ "mode": "batch" })));
    }
    for (method, params) in [
        ("ExponentialMovingAverage", json!({ "mode": "moving", "alpha": 0.1 })),
        ("CumulativeMovingAverage", json!({ "mode": "moving" })),
        ("Integrator", json!({ "alpha": 0.9 })),
        ("Differentiator", json!({})),
        ("Rectify", json!({})),
        ("Square", json!({})),
        ("Amplify", json!({ "gain": 2 })),
        ("ClipDetection", json!({ "threshold": 0.5 })),
        ("PeakDetection", json!({ "threshold": 0.5 })),
    ] {
        cases.push((method.to_owned(), method, params));
    }
    let rows: Vec<(String, [f64; 2])> = cases
        .iter()
        .map(|(name, method, params)| {
            (name.clone(), [1, 8].map(|channels| stage(&mut c, name, method, params, channels)))
        })
        .collect();
    println!("\nM samples/s; running sum {sum:.0}, copy {copy:.0}");
    println!("{:<28} {:>8} {:>8} {:>8} {:>8}", "", "one", "of sum", "of copy", "8 cost");
    for (name, [one, eight]) in rows {
        println!("{name:<28} {one:>8.0} {:>8.2} {:>8.2} {:>8.2}", one / sum, one / copy, one / eight);
    }
}
