//! The thread that hands packed messages to librdkafka.

use rdkafka::producer::{BaseProducer, BaseRecord};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::batch::{Batch, Part, Parts};
use super::hub::{Context, Hub, Pending, Ticket};
use crate::error::Error;
use crate::kafka::lock;

/// Passes on batches in their order until the sender is gone.
pub(super) fn feed(client: &BaseProducer<Context>, hub: &Hub, queue: &Receiver<Batch>) {
    while let Ok(batch) = queue.recv() {
        feed_batch(client, hub, &batch);
    }
}

fn feed_batch(client: &BaseProducer<Context>, hub: &Hub, batch: &Batch) {
    let count = Parts::new(batch).count();
    let pending = Arc::new(Pending {
        id: batch.id,
        // One more than there are messages, so that the batch is not reported before all are in the queue.
        remaining: AtomicUsize::new(count + 1),
        failures: Mutex::default(),
        offsets: if batch.want_offsets { (0..count).map(|_| Default::default()).collect() } else { Vec::new() },
        refused: Mutex::default(),
        begun: Instant::now(),
    });
    hub.counters.messages.fetch_add(count as u64, Relaxed);
    let mut parts = Parts::new(batch);
    let mut left = count;
    for index in 0..count {
        let Some(part) = parts.next() else { break };
        left -= 1;
        hub.counters
            .bytes
            .fetch_add((part.key.map_or(0, <[u8]>::len) + part.value.map_or(0, <[u8]>::len)) as u64, Relaxed);
        let ticket = Box::new(Ticket { batch: Arc::clone(&pending), index: index as u32 });
        enqueue(client, hub, batch, part, batch.timestamps.get(index), ticket);
    }
    if parts.malformed {
        *lock(&pending.refused) = Some(Error::argument("send: the packed messages are malformed"));
    }
    hub.finish(&pending, 1 + left);
}

/// Passes one message to librdkafka, and waits while its queue is full.
fn enqueue(
    client: &BaseProducer<Context>,
    hub: &Hub,
    batch: &Batch,
    part: Part<'_>,
    timestamp: Option<&f64>,
    ticket: Box<Ticket>,
) {
    let mut record = BaseRecord::<[u8], [u8], Box<Ticket>>::with_opaque_to(&batch.topic, ticket);
    record.key = part.key;
    record.payload = part.value;
    record.headers = part.headers;
    record.partition = (part.partition >= 0).then_some(part.partition);
    record.timestamp = timestamp.filter(|t| t.is_finite()).map(|&t| t as i64);
    loop {
        let open = lock(&hub.transaction);
        if *open != batch.transaction {
            return hub.settle(&record.delivery_opaque, Err(Code::PurgeQueue));
        }
        let (error, returned) = match client.send(record) {
            Ok(()) => return,
            Err(back) => back,
        };
        drop(open);
        let code = error.rdkafka_error_code().unwrap_or(Code::InvalidArgument);
        if code != Code::QueueFull || hub.abort.load(Relaxed) {
            return hub.settle(&returned.delivery_opaque, Err(code));
        }
        record = returned;
        hub.is_full.store(true, Relaxed);
        let _ = hub.space.wait_timeout(lock(&hub.space_lock), Duration::from_millis(10));
        hub.is_full.store(false, Relaxed);
    }
}
