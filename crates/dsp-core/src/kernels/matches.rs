//! Which samples lie within a tolerance of each other: the inner loops of sample and approximate entropy.

super::kernel! {
    /// Sets `out[i]` to 1 unless `|x[i] − x[i + lag]| > r` (so a NaN matches), for i < x.len() − lag.
    pub fn within(x: &[f64], lag: usize, r: f64, out: &mut [u8]) {
        for ((out, a), b) in out.iter_mut().zip(x).zip(&x[lag..]) {
            let differ = (a - b).abs() > r;
            *out = u8::from(!differ);
        }
    }

    /// Computes `flags[i] &= flags[i + by]` for every `i` with such a neighbour.
    pub fn and_shifted(flags: &mut [u8], by: usize) {
        let n = flags.len().saturating_sub(by);
        // Reading runs ahead of writing; a step of 64 keeps the two apart.
        let mut ahead = [0_u8; 64];
        for at in (0..n).step_by(64) {
            let width = (n - at).min(64);
            ahead[..width].copy_from_slice(&flags[at + by..][..width]);
            for (flag, ahead) in flags[at..][..width].iter_mut().zip(&ahead) {
                *flag &= ahead;
            }
        }
    }

    /// Returns the number of set flags.
    pub fn count(flags: &[u8]) -> u64 {
        // At most 255 flags are added up in one byte lane.
        flags.chunks(255 * 64).map(|run| {
            let mut lanes = [0_u8; 64];
            let (steps, tail) = run.as_chunks::<64>();
            for step in steps {
                for k in 0..64 {
                    lanes[k] += step[k];
                }
            }
            lanes.iter().chain(tail).map(|&x| u64::from(x)).sum::<u64>()
        }).sum()
    }

    /// Computes `counts[i] += flags[i]` for every flag.
    pub fn add(counts: &mut [u32], flags: &[u8]) {
        for (count, flag) in counts.iter_mut().zip(flags) {
            *count += u32::from(*flag);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn loops_agree_with_their_definition_on_every_instruction_set() {
        let x: Vec<f64> = (0..1000).map(|i| if i % 97 == 5 { f64::NAN } else { f64::from(i * i % 37) }).collect();
        for isa in Isa::available() {
            for lag in [1, 2, 63, 999, 1000] {
                let n = x.len() - lag;
                let mut flags = vec![0; n];
                within::on(isa, &x, lag, 5.0, &mut flags);
                let want: Vec<u8> = (0..n).map(|i| 1 - u8::from((x[i] - x[i + lag]).abs() > 5.0)).collect();
                assert_eq!(flags, want);
                assert_eq!(count::on(isa, &flags), want.iter().map(|&f| u64::from(f)).sum::<u64>());
                for by in [1, 3, 64, 70] {
                    let mut shifted = want.clone();
                    and_shifted::on(isa, &mut shifted, by);
                    assert!((0..n).all(|i| shifted[i] == want[i] & want.get(i + by).unwrap_or(&want[i])));
                }
                let mut counts = vec![1; n];
                add::on(isa, &mut counts, &flags);
                assert!(counts.iter().zip(&want).all(|(c, &w)| *c == 1 + u32::from(w)));
            }
        }
        assert_eq!(count(&vec![1; 100_000]), 100_000);
    }
}
