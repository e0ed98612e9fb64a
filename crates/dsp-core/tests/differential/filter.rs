//! Recurrences and sums of products by their difference equations.

use serde_json::json;

use super::harness::{Case, Expected, Model, Random, each};

/// `y[n] = Σ b[k]·x[n−k] − Σ a[k]·y[n−k]` with a[0] = 1, and the magnitudes that a stable filter carries along.
fn difference_equation(b: &[f64], a: &[f64], x: &[f64]) -> Vec<Expected> {
    let (mut y, mut weights) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    for n in 0..x.len() {
        for (k, b) in b.iter().enumerate().take(n + 1) {
            y[n] += b * x[n - k];
            weights[n] += (b * x[n - k]).abs();
        }
        for (k, a) in a.iter().enumerate().skip(1).take(n) {
            y[n] -= a * y[n - k];
            weights[n] += a.abs() * weights[n - k];
        }
    }
    let magnitude = |n: usize| weights[..=n].iter().copied().fold(0.0, f64::max);
    (0..x.len()).map(|n| Expected { value: y[n], magnitude: magnitude(n) }).collect()
}

/// A second-order section with its poles inside the unit circle.
fn section(random: &mut Random) -> ([f64; 3], [f64; 3]) {
    let (radius, angle) = (random.number(0.0, 0.9), random.number(0.0, std::f64::consts::PI));
    let b = [0, 1, 2].map(|_| random.number(-1.0, 1.0));
    (b, [1.0, -2.0 * radius * angle.cos(), radius * radius])
}

/// The low-pass of the cookbook of Robert Bristow-Johnson.
fn low_pass(rate: f64, cutoff: f64, q: f64) -> ([f64; 3], [f64; 3]) {
    let w = 2.0 * std::f64::consts::PI * cutoff / rate;
    let alpha = w.sin() / (2.0 * q);
    let a0 = 1.0 + alpha;
    let b1 = (1.0 - w.cos()) / a0;
    ([b1 / 2.0, b1, b1 / 2.0], [1.0, -2.0 * w.cos() / a0, (1.0 - alpha) / a0])
}

/// The least-squares polynomial of `degree` through a window, by Gauss's elimination: weights of its value in the middle.
fn smoothing_weights(length: usize, degree: usize) -> Vec<f64> {
    let half = (length / 2) as f64;
    let at = |i: usize| (i as f64 - half) / half.max(1.0);
    let n = degree + 1;
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|r| {
            let moment = |c: usize| (0..length).map(|i| at(i).powi((r + c) as i32)).sum();
            (0..n).map(moment).chain([f64::from(u8::from(r == 0))]).collect()
        })
        .collect();
    for pivot in 0..n {
        let best = (pivot..n).max_by(|&p, &q| rows[p][pivot].abs().total_cmp(&rows[q][pivot].abs())).expect("rows");
        rows.swap(pivot, best);
        for r in (0..n).filter(|&r| r != pivot) {
            let factor = rows[r][pivot] / rows[pivot][pivot];
            let above = rows[pivot].clone();
            for (value, above) in rows[r][pivot..].iter_mut().zip(&above[pivot..]) {
                *value -= factor * above;
            }
        }
    }
    let solution: Vec<f64> = (0..n).map(|r| rows[r][n] / rows[r][r]).collect();
    (0..length).map(|i| solution.iter().enumerate().map(|(k, s)| s * at(i).powi(k as i32)).sum()).collect()
}

/// The first sample stands before the stream.
fn smoothing(weights: &[f64], x: &[f64]) -> Vec<Expected> {
    let last = weights.len() - 1;
    let sample = |n: usize, k: usize| x[(n + k).saturating_sub(last)];
    // A weight of 0 is one to the rounding of the elimination, so that the samples count and not their products.
    let sum = |n: usize| Expected {
        value: weights.iter().enumerate().map(|(k, w)| w * sample(n, k)).sum(),
        magnitude: (0..weights.len()).map(|k| sample(n, k).abs()).sum(),
    };
    (0..x.len()).map(sum).collect()
}

fn recursive(b: Vec<f64>, a: Vec<f64>) -> Model {
    each(move |x| difference_equation(&b, &a, x))
}

pub fn case(random: &mut Random) -> Case {
    let channels = random.whole(1, 4);
    // Held in single precision, as in the original.
    let alpha = f64::from(random.number(0.001, 1.0) as f32);
    let mut tolerance = 1e-12;
    let mut is_wild = true;
    let (method, params, model) = match random.whole(0, 7) {
        0 => ("Differentiator", json!({}), recursive(vec![1.0, -1.0], vec![1.0])),
        1 => ("Integrator", json!({ "alpha": alpha }), recursive(vec![1.0], vec![1.0, -alpha])),
        2 => {
            let model = each(move |x: &[f64]| {
                let mut last = Expected { value: x[0], magnitude: x[0].abs() };
                let mut step = |x: &f64| {
                    let value = alpha * x + (1.0 - alpha) * last.value;
                    last = Expected { value, magnitude: last.magnitude.max(x.abs()) };
                    last
                };
                std::iter::once(Expected::exact(x[0])).chain(x[1..].iter().map(&mut step)).collect()
            });
            ("ExponentialMovingAverage", json!({ "mode": "moving", "alpha": alpha }), model)
        }
        3 => {
            let model = each(|x: &[f64]| {
                (0..x.len()).map(|n| Expected::sum(x[..=n].iter().map(|x| x / (n + 1) as f64))).collect()
            });
            ("CumulativeMovingAverage", json!({ "mode": "moving" }), model)
        }
        4 => {
            let taps = random.whole(1, 40);
            let kernel = random.list(taps);
            let b = kernel.iter().map(|&x| f64::from(x)).collect();
            let params = json!({ "kernel": kernel, "mode": "moving", "method": "direct", "warmup": "partial" });
            ("convolution", params, recursive(b, vec![1.0]))
        }
        5 => {
            let taps = random.whole(65, 200);
            let kernel = random.list(taps);
            let b = kernel.iter().map(|&x| f64::from(x)).collect();
            (tolerance, is_wild) = (3e-7, false);
            let params = json!({ "kernel": kernel, "mode": "moving", "method": "fft", "warmup": "partial" });
            ("convolution", params, recursive(b, vec![1.0]))
        }
        6 => {
            let (length, degree) = (2 * random.whole(1, 15) + 1, random.whole(0, 2));
            let weights = smoothing_weights(length, degree);
            let model = each(move |x: &[f64]| smoothing(&weights, x));
            tolerance = 1e-11;
            ("SavgolFilter", json!({ "windowLength": length, "polyOrder": degree }), model)
        }
        _ if random.once_in(2) => {
            let (rate, q) = (random.number(100.0, 2000.0), random.number(0.3, 10.0));
            let cutoff = rate * random.number(0.02, 0.45);
            let (b, a) = low_pass(rate, cutoff, q);
            let params =
                json!({ "type": "biquad", "mode": "lowpass", "cutoffFrequency": cutoff, "sampleRate": rate, "q": q });
            is_wild = false;
            ("filter", params, recursive(b.to_vec(), a.to_vec()))
        }
        _ => return bank(random),
    };
    Case { method, params, channels, model, tolerance, streams: true, is_wild }
}

/// A bank of sections: all bands of the first channel come out first.
fn bank(random: &mut Random) -> Case {
    let inputs = random.whole(1, 3);
    let bands: Vec<_> = (0..random.whole(1, 4)).map(|_| section(random)).collect();
    let definitions: Vec<_> = bands.iter().map(|(b, a)| json!({ "b": b, "a": a[1..] })).collect();
    let model: Model = Box::new(move |channels| {
        channels.iter().flat_map(|x| bands.iter().map(|(b, a)| difference_equation(b, a, x))).collect()
    });
    let params = json!({ "definitions": definitions, "inputChannels": inputs });
    Case { method: "FilterBank", params, channels: inputs, model, tolerance: 1e-12, streams: true, is_wild: false }
}
