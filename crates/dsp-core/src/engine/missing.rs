//! Flags for the samples of a block that were missing before a stage filled them in: set by `Gaps`, read by
//! `RestoreGaps`.

/// Whether the flags exist and fit the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    /// No stage of this call has set flags.
    #[default]
    Nothing,
    /// The flags have the shape of the block.
    Here,
    /// A later stage changed the shape of the block, so the flags no longer fit.
    Lost,
}

/// One flag per sample of a block, if a stage has set them.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    flags: Vec<bool>,
    frames: usize,
    known: Known,
}

impl Missing {
    /// Discards all flags, before a new call.
    pub(super) fn clear(&mut self) {
        self.known = Known::Nothing;
    }

    /// Marks the flags as unusable, because the shape of the block changes.
    pub(super) fn lose(&mut self) {
        if self.known == Known::Here {
            self.known = Known::Lost;
        }
    }

    /// Sets flags for `channels` of `frames` samples, none of them missing.
    pub fn mark_none(&mut self, channels: usize, frames: usize) {
        self.flags.clear();
        self.flags.resize(channels * frames, false);
        (self.frames, self.known) = (frames, Known::Here);
    }

    /// Returns the flags of a channel, to be set.
    pub fn channel_mut(&mut self, channel: usize) -> &mut [bool] {
        &mut self.flags[channel * self.frames..][..self.frames]
    }

    /// Returns the flags of a channel; empty if no stage has set any.
    pub fn channel(&self, channel: usize) -> &[bool] {
        match self.known {
            Known::Here => &self.flags[channel * self.frames..][..self.frames],
            Known::Nothing | Known::Lost => &[],
        }
    }

    /// Returns whether flags were set and no longer fit the block.
    pub fn is_lost(&self) -> bool {
        self.known == Known::Lost
    }
}
