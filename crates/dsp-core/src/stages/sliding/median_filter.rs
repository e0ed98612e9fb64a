//! Median of the last `windowSize` samples of each channel: removes spikes and keeps edges.
//!
//! Until the window is full, the median of the samples so far; of an even number, the mean of the middle two. NaN while
//! one is in the window. Delay (windowSize − 1)/2 samples. Time O(log windowSize) a sample for long windows.
//! `scipy.ndimage.median_filter` is the same but centred, with other ends.

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::limits::filled;
use crate::signal::smooth::median::RunningMedian;
use crate::stages::common::LENGTH;
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `MedianFilter`.
    pub struct MedianFilterParams {
        /// Samples in the window.
        pub window_size: usize = LENGTH,
    }
}

/// A running median for each channel.
#[derive(Debug, Clone)]
pub struct MedianFilter {
    window: usize,
    channels: Vec<RunningMedian>,
}

impl Define for MedianFilter {
    type Params = MedianFilterParams;
    const TYPES: &'static [&'static str] = &["medianFilter"];
    const METHOD: &'static str = "MedianFilter";
    const DOC: &'static str =
        "Median of the last `windowSize` samples of each channel, of those so far until there are as many.";

    fn new(params: &MedianFilterParams) -> Result<Self> {
        Ok(Self { window: params.window_size, channels: vec![] })
    }

    fn label(&self, _: &MedianFilterParams) -> String {
        format!("medianFilter:{}", self.window)
    }
}

impl Stage for MedianFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.channels.len() != block.channels() {
            self.channels = filled(RunningMedian::new(self.window), block.channels())?;
        }
        let channels = &mut self.channels;
        block.each_channel(|c, samples| channels[c].push_all(samples));
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.iter_mut().for_each(RunningMedian::clear);
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let window = self.window;
        if archive.count("windowSize", window)? != window {
            return Err(Error::failed("MedianFilter: Window size mismatch"));
        }
        archive.channels(
            &mut self.channels,
            || RunningMedian::new(window),
            |median, archive| match archive.samples("buffer", median.samples())? {
                Some(samples) if samples.len() > window => {
                    let found = samples.len();
                    Err(Error::failed(format!("MedianFilter: {found} samples in a window of {window}")))
                }
                samples => {
                    median.push_all(&mut samples.unwrap_or_default());
                    Ok(())
                }
            },
        )
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        (self.window - 1) as f64 / 2.0
    }

    fn cost_hint(&self) -> f64 {
        if self.window <= 256 { 10.0 + 0.1 * self.window as f64 } else { 5.0 * (self.window as f64).log2() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn a_spike_is_removed() {
        let mut stage = make::<MedianFilter>(&json!({ "windowSize": 3 }));
        assert_eq!(run(&mut stage, &[1.0, 2.0, 90.0, 3.0], 1), [1.0, 1.5, 2.0, 3.0]);
        assert_eq!(run(&mut stage, &[2.0], 1), [3.0]);
    }

    #[test]
    fn a_nan_leaves_with_its_sample() {
        let mut stage = make::<MedianFilter>(&json!({ "windowSize": 3 }));
        let medians = run(&mut stage, &[3.0, 1.0, f32::NAN], 1);
        assert!(medians[..2] == [3.0, 2.0] && medians[2].is_nan());
        let medians = run(&mut stage, &[1.0, 4.0, 7.0], 1);
        assert!(medians[0].is_nan() && medians[1].is_nan() && medians[2] == 4.0);
    }

    #[test]
    fn the_window_must_be_a_positive_integer() {
        assert!(matches!(try_make::<MedianFilter>(&json!({})), Err(Error::Type(_))));
        for size in [0.0, 2.5, 1e12] {
            assert!(matches!(try_make::<MedianFilter>(&json!({ "windowSize": size })), Err(Error::Type(_))));
        }
    }
}
