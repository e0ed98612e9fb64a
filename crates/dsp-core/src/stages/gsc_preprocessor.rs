//! The fixed half of a generalised side-lobe canceller: forms the beam and a noise reference for an adaptive filter.
//!
//! For each frame `desired = Σ_c w_c·x_c` and `noise = Σ_j Σ_c B[c][j]·x_c`, with the blocking matrix B column-major,
//! C × (C − 1). Channel 0 becomes the noise, channel 1 the desired signal, the others 0: what `LmsFilter` and `RlsFilter` take,
//! behind `ChannelSelector({ numInputChannels: C, numOutputChannels: 2 })`. Stateless, no latency. Source: Griffiths & Jim,
//! "An alternative approach to linearly constrained adaptive beamforming", 1982.

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use super::projection::{Map, float32s, keyed_numbers, single, widen};
use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct GscPreprocessor {
    weights: Vec<f64>,
    blocking: Vec<f64>,
    map: Map,
}

impl GscPreprocessor {
    /// The sum of all noise references is one more weighted sum, so that both outputs are one map of two columns.
    fn build(weights: Vec<f64>, blocking: Vec<f64>) -> Self {
        let channels = weights.len();
        let noise = (0..channels).map(|c| blocking.iter().skip(c).step_by(channels).sum());
        let matrix = noise.chain(weights.iter().copied()).collect();
        Self { map: Map::new(vec![0.0; channels], matrix), weights, blocking }
    }

    fn read(state: &Json) -> Result<Self> {
        let channels = json::count(state, "numChannels")?;
        let (weights, blocking) = (keyed_numbers(state, "steeringWeights")?, keyed_numbers(state, "blockingMatrix")?);
        let fits = (2..=MAX_CHANNELS).contains(&channels)
            && weights.len() == channels
            && blocking.len() == channels * (channels - 1);
        if !fits {
            return Err(Error::failed("steeringWeights and blockingMatrix must be arrays that fit numChannels"));
        }
        Ok(Self::build(single(weights), single(blocking)))
    }
}

impl Define for GscPreprocessor {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["gscPreprocessor"];
    const METHOD: &'static str = "GscPreprocessor";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `GscPreprocessor`. */
export interface GscPreprocessorParams {
  /** Channels of the input, C ≥ 2. */
  numChannels: number;
  /** One weight per channel. Copied. */
  steeringWeights: Float32Array;
  /** C × (C − 1), column-major: channel c of noise reference j is `blockingMatrix[j·C + c]`. Copied. */
  blockingMatrix: Float32Array;
}
method {
  /**
   * Channel 0 becomes the sum of the noise references, channel 1 the weighted sum of the channels, the others 0.
   * Follow it with `ChannelSelector({ numInputChannels: C, numOutputChannels: 2 })` and an adaptive filter.
   * @throws RangeError if there are fewer than two channels
   * @throws TypeError if an array is no Float32Array; Error if its length does not fit
   */
  GscPreprocessor(params: GscPreprocessorParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        params.required(Self::METHOD)?;
        let channels = params.get("numChannels").as_positive_integer().filter(|n| *n >= 2);
        let channels =
            channels.ok_or_else(|| Error::range(format!("{}: numChannels must be >= 2", Self::METHOD)))?;
        let weights = float32s(params, Self::METHOD, "steeringWeights")?;
        let blocking = float32s(params, Self::METHOD, "blockingMatrix")?;
        if weights.len() != channels {
            let found = weights.len();
            return Err(Error::failed(format!(
                "{}: steeringWeights length ({found}) must equal numChannels ({channels})",
                Self::METHOD
            )));
        }
        let wanted = channels.saturating_mul(channels - 1);
        if blocking.len() != wanted {
            let found = blocking.len();
            return Err(Error::failed(format!(
                "{}: blockingMatrix length ({found}) must equal numChannels × (numChannels-1) ({wanted})",
                Self::METHOD
            )));
        }
        Ok(Self::build(widen(weights), widen(blocking)))
    }

    fn label(&self, _: &Params) -> String {
        format!("gscPreprocessor:{}ch→2ch", self.weights.len())
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        Self::read(state)
    }
}

impl Stage for GscPreprocessor {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        let (ours, found) = (self.weights.len(), block.channels());
        if found != ours {
            return Err(Error::failed(format!("GscPreprocessor: configured for {ours} channels, got {found}")));
        }
        self.map.apply(block);
        Ok(())
    }

    fn reset(&mut self) {}

    fn save(&mut self) -> Result<Json> {
        Ok(json!({
            "type": "gscPreprocessor", "numChannels": self.weights.len(),
            "steeringWeights": json::nums(self.weights.iter().copied()),
            "blockingMatrix": json::nums(self.blocking.iter().copied()),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        *self = Self::read(state)?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.weights.len())?;
        self.weights.iter().chain(&self.blocking).for_each(|&x| out.f32(x as f32));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        if input.count()? != self.weights.len() {
            return Err(Error::mismatch(Self::METHOD, "channel count"));
        }
        let mut read = |count: usize| (0..count).map(|_| input.f32().map(f64::from)).collect::<Result<Vec<_>>>();
        *self = Self::build(read(self.weights.len())?, read(self.blocking.len())?);
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        self.map.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::beamformer::beamformer_weights;
    use crate::stages::testing::run;
    use crate::value::Value;

    fn stage(channels: f64, weights: &[f32], blocking: &[f32]) -> Result<GscPreprocessor> {
        let entries = [
            ("numChannels", Value::Number(channels)),
            ("steeringWeights", Value::F32(weights.to_vec())),
            ("blockingMatrix", Value::F32(blocking.to_vec())),
        ];
        GscPreprocessor::new(&Params::new(Value::Object(entries.map(|(k, v)| (k.to_owned(), v)).into())))
    }

    #[test]
    fn worked_example() {
        let mut gsc = stage(3.0, &[0.5, 0.25, 0.25], &[1.0, -1.0, 0.0, 0.0, 1.0, -1.0]).unwrap();
        // noise = (x0 − x1) + (x1 − x2), desired = x0/2 + x1/4 + x2/4.
        assert_eq!(run(&mut gsc, &[4.0, 8.0, 1.0], 3), [3.0, 4.25, 0.0]);
    }

    #[test]
    fn the_trained_weights_block_what_is_equal_on_all_channels() {
        let w = beamformer_weights(4);
        let mut gsc = stage(4.0, &w.steering, &w.blocking).unwrap();
        let got = run(&mut gsc, &[3.0; 4], 4);
        // Weights are rounded to f32.
        assert!(got[0].abs() < 1e-6 && (got[1] - 6.0).abs() < 1e-6, "{got:?}");
    }

    #[test]
    fn wrong_parameters_are_named() {
        let error = stage(1.0, &[], &[]).unwrap_err();
        assert_eq!(error, Error::range("GscPreprocessor: numChannels must be >= 2"));
        let error = stage(3.0, &[1.0], &[]).unwrap_err();
        assert_eq!(error.to_string(), "GscPreprocessor: steeringWeights length (1) must equal numChannels (3)");
        assert!(stage(2.0, &[1.0; 2], &[1.0; 3]).unwrap_err().to_string().contains("blockingMatrix length (3)"));
        assert!(stage(1e15, &[1.0; 2], &[1.0; 3]).is_err());
    }
}
