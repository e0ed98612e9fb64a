//! Mean absolute value of the samples in the window: `y[n] = (1/N) Σ_{k<N} |x[n−k]|`, a measure of muscle activity in
//! EMG.
//!
//! Start-up, modes and delay as in the moving average.

use crate::kernels::sliding;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::Windows;
use crate::stages::sliding::window::{
    Layout, RUNNING_SUM_OF_ABS, SavedSum, WindowParams, WindowStage, WindowStatistic,
};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct AbsoluteMean;

/// The stage.
pub type MeanAbsoluteValue = WindowStage<AbsoluteMean>;

impl WindowStatistic for AbsoluteMean {
    const TYPE: &'static str = "meanAbsoluteValue";
    const METHOD: &'static str = "MeanAbsoluteValue";
    const PARAMS: &'static str = "MeanAbsoluteValueParams";
    const LABEL: &'static str = "Mean Absolute Value";
    const STATE_NAME: &'static str = "MeanAbsoluteValue";
    const MEASURE: Measure = Measure::SumOfAbs;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM_OF_ABS];
    const DOC: &'static str = "Mean of the absolute values in the window: `y[n] = Σ|x| / N`.";
    const LAYOUT: Layout = Layout::Numbered;
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
    use crate::engine::stage::Stage;
    use crate::error::Result;
    use crate::stages::testing::{make, run};
    use crate::state::toon;
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> MeanAbsoluteValue {
        make::<MeanAbsoluteValue>(&json)
    }

    #[test]
    fn worked_example() {
        let mut moving = stage(json!({ "mode": "moving", "windowSize": 3 }));
        assert_eq!(run(&mut moving, &[1.0, -2.0, 3.0, -4.0], 1), [1.0, 1.5, 2.0, 3.0]);
        assert_eq!(run(&mut stage(json!({ "mode": "batch" })), &[1.0, -3.0], 1), [2.0, 2.0]);
    }

    /// Loads a state as the original writes it: the duration in float32, and no appendix.
    fn load_original(stage: &mut MeanAbsoluteValue, duration: f32) -> Result<()> {
        let mut out = toon::Writer::default();
        out.int(1)?;
        out.int(12)?;
        out.f32(duration);
        out.bool(true);
        out.int(0)?;
        let bytes = out.into_tokens();
        stage.load_toon(&mut toon::Reader::new(&bytes))
    }

    #[test]
    fn a_duration_in_float32_is_recognised() {
        let mut timed = stage(json!({ "mode": "moving", "windowDuration": 0.1 }));
        assert_eq!(load_original(&mut timed, 0.1), Ok(()));
        let refused = load_original(&mut timed, 0.2).unwrap_err().to_string();
        assert!(refused.contains("mismatch"), "{refused}");
        let mut counted = stage(json!({ "mode": "moving", "windowSize": 12 }));
        assert_eq!(load_original(&mut counted, 0.0), Ok(()));
        assert!(load_original(&mut stage(json!({ "mode": "batch" })), 0.0).is_err());
    }
}
