//! Envelope at one sample of a sliding window, every `hopSize` samples; all other samples pass unchanged.
//!
//! The envelope is `|z[p]|`, z the analytic signal of the window taken as one period (`scipy.signal.hilbert`). Its real
//! part is the sample itself, and its imaginary part one dot product with the window
//! ([`crate::signal::transform::hilbert`]): no transform is needed. Samples before the window is full pass unchanged.
//!
//! If the window does not continue periodically, z is wrong near its ends. At the newest sample, p = N − 1, the
//! envelope of a steady sine varies by more than half; in the middle, p = N − 1 − ⌊(N − 1)/2⌋, by a few percent. The
//! middle has a lag of ⌊(N − 1)/2⌋ samples, by which the samples that pass are delayed too.

use std::sync::Arc;

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::engine::workspace::Scratch;
use crate::error::{Error, Result};
use crate::kernels::dot::weighted;
use crate::limits::ensure_memory;
use crate::params::value::Value;
use crate::params::{Parameters, ToValue};
use crate::signal::transform::hilbert::quadrature_weights;
use crate::stages::common::LENGTH;
use crate::stages::spectrum::framed::{Channels, hop_size};
use crate::state::archive::Archive;

crate::texts! {
    /// The sample of the window at which the envelope is read.
    pub enum Align {
        /// The last one: no lag, and a large error.
        Newest = "newest",
        /// The middle one.
        Center = "center",
    }
}

impl Align {
    /// Returns the number of samples between a sample and the one with which its envelope is known.
    fn lag(self, window: usize) -> usize {
        match self {
            Self::Newest => 0,
            Self::Center => (window - 1) / 2,
        }
    }
}

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
        /// The sample of the window at which the envelope is read. `"newest"`: the last one, without lag, where the
        /// envelope of a steady sine swings by more than half. `"center"`: the middle one, where it is right within a
        /// few percent, ⌊(windowSize − 1)/2⌋ samples late; the samples that pass are as late.
        pub align: Align = one_of(Align::TEXTS).or_first(),
    }
}

/// A sliding window for each channel, and the weights of its samples that they share.
#[derive(Debug, Clone)]
pub struct HilbertEnvelope {
    window: usize,
    hop: usize,
    align: Align,
    /// Weights, computed when the first window is full and shared by copies of the stage.
    weights: Option<Arc<[f64]>>,
    channels: Channels,
}

impl HilbertEnvelope {
    fn lag(&self) -> usize {
        self.align.lag(self.window)
    }

    /// Walks the alignment, which states contain if it is the middle.
    fn check_align(&self, archive: &mut Archive<'_>) -> Result<()> {
        let is_center = self.align == Align::Center;
        let saved = if archive.is_json() {
            if archive.optional("align", is_center) {
                archive.named("align", self.align, "align")?
            } else {
                Align::Newest
            }
        } else if archive.is_loading() {
            archive.exact_tail([])?.map_or(Align::Newest, |_| Align::Center)
        } else {
            if is_center {
                archive.exact_tail([])?;
            }
            self.align
        };
        if saved == self.align { Ok(()) } else { Err(Error::mismatch(Self::METHOD, "align")) }
    }
}

/// Writes the last `count` of `samples` to `last`, preceded by zeros if there are fewer.
fn last_samples(samples: &[f32], count: usize, last: &mut Vec<f32>) {
    let known = count.min(samples.len());
    last.clear();
    last.resize(count - known, 0.0);
    last.extend_from_slice(&samples[samples.len() - known..]);
}

/// Delays `samples` by the number of samples in `before`, which come first.
fn delay(before: &[f32], samples: &mut [f32]) {
    let (lag, count) = (before.len(), samples.len());
    if count > lag {
        samples.copy_within(..count - lag, lag);
    }
    let first = lag.min(count);
    samples[..first].copy_from_slice(&before[..first]);
}

impl Define for HilbertEnvelope {
    type Params = HilbertEnvelopeParams;
    const TYPES: &'static [&'static str] = &["hilbertEnvelope"];
    const METHOD: &'static str = "HilbertEnvelope";
    const DOC: &'static str = "Envelope of a sliding window, every `hopSize` samples; the samples between, and those before the\n\
        window is full, pass unchanged. With `align: 'center'` it is read in the middle of the window, where it is right\n\
        within a few percent, and all samples are ⌊(windowSize − 1)/2⌋ late; at the newest sample, the default, it is not.";

    fn new(params: &HilbertEnvelopeParams) -> Result<Self> {
        let window = params.window_size;
        let hop = hop_size(params.hop_size, window).ok_or_else(|| {
            let (rule, given) = (format!("between 1 and window size ({window})"), params.hop_size.to_value());
            Error::type_error(format!("HilbertEnvelope: hop size must be {rule}, got {given}"))
        })?;
        Ok(Self { window, hop, align: params.align, weights: None, channels: Channels::new(window) })
    }

    fn label(&self, _: &HilbertEnvelopeParams) -> String {
        format!("hilbertEnvelope:win{}:hop{}", self.window, self.hop)
    }

    fn examples() -> Vec<Value> {
        let all = [
            (16, Some(5), Align::Newest),
            (7, Some(1), Align::Newest),
            (64, None, Align::Newest),
            (16, Some(5), Align::Center),
            (33, Some(1), Align::Center),
        ];
        all.map(|(window_size, hop_size, align)| HilbertEnvelopeParams { window_size, hop_size, align }.to_value())
            .into()
    }
}

impl Stage for HilbertEnvelope {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        self.channels.expect(block.channels());
        if block.is_empty() {
            return Ok(());
        }
        let lag = self.lag();
        let place = self.window - 1 - lag;
        let weights = if let Some(weights) = &self.weights {
            weights
        } else {
            // The weights, and their copy that is shared.
            ensure_memory(self.window, 2 * size_of::<f64>())?;
            self.weights.insert(quadrature_weights(self.window, place).into())
        };
        let (hop, channels) = (self.hop, &mut self.channels.all);
        block.with_scratch(|block, Scratch { single: before, .. }| {
            block.each_channel(|c, samples| {
                let mut rest = samples;
                while !rest.is_empty() {
                    last_samples(channels[c].window.samples(), lag, before);
                    let (taken, due) = channels[c].take(rest, hop);
                    let (now, later) = rest.split_at_mut(taken);
                    delay(before, now);
                    if due {
                        let window = channels[c].window.samples();
                        let (real, imaginary) = (f64::from(window[place]), weighted(window, weights));
                        now[taken - 1] = (real * real + imaginary * imaginary).sqrt() as f32;
                    }
                    rest = later;
                }
            });
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.reset();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.channels.sizes(self.hop, archive)?;
        self.channels.state(archive)?;
        self.check_align(archive)
    }

    /// Returns the lag of the sample at which the envelope is read.
    fn latency(&self, _: Option<f64>) -> f64 {
        self.lag() as f64
    }

    fn tail(&self, _: u64) -> usize {
        if self.channels.all.iter().any(|channel| !channel.window.is_empty()) { self.lag() } else { 0 }
    }

    fn channels(&self) -> usize {
        self.channels.all.len()
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
                    analytic_signal(&frame).unwrap()[window - 1].norm()
                } else {
                    input[i].into()
                };
                // Values below 64, rounded to f32 once.
                assert!((f64::from(*y) - want).abs() < 4e-6, "{window}/{hop} at {i}: {y} {want}");
            }
        }
    }

    #[test]
    fn in_the_middle_of_the_window_the_envelope_of_a_sine_is_its_amplitude() {
        let sine: Vec<f32> =
            (0..2000).map(|i| (std::f64::consts::TAU * 10.0 * f64::from(i) / 250.0).sin() as f32).collect();
        let range = |align: &str| {
            let mut stage = make::<HilbertEnvelope>(&json!({ "windowSize": 64, "hopSize": 1, "align": align }));
            let envelope = run(&mut stage, &sine, 1).split_off(63);
            (envelope.iter().copied().fold(f32::MAX, f32::min), envelope.iter().copied().fold(f32::MIN, f32::max))
        };
        // `abs(scipy.signal.hilbert(window))[32]` and `[63]` over all windows, to three digits.
        let (least, most) = range("center");
        assert!(least > 0.977 && most < 1.001, "{least} {most}");
        let (least, most) = range("newest");
        assert!(least < 0.157 && most > 1.783, "{least} {most}");
    }

    #[test]
    fn the_middle_is_half_a_window_late_and_so_is_what_passes() {
        let input: Vec<f32> = (0..90).map(|i| ((i * i) % 23) as f32 - 11.0).collect();
        for (window, hop) in [(16, 1), (15, 4), (16, 16), (1, 1), (2, 1), (64, 40)] {
            let mut stage =
                make::<HilbertEnvelope>(&json!({ "windowSize": window, "hopSize": hop, "align": "center" }));
            let lag = stage.latency(None) as usize;
            assert_eq!(lag, (window - 1) / 2);
            let out: Vec<f32> = input.chunks(7).flat_map(|chunk| run(&mut stage, chunk, 1)).collect();
            for (i, y) in out.iter().enumerate() {
                let passed = if i < lag { 0.0 } else { f64::from(input[i - lag]) };
                let due = i + 1 >= window && (i + 1 - window) % hop == 0;
                let want = if due {
                    let frame: Vec<f64> = input[i + 1 - window..=i].iter().map(|&x| x.into()).collect();
                    analytic_signal(&frame).unwrap()[window - 1 - lag].norm()
                } else {
                    passed
                };
                // Values below 64, rounded to f32 once.
                assert!((f64::from(*y) - want).abs() < 4e-6, "{window}/{hop} at {i}: {y} {want}");
            }
        }
    }

    #[test]
    fn a_state_that_is_read_elsewhere_is_a_mismatch() {
        let by = |align: &str| make::<HilbertEnvelope>(&json!({ "windowSize": 8, "align": align }));
        let state = by("newest").save().unwrap();
        assert!(state.get("align").is_none());
        assert!(by("center").load(&state).unwrap_err().to_string().contains("align mismatch"));
        assert!(by("newest").load(&by("center").save().unwrap()).is_err());
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
