//! Direct convolution: a tile of outputs side by side, each a sum over the taps in order.

/// Outputs of one tile: four 512-bit accumulators, enough to hide the latency of an addition.
const TILE: usize = 32;

/// Computes one tile: `y[j] = Σ h[k]·x[N−1−k+j]`.
#[inline(always)]
fn tile<const T: usize>(h: &[f64], x: &[f64], y: &mut [f32]) {
    let mut sums = [0.0; T];
    for (k, h) in h.iter().enumerate() {
        let x: &[f64] = &x[h_offset(k, x.len(), T)..][..T];
        for j in 0..T {
            sums[j] += h * x[j];
        }
    }
    for j in 0..T {
        // One NaN: which of two comes out of an addition depends on the order that the compiler chose.
        y[j] = if sums[j].is_nan() { f32::NAN } else { sums[j] as f32 };
    }
}

/// Returns the index of the first input for tap `k` in a window of `length` samples for `tile` outputs.
#[inline(always)]
fn h_offset(k: usize, length: usize, tile: usize) -> usize {
    length - tile - k
}

super::kernel! {
    /// Computes `y[n] = Σ h[k]·x[n + N−1 − k]` for N taps: `x` begins with the N−1 samples before the first output.
    pub fn direct(h: &[f64], x: &[f64], y: &mut [f32]) {
        let history = h.len() - 1;
        let mut n = 0;
        while n + TILE <= y.len() {
            tile::<TILE>(h, &x[n..n + history + TILE], &mut y[n..n + TILE]);
            n += TILE;
        }
        while n + 8 <= y.len() {
            tile::<8>(h, &x[n..n + history + 8], &mut y[n..n + 8]);
            n += 8;
        }
        while n < y.len() {
            tile::<1>(h, &x[n..n + history + 1], &mut y[n..n + 1]);
            n += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn equals_the_sum_of_products_on_every_instruction_set() {
        for taps in (1..20).chain([64, 101]) {
            let h: Vec<f64> = (0..taps).map(|k| 1.0 / (k + 1) as f64).collect();
            for n in (0..45).chain([100]) {
                let x: Vec<f64> = (0..n + taps - 1).map(|k| f64::from((k * 37 % 101) as f32 * 0.013 - 0.5)).collect();
                let expected: Vec<f32> =
                    (0..n).map(|n| (0..taps).fold(0.0, |sum, k| sum + h[k] * x[n + taps - 1 - k]) as f32).collect();
                for isa in Isa::available() {
                    let mut y = vec![0.0; n];
                    direct::on(isa, &h, &x, &mut y);
                    assert_eq!(y, expected, "{} taps {taps}, {n} samples", isa.name());
                }
            }
        }
    }
}
