//! Helpers for the tests of stages.

use serde_json::Value as Json;

use crate::block::{Block, Workspace};
use crate::stage::Stage;
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
