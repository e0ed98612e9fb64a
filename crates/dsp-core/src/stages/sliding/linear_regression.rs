//! Linear regression over the samples in the window: the least-squares line through `(i, y[i])`, `i = 0` (oldest) …
//! `n − 1`.
//!
//! Slope `s = Σ(i − ī)(y − ȳ) / Σ(i − ī)²`, intercept `b = ȳ − s·ī`. The output for the newest sample is the slope (per
//! sample), the intercept (the line at the oldest sample), the prediction `s·(n − 1) + b` or the residual
//! `y − prediction`. Until the window is full, over the samples so far; 0 for the first one. SciPy: `stats.linregress`.

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::kernels::sliding;
use crate::limits::filled;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::signal::sliding::Measure;
use crate::signal::sliding::counted::{Counted, Spec, Windows};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::Texts;

crate::texts! {
    /// The property of the line that is output for each sample.
    pub enum RegressionOutput {
        /// Slope per sample.
        Slope = "slope",
        /// Value of the line at the oldest sample.
        Intercept = "intercept",
        /// Newest sample minus the value of the line there.
        Residuals = "residuals",
        /// Value of the line at the newest sample.
        Predictions = "predictions",
    }
}

crate::params! {
    /// Parameters of `LinearRegression`.
    pub struct LinearRegressionParams {
        /// Samples in the window.
        pub window_size: usize = integer().at_least(2.0).message(wrong_window),
        /// Property of the line that is output for each sample.
        pub output: RegressionOutput = one_of(RegressionOutput::TEXTS).listed(),
    }
}

fn wrong_window(size: &Value) -> String {
    match size {
        Value::Number(1.0) => "Linear regression window size must be at least 2".into(),
        _ => format!("LinearRegression: windowSize must be a positive integer, got {size}"),
    }
}

/// The line through the last samples of each channel.
#[derive(Debug, Clone)]
pub struct LinearRegression {
    output: RegressionOutput,
    spec: Spec,
    channels: Vec<Channel>,
}

#[derive(Debug, Clone)]
struct Channel {
    window: Counted,
    /// Index of the next sample in a ring of `size`, the layout of the window in states.
    write_index: usize,
}

/// Largest number of values in a state, which contains rings of the full window length however few samples there were.
const MAX_SAVED: usize = 1 << 24;

/// Writes the outputs of the lines through the windows.
fn write_outputs(output: RegressionOutput, windows: Windows<'_>) {
    let half = (windows.n - 1.0) / 2.0;
    if windows.n < 2.0 {
        windows.samples.fill(0.0);
        return;
    }
    let weights = match output {
        RegressionOutput::Slope => [0.0, 0.0, 1.0],
        RegressionOutput::Intercept => [0.0, 1.0, -half],
        RegressionOutput::Residuals => [1.0, -1.0, -half],
        RegressionOutput::Predictions => [0.0, 1.0, half],
    };
    sliding::regressions(windows.s, windows.m, windows.n, &weights, windows.samples);
}

fn check_size(spec: &Spec, size: usize) -> Result<()> {
    let ours = spec.size();
    if size == ours {
        return Ok(());
    }
    let text = "Window size mismatch in LinearRegressionStage";
    Err(Error::failed(format!("{text}: the stage has {ours} samples, the state {size}")))
}

impl Channel {
    fn new(spec: &Spec) -> Self {
        Self { window: Counted::new(spec.size()), write_index: 0 }
    }

    fn ring(&self, spec: &Spec) -> Vec<f32> {
        let mut ring: Vec<f32> = self.window.samples().collect();
        if ring.len() == spec.size() {
            ring.rotate_right(self.write_index);
        } else {
            ring.resize(spec.size(), 0.0);
        }
        ring
    }

    fn from_ring(spec: &Spec, ring: &[f32], write_index: usize, count: usize) -> Result<Self> {
        let size = spec.size();
        check_size(spec, ring.len())?;
        let full = count == size;
        if count > size || write_index >= size || !full && write_index != count {
            let text = format!("writeIndex {write_index} and sampleCount {count} do not fit windowSize {size}");
            return Err(Error::failed(text));
        }
        let samples = if full { [&ring[write_index..], &ring[..write_index]].concat() } else { ring[..count].to_vec() };
        // The blocks of a long window begin with the ring: a full one that would begin anew has just been filled.
        let fill = if write_index == 0 { count } else { write_index };
        Ok(Self { window: Counted::restore(Measure::Trend, spec, samples, Some(fill)), write_index })
    }

    fn state(&mut self, spec: &Spec, archive: &mut Archive<'_>) -> Result<()> {
        let mut ring = if archive.is_loading() { vec![] } else { self.ring(spec) };
        archive.sample_list("buffer", &mut ring)?;
        let write_index = archive.count("writeIndex", self.write_index)?;
        let count = archive.count("sampleCount", self.window.samples().len())?;
        if archive.is_loading() {
            *self = Self::from_ring(spec, &ring, write_index, count)?;
        }
        Ok(())
    }
}

impl LinearRegression {
    fn check_saved_size(&self) -> Result<()> {
        let (size, channels) = (self.spec.size(), self.channels.len());
        if size.saturating_mul(channels) <= MAX_SAVED {
            return Ok(());
        }
        Err(Error::failed(format!(
            "LinearRegression: windowSize {size} with {channels} channels is too large for a state"
        )))
    }

    /// Walks the kind of output, which JSON states contain.
    fn kind(&self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.text("type", "linearRegression")? != "linearRegression" {
            return Err(Error::failed("Invalid state type for LinearRegressionStage"));
        }
        let ours = self.output.text();
        let policy = archive.text("policy", ours)?;
        if policy != ours {
            let text = "Policy mismatch in LinearRegressionStage";
            return Err(Error::failed(format!("{text}: the stage has '{ours}', the state '{policy}'")));
        }
        Ok(())
    }
}

impl Define for LinearRegression {
    type Params = LinearRegressionParams;
    const TYPES: &'static [&'static str] = RegressionOutput::TEXTS;
    const METHOD: &'static str = "LinearRegression";
    const DOC: &'static str = "Least-squares line through the samples in the window: its slope per sample, its value \
        at the oldest sample\n(`intercept`) or at the newest (`predictions`), or the newest sample minus the latter \
        (`residuals`).";

    fn new(params: &LinearRegressionParams) -> Result<Self> {
        Ok(Self { output: params.output, spec: Spec::new(params.window_size), channels: vec![] })
    }

    fn label(&self, _: &LinearRegressionParams) -> String {
        format!("linearRegression:{}", self.output.text())
    }

    fn type_name(&self) -> &'static str {
        self.output.text()
    }

    fn from_state(type_name: &str, state: &Json, _: Design) -> Result<Self> {
        let output = RegressionOutput::of(type_name).ok_or_else(|| Error::failed("unknown output"))?;
        let params = LinearRegressionParams { window_size: json::count(state, "windowSize")?, output };
        params.check(Self::LABEL)?;
        Self::new(&params)
    }

    fn examples() -> Vec<Value> {
        let sizes = [2, 7, 65, 90].into_iter().zip(RegressionOutput::MEMBERS);
        sizes.map(|(window_size, &output)| LinearRegressionParams { window_size, output }.to_value()).collect()
    }
}

impl Stage for LinearRegression {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        if self.channels.len() != block.channels() {
            self.channels = filled(Channel::new(&self.spec), block.channels())?;
        }
        let Self { output, spec, channels } = self;
        block.with_scratch(|block, scratch| {
            block.each_channel(|c, samples| {
                let Channel { window, write_index } = &mut channels[c];
                *write_index = (*write_index + samples.len()) % spec.size();
                window.slide(Measure::Trend, spec, samples, &mut scratch.windows, |windows| {
                    write_outputs(*output, windows);
                });
            });
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels = vec![Channel::new(&self.spec); self.channels.len()];
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.is_json() {
            self.kind(archive)?;
        }
        check_size(&self.spec, archive.count("windowSize", self.spec.size())?)?;
        if !archive.is_loading() {
            self.check_saved_size()?;
        }
        let Self { spec, channels, .. } = self;
        archive.channels(channels, || Channel::new(spec), |channel, archive| channel.state(spec, archive))
    }

    /// Returns the distance from the newest sample back to the point at which the line is evaluated; a slope belongs to
    /// the middle.
    fn latency(&self, _: Option<f64>) -> f64 {
        let last = (self.spec.size() - 1) as f64;
        match self.output {
            RegressionOutput::Slope => last / 2.0,
            RegressionOutput::Intercept => last,
            RegressionOutput::Residuals | RegressionOutput::Predictions => 0.0,
        }
    }

    fn cost_hint(&self) -> f64 {
        3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::testing::{make, run};
    use crate::state::toon;
    use proptest::prelude::*;
    use serde_json::json;

    fn stage(output: &str, size: usize) -> LinearRegression {
        make(&json!({ "windowSize": size, "output": output }))
    }

    /// Returns the four outputs for the last sample of one window, in two passes; and Σ|(i − ī)(y − ȳ)|/Σ(i − ī)².
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
            for (which, output) in RegressionOutput::TEXTS.iter().enumerate() {
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
