//! Questions to the brokers about offsets: one request to each broker, however many partitions.

use rdkafka::consumer::Consumer as _;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};
use std::time::Duration;

use super::context::Native;
use super::{Lag, Target};
use crate::error::Result;
use crate::topic::{CommittedOffset, Watermarks};

/// Bound of one question.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(5);

/// A place in a partition.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// The oldest message.
    Beginning,
    /// Behind the newest message.
    End,
    /// The first message of this time (ms since 1970) or later.
    Time(i64),
}

/// The offset of a place in each partition, in the order of `places`; `None` where it is not known.
///
/// # Errors
/// `Kafka` if no broker answers in time.
pub fn of(native: &Native, places: &[(&str, i32)], place: Place, timeout: Duration) -> Result<Vec<Option<i64>>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = match place {
        Place::Beginning => Offset::Beginning,
        Place::End => Offset::End,
        Place::Time(ms) => Offset::Offset(ms),
    };
    let mut list = TopicPartitionList::new();
    for (topic, partition) in places {
        list.add_partition_offset(topic, *partition, wanted)?;
    }
    let found = native.offsets_for_times(list, timeout)?;
    let offset = |(topic, partition): &(&str, i32)| match found.find_partition(topic, *partition)?.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    };
    Ok(places.iter().map(offset).collect())
}

/// The offset of one place that `seek` goes to.
///
/// # Errors
/// As `of`.
pub fn target(native: &Native, topic: &str, partition: i32, target: Target) -> Result<i64> {
    let ask = |end| Ok::<_, crate::Error>(of(native, &[(topic, partition)], end, ASK_TIMEOUT)?[0]);
    let found = match target {
        Target::Offset(offset) => Some(offset),
        Target::Beginning => ask(Place::Beginning)?,
        Target::End => None,
        Target::Timestamp(ms) => ask(Place::Time(ms))?,
    };
    let unknown = || super::code_failure(Code::OffsetNotAvailable);
    // Behind the last message of a time there is nothing yet: what comes next is later.
    found.map_or_else(|| ask(Place::End)?.ok_or_else(unknown), Ok)
}

/// Fills in the ends of partitions of which nothing has been fetched yet.
///
/// # Errors
/// As `of`.
pub fn fill_in(native: &Native, mut lags: Vec<Lag>) -> Result<Vec<Lag>> {
    let mut unknown: Vec<&mut Lag> = lags.iter_mut().filter(|lag| lag.high < 0).collect();
    let places: Vec<(&str, i32)> = unknown.iter().map(|lag| (&*lag.topic, lag.partition)).collect();
    let ends = of(native, &places, Place::End, ASK_TIMEOUT)?;
    for (lag, end) in unknown.iter_mut().zip(ends) {
        lag.high = end.unwrap_or(lag.position);
        lag.end = lag.high;
    }
    Ok(lags)
}

/// Both ends of a partition and the size of its topic.
///
/// # Errors
/// `Kafka` if no broker answers in time.
pub fn watermarks(native: &Native, topic: &str, partition: i32) -> Result<Watermarks> {
    let (low, high) = native.fetch_watermarks(topic, partition, ASK_TIMEOUT)?;
    let metadata = native.fetch_metadata(Some(topic), ASK_TIMEOUT)?;
    let partitions = metadata.topics().iter().find(|t| t.name() == topic).map_or(0, |t| t.partitions().len() as u32);
    Ok(Watermarks { low, high, partitions })
}

/// What was committed beside an offset.
pub fn metadata(element: &TopicPartitionListElem<'_>) -> String {
    // rust-rdkafka panics where another client has left bytes that are not text.
    let text = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| element.metadata().to_owned()));
    text.unwrap_or_default()
}

/// The group's offset of a partition, and what was committed beside it.
///
/// # Errors
/// `Kafka` if no broker answers in time, or a transaction under way may still change it.
pub fn committed(native: &Native, topic: &str, partition: i32) -> Result<Option<CommittedOffset>> {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, partition);
    let list = native.committed_offsets(list, ASK_TIMEOUT)?;
    let element = list.find_partition(topic, partition).ok_or_else(|| super::code_failure(Code::UnknownPartition))?;
    element.error()?;
    Ok(element.offset().to_raw().filter(|offset| *offset >= 0).map(|offset| (offset, metadata(&element))))
}
