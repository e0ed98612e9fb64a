//! Every quality between all usual rates, measured on tones: distortion and noise, pass band, stop band.

use std::f64::consts::TAU;

use crate::signal::resample::resampler::{Delay, Plan};
use crate::signal::resample::taps::Quality;

const RATES: [f64; 12] = [
    8000.0, 11_025.0, 12_000.0, 16_000.0, 22_050.0, 24_000.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0,
    192_000.0,
];

/// Pairs without a small fraction.
const ODD_PAIRS: [(f64, f64); 5] =
    [(44_100.0, 48_000.5), (48_000.0, 44_099.7), (48_000.0, 15_999.3), (1000.0, 2718.28), (8000.0, 7999.9)];

/// Settled outputs that are looked at.
const OUTPUTS: usize = 700;

/// The promise: distortion and noise, the pass band's edge and its ripple, the stop band.
struct Promise {
    quality: Quality,
    distortion_db: f64,
    pass: f64,
    ripple_db: f64,
    stop_db: f64,
}

const PROMISES: [Promise; 3] = [
    Promise { quality: Quality::High, distortion_db: -125.0, pass: 0.45, ripple_db: 1.2e-3, stop_db: -125.0 },
    Promise { quality: Quality::Max, distortion_db: -140.0, pass: 0.45, ripple_db: 1e-5, stop_db: -140.0 },
    Promise { quality: Quality::Voice, distortion_db: -90.0, pass: 0.39, ripple_db: 1e-3, stop_db: -90.0 },
];

fn pairs() -> Vec<(f64, f64)> {
    let all = RATES.iter().flat_map(|from| RATES.iter().map(|to| (*from, *to)));
    all.filter(|(from, to)| from != to).chain(ODD_PAIRS).collect()
}

/// The settled outputs for a sine of `frequency` Hz and amplitude 1.
fn tone(plan: &Plan, from: f64, frequency: f64) -> Vec<f32> {
    let start = (plan.history() as u64 * plan.up() / plan.down()) as usize + 2;
    let frames = ((start + OUTPUTS) as u64 * plan.down() / plan.up()) as usize + 1;
    let x: Vec<f32> = (0..frames).map(|i| (TAU * (frequency * i as f64 / from).fract()).sin() as f32).collect();
    let mut y = vec![0.0; plan.outputs(frames, 0) as usize];
    Delay::new(plan, 1, 0).expect("one channel fits").process(plan, frames, [(&x[..], &mut y[..])]);
    y.split_off(start)
}

/// Amplitude of the best sine of `frequency` by least squares, and the power of what is left relative to it, both in dB.
fn fit(y: &[f32], frequency: f64, rate: f64) -> (f64, f64) {
    let basis = |i: usize| (TAU * frequency * i as f64 / rate).sin_cos();
    let (mut ss, mut sc, mut cc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, &v) in y.iter().enumerate() {
        let ((s, c), v) = (basis(i), f64::from(v));
        (ss, sc, cc, ys, yc) = (ss + s * s, sc + s * c, cc + c * c, ys + v * s, yc + v * c);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
    let left = y.iter().enumerate().map(|(i, &v)| {
        let (s, c) = basis(i);
        (f64::from(v) - a * s - b * c).powi(2)
    });
    let power = (a * a + b * b) / 2.0;
    (10.0 * (2.0 * power).log10(), 10.0 * (left.sum::<f64>() / y.len() as f64 / power).log10())
}

/// Power of `y` in dB relative to that of a sine of amplitude 1.
fn level(y: &[f32]) -> f64 {
    10.0 * (2.0 * y.iter().map(|y| f64::from(*y).powi(2)).sum::<f64>() / y.len() as f64).log10()
}

#[test]
fn tones_between_all_rates_keep_the_promises() {
    for Promise { quality, distortion_db, pass, ripple_db, stop_db } in PROMISES {
        let (mut noise, mut ripple, mut stop) = (f64::MIN, 0.0_f64, f64::MIN);
        for (from, to) in pairs() {
            let plan = Plan::between(from, to, quality).expect("usual rates");
            let lower = from.min(to);
            for part in [0.031, 0.47, 0.83, 1.0] {
                let frequency = part * pass * lower;
                let (gain, left) = fit(&tone(&plan, from, frequency), frequency, to);
                assert!(left < distortion_db, "{quality:?} {from} to {to}, {frequency} Hz: THD+N {left} dB");
                assert!(gain.abs() < ripple_db, "{quality:?} {from} to {to}, {frequency} Hz: gain {gain} dB");
                (noise, ripple) = (noise.max(left), ripple.max(gain.abs()));
            }
            // What the lower rate cannot hold, of the input's half band.
            for frequency in [0.5003, 0.57, 0.99, 1.37].map(|part| part * to).into_iter().filter(|f| *f < 0.499 * from)
            {
                let alias = level(&tone(&plan, from, frequency));
                assert!(alias < stop_db, "{quality:?} {from} to {to}: {frequency} Hz comes back with {alias} dB");
                stop = stop.max(alias);
            }
        }
        println!("{quality:?}: THD+N {noise:.1} dB, pass band ± {ripple:.1e} dB, stop band {stop:.1} dB at worst");
    }
}

#[test]
fn voice_is_late_by_four_milliseconds_at_most() {
    for (from, to) in pairs().into_iter().filter(|(from, to)| from.min(*to) >= 7999.0) {
        let plan = Plan::between(from, to, Quality::Voice).expect("usual rates");
        assert!(plan.delay() / from <= 4e-3, "{from} to {to}: {} s", plan.delay() / from);
    }
}
