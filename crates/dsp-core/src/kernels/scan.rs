//! Running sums from either end, and first-order recurrences.
//!
//! Sums are formed in groups of [`GROUP`] samples: inside a group by doubling (lane `j` adds lane `j−1`, then `j−2`,
//! `j−4`), then one carry per group. The chain of dependent additions is thus eight times shorter than sample by
//! sample, and each value depends only on its position in the block, not on how the block was cut into calls.

use super::Isa;

/// Samples per group.
pub const GROUP: usize = 8;

/// Length of the run from the start of a group to each of its samples.
const UP: [f64; GROUP] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];

/// Eight float64 numbers, one per sample of a group. The compiler vectorises lane-wise arithmetic by itself, but not
/// moves between lanes, so there is a second version with AVX-512 instructions. Both do the same additions and
/// multiplications in the same order, so the bits are the same.
trait Lanes: Copy {
    fn load(v: &[f64; GROUP]) -> Self;
    fn store(self) -> [f64; GROUP];
    fn splat(x: f64) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// Returns the first lane in all lanes.
    fn first(self) -> Self;
    /// Returns the last lane in all lanes. Carries stay in this form: if they were scalars, the compiler would pack two
    /// of them into one register and so make one chain of two.
    fn last(self) -> Self;
    /// Returns lane `j − D` in lane `j`, 0 for the first `D`.
    fn up<const D: usize>(self) -> Self;
    /// Returns lane `j + D` in lane `j`, 0 for the last `D`.
    fn down<const D: usize>(self) -> Self;

    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        self.mul(Self::splat(factor))
    }

    #[inline(always)]
    fn prefix(self) -> Self {
        let a = self.add(self.up::<1>());
        let b = a.add(a.up::<2>());
        b.add(b.up::<4>())
    }

    #[inline(always)]
    fn suffix(self) -> Self {
        let a = self.add(self.down::<1>());
        let b = a.add(a.down::<2>());
        b.add(b.down::<4>())
    }

    #[inline(always)]
    fn decay(self, powers: &Powers) -> Self {
        let a = self.add(self.up::<1>().scale(powers[0]));
        let b = a.add(a.up::<2>().scale(powers[1]));
        b.add(b.up::<4>().scale(powers[3]))
    }
}

#[derive(Clone, Copy)]
struct Portable([f64; GROUP]);

impl Lanes for Portable {
    #[inline(always)]
    fn load(v: &[f64; GROUP]) -> Self {
        Self(*v)
    }

    #[inline(always)]
    fn store(self) -> [f64; GROUP] {
        self.0
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|j| self.0[j] + other.0[j]))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(std::array::from_fn(|j| self.0[j] - other.0[j]))
    }

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self([x; GROUP])
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(std::array::from_fn(|j| self.0[j] * other.0[j]))
    }

    #[inline(always)]
    fn first(self) -> Self {
        Self([self.0[0]; GROUP])
    }

    #[inline(always)]
    fn last(self) -> Self {
        Self([self.0[GROUP - 1]; GROUP])
    }

    #[inline(always)]
    fn up<const D: usize>(self) -> Self {
        Self(std::array::from_fn(|j| if j >= D { self.0[j - D] } else { 0.0 }))
    }

    #[inline(always)]
    fn down<const D: usize>(self) -> Self {
        Self(std::array::from_fn(|j| if j + D < GROUP { self.0[j + D] } else { 0.0 }))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{GROUP, Lanes};
    use std::arch::x86_64::{
        __m512d, _mm512_add_pd, _mm512_alignr_epi64, _mm512_broadcastsd_pd, _mm512_castpd_si512,
        _mm512_castpd512_pd128, _mm512_castsi512_pd, _mm512_mul_pd, _mm512_permutexvar_pd, _mm512_set1_epi64,
        _mm512_set1_pd, _mm512_setzero_si512, _mm512_sub_pd,
    };

    /// Eight lanes in one AVX-512 register.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512d);

    // SAFETY (of all calls below): values are made in kernels compiled for AVX-512 only, which run where the CPU has
    // it.
    impl Lanes for Avx512 {
        #[inline(always)]
        fn load(v: &[f64; GROUP]) -> Self {
            // SAFETY: both are 64 bytes of float64, and any bits are valid.
            Self(unsafe { std::mem::transmute::<[f64; GROUP], __m512d>(*v) })
        }

        #[inline(always)]
        fn store(self) -> [f64; GROUP] {
            // SAFETY: as in `load`.
            unsafe { std::mem::transmute::<__m512d, [f64; GROUP]>(self.0) }
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_add_pd(self.0, other.0) })
        }

        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_sub_pd(self.0, other.0) })
        }

        #[inline(always)]
        fn splat(x: f64) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_set1_pd(x) })
        }

        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_mul_pd(self.0, other.0) })
        }

        #[inline(always)]
        fn first(self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_broadcastsd_pd(_mm512_castpd512_pd128(self.0)) })
        }

        #[inline(always)]
        fn last(self) -> Self {
            // SAFETY: see above.
            Self(unsafe { _mm512_permutexvar_pd(_mm512_set1_epi64(7), self.0) })
        }

        #[inline(always)]
        fn up<const D: usize>(self) -> Self {
            // SAFETY: see above.
            Self(unsafe {
                let (a, zero) = (_mm512_castpd_si512(self.0), _mm512_setzero_si512());
                _mm512_castsi512_pd(match D {
                    1 => _mm512_alignr_epi64::<7>(a, zero),
                    2 => _mm512_alignr_epi64::<6>(a, zero),
                    4 => _mm512_alignr_epi64::<4>(a, zero),
                    _ => unreachable!(),
                })
            })
        }

        #[inline(always)]
        fn down<const D: usize>(self) -> Self {
            // SAFETY: see above.
            Self(unsafe {
                let (a, zero) = (_mm512_castpd_si512(self.0), _mm512_setzero_si512());
                _mm512_castsi512_pd(match D {
                    1 => _mm512_alignr_epi64::<1>(zero, a),
                    2 => _mm512_alignr_epi64::<2>(zero, a),
                    4 => _mm512_alignr_epi64::<4>(zero, a),
                    _ => unreachable!(),
                })
            })
        }
    }
}

/// `decay`, `decay²`, … `decay⁸`: the weight of a value 1 … [`GROUP`] samples later.
pub type Powers = [f64; GROUP];

/// Returns the powers 1 … [`GROUP`] of `decay`.
pub fn powers(decay: f64) -> Powers {
    let mut powers = [decay; GROUP];
    for j in 1..GROUP {
        // Squares from squares: the errors do not add up.
        powers[j] = powers[j / 2] * powers[(j - 1) / 2];
    }
    powers
}

/// Returns the inclusive prefix sums of one group.
pub fn group_prefix(v: &[f64; GROUP]) -> [f64; GROUP] {
    Portable(*v).prefix().0
}

/// Returns the recurrence `p[j] = v[j] + decay·p[j−1]` over one group, with `p[−1] = 0`.
pub fn group_decay(v: &[f64; GROUP], powers: &Powers) -> [f64; GROUP] {
    Portable(*v).decay(powers).0
}

/// [`super::kernel!`] for bodies that are generic over [`Lanes`].
macro_rules! lane_kernel {
    ($(
        $(#[$meta:meta])*
        pub fn $name:ident<$lanes:ident>($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    )+) => {$(
        $(#[$meta])*
        #[inline]
        pub fn $name($($arg: $ty),*) $(-> $ret)? {
            $name::on(Isa::active(), $($arg),*)
        }

        #[allow(missing_docs, reason = "documented on the function of this name")]
        #[doc(hidden)]
        pub mod $name {
            use super::*;

            #[inline(always)]
            fn body<$lanes: Lanes>($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2($($arg: $ty),*) $(-> $ret)? {
                body::<Portable>($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,avx512f,avx512vl,avx512bw,avx512dq")]
            fn avx512($($arg: $ty),*) $(-> $ret)? {
                body::<x86::Avx512>($($arg),*)
            }

            #[inline]
            pub fn on(isa: Isa, $($arg: $ty),*) $(-> $ret)? {
                #[cfg(target_arch = "x86_64")]
                {
                    if isa.is_avx512() {
                        // SAFETY: such a value of `Isa` exists only where the CPU has these features.
                        return unsafe { avx512($($arg),*) };
                    }
                    if isa.is_avx2() {
                        // SAFETY: as above.
                        return unsafe { avx2($($arg),*) };
                    }
                }
                let _ = isa;
                body::<Portable>($($arg),*)
            }
        }
    )+};
}

lane_kernel! {
    /// Replaces the samples of whole groups by `y[n] = gain·x[n] + decay·y[n−1]`; `start` is the `y` before the first.
    /// Returns the last `y`. The chain of dependent operations is one multiplication and one addition per group.
    pub fn recurrence<L>(samples: &mut [f32], gain: f64, powers: &Powers, start: f64) -> f64 {
        let mut start = L::splat(start);
        let (groups, _) = samples.as_chunks_mut::<GROUP>();
        let reach = L::load(powers);
        for group in groups {
            let p = L::load(&group.map(f64::from)).scale(gain).decay(powers);
            *group = p.add(reach.mul(start)).store().map(|y| y as f32);
            start = p.last().add(start.scale(powers[GROUP - 1]));
        }
        start.store()[0]
    }

    /// Replaces the samples of whole groups by the mean of all samples up to each one; `start` and `count` are the sum
    /// and the number of the samples before the first. Returns the new sum.
    pub fn running_means<L>(samples: &mut [f32], start: f64, count: f64) -> f64 {
        let (mut start, mut count) = (L::splat(start), count);
        let (groups, _) = samples.as_chunks_mut::<GROUP>();
        for group in groups {
            let p = L::load(&group.map(f64::from)).prefix();
            let sums = p.add(start).store();
            for j in 0..GROUP {
                group[j] = (sums[j] / (count + UP[j])) as f32;
            }
            start = start.add(p.last());
            count += GROUP as f64;
        }
        start.store()[0]
    }

    /// Replaces `v` by `carry` + its inclusive prefix sums. `v` begins at a group boundary; its last group may be
    /// incomplete. Returns the carry for the group that follows the last complete one.
    pub fn prefix_sums<L>(v: &mut [f64], carry: f64) -> f64 {
        let mut carry = L::splat(carry);
        let (groups, rest) = v.as_chunks_mut::<GROUP>();
        for group in groups {
            let p = L::load(group).prefix();
            *group = p.add(carry).store();
            carry = carry.add(p.last());
        }
        let mut last = [0.0; GROUP];
        last[..rest.len()].copy_from_slice(rest);
        let sums = L::load(&last).prefix().add(carry).store();
        rest.copy_from_slice(&sums[..rest.len()]);
        carry.store()[0]
    }

    /// Replaces `v` by its inclusive suffix sums: `v[i] = v[i] + v[i+1] + …`. Groups are counted from the end.
    pub fn suffix_sums<L>(v: &mut [f64]) {
        let mut carry = L::splat(0.0);
        let (rest, groups) = v.as_rchunks_mut::<GROUP>();
        for group in groups.iter_mut().rev() {
            let p = L::load(group).suffix();
            *group = p.add(carry).store();
            carry = carry.add(p.first());
        }
        let missing = GROUP - rest.len();
        let mut first = [0.0; GROUP];
        first[missing..].copy_from_slice(rest);
        let sums = L::load(&first).suffix().add(carry).store();
        rest.copy_from_slice(&sums[missing..]);
    }

    /// Sums and second moments of the prefixes of `x` that follow runs with `carries`: the results of [`prefix_sums`]
    /// for the samples and for the terms of [`moment_terms`](super::sliding::moment_terms), in one pass. `first` is the
    /// length `k` of the first prefix, `scales` holds `1/(k·(k − 1))`. Returns the carries for the group that follows
    /// the last complete one.
    pub fn prefix_moments<L>(
        x: &[f32],
        s: &mut [f64],
        m: &mut [f64],
        carries: [f64; 2],
        first: f64,
        scales: &[f64],
    ) -> [f64; 2] {
        let [mut carry_s, mut carry_m] = carries.map(L::splat);
        let mut lengths = L::splat(first - 1.0).add(L::load(&UP));
        let (x, x_rest) = x.as_chunks::<GROUP>();
        let (s, s_rest) = s.as_chunks_mut::<GROUP>();
        let (m, m_rest) = m.as_chunks_mut::<GROUP>();
        let (whole_scales, _) = scales.as_chunks::<GROUP>();
        for (((x, s), m), scales) in x.iter().zip(s).zip(m).zip(whole_scales) {
            let x = L::load(&x.map(f64::from));
            let p = x.prefix();
            let sums = p.add(carry_s);
            let q = terms(lengths, x, sums, L::load(scales)).prefix();
            *s = sums.store();
            *m = q.add(carry_m).store();
            carry_s = carry_s.add(p.last());
            carry_m = carry_m.add(q.last());
            lengths = lengths.add(L::splat(GROUP as f64));
        }
        let n = x_rest.len();
        let x_last = L::load(&start_of(x_rest).map(f64::from));
        let sums = x_last.prefix().add(carry_s);
        let last_scales = L::load(&start_of(&scales[x.len() * GROUP..][..n]));
        let moments = terms(lengths, x_last, sums, last_scales).prefix().add(carry_m);
        s_rest.copy_from_slice(&sums.store()[..n]);
        m_rest.copy_from_slice(&moments.store()[..n]);
        [carry_s.store()[0], carry_m.store()[0]]
    }

    /// [`prefix_moments`] for all suffixes of `x`, with groups counted from the end; `scales` are those of `x` from its
    /// first sample.
    pub fn suffix_moments<L>(x: &[f32], s: &mut [f64], m: &mut [f64], scales: &[f64]) {
        let (mut carry_s, mut carry_m) = (L::splat(0.0), L::splat(0.0));
        let mut lengths = L::load(&BEHIND);
        let (x_rest, x) = x.as_rchunks::<GROUP>();
        let (s_rest, s) = s.as_rchunks_mut::<GROUP>();
        let (m_rest, m) = m.as_rchunks_mut::<GROUP>();
        let (scales_rest, scales) = scales.as_rchunks::<GROUP>();
        for (((x, s), m), scales) in x.iter().zip(s).zip(m).zip(scales).rev() {
            let x = L::load(&x.map(f64::from));
            let p = x.suffix();
            let sums = p.add(carry_s);
            let q = terms(lengths, x, sums, L::load(scales)).suffix();
            *s = sums.store();
            *m = q.add(carry_m).store();
            carry_s = carry_s.add(p.first());
            carry_m = carry_m.add(q.first());
            lengths = lengths.add(L::splat(GROUP as f64));
        }
        let missing = GROUP - x_rest.len();
        let x_last = L::load(&end_of(x_rest).map(f64::from));
        let sums = x_last.suffix().add(carry_s);
        let last_scales = L::load(&end_of(scales_rest));
        let moments = terms(lengths, x_last, sums, last_scales).suffix().add(carry_m);
        s_rest.copy_from_slice(&sums.store()[missing..]);
        m_rest.copy_from_slice(&moments.store()[missing..]);
    }
}

/// Returns `(k·x − S)²·scale` of each sample: its contribution to a second moment.
#[inline(always)]
fn terms<L: Lanes>(lengths: L, x: L, sums: L, scales: L) -> L {
    let difference = lengths.mul(x).sub(sums);
    difference.mul(difference).mul(scales)
}

/// Length of the run from each sample of a group to the group's end.
const BEHIND: [f64; GROUP] = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];

/// Returns a group that begins with `x`, padded with zeros.
#[inline(always)]
fn start_of<T: Copy + Default>(x: &[T]) -> [T; GROUP] {
    let mut group = [T::default(); GROUP];
    group[..x.len()].copy_from_slice(x);
    group
}

/// Returns a group that ends with `x`, padded with zeros.
#[inline(always)]
fn end_of<T: Copy + Default>(x: &[T]) -> [T; GROUP] {
    let mut group = [T::default(); GROUP];
    group[GROUP - x.len()..].copy_from_slice(x);
    group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moments_in_one_pass_have_the_bits_of_those_in_three(
            x in prop::collection::vec(-1e3f32..1e3, 0..100),
            carries in prop::array::uniform2(0f64..1e3),
            first in 1usize..50,
        ) {
            let n = x.len();
            let scale = |k: usize| 1.0 / (k as f64 * (k as f64 - 1.0)).max(1.0);
            let up: Vec<f64> = (first..first + n).map(scale).collect();
            let down: Vec<f64> = (1..=n).rev().map(scale).collect();
            let v: Vec<f64> = x.iter().copied().map(f64::from).collect();
            let terms = |s: &[f64], k: &dyn Fn(usize) -> usize, scales: &[f64]| -> Vec<f64> {
                let difference = |i: usize| k(i) as f64 * v[i] - s[i];
                (0..n).map(|i| difference(i) * difference(i) * scales[i]).collect()
            };

            let mut s = v.clone();
            let carry_s = prefix_sums(&mut s, carries[0]);
            let mut m = terms(&s, &|i| first + i, &up);
            let carry_m = prefix_sums(&mut m, carries[1]);
            let mut end_s = v.clone();
            suffix_sums(&mut end_s);
            let mut end_m = terms(&end_s, &|i| n - i, &down);
            suffix_sums(&mut end_m);

            for isa in Isa::available() {
                let (mut a, mut b) = (vec![0.0; n], vec![0.0; n]);
                let got = prefix_moments::on(isa, &x, &mut a, &mut b, carries, first as f64, &up);
                prop_assert_eq!((&a, &b, got), (&s, &m, [carry_s, carry_m]));
                suffix_moments::on(isa, &x, &mut a, &mut b, &down);
                prop_assert_eq!((&a, &b), (&end_s, &end_m));
            }
        }

        #[test]
        fn every_instruction_set_gives_the_same_bits(v in prop::collection::vec(-1e3f64..1e3, 0..100), carry in -1e3f64..1e3) {
            let run = |isa| {
                let (mut up, mut down) = (v.clone(), v.clone());
                let carry = prefix_sums::on(isa, &mut up, carry);
                suffix_sums::on(isa, &mut down);
                (up, down, carry)
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
            let mut direct = carry;
            for (x, sum) in v.iter().zip(&expected.0) {
                direct += x;
                prop_assert!((direct - sum).abs() < 1e-9);
            }
            let mut direct = 0.0;
            for (x, sum) in v.iter().zip(&expected.1).rev() {
                direct += x;
                prop_assert!((direct - sum).abs() < 1e-9);
            }
        }

        #[test]
        fn recurrences_have_the_same_bits_on_every_instruction_set(
            x in prop::collection::vec(-1e3f32..1e3, 0..100),
            decay in 0f64..=1.0,
        ) {
            let run = |isa| {
                let (mut y, mut means) = (x.clone(), x.clone());
                let last = recurrence::on(isa, &mut y, 0.5, &powers(decay), 3.0);
                let sum = running_means::on(isa, &mut means, 2.0, 4.0);
                (y, means, last, sum)
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                prop_assert_eq!(run(isa), expected.clone());
            }
            let (mut y, mut sum) = (3.0, 2.0);
            let whole = x.len() / GROUP * GROUP;
            for (i, &x) in x[..whole].iter().enumerate() {
                y = 0.5 * f64::from(x) + decay * y;
                prop_assert!((f64::from(expected.0[i]) - y).abs() <= 1e-7 * 1e5);
                sum += f64::from(x);
                let mean = sum / (4 + i + 1) as f64;
                prop_assert!((f64::from(expected.1[i]) - mean).abs() <= 1e-7 * 1e3);
            }
            prop_assert_eq!(&expected.0[whole..], &x[whole..]);
        }

        #[test]
        fn a_cut_at_a_group_boundary_changes_nothing(v in prop::collection::vec(-1e3f64..1e3, 16..60)) {
            let mut whole = v.clone();
            prefix_sums(&mut whole, 0.0);
            let (mut a, mut b) = (v[..8].to_vec(), v[8..].to_vec());
            let carry = prefix_sums(&mut a, 0.0);
            prefix_sums(&mut b, carry);
            a.extend(b);
            prop_assert_eq!(a, whole);
        }
    }
}
