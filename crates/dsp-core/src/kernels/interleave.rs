//! Interleaved frames to planar channels and back.

/// Frames moved per step: a multiple of every vector width, small enough for a step to stay in the first-level cache.
const STEP: usize = 16;

/// Splits interleaved `frames` of `C` channels. Written over a constant channel count, so that the compiler turns the
/// inner loops into shuffles.
#[inline(always)]
fn split<const C: usize>(input: &[f32], planes: &mut [f32], stride: usize, frames: usize) {
    let whole = frames / STEP * STEP;
    for start in (0..whole).step_by(STEP) {
        let source: &[f32] = &input[start * C..(start + STEP) * C];
        for c in 0..C {
            let target: &mut [f32] = &mut planes[c * stride + start..c * stride + start + STEP];
            for k in 0..STEP {
                target[k] = source[k * C + c];
            }
        }
    }
    for frame in whole..frames {
        for c in 0..C {
            planes[c * stride + frame] = input[frame * C + c];
        }
    }
}

#[inline(always)]
fn join<const C: usize>(planes: &[f32], stride: usize, frames: usize, output: &mut [f32]) {
    let whole = frames / STEP * STEP;
    for start in (0..whole).step_by(STEP) {
        let target: &mut [f32] = &mut output[start * C..(start + STEP) * C];
        for c in 0..C {
            let source: &[f32] = &planes[c * stride + start..c * stride + start + STEP];
            for k in 0..STEP {
                target[k * C + c] = source[k];
            }
        }
    }
    for frame in whole..frames {
        for c in 0..C {
            output[frame * C + c] = planes[c * stride + frame];
        }
    }
}

super::kernel! {
    /// Interleaved `input` (frame after frame) to planes: channel `c` starts at `c * stride`.
    pub fn deinterleave(input: &[f32], channels: usize, planes: &mut [f32], stride: usize) {
        let frames = input.len() / channels;
        match channels {
            1 => planes[..frames].copy_from_slice(input),
            2 => split::<2>(input, planes, stride, frames),
            3 => split::<3>(input, planes, stride, frames),
            4 => split::<4>(input, planes, stride, frames),
            6 => split::<6>(input, planes, stride, frames),
            8 => split::<8>(input, planes, stride, frames),
            _ => {
                for (frame, samples) in input.chunks_exact(channels).enumerate() {
                    for (c, &x) in samples.iter().enumerate() {
                        planes[c * stride + frame] = x;
                    }
                }
            }
        }
    }

    /// Planes (channel `c` starts at `c * stride`) to interleaved `output`.
    pub fn interleave(planes: &[f32], stride: usize, channels: usize, output: &mut [f32]) {
        let frames = output.len() / channels;
        match channels {
            1 => output.copy_from_slice(&planes[..frames]),
            2 => join::<2>(planes, stride, frames, output),
            3 => join::<3>(planes, stride, frames, output),
            4 => join::<4>(planes, stride, frames, output),
            6 => join::<6>(planes, stride, frames, output),
            8 => join::<8>(planes, stride, frames, output),
            _ => {
                for (frame, samples) in output.chunks_exact_mut(channels).enumerate() {
                    for (c, x) in samples.iter_mut().enumerate() {
                        *x = planes[c * stride + frame];
                    }
                }
            }
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
