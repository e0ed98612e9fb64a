//! Peak detection: 1 at local maxima that reach a threshold, 0 elsewhere.
//!
//! *Batch*: sample `i` is a peak if it exceeds all samples up to `k = (windowSize − 1)/2` away on both sides, all of which
//! must be in the call; accepted peaks are at least `minPeakDistance` apart.
//!
//! *Moving*: a sample is judged when its successor has come, so the verdict on the last sample of a call is written to
//! output 0 of the next one. Accepted peaks are at least `minPeakDistance − 1` apart: the countdown is lowered before it is
//! looked at, and programs depend on it.

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS, Scratch};
use crate::error::{Error, Result};
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value, to_f32};

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct PeakDetection {
    threshold: f32,
    moving: bool,
    domain: &'static str,
    window_size: usize,
    min_distance: usize,
    channels: Vec<Past>,
}

/// The two samples before, and how many samples must come before the next peak may.
#[derive(Debug, Clone, Copy, Default)]
struct Past {
    previous: f32,
    before_previous: f32,
    countdown: usize,
}

const DOMAINS: [&str; 2] = ["time", "frequency"];

crate::kernels::kernel! {
    /// `out[i] = 1` where `x[i+1]` exceeds both neighbours and reaches the threshold, else 0.
    fn local_maxima(x: &[f32], threshold: f32, out: &mut [f32]) {
        let n = out.len();
        let (left, middle, right) = (&x[..n], &x[1..n + 1], &x[2..n + 2]);
        for i in 0..n {
            let peak = (middle[i] > left[i]) & (middle[i] > right[i]) & (middle[i] >= threshold);
            out[i] = f32::from(u8::from(peak));
        }
    }
}

impl PeakDetection {
    fn process_moving(&mut self, block: &mut Block<'_>) {
        if block.is_empty() && !self.channels.is_empty() {
            return;
        }
        self.channels.resize(block.channels(), Past::default());
        if block.is_empty() {
            return;
        }
        let Self { channels, threshold, min_distance, .. } = self;
        block.with_scratch(|block, Scratch { single, .. }| {
            block.each_channel(|c, samples| moving_peaks(&mut channels[c], samples, single, *threshold, *min_distance));
        });
    }
}

fn moving_peaks(past: &mut Past, samples: &mut [f32], scratch: &mut Vec<f32>, threshold: f32, distance: usize) {
    scratch.clear();
    scratch.extend([past.before_previous, past.previous]);
    scratch.extend_from_slice(samples);
    let count = samples.len();
    // Entry `a` is the verdict that sample `a` brings: the one on the sample before it.
    local_maxima(scratch, threshold, samples);
    past.countdown = keep_distance(samples, past.countdown, distance);
    if count > 1 {
        let first = samples[0];
        samples.copy_within(1.., 0);
        samples[count - 1] = 0.0;
        // The last sample of the call before and the first of this one cannot both be peaks.
        samples[0] += first;
    }
    past.previous = scratch[count + 1];
    past.before_previous = scratch[count];
}

/// Clears verdicts that come while the countdown runs; returns what is left of it.
fn keep_distance(verdicts: &mut [f32], countdown: usize, distance: usize) -> usize {
    let restart = distance - 1;
    if countdown <= 1 && restart <= 1 {
        // Lowered before each look, such a countdown never holds anything back.
        let last_is_peak = verdicts.last() == Some(&1.0);
        return if last_is_peak { restart } else { 0 };
    }
    let mut next = countdown.saturating_sub(1);
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        if *verdict != 0.0 {
            if at >= next {
                next = at.saturating_add(restart);
            } else {
                *verdict = 0.0;
            }
        }
    }
    (next.saturating_add(1)).saturating_sub(verdicts.len())
}

/// Marks the peaks of one call. Looking outwards on both sides at once and stopping at the first larger sample takes
/// O(n log k) in all: at most n/d samples can be the largest up to distance d.
fn batch_peaks(samples: &mut [f32], scratch: &mut Vec<f32>, threshold: f32, reach: usize, distance: usize) {
    scratch.clear();
    scratch.extend_from_slice(samples);
    samples.fill(0.0);
    let x = &scratch[..];
    let mut next = reach;
    while next < x.len().saturating_sub(reach) {
        let i = next;
        let is_peak = x[i] >= threshold && (1..=reach).all(|d| x[i] > x[i - d] && x[i] > x[i + d]);
        next = if is_peak {
            samples[i] = 1.0;
            i.saturating_add(distance)
        } else {
            i + 1
        };
    }
}

impl Define for PeakDetection {
    const TYPES: &'static [&'static str] = &["peakDetection"];
    const METHOD: &'static str = "PeakDetection";
    const TYPESCRIPT: &'static str = r#"
/** Parameters of `PeakDetection`. */
export interface PeakDetectionParams {
  /** Smallest height of a peak, ≥ 0. */
  threshold: number;
  /** `"moving"` (default) continues from call to call; `"batch"` takes each call by itself. */
  mode?: "moving" | "batch";
  /** Says what the samples are; changes nothing in the result. Default `"time"`. */
  domain?: "time" | "frequency";
  /** Samples that a peak must exceed, itself included: an odd integer ≥ 3, default 3. Moving mode always uses 3. */
  windowSize?: number;
  /** Smallest distance between peaks in samples: an integer ≥ 1, default 1. */
  minPeakDistance?: number;
}
method {
  /**
   * 1 at local maxima of at least `threshold`, 0 elsewhere. In moving mode the verdict on the last sample of a call is
   * output 0 of the next call.
   * @throws RangeError if `threshold`, `windowSize` or `minPeakDistance` is out of range
   * @throws TypeError if `mode` or `domain` is unknown
   */
  PeakDetection(params: PeakDetectionParams): this;
}
"#;

    fn new(params: &Params) -> Result<Self> {
        let label = Self::METHOD;
        params.required(label)?;
        let threshold = params.get("threshold");
        let threshold = threshold
            .as_finite()
            .filter(|t| *t >= 0.0)
            .ok_or_else(|| Error::range(format!("{label}: threshold must be >= 0, got {threshold}")))?;
        let mode = params.choice(label, "mode", &["moving", "batch"], Some("moving"))?;
        let domain = params.choice(label, "domain", &DOMAINS, Some("time"))?;
        let mut window_size = integer(params.get("windowSize"), 3)
            .filter(|w| *w >= 3 && w % 2 == 1)
            .ok_or_else(|| wrong(label, "windowSize must be an odd integer >= 3", params.get("windowSize")))?;
        let min_distance = integer(params.get("minPeakDistance"), 1)
            .ok_or_else(|| wrong(label, "minPeakDistance must be an integer >= 1", params.get("minPeakDistance")))?;
        let moving = mode == "moving";
        if moving && window_size != 3 {
            params.warn(format!("{label}: 'moving' mode only supports windowSize = 3, got {window_size}"));
            window_size = 3;
        }
        let (threshold, channels) = (to_f32(threshold), vec![]);
        Ok(Self { threshold, moving, domain, window_size, min_distance, channels })
    }

    fn label(&self, params: &Params) -> String {
        let or = |key, default: f64| params.number(key).unwrap_or(default);
        let mode = if self.moving { "moving" } else { "batch" };
        let (t, w, d) = (or("threshold", 0.0), or("windowSize", 3.0), or("minPeakDistance", 1.0));
        let [t, w, d] = [t, w, d].map(crate::value::js_number);
        format!("peakDetection:{mode}:t={t}:w={w}:d={d}")
    }
}

fn integer(value: &Value, default: usize) -> Option<usize> {
    if value.is_undefined() { Some(default) } else { value.as_positive_integer() }
}

fn wrong(label: &str, rule: &str, value: &Value) -> Error {
    Error::range(format!("{label}: {rule}, got {value}"))
}

impl Stage for PeakDetection {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if self.moving {
            self.process_moving(block);
            return Ok(());
        }
        let Self { threshold, window_size, min_distance, .. } = *self;
        block.with_scratch(|block, Scratch { single, .. }| {
            block.each_channel(|_, samples| batch_peaks(samples, single, threshold, (window_size - 1) / 2, min_distance));
        });
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Past::default());
    }

    fn save(&self) -> Result<Json> {
        let mut state = json!({
            "threshold": json::num(f64::from(self.threshold)),
            "numChannels": self.channels.len(),
            "mode": if self.moving { "moving" } else { "batch" },
            "domain": self.domain,
            "windowSize": json::num(self.window_size as f64),
            "minPeakDistance": json::num(self.min_distance as f64),
        });
        if !self.channels.is_empty() {
            state["prevSample"] = json::nums(self.channels.iter().map(|c| c.previous));
            state["prevPrevSample"] = json::nums(self.channels.iter().map(|c| c.before_previous));
            state["peakCooldown"] = json::nums(self.channels.iter().map(|c| c.countdown as f64));
        }
        Ok(state)
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        // The parameters of the state win over those of the stage, by the stage's own rules.
        *self = Self::new(&Params::from_json(state))?;
        if !self.moving || state.get("prevSample").is_none() {
            let channels = json::count_or(state, "numChannels", 0)?.min(MAX_CHANNELS);
            self.channels = vec![Past::default(); if self.moving { channels } else { 0 }];
            return Ok(());
        }
        let countdowns = json::numbers(state, "peakCooldown")?;
        self.channels = pasts(json::samples(state, "prevSample")?, json::samples(state, "prevPrevSample")?, countdowns)?;
        Ok(())
    }

    fn save_toon(&self, out: &mut toon::Writer) -> Result<()> {
        out.f32(self.threshold);
        out.int(self.channels.len())?;
        out.str(if self.moving { "moving" } else { "batch" });
        out.str(self.domain);
        out.int(self.window_size)?;
        out.int(self.min_distance)?;
        out.f32s(self.channels.iter().map(|c| c.previous));
        out.f32s(self.channels.iter().map(|c| c.before_previous));
        out.f32s(self.channels.iter().map(|c| c.countdown as f32));
        self.channels.iter().for_each(|c| out.exact(c.countdown as f64));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let threshold = input.f32()?;
        let channels = input.count()?.min(MAX_CHANNELS);
        let (mode, domain) = (input.str()?, input.str()?);
        let (window_size, min_distance) = (input.count()?, input.count()?);
        let params = json!({
            "threshold": json::num(f64::from(threshold)), "mode": mode, "domain": domain,
            "windowSize": window_size, "minPeakDistance": min_distance,
        });
        *self = Self::new(&Params::from_json(&params))?;
        let (previous, before, countdowns) = (input.f32s()?, input.f32s()?, input.f32s()?);
        let countdowns: Vec<f64> = countdowns
            .into_iter()
            .map(|rounded| Ok(input.exact()?.unwrap_or(f64::from(rounded))))
            .collect::<Result<_>>()?;
        self.channels = if self.moving && previous.is_empty() {
            vec![Past::default(); channels]
        } else {
            pasts(previous, before, countdowns)?
        };
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        if self.moving { 3.0 } else { 8.0 }
    }
}

fn pasts(previous: Vec<f32>, before: Vec<f32>, countdowns: Vec<f64>) -> Result<Vec<Past>> {
    if before.len() != previous.len() || countdowns.len() != previous.len() {
        return Err(Error::failed("prevSample, prevPrevSample and peakCooldown must be arrays of one length"));
    }
    if countdowns.iter().any(|c| !(*c >= 0.0 && *c <= crate::value::MAX_SAFE_INTEGER)) {
        return Err(Error::failed("peakCooldown must hold non-negative integers"));
    }
    let rows = previous.into_iter().zip(before).zip(countdowns);
    Ok(rows.map(|((previous, before_previous), c)| Past { previous, before_previous, countdown: c as usize }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::stages::testing::{params, run};

    fn stage(json: Json) -> PeakDetection {
        PeakDetection::new(&params(json)).unwrap()
    }

    /// The rule of moving mode, sample by sample, as it is written down: verdict on the previous sample at each one.
    fn by_the_rule(input: &[f32], threshold: f32, distance: usize) -> Vec<f32> {
        let (mut p, mut pp, mut cd) = (0.0, 0.0, 0usize);
        let mut verdicts = vec![];
        for &c in input {
            cd = cd.saturating_sub(1);
            let peak = cd == 0 && p > pp && p > c && p >= threshold;
            if peak {
                cd = distance - 1;
            }
            (pp, p) = (p, c);
            verdicts.push(f32::from(u8::from(peak)));
        }
        verdicts
    }

    #[test]
    fn single_samples_follow_the_rule() {
        let input: Vec<f32> = (0..200).map(|i| ((i * 7919 % 101) as f32) - 30.0).collect();
        for distance in [1, 2, 3, 5, 17] {
            let mut stage = stage(json!({ "threshold": 5, "minPeakDistance": distance }));
            let got: Vec<f32> = input.iter().flat_map(|x| run(&mut stage, &[*x], 1)).collect();
            assert_eq!(got, by_the_rule(&input, 5.0, distance), "distance {distance}");
        }
    }

    #[test]
    fn longer_calls_place_each_verdict_at_its_sample() {
        let mut stage = stage(json!({ "threshold": 0 }));
        assert_eq!(run(&mut stage, &[0.0, 2.0, 1.0, 3.0], 1), [0.0, 1.0, 0.0, 0.0]);
        // The 3 above turns out to be a peak.
        assert_eq!(run(&mut stage, &[1.0, 0.0, 4.0, 0.0], 1), [1.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn batch_peaks_exceed_their_whole_window_and_keep_their_distance() {
        let mut stage = stage(json!({ "threshold": 1, "mode": "batch", "windowSize": 5, "minPeakDistance": 4 }));
        let input = [0.0, 0.0, 5.0, 0.0, 0.0, 4.0, 0.0, 0.0, 3.0, 3.0, 0.0, 0.0];
        assert_eq!(run(&mut stage, &input, 1), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn another_window_in_moving_mode_is_a_warning() {
        let params = params(json!({ "threshold": 0, "windowSize": 7 }));
        assert_eq!(PeakDetection::new(&params).unwrap().window_size, 3);
        assert_eq!(params.into_warnings().len(), 1);
    }

    #[test]
    fn limits() {
        for bad in [json!({}), json!({ "threshold": -1 }), json!({ "threshold": 0, "windowSize": 4 }), json!({ "threshold": 0, "minPeakDistance": 0 })] {
            assert!(matches!(PeakDetection::new(&params(bad)), Err(Error::Range(_))));
        }
        for bad in [json!({ "threshold": 0, "mode": "x" }), json!({ "threshold": 0, "domain": "x" })] {
            assert!(matches!(PeakDetection::new(&params(bad)), Err(Error::Type(_))));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same() {
        let x: Vec<f32> = (0..120).map(|i| (i * 37 % 19) as f32).collect();
        let mut expected = vec![0.0; 118];
        local_maxima::on(Isa::BASELINE, &x, 3.0, &mut expected);
        for isa in Isa::available() {
            let mut out = vec![0.0; 118];
            local_maxima::on(isa, &x, 3.0, &mut out);
            assert_eq!(out, expected);
        }
    }
}
