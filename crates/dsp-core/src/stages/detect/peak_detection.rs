//! Peak detection: 1 at local maxima that reach a threshold, 0 elsewhere.
//!
//! *Batch*: sample `i` is a peak if it exceeds all samples up to `k = (windowSize − 1)/2` away on both sides, all of
//! which must be in the call; accepted peaks are at least `minPeakDistance` apart.
//!
//! *Moving*: a sample is judged once its successor has arrived, so the verdict on the last sample of a call is written
//! to output 0 of the next one. Accepted peaks are at least `minPeakDistance − 1` apart: as in the original, on which
//! programs depend, the countdown is decremented before it is compared.

use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::stage::{Define, Stage, Traits};
use crate::engine::workspace::Scratch;
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, resize};
use crate::params::Parameters;
use crate::params::value::{Value, to_f32};
use crate::stages::detect::peak_events;
use crate::stages::detect::peak_events::{LOOKBACK, MAX_REACH, Options, PROMINENT_PEAK, PeakFinder};
use crate::state::archive::Archive;
use crate::text::{MAX_SAFE_INTEGER, Texts, js_number};

crate::texts! {
    /// The samples on which a verdict depends.
    pub enum PeakMode {
        /// The neighbours, also across calls.
        Moving = "moving",
        /// A window within the call.
        Batch = "batch",
    }
}

crate::texts! {
    /// The meaning of the samples.
    pub enum Domain {
        /// A signal.
        Time = "time",
        /// A spectrum.
        Frequency = "frequency",
    }
}

crate::params! {
    /// Parameters of `PeakDetection`.
    pub struct PeakDetectionParams {
        /// Smallest height of a peak.
        pub threshold: f64 = number().at_least(0.0).rule(">= 0").range_error(),
        /// `"moving"` continues from call to call; `"batch"` takes each call by itself.
        pub mode: PeakMode = one_of(PeakMode::TEXTS).or_first(),
        /// Kind of samples, for information; does not change the result.
        pub domain: Domain = one_of(Domain::TEXTS).or_first(),
        /// Samples that a peak must exceed, itself included. Moving mode always uses 3.
        pub window_size: usize = integer().odd().at_least(3.0).range_error().or(3.0),
        /// Smallest distance between peaks in samples.
        pub min_peak_distance: usize = integer().at_least(1.0).rule("an integer >= 1").range_error().or(1.0),
        /// Least distance in samples between the peaks that are events, as in `findPeaks`: of two closer ones the lower
        /// is dropped. With this or one of the next three options, events follow the rules of `findPeaks`; samples do
        /// not change.
        pub distance: Option<usize> = integer().at_least(1.0).at_most(MAX_REACH as f64).range_error().optional(),
        /// Least prominence of the peaks that are events, as in `findPeaks`; needs `wlen`.
        pub prominence: Option<f64> = number().at_least(0.0).range_error().optional(),
        /// Window in samples around a peak within which the bases of its prominence are searched; raised to an odd
        /// number.
        pub wlen: Option<usize> = integer().at_least(2.0).at_most(MAX_REACH as f64).range_error().optional(),
        /// Least number of equal samples on top of the peaks that are events, which are at the middle.
        pub plateau_size: Option<usize> = integer().at_least(1.0).range_error().optional(),
    }
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub struct PeakDetection {
    threshold: f32,
    moving: bool,
    domain: Domain,
    window_size: usize,
    min_distance: usize,
    channels: Vec<Past>,
    /// Finds the peaks of events by the rules of `findPeaks`, if one of its options is given.
    finder: Option<PeakFinder>,
    /// Options of the finder.
    options: Options,
    /// Warning for the user about the parameters.
    warning: Option<String>,
}

/// A peak; in moving mode it is known with the next sample.
static PEAK: EventKind = EventKind {
    name: "peak",
    doc: "A local maximum that reaches the threshold, at the maximum; of a plateau, at its middle.",
    fields: &[EventField { name: "value", doc: "Height of the peak, in units of the signal." }],
    data: None,
};

/// The two previous samples, and the number of samples before the next peak is allowed.
#[derive(Debug, Clone, Copy, Default)]
struct Past {
    previous: f32,
    before_previous: f32,
    countdown: usize,
}

crate::kernels::kernel! {
    /// Sets `out[i]` to 1 where `x[i+1]` exceeds both neighbours and reaches the threshold, else to 0.
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
    fn process_moving(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() && !self.channels.is_empty() {
            return Ok(());
        }
        resize(&mut self.channels, block.channels(), Past::default())?;
        if block.is_empty() {
            return Ok(());
        }
        let tells_verdicts = self.finder.is_none();
        let Self { channels, threshold, min_distance, .. } = self;
        block.with_scratch(|block, Scratch { single, .. }| {
            let (mut planes, times, mut events) = block.planes_and_events();
            for (c, past) in channels.iter_mut().enumerate() {
                let samples = planes.channel(c);
                judge(past, samples, single, *threshold, *min_distance);
                if let (Some(events), true) = (&mut events, tells_verdicts) {
                    // Entry `a` judges the sample before it, which is entry `a + 1` of the scratch.
                    for a in (0..samples.len()).filter(|a| samples[*a] != 0.0) {
                        events.emit(times, &PEAK, c, a as i64 - 1, a, &[f64::from(single[a + 1])]);
                    }
                }
                place_verdicts(past, samples, single);
            }
        });
        Ok(())
    }

    fn process_batch(&mut self, block: &mut Block<'_>) {
        let Self { threshold, window_size, min_distance, .. } = *self;
        let tells_verdicts = self.finder.is_none();
        let reach = (window_size - 1) / 2;
        block.with_scratch(|block, Scratch { single, .. }| {
            let (mut planes, times, mut events) = block.planes_and_events();
            for c in 0..planes.channels() {
                let samples = planes.channel(c);
                batch_peaks(samples, single, threshold, reach, min_distance);
                if let (Some(events), true) = (&mut events, tells_verdicts) {
                    for i in (0..samples.len()).filter(|i| samples[*i] != 0.0) {
                        events.emit(times, &PEAK, c, i as i64, i + reach, &[f64::from(single[i])]);
                    }
                }
            }
        });
    }
}

/// Replaces each sample by its verdict on the previous one: 1 for a peak, else 0. Leaves the two samples before the
/// call and those of the call in `scratch`.
fn judge(past: &mut Past, samples: &mut [f32], scratch: &mut Vec<f32>, threshold: f32, distance: usize) {
    scratch.clear();
    scratch.extend([past.before_previous, past.previous]);
    scratch.extend_from_slice(samples);
    local_maxima(scratch, threshold, samples);
    past.countdown = keep_distance(samples, past.countdown, distance);
}

/// Moves each verdict to the sample that it is about; that on the last sample before the call goes to the first.
fn place_verdicts(past: &mut Past, samples: &mut [f32], scratch: &[f32]) {
    let count = samples.len();
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

/// Clears the verdicts during the countdown; returns the rest of it.
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

/// Marks the peaks of one call. Searching outwards on both sides at once and stopping at the first larger sample takes
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
    type Params = PeakDetectionParams;
    const TYPES: &'static [&'static str] = &["peakDetection"];
    const METHOD: &'static str = "PeakDetection";
    const EVENTS: &'static [&'static EventKind] = &[&PEAK, &peak_events::PEAK, &PROMINENT_PEAK];
    const DOC: &'static str = "1 at local maxima of at least `threshold`, 0 elsewhere. In moving mode the verdict on the last sample of a call is\n\
        output 0 of the next call.";

    fn new(params: &PeakDetectionParams) -> Result<Self> {
        let moving = params.mode == PeakMode::Moving;
        let PeakDetectionParams { prominence, distance, plateau_size, wlen, .. } = *params;
        let options = Options { prominence, distance, plateau_size, wlen };
        let finder = PeakFinder::new(Self::LABEL, to_f32(params.threshold), options)?;
        let is_narrowed = moving && params.window_size != 3;
        let warning = is_narrowed.then(|| {
            format!("{}: 'moving' mode only supports windowSize = 3, got {}", Self::METHOD, params.window_size)
        });
        Ok(Self {
            threshold: to_f32(params.threshold),
            moving,
            domain: params.domain,
            window_size: if moving { 3 } else { params.window_size },
            min_distance: params.min_peak_distance,
            channels: vec![],
            finder,
            options,
            warning,
        })
    }

    fn label(&self, params: &PeakDetectionParams) -> String {
        let PeakDetectionParams { threshold, window_size, min_peak_distance, .. } = params;
        let mode = self.mode().text();
        format!("peakDetection:{mode}:t={}:w={window_size}:d={min_peak_distance}", js_number(*threshold))
    }

    fn traits(params: &PeakDetectionParams) -> Traits {
        // In moving mode too the samples depend on the call: the verdict on its last one comes with the next call.
        Traits { events: params.mode == PeakMode::Moving, ..Traits::BATCH }
    }

    fn examples() -> Vec<Value> {
        let near = PeakDetectionParams {
            threshold: 0.1,
            mode: PeakMode::Moving,
            domain: Domain::Time,
            window_size: 3,
            min_peak_distance: 1,
            distance: None,
            prominence: None,
            wlen: None,
            plateau_size: None,
        };
        let found = PeakDetectionParams { distance: Some(4), plateau_size: Some(1), ..near.clone() };
        let prominent =
            PeakDetectionParams { prominence: Some(1.5), wlen: Some(21), distance: Some(3), ..near.clone() };
        let apart = PeakDetectionParams { min_peak_distance: 5, ..near.clone() };
        let batch = PeakDetectionParams { mode: PeakMode::Batch, window_size: 5, ..near.clone() };
        [near, apart, batch, found, prominent].iter().map(Parameters::to_value).collect()
    }
}

impl Stage for PeakDetection {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if let Some(finder) = &mut self.finder {
            finder.run(block, !self.moving)?;
        }
        if self.moving {
            return self.process_moving(block);
        }
        self.process_batch(block);
        Ok(())
    }

    fn reset(&mut self) {
        self.channels.fill(Past::default());
        if let Some(finder) = &mut self.finder {
            finder.reset();
        }
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let threshold = f64::from(archive.f32("threshold", self.threshold)?);
        // States of the original may have no channels yet, and no count of them.
        let count = if archive.optional("numChannels", true) || !archive.is_json() {
            archive.count("numChannels", self.channels.len())?.min(MAX_CHANNELS)
        } else {
            0
        };
        let mode = archive.named("mode", self.mode(), "peak detection mode")?;
        let domain = archive.named("domain", self.domain, "peak detection domain")?;
        let window_size = archive.count("windowSize", self.window_size)?;
        let min_peak_distance = archive.count("minPeakDistance", self.min_distance)?;
        if archive.is_loading() {
            // The parameters of the state win over those of the stage, by the stage's own rules.
            let Options { prominence, distance, plateau_size, wlen } = self.options;
            let params = PeakDetectionParams {
                threshold,
                mode,
                domain,
                window_size,
                min_peak_distance,
                distance,
                prominence,
                wlen,
                plateau_size,
            };
            params.check(Self::LABEL)?;
            *self = Self::new(&params)?;
            self.channels = vec![Past::default(); if self.moving { count } else { 0 }];
        }
        self.pasts(archive)?;
        self.finder.as_mut().map_or(Ok(()), |finder| finder.state(archive))
    }

    fn take_warning(&mut self) -> Option<String> {
        self.warning.take()
    }

    fn lookback(&self) -> usize {
        if self.finder.is_some() { LOOKBACK } else { usize::from(self.moving) }
    }

    fn end(&mut self) {
        self.finder.iter_mut().for_each(PeakFinder::end);
    }

    /// Returns 1 for events: one frame of silence decides the last peaks.
    fn tail(&self, _: u64) -> usize {
        usize::from(self.finder.as_ref().is_some_and(PeakFinder::has_begun))
    }

    fn tail_outputs(&self) -> Option<usize> {
        Some(0)
    }

    fn channels(&self) -> usize {
        self.finder.as_ref().map_or(0, PeakFinder::channels)
    }

    fn cost_hint(&self) -> f64 {
        if self.moving { 3.0 } else { 8.0 }
    }
}

impl PeakDetection {
    fn mode(&self) -> PeakMode {
        if self.moving { PeakMode::Moving } else { PeakMode::Batch }
    }

    /// Walks the past samples of each channel: three parallel lists, which JSON omits if there are no channels.
    fn pasts(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if archive.is_json() && !archive.optional("prevSample", !self.channels.is_empty()) {
            return Ok(());
        }
        let channels = &self.channels;
        let previous = archive.samples("prevSample", channels.iter().map(|c| c.previous))?;
        let before = archive.samples("prevPrevSample", channels.iter().map(|c| c.before_previous))?;
        let countdowns = archive.samples("peakCooldown", channels.iter().map(|c| c.countdown as f32))?;
        let (Some(previous), Some(before), Some(countdowns)) = (previous, before, countdowns) else {
            for past in &mut self.channels {
                archive.appendix(past.countdown as f64)?;
            }
            return Ok(());
        };
        if before.len() != previous.len() || countdowns.len() != previous.len() {
            return Err(Error::failed("prevSample, prevPrevSample and peakCooldown must be arrays of one length"));
        }
        let mut pasts = Vec::with_capacity(previous.len());
        for ((previous, before_previous), rounded) in previous.into_iter().zip(before).zip(countdowns) {
            let countdown = archive.appendix(0.0)?.unwrap_or(f64::from(rounded));
            if !(0.0..=MAX_SAFE_INTEGER).contains(&countdown) {
                return Err(Error::failed("peakCooldown must hold non-negative integers"));
            }
            pasts.push(Past { previous, before_previous, countdown: countdown as usize });
        }
        if self.moving && !pasts.is_empty() {
            self.channels = pasts;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::stages::testing::{make, run, try_make};
    use serde_json::{Value as Json, json};

    fn stage(json: Json) -> PeakDetection {
        make(&json)
    }

    /// The rule of moving mode, sample by sample, as it is written down: verdict on the previous sample at each
    /// one.
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
        let mut stage = stage(json!({ "threshold": 0, "windowSize": 7 }));
        assert_eq!(stage.window_size, 3);
        assert!(stage.take_warning().is_some_and(|text| text.contains("windowSize = 3")));
    }

    #[test]
    fn a_prominence_needs_a_window() {
        let error = try_make::<PeakDetection>(&json!({ "threshold": 0, "prominence": 1 })).unwrap_err();
        assert!(matches!(&error, Error::Type(text) if text.contains("wlen is required with prominence")), "{error}");
        let wide = json!({ "threshold": 0, "distance": 1e9 });
        let text = "PeakDetection: distance must be a positive integer up to 65536, got 1000000000";
        assert_eq!(try_make::<PeakDetection>(&wide).unwrap_err(), Error::range(text));
    }

    #[test]
    fn limits() {
        for bad in [
            json!({}),
            json!({ "threshold": -1 }),
            json!({ "threshold": 0, "windowSize": 4 }),
            json!({ "threshold": 0, "minPeakDistance": 0 }),
        ] {
            assert!(matches!(try_make::<PeakDetection>(&bad), Err(Error::Range(_))));
        }
        for bad in [json!({ "threshold": 0, "mode": "x" }), json!({ "threshold": 0, "domain": "x" })] {
            assert!(matches!(try_make::<PeakDetection>(&bad), Err(Error::Type(_))));
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
