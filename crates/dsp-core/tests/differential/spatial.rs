//! Maps of one frame.

use serde_json::json;

use super::harness::{Case, Expected, Model, Random};

/// `y[k] = Σ_c W[k·C + c]·(x[c] − mean[c])`; the channels behind them become 0.
fn projection(random: &mut Random) -> Case {
    let channels = random.whole(1, 5);
    let outputs = random.whole(1, channels);
    let (matrix, mean) = (random.list(channels * outputs), random.list(channels));
    let (method, name, count) = random.one_of(&[
        ("PcaTransform", "pcaMatrix", "numComponents"),
        ("IcaTransform", "icaMatrix", "numComponents"),
        ("WhiteningTransform", "whiteningMatrix", "numComponents"),
        ("CspTransform", "cspMatrix", "numFilters"),
    ]);
    let params = json!({ name: matrix, "mean": mean, "numChannels": channels, count: outputs });
    let model: Model = Box::new(move |x| {
        let frames = x[0].len();
        let term = |k: usize, c: usize, n: usize| f64::from(matrix[k * channels + c]) * (x[c][n] - f64::from(mean[c]));
        let value = |k: usize, n: usize| {
            if k < outputs { Expected::sum((0..channels).map(|c| term(k, c, n))) } else { Expected::exact(0.0) }
        };
        (0..channels).map(|k| (0..frames).map(|n| value(k, n)).collect()).collect()
    });
    // A difference of samples and means is not more exact than they are.
    Case { method, params, channels, model, tolerance: 1e-6, streams: true, is_wild: false }
}

fn routing(random: &mut Random) -> Case {
    let channels = random.whole(1, 5);
    let picked: Vec<usize> = (0..random.whole(1, 6)).map(|_| random.whole(0, channels - 1)).collect();
    let (method, key) = random.one_of(&[("ChannelSelect", "channels"), ("ChannelMerge", "mapping")]);
    let params = json!({ key: picked, "numInputChannels": channels });
    let model: Model =
        Box::new(move |x| picked.iter().map(|&c| x[c].iter().map(|&x| Expected::exact(x)).collect()).collect());
    Case { method, params, channels, model, tolerance: 0.0, streams: true, is_wild: true }
}

pub fn case(random: &mut Random) -> Case {
    if random.once_in(2) { projection(random) } else { routing(random) }
}
