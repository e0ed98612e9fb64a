//! The partitions that a stream has been assigned: what they are asked, how they end, what they tell.

use serde_json::{Value as Json, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::port::KafkaPort;
use super::{Event, Shared};
use crate::error::Result;
use crate::kafka::lock;
use crate::kafka::mailbox::Mailbox;
use crate::stream::exactly_once::Handle;
use crate::stream::partition::{Command, Happening, Status};

/// An assigned partition.
pub(super) struct Owned {
    pub(super) port: Arc<KafkaPort>,
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    pub(super) task: AbortHandle,
}

/// Sends a command that is answered.
pub(super) fn ask<T>(
    commands: &mpsc::UnboundedSender<Command>,
    command: impl FnOnce(oneshot::Sender<Result<T>>) -> Command,
) -> oneshot::Receiver<Result<T>> {
    let (sender, receiver) = oneshot::channel();
    let _ = commands.send(command(sender));
    receiver
}

/// Ends partitions with a last checkpoint, as far as there is time.
pub(super) async fn end(owned: Vec<Owned>, time: Duration, shared: &Shared, transactions: Option<Handle>) {
    let begun = Instant::now();
    if let Some(transactions) = transactions {
        lock(&shared.leaving).extend(owned.iter().map(|o| o.commands.clone()));
        owned.iter().for_each(|o| drop(o.commands.send(Command::Retire)));
        if let Ok(Err(error)) = timeout(time, transactions.checkpoint()).await {
            shared.mailbox.push(Event::Error(error));
        }
    }
    let time = time.saturating_sub(begun.elapsed());
    let answers: Vec<_> = owned.iter().map(|o| ask(&o.commands, Command::Stop)).collect();
    let _ = timeout(time, async {
        for answer in answers {
            let _ = answer.await;
        }
    })
    .await;
    owned.iter().for_each(|o| o.end(&shared.mailbox));
    lock(&shared.leaving).retain(|leaving| !owned.iter().any(|o| o.commands.same_channel(leaving)));
}

impl Owned {
    /// Ends at once; what it has counted stays with the stream.
    pub(super) fn end(&self, mailbox: &Mailbox<Event>) {
        self.task.abort();
        let counts: serde_json::Map<String, Json> = lock(&self.status)
            .counts
            .named()
            .map(|(name, count)| (name.to_owned(), json!(count)))
            .into_iter()
            .collect();
        mailbox.push(Event::Happened("ended", Json::Object(counts).to_string()));
    }
}

/// Hands on what a partition tells.
pub(super) fn tell(mailbox: &Mailbox<Event>, topic: &str, partition: i32, what: Happening) {
    let place = |more: Json| {
        let mut place = json!({ "topic": topic, "partition": partition });
        if let (Some(place), Json::Object(more)) = (place.as_object_mut(), more) {
            place.extend(more);
        }
        place.to_string()
    };
    let (name, text) = match what {
        Happening::Restored(offset) => ("restored", place(json!({ "offset": offset.to_string() }))),
        Happening::Rollback(offset) => ("store-rollback", place(json!({ "offset": offset.to_string() }))),
        Happening::Checkpoint { next, records, bytes, ms } => {
            ("checkpoint", place(json!({ "offset": next.to_string(), "records": records, "bytes": bytes, "ms": ms })))
        }
        Happening::DeadLetter(offset, reason) => {
            ("dlq", place(json!({ "offset": offset.to_string(), "reason": reason })))
        }
        Happening::Fenced(error) => ("fenced", place(json!({ "reason": error.to_string() }))),
        Happening::Stalled(error) => {
            mailbox.push(Event::Error(error.clone()));
            ("stalled", place(json!({ "reason": error.to_string() })))
        }
        Happening::Failed(error) => return mailbox.push(Event::Error(error)),
    };
    mailbox.push(Event::Happened(name, text));
}
