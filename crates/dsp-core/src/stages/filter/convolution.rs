//! `convolution` with a fixed kernel, moving (streaming) or batch (the positions where the kernel fits).
//!
//! Moving: `y[n] = Σ h[k]·x[n−k]` for h of M taps, causal, as long as the input; with warm-up `"zero"` the first M−1
//! outputs of a stream are 0. Batch: `y[n] = Σ h[M−1−k]·x[n+k]`, `frames − M + 1` outputs, each call by itself. h is
//! the kernel for the operation `"convolution"`, the reversed kernel for `"correlation"`. Long kernels are convolved by
//! FFT (overlap-save); with the method `"direct"`, or `"auto"` up to its threshold, by sums over the taps.

use crate::engine::block::Block;
use crate::engine::reshape::Reshape;
use crate::engine::stage::{Define, Stage, Traits};
use crate::engine::workspace::Scratch;
use crate::error::{Error, Result};
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::filter::run::convolver::{Convolver, Method as Sums};
use crate::signal::filter::run::fir::{Channel, Fir};
use crate::state::archive::Archive;
use crate::text::Texts;

crate::texts! {
    /// The relation between calls.
    pub enum ConvolutionMode {
        /// The stream continues from call to call.
        Moving = "moving",
        /// Each call stands alone.
        Batch = "batch",
    }
}

crate::texts! {
    /// The method of computation.
    pub enum Method {
        /// Direct sums up to `autoThreshold` taps, else FFT where it is cheaper.
        Auto = "auto",
        /// Direct sums.
        Direct = "direct",
        /// FFT where it is cheaper.
        Fft = "fft",
    }
}

crate::texts! {
    /// The operation, which differs in the direction of the kernel.
    pub enum Operation {
        /// The kernel is reversed.
        Convolution = "convolution",
        /// The kernel is not reversed.
        Correlation = "correlation",
    }
}

crate::texts! {
    /// The first outputs of a moving stream.
    pub enum Warmup {
        /// 0.
        Zero = "zero",
        /// Sums over the samples so far.
        Partial = "partial",
    }
}

crate::params! {
    /// Parameters of `convolution`.
    pub struct ConvolutionParams {
        /// The kernel, at least one number; held in float32.
        pub kernel: Vec<f32> = numbers()
            .filled()
            .complaint("kernel is required and cannot be empty: an array of finite numbers"),
        /// `"moving"`: streaming, as long as the input; `"batch"`: only where the kernel fits, each call by itself.
        pub mode: ConvolutionMode = one_of(ConvolutionMode::TEXTS).or_first().or_null(),
        /// `"auto"`: direct up to `autoThreshold` taps, else FFT where it is cheaper.
        pub method: Method = one_of(Method::TEXTS).or_first().or_null(),
        /// Largest number of taps that `"auto"` sums directly.
        pub auto_threshold: f64 = value("number").rule("a number").or(64.0),
        /// Whether the kernel is reversed (convolution) or not (correlation).
        pub operation: Option<Operation> =
            one_of(Operation::TEXTS).optional_as("moving `\"convolution\"`, batch `\"correlation\"`"),
        /// First outputs of a moving stream: 0, or partial sums.
        pub warmup: Option<Warmup> = one_of(Warmup::TEXTS).optional_as("`\"zero\"` if direct, `\"partial\"` by FFT"),
    }
}

impl ConvolutionParams {
    /// Returns the parameters of a streaming convolution with `kernel`.
    pub const fn moving(kernel: Vec<f32>) -> Self {
        let (mode, method) = (ConvolutionMode::Moving, Method::Auto);
        Self { kernel, mode, method, auto_threshold: 64.0, operation: None, warmup: None }
    }
}

/// The stage: its parameters, the taps in the order of the sum, and a history per channel of a stream.
#[derive(Debug, Clone)]
pub struct Convolution {
    params: ConvolutionParams,
    /// Whether the first M−1 outputs are 0.
    starts_with_zeros: bool,
    fir: Fir,
    batch: Convolver,
}

impl Convolution {
    fn is_moving(&self) -> bool {
        self.params.mode == ConvolutionMode::Moving
    }

    fn process_moving(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.channels() != self.fir.channels.len() {
            self.fir.set_channels(0)?;
            self.fir.set_channels(block.channels())?;
        }
        let silent = if self.starts_with_zeros { self.params.kernel.len() - 1 } else { 0 };
        let fir = &mut self.fir;
        block.with_scratch(|block, Scratch { single, double, .. }| {
            block.each_channel(|channel, samples| {
                let rest = silent.saturating_sub(fir.channels[channel].seen()).min(samples.len());
                fir.process(channel, samples, single, double);
                samples[..rest].fill(0.0);
            });
        });
        Ok(())
    }

    fn process_batch(&mut self, block: &mut Block<'_>) -> Result<()> {
        let before = self.params.kernel.len() - 1;
        let shape = Reshape::to(block.channels(), block.frames().saturating_sub(before));
        let batch = &mut self.batch;
        block.with_scratch(|block, scratch| {
            block.reshape(shape, |source, target, _| {
                for channel in 0..source.channels() {
                    if target.frames() > 0 {
                        let (history, samples) = source.channel(channel).split_at(before);
                        target.channel(channel).copy_from_slice(samples);
                        batch.run(history, target.channel(channel), &mut scratch.double);
                    }
                }
                Ok(())
            })
        })
    }
}

impl Define for Convolution {
    type Params = ConvolutionParams;
    const TYPES: &'static [&'static str] = &["convolution"];
    const METHOD: &'static str = "convolution";
    const LABEL: &'static str = "Convolution";
    const DOC: &'static str = "Convolution with a fixed kernel, each channel by itself.";

    fn new(params: &ConvolutionParams) -> Result<Self> {
        let ConvolutionParams { kernel, mode, method, auto_threshold, operation, warmup } = params;
        if kernel.is_empty() || auto_threshold.is_nan() {
            params.check(Self::LABEL)?;
            return Err(Error::type_error("Convolution: autoThreshold must be a number, got NaN"));
        }
        let is_direct = match method {
            Method::Auto => kernel.len() as f64 <= *auto_threshold,
            other => *other == Method::Direct,
        };
        let is_reversed = match operation {
            Some(operation) => *operation == Operation::Correlation,
            None => *mode == ConvolutionMode::Batch,
        };
        let mut taps: Vec<f64> = kernel.iter().map(|&x| f64::from(x)).collect();
        if is_reversed {
            taps.reverse();
        }
        let sums = if is_direct { Sums::Direct } else { Sums::Auto };
        Ok(Self {
            params: params.clone(),
            starts_with_zeros: warmup.map_or(is_direct, |warmup| warmup == Warmup::Zero),
            batch: Convolver::new(taps.clone(), sums),
            fir: Fir::new(taps, sums),
        })
    }

    fn label(&self, params: &ConvolutionParams) -> String {
        format!("convolution:{}:{}:{}", params.mode.text(), params.method.text(), params.kernel.len())
    }

    fn examples() -> Vec<Value> {
        let kernel = |taps: usize| (0..taps).map(|k| 1.0 / (k + 1) as f32).collect::<Vec<_>>();
        let moving = |taps| ConvolutionParams::moving(kernel(taps));
        let partial =
            ConvolutionParams { warmup: Some(Warmup::Partial), operation: Some(Operation::Correlation), ..moving(16) };
        let all = [
            moving(1),
            moving(5),
            ConvolutionParams { method: Method::Fft, ..moving(7) },
            partial,
            ConvolutionParams { method: Method::Direct, ..moving(40) },
            ConvolutionParams { mode: ConvolutionMode::Batch, ..moving(3) },
        ];
        all.map(|params| params.to_value()).to_vec()
    }

    fn traits(params: &ConvolutionParams) -> Traits {
        if params.mode == ConvolutionMode::Batch { Traits::BATCH } else { Traits::STREAM }
    }
}

impl Stage for Convolution {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        match (block.is_empty(), self.is_moving()) {
            (true, true) => Ok(()),
            (false, true) => self.process_moving(block),
            (_, false) => self.process_batch(block),
        }
    }

    fn reset(&mut self) {
        self.fir.clear();
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.object(|archive| {
            self.walk_params(archive)?;
            if !self.is_moving() || !Self::has_channels(archive) {
                self.fir.channels.clear();
                return Ok(());
            }
            let taps = self.params.kernel.len();
            archive.channels(
                &mut self.fir.channels,
                || Channel::new(taps),
                |channel, archive| {
                    if let Some(buffer) = archive.samples("buffer", channel.recent().iter().copied())? {
                        *channel = Channel::with_history(taps, &buffer);
                    }
                    Ok(())
                },
            )
        })
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    /// Returns the latency of the kernel as the taps of a filter; in batch mode output n belongs to the middle of
    /// inputs n … n + M − 1.
    fn latency(&self, frequency: Option<f64>) -> f64 {
        let delay = self.fir.latency(frequency);
        if self.is_moving() { delay } else { delay - (self.params.kernel.len() - 1) as f64 }
    }

    fn tail(&self, _: u64) -> usize {
        if self.is_moving() { self.fir.tail() } else { 0 }
    }

    fn channels(&self) -> usize {
        self.fir.channels.len()
    }

    fn cost_hint(&self) -> f64 {
        (self.params.kernel.len() as f64 * 0.05).clamp(0.5, 10.0)
    }
}

/// The fields of a state besides histories.
impl Convolution {
    /// Walks mode, method and kernel, which are those of the stage; a TOON state must have the same mode and a kernel
    /// of the same length.
    fn walk_params(&self, archive: &mut Archive<'_>) -> Result<()> {
        let ConvolutionParams { mode, method, kernel, operation, warmup, .. } = &self.params;
        if archive.json_in().is_some() {
            return Ok(());
        }
        let mismatch = |what: &str| Err(Error::failed(format!("Convolution {what} mismatch between stage and state")));
        if archive.text("mode", mode.text())? != mode.text() {
            return mismatch("mode");
        }
        archive.text("method", method.text())?;
        let saved = archive.samples("kernel", kernel.iter().copied())?;
        if saved.is_some_and(|saved| saved.len() != kernel.len()) {
            return mismatch("kernel size");
        }
        if let Some(operation) = operation {
            archive.constant("operation", operation.text());
        }
        if let Some(warmup) = warmup {
            archive.constant("warmup", warmup.text());
        }
        Ok(())
    }

    /// Returns whether the state has channels: the original omits them where it uses the FFT.
    fn has_channels(archive: &mut Archive<'_>) -> bool {
        match archive.tokens_in() {
            Some(input) => input.is_str(),
            None => !archive.is_json() || archive.optional("channels", true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};
    use serde_json::json;

    #[test]
    fn moving_and_batch() {
        let mut moving = make::<Convolution>(&json!({ "kernel": [1, 2, 3] }));
        assert_eq!(run(&mut moving, &[1.0, 1.0, 1.0, 2.0], 1), [0.0, 0.0, 6.0, 7.0]);
        let mut partial = make::<Convolution>(&json!({ "kernel": [1, 2, 3], "warmup": "partial" }));
        assert_eq!(run(&mut partial, &[1.0, 1.0, 1.0, 2.0], 1), [1.0, 3.0, 6.0, 7.0]);
        let signal = [1.0, 2.0, 3.0, 4.0, 5.0];
        for (operation, expected) in [("correlation", [-2.0; 3]), ("convolution", [2.0; 3])] {
            let params = json!({ "kernel": [1, 0, -1], "mode": "batch", "operation": operation });
            assert_eq!(run(&mut make::<Convolution>(&params), &signal, 1), expected);
        }
        let mut batch = make::<Convolution>(&json!({ "kernel": [1, 2, 3], "mode": "batch", "method": "fft" }));
        assert_eq!(run(&mut batch, &[1.0, 2.0, 3.0, 4.0, 10.0], 1), [14.0, 20.0, 41.0]);
        assert!(run(&mut batch, &[1.0, 2.0], 1).is_empty());
    }

    /// The FFT, in calls of many lengths and across saved states, against the sums.
    #[test]
    fn fft_equals_direct() {
        for taps in [65, 100, 256, 1000] {
            let kernel: Vec<f32> = noise(taps);
            let direct = json!({ "kernel": kernel, "method": "direct", "warmup": "partial" });
            let fft = json!({ "kernel": kernel, "method": "fft" });
            let input = noise(2 * 9000);
            let expected = run(&mut make::<Convolution>(&direct), &input, 2);
            let largest = expected.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            let (mut stage, mut at, mut output) = (make::<Convolution>(&fft), 0, vec![]);
            for frames in [1, 10, 300, 64, 3000, 1, 2500, 3124] {
                output.extend(run(&mut stage, &input[at..at + 2 * frames], 2));
                at += 2 * frames;
                let state = stage.save().unwrap();
                stage = make(&fft);
                stage.load(&state).unwrap();
            }
            assert_eq!(output.len(), expected.len());
            // The contract's bound for convolution by FFT.
            assert!(output.iter().zip(&expected).all(|(x, y)| (x - y).abs() <= 3e-7 * largest), "{taps} taps");
        }
    }

    #[test]
    fn errors_come_in_the_order_of_the_parameters() {
        for (params, text) in [
            (json!({ "kernel": 5, "mode": "x" }), "kernel is required"),
            (json!({ "kernel": ["a"] }), "kernel is required"),
            (json!({ "kernel": [1], "mode": "x" }), "mode must be 'moving' or 'batch'"),
            (json!({ "kernel": [1], "method": "x" }), "method must be 'auto' or 'direct' or 'fft'"),
            (json!({ "kernel": [1], "autoThreshold": "x" }), "autoThreshold"),
            (json!({ "kernel": [1], "operation": "x" }), "operation must be 'convolution' or 'correlation'"),
            (json!({ "kernel": [1], "warmup": null }), "warmup must be 'zero' or 'partial'"),
        ] {
            let error = try_make::<Convolution>(&params).unwrap_err();
            assert!(matches!(error, Error::Type(_)) && error.to_string().contains(text), "{error}");
        }
    }
}
