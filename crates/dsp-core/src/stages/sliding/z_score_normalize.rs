//! Standard score of each sample in its window: `y[n] = (x[n] − x̄) / √v`, with mean `x̄` and population variance `v`.
//!
//! 0 where `√v < epsilon`, and for a constant window in any case. Start-up and modes as in the moving average; no
//! latency. SciPy: `stats.zscore` (batch mode).

use crate::kernels::sliding;
use crate::params::value::to_f32;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::Windows;
use crate::stages::common::Mode;
use crate::stages::sliding::window::{
    RUNNING_SUM, RUNNING_SUM_OF_SQUARES, SavedSum, WINDOW_DURATION, WINDOW_SIZE, WindowParams, WindowStage,
    WindowStatistic,
};

crate::params! {
    /// Parameters of `ZScoreNormalize`.
    pub struct ZScoreNormalizeParams {
        /// `"batch"`: over each channel of a call; `"moving"`: a sliding window that continues from call to call.
        pub mode: Mode = one_of(Mode::TEXTS),
        /// Window length in samples per channel.
        pub window_size: Option<usize> = WINDOW_SIZE,
        /// Window length in milliseconds: the window holds the samples with times in (t − D, t]. Wins over
        /// `windowSize`.
        pub window_duration: Option<f64> = WINDOW_DURATION,
        /// Standard deviations below it give 0.
        pub epsilon: f64 = number().at_least(0.0).or(1e-6),
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct StandardScore;

/// The stage.
pub type ZScoreNormalize = WindowStage<StandardScore>;

impl WindowStatistic for StandardScore {
    const TYPE: &'static str = "zScoreNormalize";
    const METHOD: &'static str = "ZScoreNormalize";
    const PARAMS: &'static str = "ZScoreNormalizeParams";
    const LABEL: &'static str = "Z-Score Normalize";
    const STATE_NAME: &'static str = "ZScoreNormalize";
    const MEASURE: Measure = Measure::Moments;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM, RUNNING_SUM_OF_SQUARES];
    const HAS_EPSILON: bool = true;
    const DOC: &'static str = "Standard score of each sample in its window: `y[n] = (x[n] − x̄) / √v`, 0 where the deviation is below `epsilon`.";
    const IS_OF_WINDOW: bool = false;
    type Params = ZScoreNormalizeParams;

    fn window(params: &ZScoreNormalizeParams) -> WindowParams {
        WindowParams { mode: params.mode, window_size: params.window_size, window_duration: params.window_duration }
    }

    fn epsilon(params: &ZScoreNormalizeParams) -> f64 {
        f64::from(to_f32(params.epsilon))
    }

    fn finish(windows: Windows<'_>, epsilon: f64) {
        sliding::z_scores(windows.s, windows.m, windows.n, epsilon, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> ZScoreNormalize {
        make::<ZScoreNormalize>(&json)
    }

    #[test]
    fn worked_examples() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        let moving = run(&mut stage(json!({ "mode": "moving", "windowSize": 3 })), &x, 1);
        let batch = run(&mut stage(json!({ "mode": "batch" })), &x, 1);
        let (a, b) = (std::f32::consts::SQRT_2, std::f32::consts::FRAC_1_SQRT_2);
        let expected = [[0.0, 1.0, 1.2247, 1.2247, 1.2247], [-a, -b, 0.0, b, a]];
        for (got, expected) in moving.iter().chain(&batch).zip(expected.as_flattened()) {
            approx::assert_abs_diff_eq!(*got, *expected, epsilon = 5e-5);
        }
    }

    #[test]
    fn small_deviations_give_zero() {
        let mut wide = stage(json!({ "mode": "batch", "epsilon": 2 }));
        assert_eq!(run(&mut wide, &[1.0, 3.0], 1), [0.0, 0.0]);
        let mut none = stage(json!({ "mode": "moving", "windowSize": 2, "epsilon": 0 }));
        assert_eq!(run(&mut none, &[0.1, 0.1, 0.1], 1), [0.0; 3]);
    }

    #[test]
    fn epsilon_is_checked_in_both_modes() {
        for mode in ["batch", "moving"] {
            let bad = json!({ "mode": mode, "windowSize": 3, "epsilon": -1 });
            let text = "Z-Score Normalize: epsilon must be non-negative, got -1";
            assert_eq!(try_make::<ZScoreNormalize>(&bad).unwrap_err().to_string(), text);
        }
    }
}
