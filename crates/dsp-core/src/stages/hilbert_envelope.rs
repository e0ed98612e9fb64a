//! Envelope at the newest sample of a sliding window, every `hopSize` samples; all other samples pass unchanged.
//!
//! The envelope is `|z[N−1]|`, z the analytic signal of the window taken as one period (`scipy.signal.hilbert`). Its real part is the
//! newest sample itself, and its imaginary part one dot product with the window ([`crate::transform::hilbert`]): no transform is
//! needed. Samples before the window is full pass.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::framed::Channels;
use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::dot::weighted;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::transform::fft::MAX_SIZE;
use crate::transform::hilbert::newest_weights;
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct HilbertEnvelope {
    window: usize,
    hop: usize,
    /// Made when the first window is full, and shared by copies of the stage.
    weights: Option<Arc<[f64]>>,
    channels: Channels,
}

impl Define for HilbertEnvelope {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["hilbertEnvelope"];
    const METHOD: &'static str = "HilbertEnvelope";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `HilbertEnvelope`. */
export interface HilbertEnvelopeParams {
  /** Samples in the window: an integer ≥ 1. */
  windowSize: number;
  /** Samples from envelope to envelope, 1…windowSize; with 1, every sample is one. Default: half the window. */
  hopSize?: number;
}
method {
  /**
   * Envelope at the newest sample of a sliding window, every `hopSize` samples; the samples between, and those before the window
   * is full, pass unchanged.
   * @throws TypeError for parameters outside their ranges
   */
  HilbertEnvelope(params: HilbertEnvelopeParams): this;
}
"#;

    fn new(p: &Params) -> Result<Self> {
        let (size, hop) = (p.get("windowSize"), p.get("hopSize"));
        if size.is_nullish() {
            return Err(Error::type_error("HilbertEnvelope: windowSize is required"));
        }
        let window = size.as_positive_integer().filter(|&n| n <= MAX_SIZE).ok_or_else(|| {
            let rule = format!("window size must be greater than 0, an integer, and at most {MAX_SIZE}");
            Error::type_error(format!("HilbertEnvelope: {rule}, got {size}"))
        })?;
        let hop_size = if hop.is_undefined() { Some(window / 2) } else { hop.as_positive_integer() };
        let hop = hop_size.filter(|hop| (1..=window).contains(hop)).ok_or_else(|| {
            Error::type_error(format!("HilbertEnvelope: hop size must be between 1 and window size ({window}), got {hop}"))
        })?;
        Ok(Self { window, hop, weights: None, channels: Channels::new(window) })
    }

    fn label(&self, _: &Params) -> String {
        format!("hilbertEnvelope:win{}:hop{}", self.window, self.hop)
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

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({ "windowSize": self.window, "hopSize": self.hop });
        self.channels.save(&mut state);
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if (json::count(state, "windowSize")?, json::count(state, "hopSize")?) != (self.window, self.hop) {
            return Err(Error::failed("Window/hop size mismatch during deserialization"));
        }
        self.channels.load(state)
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.window)?;
        out.int(self.hop)?;
        self.channels.save_toon(out)
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        if (input.count()?, input.count()?) != (self.window, self.hop) {
            return Err(Error::failed("Window/hop size mismatch in HilbertEnvelopeStage deserialization"));
        }
        self.channels.load_toon(input)
    }

    fn cost_hint(&self) -> f64 {
        1.0 + self.window as f64 / self.hop as f64 / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};
    use crate::transform::hilbert::analytic_signal;

    #[test]
    fn every_window_gives_the_envelope_at_its_end() {
        let input: Vec<f32> = (0..90).map(|i| ((i * i) % 23) as f32 - 11.0).collect();
        for (window, hop) in [(16, 1), (15, 4), (16, 16), (1, 1), (2, 1)] {
            let mut stage = HilbertEnvelope::new(&params(json!({ "windowSize": window, "hopSize": hop }))).unwrap();
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
        for (bad, message) in [
            (json!({}), "windowSize is required"),
            (json!({ "windowSize": null }), "windowSize is required"),
            (json!({ "windowSize": 0 }), "window size must be greater than 0"),
            (json!({ "windowSize": 1 }), "hop size must be between 1 and window"),
            (json!({ "windowSize": 8, "hopSize": 9 }), "hop size must be between 1 and window size (8), got 9"),
        ] {
            let Err(error) = HilbertEnvelope::new(&params(bad)) else { panic!("no error, expected {message}") };
            assert!(matches!(error, Error::Type(_)) && error.to_string().contains(message), "{error}");
        }
    }
}
