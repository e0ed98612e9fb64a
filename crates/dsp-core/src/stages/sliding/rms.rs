//! Root mean square of the samples in the window: `y[n] = √((1/N) Σ_{k<N} x[n−k]²)`.
//!
//! Start-up, modes and delay as in the moving average.

use crate::kernels::sliding;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::Windows;
use crate::stages::sliding::window::{RUNNING_SUM_OF_SQUARES, SavedSum, WindowParams, WindowStage, WindowStatistic};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct RootMeanSquare;

/// The stage.
pub type Rms = WindowStage<RootMeanSquare>;

impl WindowStatistic for RootMeanSquare {
    const TYPE: &'static str = "rms";
    const METHOD: &'static str = "Rms";
    const PARAMS: &'static str = "RmsParams";
    const LABEL: &'static str = "RMS";
    const STATE_NAME: &'static str = "RMS";
    const MEASURE: Measure = Measure::SumOfSquares;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM_OF_SQUARES];
    const DOC: &'static str = "Root mean square of the samples in the window: `y[n] = √(Σx² / N)`.";
    type Params = WindowParams;

    fn window(params: &WindowParams) -> WindowParams {
        params.clone()
    }

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::root_means(windows.s, windows.n, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run};
    use serde_json::json;

    #[test]
    fn worked_example() {
        let mut stage = make::<Rms>(&json!({ "mode": "moving", "windowSize": 3 }));
        let out = run(&mut stage, &[3.0, 4.0, 0.0, 6.0, 8.0], 1);
        for (got, expected) in out.iter().zip([3.0, 3.5355, 2.8868, 4.1633, 5.7735]) {
            approx::assert_abs_diff_eq!(*got, expected, epsilon = 5e-5);
        }
    }
}
