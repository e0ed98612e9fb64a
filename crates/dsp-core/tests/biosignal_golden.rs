//! The functions for biosignals against NeuroKit2 0.3 (`tools/gen_biosignal_vectors.py`).

use std::path::{Path, PathBuf};

use dsp_core::Value;
use dsp_core::dynamic::functions::call;
use serde_json::Value as Json;

fn golden() -> Json {
    serde_json::from_str(include_str!("golden/biosignal.json")).expect("JSON")
}

fn numbers(list: &Json) -> Vec<f64> {
    list.as_array().expect("a list").iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

fn object(entries: Vec<(&str, Value)>) -> Value {
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let roots = [path, PathBuf::from(std::env::var("DSPX_SHARED_DATA").unwrap_or_default()).join(name)];
    let found = roots.into_iter().find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {name} is not there (DSPX_SHARED_DATA names its folder)");
    }
    found
}

/// What a case of `hrv` is called with.
fn hrv_arguments(case: &Json) -> Option<[Value; 2]> {
    if case["rr"].is_array() {
        return Some([Value::F64(numbers(&case["rr"])), object(vec![("input", Value::String("rr".into()))])]);
    }
    let peaks = match case["file"].as_str() {
        None => numbers(&case["peaks"]),
        Some(file) => {
            let text = std::fs::read_to_string(shared(file)?).expect("the marks can be read");
            numbers(&serde_json::from_str::<Json>(&text).expect("JSON")["beats"])
        }
    };
    let rate = Value::Number(case["rate"].as_f64().expect("a rate"));
    let domains = Value::String(case["domains"].as_str().unwrap_or("all").into());
    Some([Value::F64(peaks), object(vec![("sampleRate", rate), ("domains", domains)])])
}

#[test]
fn hrv_has_the_columns_of_neurokit2_within_a_millionth() {
    for case in golden()["hrv"].as_array().expect("cases") {
        let Some(arguments) = hrv_arguments(case) else { continue };
        let Value::Object(found) = call("hrv", &arguments).expect("numbers") else { panic!("an object") };
        let (mut largest, mut count) = ((0.0, String::new()), 0);
        for (name, expected) in case["columns"].as_object().expect("columns") {
            let Some((_, Value::Number(value))) = found.iter().find(|(key, _)| key == name) else {
                panic!("{}: {name} is missing", case["name"]);
            };
            count += 1;
            let Some(expected) = expected.as_f64() else {
                assert!(!value.is_finite(), "{}: {name} is {value}, not a number expected", case["name"]);
                continue;
            };
            let difference = (value - expected).abs() / expected.abs().max(1e-9);
            assert!(difference.is_finite(), "{} {name}: {value}, {expected} expected", case["name"]);
            if difference > largest.0 {
                largest = (difference, name.clone());
            }
        }
        println!("{}: {count} columns, largest difference {:.1e} ({})", case["name"], largest.0, largest.1);
        assert!(largest.0 <= 1e-6, "{}: {} differs by {}", case["name"], largest.1, largest.0);
        assert!(count >= 60 || case["domains"] == "linear", "{}: {count} columns", case["name"]);
    }
}

/// A value as JSON would write it.
fn value(json: &Json) -> Value {
    match json {
        Json::Number(x) => Value::Number(x.as_f64().expect("a number")),
        Json::String(text) => Value::String(text.clone()),
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Object(entries) => Value::Object(entries.iter().map(|(key, x)| (key.clone(), value(x))).collect()),
        _ => Value::Undefined,
    }
}

/// Largest difference between what was found and what was expected, as a share of the largest value expected.
fn difference(found: &Value, expected: &Json) -> f64 {
    match (found, expected) {
        (Value::Object(found), Json::Object(expected)) => expected
            .iter()
            .map(|(key, expected)| {
                let found = found.iter().find(|(known, _)| known == key);
                found.map_or(f64::INFINITY, |(_, found)| difference(found, expected))
            })
            .fold(0.0, f64::max),
        (Value::Number(found), Json::Number(x)) => {
            let x = x.as_f64().expect("a number");
            (found - x).abs() / x.abs().max(1e-9)
        }
        (Value::F64(found), Json::Array(_)) => {
            let expected = numbers(expected);
            // Long lists are written as every 37th value.
            let step = if found.len() == expected.len() { 1 } else { 37 };
            if found.len().div_ceil(step) != expected.len() {
                println!("{} values, {} expected: {found:?} {expected:?}", found.len(), expected.len());
                return f64::INFINITY;
            }
            let scale = expected.iter().fold(1e-12_f64, |scale, x| scale.max(x.abs()));
            let pairs = found.iter().step_by(step).zip(&expected);
            pairs.map(|(found, expected)| (found - expected).abs() / scale).fold(0.0, f64::max)
        }
        _ => f64::INFINITY,
    }
}

#[test]
fn functions_have_the_numbers_of_neurokit2() {
    let golden = golden();
    let cases = golden["functions"].as_array().expect("cases");
    let mut wrong = vec![];
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let arguments = [
            Value::F64(numbers(&golden["signals"][case["signal"].as_u64().expect("a place") as usize])),
            value(&case["options"]),
        ];
        // Peaks are an argument of their own.
        let (signal, options) = (&arguments[0], &arguments[1]);
        let arguments = match case["options"]["peaks"].is_array() {
            true => vec![signal.clone(), Value::F64(numbers(&case["options"]["peaks"])), options.clone()],
            false => arguments.to_vec(),
        };
        let found = call(name, &arguments).unwrap_or_else(|error| panic!("{name}: {error}"));
        let difference = difference(&found, &case["expected"]);
        println!("{name} {}: {difference:.1e}", case["options"]);
        if difference.is_nan() || difference > 1e-8 {
            wrong.push(format!("{name} {}: {difference}", case["options"]));
        }
    }
    assert!(cases.len() >= 20 && wrong.is_empty(), "{wrong:#?}");
}

/// The first column of one of the example signals of BioSPPy.
fn example(name: &str) -> Option<Vec<f64>> {
    let text = std::fs::read_to_string(shared(name)?).expect("the signal can be read");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Some(lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect())
}

fn found(name: &str, x: &[f64], options: Vec<(&str, Value)>) -> Value {
    call(name, &[Value::F64(x.to_vec()), object(options)]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn alpha_waves_are_stronger_with_eyes_closed() {
    let (Some(closed), Some(open)) = (example("eeg_ec.txt"), example("eeg_eo.txt")) else { return };
    let alpha = |x: &[f64], is_relative: bool| {
        let options = vec![("sampleRate", Value::Number(125.0)), ("relative", Value::Bool(is_relative))];
        found("bandPower", x, options).get("Alpha").as_number().expect("a number")
    };
    assert!(alpha(&closed, true) > 2.0 * alpha(&open, true));
    assert!(alpha(&closed, false) > 1.5 * alpha(&open, false));
}

#[test]
fn breaths_and_pulses_of_recordings_are_as_many_as_neurokit2_finds() {
    let (Some(breath), Some(pulse)) = (example("resp.txt"), example("ppg.txt")) else { return };
    let options = || vec![("sampleRate", Value::Number(1000.0)), ("clean", Value::Bool(true))];
    let Value::F64(tops) = found("rspPeaks", &breath, options()).get("peaks").clone() else { panic!("samples") };
    let Value::F64(beats) = found("ppgPeaks", &pulse, options()) else { panic!("samples") };
    assert_eq!((tops.len(), beats.len()), (16, 31));
}
