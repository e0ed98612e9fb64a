//! Every transform length from 1 to 4096, and primes and multiples of 3 beyond, against the definition.

use std::f64::consts::TAU;

use dsp_core::signal::transform::fft::{Dft, half_size};

/// Fewer lengths where the CPU is emulated.
fn quick() -> bool {
    std::env::var_os("DSPX_QUICK").is_some()
}

/// `e^(−2πjk/n)` for k < n.
struct Circle(Vec<(f64, f64)>);

impl Circle {
    fn new(n: usize) -> Self {
        Self((0..n).map(|k| (TAU * k as f64 / n as f64).sin_cos()).map(|(sin, cos)| (cos, -sin)).collect())
    }

    /// `Σ x[m]·e^(−2πjkm/n)` for complex x.
    fn bin(&self, x: &[(f64, f64)], k: usize) -> (f64, f64) {
        let (mut at, mut re, mut im) = (0, 0.0, 0.0);
        for &(a, b) in x {
            let (cos, sin) = self.0[at];
            re += a * cos - b * sin;
            im += a * sin + b * cos;
            at += k;
            if at >= x.len() {
                at -= x.len();
            }
        }
        (re, im)
    }
}

fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(next).collect()
}

/// All bins of short transforms; of longer ones the first, the last, the middle and some that differ from length to length.
fn bins_to_check(n: usize) -> Vec<usize> {
    if n <= 64 {
        return (0..n).collect();
    }
    let mut bins = vec![0, 1, n / 2, half_size(n) - 1, n - 1];
    bins.extend((1..5).map(|i| (n * i * 7919 + i * i * 31) % n));
    bins
}

fn check(n: usize) {
    let (re, im) = (noise(n, n as u64), noise(n, n as u64 + 1_000_003));
    let circle = Circle::new(n);
    let complex: Vec<(f64, f64)> = re.iter().zip(&im).map(|(&a, &b)| (a.into(), b.into())).collect();
    let conjugate: Vec<(f64, f64)> = complex.iter().map(|&(a, b)| (a, -b)).collect();
    let real: Vec<(f64, f64)> = re.iter().map(|&a| (a.into(), 0.0)).collect();
    let mut dft = Dft::<f32>::new(n);
    let (mut xr, mut xi) = (vec![0.0; n], vec![0.0; n]);

    dft.forward((&re, &im), &mut xr, &mut xi);
    compare(n, "complex", &xr, &xi, |k| circle.bin(&complex, k));
    // The inverse is the conjugate of the forward transform of the conjugate, over n.
    dft.inverse((&re, &im), &mut xr, &mut xi);
    compare(n, "inverse", &xr, &xi, |k| over(n, circle.bin(&conjugate, k)));

    dft.forward_real(&re, &mut xr, &mut xi);
    compare(n, "real", &xr, &xi, |k| circle.bin(&real, k));
    assert!(xi[0].to_bits() == 0 && (!n.is_multiple_of(2) || xi[n / 2].to_bits() == 0), "{n}: DC and Nyquist are real");
    let half = half_size(n);
    let (mut hr, mut hi, mut back) = (vec![0.0; half], vec![0.0; half], vec![0.0; n]);
    dft.real().forward_split(&re, &mut hr, &mut hi);
    assert!(hr == xr[..half] && hi == xi[..half], "{n}: the half spectrum is the first half of the whole");
    dft.real().inverse_split(&hr, &hi, &mut back);
    let mirrored: Vec<(f64, f64)> = xr.iter().zip(&xi).map(|(&a, &b)| (a.into(), f64::from(-b))).collect();
    compare(n, "real inverse", &back, &vec![0.0; n], |k| over(n, circle.bin(&mirrored, k)));
    // There and back: each way adds up to 1e-6 of the largest value, which is below 1.
    assert!(back.iter().zip(&re).all(|(a, b)| (a - b).abs() <= 2e-6), "{n}: the inverse gives other samples");
}

/// The conjugate over n.
fn over(n: usize, (re, im): (f64, f64)) -> (f64, f64) {
    (re / n as f64, -im / n as f64)
}

/// Within 1e-6 of the largest magnitude, the accuracy that is promised. (1e-7 to 5e-7 is seen, more for large primes.)
fn compare(n: usize, what: &str, re: &[f32], im: &[f32], want: impl Fn(usize) -> (f64, f64)) {
    let largest = re.iter().zip(im).map(|(&a, &b)| f64::from(a).hypot(b.into())).fold(0.0, f64::max);
    for k in bins_to_check(n) {
        let (a, b) = want(k);
        let error = (f64::from(re[k]) - a).hypot(f64::from(im[k]) - b);
        assert!(error <= 1e-6 * largest, "{what} {n}, bin {k}: off by {:e} of the largest", error / largest);
    }
}

#[test]
fn every_length_up_to_4096() {
    (1..=4096).step_by(if quick() { 61 } else { 1 }).for_each(check);
}

#[test]
fn primes_and_multiples_of_three() {
    let primes = [4099, 8191, 10_007, 65_537, 131_071, 262_147, 524_287, 999_983];
    let threes = (11..19).map(|k| 3 << k);
    let limit = if quick() { 20_000 } else { 1_000_000 };
    primes.into_iter().chain(threes).filter(|&n| n <= limit).for_each(check);
}
