//! Whether two stages have the same parameters, whatever their states.

use serde_json::Value as Json;

use super::slot::Slot;
use crate::engine::block::Block;
use crate::engine::workspace::Workspace;
use crate::error::Result;
use crate::limits::MAX_CHANNELS;

/// Whether two stages differ in nothing but their states: emptied, and with the same channels, they save the same.
pub(super) fn same_parameters(ours: &Slot, theirs: &Slot) -> Result<bool> {
    let mut theirs = theirs.stage.clone_box();
    theirs.reset();
    let saved = theirs.save()?;
    let saves_the_same = |channels: Option<usize>| {
        let mut ours = ours.stage.clone_box();
        ours.reset();
        if let Some(channels) = channels {
            // A frame, since stages that are given none do not notice how many channels there are.
            let mut frame = vec![0.0; channels];
            let mut work = Workspace::default();
            ours.process(&mut Block::regular(&mut frame, channels, &mut work, 0.0, 0.0, 1000.0))?;
            ours.reset();
        }
        Ok(ours.save()? == saved)
    };
    if saves_the_same(None)? {
        return Ok(true);
    }
    // A number of channels that the stage refuses is not that of the state.
    Ok(possible_channels(&saved).into_iter().any(|channels| saves_the_same(Some(channels)).unwrap_or(false)))
}

/// How many channels a saved stage may have: what it says, or as many as it has lists of anything but numbers.
fn possible_channels(saved: &Json) -> Vec<usize> {
    let said = saved.get("numChannels").and_then(Json::as_u64);
    let lists = saved.as_object().into_iter().flat_map(|members| members.values().filter_map(Json::as_array));
    let entries = lists.filter(|list| list.first().is_some_and(|first| !first.is_number())).map(Vec::len);
    // Adaptive filters say none: they have two channels whenever they have begun.
    let mut counts: Vec<usize> = said.into_iter().map(|count| count as usize).chain(entries).chain([2]).collect();
    counts.retain(|count| (1..=MAX_CHANNELS).contains(count));
    counts.dedup();
    counts
}
