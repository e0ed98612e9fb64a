//! Resampling and spatial analysis against SciPy and NumPy (`tools/gen_multirate_vectors.py`).

use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::signal::resample::resampler::Delay;
use dsp_core::signal::resample::resampler::Plan;
use dsp_core::signal::resample::taps::hamming_taps;
use dsp_core::signal::spatial::csp::csp;
use dsp_core::signal::spatial::pca::pca;
use dsp_core::signal::spatial::whitening::whitening;
use serde_json::{Value, json};

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/multirate.json")).expect("the golden file is JSON")
}

fn numbers(json: &Value) -> Vec<f64> {
    json.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn samples(json: &Value) -> Vec<f32> {
    numbers(json).into_iter().map(|x| x as f32).collect()
}

fn integer(json: &Value) -> u64 {
    json.as_u64().expect("a whole number")
}

/// The generator's noise.
fn noise(n: u64, seed: u64) -> Vec<f32> {
    (0..n).map(|i| (((i * i * 7919 + i * 104_729 + seed * 7907) % 2003) as f64 / 1001.5 - 1.0) as f32).collect()
}

fn run(plan: &Plan, input: &[f32]) -> Vec<f32> {
    let mut delay = Delay::new(plan, 1, 0).expect("one channel fits");
    let mut output = vec![0.0; plan.outputs(input.len(), 0) as usize];
    delay.process(plan, input.len(), [(input, &mut output[..])]);
    output
}

/// Within `abs` everywhere: results are rounded to f32 once, so the bound is half a unit in the last place of the largest.
#[track_caller]
fn assert_close(got: &[f32], want: &[f64], abs: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (a, b)) in got.iter().zip(want).enumerate() {
        assert!((f64::from(*a) - b).abs() <= abs, "{i}: {a}, SciPy has {b}");
    }
}

/// Returns the output of a stage for one channel, the end of the stream included.
fn stage(method: &str, params: &Value, input: &[f32], stamps: Stamps<'_>) -> Vec<f32> {
    let mut pipeline = Pipeline::new();
    pipeline.add(method, dsp_core::Value::from(params)).expect("is valid");
    let mut samples = input.to_vec();
    let output = pipeline.process(&mut samples, 1, stamps, &[], |_, _| {}).expect("processes");
    let mut output = output.unwrap_or(samples);
    output.extend(pipeline.finish(None).expect("ends"));
    output
}

#[test]
fn default_filters_are_upfirdn_with_unit_gain_in_every_phase() {
    for case in golden()["unitGain"].as_array().expect("cases") {
        let params =
            json!({ "upFactor": case["up"], "downFactor": case["down"], "order": case["order"], "sampleRate": 1 });
        let got =
            stage("Resample", &params, &noise(integer(&case["n"]), integer(&case["up"])), Stamps::Generated(None));
        let want = numbers(&case["y"]);
        assert_close(&got[..want.len()], &want, 1.5e-7);
    }
}

#[test]
fn decimators_are_decimate() {
    for case in golden()["decimate"].as_array().expect("cases") {
        let (factor, n) = (integer(&case["factor"]), integer(&case["n"]));
        // The last of each block is kept, so the input begins one sample before the end of one.
        let mut input = vec![0.0; factor as usize - 1];
        input.extend(noise(n, factor));
        let params = json!({ "factor": factor, "sampleRate": 1 });
        let got = stage("Decimate", &params, &input, Stamps::Generated(None));
        let want = numbers(&case["y"]);
        // SciPy takes the delay of 10 · factor samples out.
        assert_close(&got[10..][..want.len()], &want, 1.5e-7);
    }
}

#[test]
fn cubics_are_hermite_splines_with_the_slopes_of_gradient() {
    for case in golden()["cubic"].as_array().expect("cases") {
        let times = numbers(&case["t"]);
        let rate = 1000.0 / case["step"].as_f64().expect("a number");
        let params = json!({ "targetSampleRate": rate, "interpolationMethod": "cubic", "gapThreshold": 1000 });
        let input = noise(times.len() as u64, integer(&case["seed"]));
        let got = stage("TimeAlignment", &params, &input, Stamps::Explicit(&times));
        let want = numbers(&case["y"]);
        // Magnitudes up to 2, rounded to f32 once.
        assert_close(&got[..want.len()], &want, 1.5e-7);
    }
}

#[test]
fn dspx_filters_are_upfirdn() {
    for case in golden()["upfirdn"].as_array().expect("cases") {
        let [up, down, order, n] = ["up", "down", "order", "n"].map(|key| integer(&case[key]));
        let taps: Vec<f64> =
            hamming_taps(order as usize, 0.5 / up.max(down) as f64).iter().map(|h| h * up as f64).collect();
        let got = run(&Plan::new(up, down, &taps, order as usize), &noise(n, up));
        assert_close(&got, &numbers(&case["y"]), 1.5e-7);
    }
}

#[test]
fn kaiser_filters_are_resample_poly() {
    for (name, attenuation) in [("high", 104.0), ("max", 145.0)] {
        for case in golden()[name].as_array().expect("cases") {
            let [up, down, n] = ["up", "down", "n"].map(|key| integer(&case[key]));
            let want = numbers(&case["y"]);
            // `resample_poly` centres its filter. Pad in front, so that an output falls on the centre of ours.
            let taps = dsp_core::signal::resample::taps::kaiser_taps(attenuation, up, down);
            let centre = (taps.len() as u64 - 1) / 2;
            let pad = (0..up * down).find(|pad| (centre + pad * up).is_multiple_of(down)).expect("a padding");
            let mut input = vec![0.0; pad as usize];
            input.extend(noise(n, 7));
            input.resize(input.len() + taps.len() / up as usize + 1, 0.0);
            let got = run(&Plan::new(up, down, &taps, 0), &input);
            let first = ((centre + pad * up) / down) as usize;
            assert_close(&got[first..][..want.len()], &want, 1.5e-7);
        }
    }
}

#[test]
fn spatial_analysis_is_eigh() {
    for case in golden()["spatial"].as_array().expect("cases") {
        let channels = integer(&case["channels"]) as usize;
        let (x, y) = (samples(&case["x"]), samples(&case["y"]));
        let components = pca(&x, channels);
        // Values of about 1: rounding to f32, twice (the input is stored in ten digits).
        assert_close(&components.eigenvalues, &numbers(&case["eigenvalues"]), 3e-7);
        assert_close(&components.matrix, &numbers(&case["pca"]), 3e-7);
        let largest = |xs: &[f64]| xs.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let want = numbers(&case["whitening"]);
        assert_close(&whitening(&x, channels, 1e-3).matrix, &want, 2e-7 * largest(&want));
        let patterns = csp(&x, &y, channels, channels);
        let (values, want) = (numbers(&case["cspEigenvalues"]), numbers(&case["csp"]));
        assert_close(&patterns.eigenvalues, &values, 2e-7 * largest(&values));
        assert_close(&patterns.matrix, &want, 2e-7 * largest(&want));
    }
}
