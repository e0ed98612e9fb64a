//! Conversion of parameter names: `window_size` in Rust is `windowSize` in JavaScript.

/// Returns the length of the camelCase form of a snake_case name.
pub const fn camel_length(name: &str) -> usize {
    let bytes = name.as_bytes();
    let (mut at, mut length) = (0, 0);
    while at < bytes.len() {
        length += (bytes[at] != b'_') as usize;
        at += 1;
    }
    length
}

/// Returns the camelCase form of a snake_case name of ASCII letters.
pub const fn camel_bytes<const N: usize>(name: &str) -> [u8; N] {
    let bytes = name.as_bytes();
    let mut out = [0; N];
    let (mut at, mut length) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'_' {
            let starts_a_word = at > 0 && bytes[at - 1] == b'_';
            out[length] = if starts_a_word { bytes[at].to_ascii_uppercase() } else { bytes[at] };
            length += 1;
        }
        at += 1;
    }
    out
}

/// The largest edit distance of a misspelling, as a share of the name's length.
const MAX_DISTANCE: f64 = 0.35;

/// Returns the name most similar to `written` (Damerau-Levenshtein distance, letter case ignored); `None` if none is
/// similar.
pub fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    // What is longer than any name is no misspelling of one, and the comparison takes the product of the lengths.
    if written.len() > 64 {
        return None;
    }
    let lower = written.to_lowercase();
    let distance = |name: &str| strsim::normalized_damerau_levenshtein(&lower, &name.to_lowercase());
    let best = names.iter().map(|name| (distance(name), *name)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (1.0 - best.0 <= MAX_DISTANCE).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_named_and_others_are_not() {
        let names = ["nperseg", "quality", "sampleRate", "channels"];
        for (written, meant) in [("npreseg", 0), ("qualty", 1), ("samplerate", 2), ("channel", 3)] {
            assert_eq!(nearest(written, &names), Some(names[meant]), "{written}");
        }
        assert_eq!(nearest("colour", &names), None);
    }
}
