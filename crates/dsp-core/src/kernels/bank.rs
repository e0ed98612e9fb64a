//! Sixteen outputs of a resampler side by side: each sample times a row of taps, one for each of them.
//!
//! An output is the sum over its taps from the oldest sample to the newest, whatever stands beside it: rows are padded with
//! zeros where a sample is not of an output, and adding a zero changes no bit.

/// Outputs of a group.
pub const LANES: usize = 16;

/// A group's taps for one sample.
pub type Row = [f32; LANES];

/// The outputs of `P` groups: `Σ taps[p][j][k] · x[p][j]` for lane k, in the order of j.
#[inline(always)]
fn tile<const P: usize>(taps: [&[Row]; P], x: [&[f32]; P]) -> [Row; P] {
    let steps = taps[0].len();
    let (taps, x) = (taps.map(|taps| &taps[..steps]), x.map(|x| &x[..steps]));
    let mut sums = [[0.0; LANES]; P];
    for j in 0..steps {
        for p in 0..P {
            let sample = x[p][j];
            for k in 0..LANES {
                sums[p][k] += taps[p][j][k] * sample;
            }
        }
    }
    sums
}

/// [`tile`] for groups with the same taps, whose samples begin `stride` apart.
#[inline(always)]
fn repeated<const P: usize>(taps: &[Row], x: &[f32], stride: usize) -> [Row; P] {
    tile([taps; P], std::array::from_fn(|p| &x[p * stride..]))
}

super::kernel! {
    /// Four groups, each with its own taps and samples; all have as many taps.
    pub fn four(taps: [&[Row]; 4], x: [&[f32]; 4]) -> [Row; 4] {
        tile(taps, x)
    }

    /// One group.
    pub fn one(taps: &[Row], x: &[f32]) -> Row {
        tile([taps], [x])[0]
    }

    /// The first `lanes` outputs of a group for each of `count` places in `x`, `frames` apart; in `out` they are `outputs`
    /// apart.
    pub fn cycles(
        taps: &[Row], x: &[f32], frames: usize, count: usize, out: &mut [f32], outputs: usize, lanes: usize,
    ) {
        let mut done = 0;
        while done < count {
            let x = &x[done * frames..];
            let out = &mut out[done * outputs..];
            let mut sums = [[0.0; LANES]; 4];
            // One group alone waits for its own sums: rather three and two than four and one.
            let taken = match count - done {
                1 => { sums[..1].copy_from_slice(&repeated::<1>(taps, x, frames)); 1 }
                2 => { sums[..2].copy_from_slice(&repeated::<2>(taps, x, frames)); 2 }
                3 | 5 | 6 => { sums[..3].copy_from_slice(&repeated::<3>(taps, x, frames)); 3 }
                _ => { sums = repeated::<4>(taps, x, frames); 4 }
            };
            for (p, sums) in sums[..taken].iter().enumerate() {
                let out = &mut out[p * outputs..];
                match out.first_chunk_mut() {
                    Some(out) if lanes == LANES => *out = *sums,
                    _ => out[..lanes].copy_from_slice(&sums[..lanes]),
                }
            }
            done += taken;
        }
    }

    /// Whether all samples are so far from the largest number that sums of a few of them are finite.
    pub fn is_moderate(x: &[f32]) -> bool {
        let (rows, rest) = x.as_chunks::<LANES>();
        let limit = LARGE.to_bits();
        let magnitude = |x: f32| x.to_bits() & 0x7fff_ffff;
        // Magnitudes below the limit leave the top bit of the difference set.
        let mut small = [u32::MAX; LANES];
        for row in rows {
            for k in 0..LANES {
                small[k] &= magnitude(row[k]).wrapping_sub(limit);
            }
        }
        small.iter().all(|bits| bits >> 31 == 1) && rest.iter().all(|x| magnitude(*x) < limit)
    }
}

/// From this magnitude on samples are not moderate.
pub const LARGE: f32 = 1e30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    fn noise(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919 + 31) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    #[test]
    fn the_same_sums_on_every_instruction_set_and_whatever_stands_beside_them() {
        let x = noise(300);
        for steps in [1, 7, 40] {
            let taps: Vec<Row> = noise(steps * LANES).as_chunks().0.to_vec();
            let wanted = |start: usize| -> Row {
                std::array::from_fn(|k| (0..steps).fold(0.0, |sum, j| sum + taps[j][k] * x[start + j]))
            };
            for isa in Isa::available() {
                assert_eq!(one::on(isa, &taps, &x[3..]), wanted(3));
                let sums = four::on(isa, [&taps; 4], [&x, &x[5..], &x[9..], &x[100..]]);
                assert_eq!(sums, [0, 5, 9, 100].map(wanted));
                for count in 1..12 {
                    let mut out = vec![0.0; count * 20];
                    cycles::on(isa, &taps, &x, 11, count, &mut out, 20, 13);
                    for (i, cycle) in out.chunks(20).enumerate() {
                        assert_eq!(cycle[..13], wanted(11 * i)[..13], "{} {count} {i}", isa.name());
                    }
                }
            }
        }
    }

    #[test]
    fn large_samples_are_found_anywhere() {
        for large in [1e30, -3e38, f32::INFINITY, f32::NAN] {
            for place in 0..40 {
                let mut x = vec![9e29; 40];
                for isa in Isa::available() {
                    assert!(is_moderate::on(isa, &x));
                }
                x[place] = large;
                for isa in Isa::available() {
                    assert!(!is_moderate::on(isa, &x), "{} {large} at {place}", isa.name());
                }
            }
        }
    }
}
