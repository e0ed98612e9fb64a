//! Where a partition begins, and what has to be cleared away before.

use super::status::Report;
use super::{Session, Settings};
use crate::error::Result;
use crate::store::{Entry, Lease, Manifest, Pages, Record, Slot, StateStore};
use crate::stream::assignment::{self, Known};
use crate::stream::exactly_once::valid;
use crate::stream::{Port, changelog};

/// Acquires the scope, decides where to begin and moves there. Also says whether the store is older than the group.
pub(super) async fn restore(
    port: &impl Port,
    store: &dyn StateStore,
    settings: &Settings,
    report: &Report,
) -> Result<(Session, bool)> {
    let mut seen = None;
    let (lease, described, committed, start) = loop {
        let lease = store.acquire(&settings.scope, &settings.owner).await?.followed();
        report.update(|s| s.state = "restoring");
        let described = port.describe().await?;
        // Read after the scope was acquired: what is committed later comes from somebody who could store nothing any more.
        let committed = match settings.transactions {
            Some(_) => port.stable_offset().await?,
            None => port.committed().await?,
        };
        let known = Known {
            topic: settings.input.topic.clone(),
            partition: settings.input.partition,
            manifest: lease.manifest.clone(),
            committed: committed.clone(),
            described,
            definition: settings.definition.clone(),
            guarantee: settings.guarantee(),
            store_id: store.store_id().to_owned(),
            has_changelog: settings.changelog.is_some(),
        };
        match assignment::decide(&known, &settings.policies) {
            Ok(start) => break (lease, described, committed, start),
            // A former owner may have stored something between the two looks: only a manifest that stays is a reason.
            Err(error) => {
                let place = lease.manifest.map(|m| (m.seq, m.next_offset));
                if settings.transactions.is_none() || seen.replace(place) == Some(place) {
                    return Err(error);
                }
            }
        }
    };
    if start.reset {
        clear(store, &settings.scope).await?;
    } else if settings.transactions.is_none()
        && lease.manifest.as_ref().is_some_and(|m| m.guarantee == assignment::EXACTLY_ONCE)
    {
        keep_valid(store, &lease, start.offset).await?;
    }
    let mut is_fresh = start.reset || lease.manifest.is_none();
    if start.rebuild {
        is_fresh = !changelog::rebuild(port.replay(), store, &lease, settings, start.offset).await?;
        if is_fresh {
            clear(store, &settings.scope).await?;
        }
    }
    let is_logged = |m: &Manifest| m.changelog == settings.changelog;
    // Before the manifest: from then on nobody would know that the changelog has states that do not count, or lacks some.
    if settings.changelog.is_some() {
        if is_fresh {
            changelog::begin(port, &lease, settings, start.seq + 1).await?;
        } else if !start.rebuild && !lease.manifest.as_ref().is_some_and(is_logged) {
            changelog::copy(port, store, &lease, settings, start).await?;
        }
    }
    // The hint must not be ahead of an offset that is committed, and needs not be behind it.
    let hint = match (&settings.transactions, committed) {
        (Some(_), Some((offset, _))) => offset.min(start.offset),
        _ => start.offset,
    };
    let is_same = |m: &Manifest| m.next_offset == Some(hint) && m.guarantee == settings.guarantee() && is_logged(m);
    let mut seq = start.seq;
    if start.reset || !lease.manifest.as_ref().is_some_and(is_same) {
        seq += 1;
        store.put(&lease, &[], Some(&settings.manifest(Some(hint), seq, described.partitions))).await?;
    }
    port.rewind(start.offset).await?;
    Ok((Session::new(lease, seq, described.partitions, start.offset), start.rollback))
}

/// Removes the traces of transactions that did not commit, which nobody would know for such without transactions.
async fn keep_valid(store: &dyn StateStore, lease: &Lease, next: i64) -> Result<()> {
    let mut pages = Pages::new(store, &lease.scope);
    while let Some(page) = pages.next().await? {
        for (key, _) in page.into_iter().filter(|(_, newest)| newest.offset.is_some_and(|offset| offset >= next)) {
            let versions = store.get_many(&lease.scope, std::slice::from_ref(&key)).await?.pop().unwrap_or_default();
            match valid(versions, |record| record.offset, next) {
                None => _ = store.remove(&lease.scope, Some(&key)).await?,
                Some(Record { state, format, offset, .. }) => {
                    let entry = Entry { key, state, format, offset, slot: Slot::Only };
                    store.put(lease, &[entry], None).await?;
                }
            }
        }
    }
    Ok(())
}

/// Removes all records of a scope, but not its epoch: a former owner stays fenced off.
async fn clear(store: &dyn StateStore, scope: &str) -> Result<()> {
    let mut pages = Pages::new(store, scope);
    while let Some(page) = pages.next().await? {
        for (key, _) in page {
            store.remove(scope, Some(&key)).await?;
        }
    }
    Ok(())
}
