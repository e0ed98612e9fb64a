//! Consumer and producer of a stream.

use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

use super::port::Pending;
use crate::codec::Codec;
use crate::error::Result;
use crate::kafka;
use crate::kafka::consumer::{Begin, Config as ConsumerConfig, Consumer, Limits};
use crate::kafka::options::Properties;
use crate::kafka::producer::Producer;
use crate::stream::protocol::config::{Guarantee, StreamConfig};

/// Number of messages that the consumer passes on at once.
const BATCH: usize = 256;
/// Longest wait for clients that must be replaced.
const ABANDON_TIMEOUT: Duration = Duration::from_secs(3);

/// Consumer and producer, and the requests to them.
pub(super) struct Clients {
    pub(super) consumer: Arc<Consumer>,
    pub(super) producer: Arc<Producer>,
    pub(super) pending: Arc<Pending>,
}

impl Clients {
    pub(super) fn new(
        config: &StreamConfig,
        properties: &(Properties, Properties),
        wake: &Arc<Notify>,
    ) -> Result<Self> {
        let waker = || -> kafka::Notify {
            let wake = Arc::clone(wake);
            Box::new(move || wake.notify_one())
        };
        let limits = Limits { messages: config.prefetch.messages, bytes: config.prefetch.bytes, batch: BATCH };
        let reading = ConsumerConfig {
            topics: config.topics.clone(),
            from_beginning: !config.input.from_latest,
            codec: Codec::Raw,
            limits,
            revoke_timeout: config.revoke_timeout,
            commit_starts: false,
            topic_timeout: config.connect_timeout,
            auto_commit: true,
            begin: match config.guarantee {
                Guarantee::ExactlyOnce => Begin::Owner,
                Guarantee::AtLeastOnce => Begin::GroupOrOwner,
            },
        };
        let consumer = Arc::new(Consumer::new(&properties.0, reading, waker())?);
        match Producer::new(&properties.1, waker()) {
            Ok(producer) => Ok(Self { consumer, producer: Arc::new(producer), pending: Arc::default() }),
            Err(error) => {
                consumer.abandon(ABANDON_TIMEOUT);
                Err(error)
            }
        }
    }

    /// Returns weak references to both, for code that may have to end them without the driver.
    pub(super) fn handles(&self) -> (Weak<Consumer>, Weak<Producer>) {
        (Arc::downgrade(&self.consumer), Arc::downgrade(&self.producer))
    }

    /// Frees both without waiting.
    pub(super) async fn abandon(&self) {
        let (consumer, producer) = (Arc::clone(&self.consumer), Arc::clone(&self.producer));
        let _ = tokio::task::spawn_blocking(move || {
            consumer.abandon(ABANDON_TIMEOUT);
            producer.abandon();
        })
        .await;
    }
}
