//! Stages of one sample.

use serde_json::json;

use super::harness::{Case, Expected, Random, each};

pub fn case(random: &mut Random) -> Case {
    let channels = random.whole(1, 4);
    let gain = random.number(0.001, 50.0);
    let (method, params, model) = match random.whole(0, 3) {
        0 => ("Square", json!({}), each(|x| x.iter().map(|x| Expected::exact(x * x)).collect())),
        1 => ("Rectify", json!({ "mode": "full" }), each(|x| x.iter().map(|x| Expected::exact(x.abs())).collect())),
        2 => {
            ("Rectify", json!({ "mode": "half" }), each(|x| x.iter().map(|&x| Expected::exact(positive(x))).collect()))
        }
        _ => {
            // The gain is held in single precision, as in the original.
            let held = f64::from(gain as f32);
            let model = each(move |x: &[f64]| x.iter().map(|x| Expected::exact(held * x)).collect());
            ("Amplify", json!({ "gain": gain }), model)
        }
    };
    Case { method, params, channels, model, tolerance: 0.0, streams: true, is_wild: true }
}

fn positive(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}
