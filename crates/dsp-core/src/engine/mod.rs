//! How samples flow: the block of one call, what a stage is, what it emits, and formats at the border.

pub mod block;
pub mod events;
pub mod formats;
pub mod missing;
pub mod planar;
pub mod reshape;
pub mod stage;
pub mod time;
pub mod timeline;
pub mod times;
pub mod workspace;
