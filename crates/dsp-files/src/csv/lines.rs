//! Lines of a text, read in pieces.

use crate::input::Input;
use crate::{Error, Result};

/// A line longer than this is no line of numbers.
pub const MAX_LINE: usize = 1 << 20;
const PIECE: usize = 1 << 16;

/// Gives one line after the other, with any of the three line ends.
pub struct Lines {
    at: u64,
    piece: Vec<u8>,
    used: usize,
    /// Of the line that was given last, from 1.
    pub number: u64,
    is_end: bool,
}

impl Lines {
    pub fn new() -> Self {
        Self { at: 0, piece: Vec::new(), used: 0, number: 0, is_end: false }
    }

    /// Returns the next line without its end; `None` behind the last.
    pub fn next(&mut self, input: &mut Input) -> Result<Option<String>> {
        loop {
            let rest = &self.piece[self.used..];
            let end = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r');
            // Whether a line feed belongs to a carriage return is seen only with the byte behind it.
            let complete = end.filter(|&end| rest[end] == b'\n' || end + 1 < rest.len() || self.is_end);
            if let Some(end) = complete {
                let line = self.text(end);
                let both = self.piece[self.used + end..].starts_with(b"\r\n");
                self.used += end + 1 + usize::from(both);
                return Ok(Some(line));
            }
            if self.is_end {
                let length = rest.len();
                if length == 0 {
                    return Ok(None);
                }
                let line = self.text(length);
                self.used += length;
                return Ok(Some(line));
            }
            if rest.len() > MAX_LINE {
                let message = format!("a line is longer than {MAX_LINE} bytes");
                return Err(Error::line(self.number + 1, message));
            }
            self.piece.drain(..self.used);
            self.used = 0;
            let more = input.take_at(self.at, PIECE)?;
            self.at += more.len() as u64;
            self.is_end = more.is_empty();
            self.piece.extend_from_slice(&more);
        }
    }

    fn text(&mut self, length: usize) -> String {
        let bytes = &self.piece[self.used..self.used + length];
        self.number += 1;
        let bytes = if self.number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // Latin-1, which spreadsheets still write.
            Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
        }
    }
}
