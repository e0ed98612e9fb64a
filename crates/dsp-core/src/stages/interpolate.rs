//! Interpolation: raises the sample rate by a whole factor L.
//!
//! L − 1 zeros are put behind every sample, then a low-pass takes out the images: `y[nL+p] = Σ_q h[qL+p]·x[n−q]`, with
//! `h` a sinc of `order` taps, cutoff 1/(2L), under a Hamming window, times L. n frames give n·L. Latency:
//! (order − 1)/2 output samples. SciPy: `upfirdn(h, x, L)`.

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::resampler::{Resampler, default_order, factor, order_and_rate};
use crate::block::Block;
use crate::design::resampling::hamming_taps;
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::resample::Plan;
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Interpolate {
    order: usize,
    sample_rate: f64,
    resampler: Resampler,
}

impl Interpolate {
    fn factor(&self) -> u64 {
        self.resampler.plan().up()
    }
}

impl Define for Interpolate {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["interpolate"];
    const METHOD: &'static str = "Interpolate";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Interpolate`. */
export interface InterpolateParams {
  /** How many times more samples come out: an integer ≥ 2. */
  factor: number;
  /** Sample rate of the input in Hz, > 0. Kept in saved states; changes no number. */
  sampleRate: number;
  /** Taps of the low-pass: odd, ≥ 3. Default 51, and 10·factor + 1 for factors above 13. */
  order?: number;
}
method {
  /**
   * Raises the sample rate by a whole factor, with a Hamming-windowed sinc against the images. Delays by
   * (order − 1)/2 output samples.
   * @throws TypeError if `factor`, `sampleRate` or `order` is not as described
   * @throws RangeError if the filter would be too long
   */
  Interpolate(params: InterpolateParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let up = factor(params, Self::METHOD, "factor", 2, "an integer >= 2")?;
        let (order, sample_rate) = order_and_rate(params, Self::METHOD)?;
        let order = order.map_or_else(|| default_order(Self::METHOD, up, 1), Ok)?;
        let mut taps = hamming_taps(order, 0.5 / up as f64);
        taps.iter_mut().for_each(|h| *h *= up as f64);
        Ok(Self { order, sample_rate, resampler: Resampler::new(Plan::new(up, 1, &taps, order)) })
    }

    fn label(&self, _: &Params) -> String {
        format!("interpolate:{}", self.factor())
    }
}

impl Stage for Interpolate {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "type": "interpolate", "factor": self.factor(), "order": self.order,
            "sampleRate": json::num(self.sample_rate),
        });
        self.resampler.save(&mut state);
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if json::count(state, "factor")? as u64 != self.factor() || json::count(state, "order")? != self.order {
            return Err(Error::mismatch("Interpolate", "parameter"));
        }
        self.resampler.load(state, 0)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.factor() as usize)?;
        out.int(self.order)?;
        out.f64(self.sample_rate);
        out.int(self.resampler.channels())?;
        self.resampler.save_toon(out)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        if input.count()? as u64 != self.factor() || input.count()? != self.order {
            return Err(Error::mismatch("Interpolate", "parameter"));
        }
        input.f64()?;
        let channels = input.item_count()?;
        let (rings, positions) = Resampler::read_toon(input, channels)?;
        self.resampler.load_lines(rings, positions, 0)
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::stages::testing::{params, run};

    fn stage(json: Json) -> Result<Interpolate> {
        Interpolate::new(&params(json))
    }

    #[test]
    fn worked_example() {
        let mut stage = stage(json!({ "factor": 2, "order": 5, "sampleRate": 1000 })).unwrap();
        let got = run(&mut stage, &[1.0, 2.0, 3.0], 1);
        for (a, b) in got.iter().zip([0.0, 0.343_774_7, 1.0, 1.031_324, 2.0, 1.718_873_4]) {
            // Seven digits of the example.
            assert!((a - b).abs() < 1e-6, "{got:?}");
        }
    }

    #[test]
    fn wrong_parameters_are_named_in_the_original_sequence() {
        let refused = |json| stage(json).unwrap_err();
        let text = "Interpolate: factor must be an integer >= 2, got undefined";
        assert_eq!(refused(json!({ "sampleRate": -1 })), Error::type_error(text));
        let text = "Interpolate: sampleRate must be positive, got -1";
        assert_eq!(refused(json!({ "factor": 2, "sampleRate": -1, "order": 4 })), Error::type_error(text));
        let text = "Interpolate: order must be odd and >= 3, got 4";
        assert_eq!(refused(json!({ "factor": 2, "order": 4 })), Error::type_error(text));
        assert_eq!(refused(json!({ "factor": 2 })), Error::type_error("Interpolate: 'sampleRate' is required"));
    }

    #[test]
    fn absurd_sizes_are_range_errors() {
        let refused = |json| stage(json).unwrap_err().kind();
        assert_eq!(refused(json!({ "factor": 1e9, "sampleRate": 1 })), ErrorKind::Range);
        assert_eq!(refused(json!({ "factor": 2, "sampleRate": 1, "order": 1e9 + 1.0 })), ErrorKind::Range);
        let mut huge = stage(json!({ "factor": 9_007_199_254_740_991i64, "sampleRate": 1, "order": 3 })).unwrap();
        let (mut samples, mut work) = (vec![1.0; 100], crate::block::Workspace::default());
        let mut block = Block::regular(&mut samples, 1, &mut work, 0.0, 0.0, 1000.0);
        assert_eq!(huge.process(&mut block).unwrap_err().kind(), ErrorKind::Range);
    }

    #[test]
    fn long_default_filters_begin_above_13() {
        for (factor, order) in [(2, 51), (13, 51), (14, 141), (60, 601)] {
            assert_eq!(stage(json!({ "factor": factor, "sampleRate": 1 })).unwrap().order, order);
        }
    }
}
