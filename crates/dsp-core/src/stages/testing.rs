//! Helpers for the tests of stages.

use serde_json::Value as Json;

use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage};
use crate::engine::workspace::Workspace;
use crate::error::Result;
use crate::params::Parameters;
use crate::params::value::Value;

/// Runs one call on interleaved samples, at 1 kHz from time 0.
pub fn run(stage: &mut impl Stage, input: &[f32], channels: usize) -> Vec<f32> {
    let (mut samples, mut work) = (input.to_vec(), Workspace::default());
    let mut block = Block::regular(&mut samples, channels, &mut work, 0.0, 0.0, 1000.0);
    stage.process(&mut block).expect("the stage processes");
    let output = block.finish().expect("there is memory");
    output.unwrap_or(samples)
}

/// Returns a stage from JSON parameters.
pub fn make<T: Define>(json: &Json) -> T {
    try_make(json).expect("the parameters are right")
}

/// Returns a stage from JSON parameters, or its error.
pub fn try_make<T: Define>(json: &Json) -> Result<T> {
    T::new(&T::Params::read(T::LABEL, &Value::from(json))?)
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
