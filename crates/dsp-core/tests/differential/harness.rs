//! Cases, their signals, and the comparison.

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::Value as Json;

/// Random numbers (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number in `low..=high`.
    pub fn whole(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low + 1) as u64) as usize
    }

    /// A number in `low..high`.
    pub fn number(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something happens that does so once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.whole(1, times) == 1
    }

    pub fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.whole(0, items.len() - 1)]
    }

    /// Numbers between −1 and 1 that a `Float32Array` can hold.
    pub fn list(&mut self, length: usize) -> Vec<f32> {
        (0..length).map(|_| self.number(-1.0, 1.0) as f32).collect()
    }
}

/// What is expected of one sample.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    pub value: f64,
    /// The sum of the magnitudes of what was added up: errors are in proportion to it.
    pub magnitude: f64,
}

impl Expected {
    /// A sum of terms.
    pub fn sum(terms: impl Iterator<Item = f64>) -> Self {
        let (mut value, mut magnitude) = (0.0, 0.0);
        for term in terms {
            value += term;
            magnitude += term.abs();
        }
        Self { value, magnitude }
    }

    pub fn exact(value: f64) -> Self {
        Self { value, magnitude: 0.0 }
    }
}

/// All channels (one list each) to all channels that come out.
pub type Model = Box<dyn Fn(&[Vec<f64>]) -> Vec<Vec<Expected>>>;

/// A stage with its model.
pub struct Case {
    pub method: &'static str,
    pub params: Json,
    /// Channels of the input.
    pub channels: usize,
    pub model: Model,
    /// Error in units of the magnitude.
    pub tolerance: f64,
    /// Whether calls are cut: those of batch modes are not.
    pub streams: bool,
    /// Whether samples may be NaN, infinite or subnormal, and very large.
    pub is_wild: bool,
}

pub type Chapter = fn(&mut Random) -> Case;

/// A model that treats each channel by itself.
pub fn each(model: impl Fn(&[f64]) -> Vec<Expected> + 'static) -> Model {
    Box::new(move |channels| channels.iter().map(|x| model(x)).collect())
}

/// A signal: noise, steps, silence and, where it may be wild, what spoils naive sums.
fn signal(random: &mut Random, frames: usize, is_wild: bool) -> Vec<f32> {
    let scale = if is_wild { 10_f64.powf(random.number(-6.0, 6.0)) } else { 1.0 };
    let offset = if random.once_in(3) { random.number(-100.0, 100.0) } else { 0.0 };
    let mut held = 0.0;
    let mut sample = |random: &mut Random| {
        if random.once_in(8) {
            held = random.number(-1.0, 1.0);
        }
        let noise = if random.once_in(3) { 0.0 } else { random.number(-1.0, 1.0) };
        ((held + noise + offset) * scale) as f32
    };
    let mut samples: Vec<f32> = (0..frames).map(|_| sample(random)).collect();
    if is_wild && frames > 0 && random.once_in(2) {
        for _ in 0..random.whole(1, 3) {
            let at = random.whole(0, frames - 1);
            samples[at] = random.one_of(&[f32::NAN, f32::from_bits(1), -f32::from_bits(7), 0.0, -0.0, 1e9, -3e7]);
        }
    }
    samples
}

/// The parameters, with the lists of trained stages as typed arrays.
fn params_of(case: &Case) -> Value {
    let Value::Object(entries) = Value::from(&case.params) else { return Value::Undefined };
    let typed = |(key, value): (String, Value)| {
        let list = case.params[&key].as_array().filter(|_| key == "mean" || key.ends_with("Matrix"));
        let numbers = list.map(|list| list.iter().map(|x| x.as_f64().unwrap_or(f64::NAN) as f32).collect());
        (key, numbers.map_or(value, Value::F32))
    };
    Value::Object(entries.into_iter().map(typed).collect())
}

fn stage(case: &Case) -> Pipeline {
    let mut pipeline = Pipeline::new();
    pipeline.add(case.method, params_of(case)).unwrap_or_else(|e| panic!("{} {}: {e}", case.method, case.params));
    pipeline
}

/// What the stage makes of the interleaved samples, cut at random, saved and loaded.
fn stage_output(case: &Case, random: &mut Random, samples: &[f32]) -> (Vec<f32>, usize) {
    let mut pipeline = stage(case);
    let (mut output, mut at, mut time) = (vec![], 0, 1.7e12);
    let has_stamps = random.once_in(2);
    loop {
        let left = samples.len() / case.channels - at;
        let frames = if case.streams && !random.once_in(6) { random.whole(0, left.min(40)) } else { left };
        let mut call = samples[at * case.channels..(at + frames) * case.channels].to_vec();
        let times: Vec<f64> = (0..frames)
            .flat_map(|_| {
                time += random.number(0.1, 9.0);
                std::iter::repeat_n(time, case.channels)
            })
            .collect();
        let stamps = if has_stamps { Stamps::Explicit(&times) } else { Stamps::Generated(Some(250.0)) };
        let new = pipeline.process(&mut call, case.channels, stamps, &[], |_, _| {}).expect("processes");
        output.extend(new.unwrap_or(call));
        at += frames;
        if at * case.channels >= samples.len() {
            return (output, pipeline.output_channels());
        }
        let mut fresh = stage(case);
        match random.whole(0, 5) {
            0 => fresh.load_json(&pipeline.save_json(0.0).expect("saves")).expect("loads"),
            1 => fresh.load_toon(&pipeline.save_toon(0.0).expect("saves")).expect("loads"),
            _ => continue,
        };
        pipeline = fresh;
    }
}

fn compare(got: f32, expected: Expected, tolerance: f64) -> Result<(), String> {
    let Expected { value, magnitude } = expected;
    if value.is_nan() {
        return if got.is_nan() { Ok(()) } else { Err(format!("{got} where NaN is right")) };
    }
    let rounded = value as f32;
    if rounded.is_infinite() || got == rounded {
        return if got == rounded { Ok(()) } else { Err(format!("{got} where {rounded} is right")) };
    }
    // Half a unit of the last place of float32 beside the error of the sum.
    let allowed = value.abs() * f64::from(f32::EPSILON) + f64::from(f32::from_bits(1)) + tolerance * magnitude;
    let error = (f64::from(got) - value).abs();
    if error <= allowed { Ok(()) } else { Err(format!("{got} where {value} is right (allowed {allowed:e})")) }
}

/// Runs a case; returns how many samples were compared.
pub fn run_case(case: &Case, random: &mut Random) -> Result<usize, String> {
    let frames = random.whole(1, 300);
    let channels: Vec<Vec<f32>> = (0..case.channels).map(|_| signal(random, frames, case.is_wild)).collect();
    let samples: Vec<f32> = (0..frames).flat_map(|k| channels.iter().map(move |x| x[k])).collect();
    let (got, outputs) = stage_output(case, random, &samples);
    let doubles: Vec<Vec<f64>> = channels.iter().map(|x| x.iter().map(|&x| f64::from(x)).collect()).collect();
    let expected = (case.model)(&doubles);
    if expected.len() != outputs || expected.iter().any(|channel| channel.len() * outputs != got.len()) {
        return Err(format!("{} samples in {outputs} channels of {}", got.len(), expected.len()));
    }
    for (c, channel) in expected.iter().enumerate() {
        for (k, &expected) in channel.iter().enumerate() {
            compare(got[k * outputs + c], expected, case.tolerance)
                .map_err(|text| format!("channel {c} of {outputs}, sample {k} of {}: {text}", channel.len()))?;
        }
    }
    Ok(got.len())
}
