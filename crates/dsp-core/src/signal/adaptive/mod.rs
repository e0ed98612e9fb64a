//! Filters that learn their coefficients from an error signal.

pub mod lms;
