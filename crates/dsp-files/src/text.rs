//! Texts of files in messages and headers.

/// Characters of a file's text that a message quotes at most.
const MAX_QUOTED: usize = 60;

/// Returns a text in quotes: control characters escaped, the end left out if it is long.
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_QUOTED).map(escaped).collect();
    if text.chars().nth(MAX_QUOTED).is_some() {
        short.push('…');
    }
    format!("\"{short}\"")
}

/// Returns a character for one line of a terminal.
fn escaped(c: char) -> String {
    if c.is_control() { format!("\\x{:02x}", c as u32) } else { c.to_string() }
}

/// Returns the text of a field that is padded with spaces or zeros: UTF-8 where it is, else Latin-1.
pub fn field(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}
