//! One filter, said completely: its specification, the rules of its options, and how options are read.
//!
//! [`spec`] says what a filter is and designs it; [`rules`] are the ranges and messages of its options; [`options`] reads
//! what JavaScript or JSON gives.

pub mod filter_bank;
pub mod options;
pub mod rules;
pub mod spec;
