//! Which samples of a block were missing before a stage filled them in: told by `Gaps`, read by `RestoreGaps`.

/// What is known of missing samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    /// No stage of this call has told.
    #[default]
    Nothing,
    /// The flags are those of the block.
    Here,
    /// A stage changed the shape of the block behind the one that told.
    Lost,
}

/// A flag for each sample of a block, where a stage has told.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    flags: Vec<bool>,
    frames: usize,
    known: Known,
}

impl Missing {
    /// Forgets what was told, for a new call.
    pub(super) fn clear(&mut self) {
        self.known = Known::Nothing;
    }

    /// The shape of the block changes: what was told fits no longer.
    pub(super) fn lose(&mut self) {
        if self.known == Known::Here {
            self.known = Known::Lost;
        }
    }

    /// Begins to tell: flags for `channels` of `frames` samples, none of them missing.
    pub fn tell(&mut self, channels: usize, frames: usize) {
        self.flags.clear();
        self.flags.resize(channels * frames, false);
        (self.frames, self.known) = (frames, Known::Here);
    }

    /// The flags of a channel, to be set.
    pub fn channel_mut(&mut self, channel: usize) -> &mut [bool] {
        &mut self.flags[channel * self.frames..][..self.frames]
    }

    /// The flags of a channel; empty where nobody has told.
    pub fn channel(&self, channel: usize) -> &[bool] {
        match self.known {
            Known::Here => &self.flags[channel * self.frames..][..self.frames],
            Known::Nothing | Known::Lost => &[],
        }
    }

    /// Whether they were told and fit the block no longer.
    pub fn is_lost(&self) -> bool {
        self.known == Known::Lost
    }
}
