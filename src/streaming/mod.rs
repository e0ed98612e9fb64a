//! What streaming needs without any server: frames and errors.

pub mod error;
mod frame;
mod store;
