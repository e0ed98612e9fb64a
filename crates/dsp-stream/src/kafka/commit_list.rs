//! Lists of offsets to commit.

use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};

/// Adds the offset of a partition with its metadata to a list of offsets to commit.
///
/// # Errors
/// If librdkafka refuses the offset.
pub(crate) fn add_offset(
    list: &mut TopicPartitionList,
    topic: &str,
    partition: i32,
    offset: i64,
    metadata: Option<&str>,
) -> KafkaResult<()> {
    list.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    if let Some(metadata) = metadata
        && let Some(mut element) = list.find_partition(topic, partition)
    {
        element.set_metadata(metadata);
    }
    Ok(())
}
