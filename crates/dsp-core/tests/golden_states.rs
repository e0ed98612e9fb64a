//! Saved states, byte for byte: what this package wrote once it writes for ever, and it reads it.
//!
//! `golden/states/cases.json` lists stages with parameters and channel counts; `golden/states/states.jsonl` holds one line
//! for each of them, before the first sample and in mid-stream, as JSON and as TOON. `DSPX_RECORD_STATES=1 cargo test -p
//! dsp-core --test golden_states` adds lines for cases that have none yet; a line that is there is never written again.

use std::fmt::Write as _;
use std::path::PathBuf;

use dsp_core::Value;
use dsp_core::pipeline::Pipeline;
use dsp_core::pipeline::Stamps;
use serde_json::{Value as Json, json};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/states").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// One recorded situation: a stage, its channels, and how many frames it has seen.
#[derive(Clone)]
struct Situation {
    method: String,
    params: Json,
    channels: usize,
    frames: usize,
}

impl Situation {
    fn of(line: &Json) -> Self {
        let count = |key: &str| line[key].as_u64().expect("a count") as usize;
        let method = line["method"].as_str().expect("a method").to_owned();
        Self { method, params: line["params"].clone(), channels: count("channels"), frames: count("frames") }
    }

    fn key(&self) -> String {
        format!("{} {} {} {}", self.method, self.params, self.channels, self.frames)
    }

    fn fresh(&self) -> Pipeline {
        let mut pipeline = Pipeline::new();
        pipeline.add(&self.method, value(&self.params)).unwrap_or_else(|e| panic!("{}: {e}", self.key()));
        pipeline
    }

    /// The pipeline after its frames, in two calls.
    fn run(&self) -> Pipeline {
        let mut pipeline = self.fresh();
        let cut = self.frames / 3;
        for (first, count) in [(0, cut), (cut, self.frames - cut)] {
            let mut input: Vec<f32> = (first * self.channels..(first + count) * self.channels).map(sample).collect();
            let stamps = Stamps::Generated(Some(360.0));
            if self.frames > 0 {
                pipeline.process(&mut input, self.channels, stamps, &[], |_, _| {}).expect("processes");
            }
        }
        pipeline
    }
}

/// Samples of both signs, with repeats and peaks, exact in any format.
fn sample(index: usize) -> f32 {
    let noise = (index as u32).wrapping_mul(2_654_435_761) >> 20;
    (noise as f32 - 2048.0) / 256.0
}

/// Parameters, in which `{"$f32": […]}` is a Float32Array.
fn value(json: &Json) -> Value {
    let Json::Object(entries) = json else { return Value::from(json) };
    match entries.get("$f32").map(Value::from).and_then(|list| list.as_numbers()) {
        Some(numbers) => Value::F32(numbers.into_iter().map(|x| x as f32).collect()),
        None => Value::Object(entries.iter().map(|(key, entry)| (key.clone(), value(entry))).collect()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all");
        text
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).expect("a digit") as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn situations() -> Vec<Situation> {
    let cases: Vec<Json> = serde_json::from_str(&read("cases.json")).expect("a list");
    let mut all = vec![];
    for case in &cases {
        for channels in case["channels"].as_array().expect("channel counts") {
            for frames in [0, 151] {
                let line = json!({ "method": case["method"], "params": case["params"], "channels": channels, "frames": frames });
                all.push(Situation::of(&line));
            }
        }
    }
    all
}

fn lines() -> Vec<Json> {
    let Ok(text) = std::fs::read_to_string(file("states.jsonl")) else { return vec![] };
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Coefficients come from the platform's sine and exponential, whose last bit differs between C libraries.
fn is_recording_platform() -> bool {
    cfg!(all(target_arch = "x86_64", target_os = "linux"))
}

/// A state as it was recorded: `RlsFilter` did not say then whose design it is, without which another pipeline went on
/// with other numbers. Everything else is compared as it is.
fn as_recorded(text: &str, recorded: &str) -> String {
    let mut document: Json = serde_json::from_str(text).expect("is JSON");
    let removed = document["stages"][0]["state"].as_object_mut().and_then(|state| state.remove("design"));
    if removed.is_none() {
        return text.to_owned();
    }
    assert_eq!(removed, Some(json!("dspx")));
    let recorded: Json = serde_json::from_str(recorded).expect("is JSON");
    document["checksum"] = recorded["checksum"].clone();
    document.to_string()
}

fn record() {
    let mut lines: Vec<String> = lines().iter().map(Json::to_string).collect();
    let known: Vec<String> = self::lines().iter().map(|line| Situation::of(line).key()).collect();
    for situation in situations().into_iter().filter(|s| !known.contains(&s.key())) {
        let mut pipeline = situation.run();
        let Situation { method, params, channels, frames } = situation;
        let (text, toon) = (pipeline.save_json(1.5).expect("saves"), hex(&pipeline.save_toon(1.5).expect("saves")));
        let line = json!({ "method": method, "params": params, "channels": channels, "frames": frames,
                           "json": text, "toon": toon });
        lines.push(line.to_string());
    }
    std::fs::write(file("states.jsonl"), lines.join("\n") + "\n").expect("can be written");
}

#[test]
fn states_are_what_they_always_were() {
    if std::env::var_os("DSPX_RECORD_STATES").is_some() {
        record();
    }
    let lines = lines();
    let known: Vec<String> = lines.iter().map(|line| Situation::of(line).key()).collect();
    for situation in situations() {
        assert!(known.contains(&situation.key()), "{}: not recorded", situation.key());
    }
    if !is_recording_platform() {
        println!("states_are_what_they_always_were: bytes are compared on x86-64 Linux, where they were recorded");
        return;
    }
    for line in &lines {
        let situation = Situation::of(line);
        let mut pipeline = situation.run();
        let text = pipeline.save_json(1.5).expect("saves");
        let recorded = line["json"].as_str().unwrap();
        assert_eq!(as_recorded(&text, recorded), recorded, "{}", situation.key());
        assert_eq!(
            hex(&pipeline.save_toon(1.5).expect("saves")),
            line["toon"].as_str().unwrap(),
            "{}",
            situation.key()
        );
    }
}

#[test]
fn recorded_states_load_and_are_written_again_as_they_were() {
    for line in &lines() {
        let situation = Situation::of(line);
        let (text, toon) = (line["json"].as_str().unwrap(), bytes(line["toon"].as_str().unwrap()));
        let mut from_json = situation.fresh();
        assert_eq!(from_json.load_json(text), Ok(vec![]), "{}", situation.key());
        assert_eq!(as_recorded(&from_json.save_json(1.5).expect("saves"), text), text, "{}", situation.key());
        let mut from_toon = situation.fresh();
        assert_eq!(from_toon.load_toon(&toon), Ok(vec![]), "{}", situation.key());
        assert_eq!(hex(&from_toon.save_toon(1.5).expect("saves")), hex(&toon), "{}", situation.key());
    }
}
