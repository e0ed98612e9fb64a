//! Rules for which version of a record is valid, and which one is replaced.

use super::config::Guarantee;
use crate::store::{Record, Slot};

/// Returns the version of a key that is valid just before `message` is processed: the one with the largest offset below
/// it. A version with the message's offset or a larger one belongs to a transaction that was not committed; without a
/// valid version the key is new.
pub fn valid<T>(versions: impl IntoIterator<Item = T>, offset: impl Fn(&T) -> Option<i64>, message: i64) -> Option<T> {
    let below = versions.into_iter().filter(|version| offset(version).is_some_and(|offset| offset < message));
    below.max_by_key(|version| offset(version))
}

/// Returns the slot for the next version of a key whose valid version has this offset: the other one.
pub fn slot(valid: Option<i64>) -> Slot {
    match valid {
        Some(_) => Slot::Alternate { keep: valid },
        None => Slot::Only,
    }
}

impl Guarantee {
    /// Returns whether the previous version stays in the store until the new one is committed.
    pub fn keeps_two_versions(self) -> bool {
        self == Self::ExactlyOnce
    }

    /// Returns the version of a key that is valid just before `message` is processed; `versions` has the newest first.
    pub fn version_before(self, versions: &[Record], message: i64) -> Option<&Record> {
        if self.keeps_two_versions() { valid(versions, |record| record.offset, message) } else { versions.first() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_from_the_future_does_not_count() {
        let at = |message| valid([Some(7), Some(3), None], |offset| *offset, message).flatten();
        assert_eq!([at(8), at(7), at(4), at(3)], [Some(7), Some(3), Some(3), None]);
    }
}
