//! Conversions of samples on every instruction set of this machine: `cargo bench -p dsp-core --bench formats`.
//!
//! The last lines are a table: million samples per second (best call), and as a part of a copy of as many float32 numbers.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use dsp_core::kernels::{Isa, formats};

const SAMPLES: usize = 65_536;

/// Returns M samples/s of the fastest call.
fn measure(c: &mut Criterion, name: &str, mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    let mut group = c.benchmark_group("formats");
    group.throughput(Throughput::Elements(SAMPLES as u64));
    group.bench_function(name, |b| {
        b.iter_custom(|calls| {
            let mut total = Duration::ZERO;
            for _ in 0..calls {
                let start = Instant::now();
                work();
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

type Decode = fn(Isa, &[u8], &mut [f32]);

/// Name, bytes of a sample, kernel.
const DECODERS: [(&str, usize, Decode); 6] = [
    ("s16", 2, formats::decode_s16::on),
    ("s32", 4, formats::decode_s32::on),
    ("mulaw", 1, formats::decode_mulaw::on),
    ("alaw", 1, formats::decode_alaw::on),
    ("f32", 4, formats::decode_f32::on),
    ("f64", 8, formats::decode_f64::on),
];

fn encoder<T: Clone + Default>(
    c: &mut Criterion,
    isa: Isa,
    name: &str,
    samples: &[f32],
    encode: fn(Isa, &[f32], &mut [T]),
) -> (String, f64) {
    let mut values = vec![T::default(); SAMPLES];
    let name = format!("to {name}, {}", isa.name());
    let rate = measure(c, &name, || encode(isa, black_box(samples), black_box(&mut values)));
    (name, rate)
}

fn main() {
    let mut c = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .sample_size(10)
        .configure_from_args();
    let samples: Vec<f32> = (0..SAMPLES).map(|i| ((i * 7919 % 10_007) as f32 / 5000.0) - 1.0).collect();
    let bytes: Vec<u8> = (0..SAMPLES * 8).map(|i| (i * 7919 % 251) as u8).collect();
    let mut target = vec![0.0; SAMPLES];
    let copy = measure(&mut c, "floor: copy", || target.copy_from_slice(black_box(&samples)));
    let mut rates = vec![];
    for isa in Isa::available() {
        for (name, size, decode) in DECODERS {
            let name = format!("from {name}, {}", isa.name());
            let rate =
                measure(&mut c, &name, || decode(isa, black_box(&bytes[..SAMPLES * size]), black_box(&mut target)));
            rates.push((name, rate));
        }
        rates.push(encoder(&mut c, isa, "s16", &samples, formats::encode_s16::on));
        rates.push(encoder(&mut c, isa, "s32", &samples, formats::encode_s32::on));
        rates.push(encoder(&mut c, isa, "mulaw", &samples, formats::encode_mulaw::on));
        rates.push(encoder(&mut c, isa, "alaw", &samples, formats::encode_alaw::on));
        rates.push(encoder(&mut c, isa, "f64", &samples, formats::encode_f64::on));
        let name = format!("dither, {}", isa.name());
        let mut noisy = samples.clone();
        let rate = measure(&mut c, &name, || formats::dither::on(isa, black_box(&mut noisy), 0, 1.0 / 32_768.0));
        rates.push((name, rate));
    }
    println!("\n{:24} {:>12} {:>10}", "conversion", "M samples/s", "of a copy");
    for (name, rate) in rates {
        println!("{name:24} {rate:12.0} {:9.2}×", rate / copy);
    }
}
