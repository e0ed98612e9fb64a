//! Streams: messages of a topic go through one pipeline per key, what comes out goes to another topic, and the states are
//! stored together with the offset up to which they hold.
//!
//! A partition is processed by one task ([`partition`]). It sees the outside through a [`Port`] and a `StateStore`, so all
//! its rules are tested without servers.

pub mod assignment;
pub mod changelog;
pub mod exactly_once;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod key;
pub mod message;
pub mod partition;
pub mod states;
#[cfg(test)]
mod tests;

pub use assignment::{Mismatch, Policies, Policy};
pub use key::KeySource;
pub use message::{Header, Message, Output};
pub use states::States;

use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::sync::mpsc;

use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::store::Call as Reply;

/// How messages of one partition are read.
#[derive(Debug, Clone)]
pub struct InputConfig {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// `topic/partition`, for the outputs' `dspx-source`.
    pub place: String,
    /// How values are written.
    pub codec: Codec,
    /// Where keys come from.
    pub key: KeySource,
    /// Channels where the message does not say.
    pub channels: Option<u16>,
    /// Sample rate in Hz where the message does not say.
    pub sample_rate: Option<f64>,
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            topic: String::new(),
            partition: 0,
            place: String::new(),
            codec: Codec::Auto,
            key: KeySource::Key,
            channels: None,
            sample_rate: None,
        }
    }
}

/// How outputs are written.
#[derive(Debug, Clone)]
pub struct OutputConfig {
    /// How values are written; `Auto` = as the input's.
    pub codec: Codec,
    /// Headers of every output.
    pub headers: Vec<Header>,
    /// Whether results without samples are sent.
    pub emit_empty: bool,
    /// Whether trace headers are handed on.
    pub tracing: bool,
}

impl Default for OutputConfig {
    fn default() -> Self {
        Self { codec: Codec::Auto, headers: Vec::new(), emit_empty: false, tracing: true }
    }
}

/// What happens to a message that cannot be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Poison {
    /// The partition stalls in front of it.
    #[default]
    Fail,
    /// It is counted and passed over.
    Skip,
    /// It goes to the dead letter topic.
    DeadLetter,
}

/// When checkpoints are made.
#[derive(Debug, Clone, Copy)]
pub struct CheckpointConfig {
    /// After this time.
    pub interval: Duration,
    /// After this many messages.
    pub every_messages: usize,
    /// Bound of the final one.
    pub timeout: Duration,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        let (interval, timeout) = (Duration::from_secs(1), Duration::from_secs(10));
        Self { interval, every_messages: 5000, timeout }
    }
}

/// A key of the changelog and its record.
pub type Pair = (Vec<u8>, Option<Vec<u8>>);

/// A partition of the input as the brokers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Described {
    /// Offset of the oldest message.
    pub low: i64,
    /// Offset behind the newest message.
    pub high: i64,
    /// Partitions of its topic.
    pub partitions: u32,
}

/// The outside of one partition: its messages, the output topic, the group's offset.
pub trait Port: Send + Sync {
    /// The next messages in offset order, from where the partition was moved to; waits until there are some. Nothing is lost
    /// when the reply is dropped. Fails with `DataLoss` where they are not in the log any more.
    fn take(&self) -> Reply<'_, Vec<Message>>;
    /// Whether the producer takes an output of this size. The broker may still refuse it.
    fn fits(&self, output: &Output) -> bool;
    /// Sends outputs and dead letters at once; resolves when all are acknowledged, with the sources of those that are too
    /// large for any broker.
    fn send(&self, outputs: Vec<Output>) -> Reply<'static, Vec<i64>>;
    /// Moves to an offset: the next message is this one or, if it does not exist, a later one.
    fn rewind(&self, offset: i64) -> Reply<'_, ()>;
    /// Everything below `next` is done.
    fn done(&self, next: i64, metadata: &str);
    /// The group's committed offset with its metadata, as it stood at the assignment or was set by `done` since. Fails where
    /// the brokers do not say: not to know it is not the same as that there is none.
    fn committed(&self) -> Reply<'_, Option<(i64, String)>>;
    /// The group's committed offset as it stands, once no transaction that is under way can change it any more.
    fn stable_offset(&self) -> Reply<'_, Option<(i64, String)>>;
    /// What is sent from here on belongs to this transaction, and fails in another.
    fn enter(&self, transaction: u64);
    /// Writes keys with their values to the partition's changelog; resolves when they are acknowledged.
    fn log(&self, pairs: Vec<Pair>) -> Reply<'static, ()>;
    /// Reads the changelog, oldest first; a key without a value is gone.
    fn replay(&self) -> mpsc::Receiver<Result<Vec<Pair>>>;
    /// What the brokers say of the partition.
    fn describe(&self) -> Reply<'_, Described>;
}

/// What states belong to: hash over the pipeline's stages and parameters, and the version of saved states.
///
/// # Errors
/// What a stage says.
pub fn definition(pipeline: &dsp_core::Pipeline) -> Result<String> {
    let text = pipeline.definition().map_err(|e| Error::argument(format!("pipeline: {e}")))?;
    let hash = Sha256::digest(format!("{}\n{text}", dsp_core::state::VERSION));
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}
