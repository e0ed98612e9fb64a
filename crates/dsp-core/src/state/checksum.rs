//! The checksum that reveals a damaged state: XXH3 (64 bits, Collet) over what a load uses.

use serde_json::Value as Json;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Returns the checksum of bytes.
pub fn of_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// A checksum of JSON values that does not depend on white space, key order or the spelling of numbers: an application
/// may parse a state and print it again.
#[derive(Default)]
pub struct JsonChecksum {
    hash: Xxh3,
    /// Tokens that are not hashed yet. Each is a few bytes long, and hashing many at once is faster.
    tokens: Vec<u8>,
}

/// Number of bytes at which the tokens are hashed.
const BATCH: usize = 4096;

impl JsonChecksum {
    /// Adds a value.
    pub fn add(&mut self, value: &Json) -> &mut Self {
        match value {
            Json::Null => self.tokens.push(b'z'),
            Json::Bool(b) => self.tokens.push(if *b { b't' } else { b'f' }),
            Json::Number(n) => {
                // Adding 0 makes −0 equal to 0, as JavaScript's JSON does.
                let bits = (n.as_f64().unwrap_or(f64::NAN) + 0.0).to_bits();
                self.tagged(b'n', &bits.to_le_bytes());
            }
            Json::String(s) => self.text(s),
            Json::Array(items) => {
                self.tagged(b'[', &(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| {
                    self.add(item);
                });
            }
            Json::Object(map) => {
                self.tagged(b'{', &(map.len() as u64).to_le_bytes());
                // serde_json's map is sorted by key (without its feature "preserve_order").
                for (key, item) in map {
                    self.text(key);
                    self.add(item);
                }
            }
        }
        self
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) {
        self.tagged(b's', &(text.len() as u64).to_le_bytes());
        self.tokens.extend_from_slice(text.as_bytes());
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8; 8]) {
        let mut token = [tag; 9];
        token[1..].copy_from_slice(bytes);
        self.tokens.extend_from_slice(&token);
        if self.tokens.len() >= BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.hash.update(&self.tokens);
        self.tokens.clear();
    }

    /// Returns the checksum as 16 hexadecimal digits.
    pub fn finish(&mut self) -> String {
        self.flush();
        format!("{:016x}", self.hash.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        JsonChecksum::default().add(&serde_json::from_str(text).unwrap()).finish()
    }

    #[test]
    fn spelling_does_not_matter_but_values_do() {
        assert_eq!(of(r#"{"a":1.0,"b":[0]}"#), of(r#"{ "b": [-0.0], "a": 1e0 }"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":2}"#));
        assert_ne!(of(r"[[1],[2]]"), of(r"[[1,2],[]]"));
        assert_ne!(of(r#"["ab","c"]"#), of(r#"["a","bc"]"#));
    }
}
