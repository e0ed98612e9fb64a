//! Running sums from either end.
//!
//! Sums are formed in groups of [`GROUP`] samples: inside a group by doubling (lane `j` adds lane `j−1`, then `j−2`,
//! `j−4`), then one carry per group. The chain of dependent additions is so eight times shorter than sample by sample,
//! and each value depends only on its position in the block, not on how the block was cut into calls.

/// Samples per group.
pub const GROUP: usize = 8;

/// Inclusive prefix sums of one group.
#[inline(always)]
fn group_prefix(v: &[f64; GROUP]) -> [f64; GROUP] {
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
