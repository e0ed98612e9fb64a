//! The binary layout of a record.
//!
//! `0xD5`, u8 version 1, u8 format (0 TOON, 1 JSON), u8 flags (bit 0 zstd), i64 offset (−1 none), u64 version, u64
//! epoch, 8 bytes definition hash, f64 time in ms since 1970, 16 bytes write id, payload, u32 CRC-32C of all before.
//! Numbers are little-endian.

use super::failures::broken;
use crate::error::{Error, Result};

const MAGIC: [u8; 2] = [0xD5, 1];
const HEADER: usize = 60;
const ZSTD: u8 = 1;
/// Largest size of a state in bytes; a damaged length must not request more memory.
#[cfg(feature = "redis")]
const LARGEST: usize = 1 << 30;

/// The encoding of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The pipeline's binary form.
    Toon,
    /// JSON text.
    Json,
}

/// One version of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// State bytes.
    pub state: Vec<u8>,
    /// Encoding of the state.
    pub format: Format,
    /// Offset of the last message applied.
    pub offset: Option<i64>,
    /// Version, which increases with every write of the key.
    pub version: u64,
    /// Epoch of the writer.
    pub epoch: i64,
    /// First 8 bytes of the hash of the definition.
    pub definition: [u8; 8],
    /// Time of the write in ms since 1970.
    pub updated_at: f64,
    /// Identifies the write, so that a repeated one is recognised.
    pub write_id: [u8; 16],
}

impl Record {
    /// Returns the bytes of the record, compressed if `compress` and smaller that way.
    pub fn encode(&self, compress: bool) -> Vec<u8> {
        let packed = if compress { pack(&self.state) } else { None };
        let payload = packed.as_deref().unwrap_or(&self.state);
        let mut out = Vec::with_capacity(HEADER + payload.len() + 4);
        out.extend(MAGIC);
        out.push(u8::from(self.format == Format::Json));
        out.push(if packed.is_some() { ZSTD } else { 0 });
        out.extend(self.offset.unwrap_or(-1).to_le_bytes());
        out.extend(self.version.to_le_bytes());
        out.extend(self.epoch.to_le_bytes());
        out.extend(self.definition);
        out.extend(self.updated_at.to_le_bytes());
        out.extend(self.write_id);
        out.extend(payload);
        out.extend(crc32c::crc32c(&out).to_le_bytes());
        out
    }

    /// Decodes a record.
    ///
    /// # Errors
    /// `Store` with the code `CORRUPT` if any byte has changed.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let corrupt = |what: &str| broken("CORRUPT", format!("a stored state is damaged: {what}"));
        let Some((body, crc)) = bytes.split_last_chunk::<4>() else { return Err(corrupt("it is too short")) };
        if crc32c::crc32c(body) != u32::from_le_bytes(*crc) {
            return Err(corrupt("its checksum is wrong"));
        }
        let Some((header, payload)) = body.split_first_chunk::<HEADER>() else {
            return Err(corrupt("it is too short"));
        };
        let word = |at: usize| -> [u8; 8] { std::array::from_fn(|i| header[at + i]) };
        let [magic, version, format, flags] = [header[0], header[1], header[2], header[3]];
        if [magic, version] != MAGIC || format > 1 || flags & !ZSTD != 0 {
            return Err(corrupt("its form is unknown"));
        }
        Ok(Self {
            state: if flags & ZSTD != 0 { unpack(payload)? } else { payload.to_vec() },
            format: if format == 1 { Format::Json } else { Format::Toon },
            offset: Some(i64::from_le_bytes(word(4))).filter(|offset| *offset >= 0),
            version: u64::from_le_bytes(word(12)),
            epoch: i64::from_le_bytes(word(20)),
            definition: word(28),
            updated_at: f64::from_le_bytes(word(36)),
            write_id: std::array::from_fn(|i| header[44 + i]),
        })
    }
}

#[cfg(feature = "redis")]
fn pack(state: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::compress(state, 1).ok().filter(|packed| packed.len() < state.len())
}

#[cfg(feature = "redis")]
fn unpack(payload: &[u8]) -> Result<Vec<u8>, Error> {
    use std::io::Read as _;
    let fail = |e: std::io::Error| broken("CORRUPT", format!("a stored state cannot be unpacked: {e}"));
    let mut state = Vec::new();
    let mut decoder = zstd::stream::read::Decoder::new(payload).map_err(fail)?.take(LARGEST as u64);
    decoder.read_to_end(&mut state).map_err(fail)?;
    Ok(state)
}

#[cfg(not(feature = "redis"))]
fn pack(_: &[u8]) -> Option<Vec<u8>> {
    None
}

#[cfg(not(feature = "redis"))]
fn unpack(_: &[u8]) -> Result<Vec<u8>, Error> {
    Err(broken("UNSUPPORTED", "a stored state is compressed, and this build has no zstd"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(state: Vec<u8>) -> Record {
        Record {
            state,
            format: Format::Json,
            offset: Some(41),
            version: 3,
            epoch: 1_700_000_000_000,
            definition: *b"12345678",
            updated_at: 1.5,
            write_id: [7; 16],
        }
    }

    #[test]
    fn layout() {
        let bytes = record(b"state".to_vec()).encode(false);
        assert_eq!(bytes[..4], [0xD5, 1, 1, 0]);
        assert_eq!(bytes[4..12], 41i64.to_le_bytes());
        assert_eq!(bytes[12..20], 3u64.to_le_bytes());
        assert_eq!(&bytes[60..65], b"state");
        assert_eq!(bytes.len(), 60 + 5 + 4);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = record(b"some state".to_vec()).encode(false);
        for i in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[i / 8] ^= 1 << (i % 8);
            assert!(matches!(Record::decode(&bad), Err(Error::Store { code: "CORRUPT", .. })), "bit {i}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(state in prop::collection::vec(any::<u8>(), 0..300), compress: bool) {
            let record = record(state);
            prop_assert_eq!(Record::decode(&record.encode(compress)).unwrap(), record);
        }

        #[test]
        fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Record::decode(&bytes);
        }
    }
}
