//! Weights of a generalised side-lobe canceller for an array steered to broadside.

/// The weights of a `GscPreprocessor`.
#[derive(Debug, Clone, PartialEq)]
pub struct BeamformerWeights {
    /// One weight per channel, of unit norm.
    pub steering: Vec<f32>,
    /// Blocking matrix, N × (N − 1), column-major: orthonormal columns, orthogonal to the weights.
    pub blocking: Vec<f32>,
}

/// Returns delay-and-sum weights `1/√N` for `channels` = N ≥ 2, and a blocking matrix that removes everything that is
/// equal on all channels: a chain of Householder-like contrasts (Griffiths & Jim, "An alternative approach to linearly
/// constrained adaptive beamforming", 1982).
///
/// Real weights cannot steer a narrow-band array, so neither geometry nor angle enters.
pub fn beamformer_weights(channels: usize) -> BeamformerWeights {
    let n = channels;
    let mut blocking = vec![0.0; n * (n - 1)];
    for (j, column) in blocking.chunks_exact_mut(n).enumerate() {
        let m = (n - j) as f64;
        let sign = if j + 2 < n { -1.0 } else { 1.0 };
        let other = (-sign / (m * (m - 1.0)).sqrt()) as f32;
        column[0] = other;
        column[j + 1] = (sign * ((m - 1.0) / m).sqrt()) as f32;
        column[j + 2..].fill(other);
    }
    BeamformerWeights { steering: vec![(n as f64).sqrt().recip() as f32; n], blocking }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_channels() {
        let half = 0.5f32.sqrt();
        assert_eq!(beamformer_weights(2), BeamformerWeights { steering: vec![half; 2], blocking: vec![-half, half] });
    }

    #[test]
    fn blocking_columns_are_orthonormal_and_block_the_target() {
        for n in 2..20 {
            let w = beamformer_weights(n);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(x * y)).sum::<f64>();
            let columns: Vec<&[f32]> = w.blocking.chunks_exact(n).collect();
            for (i, a) in columns.iter().enumerate() {
                // f32 entries: a few 1e-8 each.
                assert!(dot(a, &w.steering).abs() < 1e-6);
                for (j, b) in columns.iter().enumerate() {
                    assert!((dot(a, b) - f64::from(u8::from(i == j))).abs() < 1e-6, "{n}: {i} {j}");
                }
            }
        }
    }
}
