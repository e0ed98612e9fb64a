//! Properties that hold for any input: no panic, bounded work, and saved states load. Used by `tests/fuzz.rs` and by
//! the libFuzzer targets in `fuzz/`.

use dsp_core::Value;
use dsp_core::params::{Field, Kind};
use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::stages::{STAGES, StageDef};

/// Choices drawn from bytes; when they are used up, always the first.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// A number below `n`, which is above 0.
    pub fn below(&mut self, n: usize) -> usize {
        (usize::from(self.byte()) << 8 | usize::from(self.byte())) % n
    }

    fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}

/// Small and usual numbers, limits, and what no parameter takes. Nothing that is valid and would take seconds: two resampling
/// stages make at most 4,400 samples of one.
const NUMBERS: [f64; 21] = [
    0.0,
    1.0,
    2.0,
    3.0,
    4.0,
    5.0,
    7.0,
    8.0,
    16.0,
    33.0,
    0.5,
    0.9,
    -1.0,
    2.5,
    1e-300,
    9007199254740992.0,
    1e300,
    -1e300,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

/// Names of a stage's parameters, and the texts that they take.
fn words(def: &StageDef) -> (Vec<&'static str>, Vec<&'static str>) {
    let texts = def.fields.iter().flat_map(|field| match field.kind {
        Kind::OneOf { texts, .. } => texts,
        _ => &[],
    });
    (def.fields.iter().flat_map(Field::spellings).collect(), texts.copied().collect())
}

fn parameter(choices: &mut Choices<'_>, texts: &[&str], depth: usize) -> Value {
    let list = |choices: &mut Choices<'_>| (0..choices.below(9)).map(|_| choices.of(&NUMBERS)).collect::<Vec<f64>>();
    match choices.below(if depth > 2 { 8 } else { 12 }) {
        0..4 => Value::Number(choices.of(&NUMBERS)),
        4 | 5 if !texts.is_empty() => Value::String(choices.of(texts).into()),
        4 | 5 => Value::String("x".into()),
        6 => choices.of(&[
            Value::Bool(true),
            Value::Bool(false),
            Value::Null,
            Value::Undefined,
            Value::Other("function"),
        ]),
        7 => Value::F32(list(choices).into_iter().map(|x| x as f32).collect()),
        8 => Value::F64(list(choices)),
        9 | 10 => Value::Array((0..choices.below(7)).map(|_| parameter(choices, texts, depth + 1)).collect()),
        _ => Value::Object(vec![
            ("b".into(), parameter(choices, texts, depth + 1)),
            ("a".into(), Value::F64(list(choices))),
        ]),
    }
}

/// Runs samples through, saves, loads: whatever a stage says of the samples, its own state must load.
fn exercise(pipeline: &mut Pipeline, choices: &mut Choices<'_>) {
    for _ in 0..2 {
        let channels = choices.of(&[1, 2, 3, 8]);
        let mut samples: Vec<f32> = (0..channels * choices.below(20)).map(|i| (i as f32 * 0.7).sin()).collect();
        let stamps: Vec<f64> = (0..samples.len()).map(|i| (i / channels) as f64 * 2.5).collect();
        let stamps = if choices.below(2) == 0 { Stamps::Generated(Some(400.0)) } else { Stamps::Explicit(&stamps) };
        if let Err(error) = pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}) {
            assert!(!error.to_string().is_empty());
        }
    }
    pipeline.list().expect("lists");
    let json = pipeline.save_json(1.0).expect("saves as JSON");
    pipeline.load_json(&json).unwrap_or_else(|error| panic!("its own state {json}: {error}"));
    // A number that does not fit a token is a reason not to save as TOON.
    if let Ok(toon) = pipeline.save_toon(1.0) {
        pipeline.load_toon(&toon).unwrap_or_else(|error| panic!("its own TOON state of {json}: {error}"));
    }
    pipeline.clear();
}

/// A pipeline of one or two stages with parameters of their names and any values.
pub fn definition(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut pipeline = Pipeline::new();
    for _ in 0..=choices.below(2) {
        let def = &STAGES[choices.below(STAGES.len())];
        let (names, texts) = words(def);
        let wanted: Vec<_> = names.into_iter().filter(|_| choices.below(4) > 0).collect();
        let entries = wanted.into_iter().map(|name| (name.to_owned(), parameter(&mut choices, &texts, 0))).collect();
        if let Err(error) = pipeline.add(def.method, Value::Object(entries)) {
            assert!(!error.to_string().is_empty(), "{}", def.method);
        }
    }
    exercise(&mut pipeline, &mut choices);
}

/// A JSON state, into an empty pipeline.
pub fn state_json(bytes: &[u8]) {
    let mut pipeline = Pipeline::new();
    if pipeline.load_json(&String::from_utf8_lossy(bytes)).is_ok() {
        exercise(&mut pipeline, &mut Choices(bytes));
    }
}

/// A TOON state, into the pipeline of the `seed`th kind.
pub fn state_toon(seed: usize, bytes: &[u8]) {
    let seeds = seeds();
    let (method, params) = &seeds[seed % seeds.len()];
    let mut pipeline = Pipeline::new();
    pipeline.add(method, params.clone()).expect("a seed is valid");
    if pipeline.load_toon(bytes).is_ok() {
        exercise(&mut pipeline, &mut Choices(bytes));
    }
}

/// Stages with as many kinds of state as there are.
pub fn seeds() -> Vec<(&'static str, Value)> {
    let params = |text: &str| Value::from(&serde_json::from_str::<serde_json::Value>(text).expect("valid JSON"));
    let mut seeds: Vec<_> = [
        ("MovingAverage", r#"{"mode":"moving","windowSize":5}"#),
        ("Rms", r#"{"mode":"moving","windowSize":70}"#),
        ("Variance", r#"{"mode":"moving","windowDuration":12.5}"#),
        ("ExponentialMovingAverage", r#"{"mode":"moving","alpha":0.3}"#),
        ("SlopeSignChange", r#"{"windowSize":9}"#),
        ("LinearRegression", r#"{"windowSize":7,"output":"slope"}"#),
        ("PeakDetection", r#"{"threshold":0.1,"minPeakDistance":5}"#),
        ("Differentiator", "{}"),
        ("Amplify", r#"{"gain":3}"#),
        ("Interpolate", r#"{"factor":3,"sampleRate":1}"#),
        ("Decimate", r#"{"factor":2,"sampleRate":1}"#),
        ("Resample", r#"{"upFactor":3,"downFactor":2,"sampleRate":1}"#),
        ("TimeAlignment", r#"{"targetSampleRate":100}"#),
        ("filter", r#"{"type":"fir","mode":"lowpass","cutoffFrequency":100,"sampleRate":1000,"order":9}"#),
        ("filter", r#"{"type":"butterworth","mode":"lowpass","cutoffFrequency":100,"sampleRate":1000,"order":5}"#),
        ("filter", r#"{"type":"butterworth","mode":"lowpass","cutoffFrequency":100,"sampleRate":1000,"order":2,"design":"dspx"}"#),
    ]
    .into_iter()
    .map(|(method, text)| (method, params(text)))
    .collect();
    seeds.retain(|(method, _)| STAGES.iter().any(|def| def.method == *method));
    seeds
}
