//! Ratios of sample rates as fractions of whole numbers.

/// The largest term of a ratio: positions in such units are exact as JavaScript numbers.
const MAX_TERM: u128 = 1 << 53;

/// `a / b` for two positive finite numbers as a fraction of whole numbers without a common divisor, neither above 2⁵³.
/// Exact where the ratio has such terms; else the last convergent of its continued fraction that does.
pub fn binary_ratio(a: f64, b: f64) -> (u64, u64) {
    let ((ma, ea), (mb, eb)) = (odd(a), odd(b));
    let shift = ea - eb;
    // 2⁷⁴ times 2⁵³ fits; a ratio beyond that is out of bounds anyway.
    fraction(u128::from(ma) << shift.clamp(0, 74), u128::from(mb) << (-shift).clamp(0, 74))
}

/// [`binary_ratio`] of the shortest decimal numbers that mean `a` and `b`: 99.7 is 997/10, not the double next to it.
pub fn decimal_ratio(a: f64, b: f64) -> (u64, u64) {
    let ((da, ea), (db, eb)) = (decimal(a), decimal(b));
    let shift = ea - eb;
    // 10²¹ times 10¹⁷ fits; a ratio beyond that is out of bounds anyway.
    let scaled = |digits: u64, power: i32| u128::from(digits) * 10u128.pow(power.clamp(0, 21) as u32);
    fraction(scaled(da, shift), scaled(db, -shift))
}

/// `p / q` in lowest terms, neither above [`MAX_TERM`]: the last convergent of its continued fraction.
fn fraction(mut p: u128, mut q: u128) -> (u64, u64) {
    let (mut last, mut now) = ((0, 1), (1, 0));
    while q > 0 {
        let digit = p / q;
        let next =
            (digit.saturating_mul(now.0).saturating_add(last.0), digit.saturating_mul(now.1).saturating_add(last.1));
        if next.0 > MAX_TERM || next.1 > MAX_TERM {
            break;
        }
        (last, now) = (now, next);
        (p, q) = (q, p % q);
    }
    (now.0.clamp(1, MAX_TERM) as u64, if now.1 == 0 { 1 } else { now.1 as u64 })
}

/// A positive finite number as `d · 10^e`, d the digits of its shortest decimal text.
fn decimal(x: f64) -> (u64, i32) {
    let text = format!("{x:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // At most 17 digits.
    (format!("{whole}{rest}").parse().unwrap_or(1), exponent - rest.len() as i32)
}

/// A positive finite number as `m · 2^e` with m odd.
fn odd(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (m, e) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (m >> m.trailing_zeros(), e + m.trailing_zeros() as i32)
}

/// Greatest common divisor.
pub fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ratios_are_exact(a in 1u64..1 << 50, b in 1u64..1 << 50, shift in -30i32..30, places in 0u32..12) {
            let divisor = gcd(a.into(), b.into()) as u64;
            let want = (a / divisor, b / divisor);
            prop_assert_eq!(binary_ratio(a as f64, b as f64), want);
            prop_assert_eq!(decimal_ratio(a as f64, b as f64), want);
            let scale = 2f64.powi(shift);
            prop_assert_eq!(binary_ratio(a as f64 * scale, b as f64 * scale), want);
            // Fifteen digits, the last `places` of them behind the point.
            let (a, b) = (a % 1_000_000_000_000_000 + 1, b % 1_000_000_000_000_000 + 1);
            let divisor = gcd(a.into(), b.into()) as u64;
            let written = |x: u64| format!("{x}e-{places}").parse::<f64>().expect("a number");
            prop_assert_eq!(decimal_ratio(written(a), written(b)), (a / divisor, b / divisor));
        }
    }

    #[test]
    fn known_ratios() {
        for ratio in [binary_ratio, decimal_ratio] {
            assert_eq!(ratio(48_000.0, 44_100.0), (160, 147));
            assert_eq!(ratio(0.75, 0.5), (3, 2));
            let (p, q) = ratio(std::f64::consts::PI, 1e5);
            assert!((p as f64 / q as f64 / (std::f64::consts::PI / 1e5) - 1.0).abs() < 1e-15);
            // Out of bounds: some fraction, but no division by zero.
            for (a, b) in [(f64::MAX, 5e-324), (5e-324, f64::MAX)] {
                let (p, q) = ratio(a, b);
                assert!(p > 0 && q > 0);
            }
        }
        assert_eq!(binary_ratio(5e-324, 1e-323), (1, 2));
        assert_eq!(decimal_ratio(99.7, 100.0), (997, 1000));
        assert_eq!(decimal_ratio(0.1, 0.3), (1, 3));
        assert_ne!(binary_ratio(99.7, 100.0), (997, 1000));
    }
}
