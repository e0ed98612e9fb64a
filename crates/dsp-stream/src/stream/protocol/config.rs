//! The options of a stream, declared here once. The bindings read them from a JavaScript object with the same names in
//! camel case. Texts become enums here and nowhere else, and an unknown text is an error.

use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

use super::end::EndOfKey;
use super::key::KeySource;
use crate::codec::Codec;
use crate::error::{Error, Result};

/// All options of a stream.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StreamConfig {
    /// The consumer group, and the first part of the scopes.
    pub application_id: String,
    /// Topics to read.
    pub topics: Vec<String>,
    /// Decoding of messages.
    pub input: InputConfig,
    /// Encoding of outputs; `None`: nothing is sent.
    pub output: Option<OutputConfig>,
    /// How events of the stages are written; `None`: nobody asks for them.
    pub events: Option<EventsConfig>,
    /// The promise for outputs.
    pub guarantee: Guarantee,
    /// Topic of messages that cannot be processed.
    pub dead_letter_topic: Option<String>,
    /// Handling of a message that cannot be processed.
    pub on_poison: OnPoison,
    /// Reactions to changes in the log, the store or the pipeline.
    pub policies: Policies,
    /// Times of checkpoints.
    pub checkpoint: CheckpointConfig,
    /// Largest number of states in memory per partition.
    pub max_keys: usize,
    /// Bounds of reading ahead.
    pub prefetch: Prefetch,
    /// Largest number of partitions that compute at once.
    pub workers: usize,
    /// Name of this instance in leases.
    pub owner: String,
    /// Time for the last checkpoint of partitions that are revoked, in ms.
    #[serde(rename = "revokeTimeoutMs", deserialize_with = "milliseconds")]
    pub revoke_timeout: Duration,
    /// Longest time for the first answer of a broker, in ms.
    #[serde(rename = "connectTimeoutMs", deserialize_with = "milliseconds")]
    pub connect_timeout: Duration,
    /// Number of replacements of the clients within ten minutes after which the stream has failed.
    pub max_restarts: usize,
    /// Topic for the records of checkpoints, in addition to the store.
    pub changelog_topic: Option<String>,
}

/// Decoding of messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InputConfig {
    /// The encoding of values.
    #[serde(deserialize_with = "codec")]
    pub codec: Codec,
    /// Source of keys.
    #[serde(deserialize_with = "key_source")]
    pub key: KeySource,
    /// Number of channels, if the message does not contain it.
    pub channels: Option<u16>,
    /// Sample rate in Hz, if the message does not contain it.
    pub sample_rate: Option<f64>,
    /// Whether a partition without states and without a committed offset starts at its end, else at its beginning.
    pub from_latest: bool,
    /// Which message is the last of its key's stream; `None`: none is.
    #[serde(default, deserialize_with = "end_of_key")]
    pub finish_on: Option<EndOfKey>,
}

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            codec: Codec::Auto,
            key: KeySource::Key,
            channels: None,
            sample_rate: None,
            from_latest: false,
            finish_on: None,
        }
    }
}

/// Encoding of outputs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutputConfig {
    /// The topic.
    pub topic: String,
    /// Encoding of values; `Auto`: that of the input.
    #[serde(deserialize_with = "codec")]
    pub codec: Codec,
    /// Whether outputs go to the partition with the number of their input's, instead of the one that the key selects.
    pub same_partition: bool,
    /// Headers of every output.
    pub headers: BTreeMap<String, String>,
    /// Whether results without samples are sent.
    pub emit_empty: bool,
    /// Whether trace headers are passed on.
    pub tracing: bool,
}

impl Default for OutputConfig {
    fn default() -> Self {
        let (topic, headers) = (String::new(), BTreeMap::new());
        Self { topic, codec: Codec::Auto, same_partition: false, headers, emit_empty: false, tracing: true }
    }
}

/// How the events that stages emit are written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventsConfig {
    /// The topic.
    pub topic: String,
    /// The encoding of values.
    pub codec: EventCodec,
    /// The keys of the messages.
    pub key: EventKey,
    /// The types of events that are written; `None`: all.
    pub types: Option<Vec<String>>,
    /// Whether events go to the partition with the number of their input's, instead of the one that the key selects.
    pub same_partition: bool,
    /// Headers of every event.
    pub headers: BTreeMap<String, String>,
    /// Whether trace headers are handed on.
    pub tracing: bool,
}

/// The encoding of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventCodec {
    /// One JSON object.
    #[default]
    Json,
}

/// The key of an event's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKey {
    /// That of the input message.
    #[default]
    Key,
    /// That of the state, wherever `input.key` has it from.
    State,
    /// None.
    None,
}

/// The promise of a stream for its outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// Every output is sent; after a crash some are sent twice.
    #[default]
    AtLeastOnce,
    /// A reader of committed messages sees every output once.
    ExactlyOnce,
}

impl Guarantee {
    /// Returns the text in manifests: `at-least-once` or `exactly-once`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AtLeastOnce => "at-least-once",
            Self::ExactlyOnce => "exactly-once",
        }
    }
}

/// The handling of a message that cannot be processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnPoison {
    /// The partition stalls before it.
    #[default]
    Fail,
    /// It is counted and skipped.
    Skip,
    /// It goes to the dead letter topic.
    #[serde(rename = "dlq")]
    DeadLetter,
}

/// The reaction to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The partition stalls.
    #[default]
    Fail,
    /// The partition starts with fresh states.
    Reset,
    /// The partition continues with the existing states.
    Continue,
}

/// The reaction when the states belong to another pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefinitionChange {
    /// The partition stalls.
    #[default]
    Fail,
    /// The partition starts with fresh states.
    Reset,
    /// Stages go on from the states that are theirs; the others start fresh.
    Migrate,
}

/// Which offset counts when another program has set the group's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OffsetMismatch {
    /// The offset of the states.
    #[default]
    State,
    /// The offset of the group, with fresh states.
    Group,
    /// Neither: the partition stalls.
    Fail,
}

/// The policies of a stream.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policies {
    /// Requested messages are no longer in the log.
    pub data_loss: Policy,
    /// The group has an offset whose states are not in the store.
    pub missing_state: Policy,
    /// The states belong to another pipeline.
    pub definition_change: DefinitionChange,
    /// The topic has another number of partitions.
    pub partition_count_change: Policy,
    /// Another program has set the group's offset.
    pub offset_mismatch: OffsetMismatch,
}

/// The times of checkpoints.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckpointConfig {
    /// The longest time from the first message after a checkpoint to the next checkpoint, in ms.
    #[serde(rename = "intervalMs", deserialize_with = "milliseconds")]
    pub interval: Duration,
    /// The largest number of messages between two checkpoints.
    pub every_messages: usize,
    /// Time for the last checkpoint of a partition, in ms.
    #[serde(rename = "timeoutMs", deserialize_with = "milliseconds")]
    pub timeout: Duration,
}

impl Default for CheckpointConfig {
    fn default() -> Self {
        let (interval, timeout) = (Duration::from_secs(1), Duration::from_secs(10));
        Self { interval, every_messages: 5000, timeout }
    }
}

/// The bounds of reading ahead.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prefetch {
    /// Largest number of messages per partition.
    pub messages: usize,
    /// Largest number of bytes over all partitions.
    pub bytes: usize,
}

/// Returns the name of the pipeline that states belong to: the SHA-256 of its stages and parameters and the version of
/// saved states, in hexadecimal digits.
///
/// # Errors
/// `Argument` with the error of a stage that cannot be written as a definition.
pub fn definition(pipeline: &dsp_core::Pipeline) -> Result<String> {
    let text = pipeline.definition().map_err(|e| Error::argument(format!("pipeline: {e}")))?;
    let hash = Sha256::digest(format!("{}\n{text}", dsp_core::state::VERSION));
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The text from which the pipeline can be built again.
///
/// # Errors
/// `Argument` with the error of a stage that cannot be written as a definition.
pub fn recipe(pipeline: &dsp_core::Pipeline) -> Result<String> {
    pipeline.recipe().map_err(|e| Error::argument(format!("pipeline: {e}")))
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

fn codec<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Codec, D::Error> {
    Codec::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn end_of_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<EndOfKey>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| EndOfKey::parse(&text)).transpose().map_err(serde::de::Error::custom)
}

fn key_source<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeySource, D::Error> {
    KeySource::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn options() -> Json {
        json!({
            "applicationId": "app", "topics": ["t"],
            "input": {
                "codec": "auto", "key": "header:id", "sampleRate": 250, "fromLatest": true, "finishOn": "tombstone"
            },
            "output": {
                "topic": "out", "codec": "dspx", "samePartition": true, "headers": { "a": "b" }, "emitEmpty": false,
                "tracing": true
            },
            "events": {
                "topic": "seen", "codec": "json", "key": "state", "types": ["beat"], "samePartition": false,
                "headers": {}, "tracing": true
            },
            "guarantee": "exactly-once", "deadLetterTopic": "dead", "onPoison": "dlq",
            "policies": {
                "dataLoss": "continue", "missingState": "reset", "definitionChange": "fail",
                "partitionCountChange": "continue", "offsetMismatch": "group"
            },
            "checkpoint": { "intervalMs": 200, "everyMessages": 10, "timeoutMs": 1000 },
            "maxKeys": 5, "prefetch": { "messages": 1, "bytes": 2 }, "workers": 1, "owner": "me",
            "revokeTimeoutMs": 3, "connectTimeoutMs": 4, "maxRestarts": 5
        })
    }

    #[test]
    fn options_are_read_by_their_names() {
        let config: StreamConfig = serde_json::from_value(options()).unwrap();
        let output = config.output.unwrap();
        assert_eq!((config.input.codec, output.codec), (Codec::Auto, Codec::Frame));
        assert_eq!((config.input.key, config.input.sample_rate), (KeySource::Header("id".into()), Some(250.0)));
        assert_eq!(config.input.finish_on, Some(EndOfKey::Tombstone));
        assert_eq!((config.guarantee, config.on_poison), (Guarantee::ExactlyOnce, OnPoison::DeadLetter));
        assert_eq!(
            (config.policies.data_loss, config.policies.offset_mismatch),
            (Policy::Continue, OffsetMismatch::Group)
        );
        let events = config.events.unwrap();
        assert_eq!((events.key, events.types.unwrap()), (EventKey::State, vec!["beat".to_owned()]));
        assert_eq!(config.checkpoint.interval, Duration::from_millis(200));
        assert_eq!((config.changelog_topic, config.revoke_timeout), (None, Duration::from_millis(3)));
    }

    #[test]
    fn a_text_that_no_enum_knows_is_an_error() {
        for (place, text) in [
            ("/guarantee", "at-most-once"),
            ("/onPoison", "retry"),
            ("/policies/dataLoss", "ignore"),
            ("/policies/missingState", ""),
            ("/policies/definitionChange", "Reset"),
            ("/policies/definitionChange", "continue"),
            ("/policies/dataLoss", "migrate"),
            ("/policies/partitionCountChange", "skip"),
            ("/policies/offsetMismatch", "latest"),
            ("/input/codec", "avro"),
            ("/input/key", "value"),
            ("/input/finishOn", "header:"),
            ("/output/codec", "xml"),
            ("/events/codec", "dspx"),
            ("/events/key", "header:id"),
        ] {
            let mut options = options();
            *options.pointer_mut(place).unwrap() = text.into();
            assert!(serde_json::from_value::<StreamConfig>(options).is_err(), "{place}: {text}");
        }
    }

    #[test]
    fn an_option_that_is_not_declared_is_an_error() {
        for place in ["", "/input", "/output", "/events", "/policies", "/checkpoint", "/prefetch"] {
            let mut options = options();
            options.pointer_mut(place).unwrap()["typo"] = 1.into();
            assert!(serde_json::from_value::<StreamConfig>(options).is_err(), "{place}");
        }
    }
}
