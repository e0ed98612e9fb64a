//! TOON, the original's tagged binary format: a flat stream of tokens, little-endian, read by position.
//!
//! The tokens are followed by an appendix of this package:
//!
//! ```text
//! mark (8 bytes) | count u32 | count × f64 | checksum u64 (XXH3 of everything before) | count u32 again | mark
//! ```
//!
//! The numbers are those that the tokens cannot hold exactly, in the order in which the stages wrote them, the
//! pipeline's clock first. With a mark and a count at either end, an appendix with any one damaged byte is still
//! recognised, and refused.

use crate::error::{Error, Result};
use crate::limits::{collected, grow};
use crate::state::checksum;

const MARK: &[u8; 8] = b"DSPX-RS\x01";
/// Bytes of the appendix after the numbers: checksum, count, mark.
const TAIL: usize = 8 + 4 + 8;
/// Bytes of the appendix before the numbers: mark, count.
const HEAD: usize = 8 + 4;

mod tag {
    pub const INT32: u8 = 0x01;
    pub const FLOAT32: u8 = 0x02;
    pub const STRING: u8 = 0x03;
    pub const FLOAT32_ARRAY: u8 = 0x04;
    pub const OBJECT_START: u8 = 0x10;
    pub const OBJECT_END: u8 = 0x11;
    pub const ARRAY_START: u8 = 0x12;
    pub const ARRAY_END: u8 = 0x13;
    pub const BOOL: u8 = 0x14;
    pub const FLOAT64: u8 = 0x15;
}

/// Writes tokens, and collects the numbers of the appendix.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    exact: Vec<f64>,
}

/// Bytes for tokens that are not asked for one by one.
const SPARE: usize = 1024;

impl Writer {
    /// Bytes of the tokens, and numbers of the appendix, so far.
    pub fn sizes(&self) -> [usize; 2] {
        [self.bytes.len(), self.exact.len()]
    }

    /// Makes room for so many bytes and numbers of the appendix more, and for some tokens behind them.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for them.
    pub fn reserve(&mut self, [bytes, numbers]: [usize; 2]) -> Result<()> {
        grow(&mut self.bytes, bytes.saturating_add(SPARE))?;
        grow(&mut self.exact, numbers)
    }

    /// An int32 token. A number that does not fit is an error `/TOON/`.
    pub fn int(&mut self, value: usize) -> Result<()> {
        let value = i32::try_from(value)
            .map_err(|_| Error::failed(format!("TOON cannot hold the number {value}: it is above 2147483647")))?;
        self.bytes.push(tag::INT32);
        self.bytes.extend(value.to_le_bytes());
        Ok(())
    }

    /// Writes the int32 token of `−value`.
    ///
    /// # Errors
    /// `TOON …` if the number does not fit.
    pub fn negative_int(&mut self, value: usize) -> Result<()> {
        let start = self.bytes.len() + 1;
        self.int(value)?;
        let number = i32::from_le_bytes(self.bytes[start..].try_into().expect("four bytes"));
        self.bytes[start..].copy_from_slice(&(-number).to_le_bytes());
        Ok(())
    }

    /// Writes a float32 token.
    pub fn f32(&mut self, value: f32) {
        self.bytes.push(tag::FLOAT32);
        self.bytes.extend(value.to_le_bytes());
    }

    /// Writes a float32 token for a float64 number, whose exact value goes to the appendix.
    pub fn f32_exact(&mut self, value: f64) {
        self.f32(value as f32);
        self.exact(value);
    }

    /// Writes a float64 token.
    pub fn f64(&mut self, value: f64) {
        self.bytes.push(tag::FLOAT64);
        self.bytes.extend(value.to_le_bytes());
    }

    /// Writes a bool token.
    pub fn bool(&mut self, value: bool) {
        self.bytes.extend([tag::BOOL, u8::from(value)]);
    }

    /// Writes a string token.
    pub fn str(&mut self, value: &str) {
        self.bytes.push(tag::STRING);
        self.bytes.extend((value.len() as i32).to_le_bytes());
        self.bytes.extend(value.as_bytes());
    }

    /// Writes a float32-array token.
    pub fn f32s(&mut self, values: impl ExactSizeIterator<Item = f32>) {
        self.bytes.push(tag::FLOAT32_ARRAY);
        self.bytes.extend((values.len() as i32).to_le_bytes());
        self.bytes.reserve(4 * values.len());
        values.for_each(|x| self.bytes.extend(x.to_le_bytes()));
    }

    /// Writes the start of an object.
    pub fn object(&mut self) {
        self.bytes.push(tag::OBJECT_START);
    }

    /// Writes the end of an object.
    pub fn end_object(&mut self) {
        self.bytes.push(tag::OBJECT_END);
    }

    /// Writes the start of an array.
    pub fn array(&mut self) {
        self.bytes.push(tag::ARRAY_START);
    }

    /// Writes the end of an array.
    pub fn end_array(&mut self) {
        self.bytes.push(tag::ARRAY_END);
    }

    /// Adds a number to the appendix only.
    pub fn exact(&mut self, value: f64) {
        self.exact.push(value);
    }

    /// Returns the number of bytes of the tokens and of the appendix's numbers so far.
    pub fn size(&self) -> usize {
        self.bytes.len() + size_of_val(&self.exact[..])
    }

    /// Returns the tokens without an appendix, as the original writes a state.
    #[cfg(test)]
    pub(crate) fn into_tokens(self) -> Vec<u8> {
        self.bytes
    }

    /// The finished state: tokens and appendix.
    ///
    /// # Errors
    /// `RangeError` if there is no memory for it.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.reserve([size_of_val(&self.exact[..]), 0])?;
        let count = (self.exact.len() as u32).to_le_bytes();
        self.bytes.extend(MARK);
        self.bytes.extend(count);
        self.exact.iter().for_each(|x| self.bytes.extend(x.to_le_bytes()));
        let sum = checksum::of_bytes(&self.bytes);
        self.bytes.extend(sum.to_le_bytes());
        self.bytes.extend(count);
        self.bytes.extend(MARK);
        Ok(self.bytes)
    }
}

/// Reads tokens in order, and the numbers of the appendix if there is one.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The numbers of the appendix that have not been read; `None` for a state of the original.
    exact: Option<&'a [u8]>,
}

impl<'a> Reader<'a> {
    /// Returns a reader at the first token.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, exact: appendix(bytes) }
    }

    /// Returns whether there is an appendix with exact numbers; without them accumulators must be recomputed from the
    /// samples.
    pub fn is_exact(&self) -> bool {
        self.exact.is_some()
    }

    /// Returns whether the appendix has numbers that have not been read.
    pub fn exact_is_left(&self) -> bool {
        self.exact.is_some_and(|rest| !rest.is_empty())
    }

    /// Reads the next number of the appendix; `None` in a state of the original.
    ///
    /// # Errors
    /// If the appendix is too short.
    pub fn exact(&mut self) -> Result<Option<f64>> {
        let Some(rest) = &mut self.exact else { return Ok(None) };
        let (head, tail) = rest.split_first_chunk::<8>().ok_or_else(|| Error::failed("appendix too short"))?;
        *rest = tail;
        Ok(Some(f64::from_le_bytes(*head)))
    }

    /// Reads the next number of the appendix as a count of at most `limit`; `None` in a state of the original.
    ///
    /// # Errors
    /// If the appendix is too short or the number is not such a count.
    pub fn exact_count(&mut self, limit: usize) -> Result<Option<usize>> {
        let Some(x) = self.exact()? else { return Ok(None) };
        if x >= 0.0 && x.fract() == 0.0 && x <= limit as f64 {
            Ok(Some(x as usize))
        } else {
            Err(Error::failed(format!("appendix: a count of {x} where at most {limit} is possible")))
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let end = self.at + N;
        let bytes = self.bytes.get(self.at..end).ok_or_else(|| Error::failed("unexpected end of data"))?;
        self.at = end;
        Ok(bytes.try_into().expect("a slice of N bytes"))
    }

    fn tag(&mut self, wanted: u8, name: &str) -> Result<()> {
        let [found] = self.take()?;
        if found == wanted {
            Ok(())
        } else {
            Err(Error::failed(format!("wrong tag 0x{found:02x} at byte {}, expected {name}", self.at - 1)))
        }
    }

    fn length(&mut self, element: usize) -> Result<usize> {
        let length = i32::from_le_bytes(self.take()?);
        let length = usize::try_from(length).map_err(|_| Error::failed(format!("negative length {length}")))?;
        if length > (self.bytes.len() - self.at) / element {
            return Err(Error::failed(format!("length {length} is more than the data holds")));
        }
        Ok(length)
    }

    /// Reads an int32 token.
    pub fn int(&mut self) -> Result<i32> {
        self.tag(tag::INT32, "int32")?;
        Ok(i32::from_le_bytes(self.take()?))
    }

    /// Reads an int32 token that is a count.
    pub fn count(&mut self) -> Result<usize> {
        let n = self.int()?;
        usize::try_from(n).map_err(|_| Error::failed(format!("negative count {n}")))
    }

    /// Reads an int32 token that counts items of at least one byte each: a count larger than the remaining data is
    /// refused.
    pub fn item_count(&mut self) -> Result<usize> {
        let n = self.count()?;
        if n > self.bytes.len() - self.at {
            return Err(Error::failed(format!("count {n} is more than the data holds")));
        }
        Ok(n)
    }

    /// Reads a float32 token.
    pub fn f32(&mut self) -> Result<f32> {
        self.tag(tag::FLOAT32, "float32")?;
        Ok(f32::from_le_bytes(self.take()?))
    }

    /// Reads a float32 token; returns its exact value from the appendix if there is one.
    pub fn f32_exact(&mut self) -> Result<f64> {
        let rounded = self.f32()?;
        Ok(self.exact()?.unwrap_or(f64::from(rounded)))
    }

    /// Reads a float64 token.
    pub fn f64(&mut self) -> Result<f64> {
        self.tag(tag::FLOAT64, "float64")?;
        Ok(f64::from_le_bytes(self.take()?))
    }

    /// Reads a bool token; any byte but 0 is true.
    pub fn bool(&mut self) -> Result<bool> {
        self.tag(tag::BOOL, "bool")?;
        Ok(self.take::<1>()? != [0])
    }

    /// Reads a string token.
    pub fn str(&mut self) -> Result<&'a str> {
        self.tag(tag::STRING, "string")?;
        let length = self.length(1)?;
        let bytes = &self.bytes[self.at..self.at + length];
        self.at += length;
        std::str::from_utf8(bytes).map_err(|_| Error::failed("a string is not UTF-8"))
    }

    /// Reads a float32-array token.
    pub fn f32s(&mut self) -> Result<Vec<f32>> {
        self.tag(tag::FLOAT32_ARRAY, "float32 array")?;
        let length = self.length(4)?;
        let (numbers, _) = self.bytes[self.at..self.at + 4 * length].as_chunks::<4>();
        self.at += 4 * length;
        collected(numbers.iter().map(|&b| f32::from_le_bytes(b)))
    }

    /// Reads the start of an object.
    pub fn object(&mut self) -> Result<()> {
        self.tag(tag::OBJECT_START, "object start")
    }

    /// Reads the end of an object.
    pub fn end_object(&mut self) -> Result<()> {
        self.tag(tag::OBJECT_END, "object end")
    }

    /// Reads the start of an array.
    pub fn array(&mut self) -> Result<()> {
        self.tag(tag::ARRAY_START, "array start")
    }

    /// Returns whether the array continues; at its end the end token is consumed.
    pub fn more(&mut self) -> Result<bool> {
        self.goes_on(tag::ARRAY_END)
    }

    /// Returns whether the object continues; at its end the end token is consumed.
    pub fn more_in_object(&mut self) -> Result<bool> {
        self.goes_on(tag::OBJECT_END)
    }

    /// Returns whether the next token is a string, without consuming it.
    pub fn is_str(&self) -> bool {
        self.bytes.get(self.at) == Some(&tag::STRING)
    }

    fn goes_on(&mut self, end: u8) -> Result<bool> {
        match self.bytes.get(self.at) {
            Some(&found) if found == end => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(Error::failed("unexpected end of data")),
        }
    }

    /// Ends reading after the last token, and compares the checksum if the rest looks like an appendix.
    ///
    /// # Errors
    /// If there is a damaged appendix, or one with numbers that have not been read.
    pub fn finish(self) -> Result<()> {
        let rest = &self.bytes[self.at..];
        // A state that was cut inside the mark counts as ours too.
        let begins = rest.starts_with(MARK) || (!rest.is_empty() && MARK.starts_with(rest));
        let ours = begins || self.bytes.ends_with(MARK);
        if !ours {
            return Ok(());
        }
        let damaged = || Error::failed("the checksum does not fit: the state is damaged");
        let numbers = appendix(self.bytes).filter(|_| self.exact.is_some_and(<[u8]>::is_empty)).ok_or_else(damaged)?;
        let end = self.bytes.len() - TAIL;
        let stored = u64::from_le_bytes(self.bytes[end..end + 8].try_into().expect("eight bytes"));
        let whole = rest.len() == HEAD + numbers.len() + TAIL && rest.starts_with(MARK);
        let counts_agree = self.bytes[end - numbers.len() - 4..end - numbers.len()] == self.bytes[end + 8..end + 12];
        if whole && counts_agree && checksum::of_bytes(&self.bytes[..end]) == stored { Ok(()) } else { Err(damaged()) }
    }
}

/// Returns the numbers of the appendix, located from the end of the state.
fn appendix(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.len().checked_sub(TAIL)?;
    if !bytes.ends_with(MARK) {
        return None;
    }
    let count = u32::from_le_bytes(bytes[end + 8..end + 12].try_into().ok()?) as usize;
    let start = end.checked_sub(count.checked_mul(8)?)?;
    (start >= HEAD).then(|| &bytes[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut w = Writer::default();
        w.exact(1.5);
        w.object();
        w.str("mode");
        w.int(3).unwrap();
        w.f32_exact(0.1);
        w.bool(true);
        w.f64(2.5);
        w.f32s([1.0, f32::NAN].into_iter());
        w.array();
        w.end_array();
        w.end_object();
        w.finish().expect("there is memory")
    }

    fn read(bytes: &[u8]) -> Result<f64> {
        let mut r = Reader::new(bytes);
        r.exact()?;
        r.object()?;
        r.str()?;
        r.int()?;
        let x = r.f32_exact()?;
        r.bool()?;
        r.f64()?;
        r.f32s()?;
        r.array()?;
        while r.more()? {
            r.object()?;
        }
        r.end_object()?;
        r.finish()?;
        Ok(x)
    }

    #[test]
    fn exact_numbers_come_back() {
        assert_eq!(read(&sample()), Ok(0.1));
    }

    #[test]
    fn without_the_appendix_float32_is_what_there_is() {
        let bytes = sample();
        let bare = &bytes[..bytes.len() - TAIL - 2 * 8 - HEAD];
        assert_eq!(read(bare), Ok(f64::from(0.1f32)));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let good = sample();
        let tokens = good.len() - TAIL - 2 * 8 - HEAD;
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                assert!(read(&bad).is_err(), "bit {bit} of byte {at}");
            }
            // Cut exactly behind the tokens it is a state of the original, which has no checksum.
            assert_eq!(read(&good[..at]).is_ok(), at == tokens, "cut at {at}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_named() {
        let error = Writer::default().int(1 << 31).unwrap_err().to_string();
        assert!(error.contains("TOON") && error.contains("2147483648"), "{error}");
    }
}
