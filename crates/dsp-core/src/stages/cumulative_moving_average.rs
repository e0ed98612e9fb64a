//! Cumulative moving average: the mean of all samples so far, `y[n] = (x[0] + … + x[n]) / (n + 1)`.
//!
//! Batch mode counts within the call. The sum is float64 and grows for ever: after 10⁹ samples a new one still counts.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::scan::{self, GROUP};
use crate::recurrence::Groups;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{MAX_SAFE_INTEGER, Params};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct CumulativeMovingAverage {
    moving: bool,
    channels: Vec<Total>,
}

/// Sum and number of the samples of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Total {
    sum: Groups,
    count: usize,
}

fn group(start: f64, samples: &[f32; GROUP]) -> [f64; GROUP] {
    scan::group_prefix(&samples.map(f64::from)).map(|prefix| start + prefix)
}

impl Total {
    fn run(&mut self, samples: &mut [f32]) {
        let (_, _, pending) = self.sum.parts();
        // A state that was edited may count less than it has.
        let before = self.count.saturating_sub(pending);
        self.sum.run(samples, |groups, start, done| scan::running_means(groups, start, (before + done) as f64));
        self.count += samples.len();
    }
}

impl CumulativeMovingAverage {
    fn mode(&self) -> &'static str {
        if self.moving { "moving" } else { "batch" }
    }

    fn check_mode(&self, mode: &str) -> Result<()> {
        let ours = self.mode();
        if mode == ours {
            return Ok(());
        }
        Err(Error::failed(format!("{} mode mismatch: the stage is '{ours}', the state '{mode}'", Self::METHOD)))
    }
}

impl Define for CumulativeMovingAverage {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["cumulativeMovingAverage"];
    const METHOD: &'static str = "CumulativeMovingAverage";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `CumulativeMovingAverage`. */
export interface CumulativeMovingAverageParams {
  /** `"batch"` starts anew in each call; `"moving"` continues from call to call. */
  mode: "batch" | "moving";
}
method {
  /**
   * Mean of all samples so far: `y[n] = (x[0] + … + x[n]) / (n + 1)`.
   * @throws TypeError if `mode` is unknown
   */
  CumulativeMovingAverage(params: CumulativeMovingAverageParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let mode = params.choice(Self::METHOD, "mode", &["batch", "moving"], None)?;
        Ok(Self { moving: mode == "moving", channels: vec![] })
    }

    fn label(&self, _: &Params) -> String {
        format!("cumulativeMovingAverage:{}", self.mode())
    }
}

impl Stage for CumulativeMovingAverage {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { moving, channels } = self;
        if !*moving {
            block.each_channel(|_, samples| Total::default().run(samples));
        } else if !block.is_empty() || channels.is_empty() {
            if channels.len() != block.channels() {
                *channels = vec![Total::default(); block.channels()];
            }
            block.each_channel(|c, samples| channels[c].run(samples));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Total::default());
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({ "mode": self.mode() });
        if self.moving {
            state["numChannels"] = self.channels.len().into();
            let channel = |total: &Total| {
                let mut state = json!({ "sum": json::num(total.sum.value(group)), "count": total.count });
                if let group @ Json::Object(_) = total.sum.to_json() {
                    state["group"] = group;
                }
                state
            };
            state["channels"] = self.channels.iter().map(channel).collect();
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check_mode(json::text(state, "mode")?)?;
        if self.moving {
            let channel = |state: &Json| {
                let sum = Groups::from_json(json::number(state, "sum")?, state.get("group"), group)?;
                Ok(Total { sum, count: json::count(state, "count")? })
            };
            self.channels = json::list(state, "channels")?.iter().map(channel).collect::<Result<_>>()?;
        }
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.object();
        out.str("mode");
        out.str(self.mode());
        if self.moving {
            out.str("channels");
            out.array();
            for total in &self.channels {
                out.object();
                out.str("sum");
                out.f32_exact(total.sum.value(group));
                out.str("count");
                // A stream may be longer than the token can say; the appendix has the number.
                out.int(total.count.min(i32::MAX as usize))?;
                out.end_object();
                out.exact(total.count as f64);
                total.sum.write(out);
            }
            out.end_array();
        }
        out.end_object();
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        input.object()?;
        input.str()?;
        self.check_mode(input.str()?)?;
        if self.moving {
            let mut channels = vec![];
            input.str()?;
            input.array()?;
            while input.more()? {
                input.object()?;
                input.str()?;
                let sum = input.f32_exact()?;
                input.str()?;
                let count = input.count()?;
                input.end_object()?;
                let count = input.exact_count(MAX_SAFE_INTEGER as usize)?.unwrap_or(count);
                channels.push(Total { sum: Groups::read(sum, input)?, count });
            }
            self.channels = channels;
        }
        input.end_object()
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    fn stage(mode: &str) -> CumulativeMovingAverage {
        CumulativeMovingAverage::new(&params(json!({ "mode": mode }))).unwrap()
    }

    #[test]
    fn worked_example() {
        let mut moving = stage("moving");
        assert_eq!(run(&mut moving, &[10.0, 20.0], 1), [10.0, 15.0]);
        assert_eq!(run(&mut moving, &[30.0], 1), [20.0]);
        let mut batch = stage("batch");
        run(&mut batch, &[10.0], 1);
        assert_eq!(run(&mut batch, &[20.0], 1), [20.0]);
    }

    #[test]
    fn equals_the_sums_computed_directly() {
        let x: Vec<f32> = (0..1000).map(|i| (i * 7919 % 1009) as f32 + 1000.0).collect();
        let mut sum = 0.0;
        for (n, (x, y)) in x.iter().zip(run(&mut stage("moving"), &x, 1)).enumerate() {
            sum += f64::from(*x);
            // Sums of whole numbers are exact.
            assert_eq!(y, (sum / (n + 1) as f64) as f32);
        }
    }

    #[test]
    fn a_state_of_the_other_mode_is_refused() {
        let error = stage("moving").load(&json!({ "mode": "batch" })).unwrap_err().to_string();
        assert!(error.contains("CumulativeMovingAverage mode mismatch"), "{error}");
    }
}
