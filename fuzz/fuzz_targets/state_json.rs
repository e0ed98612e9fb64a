#![no_main]

#[path = "../../crates/dsp-core/tests/fuzz/bodies.rs"]
#[allow(dead_code, reason = "each target uses one of them")]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::state_json(bytes));
