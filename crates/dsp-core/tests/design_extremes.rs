//! Every numeric option of every filter design over the whole range of f64: a finite filter or an error, never a panic
//! or a loop without end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use dsp_core::Value;
use dsp_core::design::options;
use dsp_core::design::options::Design;

/// One value of one option, or several.
type Change = Vec<(&'static str, Value)>;

/// A design with options that work.
#[derive(Clone)]
struct Case {
    method: String,
    options: Vec<(&'static str, Value)>,
}

const SHAPES: [&str; 4] = ["LowPass", "HighPass", "BandPass", "BandStop"];
/// Only a loop without end takes so long for one design.
const HANGS_AFTER: Duration = Duration::from_secs(300);

fn numbers(values: &[f64]) -> Value {
    Value::Array(values.iter().map(|x| Value::Number(*x)).collect())
}

fn case(method: &str, options: &[(&'static str, f64)]) -> Case {
    let band = [("sampleRate", 1000.0), ("cutoffFrequency", 100.0)];
    let edges = [("lowCutoffFrequency", 50.0), ("highCutoffFrequency", 200.0), ("centerFrequency", 120.0)];
    let all = band.iter().chain(&edges).chain(options);
    Case { method: method.into(), options: all.map(|(key, x)| (*key, Value::Number(*x))).collect() }
}

impl Case {
    fn with(mut self, key: &'static str, value: Value) -> Self {
        self.options.retain(|(k, _)| *k != key);
        self.options.push((key, value));
        self
    }

    fn text(self, key: &'static str, value: &str) -> Self {
        self.with(key, Value::String(value.into()))
    }

    fn without(mut self, keys: &[&str]) -> Self {
        self.options.retain(|(key, _)| !keys.contains(key));
        self
    }

    fn numeric_keys(&self) -> Vec<&'static str> {
        self.options.iter().filter(|(_, value)| matches!(value, Value::Number(_))).map(|(key, _)| *key).collect()
    }

    fn changed(&self, change: &Change) -> Value {
        let changed = change.iter().cloned().fold(self.clone(), |case, (key, value)| case.with(key, value));
        Value::Object(changed.options.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
    }

    /// All numbers of the designed filter, or the error's text.
    fn design(&self, change: &Change) -> Result<Vec<f64>, String> {
        let options = self.changed(change);
        let text = |error: dsp_core::Error| error.to_string();
        if self.method == "filterBank" {
            let bands = options::filter_bank(&options, Design::Standard).map_err(text)?;
            let sections = |sos: Option<Vec<[f64; 6]>>| sos.into_iter().flatten().flatten();
            return Ok(bands.into_iter().flat_map(|x| x.b.into_iter().chain(x.a).chain(sections(x.sos))).collect());
        }
        if self.method == "boundaries" {
            return options::boundaries(&options).map_err(text);
        }
        if let Some(method) = self.method.strip_prefix("Fir") {
            return options::fir(&format!("create{method}"), &options, Design::Standard)
                .map(|fir| fir.filter)
                .map_err(text);
        }
        let filter = options::iir(&format!("create{}", self.method), &options, Design::Standard).map_err(text)?.filter;
        Ok(filter.rows.iter().flatten().chain(&filter.b).chain(&filter.a).copied().collect())
    }
}

/// The designs of recursive filters.
fn iir_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in SHAPES {
        let of_one_order = if shape.starts_with("Band") { vec![] } else { vec!["FirstOrder"] };
        for family in ["Butterworth", "Bessel"].iter().chain(&of_one_order) {
            cases.push(case(&format!("{family}{shape}"), &[("order", 4.0)]));
        }
        for order in [1.0, 2.0, 5.0, 8.0] {
            let ripples = [("order", order), ("rippleDb", 0.5), ("stopbandDb", 60.0)];
            cases.push(case(&format!("Elliptic{shape}"), &ripples));
            cases.push(case(&format!("Chebyshev{shape}"), &ripples).with("chebyshevType", Value::Number(2.0)));
            cases.push(case(&format!("Chebyshev{shape}"), &ripples));
        }
        let with_dspx = ["Butterworth", "Chebyshev"].iter().filter(|_| shape != "BandStop").chain(&of_one_order);
        cases.extend(with_dspx.map(|f| case(&format!("{f}{shape}"), &[("order", 4.0)]).text("design", "dspx")));
    }
    let sections = ["PeakingEQ", "LowShelf", "HighShelf", "IirNotch", "IirPeak", "BiquadLowPass", "BiquadHighPass"];
    for method in sections.iter().chain(&["BiquadBandPass", "Notch", "AllPass"]) {
        let section = case(method, &[("Q", 2.0), ("gainDb", 6.0)]);
        cases.push(section.clone().without(&["lowCutoffFrequency", "highCutoffFrequency"]));
        cases.push(section);
    }
    cases
}

/// The designs of filters with finite responses.
fn fir_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in SHAPES {
        for window in ["hamming", "hann", "blackman", "bartlett"] {
            let windowed = case(&format!("Fir{shape}"), &[("order", 20.0)]).text("windowType", window);
            cases.extend([windowed.clone().text("design", "dspx"), windowed]);
        }
        let kaiser = case("FirKaiser", &[("attenuationDb", 60.0), ("transitionWidth", 50.0)]);
        cases.push(kaiser.text("mode", &shape.to_lowercase()));
    }
    for kind in ["bandpass", "differentiator", "hilbert"] {
        let optimal = case("FirOptimal", &[("order", 21.0), ("gridDensity", 16.0)]).text("type", kind);
        let optimal = optimal.with("bandEdges", numbers(&[20.0, 100.0, 200.0, 480.0]));
        cases.push(optimal.with("desired", numbers(&[1.0, 0.0])).with("weights", numbers(&[1.0, 2.0])));
    }
    cases
}

/// Filter banks and their edges.
fn bank_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for scale in ["linear", "log", "mel", "bark"] {
        let bank = |method: &str| {
            let bank = case(method, &[("count", 4.0), ("order", 2.0)]).text("scale", scale);
            bank.with("frequencyRange", numbers(&[20.0, 400.0]))
        };
        cases.push(bank("boundaries"));
        cases.push(bank("filterBank"));
        cases.push(bank("filterBank").text("design", "dspx"));
        cases.push(bank("filterBank").text("type", "chebyshev").with("rippleDb", Value::Number(0.5)));
    }
    cases
}

/// Powers of ten over all of f64 in steps of `step` decades, subnormal ones included, with zero and what is no number.
fn values(step: usize) -> Vec<f64> {
    let powers = (-320..=308).step_by(step).map(|k| format!("1e{k}").parse::<f64>().unwrap());
    let ends = [5e-324, f64::MIN_POSITIVE, f64::MAX, 0.0, -1.0, 2.5, 3.0, 12.0, f64::NAN, f64::INFINITY];
    let nearly_one = [1.0 - f64::EPSILON, 1.0 + f64::EPSILON, 0.5 - f64::EPSILON, 499.999_999_999_999_94];
    powers.chain(ends).chain(nearly_one).collect()
}

/// One option at a time over `values`, then each two options over a coarser grid, then the entries of the lists.
fn changes(case: &Case) -> Vec<Change> {
    let keys = case.numeric_keys();
    let number = |key: &'static str, x: &f64| (key, Value::Number(*x));
    let fine = values(3);
    let coarse = [5e-324, 1e-308, 1e-200, 1e-100, 1e-20, 0.5, 2.0, 100.0, 1e100, 1e200, f64::MAX];
    let mut changes: Vec<Change> = Vec::new();
    for (i, key) in keys.iter().enumerate() {
        changes.extend(fine.iter().map(|x| vec![number(key, x)]));
        for other in &keys[..i] {
            changes.extend(coarse.iter().flat_map(|x| coarse.iter().map(|y| vec![number(key, x), number(other, y)])));
        }
    }
    for (key, value) in &case.options {
        let Some(list) = value.as_numbers() else { continue };
        for i in 0..list.len() {
            for x in &fine {
                let mut list = list.clone();
                list[i] = *x;
                changes.push(vec![(key, numbers(&list))]);
            }
        }
    }
    // A frequency is only reached together with a rate that is as extreme.
    for rate in &fine {
        for part in [1e-300, 1e-100, 1e-17, 1e-3, 0.1, 0.25, 0.4, 0.499_999_999, 0.5 - f64::EPSILON] {
            let (low, high) = (rate * part / 2.0, rate * part);
            let mut change: Change = ["cutoffFrequency", "centerFrequency", "highCutoffFrequency"]
                .iter()
                .map(|key| (*key, Value::Number(high)))
                .collect();
            change.extend([("lowCutoffFrequency", Value::Number(low)), ("sampleRate", Value::Number(*rate))]);
            change.push(("frequencyRange", numbers(&[low, high])));
            change.push(("bandEdges", numbers(&[0.0, low, high, rate * 0.5])));
            changes.push(change.into_iter().filter(|(key, _)| case.options.iter().any(|(k, _)| k == key)).collect());
        }
    }
    changes
}

/// Runs all designs in another thread, so that one that hangs is named.
fn check(cases: Vec<Case>) {
    let (sender, receiver) = mpsc::channel::<(String, Option<String>)>();
    let worker = thread::spawn(move || {
        for case in &cases {
            for change in changes(case) {
                let name = format!("{} {:?} with {:?}", case.method, case.changed(&Vec::new()), change);
                sender.send((name, None)).unwrap();
                let fault = match catch_unwind(AssertUnwindSafe(|| case.design(&change))) {
                    Err(_) => Some("panics".into()),
                    Ok(Ok(filter)) if !filter.iter().all(|c| c.is_finite()) => Some("is not finite".into()),
                    Ok(Err(text)) if text.is_empty() || text.len() > 400 => Some(format!("says {text:?}")),
                    Ok(_) => None,
                };
                if fault.is_some() {
                    sender.send((String::new(), fault)).unwrap();
                }
            }
        }
    });
    let (mut current, mut faults, mut count) = (String::new(), Vec::new(), 0);
    loop {
        match receiver.recv_timeout(HANGS_AFTER) {
            Ok((_, Some(fault))) => faults.push(format!("{current} {fault}")),
            Ok((name, None)) => (current, count) = (name, count + 1),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{current} does not end"),
        }
    }
    worker.join().unwrap();
    let first: Vec<&str> = faults.iter().take(20).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} of {count} designs, among them:\n{}", faults.len(), first.join("\n"));
    assert!(count > 1000, "only {count} designs were tried");
}

#[test]
fn recursive_filters_are_finite_or_refused() {
    check(iir_cases());
}

#[test]
fn finite_responses_are_finite_or_refused() {
    check(fir_cases());
}

#[test]
fn filter_banks_are_finite_or_refused() {
    check(bank_cases());
}

#[test]
fn a_ripple_too_small_for_float64_is_refused_by_name() {
    for method in ["EllipticLowPass", "EllipticBandStop", "ChebyshevLowPass", "ChebyshevBandPass"] {
        let design = |ripple_db: f64| {
            let steep = case(method, &[("order", 4.0), ("stopbandDb", 60.0)]);
            steep.design(&vec![("rippleDb", Value::Number(ripple_db))])
        };
        for ripple_db in [5e-324, 1e-320, 1e-200, 1e-100, 9.9e-16] {
            assert!(design(ripple_db).unwrap_err().starts_with("rippleDb must be at least 1e-15 dB"), "{method}");
        }
        assert!(design(1e-15).is_ok(), "{method}");
    }
}
