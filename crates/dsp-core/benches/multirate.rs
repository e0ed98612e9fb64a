//! Resampling and spatial stages: `cargo bench -p dsp-core --bench multirate`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dsp_core::params::value::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::{Value as Json, json};

const SAMPLES: usize = 65_536;

fn stages() -> Vec<(&'static str, &'static str, Json)> {
    let ratio = |up: u32, down: u32, quality: &str| json!({ "upFactor": up, "downFactor": down, "sampleRate": 44_100, "quality": quality });
    vec![
        ("Resample 3/2", "Resample", ratio(3, 2, "dspx")),
        ("Decimate 4", "Decimate", json!({ "factor": 4, "sampleRate": 1000 })),
        ("Interpolate 2", "Interpolate", json!({ "factor": 2, "sampleRate": 1000 })),
        ("Resample 160/147", "Resample", ratio(160, 147, "dspx")),
        ("Resample 160/147 high", "Resample", ratio(160, 147, "high")),
        ("Resample 160/147 max", "Resample", ratio(160, 147, "max")),
        ("ResampleTo 48000.5 high", "ResampleTo", json!({ "inputRate": 44_100, "outputRate": 48_000.5 })),
    ]
}

fn identity(channels: usize) -> Value {
    let matrix = (0..channels * channels).map(|i| f32::from(u8::from(i % (channels + 1) == 0)));
    let entries = [
        ("pcaMatrix", Value::F32(matrix.collect())),
        ("mean", Value::F32(vec![0.5; channels])),
        ("numChannels", Value::Number(channels as f64)),
        ("numComponents", Value::Number(channels as f64)),
    ];
    Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

/// Refills the input before each call, as a pipeline that works in place needs it.
fn bench(c: &mut Criterion, name: &str, method: &str, params: Value, channels: usize, samples: usize) {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, params).expect("valid parameters");
    let signal: Vec<f32> = (0..samples).map(|i| (i as f32 * 0.01).sin()).collect();
    let mut input = signal.clone();
    let mut group = c.benchmark_group(format!("{name}, {channels} channels, {samples} samples"));
    group.throughput(Throughput::Elements(samples as u64));
    group.bench_function("call", |b| {
        b.iter(|| {
            input.copy_from_slice(&signal);
            pipeline.process(&mut input, channels, Stamps::Generated(None), &[], |_, _| {}).expect("processes")
        });
    });
}

fn multirate(c: &mut Criterion) {
    for (name, method, params) in stages() {
        for (channels, samples) in [(1, SAMPLES), (8, SAMPLES), (1, 64)] {
            bench(c, name, method, Value::from(&params), channels, samples);
        }
    }
    bench(c, "PcaTransform", "PcaTransform", identity(8), 8, SAMPLES);
    let routing = json!({ "channels": [7, 0, 3], "numInputChannels": 8 });
    bench(c, "ChannelSelect", "ChannelSelect", Value::from(&routing), 8, SAMPLES);
}

criterion_group!(benches, multirate);
criterion_main!(benches);
