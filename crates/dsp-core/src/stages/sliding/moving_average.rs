//! Moving average: the mean of the samples in the window.
//!
//! `y[n] = (1/N) Σ_{k<N} x[n−k]`; until N samples have come, the mean of those seen so far. Delay of the full window:
//! (N − 1)/2 samples. Batch mode gives every sample the mean of its channel in this call. SciPy: `uniform_filter1d`
//! (with another start and centre).

use crate::kernels::sliding;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::Windows;
use crate::stages::sliding::window::{Layout, RUNNING_SUM, SavedSum, WindowParams, WindowStage, WindowStatistic};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Mean;

/// The stage.
pub type MovingAverage = WindowStage<Mean>;

impl WindowStatistic for Mean {
    const TYPE: &'static str = "movingAverage";
    const METHOD: &'static str = "MovingAverage";
    const PARAMS: &'static str = "MovingAverageParams";
    const LABEL: &'static str = "MovingAverage";
    const STATE_NAME: &'static str = "MovingAverage";
    const MEASURE: Measure = Measure::Sum;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM];
    const DOC: &'static str = "Mean of the samples in the window: `y[n] = Σx / N`; until the window is full, of those seen so far. A full window\n\
        delays by (N − 1)/2 samples.";
    const LAYOUT: Layout = Layout::Keyed;
    type Params = WindowParams;

    fn window(params: &WindowParams) -> WindowParams {
        params.clone()
    }

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::means(windows.s, windows.n, windows.samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn worked_example() {
        let mut stage = make::<MovingAverage>(&json!({ "mode": "moving", "windowSize": 3 }));
        assert_eq!(run(&mut stage, &[1.0, 2.0, 3.0, 4.0, 5.0], 1), [1.0, 1.5, 2.0, 3.0, 4.0]);
        let mut stage = make::<MovingAverage>(&json!({ "mode": "batch" }));
        assert_eq!(run(&mut stage, &[1.0, 10.0, 2.0, 20.0], 2), [1.5, 15.0, 1.5, 15.0]);
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |p| try_make::<MovingAverage>(&p).unwrap_err();
        let text = "MovingAverage: windowSize must be a positive integer for \"moving\" mode, got -1";
        assert_eq!(refused(json!({ "mode": "moving", "windowSize": -1 })), Error::type_error(text));
        assert!(refused(json!({ "mode": "moving" })).to_string().contains("either windowSize or windowDuration"));
        assert!(refused(json!({})).to_string().contains("mode must be"));
        let text = "MovingAverage: windowDuration must be positive, got 0";
        assert_eq!(refused(json!({ "mode": "moving", "windowDuration": 0 })), Error::type_error(text));
    }
}
