//! Sizes above which a header is taken for damaged, and reservations that fail instead of ending the process.

use crate::{Error, Result};

/// Channels of one recording. The largest electrode arrays have some 30,000.
pub const MAX_CHANNELS: usize = 1 << 16;

/// Samples that one call of `read` gives (128 MiB as f64); a longer request gets this many.
pub const MAX_READ: usize = 1 << 24;

/// Bytes of annotations and texts that are held at once.
pub const MAX_TEXT: usize = 1 << 26;

/// Annotations or gaps of one recording.
pub const MAX_ANNOTATIONS: usize = 1 << 21;

/// Makes room for `more` items.
///
/// # Errors
/// If there is no memory for them.
pub fn reserve<T>(vec: &mut Vec<T>, more: usize) -> Result<()> {
    vec.try_reserve(more).map_err(|_| Error::argument(format!("there is no memory for {more} values")))
}

/// Returns a buffer of `length` zeros.
///
/// # Errors
/// If there is no memory for it.
pub fn zeros(length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reserve(&mut bytes, length)?;
    bytes.resize(length, 0);
    Ok(bytes)
}
