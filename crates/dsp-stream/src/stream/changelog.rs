//! The changelog: a compacted topic with the records of all checkpoints, from which a store is filled that is empty or behind.
//!
//! Same partition as the input; key = topic, a zero byte, the state's key; value = the record's bytes.

use std::collections::HashMap;
use tokio::sync::mpsc;

use super::partition::Settings;
use super::{Pair, Policy};
use crate::error::{Error, Result};
use crate::store::{Entry, Lease, Record, Slot, StateStore, new_record};

fn name(topic: &str, key: &[u8]) -> Vec<u8> {
    [topic.as_bytes(), b"\0", key].concat()
}

/// What is written for a record of a checkpoint.
pub fn pair(topic: &str, entry: &Entry, seq: u64, epoch: i64, definition: &str) -> Pair {
    (name(topic, &entry.key), Some(new_record(entry, seq, epoch, definition).encode(false)))
}

/// The newest record of each key: that of the last owner, and of those the one with the largest offset. A former owner that
/// does not know that it is one may still have written, later than its successor.
#[derive(Default)]
struct Newest(HashMap<Vec<u8>, (i64, Option<i64>)>);

impl Newest {
    /// Whether a record is newer than those of its key before it.
    fn is_newer(&mut self, key: &[u8], place: (i64, Option<i64>)) -> bool {
        let known = self.0.entry(key.to_vec()).or_insert(place);
        let is_newer = place >= *known;
        if is_newer {
            *known = place;
        }
        is_newer
    }
}

/// Fills a scope with what the changelog has, oldest first.
///
/// # Errors
/// `Definition` if it belongs to another pipeline, `Store` with code `CORRUPT` if a record is damaged, what the store says.
pub async fn rebuild(
    mut batches: mpsc::Receiver<Result<Vec<Pair>>>,
    store: &dyn StateStore,
    lease: &Lease,
    settings: &Settings,
) -> Result<()> {
    let prefix = name(&settings.input.topic, b"");
    let mut newest = Newest::default();
    while let Some(batch) = batches.recv().await {
        let mut entries: HashMap<Vec<u8>, Entry> = HashMap::new();
        for (name, value) in batch? {
            let Some(key) = name.strip_prefix(&*prefix).map(<[u8]>::to_vec) else { continue };
            let Some(bytes) = value else {
                newest.0.remove(&key);
                entries.remove(&key);
                store.remove(&lease.scope, Some(&key)).await?;
                continue;
            };
            let Record { state, format, offset, epoch, definition, .. } = Record::decode(&bytes)?;
            let is_ours = settings.definition.as_bytes().starts_with(&definition);
            if !is_ours && settings.policies.definition != Policy::Reset {
                let place = &settings.input.place;
                return Err(Error::Definition(format!("the changelog of {place} belongs to another pipeline")));
            }
            if is_ours && newest.is_newer(&key, (epoch, offset)) {
                let entry = Entry { key: key.clone(), state, format, offset, slot: Slot::Only };
                entries.insert(key, entry);
            }
        }
        store.put(lease, &entries.into_values().collect::<Vec<_>>(), None).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Format, memory};
    use crate::stream::tests::{pipeline, settings};

    /// Rebuilds from these batches; gives state and offset of the keys `a` and `b`.
    async fn rebuilt(settings: &Settings, log: Vec<Vec<Pair>>) -> Result<[Option<(Vec<u8>, Option<i64>)>; 2]> {
        let store = memory();
        let lease = store.acquire("s", "me").await?;
        let (batches, receiver) = mpsc::channel(log.len().max(1));
        for batch in log {
            batches.send(Ok(batch)).await.unwrap();
        }
        drop(batches);
        rebuild(receiver, &*store, &lease, settings).await?;
        let found = store.get_many("s", &[b"a".to_vec(), b"b".to_vec()]).await?;
        let first = |versions: &Vec<Record>| versions.first().map(|r| (r.state.clone(), r.offset));
        Ok([first(&found[0]), first(&found[1])])
    }

    fn logged(settings: &Settings, key: &str, state: &str, offset: i64, epoch: i64) -> Pair {
        let (key, state) = (key.as_bytes().to_vec(), state.as_bytes().to_vec());
        let entry = Entry { key, state, format: Format::Toon, offset: Some(offset), slot: Slot::Only };
        pair("t", &entry, 1, epoch, &settings.definition)
    }

    #[test]
    fn the_newest_record_of_the_last_owner_counts() {
        crate::runtime().block_on(async {
            let settings = settings(&pipeline());
            let log = |key, state, offset, epoch| logged(&settings, key, state, offset, epoch);
            let state = |text: &str, offset| Some((text.as_bytes().to_vec(), Some(offset)));
            // A former owner, epoch 1, writes after its successor, and once within one batch.
            let batches = vec![
                vec![log("a", "a1", 1, 1), log("b", "b2", 2, 1)],
                vec![log("a", "a4", 4, 2), log("a", "a3", 3, 1)],
                vec![log("a", "a2", 2, 1), (name("u", b"a"), Some(b"of another topic".to_vec()))],
            ];
            assert_eq!(rebuilt(&settings, batches).await.unwrap(), [state("a4", 4), state("b2", 2)]);
            let deleted = vec![vec![log("a", "a1", 1, 1), (name("t", b"a"), None)], vec![log("b", "b1", 1, 1)]];
            assert_eq!(rebuilt(&settings, deleted).await.unwrap(), [None, state("b1", 1)]);
            assert_eq!(rebuilt(&settings, vec![]).await.unwrap(), [None, None]);
        });
    }

    #[test]
    fn what_belongs_to_something_else_or_is_damaged_is_refused() {
        crate::runtime().block_on(async {
            let mut settings = settings(&pipeline());
            let other = Settings { definition: "other pipeline".into(), ..settings.clone() };
            let log = || vec![vec![logged(&other, "a", "x", 1, 1)]];
            assert!(matches!(rebuilt(&settings, log()).await, Err(Error::Definition(_))));
            settings.policies.definition = Policy::Reset;
            assert_eq!(rebuilt(&settings, log()).await.unwrap(), [None, None]);
            let damaged = vec![vec![(name("t", b"a"), Some(b"damaged".to_vec()))]];
            assert!(matches!(rebuilt(&settings, damaged).await, Err(Error::Store { code: "CORRUPT", .. })));
        });
    }
}
