//! The producer: batches of messages go in, their delivery reports come out through a mailbox.
//!
//! Two threads per producer. One feeds librdkafka in the order of the calls and waits where its queue is full; the other
//! collects delivery reports. Nothing here blocks the caller.

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::client::{self, Notice, Token, Voice};
use super::mailbox::{Mailbox, Notify};
use super::options::Properties;
use super::{code_failure, code_report, lock};
use crate::error::{Error, KafkaFailure, Result};

/// Messages for one topic, packed: `data` holds the bytes of all parts one after another, `layout` says which.
///
/// `layout` has for each message: partition (−1 = by key), key length (−1 = null), value length (−1 = null), number of
/// headers, then name length and value length (−1 = null) of each header. `data` has key, value, name, value, name, …
#[derive(Debug, Default)]
pub struct Batch {
    /// Identifies the batch in the reports.
    pub id: f64,
    /// The topic.
    pub topic: String,
    /// Bytes of all parts.
    pub data: Vec<u8>,
    /// Lengths of all parts.
    pub layout: Vec<i32>,
    /// Record time per message in ms since 1970, NaN = now; empty = now for all.
    pub timestamps: Vec<f64>,
    /// Whether the reports name partition and offset of each message.
    pub want_offsets: bool,
    /// The transaction that it belongs to: in another it fails. 0 = none.
    pub transaction: u64,
}

/// What a producer says.
#[derive(Debug)]
pub enum Event {
    /// All messages of a batch have been delivered or have failed.
    Sent {
        /// The batch.
        id: f64,
        /// Index and error code of each message that failed.
        failures: Vec<(u32, Code)>,
        /// Partition and offset of each message, if wanted.
        offsets: Vec<f64>,
        /// Why the rest of the batch was not tried, if its layout is wrong.
        refused: Option<Error>,
    },
    /// The connection was made, or could not be.
    Connected(f64, Result<()>),
    /// The client has been freed.
    Closed(f64),
    /// Something nobody asked for.
    Notice(Notice),
}

/// Counters since creation.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Metrics {
    /// Messages taken.
    pub messages: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Messages acknowledged.
    pub delivered: u64,
    /// Messages that failed.
    pub delivery_errors: u64,
    /// Messages on their way.
    pub queued: u64,
    /// Batches finished, and the sum of their times in ms.
    pub batches: u64,
    /// Sum of the times from call to last report in ms.
    pub delivery_ms: f64,
}

#[derive(Default)]
struct Counters {
    messages: AtomicU64,
    bytes: AtomicU64,
    delivered: AtomicU64,
    failed: AtomicU64,
    batches: AtomicU64,
    delivery_us: AtomicU64,
}

/// State shared by the threads and the delivery callback.
struct Hub {
    mailbox: Mailbox<Event>,
    counters: Counters,
    voice: Voice,
    space: Condvar,
    space_lock: Mutex<()>,
    /// Somebody waits for space.
    is_full: AtomicBool,
    abort: AtomicBool,
    /// The transaction that is open; locked while a message is handed over.
    transaction: Mutex<u64>,
    /// The client has reported an error.
    has_failed: AtomicBool,
}

/// The context of the native producer.
pub(crate) struct Context(Arc<Hub>);

/// The native producer.
pub(crate) type Native = BaseProducer<Context>;

/// One message's place in its batch.
pub(crate) struct Ticket {
    batch: Arc<Pending>,
    index: u32,
}

/// A batch whose reports have not all come.
struct Pending {
    id: f64,
    remaining: AtomicUsize,
    failures: Mutex<Vec<(u32, Code)>>,
    offsets: Vec<[AtomicI64; 2]>,
    refused: Mutex<Option<Error>>,
    begun: Instant,
}

impl Hub {
    fn settle(&self, ticket: &Ticket, result: std::result::Result<(i32, i64), Code>) {
        match result {
            Ok((partition, offset)) => {
                self.counters.delivered.fetch_add(1, Relaxed);
                if let Some([p, o]) = ticket.batch.offsets.get(ticket.index as usize) {
                    p.store(partition.into(), Relaxed);
                    o.store(offset, Relaxed);
                }
            }
            Err(code) => {
                self.counters.failed.fetch_add(1, Relaxed);
                lock(&ticket.batch.failures).push((ticket.index, code));
            }
        }
        self.finish(&ticket.batch, 1);
    }

    /// Counts `count` messages of a batch as settled and reports the batch after its last.
    fn finish(&self, batch: &Pending, count: usize) {
        use std::sync::atomic::Ordering::AcqRel;
        if batch.remaining.fetch_sub(count, AcqRel) != count {
            return;
        }
        self.counters.batches.fetch_add(1, Relaxed);
        self.counters.delivery_us.fetch_add(batch.begun.elapsed().as_micros() as u64, Relaxed);
        self.mailbox.push(Event::Sent {
            id: batch.id,
            failures: std::mem::take(&mut lock(&batch.failures)),
            offsets: batch.offsets.iter().flatten().map(|n| n.load(Relaxed) as f64).collect(),
            refused: lock(&batch.refused).take(),
        });
    }
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.0.voice.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // Whether it is fatal, the thread that polls finds out.
        self.0.has_failed.store(true, Relaxed);
        if error.rdkafka_error_code() != Some(Code::Fatal) {
            self.0.voice.error(&error, reason);
        }
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.0.voice.wait_for_token()
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Box<Ticket>;

    fn delivery(&self, report: &DeliveryResult<'_>, ticket: Box<Ticket>) {
        let result = match report {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(Code::Fail)),
        };
        self.0.settle(&ticket, result);
        if self.0.is_full.load(Relaxed) {
            self.0.space.notify_one();
        }
    }
}

/// A running producer.
pub struct Producer {
    hub: Arc<Hub>,
    brokers: String,
    native: Mutex<Option<Running>>,
}

struct Running {
    client: Arc<BaseProducer<Context>>,
    jobs: Sender<Batch>,
    feeder: JoinHandle<()>,
    collector: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl Producer {
    /// A producer with these properties; it connects by itself when there is something to send.
    ///
    /// # Errors
    /// `Argument` if librdkafka refuses a property.
    pub fn new(properties: &Properties, notify: Notify) -> Result<Self> {
        let config = client::config(properties)?;
        let hub = Arc::new_cyclic(|hub: &std::sync::Weak<Hub>| {
            let hub = hub.clone();
            let say = move |notice| {
                if let Some(hub) = hub.upgrade() {
                    hub.mailbox.push(Event::Notice(notice));
                }
            };
            Hub {
                mailbox: Mailbox::new(notify),
                counters: Counters::default(),
                voice: Voice::new(properties, say),
                space: Condvar::new(),
                space_lock: Mutex::new(()),
                is_full: AtomicBool::new(false),
                abort: AtomicBool::new(false),
                transaction: Mutex::default(),
                has_failed: AtomicBool::new(false),
            }
        });
        let client: Arc<BaseProducer<Context>> = Arc::new(config.create_with_context(Context(Arc::clone(&hub)))?);
        let (jobs, queue) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let feeder = spawn("dspx-produce", {
            let (client, hub) = (Arc::clone(&client), Arc::clone(&hub));
            move || feed(&client, &hub, &queue)
        })?;
        let collector = spawn("dspx-reports", {
            let (client, hub, stop) = (Arc::clone(&client), Arc::clone(&hub), Arc::clone(&stop));
            move || {
                while !stop.load(Relaxed) {
                    client.poll(Duration::from_millis(50));
                    if hub.has_failed.swap(false, Relaxed)
                        && let Some((code, reason)) = client.client().fatal_error()
                    {
                        let report = KafkaFailure { fatal: true, retriable: false, ..code_report(code, &reason) };
                        hub.mailbox.push(Event::Notice(Notice::Error(report)));
                    }
                }
            }
        })?;
        let brokers = properties.values.get("bootstrap.servers").cloned().unwrap_or_default();
        let running = Running { client, jobs, feeder, collector, stop };
        Ok(Self { hub, brokers, native: Mutex::new(Some(running)) })
    }

    /// Queues a batch; its reports come as `Event::Sent`. After `close` all its messages fail with `_DESTROY`.
    pub fn send(&self, batch: Batch) {
        let batch = match &*lock(&self.native) {
            Some(running) => match running.jobs.send(batch) {
                Ok(()) => return,
                Err(unsent) => unsent.0,
            },
            None => batch,
        };
        let refused = Some(code_failure(Code::BrokerDestroy));
        self.hub.mailbox.push(Event::Sent { id: batch.id, failures: Vec::new(), offsets: Vec::new(), refused });
    }

    /// Waits in the background until a broker answers; the outcome comes as `Event::Connected`.
    pub fn connect(&self, id: f64, timeout: Duration) {
        let Some(client) = lock(&self.native).as_ref().map(|r| Arc::clone(&r.client)) else {
            return self.hub.mailbox.push(Event::Connected(id, Err(code_failure(Code::BrokerDestroy))));
        };
        let (hub, brokers) = (Arc::clone(&self.hub), self.brokers.clone());
        crate::runtime().spawn_blocking(move || {
            let result = connect(&client, &hub, &brokers, timeout);
            drop(client);
            hub.mailbox.push(Event::Connected(id, result));
        });
    }

    /// Frees the client in the background: what is queued has until `timeout` to be delivered, then it fails. The end
    /// comes as `Event::Closed`.
    pub fn close(&self, id: f64, timeout: Duration) {
        let running = lock(&self.native).take();
        let hub = Arc::clone(&self.hub);
        crate::runtime().spawn_blocking(move || {
            if let Some(running) = running {
                running.end(&hub, timeout);
            }
            hub.mailbox.push(Event::Closed(id));
        });
    }

    /// Frees the client now, on the caller's thread, without waiting for deliveries.
    pub fn abandon(&self) {
        if let Some(running) = lock(&self.native).take() {
            running.end(&self.hub, Duration::ZERO);
        }
    }

    /// The native producer, for the calls of transactions; nothing once closed.
    pub(crate) fn native(&self) -> Option<Arc<Native>> {
        lock(&self.native).as_ref().map(|running| Arc::clone(&running.client))
    }

    /// From here on only messages of this transaction are handed over; those of others fail.
    pub(crate) fn enter(&self, transaction: u64) {
        *lock(&self.hub.transaction) = transaction;
    }

    /// Takes all events.
    pub fn collect(&self) -> Vec<Event> {
        self.hub.mailbox.collect()
    }

    /// Hands over what the token provider gave.
    pub fn supply_token(&self, token: Result<Token, String>) {
        self.hub.voice.supply_token(token);
    }

    /// Counters since creation.
    pub fn metrics(&self) -> Metrics {
        let c = &self.hub.counters;
        let [messages, delivered, delivery_errors] = [&c.messages, &c.delivered, &c.failed].map(|n| n.load(Relaxed));
        Metrics {
            messages,
            bytes: c.bytes.load(Relaxed),
            delivered,
            delivery_errors,
            queued: messages.saturating_sub(delivered + delivery_errors),
            batches: c.batches.load(Relaxed),
            delivery_ms: c.delivery_us.load(Relaxed) as f64 / 1e3,
        }
    }
}

impl Running {
    fn end(self, hub: &Hub, timeout: Duration) {
        let Self { client, jobs, feeder, collector, stop } = self;
        let deadline = Instant::now() + timeout;
        drop(jobs);
        while !(feeder.is_finished() && client.in_flight_count() == 0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        hub.abort.store(true, Relaxed);
        hub.space.notify_all();
        let _ = feeder.join();
        stop.store(true, Relaxed);
        let _ = collector.join();
        drop(client);
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|e| super::failure("_CRIT_SYS_RESOURCE", format!("no thread for the Kafka client: {e}")))
}

fn connect(client: &BaseProducer<Context>, hub: &Hub, brokers: &str, timeout: Duration) -> Result<()> {
    let deadline = Instant::now() + timeout;
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).min(Duration::from_millis(250));
        if client.client().fetch_cluster_id(left).is_some() {
            return Ok(());
        }
        if let Some(report) = hub.voice.refused() {
            return Err(Error::Kafka(report));
        }
        if left.is_zero() || hub.abort.load(Relaxed) {
            return Err(hub.voice.unreachable(brokers, timeout));
        }
    }
}

fn feed(client: &BaseProducer<Context>, hub: &Hub, queue: &Receiver<Batch>) {
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

/// Hands one message to librdkafka, waiting while its queue is full.
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

/// One message of a packed batch.
struct Part<'a> {
    partition: i32,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: Option<OwnedHeaders>,
}

/// Walks over a packed batch; lengths that do not fit end the walk.
struct Parts<'a> {
    layout: std::slice::Iter<'a, i32>,
    data: &'a [u8],
    malformed: bool,
}

impl<'a> Parts<'a> {
    fn new(batch: &'a Batch) -> Self {
        Self { layout: batch.layout.iter(), data: &batch.data, malformed: false }
    }

    /// Number of messages that the layout announces.
    fn count(&self) -> usize {
        let mut layout = self.layout.clone();
        let mut count = 0;
        while let Some(headers) = layout.nth(3) {
            count += 1;
            for _ in 0..2 * (*headers).max(0) {
                layout.next();
            }
        }
        count
    }

    /// The next part by the next length of the layout: `Some(None)` is null.
    fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(*self.layout.next()?) {
            Err(_) => Some(None),
            Ok(len) => {
                let (part, rest) = self.data.split_at_checked(len)?;
                self.data = rest;
                Some(Some(part))
            }
        }
    }

    fn read(&mut self) -> Option<Part<'a>> {
        let partition = *self.layout.next()?;
        // The number of headers stands behind the two lengths, their bytes behind both parts.
        let (key, value) = (self.bytes()?, self.bytes()?);
        let count = *self.layout.next()?;
        let mut headers = (count > 0).then(|| OwnedHeaders::new_with_capacity(count.clamp(0, 1024) as usize));
        for _ in 0..count.max(0) {
            let name = std::str::from_utf8(self.bytes()??).ok()?;
            if name.contains('\0') {
                return None;
            }
            let header = Header { key: name, value: self.bytes()? };
            headers = headers.map(|h| h.insert(header));
        }
        Some(Part { partition, key, value, headers })
    }

    fn next(&mut self) -> Option<Part<'a>> {
        let part = self.read();
        self.malformed |= part.is_none();
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(data: &[u8], layout: &[i32]) -> Batch {
        Batch { data: data.to_vec(), layout: layout.to_vec(), ..Batch::default() }
    }

    #[test]
    fn a_packed_batch_is_taken_apart() {
        let batch = batch(b"kvalnv2", &[-1, 1, 3, 1, 1, 1, 4, -1, 1, 0]);
        let mut parts = Parts::new(&batch);
        assert_eq!(parts.count(), 2);
        let first = parts.next().unwrap();
        assert_eq!((first.partition, first.key, first.value), (-1, Some(&b"k"[..]), Some(&b"val"[..])));
        assert!(first.headers.is_some());
        let second = parts.next().unwrap();
        assert_eq!((second.partition, second.key, second.value), (4, None, Some(&b"2"[..])));
        assert!(!parts.malformed);
    }

    #[test]
    fn lengths_that_lie_are_noticed() {
        for layout in [&[-1, 9, 0, 0][..], &[-1, 0, 9, 0], &[-1, 0, 0, 2, 1, 1]] {
            let batch = batch(b"abc", layout);
            let mut parts = Parts::new(&batch);
            assert!(parts.next().is_none() && parts.malformed, "{layout:?}");
        }
    }
}
