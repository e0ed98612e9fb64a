//! Linear regression over the samples in the window: the least-squares line through `(i, y[i])`, `i = 0` (oldest) … `n − 1`.
//!
//! Slope `s = Σ(i − ī)(y − ȳ) / Σ(i − ī)²`, intercept `b = ȳ − s·ī`. The output for the newest sample is the slope (per
//! sample), the intercept (the line at the oldest sample), the prediction `s·(n − 1) + b` or the residual `y − prediction`.
//! Until the window is full, over the samples so far; 0 for the first one. SciPy: `stats.linregress`.

use serde_json::{Value as Json, json};

use crate::block::Block;
use crate::error::{Error, Result};
use crate::kernels::sliding;
use crate::sliding::Measure;
use crate::sliding::counted::{Counted, Spec, Windows};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::Params;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct LinearRegression {
    output: &'static str,
    spec: Spec,
    channels: Vec<Channel>,
}

#[derive(Debug, Clone)]
struct Channel {
    window: Counted,
    /// Where the next sample would go in a ring of `size`, which is how states hold the window.
    write_index: usize,
}

/// A state holds rings of the full window length, whatever has come so far; more numbers than this are refused.
const MAX_SAVED: usize = 1 << 24;

/// Writes what the lines through the windows say of their last samples.
fn write_outputs(output: &str, windows: Windows<'_>) {
    let half = (windows.n - 1.0) / 2.0;
    if windows.n < 2.0 {
        windows.samples.fill(0.0);
        return;
    }
    let weights = match output {
        "slope" => [0.0, 0.0, 1.0],
        "intercept" => [0.0, 1.0, -half],
        "predictions" => [0.0, 1.0, half],
        _ => [1.0, -1.0, -half],
    };
    sliding::regressions(windows.s, windows.m, windows.n, &weights, windows.samples);
}

impl LinearRegression {
    fn with(output: &'static str, size: usize) -> Self {
        Self { output, spec: Spec::new(size), channels: vec![] }
    }

    fn new_channel(&self) -> Channel {
        Channel { window: Counted::new(self.spec.size()), write_index: 0 }
    }

    fn check_saved_size(&self) -> Result<()> {
        if self.spec.size().saturating_mul(self.channels.len()) <= MAX_SAVED {
            return Ok(());
        }
        let (size, channels) = (self.spec.size(), self.channels.len());
        Err(Error::failed(format!("LinearRegression: windowSize {size} with {channels} channels is too large for a state")))
    }

    fn check_size(&self, size: usize) -> Result<()> {
        let ours = self.spec.size();
        if size == ours {
            return Ok(());
        }
        let text = "Window size mismatch in LinearRegressionStage";
        Err(Error::failed(format!("{text}: the stage has {ours} samples, the state {size}")))
    }

    fn restore(&self, ring: Vec<f32>, write_index: usize, count: usize) -> Result<Channel> {
        self.check_size(ring.len())?;
        let full = count == self.spec.size();
        if count > self.spec.size() || write_index >= self.spec.size() || !full && write_index != count {
            let text = format!("writeIndex {write_index} and sampleCount {count} do not fit windowSize {}", self.spec.size());
            return Err(Error::failed(text));
        }
        let samples = if full { [&ring[write_index..], &ring[..write_index]].concat() } else { ring[..count].to_vec() };
        // The blocks of a long window begin with the ring: a full one that would begin anew has just been filled.
        let fill = if write_index == 0 { count } else { write_index };
        Ok(Channel { window: Counted::restore(Measure::Trend, &self.spec, samples, Some(fill)), write_index })
    }

    fn ring(&self, channel: &Channel) -> Vec<f32> {
        let mut ring: Vec<f32> = channel.window.samples().collect();
        if ring.len() == self.spec.size() {
            ring.rotate_right(channel.write_index);
        } else {
            ring.resize(self.spec.size(), 0.0);
        }
        ring
    }
}

const OUTPUTS: [&str; 4] = ["slope", "intercept", "residuals", "predictions"];

impl Define for LinearRegression {
    type Params = Params;
    const TYPES: &'static [&'static str] = &OUTPUTS;
    const METHOD: &'static str = "LinearRegression";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `LinearRegression`. */
export interface LinearRegressionParams {
  /** Samples in the window: an integer ≥ 2. */
  windowSize: number;
  /** What of the line comes out for each sample. */
  output: "slope" | "intercept" | "residuals" | "predictions";
}
method {
  /**
   * Least-squares line through the samples in the window: its slope per sample, its value at the oldest sample
   * (`intercept`) or at the newest (`predictions`), or the newest sample minus the latter (`residuals`).
   * @throws TypeError if `windowSize` is not an integer of at least 2 or `output` is unknown
   */
  LinearRegression(params: LinearRegressionParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let size = params.window_size(Self::METHOD)?;
        let output = params.get("output");
        let output = OUTPUTS.iter().find(|o| output.as_str() == Some(o)).ok_or_else(|| {
            let names = OUTPUTS.join(", ");
            Error::type_error(format!("{}: output must be one of {names}, got '{output}'", Self::METHOD))
        })?;
        if size < 2 {
            return Err(Error::type_error("Linear regression window size must be at least 2"));
        }
        Ok(Self::with(output, size))
    }

    fn label(&self, _: &Params) -> String {
        format!("linearRegression:{}", self.output)
    }

    fn type_name(&self) -> &'static str {
        self.output
    }

    fn from_state(type_name: &str, state: &Json) -> Result<Self> {
        let output = OUTPUTS.iter().find(|o| **o == type_name).ok_or_else(|| Error::failed("unknown output"))?;
        let size = json::count(state, "windowSize")?;
        if size < 2 {
            return Err(Error::failed("Linear regression window size must be at least 2"));
        }
        Ok(Self::with(output, size))
    }
}

impl Stage for LinearRegression {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        if self.channels.len() != block.channels() {
            self.channels = vec![self.new_channel(); block.channels()];
        }
        let Self { output, spec, channels } = self;
        block.with_scratch(|block, scratch| {
            block.each_channel(|c, samples| {
                let Channel { window, write_index } = &mut channels[c];
                *write_index = (*write_index + samples.len()) % spec.size();
                window.slide(Measure::Trend, spec, samples, &mut scratch.windows, |windows| write_outputs(output, windows));
            });
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels = vec![self.new_channel(); self.channels.len()];
    }

    fn save(&mut self) -> Result<Json> {
        self.check_saved_size()?;
        let channel = |channel: &Channel| {
            json!({
                "buffer": json::nums(self.ring(channel)),
                "writeIndex": channel.write_index,
                "sampleCount": channel.window.samples().len(),
            })
        };
        Ok(json!({
            "type": "linearRegression",
            "policy": self.output,
            "windowSize": json::num(self.spec.size() as f64),
            "numChannels": self.channels.len(),
            "channels": self.channels.iter().map(channel).collect::<Vec<_>>(),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        if json::text(state, "type")? != "linearRegression" {
            return Err(Error::failed("Invalid state type for LinearRegressionStage"));
        }
        let policy = json::text(state, "policy")?;
        if policy != self.output {
            let text = "Policy mismatch in LinearRegressionStage";
            return Err(Error::failed(format!("{text}: the stage has '{}', the state '{policy}'", self.output)));
        }
        self.check_size(json::count(state, "windowSize")?)?;
        let channel = |state: &Json| {
            self.restore(
                json::samples(state, "buffer")?,
                json::count(state, "writeIndex")?,
                json::count(state, "sampleCount")?,
            )
        };
        self.channels = json::list(state, "channels")?.iter().map(channel).collect::<Result<_>>()?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.spec.size())?;
        self.check_saved_size()?;
        out.int(self.channels.len())?;
        for channel in &self.channels {
            out.f32s(self.ring(channel).into_iter());
            out.int(channel.write_index)?;
            out.int(channel.window.samples().len())?;
        }
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        self.check_size(input.count()?)?;
        let mut channels = vec![];
        for _ in 0..input.item_count()? {
            channels.push(self.restore(input.f32s()?, input.count()?, input.count()?)?);
        }
        self.channels = channels;
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{params, run};
    use proptest::prelude::*;

    fn stage(output: &str, size: usize) -> LinearRegression {
        LinearRegression::new(&params(json!({ "windowSize": size, "output": output }))).unwrap()
    }

    /// The four outputs for the last sample of one window, in two passes; and Σ|(i − ī)(y − ȳ)|/Σ(i − ī)².
    fn direct(window: &[f32]) -> ([f64; 4], f64) {
        let n = window.len() as f64;
        let y: Vec<f64> = window.iter().map(|y| f64::from(*y)).collect();
        let (mean, middle) = (y.iter().sum::<f64>() / n, (n - 1.0) / 2.0);
        let terms = |i: usize| (i as f64 - middle) * (y[i] - mean);
        let spread: f64 = (0..y.len()).map(|i| (i as f64 - middle).powi(2)).sum();
        let slope = (0..y.len()).map(terms).sum::<f64>() / spread;
        let size = (0..y.len()).map(|i| terms(i).abs()).sum::<f64>() / spread;
        let intercept = mean - slope * middle;
        let prediction = slope * (n - 1.0) + intercept;
        ([slope, intercept, y[y.len() - 1] - prediction, prediction], size)
    }

    #[test]
    fn an_exact_line() {
        let x: Vec<f32> = (0..300).map(|i| 3.0 + 2.0 * i as f32).collect();
        for size in [2, 5, 100] {
            assert!(run(&mut stage("slope", size), &x, 1)[1..].iter().all(|s| *s == 2.0));
            assert!(run(&mut stage("residuals", size), &x, 1).iter().all(|r| *r == 0.0));
            assert_eq!(run(&mut stage("predictions", size), &x, 1)[1..], x[1..]);
            assert_eq!(run(&mut stage("intercept", size), &x, 1)[299], x[300 - size]);
        }
    }

    proptest! {
        #[test]
        fn equals_the_direct_computation(
            x in prop::collection::vec(-1f32..1.0, 2..400),
            offset in prop::sample::select(vec![0f32, 1e4, 1e7]),
            size in 2usize..150,
        ) {
            let x: Vec<f32> = x.iter().map(|x| x * (1.0 + offset / 100.0) + offset).collect();
            for (which, output) in OUTPUTS.iter().enumerate() {
                let out = run(&mut stage(output, size), &x, 1);
                prop_assert_eq!(out[0], 0.0);
                for i in 1..x.len() {
                    let window = &x[(i + 1).saturating_sub(size)..=i];
                    let (expected, terms) = direct(window);
                    let expected = expected[which];
                    // The slope's terms may cancel, and with them those of all that is made from it.
                    let reach = if which == 0 { 1.0 } else { window.len() as f64 };
                    let bound = 1e-6 * expected.abs().max(terms * reach * 1e-3);
                    prop_assert!((f64::from(out[i]) - expected).abs() <= bound, "{output} {i}: {} {expected}", out[i]);
                }
            }
        }
    }

    #[test]
    fn nothing_remains_of_a_glitch() {
        for size in [3, 100] {
            let mut x: Vec<f32> = (0..500).map(|i| i as f32).collect();
            x[200] = 1e20;
            x[201] = f32::NAN;
            let out = run(&mut stage("slope", size), &x, 1);
            assert!(out[201..201 + size].iter().all(|y| y.is_nan()));
            assert!(out[201 + size..].iter().all(|y| *y == 1.0));
        }
    }

    #[test]
    fn states_hold_a_ring() {
        let mut used = stage("slope", 3);
        run(&mut used, &[1.0, 2.0], 1);
        let partial = json!({ "buffer": [1, 2, 0], "writeIndex": 2, "sampleCount": 2 });
        assert_eq!(used.save().unwrap()["channels"][0], partial);
        run(&mut used, &[3.0, 4.0], 1);
        let full = json!({ "buffer": [4, 2, 3], "writeIndex": 1, "sampleCount": 3 });
        assert_eq!(used.save().unwrap()["channels"][0], full);
        let mut loaded = stage("slope", 3);
        loaded.load(&used.save().unwrap()).unwrap();
        assert_eq!(run(&mut loaded, &[5.0], 1), [1.0]);
    }

    #[test]
    fn wrong_states_are_refused() {
        let refused = |state: Json| stage("slope", 3).load(&state).unwrap_err().to_string();
        assert!(refused(json!({ "type": "x" })).contains("Invalid state type for LinearRegressionStage"));
        let base = json!({ "type": "linearRegression", "policy": "slope", "windowSize": 3 });
        let with = |key: &str, value: Json| {
            let mut state = base.clone();
            state[key] = value;
            refused(state)
        };
        assert!(with("policy", json!("intercept")).contains("Policy mismatch in LinearRegressionStage"));
        assert!(with("windowSize", json!(4)).contains("Window size mismatch in LinearRegressionStage"));
        let ring = |buffer: Json, at: usize, count: usize| json!([{ "buffer": buffer, "writeIndex": at, "sampleCount": count }]);
        assert!(with("channels", ring(json!([1, 2]), 0, 2)).contains("Window size mismatch"));
        assert!(with("channels", ring(json!([1, 2, 3]), 3, 3)).contains("writeIndex"));
        assert!(with("channels", ring(json!([1, 2, 0]), 1, 2)).contains("writeIndex"));
    }

    #[test]
    fn a_huge_window_runs_but_is_not_saved() {
        let mut huge = stage("slope", 1 << 52);
        assert_eq!(run(&mut huge, &[1.0, 3.0], 1), [0.0, 2.0]);
        assert!(huge.save().unwrap_err().to_string().contains("too large for a state"));
        assert!(huge.save_toon(&mut toon::Writer::default()).unwrap_err().to_string().contains("TOON"));
    }
}
