//! What streaming needs without any server: frames and errors.

pub mod error;
mod frame;
pub mod store;
