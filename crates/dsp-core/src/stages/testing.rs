//! Helpers for the tests of stages.

use serde_json::Value as Json;

use crate::block::{Block, Workspace};
use crate::error::Result;
use crate::stage::{Define, Stage};
use crate::state::toon;
use crate::value::{Params, Value};

/// Parameters from JSON.
pub fn params(json: Json) -> Params {
    Params::new(Value::from(&json))
}

/// One call on interleaved samples, at 1 kHz from time 0.
pub fn run(stage: &mut impl Stage, input: &[f32], channels: usize) -> Vec<f32> {
    let (mut samples, mut work) = (input.to_vec(), Workspace::default());
    let mut block = Block::regular(&mut samples, channels, &mut work, 0.0, 0.0, 1000.0);
    stage.process(&mut block).expect("the stage processes");
    let output = block.finish();
    output.unwrap_or(samples)
}

/// A stage from JSON parameters.
pub fn make<T: Define>(json: &Json) -> T {
    try_make(json).expect("the parameters are right")
}

/// A stage from JSON parameters, or its error.
pub fn try_make<T: Define>(json: &Json) -> Result<T> {
    T::new(&params(json.clone()))
}

/// Reproducible samples between −1 and 1.
pub fn noise(count: usize) -> Vec<f32> {
    let mut seed = 1u32;
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// The chunk law for a stage that keeps the length: cut into pieces of many lengths, and saved and loaded in between
/// (as JSON text, as TOON, each into a new stage), the output has the bits of one call.
pub fn check_chunk_law<T: Define + Clone>(json: &Json, input: &[f32], channels: usize) {
    let bits = |samples: &[f32]| samples.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let expected = bits(&run(&mut make::<T>(json), input, channels));
    for piece in [1, 2, 3, 7, 16, 33, 64] {
        for format in ["none", "json", "toon"] {
            let mut stage = make::<T>(json);
            let mut output = Vec::new();
            for part in input.chunks(piece * channels) {
                output.extend(run(&mut stage, part, channels));
                stage = saved_and_loaded(stage, json, format);
            }
            assert_eq!(bits(&output), expected, "{json}, {channels} channels, pieces of {piece}, {format}");
        }
    }
}

/// The stage after a save and a load into a new one.
pub fn saved_and_loaded<T: Define>(stage: T, json: &Json, format: &str) -> T {
    let mut fresh = make::<T>(json);
    match format {
        "json" => {
            let text = stage.save().expect("it saves").to_string();
            fresh.load(&serde_json::from_str(&text).expect("JSON")).expect("it loads");
        }
        "toon" => {
            let mut writer = toon::Writer::default();
            stage.save_toon(&mut writer).expect("it saves");
            let bytes = writer.finish();
            let mut reader = toon::Reader::new(&bytes);
            fresh.load_toon(&mut reader).expect("it loads");
            reader.finish().expect("nothing is left");
        }
        _ => return stage,
    }
    fresh
}
