//! The yardstick of `npm run bench:stream`: one consumer and one producer of rdkafka, every message copied from one
//! topic to another and nothing else done.
//!
//! Arguments: brokers, input topic, output topic, number of messages. Prints messages per second from the first to the
//! last delivery report.

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Counts delivery reports.
struct Reports(Arc<AtomicU64>);

impl rdkafka::ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, report: &DeliveryResult<'_>, (): ()) {
        if report.is_ok() {
            self.0.fetch_add(1, Relaxed);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [brokers, input, output, count] = &arguments[..] else { return Err("brokers input output count".into()) };
    let count: u64 = count.parse()?;
    // The package's own settings, where they matter for speed.
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", format!("bare-{}", std::process::id()))
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "5")
        .create()?;
    let delivered = Arc::new(AtomicU64::new(0));
    let producer: BaseProducer<Reports> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "5")
        .set("partitioner", "murmur2_random")
        .create_with_context(Reports(Arc::clone(&delivered)))?;
    consumer.subscribe(&[input])?;
    let mut seen = 0;
    let mut begun = None;
    while delivered.load(Relaxed) < count {
        producer.poll(Duration::ZERO);
        let Some(message) = consumer.poll(Duration::from_millis(1)) else { continue };
        let message = message?;
        begun.get_or_insert_with(Instant::now);
        seen += 1;
        let mut record = BaseRecord::to(output).payload(message.payload().unwrap_or_default());
        record.key = message.key();
        while let Err((error, back)) = producer.send(record) {
            if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            producer.poll(Duration::from_millis(10));
            record = back;
        }
        if seen == count {
            producer.flush(Duration::from_secs(60))?;
        }
    }
    let seconds = begun.map_or(0.0, |begun| begun.elapsed().as_secs_f64());
    println!("{:.0}", count as f64 / seconds);
    Ok(())
}
