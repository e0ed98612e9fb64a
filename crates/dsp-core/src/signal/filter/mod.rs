//! Linear filters: how their coefficients are designed, and how they run.

pub mod design;
pub mod run;
