//! Stages against slow models of their definitions, which share nothing with them: random parameters, signals with NaN,
//! subnormals and large numbers, several channels, irregular times, cut at random with saves and loads in between.
//!
//! One file of models for each chapter in `differential/`. `DSPX_DIFFERENTIAL_CASES` is how many cases are tried (2,000),
//! `DSPX_DIFFERENTIAL_SEED` where they begin; a failure names the number of its case.

mod differential {
    pub mod filter;
    pub mod gaps;
    pub mod harness;
    pub mod pointwise;
    pub mod sliding;
    pub mod spatial;
    pub mod spectrum;
}

use differential::harness::{Chapter, Random, run_case};

const CHAPTERS: [(&str, Chapter); 6] = [
    ("pointwise", differential::pointwise::case),
    ("sliding", differential::sliding::case),
    ("filter", differential::filter::case),
    ("gaps", differential::gaps::case),
    ("spatial", differential::spatial::case),
    ("spectrum", differential::spectrum::case),
];

fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn stages_give_what_their_definitions_say() {
    let first = number_from("DSPX_DIFFERENTIAL_SEED", 1);
    let count = number_from("DSPX_DIFFERENTIAL_CASES", 2000);
    let (mut failures, mut samples) = (vec![], 0);
    for number in first..first + count {
        let (name, chapter) = CHAPTERS[(number % CHAPTERS.len() as u64) as usize];
        let mut random = Random::new(number);
        let case = chapter(&mut random);
        match run_case(&case, &mut random) {
            Ok(compared) => samples += compared,
            Err(text) => failures.push(format!("case {number} ({name}): {} {}: {text}", case.method, case.params)),
        }
    }
    println!("{count} cases from {first}, {samples} samples compared");
    failures.truncate(20);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
