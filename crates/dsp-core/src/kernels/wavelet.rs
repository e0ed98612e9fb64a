//! The two half-rate filters of a wavelet step.

/// Outputs per step.
const LANES: usize = 16;

/// Returns `Σ_j pair[j].0·even[i+j] + pair[j].1·odd[i+j]` for [`LANES`] neighbouring i, for low and high pass at once.
#[inline(always)]
fn step(even: &[f32], odd: &[f32], low: &[[f64; 2]], high: &[[f64; 2]]) -> [[f64; LANES]; 2] {
    let (mut a, mut d) = ([0.0_f64; LANES], [0.0_f64; LANES]);
    for ((j, h), g) in low.iter().enumerate().zip(high) {
        let e: &[f32; LANES] = even[j..j + LANES].try_into().expect("a slice of that length");
        let o: &[f32; LANES] = odd[j..j + LANES].try_into().expect("a slice of that length");
        for k in 0..LANES {
            let (e, o) = (f64::from(e[k]), f64::from(o[k]));
            a[k] += h[0] * e + h[1] * o;
            d[k] += g[0] * e + g[1] * o;
        }
    }
    [a, d]
}

super::kernel! {
    /// Computes `low_out[i]` and `high_out[i]` as `Σ_j pair[j][0]·even[i+j] + pair[j][1]·odd[i+j]`, the filters given
    /// as pairs of neighbouring taps. `even` and `odd` hold `low_out.len() + low.len() − 1` samples or more; `high_out`
    /// is as long as `low_out`.
    pub fn analyse(
        even: &[f32], odd: &[f32], low: &[[f64; 2]], high: &[[f64; 2]], low_out: &mut [f32], high_out: &mut [f32]
    ) {
        let n = low_out.len();
        let whole = n / LANES * LANES;
        for at in (0..whole).step_by(LANES) {
            let [a, d] = step(&even[at..], &odd[at..], low, high);
            for k in 0..LANES {
                low_out[at + k] = a[k] as f32;
                high_out[at + k] = d[k] as f32;
            }
        }
        for at in whole..n {
            let (mut a, mut d) = (0.0, 0.0);
            for ((j, h), g) in low.iter().enumerate().zip(high) {
                let (e, o) = (f64::from(even[at + j]), f64::from(odd[at + j]));
                a += h[0] * e + h[1] * o;
                d += g[0] * e + g[1] * o;
            }
            low_out[at] = a as f32;
            high_out[at] = d as f32;
        }
    }

    /// Splits `x` into its even and odd samples; the last of an odd number goes to `even`.
    pub fn split_phases(x: &[f32], even: &mut [f32], odd: &mut [f32]) {
        let (pairs, tail) = x.as_chunks::<2>();
        for ((pair, even), odd) in pairs.iter().zip(even.iter_mut()).zip(odd.iter_mut()) {
            *even = pair[0];
            *odd = pair[1];
        }
        if let [last] = tail {
            even[pairs.len()] = *last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let x: Vec<f32> = (0..300).map(|i| ((i * 7919) % 101) as f32 / 7.0).collect();
        let low = [[0.1, 0.7], [-0.3, 0.45], [0.2, 0.9]];
        let high = [[0.5, -0.2], [0.3, 0.1], [-0.6, 0.8]];
        for n in 0..100 {
            let (mut even, mut odd) = (vec![0.0; n + 2], vec![0.0; n + 2]);
            split_phases(&x[..2 * n + 4], &mut even, &mut odd);
            let want: Vec<f64> = (0..n)
                .map(|i| {
                    (0..3)
                        .map(|j| low[j][0] * f64::from(x[2 * (i + j)]) + low[j][1] * f64::from(x[2 * (i + j) + 1]))
                        .sum()
                })
                .collect();
            let mut first: Option<(Vec<f32>, Vec<f32>)> = None;
            for isa in Isa::available() {
                let (mut a, mut d) = (vec![0.0; n], vec![0.0; n]);
                analyse::on(isa, &even, &odd, &low, &high, &mut a, &mut d);
                assert!(a.iter().zip(&want).all(|(a, w)| (f64::from(*a) - w).abs() < 1e-5), "{n}");
                let first = first.get_or_insert((a.clone(), d.clone()));
                assert_eq!(*first, (a, d), "{} {n}", isa.name());
            }
        }
    }
}
