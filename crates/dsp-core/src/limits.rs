//! Limits of calls and stages, and allocations whose size a caller chooses.

use crate::error::{Error, Result};

/// The largest number of samples in a block: the length of the largest `Float32Array` of every supported Node (2³²
/// bytes).
pub const MAX_SAMPLES: usize = 1 << 30;

/// The largest number of channels in a block; stages keep state per channel.
pub const MAX_CHANNELS: usize = 1 << 16;

/// Returns a list with room for `capacity` items, for a capacity that a caller chooses.
///
/// # Errors
/// `RangeError` if there is not that much memory.
pub fn reserved<T>(capacity: usize) -> Result<Vec<T>> {
    let mut list = Vec::new();
    reserve(&mut list, capacity)?;
    Ok(list)
}

/// Makes room for `additional` items more.
///
/// # Errors
/// `RangeError` if there is not that much memory; the list stays as it was.
pub fn reserve<T>(list: &mut Vec<T>, additional: usize) -> Result<()> {
    let bytes = additional.saturating_mul(size_of::<T>());
    list.try_reserve_exact(additional).map_err(|_| Error::range(format!("there is no memory for {bytes} bytes")))
}

/// Makes room for `additional` items more in a list that grows again and again.
///
/// # Errors
/// `RangeError` if there is not that much memory; the list stays as it was.
pub fn grow<T>(list: &mut Vec<T>, additional: usize) -> Result<()> {
    let bytes = additional.saturating_mul(size_of::<T>());
    list.try_reserve(additional).map_err(|_| Error::range(format!("there is no memory for {bytes} bytes")))
}

/// Returns `length` times `value`, for a length that a caller chooses.
///
/// # Errors
/// `RangeError` if there is not that much memory.
pub fn filled<T: Clone>(value: T, length: usize) -> Result<Vec<T>> {
    let mut list = reserved(length)?;
    list.resize(length, value);
    Ok(list)
}

/// Sets the length of a list that a caller sizes; items behind the present ones are made by `new`.
///
/// # Errors
/// `RangeError` if there is not that much memory; the list stays as it was.
pub fn resize_with<T>(list: &mut Vec<T>, length: usize, new: impl FnMut() -> T) -> Result<()> {
    reserve(list, length.saturating_sub(list.len()))?;
    list.resize_with(length, new);
    Ok(())
}

/// [`resize_with`] copies of `value`.
///
/// # Errors
/// Those of [`resize_with`].
pub fn resize<T: Clone>(list: &mut Vec<T>, length: usize, value: T) -> Result<()> {
    resize_with(list, length, || value.clone())
}

/// Returns the items of an iterator that knows its length, for a length that a caller chooses.
///
/// # Errors
/// `RangeError` if there is not that much memory.
pub fn collected<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut list = reserved(items.len())?;
    list.extend(items);
    Ok(list)
}

/// Checks that there is memory for `count` items of `size` bytes by allocating and freeing it, for libraries that
/// allocate by themselves and abort the process on failure.
///
/// # Errors
/// `RangeError` if there is not that much memory.
pub fn ensure_memory(count: usize, size: usize) -> Result<()> {
    let bytes = count.saturating_mul(size);
    if bytes <= SMALL { Ok(()) } else { reserved::<u8>(bytes).map(drop) }
}

/// Allocations below this size in bytes are not tried: a process without as much memory fails anyway.
const SMALL: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_into_memory_is_a_range_error() {
        let length = isize::MAX as usize / 8 - 1;
        assert!(matches!(filled(0.0_f64, length), Err(Error::Range(_))));
        assert!(matches!(filled(0.0_f64, usize::MAX), Err(Error::Range(_))));
        assert!(matches!(collected((0..length).map(|i| i as f64)), Err(Error::Range(_))));
        assert!(ensure_memory(usize::MAX, 2).is_err() && ensure_memory(100, 8).is_ok());
        assert_eq!((filled(7, 3), collected([1, 2].into_iter())), (Ok(vec![7; 3]), Ok(vec![1, 2])));
    }
}
