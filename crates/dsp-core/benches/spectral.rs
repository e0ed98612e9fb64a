//! Spectral stages and transforms.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dsp_core::Value;
use dsp_core::dynamic::functions;
use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::signal::features::entropy::{Templates, sample_entropy};
use dsp_core::signal::transform::fft::{RealFft, half_size};
use serde_json::{Value as Json, json};

const SAMPLES: usize = 65_536;

fn noise(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * i * 7919 + i * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
}

fn stages(c: &mut Criterion) {
    let mut group = c.benchmark_group("stage");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    let cases: [(&str, &str, Json); 6] = [
        ("stft 512/128", "stft", json!({ "windowSize": 512, "hopSize": 128 })),
        ("hilbert 256/128", "HilbertEnvelope", json!({ "windowSize": 256, "hopSize": 128 })),
        ("wavelet db4", "WaveletTransform", json!({ "wavelet": "db4" })),
        ("fft 1024", "fft", json!({ "size": 1024 })),
        ("median 101", "MedianFilter", json!({ "windowSize": 101 })),
        ("savgol 21", "SavgolFilter", json!({ "windowLength": 21, "polyOrder": 3 })),
    ];
    let input = noise(SAMPLES);
    for (name, method, params) in cases {
        let mut pipeline = Pipeline::new();
        pipeline.add(method, Value::from(&params)).expect("a stage");
        let mut samples = input.clone();
        group.bench_function(name, |b| {
            b.iter(|| {
                samples.copy_from_slice(&input);
                black_box(pipeline.process(&mut samples, 1, Stamps::Generated(None), &[], |_, _| {}))
                    .expect("processes");
            });
        });
    }
    group.finish();
}

fn transforms(c: &mut Criterion) {
    let mut group = c.benchmark_group("rfft");
    for n in [256, 1000, 1024, 4096, 65_536] {
        let (x, mut re, mut im) = (noise(n), vec![0.0; half_size(n)], vec![0.0; half_size(n)]);
        let mut fft = RealFft::new(n);
        group.bench_function(n.to_string(), |b| b.iter(|| fft.forward_split(black_box(&x), &mut re, &mut im)));
    }
    group.finish();
}

fn analysis(c: &mut Criterion) {
    let x = noise(2000);
    c.bench_function("sample entropy 2000", |b| b.iter(|| sample_entropy(black_box(&x), 2, None, Templates::Equal)));
    let long = [Value::F32(noise(100_000))];
    c.bench_function("welch 100000", |b| b.iter(|| functions::call("welch", black_box(&long))));
    c.bench_function("autocorrelation 100000", |b| b.iter(|| functions::call("correlate", black_box(&long))));
}

criterion_group!(benches, stages, transforms, analysis);
criterion_main!(benches);
