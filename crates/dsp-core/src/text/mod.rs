//! The textual form of numbers and choices outside Rust.

mod choice;
mod number;
mod quoted;

pub use choice::Texts;
pub use number::{MAX_SAFE_INTEGER, js_number};
pub use quoted::{MAX_QUOTED, push_visible, quoted};
