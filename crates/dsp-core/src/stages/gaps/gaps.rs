//! `Gaps`: fills missing samples before filters whose state a NaN would ruin for ever.
//!
//! A sample is missing if it is not a finite number; a gap is a run of such samples in one channel. `"hold"` repeats
//! the last sample before the gap; `"interpolate"` draws a straight line to the first sample after it, which delays
//! every output by `maxLength` samples; `"nan"` leaves NaN. `RestoreGaps` puts NaN back after the filters. Latency 0,
//! with `"interpolate"` `maxLength`.

use crate::engine::block::Block;
use crate::engine::events::{EventField, EventKind};
use crate::engine::missing::Missing;
use crate::engine::stage::{Define, Stage};
use crate::error::{Error, Result};
use crate::limits::{ensure_memory, resize_with};
use crate::params::value::to_f32;
use crate::stages::gaps::filler::{Beyond, Filler, Late, Policy, Rule};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::{MAX_SAFE_INTEGER, Texts};

/// Largest `maxLength`: interpolation keeps as many samples.
const MAX_LENGTH: f64 = (1 << 20) as f64;

crate::params! {
    /// Parameters of `Gaps`.
    pub struct GapsParams {
        /// Replacement of a missing sample: the last one before the gap, the straight line to the first one after it
        /// (every output is `maxLength` samples late), or NaN.
        pub policy: Policy = one_of(Policy::TEXTS).or_first(),
        /// Largest number of samples of a gap that are filled; a longer gap is not interpolated at all.
        pub max_length: Option<usize> =
            integer().at_least(1.0).at_most(MAX_LENGTH).optional_as("no limit; `\"interpolate\"` needs one"),
        /// Replacement in the rest of longer gaps: NaN, or the last sample before the gap.
        pub beyond: Beyond = one_of(Beyond::TEXTS).or_first(),
        /// Value that is held before the first sample.
        pub start: f64 = number().or(0.0),
    }
}

/// A gap; known with the first sample after it, or at the end of the stream.
static GAP: EventKind = EventKind {
    name: "gap",
    doc: "A run of missing samples, at its first, of any length.",
    fields: &[
        EventField { name: "length", doc: "Samples that were missing." },
        EventField { name: "filled", doc: "How many of them were filled in." },
    ],
    data: None,
};

/// The rule, and the state of each channel.
#[derive(Debug, Clone)]
pub struct Gaps {
    rule: Rule,
    max_length: Option<usize>,
    channels: Vec<Filler>,
    /// Whether the stream has ended, so that silence is not a sample.
    has_ended: bool,
}

impl Gaps {
    fn fill(&mut self, block: &mut Block<'_>, missing: &mut Missing) {
        let Self { rule, channels, has_ended, .. } = self;
        missing.mark_none(block.channels(), block.frames());
        let (mut planes, times, mut events) = block.planes_and_events();
        for (c, filler) in channels.iter_mut().enumerate() {
            let flags = missing.channel_mut(c);
            for (i, (sample, flag)) in planes.channel(c).iter_mut().zip(flags).enumerate() {
                let (Late { value, is_missing }, gap) =
                    if *has_ended { filler.take_silence(rule) } else { filler.take(rule, *sample, || times.at(c, i)) };
                (*sample, *flag) = (value, is_missing);
                if let (Some(gap), Some(events)) = (gap, &mut events) {
                    let first = i as i64 - gap.length as i64;
                    events.emit_past(&GAP, c, (first, gap.since), i, &[gap.length as f64, gap.filled as f64]);
                }
            }
        }
    }

    /// Walks the parameters; those that determine the size of the state must match.
    fn walk_rule(&self, archive: &mut Archive<'_>) -> Result<()> {
        let policy = archive.named("policy", self.rule.policy, "policy of gaps")?;
        let ours = self.max_length.unwrap_or(0);
        let longest = match archive.is_json() {
            true if !archive.optional("maxLength", self.max_length.is_some()) => 0,
            _ => archive.count("maxLength", ours)?,
        };
        archive.constant("beyond", self.rule.beyond.text());
        archive.constant("start", json::num(f64::from(self.rule.start)));
        if policy != self.rule.policy || policy == Policy::Interpolate && longest != ours {
            let text = format!("Gaps: the state is one of policy '{}' with maxLength {longest}", policy.text());
            return Err(Error::failed(text));
        }
        Ok(())
    }
}

fn walk_filler(filler: &mut Filler, archive: &mut Archive<'_>) -> Result<()> {
    let delay = filler.late.len();
    let has_last = archive.flag("hasLast", filler.last.is_some())?;
    let last = archive.f32("last", filler.last.unwrap_or(0.0))?;
    filler.last = has_last.then_some(last);
    let length = archive.f64("length", filler.length as f64)?;
    if !(0.0..=MAX_SAFE_INTEGER).contains(&length) || length.fract() != 0.0 || has_last && !last.is_finite() {
        return Err(Error::failed("Gaps: 'length' must be a count of samples, and 'last' a finite number"));
    }
    filler.length = length as u64;
    filler.since = archive.f64("since", filler.since)?;
    let values = archive.samples("late", filler.late.iter().map(|late| late.value))?;
    let flags = archive.flags("missing", filler.late.iter().map(|late| late.is_missing))?;
    if let (Some(values), Some(flags)) = (values, flags) {
        if values.len() != delay || flags.len() != delay {
            return Err(Error::failed("Gaps: the samples of the delay do not fit maxLength"));
        }
        let late = values.into_iter().zip(flags).map(|(value, is_missing)| Late { value, is_missing });
        filler.late.iter_mut().zip(late).for_each(|(slot, late)| *slot = late);
    }
    Ok(())
}

impl Define for Gaps {
    type Params = GapsParams;
    const TYPES: &'static [&'static str] = &["gaps"];
    const METHOD: &'static str = "Gaps";
    const EVENTS: &'static [&'static EventKind] = &[&GAP];
    const DOC: &'static str = "Fills in samples that are no finite numbers, before filters that one NaN would spoil \
        for ever. `RestoreGaps` puts NaN\nback behind the filters.\n\
        @throws TypeError if `policy` is `\"interpolate\"` and there is no `maxLength`";

    fn new(params: &GapsParams) -> Result<Self> {
        let GapsParams { policy, max_length, beyond, start } = *params;
        if policy == Policy::Interpolate && max_length.is_none() {
            return Err(Error::type_error("Gaps: maxLength is required for policy 'interpolate'"));
        }
        let rule = Rule { policy, longest: max_length.unwrap_or(usize::MAX), beyond, start: to_f32(start) };
        Ok(Self { rule, max_length, channels: vec![], has_ended: false })
    }

    fn label(&self, _: &GapsParams) -> String {
        format!("gaps:{}", self.rule.policy.text())
    }

    fn examples() -> Vec<crate::Value> {
        let params = |policy, max_length| GapsParams { policy, max_length, beyond: Beyond::Nan, start: 0.0 };
        let held = GapsParams { beyond: Beyond::Hold, ..params(Policy::Interpolate, Some(2)) };
        let simple = [params(Policy::Hold, None), params(Policy::Hold, Some(3)), params(Policy::Nan, None)];
        let late = [params(Policy::Interpolate, Some(5)), held];
        simple.iter().chain(&late).map(crate::params::Parameters::to_value).collect()
    }
}

impl Stage for Gaps {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        let rule = self.rule;
        ensure_memory(block.channels(), (rule.delay() + 1) * size_of::<Late>())?;
        resize_with(&mut self.channels, block.channels(), || Filler::new(&rule))?;
        block.with_missing(|block, missing| self.fill(block, missing));
        Ok(())
    }

    fn reset(&mut self) {
        let rule = self.rule;
        self.channels.iter_mut().for_each(|filler| *filler = Filler::new(&rule));
        self.has_ended = false;
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.walk_rule(archive)?;
        let rule = self.rule;
        archive.channels(&mut self.channels, || Filler::new(&rule), walk_filler)
    }

    fn latency(&self, _: Option<f64>) -> f64 {
        self.rule.delay() as f64
    }

    fn end(&mut self) {
        self.has_ended = true;
    }

    fn tail(&self, _: u64) -> usize {
        let has_gap = self.channels.iter().any(|filler| filler.length > 0);
        if self.channels.is_empty() { 0 } else { self.rule.delay().max(usize::from(has_gap)) }
    }

    /// Returns 0 without a delay: the frame that then ends a gap does not belong to the stream.
    fn tail_outputs(&self) -> Option<usize> {
        Some(self.rule.delay())
    }

    fn channels(&self) -> usize {
        self.channels.len()
    }
}
