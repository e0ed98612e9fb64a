//! The consumer on an embedded broker.

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::codec::Codec;
use crate::error::Result;
use crate::kafka::embedded::EmbeddedKafka;
use crate::kafka::lock;
use crate::kafka::options::Properties;
use crate::kafka::options::Role;
use crate::topic::Watermarks;

const PATIENCE: Duration = Duration::from_secs(30);

/// Returns a broker with a topic `t` that has `messages` in each partition.
fn kafka(partitions: i32, messages: usize) -> Arc<EmbeddedKafka> {
    let kafka = EmbeddedKafka::start(1.0, 0.0).unwrap();
    kafka.create_topic("t", f64::from(partitions)).unwrap();
    let servers = kafka.brokers().join(",");
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", servers).create().unwrap();
    for partition in 0..partitions {
        for _ in 0..messages {
            producer.send(BaseRecord::<(), _>::to("t").partition(partition).payload("x")).unwrap();
        }
    }
    producer.flush(PATIENCE).unwrap();
    kafka
}

/// A consumer that keeps few messages, and what it has said so far.
struct Member {
    consumer: Consumer,
    owned: HashMap<i32, AssignmentId>,
    sought: Option<Result<Assigned>>,
    watermarks: Option<Result<Watermarks>>,
}

impl Member {
    fn join(kafka: &EmbeddedKafka, begin: Begin) -> Self {
        let mut properties = Properties::map(Role::Consumer, kafka.brokers(), None, &serde_json::Map::new()).unwrap();
        for (name, value) in [("group.id", "g"), ("session.timeout.ms", "3000"), ("heartbeat.interval.ms", "100")] {
            properties.set(name, value);
        }
        properties.set("partition.assignment.strategy", "range");
        let config = Config {
            topics: vec!["t".into()],
            from_beginning: true,
            codec: Codec::Raw,
            limits: Limits { messages: 2, bytes: 1 << 20, batch: 1 },
            revoke_timeout: PATIENCE,
            commit_starts: false,
            topic_timeout: Duration::from_secs(10),
            auto_commit: true,
            begin,
        };
        let consumer = Consumer::new(&properties, config, Box::new(|| ())).unwrap();
        consumer.connect(1.0, PATIENCE);
        Self { consumer, owned: HashMap::new(), sought: None, watermarks: None }
    }

    fn listen(&mut self) {
        for event in self.consumer.collect() {
            match event {
                Event::Connected(_, result) => {
                    result.unwrap();
                    self.consumer.subscribe();
                }
                Event::Assigned(_, assigned) => self.owned.extend(assigned.into_iter().map(|a| (a.partition, a.id))),
                Event::Revoked { token, ids, .. } => {
                    self.owned.retain(|_, id| !ids.contains(id));
                    self.consumer.release(token);
                }
                Event::Sought(_, result) => self.sought = Some(result),
                Event::Watermarks(_, result) => self.watermarks = Some(result),
                _ => {}
            }
        }
    }

    /// Asks the leader of a partition for both its ends, and waits for the answer.
    fn describe(&mut self, partition: i32) {
        self.consumer.watermarks(4.0, "t".into(), partition);
        let watermarks = until("description", || {
            self.listen();
            self.watermarks.take()
        });
        watermarks.unwrap();
    }

    /// Takes the next message of a partition; gives its offset.
    fn take(&mut self, partition: i32) -> i64 {
        until("a message comes", || {
            self.listen();
            let id = *self.owned.get(&partition)?;
            self.consumer.begin(id);
            Some(self.consumer.take(id)?.0.meta[0] as i64)
        })
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Else librdkafka may go to what it has asked for after the owner has sought something else.
#[test]
fn where_the_owner_decides_nothing_is_asked_or_fetched_before() {
    // While librdkafka pauses so many one by one, it fetches from those that were not paused from the outset.
    const PARTITIONS: i32 = 300;
    let kafka = kafka(PARTITIONS, 10);
    let mut member = Member::join(&kafka, Begin::Owner);
    until("assignment", || {
        member.listen();
        (member.owned.len() == PARTITIONS as usize).then_some(())
    });
    // The thread of librdkafka that fetches from a broker sends the other questions to that broker too, in turn: the
    // first answer shows that it has heard of the assignment, the second that it has had its turn to fetch since.
    member.describe(0);
    member.describe(0);
    let asked: Vec<String> = kafka.requests().unwrap().into_iter().map(|request| request.api).collect();
    let count = |api: &str| asked.iter().filter(|asked| *asked == api).count();
    assert!(count("JoinGroup") > 0, "{asked:?}");
    assert_eq!(count("ListOffsets"), 2 * 2, "each description asks for two ends, and nobody else asks: {asked:?}");
    assert_eq!(count("Fetch"), 0, "{asked:?}");
    member.consumer.seek(2.0, "t".into(), 0, Target::Offset(5));
    let assigned = until("seek", || {
        member.listen();
        member.sought.take()
    });
    member.owned.insert(0, assigned.unwrap().id);
    assert_eq!([member.take(0), member.take(0)], [5, 6]);
}

#[test]
fn a_partition_that_was_paused_when_it_left_goes_on_when_it_comes_back() {
    let kafka = kafka(2, 10);
    let mut first = Member::join(&kafka, Begin::Group);
    assert_eq!([first.take(0), first.take(1)], [0, 0]);
    // The queues are full: both are paused.
    until("pause", || {
        let partitions = lock(&first.consumer.shared.partitions);
        (partitions.iter().count() == 2 && partitions.iter().all(|(_, p)| p.paused)).then_some(())
    });
    let mut second = Member::join(&kafka, Begin::Group);
    until("a partition for each", || {
        first.listen();
        second.listen();
        (first.owned.len() == 1 && second.owned.len() == 1).then_some(())
    });
    second.consumer.close(3.0);
    until("both again", || {
        first.listen();
        second.listen();
        (first.owned.len() == 2).then_some(())
    });
    for partition in [0, 1] {
        let offsets: Vec<i64> = (0..10).map(|_| first.take(partition)).collect();
        assert_eq!(offsets, (0..10).collect::<Vec<_>>(), "partition {partition}");
    }
}
