//! How numbers and choices are written outside Rust.

mod choice;
mod number;

pub use choice::Texts;
pub use number::{MAX_SAFE_INTEGER, js_number};
