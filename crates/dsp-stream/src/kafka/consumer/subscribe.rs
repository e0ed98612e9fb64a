//! Joining the group, once the topics are there.

use rdkafka::consumer::Consumer as _;
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::poll::{Thread, error_with};
use crate::kafka::codes;

/// Pause between two questions for a topic that is not there yet.
const PAUSE: Duration = Duration::from_millis(100);
/// Bound of one question: the poll thread has other things to do.
const ASK: Duration = Duration::from_secs(1);

impl Thread {
    /// Subscribes to the topics. A topic that does not exist is reported, with the broker's reason.
    ///
    /// librdkafka says so only with the classic protocol, and at once, though a topic that was made a moment ago is not
    /// known to every broker yet.
    pub(super) fn subscribe(&mut self) {
        if let Some(topic) = self.wait_for_topics() {
            let reason = codes::error_text(Code::UnknownTopicOrPartition);
            let timeout = self.shared.config.topic_timeout.as_millis();
            let text = format!("there is no topic {topic} after {timeout} ms ({reason}): is its name right?");
            self.shared.report(error_with(Code::UnknownTopicOrPartition, text));
        }
        let topics: Vec<&str> = self.shared.config.topics.iter().map(String::as_str).collect();
        if let Err(error) = self.native.subscribe(&topics) {
            let text = format!("topics cannot be subscribed to ({error}): is one of the expressions wrong?");
            self.shared.report(error_with(Code::InvalidArgument, text));
        }
    }

    /// Waits until the topics that have a name are there, and returns one that is not within the time. Where the
    /// brokers may make topics, asking for one makes it. Expressions need no topic.
    fn wait_for_topics(&mut self) -> Option<String> {
        let deadline = Instant::now() + self.shared.config.topic_timeout;
        let names = self.shared.config.topics.clone();
        for name in names.iter().filter(|name| !name.starts_with('^')) {
            while self.is_missing(name) {
                if Instant::now() >= deadline {
                    return Some(name.clone());
                }
                if self.shared.closing.load(Relaxed) {
                    return None;
                }
                self.burst();
                self.shared.signal.wait(PAUSE);
            }
        }
        None
    }

    /// Whether the brokers say that there is no such topic. Where they say anything else, or nothing, librdkafka deals
    /// with it.
    fn is_missing(&self, name: &str) -> bool {
        let Ok(metadata) = self.native.fetch_metadata(Some(name), ASK) else { return false };
        let topic = metadata.topics().iter().find(|topic| topic.name() == name);
        let error = topic.and_then(|topic| topic.error()).map(Code::from);
        error == Some(Code::UnknownTopicOrPartition)
    }
}
