//! What stages do where there is no memory for what a caller sizes: a typed error, and the process goes on.
//!
//! An allocation that fails without being tried ends the process, so the cases run in a child process; its allocator
//! refuses what goes beyond a limit. `DSPX_STAGE` restricts them to one method.

#![allow(unsafe_code, reason = "an allocator of one's own is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use dsp_core::Value;
use dsp_core::error::Result;
use dsp_core::limits::MAX_CHANNELS;
use dsp_core::params::{Field, Kind};
use dsp_core::pipeline::{Pipeline, Stamps};
use dsp_core::stages::DECLARATIONS;

/// Bytes that are taken, and how many may be.
static TAKEN: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// What small requests may take beyond the limit: the library does not try what every process has left, but many small
/// ones together are large.
const SLACK: usize = 8 << 20;
const SMALL: usize = 1 << 20;

struct Limited;

impl Limited {
    /// Whether `bytes` more may be taken; notes them.
    fn admits(bytes: usize) -> bool {
        let slack = if bytes <= SMALL { SLACK } else { 0 };
        let most = LIMIT.load(Relaxed).saturating_add(slack);
        let is_within = |taken: usize| taken.checked_add(bytes).filter(|&sum| sum <= most);
        TAKEN.fetch_update(Relaxed, Relaxed, is_within).is_ok()
    }
}

// SAFETY: all calls go to the system's allocator as they come, or give no memory, as the trait allows.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !Self::admits(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !Self::admits(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// Runs `f` where no more than `bytes` besides what is taken already can be had.
fn within<T>(bytes: usize, f: impl FnOnce() -> T) -> T {
    LIMIT.store(TAKEN.load(Relaxed).saturating_add(bytes), Relaxed);
    let result = f();
    LIMIT.store(usize::MAX, Relaxed);
    result
}

struct Case {
    method: &'static str,
    params: Value,
    /// Whether its state is saved and loaded too, which takes a while: once for each shape of parameters.
    is_stored: bool,
}

/// Sizes of a parameter: the largest that is declared, and some below it.
fn sizes(field: &Field) -> Vec<f64> {
    let most = match field.kind {
        Kind::Integer { most, .. } => most,
        Kind::Number { high, .. } => high.min(1e15),
        _ => return vec![],
    };
    let powers = [20, 13].map(|power| f64::from((1_u32 << power) - 1));
    std::iter::once(most).chain(powers.into_iter().filter(|&size| size < most)).collect()
}

fn with(params: &Value, name: &str, value: f64) -> Value {
    let Value::Object(entries) = params else { return params.clone() };
    let mut entries: Vec<_> = entries.iter().filter(|(key, _)| key != name).cloned().collect();
    entries.push((name.to_owned(), Value::Number(value)));
    Value::Object(entries)
}

/// Every stage with each example of its parameters, and with each number in them as large as it may be.
fn cases() -> Vec<Case> {
    let only = std::env::var("DSPX_STAGE").ok();
    let mut cases = vec![];
    for stage in DECLARATIONS.iter().filter(|stage| only.as_ref().is_none_or(|method| method == stage.method)) {
        let mut shapes = vec![];
        for params in (stage.examples)() {
            let shape = shape_of(&params);
            if !shapes.contains(&shape) {
                let sizes =
                    stage.fields.iter().flat_map(|field| sizes(field).into_iter().map(|size| (field.name, size)));
                let sized = sizes.map(|(name, size)| with(&params, name, size));
                cases.extend(sized.map(|params| Case { method: stage.method, params, is_stored: false }));
                cases.push(Case { method: stage.method, params, is_stored: true });
                shapes.push(shape);
            }
        }
    }
    cases
}

/// The keys and texts of an object: what decides which code runs.
fn shape_of(params: &Value) -> String {
    let Value::Object(entries) = params else { return String::new() };
    let part = |(key, value): &(String, Value)| match value {
        Value::String(text) => format!("{key}={text};"),
        _ => format!("{key};"),
    };
    entries.iter().map(part).collect()
}

/// Makes the stage and gives it frames of many channels.
fn process(case: &Case, behind: Option<&str>, channels: usize, kept: &mut Option<Pipeline>) -> Result<()> {
    let mut pipeline = Pipeline::new();
    if let Some(front) = behind {
        pipeline.add(front, Value::Undefined)?;
    }
    pipeline.add(case.method, case.params.clone())?;
    let mut samples = vec![0.5; channels * 3];
    kept.insert(pipeline).process(&mut samples, channels, Stamps::Generated(Some(360.0)), &[], |_, _| {}).map(drop)
}

/// Saves and loads.
fn store(pipeline: &mut Pipeline) -> Result<()> {
    let stored = pipeline.save_toon(0.0)?;
    pipeline.load_toon(&stored)?;
    drop(stored);
    let stored = pipeline.save_json(0.0)?;
    pipeline.load_json(&stored).map(drop)
}

/// The child: cases from `first` on, the number of each before it begins.
fn run_cases(first: usize) {
    for (number, case) in cases().iter().enumerate().skip(first) {
        println!("\ncase {number}");
        let stage = DECLARATIONS.iter().find(|stage| stage.method == case.method).expect("is registered");
        let traits = (stage.traits)(&case.params).ok();
        let behind = traits.and_then(|traits| traits.behind);
        let accepted = traits.map_or(&[][..], |traits| traits.channels);
        let channels = accepted.iter().max().copied().unwrap_or(MAX_CHANNELS);
        for megabytes in [4, 64] {
            let mut kept = None;
            let result = within(megabytes << 20, || process(case, behind, channels, &mut kept));
            let Some(mut pipeline) = kept else { continue };
            // A call for which there is memory comes through afterwards.
            let channels = accepted.first().copied().unwrap_or(1);
            let mut samples = vec![0.5; channels * 3];
            let stamps = Stamps::Generated(Some(360.0));
            if result.is_err() {
                within(1 << 30, || pipeline.process(&mut samples, channels, stamps, &[], |_, _| {}).map(drop).ok());
            } else if case.is_stored {
                within(megabytes << 20, || store(&mut pipeline).ok());
            }
        }
    }
    println!("\nall cases");
}

#[test]
fn what_does_not_fit_into_memory_is_an_error_of_every_stage() {
    const FIRST: &str = "DSPX_MEMORY_CASE";
    if let Ok(first) = std::env::var(FIRST) {
        return run_cases(first.parse().expect("a number"));
    }
    if std::env::var_os("DSPX_EMULATED").is_some() {
        println!("skipped: a program that an emulator runs cannot start itself");
        return;
    }
    let cases = cases();
    let (mut first, mut aborted) = (0, vec![]);
    while first < cases.len() {
        let name = "what_does_not_fit_into_memory_is_an_error_of_every_stage";
        let child = Command::new(std::env::current_exe().expect("is known"))
            .args(["--exact", name, "--nocapture"])
            .env(FIRST, first.to_string())
            .output()
            .expect("runs");
        let text = String::from_utf8_lossy(&child.stdout);
        let last = text.lines().filter_map(|line| line.strip_prefix("case ")).next_back();
        let last: usize = last.and_then(|number| number.parse().ok()).expect("a case began");
        if text.contains("\nall cases") && child.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&child.stderr);
        let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        aborted.push(format!("{} {:?}: {said}", cases[last].method, cases[last].params));
        first = last + 1;
    }
    assert!(
        aborted.is_empty(),
        "{} of {} cases ended the process:\n{}",
        aborted.len(),
        cases.len(),
        aborted.join("\n")
    );
}
