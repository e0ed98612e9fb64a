//! The end of a key's stream.

use super::message::Message;
use crate::error::{Error, Result};

/// Which message is the last of its key's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndOfKey {
    /// One without a value.
    Tombstone,
    /// One with this header, whatever its value is.
    Header(String),
}

impl EndOfKey {
    /// Reads `tombstone` or `header:<name>`.
    ///
    /// # Errors
    /// `Argument` with the rule.
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once(':') {
            None if text == "tombstone" => Ok(Self::Tombstone),
            Some(("header", name)) if !name.is_empty() => Ok(Self::Header(name.to_owned())),
            _ => Err(Error::argument("input.finishOn must be 'tombstone' or 'header:<name>'")),
        }
    }

    /// Whether a message is the last of its key's stream.
    pub fn is(&self, message: &Message) -> bool {
        match self {
            Self::Tombstone => message.value.is_none(),
            Self::Header(name) => message.header(name).is_some(),
        }
    }
}
