//! The ends of the partitions, and whether there is a broker, from librdkafka's statistics, which come every second
//! without a request.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::shared::Shared;
use crate::kafka::lock;

#[derive(Deserialize)]
struct Statistics {
    #[serde(default)]
    topics: HashMap<String, Topic>,
    #[serde(default)]
    brokers: HashMap<String, Broker>,
}

#[derive(Deserialize)]
struct Broker {
    state: String,
}

#[derive(Deserialize)]
struct Topic {
    partitions: HashMap<String, Partition>,
}

#[derive(Deserialize)]
struct Partition {
    hi_offset: i64,
    /// Offset to fetch next, after everything fetched, whether messages or not.
    #[serde(default = "unknown")]
    next_offset: i64,
    /// Number of messages that were fetched and not yet passed on.
    #[serde(default = "unknown")]
    fetchq_cnt: i64,
}

fn unknown() -> i64 {
    -1
}

/// Processes statistics; notes that the ends of partitions that are not being fetched are due to be requested.
pub fn note(shared: &Shared, json: &[u8]) {
    let Ok(statistics) = serde_json::from_slice::<Statistics>(json) else { return };
    if statistics.brokers.values().any(|broker| broker.state == "UP") {
        shared.away.store(false, Relaxed);
    }
    let reported = reported(&statistics);
    for partition in lock(&shared.partitions).iter_mut() {
        let topic = Arc::clone(&partition.topic);
        let Some(reported) = reported.get(&(&*topic, partition.number)) else { continue };
        if reported.hi_offset >= 0 {
            partition.saw_high(reported.hi_offset);
        }
        if reported.fetchq_cnt == 0 {
            partition.fetched_to(reported.next_offset);
        }
    }
    shared.ends_due.store(true, Relaxed);
}

fn reported(statistics: &Statistics) -> HashMap<(&str, i32), &Partition> {
    let mut all = HashMap::new();
    for (name, topic) in &statistics.topics {
        for (number, partition) in &topic.partitions {
            if let Ok(number) = number.parse() {
                all.insert((name.as_str(), number), partition);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_found_with_what_is_known_of_them() {
        let json = r#"{"name":"x","topics":{"t":{"topic":"t","partitions":{
            "0":{"partition":0,"hi_offset":7,"ls_offset":6,"next_offset":7,"fetchq_cnt":0},"1":{"hi_offset":-1001}}}}}"#;
        let statistics: Statistics = serde_json::from_str(json).unwrap();
        let reported = reported(&statistics);
        let numbers = |number| reported.get(&("t", number)).map(|p| (p.hi_offset, p.next_offset, p.fetchq_cnt));
        assert_eq!((numbers(0), numbers(1), numbers(2)), (Some((7, 7, 0)), Some((-1001, -1, -1)), None));
        assert!(serde_json::from_str::<Statistics>("{}").unwrap().topics.is_empty());
    }
}
