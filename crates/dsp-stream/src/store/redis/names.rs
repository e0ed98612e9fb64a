//! Names of keys in Redis.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Longest name in bytes; longer ones are replaced by a hash.
const LONGEST_KEY: usize = 128;

/// The names of keys: all names of a scope share one slot of a cluster, that of `{<scope>}`.
pub struct Names {
    prefix: String,
}

impl Names {
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// Returns the name of the store's id.
    pub fn store(&self) -> String {
        format!("{}:store", self.prefix)
    }

    pub fn manifest(&self, scope: &str) -> String {
        format!("{}:{{{scope}}}:m", self.prefix)
    }

    pub fn record(&self, scope: &str, key: &[u8]) -> String {
        format!("{}:{{{scope}}}:k:{}", self.prefix, key_name(key))
    }

    /// Returns a pattern that matches all records of a scope, and nothing else.
    pub fn pattern(&self, scope: &str) -> String {
        let mut pattern = String::new();
        for c in self.record(scope, b"").chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('*');
        pattern
    }

    /// Returns the key for a record's name, if it is not hashed.
    pub fn key(&self, scope: &str, name: &str) -> Vec<u8> {
        key_of(name.strip_prefix(&self.record(scope, b"")).unwrap_or(name))
    }
}

/// Returns the key that a record must contain because its name has only its hash; empty if the name contains the key.
pub fn hashed_key(key: &[u8]) -> Vec<u8> {
    if is_hashed(key) { key.to_vec() } else { Vec::new() }
}

fn is_hashed(key: &[u8]) -> bool {
    escaped(key).len() > LONGEST_KEY
}

fn escaped(key: &[u8]) -> String {
    let mut name = String::with_capacity(key.len());
    for &byte in key {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => name.push(byte.into()),
            _ => _ = write!(name, "%{byte:02X}"),
        }
    }
    name
}

/// Returns the part of a Redis name for `key`.
fn key_name(key: &[u8]) -> String {
    let name = escaped(key);
    if name.len() <= LONGEST_KEY {
        return name;
    }
    Sha256::digest(key).iter().fold("#".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Returns the key for a name, if it is not hashed.
fn key_of(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                key.push(byte);
                rest = &tail[2..];
            }
            None => {
                key.push(first);
                rest = tail;
            }
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_are_safe_and_read_back() {
        assert_eq!(key_name("a b/é".as_bytes()), "a%20b%2F%C3%A9");
        assert_eq!(key_of("a%20b%2F%C3%A9"), "a b/é".as_bytes());
        assert_eq!(key_name(&[0, 255]), "%00%FF");
        let long = vec![b'x'; 129];
        assert!(is_hashed(&long) && key_name(&long).len() == 65 && key_name(&long).starts_with('#'));
    }

    #[test]
    fn names_of_a_scope_lie_together() {
        let names = Names::new("p*");
        let record = names.record("a/0", b"k[1]");
        assert_eq!(record, "p*:{a/0}:k:k%5B1%5D");
        assert_eq!(names.key("a/0", &record), b"k[1]");
        assert_eq!(names.pattern("a/0"), "p\\*:{a/0}:k:*");
        assert_eq!(names.manifest("a/0"), "p*:{a/0}:m");
    }
}
