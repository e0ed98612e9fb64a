//! The saved state of windows, in the layouts of the original.

use crate::error::{Error, Result};
use crate::stages::common::Mode;
use crate::stages::sliding::window::{Channel, Extent, Layout, WindowStage, WindowStatistic};
use crate::state::archive::Archive;
use crate::state::json;
use crate::text::Texts;

/// Walks how many of the `count` samples of a window are in its incomplete block; `None` if a state does not contain
/// it.
pub fn fill_field(fill: usize, count: usize, archive: &mut Archive<'_>) -> Result<Option<usize>> {
    if archive.optional("blockFill", fill > 0) {
        return archive.count("blockFill", fill).map(Some);
    }
    archive.appendix_count(fill, count)
}

impl Channel {
    fn parts(&self) -> (Vec<f32>, Option<Vec<f64>>, usize) {
        match self {
            Self::Counted(window) => (window.samples().collect(), None, window.fill()),
            Self::Timed(window) => {
                let (stamps, samples): (Vec<f64>, Vec<f32>) = window.samples().unzip();
                (samples, Some(stamps), window.fill())
            }
        }
    }
}

impl<S: WindowStatistic> WindowStage<S> {
    pub(super) fn fields(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        self.mode_field(archive)?;
        if S::HAS_EPSILON && archive.optional("epsilon", true) {
            self.epsilon = archive.f64("epsilon", self.epsilon)?;
        }
        if self.is_batch() && (archive.is_json() || S::LAYOUT != Layout::Numbered) {
            return Ok(());
        }
        let size = archive.count("windowSize", self.size())?;
        let duration = self.duration_field(archive)?;
        if !archive.is_json() {
            archive.flag("initialized", size > 0)?;
            self.epsilon_token(archive)?;
        }
        self.check_extent(size, duration)?;
        self.set_nominal_from_state(size);
        let mut channels = std::mem::take(&mut self.channels);
        let walked =
            archive.channels(&mut channels, || self.new_channel(), |c, archive| self.channel_fields(c, archive));
        self.channels = channels;
        walked
    }

    fn mode_field(&self, archive: &mut Archive<'_>) -> Result<()> {
        let ours = if self.is_batch() { Mode::Batch } else { Mode::Moving };
        if archive.is_json() || S::LAYOUT != Layout::Numbered {
            return self.check_mode(&archive.text("mode", ours.text())?);
        }
        match archive.count("mode", ours as usize)? {
            number @ 0..=1 => self.check_mode(Mode::TEXTS[number]),
            other => Err(Error::failed(format!("{} mode mismatch: the state has mode {other}", S::STATE_NAME))),
        }
    }

    /// Walks the duration: in JSON only if there is one, in TOON 0 if there is none.
    fn duration_field(&self, archive: &mut Archive<'_>) -> Result<Option<f64>> {
        let ours = self.duration();
        if archive.is_json() {
            let present = archive.optional("windowDuration", ours.is_some());
            return if present { archive.f64("windowDuration", ours.unwrap_or(0.0)).map(Some) } else { Ok(None) };
        }
        let ours = ours.unwrap_or(0.0);
        let (key, rounds) = ("windowDuration", S::LAYOUT == Layout::Numbered);
        let saved = if rounds { archive.exact(key, ours)? } else { archive.f64(key, ours)? };
        let exact = archive.tokens_in().is_none_or(|input| input.is_exact());
        Ok(Some(self.matching_duration(saved, exact)))
    }

    /// Walks the epsilon that the original repeats after the sums of each channel.
    fn epsilon_token(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        if S::HAS_EPSILON {
            self.epsilon = archive.rounded("epsilon", self.epsilon)?;
        }
        Ok(())
    }

    fn channel_fields(&self, channel: &mut Channel, archive: &mut Archive<'_>) -> Result<()> {
        let (mut samples, mut stamps, fill) = channel.parts();
        if let Some(read) = archive.samples("buffer", samples.iter().copied())? {
            samples = read;
        }
        for sum in S::SUMS {
            let saved = archive.rounded(if archive.is_json() { sum.key } else { "sum" }, (sum.of)(&samples))?;
            if archive.is_json() {
                sum.check(saved, &samples)?;
            }
        }
        if S::HAS_EPSILON && !archive.is_json() {
            archive.rounded("epsilon", self.epsilon)?;
        }
        let fill = fill_field(fill, samples.len(), archive)?;
        self.stamps_field(&mut stamps, samples.len(), archive)?;
        if archive.is_loading() {
            *channel = self.restore_channel(samples, stamps, fill)?;
        }
        Ok(())
    }

    /// Walks the times of the samples of windows by duration; TOON has them in the appendix.
    fn stamps_field(&self, stamps: &mut Option<Vec<f64>>, count: usize, archive: &mut Archive<'_>) -> Result<()> {
        if archive.is_json() {
            if let Some(object) = archive.json_out() {
                if let Some(stamps) = stamps {
                    object.insert("timestamps".into(), json::nums(stamps.iter().copied()));
                }
            } else {
                let saved = archive.json_in().filter(|object| object.get("timestamps").is_some());
                *stamps = saved.map(|object| json::numbers(object, "timestamps")).transpose()?;
            }
            return Ok(());
        }
        let is_exact = archive.tokens_in().is_none_or(|input| input.is_exact());
        if !is_exact || !matches!(self.extent, Extent::Duration { .. }) {
            *stamps = None;
            return Ok(());
        }
        let mut walked = stamps.take().unwrap_or_default();
        walked.resize(count, f64::NAN);
        for stamp in &mut walked {
            *stamp = archive.appendix(*stamp)?.unwrap_or(*stamp);
        }
        *stamps = Some(walked);
        Ok(())
    }
}
