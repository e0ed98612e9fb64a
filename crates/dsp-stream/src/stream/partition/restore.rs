//! Acquiring the scope, deciding where a partition starts, and removing records that are not valid.

use crate::error::Result;
use crate::store::{Lease, Manifest, Pages, StateStore};
use crate::stream::guarantee::session::Session;
use crate::stream::guarantee::start;
use crate::stream::guarantee::strategy::Strategy;
use crate::stream::migration;
use crate::stream::protocol::port::Port;
use crate::stream::protocol::settings::Settings;
use crate::stream::protocol::start::{Start, StartFacts};
use crate::stream::protocol::status::{PartitionState, Reporter};

use super::changelog;

/// Acquires the scope, decides where to start and moves there. Returns the session, and whether the store is older than
/// the group's offset.
pub(super) async fn restore<S: Strategy>(
    strategy: &S,
    port: &impl Port,
    store: &dyn StateStore,
    settings: &Settings,
    report: &Reporter,
) -> Result<(Session, bool)> {
    let (lease, facts, start) = acquire(strategy, port, store, settings, report).await?;
    migration::keep_own(store, settings).await?;
    if start.reset {
        clear(store, &lease.scope).await?;
    } else {
        strategy.adopt(store, &lease, &start).await?;
    }
    let mut is_fresh = start.reset || lease.manifest.is_none();
    if start.rebuild {
        is_fresh = !changelog::rebuild(port.replay(), store, &lease, settings, start.offset).await?;
        if is_fresh {
            clear(store, &lease.scope).await?;
        }
    }
    let topic = &settings.config.changelog_topic;
    let is_logged = |m: &Manifest| m.changelog == *topic;
    let is_ours = |m: &Manifest| m.definition == settings.definition;
    // Before the manifest: from then on nobody would know that the changelog has states that do not count, or lacks
    // some.
    if topic.is_some() {
        if is_fresh {
            changelog::begin((strategy, port), &lease, settings, start.seq + 1).await?;
        } else if !start.rebuild && !lease.manifest.as_ref().is_some_and(is_logged) {
            changelog::copy((strategy, port), store, &lease, settings, start).await?;
        } else if start.rebuild || !lease.manifest.as_ref().is_some_and(is_ours) {
            changelog::define((strategy, port), &lease, settings, start.seq + 1).await?;
        }
    }
    let hint = strategy.offset_hint(facts.committed.map(|(offset, _)| offset), &start);
    let guarantee = settings.guarantee().name();
    let is_same = |m: &Manifest| m.next_offset == Some(hint) && m.guarantee == guarantee && is_logged(m) && is_ours(m);
    let (mut seq, partitions) = (start.seq, facts.watermarks.partitions);
    if start.reset || !lease.manifest.as_ref().is_some_and(is_same) {
        seq += 1;
        store.put(&lease, &[], Some(&settings.manifest(Some(hint), seq, partitions))).await?;
    }
    port.rewind(start.offset).await?;
    Ok((Session::new(lease, seq, partitions, start.offset), start.rollback))
}

/// Acquires the scope and decides where to start.
async fn acquire<S: Strategy>(
    strategy: &S,
    port: &impl Port,
    store: &dyn StateStore,
    settings: &Settings,
    report: &Reporter,
) -> Result<(Lease, StartFacts, Start)> {
    let (scope, config) = (settings.scope(), &settings.config);
    let mut refused = None;
    loop {
        let lease = store.acquire(&scope, &config.owner).await?.followed();
        report.enter(PartitionState::Restoring);
        let watermarks = port.watermarks().await?;
        // Read after the scope was acquired: what is committed later comes from an owner that could store nothing any
        // more.
        let committed = strategy.committed(port).await?;
        let facts = StartFacts {
            source: settings.source.clone(),
            manifest: lease.manifest.clone(),
            committed,
            watermarks,
            definition: settings.definition.clone(),
            guarantee: config.guarantee,
            store_id: store.store_id().to_owned(),
            has_changelog: config.changelog_topic.is_some(),
            from_latest: config.input.from_latest,
        };
        match start::decide(&facts, &config.policies) {
            Ok(start) => return Ok((lease, facts, start)),
            // A former owner may have stored something between the two looks: only a manifest that stays is a reason.
            Err(error) => {
                let manifest = lease.manifest.map(|m| (m.seq, m.next_offset));
                if !S::OUTLIVED_BY_WRITES || refused.replace(manifest) == Some(manifest) {
                    return Err(error);
                }
            }
        }
    }
}

/// Removes all records of a scope, but keeps its epoch, so that a former owner remains fenced.
async fn clear(store: &dyn StateStore, scope: &str) -> Result<()> {
    let mut pages = Pages::new(store, scope);
    while let Some(page) = pages.next().await? {
        for (key, _) in page {
            store.remove(scope, Some(&key)).await?;
        }
    }
    Ok(())
}
