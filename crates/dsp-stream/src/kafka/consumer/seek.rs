//! Moves the position of an assigned partition.

use rdkafka::consumer::{Consumer as _, RebalanceProtocol};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};

use super::event::{Assigned, Target};
use super::offsets::{self, ASK_TIMEOUT};
use super::poll::{Thread, error_with};
use super::shared::Shared;
use crate::error::Result;
use crate::kafka::{error_of, lock};

impl Thread {
    /// Moves to `target`; this begins a new assignment.
    pub(super) fn seek(&mut self, topic: &str, partition: i32, target: Target) -> Result<Assigned> {
        let owned = |shared: &Shared| lock(&shared.partitions).find(topic, partition);
        if owned(&self.shared).is_none() {
            return Err(error_with(Code::State, format!("{topic}/{partition} is not assigned to this consumer")));
        }
        let offset = offsets::target(&self.native, topic, partition, target)?;
        // A fetcher that has not begun yet, or has given up over an offset that is gone, cannot be moved: it is
        // replaced.
        if self.native.seek(topic, partition, Offset::Offset(offset), ASK_TIMEOUT).is_err() {
            self.assign_at(topic, partition, offset)?;
        }
        self.last = None;
        let mut partitions = lock(&self.shared.partitions);
        let old = partitions.find(topic, partition);
        let id = old.and_then(|old| partitions.restart(old, offset)).ok_or_else(|| error_of(Code::State))?;
        Ok(Assigned { id, topic: topic.into(), partition, position: offset, committed: None })
    }

    /// Assigns a partition anew at an offset; the other partitions keep their positions.
    pub(super) fn assign_at(&self, topic: &str, partition: i32, offset: i64) -> Result<()> {
        let list = |offset: Offset| {
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(topic, partition, offset).map(|()| list)
        };
        if let RebalanceProtocol::Cooperative = self.native.rebalance_protocol() {
            self.native.incremental_unassign(&list(Offset::Invalid)?)?;
            self.native.incremental_assign(&list(Offset::Offset(offset))?)?;
        } else {
            let mut all = list(Offset::Offset(offset))?;
            for (_, other) in lock(&self.shared.partitions).iter() {
                if other.number != partition || &*other.topic != topic {
                    all.add_partition_offset(&other.topic, other.number, Offset::Offset(other.position.max(0)))?;
                }
            }
            self.native.assign(&all)?;
        }
        Ok(())
    }
}
