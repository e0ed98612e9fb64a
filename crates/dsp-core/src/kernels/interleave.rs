//! Interleaved frames to planar channels and back.
//!
//! The loops are plain ones. Where the channel count is a constant the compiler turns them into loads of whole frames
//! and shuffles, at the speed of memory; so the usual counts are spelled out.

#[inline(always)]
fn split(input: &[f32], channels: usize, planes: &mut [f32], stride: usize) {
    for (frame, samples) in input.chunks_exact(channels).enumerate() {
        for (c, &x) in samples.iter().enumerate() {
            planes[c * stride + frame] = x;
        }
    }
}

#[inline(always)]
fn join(planes: &[f32], stride: usize, channels: usize, output: &mut [f32]) {
    for (frame, samples) in output.chunks_exact_mut(channels).enumerate() {
        for (c, x) in samples.iter_mut().enumerate() {
            *x = planes[c * stride + frame];
        }
    }
}

super::kernel! {
    /// Copies interleaved `input` (frame after frame) to planes: channel `c` starts at `c * stride`.
    pub fn deinterleave(input: &[f32], channels: usize, planes: &mut [f32], stride: usize) {
        match channels {
            1 => planes[..input.len()].copy_from_slice(input),
            2 => split(input, 2, planes, stride),
            3 => split(input, 3, planes, stride),
            4 => split(input, 4, planes, stride),
            6 => split(input, 6, planes, stride),
            8 => split(input, 8, planes, stride),
            16 => split(input, 16, planes, stride),
            _ => split(input, channels, planes, stride),
        }
    }

    /// Copies planes (channel `c` starts at `c * stride`) to interleaved `output`.
    pub fn interleave(planes: &[f32], stride: usize, channels: usize, output: &mut [f32]) {
        match channels {
            1 => output.copy_from_slice(&planes[..output.len()]),
            2 => join(planes, stride, 2, output),
            3 => join(planes, stride, 3, output),
            4 => join(planes, stride, 4, output),
            6 => join(planes, stride, 6, output),
            8 => join(planes, stride, 8, output),
            16 => join(planes, stride, 16, output),
            _ => join(planes, stride, channels, output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn there_and_back_on_every_instruction_set() {
        for isa in Isa::available() {
            for channels in 1..=9 {
                for frames in (0..40).chain([100, 257]) {
                    let input: Vec<f32> = (0..frames * channels).map(|i| i as f32).collect();
                    let stride = frames + 3;
                    let mut planes = vec![-1.0; stride * channels];
                    deinterleave::on(isa, &input, channels, &mut planes, stride);
                    for c in 0..channels {
                        for f in 0..frames {
                            assert_eq!(planes[c * stride + f], (f * channels + c) as f32);
                        }
                    }
                    let mut back = vec![0.0; input.len()];
                    interleave::on(isa, &planes, stride, channels, &mut back);
                    assert_eq!(back, input, "{} {channels}x{frames}", isa.name());
                }
            }
        }
    }
}
