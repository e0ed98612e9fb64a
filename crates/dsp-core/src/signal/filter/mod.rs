//! Linear filters: the design of coefficients, and running filters.

pub mod design;
pub mod run;
