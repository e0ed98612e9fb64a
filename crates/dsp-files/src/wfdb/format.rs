//! The packed formats of signal files: bytes to stored numbers.

use crate::{Error, Result};

/// How many samples are packed into how many bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Packing {
    pub format: u32,
    pub samples: u64,
    pub bytes: u64,
}

impl Packing {
    /// Returns the packing of a format.
    pub fn of(format: u32) -> Result<Self> {
        let (samples, bytes) = match format {
            8 | 80 => (1, 1),
            16 | 61 | 160 => (1, 2),
            24 => (1, 3),
            32 => (1, 4),
            212 => (2, 3),
            310 | 311 => (3, 4),
            _ => return Err(Error::unsupported(format!("the WFDB format {format} is not supported"))),
        };
        Ok(Self { format, samples, bytes })
    }

    /// Returns the number of whole samples in `bytes` bytes; the last group may be cut.
    pub fn samples_in(self, bytes: u64) -> u64 {
        let rest = bytes % self.bytes;
        let cut = match (self.format, rest) {
            (212, 2) => 1,
            (310 | 311, 2 | 3) => 1,
            _ => 0,
        };
        (bytes / self.bytes).saturating_mul(self.samples) + cut
    }

    /// Returns sample `which` of a group of bytes (padded with zeros at the end of a file).
    pub fn decode(self, group: &[u8], which: u64) -> i32 {
        let word = |at: usize| i32::from(u16::from_le_bytes([group[at], group[at + 1]]));
        match (self.format, which) {
            (8, _) => i32::from(group[0] as i8),
            (80, _) => i32::from(group[0]) - 128,
            (16, _) => i32::from(word(0) as i16),
            (61, _) => i32::from(i16::from_be_bytes([group[0], group[1]])),
            (160, _) => word(0) - 32768,
            (24, _) => i32::from_le_bytes([0, group[0], group[1], group[2]]) >> 8,
            (32, _) => i32::from_le_bytes([group[0], group[1], group[2], group[3]]),
            (212, 0) => signed(word(0) & 0xfff, 12),
            (212, _) => signed(i32::from(group[1] >> 4) << 8 | i32::from(group[2]), 12),
            (310, 0) => signed(word(0) >> 1 & 0x3ff, 10),
            (310, 1) => signed(word(2) >> 1 & 0x3ff, 10),
            (310, _) => signed(word(0) >> 11 | (word(2) >> 11) << 5, 10),
            (_, which) => {
                let bits = u32::from_le_bytes([group[0], group[1], group[2], group[3]]);
                signed((bits >> (10 * which)) as i32 & 0x3ff, 10)
            }
        }
    }

    /// Returns the number that stands for a missing sample.
    pub fn missing(self) -> Option<i32> {
        match self.format {
            8 => None,
            16 | 61 | 160 => Some(-(1 << 15)),
            80 => Some(-(1 << 7)),
            24 => Some(-(1 << 23)),
            32 => Some(i32::MIN),
            212 => Some(-(1 << 11)),
            _ => Some(-(1 << 9)),
        }
    }
}

/// Returns the two's complement number of `bits` bits.
fn signed(value: i32, bits: u32) -> i32 {
    value << (32 - bits) >> (32 - bits)
}
