//! Filter designs against SciPy: `golden/filters.json`, written by `tools/gen_filter_vectors.py`.

use dsp_core::signal::filter::design::zpk::{Band, Row, Zpk};
use dsp_core::signal::filter::design::{Iir, bessel, biquad, butterworth, chebyshev, elliptic, fir, remez, response};
use dsp_core::signal::filter::run::filtfilt;
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/filters.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Vec<Row> {
    value.as_array().unwrap().iter().map(|row| numbers(row).try_into().unwrap()).collect()
}

fn band(name: &str, edges: &[f64]) -> Band {
    match name {
        "lowpass" => Band::LowPass(edges[0]),
        "highpass" => Band::HighPass(edges[0]),
        "bandpass" => Band::BandPass(edges[0], edges[1]),
        _ => Band::BandStop(edges[0], edges[1]),
    }
}

/// The bands of `BANDS` in the generator.
fn standard_band(name: &str) -> Band {
    band(
        name,
        match name {
            "lowpass" => &[0.1],
            "highpass" => &[0.17],
            "bandpass" => &[0.05, 0.12],
            _ => &[0.2, 0.31],
        },
    )
}

fn prototype(case: &Value) -> Zpk {
    let order = case["order"].as_u64().unwrap() as usize;
    match case["family"].as_str().unwrap() {
        "butterworth" => butterworth::prototype(order),
        "chebyshev1" => chebyshev::type1(order, 0.5),
        "chebyshev2" => chebyshev::type2(order, 40.0),
        "elliptic" => elliptic::prototype(order, 0.5, 60.0).unwrap(),
        _ => bessel::prototype(order, bessel::Norm::Mag),
    }
}

/// Within `tolerance` of the largest number of the list.
#[track_caller]
fn assert_close(actual: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    for (i, (x, y)) in actual.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= tolerance * largest, "{what}: [{i}] {x} instead of {y}\n{actual:?}\n{expected:?}");
    }
}

#[test]
fn responses_of_orders_1_to_20() {
    let golden = golden();
    let frequencies = numbers(&golden["frequencies"]);
    for case in golden["designs"].as_array().unwrap() {
        let name = format!("{} {} {}", case["family"], case["band"], case["order"]);
        let designed = Iir::cascade(&prototype(case).digital(standard_band(case["band"].as_str().unwrap()))).unwrap();
        assert!(response::is_stable(&designed.rows), "{name}");
        for (nu, expected) in frequencies.iter().zip(case["response"].as_array().unwrap()) {
            let (h, expected) = (response::cascade(&designed.rows, *nu), numbers(expected));
            // 1e-9 of the pass-band gain: the steepest of these filters multiply the rounding of a pole by 1e6.
            assert!((h.re - expected[0]).hypot(h.im - expected[1]) < 1e-9, "{name} at {nu}: {h} {expected:?}");
        }
    }
}

#[test]
fn sections_row_for_row() {
    let golden = golden();
    let designs = golden["designs"].as_array().unwrap().iter();
    for case in designs.chain(golden["extremes"].as_array().unwrap()).filter(|case| case.get("rows").is_some()) {
        let name = format!("{} {} {}", case["family"], case["band"], case["order"]);
        let kind = case["band"].as_str().unwrap();
        let band = case.get("edges").map_or_else(|| standard_band(kind), |edges| band(kind, &numbers(edges)));
        let designed = Iir::cascade(&prototype(case).digital(band)).unwrap();
        for (actual, expected) in designed.rows.iter().zip(&rows(&case["rows"])) {
            assert_close(&actual[..3], &expected[..3], 1e-9, &name);
            assert_close(&actual[3..], &expected[3..], 1e-10, &name);
        }
    }
}

#[test]
fn windowed_fir() {
    let golden = golden();
    for case in golden["firs"].as_array().unwrap() {
        let window = match case["window"].as_str().unwrap() {
            "hamming" => fir::Window::Hamming,
            "hann" => fir::Window::Hann,
            "blackman" => fir::Window::Blackman,
            "bartlett" => fir::Window::Bartlett,
            _ => fir::Window::Kaiser(case["beta"].as_f64().unwrap()),
        };
        let taps = case["taps"].as_u64().unwrap() as usize;
        let h = fir::firwin(taps, standard_band(case["band"].as_str().unwrap()), window);
        assert_close(&h[..taps.div_ceil(2)], &numbers(&case["h"]), 1e-12, &case.to_string());
        assert!(h.iter().zip(h.iter().rev()).all(|(x, y)| (x - y).abs() < 1e-15));
    }
    for case in golden["kaiserOrders"].as_array().unwrap() {
        let (taps, beta) = fir::kaiser_order(case["ripple"].as_f64().unwrap(), case["width"].as_f64().unwrap());
        assert_eq!(taps, case["taps"].as_f64().unwrap());
        assert!((beta - case["beta"].as_f64().unwrap()).abs() < 1e-12);
    }
}

#[test]
fn optimal_fir() {
    for case in golden()["optimal"].as_array().unwrap() {
        let taps = case["taps"].as_u64().unwrap() as usize;
        let kind = match case["kind"].as_str().unwrap() {
            "bandpass" => remez::Kind::Bandpass,
            "hilbert" => remez::Kind::Hilbert,
            _ => remez::Kind::Differentiator,
        };
        let (edges, desired, weights) = (numbers(&case["edges"]), numbers(&case["desired"]), numbers(&case["weights"]));
        let spec =
            remez::Specification { taps, edges: &edges, desired: &desired, weights: &weights, kind, density: 16 };
        let h = remez::remez(&spec).unwrap();
        // SciPy stops as soon as the extremes stay where they are, so both are exact to the rounding of a solution of
        // the same equations.
        assert_close(&h[..taps.div_ceil(2)], &numbers(&case["h"]), 1e-8, &case.to_string());
    }
}

#[test]
fn zero_phase() {
    let x: Vec<f64> = (0..120).map(f64::from).map(|k| (0.05 * k).sin() + 0.5 * (0.9 * k).cos() + 0.01 * k).collect();
    for case in golden()["zeroPhase"].as_array().unwrap() {
        let y = match case.get("h") {
            Some(h) => filtfilt::fir(&numbers(h), &x),
            None => filtfilt::cascade(&rows(&case["rows"]), &x),
        };
        let y: Vec<f64> = y.unwrap().into_iter().step_by(7).collect();
        assert_close(&y, &numbers(&case["y"]), 1e-10, &case["name"].to_string());
    }
}

#[test]
fn group_delay() {
    let golden = golden();
    for case in golden["delays"].as_array().unwrap() {
        let row: Row = numbers(&case["row"]).try_into().unwrap();
        for (nu, expected) in numbers(&golden["frequencies"]).into_iter().zip(numbers(&case["delay"])) {
            let delay = response::cascade_group_delay(&[row], nu);
            assert!((delay - expected).abs() < 1e-9 * expected.abs().max(1.0), "{row:?} at {nu}: {delay} {expected}");
        }
    }
}

/// The second and third row of `delays` are `iirnotch(0.06, 30)` and `iirpeak(0.2, 5)`.
#[test]
fn notch_and_peak() {
    let golden = golden();
    for (index, notch, nu, q) in [(1, true, 0.06, 30.0), (2, false, 0.2, 5.0)] {
        let expected = numbers(&golden["delays"][index]["row"]);
        assert_close(&biquad::resonator(notch, nu, q), &expected, 1e-12, "resonator");
    }
}
