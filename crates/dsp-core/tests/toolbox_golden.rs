//! Functions that bear SciPy's names against SciPy (`tools/gen_toolbox_vectors.py`,
//! `tools/toolbox`): calls by name, as JavaScript makes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dsp_core::Value;
use dsp_core::dynamic::functions;
use serde_json::Value as Json;

/// The generator's noise: multiples of 1/1024, exact in f32.
fn noise(n: i64, seed: i64) -> Vec<f64> {
    (0..n).map(|i| ((i * i * 7919 + i * 104_729 + seed * 7907) % 2003 - 1001) as f64 / 1024.0).collect()
}

fn numbers(json: &Json) -> Option<Vec<f64>> {
    json.as_array()?.iter().map(Json::as_f64).collect()
}

fn argument(json: &Json) -> Value {
    if let Some(list) = numbers(json) {
        return Value::F64(list);
    }
    match json {
        Json::Object(map) if map.get("noise").is_some_and(Json::is_array) => {
            let at = |i: usize| json["noise"][i].as_i64().expect("a whole number");
            Value::F64(noise(at(0), at(1)))
        }
        Json::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), argument(value))).collect()),
        Json::Array(list) => Value::Array(list.iter().map(argument).collect()),
        other => other.into(),
    }
}

/// Returns the largest difference as a part of the largest expected magnitude (or of 1), if it is within `tolerance`.
fn close(what: &str, got: &[f64], want: &[f64], tolerance: f64) -> Result<f64, String> {
    if got.len() != want.len() {
        return Err(format!("{what}: {} numbers, expected {}", got.len(), want.len()));
    }
    let scale = want.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    let worst = got.iter().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0_f64, |m, d| if d <= m { m } else { d });
    if worst <= tolerance * scale {
        Ok(worst / scale)
    } else {
        Err(format!("{what}: off by {worst:e} (±{:e}): {got:?}, expected {want:?}", tolerance * scale))
    }
}

/// Roots have no order: each expected one takes the nearest that is left.
fn close_roots(what: &str, got: &Value, want: &Json, tolerance: f64) -> Result<f64, String> {
    let pairs = |re: Vec<f64>, im: Vec<f64>| re.into_iter().zip(im).collect::<Vec<_>>();
    let part = |key: &str| numbers(&want[key]).expect("numbers");
    let mut left =
        pairs(got.get("real").as_numbers().expect("numbers"), got.get("imag").as_numbers().expect("numbers"));
    let mut worst = 0.0_f64;
    for (re, im) in pairs(part("real"), part("imag")) {
        let distance = |root: &(f64, f64)| (root.0 - re).hypot(root.1 - im);
        let nearest = (0..left.len()).min_by(|&i, &j| distance(&left[i]).total_cmp(&distance(&left[j])));
        let root = left.swap_remove(nearest.ok_or_else(|| format!("{what}: too few roots"))?);
        let difference = distance(&root) / re.hypot(im).max(1.0);
        if difference > tolerance {
            return Err(format!("{what}: {root:?}, expected ({re}, {im})"));
        }
        worst = worst.max(difference);
    }
    if left.is_empty() { Ok(worst) } else { Err(format!("{what}: {left:?} are too many")) }
}

fn largest(mut differences: impl Iterator<Item = Result<f64, String>>) -> Result<f64, String> {
    differences.try_fold(0.0_f64, |worst, difference| Ok(worst.max(difference?)))
}

/// Returns the largest difference of values of one shape, if it is within `tolerance`.
fn compare(what: &str, got: &Value, want: &Json, tolerance: f64) -> Result<f64, String> {
    if let Some(want) = numbers(want) {
        let got = got.as_numbers().ok_or_else(|| format!("{what}: no numbers"))?;
        return close(what, &got, &want, tolerance);
    }
    match (got, want) {
        (_, Json::Object(map)) if map.contains_key("at") => {
            let got = got.as_numbers().ok_or_else(|| format!("{what}: no numbers"))?;
            if got.len() != map["length"].as_f64().expect("a length") as usize {
                return Err(format!("{what}: {} numbers, expected {}", got.len(), map["length"]));
            }
            let places = numbers(&map["at"]).expect("places");
            let chosen: Vec<f64> = places.iter().map(|&i| got[i as usize]).collect();
            close(what, &chosen, &numbers(&map["values"]).expect("values"), tolerance)
        }
        (_, Json::Object(map)) => largest(map.iter().map(|(key, want)| {
            let what = format!("{what}.{key}");
            match key.as_str() {
                "zeros" | "poles" => close_roots(&what, got.get(key), want, tolerance),
                _ => compare(&what, got.get(key), want, tolerance),
            }
        })),
        (Value::Array(got), Json::Array(want)) if got.len() == want.len() => {
            largest(got.iter().zip(want).map(|(got, want)| compare(what, got, want, tolerance)))
        }
        (Value::Number(got), Json::Number(want)) => close(what, &[*got], &[want.as_f64().expect("f64")], tolerance),
        (Value::Bool(got), Json::Bool(want)) if got == want => Ok(0.0),
        (Value::String(got), Json::String(want)) if **got == **want => Ok(0.0),
        _ => Err(format!("{what}: {got:?}, expected {want}")),
    }
}

/// Calls, largest difference, and calls that differ by more than their tolerance.
#[derive(Default)]
struct Tally {
    calls: usize,
    largest: f64,
    wrong: Vec<String>,
}

/// Compares every case of a file and counts it under its function's name.
fn check(path: &Path, tallies: &mut BTreeMap<String, Tally>) {
    let text = std::fs::read_to_string(path).expect("the golden file can be read");
    let golden: Json = serde_json::from_str(&text).expect("the golden file is JSON");
    for (i, case) in golden["cases"].as_array().expect("cases").iter().enumerate() {
        let name = case["name"].as_str().expect("a name");
        let arguments: Vec<Value> = case["args"].as_array().expect("arguments").iter().map(argument).collect();
        let what = format!("{}, case {i}, {name}", path.file_name().unwrap_or_default().display());
        let result = functions::call(name, &arguments).map_err(|error| format!("{what}: {error}"));
        let tolerance = case["tolerance"].as_f64().expect("a tolerance");
        let difference = result.and_then(|got| compare(&what, &got, &case["want"], tolerance));
        let tally = tallies.entry(name.to_owned()).or_default();
        tally.calls += 1;
        match difference {
            Ok(difference) => tally.largest = tally.largest.max(difference),
            Err(error) => tally.wrong.push(error),
        }
    }
}

/// Every file of vectors; those of a folder that `DSPX_TOOLBOX` names come on top. `DSPX_PARITY` names a file for the
/// largest difference of each function, of which `tools/toolbox/parity.py` makes docs/parity.md.
#[test]
fn functions_equal_their_references() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files = vec![golden.join("toolbox.json")];
    for folder in [Some(golden.join("toolbox")), std::env::var_os("DSPX_TOOLBOX").map(PathBuf::from)] {
        let Some(folder) = folder else { continue };
        files.extend(
            std::fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("a file").path()),
        );
    }
    let mut tallies = BTreeMap::new();
    files.iter().for_each(|file| check(file, &mut tallies));
    if let Some(path) = std::env::var_os("DSPX_PARITY") {
        let row = |tally: &Tally| serde_json::json!({ "calls": tally.calls, "wrong": tally.wrong.len(), "largest": tally.largest });
        let rows: BTreeMap<_, _> = tallies.iter().map(|(name, tally)| (name, row(tally))).collect();
        std::fs::write(path, serde_json::to_string(&rows).expect("JSON")).expect("the file can be written");
    }
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.wrong).collect();
    let calls: usize = tallies.values().map(|tally| tally.calls).sum();
    let text = wrong.iter().map(|line| line.chars().take(400).collect::<String>()).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {calls} calls differ:\n{text}", wrong.len());
}
