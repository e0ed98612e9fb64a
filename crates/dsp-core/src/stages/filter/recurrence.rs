//! Streams whose outputs depend on all past samples, computed in groups of eight.
//!
//! Computed sample by sample, a recurrence waits for each result before it begins the next. Here the samples of a group
//! are combined first, and only one step per group waits (see [`crate::kernels::scan`]). Groups are counted from the
//! start of the stream, not of the call, so a value does not depend on how the stream is cut; the samples of the
//! incomplete group belong to the state.

use crate::error::{Error, Result};
use crate::kernels::scan::GROUP;
use crate::state::archive::Archive;

/// The state of one channel: the value at the end of the last complete group, and the samples since.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Groups {
    start: f64,
    pending: [f32; GROUP],
    len: usize,
}

impl Groups {
    /// Returns a stream with the value `start`, at the beginning of a group.
    pub fn at(start: f64) -> Self {
        Self { start, ..Self::default() }
    }

    /// Returns the value at the end of the last complete group, and the samples since (followed by zeros) with their
    /// number.
    pub fn parts(&self) -> (f64, &[f32; GROUP], usize) {
        (self.start, &self.pending, self.len)
    }

    /// Returns the value after the last sample. `step(start, samples)` returns the values of one group.
    pub fn value(&self, step: impl FnOnce(f64, &[f32; GROUP]) -> [f64; GROUP]) -> f64 {
        match self.len {
            0 => self.start,
            n => step(self.start, &self.pending)[n - 1],
        }
    }

    /// Replaces `samples` by outputs. `step(samples, start, before)` does so for whole groups and returns the value at
    /// their end; `before` counts the samples since the beginning of the pending group.
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

    /// Adds samples to the pending group; a value in a group does not depend on later samples.
    fn run_part(&mut self, samples: &mut [f32], before: usize, step: impl Fn(&mut [f32], f64, usize) -> f64) {
        let at = self.len..self.len + samples.len();
        self.pending[at.clone()].copy_from_slice(samples);
        let mut group = self.pending;
        let end = step(&mut group, self.start, before);
        samples.copy_from_slice(&group[at.clone()]);
        *self = if at.end == GROUP { Self::at(end) } else { Self { len: at.end, ..*self } };
    }

    /// Walks the value after the last sample under `key`, and the incomplete group. `step` is that of
    /// [`Groups::value`].
    ///
    /// # Errors
    /// Reading: the value is absent, or the group is too long.
    pub fn state(
        &mut self,
        archive: &mut Archive<'_>,
        key: &str,
        step: impl Fn(f64, &[f32; GROUP]) -> [f64; GROUP],
    ) -> Result<()> {
        let value = archive.exact(key, self.value(&step))?;
        self.pending_state(archive, value, step)
    }

    /// Walks the incomplete group after the value after the last sample, `value`, has been walked.
    ///
    /// # Errors
    /// Reading: the group is too long.
    pub fn pending_state(
        &mut self,
        archive: &mut Archive<'_>,
        value: f64,
        step: impl Fn(f64, &[f32; GROUP]) -> [f64; GROUP],
    ) -> Result<()> {
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

    /// Returns a stream with the value `value`, and a pending group if that leads to this value: an application may
    /// have edited it.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::scan;
    use crate::state::toon;
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    fn sums(samples: &mut [f32], start: f64, _: usize) -> f64 {
        scan::recurrence(samples, 1.0, &[1.0; GROUP], start)
    }

    fn group(start: f64, samples: &[f32; GROUP]) -> [f64; GROUP] {
        scan::group_prefix(&samples.map(f64::from)).map(|prefix| start + prefix)
    }

    fn load(state: &Json) -> Result<Groups> {
        let mut groups = Groups::default();
        groups.state(&mut Archive::json_reader(state), "sum", group)?;
        Ok(groups)
    }

    /// Returns the stream from its saved state, in either format.
    fn reload(groups: &mut Groups, binary: bool) -> Groups {
        if !binary {
            let mut archive = Archive::json_writer();
            groups.state(&mut archive, "sum", group).expect("saves");
            return load(&archive.into_json()).expect("loads");
        }
        let mut archive = Archive::toon_writer(toon::Writer::default());
        groups.state(&mut archive, "sum", group).expect("saves");
        let bytes = archive.into_toon_writer().expect("a TOON archive").finish().expect("there is memory");
        let mut loaded = Groups::default();
        loaded.state(&mut Archive::toon_reader(toon::Reader::new(&bytes)), "sum", group).expect("loads");
        loaded
    }

    proptest! {
        #[test]
        fn cuts_and_reloads_change_no_bit(
            x in prop::collection::vec(-10f32..10.0, 0..100),
            cuts in prop::collection::vec((0usize..20, any::<bool>()), 0..10),
        ) {
            let mut whole = x.clone();
            Groups::at(0.5).run(&mut whole, sums);
            let (mut groups, mut got, mut rest) = (Groups::at(0.5), vec![], &x[..]);
            for (cut, binary) in cuts.into_iter().chain([(usize::MAX, false)]) {
                let (chunk, after) = rest.split_at(cut.min(rest.len()));
                rest = after;
                let mut chunk = chunk.to_vec();
                groups.run(&mut chunk, sums);
                got.extend(chunk);
                groups = reload(&mut groups, binary);
            }
            prop_assert_eq!(got, whole);
        }
    }

    #[test]
    fn an_edited_value_wins() {
        let state = |value: f64| json!({ "sum": value, "group": { "start": 1, "samples": [2] } });
        assert_eq!(load(&state(3.0)).unwrap().parts().2, 1);
        assert_eq!(load(&state(7.0)).unwrap(), Groups::at(7.0));
        let long = json!({ "sum": 1, "group": { "start": 1, "samples": [0, 0, 0, 0, 0, 0, 0, 0] } });
        assert!(load(&long).is_err());
    }
}
