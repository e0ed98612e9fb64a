//! Which version of a state counts, which one is written over, and where a partition begins.

use crate::store::{Manifest, Slot};

/// The version of a key that holds just before `message` is processed: the one with the largest offset below. One with the
/// message's offset or more is the trace of a transaction that did not commit; without a valid version the key is new.
pub fn valid<T>(versions: impl IntoIterator<Item = T>, offset: impl Fn(&T) -> Option<i64>, message: i64) -> Option<T> {
    let below = versions.into_iter().filter(|version| offset(version).is_some_and(|offset| offset < message));
    below.max_by_key(|version| offset(version))
}

/// Where the next version of a key goes, whose valid version has this offset: beside that one.
pub fn slot(valid: Option<i64>) -> Slot {
    match valid {
        Some(_) => Slot::Alternate { keep: valid },
        None => Slot::Only,
    }
}

/// The checkpoint that an offset was committed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint<'a> {
    /// The store that has it.
    pub store: &'a str,
    /// Epoch of its owner.
    pub epoch: i64,
    /// Its number.
    pub seq: u64,
}

impl Checkpoint<'_> {
    /// Whether a store with this manifest has lost it. A store that was set back may have gone on under a former owner: then
    /// the number is there, but by somebody whose epoch is smaller.
    pub fn is_lost(&self, manifest: &Manifest) -> bool {
        self.seq > manifest.seq || self.epoch > manifest.seq_epoch
    }
}

/// Where a partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the group's committed offset.
    Committed(i64),
    /// Where the manifest says: Kafka has forgotten the offset.
    Hint(i64),
    /// Nothing is known of it.
    New,
}

/// Why a partition cannot begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unplaced {
    /// Somebody has moved the group: its offset is this one, the manifest's hint that.
    Moved {
        /// The group's offset.
        committed: i64,
        /// The manifest's.
        hint: Option<i64>,
    },
    /// The versions that belong to the group's offset are not in this store.
    Missing {
        /// The group's offset.
        committed: i64,
        /// The store that has them, where that is known.
        store: Option<String>,
    },
}

/// Decides where a partition begins. `committed` is the group's offset with, if a stream has committed it, its checkpoint.
///
/// # Errors
/// Why it cannot be decided without the user.
pub fn place(
    manifest: Option<&Manifest>,
    committed: Option<(i64, Option<Checkpoint<'_>>)>,
    store: &str,
) -> Result<Place, Unplaced> {
    let hint = manifest.and_then(|m| m.next_offset);
    let Some((committed, ours)) = committed else {
        return Ok(hint.map_or(Place::New, Place::Hint));
    };
    let missing = |store: Option<&str>| Unplaced::Missing { committed, store: store.map(str::to_owned) };
    match (manifest, ours) {
        (Some(_), None) => Err(Unplaced::Moved { committed, hint }),
        (_, Some(other)) if other.store != store => Err(missing(Some(other.store))),
        (Some(manifest), Some(ours)) if ours.is_lost(manifest) => Err(missing(Some(store))),
        (None, ours) => Err(missing(ours.map(|ours| ours.store))),
        (Some(_), Some(_)) if hint.is_some_and(|hint| committed < hint) => Err(Unplaced::Moved { committed, hint }),
        (Some(_), Some(_)) => Ok(Place::Committed(committed)),
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

    #[test]
    fn a_partition_begins_where_the_group_is() {
        let manifest = Manifest { next_offset: Some(40), seq: 5, seq_epoch: 2, ..Manifest::default() };
        let by = |store, epoch, seq| Some(Checkpoint { store, epoch, seq });
        let at = |committed| place(Some(&manifest), committed, "here");
        assert_eq!(at(Some((50, by("here", 2, 5)))), Ok(Place::Committed(50)));
        assert_eq!(at(Some((50, by("here", 1, 4)))), Ok(Place::Committed(50)));
        assert_eq!(at(None), Ok(Place::Hint(40)));
        assert_eq!(place(None, None, "here"), Ok(Place::New));
        assert_eq!(at(Some((39, by("here", 2, 5)))), Err(Unplaced::Moved { committed: 39, hint: Some(40) }));
        assert_eq!(at(Some((50, None))), Err(Unplaced::Moved { committed: 50, hint: Some(40) }));
        let missing = |store: &str| Err(Unplaced::Missing { committed: 50, store: Some(store.into()) });
        assert_eq!(at(Some((50, by("here", 2, 6)))), missing("here"));
        assert_eq!(at(Some((50, by("here", 3, 5)))), missing("here"), "the store went on without it");
        assert_eq!(at(Some((50, by("there", 2, 5)))), missing("there"));
        assert_eq!(place(None, Some((50, by("here", 1, 1))), "here"), missing("here"));
        assert_eq!(place(None, Some((50, None)), "here"), Err(Unplaced::Missing { committed: 50, store: None }));
    }
}
