//! Code shared by the trained linear maps: the projection of every frame by a fixed matrix, its parameters and its
//! state.
//!
//! For each frame `y_k = Σ_c W[c][k]·(x_c − mean_c)`, W column-major. The K results replace the first K channels, and
//! the other channels become 0; the channel count does not change. Stateless, no latency.

use std::marker::PhantomData;

use serde_json::Value as Json;

use crate::design::spec::Design;
use crate::engine::block::Block;
use crate::engine::stage::{Define, Stage, Traits};
use crate::error::{Error, Result};
use crate::kernels::project::project;
use crate::limits::MAX_CHANNELS;
use crate::params::Parameters;
use crate::params::value::Value;
use crate::state::archive::Archive;

/// The trained parameters of any of the four stages.
#[derive(Debug, Clone, Copy)]
pub struct Trained<'p> {
    /// Matrix W, column-major.
    pub matrix: &'p [f32],
    /// Mean of each channel.
    pub mean: &'p [f32],
    /// Number of channels C.
    pub channels: usize,
    /// Number of columns K.
    pub columns: usize,
}

/// The differences between the four stages.
pub trait Kind: Clone + Send + 'static {
    /// Parameters: matrix, mean, channels and columns.
    type Params: Parameters;
    /// Types in saved states that build this stage.
    const TYPES: &'static [&'static str];
    /// Type in saved states.
    const TYPE: &'static str;
    /// Method in the fluent API.
    const METHOD: &'static str;
    /// Keys of the training's result that the stage ignores.
    const IGNORED: &'static [&'static str];
    /// Doc comment of the method in `index.d.ts`.
    const DOC: &'static str;

    /// Returns the trained parameters.
    fn trained(params: &Self::Params) -> Trained<'_>;

    /// Returns the error about more columns than channels.
    fn too_many_columns() -> Error {
        Error::type_error(format!("{}: numComponents must be in range [1, numChannels]", Self::METHOD))
    }

    /// Returns the error about a mean of another length.
    fn wrong_mean(length: usize, channels: usize) -> Error {
        Error::type_error(format!("Mean vector size ({length}) != numChannels ({channels})"))
    }

    /// Returns the error about a matrix of another length.
    fn wrong_matrix(length: usize, wanted: usize) -> Error {
        Error::type_error(format!("Matrix size ({length}) != numChannels × numComponents ({wanted})"))
    }

    /// Returns the label in taps and callbacks, for C channels and K columns.
    fn label(channels: usize, columns: usize) -> String;
}

/// A matrix, with the mean that is subtracted first.
#[derive(Debug, Clone, Default)]
pub struct Map {
    mean: Vec<f64>,
    matrix: Vec<f64>,
    scratch: Vec<[f64; 32]>,
}

impl Map {
    /// Returns a map of `mean.len()` channels; `matrix` is column-major.
    pub fn new(mean: Vec<f64>, matrix: Vec<f64>) -> Self {
        Self { mean, matrix, scratch: vec![] }
    }

    /// Returns the number of channels, in and out.
    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// Returns the number of channels that are not zero afterwards.
    pub fn columns(&self) -> usize {
        self.matrix.len().checked_div(self.mean.len()).unwrap_or(0)
    }

    /// Replaces the samples of `block`, which has as many channels as the map, by their images.
    pub fn apply(&mut self, block: &mut Block<'_>) {
        let mut planes = block.planes();
        let frames = planes.frames();
        let (data, stride) = planes.planes();
        project(data, stride, frames, &self.mean, &self.matrix, &mut self.scratch);
    }

    /// Returns the rough cost in nanoseconds per sample.
    pub fn cost_hint(&self) -> f64 {
        1.0 + 0.2 * self.columns() as f64
    }
}

/// A stage that applies a trained map.
#[derive(Debug, Clone)]
pub struct Projection<K> {
    map: Map,
    kind: PhantomData<K>,
}

/// Returns the same numbers in double precision.
pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// Returns values in single precision; the inverse of [`widen`].
fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&x| x as f32).collect()
}

impl<K: Kind> Projection<K> {
    fn from_map(map: Map) -> Self {
        Self { map, kind: PhantomData }
    }

    /// Returns the map of a saved state.
    fn restored(channels: usize, columns: usize, mean: &[f32], matrix: &[f32]) -> Result<Map> {
        let fits = (1..=MAX_CHANNELS).contains(&channels)
            && (1..=channels).contains(&columns)
            && mean.len() == channels
            && channels.checked_mul(columns) == Some(matrix.len());
        if !fits {
            return Err(Error::failed("mean and matrix must be arrays of numChannels and numChannels × numComponents"));
        }
        Ok(Map::new(widen(mean), widen(matrix)))
    }
}

impl<K: Kind> Define for Projection<K> {
    type Params = K::Params;
    const TYPES: &'static [&'static str] = K::TYPES;
    const METHOD: &'static str = K::METHOD;
    const IGNORED: &'static [&'static str] = K::IGNORED;
    const DOC: &'static str = K::DOC;

    fn new(params: &K::Params) -> Result<Self> {
        let Trained { matrix, mean, channels, columns } = K::trained(params);
        if columns > channels {
            return Err(K::too_many_columns());
        }
        if mean.len() != channels {
            return Err(K::wrong_mean(mean.len(), channels));
        }
        let wanted = channels.saturating_mul(columns);
        if matrix.len() != wanted {
            return Err(K::wrong_matrix(matrix.len(), wanted));
        }
        Ok(Self::from_map(Map::new(widen(mean), widen(matrix))))
    }

    fn label(&self, _: &K::Params) -> String {
        K::label(self.map.channels(), self.map.columns())
    }

    fn type_name(&self) -> &'static str {
        K::TYPE
    }

    fn from_state(_: &str, state: &Json, _: Design) -> Result<Self> {
        let mut stage = Self::from_map(Map::default());
        stage.load(state)?;
        Ok(stage)
    }

    fn examples() -> Vec<Value> {
        let (matrix, mean) = (vec![0.3, -0.4, 0.7, 0.1, 0.9, -0.2], vec![0.1, -0.2, 0.3]);
        let values = [Value::F32(matrix), Value::F32(mean), Value::Number(3.0), Value::Number(2.0)];
        let names = K::Params::FIELDS.iter().map(|field| field.name.to_owned());
        vec![Value::Object(names.zip(values).collect())]
    }

    fn traits(_: &K::Params) -> Traits {
        // The channels of the example.
        Traits { channels: &[3], independent: false, ..Traits::STREAM }
    }
}

impl<K: Kind> Stage for Projection<K> {
    fn process(&mut self, block: &mut Block<'_>) -> Result<()> {
        if block.channels() != self.map.channels() {
            let (ours, found) = (self.map.channels(), block.channels());
            return Err(Error::failed(format!("Stage configured for {ours} channels, got {found}")));
        }
        self.map.apply(block);
        Ok(())
    }

    fn reset(&mut self) {}

    fn state(&mut self, archive: &mut Archive<'_>) -> Result<()> {
        archive.constant("type", K::TYPE);
        let same_type = archive.is_json() || archive.text("type", K::TYPE)? == K::TYPE;
        let ours = (self.map.channels(), self.map.columns());
        let found = (archive.count("numChannels", ours.0)?, archive.count("numComponents", ours.1)?);
        // JSON may bring a map of another size.
        if !same_type || found != ours && !archive.is_json() {
            return Err(Error::mismatch(K::METHOD, "parameter"));
        }
        let (mut mean, mut matrix) = (narrow(&self.map.mean), narrow(&self.map.matrix));
        archive.entries("mean", &mut mean)?;
        archive.entries("matrix", &mut matrix)?;
        if archive.is_loading() {
            self.map = Self::restored(found.0, found.1, &mean, &matrix)?;
        }
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        self.map.cost_hint()
    }
}
