//! Running filters, shared by the classes and the stages: coefficients once, a history for each channel.

#![forbid(unsafe_code)]

pub mod adaptive;
pub mod convolver;
pub mod fir;
pub mod iir;
pub mod lms;
pub mod single;
