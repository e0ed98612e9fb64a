//! Detection of lost writes by the owner of a scope: each of its writes leaves a unique mark in the manifest.

use std::sync::{Mutex, PoisonError};

use super::stamps::new_id;

/// The marks that an owner may find in its scope.
#[derive(Debug)]
pub struct Trail(Mutex<Marks>);

/// The marks of the last successful write and of the one under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    last: String,
    /// Kept after a failure, too: the write may have been carried out, wholly or in part.
    trying: Option<String>,
}

/// A write under way.
pub(super) struct Write {
    id: String,
    /// The mark that must be there, unless one of this write is.
    pub(super) after: Option<String>,
}

impl Trail {
    pub(super) fn new(last: String) -> Self {
        Self(Mutex::new(Marks { last, trying: None }))
    }

    /// Returns the marks that may be found now.
    pub fn marks(&self) -> Marks {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a write. After a failed one it takes its place.
    fn begin(&self) -> Write {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = marks.trying.get_or_insert_with(unique).clone();
        Write { id, after: Some(marks.last.clone()) }
    }

    /// Notes that a write has succeeded.
    fn done(&self, mark: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Marks { last: mark, trying: None };
    }
}

impl Marks {
    /// Returns whether a scope with this mark has lost nothing.
    pub fn has(&self, mark: &str) -> bool {
        mark == self.last || self.trying.as_ref().is_some_and(|id| mark.starts_with(id))
    }
}

impl Write {
    pub(super) fn begin(trail: Option<&Trail>) -> Self {
        trail.map_or_else(|| Self { id: unique(), after: None }, Trail::begin)
    }

    /// Returns the common prefix of all its marks.
    #[cfg(any(feature = "redis", test))]
    pub(super) fn prefix(&self) -> &str {
        &self.id
    }

    /// Returns whether it may follow a write with this mark.
    pub(super) fn follows(&self, mark: &str) -> bool {
        self.after.as_ref().is_none_or(|after| mark == after || mark.starts_with(&self.id))
    }

    /// Returns the mark of one of its parts; none is the prefix of another.
    pub(super) fn mark(&self, part: usize) -> String {
        format!("{}{part}.", self.id)
    }

    /// Notes that it has succeeded with this mark.
    pub(super) fn done(self, trail: Option<&Trail>, mark: String) {
        if let Some(trail) = trail {
            trail.done(mark);
        }
    }
}

fn unique() -> String {
    format!("{}.", uuid::Uuid::from_bytes(new_id()).simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Result};
    use crate::store::{Entry, Format, Lease, Slot};

    #[test]
    fn a_write_is_known_from_its_beginning_and_until_the_next_has_come_through() {
        let trail = Trail::new("e1".into());
        let write = Write::begin(Some(&trail));
        assert_eq!(write.after.as_deref(), Some("e1"));
        let (first, second) = (write.mark(0), write.mark(1));
        let marks = trail.marks();
        assert!(["e1", &first, &second].iter().all(|mark| marks.has(mark)) && !marks.has("e2") && !marks.has(""));
        // It fails: the next one stands for it.
        assert!(write.follows("e1") && write.follows(&second) && !write.follows("e2"));
        drop(write);
        let again = Write::begin(Some(&trail));
        assert_eq!((again.after.as_deref(), again.mark(0)), (Some("e1"), first.clone()));
        again.done(Some(&trail), second.clone());
        assert!(trail.marks().has(&second) && !trail.marks().has(&first) && !trail.marks().has("e1"));
        assert_ne!(Write::begin(Some(&trail)).mark(1), second);
    }

    #[test]
    fn a_store_that_has_lost_a_write_is_not_written_on() {
        crate::runtime().block_on(async {
            let store = crate::store::memory();
            let lease = store.acquire("s", "me").await.unwrap().followed();
            let entry = |key: &str| Entry {
                key: key.into(),
                state: b"state".to_vec(),
                format: Format::Toon,
                offset: Some(1),
                definition: None,
                slot: Slot::Only,
            };
            store.put(&lease, &[entry("a")], None).await.unwrap();
            store.put(&lease, &[entry("b")], None).await.unwrap();
            // Somebody whose lease counts as well has written: what this owner finds is not what it has left.
            store.put(&Lease { trail: None, ..lease.clone() }, &[], None).await.unwrap();
            let refused = |result: Result<()>| matches!(result, Err(Error::Store { code: "SCOPE_CHANGED", .. }));
            assert!(refused(store.put(&lease, &[entry("c")], None).await));
            let lease = store.acquire("s", "me").await.unwrap().followed();
            store.remove("s", None).await.unwrap();
            assert!(refused(store.put(&lease, &[entry("c")], None).await));
            assert!(store.get_many("s", &[b"c".to_vec()]).await.unwrap()[0].is_empty());
        });
    }

    #[test]
    fn without_a_trail_a_write_follows_anything() {
        let write = Write::begin(None);
        assert_eq!(write.after, None);
        assert!(write.follows("") && write.follows("e1"));
        assert!(write.mark(3).starts_with(write.prefix()) && !write.mark(30).starts_with(&write.mark(3)));
    }
}
