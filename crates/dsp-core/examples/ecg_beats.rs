//! Finds the beats of files of little-endian float32 samples: for each line `rate path` of the standard input it writes
//! `path.beats` with a line `sample known` for each beat. `tools/ecg_tables.py` makes its tables with it. With an argument it
//! prints the speed instead, from samples that stay in memory.

use std::fmt::Write as _;
use std::time::Instant;

use dsp_core::Value;
use dsp_core::pipeline::{Pipeline, Stamps};

/// Frames in a call: as the samples come from a device that sends ten times a second, at 100 to 1000 Hz.
const CALL: usize = 50;

fn beats(rate: f64, samples: &mut [f32]) -> String {
    let mut pipeline = Pipeline::new();
    pipeline.add("EcgBeats", Value::Object(vec![])).expect("the stage can be made");
    let (mut lines, mut known) = (String::new(), 0);
    let mut take = |pipeline: &mut Pipeline, known: usize| {
        for event in pipeline.take_events().expect("events are collected").list() {
            writeln!(lines, "{} {known}", event.sample).expect("text can be written");
        }
    };
    for call in samples.chunks_mut(CALL) {
        known += call.len();
        pipeline.collect_events();
        pipeline.process(call, 1, Stamps::Generated(Some(rate)), &[], |_, _| {}).expect("processes");
        take(&mut pipeline, known);
    }
    pipeline.collect_events();
    pipeline.finish(Some(rate)).expect("ends");
    take(&mut pipeline, known);
    lines
}

fn speed(rate: f64, samples: &[f32]) {
    let mut pipeline = Pipeline::new();
    pipeline.add("EcgBeats", Value::Object(vec![])).expect("the stage can be made");
    let start = Instant::now();
    let mut count = 0;
    for _ in 0..20 {
        for call in samples.chunks(4096) {
            pipeline.process(&mut call.to_vec(), 1, Stamps::Generated(Some(rate)), &[], |_, _| {}).expect("processes");
            count += call.len();
        }
    }
    println!("{:.1} M samples/s at {rate} Hz", count as f64 / start.elapsed().as_secs_f64() / 1e6);
}

fn main() {
    let measures = std::env::args().nth(1).is_some();
    for line in std::io::stdin().lines() {
        let line = line.expect("the list can be read");
        let (rate, path) = line.split_once(' ').expect("a rate and a path");
        let rate: f64 = rate.parse().expect("a rate");
        let bytes = std::fs::read(path).expect("the file can be read");
        let mut samples: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if measures {
            speed(rate, &samples);
        } else {
            std::fs::write(format!("{path}.beats"), beats(rate, &mut samples)).expect("the beats can be written");
        }
    }
}
