#![no_main]

use dsp_stream::codec::{f32le, frame, json};

// Whatever comes in a Kafka message decodes or is refused.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = frame::decode(bytes);
    let _ = f32le::decode(bytes);
    let _ = json::decode(bytes);
});
