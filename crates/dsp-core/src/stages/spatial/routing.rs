//! Code shared by `ChannelSelector`, `ChannelSelect` and `ChannelMerge`: selection of channels of every frame by index.
//!
//! Output channel k is input channel `indices[k]`; repeats are allowed. Later stages see the new channel count.
//! Stateless, no latency.

use crate::engine::block::Block;
use crate::engine::reshape::Reshape;
use crate::error::{Error, Result};
use crate::limits::MAX_CHANNELS;
use crate::params::value::Value;
use crate::params::{Field, FromValue, ToValue, integer, value};
use crate::state::archive::Archive;

/// The parameter `numInputChannels`.
pub const INPUT_COUNT: Field = integer().at_least(1.0).range_error();
/// The parameter for the list of channels.
pub const INDICES: Field = value("number[]").rule("a non-empty array").plain_error();

/// A list of channels as it was given. Its entries are checked against the number of input channels, which is known
/// later.
///
/// ```
/// # use dsp_core::stages::spatial::{channel_select::ChannelSelectParams, routing::Indices};
/// ChannelSelectParams { channels: Indices::from([2, 0]), num_input_channels: 3 };
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Indices(Vec<Value>);

impl<I: IntoIterator<Item = usize>> From<I> for Indices {
    fn from(indices: I) -> Self {
        Self(indices.into_iter().map(|index| Value::Number(index as f64)).collect())
    }
}

impl FromValue for Indices {
    fn from_value(value: &Value, _: &'static [&'static str]) -> Option<Self> {
        value.as_array().filter(|list| !list.is_empty()).map(|list| Self(list.to_vec()))
    }
}

impl ToValue for Indices {
    fn to_value(&self) -> Value {
        Value::Array(self.0.clone())
    }
}

/// The selected channels, and the number of input channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    inputs: usize,
    indices: Vec<usize>,
}

/// The names of a routing's parts in messages and states.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Method of the stage.
    pub method: &'static str,
    /// Type in saved states.
    pub type_name: &'static str,
    /// Name of the list, as parameter and in states.
    pub list: &'static str,
    /// Name of an entry of the list in messages.
    pub entry: &'static str,
}

impl Routing {
    /// Returns the routing of the first `outputs` of `inputs` channels.
    pub fn first(inputs: usize, outputs: usize) -> Self {
        Self { inputs, indices: (0..outputs).collect() }
    }

    /// Returns the routing of the channels `indices` of `inputs`.
    ///
    /// # Errors
    /// `RangeError` if there are too many, or one is not an input channel.
    pub fn new(indices: &Indices, inputs: usize, names: Names) -> Result<Self> {
        let Names { method, list, entry, .. } = names;
        let count = indices.0.len();
        if count > MAX_CHANNELS {
            let text = format!("{method}: {list} has {count} entries, at most {MAX_CHANNELS} are possible");
            return Err(Error::range(text));
        }
        let index = |value: &Value| {
            let index = value.as_number().filter(|x| *x >= 0.0 && *x < inputs as f64 && x.fract() == 0.0);
            index.map(|x| x as usize).ok_or_else(|| {
                let most = inputs.saturating_sub(1);
                Error::range(format!("{method}: {entry} index {value} out of range [0, {most}]"))
            })
        };
        Ok(Self { inputs, indices: indices.0.iter().map(index).collect::<Result<_>>()? })
    }

    /// Returns the number of input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Returns the input channel of every output channel.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Replaces the block by the selected channels.
    ///
    /// # Errors
    /// If the block has another number of channels than the routing takes.
    pub fn process(&self, block: &mut Block<'_>, method: &str) -> Result<()> {
        let found = block.channels();
        if found != self.inputs {
            let ours = self.inputs;
            return Err(Error::failed(format!("{method}: configured for {ours} input channels, got {found}")));
        }
        block.reshape(Reshape::to(self.indices.len(), block.frames()), |from, to, _| {
            to.rows().zip(&self.indices).for_each(|(row, &index)| row.copy_from_slice(from.channel(index)));
            Ok(())
        })
    }

    /// Walks the number of input channels and the list. A JSON state replaces the routing; a TOON state must have the
    /// same one.
    ///
    /// # Errors
    /// Reading: a TOON state has another routing; those of [`Self::new`].
    pub fn state(&mut self, archive: &mut Archive<'_>, names: Names) -> Result<()> {
        archive.constant("type", names.type_name);
        let inputs = archive.count("numInputChannels", self.inputs)?;
        let Some(indices) = archive.count_list(names.list, &self.indices)? else { return Ok(()) };
        if archive.is_json() {
            if indices.is_empty() || inputs == 0 {
                return Err(Error::failed(format!("{}: a state without channels", names.method)));
            }
            *self = Self::new(&Indices::from(indices), inputs, names)?;
        } else if (inputs, indices.len()) != (self.inputs, self.indices.len()) {
            return Err(Error::mismatch(names.method, "channel count"));
        } else if indices != self.indices {
            return Err(Error::mismatch(names.method, "channel index"));
        }
        Ok(())
    }
}
