//! Messages of one partition, packed for JavaScript: one block of bytes and one block of numbers.

use super::super::ffi;
use crate::codec::{self, Codec, Kind};
use rdkafka::message::{BorrowedMessage, Message as _};

/// Numbers per message in `Segment::meta`.
///
/// Offset, timestamp in ms (−1 = none), byte at which the value begins, length of the value (−1 = null), length of the
/// key (−1 = null), length of the headers, kind (`codec::Kind`, + 16 where there are trace headers). The key begins at
/// the next multiple of 8 after the value, the headers at the next multiple of 8 after the key.
///
/// Headers: number of headers, then name length, value length (−1 = null), name, value of each; numbers are i32 in the
/// machine's byte order, unaligned.
pub const STRIDE: usize = 7;

/// Added to the kind of a message that carries trace headers.
const TRACED: u8 = 16;
const TRACE_HEADERS: [&[u8]; 4] = [b"traceparent", b"trace-id", b"correlation-id", b"tracestate"];

/// Consecutive messages of one partition.
///
/// Values begin at multiples of 8, so that the samples of a frame, 32 bytes on, can be read as floats in place.
#[derive(Debug, Default, PartialEq)]
pub struct Segment {
    /// Bytes of values, keys and headers in words of 8.
    pub data: Vec<u64>,
    /// `STRIDE` numbers per message.
    pub meta: Vec<f64>,
}

/// One message to be packed.
pub struct Incoming<'a> {
    /// Offset in the partition.
    pub offset: i64,
    /// Record time in ms since 1970, −1 = none.
    pub timestamp: i64,
    /// Value bytes.
    pub value: Option<&'a [u8]>,
    /// Key bytes.
    pub key: Option<&'a [u8]>,
    /// Packed headers, empty = none.
    pub headers: &'a [u8],
    /// The form of the value.
    pub kind: Kind,
    /// Whether trace headers are among the headers.
    pub traced: bool,
}

impl Segment {
    /// Returns an empty segment with room for `words` and `numbers`.
    pub fn like(words: usize, numbers: usize) -> Self {
        Self { data: Vec::with_capacity(words), meta: Vec::with_capacity(numbers) }
    }

    /// Returns the number of messages.
    pub fn len(&self) -> usize {
        self.meta.len() / STRIDE
    }

    /// Returns whether there are no messages.
    pub fn is_empty(&self) -> bool {
        self.meta.is_empty()
    }

    /// Returns the number of bytes of memory that the messages take.
    pub fn bytes(&self) -> usize {
        8 * (self.data.len() + self.meta.len())
    }

    /// Appends a message.
    pub fn push(&mut self, message: &Incoming<'_>) {
        let begin = 8 * self.data.len();
        for part in [message.value, message.key, Some(message.headers)].into_iter().flatten() {
            append(&mut self.data, part);
        }
        let length = |part: Option<&[u8]>| part.map_or(-1.0, |p| p.len() as f64);
        let kind = message.kind as u8 + if message.traced { TRACED } else { 0 };
        self.meta.extend([
            message.offset as f64,
            message.timestamp as f64,
            begin as f64,
            length(message.value),
            length(message.key),
            message.headers.len() as f64,
            f64::from(kind),
        ]);
    }

    /// Appends a message of librdkafka; `headers` is scratch space. Returns the bytes of key and value.
    pub fn push_message(&mut self, message: &BorrowedMessage<'_>, codec: Codec, headers: &mut Vec<u8>) -> usize {
        headers.clear();
        let (mut count, mut traced, mut content_type) = (0i32, false, None);
        ffi::each_header(message, |name, value| {
            if count == 0 {
                headers.extend([0; 4]);
            }
            count += 1;
            headers.extend((name.len() as i32).to_ne_bytes());
            headers.extend(value.map_or(-1, |v| v.len() as i32).to_ne_bytes());
            headers.extend(name);
            headers.extend(value.unwrap_or_default());
            traced |= TRACE_HEADERS.contains(&name);
            if codec == Codec::Auto && name.eq_ignore_ascii_case(b"content-type") {
                content_type = value.map(<[u8]>::to_vec);
            }
        });
        if count > 0 {
            headers[..4].copy_from_slice(&count.to_ne_bytes());
        }
        let (key, value) = (message.key(), message.payload());
        self.push(&Incoming {
            offset: message.offset(),
            timestamp: message.timestamp().to_millis().unwrap_or(-1),
            value,
            key,
            headers,
            kind: codec::classify(codec, content_type.as_deref(), value),
            traced,
        });
        key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len)
    }
}

/// Appends bytes as whole words, the last one padded with zeros.
fn append(words: &mut Vec<u64>, bytes: &[u8]) {
    let (whole, rest) = bytes.as_chunks::<8>();
    words.extend(whole.iter().map(|word| u64::from_ne_bytes(*word)));
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        words.push(u64::from_ne_bytes(last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(segment: &Segment) -> Vec<u8> {
        segment.data.iter().flat_map(|w| w.to_ne_bytes()).collect()
    }

    #[test]
    fn parts_lie_where_the_numbers_say() {
        let mut segment = Segment::default();
        let message = Incoming {
            offset: 41,
            timestamp: -1,
            value: Some(b"0123456789"),
            key: Some(b"key"),
            headers: b"h",
            kind: Kind::Json,
            traced: true,
        };
        segment.push(&message);
        segment.push(&Incoming { offset: 42, value: None, key: None, headers: b"", kind: Kind::Null, ..message });
        assert_eq!(segment.len(), 2);
        assert_eq!(segment.meta[..STRIDE], [41.0, -1.0, 0.0, 10.0, 3.0, 1.0, 17.0]);
        assert_eq!(segment.meta[STRIDE..], [42.0, -1.0, 32.0, -1.0, -1.0, 0.0, 20.0]);
        let bytes = bytes(&segment);
        assert_eq!((&bytes[..10], &bytes[16..19], &bytes[24..25]), (&b"0123456789"[..], &b"key"[..], &b"h"[..]));
        assert_eq!(bytes.len(), 32);
    }
}
