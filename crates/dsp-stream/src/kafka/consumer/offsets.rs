//! Requests to the brokers about offsets: one request per broker, for any number of partitions.

use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

use super::event::{Lag, Target};
use crate::error::Result;
use crate::kafka::error_of;
use crate::topic::{CommittedOffset, Watermarks};

/// Longest wait for one answer.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(5);

/// An offset of a partition known to the brokers.
#[derive(Debug, Clone, Copy)]
pub enum OffsetSpec {
    /// The oldest message.
    Beginning,
    /// The offset after the newest message.
    End,
    /// The first message of this time (ms since 1970) or later.
    Time(i64),
}

/// Returns the offset in each partition, in the order of `partitions`; `None` where it is not known.
///
/// # Errors
/// `Kafka` if no broker answers in time.
pub fn of(
    native: &BaseConsumer<impl ConsumerContext>,
    partitions: &[(&str, i32)],
    spec: OffsetSpec,
    timeout: Duration,
) -> Result<Vec<Option<i64>>> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = match spec {
        OffsetSpec::Beginning => Offset::Beginning,
        OffsetSpec::End => Offset::End,
        OffsetSpec::Time(ms) => Offset::Offset(ms),
    };
    let mut list = TopicPartitionList::new();
    for (topic, partition) in partitions {
        list.add_partition_offset(topic, *partition, wanted)?;
    }
    let found = native.offsets_for_times(list, timeout)?;
    let offset = |(topic, partition): &(&str, i32)| match found.find_partition(topic, *partition)?.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    };
    Ok(partitions.iter().map(offset).collect())
}

/// Returns the offset of a target of `seek`.
///
/// # Errors
/// As `of`.
pub fn target(native: &BaseConsumer<impl ConsumerContext>, topic: &str, partition: i32, target: Target) -> Result<i64> {
    let ask = |end| Ok::<_, crate::Error>(of(native, &[(topic, partition)], end, ASK_TIMEOUT)?[0]);
    let found = match target {
        Target::Offset(offset) => Some(offset),
        Target::Beginning => ask(OffsetSpec::Beginning)?,
        Target::End => None,
        Target::Timestamp(ms) => ask(OffsetSpec::Time(ms))?,
    };
    let unknown = || error_of(Code::OffsetNotAvailable);
    // Behind the last message of a time there is nothing yet: what comes next is later.
    found.map_or_else(|| ask(OffsetSpec::End)?.ok_or_else(unknown), Ok)
}

/// Fills in the ends of partitions from which nothing has been fetched yet.
///
/// # Errors
/// As `of`.
pub fn fill_in(native: &BaseConsumer<impl ConsumerContext>, mut lags: Vec<Lag>) -> Result<Vec<Lag>> {
    let mut unknown: Vec<&mut Lag> = lags.iter_mut().filter(|lag| lag.high < 0).collect();
    let partitions: Vec<(&str, i32)> = unknown.iter().map(|lag| (&*lag.topic, lag.partition)).collect();
    let ends = of(native, &partitions, OffsetSpec::End, ASK_TIMEOUT)?;
    for (lag, end) in unknown.iter_mut().zip(ends) {
        lag.high = end.unwrap_or(lag.position);
        lag.end = lag.high;
    }
    Ok(lags)
}

/// Returns both ends of a partition and the size of its topic.
///
/// # Errors
/// `Kafka` if no broker answers in time.
pub fn watermarks(native: &BaseConsumer<impl ConsumerContext>, topic: &str, partition: i32) -> Result<Watermarks> {
    let (low, high) = native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?;
    let metadata = native.fetch_metadata(Some(topic), ASK_TIMEOUT)?;
    let partitions = metadata.topics().iter().find(|t| t.name() == topic).map_or(0, |t| t.partitions().len() as u32);
    Ok(Watermarks { low, high, partitions })
}

/// Returns the metadata that was committed with an offset.
pub fn metadata(element: &TopicPartitionListElem<'_>) -> String {
    // rust-rdkafka panics where another client has left bytes that are not text.
    let text = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| element.metadata().to_owned()));
    text.unwrap_or_default()
}

/// Returns the group's offset of a partition, and the metadata of the commit.
///
/// # Errors
/// `Kafka` if no broker answers in time, or a transaction under way may still change it.
pub fn committed(
    native: &BaseConsumer<impl ConsumerContext>,
    topic: &str,
    partition: i32,
) -> Result<Option<CommittedOffset>> {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    let list = native.committed_offsets(list, ASK_TIMEOUT)?;
    let element = list.find_partition(topic, partition).ok_or_else(|| error_of(Code::UnknownPartition))?;
    element.error()?;
    Ok(element.offset().to_raw().filter(|offset| *offset >= 0).map(|offset| (offset, metadata(&element))))
}
