//! Samples that are missing, filled in.

use serde_json::json;

use super::harness::{Case, Expected, Random, each};

/// Holds the last sample for at most `most` samples; what stands before the first is `start`.
fn held(x: &[f64], start: f64, most: Option<usize>) -> Vec<Expected> {
    let (mut last, mut missing) = (start, 0);
    let mut step = |x: &f64| {
        if x.is_finite() {
            (last, missing) = (*x, 0);
            return Expected::exact(*x);
        }
        missing += 1;
        let is_beyond = most.is_some_and(|most| missing > most);
        Expected::exact(if is_beyond { f64::NAN } else { last })
    };
    x.iter().map(&mut step).collect()
}

pub fn case(random: &mut Random) -> Case {
    let start = f64::from(random.number(-2.0, 2.0) as f32);
    let most = random.once_in(2).then(|| random.whole(1, 3));
    let mut params = json!({ "policy": "hold", "start": start });
    if let Some(most) = most {
        params["maxLength"] = json!(most);
        params["beyond"] = json!("nan");
    }
    let model = each(move |x| held(x, start, most));
    let channels = random.whole(1, 4);
    Case { method: "Gaps", params, channels, model, tolerance: 0.0, streams: true, is_wild: true }
}
