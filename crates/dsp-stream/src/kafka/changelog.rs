//! Reads a partition of a compacted topic from its beginning to its end, without a group.

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};
use std::time::{Duration, Instant};

use super::client;
use super::options::Properties;
use crate::error::Result;
use crate::topic::KeyedRecord;

/// Longest wait for the answer of a broker.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for one message.
const POLL_TIMEOUT: Duration = Duration::from_millis(100);
/// Longest time without a message before the read fails.
const SILENCE: Duration = Duration::from_secs(60);
/// Number of messages that are passed on at once.
const BATCH: usize = 500;

/// Reads the committed messages of a partition, oldest first, and passes them to `sink`, which returns whether to
/// continue. Blocks. The log may be empty or partly compacted.
///
/// # Errors
/// `Kafka` if no broker answers, or no message arrives for a minute.
pub fn read(
    properties: &Properties,
    topic: &str,
    partition: i32,
    mut sink: impl FnMut(Vec<KeyedRecord>) -> bool,
) -> Result<()> {
    // The end of everything, not of what is committed: an open transaction is waited for.
    let end = open(properties, "read_uncommitted")?.fetch_watermarks(topic, partition, ASK_TIMEOUT)?.1;
    let reader = open(properties, "read_committed")?;
    let deadline = Instant::now() + SILENCE;
    while reader.fetch_watermarks(topic, partition, ASK_TIMEOUT)?.1 < end {
        if Instant::now() > deadline {
            return Err(super::error_of(rdkafka::types::RDKafkaErrorCode::OperationTimedOut));
        }
        std::thread::sleep(POLL_TIMEOUT);
    }
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Beginning)?;
    reader.assign(&list)?;
    drop(list);
    let (mut batch, mut heard) = (Vec::new(), Instant::now());
    loop {
        match reader.poll(POLL_TIMEOUT) {
            Some(Ok(message)) => {
                heard = Instant::now();
                batch.push((message.key().unwrap_or_default().to_vec(), message.payload().map(<[u8]>::to_vec)));
                if batch.len() >= BATCH && !sink(std::mem::take(&mut batch)) {
                    return Ok(());
                }
            }
            // The end of what is committed, which is the end that was seen or a later one.
            Some(Err(KafkaError::PartitionEOF(_))) => {
                sink(batch);
                return Ok(());
            }
            Some(Err(error)) if heard.elapsed() > SILENCE => return Err(error.into()),
            None if heard.elapsed() > SILENCE => {
                return Err(super::error_of(rdkafka::types::RDKafkaErrorCode::OperationTimedOut));
            }
            _ => {}
        }
    }
}

fn open(properties: &Properties, isolation: &str) -> Result<BaseConsumer> {
    let mut config = client::config(properties)?;
    // Assigning by hand wants the name of a group, which is never joined.
    let group = properties.values.get("group.id").map_or("dspx", String::as_str);
    config.set("group.id", format!("{group}-changelog")).set("isolation.level", isolation);
    config.set("enable.partition.eof", "true").set("enable.auto.commit", "false").set("auto.offset.reset", "earliest");
    config.remove("group.instance.id");
    Ok(config.create()?)
}
