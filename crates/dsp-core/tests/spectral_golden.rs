//! Transforms, windows, spectra and features against SciPy, librosa and PyWavelets (`tools/gen_spectral_vectors.py`).

use dsp_core::Error;
use dsp_core::Value;
use dsp_core::dynamic::functions;
use dsp_core::signal::detect::peaks;
use dsp_core::signal::detect::peaks::Conditions;
use dsp_core::signal::features::correlate::correlate;
use dsp_core::signal::smooth::detrend::Trend;
use dsp_core::signal::smooth::extend::Edge;
use dsp_core::signal::smooth::median::median_filter;
use dsp_core::signal::smooth::savgol::Ends;
use dsp_core::signal::smooth::savgol::Savgol;
use dsp_core::signal::transform::czt;
use dsp_core::signal::transform::dct;
use dsp_core::signal::transform::dwt;
use dsp_core::signal::transform::fft;
use dsp_core::signal::transform::goertzel;
use dsp_core::signal::transform::hilbert;
use dsp_core::signal::window::Window;
use dsp_core::text::Texts;
use rustfft::num_complex::Complex;
use serde_json::Value as Json;

/// SciPy computes in f64 as we do; results are of size 1 to 1000, and both sides round differently.
const F64: f64 = 1e-10;

/// Rounding to f32, once, of numbers of size 1 to 100.
const F32: f64 = 1e-5;

fn golden() -> Json {
    serde_json::from_str(include_str!("golden/spectral.json")).expect("the golden file is JSON")
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json[key].as_array().unwrap_or_else(|| panic!("a list {key}"))
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().expect("a list").iter().map(|x| x.as_f64().expect("a number")).collect()
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

fn size(json: &Json) -> usize {
    json.as_u64().expect("a whole number") as usize
}

/// The generator's noise: multiples of 1/1024, exact in f32.
fn noise(n: usize, seed: i64) -> Vec<f64> {
    (0..n as i64).map(|i| ((i * i * 7919 + i * 104_729 + seed * 7907) % 2003 - 1001) as f64 / 1024.0).collect()
}

fn single(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

/// Equal within `tolerance` of the largest expected magnitude, or of 1.
#[track_caller]
fn close(what: &str, got: impl IntoIterator<Item = f64>, want: &[f64], tolerance: f64) {
    let got: Vec<f64> = got.into_iter().collect();
    assert_eq!(got.len(), want.len(), "{what}: length");
    let bound = tolerance * want.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((g - w).abs() <= bound || (g.is_nan() && w.is_nan()), "{what}[{i}]: {g}, expected {w} (±{bound:e})");
    }
}

/// Equal at the places that the golden file holds.
#[track_caller]
fn close_at(what: &str, got: &[f64], want: &Json, tolerance: f64) {
    assert_eq!(got.len(), size(&want["length"]), "{what}: length");
    let places = list(want, "at").iter().map(|i| got[size(i)]);
    close(what, places, &numbers(&want["values"]), tolerance);
}

#[track_caller]
fn close_complex(what: &str, got: &[Complex<f64>], want: &Json, tolerance: f64) {
    close(what, got.iter().map(|z| z.re), &numbers(&want["re"]), tolerance);
    close(what, got.iter().map(|z| z.im), &numbers(&want["im"]), tolerance);
}

/// Python's keyword arguments as options under our names.
fn options(json: &Json, extra: &[(&str, Value)]) -> Value {
    let name = |key: &str| match key {
        "fs" | "sr" => "sampleRate".to_owned(),
        "return_onesided" => "onesided".to_owned(),
        "fmin" => "fMin".to_owned(),
        "fmax" => "fMax".to_owned(),
        other => {
            let mut upper = false;
            let mut out = String::new();
            for c in other.chars() {
                match c {
                    '_' => upper = true,
                    c if upper => {
                        out.extend(c.to_uppercase());
                        upper = false;
                    }
                    c => out.push(c),
                }
            }
            out
        }
    };
    let own = json.as_object().expect("options").iter().map(|(key, value)| (name(key), Value::from(value)));
    Value::Object(own.chain(extra.iter().map(|(key, value)| ((*key).to_owned(), value.clone()))).collect())
}

fn call(name: &str, arguments: &[Value]) -> Value {
    functions::call(name, arguments).unwrap_or_else(|e: Error| panic!("{name}: {e}"))
}

fn of(value: &Value, key: &str) -> Vec<f64> {
    value.get(key).as_numbers().unwrap_or_else(|| panic!("numbers {key}"))
}

#[test]
fn windows_are_scipys() {
    let mut names = std::collections::HashSet::new();
    for case in list(&golden(), "windows") {
        let (name, n, periodic) = (text(&case["name"]), size(&case["n"]), case["periodic"].as_bool().expect("a flag"));
        let window = Window::parse(name, &numbers(&case["params"])).expect("a window");
        let got = window.samples(n, periodic).expect("samples");
        // `eigh_tridiagonal` itself is good to about 1e-11 here.
        close(&format!("{name} {n} {periodic}"), got, &numbers(&case["w"]), F64);
        names.insert(name.to_owned());
    }
    assert_eq!(names.len(), dsp_core::signal::window::NAMES.len());
}

#[test]
fn welch_csd_and_coherence_are_scipys() {
    let x = noise(1000, 1);
    let y: Vec<f64> = noise(1000, 2).iter().zip(&x).map(|(a, b)| a + 0.5 * b).collect();
    let (x, y) = (Value::F64(x), Value::F64(y));
    for case in list(&golden(), "welch") {
        let o = options(&case["options"], &[]);
        let p = call("welch", &[x.clone(), o.clone()]);
        close_at("frequencies", &of(&p, "frequencies"), &case["frequencies"], F64);
        close_at("welch", &of(&p, "power"), &case["welch"], F64);
        let c = call("csd", &[x.clone(), y.clone(), o.clone()]);
        close_at("csd re", &of(&c, "real"), &case["csdRe"], F64);
        close_at("csd im", &of(&c, "imag"), &case["csdIm"], F64);
        if case.get("coherence").is_some() {
            close_at(
                "coherence",
                &of(&call("coherence", &[x.clone(), y.clone(), o]), "coherence"),
                &case["coherence"],
                F64,
            );
        }
    }
}

#[test]
fn periodograms_are_scipys() {
    for case in list(&golden(), "periodogram") {
        let p = call("periodogram", &[Value::F64(noise(501, 3)), options(&case["options"], &[])]);
        close_at("periodogram", &of(&p, "power"), &case["power"], F64);
    }
}

#[test]
fn spectrograms_are_scipys() {
    for case in list(&golden(), "spectrogram") {
        let mode = text(&case["mode"]);
        let o = options(&case["options"], &[("mode", Value::String(mode.into()))]);
        let s = call("spectrogram", &[Value::F64(noise(1500, 4)), o]);
        close_at("times", &of(&s, "times"), &case["times"], F64);
        close_at(mode, &of(&s, "values"), &case["values"], F64);
    }
}

#[test]
fn short_time_transforms_are_scipys() {
    for case in list(&golden(), "stft") {
        let whole = case["whole"].as_bool().expect("a flag");
        let flags = [("centred", Value::Bool(whole)), ("padded", Value::Bool(whole))];
        let o = options(&case["options"], &flags);
        let z = call("stft", &[Value::F64(noise(777, 5)), o.clone()]);
        close_at("times", &of(&z, "times"), &case["times"], F64);
        close_at("re", &of(&z, "real"), &case["re"], F64);
        close_at("im", &of(&z, "imag"), &case["im"], F64);
        let back = call("istft", &[z, o]).as_numbers().expect("samples");
        close_at("istft", &back, &case["back"], F32);
    }
    for case in list(&golden(), "cola") {
        let arguments = ["window", "nperseg", "noverlap"].map(|key| Value::from(&case[key]));
        assert_eq!(call("checkCola", &arguments), Value::Bool(case["cola"].as_bool().expect("a flag")), "{case}");
        assert_eq!(call("checkNola", &arguments), Value::Bool(case["nola"].as_bool().expect("a flag")), "{case}");
    }
}

/// By default a segment is no longer than the signal: the spectra say so, and `istft` need not be told.
#[test]
fn short_signals_come_back_by_default() {
    for n in 1..=300 {
        let x = noise(n, 7);
        let z = call("stft", &[Value::F64(x.clone())]);
        let back = call("istft", &[z]).as_numbers().expect("samples");
        close(&format!("{n} samples"), back, &x, F32);
    }
    let x = noise(300, 8);
    let options = |flag: bool| {
        let entries =
            [("nperseg", Value::Number(50.0)), ("noverlap", Value::Number(30.0)), ("onesided", Value::Bool(flag))];
        Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).to_vec())
    };
    for flag in [false, true] {
        let z = call("stft", &[Value::F64(x.clone()), options(flag)]);
        assert_eq!(of(&z, "frequencies").len(), if flag { 26 } else { 50 });
        close("own options", call("istft", &[z]).as_numbers().expect("samples"), &x, F32);
    }
}

#[test]
fn mel_filters_and_cepstra_are_librosas() {
    for case in list(&golden(), "mel") {
        let weights = call("melFilterBank", &[options(&case["options"], &[])]).as_numbers().expect("weights");
        close("sum", [weights.iter().sum()], &[case["sum"].as_f64().expect("a number")], 1e-6);
        close_at("weights", &weights, &case["weights"], 1e-7);
    }
    for case in list(&golden(), "mfcc") {
        let (x, o) = (Value::F64(noise(6000, 6)), options(&case["options"], &[]));
        // The filter banks are f32 on both sides, and may differ in the last place.
        close_at("mel", &of(&call("melSpectrogram", &[x.clone(), o.clone()]), "values"), &case["mel"], 1e-7);
        close_at("mfcc", &of(&call("mfcc", &[x, o]), "values"), &case["mfcc"], 1e-7);
    }
}

#[test]
fn wavelets_are_pywavelets() {
    for case in list(&golden(), "dwt") {
        let (name, n) = (text(&case["wavelet"]), size(&case["n"]));
        let mut x = single(&noise(n, n as i64));
        let wavelet = dwt::WaveletName::of(name).expect("a wavelet");
        dwt::Wavelet::new(wavelet).transform(&mut x);
        close(&format!("{name} {n}"), x.iter().map(|&x| x.into()), &numbers(&case["y"]), 2e-7);
    }
}

#[test]
fn other_transforms_are_scipys() {
    let golden = &golden()["transforms"];
    let x = noise(37, 8);
    close("dct2", dct::dct2(&x), &numbers(&golden["dct2"]), F64);
    close("dct3", dct::dct3(&x), &numbers(&golden["dct3"]), F64);
    close_complex("hilbert", &hilbert::analytic_signal(&x).expect("memory"), &golden["hilbert"], F64);
    close_complex("hilbert", &hilbert::analytic_signal(&noise(40, 8)).expect("memory"), &golden["hilbertEven"], F64);
    let z: Vec<Complex<f64>> = noise(40, 9).iter().zip(noise(40, 10)).map(|(&re, im)| Complex::new(re, im)).collect();
    let spiral = czt::Spiral::new(17, Some(Complex::from_polar(0.999, -0.21)), Complex::from_polar(1.05, 0.4));
    close_complex("czt", &czt::czt(&z, &spiral).expect("fits"), &golden["czt"], F64);
    let circle = czt::Spiral::new(40, None, Complex::new(1.0, 0.0));
    close_complex("czt", &czt::czt(&z, &circle).expect("fits"), &golden["cztDefault"], F64);
    let real: Vec<Complex<f64>> = x.iter().map(|&x| Complex::from(x)).collect();
    let arc = czt::Spiral::arc(0.1, 0.3, 11, false);
    close_complex("zoom", &czt::czt(&real, &arc).expect("fits"), &golden["zoom"], F64);
    let frequencies: Vec<f64> = (0..11).map(|k| 0.1 + 0.2 * f64::from(k) / 11.0).collect();
    close_complex("goertzel", &goertzel::goertzel(&x, &frequencies, 1.0).expect("memory"), &golden["goertzel"], F64);
}

#[test]
fn fft_is_numpys() {
    for case in list(&golden(), "fft") {
        let n = size(&case["n"]);
        let x = noise(n, n as i64);
        let got = fft::RealFft::<f64>::new(n).forward(|b| b.copy_from_slice(&x)).to_vec();
        close_complex("rfft f64", &got, case, F64);
        let mut transform = fft::RealFft::<f32>::new(n);
        let (mut re, mut im) = (vec![0.0; fft::half_size(n)], vec![0.0; fft::half_size(n)]);
        transform.forward_split(&single(&x), &mut re, &mut im);
        let got: Vec<Complex<f64>> = re.iter().zip(&im).map(|(&re, &im)| Complex::new(re.into(), im.into())).collect();
        close_complex("rfft f32", &got, case, 1e-6);
    }
}

#[test]
fn peaks_are_scipys() {
    let golden = &golden()["peaks"];
    let interval = |json: &Json| match json {
        Json::Null => None,
        Json::Array(pair) => Some((pair[0].as_f64(), pair[1].as_f64())),
        low => Some((low.as_f64(), None)),
    };
    for case in list(golden, "cases") {
        let x = match text(&case["signal"]) {
            "noise" => noise(400, 11),
            other => numbers(&golden[other]),
        };
        let o = &case["options"];
        let conditions = Conditions {
            height: interval(&o["height"]),
            threshold: interval(&o["threshold"]),
            distance: o["distance"].as_f64(),
            prominence: interval(&o["prominence"]),
            width: interval(&o["width"]),
            plateau_size: interval(&o["plateau_size"]),
            wlen: o["wlen"].as_f64(),
            rel_height: o["rel_height"].as_f64().unwrap_or(0.5),
        };
        let found = peaks::find_peaks(&x, &conditions);
        assert_eq!(found.peaks, list(case, "peaks").iter().map(size).collect::<Vec<_>>(), "{o}");
        let indices = |list: &[usize]| list.iter().map(|&i| i as f64).collect::<Vec<_>>();
        for (key, want) in case["properties"].as_object().expect("properties") {
            let got = match key.as_str() {
                "peak_heights" => found.peak_heights.clone(),
                "left_thresholds" => found.left_thresholds.clone(),
                "right_thresholds" => found.right_thresholds.clone(),
                "prominences" => found.prominences.clone(),
                "left_bases" => indices(&found.left_bases),
                "right_bases" => indices(&found.right_bases),
                "widths" => found.widths.clone(),
                "width_heights" => found.width_heights.clone(),
                "left_ips" => found.left_ips.clone(),
                "right_ips" => found.right_ips.clone(),
                "plateau_sizes" => found.plateau_sizes.clone(),
                "left_edges" => indices(&found.left_edges),
                "right_edges" => indices(&found.right_edges),
                other => panic!("unknown property {other}"),
            };
            close(key, got, &numbers(want), 1e-12);
        }
    }
}

#[test]
fn filters_are_scipys() {
    let golden = &golden()["filters"];
    let x = single(&noise(90, 13));
    for case in list(golden, "savgol") {
        let o = &case["options"];
        let ends = o["mode"].as_str().and_then(Edge::of).map_or(Ends::Fit, Ends::Extend);
        let deriv = o["deriv"].as_u64().unwrap_or(0) as usize;
        let filter =
            Savgol::new(size(&o["window_length"]), size(&o["polyorder"]), deriv, o["delta"].as_f64().unwrap_or(1.0));
        let got = filter.expect("a filter").filter(&x, ends).expect("long enough");
        close("savgol", got.iter().map(|&y| y.into()), &numbers(&case["y"]), 2e-7);
    }
    for case in list(golden, "savgolWeights") {
        let window = size(&case["window"]);
        let got =
            Savgol::new(window, size(&case["order"]), size(&case["deriv"]), 1.0).expect("a filter").weights(window / 2);
        close("weights", got, &numbers(&case["weights"]), F64);
    }
    for case in list(golden, "median") {
        let edge = Edge::of(text(&case["mode"])).expect("a mode");
        let got = median_filter(&x, size(&case["size"]), edge);
        assert_eq!(got, Ok(single(&numbers(&case["y"]))), "{}", case["mode"]);
    }
    let mut line = vec![0.0; 90];
    Trend::Linear.removed(&x, &mut line);
    close("detrend", line.iter().map(|&y| y.into()), &numbers(&golden["detrend"]), 2e-7);
    let r = correlate(&x, &x).expect("fits");
    close("autocorrelation", r.iter().map(|&y| y.into()), &numbers(&golden["autocorrelation"]), 1e-7);
}
