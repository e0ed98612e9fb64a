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
    /// Replaces each sample by the median of a full window that ends with it. `ring` holds the samples of the window,
    /// the oldest at `next`, and `sorted` their keys in order between `i32::MIN` and `i32::MAX`, which `spare` is as
    /// long as. Returns the new `next`.
    pub fn slide(x: &mut [f32], ring: &mut [f32], next: usize, sorted: &mut [i32], spare: &mut [i32]) -> usize {
        let n = ring.len();
        let is_odd = x.len() % 2 == 1;
        let (mut from, mut to) = (sorted, spare);
        (to[0], to[n + 1]) = (i32::MIN, i32::MAX);
        let mut next = next;
        for x in x {
            let (new, old) = (key_of(*x), key_of(ring[next]));
            ring[next] = *x;
            next = if next + 1 == n { 0 } else { next + 1 };
            // Without the old key, what lies behind it moves forward; the new one belongs where it is between its
            // neighbours: each place has the middle one of the two around it and of the new key.
            let neighbours = from[..n].iter().zip(&from[1..=n]).zip(&from[2..n + 2]);
            for (to, ((&before, &here), &behind)) in to[1..=n].iter_mut().zip(neighbours) {
                let low = if before < old { before } else { here };
                let high = if here < old { here } else { behind };
                *to = low.max(high.min(new));
            }
            (from, to) = (to, from);
            *x = median(&from[1..=n]);
        }
        if is_odd {
            to.copy_from_slice(from);
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
                sorted.extend([i32::MIN, i32::MAX]);
                sorted.sort_unstable();
                let mut spare = vec![0; n + 2];
                let mut x: Vec<f32> =
                    (0..300).map(|i| if i % 71 == 3 { f32::NAN } else { ((i * i) % 23) as f32 - 9.0 }).collect();
                let given = x.clone();
                let (head, tail) = x.split_at_mut(151);
                let next = slide::on(isa, head, &mut ring, 0, &mut sorted, &mut spare);
                let next = slide::on(isa, tail, &mut ring, next, &mut sorted, &mut spare);
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
