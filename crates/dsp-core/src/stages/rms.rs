//! Root mean square of the samples in the window: `y[n] = √((1/N) Σ_{k<N} x[n−k]²)`.
//!
//! Start-up, modes and delay as in the moving average.

use super::window::{RUNNING_SUM_OF_SQUARES, SavedSum, WindowStage, WindowStatistic};
use crate::kernels::sliding;
use crate::sliding::Measure;
use crate::sliding::counted::Windows;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct RootMeanSquare;

/// The stage.
pub type Rms = WindowStage<RootMeanSquare>;

impl WindowStatistic for RootMeanSquare {
    const TYPE: &'static str = "rms";
    const METHOD: &'static str = "Rms";
    const LABEL: &'static str = "RMS";
    const STATE_NAME: &'static str = "RMS";
    const MEASURE: Measure = Measure::SumOfSquares;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM_OF_SQUARES];
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Rms`. */
export interface RmsParams {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
}
method {
  /**
   * Root mean square of the samples in the window: `y[n] = √(Σx² / N)`.
   * @throws TypeError if `mode` is unknown, or in moving mode the window is missing or not positive
   */
  Rms(params: RmsParams): this;
}
"#;

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::root_means(windows.s, windows.n, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::Define;
    use crate::stages::testing::{params, run};
    use serde_json::json;

    #[test]
    fn worked_example() {
        let mut stage = Rms::new(&params(json!({ "mode": "moving", "windowSize": 3 }))).unwrap();
        let out = run(&mut stage, &[3.0, 4.0, 0.0, 6.0, 8.0], 1);
        for (got, expected) in out.iter().zip([3.0, 3.5355, 2.8868, 4.1633, 5.7735]) {
            approx::assert_abs_diff_eq!(*got, expected, epsilon = 5e-5);
        }
    }
}
