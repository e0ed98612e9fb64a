//! Bare little-endian float32 values; channels and rate come from headers or the configuration.

use crate::error::{Error, Result};

/// Content type of bare floats.
pub const CONTENT_TYPE: &str = "application/x-f32";

/// Decodes bare floats.
///
/// # Errors
/// `Decode` if the length is not a multiple of 4.
pub fn decode(bytes: &[u8]) -> Result<Vec<f32>> {
    if !bytes.len().is_multiple_of(4) {
        return Err(Error::decode(format!("{} bytes are not a whole number of 32-bit floats", bytes.len())));
    }
    Ok(floats(bytes))
}

/// Returns the floats in `bytes`; a remainder of 1 to 3 bytes is ignored.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_little_endian() {
        assert_eq!(decode(&[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).unwrap(), [1.0, -2.0]);
        assert!(decode(&[0; 7]).unwrap_err().to_string().contains("7 bytes"));
    }
}
