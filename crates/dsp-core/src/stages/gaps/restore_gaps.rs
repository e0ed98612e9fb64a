//! `RestoreGaps`: sets samples to NaN that were missing before the nearest preceding `Gaps`, after the filters between
//! the two.
//!
//! A sample that was missing at n becomes NaN at n + `delay`; both neighbours do if that is not a whole number. By
//! default the delay is the sum of the latencies of the stages between, which must give one sample for one. No latency.

use crate::engine::block::Block;
use crate::engine::missing::Missing;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::limits::{MAX_CHANNELS, ensure_memory, resize_with};
use crate::stages::gaps::gaps::Gaps;
use crate::state::archive::Archive;
use crate::text::js_number;

/// Largest delay in samples: each channel keeps as many flags.
const MAX_DELAY: f64 = (1 << 20) as f64;

crate::params! {
    /// Parameters of `RestoreGaps`.
    pub struct RestoreGapsParams {
        /// Delay of the filters in samples.
        pub delay: Option<f64> = number()
            .at_least(0.0)
            .at_most(MAX_DELAY)
            .optional_as("the latency of the stages between `Gaps` and this one")
            .try_with(&[0.0, 3.0, 2.5]),
    }
}

/// The delay, and for each channel whether each of the last samples was missing.
#[derive(Debug, Clone)]
pub struct RestoreGaps {
    /// Delay in samples; `None` until the stage is part of a pipeline.
    delay: Option<f64>,
    channels: Vec<Vec<bool>>,
}

impl RestoreGaps {
    fn whole_delay(&self) -> usize {
        self.delay.unwrap_or(0.0).ceil() as usize
    }

    fn restore(&mut self, block: &mut Block<'_>, missing: &Missing) {
        let late = self.whole_delay();
        let is_between = self.delay.is_some_and(|delay| delay.fract() != 0.0);
        let channels = &mut self.channels;
        block.each_channel(|c, samples| {
            let (past, now) = (&mut channels[c], missing.channel(c));
            let was_missing = |at: usize| match at.checked_sub(late) {
                None => past[at],
                // Nobody tells of the silence behind the end of a stream: it misses nothing.
                Some(at) => now.get(at).copied().unwrap_or(false),
            };
            for (i, sample) in samples.iter_mut().enumerate() {
                if was_missing(i) || is_between && was_missing(i + 1) {
                    *sample = f32::NAN;
                }
            }
            remember(past, now, samples.len());
        });
    }
}

/// Appends `frames` flags to the past ones, those of `now` if there are any.
fn remember(past: &mut [bool], now: &[bool], frames: usize) {
    let kept = past.len().saturating_sub(frames);
    let new = past.len() - kept;
    past.copy_within(new.., 0);
    match now.len().checked_sub(new) {
        Some(first) => past[kept..].copy_from_slice(&now[first..]),
        None => past[kept..].fill(false),
    }
}

impl Define for RestoreGaps {
    type Params = RestoreGapsParams;
    const TYPES: &'static [&'static str] = &["restoreGaps"];
    const METHOD: &'static str = "RestoreGaps";
    const DOC: &'static str = "NaN where samples were missing in front of the nearest `Gaps`, as late as the filters \
        between are.\n\
        @throws Error if there is no `Gaps` in front, or a stage between gives another number of samples";

    fn new(params: &RestoreGapsParams) -> Result<Self> {
        Ok(Self { delay: params.delay, channels: vec![] })
    }

    fn label(&self, _: &RestoreGapsParams) -> String {
        "restoreGaps".into()
    }

    fn traits(_: &RestoreGapsParams) -> Traits {
        Traits { behind: Some(Gaps::METHOD), ..Traits::STREAM }
    }
}

impl Stage for RestoreGaps {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        let late = self.whole_delay();
        ensure_memory(block.channels(), late)?;
        resize_with(&mut self.channels, block.channels(), || vec![false; late])?;
        block.with_missing(|block, missing| {
            if missing.is_lost() {
                let text = "a stage between Gaps and this one changes the number of samples or channels";
                return Err(Error::failed(format!("RestoreGaps: {text}")));
            }
            self.restore(block, missing);
            Ok(())
        })
    }

    fn reset(&mut self) {
        self.channels.iter_mut().for_each(|past| past.fill(false));
    }

    fn stand_behind(&mut self, front: &[&dyn Stage]) -> Result<()> {
        let gaps = front.iter().rposition(|stage| stage.saved_type() == Gaps::TYPES[0]);
        let between = gaps.map(|at| &front[at + 1..]);
        let between = between.ok_or_else(|| Error::failed("RestoreGaps: there is no Gaps in front of it"))?;
        if let Some(stage) = between.iter().find(|stage| stage.ratio() != 1.0) {
            let (name, ratio) = (stage.saved_type(), js_number(stage.ratio()));
            return Err(Error::failed(format!(
                "RestoreGaps: {name} gives {ratio} samples for one, which have no gaps"
            )));
        }
        let latency: f64 = between.iter().map(|stage| stage.latency(None)).sum();
        let delay = *self.delay.get_or_insert(latency.max(0.0));
        if delay > MAX_DELAY {
            let (delay, most) = (js_number(delay), js_number(MAX_DELAY));
            return Err(Error::range(format!("RestoreGaps: delay must be at most {most}, got {delay}")));
        }
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        let delay = archive.f64("delay", self.delay.unwrap_or(0.0))?;
        if !(0.0..=MAX_DELAY).contains(&delay) {
            return Err(Error::failed("RestoreGaps: 'delay' is out of range"));
        }
        self.delay = Some(delay);
        let late = self.whole_delay();
        archive.channels(&mut self.channels, Vec::new, |past, archive| {
            if let Some(flags) = archive.flags("missing", past.iter().copied())? {
                *past = flags;
            }
            Ok(())
        })?;
        if self.channels.iter().any(|past| past.len() != late) || self.channels.len() > MAX_CHANNELS {
            return Err(Error::failed("RestoreGaps: 'missing' does not fit the delay"));
        }
        Ok(())
    }
}
