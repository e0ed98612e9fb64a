//! Limits of one call and of what stages keep.

/// The most samples that one block may hold: what a `Float32Array` can be on every supported Node (2³² bytes).
pub const MAX_SAMPLES: usize = 1 << 30;

/// The most channels that a block may have; stages keep state per channel.
pub const MAX_CHANNELS: usize = 1 << 16;
