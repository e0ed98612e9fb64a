//! Errors of stores.

use super::lease::Lease;
use crate::error::{Error, Result};

/// A scope that every kind can hold.
pub(super) fn check_scope(scope: &str) -> Result<()> {
    if scope.is_empty() || scope.len() > 1024 || scope.contains(['\0', '{', '}']) {
        return Err(Error::argument("scope must have 1 to 1024 bytes and neither braces nor zero characters"));
    }
    Ok(())
}

/// A failure that another try does not mend.
pub(super) fn broken(code: &'static str, message: impl Into<String>) -> Error {
    Error::Store { code, message: message.into(), retriable: false }
}

/// The error of a lease whose scope has another owner.
pub(crate) fn fenced(lease: &Lease, theirs: i64, owner: String) -> Error {
    Error::Fenced { scope: lease.scope.clone(), ours: lease.epoch, theirs, owner }
}

/// The error where the scope does not fit to what the owner has written before.
pub(crate) fn scope_changed(scope: &str) -> Error {
    broken("SCOPE_CHANGED", format!("the store has lost what was written to {scope}"))
}

/// The error of a store that is closed.
pub(super) fn closed() -> Error {
    broken("CLOSED", "the state store is closed")
}
