//! A caller's text in a message.

/// The largest number of characters of a value that a message quotes.
pub const MAX_QUOTED: usize = 100;

/// Appends a character; if a terminal would interpret it, or it would change the direction of writing, its escape.
pub fn push_visible(text: &mut String, c: char) {
    let is_direction =
        matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || is_direction || c == '\u{feff}' { text.extend(c.escape_default()) } else { text.push(c) }
}

/// Returns the first [`MAX_QUOTED`] characters of a text, with escapes for those that a terminal would interpret.
pub fn quoted(text: &str) -> String {
    let mut shown = String::new();
    text.chars().take(MAX_QUOTED).for_each(|c| push_visible(&mut shown, c));
    if text.chars().nth(MAX_QUOTED).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_is_quoted_and_nothing_that_a_terminal_obeys() {
        assert_eq!(quoted("a\u{1b}[31m\n\u{202e}ü"), "a\\u{1b}[31m\\n\\u{202e}ü");
        assert_eq!(quoted(&"x".repeat(1000)).chars().count(), MAX_QUOTED + 1);
    }
}
