//! The product of a matrix and every frame.

/// Frames taken in one step: their sums fit into the registers.
const STEP: usize = 32;

super::kernel! {
    /// Projects planes (channel c starts at `c · stride`) in place: with `x` the frame minus `mean`, channel k becomes
    /// `Σ_c matrix[k · channels + c] · x[c]` for every column k of `matrix`; the channels after those become 0.
    /// `centred` is scratch space.
    pub fn project(
        planes: &mut [f32], stride: usize, frames: usize, mean: &[f64], matrix: &[f64], centred: &mut Vec<[f64; STEP]>,
    ) {
        let channels = mean.len();
        centred.resize(channels, [0.0; STEP]);
        for start in (0..frames).step_by(STEP) {
            let count = STEP.min(frames - start);
            for (c, x) in centred.iter_mut().enumerate() {
                let plane = &planes[c * stride + start..][..count];
                for (x, &sample) in x.iter_mut().zip(plane) {
                    *x = f64::from(sample) - mean[c];
                }
            }
            for (k, column) in matrix.chunks_exact(channels).enumerate() {
                let mut sums = [0.0; STEP];
                for (w, x) in column.iter().zip(centred.iter()) {
                    for i in 0..STEP {
                        sums[i] += w * x[i];
                    }
                }
                let plane = &mut planes[k * stride + start..][..count];
                for (y, sum) in plane.iter_mut().zip(sums) {
                    *y = sum as f32;
                }
            }
            for k in matrix.len() / channels..channels {
                planes[k * stride + start..][..count].fill(0.0);
            }
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
        fn is_the_sum_on_every_instruction_set(channels in 1usize..9, dropped in 0usize..4, frames in 0usize..100) {
            let columns = channels.saturating_sub(dropped).max(1);
            let value = |i: usize| ((i * 7919 + 13) % 2003) as f64 / 1001.5 - 1.0;
            let stride = frames + 3;
            let planes: Vec<f32> = (0..stride * channels).map(|i| value(i) as f32).collect();
            let mean: Vec<f64> = (0..channels).map(|c| value(c + 900)).collect();
            let matrix: Vec<f64> = (0..channels * columns).map(|i| value(i + 500)).collect();
            for isa in Isa::available() {
                let mut got = planes.clone();
                project::on(isa, &mut got, stride, frames, &mean, &matrix, &mut vec![]);
                for k in 0..channels {
                    for i in 0..frames {
                        let of = |c: usize| matrix[k * channels + c] * (f64::from(planes[c * stride + i]) - mean[c]);
                        let want = if k < columns { (0..channels).map(of).fold(0.0, |a, b| a + b) } else { 0.0 };
                        prop_assert_eq!(got[k * stride + i], want as f32, "{} {} {}", isa.name(), k, i);
                    }
                }
            }
        }
    }
}
