//! Envelope at the newest sample of a sliding window, every `hopSize` samples; all other samples pass unchanged.
//!
//! The envelope is `|z[N−1]|`, z the analytic signal of the window taken as one period (`scipy.signal.hilbert`). Its
//! real part is the newest sample itself, and its imaginary part one dot product with the window
//! ([`crate::signal::transform::hilbert`]): no transform is needed. Samples before the window is full pass.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::kernels::dot::weighted;
use crate::params::value::Value;
use crate::params::{Parameters, ToValue};
use crate::signal::transform::hilbert::newest_weights;
use crate::stages::common::LENGTH;
use crate::stages::spectrum::framed::{Channels, hop_size};
use crate::state::archive::Archive;

crate::params! {
    /// Parameters of `HilbertEnvelope`.
    pub struct HilbertEnvelopeParams {
        /// Samples in the window.
        pub window_size: usize = LENGTH
            .called("window size")
            .rule("greater than 0, an integer, and at most 67108864")
            .required("windowSize is required")
            .or_null(),
        /// Samples from envelope to envelope, at most `windowSize`; with 1, every sample is one.
        pub hop_size: Option<usize> = integer()
            .at_least(1.0)
            .called("hop size")
            .rule("between 1 and window size")
            .optional_as("half the window"),
    }
}

/// A sliding window for each channel, and the weights of its samples that they share.
#[derive(Debug, Clone)]
pub struct HilbertEnvelope {
    window: usize,
    hop: usize,
    /// Made when the first window is full, and shared by copies of the stage.
    weights: Option<Arc<[f64]>>,
    channels: Channels,
}

impl Define for HilbertEnvelope {
    type Params = HilbertEnvelopeParams;
    const TYPES: &'static [&'static str] = &["hilbertEnvelope"];
    const METHOD: &'static str = "HilbertEnvelope";
    const DOC: &'static str = "Envelope at the newest sample of a sliding window, every `hopSize` samples; the samples between, and\n\
        those before the window is full, pass unchanged.";

    fn new(params: &HilbertEnvelopeParams) -> Result<Self> {
        let window = params.window_size;
        let hop = hop_size(params.hop_size, window).ok_or_else(|| {
            let (rule, given) = (format!("between 1 and window size ({window})"), params.hop_size.to_value());
            Error::type_error(format!("HilbertEnvelope: hop size must be {rule}, got {given}"))
        })?;
        Ok(Self { window, hop, weights: None, channels: Channels::new(window) })
    }

    fn label(&self, _: &HilbertEnvelopeParams) -> String {
        format!("hilbertEnvelope:win{}:hop{}", self.window, self.hop)
    }

    fn examples() -> Vec<Value> {
        let all = [(16, Some(5)), (7, Some(1)), (64, None)];
        all.map(|(window_size, hop_size)| HilbertEnvelopeParams { window_size, hop_size }.to_value()).into()
    }
}

impl Stage for HilbertEnvelope {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.channels.expect(block.channels());
        if block.is_empty() {
            return Ok(());
        }
        let weights = self.weights.get_or_insert_with(|| newest_weights(self.window).into());
        let (hop, channels) = (self.hop, &mut self.channels.all);
        block.each_channel(|c, samples| {
            let mut rest = samples;
            while !rest.is_empty() {
                let (taken, due) = channels[c].take(rest, hop);
                if due {
                    let newest = f64::from(rest[taken - 1]);
                    let quadrature = weighted(channels[c].window.samples(), weights);
                    rest[taken - 1] = (newest * newest + quadrature * quadrature).sqrt() as f32;
                }
                rest = &mut rest[taken..];
            }
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.channels.sizes(self.hop, archive)?;
        self.channels.state(archive)
    }

    /// The envelope is that at the newest sample.
    fn latency(&self, _: Option<f64>) -> f64 {
        0.0
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.window as f64 / self.hop as f64 / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::transform::hilbert::analytic_signal;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::json;

    #[test]
    fn every_window_gives_the_envelope_at_its_end() {
        let input: Vec<f32> = (0..90).map(|i| ((i * i) % 23) as f32 - 11.0).collect();
        for (window, hop) in [(16, 1), (15, 4), (16, 16), (1, 1), (2, 1)] {
            let mut stage = make::<HilbertEnvelope>(&json!({ "windowSize": window, "hopSize": hop }));
            let out = run(&mut stage, &input, 1);
            for (i, y) in out.iter().enumerate() {
                let due = i + 1 >= window && (i + 1 - window) % hop == 0;
                let want = if due {
                    let frame: Vec<f64> = input[i + 1 - window..=i].iter().map(|&x| x.into()).collect();
                    analytic_signal(&frame)[window - 1].norm()
                } else {
                    input[i].into()
                };
                // Values below 64, rounded to f32 once.
                assert!((f64::from(*y) - want).abs() < 4e-6, "{window}/{hop} at {i}: {y} {want}");
            }
        }
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(crate::signal::transform::fft::MAX_SIZE, 67_108_864, "the rule of windowSize names it");
        for (bad, message) in [
            (json!({}), "windowSize is required"),
            (json!({ "windowSize": null }), "windowSize is required"),
            (json!({ "windowSize": 0 }), "window size must be greater than 0"),
            (json!({ "windowSize": 1e9 }), "at most 67108864, got 1000000000"),
            (json!({ "windowSize": 1 }), "hop size must be between 1 and window"),
            (json!({ "windowSize": 8, "hopSize": 9 }), "hop size must be between 1 and window size (8), got 9"),
        ] {
            let Err(error) = try_make::<HilbertEnvelope>(&bad) else { panic!("no error, expected {message}") };
            assert!(matches!(error, Error::Type(_)) && error.to_string().contains(message), "{error}");
        }
    }
}
