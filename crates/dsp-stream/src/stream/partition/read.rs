//! Reads states from the store.

use crate::error::Result;
use crate::store::{Lease, Record, StateStore, fenced, scope_changed};

/// Reads the records of keys from a scope that has lost none of this owner's writes.
///
/// # Errors
/// Errors of the store, also if the scope has lost something.
pub(super) async fn read(store: &dyn StateStore, lease: &Lease, keys: &[Vec<u8>]) -> Result<Vec<Vec<Record>>> {
    loop {
        let before = lease.marks();
        let found = store.get_many(&lease.scope, keys).await?;
        let manifest = store.manifest(&lease.scope).await?.unwrap_or_default();
        if manifest.epoch > lease.epoch {
            return Err(fenced(lease, manifest.epoch, manifest.owner));
        }
        let after = lease.marks();
        if before.has(&manifest.mark) || after.has(&manifest.mark) {
            return Ok(found);
        }
        // A checkpoint that was stored meanwhile may have been seen in its middle. There is one at most: the next
        // begins here.
        if before == after {
            return Err(scope_changed(&lease.scope));
        }
    }
}
