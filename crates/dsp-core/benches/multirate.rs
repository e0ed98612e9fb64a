//! Resampling and spatial stages: `cargo bench -p dsp-core --bench multirate`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dsp_core::design::resampling::{Quality, hamming_taps};
use dsp_core::transform::resample::{Delay, Plan};
use std::hint::black_box;

const FRAMES: usize = 65_536;

fn resampling(c: &mut Criterion) {
    let mut group = c.benchmark_group("resample");
    group.throughput(Throughput::Elements(FRAMES as u64));
    let input: Vec<f32> = (0..FRAMES).map(|i| (i as f32 * 0.01).sin()).collect();
    let dspx =
        |up: u64, down: u64, order: usize| Plan::new(up, down, &hamming_taps(order, 0.5 / up.max(down) as f64), order);
    for (name, plan) in [
        ("3/2 order 51", dspx(3, 2, 51)),
        ("1/4 order 51", dspx(1, 4, 51)),
        ("2/1 order 51", dspx(2, 1, 51)),
        ("160/147 order 1601", dspx(160, 147, 1601)),
        ("160/147 high", Plan::between(44_100.0, 48_000.0, Quality::High).unwrap()),
        ("160/147 max", Plan::between(44_100.0, 48_000.0, Quality::Max).unwrap()),
        ("44100 to 48000.5 high", Plan::between(44_100.0, 48_000.5, Quality::High).unwrap()),
    ] {
        let mut delay = Delay::new(&plan, 1, 0).unwrap();
        let mut output = vec![0.0; plan.outputs(FRAMES, 0) as usize + 1];
        group.bench_function(name, |b| {
            b.iter(|| {
                let count = plan.outputs(FRAMES, delay.next()) as usize;
                delay.process(&plan, FRAMES, [(black_box(&input[..]), &mut output[..count])]);
            });
        });
    }
}

criterion_group!(benches, resampling);
criterion_main!(benches);
