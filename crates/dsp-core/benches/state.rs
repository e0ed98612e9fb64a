//! Saving and loading the state of a moving average: `cargo bench -p dsp-core --bench state`.

use criterion::{Criterion, criterion_group, criterion_main};
use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::json;

fn filled(window: usize) -> Pipeline {
    let mut pipeline = Pipeline::new();
    let params = Value::from(&json!({ "mode": "moving", "windowSize": window }));
    pipeline.add("MovingAverage", params).expect("the parameters are right");
    let mut samples: Vec<f32> = (0..window).map(|i| ((i * 7919 % 10_007) as f32 / 5000.0) - 1.0).collect();
    pipeline.process(&mut samples, 1, Stamps::Generated(None), &[], |_, _| {}).expect("samples pass");
    pipeline
}

fn states(c: &mut Criterion) {
    for window in [100, 100_000] {
        let mut group = c.benchmark_group(format!("window {window}"));
        let mut pipeline = filled(window);
        let text = pipeline.save_json(0.0).expect("a state");
        let bytes = pipeline.save_toon(0.0).expect("a state");
        group.bench_function("save_json", |b| b.iter(|| pipeline.save_json(0.0)));
        group.bench_function("load_json", |b| b.iter(|| pipeline.load_json(&text).map(|w| w.len())));
        group.bench_function("save_toon", |b| b.iter(|| pipeline.save_toon(0.0)));
        group.bench_function("load_toon", |b| b.iter(|| pipeline.load_toon(&bytes).map(|w| w.len())));
        group.finish();
    }
}

criterion_group!(benches, states);
criterion_main!(benches);
