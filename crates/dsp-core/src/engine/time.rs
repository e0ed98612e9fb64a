//! Units of time at the border.

/// Converts nanoseconds to milliseconds.
///
/// 2⁵³ ns are only 104 days, so the integer is split before it becomes a float: the whole milliseconds are exact, and
/// one rounding remains, that of the sum.
pub fn milliseconds(ns: i64) -> f64 {
    const PER_MS: i64 = 1_000_000;
    (ns / PER_MS) as f64 + (ns % PER_MS) as f64 / PER_MS as f64
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn nanoseconds_since_1970_keep_their_microseconds() {
        assert_eq!(milliseconds(1_700_000_000_123_456_789), 1_700_000_000_123.456_8);
        assert_eq!(milliseconds(-1), -1e-6);
        assert_eq!(milliseconds(0), 0.0);
    }
}
