//! Moving average: the mean of the samples in the window.
//!
//! `y[n] = (1/N) Σ_{k<N} x[n−k]`; until N samples have come, the mean of those seen so far. Delay of the full window:
//! (N − 1)/2 samples. Batch mode gives every sample the mean of its channel in this call. SciPy: `uniform_filter1d`
//! (with another start and centre).

use super::window::{RUNNING_SUM, SavedSum, SavedWindow, WindowStage, WindowStatistic};
use crate::error::Result;
use crate::kernels::sliding;
use crate::sliding::Measure;
use crate::sliding::counted::Windows;
use crate::state::toon;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Mean;

/// The stage.
pub type MovingAverage = WindowStage<Mean>;

impl WindowStatistic for Mean {
    const TYPE: &'static str = "movingAverage";
    const METHOD: &'static str = "MovingAverage";
    const LABEL: &'static str = "MovingAverage";
    const STATE_NAME: &'static str = "MovingAverage";
    const MEASURE: Measure = Measure::Sum;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM];
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `MovingAverage`. */
export interface MovingAverageParams {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
}
method {
  /**
   * Mean of the samples in the window: `y[n] = Σx / N`; until the window is full, of those seen so far.
   * @throws TypeError if `mode` is unknown, or in moving mode the window is missing or not positive
   */
  MovingAverage(params: MovingAverageParams): this;
}
"#;

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::means(windows.s, windows.n, windows.samples);
    }

    fn write_toon(out: &mut toon::Writer, saved: &SavedWindow) -> Result<()> {
        out.object();
        out.str("mode");
        out.str(if saved.moving { "moving" } else { "batch" });
        if saved.moving {
            out.str("windowSize");
            out.int(saved.size)?;
            out.str("windowDuration");
            out.f64(saved.duration);
            out.str("initialized");
            out.bool(saved.size > 0);
            out.str("channels");
            out.array();
            for samples in &saved.channels {
                out.object();
                out.str("buffer");
                out.f32s(samples.iter().copied());
                out.str("sum");
                out.f32((RUNNING_SUM.of)(samples) as f32);
                out.end_object();
            }
            out.end_array();
        }
        out.end_object();
        Ok(())
    }

    fn read_toon(input: &mut toon::Reader<'_>) -> Result<SavedWindow> {
        input.object()?;
        input.str()?;
        let mut saved = SavedWindow { moving: input.str()? != "batch", ..SavedWindow::default() };
        if saved.moving {
            input.str()?;
            saved.size = input.count()?;
            input.str()?;
            saved.duration = input.f64()?;
            input.str()?;
            input.bool()?;
            input.str()?;
            input.array()?;
            while input.more()? {
                input.object()?;
                input.str()?;
                saved.channels.push(input.f32s()?);
                input.str()?;
                input.f32()?;
                input.end_object()?;
            }
        }
        input.end_object()?;
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::stage::Define;
    use crate::stages::testing::{params, run};
    use serde_json::json;

    #[test]
    fn worked_example() {
        let mut stage = MovingAverage::new(&params(json!({ "mode": "moving", "windowSize": 3 }))).unwrap();
        assert_eq!(run(&mut stage, &[1.0, 2.0, 3.0, 4.0, 5.0], 1), [1.0, 1.5, 2.0, 3.0, 4.0]);
        let mut stage = MovingAverage::new(&params(json!({ "mode": "batch" }))).unwrap();
        assert_eq!(run(&mut stage, &[1.0, 10.0, 2.0, 20.0], 2), [1.5, 15.0, 1.5, 15.0]);
    }

    #[test]
    fn wrong_parameters_are_named() {
        let refused = |p| MovingAverage::new(&params(p)).unwrap_err();
        let text = "MovingAverage: windowSize must be a positive integer for \"moving\" mode, got -1";
        assert_eq!(refused(json!({ "mode": "moving", "windowSize": -1 })), Error::type_error(text));
        assert!(refused(json!({ "mode": "moving" })).to_string().contains("either windowSize or windowDuration"));
        assert!(refused(json!({})).to_string().contains("mode must be"));
        let text = "MovingAverage: windowDuration must be positive, got 0";
        assert_eq!(refused(json!({ "mode": "moving", "windowDuration": 0 })), Error::type_error(text));
    }
}
