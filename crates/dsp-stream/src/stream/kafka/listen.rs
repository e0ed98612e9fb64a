//! Handling of the events of consumer and producer in the driver.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::checks::{check_changelog, check_outputs};
use super::clients::Clients;
use super::driver::Driver;
use super::event::StreamEvent;
use super::port::{BROKER_PAUSE, Pending};
use crate::error::Error;
use crate::kafka::consumer::{self, Assigned};
use crate::kafka::{Notice, lock, producer};

/// Errors of joining a group after which no assignment will come.
const JOIN_REFUSALS: [&str; 12] = [
    "_AUTHENTICATION",
    "SASL_AUTHENTICATION_FAILED",
    "UNSUPPORTED_SASL_MECHANISM",
    "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED",
    "INCONSISTENT_GROUP_PROTOCOL",
    "INVALID_GROUP_ID",
    "FENCED_INSTANCE_ID",
    "INVALID_SESSION_TIMEOUT",
    "_INVALID_ARG",
    "TOPIC_EXCEPTION",
    "UNKNOWN_TOPIC_OR_PART",
];

impl Driver {
    /// Handles the events of consumer and producer.
    pub(super) fn collect(&mut self) {
        for event in self.clients.consumer.collect() {
            self.consumer_event(event);
        }
        for event in self.clients.producer.collect() {
            self.producer_event(event);
        }
        lock(&self.shared.owned).iter().for_each(|owned| owned.port.wake.notify_one());
    }

    fn consumer_event(&mut self, event: consumer::Event) {
        let pending = Arc::clone(&self.clients.pending);
        match event {
            consumer::Event::Connected(_, Ok(())) => self.check_topics(),
            consumer::Event::Connected(_, Err(error)) => match self.starting.take() {
                Some(id) => self.shared.mailbox.push(StreamEvent::Answer(id, Err(error))),
                None => self.fatal = Some(error),
            },
            consumer::Event::Assigned(_, assigned) if !self.is_stopping => self.assigned(assigned),
            consumer::Event::Assigned(..) => {}
            consumer::Event::Revoked { token, ids, lost } => self.revoked(token, &ids, lost),
            consumer::Event::Sought(id, result) => {
                if let Ok(Assigned { id, topic, partition, .. }) = &result {
                    // Before anything else is heard of the new assignment.
                    let owned = lock(&self.shared.owned);
                    let moved =
                        owned.iter().find(|o| o.port.source.partition == *partition && o.port.source.topic == **topic);
                    if let Some(owned) = moved {
                        *lock(&owned.port.id) = *id;
                    }
                }
                Pending::answer(&pending.seeks, id, result);
            }
            consumer::Event::Watermarks(id, result) => Pending::answer(&pending.watermarks, id, result),
            consumer::Event::Closed(id, result) => Pending::answer(&pending.ends, id, result),
            consumer::Event::Notice(Notice::Error(failure))
                if !failure.fatal && self.starting.is_some() && JOIN_REFUSALS.contains(&failure.code.as_str()) =>
            {
                *lock(&self.refusal) = Some(Error::Kafka(failure));
            }
            consumer::Event::Notice(notice) => self.notice(notice),
            consumer::Event::Committed(_, Ok(())) | consumer::Event::Lags(..) => {}
            consumer::Event::Committed(_, Err(error)) => {
                tracing::warn!(target: "dsp_stream::stream", %error, "a commit failed");
            }
        }
    }

    fn producer_event(&mut self, event: producer::Event) {
        match event {
            producer::Event::Sent { id, failures, refused, .. } => {
                Pending::answer(&self.clients.pending.sends, id, refused.map_or(Ok(failures), Err));
            }
            producer::Event::Closed(id) => Pending::answer(&self.clients.pending.ends, id, Ok(())),
            producer::Event::Connected(..) => {}
            producer::Event::Notice(notice) => self.notice(notice),
        }
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Log(line) => self.shared.mailbox.push(StreamEvent::Log(line)),
            Notice::Error(failure) if failure.code == "_AUTO_OFFSET_RESET" => {
                // It does not say which partition it is about.
                lock(&self.shared.owned).iter().for_each(|o| o.port.is_suspect.store(true, Relaxed));
            }
            Notice::Error(failure) if failure.fatal => self.fatal = Some(Error::Kafka(failure)),
            Notice::Error(failure) => {
                if failure.code == "_ALL_BROKERS_DOWN" {
                    self.wait_for_brokers();
                }
                self.shared.mailbox.push(StreamEvent::Error(Error::Kafka(failure)));
            }
            Notice::TokenWanted => {
                let reason = || Err("a stream takes no oauthBearerProvider".to_owned());
                self.clients.consumer.supply_token(reason());
                self.clients.producer.supply_token(reason());
            }
        }
    }

    /// Keeps asking until a broker answers again.
    fn wait_for_brokers(&self) {
        let Some(topic) = self.shared.config.topics.first().cloned() else { return };
        if self.has_no_broker.swap(true, Relaxed) {
            return;
        }
        let (consumer, pending) = (Arc::downgrade(&self.clients.consumer), Arc::clone(&self.clients.pending));
        let (has_no_broker, changed) = (Arc::clone(&self.has_no_broker), Arc::clone(&self.changed));
        changed.notify_one();
        crate::runtime().spawn(async move {
            loop {
                tokio::time::sleep(BROKER_PAUSE).await;
                let (id, answer) = pending.ask(&pending.watermarks);
                // A client that is gone leaves the question to its successor.
                let Some(consumer) = consumer.upgrade() else { break };
                consumer.watermarks(id, topic.clone(), 0);
                drop(consumer);
                if matches!(answer.await, Ok(Ok(_)) | Err(_)) {
                    break;
                }
            }
            has_no_broker.store(false, Relaxed);
            changed.notify_one();
        });
    }

    /// Joins the group once the topics have been checked.
    fn check_topics(&self) {
        let Clients { consumer, pending, .. } = &self.clients;
        let (consumer, pending, shared) = (Arc::clone(consumer), Arc::clone(pending), Arc::clone(&self.shared));
        let (reading, writing) = (Arc::clone(&self.reading), self.properties.1.clone());
        let (refusal, changed) = (Arc::clone(&self.refusal), Arc::clone(&self.changed));
        crate::runtime().spawn(async move {
            let check = async {
                check_outputs(&shared.config, &consumer, &pending).await?;
                check_changelog(&shared, reading, writing).await
            };
            match check.await {
                Ok(()) => consumer.subscribe(),
                Err(error) => *lock(&refusal) = Some(error),
            }
            changed.notify_one();
        });
    }
}
