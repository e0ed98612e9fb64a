//! Functions that bear SciPy's names against SciPy (`tools/gen_toolbox_vectors.py`): calls by name, as JavaScript makes them.

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
        Json::Object(map) if map.contains_key("noise") => {
            let at = |i: usize| json["noise"][i].as_i64().expect("a whole number");
            Value::F64(noise(at(0), at(1)))
        }
        Json::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), argument(value))).collect()),
        Json::Array(list) => Value::Array(list.iter().map(argument).collect()),
        other => other.into(),
    }
}

/// Equal within `tolerance` of the largest expected magnitude, or of 1.
fn close(what: &str, got: &[f64], want: &[f64], tolerance: f64) -> Result<(), String> {
    if got.len() != want.len() {
        return Err(format!("{what}: {} numbers, expected {}", got.len(), want.len()));
    }
    let bound = tolerance * want.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    let worst = got.iter().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0_f64, |m, d| if d <= m { m } else { d });
    if worst <= bound {
        Ok(())
    } else {
        Err(format!("{what}: off by {worst:e} (±{bound:e}): {got:?}, expected {want:?}"))
    }
}

/// Roots have no order: each expected one takes the nearest that is left.
fn close_roots(what: &str, got: &Value, want: &Json, tolerance: f64) -> Result<(), String> {
    let pairs = |re: Vec<f64>, im: Vec<f64>| re.into_iter().zip(im).collect::<Vec<_>>();
    let part = |key: &str| numbers(&want[key]).expect("numbers");
    let mut left =
        pairs(got.get("real").as_numbers().expect("numbers"), got.get("imag").as_numbers().expect("numbers"));
    for (re, im) in pairs(part("real"), part("imag")) {
        let distance = |root: &(f64, f64)| (root.0 - re).hypot(root.1 - im);
        let nearest = (0..left.len()).min_by(|&i, &j| distance(&left[i]).total_cmp(&distance(&left[j])));
        let root = left.swap_remove(nearest.ok_or_else(|| format!("{what}: too few roots"))?);
        if distance(&root) > tolerance * re.hypot(im).max(1.0) {
            return Err(format!("{what}: {root:?}, expected ({re}, {im})"));
        }
    }
    if left.is_empty() { Ok(()) } else { Err(format!("{what}: {left:?} are too many")) }
}

fn compare(what: &str, got: &Value, want: &Json, tolerance: f64) -> Result<(), String> {
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
        (_, Json::Object(map)) => map.iter().try_for_each(|(key, want)| {
            let what = format!("{what}.{key}");
            match key.as_str() {
                "zeros" | "poles" => close_roots(&what, got.get(key), want, tolerance),
                _ => compare(&what, got.get(key), want, tolerance),
            }
        }),
        (Value::Array(got), Json::Array(want)) if got.len() == want.len() => {
            got.iter().zip(want).try_for_each(|(got, want)| compare(what, got, want, tolerance))
        }
        (Value::Number(got), Json::Number(want)) => close(what, &[*got], &[want.as_f64().expect("f64")], tolerance),
        (Value::Bool(got), Json::Bool(want)) if got == want => Ok(()),
        _ => Err(format!("{what}: {got:?}, expected {want}")),
    }
}

#[test]
fn functions_equal_scipy() {
    let golden: Json = serde_json::from_str(include_str!("golden/toolbox.json")).expect("the golden file is JSON");
    let cases = golden["cases"].as_array().expect("cases");
    let check = |(i, case): (usize, &Json)| {
        let name = case["name"].as_str().expect("a name");
        let arguments: Vec<Value> = case["args"].as_array().expect("arguments").iter().map(argument).collect();
        let what = format!("case {i}, {name}");
        match functions::call(name, &arguments) {
            Ok(got) => compare(&what, &got, &case["want"], case["tolerance"].as_f64().expect("a tolerance")),
            Err(error) => Err(format!("{what}: {error}")),
        }
    };
    let wrong: Vec<String> = cases.iter().enumerate().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
