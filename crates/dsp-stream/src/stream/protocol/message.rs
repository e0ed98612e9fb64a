//! Messages of the input and of the output.

/// Name and value of a header.
pub type Header = (String, Vec<u8>);

/// A message of the input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message {
    /// Offset in the partition.
    pub offset: i64,
    /// Time in ms since 1970, −1 = none.
    pub timestamp: i64,
    /// Key bytes.
    pub key: Option<Vec<u8>>,
    /// Value bytes.
    pub value: Option<Vec<u8>>,
    /// Headers in order, without those that have no value.
    pub headers: Vec<Header>,
}

impl Message {
    /// Returns the value of the last header with this name.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_slice())
    }
}

/// A message of the output.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// Key, which is that of the input.
    pub key: Option<Vec<u8>>,
    /// Value bytes.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Vec<Header>,
    /// Time in ms since 1970, which is that of the input.
    pub timestamp: i64,
    /// Offset of the input message.
    pub source: i64,
    /// Whether it is the input message itself, for the dead letter topic.
    pub is_dead: bool,
}
