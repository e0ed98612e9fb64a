//! Where a partition begins: from the manifest, the group's committed offset and the log, under the user's policies.

use super::Described;
use super::exactly_once::{Checkpoint, Place, Unplaced, place};
use crate::error::{Error, Result};
use crate::store::Manifest;

/// What a policy says about something that should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// The partition stalls.
    #[default]
    Fail,
    /// Fresh states.
    Reset,
    /// On with the states that there are.
    Continue,
}

/// Which offset counts when somebody else has set the group's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mismatch {
    /// That of the states.
    #[default]
    State,
    /// The group's, with fresh states.
    Group,
    /// None: the partition stalls.
    Fail,
}

/// Which policy holds for what.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies {
    /// Messages that were wanted are gone.
    pub data_loss: Policy,
    /// The group has an offset whose states are not here.
    pub missing_state: Policy,
    /// The pipeline is another one.
    pub definition: Policy,
    /// The topic has another number of partitions.
    pub partition_count: Policy,
    /// Somebody else has set the group's offset.
    pub offset_mismatch: Mismatch,
    /// Whether a partition without state and offset begins at its end.
    pub from_latest: bool,
}

/// What is known when a partition is assigned.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The manifest.
    pub manifest: Option<Manifest>,
    /// The group's committed offset and its metadata.
    pub committed: Option<(i64, String)>,
    /// What the brokers say.
    pub described: Described,
    /// The pipeline's definition.
    pub definition: String,
    /// What is promised.
    pub guarantee: &'static str,
    /// The store.
    pub store_id: String,
    /// Whether what it lacks can be had from a changelog.
    pub has_changelog: bool,
}

/// Where a partition begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Offset of the first message.
    pub offset: i64,
    /// Whether the states are to be removed.
    pub reset: bool,
    /// Number of the last checkpoint.
    pub seq: u64,
    /// Whether the store is older than the committed offset.
    pub rollback: bool,
    /// Whether the states are to be read from the changelog.
    pub rebuild: bool,
}

/// The guarantee of streams without transactions.
pub const AT_LEAST_ONCE: &str = "at-least-once";
/// The guarantee of streams with transactions.
pub const EXACTLY_ONCE: &str = "exactly-once";

/// Metadata of our commits.
pub fn metadata(store_id: &str, epoch: i64, seq: u64) -> String {
    format!("dspx1;{store_id};{epoch};{seq}")
}

/// The checkpoint of a commit of ours.
fn ours(metadata: &str) -> Option<Checkpoint<'_>> {
    let mut parts = metadata.split(';');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("dspx1"), Some(store), Some(epoch), Some(seq)) => {
            Some(Checkpoint { store, epoch: epoch.parse().ok()?, seq: seq.parse().ok()? })
        }
        _ => None,
    }
}

/// Decides where a partition begins: at the manifest's offset, under exactly-once at the group's.
///
/// # Errors
/// `StateMissing`, `Definition` or `DataLoss` where a policy says `fail`.
pub fn decide(known: &Known, policies: &Policies) -> Result<Start> {
    let committed = known.committed.as_ref().map(|(offset, metadata)| (*offset, ours(metadata)));
    // With a changelog a store that is behind the group is as good as an empty one.
    let is_behind = |manifest: &&Manifest| {
        let ours = committed.and_then(|(_, ours)| ours);
        known.has_changelog && ours.is_some_and(|ours| ours.store != known.store_id || ours.is_lost(manifest))
    };
    let mut start = match known.manifest.as_ref().filter(|manifest| !is_behind(manifest)) {
        Some(manifest) => {
            let reset = is_reset(known, manifest, policies, committed)?;
            match known.guarantee {
                EXACTLY_ONCE => at_group(known, manifest, policies, committed, reset)?,
                _ => at_manifest(known, manifest, policies, committed, reset)?,
            }
        }
        None => without_manifest(known, committed, policies)?,
    };
    start.seq = start.seq.max(committed_seq(committed));
    let Described { low, high, .. } = known.described;
    if (low..=high).contains(&start.offset) {
        return Ok(start);
    }
    let is_behind = start.offset < low;
    match policies.data_loss {
        Policy::Continue if is_behind => Ok(Start { offset: low, ..start }),
        Policy::Reset => Ok(Start { offset: low, reset: true, rebuild: false, ..start }),
        _ => Err(Error::DataLoss {
            topic: known.topic.clone(),
            partition: known.partition,
            wanted: start.offset,
            low,
            high,
        }),
    }
}

/// The group's offset, with its checkpoint where it is ours.
type Committed<'a> = Option<(i64, Option<Checkpoint<'a>>)>;

fn committed_seq(committed: Committed<'_>) -> u64 {
    committed.and_then(|(_, ours)| ours).map_or(0, |ours| ours.seq)
}

/// Whether the states are to be removed because they belong to something else.
fn is_reset(known: &Known, manifest: &Manifest, policies: &Policies, committed: Committed<'_>) -> Result<bool> {
    let name = format!("{}/{}", known.topic, known.partition);
    let mut reset = false;
    if manifest.definition != known.definition {
        match policies.definition {
            Policy::Reset => reset = true,
            _ => return Err(Error::Definition(format!("the states of {name} belong to another pipeline"))),
        }
    }
    let is_clean = match committed {
        Some((offset, _)) => manifest.next_offset == Some(offset),
        // No transaction was ever committed. What is in the store of others is removed at the start.
        None => known.guarantee == AT_LEAST_ONCE,
    };
    if manifest.guarantee != known.guarantee && !is_clean {
        let was = &manifest.guarantee;
        let text = format!("the states of {name} were written under {was} and not left by a clean stop");
        return Err(Error::Definition(text));
    }
    let partitions = known.described.partitions;
    if manifest.partitions != partitions && policies.partition_count != Policy::Continue {
        let was = manifest.partitions;
        let text =
            format!("{} had {was} partitions when its states were written and has {partitions} now", known.topic);
        return Err(Error::Definition(text));
    }
    Ok(reset)
}

/// Under exactly-once: Kafka's offset decides which version of a state counts.
fn at_group(
    known: &Known,
    manifest: &Manifest,
    policies: &Policies,
    committed: Committed<'_>,
    reset: bool,
) -> Result<Start> {
    let start = Start { offset: 0, reset, seq: manifest.seq, rollback: false, rebuild: false };
    match place(Some(manifest), committed, &known.store_id) {
        Ok(Place::Committed(offset)) => Ok(Start { offset, ..start }),
        Ok(Place::Hint(offset)) => {
            let (topic, partition) = (&known.topic, known.partition);
            tracing::warn!(target: "dsp_stream::stream", topic, partition, offset, "Kafka has no offset of the group");
            Ok(Start { offset, ..start })
        }
        Ok(Place::New) => without_manifest(known, committed, policies),
        Err(Unplaced::Missing { .. }) => without_manifest(known, committed, policies),
        Err(Unplaced::Moved { committed, hint }) => match (policies.offset_mismatch, hint) {
            (Mismatch::Group, _) => Ok(Start { offset: committed, reset: true, ..start }),
            (Mismatch::State, Some(hint)) => Ok(Start { offset: hint, ..start }),
            _ => Err(moved(known, committed, hint)),
        },
    }
}

fn moved(known: &Known, group: i64, offset: Option<i64>) -> Error {
    let place = format!("{}/{}", known.topic, known.partition);
    let offset = offset.map_or("nowhere".to_owned(), |offset| offset.to_string());
    Error::Definition(format!(
        "somebody else has set the group's offset of {place} to {group}, and its states are at {offset}"
    ))
}

/// Under at-least-once: the manifest decides.
fn at_manifest(
    known: &Known,
    manifest: &Manifest,
    policies: &Policies,
    committed: Committed<'_>,
    reset: bool,
) -> Result<Start> {
    let offset = manifest.next_offset.unwrap_or(known.described.low);
    let is_here = |ours: &Checkpoint<'_>| ours.store == known.store_id;
    let ours = committed.and_then(|(_, ours)| ours).filter(is_here);
    let rollback = ours.is_some_and(|ours| ours.is_lost(manifest));
    let start = Start { offset, reset, seq: manifest.seq, rollback, rebuild: false };
    // An offset of ours that differs is a commit that came late or not at all.
    match committed.filter(|(group, _)| *group != offset && ours.is_none()) {
        None => Ok(start),
        Some((group, _)) => match policies.offset_mismatch {
            Mismatch::State => Ok(Start { rollback: false, ..start }),
            Mismatch::Group => Ok(Start { offset: group, reset: true, rollback: false, ..start }),
            Mismatch::Fail => Err(moved(known, group, Some(offset))),
        },
    }
}

fn without_manifest(known: &Known, committed: Committed<'_>, policies: &Policies) -> Result<Start> {
    let Described { low, high, .. } = known.described;
    let Some((offset, ours)) = committed else {
        let offset = if policies.from_latest { high } else { low };
        return Ok(Start { offset, reset: false, seq: 0, rollback: false, rebuild: false });
    };
    let rebuild = known.has_changelog && ours.is_some();
    if rebuild || policies.missing_state == Policy::Reset {
        return Ok(Start { offset, reset: true, seq: 0, rollback: false, rebuild });
    }
    let why = match ours {
        Some(ours) if ours.store != known.store_id => format!("it is in the store {}", ours.store),
        Some(_) => "the store has lost it".to_owned(),
        None => "the group was used without states".to_owned(),
    };
    let store = ours.map_or(String::new(), |ours| ours.store.to_owned());
    Err(Error::StateMissing { topic: known.topic.clone(), partition: known.partition, store, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            topic: "t".into(),
            described: Described { low: 10, high: 100, partitions: 2 },
            definition: "d".into(),
            guarantee: "at-least-once",
            store_id: "store".into(),
            ..Known::default()
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
        definition: Policy::Fail,
        partition_count: Policy::Fail,
        offset_mismatch: Mismatch::Fail,
        from_latest: false,
    };

    fn start(known: &Known, policies: Policies) -> (i64, bool) {
        let start = decide(known, &policies).unwrap();
        (start.offset, start.reset)
    }

    #[test]
    fn the_manifest_counts_whatever_is_committed() {
        let stale = Some((40, metadata("store", 1, 4)));
        assert_eq!(start(&Known { manifest: manifest(50), committed: stale, ..known() }, FAIL), (50, false));
        let newer = Known { manifest: manifest(50), committed: Some((60, metadata("store", 1, 9))), ..known() };
        let start = decide(&newer, &FAIL).unwrap();
        assert_eq!((start.offset, start.seq, start.rollback), (50, 9, true));
    }

    #[test]
    fn nothing_known_begins_where_the_user_says() {
        assert_eq!(start(&known(), FAIL), (10, false));
        assert_eq!(start(&known(), Policies { from_latest: true, ..FAIL }), (100, false));
    }

    #[test]
    fn states_that_are_elsewhere_are_missed() {
        let reset = Policies { missing_state: Policy::Reset, ..FAIL };
        for (metadata, said) in
            [(metadata("other", 1, 3), "other"), (metadata("store", 1, 3), "lost"), (String::new(), "without")]
        {
            let known = Known { committed: Some((40, metadata)), ..known() };
            let error = decide(&known, &FAIL).unwrap_err();
            assert!(matches!(error, Error::StateMissing { .. }) && error.to_string().contains(said), "{error}");
            assert_eq!(start(&known, reset), (40, true));
        }
    }

    #[test]
    fn a_changelog_stands_in_for_a_store_that_is_empty_or_behind() {
        let log = Known { has_changelog: true, ..known() };
        let at = |manifest, committed| {
            let start = decide(&Known { manifest, committed, ..log.clone() }, &FAIL).unwrap();
            (start.offset, start.rebuild, start.seq)
        };
        assert_eq!(at(None, Some((60, metadata("store", 1, 9)))), (60, true, 9));
        assert_eq!(at(None, Some((60, metadata("other", 1, 3)))), (60, true, 3));
        assert_eq!(at(manifest(50), Some((60, metadata("store", 1, 9)))), (60, true, 9));
        assert_eq!(at(manifest(50), Some((60, metadata("other", 1, 3)))), (60, true, 3));
        assert_eq!(at(manifest(50), Some((40, metadata("store", 1, 4)))), (50, false, 5));
        assert_eq!(at(None, None), (10, false, 0));
        let foreign = Known { committed: Some((60, String::new())), ..log };
        assert!(matches!(decide(&foreign, &FAIL), Err(Error::StateMissing { .. })));
    }

    #[test]
    fn where_the_changelog_stands_in_the_other_policies_hold_as_ever() {
        let log = Known { has_changelog: true, ..known() };
        let lost = |offset| Known { committed: Some((offset, metadata("store", 1, 9))), ..log.clone() };
        let at =
            |known: &Known, policies| decide(known, &policies).map(|start| (start.offset, start.reset, start.rebuild));
        let reset = Policies { missing_state: Policy::Reset, ..FAIL };
        assert_eq!(at(&lost(60), reset), Ok((60, true, true)), "states that are there are not missing");
        let foreign = Known { committed: Some((60, String::new())), ..log.clone() };
        assert_eq!(at(&foreign, reset), Ok((60, true, false)));
        assert_eq!(at(&log, reset), Ok((10, false, false)));
        // What was committed is not in the log any more, and so are the messages since the states.
        assert!(matches!(at(&lost(5), FAIL), Err(Error::DataLoss { .. })));
        assert_eq!(at(&lost(5), Policies { data_loss: Policy::Reset, ..FAIL }), Ok((10, true, false)));
        assert_eq!(at(&lost(5), Policies { data_loss: Policy::Continue, ..FAIL }), Ok((10, true, true)));
        assert!(matches!(at(&lost(101), FAIL), Err(Error::DataLoss { .. })));
        // A store that is not behind is not filled, whatever else is reset.
        let changed = Known { manifest: manifest(50), definition: "e".into(), ..log.clone() };
        assert_eq!(at(&changed, Policies { definition: Policy::Reset, ..FAIL }), Ok((50, true, false)));
        let moved = Known { manifest: manifest(50), committed: Some((30, String::new())), ..log.clone() };
        assert_eq!(at(&moved, Policies { offset_mismatch: Mismatch::Group, ..FAIL }), Ok((30, true, false)));
        // Under exactly-once the same.
        let lost = Known { guarantee: EXACTLY_ONCE, ..lost(60) };
        assert_eq!(at(&lost, reset), Ok((60, true, true)));
        let moved = Known {
            guarantee: EXACTLY_ONCE,
            manifest: manifest(30).map(|m| Manifest { guarantee: EXACTLY_ONCE.into(), ..m }),
            ..moved
        };
        assert_eq!(at(&moved, Policies { offset_mismatch: Mismatch::Group, ..FAIL }), Ok((30, true, false)));
    }

    #[test]
    fn lost_history_and_a_new_topic_are_told_apart() {
        let behind = Known { manifest: manifest(5), ..known() };
        let beyond = Known { manifest: manifest(101), ..known() };
        for known in [&behind, &beyond] {
            assert!(matches!(decide(known, &FAIL), Err(Error::DataLoss { low: 10, high: 100, .. })));
            assert_eq!(start(known, Policies { data_loss: Policy::Reset, ..FAIL }), (10, true));
        }
        let go_on = Policies { data_loss: Policy::Continue, ..FAIL };
        assert_eq!(start(&behind, go_on), (10, false));
        assert!(decide(&beyond, &go_on).is_err());
        assert_eq!(start(&Known { manifest: manifest(100), ..known() }, FAIL), (100, false));
    }

    #[test]
    fn under_exactly_once_the_group_decides() {
        let manifest = manifest(50).map(|m| Manifest { guarantee: EXACTLY_ONCE.into(), ..m });
        let known = Known { manifest, guarantee: EXACTLY_ONCE, ..known() };
        let at = |committed: Option<(i64, String)>, policies| decide(&Known { committed, ..known.clone() }, &policies);
        let place = |committed, policies| at(committed, policies).map(|start| (start.offset, start.reset));
        let ours = |offset, seq| Some((offset, metadata("store", 1, seq)));
        assert_eq!(place(ours(60, 5), FAIL), Ok((60, false)));
        assert_eq!(place(None, FAIL), Ok((50, false)));
        let strict = Policies { offset_mismatch: Mismatch::Fail, ..FAIL };
        let state = Policies { offset_mismatch: Mismatch::State, ..FAIL };
        let group = Policies { offset_mismatch: Mismatch::Group, ..FAIL };
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
        let changed = Known { manifest: manifest(50), definition: "e".into(), ..known() };
        assert!(matches!(decide(&changed, &FAIL), Err(Error::Definition(_))));
        assert_eq!(start(&changed, Policies { definition: Policy::Reset, ..FAIL }), (50, true));
        let described = Described { partitions: 3, ..known().described };
        let grown = Known { manifest: manifest(50), described, ..known() };
        assert!(matches!(decide(&grown, &FAIL), Err(Error::Definition(_))));
        assert_eq!(start(&grown, Policies { partition_count: Policy::Continue, ..FAIL }), (50, false));
    }

    #[test]
    fn an_offset_that_somebody_else_has_set_is_noticed() {
        let reset = Known { manifest: manifest(50), committed: Some((30, String::new())), ..known() };
        assert!(matches!(decide(&reset, &FAIL), Err(Error::Definition(text)) if text.contains("to 30")));
        assert_eq!(start(&reset, Policies { offset_mismatch: Mismatch::State, ..FAIL }), (50, false));
        assert_eq!(start(&reset, Policies { offset_mismatch: Mismatch::Group, ..FAIL }), (30, true));
        let elsewhere = Known { committed: Some((30, metadata("other", 1, 99))), ..reset.clone() };
        assert!(decide(&elsewhere, &FAIL).is_err());
        let same = Known { committed: Some((50, String::new())), ..reset };
        assert_eq!(start(&same, FAIL), (50, false));
    }

    #[test]
    fn another_guarantee_wants_a_clean_stop() {
        let committed = |offset| Some((offset, metadata("store", 1, 5)));
        let changed =
            |offset| Known { manifest: manifest(50), committed: committed(offset), guarantee: "x", ..known() };
        assert!(matches!(decide(&changed(49), &FAIL), Err(Error::Definition(text)) if text.contains("clean stop")));
        assert_eq!(start(&changed(50), FAIL), (50, false));
        // A partition that never had a message: its traces of transactions can be told apart, those of checkpoints cannot.
        let exactly_once = manifest(50).map(|m| Manifest { guarantee: EXACTLY_ONCE.into(), ..m });
        assert_eq!(start(&Known { manifest: exactly_once, ..known() }, FAIL), (50, false));
        let idle = Known { manifest: manifest(50), guarantee: EXACTLY_ONCE, ..known() };
        assert!(matches!(decide(&idle, &FAIL), Err(Error::Definition(_))));
    }
}
