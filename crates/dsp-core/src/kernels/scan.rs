//! Running sums from either end, and first-order recurrences.
//!
//! Sums are formed in groups of [`GROUP`] samples: inside a group by doubling (lane `j` adds lane `j−1`, then `j−2`,
//! `j−4`), then one carry per group. The chain of dependent additions is so eight times shorter than sample by sample,
//! and each value depends only on its position in the block, not on how the block was cut into calls.

/// Samples per group.
pub const GROUP: usize = 8;

/// Inclusive prefix sums of one group.
#[inline(always)]
pub fn group_prefix(v: &[f64; GROUP]) -> [f64; GROUP] {
    let mut a = *v;
    for distance in [1, 2, 4] {
        let b = a;
        for j in distance..GROUP {
            a[j] = b[j] + b[j - distance];
        }
    }
    a
}

/// Inclusive suffix sums of one group.
#[inline(always)]
fn group_suffix(v: &[f64; GROUP]) -> [f64; GROUP] {
    let mut a = *v;
    for distance in [1, 2, 4] {
        let b = a;
        for j in 0..GROUP - distance {
            a[j] = b[j] + b[j + distance];
        }
    }
    a
}

/// `decay`, `decay²`, … `decay⁸`: what a value is worth 1 … [`GROUP`] samples later.
pub type Powers = [f64; GROUP];

/// The powers of `decay`.
pub fn powers(decay: f64) -> Powers {
    let mut powers = [decay; GROUP];
    for j in 1..GROUP {
        // Squares from squares: the errors do not add up.
        powers[j] = powers[j / 2] * powers[(j - 1) / 2];
    }
    powers
}

/// The recurrence `p[j] = v[j] + decay·p[j−1]` over one group that begins at rest.
#[inline(always)]
pub fn group_decay(v: &[f64; GROUP], powers: &Powers) -> [f64; GROUP] {
    let mut a = *v;
    for distance in [1, 2, 4] {
        let b = a;
        for j in distance..GROUP {
            a[j] = b[j] + powers[distance - 1] * b[j - distance];
        }
    }
    a
}

super::kernel! {
    /// Replaces the samples of whole groups by `y[n] = gain·x[n] + decay·y[n−1]`; `start` is the `y` before the first.
    /// Returns the last `y`. The chain of dependent operations is one multiplication and one addition a group.
    pub fn recurrence(samples: &mut [f32], gain: f64, powers: &Powers, start: f64) -> f64 {
        let mut start = start;
        let (groups, _) = samples.as_chunks_mut::<GROUP>();
        for group in groups {
            let p = group_decay(&group.map(|x| gain * f64::from(x)), powers);
            for j in 0..GROUP {
                group[j] = (p[j] + powers[j] * start) as f32;
            }
            start = p[GROUP - 1] + powers[GROUP - 1] * start;
        }
        start
    }

    /// Replaces the samples of whole groups by the means of all samples up to each; `start` is the sum and `count` the
    /// number of those before the first. Returns the sum.
    pub fn running_means(samples: &mut [f32], start: f64, count: f64) -> f64 {
        let (mut start, mut count) = (start, count);
        let (groups, _) = samples.as_chunks_mut::<GROUP>();
        for group in groups {
            let p = group_prefix(&group.map(f64::from));
            for j in 0..GROUP {
                group[j] = ((start + p[j]) / (count + (j + 1) as f64)) as f32;
            }
            start += p[GROUP - 1];
            count += GROUP as f64;
        }
        start
    }
}

super::kernel! {
    /// Replaces `v` by `carry` + its inclusive prefix sums. `v` begins at a group boundary; its last group may be
    /// incomplete. Returns the carry for the group that follows the last complete one.
    pub fn prefix_sums(v: &mut [f64], carry: f64) -> f64 {
        let mut carry = carry;
        let (groups, rest) = v.as_chunks_mut::<GROUP>();
        for group in groups {
            let sums = group_prefix(group);
            for j in 0..GROUP {
                group[j] = carry + sums[j];
            }
            carry += sums[GROUP - 1];
        }
        let mut last = [0.0; GROUP];
        last[..rest.len()].copy_from_slice(rest);
        let sums = group_prefix(&last);
        for (x, sum) in rest.iter_mut().zip(sums) {
            *x = carry + sum;
        }
        carry
    }

    /// Replaces `v` by its inclusive suffix sums: `v[i] = v[i] + v[i+1] + …`. Groups are counted from the end.
    pub fn suffix_sums(v: &mut [f64]) {
        let mut carry = 0.0;
        let (rest, groups) = v.as_rchunks_mut::<GROUP>();
        for group in groups.iter_mut().rev() {
            let sums = group_suffix(group);
            for j in 0..GROUP {
                group[j] = carry + sums[j];
            }
            carry += sums[0];
        }
        let mut first = [0.0; GROUP];
        first[GROUP - rest.len()..].copy_from_slice(rest);
        let sums = group_suffix(&first);
        for (x, sum) in rest.iter_mut().rev().zip(sums.into_iter().rev()) {
            *x = carry + sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use proptest::prelude::*;

    proptest! {
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
