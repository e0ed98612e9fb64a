//! The part of a checkpoint that runs in the background.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::context::Snapshot;
use crate::error::Error;
use crate::store::{Lease, ManifestUpdate, StateStore};
use crate::stream::protocol::command::{CheckpointError, Sending};
use crate::stream::protocol::port::Port;
use crate::stream::protocol::status::Reporter;

/// First and longest pause between two attempts to store a checkpoint.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A checkpoint to be stored.
pub struct CheckpointJob<P> {
    /// Writes the changelog.
    pub port: Arc<P>,
    /// Stores the states.
    pub store: Arc<dyn StateStore>,
    /// Receives outages.
    pub report: Reporter,
    /// The right to write the scope.
    pub lease: Lease,
    /// Outputs under way, which must be acknowledged first.
    pub sends: VecDeque<Sending>,
    /// The states to store.
    pub snapshot: Snapshot,
    /// The changes to the manifest.
    pub manifest: ManifestUpdate,
}

impl<P: Port> CheckpointJob<P> {
    /// Waits for the outputs, then writes the changelog, then the store; repeats this while the store does not answer.
    pub async fn run(self) -> Result<(), CheckpointError> {
        for send in self.sends {
            let too_large = send.await.map_err(|e| CheckpointError::Failed(Error::argument(e.to_string())))?;
            let too_large = too_large.map_err(CheckpointError::Failed)?;
            if !too_large.is_empty() {
                return Err(CheckpointError::TooLarge(too_large));
            }
        }
        crate::failpoint!("after-produce-ack");
        // Not before: whoever finds these records takes their outputs for sent.
        if !self.snapshot.logged.is_empty() {
            self.port.log(self.snapshot.logged).await.map_err(CheckpointError::Failed)?;
        }
        let mut pause = PAUSES.0;
        crate::failpoint!("before-manifest");
        while let Err(error) = self.store.put(&self.lease, &self.snapshot.entries, Some(&self.manifest)).await {
            if !error.is_outage() {
                return Err(CheckpointError::Failed(error));
            }
            self.report.failed(error);
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(PAUSES.1);
        }
        self.report.store_answers();
        crate::failpoint!("after-manifest");
        Ok(())
    }
}
