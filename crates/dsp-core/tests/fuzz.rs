//! The fuzz targets of `fuzz/` on any toolchain, for a short time: random definitions, and states with random damage.
//!
//! `DSPX_FUZZ_SECONDS` (default 4) is how long, `DSPX_FUZZ_SEED` repeats a run that failed.

#[path = "fuzz/bodies.rs"]
mod bodies;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bodies::{definition, seeds, state_json, state_toon};
use dsp_core::pipeline::{Pipeline, Stamps};
use serde_json::{Value as Json, json};

/// xorshift64*: the numbers of a run follow from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Calls `body` with new random numbers until the time is over, and prints how often that was.
fn fuzz(target: &str, mut body: impl FnMut(&mut Random)) {
    let seconds = setting("DSPX_FUZZ_SECONDS").unwrap_or(4);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut runs = 0_u64;
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |t| t.as_nanos() as u64);
    let mut seed = setting("DSPX_FUZZ_SEED").unwrap_or_else(now) | 1;
    loop {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(&mut Random(seed)))) {
            eprintln!("DSPX_FUZZ_SEED={seed} repeats it");
            resume_unwind(panic);
        }
        runs += 1;
        if Instant::now() >= end {
            println!("fuzz {target}: {runs} runs in {seconds} s");
            return;
        }
        seed = Random(seed).next() | 1;
    }
}

/// A pipeline of one seed that has seen samples.
fn used(index: usize) -> Pipeline {
    let (method, params) = seeds().swap_remove(index);
    let mut pipeline = Pipeline::new();
    pipeline.add(method, params).expect("a seed is valid");
    let mut samples: Vec<f32> = (0..80).map(|i| (i as f32).sin()).collect();
    let stamps: Vec<f64> = (0..80).map(|i| f64::from(i / 2)).collect();
    pipeline.process(&mut samples, 2, Stamps::Explicit(&stamps), &[], |_, _| {}).expect("processes");
    pipeline
}

/// Values for a place in a JSON state.
fn odd(random: &mut Random) -> Json {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(2.5),
        json!(1e300),
        json!(9007199254740993u64),
        json!("NaN"),
        json!("x"),
        json!([]),
        json!({}),
        json!([1, 2, 3]),
        json!([[1], [2]]),
        json!({ "buffer": [] }),
        json!("Infinity"),
    ];
    all[random.below(all.len())].clone()
}

/// Changes one place, somewhere in the tree.
fn damage(node: &mut Json, random: &mut Random) {
    let deeper = random.below(6) > 0;
    match node {
        Json::Object(entries) if deeper && !entries.is_empty() => {
            let key = entries.keys().nth(random.below(entries.len())).expect("there is one").clone();
            match random.below(8) {
                0 => drop(entries.remove(&key)),
                _ => damage(&mut entries[&key], random),
            }
        }
        Json::Array(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                _ => damage(&mut items[at], random),
            }
        }
        other => *other = odd(random),
    }
}

#[test]
fn definitions() {
    fuzz("definition", |random| definition(&random.bytes(120)));
}

#[test]
fn json_states() {
    let states: Vec<Json> = (0..seeds().len())
        .map(|i| {
            let mut state: Json = serde_json::from_str(&used(i).save_json(1.0).expect("saves")).expect("is JSON");
            // Without it, what the damage leaves plausible is loaded.
            state.as_object_mut().expect("is an object").remove("checksum");
            state
        })
        .collect();
    fuzz("state_json", |random| {
        let mut state = states[random.below(states.len())].clone();
        (0..=random.below(3)).for_each(|_| damage(&mut state, random));
        state_json(state.to_string().as_bytes());
    });
}

#[test]
fn toon_states() {
    let states: Vec<Vec<u8>> = (0..seeds().len()).map(|i| used(i).save_toon(1.0).expect("saves")).collect();
    fuzz("state_toon", |random| {
        let kind = random.below(states.len());
        let mut bytes = states[kind].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                2 => bytes.insert(at, random.next() as u8),
                _ => bytes[at] ^= 1 << random.below(8),
            }
        }
        // Also without the appendix that holds the checksum: what dspx wrote has none.
        if random.below(2) == 0 {
            bytes.truncate(bytes.len() - bytes.len() / 4);
        }
        state_toon(kind, &bytes);
    });
}
