//! Standard score of each sample in its window: `y[n] = (x[n] − x̄) / √v`, with mean `x̄` and population variance `v`.
//!
//! 0 where `√v < epsilon`, and for a constant window in any case. Start-up and modes as in the moving average; no latency.
//! SciPy: `stats.zscore` (batch mode).

use super::window::{RUNNING_SUM, RUNNING_SUM_OF_SQUARES, SavedSum, WindowStage, WindowStatistic};
use crate::kernels::sliding;
use crate::sliding::Measure;
use crate::sliding::counted::Windows;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct StandardScore;

/// The stage.
pub type ZScoreNormalize = WindowStage<StandardScore>;

impl WindowStatistic for StandardScore {
    const TYPE: &'static str = "zScoreNormalize";
    const METHOD: &'static str = "ZScoreNormalize";
    const LABEL: &'static str = "Z-Score Normalize";
    const STATE_NAME: &'static str = "ZScoreNormalize";
    const MEASURE: Measure = Measure::Moments;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM, RUNNING_SUM_OF_SQUARES];
    const HAS_EPSILON: bool = true;
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `ZScoreNormalize`. */
export interface ZScoreNormalizeParams {
  /** `"batch"`: over each channel of a call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
  /** Standard deviations below it give 0: ≥ 0, default 1e-6. */
  epsilon?: number;
}
method {
  /**
   * Standard score of each sample in its window: `y[n] = (x[n] − x̄) / √v`, 0 where the deviation is below `epsilon`.
   * @throws TypeError if `mode` is unknown, `epsilon` is negative, or in moving mode the window is missing or not positive
   */
  ZScoreNormalize(params: ZScoreNormalizeParams): this;
}
"#;

    fn finish(windows: Windows<'_>, epsilon: f64) {
        sliding::z_scores(windows.s, windows.m, windows.n, epsilon, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Define;
    use crate::stages::testing::{params, run};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> ZScoreNormalize {
        ZScoreNormalize::new(&params(json)).unwrap()
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
            let bad = params(json!({ "mode": mode, "windowSize": 3, "epsilon": -1 }));
            let text = "Z-Score Normalize: epsilon must be non-negative, got -1";
            assert_eq!(ZScoreNormalize::new(&bad).unwrap_err().to_string(), text);
        }
    }
}
