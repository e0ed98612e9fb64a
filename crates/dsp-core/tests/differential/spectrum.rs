//! Transforms by their defining sums.

use std::f64::consts::PI;

use serde_json::json;

use super::harness::{Case, Expected, Model, Random};

/// `X[k] = Σ x[n]·e^(−2πi·kn/N)` for k = 0 … N/2, as real and imaginary part.
fn transform(x: &[f64]) -> Vec<(f64, f64)> {
    let n = x.len();
    let angle = |k: usize, i: usize| -2.0 * PI * ((k * i) % n) as f64 / n as f64;
    let sum = |k: usize, part: fn(f64) -> f64| x.iter().enumerate().map(|(i, x)| x * part(angle(k, i))).sum();
    (0..=n / 2).map(|k| (sum(k, f64::cos), sum(k, f64::sin))).collect()
}

/// What comes of a frame in the form that was asked for.
fn outputs(x: &[f64], form: &str) -> Vec<Expected> {
    let magnitude: f64 = x.iter().map(|x| x.abs()).sum();
    let of = |value: f64| Expected { value, magnitude };
    let bins = transform(x);
    match form {
        "magnitude" => bins.iter().map(|(re, im)| of(re.hypot(*im))).collect(),
        "power" => bins
            .iter()
            .map(|(re, im)| Expected { value: re * re + im * im, magnitude: magnitude * magnitude })
            .collect(),
        _ => bins.iter().flat_map(|(re, im)| [of(*re), of(*im)]).collect(),
    }
}

pub fn case(random: &mut Random) -> Case {
    let channels = random.whole(1, 3);
    let size = random.whole(1, 80);
    let form = random.one_of(&["magnitude", "power", "complex"]);
    let kind = if size.is_power_of_two() { "rfft" } else { "rdft" };
    let params = json!({ "size": size, "type": kind, "output": form });
    let model: Model = Box::new(move |channels| {
        channels.iter().map(|x| x.chunks_exact(size).flat_map(|frame| outputs(frame, form)).collect()).collect()
    });
    // Transforms of samples are in single precision.
    Case { method: "fft", params, channels, model, tolerance: 1e-6, streams: false, is_wild: false }
}
