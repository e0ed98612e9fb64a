//! `GscPreprocessor`: the fixed half of a generalised side-lobe canceller, which forms the beam and a noise reference
//! for an adaptive filter.
//!
//! For each frame `desired = Σ_c w_c·x_c` and `noise = Σ_j Σ_c B[c][j]·x_c`, with the blocking matrix B column-major, C
//! × (C − 1). Channel 0 becomes the noise, channel 1 the desired signal, the others 0, as `LmsFilter` and `RlsFilter`
//! expect after `ChannelSelector({ numInputChannels: C, numOutputChannels: 2 })`. Stateless, no latency. Source:
//! Griffiths & Jim, "An alternative approach to linearly constrained adaptive beamforming", 1982.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::limits::MAX_CHANNELS;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::stages::spatial::projection::{Map, widen};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `GscPreprocessor`.
    pub struct GscPreprocessorParams {
        /// Channels of the input, C.
        pub num_channels: usize = integer().at_least(2.0).rule(">= 2").range_error(),
        /// One weight per channel. Copied.
        pub steering_weights: Vec<f32> = float32_array(),
        /// C × (C − 1), column-major: channel c of noise reference j is `blockingMatrix[j·C + c]`. Copied.
        pub blocking_matrix: Vec<f32> = float32_array(),
    }
}

/// Steering weights and blocking matrix, and the map computed from them.
#[derive(Debug, Clone)]
pub struct GscPreprocessor {
    weights: Vec<f32>,
    blocking: Vec<f32>,
    map: Map,
}

impl GscPreprocessor {
    /// Builds the map: the sum of all noise references is one more weighted sum, so both outputs are one map of two
    /// columns.
    fn build(weights: Vec<f32>, blocking: Vec<f32>) -> Self {
        let channels = weights.len();
        let row_sum = |c: usize| blocking.iter().skip(c).step_by(channels).map(|&b| f64::from(b)).sum();
        let matrix = (0..channels).map(row_sum).chain(widen(&weights)).collect();
        Self { map: Map::new(vec![0.0; channels], matrix), weights, blocking }
    }
}

impl Define for GscPreprocessor {
    type Params = GscPreprocessorParams;
    const TYPES: &'static [&'static str] = &["gscPreprocessor"];
    const METHOD: &'static str = "GscPreprocessor";
    const IGNORED: &'static [&'static str] = &["geometry", "targetAngleDeg"];
    const DOC: &'static str = "Channel 0 becomes the sum of the noise references, channel 1 the weighted sum of the channels, the\n\
        others 0. Follow it with `ChannelSelector({ numInputChannels: C, numOutputChannels: 2 })` and an\n\
        adaptive filter.\n\
        @throws Error if the length of an array does not fit";

    fn new(params: &GscPreprocessorParams) -> Result<Self> {
        let GscPreprocessorParams { num_channels: channels, steering_weights, blocking_matrix } = params;
        if steering_weights.len() != *channels {
            let found = steering_weights.len();
            let text = format!("steeringWeights length ({found}) must equal numChannels ({channels})");
            return Err(Error::failed(format!("{}: {text}", Self::METHOD)));
        }
        let wanted = channels.saturating_mul(channels - 1);
        if blocking_matrix.len() != wanted {
            let found = blocking_matrix.len();
            let text = format!("blockingMatrix length ({found}) must equal numChannels × (numChannels-1) ({wanted})");
            return Err(Error::failed(format!("{}: {text}", Self::METHOD)));
        }
        Ok(Self::build(steering_weights.clone(), blocking_matrix.clone()))
    }

    fn label(&self, _: &GscPreprocessorParams) -> String {
        format!("gscPreprocessor:{}ch→2ch", self.weights.len())
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let mut stage = Self::build(vec![], vec![]);
        stage.load(state)?;
        Ok(stage)
    }

    fn examples() -> Vec<Value> {
        let (weights, blocking) = ([0.5, 0.25, 0.25], [1.0, -1.0, 0.0, 0.0, 1.0, -1.0]);
        let params = GscPreprocessorParams {
            num_channels: 3,
            steering_weights: weights.into(),
            blocking_matrix: blocking.into(),
        };
        vec![params.to_value()]
    }

    fn traits(_: &GscPreprocessorParams) -> Traits {
        // The channels of the example.
        Traits { channels: &[3], independent: false, ..Traits::STREAM }
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

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", "gscPreprocessor");
        let channels = archive.count("numChannels", self.weights.len())?;
        // JSON may bring weights of another size.
        if channels != self.weights.len() && !archive.is_json() {
            return Err(Error::mismatch(Self::METHOD, "channel count"));
        }
        archive.entries("steeringWeights", &mut self.weights)?;
        archive.entries("blockingMatrix", &mut self.blocking)?;
        if !archive.is_loading() {
            return Ok(());
        }
        let fits = (2..=MAX_CHANNELS).contains(&channels)
            && self.weights.len() == channels
            && self.blocking.len() == channels * (channels - 1);
        if !fits {
            return Err(Error::failed("steeringWeights and blockingMatrix must be arrays that fit numChannels"));
        }
        *self = Self::build(std::mem::take(&mut self.weights), std::mem::take(&mut self.blocking));
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        self.map.cost_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::spatial::beamformer::beamformer_weights;
    use crate::stages::testing::run;

    fn stage(channels: f64, weights: &[f32], blocking: &[f32]) -> Result<GscPreprocessor> {
        let entries = [
            ("numChannels", Value::Number(channels)),
            ("steeringWeights", Value::F32(weights.to_vec())),
            ("blockingMatrix", Value::F32(blocking.to_vec())),
        ];
        let params = Value::Object(entries.map(|(k, v)| (k.to_owned(), v)).into());
        GscPreprocessor::new(&GscPreprocessorParams::read("GscPreprocessor", &params)?)
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
        assert_eq!(error, Error::range("GscPreprocessor: numChannels must be >= 2, got 1"));
        let error = stage(3.0, &[1.0], &[]).unwrap_err();
        assert_eq!(error.to_string(), "GscPreprocessor: steeringWeights length (1) must equal numChannels (3)");
        assert!(stage(2.0, &[1.0; 2], &[1.0; 3]).unwrap_err().to_string().contains("blockingMatrix length (3)"));
        assert!(stage(1e15, &[1.0; 2], &[1.0; 3]).is_err());
    }
}
