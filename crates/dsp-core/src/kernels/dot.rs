//! Sums of products in f64. Sixteen partial sums, added in a fixed order, give the same bits on every machine.

const LANES: usize = 16;

/// Returns the total of the partial sums, added pairwise.
#[inline(always)]
fn fold(mut acc: [f64; LANES]) -> f64 {
    let mut width = LANES / 2;
    while width > 0 {
        for k in 0..width {
            acc[k] += acc[k + width];
        }
        width /= 2;
    }
    acc[0]
}

#[inline(always)]
fn sum_of<const N: usize>(xs: [&[f32]; N], term: impl Fn([f64; N]) -> f64) -> f64 {
    let n = xs[0].len();
    let mut acc = [0.0_f64; LANES];
    let (steps, rests) = (xs.map(|x| x.as_chunks::<LANES>().0), xs.map(|x| x.as_chunks::<LANES>().1));
    for i in 0..n / LANES {
        let step = steps.map(|x| x[i]);
        for k in 0..LANES {
            acc[k] += term(std::array::from_fn(|j| f64::from(step[j][k])));
        }
    }
    for k in 0..n % LANES {
        acc[k] += term(rests.map(|x| f64::from(x[k])));
    }
    fold(acc)
}

super::kernel! {
    /// Returns `Σ x[k]`.
    pub fn sum(x: &[f32]) -> f64 {
        sum_of([x], #[inline(always)] |[x]| x)
    }

    /// Returns `Σ x[k]²`.
    pub fn sum_of_squares(x: &[f32]) -> f64 {
        sum_of([x], #[inline(always)] |[x]| x * x)
    }

    /// Returns `Σ (x[k] − mean)²`.
    pub fn squared_deviations(x: &[f32], mean: f64) -> f64 {
        sum_of([x], #[inline(always)] |[x]| (x - mean) * (x - mean))
    }

    /// Returns `Σ x[k]·y[k]` over two slices of one length.
    pub fn dot(x: &[f32], y: &[f32]) -> f64 {
        assert_eq!(x.len(), y.len());
        sum_of([x, y], #[inline(always)] |[x, y]| x * y)
    }

    /// Returns `Σ x[k]·w[k]`: samples times f64 weights of the same length.
    pub fn weighted(x: &[f32], w: &[f64]) -> f64 {
        assert_eq!(x.len(), w.len());
        let mut acc = [0.0_f64; LANES];
        let (xs, x_tail) = x.as_chunks::<LANES>();
        let (ws, w_tail) = w.as_chunks::<LANES>();
        for (x, w) in xs.iter().zip(ws) {
            for k in 0..LANES {
                acc[k] += f64::from(x[k]) * w[k];
            }
        }
        for (k, (x, w)) in x_tail.iter().zip(w_tail).enumerate() {
            acc[k] += f64::from(*x) * w;
        }
        fold(acc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_same_bits(xs in prop::collection::vec((-1e3_f32..1e3, -1e3_f64..1e3), 0..100)) {
            let x: Vec<f32> = xs.iter().map(|p| p.0).collect();
            let w: Vec<f64> = xs.iter().map(|p| p.1).collect();
            let y: Vec<f32> = w.iter().map(|&w| w as f32).collect();
            let naive: f64 = x.iter().zip(&w).map(|(&x, w)| f64::from(x) * w).sum();
            for isa in Isa::available() {
                prop_assert_eq!(weighted::on(isa, &x, &w).to_bits(), weighted::on(Isa::BASELINE, &x, &w).to_bits());
                prop_assert_eq!(dot::on(isa, &x, &y).to_bits(), dot::on(Isa::BASELINE, &x, &y).to_bits());
                prop_assert_eq!(sum::on(isa, &x).to_bits(), sum::on(Isa::BASELINE, &x).to_bits());
                prop_assert_eq!(sum_of_squares::on(isa, &x), dot::on(isa, &x, &x));
                prop_assert_eq!(squared_deviations::on(isa, &x, 0.0), sum_of_squares(&x));
                // 100 terms below 1e6, each rounded to 2^-53 of the partial sum.
                prop_assert!((weighted::on(isa, &x, &w) - naive).abs() <= 1e-6);
            }
        }
    }

    #[test]
    fn empty_sums_are_zero() {
        assert_eq!((sum(&[]), sum_of_squares(&[]), dot(&[], &[]), weighted(&[], &[])), (0.0, 0.0, 0.0, 0.0));
    }
}
