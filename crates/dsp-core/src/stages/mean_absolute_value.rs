//! Mean absolute value of the samples in the window: `y[n] = (1/N) Σ_{k<N} |x[n−k]|`, a measure of muscle activity in EMG.
//!
//! Start-up, modes and delay as in the moving average.

use super::window::{RUNNING_SUM_OF_ABS, SavedSum, SavedWindow, WindowStage, WindowStatistic};
use crate::error::{Error, Result};
use crate::kernels::sliding;
use crate::sliding::Measure;
use crate::sliding::counted::Windows;
use crate::state::toon;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct AbsoluteMean;

/// The stage.
pub type MeanAbsoluteValue = WindowStage<AbsoluteMean>;

impl WindowStatistic for AbsoluteMean {
    const TYPE: &'static str = "meanAbsoluteValue";
    const METHOD: &'static str = "MeanAbsoluteValue";
    const LABEL: &'static str = "Mean Absolute Value";
    const STATE_NAME: &'static str = "MeanAbsoluteValue";
    const MEASURE: Measure = Measure::SumOfAbs;
    const SUMS: &'static [SavedSum] = &[RUNNING_SUM_OF_ABS];
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `MeanAbsoluteValue`. */
export interface MeanAbsoluteValueParams {
  /** `"batch"`: one value per channel and call; `"moving"`: a sliding window that continues from call to call. */
  mode: "batch" | "moving";
  /** Window length in samples per channel: an integer ≥ 1. */
  windowSize?: number;
  /** Window length in milliseconds, > 0: the window holds the samples with times in (t − D, t]. Wins over `windowSize`. */
  windowDuration?: number;
}
method {
  /**
   * Mean of the absolute values in the window: `y[n] = Σ|x| / N`.
   * @throws TypeError if `mode` is unknown, or in moving mode the window is missing or not positive
   */
  MeanAbsoluteValue(params: MeanAbsoluteValueParams): this;
}
"#;

    fn finish(windows: Windows<'_>, _: f64) {
        sliding::means(windows.s, windows.n, windows.samples);
    }

    fn write_toon(out: &mut toon::Writer, saved: &SavedWindow) -> Result<()> {
        out.int(usize::from(saved.moving))?;
        out.int(saved.size)?;
        out.f32_exact(saved.duration);
        out.bool(saved.size > 0);
        out.int(saved.channels.len())?;
        for samples in &saved.channels {
            out.f32s(samples.iter().copied());
            out.f32((RUNNING_SUM_OF_ABS.of)(samples) as f32);
        }
        Ok(())
    }

    fn read_toon(input: &mut toon::Reader<'_>) -> Result<SavedWindow> {
        let moving = match input.int()? {
            0 => false,
            1 => true,
            other => return Err(Error::failed(format!("MeanAbsoluteValue mode mismatch: the state has mode {other}"))),
        };
        let (size, duration) = (input.count()?, input.f32_exact()?);
        input.bool()?;
        let mut saved = SavedWindow { moving, size, duration, ..SavedWindow::default() };
        for _ in 0..input.item_count()? {
            saved.channels.push(input.f32s()?);
            input.f32()?;
        }
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::{Define, Stage};
    use crate::stages::testing::{params, run};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> MeanAbsoluteValue {
        MeanAbsoluteValue::new(&params(json)).unwrap()
    }

    #[test]
    fn worked_example() {
        let mut moving = stage(json!({ "mode": "moving", "windowSize": 3 }));
        assert_eq!(run(&mut moving, &[1.0, -2.0, 3.0, -4.0], 1), [1.0, 1.5, 2.0, 3.0]);
        assert_eq!(run(&mut stage(json!({ "mode": "batch" })), &[1.0, -3.0], 1), [2.0, 2.0]);
    }

    /// A state as the original writes it: the duration in float32, and no appendix.
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
