//! The running median of short windows, which are kept in order.

/// A number whose order is that of `x` among all samples: −0 comes before +0, and NaN, of which there is one, last.
#[inline(always)]
pub fn key_of(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    if x.is_nan() { i32::MAX } else { bits ^ ((bits >> 31) as u32 >> 1) as i32 }
}

/// The sample of a key.
#[inline(always)]
fn sample_of(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) as u32 >> 1) as i32) as u32)
}

/// The median of keys in order: of an even number, the mean of the middle two; NaN if one is among them.
#[inline(always)]
pub fn median(sorted: &[i32]) -> f32 {
    let n = sorted.len();
    if sorted[n - 1] == i32::MAX {
        return f32::NAN;
    }
    let low = sample_of(sorted[(n - 1) / 2]);
    if n % 2 == 1 { low } else { f64::midpoint(low.into(), sample_of(sorted[n / 2]).into()) as f32 }
}

super::kernel! {
    /// Replaces each sample by the median of a full window that ends with it. `ring` holds the samples of the window, the
    /// oldest at `next`, and `sorted` their keys in order. Returns the new `next`.
    pub fn slide(x: &mut [f32], ring: &mut [f32], next: usize, sorted: &mut [i32]) -> usize {
        let mut next = next;
        for x in x {
            let (new, old) = (key_of(*x), key_of(ring[next]));
            ring[next] = *x;
            next = if next + 1 == ring.len() { 0 } else { next + 1 };
            let (mut below_new, mut below_old) = (0, 0);
            for &key in sorted.iter() {
                below_new += u32::from(key < new);
                below_old += u32::from(key < old);
            }
            let (mut to, from) = (below_new as usize, below_old as usize);
            if to > from {
                to -= 1;
                sorted.copy_within(from + 1..=to, from);
            } else {
                sorted.copy_within(to..from, to + 1);
            }
            sorted[to] = new;
            *x = median(sorted);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn keys_are_in_the_order_of_their_samples() {
        let x = [f32::NEG_INFINITY, -2.0, -f32::MIN_POSITIVE, -0.0, 0.0, 1e-40, 1.5, f32::MAX, f32::INFINITY, f32::NAN];
        assert!(x.windows(2).all(|pair| key_of(pair[0]) < key_of(pair[1])));
        assert!(x[..9].iter().all(|x| sample_of(key_of(*x)).to_bits() == x.to_bits()));
        assert_eq!(key_of(-f32::NAN), key_of(f32::NAN));
    }

    #[test]
    fn windows_stay_in_order_on_every_instruction_set() {
        for isa in Isa::available() {
            for n in [1, 2, 5, 16, 33, 100] {
                let mut ring: Vec<f32> = (0..n).map(|i| ((i * 7) % 5) as f32).collect();
                let mut sorted: Vec<i32> = ring.iter().map(|&x| key_of(x)).collect();
                sorted.sort_unstable();
                let mut x: Vec<f32> =
                    (0..300).map(|i| if i % 71 == 3 { f32::NAN } else { ((i * i) % 23) as f32 - 9.0 }).collect();
                let given = x.clone();
                let next = slide::on(isa, &mut x, &mut ring, 0, &mut sorted);
                assert_eq!(next, 300 % n);
                for at in n..300 {
                    let mut window: Vec<i32> = given[at + 1 - n..=at].iter().map(|&x| key_of(x)).collect();
                    window.sort_unstable();
                    assert_eq!(x[at].to_bits(), median(&window).to_bits(), "{n} {at}");
                }
            }
        }
    }
}
