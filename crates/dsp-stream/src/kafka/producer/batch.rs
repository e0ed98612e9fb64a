//! Packed batches of messages.

use rdkafka::message::{Header, OwnedHeaders};

/// Messages for one topic, packed: `data` holds the bytes of all parts one after another, `layout` their lengths.
///
/// `layout` has for each message: partition (−1 = by key), key length (−1 = null), value length (−1 = null), number of
/// headers, then name length and value length (−1 = null) of each header. `data` has key, value, name, value, name, …
#[derive(Debug, Default)]
pub struct Batch {
    /// Identifies the batch in reports.
    pub id: f64,
    /// Name of the topic.
    pub topic: String,
    /// Bytes of all parts.
    pub data: Vec<u8>,
    /// Lengths of all parts.
    pub layout: Vec<i32>,
    /// Record time per message in ms since 1970, NaN = now; empty = now for all.
    pub timestamps: Vec<f64>,
    /// Whether the reports contain partition and offset of each message.
    pub want_offsets: bool,
    /// Number of the transaction that it belongs to, 0 = none; in any other transaction it fails.
    pub transaction: u64,
}

/// One message of a packed batch.
pub struct Part<'a> {
    /// Number of the partition, negative = by key.
    pub partition: i32,
    /// Key bytes.
    pub key: Option<&'a [u8]>,
    /// Value bytes.
    pub value: Option<&'a [u8]>,
    /// Headers, if there are any.
    pub headers: Option<OwnedHeaders>,
}

/// Iterates over a packed batch; a length that does not fit ends the iteration.
pub struct Parts<'a> {
    layout: std::slice::Iter<'a, i32>,
    data: &'a [u8],
    /// Whether a length did not fit.
    pub malformed: bool,
}

impl<'a> Parts<'a> {
    /// Returns the messages of `batch`.
    pub fn new(batch: &'a Batch) -> Self {
        Self { layout: batch.layout.iter(), data: &batch.data, malformed: false }
    }

    /// Returns the number of messages in the layout.
    pub fn count(&self) -> usize {
        let mut layout = self.layout.clone();
        let mut count = 0;
        while let Some(headers) = layout.nth(3) {
            count += 1;
            for _ in 0..2 * (*headers).max(0) {
                layout.next();
            }
        }
        count
    }

    /// Returns the next part by the next length of the layout; `Some(None)` is null.
    fn bytes(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(*self.layout.next()?) {
            Err(_) => Some(None),
            Ok(len) => {
                let (part, rest) = self.data.split_at_checked(len)?;
                self.data = rest;
                Some(Some(part))
            }
        }
    }

    fn read(&mut self) -> Option<Part<'a>> {
        let partition = *self.layout.next()?;
        // The number of headers stands behind the two lengths, their bytes behind both parts.
        let (key, value) = (self.bytes()?, self.bytes()?);
        let count = *self.layout.next()?;
        let mut headers = (count > 0).then(|| OwnedHeaders::new_with_capacity(count.clamp(0, 1024) as usize));
        for _ in 0..count.max(0) {
            let name = std::str::from_utf8(self.bytes()??).ok()?;
            if name.contains('\0') {
                return None;
            }
            let header = Header { key: name, value: self.bytes()? };
            headers = headers.map(|h| h.insert(header));
        }
        Some(Part { partition, key, value, headers })
    }

    /// Returns the next message; `None` at the end, or if a length does not fit.
    pub fn next(&mut self) -> Option<Part<'a>> {
        let part = self.read();
        self.malformed |= part.is_none();
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(data: &[u8], layout: &[i32]) -> Batch {
        Batch { data: data.to_vec(), layout: layout.to_vec(), ..Batch::default() }
    }

    #[test]
    fn a_packed_batch_is_taken_apart() {
        let batch = batch(b"kvalnv2", &[-1, 1, 3, 1, 1, 1, 4, -1, 1, 0]);
        let mut parts = Parts::new(&batch);
        assert_eq!(parts.count(), 2);
        let first = parts.next().unwrap();
        assert_eq!((first.partition, first.key, first.value), (-1, Some(&b"k"[..]), Some(&b"val"[..])));
        assert!(first.headers.is_some());
        let second = parts.next().unwrap();
        assert_eq!((second.partition, second.key, second.value), (4, None, Some(&b"2"[..])));
        assert!(!parts.malformed);
    }

    #[test]
    fn lengths_that_lie_are_noticed() {
        for layout in [&[-1, 9, 0, 0][..], &[-1, 0, 9, 0], &[-1, 0, 0, 2, 1, 1]] {
            let batch = batch(b"abc", layout);
            let mut parts = Parts::new(&batch);
            assert!(parts.next().is_none() && parts.malformed, "{layout:?}");
        }
    }
}
