//! Errors of stores.

use super::lease::Lease;
use crate::error::{Error, Result};

/// Checks that every kind of store can hold the scope.
///
/// # Errors
/// `Argument` if not.
pub(super) fn check_scope(scope: &str) -> Result<()> {
    if scope.is_empty() || scope.len() > 1024 || scope.contains(['\0', '{', '}']) {
        return Err(Error::argument("scope must have 1 to 1024 bytes and neither braces nor zero characters"));
    }
    Ok(())
}

/// Returns a failure that is not retriable.
pub(super) fn broken(code: &'static str, message: impl Into<String>) -> Error {
    Error::Store { code, message: message.into(), retriable: false }
}

/// Returns the error of a lease whose scope another owner has acquired.
pub(crate) fn fenced(lease: &Lease, theirs: i64, owner: String) -> Error {
    Error::Fenced { scope: lease.scope.clone(), ours: lease.epoch, theirs, owner }
}

/// Returns the error for a scope that does not contain the owner's last write.
pub(crate) fn scope_changed(scope: &str) -> Error {
    broken("SCOPE_CHANGED", format!("the store has lost what was written to {scope}"))
}

/// Returns the error of a closed store.
pub(super) fn closed() -> Error {
    broken("CLOSED", "the state store is closed")
}
