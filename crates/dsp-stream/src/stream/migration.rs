//! States of former pipelines: they are read by the pipeline that has written them, and taken over stage by stage.
//!
//! Every record names the definition that its state belongs to. The texts of the definitions that an application has
//! run with are in its store, in a scope of their own; so a state is taken over when its key is used next, whatever happens
//! until then, and a checkpoint that does not count leaves it as it was.

use dsp_core::Pipeline;
use std::collections::HashMap;
use std::time::Duration;

use super::protocol::settings::Settings;
use crate::error::{Error, Result};
use crate::store::{Format, Record, StateStore, short};

/// Part of a definition's hash, as records hold it.
pub type DefinitionId = [u8; 8];

/// Texts of definitions stay longer than any state: a state may be written again and again under one.
const KEPT: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The scope of the texts of definitions: no topic's name has a slash, so that it is none of a partition.
fn scope(settings: &Settings) -> String {
    format!("{}/pipelines", settings.config.application_id)
}

/// Keeps the text of the pipeline's own definition.
///
/// # Errors
/// As the store fails.
pub async fn keep_own(store: &dyn StateStore, settings: &Settings) -> Result<()> {
    keep(store, settings, short(&settings.definition), settings.pipeline.as_bytes()).await
}

/// Keeps the text of a definition. It never changes, so one that is there stays.
///
/// # Errors
/// As the store fails.
pub async fn keep(store: &dyn StateStore, settings: &Settings, id: DefinitionId, text: &[u8]) -> Result<()> {
    store.compare_and_set(&scope(settings), &id, 0, Some((Format::Json, text)), Some(KEPT)).await.map(drop)
}

/// The pipeline of a former definition.
///
/// # Errors
/// `Definition` if its text is not in the store or cannot be built any more; as the store fails.
pub async fn recall(store: &dyn StateStore, settings: &Settings, id: DefinitionId) -> Result<Pipeline> {
    let found = store.get_many(&scope(settings), &[id.to_vec()]).await?.pop().and_then(|mut versions| versions.pop());
    let name = String::from_utf8_lossy(&id).into_owned();
    let Some(record) = found else {
        let source = &settings.source;
        let text = format!("{source} has states of another pipeline ({name}), whose definition is not in the store");
        return Err(Error::Definition(text));
    };
    let built = Pipeline::from_recipe(&String::from_utf8_lossy(&record.state));
    built.map_err(|e| Error::Definition(format!("the former pipeline {name} cannot be built any more: {e}")))
}

/// The outcome for a state of a former pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Number of stages that go on from it.
    pub kept: usize,
    /// Names of the stages that start fresh.
    pub fresh: Vec<String>,
}

/// The pipelines of former definitions that were asked for so far.
pub struct Former {
    ours: DefinitionId,
    pipelines: HashMap<DefinitionId, Pipeline>,
}

impl Former {
    /// Knows none yet; `ours` is the definition that is not a former one.
    pub fn new(ours: DefinitionId) -> Self {
        Self { ours, pipelines: HashMap::new() }
    }

    /// The definition of a record's state, if it is a former one. Records that no stream has written name none, and
    /// marks of an end have no state.
    fn of(&self, record: &Record) -> Option<DefinitionId> {
        Some(record.definition).filter(|id| *id != self.ours && *id != [0; 8] && !record.state.is_empty())
    }

    /// The definition of a record's state, if its pipeline has to be recalled first.
    pub fn unknown(&self, record: &Record) -> Option<DefinitionId> {
        self.of(record).filter(|id| !self.pipelines.contains_key(id))
    }

    /// Takes note of the pipeline of a former definition.
    pub fn add(&mut self, id: DefinitionId, pipeline: Pipeline) {
        self.pipelines.insert(id, pipeline);
    }

    /// Takes a stored state into a new pipeline; says which stages start fresh where it is of a former one.
    ///
    /// # Errors
    /// If the pipeline that has written it cannot read it.
    pub fn load(&self, record: &Record, pipeline: &mut Pipeline) -> dsp_core::Result<Option<Migrated>> {
        let Some(former) = self.of(record).and_then(|id| self.pipelines.get(&id)) else {
            return read(record, pipeline).map(|()| None);
        };
        let mut former = former.fresh_copy();
        read(record, &mut former)?;
        let loaded = pipeline.migrate_json(&former.save_json(0.0)?)?;
        let fresh = pipeline.stage_names(&loaded.fresh);
        Ok(Some(Migrated { kept: pipeline.len() - fresh.len(), fresh }))
    }
}

fn read(record: &Record, pipeline: &mut Pipeline) -> dsp_core::Result<()> {
    match record.format {
        Format::Toon => pipeline.load_toon(&record.state).map(drop),
        Format::Json => std::str::from_utf8(&record.state)
            .map_err(|e| dsp_core::Error::failed(e.to_string()))
            .and_then(|text| pipeline.load_json(text).map(drop)),
    }
}
