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
