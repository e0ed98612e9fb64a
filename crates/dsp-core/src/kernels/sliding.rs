//! Sums and second moments over windows.
//!
//! A second moment here is `M = Σ(x − x̄)²`. Two adjoining runs `a`, `b` with sums `S` and lengths `n` merge by
//! `M = Ma + Mb + (Sa·nb − Sb·na)² / (na·nb·(na+nb))` (Chan, Golub, LeVeque, *Algorithms for computing the sample
//! variance*, 1983). Nothing is ever subtracted from a sum, so a sample that has left the window leaves no rounding error behind.

/// Returns 1/q to 2·10⁻¹⁴, for 1 ≤ q < 3·10³⁸: a division in float32 and a step of Newton's method, in half the time of
/// a float64 division.
#[inline(always)]
pub(super) fn reciprocal(q: f64) -> f64 {
    let r = f64::from(1.0 / q as f32);
    r * (2.0 - q * r)
}

/// Returns 1/√v to 10⁻¹⁰, for v > 0: a guess from the exponent (Lomont, *Fast inverse square root*, 2003) and three
/// steps of Newton's method. Finite for v = 0.
#[inline(always)]
fn reciprocal_root(v: f64) -> f64 {
    let half = 0.5 * v;
    let mut r = f64::from_bits(0x5fe6_eb50_c7b5_37a9_u64.wrapping_sub(v.to_bits() >> 1));
    for _ in 0..3 {
        r *= 1.5 - half * r * r;
    }
    r
}

/// Returns `(k·x − S)² / (k·(k−1))`, 0 for `k = 1`.
#[inline(always)]
fn moment_term(x: f64, s: f64, k: f64) -> f64 {
    let difference = k * x - s;
    // max: a run of one has no deviation, and 0/0 must not be formed.
    difference * difference * reciprocal((k * (k - 1.0)).max(1.0))
}

super::kernel! {
    /// Computes `v[i] = x[i]`.
    pub fn widen(x: &[f32], v: &mut [f64]) {
        v.iter_mut().zip(x).for_each(|(v, &x)| *v = f64::from(x));
    }

    /// Computes `v[i] = |x[i]|`.
    pub fn widen_abs(x: &[f32], v: &mut [f64]) {
        v.iter_mut().zip(x).for_each(|(v, &x)| *v = f64::from(x.abs()));
    }

    /// Computes `v[i] = x[i]²`.
    pub fn widen_square(x: &[f32], v: &mut [f64]) {
        v.iter_mut().zip(x).for_each(|(v, &x)| *v = f64::from(x) * f64::from(x));
    }

    /// Turns the sums over `n` samples starting at each `i` into sums over `2n` samples, in place; the last `n` values
    /// become stale.
    pub fn double_sums(s: &mut [f64], n: usize) {
        let valid = s.len() - n;
        for i in 0..valid {
            s[i] += s[i + n];
        }
    }

    /// [`double_sums`] with second moments.
    pub fn double_moments(s: &mut [f64], m: &mut [f64], n: usize) {
        let valid = s.len() - n;
        let m = &mut m[..valid + n];
        let scale = 1.0 / (2.0 * n as f64);
        for i in 0..valid {
            let difference = s[i] - s[i + n];
            m[i] = m[i] + m[i + n] + difference * difference * scale;
            s[i] += s[i + n];
        }
    }

    /// Appends to windows of one length the windows that follow them: `total[i] += part[i]`.
    pub fn append_sums(total: &mut [f64], part: &[f64]) {
        total.iter_mut().zip(part).for_each(|(a, b)| *a += b);
    }

    /// [`append_sums`] with second moments; `na` and `nb` are the lengths of the windows.
    pub fn append_moments(s: &mut [f64], m: &mut [f64], na: usize, sb: &[f64], mb: &[f64], nb: usize) {
        let (na, nb) = (na as f64, nb as f64);
        let scale = 1.0 / (na * nb * (na + nb));
        let count = s.len();
        let (m, sb, mb) = (&mut m[..count], &sb[..count], &mb[..count]);
        for i in 0..count {
            let difference = s[i] * nb - sb[i] * na;
            m[i] = m[i] + mb[i] + difference * difference * scale;
            s[i] += sb[i];
        }
    }

    /// Computes the contribution of each sample of a growing run to its second moment: `(k·x − S_k)² / (k·(k−1))` for
    /// the sample that makes the run `k` long and its sum `S_k` (Youngs and Cramer, *Some results relevant to choice of
    /// sum and sum-of-product algorithms*, 1971). `first` is the `k` of `v[0]`; `step` is ±1 for runs growing either
    /// way.
    pub fn moment_terms(v: &mut [f64], s: &[f64], first: f64, step: f64) {
        let s = &s[..v.len()];
        for i in 0..v.len() {
            let k = first + step * i as f64;
            v[i] = moment_term(v[i], s[i], k);
        }
    }

    /// [`merge_moments`] with the reciprocals of `na·nb·(na + nb)` from a table.
    pub fn merge_moments_scaled(
        sa: &[f64],
        ma: &[f64],
        first_a: f64,
        sb: &mut [f64],
        mb: &mut [f64],
        first_b: f64,
        scales: &[f64],
    ) {
        let count = sb.len();
        let (sa, ma, mb, scales) = (&sa[..count], &ma[..count], &mut mb[..count], &scales[..count]);
        for i in 0..count {
            let na = first_a - i as f64;
            let nb = first_b + i as f64;
            let difference = sa[i] * nb - sb[i] * na;
            mb[i] = ma[i] + mb[i] + difference * difference * scales[i];
            sb[i] += sa[i];
        }
    }

    /// Merges suffix runs `a` (of lengths `first_a`, `first_a − 1`, …) with prefix runs `b` (lengths `first_b`,
    /// `first_b + 1`, …) into `b`.
    pub fn merge_moments(sa: &[f64], ma: &[f64], first_a: f64, sb: &mut [f64], mb: &mut [f64], first_b: f64) {
        let count = sb.len();
        let (sa, ma, mb) = (&sa[..count], &ma[..count], &mut mb[..count]);
        let of_total = 1.0 / (first_a + first_b);
        for i in 0..count {
            let na = first_a - i as f64;
            let nb = first_b + i as f64;
            let difference = sa[i] * nb - sb[i] * na;
            // max: an empty run `a` has sum 0, and adds nothing.
            mb[i] = ma[i] + mb[i] + difference * difference * (reciprocal((na * nb).max(1.0)) * of_total);
            sb[i] += sa[i];
        }
    }

    /// [`double_sums`] with trends `C = Σ(i − ī)(x − x̄)`: two adjoining runs merge by
    /// `C = Ca + Cb + (Sb·na − Sa·nb)/2`, as their middles are `(na + nb)/2` samples apart.
    pub fn double_trends(s: &mut [f64], m: &mut [f64], n: usize) {
        let valid = s.len() - n;
        let m = &mut m[..valid + n];
        let half = n as f64 / 2.0;
        for i in 0..valid {
            m[i] = m[i] + m[i + n] + (s[i + n] - s[i]) * half;
            s[i] += s[i + n];
        }
    }

    /// [`append_moments`] with trends.
    pub fn append_trends(s: &mut [f64], m: &mut [f64], na: usize, sb: &[f64], mb: &[f64], nb: usize) {
        let (na, nb) = (na as f64, nb as f64);
        let count = s.len();
        let (m, sb, mb) = (&mut m[..count], &sb[..count], &mb[..count]);
        for i in 0..count {
            m[i] = m[i] + mb[i] + (sb[i] * na - s[i] * nb) * 0.5;
            s[i] += sb[i];
        }
    }

    /// [`moment_terms`] with trends: the sample that makes a run `k` long adds `±(k·x − S_k)/2`, added at the end
    /// (`step` 1) or at the start (−1).
    pub fn trend_terms(v: &mut [f64], s: &[f64], first: f64, step: f64) {
        let s = &s[..v.len()];
        for i in 0..v.len() {
            let k = first + step * i as f64;
            v[i] = (k * v[i] - s[i]) * (0.5 * step);
        }
    }

    /// [`merge_moments`] with trends.
    pub fn merge_trends(sa: &[f64], ma: &[f64], first_a: f64, sb: &mut [f64], mb: &mut [f64], first_b: f64) {
        let count = sb.len();
        let (sa, ma, mb) = (&sa[..count], &ma[..count], &mut mb[..count]);
        for i in 0..count {
            let na = first_a - i as f64;
            let nb = first_b + i as f64;
            mb[i] = ma[i] + mb[i] + (sb[i] * na - sa[i] * nb) * 0.5;
            sb[i] += sa[i];
        }
    }

    /// Replaces `x` by `weights[0]·x + weights[1]·mean + weights[2]·slope`, from the sums and trends of windows of `n`
    /// samples. The slope is `C / Σ(i − ī)²`, and that sum is `n(n² − 1)/12`.
    pub fn regressions(s: &[f64], m: &[f64], n: f64, weights: &[f64; 3], x: &mut [f32]) {
        let count = x.len();
        let (s, m) = (&s[..count], &m[..count]);
        // Divisions, not products with reciprocals: for an exact line they leave residuals of 0.
        let spread = n * (n * n - 1.0) / 12.0;
        let [of_x, of_mean, of_slope] = *weights;
        for i in 0..count {
            let y = of_x * f64::from(x[i]) + of_mean * (s[i] / n) + of_slope * (m[i] / spread);
            x[i] = y as f32;
        }
    }

    /// Computes `out[i] = s[i]`.
    pub fn narrow(s: &[f64], out: &mut [f32]) {
        out.iter_mut().zip(s).for_each(|(y, s)| *y = *s as f32);
    }

    /// Computes `out[i] = s[i] / n`.
    pub fn means(s: &[f64], n: f64, out: &mut [f32]) {
        let part = 1.0 / n;
        out.iter_mut().zip(s).for_each(|(y, s)| *y = (s * part) as f32);
    }

    /// Computes `out[i] = √(s[i] / n)`: the root to 10⁻¹⁰ before it is rounded to f32, in a third of the time of an
    /// exact one.
    pub fn root_means(s: &[f64], n: f64, out: &mut [f32]) {
        let part = 1.0 / n;
        for (y, s) in out.iter_mut().zip(s) {
            let mean = s * part;
            // Infinite and undefined sums stay what they are.
            let root = if mean < f64::MAX { mean * reciprocal_root(mean) } else { mean };
            *y = root as f32;
        }
    }

    /// Computes `out[i] = m[i] / n`. An infinite moment (an infinity in the window) gives NaN, through its product with
    /// 0.
    pub fn variances(m: &[f64], n: f64, out: &mut [f32]) {
        let part = 1.0 / n;
        out.iter_mut().zip(m).for_each(|(y, m)| *y = (m * 0.0 + m * part) as f32);
    }

    /// Computes `x[i] = (x[i] − s[i]/n) / √(m[i]/n)`, or 0 where that root is below `epsilon` or 0.
    pub fn z_scores(s: &[f64], m: &[f64], n: f64, epsilon: f64, x: &mut [f32]) {
        let count = x.len();
        let (s, m) = (&s[..count], &m[..count]);
        let part = 1.0 / n;
        for i in 0..count {
            let variance = m[i] * part;
            // An infinite or undefined moment must give NaN: times 0 it is that, any other is 0.
            let undefined = m[i] * 0.0;
            let root = reciprocal_root(variance) + undefined;
            let z = (f64::from(x[i]) - s[i] * part) * root;
            x[i] = if variance * root < epsilon || variance == 0.0 { 0.0 } else { z as f32 };
        }
    }

    /// Returns Σx, from `LANES` interleaved partial sums.
    pub fn sum(x: &[f32]) -> f64 {
        lane_sum(x, f64::from)
    }

    /// Returns Σ|x|, from `LANES` interleaved partial sums.
    pub fn sum_of_abs(x: &[f32]) -> f64 {
        lane_sum(x, |x| f64::from(x.abs()))
    }

    /// Returns Σx², from `LANES` interleaved partial sums.
    pub fn sum_of_squares(x: &[f32]) -> f64 {
        lane_sum(x, |x| f64::from(x) * f64::from(x))
    }

    /// Returns Σ(x − mean)², from `LANES` interleaved partial sums.
    pub fn sum_of_squared_deviations(x: &[f32], mean: f64) -> f64 {
        lane_sum(x, |x| (f64::from(x) - mean) * (f64::from(x) - mean))
    }
}

/// Returns Σ term(x), from [`LANES`] interleaved partial sums.
#[inline(always)]
fn lane_sum(x: &[f32], term: impl Fn(f32) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for j in 0..LANES {
            lanes[j] += term(chunk[j]);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&x| term(x)).sum::<f64>()
}

/// Partial sums of the batch kernels: enough to hide the latency of an addition on every instruction set.
const LANES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_same_bits(x in prop::collection::vec(-1e3f32..1e3, 8..200)) {
            let run = |isa| {
                let mut v = vec![0.0; x.len()];
                widen::on(isa, &x, &mut v);
                let (mut s, mut m) = (v.clone(), vec![0.0; v.len()]);
                double_moments::on(isa, &mut s, &mut m, 1);
                double_moments::on(isa, &mut s, &mut m, 2);
                let (part, part_m) = (s.clone(), m.clone());
                append_moments::on(isa, &mut s[..4], &mut m, 4, &part[4..], &part_m[4..], 4);
                moment_terms::on(isa, &mut v, &s, 1.0, 1.0);
                let mut out = x.clone();
                z_scores::on(isa, &s, &m, 4.0, 1e-6, &mut out);
                let mut variance = vec![0.0; x.len()];
                variances::on(isa, &m, 4.0, &mut variance);
                let mut rms = vec![0.0; x.len()];
                widen_square::on(isa, &x, &mut s);
                root_means::on(isa, &s, 4.0, &mut rms);
                let total = [
                    sum::on(isa, &x), sum_of_abs::on(isa, &x), sum_of_squares::on(isa, &x),
                    sum_of_squared_deviations::on(isa, &x, 1.5),
                ];
                (v, out.iter().map(|z| z.to_bits()).collect::<Vec<_>>(), variance, rms, total.map(f64::to_bits))
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
        }
    }

    proptest! {
        #[test]
        fn trends_have_the_same_bits_on_every_instruction_set(x in prop::collection::vec(-1e3f32..1e3, 8..200)) {
            let run = |isa| {
                let mut v = vec![0.0; x.len()];
                widen::on(isa, &x, &mut v);
                let (mut s, mut m) = (v.clone(), vec![0.0; v.len()]);
                double_trends::on(isa, &mut s, &mut m, 1);
                let (part, part_m) = (s.clone(), m.clone());
                append_trends::on(isa, &mut s[..4], &mut m, 2, &part[2..], &part_m[2..], 2);
                trend_terms::on(isa, &mut v, &s, 7.0, -1.0);
                merge_trends::on(isa, &part, &part_m, 90.0, &mut s, &mut m, 3.0);
                let mut out = x.clone();
                regressions::on(isa, &s, &m, 5.0, &[1.0, -1.0, 2.0], &mut out);
                let mut sums = x.clone();
                narrow::on(isa, &s, &mut sums);
                (v, out, sums)
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
        }
    }

    proptest! {
        #[test]
        fn reciprocals_are_as_exact_as_they_say(q in 1f64..2.0, exponent in 0i32..126, far in -300i32..250) {
            let q_far = q * 2f64.powi(exponent);
            prop_assert!((reciprocal(q_far) * q_far - 1.0).abs() <= 2e-14);
            let v = q * 2f64.powi(far);
            prop_assert!((reciprocal_root(v) * v.sqrt() - 1.0).abs() <= 1e-10);
        }
    }

    #[test]
    fn merging_equals_the_two_pass_formula() {
        let x = [1.0, 5.0, 2.0, -3.0, 4.0];
        let moment = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            (v.iter().sum::<f64>(), v.iter().map(|x| (x - mean).powi(2)).sum::<f64>())
        };
        let ((sa, ma), (sb, mb), whole) = (moment(&x[..2]), moment(&x[2..]), moment(&x));
        let (mut s, mut m) = ([sb], [mb]);
        merge_moments(&[sa], &[ma], 2.0, &mut s, &mut m, 3.0);
        assert!((s[0] - whole.0).abs() < 1e-12 && (m[0] - whole.1).abs() < 1e-12);
    }
}
