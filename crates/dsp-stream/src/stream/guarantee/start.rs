//! The start of a partition: from the manifest, the group's committed offset and the log, under the user's policies.

use super::{at_least_once, exactly_once};
use crate::error::{Error, Result};
use crate::store::Manifest;
use crate::stream::protocol::config::{DefinitionChange, Guarantee, Policies, Policy};
use crate::stream::protocol::start::{CheckpointId, Committed, Start, StartFacts};
use crate::topic::Watermarks;

/// Decides where a partition starts: at the manifest's offset, under exactly-once at the group's. Without both it
/// starts at the end of the log with `from_latest`, else at its beginning.
///
/// # Errors
/// `StateMissing`, `Definition` or `DataLoss` if a policy is `fail`.
pub fn decide(facts: &StartFacts, policies: &Policies) -> Result<Start> {
    let committed = facts.committed.as_ref().map(|(offset, metadata)| (*offset, CheckpointId::of(metadata)));
    let mut start = match facts.manifest.as_ref().filter(|manifest| !is_behind_changelog(facts, manifest, committed)) {
        Some(manifest) => {
            let reset = is_reset(facts, manifest, policies, committed)?;
            let found = match facts.guarantee {
                Guarantee::AtLeastOnce => Some(at_least_once::start::start(facts, manifest, policies, committed)?),
                Guarantee::ExactlyOnce => exactly_once::start::start(facts, manifest, policies, committed)?,
            };
            match found {
                Some(start) => Start { reset: start.reset || reset, ..start },
                None => without_manifest(facts, committed, policies)?,
            }
        }
        None => without_manifest(facts, committed, policies)?,
    };
    start.seq = start.seq.max(committed.and_then(|(_, ours)| ours).map_or(0, |ours| ours.seq));
    within_log(facts, policies, start)
}

/// Returns whether the store is behind the group, and a changelog has the missing states: then the store is treated as
/// empty.
fn is_behind_changelog(facts: &StartFacts, manifest: &Manifest, committed: Committed<'_>) -> bool {
    let ours = committed.and_then(|(_, ours)| ours);
    facts.has_changelog && ours.is_some_and(|ours| ours.store != facts.store_id || ours.is_lost(manifest))
}

/// Moves a start that is not in the log, if the policy allows it.
fn within_log(facts: &StartFacts, policies: &Policies, start: Start) -> Result<Start> {
    let Watermarks { low, high, .. } = facts.watermarks;
    if (low..=high).contains(&start.offset) {
        return Ok(start);
    }
    match policies.data_loss {
        Policy::Continue if start.offset < low => Ok(Start { offset: low, ..start }),
        Policy::Reset => Ok(Start { offset: low, reset: true, rebuild: false, ..start }),
        _ => Err(Error::DataLoss {
            topic: facts.source.topic.clone(),
            partition: facts.source.partition,
            wanted: start.offset,
            low,
            high,
        }),
    }
}

/// Returns whether the states must be removed because they belong to something else.
fn is_reset(facts: &StartFacts, manifest: &Manifest, policies: &Policies, committed: Committed<'_>) -> Result<bool> {
    let (source, now) = (&facts.source, facts.guarantee);
    let is_other = manifest.definition != facts.definition;
    let reset = is_other && policies.definition_change == DefinitionChange::Reset;
    if is_other && policies.definition_change == DefinitionChange::Fail {
        return Err(Error::Definition(format!("the states of {source} belong to another pipeline")));
    }
    let is_clean = match committed {
        Some((offset, _)) => manifest.next_offset == Some(offset),
        // No transaction was ever committed. What is in the store of others is removed at the start.
        None => now == Guarantee::AtLeastOnce,
    };
    if manifest.guarantee != now.name() && !is_clean {
        let was = &manifest.guarantee;
        let text = format!("the states of {source} were written under {was} and not left by a clean stop");
        return Err(Error::Definition(text));
    }
    let partitions = facts.watermarks.partitions;
    if manifest.partitions != partitions && policies.partition_count_change != Policy::Continue {
        let (topic, was) = (&source.topic, manifest.partitions);
        let text = format!("{topic} had {was} partitions when its states were written and has {partitions} now");
        return Err(Error::Definition(text));
    }
    Ok(reset)
}

fn without_manifest(facts: &StartFacts, committed: Committed<'_>, policies: &Policies) -> Result<Start> {
    let Watermarks { low, high, .. } = facts.watermarks;
    let Some((offset, ours)) = committed else {
        return Ok(Start { offset: if facts.from_latest { high } else { low }, ..Start::default() });
    };
    let rebuild = facts.has_changelog && ours.is_some();
    if rebuild || policies.missing_state == Policy::Reset {
        return Ok(Start { offset, reset: true, rebuild, ..Start::default() });
    }
    let why = match ours {
        Some(ours) if ours.store != facts.store_id => format!("it is in the store {}", ours.store),
        Some(_) => "the store has lost it".to_owned(),
        None => "the group was used without states".to_owned(),
    };
    let store = ours.map_or(String::new(), |ours| ours.store.to_owned());
    Err(Error::StateMissing { topic: facts.source.topic.clone(), partition: facts.source.partition, store, why })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::protocol::config::OffsetMismatch;
    use crate::topic::TopicPartition;

    fn metadata(store: &str, epoch: i64, seq: u64) -> String {
        CheckpointId { store, epoch, seq }.metadata()
    }

    fn facts() -> StartFacts {
        StartFacts {
            source: TopicPartition::new("t", 0),
            watermarks: Watermarks { low: 10, high: 100, partitions: 2 },
            definition: "d".into(),
            guarantee: Guarantee::AtLeastOnce,
            store_id: "store".into(),
            ..StartFacts::default()
        }
    }

    fn manifest(next: i64) -> Option<Manifest> {
        Some(Manifest {
            epoch: 1,
            owner: String::new(),
            next_offset: Some(next),
            seq: 5,
            definition: "d".into(),
            guarantee: "at-least-once".into(),
            partitions: 2,
            store_id: "store".into(),
            updated_at: 0.0,
            seq_epoch: 1,
            mark: String::new(),
            changelog: None,
        })
    }

    const FAIL: Policies = Policies {
        data_loss: Policy::Fail,
        missing_state: Policy::Fail,
        definition_change: DefinitionChange::Fail,
        partition_count_change: Policy::Fail,
        offset_mismatch: OffsetMismatch::Fail,
    };

    fn start(facts: &StartFacts, policies: Policies) -> (i64, bool) {
        let start = decide(facts, &policies).unwrap();
        (start.offset, start.reset)
    }

    #[test]
    fn the_manifest_counts_whatever_is_committed() {
        let stale = Some((40, metadata("store", 1, 4)));
        assert_eq!(start(&StartFacts { manifest: manifest(50), committed: stale, ..facts() }, FAIL), (50, false));
        let newer = StartFacts { manifest: manifest(50), committed: Some((60, metadata("store", 1, 9))), ..facts() };
        let start = decide(&newer, &FAIL).unwrap();
        assert_eq!((start.offset, start.seq, start.rollback), (50, 9, true));
    }

    #[test]
    fn nothing_known_begins_where_the_user_says() {
        assert_eq!(start(&facts(), FAIL), (10, false));
        assert_eq!(start(&StartFacts { from_latest: true, ..facts() }, FAIL), (100, false));
    }

    #[test]
    fn states_that_are_elsewhere_are_missed() {
        let reset = Policies { missing_state: Policy::Reset, ..FAIL };
        for (metadata, said) in
            [(metadata("other", 1, 3), "other"), (metadata("store", 1, 3), "lost"), (String::new(), "without")]
        {
            let facts = StartFacts { committed: Some((40, metadata)), ..facts() };
            let error = decide(&facts, &FAIL).unwrap_err();
            assert!(matches!(error, Error::StateMissing { .. }) && error.to_string().contains(said), "{error}");
            assert_eq!(start(&facts, reset), (40, true));
        }
    }

    #[test]
    fn a_changelog_stands_in_for_a_store_that_is_empty_or_behind() {
        let log = StartFacts { has_changelog: true, ..facts() };
        let at = |manifest, committed| {
            let start = decide(&StartFacts { manifest, committed, ..log.clone() }, &FAIL).unwrap();
            (start.offset, start.rebuild, start.seq)
        };
        assert_eq!(at(None, Some((60, metadata("store", 1, 9)))), (60, true, 9));
        assert_eq!(at(None, Some((60, metadata("other", 1, 3)))), (60, true, 3));
        assert_eq!(at(manifest(50), Some((60, metadata("store", 1, 9)))), (60, true, 9));
        assert_eq!(at(manifest(50), Some((60, metadata("other", 1, 3)))), (60, true, 3));
        assert_eq!(at(manifest(50), Some((40, metadata("store", 1, 4)))), (50, false, 5));
        assert_eq!(at(None, None), (10, false, 0));
        let foreign = StartFacts { committed: Some((60, String::new())), ..log };
        assert!(matches!(decide(&foreign, &FAIL), Err(Error::StateMissing { .. })));
    }

    #[test]
    fn where_the_changelog_stands_in_the_other_policies_hold_as_ever() {
        let log = StartFacts { has_changelog: true, ..facts() };
        let lost = |offset| StartFacts { committed: Some((offset, metadata("store", 1, 9))), ..log.clone() };
        let at = |facts: &StartFacts, policies| {
            decide(facts, &policies).map(|start| (start.offset, start.reset, start.rebuild))
        };
        let reset = Policies { missing_state: Policy::Reset, ..FAIL };
        assert_eq!(at(&lost(60), reset), Ok((60, true, true)), "states that are there are not missing");
        let foreign = StartFacts { committed: Some((60, String::new())), ..log.clone() };
        assert_eq!(at(&foreign, reset), Ok((60, true, false)));
        assert_eq!(at(&log, reset), Ok((10, false, false)));
        // What was committed is not in the log any more, and so are the messages since the states.
        assert!(matches!(at(&lost(5), FAIL), Err(Error::DataLoss { .. })));
        assert_eq!(at(&lost(5), Policies { data_loss: Policy::Reset, ..FAIL }), Ok((10, true, false)));
        assert_eq!(at(&lost(5), Policies { data_loss: Policy::Continue, ..FAIL }), Ok((10, true, true)));
        assert!(matches!(at(&lost(101), FAIL), Err(Error::DataLoss { .. })));
        // A store that is not behind is not filled, whatever else is reset.
        let changed = StartFacts { manifest: manifest(50), definition: "e".into(), ..log.clone() };
        assert_eq!(
            at(&changed, Policies { definition_change: DefinitionChange::Reset, ..FAIL }),
            Ok((50, true, false))
        );
        let moved = StartFacts { manifest: manifest(50), committed: Some((30, String::new())), ..log.clone() };
        assert_eq!(at(&moved, Policies { offset_mismatch: OffsetMismatch::Group, ..FAIL }), Ok((30, true, false)));
        // Under exactly-once the same.
        let lost = StartFacts { guarantee: Guarantee::ExactlyOnce, ..lost(60) };
        assert_eq!(at(&lost, reset), Ok((60, true, true)));
        let moved = StartFacts {
            guarantee: Guarantee::ExactlyOnce,
            manifest: manifest(30).map(|m| Manifest { guarantee: Guarantee::ExactlyOnce.name().into(), ..m }),
            ..moved
        };
        assert_eq!(at(&moved, Policies { offset_mismatch: OffsetMismatch::Group, ..FAIL }), Ok((30, true, false)));
    }

    #[test]
    fn lost_history_and_a_new_topic_are_told_apart() {
        let behind = StartFacts { manifest: manifest(5), ..facts() };
        let beyond = StartFacts { manifest: manifest(101), ..facts() };
        for facts in [&behind, &beyond] {
            assert!(matches!(decide(facts, &FAIL), Err(Error::DataLoss { low: 10, high: 100, .. })));
            assert_eq!(start(facts, Policies { data_loss: Policy::Reset, ..FAIL }), (10, true));
        }
        let go_on = Policies { data_loss: Policy::Continue, ..FAIL };
        assert_eq!(start(&behind, go_on), (10, false));
        assert!(decide(&beyond, &go_on).is_err());
        assert_eq!(start(&StartFacts { manifest: manifest(100), ..facts() }, FAIL), (100, false));
    }

    #[test]
    fn under_exactly_once_the_group_decides() {
        let manifest = manifest(50).map(|m| Manifest { guarantee: Guarantee::ExactlyOnce.name().into(), ..m });
        let facts = StartFacts { manifest, guarantee: Guarantee::ExactlyOnce, ..facts() };
        let at =
            |committed: Option<(i64, String)>, policies| decide(&StartFacts { committed, ..facts.clone() }, &policies);
        let place = |committed, policies| at(committed, policies).map(|start| (start.offset, start.reset));
        let ours = |offset, seq| Some((offset, metadata("store", 1, seq)));
        assert_eq!(place(ours(60, 5), FAIL), Ok((60, false)));
        assert_eq!(place(None, FAIL), Ok((50, false)));
        let strict = Policies { offset_mismatch: OffsetMismatch::Fail, ..FAIL };
        let state = Policies { offset_mismatch: OffsetMismatch::State, ..FAIL };
        let group = Policies { offset_mismatch: OffsetMismatch::Group, ..FAIL };
        for moved in [ours(40, 5), Some((60, String::new()))] {
            assert!(matches!(at(moved.clone(), strict), Err(Error::Definition(_))));
            assert_eq!(place(moved.clone(), state), Ok((50, false)));
            assert_eq!(place(moved.clone(), group), Ok((moved.unwrap().0, true)));
        }
        assert!(matches!(at(ours(60, 6), FAIL), Err(Error::StateMissing { .. })));
        let reset = Policies { missing_state: Policy::Reset, ..FAIL };
        assert_eq!(place(ours(60, 6), reset), Ok((60, true)));
    }

    #[test]
    fn another_pipeline_or_partitioning_is_noticed() {
        let changed = StartFacts { manifest: manifest(50), definition: "e".into(), ..facts() };
        assert!(matches!(decide(&changed, &FAIL), Err(Error::Definition(_))));
        assert_eq!(start(&changed, Policies { definition_change: DefinitionChange::Reset, ..FAIL }), (50, true));
        assert_eq!(start(&changed, Policies { definition_change: DefinitionChange::Migrate, ..FAIL }), (50, false));
        let watermarks = Watermarks { partitions: 3, ..facts().watermarks };
        let grown = StartFacts { manifest: manifest(50), watermarks, ..facts() };
        assert!(matches!(decide(&grown, &FAIL), Err(Error::Definition(_))));
        assert_eq!(start(&grown, Policies { partition_count_change: Policy::Continue, ..FAIL }), (50, false));
    }

    #[test]
    fn an_offset_that_somebody_else_has_set_is_noticed() {
        let reset = StartFacts { manifest: manifest(50), committed: Some((30, String::new())), ..facts() };
        assert!(matches!(decide(&reset, &FAIL), Err(Error::Definition(text)) if text.contains("to 30")));
        assert_eq!(start(&reset, Policies { offset_mismatch: OffsetMismatch::State, ..FAIL }), (50, false));
        assert_eq!(start(&reset, Policies { offset_mismatch: OffsetMismatch::Group, ..FAIL }), (30, true));
        let elsewhere = StartFacts { committed: Some((30, metadata("other", 1, 99))), ..reset.clone() };
        assert!(decide(&elsewhere, &FAIL).is_err());
        let same = StartFacts { committed: Some((50, String::new())), ..reset };
        assert_eq!(start(&same, FAIL), (50, false));
    }

    #[test]
    fn another_guarantee_wants_a_clean_stop() {
        let committed = |offset| Some((offset, metadata("store", 1, 5)));
        let changed = |offset| StartFacts {
            manifest: manifest(50),
            committed: committed(offset),
            guarantee: Guarantee::ExactlyOnce,
            ..facts()
        };
        assert!(matches!(decide(&changed(49), &FAIL), Err(Error::Definition(text)) if text.contains("clean stop")));
        assert_eq!(start(&changed(50), FAIL), (50, false));
        // A partition that never had a message: its traces of transactions can be told apart, those of checkpoints
        // cannot.
        let exactly_once = manifest(50).map(|m| Manifest { guarantee: Guarantee::ExactlyOnce.name().into(), ..m });
        assert_eq!(start(&StartFacts { manifest: exactly_once, ..facts() }, FAIL), (50, false));
        let idle = StartFacts { manifest: manifest(50), guarantee: Guarantee::ExactlyOnce, ..facts() };
        assert!(matches!(decide(&idle, &FAIL), Err(Error::Definition(_))));
    }
}
