//! Filling a store from the changelog, and starting a changelog.

use std::collections::HashMap;
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::store::{Entry, Lease, Pages, Record, Slot, StateStore, short};
use crate::stream::changelog::{marker, pipeline, pipeline_prefix, record, record_key};
use crate::stream::guarantee::strategy::Strategy;
use crate::stream::migration;
use crate::stream::protocol::config::{DefinitionChange, Guarantee, Policy};
use crate::stream::protocol::port::Port;
use crate::stream::protocol::settings::Settings;
use crate::stream::protocol::start::Start;
use crate::topic::KeyedRecord;

/// Says in the changelog to which definition states belong from here on; those that are there still belong to theirs.
///
/// # Errors
/// As the brokers fail.
pub async fn define(
    (strategy, port): (&impl Strategy, &impl Port),
    lease: &Lease,
    settings: &Settings,
    seq: u64,
) -> Result<()> {
    strategy.log(port, vec![pipeline(settings, seq, lease.epoch)]).await
}

/// Says in the changelog that from here on it has all states: they begin as fresh ones.
///
/// # Errors
/// Errors of the brokers.
pub async fn begin(
    (strategy, port): (&impl Strategy, &impl Port),
    lease: &Lease,
    settings: &Settings,
    seq: u64,
) -> Result<()> {
    let marker = marker(&settings.source.topic, seq, lease.epoch, &settings.definition);
    strategy.log(port, vec![pipeline(settings, seq, lease.epoch), marker]).await
}

/// Writes the states of a store to a changelog that was not written with them, before the marker.
///
/// # Errors
/// Errors of the brokers and of the store.
pub async fn copy(
    (strategy, port): (&impl Strategy, &impl Port),
    store: &dyn StateStore,
    lease: &Lease,
    settings: &Settings,
    start: Start,
) -> Result<()> {
    let (topic, guarantee) = (&settings.source.topic, settings.guarantee());
    let mut pages = Pages::new(store, &lease.scope);
    while let Some(page) = pages.next().await? {
        let keys: Vec<Vec<u8>> = page.into_iter().map(|(key, _)| key).collect();
        let found = store.get_many(&lease.scope, &keys).await?;
        let valid = |(key, versions): (Vec<u8>, &Vec<Record>)| {
            let found = guarantee.version_before(versions, start.offset)?.clone();
            let Record { state, format, offset, definition, .. } = found;
            let entry = Entry { key, state, format, offset, definition: Some(definition), slot: Slot::Only };
            Some(record(topic, &entry, start.seq, lease.epoch, &settings.definition))
        };
        let records: Vec<KeyedRecord> = keys.into_iter().zip(&found).filter_map(valid).collect();
        if !records.is_empty() {
            strategy.log(port, records).await?;
        }
    }
    begin((strategy, port), lease, settings, start.seq + 1).await
}

/// The newest record of a key: that of the last owner, and of its records the one with the largest offset. A former
/// owner that does not know that it has been replaced may have written later than its successor.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Newest {
    epoch: i64,
    offset: Option<i64>,
    is_ours: bool,
}

/// Fills a scope from the changelog, oldest record first; `next` is the first message that is to be processed. Returns
/// whether the changelog has the states; if not, the scope must be emptied, and they begin as fresh ones.
///
/// # Errors
/// `Definition` if it belongs to another pipeline, or was not left by a clean stop before transactions; `StateMissing`
/// if it does not have all states; `Store` with code `CORRUPT` if a record is damaged, or another error of the store.
pub async fn rebuild(
    mut batches: mpsc::Receiver<Result<Vec<KeyedRecord>>>,
    store: &dyn StateStore,
    lease: &Lease,
    settings: &Settings,
    next: i64,
) -> Result<bool> {
    let (source, policies) = (&settings.source, &settings.config.policies);
    let topic = &source.topic;
    let (prefix, definitions) = (record_key(topic, b""), pipeline_prefix(topic));
    let ours = short(&settings.definition);
    let mut newest: HashMap<Vec<u8>, Newest> = HashMap::new();
    let mut marked = None;
    // The definition of the last owner who has said so, with the epoch.
    let mut last = None;
    while let Some(batch) = batches.recv().await {
        let mut entries: HashMap<Vec<u8>, Entry> = HashMap::new();
        for (name, value) in batch? {
            if name == topic.as_bytes() {
                let marker = value.as_deref().map(Record::decode).transpose()?;
                marked = marked.max(marker.map(|marker| marker.epoch));
                continue;
            }
            if name.starts_with(&definitions) {
                if let Some(Record { state, epoch, definition, .. }) =
                    value.as_deref().map(Record::decode).transpose()?
                {
                    migration::keep(store, settings, definition, &state).await?;
                    last = last.max(Some((epoch, definition)));
                }
                continue;
            }
            let Some(key) = name.strip_prefix(&*prefix).map(<[u8]>::to_vec) else { continue };
            let Some(bytes) = value else {
                newest.remove(&key);
                entries.remove(&key);
                store.remove(&lease.scope, Some(&key)).await?;
                continue;
            };
            let Record { state, format, offset, epoch, definition, .. } = Record::decode(&bytes)?;
            let record = Newest { epoch, offset, is_ours: definition == ours };
            if newest.get(&key).is_some_and(|known| *known > record) {
                continue;
            }
            newest.insert(key.clone(), record);
            let definition = Some(definition);
            entries.insert(key.clone(), Entry { key, state, format, offset, definition, slot: Slot::Only });
        }
        store.put(lease, &entries.into_values().collect::<Vec<_>>(), None).await?;
    }
    let counts = |record: &Newest| Some(record.epoch) >= marked;
    for (key, _) in newest.iter().filter(|(_, record)| !counts(record)) {
        store.remove(&lease.scope, Some(key)).await?;
    }
    newest.retain(|_, record| counts(record));
    // Without a marker the beginning is missing, or all.
    if marked.is_none() && policies.missing_state != Policy::Reset {
        let (topic, partition) = (topic.clone(), source.partition);
        let why = "neither it nor the changelog has all of it".to_owned();
        return Err(Error::StateMissing { topic, partition, store: String::new(), why });
    }
    let is_adopted = last.is_some_and(|(_, definition)| definition == ours)
        || policies.definition_change == DefinitionChange::Migrate
        || newest.values().all(|record| record.is_ours);
    if !is_adopted && policies.definition_change == DefinitionChange::Fail {
        return Err(Error::Definition(format!("the changelog of {source} belongs to another pipeline")));
    }
    // With transactions no record is ahead of the group's offset.
    let is_ahead = newest.values().any(|record| record.offset >= Some(next));
    if settings.guarantee() == Guarantee::ExactlyOnce && is_adopted && is_ahead {
        let text = format!("the changelog of {source} was written without transactions and not left by a clean stop");
        return Err(Error::Definition(text));
    }
    Ok(is_adopted && marked.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Format, memory};
    use crate::stream::tests::{pipeline, settings};

    /// State and offset of the keys `a` and `b`.
    type Found = [Option<(Vec<u8>, Option<i64>)>; 2];

    /// Rebuilds from these batches.
    async fn rebuilt(settings: &Settings, log: Vec<Vec<KeyedRecord>>) -> Result<(bool, Found)> {
        let store = memory();
        let lease = store.acquire("s", "me").await?;
        let (batches, receiver) = mpsc::channel(log.len().max(1));
        for batch in log {
            batches.send(Ok(batch)).await.unwrap();
        }
        drop(batches);
        let has_states = rebuild(receiver, &*store, &lease, settings, 10).await?;
        let found = store.get_many("s", &[b"a".to_vec(), b"b".to_vec()]).await?;
        let first = |versions: &Vec<Record>| versions.first().map(|r| (r.state.clone(), r.offset));
        Ok((has_states, [first(&found[0]), first(&found[1])]))
    }

    fn logged(settings: &Settings, key: &str, state: &str, offset: i64, epoch: i64) -> KeyedRecord {
        let (key, state) = (key.as_bytes().to_vec(), state.as_bytes().to_vec());
        let (format, offset) = (Format::Toon, Some(offset));
        let entry = Entry { key, state, format, offset, definition: None, slot: Slot::Only };
        record("t", &entry, 1, epoch, &settings.definition)
    }

    fn state(text: &str, offset: i64) -> Option<(Vec<u8>, Option<i64>)> {
        Some((text.as_bytes().to_vec(), Some(offset)))
    }

    #[test]
    fn the_newest_record_of_the_last_owner_counts() {
        crate::runtime().block_on(async {
            let settings = settings(&pipeline());
            let log = |key, state, offset, epoch| logged(&settings, key, state, offset, epoch);
            let mark = marker("t", 1, 1, &settings.definition);
            // A former owner, epoch 1, writes after its successor, and once within one batch.
            let batches = vec![
                vec![mark.clone(), log("a", "a1", 1, 1), log("b", "b2", 2, 1)],
                vec![log("a", "a4", 4, 2), log("a", "a3", 3, 1)],
                vec![log("a", "a2", 2, 1), (record_key("u", b"a"), Some(b"of another topic".to_vec()))],
            ];
            assert_eq!(rebuilt(&settings, batches).await, Ok((true, [state("a4", 4), state("b2", 2)])));
            let deleted =
                vec![vec![mark, log("a", "a1", 1, 1), (record_key("t", b"a"), None)], vec![log("b", "b1", 1, 1)]];
            assert_eq!(rebuilt(&settings, deleted).await, Ok((true, [None, state("b1", 1)])));
        });
    }

    #[test]
    fn what_was_written_before_a_marker_by_others_does_not_count_wherever_it_is() {
        crate::runtime().block_on(async {
            let settings = settings(&pipeline());
            let log = |key, state, offset, epoch| logged(&settings, key, state, offset, epoch);
            let mark = |epoch| marker("t", 1, epoch, &settings.definition);
            let old = || vec![log("a", "a5", 5, 1), log("b", "b6", 6, 1)];
            assert_eq!(rebuilt(&settings, vec![old(), vec![mark(2)]]).await, Ok((true, [None, None])));
            // With the marker in the middle, of another batch or not; an older marker after it changes nothing.
            let new = || vec![log("a", "a3", 3, 2)];
            let late = || vec![log("b", "b7", 7, 1), mark(1)];
            let batches = vec![old(), vec![mark(2)], new(), late()];
            assert_eq!(rebuilt(&settings, batches.clone()).await, Ok((true, [state("a3", 3), None])));
            assert_eq!(rebuilt(&settings, vec![batches.concat()]).await, Ok((true, [state("a3", 3), None])));
            // The marker's own owner wrote before it: a dump of its states may come first.
            assert_eq!(rebuilt(&settings, vec![new(), vec![mark(2)]]).await, Ok((true, [state("a3", 3), None])));
            let elsewhere = ("u".into(), Some(b"of another topic".to_vec()));
            assert_eq!(rebuilt(&settings, vec![vec![mark(1), elsewhere]]).await, Ok((true, [None, None])));
        });
    }

    #[test]
    fn a_changelog_without_its_beginning_leaves_it_to_the_policy() {
        crate::runtime().block_on(async {
            let mut settings = settings(&pipeline());
            let some = logged(&settings, "a", "a1", 1, 1);
            let log = || vec![vec![("u".into(), Some(b"of another topic".to_vec()))], vec![some.clone()]];
            assert!(matches!(rebuilt(&settings, vec![]).await, Err(Error::StateMissing { .. })));
            assert!(matches!(rebuilt(&settings, log()).await, Err(Error::StateMissing { .. })));
            settings.config.policies.missing_state = Policy::Reset;
            assert!(!rebuilt(&settings, log()).await.unwrap().0);
        });
    }

    #[test]
    fn what_belongs_to_another_pipeline_is_refused_or_begins_anew() {
        crate::runtime().block_on(async {
            let mut settings = settings(&pipeline());
            let other = Settings { definition: "other pipeline".into(), ..settings.clone() };
            let ours = settings.clone();
            let mark = |epoch| marker("t", 1, epoch, &ours.definition);
            let log = || vec![vec![mark(1), logged(&ours, "b", "b1", 1, 1)], vec![logged(&other, "a", "x", 2, 2)]];
            assert!(matches!(rebuilt(&settings, log()).await, Err(Error::Definition(_))));
            // Reset long ago: what the other one has left does not count.
            let reset = [log(), vec![vec![mark(3), logged(&ours, "b", "b3", 3, 3)]]].concat();
            assert_eq!(rebuilt(&settings, reset).await, Ok((true, [None, state("b3", 3)])));
            settings.config.policies.definition_change = DefinitionChange::Reset;
            assert!(!rebuilt(&settings, log()).await.unwrap().0);
        });
    }

    #[test]
    fn a_damaged_record_is_refused() {
        crate::runtime().block_on(async {
            for key in [record_key("t", b"a"), b"t".to_vec()] {
                let damaged = vec![vec![(key, Some(b"damaged".to_vec()))]];
                let result = rebuilt(&settings(&pipeline()), damaged).await;
                assert!(matches!(result, Err(Error::Store { code: "CORRUPT", .. })));
            }
        });
    }
}
