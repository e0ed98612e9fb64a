//! Work whose instructions `scripts/instructions.mjs` counts: `instructions CASE REPEATS` does one case so many times.

use std::hint::black_box;

use dsp_core::pipeline::Stamps;
use dsp_core::signal::detect::peaks::{Conditions, find_peaks};
use dsp_core::signal::smooth::{extend::Edge, median::median_filter};
use dsp_core::signal::transform::{czt, fft::RealFft, hilbert};
use dsp_core::{Pipeline, Value};
use serde_json::{Value as Json, json};

/// Samples of a case.
const N: usize = 16_384;

/// Random numbers between −1 and 1, the same in every run.
fn noise() -> Vec<f32> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state) / 2_f64.powi(31) - 1.0) as f32
    };
    std::iter::repeat_with(next).take(N).collect()
}

/// A stage with its parameters, in one channel or in several.
fn stage(method: &str, parameters: &Json, channels: usize) -> Box<dyn FnMut()> {
    let mut pipeline = Pipeline::default();

    pipeline.add(method, Value::from(parameters)).expect("the parameters are right");
    let source = noise();
    Box::new(move || {
        let mut samples = source.clone();
        let stamps = Stamps::Generated(Some(1000.0));
        let output = pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}).expect("the samples are right");
        black_box((&samples, output));
    })
}

/// A function of a whole signal.
fn whole<T: 'static>(f: impl Fn(&[f64]) -> T + 'static) -> Box<dyn FnMut()> {
    let x: Vec<f64> = noise().into_iter().map(f64::from).collect();
    Box::new(move || _ = black_box(f(&x)))
}

fn case(name: &str) -> Option<Box<dyn FnMut()>> {
    let window = json!({ "mode": "moving", "windowSize": 100 });
    let lowpass = |more: &Json| {
        let mut filter = json!({ "mode": "lowpass", "sampleRate": 1000, "cutoffFrequency": 50 });
        filter.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        filter
    };
    let butterworth = lowpass(&json!({ "type": "butterworth", "order": 4 }));
    Some(match name {
        "MovingAverage" => stage("MovingAverage", &window, 1),
        "Rms" => stage("Rms", &window, 1),
        "Variance" => stage("Variance", &window, 1),
        "ExponentialMovingAverage" => stage("ExponentialMovingAverage", &json!({ "mode": "moving", "alpha": 0.1 }), 1),
        "MedianFilter" => stage("MedianFilter", &json!({ "windowSize": 101 }), 1),
        "PeakDetection" => stage("PeakDetection", &json!({ "threshold": 0.5 }), 1),
        "Butterworth" => stage("filter", &butterworth, 1),
        "Butterworth, 8 channels" => stage("filter", &butterworth, 8),
        "FIR" => stage("filter", &lowpass(&json!({ "type": "fir", "order": 101 })), 1),
        "stft" => stage("stft", &json!({ "windowSize": 512, "hopSize": 128 }), 1),
        "rfft" => {
            let (x, mut fft) = (noise(), RealFft::<f32>::new(N));
            Box::new(move || _ = black_box(fft.forward(|samples| samples.copy_from_slice(&x))))
        }
        "findPeaks" => whole(|x| {
            let conditions =
                Conditions { prominence: Some((Some(0.3), None)), distance: Some(5.0), ..Conditions::default() };
            find_peaks(x, &conditions)
        }),
        "analyticSignal" => whole(|x| hilbert::analytic_signal(x).expect("there is memory")),
        "zoomFft" => {
            let x: Vec<_> = noise().into_iter().map(|x| f64::from(x).into()).collect();
            Box::new(move || {
                _ = black_box(czt::czt(&x, &czt::Spiral::arc(0.1, 0.12, 1024, false)).expect("there is memory"));
            })
        }
        "medianFilter" => {
            let x = noise();
            Box::new(move || _ = black_box(median_filter(&x, 5, Edge::Constant).expect("there is memory")))
        }
        _ => return None,
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, repeats] = &arguments[..] else { panic!("instructions CASE REPEATS") };
    let mut work = case(name).unwrap_or_else(|| panic!("there is no case {name}"));
    let repeats: u32 = repeats.parse().expect("REPEATS is a number");
    (0..repeats).for_each(|_| work());
}
