//! Median of the last `windowSize` samples of each channel: removes spikes and keeps edges.
//!
//! Until the window is full, the median of the samples so far; of an even number, the mean of the middle two. NaN counts as larger
//! than any number. Delay (windowSize − 1)/2 samples. Time O(log windowSize) a sample. `scipy.ndimage.median_filter` is the same
//! but centred, with other ends.

use serde_json::{Value as Json, json};

use super::framed::length;
use crate::analysis::median::RunningMedian;
use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct MedianFilter {
    window: usize,
    channels: Vec<RunningMedian>,
}

impl MedianFilter {
    fn restore(&mut self, buffers: Vec<Vec<f32>>) -> Result<()> {
        if buffers.len() > MAX_CHANNELS || buffers.iter().any(|b| b.len() > self.window) {
            return Err(Error::failed("MedianFilter: more channels or samples than can be"));
        }
        let channel = |buffer: Vec<f32>| {
            let mut median = RunningMedian::new(self.window);
            buffer.into_iter().for_each(|x| {
                median.push(x);
            });
            median
        };
        self.channels = buffers.into_iter().map(channel).collect();
        Ok(())
    }
}

impl Define for MedianFilter {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["medianFilter"];
    const METHOD: &'static str = "MedianFilter";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `MedianFilter`. */
export interface MedianFilterParams {
  /** Samples in the window: an integer ≥ 1. */
  windowSize: number;
}
method {
  /**
   * Median of the last `windowSize` samples of each channel, of those so far until there are as many.
   * @throws TypeError if `windowSize` is not a positive integer
   */
  MedianFilter(params: MedianFilterParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        Ok(Self { window: length(p, "MedianFilter", "windowSize")?, channels: vec![] })
    }

    fn label(&self, _: &Params) -> String {
        format!("medianFilter:{}", self.window)
    }
}

impl Stage for MedianFilter {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.channels.len() != block.channels() {
            self.channels = vec![RunningMedian::new(self.window); block.channels()];
        }
        let channels = &mut self.channels;
        block.each_channel(|c, samples| samples.iter_mut().for_each(|x| *x = channels[c].push(*x)));
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.iter_mut().for_each(RunningMedian::clear);
    }

    fn save(&mut self) -> Result<Json> {
        let channel = |c: &RunningMedian| json!({ "buffer": json::nums(c.samples()) });
        let channels: Vec<Json> = self.channels.iter().map(channel).collect();
        Ok(json!({ "windowSize": self.window, "numChannels": channels.len(), "channels": channels }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if json::count(state, "windowSize")? != self.window {
            return Err(Error::failed("MedianFilter: Window size mismatch"));
        }
        let channels = json::list(state, "channels")?.iter();
        self.restore(channels.map(|c| json::samples(c, "buffer")).collect::<Result<_>>()?)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.window)?;
        out.int(self.channels.len())?;
        self.channels.iter().for_each(|c| out.f32s(c.samples()));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        if input.count()? != self.window {
            return Err(Error::failed("MedianFilter: window size mismatch"));
        }
        let channels = input.item_count()?;
        let buffers = (0..channels).map(|_| input.f32s()).collect::<Result<_>>()?;
        self.restore(buffers)
    }

    fn cost_hint(&self) -> f64 {
        10.0 + 5.0 * (self.window as f64).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};

    #[test]
    fn a_spike_is_removed() {
        let mut stage = MedianFilter::new(&params(json!({ "windowSize": 3 }))).unwrap();
        assert_eq!(run(&mut stage, &[1.0, 2.0, 90.0, 3.0], 1), [1.0, 1.5, 2.0, 3.0]);
        assert_eq!(run(&mut stage, &[2.0], 1), [3.0]);
    }

    #[test]
    fn the_window_must_be_a_positive_integer() {
        for bad in [json!({}), json!({ "windowSize": 0 }), json!({ "windowSize": 2.5 }), json!({ "windowSize": 1e12 })] {
            assert!(matches!(MedianFilter::new(&params(bad)), Err(Error::Type(_))));
        }
    }
}
