//! `convolution` with a fixed kernel, moving (streaming) or batch (the positions where the kernel fits).
//!
//! Moving: `y[n] = Σ h[k]·x[n−k]` for h of M taps, causal, as long as the input; with warm-up `"zero"` the first M−1 outputs
//! of a stream are 0. Batch: `y[n] = Σ h[M−1−k]·x[n+k]`, `frames − M + 1` outputs, each call by itself. h is the kernel for the
//! operation `"convolution"`, the reversed kernel for `"correlation"`. Long kernels go through the FFT by overlap-save;
//! with the method `"direct"`, or `"auto"` up to its threshold, the sums are formed tap by tap.

use serde_json::{Value as Json, json};

use crate::block::{Block, Reshape};
use crate::error::{Error, Result};
use crate::filter::convolver::{Convolver, Method};
use crate::filter::fir::{Channel, Fir};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct Convolution {
    moving: bool,
    /// As given: `"auto"`, `"direct"` or `"fft"`.
    method: &'static str,
    kernel: Vec<f32>,
    /// As given, for the saved state.
    operation: Option<&'static str>,
    warmup: Option<&'static str>,
    /// Whether the first M−1 outputs are 0.
    starts_with_zeros: bool,
    fir: Fir,
    batch: Convolver,
}

/// An absent or falsy value stands for the first name.
fn choice(params: &Params, key: &str, names: &[&'static str]) -> Result<&'static str> {
    let falsy = match params.get(key) {
        Value::Undefined | Value::Null | Value::Bool(false) => true,
        Value::Number(x) => *x == 0.0 || x.is_nan(),
        Value::String(s) => s.is_empty(),
        _ => false,
    };
    if falsy { Ok(names[0]) } else { params.choice("Convolution", key, names, None) }
}

fn optional(params: &Params, key: &str, names: &[&'static str]) -> Result<Option<&'static str>> {
    if params.get(key).is_undefined() {
        return Ok(None);
    }
    params.choice("Convolution", key, names, None).map(Some)
}

fn kernel(value: &Value) -> Result<Vec<f32>> {
    match value.as_numbers() {
        Some(kernel) if !kernel.is_empty() => Ok(kernel.into_iter().map(|x| x as f32).collect()),
        _ => Err(Error::type_error(format!(
            "Convolution: kernel is required and cannot be empty: an array of numbers, got {value}"
        ))),
    }
}

impl Convolution {
    fn make(params: &Params, kernel: Vec<f32>) -> Result<Self> {
        let moving = choice(params, "mode", &["moving", "batch"])? == "moving";
        let method = choice(params, "method", &["auto", "direct", "fft"])?;
        let threshold = match params.get("autoThreshold") {
            Value::Undefined => 64.0,
            Value::Number(x) if !x.is_nan() => *x,
            other => {
                return Err(Error::type_error(format!("Convolution: autoThreshold must be a number, got {other}")));
            }
        };
        let operation = optional(params, "operation", &["convolution", "correlation"])?;
        let warmup = optional(params, "warmup", &["zero", "partial"])?;
        let direct = method == "direct" || method == "auto" && kernel.len() as f64 <= threshold;
        let reversed = operation.map_or(!moving, |name| name == "correlation");
        let mut taps: Vec<f64> = kernel.iter().map(|&x| f64::from(x)).collect();
        if reversed {
            taps.reverse();
        }
        let way = if direct { Method::Direct } else { Method::Auto };
        Ok(Self {
            moving,
            method,
            kernel,
            operation,
            warmup,
            starts_with_zeros: warmup.map_or(direct, |name| name == "zero"),
            batch: Convolver::new(taps.clone(), way),
            fir: Fir::new(taps, way),
        })
    }

    fn mode(&self) -> &'static str {
        if self.moving { "moving" } else { "batch" }
    }

    fn process_moving(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.channels() != self.fir.channels.len() {
            self.fir.set_channels(0)?;
            self.fir.set_channels(block.channels())?;
        }
        let silent = if self.starts_with_zeros { self.kernel.len() - 1 } else { 0 };
        let fir = &mut self.fir;
        block.with_scratch(|block, scratch| {
            block.each_channel(|channel, samples| {
                let rest = silent.saturating_sub(fir.channels[channel].seen()).min(samples.len());
                fir.process(channel, samples, scratch);
                samples[..rest].fill(0.0);
            });
        });
        Ok(())
    }

    fn process_batch(&mut self, block: &mut Block<'_>) -> Result<()> {
        let before = self.kernel.len() - 1;
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

    fn set_buffers<'a>(&mut self, buffers: impl Iterator<Item = &'a [f32]>) {
        let taps = self.kernel.len();
        self.fir.channels = buffers.map(|buffer| Channel::with_history(taps, buffer)).collect();
    }
}

impl Define for Convolution {
    type Params = Params;
    const TYPES: &'static [&'static str] = &["convolution"];
    const METHOD: &'static str = "convolution";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `convolution`. */
export interface ConvolutionParams {
  /** The kernel, at least one number; held in float32. */
  kernel: Float32Array | number[];
  /** `"moving"`: streaming, as long as the input; `"batch"`: only where the kernel fits, each call by itself. Default `"moving"`. */
  mode?: "moving" | "batch";
  /** `"auto"`: direct up to `autoThreshold` taps, else FFT where it is cheaper. Default `"auto"`. */
  method?: "auto" | "direct" | "fft";
  /** Default 64. */
  autoThreshold?: number;
  /** Whether the kernel is reversed (convolution) or not (correlation). Default: moving `"convolution"`, batch `"correlation"`. */
  operation?: "convolution" | "correlation";
  /** First outputs of a moving stream: 0, or partial sums. Default: `"zero"` if direct, `"partial"` by FFT. */
  warmup?: "zero" | "partial";
}
method {
  /**
   * Convolution with a fixed kernel, each channel by itself.
   * @throws TypeError if the kernel is missing or a text is not one of those listed
   */
  convolution(params: ConvolutionParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        Self::make(params, kernel(params.get("kernel"))?)
    }

    fn label(&self, _: &Params) -> String {
        format!("convolution:{}:{}:{}", self.mode(), self.method, self.kernel.len())
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        let kernel = kernel(&Value::F32(json::samples(state, "kernel")?))?;
        Self::make(&Params::from_json(state), kernel)
    }
}

impl Stage for Convolution {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        match (block.is_empty(), self.moving) {
            (true, true) => Ok(()),
            (false, true) => self.process_moving(block),
            (_, false) => self.process_batch(block),
        }
    }

    fn reset(&mut self) {
        self.fir.clear();
    }

    fn save(&mut self) -> Result<Json> {
        let mut state = json!({
            "mode": self.mode(),
            "method": self.method,
            "kernel": json::nums(self.kernel.iter().copied()),
        });
        if let Some(operation) = self.operation {
            state["operation"] = operation.into();
        }
        if let Some(warmup) = self.warmup {
            state["warmup"] = warmup.into();
        }
        if self.moving {
            state["numChannels"] = self.fir.channels.len().into();
            let buffer = |channel: &Channel| json!({ "buffer": json::nums(channel.recent().iter().copied()) });
            state["channels"] = self.fir.channels.iter().map(buffer).collect();
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        let channels = if state.get("channels").is_some() { json::list(state, "channels")? } else { &[] };
        let buffers = channels.iter().map(|c| json::samples(c, "buffer")).collect::<Result<Vec<_>>>()?;
        self.set_buffers(buffers.iter().map(Vec::as_slice));
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.object();
        out.str("mode");
        out.str(self.mode());
        out.str("method");
        out.str(self.method);
        out.str("kernel");
        out.f32s(self.kernel.iter().copied());
        if self.moving {
            out.str("channels");
            out.array();
            for channel in &self.fir.channels {
                out.object();
                out.str("buffer");
                out.f32s(channel.recent().iter().copied());
                out.end_object();
            }
            out.end_array();
        }
        out.end_object();
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let mismatch = |what: &str| Err(Error::failed(format!("Convolution {what} mismatch between stage and state")));
        input.object()?;
        input.str()?;
        if input.str()? != self.mode() {
            return mismatch("mode");
        }
        input.str()?;
        input.str()?;
        input.str()?;
        if input.f32s()?.len() != self.kernel.len() {
            return mismatch("kernel size");
        }
        let mut buffers = vec![];
        if input.more_in_object()? {
            input.str()?;
            input.array()?;
            while input.more()? {
                input.object()?;
                input.str()?;
                buffers.push(input.f32s()?);
                input.end_object()?;
            }
            input.end_object()?;
        }
        self.set_buffers(buffers.iter().map(Vec::as_slice));
        Ok(())
    }

    fn takes_incomplete_frames(&self) -> bool {
        true
    }

    fn cost_hint(&self) -> f64 {
        (self.kernel.len() as f64 * 0.05).clamp(0.5, 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, noise, run, try_make};

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
