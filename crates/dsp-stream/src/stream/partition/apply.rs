//! Processing of messages in the pipelines of their keys.

use crate::error::Error;
use crate::stream::convert::dead_letter;
use crate::stream::protocol::config::OnPoison;
use crate::stream::protocol::counters::Counters;
use crate::stream::protocol::message::{Destination, Message, Output};
use crate::stream::protocol::settings::Settings;
use crate::stream::states::{Applied, States};

/// Bytes of outputs and events after which a run ends: what a message brings out may be many times its size.
const MAX_RUN_BYTES: usize = 8 << 20;

/// The outcome of a run of messages.
#[derive(Default)]
pub(super) struct Outcome {
    /// Offset after the last processed message.
    pub(super) next: Option<i64>,
    /// Number of messages that are dealt with.
    pub(super) count: usize,
    /// Time of that message.
    pub(super) last_time: Option<i64>,
    /// Counters of the run.
    pub(super) counters: Counters,
    /// Outputs, events and dead letters to send.
    pub(super) outputs: Vec<Output>,
    /// Offsets of the dead letters, with their reasons.
    pub(super) dead: Vec<(i64, String)>,
    /// The reason why the run ended early.
    pub(super) end: Option<Stop>,
}

/// The reason why a run of messages ended early.
pub(super) enum Stop {
    /// The pipeline failed on the message at this offset, or its output is too large: the partition starts again
    /// without it.
    Broken(i64),
    /// A message cannot be processed, and the partition must stall.
    Poison(Error),
}

/// The stored form of a message's key, or the reason why it has none.
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
    let Settings { config, source, .. } = settings;
    let mut bytes = 0;
    for (message, key) in messages.iter().zip(keys) {
        let applied = match key {
            Ok(key) => states.apply(message, key, settings),
            Err(reason) => Applied::Poison(reason.clone()),
        };
        match applied {
            Applied::Replayed => outcome.counters.replay_skipped += 1,
            Applied::Done { outputs, .. } if !outputs.iter().all(&fits) => {
                outcome.end = Some(Stop::Broken(message.offset));
                break;
            }
            Applied::Done { samples, outputs, is_last } => {
                outcome.counters.keys_finished += u64::from(is_last);
                outcome.counters.samples_in += samples.0;
                outcome.counters.samples_out += samples.1;
                bytes += outputs.iter().map(Output::size).sum::<usize>();
                outcome.outputs.extend(outputs);
            }
            Applied::Broken(reason) => {
                tracing::warn!(target: "dsp_stream::stream", place = %source, offset = message.offset, reason);
                outcome.end = Some(Stop::Broken(message.offset));
                break;
            }
            Applied::Poison(reason) => {
                outcome.counters.poison += 1;
                if config.on_poison == OnPoison::Fail {
                    let text = format!("{source}/{} cannot be processed: {reason}", message.offset);
                    outcome.end = Some(Stop::Poison(Error::decode(text)));
                    break;
                }
                if let Ok(key) = key {
                    states.pass(key, message.offset);
                }
                if config.on_poison == OnPoison::DeadLetter {
                    outcome.outputs.push(dead_letter(message, source, &config.application_id, &reason));
                    outcome.dead.push((message.offset, reason));
                }
            }
        }
        outcome.counters.messages += 1;
        outcome.count += 1;
        (outcome.next, outcome.last_time) = (Some(message.offset + 1), Some(message.timestamp));
        if bytes > MAX_RUN_BYTES {
            break;
        }
    }
    let sent = |destination| outcome.outputs.iter().filter(|output| output.destination == destination).count() as u64;
    (outcome.counters.emitted, outcome.counters.events) = (sent(Destination::Output), sent(Destination::Events));
    outcome
}
