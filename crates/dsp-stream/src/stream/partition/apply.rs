//! Messages through the pipelines of their keys.

use super::{Counts, Poison, Settings};
use crate::error::Error;
use crate::stream::message::{self, Message, Output};
use crate::stream::states::{Applied, States};

/// What became of a run of messages.
#[derive(Default)]
pub(super) struct Outcome {
    /// Offset behind the last message that is dealt with.
    pub(super) next: Option<i64>,
    /// Time of that message.
    pub(super) last_time: Option<i64>,
    pub(super) counts: Counts,
    pub(super) outputs: Vec<Output>,
    pub(super) dead: Vec<(i64, String)>,
    pub(super) end: Option<Stop>,
}

/// Why a run of messages ended early.
pub(super) enum Stop {
    Broken(i64),
    Poison(Error),
}

/// The key of a message as it is stored, or why it has none.
pub(super) type Key = Result<Vec<u8>, String>;

/// Sends messages through their pipelines, one after the other.
pub(super) fn apply(
    states: &mut States,
    messages: &[Message],
    keys: &[Key],
    settings: &Settings,
    fits: impl Fn(&Output) -> bool,
) -> Outcome {
    let mut outcome = Outcome::default();
    let Settings { input, output, poison, group, .. } = settings;
    for (message, key) in messages.iter().zip(keys) {
        let applied = match key {
            Ok(key) => states.apply(message, key, input, output.as_ref()),
            Err(reason) => Applied::Poison(reason.clone()),
        };
        match applied {
            Applied::Replayed => outcome.counts.replayed += 1,
            Applied::Done { output: Some(output), .. } if !fits(&output) => {
                outcome.end = Some(Stop::Broken(message.offset));
                break;
            }
            Applied::Done { samples, output } => {
                outcome.counts.samples_in += samples.0;
                outcome.counts.samples_out += samples.1;
                outcome.outputs.extend(output);
            }
            Applied::Broken(reason) => {
                tracing::warn!(target: "dsp_stream::stream", place = input.place, offset = message.offset, reason);
                outcome.end = Some(Stop::Broken(message.offset));
                break;
            }
            Applied::Poison(reason) => {
                outcome.counts.poison += 1;
                if *poison == Poison::Fail {
                    let text = format!("{}/{} cannot be processed: {reason}", input.place, message.offset);
                    outcome.end = Some(Stop::Poison(Error::decode(text)));
                    break;
                }
                if let Ok(key) = key {
                    states.pass(key, message.offset);
                }
                if *poison == Poison::DeadLetter {
                    outcome.outputs.push(message::dead_letter(message, input, group, &reason));
                    outcome.dead.push((message.offset, reason));
                }
            }
        }
        outcome.counts.messages += 1;
        (outcome.next, outcome.last_time) = (Some(message.offset + 1), Some(message.timestamp));
    }
    outcome.counts.emitted = outcome.outputs.iter().filter(|o| !o.is_dead).count() as u64;
    outcome
}
