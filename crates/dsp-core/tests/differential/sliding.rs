//! Statistics of the last N samples, each window by itself.

use serde_json::json;

use super::harness::{Case, Expected, Random, each};

/// A statistic of the samples in a window, oldest first.
type Statistic = fn(&[f64]) -> Expected;

fn windows(size: usize, statistic: Statistic) -> impl Fn(&[f64]) -> Vec<Expected> {
    move |x| (0..x.len()).map(|n| statistic(&x[(n + 1).saturating_sub(size)..=n])).collect()
}

fn mean(x: &[f64]) -> Expected {
    Expected::sum(x.iter().copied()).divided(x.len())
}

impl Expected {
    fn divided(self, n: usize) -> Self {
        Self { value: self.value / n as f64, magnitude: self.magnitude / n as f64 }
    }
}

fn mean_square(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
}

fn absolute_mean(x: &[f64]) -> Expected {
    Expected::sum(x.iter().map(|x| x.abs())).divided(x.len())
}

fn rms(x: &[f64]) -> Expected {
    Expected::exact(mean_square(x).sqrt())
}

/// In two passes around the first sample, so that an offset does no harm.
fn variance(x: &[f64]) -> Expected {
    let from_first: Vec<f64> = x.iter().map(|v| v - x[0]).collect();
    let centre = from_first.iter().sum::<f64>() / x.len() as f64;
    Expected::sum(from_first.iter().map(|v| (v - centre) * (v - centre))).divided(x.len())
}

fn median(x: &[f64]) -> Expected {
    if x.iter().any(|x| x.is_nan()) {
        return Expected::exact(f64::NAN);
    }
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let even = sorted.len().is_multiple_of(2);
    Expected::exact(if even { (sorted[middle - 1] + sorted[middle]) / 2.0 } else { sorted[middle] })
}

/// The path: the differences in the window, of which there is one more sample than `size`.
fn path(size: usize) -> impl Fn(&[f64]) -> Vec<Expected> {
    move |x| {
        let steps: Vec<f64> = (0..x.len()).map(|n| if n == 0 { 0.0 } else { (x[n] - x[n - 1]).abs() }).collect();
        let in_window = |n: usize| (n + 1).saturating_sub(size)..=n;
        (0..x.len()).map(|n| Expected::sum(in_window(n).map(|k| steps[k]))).collect()
    }
}

/// Whether one of the last `size` samples has a flag.
fn any(size: usize, flag: impl Fn(&[f64], usize) -> bool) -> impl Fn(&[f64]) -> Vec<Expected> {
    move |x| {
        let has = |n: usize| ((n + 1).saturating_sub(size)..=n).any(|k| flag(x, k));
        (0..x.len()).map(|n| Expected::exact(f64::from(u8::from(has(n))))).collect()
    }
}

/// Slope and the line at the oldest and the newest sample.
fn line(x: &[f64]) -> (f64, f64, f64) {
    let n = x.len() as f64;
    let (at, centre) = (x.iter().sum::<f64>() / n, (n - 1.0) / 2.0);
    let cross: f64 = x.iter().enumerate().map(|(i, v)| (i as f64 - centre) * (v - at)).sum();
    let square: f64 = (0..x.len()).map(|i| (i as f64 - centre).powi(2)).sum();
    let slope = cross / square;
    let intercept = at - slope * centre;
    (slope, intercept, slope * (n - 1.0) + intercept)
}

fn regression(output: &'static str) -> impl Fn(&[f64]) -> Expected {
    move |x| {
        if x.len() == 1 {
            return Expected::exact(0.0);
        }
        let (slope, intercept, prediction) = line(x);
        let value = match output {
            "slope" => slope,
            "intercept" => intercept,
            "predictions" => prediction,
            _ => x[x.len() - 1] - prediction,
        };
        Expected { value, magnitude: x.iter().map(|x| x.abs()).sum() }
    }
}

pub fn case(random: &mut Random) -> Case {
    let channels = random.whole(1, 4);
    let size = if random.once_in(4) { random.whole(65, 200) } else { random.whole(1, 64) };
    let moving = json!({ "mode": "moving", "windowSize": size });
    let plain = json!({ "windowSize": size });
    let threshold = f64::from(random.number(0.0, 0.5) as f32);
    let flagged = json!({ "windowSize": size, "threshold": threshold });
    let (method, params, model) = match random.whole(0, 7) {
        0 => ("MovingAverage", moving, each(windows(size, mean))),
        1 => ("MeanAbsoluteValue", moving, each(windows(size, absolute_mean))),
        2 => ("Rms", moving, each(windows(size, rms))),
        3 => ("Variance", moving, each(windows(size, variance))),
        4 => ("MedianFilter", plain, each(windows(size, median))),
        5 => ("WaveformLength", plain, each(path(size))),
        6 => {
            let flag = move |x: &[f64], k: usize| k > 0 && (x[k] - x[k - 1]).abs() > threshold;
            ("WillisonAmplitude", flagged, each(any(size, flag)))
        }
        _ => {
            let output = random.one_of(&["slope", "intercept", "predictions", "residuals"]);
            let size = size.max(2);
            let model = move |x: &[f64]| {
                let statistic = regression(output);
                (0..x.len()).map(|n| statistic(&x[(n + 1).saturating_sub(size)..=n])).collect()
            };
            ("LinearRegression", json!({ "windowSize": size, "output": output }), each(model))
        }
    };
    // Differences of float32 samples are float32 in two stages, so that theirs are not wild.
    let is_wild = !matches!(method, "WillisonAmplitude" | "WaveformLength" | "LinearRegression");
    let tolerance = if method == "WaveformLength" || method == "LinearRegression" { 1e-6 } else { 1e-13 };
    Case { method, params, channels, model, tolerance, streams: true, is_wild }
}
