//! What `ChannelSelector`, `ChannelSelect` and `ChannelMerge` share: picking channels of every frame by index.
//!
//! Output channel k is input channel `indices[k]`; repeats are allowed. Stages behind see the new channel count. Stateless, no
//! latency.

#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};

use crate::block::{Block, MAX_CHANNELS, Reshape};
use crate::error::{Error, Result};
use crate::state::{json, toon};
use crate::value::{Params, Value};

/// Which channels of how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    inputs: usize,
    indices: Vec<usize>,
}

impl Routing {
    /// The first `outputs` of `inputs` channels.
    pub fn first(inputs: usize, outputs: usize) -> Self {
        Self { inputs, indices: (0..outputs).collect() }
    }

    /// The channels in the parameter `key`, which `name` calls an entry of.
    pub fn from_params(params: &Params, method: &str, key: &str, name: &str) -> Result<Self> {
        let list = params.get(key).as_array().filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| Error::failed(format!("{method}: {key} must be a non-empty array")))?;
        let inputs = input_count(params, method)?;
        if list.len() > MAX_CHANNELS {
            let text = format!("{method}: {key} has {} entries, at most {MAX_CHANNELS} are possible", list.len());
            return Err(Error::range(text));
        }
        let index = |value: &Value| {
            let index = value.as_number().filter(|x| *x >= 0.0 && *x < inputs as f64 && x.fract() == 0.0);
            index
                .map(|x| x as usize)
                .ok_or_else(|| Error::range(format!("{method}: {name} index {value} out of range [0, {}]", inputs - 1)))
        };
        Ok(Self { inputs, indices: list.iter().map(index).collect::<Result<_>>()? })
    }

    /// Channels that go in.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The input channel of every output channel.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Replaces the block by the picked channels.
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

    /// The state with the list under `key`.
    pub fn save(&self, type_name: &str, key: &str) -> Json {
        json!({ "type": type_name, "numInputChannels": self.inputs, key: self.indices })
    }

    /// The tokens of a list.
    pub fn save_toon(&mut self, out: &mut toon::Writer) -> Result<()> {
        out.int(self.inputs)?;
        out.int(self.indices.len())?;
        self.indices.iter().try_for_each(|&i| out.int(i))
    }

    /// Reads such tokens, which must say what this routing is.
    pub fn check_toon(&self, input: &mut toon::Reader<'_>, method: &str) -> Result<()> {
        let same = input.count()? == self.inputs && input.count()? == self.indices.len();
        if !same {
            return Err(Error::mismatch(method, "channel count"));
        }
        for &index in &self.indices {
            if input.count()? != index {
                return Err(Error::mismatch(method, "channel index"));
            }
        }
        Ok(())
    }
}

/// `numInputChannels`: a positive integer.
pub fn input_count(params: &Params, method: &str) -> Result<usize> {
    let number = params.get("numInputChannels").as_positive_integer();
    number.ok_or_else(|| Error::range(format!("{method}: numInputChannels must be a positive integer")))
}

/// Parameters from a state whose list must be there.
pub fn state_params(state: &Json, key: &str) -> Result<Params> {
    json::list(state, key)?;
    Ok(Params::from_json(state))
}
