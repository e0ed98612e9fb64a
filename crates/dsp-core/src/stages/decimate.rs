//! Decimation: lowers the sample rate by a whole factor M.
//!
//! A low-pass against aliasing, `v[n] = Σ_k h[k]·x[n−k]`, of which every M-th value is kept, counted across calls:
//! `y[m] = v[(m+1)M − 1]`. `h` is a sinc of `order` taps, cutoff 1/(2M), under a Hamming window, scaled to unit gain.
//! Latency: (order − 1)/2 input samples. The default of 51 taps is a weak filter for large M. SciPy:
//! `upfirdn(h, x, 1, M)`, from another phase.

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::resampler::{DEFAULT_ORDER, Resampler, factor, order_and_rate};
use crate::block::Block;
use crate::design::resampling::{hamming_taps, scale_to_sum};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::resample::Plan;
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Decimate {
    order: usize,
    sample_rate: f64,
    resampler: Resampler,
}

impl Decimate {
    fn factor(&self) -> u64 {
        self.resampler.plan().down()
    }

    /// Frames since the last output.
    fn phase(&self) -> u64 {
        self.factor() - 1 - self.resampler.next()
    }

    /// Takes over a saved state. The original's `stateBuffer` holds one channel after the other.
    fn restore(&mut self, phase: usize, channels: usize, flat: &[f32], positions: Vec<f64>) -> Result<()> {
        if channels == 0 || channels.checked_mul(self.order) != Some(flat.len()) {
            return Err(Error::failed(format!("'stateBuffer' must be an array of {} samples per channel", self.order)));
        }
        let next = (self.factor() - 1).checked_sub(phase as u64);
        let next = next.ok_or_else(|| Error::failed("'phaseIndex' is out of range"))?;
        self.resampler.load_lines(flat.chunks_exact(self.order).map(<[f32]>::to_vec).collect(), positions, next)
    }

    fn check(&self, factor: usize, order: usize) -> Result<()> {
        if factor as u64 == self.factor() && order == self.order {
            return Ok(());
        }
        Err(Error::mismatch("Decimate", "parameter"))
    }
}

impl Define for Decimate {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["decimate"];
    const METHOD: &'static str = "Decimate";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `Decimate`. */
export interface DecimateParams {
  /** How many input samples make one output sample: an integer ≥ 2. */
  factor: number;
  /** Sample rate of the input in Hz, > 0. Kept in saved states; changes no number. */
  sampleRate: number;
  /** Taps of the low-pass: odd, ≥ 3. Default 51. */
  order?: number;
}
method {
  /**
   * Lowers the sample rate by a whole factor, behind a Hamming-windowed sinc against aliasing. Delays by
   * (order − 1)/2 input samples. A call may give no output at all: frames are counted across calls.
   * @throws TypeError if `factor`, `sampleRate` or `order` is not as described
   * @throws RangeError if the filter would be too long
   */
  Decimate(params: DecimateParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let down = factor(params, Self::METHOD, "factor", 2, "an integer >= 2")?;
        let (order, sample_rate) = order_and_rate(params, Self::METHOD)?;
        let order = order.unwrap_or(DEFAULT_ORDER);
        let mut taps = hamming_taps(order, 0.5 / down as f64);
        scale_to_sum(&mut taps, 1.0);
        Ok(Self { order, sample_rate, resampler: Resampler::decimator(Plan::new(1, down, &taps, order))? })
    }

    fn label(&self, _: &Params) -> String {
        format!("decimate:{}", self.factor())
    }
}

impl Stage for Decimate {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.resampler.process(block)
    }

    fn reset(&mut self) {
        self.resampler.reset();
    }

    fn save(&mut self) -> Result<Json> {
        let (rings, positions) = self.resampler.save_lines();
        Ok(json!({
            "type": "decimate", "factor": self.factor(), "order": self.order,
            "sampleRate": json::num(self.sample_rate), "phaseIndex": self.phase(),
            "numChannels": self.resampler.channels(),
            "stateBuffer": json::nums(rings.into_iter().flatten()), "stateIndices": positions,
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.check(json::count(state, "factor")?, json::count(state, "order")?)?;
        let flat = json::samples(state, "stateBuffer")?;
        let positions = json::numbers(state, "stateIndices")?;
        self.restore(json::count(state, "phaseIndex")?, json::count(state, "numChannels")?, &flat, positions)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        let (rings, positions) = self.resampler.save_lines();
        out.object();
        out.str("factor");
        out.int(self.factor() as usize)?;
        out.str("order");
        out.int(self.order)?;
        out.str("sampleRate");
        out.f64(self.sample_rate);
        out.str("phaseIndex");
        out.int(self.phase() as usize)?;
        out.str("numChannels");
        out.int(rings.len())?;
        out.str("stateBuffer");
        out.f32s(rings.concat().into_iter().map(|x| x as f32).collect::<Vec<_>>().into_iter());
        out.str("stateIndices");
        out.array();
        positions.into_iter().try_for_each(|p| out.int(p))?;
        out.end_array();
        out.end_object();
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        input.object()?;
        input.str()?;
        let factor = input.count()?;
        input.str()?;
        self.check(factor, input.count()?)?;
        input.str()?;
        input.f64()?;
        input.str()?;
        let phase = input.count()?;
        input.str()?;
        let channels = input.count()?;
        input.str()?;
        let flat = input.f32s()?;
        input.str()?;
        input.array()?;
        let mut positions = vec![];
        while input.more()? {
            positions.push(f64::from(input.int()?));
        }
        input.end_object()?;
        self.restore(phase, channels, &flat, positions)
    }

    fn cost_hint(&self) -> f64 {
        self.resampler.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Workspace;
    use crate::stages::testing::{params, run};

    fn stage(json: Json) -> Result<Decimate> {
        Decimate::new(&params(json))
    }

    #[test]
    fn every_third_frame_counted_across_calls() {
        let mut stage = stage(json!({ "factor": 3, "sampleRate": 1000, "order": 3 })).unwrap();
        // h = [a, 1 − 2a, a]; the step has come through behind its third sample.
        assert!(run(&mut stage, &[1.0, 1.0], 1).is_empty());
        let got = run(&mut stage, &[1.0, 1.0, 1.0, 1.0, 1.0], 1);
        assert_eq!(got, [1.0, 1.0]);
        assert_eq!(stage.phase(), 1);
    }

    #[test]
    fn outputs_have_the_time_of_the_first_frame_of_their_block() {
        let mut stage = stage(json!({ "factor": 4, "sampleRate": 1000 })).unwrap();
        let mut times = vec![];
        for call in 0..5u32 {
            let (mut samples, mut work) = ([0.0; 6], Workspace::default());
            let stamps: Vec<f64> = (0..6).map(|k| f64::from(call * 6 + k) * 10.0).collect();
            let mut block = Block::stamped(&mut samples, 1, &mut work, &stamps);
            stage.process(&mut block).unwrap();
            times.extend((0..block.frames()).map(|k| block.times().at(0, k)));
        }
        assert_eq!(times, [0.0, 40.0, 80.0, 120.0, 160.0, 200.0, 240.0]);
    }

    #[test]
    fn a_state_of_the_wrong_shape_is_refused() {
        let mut stage = stage(json!({ "factor": 2, "sampleRate": 1000, "order": 3 })).unwrap();
        let good = stage.save().unwrap();
        assert_eq!(good["numChannels"], 1);
        for (key, bad) in [
            ("order", json!(5)), ("factor", json!(3)), ("phaseIndex", json!(2)), ("numChannels", json!(0)),
            ("numChannels", json!(1e15)), ("stateBuffer", json!([1, 2])), ("stateBuffer", json!({})),
            ("stateIndices", json!([3])), ("stateIndices", json!([])), ("stateIndices", json!([-1])),
        ] {
            let mut state = good.clone();
            state[key] = bad;
            assert!(stage.load(&state).is_err(), "{key}");
        }
        assert_eq!(stage.load(&good), Ok(()));
    }
}
