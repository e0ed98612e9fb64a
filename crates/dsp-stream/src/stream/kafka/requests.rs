//! Requests of the stream's owner.

use std::sync::Arc;
use tokio::sync::oneshot;

use super::driver::Driver;
use super::event::{Request, StreamEvent};
use super::owned::Owned;
use super::port::answered;
use crate::error::Result;
use crate::kafka::lock;
use crate::stream::protocol::command::Command;
use crate::topic::TopicPartition;

impl Driver {
    /// Handles a request other than `Stop`.
    pub(super) fn request(&mut self, request: Request) {
        let shared = Arc::clone(&self.shared);
        let ask_all = |id: f64, command: fn(oneshot::Sender<Result<()>>) -> Command| {
            let answers: Vec<_> = lock(&shared.owned).iter().map(|owned| owned.ask(command)).collect();
            let shared = Arc::clone(&shared);
            crate::runtime().spawn(async move {
                let mut result = Ok(());
                for answer in answers {
                    // A partition that is gone has nothing to do any more.
                    result = result.and(answer.await.unwrap_or(Ok(())));
                }
                shared.mailbox.push(StreamEvent::Answer(id, result));
            });
        };
        match request {
            Request::Start(id) => {
                self.starting = Some(id);
                self.connect();
            }
            Request::Pause(id) => {
                self.is_paused = true;
                ask_all(id, Command::Pause);
            }
            Request::Resume(id) => {
                self.is_paused = false;
                ask_all(id, Command::Resume);
            }
            Request::Checkpoint(id) => match self.transactions.as_ref().map(|running| running.handle.clone()) {
                Some(handle) => {
                    crate::runtime().spawn(async move {
                        let result = handle.checkpoint().await;
                        shared.mailbox.push(StreamEvent::Answer(id, result));
                    });
                }
                None => ask_all(id, Command::Checkpoint),
            },
            Request::State(id, key, topic, partition) => {
                let is_meant = |o: &&Owned| {
                    let TopicPartition { topic: name, partition: number } = &o.port.source;
                    topic.as_ref().is_none_or(|t| t == name) && partition.is_none_or(|p| p == *number)
                };
                let answers: Vec<_> = lock(&self.shared.owned)
                    .iter()
                    .filter(is_meant)
                    .map(|o| o.ask(|answer| Command::State(key.clone(), answer)))
                    .collect();
                crate::runtime().spawn(async move {
                    let mut found = Ok(None);
                    for answer in answers {
                        found = answered(answer).await;
                        if !matches!(found, Ok(None)) {
                            break;
                        }
                    }
                    shared.mailbox.push(StreamEvent::KeyState(id, found));
                });
            }
            Request::Stop(..) => {}
        }
    }
}
