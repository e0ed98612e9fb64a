//! Damaged recordings are read or refused: no panic, no endless loop, no memory beyond the block.
//!
//! `DSPX_FUZZ=1000000 cargo test -p dsp-files --test mutations -- --nocapture` runs that many damaged files of each format
//! and prints how many were executed.

#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the names are those of tests/data")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use dsp_files::{OpenOptions, Recording, Source};
use proptest::prelude::*;

type Files = BTreeMap<String, Arc<[u8]>>;

/// Numbers from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Values that break limits.
const HOSTILE: [&[u8]; 14] = [
    &[0xff; 4],
    &[0; 4],
    &[0xff; 8],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0x80, 0, 0, 0],
    b"NaN",
    b"-1",
    b"99999999",
    b"1e308",
    b"/",
    b"~",
    b"\n",
    b"\"",
    b",",
];

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let length = bytes.len();
        // Headers are where it counts.
        let reach = if random.below(3) == 0 { length } else { length.min(600) };
        let at = random.below(reach);
        match random.below(6) {
            0 => bytes.truncate(at),
            1 if at < length => bytes[at] ^= 1 << random.below(8),
            2 if at < length => bytes[at] = random.below(256) as u8,
            3 => {
                let value = HOSTILE[random.below(HOSTILE.len())];
                let end = (at + value.len()).min(length);
                bytes.splice(at..end, value.iter().copied());
            }
            4 if at < length => {
                let end = (at + 1 + random.below(40)).min(length);
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ if at < length => {
                let end = (at + 1 + random.below(8)).min(length);
                bytes.drain(at..end);
            }
            _ => {}
        }
    }
}

/// Seeds of a format: files, and the one to open.
fn seeds(format: &str) -> Vec<(Files, String)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let all: Files = fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), Arc::from(fs::read(path).unwrap())))
        .collect();
    if format == "csv" {
        let texts = [
            "time,a,b\n(s),mV,mV\n0,1,2\n0.01,NA,4\n0.03,5,6\n",
            "# note\n0,5;1,25\n2,5;'3'\n",
            "2024-01-01 00:00:00.5+01:00\t0.5\n2024-01-01 00:00:01,5\t\"0.75\"\n",
        ];
        return texts
            .iter()
            .map(|text| (Files::from([("a.csv".into(), Arc::from(text.as_bytes()))]), "a.csv".into()))
            .collect();
    }
    let is_seed = |name: &String| match format {
        "audio" => [".aiff", ".caf", ".flac"].iter().any(|extension| name.ends_with(extension)),
        "edf" => name.ends_with(".edf") || name.ends_with(".bdf"),
        "wfdb" => name.ends_with(".hea"),
        "npy" => name.ends_with(".in.npy"),
        _ => name.ends_with(".wav") || name.ends_with(".rf64"),
    };
    let names: Vec<String> = all.keys().filter(|name| is_seed(name)).cloned().collect();
    let own = |name: &String| match format {
        "wfdb" => all
            .iter()
            .filter(|(file, _)| file.starts_with('w') || *file == name)
            .map(|(k, v)| (k.clone(), Arc::clone(v)))
            .collect(),
        _ => Files::from([(name.clone(), Arc::clone(&all[name]))]),
    };
    names.iter().map(|name| (own(name), name.clone())).collect()
}

/// Opens and reads one damaged recording.
fn execute(seeds: &[(Files, String)], seed: u64) {
    let mut random = Random(seed | 1);
    let (mut files, name) = seeds[random.below(seeds.len())].clone();
    let names: Vec<String> = match name.ends_with(".hea") {
        true => {
            let stem = name.trim_end_matches(".hea").to_owned();
            files.keys().filter(|file| file.starts_with(&stem) && !file.ends_with(".npy")).cloned().collect()
        }
        false => vec![name.clone()],
    };
    let target = &names[random.below(names.len())];
    let mut bytes = files[target].to_vec();
    mutate(&mut bytes, &mut random);
    files.insert(target.clone(), Arc::from(bytes));
    let Ok(mut recording) = Recording::open(Source::Files(files, name), &OpenOptions::default()) else { return };
    let _ = recording.annotations();
    let _ = recording.gaps();
    let Ok(channels) = recording.select(None) else { return };
    let (mut at, mut samples) = (0, Vec::new());
    for frames in [1, 50, 1000] {
        samples.clear();
        match recording.read(&channels, at, frames, &mut samples) {
            Ok(count) => {
                assert!(count <= frames && samples.len() == count * channels.len(), "{count} frames of {frames}");
                at += count as u64;
            }
            Err(_) => return,
        }
    }
    let _ = recording.read(&channels, 3, 5, &mut samples);
    let _ = recording.read(&channels, u64::MAX / 3, 5, &mut samples);
}

fn run(format: &str) {
    let seeds = seeds(format);
    assert!(!seeds.is_empty(), "{format}");
    if let Some(executions) = std::env::var("DSPX_FUZZ").ok().and_then(|count| count.parse::<u64>().ok()) {
        for i in 0..executions {
            execute(&seeds, (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        println!("{format}: {executions} damaged files");
        return;
    }
    let config = ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(seed in any::<u64>())| execute(&seeds, seed));
}

#[test]
fn wav() {
    run("wav");
}

#[test]
fn edf() {
    run("edf");
}

#[test]
fn wfdb() {
    run("wfdb");
}

#[test]
fn csv() {
    run("csv");
}

#[test]
fn npy() {
    run("npy");
}

#[test]
fn audio() {
    // A panic of the decoder is caught, and becomes an error; its text is not of interest here.
    std::panic::set_hook(Box::new(|_| {}));
    run("audio");
}
