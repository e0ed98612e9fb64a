//! Processing of the messages that were taken: reads their states, sends them through the pipelines, sends the outputs.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

use super::Partition;
use super::apply::{Key, Outcome, Stop, apply};
use super::read::read;
use crate::error::Result;
use crate::stream::guarantee::session::{End, Session, Step};
use crate::stream::guarantee::strategy::Strategy;
use crate::stream::migration::{self, Migrated};
use crate::stream::protocol::message::Message;
use crate::stream::protocol::port::Port;
use crate::stream::protocol::status::PartitionEvent;

/// Pause before states that could not be read are read again.
const STORE_PAUSE: Duration = Duration::from_millis(200);

impl<P: Port + 'static, S: Strategy> Partition<P, S> {
    /// Processes messages and sends the outputs.
    pub(super) async fn process(&mut self, session: &mut Session, mut messages: Vec<Message>) -> Step {
        if !self.strategy.admit(&self.context, session)? {
            session.backlog = Some((messages, Instant::now()));
            return Ok(());
        }
        let settings = Arc::clone(&self.context.settings);
        let keys: Vec<Key> = messages.iter().map(|m| settings.config.input.key.of(m)).collect();
        match self.load(session, &keys, &messages).await {
            Err(error) if error.is_outage() => {
                self.context.report.failed(error);
                session.backlog = Some((messages, Instant::now() + STORE_PAUSE));
                return Ok(());
            }
            loaded => loaded?,
        }
        let port = Arc::clone(&self.context.port);
        let (outcome, rest, keys, dirty) = self
            .context
            .with_states(move |states| {
                let mut outcome = apply(states, &messages, &keys, &settings, |output| port.fits(output));
                outcome.counters.keys_evicted = states.evict() as u64;
                let rest = messages.split_off(outcome.count);
                (outcome, rest, states.count(), states.dirty())
            })
            .await?;
        let Outcome { next, last_time, counters, outputs, dead, end, .. } = outcome;
        if let Some(next) = next {
            session.position = next;
            session.pending += counters.messages as usize;
            self.strategy.processed();
        }
        if !outputs.is_empty() {
            session.sends.push_back(tokio::spawn(self.context.port.send(outputs)));
        }
        let report = &self.context.report;
        report.update(|s| {
            (s.position, s.keys, s.dirty) = (session.position, keys, dirty);
            s.last_time = last_time.or(s.last_time);
            s.counters += counters;
        });
        dead.into_iter().for_each(|(offset, reason)| report.emit(PartitionEvent::DeadLetter(offset, reason)));
        crate::failpoint!("after-process");
        match end {
            None => {
                // Later, with room for what they bring out.
                session.backlog = (!rest.is_empty()).then(|| (rest, Instant::now()));
                Ok(())
            }
            Some(Stop::Broken(offset)) => {
                self.context.states().mark(offset);
                Err(End::Restore)
            }
            Some(Stop::Poison(error)) => Err(End::Halted { error, stall: true }),
        }
    }

    /// Loads states that are not in memory. A state from the store is used only if it is as new as this owner's last
    /// write; otherwise outputs would come from earlier states.
    async fn load(&mut self, session: &Session, keys: &[Key], messages: &[Message]) -> Result<()> {
        let states = self.context.states();
        let mut seen = HashSet::new();
        let (wanted, first): (Vec<Vec<u8>>, Vec<i64>) = keys
            .iter()
            .zip(messages)
            .filter_map(|(key, message)| Some((key.as_ref().ok()?, message)))
            .filter(|(key, _)| !states.has(key) && seen.insert(*key))
            .map(|(key, message)| (key.clone(), message.offset))
            .unzip();
        if wanted.is_empty() {
            return Ok(());
        }
        let found = read(&*self.context.store, &session.lease, &wanted).await?;
        self.context.report.store_answers();
        let loaded = found.iter().filter(|versions| !versions.is_empty()).count() as u64;
        let guarantee = self.context.settings.guarantee();
        let mut count = 0;
        for ((key, versions), message) in wanted.iter().zip(&found).zip(first) {
            let record = guarantee.version_before(versions, message);
            if let Some(definition) = record.and_then(|record| self.context.states().unknown(record)) {
                let former = migration::recall(&*self.context.store, &self.context.settings, definition).await?;
                self.context.states().know(definition, former);
            }
            if let Some(Migrated { kept, fresh }) = self.context.states().load(key, record)? {
                count += 1;
                let (place, name) = (&self.context.settings.source, String::from_utf8_lossy(key));
                tracing::info!(target: "dsp_stream::stream", %place, key = %name, kept, ?fresh, "a state has migrated");
                self.context.report.emit(PartitionEvent::Migrated { key: key.clone(), kept, fresh });
            }
        }
        self.context.report.update(|s| {
            s.counters.keys_loaded += loaded;
            s.counters.keys_migrated += count;
        });
        Ok(())
    }
}
