//! Numbers in JavaScript's form.

/// The largest integer n for which float64 holds n and every smaller non-negative integer exactly: 2⁵³ − 1.
pub const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Returns a number as JavaScript prints it.
pub fn js_number(x: f64) -> String {
    ryu_js::Buffer::new().format(x).to_owned()
}
