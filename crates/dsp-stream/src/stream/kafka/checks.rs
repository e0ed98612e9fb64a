//! Checks of the topics before the group is joined.

use std::sync::Arc;

use super::event::StreamEvent;
use super::owned::Shared;
use super::port::{Pending, watermarks};
use crate::error::{Error, Result};
use crate::kafka::consumer::Consumer;
use crate::kafka::options::Properties;
use crate::kafka::topics;
use crate::stream::protocol::config::StreamConfig;

/// Sees that outputs and events have as many partitions as the input, if they go to the partition of their input.
pub(super) async fn check_outputs(config: &StreamConfig, consumer: &Consumer, pending: &Pending) -> Result<()> {
    let output = config.output.as_ref().filter(|output| output.same_partition).map(|output| ("output", &output.topic));
    let events = config.events.as_ref().filter(|events| events.same_partition).map(|events| ("events", &events.topic));
    for (option, topic) in output.into_iter().chain(events) {
        check_partitions(config, consumer, pending, (option, topic)).await?;
    }
    Ok(())
}

async fn check_partitions(
    config: &StreamConfig,
    consumer: &Consumer,
    pending: &Pending,
    (option, output): (&str, &String),
) -> Result<()> {
    let count = async |topic: &str| watermarks(consumer, pending, topic, 0).await.map(|w| w.partitions);
    let outputs = count(output).await?;
    for topic in &config.topics {
        let inputs = count(topic).await?;
        if inputs != outputs {
            return Err(Error::argument(format!(
                "{option}.partition 'input' needs as many partitions: {topic} has {inputs}, {output} has {outputs}"
            )));
        }
    }
    Ok(())
}

/// Ensures that the changelog's topic exists, if there is to be a changelog.
pub(super) async fn check_changelog(shared: &Arc<Shared>, reading: Arc<Properties>, writing: Properties) -> Result<()> {
    let Some(topic) = shared.config.changelog_topic.clone() else { return Ok(()) };
    let asking = Arc::clone(shared);
    let check = move || {
        let StreamConfig { topics, connect_timeout, .. } = &asking.config;
        topics::ensure_compacted((&reading, &writing), &topic, topics, *connect_timeout)
    };
    let warning = tokio::task::spawn_blocking(check).await.unwrap_or_else(|e| Err(Error::internal(e)))?;
    if let Some(warning) = warning {
        tracing::warn!(target: "dsp_stream::stream", "{warning}");
        shared.mailbox.push(StreamEvent::Warning(warning));
    }
    Ok(())
}
