//! The differences between the guarantees: one [`Strategy`] for each. A partition's task asks its strategy whether
//! messages may be processed, when a checkpoint is made, and how everything ends; the task itself does not depend on
//! transactions.

pub mod at_least_once;
pub mod context;
pub mod exactly_once;
pub mod session;
pub mod settle;
pub mod start;
pub mod strategy;
