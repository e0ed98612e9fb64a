//! The loudest and the quietest levels of a signal.

/// Samples of one group: few enough for any stretch of 31 samples to contain a whole group.
pub const GROUP: usize = 16;

/// Mask that clears the sign bit.
const MAGNITUDE: u64 = u64::MAX >> 1;

/// The levels of a signal, from the largest magnitudes of its groups of [`GROUP`] samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Levels {
    /// The largest magnitude; NaN if the signal contains one.
    pub loudest: f64,
    /// The smallest level of the groups that are not silent; NaN or infinite if each of them contains such a sample, 0
    /// if all are silent.
    pub quietest: f64,
    /// Whether some group is silent.
    pub has_silence: bool,
}

/// Returns the bits of a group's largest magnitude. As integers they are ordered like the magnitudes, with infinity and
/// NaN at the top.
#[inline(always)]
fn level(group: &[f64]) -> i64 {
    let mut bits = [0i64; GROUP];
    for (bits, x) in bits.iter_mut().zip(group) {
        *bits = (x.to_bits() & MAGNITUDE) as i64;
    }
    let mut half = GROUP / 2;
    while half > 0 {
        for j in 0..half {
            bits[j] = bits[j].max(bits[j + half]);
        }
        half /= 2;
    }
    bits[0]
}

super::kernel! {
    /// Returns the levels of `x`; its last group may be shorter.
    pub fn levels(x: &[f64]) -> Levels {
        let (mut loudest, mut quietest, mut has_silence) = (0, i64::MAX, false);
        for group in x.chunks(GROUP) {
            let level = level(group);
            loudest = loudest.max(level);
            quietest = if level > 0 { quietest.min(level) } else { quietest };
            has_silence |= level == 0;
        }
        let quietest = quietest.min(loudest);
        let [loudest, quietest] = [loudest, quietest].map(|bits| f64::from_bits(bits as u64));
        Levels { loudest, quietest, has_silence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn groups_are_measured_on_every_instruction_set() {
        let mut x = vec![-0.5; 50];
        x[20] = -4.0;
        x[48] = 0.25;
        x[49] = -0.125;
        for isa in Isa::available() {
            let of = |x: &[f64]| levels::on(isa, x);
            assert_eq!(of(&x), Levels { loudest: 4.0, quietest: 0.25, has_silence: false }, "{}", isa.name());
            let mut with_silence = x.clone();
            with_silence[..16].fill(-0.0);
            assert_eq!(of(&with_silence), Levels { has_silence: true, ..of(&x) });
            let mut loud = x.clone();
            loud[3] = f64::NEG_INFINITY;
            assert_eq!(of(&loud), Levels { loudest: f64::INFINITY, ..of(&x) });
            loud[4] = -f64::NAN;
            assert!(of(&loud).loudest.is_nan() && of(&loud).quietest == 0.25);
            assert_eq!(of(&[0.0; 20]), Levels { loudest: 0.0, quietest: 0.0, has_silence: true });
            assert_eq!(of(&[]), Levels { loudest: 0.0, quietest: 0.0, has_silence: false });
        }
    }
}
