//! Filters: million samples per second over blocks of 65,536 samples, and where direct convolution and FFT meet.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::signal::filter::design::fir;
use dsp_core::signal::filter::run::convolver::{Convolver, Method, Transform};
use serde_json::{Value as Json, json};

const SAMPLES: usize = 65_536;

fn noise(count: usize) -> Vec<f32> {
    let mut seed = 1u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn stage(c: &mut Criterion, name: &str, method: &str, params: Json, channels: usize) {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, Value::from(&params)).expect("the parameters are right");
    let input = noise(SAMPLES / channels * channels);
    let mut samples = input.clone();
    let mut group = c.benchmark_group("stage");
    group.throughput(Throughput::Elements(input.len() as u64));
    group.bench_function(name, |b| {
        b.iter(|| {
            samples.copy_from_slice(&input);
            pipeline.process(&mut samples, channels, Stamps::Generated(Some(1000.0)), &[], |_, _| {})
        });
    });
}

fn stages(c: &mut Criterion) {
    let filter = |kind: &str, order: usize| json!({ "type": kind, "mode": "lowpass", "cutoffFrequency": 100, "sampleRate": 1000, "order": order });
    let kernel = |taps: usize| noise(taps).iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
    stage(c, "butterworth 4", "filter", filter("butterworth", 4), 1);
    stage(c, "butterworth 4, 8 channels", "filter", filter("butterworth", 4), 8);
    stage(c, "butterworth 2", "filter", filter("butterworth", 2), 1);
    stage(c, "butterworth 16", "filter", filter("butterworth", 16), 1);
    stage(c, "fir 101", "filter", filter("fir", 101), 1);
    stage(c, "fir 101, 8 channels", "filter", filter("fir", 101), 8);
    stage(c, "convolution 32 direct", "convolution", json!({ "kernel": kernel(32), "method": "direct" }), 1);
    stage(c, "convolution 256 fft", "convolution", json!({ "kernel": kernel(256), "method": "fft" }), 1);
    stage(c, "lms 32", "LmsFilter", json!({ "numTaps": 32, "mu": 1e-3 }), 2);
    stage(c, "rls 8", "RlsFilter", json!({ "numTaps": 8, "lambda": 0.99 }), 2);
    stage(c, "kalman 2", "KalmanFilter", json!({ "dimensions": 2 }), 2);
    stage(c, "kalman 8", "KalmanFilter", json!({ "dimensions": 8 }), 8);
}

/// Direct sums against transforms of several lengths: the two costs in `convolver.rs` come from here.
fn crossover(c: &mut Criterion) {
    let mut group = c.benchmark_group("crossover");
    for taps in [32, 64, 128, 256] {
        let h = fir::Window::Hamming.values(taps);
        let (history, input) = (vec![0.0; taps - 1], noise(SAMPLES));
        let mut samples = input.clone();
        group.throughput(Throughput::Elements(SAMPLES as u64));
        let (mut direct, mut padded) = (Convolver::new(h.clone(), Method::Direct), Vec::new());
        group.bench_function(format!("{taps} taps direct"), |b| {
            b.iter(|| {
                samples.copy_from_slice(&input);
                direct.run(&history, &mut samples, &mut padded);
            });
        });
        for length in [4, 8, 16].map(|factor| factor * taps) {
            let mut transform = Transform::new(h.as_slice().into(), length);
            group.bench_function(format!("{taps} taps fft {length}"), |b| {
                b.iter(|| {
                    samples.copy_from_slice(&input);
                    transform.run(&history, &mut samples);
                });
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    targets = stages, crossover
}
criterion_main!(benches);
