//! Times plain Rust loops on this machine, for `npm run bench` to compare with: prints JSON, nanoseconds per call.
//!
//! `cargo run --release -p dsp-core --example floors -- 64 1024 65536`

use std::hint::black_box;
use std::time::Instant;

use realfft::RealFftPlanner;

/// The best of several rounds, each long enough for the clock.
fn best(mut f: impl FnMut()) -> f64 {
    let once = {
        f();
        let start = Instant::now();
        f();
        start.elapsed().as_nanos().max(20) as f64
    };
    let calls = (2e6 / once).ceil().max(3.0) as usize;
    let round = |f: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_nanos() as f64 / calls as f64
    };
    (0..15).map(|_| round(&mut f)).fold(f64::INFINITY, f64::min)
}

/// The scalar moving average of the textbook: add the new sample, subtract the old one.
fn running_sum(x: &[f32], y: &mut [f32], window: usize) {
    let mut sum = 0.0f64;
    for i in 0..x.len() {
        sum += f64::from(x[i]);
        if i >= window {
            sum -= f64::from(x[i - window]);
        }
        y[i] = (sum / window as f64) as f32;
    }
}

fn real_fft(n: usize) -> f64 {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(n);
    let (mut input, mut output, mut scratch) = (fft.make_input_vec(), fft.make_output_vec(), fft.make_scratch_vec());
    input.iter_mut().enumerate().for_each(|(i, x)| *x = (i as f32).sin());
    let source = input.clone();
    best(|| {
        input.copy_from_slice(&source);
        fft.process_with_scratch(&mut input, &mut output, &mut scratch).expect("lengths fit");
        black_box(&output);
    })
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let rows = sizes.iter().map(|&n| {
        let x: Vec<f32> = (0..n).map(|i| (i as f32).sin()).collect();
        let mut y = vec![0.0; n];
        let copy = best(|| black_box(&mut y[..]).copy_from_slice(black_box(&x)));
        let sum = best(|| running_sum(black_box(&x), black_box(&mut y), 100));
        serde_json::json!({ "samples": n, "copy": copy, "runningSum": sum, "realFft": real_fft(n) })
    });
    println!("{}", serde_json::Value::Array(rows.collect()));
}
