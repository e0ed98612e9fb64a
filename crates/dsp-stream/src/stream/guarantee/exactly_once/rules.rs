//! The offset at which a partition starts.

use crate::store::Manifest;
use crate::stream::protocol::start::Committed;

/// The offset at which a partition starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartOffset {
    /// The group's committed offset.
    Committed(i64),
    /// The manifest's offset: Kafka has forgotten the group's.
    Hint(i64),
    /// Neither is known.
    New,
}

/// The reason why a partition cannot start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartError {
    /// Another program has set the group's offset, which differs from the manifest's hint.
    Moved {
        /// The group's offset.
        committed: i64,
        /// The manifest's hint.
        hint: Option<i64>,
    },
    /// The versions for the group's offset are not in this store.
    Missing {
        /// The group's offset.
        committed: i64,
        /// Id of the store that has them, if known.
        store: Option<String>,
    },
}

/// Decides at which offset a partition starts. `committed` is the group's offset with, if a stream has committed it,
/// its checkpoint.
///
/// # Errors
/// The reason why it cannot be decided without the user.
pub fn start_offset(
    manifest: Option<&Manifest>,
    committed: Committed<'_>,
    store: &str,
) -> Result<StartOffset, StartError> {
    let hint = manifest.and_then(|m| m.next_offset);
    let Some((committed, ours)) = committed else {
        return Ok(hint.map_or(StartOffset::New, StartOffset::Hint));
    };
    let missing = |store: Option<&str>| StartError::Missing { committed, store: store.map(str::to_owned) };
    match (manifest, ours) {
        (Some(_), None) => Err(StartError::Moved { committed, hint }),
        (_, Some(other)) if other.store != store => Err(missing(Some(other.store))),
        (Some(manifest), Some(ours)) if ours.is_lost(manifest) => Err(missing(Some(store))),
        (None, ours) => Err(missing(ours.map(|ours| ours.store))),
        (Some(_), Some(_)) if hint.is_some_and(|hint| committed < hint) => Err(StartError::Moved { committed, hint }),
        (Some(_), Some(_)) => Ok(StartOffset::Committed(committed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::protocol::start::CheckpointId;

    #[test]
    fn a_partition_begins_where_the_group_is() {
        let manifest = Manifest { next_offset: Some(40), seq: 5, seq_epoch: 2, ..Manifest::default() };
        let by = |store, epoch, seq| Some(CheckpointId { store, epoch, seq });
        let at = |committed| start_offset(Some(&manifest), committed, "here");
        assert_eq!(at(Some((50, by("here", 2, 5)))), Ok(StartOffset::Committed(50)));
        assert_eq!(at(Some((50, by("here", 1, 4)))), Ok(StartOffset::Committed(50)));
        assert_eq!(at(None), Ok(StartOffset::Hint(40)));
        assert_eq!(start_offset(None, None, "here"), Ok(StartOffset::New));
        assert_eq!(at(Some((39, by("here", 2, 5)))), Err(StartError::Moved { committed: 39, hint: Some(40) }));
        assert_eq!(at(Some((50, None))), Err(StartError::Moved { committed: 50, hint: Some(40) }));
        let missing = |store: &str| Err(StartError::Missing { committed: 50, store: Some(store.into()) });
        assert_eq!(at(Some((50, by("here", 2, 6)))), missing("here"));
        assert_eq!(at(Some((50, by("here", 3, 5)))), missing("here"), "the store went on without it");
        assert_eq!(at(Some((50, by("there", 2, 5)))), missing("there"));
        assert_eq!(start_offset(None, Some((50, by("here", 1, 1))), "here"), missing("here"));
        assert_eq!(
            start_offset(None, Some((50, None)), "here"),
            Err(StartError::Missing { committed: 50, store: None })
        );
    }
}
