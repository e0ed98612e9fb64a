//! The complete specification of a filter, the rules of its options, and the reading of options.
//!
//! [`spec`] specifies a filter and designs it; [`rules`] holds the ranges and messages of its options; [`options`]
//! reads options from JavaScript or JSON.

pub mod filter_bank;
pub mod options;
pub mod rules;
pub mod spec;
