//! What the trained linear maps share: a projection of every frame by a fixed matrix, its parameters and its state.
//!
//! For each frame `y_k = Σ_c W[c][k]·(x_c − mean_c)`, W column-major. The K results replace the first K channels, and the
//! other channels become 0: the channel count stays. Stateless, no latency.

#![forbid(unsafe_code)]

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS};
use crate::error::{Error, Result};
use crate::kernels::project::project;
use crate::stage::{Define, Stage};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// The parameter object of one of the four stages.
pub trait Kind: Clone + Send + 'static {
    /// Types in saved states that build this stage.
    const TYPES: &'static [&'static str];
    /// Type in saved states.
    const TYPE: &'static str;
    /// Method in the fluent API.
    const METHOD: &'static str;
    /// The parameter that holds the matrix.
    const MATRIX: &'static str;
    /// The parameter that holds the number of columns.
    const COLUMNS: &'static str;
    /// See [`Define::TYPESCRIPT`].
    const TYPESCRIPT: &'static str;

    /// The error for more columns than channels.
    fn too_many_columns() -> Error {
        Error::type_error(format!("{}: {} must be in range [1, numChannels]", Self::METHOD, Self::COLUMNS))
    }

    /// The error for a mean of another length.
    fn wrong_mean(length: usize, channels: usize) -> Error {
        Error::type_error(format!("Mean vector size ({length}) != numChannels ({channels})"))
    }

    /// The error for a matrix of another length.
    fn wrong_matrix(length: usize, wanted: usize) -> Error {
        Error::type_error(format!("Matrix size ({length}) != numChannels × numComponents ({wanted})"))
    }

    /// The label in taps and callbacks, for C channels and K columns.
    fn label(channels: usize, columns: usize) -> String;
}

/// A matrix with the mean that is subtracted before.
#[derive(Debug, Clone, Default)]
pub struct Map {
    mean: Vec<f64>,
    matrix: Vec<f64>,
    scratch: Vec<[f64; 32]>,
}

impl Map {
    /// A map of `mean.len()` channels; `matrix` is column-major.
    pub fn new(mean: Vec<f64>, matrix: Vec<f64>) -> Self {
        Self { mean, matrix, scratch: vec![] }
    }

    /// Channels in and out.
    pub fn channels(&self) -> usize {
        self.mean.len()
    }

    /// Channels that are not zero afterwards.
    pub fn columns(&self) -> usize {
        self.matrix.len() / self.mean.len()
    }

    /// Replaces the samples of `block`, which has as many channels as the map.
    pub fn apply(&mut self, block: &mut Block<'_>) {
        let mut planes = block.planes();
        let frames = planes.frames();
        let (data, stride) = planes.planes();
        project(data, stride, frames, &self.mean, &self.matrix, &mut self.scratch);
    }

    /// Nanoseconds per sample, roughly.
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

/// A parameter that must be a Float32Array.
pub fn float32s<'a>(params: &'a Params, method: &str, key: &str) -> Result<&'a [f32]> {
    match params.get(key) {
        Value::F32(values) => Ok(values),
        _ => Err(Error::type_error(format!("{method}: {key} must be a Float32Array"))),
    }
}

/// A channel or column count that must be a positive integer.
fn count(params: &Params, method: &str, key: &str) -> Result<usize> {
    let number = params.get(key).as_positive_integer();
    number.ok_or_else(|| Error::type_error(format!("{method}: {key} must be a positive integer")))
}

/// The same numbers as `f64`.
pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// A list of numbers in a state: an array, or, as the original writes typed arrays, an object with the keys "0", "1", ….
pub fn keyed_numbers(state: &Json, key: &str) -> Result<Vec<f64>> {
    let Some(Json::Object(entries)) = state.get(key) else { return json::numbers(state, key) };
    let wrong = || Error::failed(format!("'{key}' must be an array of numbers"));
    let number = |i: usize| entries.get(&i.to_string()).and_then(json::as_num).ok_or_else(wrong);
    (0..entries.len()).map(number).collect()
}

/// A number as the original keeps it.
pub fn single(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|x| f64::from(x as f32)).collect()
}

impl<K: Kind> Projection<K> {
    fn from_map(map: Map) -> Self {
        Self { map, kind: PhantomData }
    }

    /// The map of a JSON state, whatever its size.
    fn read(state: &Json) -> Result<Map> {
        let (channels, columns) = (json::count(state, "numChannels")?, json::count(state, "numComponents")?);
        let (mean, matrix) = (keyed_numbers(state, "mean")?, keyed_numbers(state, "matrix")?);
        let fits = (1..=MAX_CHANNELS).contains(&channels)
            && (1..=channels).contains(&columns)
            && mean.len() == channels
            && channels.checked_mul(columns) == Some(matrix.len());
        if !fits {
            return Err(Error::failed("mean and matrix must be arrays of numChannels and numChannels × numComponents"));
        }
        Ok(Map::new(single(mean), single(matrix)))
    }
}

impl<K: Kind> Define for Projection<K> {
    type Params = Params;
    const TYPES: &'static [&'static str] = K::TYPES;
    const METHOD: &'static str = K::METHOD;
    const TYPESCRIPT: &'static str = K::TYPESCRIPT;

    fn new(params: &Params) -> Result<Self> {
        let matrix = float32s(params, K::METHOD, K::MATRIX)?;
        let mean = float32s(params, K::METHOD, "mean")?;
        let channels = count(params, K::METHOD, "numChannels")?;
        let columns = count(params, K::METHOD, K::COLUMNS)?;
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

    fn label(&self, _: &Params) -> String {
        K::label(self.map.channels(), self.map.columns())
    }

    fn type_name(&self) -> &'static str {
        K::TYPE
    }

    fn from_state(_: &str, state: &Json) -> Result<Self> {
        Self::read(state).map(Self::from_map)
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

    fn save(&mut self) -> Result<Json> {
        let Map { mean, matrix, .. } = &self.map;
        Ok(json!({
            "type": K::TYPE, "numChannels": self.map.channels(), "numComponents": self.map.columns(),
            "mean": json::nums(mean.iter().copied()), "matrix": json::nums(matrix.iter().copied()),
        }))
    }

    fn load(&mut self, state: &Json) -> Result<()> {
        self.map = Self::read(state)?;
        Ok(())
    }

    fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.str(K::TYPE);
        out.int(self.map.channels())?;
        out.int(self.map.columns())?;
        self.map.mean.iter().chain(&self.map.matrix).for_each(|&x| out.f32(x as f32));
        Ok(())
    }

    fn load_toon(&mut self, input: &mut toon::Reader<'_>) -> Result<()> {
        let same =
            input.str()? == K::TYPE && input.count()? == self.map.channels() && input.count()? == self.map.columns();
        if !same {
            return Err(Error::mismatch(K::METHOD, "parameter"));
        }
        for x in self.map.mean.iter_mut().chain(&mut self.map.matrix) {
            *x = f64::from(input.f32()?);
        }
        Ok(())
    }

    fn cost_hint(&self) -> f64 {
        self.map.cost_hint()
    }
}
