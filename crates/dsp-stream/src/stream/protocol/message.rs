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

/// Where a message of ours goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Destination {
    /// To the output topic.
    #[default]
    Output,
    /// To the topic of events.
    Events,
    /// To the dead letter topic: it is the input message itself.
    DeadLetters,
}

/// A message of ours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Value bytes.
    pub value: Option<Vec<u8>>,
    /// Headers.
    pub headers: Vec<Header>,
    /// Time in ms since 1970, which is that of the input.
    pub timestamp: i64,
    /// Offset of the input message.
    pub source: i64,
    /// Where it goes.
    pub destination: Destination,
}

impl Output {
    /// Whether it is a dead letter.
    pub fn is_dead(&self) -> bool {
        self.destination == Destination::DeadLetters
    }

    /// Bytes of key and value.
    pub fn size(&self) -> usize {
        let length = |part: &Option<Vec<u8>>| part.as_ref().map_or(0, Vec::len);
        length(&self.key) + length(&self.value)
    }
}
