//! Adaptive filters: LMS over the taps in lanes, RLS by the columns of a triangular factor, Kalman over the dimensions.

/// Lanes of a dot product; the lanes are summed as a tree, so every instruction set rounds alike.
const LANES: usize = 16;

/// Dot product of two slices of one length.
#[inline(always)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, y) in x.iter().zip(y) {
        for i in 0..LANES {
            sums[i] += x[i] * y[i];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            sums[i] += sums[i + width];
        }
        width /= 2;
    }
    x_rest.iter().zip(y_rest).fold(sums[0], |sum, (x, y)| sum + x * y)
}

/// Parameters of [`lms`] for one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LmsStep {
    /// Learning rate.
    pub mu: f64,
    /// Leakage: weights shrink by the factor `1 − mu·lambda` per sample.
    pub lambda: f64,
    /// Whether the learning rate is divided by the input power (NLMS).
    pub normalized: bool,
    /// Whether the weights change at all.
    pub adapt: bool,
}

/// Weights of the old power and of the new one in the running estimate of the input power.
const POWER_MEMORY: [f64; 2] = [0.99, 0.01];
/// Added to the power so that the normalised step stays finite in silence.
const POWER_FLOOR: f64 = 1e-6;

super::kernel! {
    /// Runs LMS over `d.len()` samples. `x` begins with the N−1 inputs before the first one; `weights[N−1]` belongs to
    /// the newest sample. Writes the outputs to `y` and the errors `d − y` to `e`; returns the input power.
    pub fn lms(
        step: LmsStep,
        weights: &mut [f64],
        x: &[f64],
        d: &[f32],
        y: &mut [f32],
        e: &mut [f32],
        power: f64,
    ) -> f64 {
        let taps = weights.len();
        let keep = 1.0 - step.mu * step.lambda;
        let mut power = power;
        for (n, d) in d.iter().enumerate() {
            let window = &x[n..n + taps];
            let output = dot(weights, window);
            let error = f64::from(*d) - output;
            if step.adapt {
                let mut mu = step.mu;
                if step.normalized {
                    let newest = window[taps - 1];
                    power = POWER_MEMORY[0] * power + POWER_MEMORY[1] * (newest * newest);
                    mu /= POWER_FLOOR + power * taps as f64;
                }
                let gain = mu * error;
                for (w, x) in weights.iter_mut().zip(window) {
                    *w = keep * *w + gain * x;
                }
            }
            y[n] = output as f32;
            e[n] = error as f32;
        }
        power
    }

    /// Runs one step of recursive least squares with `P = U·D·Uᵀ` (Bierman 1977): `factor` holds the columns of the
    /// unit upper triangle U above its diagonal, one after the other; `v` is the regressor, `gain` the result `k`
    /// before its division by the returned number. D stays positive whatever the rounding, unlike P.
    pub fn rls_gain(factor: &mut [f64], diagonal: &mut [f64], v: &[f64], lambda: f64, limit: f64, gain: &mut [f64]) -> f64 {
        let mut before = lambda;
        let mut rest = factor;
        for j in 0..v.len() {
            let (column, next) = rest.split_at_mut(j);
            rest = next;
            let f = v[j] + dot(column, &v[..j]);
            let g = diagonal[j] * f;
            let after = before + f * g;
            let inflated = diagonal[j] * before / (after * lambda);
            diagonal[j] = if inflated > limit { limit } else { inflated };
            let scale = -f / before;
            for (u, k) in column.iter_mut().zip(gain[..j].iter_mut()) {
                let old = *u;
                *u = old + scale * *k;
                *k += g * old;
            }
            gain[j] = g;
            before = after;
        }
        before
    }

    /// Adds `scale · x` to `y`.
    pub fn add_scaled(y: &mut [f64], scale: f64, x: &[f64]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y += scale * x;
        }
    }

    /// Dot product of two slices of one length.
    pub fn dot_product(x: &[f64], y: &[f64]) -> f64 {
        dot(x, y)
    }
}

/// Positions, velocities and their covariances in up to `L` dimensions, each a filter of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KalmanState<const L: usize> {
    /// Positions.
    pub position: [f64; L],
    /// Velocities.
    pub velocity: [f64; L],
    /// Variances of the positions.
    pub pp: [f64; L],
    /// Covariances of position and velocity.
    pub pv: [f64; L],
    /// Variances of the velocities.
    pub vv: [f64; L],
}

#[inline(always)]
fn run_kalman<const L: usize>(
    state: &mut KalmanState<L>,
    samples: &mut [f32],
    channels: usize,
    steps: &[f64],
    q: f64,
    r: f64,
) {
    let KalmanState { mut position, mut velocity, mut pp, mut pv, mut vv } = *state;
    for (frame, &dt) in samples.chunks_exact_mut(channels).zip(steps) {
        let mut z = [0.0; L];
        for (z, x) in z.iter_mut().zip(frame.iter()) {
            *z = f64::from(*x);
        }
        for i in 0..L {
            // F P Fᵀ + q·I, F = [1 dt; 0 1]
            let predicted = position[i] + dt * velocity[i];
            let cross = pv[i] + dt * vv[i];
            let a = pp[i] + dt * pv[i] + dt * cross + q;
            let d = vv[i] + q;
            // One division: the innovation's variance.
            let inverse = 1.0 / (a + r);
            let (g1, g2) = (a * inverse, cross * inverse);
            let innovation = z[i] - predicted;
            position[i] = predicted + g1 * innovation;
            velocity[i] += g2 * innovation;
            // (1 − g1)·a without cancellation: r·g1.
            pp[i] = r * g1;
            pv[i] = r * g2;
            vv[i] = d - g2 * cross;
        }
        for (x, p) in frame.iter_mut().zip(position) {
            *x = p as f32;
        }
    }
    *state = KalmanState { position, velocity, pp, pv, vv };
}

super::kernel! {
    /// Filters interleaved frames of one channel by a constant-velocity Kalman filter, in place. `steps` are the times
    /// since the previous frame in seconds, `q` and `r` the variances of process and measurement.
    pub fn kalman_1(state: &mut KalmanState<1>, samples: &mut [f32], channels: usize, steps: &[f64], q: f64, r: f64) {
        run_kalman(state, samples, channels, steps, q, r);
    }

    /// [`kalman_1`] for 2 channels.
    pub fn kalman_2(state: &mut KalmanState<2>, samples: &mut [f32], channels: usize, steps: &[f64], q: f64, r: f64) {
        run_kalman(state, samples, channels, steps, q, r);
    }

    /// [`kalman_1`] for up to 4 channels.
    pub fn kalman_4(state: &mut KalmanState<4>, samples: &mut [f32], channels: usize, steps: &[f64], q: f64, r: f64) {
        run_kalman(state, samples, channels, steps, q, r);
    }

    /// [`kalman_1`] for up to 8 channels.
    pub fn kalman_8(state: &mut KalmanState<8>, samples: &mut [f32], channels: usize, steps: &[f64], q: f64, r: f64) {
        run_kalman(state, samples, channels, steps, q, r);
    }

    /// [`kalman_1`] for up to 16 channels.
    pub fn kalman_16(state: &mut KalmanState<16>, samples: &mut [f32], channels: usize, steps: &[f64], q: f64, r: f64) {
        run_kalman(state, samples, channels, steps, q, r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    fn wave(n: usize, phase: f64) -> Vec<f64> {
        (0..n).map(|k| f64::from((k as f64 * 0.7 + phase).sin() as f32)).collect()
    }

    #[test]
    fn the_same_bits_on_every_instruction_set() {
        for taps in (1..40).chain([100]) {
            let run = |isa: Isa| {
                let step = LmsStep { mu: 0.1, lambda: 0.01, normalized: true, adapt: true };
                let (x, d) = (wave(taps + 49, 0.0), wave(50, 1.0));
                let d: Vec<f32> = d.iter().map(|x| *x as f32).collect();
                let (mut w, mut y, mut e) = (vec![0.1; taps], vec![0.0; 50], vec![0.0; 50]);
                let power = lms::on(isa, step, &mut w, &x, &d, &mut y, &mut e, 1.0);
                let (mut factor, mut diagonal) = (vec![0.0; taps * (taps - 1) / 2], vec![0.5; taps]);
                let mut gain = vec![0.0; taps];
                let mut scale = 0.0;
                for n in 0..20 {
                    scale = rls_gain::on(isa, &mut factor, &mut diagonal, &x[n..n + taps], 0.98, 1e9, &mut gain);
                }
                (w, y, e, power, factor, diagonal, gain, scale)
            };
            let expected = run(Isa::BASELINE);
            for isa in Isa::available() {
                assert!(run(isa) == expected, "{} {taps} taps", isa.name());
            }
        }
    }

    #[test]
    fn the_gain_is_that_of_the_textbook() {
        let (taps, lambda) = (5, 0.97);
        let (mut factor, mut diagonal) = (vec![0.0; 10], vec![2.0; taps]);
        let mut p = nalgebra::DMatrix::identity(taps, taps) * 2.0;
        let x = wave(60, 0.3);
        for n in 0..50 {
            let v = nalgebra::DVector::from_column_slice(&x[n..n + taps]);
            let q = &p * &v;
            let expected = &q / (lambda + v.dot(&q));
            p = (&p - &expected * q.transpose()) / lambda;
            let mut gain = vec![0.0; taps];
            let scale = rls_gain(&mut factor, &mut diagonal, v.as_slice(), lambda, 1e300, &mut gain);
            for (g, e) in gain.iter().zip(expected.iter()) {
                // The textbook's P loses digits as its condition grows; a sine of 60 samples stays near 1e-9.
                assert!((g / scale - e).abs() < 1e-6, "{n}: {} {e}", g / scale);
            }
        }
    }
}
