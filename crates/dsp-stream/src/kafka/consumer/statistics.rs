//! The ends of the partitions, and whether there is a broker, out of librdkafka's statistics: every 5 s, and without asking
//! anybody.

use serde::Deserialize;
use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;

use super::Shared;
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
}

/// Takes note of statistics; says that partitions which are not being fetched want to be asked about.
pub fn note(shared: &Shared, json: &[u8]) {
    let Ok(statistics) = serde_json::from_slice::<Statistics>(json) else { return };
    if statistics.brokers.values().any(|broker| broker.state == "UP") {
        shared.away.store(false, Relaxed);
    }
    let ends = ends(&statistics);
    for partition in lock(&shared.partitions).iter_mut() {
        let end = ends.get(&(&*partition.topic, partition.number));
        partition.high = end.copied().unwrap_or(partition.high).max(partition.high);
    }
    shared.ends_due.store(true, Relaxed);
}

fn ends(statistics: &Statistics) -> HashMap<(&str, i32), i64> {
    let known = |(number, partition): (&String, &Partition)| {
        (partition.hi_offset >= 0).then_some((number.parse().ok()?, partition.hi_offset))
    };
    statistics
        .topics
        .iter()
        .flat_map(|(name, topic)| {
            topic.partitions.iter().filter_map(known).map(|(number, end)| ((name.as_str(), number), end))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_found_where_they_are_known() {
        let json = r#"{"name":"x","topics":{"t":{"topic":"t","partitions":{
            "0":{"partition":0,"hi_offset":7,"ls_offset":6},"1":{"hi_offset":-1001},"-1":{"hi_offset":-1001}}}}}"#;
        let statistics: Statistics = serde_json::from_str(json).unwrap();
        assert_eq!(ends(&statistics), HashMap::from([(("t", 0), 7)]));
        assert!(serde_json::from_str::<Statistics>("{}").unwrap().topics.is_empty());
    }
}
