//! Streams whose outputs depend on all samples so far, computed in groups of eight.
//!
//! A recurrence sample by sample waits for each result before it can begin the next. Here the samples of a group are
//! combined first, and only one step a group waits (see [`crate::kernels::scan`]). Groups are counted from the start of
//! the stream, not of the call, so a value does not depend on how the stream was cut; the samples of the group that is
//! not complete yet belong to the state.

use serde_json::{Value as Json, json};

use crate::error::{Error, Result};
use crate::kernels::scan::GROUP;
use crate::state::archive::Archive;
use crate::state::{json, toon};

/// One channel: the value at the end of the last complete group, and the samples since.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Groups {
    start: f64,
    pending: [f32; GROUP],
    len: usize,
}

impl Groups {
    /// A stream whose value is `start`, at the beginning of a group.
    pub fn at(start: f64) -> Self {
        Self { start, ..Self::default() }
    }

    /// Value at the end of the last complete group, and the samples since (zeros behind them).
    pub fn parts(&self) -> (f64, &[f32; GROUP], usize) {
        (self.start, &self.pending, self.len)
    }

    /// The value after the last sample. `step(start, samples)` gives the values of one group.
    pub fn value(&self, step: impl FnOnce(f64, &[f32; GROUP]) -> [f64; GROUP]) -> f64 {
        match self.len {
            0 => self.start,
            n => step(self.start, &self.pending)[n - 1],
        }
    }

    /// Replaces `samples` by outputs. `step(samples, start, before)` does so for whole groups and returns the value at
    /// their end; `before` counts the samples from the beginning of the group that was pending.
    pub fn run(&mut self, samples: &mut [f32], step: impl Fn(&mut [f32], f64, usize) -> f64) {
        let (head, samples) = samples.split_at_mut(if self.len == 0 { 0 } else { samples.len().min(GROUP - self.len) });
        let mut before = 0;
        if !head.is_empty() {
            self.run_part(head, before, &step);
            before = GROUP;
        }
        let (whole, tail) = samples.split_at_mut(samples.len() / GROUP * GROUP);
        if !whole.is_empty() {
            self.start = step(whole, self.start, before);
        }
        if !tail.is_empty() {
            self.run_part(tail, before + whole.len(), &step);
        }
    }

    /// Adds samples to the pending group; a value in a group does not depend on those behind it.
    fn run_part(&mut self, samples: &mut [f32], before: usize, step: impl Fn(&mut [f32], f64, usize) -> f64) {
        let at = self.len..self.len + samples.len();
        self.pending[at.clone()].copy_from_slice(samples);
        let mut group = self.pending;
        let end = step(&mut group, self.start, before);
        samples.copy_from_slice(&group[at.clone()]);
        *self = if at.end == GROUP { Self::at(end) } else { Self { len: at.end, ..*self } };
    }

    /// The pending group for a JSON state, `null` if there is none.
    pub fn to_json(&self) -> Json {
        if self.len == 0 {
            return Json::Null;
        }
        json!({ "start": json::num(self.start), "samples": json::nums(self.pending[..self.len].iter().copied()) })
    }

    /// A stream whose value is `value`, with the pending group that [`Groups::to_json`] wrote, if that leads to this value
    /// (an application may have edited the value).
    pub fn from_json(
        value: f64,
        group: Option<&Json>,
        step: impl FnOnce(f64, &[f32; GROUP]) -> [f64; GROUP],
    ) -> Result<Self> {
        let Some(group) = group.filter(|group| !group.is_null()) else { return Ok(Self::at(value)) };
        let groups = Self::with_pending(json::number(group, "start")?, &json::samples(group, "samples")?)?;
        let same = |x: f64| x == value || x.is_nan() && value.is_nan();
        Ok(if same(groups.value(step)) { groups } else { Self::at(value) })
    }

    /// Walks the value after the last sample under `key`, and the group that is not complete. `step` is that of
    /// [`Groups::value`].
    ///
    /// # Errors
    /// Reading: there is no such value, or the group is too long.
    pub fn state(
        &mut self,
        archive: &mut Archive<'_>,
        key: &str,
        step: impl Fn(f64, &[f32; GROUP]) -> [f64; GROUP],
    ) -> Result<()> {
        let value = archive.exact(key, self.value(&step))?;
        let mut pending = self.pending[..self.len].to_vec();
        let mut start = self.start;
        if archive.optional("group", self.len > 0) {
            archive.json_object("group", |archive| {
                start = archive.f64("start", start)?;
                archive.sample_list("samples", &mut pending)
            })?;
        } else if archive.is_loading() {
            pending.clear();
        }
        if let Some(len) = archive.appendix_count(pending.len(), GROUP - 1)? {
            pending.resize(len, 0.0);
        }
        if !archive.is_json() && !pending.is_empty() {
            start = archive.appendix(start)?.unwrap_or(start);
            for sample in &mut pending {
                *sample = archive.appendix(f64::from(*sample))?.map_or(*sample, |x| x as f32);
            }
        }
        if archive.is_loading() {
            *self = Self::restore(value, start, &pending, step)?;
        }
        Ok(())
    }

    /// A stream whose value is `value`, with a pending group if that leads to it: an application may have edited the value.
    fn restore(
        value: f64,
        start: f64,
        pending: &[f32],
        step: impl Fn(f64, &[f32; GROUP]) -> [f64; GROUP],
    ) -> Result<Self> {
        if pending.is_empty() {
            return Ok(Self::at(value));
        }
        let groups = Self::with_pending(start, pending)?;
        let same = |x: f64| x == value || x.is_nan() && value.is_nan();
        Ok(if same(groups.value(step)) { groups } else { Self::at(value) })
    }

    fn with_pending(start: f64, samples: &[f32]) -> Result<Self> {
        let mut groups = Self { start, len: samples.len(), ..Self::default() };
        if groups.len >= GROUP {
            return Err(Error::failed(format!("a group holds less than {GROUP} samples, got {}", groups.len)));
        }
        groups.pending[..groups.len].copy_from_slice(samples);
        Ok(groups)
    }

    /// Writes the pending group into the appendix.
    pub fn write(&self, out: &mut toon::Writer) {
        out.exact(self.len as f64);
        if self.len > 0 {
            out.exact(self.start);
            self.pending[..self.len].iter().for_each(|x| out.exact(f64::from(*x)));
        }
    }

    /// The counterpart of [`Groups::write`], for a stream whose value is `value`.
    pub fn read(value: f64, input: &mut toon::Reader<'_>) -> Result<Self> {
        let len = input.exact_count(GROUP - 1)?.unwrap_or(0);
        if len == 0 {
            return Ok(Self::at(value));
        }
        let mut next = || Ok::<f64, Error>(input.exact()?.unwrap_or_default());
        let start = next()?;
        let samples: Vec<f32> = (0..len).map(|_| Ok(next()? as f32)).collect::<Result<_>>()?;
        Self::with_pending(start, &samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::scan;
    use proptest::prelude::*;

    fn sums(samples: &mut [f32], start: f64, _: usize) -> f64 {
        scan::recurrence(samples, 1.0, &[1.0; GROUP], start)
    }

    proptest! {
        #[test]
        fn cuts_and_reloads_change_no_bit(
            x in prop::collection::vec(-10f32..10.0, 0..100),
            cuts in prop::collection::vec(0usize..20, 0..10),
        ) {
            let mut whole = x.clone();
            Groups::at(0.5).run(&mut whole, sums);
            let value = |start: f64, v: &[f32; GROUP]| scan::group_prefix(&v.map(f64::from)).map(|p| start + p);
            let (mut groups, mut got, mut rest) = (Groups::at(0.5), vec![], &x[..]);
            for cut in cuts.into_iter().chain([usize::MAX]) {
                let (chunk, after) = rest.split_at(cut.min(rest.len()));
                rest = after;
                let mut chunk = chunk.to_vec();
                groups.run(&mut chunk, sums);
                got.extend(chunk);
                groups = Groups::from_json(groups.value(value), Some(&groups.to_json()), value).unwrap();
            }
            prop_assert_eq!(got, whole);
        }
    }

    #[test]
    fn an_edited_value_wins() {
        let group = json!({ "start": 1, "samples": [2] });
        let value = |start: f64, v: &[f32; GROUP]| scan::group_prefix(&v.map(f64::from)).map(|p| start + p);
        assert_eq!(Groups::from_json(3.0, Some(&group), value).unwrap().parts().2, 1);
        assert_eq!(Groups::from_json(7.0, Some(&group), value).unwrap(), Groups::at(7.0));
        let long = json!({ "start": 1, "samples": [0, 0, 0, 0, 0, 0, 0, 0] });
        assert!(Groups::from_json(1.0, Some(&long), value).is_err());
    }
}
