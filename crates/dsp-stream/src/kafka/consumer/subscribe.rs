//! Joining the group, once the topics exist.

use rdkafka::consumer::Consumer as _;
use rdkafka::types::RDKafkaErrorCode as Code;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::poll::{Thread, error_with};
use crate::kafka::codes;

/// Pause between two requests for a topic that does not exist yet.
const PAUSE: Duration = Duration::from_millis(100);
/// Longest wait for one answer: the poll thread has other work.
const ASK: Duration = Duration::from_secs(1);

impl Thread {
    /// Subscribes to the topics. A topic that does not exist is reported, with the broker's reason.
    ///
    /// librdkafka reports it only with the classic protocol, and at once, although a topic that was just created is not
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

    /// Waits until the topics with a name exist, and returns one that does not within the time. If the brokers create
    /// topics, the request creates it. Regular expressions need no topic.
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

    /// Returns whether the brokers answer that there is no such topic. librdkafka handles any other answer.
    fn is_missing(&self, name: &str) -> bool {
        let Ok(metadata) = self.native.fetch_metadata(Some(name), ASK) else { return false };
        let topic = metadata.topics().iter().find(|topic| topic.name() == name);
        let error = topic.and_then(|topic| topic.error()).map(Code::from);
        error == Some(Code::UnknownTopicOrPartition)
    }
}
