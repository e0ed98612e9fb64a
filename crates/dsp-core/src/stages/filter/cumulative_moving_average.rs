//! Cumulative moving average: the mean of all samples so far, `y[n] = (x[0] + … + x[n]) / (n + 1)`.
//!
//! Batch mode starts anew in each call. The sum is a float64, in which a new sample still counts after 10⁹ samples.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::scan;
use crate::kernels::scan::GROUP;
use crate::limits::filled;
use crate::stages::common::Mode;
use crate::stages::filter::recurrence::Groups;
use crate::state::archive::Archive;
use crate::text::{MAX_SAFE_INTEGER, Texts};

crate::params! {
    /// Parameters of `CumulativeMovingAverage`.
    pub struct CumulativeMovingAverageParams {
        /// `"batch"` starts anew in each call; `"moving"` continues from call to call.
        pub mode: Mode = one_of(Mode::TEXTS),
    }
}

/// The mean of all samples so far of each channel.
#[derive(Debug, Clone)]
pub struct CumulativeMovingAverage {
    mode: Mode,
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

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let sum = archive.exact("sum", self.sum.value(group))?;
        // A stream may be longer than an int32 token can say; the appendix has the number.
        let limit = if archive.is_json() { usize::MAX } else { i32::MAX as usize };
        let rounded = archive.count("count", self.count.min(limit))?;
        let exact = archive.appendix_count(self.count, MAX_SAFE_INTEGER as usize)?;
        if archive.is_loading() {
            self.count = exact.unwrap_or(rounded);
        }
        self.sum.pending_state(archive, sum, group)
    }
}

impl Define for CumulativeMovingAverage {
    type Params = CumulativeMovingAverageParams;
    const TYPES: &'static [&'static str] = &["cumulativeMovingAverage"];
    const METHOD: &'static str = "CumulativeMovingAverage";
    const DOC: &'static str = "Mean of all samples so far: `y[n] = (x[0] + … + x[n]) / (n + 1)`.";

    fn new(params: &CumulativeMovingAverageParams) -> Result<Self> {
        Ok(Self { mode: params.mode, channels: vec![] })
    }

    fn label(&self, _: &CumulativeMovingAverageParams) -> String {
        format!("cumulativeMovingAverage:{}", self.mode.text())
    }

    fn traits(params: &CumulativeMovingAverageParams) -> Traits {
        if params.mode == Mode::Batch { Traits::BATCH } else { Traits::STREAM }
    }
}

impl Stage for CumulativeMovingAverage {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let Self { mode, channels } = self;
        if *mode == Mode::Batch {
            block.each_channel(|_, samples| Total::default().run(samples));
        } else if !block.is_empty() || channels.is_empty() {
            if channels.len() != block.channels() {
                *channels = filled(Total::default(), block.channels())?;
            }
            block.each_channel(|c, samples| channels[c].run(samples));
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Total::default());
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.object(|archive| {
            let (mode, ours) = (archive.text("mode", self.mode.text())?, self.mode.text());
            if mode != ours {
                let name = Self::METHOD;
                return Err(Error::failed(format!("{name} mode mismatch: the stage is '{ours}', the state '{mode}'")));
            }
            match self.mode {
                Mode::Batch => Ok(()),
                Mode::Moving => archive.channels(&mut self.channels, Total::default, Total::state),
            }
        })
    }

    fn cost_hint(&self) -> f64 {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run};
    use serde_json::json;

    fn stage(mode: &str) -> CumulativeMovingAverage {
        make(&json!({ "mode": mode }))
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
